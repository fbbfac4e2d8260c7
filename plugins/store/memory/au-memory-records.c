/* au-memory-records.c: the records themselves, by key
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-memory-items-private.h"
#include "au-memory-records-private.h"
#include "au-memory-table-private.h"
#include "../shared/au-store-rules-private.h"

#include <string.h>

#define N_SHARDS (64)

/* Threads that work on different computations should neither wait for each other nor
 * share a cache line.
 */
typedef struct
{
  GMutex        lock;
  AuMemoryTable table;

  AuMemoryItems items;
} __attribute__ ((aligned (128))) AuMemoryShard;

struct _AuMemoryRecords
{
  guint64        seed;
  AuMemoryShard *shards;

  /* Which computation holds a unique key: unique key → key, both owned; only those
   * that have not ended. Every change that begins, ends or moves such a hold is made
   * under this lock, which is taken before that of a shard.
   */
  GMutex         unique_lock;
  GHashTable    *unique;
};

/* The table takes its place from the low bits, so the shard comes from the high ones. */
static AuMemoryShard *
au_memory_records_get_shard (AuMemoryRecords *self,
                             guint64          hash)
{
  return &self->shards[hash >> 58];
}

G_STATIC_ASSERT (N_SHARDS == 1 << (64 - 58));

/* Insert */

/* Adds record if its key is new; else returns a reference on the one that has it. */
static AuRecord *
au_memory_records_add (AuMemoryRecords *self,
                       AuRecord        *record)
{
  const char *key = au_record_get_key (record);
  guint64 hash = au_memory_hash (key, self->seed);
  AuMemoryShard *shard = au_memory_records_get_shard (self, hash);
  AuRecord *existing = NULL;
  AuMemorySlot *slot;

  g_mutex_lock (&shard->lock);
  slot = au_memory_table_find (&shard->table, hash, key);
  if (slot != NULL)
    existing = au_record_ref (slot->record);
  else
    au_memory_table_add (&shard->table, hash, au_record_ref (record));
  g_mutex_unlock (&shard->lock);

  return existing;
}

/* Reads a record; NULL when there is none. */
AuRecord *
au_memory_records_lookup (AuMemoryRecords *self,
                          const char      *key)
{
  guint64 hash = au_memory_hash (key, self->seed);
  AuMemoryShard *shard = au_memory_records_get_shard (self, hash);
  AuRecord *record = NULL;
  AuMemorySlot *slot;

  g_mutex_lock (&shard->lock);
  slot = au_memory_table_find (&shard->table, hash, key);
  if (slot != NULL)
    record = au_record_ref (slot->record);
  g_mutex_unlock (&shard->lock);

  return record;
}

/* The same for a record with a unique key, which another one may hold. */
static AuRecord *
au_memory_records_add_unique (AuMemoryRecords *self,
                              AuRecord        *record,
                              const char      *unique_key,
                              gboolean        *held)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->unique_lock);
  const char *holder = g_hash_table_lookup (self->unique, unique_key);
  AuRecord *existing;

  if (holder != NULL && !g_str_equal (holder, au_record_get_key (record)))
    {
      /* The record's own key goes first. */
      existing = au_memory_records_lookup (self, au_record_get_key (record));
      if (existing == NULL)
        {
          existing = au_memory_records_lookup (self, holder);
          *held = TRUE;
        }
      return existing;
    }

  existing = au_memory_records_add (self, record);
  if (existing == NULL && !au_store_rules_is_terminal (record))
    g_hash_table_replace (self->unique,
                          g_strdup (unique_key), g_strdup (au_record_get_key (record)));
  return existing;
}

/* Creates a record, once; see au_store_insert(). */
AuRecord *
au_memory_records_insert (AuMemoryRecords  *self,
                          AuRecord         *record,
                          gboolean         *created,
                          GError          **error)
{
  const char *unique_key = au_store_rules_get_unique_key (record);
  AuRecord *existing;
  gboolean held = FALSE;

  if (G_LIKELY (unique_key == NULL))
    existing = au_memory_records_add (self, record);
  else
    existing = au_memory_records_add_unique (self, record, unique_key, &held);

  if (existing == NULL)
    {
      *created = TRUE;
      return au_record_ref (record);
    }

  if (!held && !au_store_rules_check_same (existing, record, error))
    g_clear_pointer (&existing, au_record_unref);

  return existing;
}

