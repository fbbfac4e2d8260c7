/* au-file-type-private.h: what a file is, by its first bytes
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How many bytes of the head are looked at. */
#define AU_FILE_TYPE_HEAD (4096)

const char *au_file_type_guess (const guint8 *head,
                                gsize         length);

G_END_DECLS
