/* au-error-private.h: errors that stand for several
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-error.h>

G_BEGIN_DECLS

/* Takes over @children. */
GError *au_error_new_group (GPtrArray  *children,
                            const char *message) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