/* Replace */

/* Replaces a record, unless it wants its unique key back and somebody else is the
 * holder. Returns the old one, which is the caller's now, or NULL.
 */
static AuRecord *
au_memory_records_exchange (AuMemoryRecords  *self,
                            AuRecord         *record,
                            guint64           expected,
                            const char       *holder,
                            GError          **error)
{
  const char *key = au_record_get_key (record);
  guint64 hash = au_memory_hash (key, self->seed);
  AuMemoryShard *shard = au_memory_records_get_shard (self, hash);
  AuRecord *old = NULL;
  AuMemorySlot *slot;

  g_mutex_lock (&shard->lock);
  slot = au_memory_table_find (&shard->table, hash, key);
  if (slot == NULL)
    au_store_rules_fail_absent (key, error);
  else if (au_store_rules_check_replacement (slot->record, record, expected, error) &&
           au_store_rules_check_holder (slot->record, record, holder, error))
    old = au_memory_table_swap (&shard->table, slot, au_record_ref (record));
  g_mutex_unlock (&shard->lock);

  return old;
}

/* The same for a record with a unique key, which it may give up or take back. */
static AuRecord *
au_memory_records_exchange_unique (AuMemoryRecords  *self,
                                   AuRecord         *record,
                                   guint64           expected,
                                   const char       *unique_key,
                                   GError          **error)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->unique_lock);
  const char *key = au_record_get_key (record);
  const char *holder = g_hash_table_lookup (self->unique, unique_key);
  gboolean own = holder != NULL && g_str_equal (holder, key);
  AuRecord *old;

  old = au_memory_records_exchange (self, record, expected, own ? NULL : holder, error);
  if (old == NULL)
    return NULL;

  if (!au_store_rules_is_terminal (record))
    {
      if (holder == NULL)
        g_hash_table_replace (self->unique, g_strdup (unique_key), g_strdup (key));
    }
  else if (own)
    {
      g_hash_table_remove (self->unique, unique_key);
    }

  return old;
}

/* Writes the next record; see au_store_replace(). */
gboolean
au_memory_records_replace (AuMemoryRecords  *self,
                           AuRecord         *record,
                           guint64           expected,
                           GError          **error)
{
  const char *unique_key = au_store_rules_get_unique_key (record);
  AuRecord *old;

  if (G_LIKELY (unique_key == NULL))
    old = au_memory_records_exchange (self, record, expected, NULL, error);
  else
    old = au_memory_records_exchange_unique (self, record, expected, unique_key, error);

  if (old == NULL)
    return FALSE;

  au_record_unref (old);
  return TRUE;
}

/* Remove */

/* Removes a record, unless it has a unique key and the lock for that is not held:
 * then *lock_needed is set, and the record stays.
 */
static AuRecord *
au_memory_records_take (AuMemoryRecords  *self,
                        const char       *key,
                        gboolean          unique_locked,
                        gboolean         *lock_needed,
                        GPtrArray       **items)
{
  guint64 hash = au_memory_hash (key, self->seed);
  AuMemoryShard *shard = au_memory_records_get_shard (self, hash);
  AuRecord *record = NULL;
  AuMemorySlot *slot;

  g_mutex_lock (&shard->lock);
  slot = au_memory_table_find (&shard->table, hash, key);
  if (slot != NULL)
    {
      *lock_needed = !unique_locked && au_store_rules_get_unique_key (slot->record) != NULL;
      if (!*lock_needed)
        {
          record = au_memory_table_take (&shard->table, slot);
          *items = au_memory_items_take (&shard->items, key);
        }
    }
  g_mutex_unlock (&shard->lock);

  return record;
}

static AuRecord *
au_memory_records_take_unique (AuMemoryRecords  *self,
                               const char       *key,
                               GPtrArray       **items)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->unique_lock);
  gboolean lock_needed = FALSE;
  AuRecord *record = au_memory_records_take (self, key, TRUE, &lock_needed, items);
  const char *unique_key = record != NULL ? au_store_rules_get_unique_key (record) : NULL;
  const char *holder;

  if (unique_key == NULL)
    return record;

  holder = g_hash_table_lookup (self->unique, unique_key);
  if (g_strcmp0 (holder, key) == 0)
    g_hash_table_remove (self->unique, unique_key);

  return record;
}

