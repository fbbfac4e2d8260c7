/* au-memory-store.c: keeps records in the memory of this process
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-memory-bell-private.h"
#include "au-memory-queue-private.h"
#include "au-memory-records-private.h"
#include "au-memory-workers-private.h"
#include "../shared/au-store-rules-private.h"

/* AuMemoryStore:
 *
 * The store `memory` keeps records in the memory of this process: nothing is faster,
 * and nothing is left of it when the process ends.
 *
 * It never blocks for longer than another thread needs to change one record, and
 * hands out the very records that were put into it. It has no settings.
 */
struct _AuMemoryStore
{
  GObject          parent_instance;

  AuMemoryRecords *records;
  AuMemoryQueue   *queue;
  AuMemoryWorkers  workers;
  AuMemoryBell    *bell;
};

#define AU_TYPE_MEMORY_STORE (au_memory_store_get_type ())
G_DECLARE_FINAL_TYPE (AuMemoryStore, au_memory_store, AU, MEMORY_STORE, GObject)

static void au_memory_store_iface_init (AuStoreInterface *iface);
static void au_memory_store_queue_init (AuQueueInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuMemoryStore, au_memory_store, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_STORE, au_memory_store_iface_init)
                               G_IMPLEMENT_INTERFACE (AU_TYPE_QUEUE, au_memory_store_queue_init))

/* Records */

static AuRecord *
au_memory_store_insert (AuStore       *store,
                        AuRecord      *record,
                        gboolean      *created,
                        GCancellable  *cancellable,
                        GError       **error)
{
  AuMemoryStore *self = AU_MEMORY_STORE (store);
  AuRecord *stored;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  if (G_LIKELY (!au_memory_queue_has (record)))
    stored = au_memory_records_insert (self->records, record, created, error);
  else
    stored = au_memory_queue_insert (self->queue, record, created, error);

  if (*created)
    au_memory_bell_ring (self->bell);

  return stored;
}

static AuRecord *
au_memory_store_load (AuStore       *store,
                      const char    *key,
                      GCancellable  *cancellable,
                      GError       **error)
{
  AuRecord *record = au_memory_records_lookup (AU_MEMORY_STORE (store)->records, key);

  if (record == NULL)
    au_store_rules_fail_absent (key, error);

  return record;
}

static gboolean
replace (AuMemoryStore  *self,
         AuRecord       *record,
         guint64         expected,
         GError        **error)
{
  if (G_UNLIKELY (au_memory_queue_has (record)))
    return au_memory_queue_replace (self->queue, record, expected, error);

  if (!au_memory_records_replace (self->records, record, expected, error))
    return FALSE;

  if (au_status_is_terminal (au_record_get_status (record)))
    au_memory_queue_note_end (self->queue, record);

  return TRUE;
}

static gboolean
au_memory_store_replace (AuStore       *store,
                         AuRecord      *record,
                         guint64        expected,
                         GCancellable  *cancellable,
                         GError       **error)
{
  AuMemoryStore *self = AU_MEMORY_STORE (store);

  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !replace (self, record, expected, error))
    return FALSE;

  au_memory_bell_ring (self->bell);

  return TRUE;
}

static gboolean
au_memory_store_remove (AuStore       *store,
                        const char    *key,
                        GCancellable  *cancellable,
                        GError       **error)
{
  AuMemoryStore *self = AU_MEMORY_STORE (store);

  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !au_memory_queue_remove (self->queue, key, error))
    return FALSE;

  au_memory_bell_ring (self->bell);

  return TRUE;
}

static GPtrArray *
au_memory_store_list (AuStore       *store,
                      AuQuery       *query,
                      GCancellable  *cancellable,
                      GError       **error)
{
  return au_memory_records_list (AU_MEMORY_STORE (store)->records, query, cancellable, error);
}

static gint64
au_memory_store_count (AuStore       *store,
                       AuQuery       *query,
                       GCancellable  *cancellable,
                       GError       **error)
{
  return au_memory_records_count (AU_MEMORY_STORE (store)->records, query, cancellable, error);
}

static gboolean
au_memory_store_append_item (AuStore       *store,
                             const char    *key,
                             guint          attempt,
                             guint64        index,
                             GVariant      *item,
                             GCancellable  *cancellable,
                             GError       **error)
{
  AuMemoryStore *self = AU_MEMORY_STORE (store);
  gboolean added;

  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !au_memory_records_append_item (self->records, key, attempt, index, item, &added, error))
    return FALSE;

  if (added)
    au_memory_bell_ring (self->bell);

  return TRUE;
}

static GPtrArray *
au_memory_store_list_items (AuStore       *store,
                            const char    *key,
                            guint64        first,
                            guint          limit,
                            GCancellable  *cancellable,
                            GError       **error)
{
  return au_memory_records_list_items (AU_MEMORY_STORE (store)->records, key, first, limit, error);
}

static gint
au_memory_store_cleanup_expired (AuStore       *store,
                                 gint64         now,
                                 guint          limit,
                                 GCancellable  *cancellable,
                                 GError       **error)
{
  AuMemoryStore *self = AU_MEMORY_STORE (store);
  gint n_removed;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;

  n_removed = au_memory_records_cleanup_expired (self->records, now, limit);
  if (n_removed > 0)
    au_memory_bell_ring (self->bell);

  return n_removed;
}

