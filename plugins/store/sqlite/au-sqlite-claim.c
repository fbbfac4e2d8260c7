/* au-sqlite-claim.c: claims of computations by workers
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-queue-private.h"

#include "au-sqlite-rows-private.h"
#include "../shared/au-store-failpoint-private.h"

/* So many whose time has come are let into the line at a time. */
#define PROMOTE_LIMIT (1000)

typedef struct
{
  gint64    id;
  AuRecord *record;
} Found;

typedef struct
{
  AuSqliteChange  change;
  AuClaim        *claim;
  GPtrArray      *records;
  gint64          next_due;

  GArray         *found;        /* of Found, to be started */
  GHashTable     *counts;       /* how many run under a limit, or NULL while nobody asked */
} Claim;

static void
found_clear (gpointer data)
{
  Found *self = data;

  g_clear_pointer (&self->record, au_record_unref);
}

/* Limits */

static void
add_count (GHashTable *counts,
           char       *limit,
           guint       n)
{
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, limit)) + n;

  g_hash_table_insert (counts, limit, GUINT_TO_POINTER (count));
}

static void
count_one (GHashTable *counts,
           const char *function,
           const char *concurrency_key,
           guint       n)
{
  add_count (counts, g_strconcat ("f:", function, NULL), n);
  if (concurrency_key != NULL)
    add_count (counts, g_strconcat ("k:", concurrency_key, NULL), n);
}

static gboolean
count_running (Claim               *self,
               AuSqliteConnection  *connection,
               GError             **error)
{
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_COUNT_RUNNING, error);
  gboolean more = TRUE;

  if (run == NULL)
    return FALSE;

  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while (more)
    {
      if (!au_sqlite_connection_step (connection, run, &more, error))
        return FALSE;
      if (more)
        count_one (self->counts, (const char *) sqlite3_column_text (run, 0),
                   (const char *) sqlite3_column_text (run, 1), sqlite3_column_int (run, 2));
    }

  return TRUE;
}

static gboolean
is_full (Claim      *self,
         const char *limit,
         guint       max)
{
  return max > 0 && GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, limit)) >= max;
}

/* Finds the limit under which there is no room for one more; NULL if there is room. */
static gboolean
find_full_limit (Claim               *self,
                 AuSqliteConnection  *connection,
                 AuRecord            *record,
                 char               **limit,
                 GError             **error)
{
  AuOptions *options = au_record_get_options (record);
  const char *key = au_options_get_concurrency_key (options);
  const char *function = au_record_get_function (record);
  guint function_max = au_claim_get_limit (self->claim, function);
  g_autofree char *function_limit = NULL;
  g_autofree char *key_limit = NULL;

  *limit = NULL;
  if (key == NULL && function_max == 0)
    return TRUE;

  if (self->counts == NULL && !count_running (self, connection, error))
    return FALSE;

  function_limit = g_strconcat ("f:", function, NULL);
  key_limit = key != NULL ? g_strconcat ("k:", key, NULL) : NULL;
  if (is_full (self, function_limit, function_max))
    *limit = g_steal_pointer (&function_limit);
  else if (key != NULL && is_full (self, key_limit, au_options_get_concurrency (options)))
    *limit = g_steal_pointer (&key_limit);

  return TRUE;
}

/* Whoever ends one that runs under this limit will ring. */
static gboolean
note_blocked (AuSqliteWriter  *writer,
              const char      *limit,
              GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  sqlite3_stmt *statement = au_sqlite_connection_prepare (connection, AU_SQL_INSERT_BLOCKED, error);

  if (statement == NULL)
    return FALSE;

  writer->any_blocked = TRUE;
  au_sqlite_bind_text (statement, 1, limit);
  return au_sqlite_connection_run (connection, statement, error);
}

/* Finding */

