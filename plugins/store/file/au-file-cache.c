/* au-file-cache.c: records that need not be parsed again
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-cache-private.h"

#include "au-file-folder-private.h"

/* Of each part, in bytes of the files. Most records here are in use by the engine
 * anyway, and then take no more memory than an entry.
 */
#define MAX_SIZE (4 * 1024 * 1024)
#define MAX_RECORD_SIZE (64 * 1024)

typedef struct
{
  AuRecord *record;
  guint64   revision;
  guint64   length;
  guint32   check;
  GList     link;
} AuFileCacheEntry;

static void
au_file_cache_entry_free (AuFileCacheEntry *entry)
{
  au_record_unref (entry->record);
  g_free (entry);
}

void
au_file_cache_init (AuFileCache *self)
{
  for (guint i = 0; i < AU_FILE_CACHE_N_PARTS; i++)
    {
      AuFileCachePart *part = &self->parts[i];

      g_mutex_init (&part->lock);
      part->entries = g_hash_table_new (g_str_hash, g_str_equal);
      g_queue_init (&part->order);
      part->size = 0;
    }
}

/* Takes an entry out, which the caller frees without the lock. */
static AuFileCacheEntry *
au_file_cache_part_take (AuFileCachePart  *self,
                         AuFileCacheEntry *entry)
{
  if (entry == NULL)
    return NULL;

  g_hash_table_remove (self->entries, au_record_get_key (entry->record));
  g_queue_unlink (&self->order, &entry->link);
  self->size -= entry->length;

  return entry;
}

void
au_file_cache_clear (AuFileCache *self)
{
  for (guint i = 0; i < AU_FILE_CACHE_N_PARTS; i++)
    {
      AuFileCachePart *part = &self->parts[i];

      while (part->order.head != NULL)
        au_file_cache_entry_free (au_file_cache_part_take (part, part->order.head->data));
      g_hash_table_unref (part->entries);
      g_mutex_clear (&part->lock);
    }
}

static AuFileCachePart *
au_file_cache_get_part (AuFileCache *self,
                        const char  *key)
{
  return &self->parts[au_file_folder_get_shard (key) % AU_FILE_CACHE_N_PARTS];
}

/* Finds the record that a file with this header holds. Returns a reference or NULL. */
AuRecord *
au_file_cache_get (AuFileCache        *self,
                   const char         *key,
                   const AuFileHeader *header)
{
  AuFileCachePart *part = au_file_cache_get_part (self, key);
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&part->lock);
  AuFileCacheEntry *entry = g_hash_table_lookup (part->entries, key);

  if (entry == NULL || entry->revision != header->revision ||
      entry->length != header->length || entry->check != header->check)
    return NULL;

  return au_record_ref (entry->record);
}

void
au_file_cache_drop (AuFileCache *self,
                    const char  *key)
{
  AuFileCachePart *part = au_file_cache_get_part (self, key);
  AuFileCacheEntry *entry;

  g_mutex_lock (&part->lock);
  entry = au_file_cache_part_take (part, g_hash_table_lookup (part->entries, key));
  g_mutex_unlock (&part->lock);

  g_clear_pointer (&entry, au_file_cache_entry_free);
}

/* Keeps a record that a file with this header holds, in the place of an older one. */
void
au_file_cache_put (AuFileCache        *self,
                   AuRecord           *record,
                   const AuFileHeader *header)
{
  const char *key = au_record_get_key (record);
  AuFileCachePart *part = au_file_cache_get_part (self, key);
  AuFileCacheEntry *entry, *old;
  GList *evicted = NULL;

  if (au_status_is_terminal (header->status) || header->length > MAX_RECORD_SIZE)
    {
      au_file_cache_drop (self, key);
      return;
    }

  entry = g_new0 (AuFileCacheEntry, 1);
  entry->record = au_record_ref (record);
  entry->revision = header->revision;
  entry->length = header->length;
  entry->check = header->check;
  entry->link.data = entry;

  g_mutex_lock (&part->lock);
  old = au_file_cache_part_take (part, g_hash_table_lookup (part->entries, key));
  g_hash_table_insert (part->entries, (gpointer) key, entry);
  g_queue_push_tail_link (&part->order, &entry->link);
  part->size += entry->length;
  while (part->size > MAX_SIZE)
    {
      AuFileCacheEntry *oldest = au_file_cache_part_take (part, part->order.head->data);

      evicted = g_list_prepend (evicted, oldest);
    }
  g_mutex_unlock (&part->lock);

  g_clear_pointer (&old, au_file_cache_entry_free);
  g_list_free_full (evicted, (GDestroyNotify) au_file_cache_entry_free);
}
