/* au-test-variant-private.h: random values
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Any value of any type, without handles, and with each key of a dictionary once. It is
 * not floating, and follows the seed of the test framework. */
GVariant *au_test_variant_new_random (void);

G_END_DECLS
