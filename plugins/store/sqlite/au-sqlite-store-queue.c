/* au-sqlite-store-queue.c: a database of SQLite as a queue
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-queue-private.h"
#include "au-sqlite-store-private.h"

#include "../shared/au-store-bell-private.h"

/* Looks first: who finds nothing keeps nobody from writing. That is not worth while where
 * something was found just now.
 */
static gboolean
peek (AuSqliteStore  *self,
      AuClaim        *claim,
      gboolean       *any,
      gint64         *next_due,
      GError        **error)
{
  AuSqliteConnection *connection = au_sqlite_readers_take (&self->readers, error);
  gboolean fine;

  if (connection == NULL)
    return FALSE;

  fine = au_sqlite_claim_peek (connection, claim, any, next_due, error);
  au_sqlite_readers_give (&self->readers, connection);

  return fine;
}

static GPtrArray *
au_sqlite_store_claim (AuQueue       *queue,
                       AuClaim       *claim,
                       gint64        *next_due,
                       GCancellable  *cancellable,
                       GError       **error)
{
  AuSqliteStore *self = AU_SQLITE_STORE (queue);
  gboolean any = g_atomic_int_get (&self->is_busy);
  GPtrArray *records;

  if (!au_sqlite_store_begin (self, cancellable, error) ||
      !au_sqlite_queue_take_from_dead (&self->writer, &self->readers, self->lives, error) ||
      (!any && !peek (self, claim, &any, next_due, error)))
    return NULL;

  if (!any)
    return g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);

  records = au_sqlite_claim (&self->writer, claim, next_due, error);
  g_atomic_int_set (&self->is_busy, records != NULL && records->len > 0);

  return records;
}

static GPtrArray *
au_sqlite_store_renew (AuQueue       *queue,
                       GPtrArray     *records,
                       GTimeSpan      lease,
                       GCancellable  *cancellable,
                       GError       **error)
{
  AuSqliteStore *self = AU_SQLITE_STORE (queue);

  return au_sqlite_store_begin (self, cancellable, error) ? au_sqlite_queue_renew (&self->writer, records, lease, error)
                                          : NULL;
}

static gint
au_sqlite_store_reap (AuQueue       *queue,
                      guint          limit,
                      GCancellable  *cancellable,
                      GError       **error)
{
  AuSqliteStore *self = AU_SQLITE_STORE (queue);

  return au_sqlite_store_begin (self, cancellable, error) ? au_sqlite_queue_reap (&self->writer, &self->readers, self->lives,
                                                                       limit, error)
                                          : -1;
}

static gboolean
au_sqlite_store_set_paused (AuQueue       *queue,
                            const char    *name,
                            gboolean       paused,
                            GCancellable  *cancellable,
                            GError       **error)
{
  AuSqliteStore *self = AU_SQLITE_STORE (queue);

  return au_sqlite_store_begin (self, cancellable, error) &&
         au_sqlite_queue_set_paused (&self->writer, name, paused, error);
}

static char **
au_sqlite_store_list_paused (AuQueue       *queue,
                             GCancellable  *cancellable,
                             GError       **error)
{
  AuSqliteStore *self = AU_SQLITE_STORE (queue);
  AuSqliteConnection *connection;
  char **names;

  if (!au_sqlite_store_begin (self, cancellable, error))
    return NULL;

  connection = au_sqlite_readers_take (&self->readers, error);
  if (connection == NULL)
    return NULL;

  names = au_sqlite_queue_list_paused (connection, error);
  au_sqlite_readers_give (&self->readers, connection);

  return names;
}

static gboolean
au_sqlite_store_announce (AuQueue       *queue,
                          AuWorkerInfo  *worker,
                          GCancellable  *cancellable,
                          GError       **error)
{
  AuSqliteStore *self = AU_SQLITE_STORE (queue);

  if (!au_sqlite_store_begin (self, cancellable, error))
    return FALSE;

  au_store_lives_enter (self->lives, au_worker_info_get_owner (worker));

  return au_sqlite_queue_announce (&self->writer, worker, error);
}

static gboolean
au_sqlite_store_withdraw (AuQueue       *queue,
                          const char    *worker_id,
                          GCancellable  *cancellable,
                          GError       **error)
{
  AuSqliteStore *self = AU_SQLITE_STORE (queue);

  return au_sqlite_store_begin (self, cancellable, error) &&
         au_sqlite_queue_withdraw (&self->writer, worker_id, error);
}

static GPtrArray *
au_sqlite_store_list_workers (AuQueue       *queue,
                              GCancellable  *cancellable,
                              GError       **error)
{
  AuSqliteStore *self = AU_SQLITE_STORE (queue);
  AuSqliteConnection *connection;
  GPtrArray *workers;

  if (!au_sqlite_store_begin (self, cancellable, error))
    return NULL;

  connection = au_sqlite_readers_take (&self->readers, error);
  if (connection == NULL)
    return NULL;

  workers = au_sqlite_queue_list_workers (connection, error);
  au_sqlite_readers_give (&self->readers, connection);

  return workers;
}

static GSource *
au_sqlite_store_create_queue_source (AuQueue            *queue,
                                     const char * const *queues)
{
  AuSqliteStore *self = AU_SQLITE_STORE (queue);

  if (!au_sqlite_store_ensure_open (self, NULL))
    return NULL;

  return au_store_lives_join_source (self->lives, au_store_bell_new_source (self->place.work_fd, 0, NULL));
}

void
au_sqlite_store_queue_init (AuQueueInterface *iface)
{
  iface->claim = au_sqlite_store_claim;
  iface->renew = au_sqlite_store_renew;
  iface->reap = au_sqlite_store_reap;
  iface->set_paused = au_sqlite_store_set_paused;
  iface->list_paused = au_sqlite_store_list_paused;
  iface->announce = au_sqlite_store_announce;
  iface->withdraw = au_sqlite_store_withdraw;
  iface->list_workers = au_sqlite_store_list_workers;
  iface->create_source = au_sqlite_store_create_queue_source;
}