/* Removes a record and its items; see au_store_remove(). */
gboolean
au_memory_records_remove (AuMemoryRecords  *self,
                          const char       *key,
                          GError          **error)
{
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GPtrArray) items = NULL;
  gboolean lock_needed = FALSE;

  record = au_memory_records_take (self, key, FALSE, &lock_needed, &items);
  if (lock_needed)
    record = au_memory_records_take_unique (self, key, &items);

  return record != NULL || au_store_rules_fail_absent (key, error);
}

/* List */

static int
compare_records (gconstpointer a,
                 gconstpointer b)
{
  return strcmp (au_record_get_key (*(AuRecord *const *) a),
                 au_record_get_key (*(AuRecord *const *) b));
}

/* Keeps the first records, in key order. */
static void
sort_and_cut (GPtrArray *records,
              guint      limit)
{
  g_ptr_array_sort (records, compare_records);
  if (limit > 0 && records->len > limit)
    g_ptr_array_set_size (records, limit);
}

/* Adds those records of a shard that the query wants, and whose key lies between. */
static void
au_memory_shard_collect (AuMemoryShard *shard,
                         AuQuery       *query,
                         const char    *after,
                         const char    *last,
                         GPtrArray     *records)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&shard->lock);

  for (gsize i = 0; i < shard->table.n_slots; i++)
    {
      AuRecord *record = shard->table.slots[i].record;

      if (record == NULL ||
          (after != NULL && strcmp (au_record_get_key (record), after) <= 0) ||
          (last != NULL && strcmp (au_record_get_key (record), last) > 0) ||
          !au_query_matches (query, record))
        continue;

      g_ptr_array_add (records, au_record_ref (record));
    }
}

/* Reads the records that the query wants; see au_store_list(). */
GPtrArray *
au_memory_records_list (AuMemoryRecords  *self,
                        AuQuery          *query,
                        GCancellable     *cancellable,
                        GError          **error)
{
  const char *after = au_query_get_after_key (query);
  guint limit = au_query_get_limit (query);
  g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);

  for (guint i = 0; i < N_SHARDS; i++)
    {
      const char *last = NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;

      /* Of a page, no more is held than a page and what one shard adds to it. */
      if (limit > 0 && records->len >= limit)
        {
          sort_and_cut (records, limit);
          last = au_record_get_key (g_ptr_array_index (records, limit - 1));
        }

      au_memory_shard_collect (&self->shards[i], query, after, last, records);
    }

  sort_and_cut (records, limit);
  return g_steal_pointer (&records);
}

/* Whether every record matches. */
static gboolean
query_is_open (AuQuery *query)
{
  return au_query_get_statuses (query) == AU_STATUS_FLAGS_ANY &&
         au_query_get_function (query) == NULL &&
         au_query_get_queue (query) == NULL &&
         au_query_get_tag (query) == NULL &&
         au_query_get_since (query) == 0 &&
         au_query_get_after_key (query) == NULL;
}

static gsize
au_memory_shard_count (AuMemoryShard *shard,
                       AuQuery       *query,
                       gboolean       open)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&shard->lock);
  const char *after = au_query_get_after_key (query);
  gsize count = 0;

  if (open)
    return shard->table.n_records;

  for (gsize i = 0; i < shard->table.n_slots; i++)
    {
      AuRecord *record = shard->table.slots[i].record;

      if (record != NULL &&
          (after == NULL || strcmp (au_record_get_key (record), after) > 0) &&
          au_query_matches (query, record))
        count++;
    }

  return count;
}

/* Counts the records that the query wants; see au_store_count(). */
gint64
au_memory_records_count (AuMemoryRecords  *self,
                         AuQuery          *query,
                         GCancellable     *cancellable,
                         GError          **error)
{
  gboolean open = query_is_open (query);
  guint limit = au_query_get_limit (query);
  gint64 count = 0;

  for (guint i = 0; i < N_SHARDS; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return -1;

      count += au_memory_shard_count (&self->shards[i], query, open);
    }

  return limit > 0 ? MIN (count, limit) : count;
}

/* Items */

