/* au-file-items-private.h: the items that generators gave
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-records-private.h"

G_BEGIN_DECLS

/* AuFileItems: the items that generators gave.
 *
 * Each computation that gave any has one file, to which items are only ever appended:
 *
 *     {"au-items":1,"key":"KEY","created":TIME,"attempt":1}
 *     {"item":0,"form":"json","type":"s","length":7,"check":"89abcdef"}
 *     "hello"
 *
 * The time is when the computation was created: what is left of an earlier one of the
 * same key does not count. MT safe.
 */
typedef struct
{
  AuFileRecords *records;

  /* Where the items begin, of the files used lately: key → AuFileItemsIndex. */
  GMutex         lock;
  GHashTable    *indices;
} AuFileItems;

void       au_file_items_init   (AuFileItems    *self,
                                 AuFileRecords  *records);
void       au_file_items_clear  (AuFileItems    *self);

gboolean   au_file_items_append (AuFileItems    *self,
                                 const char     *key,
                                 guint           attempt,
                                 guint64         index,
                                 GVariant       *item,
                                 GError        **error);
GPtrArray *au_file_items_list   (AuFileItems    *self,
                                 const char     *key,
                                 guint64         first,
                                 guint           limit,
                                 GError        **error);
void       au_file_items_remove (AuFileItems    *self,
                                 const char     *key);

G_END_DECLS