static void
find_one (Claim        *self,
          sqlite3_stmt *statement,
          AuRecord     *record)
{
  Found found = { sqlite3_column_int64 (statement, AU_SQL_ROW_ID), au_record_ref (record) };

  g_array_append_val (self->found, found);
  if (self->counts != NULL)
    count_one (self->counts, au_record_get_function (record),
               au_options_get_concurrency_key (au_record_get_options (record)), 1);
}

/* One that the writer knows need not be read once more. */
static AuRecord *
get_record (AuSqliteWriter *writer,
            sqlite3_stmt   *statement)
{
  const char *key = (const char *) sqlite3_column_text (statement, AU_SQL_ROW_KEY);
  guint64 revision = sqlite3_column_int64 (statement, AU_SQL_ROW_REVISION);
  AuRecord *known;
  gint64 id;

  known = au_sqlite_cache_lookup (writer->cache, key, revision, &id);
  if (known != NULL && id == sqlite3_column_int64 (statement, AU_SQL_ROW_ID))
    return au_record_ref (known);

  /* what cannot be read is dealt with by who loads or lists it */
  return au_sqlite_rows_read (&writer->connection, statement, NULL);
}

/* Finds what may be started from a queue: in order, as many as there is room for. */
static gboolean
find_ready (Claim           *self,
            AuSqliteWriter  *writer,
            const char      *queue,
            GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_FIND_READY, error);
  gboolean more = TRUE;

  if (run == NULL)
    return FALSE;

  au_sqlite_bind_text (run, 1, queue);
  while (more && self->found->len < au_claim_get_max (self->claim))
    {
      g_autoptr(AuRecord) record = NULL;
      g_autofree char *limit = NULL;

      if (!au_sqlite_connection_step (connection, run, &more, error))
        return FALSE;

      record = more ? get_record (writer, run) : NULL;
      if (record == NULL)
        continue;

      if (!find_full_limit (self, connection, record, &limit, error))
        return FALSE;

      if (limit == NULL)
        find_one (self, run, record);
      else if (!note_blocked (writer, limit, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_paused (AuSqliteConnection  *connection,
           const char          *queue,
           gboolean            *paused,
           GError             **error)
{
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_FIND_PAUSED, error);

  if (run == NULL)
    return FALSE;

  au_sqlite_bind_text (run, 1, queue);
  return au_sqlite_connection_step (connection, run, paused, error);
}

/* Whether a queue has something ready, and when the next of it falls due, or 0. */
static gboolean
peek (AuSqliteConnection  *connection,
      const char          *queue,
      gboolean            *ready,
      gint64              *due,
      GError             **error)
{
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_PEEK, error);
  gboolean row;

  if (run == NULL)
    return FALSE;

  au_sqlite_bind_text (run, 1, queue);
  if (!au_sqlite_connection_step (connection, run, &row, error))
    return FALSE;

  *ready = sqlite3_column_int (run, 0) != 0;
  *due = sqlite3_column_int64 (run, 1);
  return TRUE;
}

static void
add_due (gint64 *next_due,
         gint64  due)
{
  if (due > 0 && (*next_due == 0 || due < *next_due))
    *next_due = due;
}

static gboolean
promote (AuSqliteConnection  *connection,
         const char          *queue,
         gint64               now,
         GError             **error)
{
  sqlite3_stmt *statement = au_sqlite_connection_prepare (connection, AU_SQL_PROMOTE, error);

  if (statement == NULL)
    return FALSE;

  au_sqlite_bind_text (statement, 1, queue);
  sqlite3_bind_int64 (statement, 2, now);
  sqlite3_bind_int (statement, 3, PROMOTE_LIMIT);
  return au_sqlite_connection_run (connection, statement, error);
}

/* Starting */

static gboolean
start (Claim           *self,
       AuSqliteWriter  *writer,
       Found           *found,
       gint64           now,
       GError         **error)
{
  gint64 lease = au_claim_get_lease (self->claim);
  gint64 lease_end = lease < G_MAXINT64 - now ? now + lease : G_MAXINT64;
  g_autoptr(GError) reason = NULL;
  g_autoptr(AuRecord) next = NULL;

  next = au_transition_begin (found->record, au_claim_get_owner (self->claim), lease_end, &reason);
  if (next != NULL)
    g_ptr_array_add (self->records, au_record_ref (next));
  else
    next = au_transition_refuse (found->record, reason, NULL);

  AU_STORE_FAILPOINT ("claim/before-start");
  return au_sqlite_rows_go_on (&self->change, writer, found->id, found->record, next, error);
}

static gboolean
claim_from (Claim           *self,
            AuSqliteWriter  *writer,
            const char      *queue,
            gint64           now,
            GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  gboolean paused, ready;
  gint64 due;

  if (!is_paused (connection, queue, &paused, error))
    return FALSE;
  if (paused)
    return TRUE;

  if (!peek (connection, queue, &ready, &due, error))
    return FALSE;

  if (due > 0 && due <= now &&
      (!promote (connection, queue, now, error) ||
       !peek (connection, queue, &ready, &due, error)))
    return FALSE;

  add_due (&self->next_due, due);
  return !ready || find_ready (self, writer, queue, error);
}

static gboolean
claim_all (AuSqliteChange  *change,
           AuSqliteWriter  *writer,
           GError         **error)
{
  Claim *self = (Claim *) change;
  const char * const *queues = au_claim_get_queues (self->claim);
  gint64 now = au_clock_get_real_time ();

  self->next_due = 0;
  g_ptr_array_set_size (self->records, 0);
  g_array_set_size (self->found, 0);
  g_clear_pointer (&self->counts, g_hash_table_unref);

  for (; *queues != NULL && self->found->len < au_claim_get_max (self->claim); queues++)
    {
      if (!claim_from (self, writer, *queues, now, error))
        return FALSE;
    }

  for (guint i = 0; i < self->found->len; i++)
    {
      if (!start (self, writer, &g_array_index (self->found, Found, i), now, error))
        return FALSE;
    }

  /* Others may find something too, where there is more than was asked for. */
  if (self->found->len == au_claim_get_max (self->claim))
    change->effects |= AU_SQLITE_CLAIMABLE;

  return TRUE;
}

/* Looks whether there may be something to claim, without keeping anybody from writing. */
gboolean
au_sqlite_claim_peek (AuSqliteConnection  *connection,
                      AuClaim             *claim,
                      gboolean            *any,
                      gint64              *next_due,
                      GError             **error)
{
  const char * const *queues = au_claim_get_queues (claim);
  gint64 now = au_clock_get_real_time ();

  *any = FALSE;
  *next_due = 0;
  for (; *queues != NULL && !*any; queues++)
    {
      gboolean paused, ready;
      gint64 due;

      if (!is_paused (connection, *queues, &paused, error) ||
          (!paused && !peek (connection, *queues, &ready, &due, error)))
        return FALSE;
      if (paused)
        continue;

      *any = ready || (due > 0 && due <= now);
      add_due (next_due, due);
    }

  return TRUE;
}

/* Claims computations. A claim that is lost with the power of the machine is lost with
 * the worker that made it, so it does not wait for the disk.
 */
GPtrArray *
au_sqlite_claim (AuSqliteWriter  *writer,
                 AuClaim         *claim,
                 gint64          *next_due,
                 GError         **error)
{
  Claim self = { .change = { .func = claim_all }, .claim = claim };
  gboolean fine;

  self.records = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  self.found = g_array_new (FALSE, FALSE, sizeof (Found));
  g_array_set_clear_func (self.found, found_clear);

  fine = au_sqlite_writer_change (writer, &self.change, error);
  AU_STORE_FAILPOINT ("claim/done");
  *next_due = self.next_due;
  g_clear_pointer (&self.counts, g_hash_table_unref);
  g_array_unref (self.found);
  if (!fine)
    g_clear_pointer (&self.records, g_ptr_array_unref);

  return self.records;
}
