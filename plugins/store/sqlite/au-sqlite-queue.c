/* au-sqlite-queue.c: leases, pauses and workers
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-queue-private.h"

#include "au-sqlite-rows-private.h"
#include "../shared/au-store-failpoint-private.h"

/* So many are taken away from workers that have died in one transaction. */
#define REAP_LIMIT (500)

/* Renewals */

typedef struct
{
  AuSqliteChange  change;
  GPtrArray      *records;
  gint64          lease_end;
  GPtrArray      *current;
} Renewal;

static gboolean
renew_one (Renewal         *self,
           AuSqliteWriter  *writer,
           AuRecord        *record,
           GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_RENEW, error);
  AuRecord *current;
  gboolean found;

  if (run == NULL)
    return FALSE;

  sqlite3_bind_int64 (run, 1, self->lease_end);
  au_sqlite_bind_text (run, 2, au_record_get_key (record));
  sqlite3_bind_int64 (run, 3, au_record_get_attempt (record));
  if (!au_sqlite_connection_step (connection, run, &found, error))
    return FALSE;

  current = found ? au_sqlite_rows_read (connection, run, NULL) : NULL;
  if (current != NULL)
    g_ptr_array_add (self->current, current);

  return TRUE;
}

static gboolean
renew (AuSqliteChange  *change,
       AuSqliteWriter  *writer,
       GError         **error)
{
  Renewal *self = (Renewal *) change;

  g_ptr_array_set_size (self->current, 0);
  for (guint i = 0; i < self->records->len; i++)
    {
      if (!renew_one (self, writer, g_ptr_array_index (self->records, i), error))
        return FALSE;
    }

  return TRUE;
}

GPtrArray *
au_sqlite_queue_renew (AuSqliteWriter  *writer,
                       GPtrArray       *records,
                       GTimeSpan        lease,
                       GError         **error)
{
  gint64 now = au_clock_get_real_time ();
  Renewal self = { .change = { .func = renew }, .records = records,
                   .lease_end = lease < G_MAXINT64 - now ? now + lease : G_MAXINT64 };

  self.current = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  if (!au_sqlite_writer_change (writer, &self.change, error))
    g_clear_pointer (&self.current, g_ptr_array_unref);

  return self.current;
}

/* Workers */

static AuWorkerInfo *
worker_from_row (sqlite3_stmt *run)
{
  g_autoptr(GBytes) bytes = g_bytes_new (sqlite3_column_blob (run, 1), sqlite3_column_bytes (run, 1));
  g_autoptr(GVariant) boxed = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARIANT,
                                                                            bytes, FALSE));
  g_autoptr(GVariant) normal = g_variant_get_normal_form (boxed);
  g_autoptr(GVariant) form = g_variant_get_variant (normal);

  return au_worker_info_from_variant (form, NULL);
}

/* Lists workers, in the order of their names. One of a newer au is passed over. */
GPtrArray *
au_sqlite_queue_list_workers (AuSqliteConnection  *connection,
                              GError             **error)
{
  g_autoptr(GPtrArray) workers = g_ptr_array_new_with_free_func ((GDestroyNotify) au_worker_info_unref);
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_LIST_WORKERS, error);
  gboolean more = TRUE;

  if (run == NULL)
    return NULL;

  while (more)
    {
      AuWorkerInfo *worker;

      if (!au_sqlite_connection_step (connection, run, &more, error))
        return NULL;

      worker = more ? worker_from_row (run) : NULL;
      if (worker != NULL)
        g_ptr_array_add (workers, worker);
    }

  return g_steal_pointer (&workers);
}

/* One row of a small table, to be made or deleted. */
typedef struct
{
  AuSqliteChange  change;
  AuSql           sql;
  const char     *name;
  GBytes         *form;
  gboolean        frees;        /* something may be claimed that could not be before */
} Entry;

static gboolean
change_entry (AuSqliteChange  *change,
              AuSqliteWriter  *writer,
              GError         **error)
{
  Entry *self = (Entry *) change;
  AuSqliteConnection *connection = &writer->connection;
  sqlite3_stmt *statement = au_sqlite_connection_prepare (connection, self->sql, error);
  gsize size = 0;

  if (statement == NULL)
    return FALSE;

  au_sqlite_bind_text (statement, 1, self->name);
  if (self->form != NULL)
    {
      gconstpointer data = g_bytes_get_data (self->form, &size);

      sqlite3_bind_blob64 (statement, 2, data, size, SQLITE_STATIC);
    }

  if (self->frees)
    change->effects |= AU_SQLITE_CLAIMABLE;
  return au_sqlite_connection_run (connection, statement, error);
}

gboolean
au_sqlite_queue_announce (AuSqliteWriter  *writer,
                          AuWorkerInfo    *worker,
                          GError         **error)
{
  g_autoptr(GVariant) form = au_worker_info_to_variant (worker);
  g_autoptr(GVariant) boxed = g_variant_ref_sink (g_variant_new_variant (form));
  g_autoptr(GBytes) bytes = g_variant_get_data_as_bytes (boxed);
  Entry entry = { .change = { .func = change_entry }, .sql = AU_SQL_INSERT_WORKER,
                  .name = au_worker_info_get_id (worker), .form = bytes };

  return au_sqlite_writer_change (writer, &entry.change, error);
}