static AuStoreFlags
au_memory_store_get_flags (AuStore *store)
{
  return AU_STORE_IMMEDIATE | AU_STORE_QUEUE;
}

static GSource *
au_memory_store_create_source (AuStore *store)
{
  return au_memory_bell_new_source (AU_MEMORY_STORE (store)->bell);
}

static void
au_memory_store_iface_init (AuStoreInterface *iface)
{
  iface->get_flags = au_memory_store_get_flags;
  iface->insert = au_memory_store_insert;
  iface->load = au_memory_store_load;
  iface->replace = au_memory_store_replace;
  iface->remove = au_memory_store_remove;
  iface->list = au_memory_store_list;
  iface->append_item = au_memory_store_append_item;
  iface->list_items = au_memory_store_list_items;
  iface->count = au_memory_store_count;
  iface->cleanup_expired = au_memory_store_cleanup_expired;
  iface->create_source = au_memory_store_create_source;
}

/* Queues */

static GPtrArray *
au_memory_store_claim (AuQueue       *queue,
                       AuClaim       *claim,
                       gint64        *next_due,
                       GCancellable  *cancellable,
                       GError       **error)
{
  AuMemoryStore *self = AU_MEMORY_STORE (queue);
  GPtrArray *records;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  records = au_memory_queue_claim (self->queue, claim, next_due);
  if (records->len > 0)
    au_memory_bell_ring (self->bell);

  return records;
}

static GPtrArray *
au_memory_store_renew (AuQueue       *queue,
                       GPtrArray     *records,
                       GTimeSpan      lease,
                       GCancellable  *cancellable,
                       GError       **error)
{
  return au_memory_queue_renew (AU_MEMORY_STORE (queue)->queue, records, lease);
}

static gint
au_memory_store_reap (AuQueue       *queue,
                      guint          limit,
                      GCancellable  *cancellable,
                      GError       **error)
{
  AuMemoryStore *self = AU_MEMORY_STORE (queue);
  gint n_lost = au_memory_queue_reap (self->queue, limit);

  au_memory_workers_forget_gone (&self->workers, au_clock_get_real_time ());
  if (n_lost > 0)
    au_memory_bell_ring (self->bell);

  return n_lost;
}

static gboolean
au_memory_store_set_paused (AuQueue       *queue,
                            const char    *name,
                            gboolean       paused,
                            GCancellable  *cancellable,
                            GError       **error)
{
  au_memory_queue_set_paused (AU_MEMORY_STORE (queue)->queue, name, paused);

  return TRUE;
}

static char **
au_memory_store_list_paused (AuQueue       *queue,
                             GCancellable  *cancellable,
                             GError       **error)
{
  return au_memory_queue_list_paused (AU_MEMORY_STORE (queue)->queue);
}

static gboolean
au_memory_store_announce (AuQueue       *queue,
                          AuWorkerInfo  *worker,
                          GCancellable  *cancellable,
                          GError       **error)
{
  au_memory_workers_announce (&AU_MEMORY_STORE (queue)->workers, worker);

  return TRUE;
}

static gboolean
au_memory_store_withdraw (AuQueue       *queue,
                          const char    *worker_id,
                          GCancellable  *cancellable,
                          GError       **error)
{
  au_memory_workers_withdraw (&AU_MEMORY_STORE (queue)->workers, worker_id);

  return TRUE;
}

static GPtrArray *
au_memory_store_list_workers (AuQueue       *queue,
                              GCancellable  *cancellable,
                              GError       **error)
{
  return au_memory_workers_list (&AU_MEMORY_STORE (queue)->workers);
}

static GSource *
au_memory_store_create_queue_source (AuQueue            *queue,
                                     const char * const *queues)
{
  return au_memory_queue_create_source (AU_MEMORY_STORE (queue)->queue);
}

static void
au_memory_store_queue_init (AuQueueInterface *iface)
{
  iface->claim = au_memory_store_claim;
  iface->renew = au_memory_store_renew;
  iface->reap = au_memory_store_reap;
  iface->set_paused = au_memory_store_set_paused;
  iface->list_paused = au_memory_store_list_paused;
  iface->announce = au_memory_store_announce;
  iface->withdraw = au_memory_store_withdraw;
  iface->list_workers = au_memory_store_list_workers;
  iface->create_source = au_memory_store_create_queue_source;
}

/* The object */

static void
au_memory_store_finalize (GObject *object)
{
  AuMemoryStore *self = AU_MEMORY_STORE (object);

  au_memory_queue_free (self->queue);
  au_memory_records_free (self->records);
  au_memory_workers_clear (&self->workers);
  au_memory_bell_unref (self->bell);

  G_OBJECT_CLASS (au_memory_store_parent_class)->finalize (object);
}

static void
au_memory_store_class_init (AuMemoryStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = au_memory_store_finalize;
}

static void
au_memory_store_init (AuMemoryStore *self)
{
  self->records = au_memory_records_new ();
  self->queue = au_memory_queue_new (self->records);
  au_memory_workers_init (&self->workers);
  self->bell = au_memory_bell_new ();
}

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "memory", au_memory_store_get_type },
  { 0 }
};

AU_MODULE_DEFINE (au_store_memory, PACKAGE_VERSION, "LGPL-2.1-or-later",
                  "Keeps records in the memory of this process", types, NULL)
