/* au-store-path-private.h: where a store could be
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* @message says what the path is needed for. */
gboolean au_store_path_check_given (const char  *path,
                                    const char  *message,
                                    GError     **error);
gboolean au_store_path_check_room  (const char  *path,
                                    GError     **error);

G_END_DECLS