gboolean
au_sqlite_queue_withdraw (AuSqliteWriter  *writer,
                          const char      *worker_id,
                          GError         **error)
{
  Entry entry = { .change = { .func = change_entry }, .sql = AU_SQL_DELETE_WORKER,
                  .name = worker_id };

  return au_sqlite_writer_change (writer, &entry.change, error);
}

/* Pauses */

gboolean
au_sqlite_queue_set_paused (AuSqliteWriter  *writer,
                            const char      *queue,
                            gboolean         paused,
                            GError         **error)
{
  Entry entry = { .change = { .func = change_entry, .sync = TRUE }, .name = queue,
                  .sql = paused ? AU_SQL_INSERT_PAUSED : AU_SQL_DELETE_PAUSED, .frees = !paused };

  return au_sqlite_writer_change (writer, &entry.change, error);
}

char **
au_sqlite_queue_list_paused (AuSqliteConnection  *connection,
                             GError             **error)
{
  g_autoptr(GStrvBuilder) names = g_strv_builder_new ();
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_LIST_PAUSED, error);
  gboolean more = TRUE;

  if (run == NULL)
    return NULL;

  while (more)
    {
      if (!au_sqlite_connection_step (connection, run, &more, error))
        return NULL;
      if (more)
        g_strv_builder_add (names, (const char *) sqlite3_column_text (run, 0));
    }

  return g_strv_builder_end (names);
}

/* Reaping */

typedef struct
{
  AuSqliteChange  change;
  gint64          now;
  guint           limit;
  GPtrArray      *dead;         /* names of owners that are gone */
  GPtrArray      *late;         /* of those with leases that are over */
  GPtrArray      *gone;         /* ids of workers */
  guint           n_lost;
  guint           n_passed_over;    /* of one owner, in the order of their leases */
} Reaping;

static void
pass_over (Reaping         *self,
           AuSqliteWriter  *writer,
           const char      *key,
           const GError    *reason)
{
  self->n_passed_over++;
  au_store_reports_not_lost (&writer->reports, writer->connection.place->path, key, reason);
}

/* One that cannot be read must not keep those behind it from being found: if it is damaged,
 * it is moved out of the way.
 */
static gboolean
look_at_unreadable (Reaping         *self,
                    AuSqliteWriter  *writer,
                    const char      *key,
                    GError         **error)
{
  g_auto(AuSqliteRow) row = { 0 };
  g_autoptr(GError) wrong = NULL;

  if (!au_sqlite_rows_find_sound (&self->change, writer, key, &row, &wrong, error))
    return FALSE;

  if (wrong != NULL && !g_error_matches (wrong, AU_ERROR, AU_ERROR_DAMAGED))
    pass_over (self, writer, key, wrong);
  return TRUE;
}

static gboolean
reap_one (Reaping         *self,
          AuSqliteWriter  *writer,
          const char      *owner,
          gint64           latest,
          gboolean        *found,
          GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_FIND_LOST, error);
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) next = NULL;
  g_autoptr(GError) reason = NULL;
  g_autofree char *key = NULL;
  gint64 id;

  if (run == NULL)
    return FALSE;

  au_sqlite_bind_text (run, 1, owner);
  sqlite3_bind_int64 (run, 2, latest);
  sqlite3_bind_int64 (run, 3, self->n_passed_over);
  if (!au_sqlite_connection_step (connection, run, found, error))
    return FALSE;
  if (!*found)
    return TRUE;

  id = sqlite3_column_int64 (run, AU_SQL_ROW_ID);
  key = g_strdup ((const char *) sqlite3_column_text (run, AU_SQL_ROW_KEY));
  record = au_sqlite_rows_read (connection, run, NULL);
  sqlite3_reset (run);
  if (record == NULL)
    return look_at_unreadable (self, writer, key, error);

  next = au_transition_reap (record, &reason);
  if (next == NULL)
    {
      pass_over (self, writer, key, reason);
      return TRUE;
    }

  self->n_lost++;
  AU_STORE_FAILPOINT ("reap/before-one");
  return au_sqlite_rows_go_on (&self->change, writer, id, record, next, error);
}

static gboolean
reap_owners (Reaping         *self,
             AuSqliteWriter  *writer,
             GPtrArray       *owners,
             gint64           latest,
             GError         **error)
{
  for (guint i = 0; i < owners->len; i++)
    {
      gboolean found = TRUE;

      self->n_passed_over = 0;
      while (found && self->n_lost < self->limit)
        {
          if (!reap_one (self, writer, g_ptr_array_index (owners, i), latest, &found, error))
            return FALSE;
        }
    }

  return TRUE;
}

