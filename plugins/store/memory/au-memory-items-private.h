/* au-memory-items-private.h: the items that generators gave
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The items of each computation that gave any; takes no memory while none did. */
typedef struct
{
  GHashTable *by_key; /* key → AuMemoryItemList */
} AuMemoryItems;

void       au_memory_items_clear  (AuMemoryItems  *self);
gboolean   au_memory_items_append (AuMemoryItems  *self,
                                   const char     *key,
                                   guint           attempt,
                                   guint64         index,
                                   GVariant       *item,
                                   GVariant      **existing,
                                   GPtrArray     **dropped,
                                   GError        **error);
GPtrArray *au_memory_items_list   (AuMemoryItems  *self,
                                   const char     *key,
                                   guint64         first,
                                   guint           limit);
GPtrArray *au_memory_items_take   (AuMemoryItems  *self,
                                   const char     *key);

G_END_DECLS
