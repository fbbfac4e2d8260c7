/* au-sqlite-writer.c: changes of many threads in one transaction
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-writer-private.h"

#include "au-sqlite-line-private.h"
#include "au-sqlite-values-private.h"
#include "../shared/au-store-bell-private.h"
#include "../shared/au-store-failpoint-private.h"

/* More would only make the first of a group wait for the last. */
#define MAX_GROUP (256)

gboolean
au_sqlite_writer_init (AuSqliteWriter  *self,
                       AuSqlitePlace   *place,
                       gboolean         power,
                       GError         **error)
{
  *self = (AuSqliteWriter) { .power = power, .syncs = TRUE, .last = &self->first };

  if (!au_sqlite_connection_open (&self->connection, place, AU_SQLITE_WRITER, error))
    return FALSE;

  self->cache = au_sqlite_cache_new ();
  self->notes = g_byte_array_new ();
  g_queue_init (&self->ended);
  au_store_reports_init (&self->reports);
  g_mutex_init (&self->lock);

  return TRUE;
}

void
au_sqlite_writer_clear (AuSqliteWriter *self)
{
  g_clear_pointer (&self->cache, au_sqlite_cache_free);
  g_clear_pointer (&self->notes, g_byte_array_unref);
  au_sqlite_connection_close (&self->connection);
  au_store_reports_clear (&self->reports);
  g_mutex_clear (&self->lock);
}

/* The transaction */

/* Whether COMMIT waits for the disk. What needs not, a report of progress or the renewal
 * of a lease, waits only when it shares the transaction of something that does.
 */
static gboolean
set_syncs (AuSqliteWriter  *self,
           gboolean         syncs,
           GError         **error)
{
  if (self->syncs == syncs)
    return TRUE;

  if (!au_sqlite_connection_exec (&self->connection,
                                  syncs ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL",
                                  error))
    return FALSE;

  self->syncs = syncs;
  return TRUE;
}

static gboolean
run_statement (AuSqliteWriter  *self,
               AuSql            sql,
               GError         **error)
{
  sqlite3_stmt *statement = au_sqlite_connection_prepare (&self->connection, sql, error);

  return statement != NULL && au_sqlite_connection_run (&self->connection, statement, error);
}

static void
roll_back (AuSqliteWriter *self)
{
  /* Some errors have done it already. */
  if (!sqlite3_get_autocommit (self->connection.handle))
    run_statement (self, AU_SQL_ROLLBACK, NULL);

  au_sqlite_cache_forget_all (self->cache);
  au_sqlite_line_drop (self);
}

/* Makes the changes of a list, all or none. Returns FALSE if the database failed. */
static gboolean
transact (AuSqliteWriter  *self,
          AuSqliteChange  *changes,
          AuSqliteChange  *end,
          GError         **error)
{
  gboolean syncs = FALSE;

  for (AuSqliteChange *change = changes; change != end; change = change->next)
    syncs = syncs || change->sync;

  AU_STORE_FAILPOINT ("transaction/before");
  if (!set_syncs (self, self->power && syncs, error) ||
      !run_statement (self, AU_SQL_BEGIN, error))
    return FALSE;

  self->looked = FALSE;
  g_byte_array_set_size (self->notes, 0);

  for (AuSqliteChange *change = changes; change != end; change = change->next)
    {
      AU_STORE_FAILPOINT ("transaction/before-change");
      change->effects = AU_SQLITE_NOTHING;
      g_clear_pointer (&change->freed, g_ptr_array_unref);
      if (!change->func (change, self, error))
        {
          roll_back (self);
          return FALSE;
        }
    }

  AU_STORE_FAILPOINT ("transaction/before-commit");
  if (run_statement (self, AU_SQL_COMMIT, error))
    {
      AU_STORE_FAILPOINT ("transaction/committed");
      au_store_notes_write (self->notes, self->connection.place->notes_fd);
      AU_STORE_FAILPOINT ("transaction/noted");
      return TRUE;
    }

  roll_back (self);
  return FALSE;
}

/* Makes the changes of a list, together, or, if that fails, each alone: then only those
 * fail that must.
 */
