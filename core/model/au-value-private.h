/* au-value-private.h: what a value may be, beyond its type
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* GVariant reads back what is nested 128 levels deep at most. What holds values, such as
 * a record, needs some of these levels itself. */
#define AU_VALUE_MAX_DEPTH (100)

gboolean au_value_check_depth (GVariant  *value,
                               GError   **error);

G_END_DECLS
