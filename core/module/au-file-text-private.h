/* au-file-text-private.h: reads small files of text
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whose files are read. */
typedef enum
{
  AU_FILE_OF_ANYBODY,
  AU_FILE_OF_US,
} AuFileTrust;

char *au_file_text_read (const char   *path,
                         AuFileTrust   trust,
                         gsize         limit,
                         gsize        *length,
                         GError      **error);

G_END_DECLS
