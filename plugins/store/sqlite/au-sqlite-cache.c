/* au-sqlite-cache.c: records that were written or read lately
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-cache-private.h"

/* A power of two. What is outstanding in one process seldom is more, and more would keep
 * more in memory.
 */
#define N_ENTRIES (4096)

typedef struct
{
  gint64    id;
  AuRecord *record;
} Entry;

struct _AuSqliteCache
{
  gboolean used;
  Entry    entries[N_ENTRIES];
};

AuSqliteCache *
au_sqlite_cache_new (void)
{
  return g_new0 (AuSqliteCache, 1);
}

void
au_sqlite_cache_free (AuSqliteCache *self)
{
  au_sqlite_cache_forget_all (self);
  g_free (self);
}

static Entry *
get_entry (AuSqliteCache *self,
           const char    *key)
{
  return &self->entries[g_str_hash (key) * 2654435769u >> 20];
}

G_STATIC_ASSERT (N_ENTRIES == 1 << (32 - 20));

/* Finds the record of a key and a revision. It belongs to the cache. */
AuRecord *
au_sqlite_cache_lookup (AuSqliteCache *self,
                        const char    *key,
                        guint64        revision,
                        gint64        *id)
{
  Entry *entry = get_entry (self, key);

  if (entry->record == NULL ||
      au_record_get_revision (entry->record) != revision ||
      !g_str_equal (au_record_get_key (entry->record), key))
    return NULL;

  *id = entry->id;
  return entry->record;
}

/* What has ended is seldom changed again, so it is not kept. */
void
au_sqlite_cache_put (AuSqliteCache *self,
                     gint64         id,
                     AuRecord      *record)
{
  Entry *entry = get_entry (self, au_record_get_key (record));

  g_clear_pointer (&entry->record, au_record_unref);
  if (au_status_is_terminal (au_record_get_status (record)))
    return;

  entry->id = id;
  entry->record = au_record_ref (record);
  self->used = TRUE;
}

void
au_sqlite_cache_forget (AuSqliteCache *self,
                        const char    *key)
{
  Entry *entry = get_entry (self, key);

  if (entry->record != NULL && g_str_equal (au_record_get_key (entry->record), key))
    g_clear_pointer (&entry->record, au_record_unref);
}

void
au_sqlite_cache_forget_all (AuSqliteCache *self)
{
  for (guint i = 0; self->used && i < N_ENTRIES; i++)
    g_clear_pointer (&self->entries[i].record, au_record_unref);
  self->used = FALSE;
}
