/* au-file-scan-private.h: reading text that this store wrote itself
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A reader of text that ends with a zero. Each function moves the position behind what
 * it reads, and returns FALSE when something else is there.
 */

gboolean au_file_scan_text   (const char         **position,
                              const char          *text);
gboolean au_file_scan_number (const char         **position,
                              const char          *name,
                              guint64              max,
                              guint64             *number);
gboolean au_file_scan_time   (const char         **position,
                              const char          *name,
                              gint64              *time);
gboolean au_file_scan_word   (const char         **position,
                              const char          *name,
                              const char *const   *words,
                              guint                n_words,
                              guint               *word);
gboolean au_file_scan_check  (const char         **position,
                              guint32             *check);

char    *au_file_put_text    (char                *end,
                              const char          *text);
char    *au_file_put_number  (char                *end,
                              guint64              number);
char    *au_file_put_time    (char                *end,
                              gint64               time);
char    *au_file_put_check   (char                *end,
                              guint32              check);

G_END_DECLS