static void
transact_all (AuSqliteWriter *self,
              AuSqliteChange *changes)
{
  AuSqlitePlace *place = self->connection.place;
  g_autoptr(GError) error = NULL;

  if (!au_sqlite_place_lock (place, &error))
    {
      for (AuSqliteChange *change = changes; change != NULL; change = change->next)
        change->error = g_error_copy (error);
      return;
    }

  if (!au_sqlite_place_check (place, &error))
    {
      for (AuSqliteChange *change = changes; change != NULL; change = change->next)
        change->error = g_error_copy (error);
    }
  else if (!transact (self, changes, NULL, changes->next == NULL ? &changes->error : NULL) &&
           changes->next != NULL)
    {
      for (AuSqliteChange *change = changes; change != NULL; change = change->next)
        transact (self, change, change->next, &change->error);
    }

  au_sqlite_place_unlock (place);
}

/* What is left to do once changes are committed. */
static void
follow_up (AuSqliteWriter *self,
           AuSqliteChange *changes)
{
  AuSqlitePlace *place = self->connection.place;
  AuSqliteEffects effects = AU_SQLITE_NOTHING;

  for (AuSqliteChange *change = changes; change != NULL; change = change->next)
    {
      if (change->error != NULL)
        continue;

      effects |= change->effects;
      for (guint i = 0; change->freed != NULL && i < change->freed->len; i++)
        au_sqlite_values_remove (place, g_ptr_array_index (change->freed, i));
    }

  /* Whoever is to work comes before those who look on. */
  AU_STORE_FAILPOINT ("transaction/before-bell");
  if ((effects & AU_SQLITE_CLAIMABLE) != 0)
    au_store_bell_ring (place->work_fd);
  if ((effects & AU_SQLITE_CHANGED) != 0)
    au_store_bell_ring (place->bell_fd);
  AU_STORE_FAILPOINT ("transaction/done");
}

/* Notes that a record has changed, and its revision, or 0 if that has not; for NULL, that
 * any may have.
 */
void
au_sqlite_writer_note (AuSqliteWriter *self,
                       AuSqliteChange *change,
                       const char     *key,
                       guint64         revision)
{
  change->effects |= AU_SQLITE_CHANGED;
  au_store_notes_add (self->notes, key, revision);
}

/* Those who write together */

/* Takes the first of those who wait, and whom it writes for. */
static AuSqliteChange *
take_group (AuSqliteWriter *self)
{
  AuSqliteChange *group = self->first;
  AuSqliteChange *last = group;

  for (guint i = 1; i < MAX_GROUP && last->next != NULL; i++)
    last = last->next;

  self->first = last->next;
  if (self->first == NULL)
    self->last = &self->first;
  last->next = NULL;

  return group;
}

/* Tells a group that it is done. Their changes are gone as soon as they know. */
static void
dismiss_group (AuSqliteChange *group,
               AuSqliteChange *own)
{
  AuSqliteChange *next;

  for (AuSqliteChange *change = group; change != NULL; change = next)
    {
      next = change->next;
      change->done = TRUE;
      if (change != own)
        g_cond_signal (&change->cond);
    }
}

/* Writes for all who wait, or for as many as may share one transaction. */
static void
lead (AuSqliteWriter *self,
      AuSqliteChange *own)
{
  AuSqliteChange *group;

  self->busy = TRUE;
  group = take_group (self);
  g_mutex_unlock (&self->lock);

  transact_all (self, group);
  follow_up (self, group);

  g_mutex_lock (&self->lock);
  self->busy = FALSE;
  dismiss_group (group, own);
  if (self->first != NULL)
    g_cond_signal (&self->first->cond);
}

/* Makes a change, and waits until it is made, together with those that other threads
 * make at the same time. Fails when the database does.
 */
gboolean
au_sqlite_writer_change (AuSqliteWriter  *self,
                         AuSqliteChange  *change,
                         GError         **error)
{
  g_cond_init (&change->cond);

  g_mutex_lock (&self->lock);
  *self->last = change;
  self->last = &change->next;
  while (!change->done)
    {
      if (self->busy)
        g_cond_wait (&change->cond, &self->lock);
      else
        lead (self, change);
    }
  g_mutex_unlock (&self->lock);

  g_cond_clear (&change->cond);
  g_clear_pointer (&change->freed, g_ptr_array_unref);
  if (change->error == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&change->error));
  return FALSE;
}