static gboolean
reap (AuSqliteChange  *change,
      AuSqliteWriter  *writer,
      GError         **error)
{
  Reaping *self = (Reaping *) change;
  AuSqliteConnection *connection = &writer->connection;
  sqlite3_stmt *statement = au_sqlite_connection_prepare (connection, AU_SQL_DELETE_WORKER, error);

  if (statement == NULL)
    return FALSE;

  self->n_lost = 0;
  for (guint i = 0; i < self->gone->len; i++)
    {
      au_sqlite_bind_text (statement, 1, g_ptr_array_index (self->gone, i));
      if (!au_sqlite_connection_run (connection, statement, error))
        return FALSE;
    }

  return reap_owners (self, writer, self->dead, G_MAXINT64, error) &&
         reap_owners (self, writer, self->late, self->now, error);
}

static gboolean
is_late (AuSqliteConnection  *connection,
         const char          *owner,
         gint64               now,
         gboolean            *late,
         GError             **error)
{
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_FIND_OVERDUE, error);

  if (run == NULL)
    return FALSE;

  au_sqlite_bind_text (run, 1, owner);
  sqlite3_bind_int64 (run, 2, now);
  return au_sqlite_connection_step (connection, run, late, error);
}

/* Finds the next one of those who have something that runs, in the order of their names. */
static gboolean
find_owner (AuSqliteConnection  *connection,
            char               **owner,
            GError             **error)
{
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_FIND_OWNER, error);
  gboolean found;

  if (run == NULL)
    return FALSE;

  au_sqlite_bind_text (run, 1, *owner != NULL ? *owner : "");
  if (!au_sqlite_connection_step (connection, run, &found, error))
    return FALSE;

  g_free (*owner);
  *owner = found ? g_strdup ((const char *) sqlite3_column_text (run, 0)) : NULL;
  return TRUE;
}

/* Finds out who is gone, which takes time, while others may write. */
static gboolean
look (Reaping             *self,
      AuSqliteConnection  *connection,
      GHashTable          *left_behind,
      GError             **error)
{
  g_autoptr(GPtrArray) workers = au_sqlite_queue_list_workers (connection, error);
  g_autofree char *owner = NULL;

  if (workers == NULL)
    return FALSE;

  for (guint i = 0; i < workers->len; i++)
    {
      AuWorkerInfo *worker = g_ptr_array_index (workers, i);

      if (au_worker_info_is_gone (worker, self->now) ||
          au_store_lives_is_among (left_behind, au_worker_info_get_owner (worker)))
        g_ptr_array_add (self->gone, g_strdup (au_worker_info_get_id (worker)));
    }

  for (;;)
    {
      gboolean late = FALSE;

      if (!find_owner (connection, &owner, error))
        return FALSE;
      if (owner == NULL)
        return TRUE;

      if (au_store_lives_is_among (left_behind, owner) ||
          au_owner_get_state (owner) == AU_OWNER_STATE_DEAD)
        g_ptr_array_add (self->dead, g_strdup (owner));
      else if (!is_late (connection, owner, self->now, &late, error))
        return FALSE;
      else if (late)
        g_ptr_array_add (self->late, g_strdup (owner));
    }
}

gint
au_sqlite_queue_reap (AuSqliteWriter   *writer,
                      AuSqliteReaders  *readers,
                      AuStoreLives    *lives,
                      guint             limit,
                      GError          **error)
{
  g_autoptr(GHashTable) left_behind = au_store_lives_find_dead (lives);
  g_autoptr(GPtrArray) dead = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GPtrArray) late = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GPtrArray) gone = g_ptr_array_new_with_free_func (g_free);
  Reaping self = { .change = { .func = reap }, .now = au_clock_get_real_time (), .limit = limit,
                   .dead = dead, .late = late, .gone = gone };
  AuSqliteConnection *connection = au_sqlite_readers_take (readers, error);
  gboolean fine;

  if (connection == NULL)
    return -1;

  fine = look (&self, connection, left_behind, error);
  au_sqlite_readers_give (readers, connection);
  if (!fine ||
      (dead->len + late->len + gone->len > 0 && !au_sqlite_writer_change (writer, &self.change, error)))
    return -1;

  AU_STORE_FAILPOINT ("reap/before-clearing");
  if (self.n_lost < limit)
    au_store_lives_clear_dead (lives, left_behind);
  return self.n_lost;
}

/* What a worker left that has just died may be claimed at once; if it is much, a part of it
 * before each claim, so that nobody is kept from writing for long.
 */
gboolean
au_sqlite_queue_take_from_dead (AuSqliteWriter   *writer,
                                AuSqliteReaders  *readers,
                                AuStoreLives    *lives,
                                GError          **error)
{
  gint n_lost;

  if (!au_store_lives_take_news (lives))
    return TRUE;

  n_lost = au_sqlite_queue_reap (writer, readers, lives, REAP_LIMIT, error);
  if (n_lost < 0 || n_lost == REAP_LIMIT)
    au_store_lives_look_again (lives);
  return n_lost >= 0;
}