/* Appends an item if it is the next one; else gives the one that has this index. */
static gboolean
au_memory_records_add_item (AuMemoryRecords  *self,
                            const char       *key,
                            guint             attempt,
                            guint64           index,
                            GVariant         *item,
                            GVariant        **existing,
                            GPtrArray       **dropped,
                            GError          **error)
{
  guint64 hash = au_memory_hash (key, self->seed);
  AuMemoryShard *shard = au_memory_records_get_shard (self, hash);
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&shard->lock);
  AuMemorySlot *slot = au_memory_table_find (&shard->table, hash, key);

  if (slot == NULL)
    return au_store_rules_fail_absent (key, error);

  if (attempt < au_record_get_attempt (slot->record))
    return au_store_rules_fail_attempt (key, attempt, au_record_get_attempt (slot->record), error);

  return au_memory_items_append (&shard->items, key, attempt, index, item,
                                 existing, dropped, error);
}

/* Keeps an item; see au_store_append_item(). */
gboolean
au_memory_records_append_item (AuMemoryRecords  *self,
                               const char       *key,
                               guint             attempt,
                               guint64           index,
                               GVariant         *item,
                               gboolean         *added,
                               GError          **error)
{
  g_autoptr(GVariant) existing = NULL;
  g_autoptr(GPtrArray) dropped = NULL;

  if (!au_memory_records_add_item (self, key, attempt, index, item, &existing, &dropped, error))
    return FALSE;

  *added = existing == NULL;
  if (existing == NULL || g_variant_equal (existing, item))
    return TRUE;

  return au_store_rules_fail_other_item (key, index, error);
}

/* Reads items; see au_store_list_items(). */
GPtrArray *
au_memory_records_list_items (AuMemoryRecords  *self,
                              const char       *key,
                              guint64           first,
                              guint             limit,
                              GError          **error)
{
  guint64 hash = au_memory_hash (key, self->seed);
  AuMemoryShard *shard = au_memory_records_get_shard (self, hash);
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&shard->lock);

  if (au_memory_table_find (&shard->table, hash, key) == NULL)
    {
      au_store_rules_fail_absent (key, error);
      return NULL;
    }

  return au_memory_items_list (&shard->items, key, first, limit);
}

/* Expiry */

/* Removes what has expired; see au_store_cleanup_expired(). */
gint
au_memory_records_cleanup_expired (AuMemoryRecords *self,
                                   gint64           now,
                                   guint            limit)
{
  g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < N_SHARDS && records->len < limit; i++)
    {
      AuMemoryShard *shard = &self->shards[i];
      g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&shard->lock);
      AuRecord *record;

      while (records->len < limit &&
             (record = au_memory_table_take_due (&shard->table, now)) != NULL)
        {
          GPtrArray *record_items = au_memory_items_take (&shard->items, au_record_get_key (record));

          g_ptr_array_add (records, record);
          if (record_items != NULL)
            g_ptr_array_add (items, record_items);
        }
    }

  return records->len;
}

/* The whole */

static void
au_memory_shard_clear (AuMemoryShard *shard)
{
  AuMemoryTable *table = &shard->table;

  for (gsize i = 0; i < table->n_slots; i++)
    g_clear_pointer (&table->slots[i].record, au_record_unref);
  table->n_records = 0;

  au_memory_table_clear (table);
  au_memory_items_clear (&shard->items);
  g_mutex_clear (&shard->lock);
}

AuMemoryRecords *
au_memory_records_new (void)
{
  AuMemoryRecords *self = g_new0 (AuMemoryRecords, 1);

  self->seed = ((guint64) g_random_int () << 32) | g_random_int ();
  self->shards = g_aligned_alloc0 (N_SHARDS, sizeof (AuMemoryShard), G_ALIGNOF (AuMemoryShard));
  for (guint i = 0; i < N_SHARDS; i++)
    g_mutex_init (&self->shards[i].lock);
  g_mutex_init (&self->unique_lock);
  self->unique = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  return self;
}

void
au_memory_records_free (AuMemoryRecords *self)
{
  for (guint i = 0; i < N_SHARDS; i++)
    au_memory_shard_clear (&self->shards[i]);
  g_aligned_free (self->shards);
  g_hash_table_unref (self->unique);
  g_mutex_clear (&self->unique_lock);
  g_free (self);
}
