/* au-sqlite-line.c: what waits in queues, for what, and what runs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-line-private.h"

#include "au-sqlite-rows-private.h"
#include "../shared/au-store-rules-private.h"
#include "../shared/au-store-standing-private.h"
#include "../shared/au-store-failpoint-private.h"

/* What has ended, or is not there any more. */
typedef struct
{
  char     *key;
  AuRecord *record;             /* NULL when there is none */
} Ended;

static void
ended_free (gpointer data)
{
  Ended *self = data;

  g_clear_pointer (&self->record, au_record_unref);
  g_free (self->key);
  g_free (self);
}

/* Forgets what was not settled, as the transaction failed. */
void
au_sqlite_line_drop (AuSqliteWriter *writer)
{
  g_queue_clear_full (&writer->ended, ended_free);
  writer->settling = FALSE;
}

/* Helpers */

static gboolean
run (AuSqliteConnection  *connection,
     AuSql                sql,
     const char          *key,
     gint64               id,
     GError             **error)
{
  sqlite3_stmt *statement = au_sqlite_connection_prepare (connection, sql, error);

  if (statement == NULL)
    return FALSE;

  if (key != NULL)
    au_sqlite_bind_text (statement, 1, key);
  sqlite3_bind_int64 (statement, key != NULL ? 2 : 1, id);
  return au_sqlite_connection_run (connection, statement, error);
}

/* Finds out, once in each transaction, whether anybody waits for anything: mostly nobody
 * does, and then the end of a computation need not look who.
 */
static gboolean
look_round (AuSqliteWriter  *writer,
            GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  g_autoptr(AuSqliteRun) look = NULL;
  gboolean row;

  if (writer->looked)
    return TRUE;

  look = au_sqlite_connection_prepare (connection, AU_SQL_LOOK_ROUND, error);
  if (look == NULL || !au_sqlite_connection_step (connection, look, &row, error))
    return FALSE;

  writer->any_awaited = sqlite3_column_int (look, 0) != 0;
  writer->any_blocked = sqlite3_column_int (look, 1) != 0;
  writer->any_aside = sqlite3_column_int (look, 2) != 0;
  writer->looked = TRUE;
  return TRUE;
}

static gboolean
note_ended (AuSqliteWriter  *writer,
            const char      *key,
            AuRecord        *record,
            GError         **error)
{
  Ended *ended;

  if (!look_round (writer, error))
    return FALSE;
  if (!writer->any_awaited)
    return TRUE;

  ended = g_new0 (Ended, 1);
  ended->key = g_strdup (key);
  ended->record = record != NULL ? au_record_ref (record) : NULL;
  g_queue_push_tail (&writer->ended, ended);
  return TRUE;
}

/* What comes after what */

/* Lets one go that waits for no other any more. */
static gboolean
let_go (AuSqliteChange  *change,
        AuSqliteWriter  *writer,
        gint64           id,
        GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  g_autoptr(AuSqliteRun) awaited = au_sqlite_connection_prepare (connection, AU_SQL_FIND_AWAITED, error);
  sqlite3_stmt *statement = au_sqlite_connection_prepare (connection, AU_SQL_LET_GO, error);
  gboolean found;

  if (awaited == NULL || statement == NULL)
    return FALSE;

  sqlite3_bind_int64 (awaited, 1, id);
  if (!au_sqlite_connection_step (connection, awaited, &found, error))
    return FALSE;
  if (found)
    return TRUE;

  change->effects |= AU_SQLITE_CLAIMABLE;
  sqlite3_bind_int64 (statement, 1, id);
  sqlite3_bind_int64 (statement, 2, au_clock_get_real_time ());
  return au_sqlite_connection_run (connection, statement, error);
}

/* Fails one because of another that it comes after. */
static gboolean
refuse (AuSqliteChange  *change,
        AuSqliteWriter  *writer,
        gint64           id,
        Ended           *ended,
        GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  g_autoptr(AuSqliteRun) find = au_sqlite_connection_prepare (connection, AU_SQL_FIND_BY_ID, error);
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) refused = NULL;
  gboolean found;

  if (find == NULL)
    return FALSE;

  sqlite3_bind_int64 (find, 1, id);
  if (!au_sqlite_connection_step (connection, find, &found, error))
    return FALSE;

  record = found ? au_sqlite_rows_read (connection, find, NULL) : NULL;
  sqlite3_reset (find);

  /* what cannot be read is dealt with by who reads it */
  if (record == NULL || !au_record_is_queued (record))
    return run (connection, AU_SQL_DELETE_WAITING, NULL, id, error);

  refused = au_transition_refuse_after (record, ended->key, ended->record, NULL);
  return au_sqlite_rows_go_on (change, writer, id, record, refused, error);
}

static gboolean
find_waiting (AuSqliteConnection  *connection,
              const char          *key,
              GArray              *ids,
              GError             **error)
{
  g_autoptr(AuSqliteRun) find = au_sqlite_connection_prepare (connection, AU_SQL_FIND_WAITING, error);
  gboolean more = TRUE;

  if (find == NULL)
    return FALSE;

  au_sqlite_bind_text (find, 1, key);
  while (more)
    {
      gint64 id;

      if (!au_sqlite_connection_step (connection, find, &more, error))
        return FALSE;

      id = sqlite3_column_int64 (find, 0);
      if (more)
        g_array_append_val (ids, id);
    }

  return TRUE;
}

static gboolean
settle_one (AuSqliteChange  *change,
            AuSqliteWriter  *writer,
            Ended           *ended,
            GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  g_autoptr(GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  gboolean completed = ended->record != NULL &&
                       au_record_get_status (ended->record) == AU_STATUS_COMPLETED;

  if (!find_waiting (connection, ended->key, ids, error))
    return FALSE;
  if (ids->len == 0)
    return TRUE;

  if (!run (connection, AU_SQL_DELETE_AWAITED, ended->key, 0, error))
    return FALSE;
  AU_STORE_FAILPOINT ("after/settled");

  for (guint i = 0; i < ids->len; i++)
    {
      gint64 id = g_array_index (ids, gint64, i);

      if (completed ? !let_go (change, writer, id, error)
                    : !refuse (change, writer, id, ended, error))
        return FALSE;
    }

  return TRUE;
}

/* Lets go, or refuses, what comes after what has ended; and so on. */
static gboolean
settle (AuSqliteChange  *change,
        AuSqliteWriter  *writer,
        GError         **error)
{
  gboolean fine = TRUE;
  Ended *ended;

  if (writer->settling)
    return TRUE;

  writer->settling = TRUE;
  while (fine && (ended = g_queue_pop_head (&writer->ended)) != NULL)
    {
      fine = settle_one (change, writer, ended, error);
      ended_free (ended);
    }
  writer->settling = FALSE;

  return fine;
}

/* Notes what a computation waits for, unless that has completed already. */
static gboolean
await_others (AuSqliteChange  *change,
              AuSqliteWriter  *writer,
              gint64           id,
              AuRecord        *record,
              GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  const char * const *after = au_options_get_after (au_record_get_options (record));

  if (!look_round (writer, error))
    return FALSE;

  for (; *after != NULL; after++)
    {
      g_auto(AuSqliteRow) row = { 0 };

      if (!au_sqlite_rows_find (connection, AU_SQL_FIND_BY_KEY, *after, &row, error))
        return FALSE;

      if (row.record != NULL && au_record_get_status (row.record) == AU_STATUS_COMPLETED)
        continue;

      if (!run (connection, AU_SQL_INSERT_AWAITED, *after, id, error))
        return FALSE;
      writer->any_awaited = TRUE;

      if ((row.record == NULL || au_store_rules_is_terminal (row.record) || row.id == id) &&
          !note_ended (writer, *after, row.record, error))
        return FALSE;
    }

  return let_go (change, writer, id, error) && settle (change, writer, error);
}

/* Room under limits */

/* Finds where a computation is from now on: put aside at once if somebody has just found
 * no room for one like it.
 */
gboolean
au_sqlite_line_find_standing (AuSqliteWriter  *writer,
                              AuRecord        *record,
                              int             *standing,
                              GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  g_autoptr(AuSqliteRun) find = NULL;
  gboolean found;

  *standing = au_store_standing_get (record);
  if (*standing != AU_STORE_STANDING_READY)
    return TRUE;

  if (!look_round (writer, error))
    return FALSE;
  if (!writer->any_blocked)
    return TRUE;

  find = au_sqlite_connection_prepare (connection, AU_SQL_FIND_BLOCKED, error);
  if (find == NULL)
    return FALSE;

  au_sqlite_bind_text (find, 1, au_record_get_function (record));
  au_sqlite_bind_text (find, 2, au_options_get_concurrency_key (au_record_get_options (record)));
  if (!au_sqlite_connection_step (connection, find, &found, error))
    return FALSE;

  if (found && sqlite3_column_text (find, 0)[0] == 'f')
    *standing = AU_SQLITE_STANDING_FULL_FUNCTION;
  else if (found)
    *standing = AU_SQLITE_STANDING_FULL_KEY;
  if (*standing == AU_SQLITE_STANDING_FULL_KEY)
    writer->any_aside = TRUE;
  return TRUE;
}

static gboolean
forget_blocked (AuSqliteChange  *change,
                AuSqliteWriter  *writer,
                const char      *function,
                const char      *concurrency_key,
                GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  sqlite3_stmt *statement = au_sqlite_connection_prepare (connection, AU_SQL_DELETE_BLOCKED, error);

  if (statement == NULL)
    return FALSE;

  au_sqlite_bind_text (statement, 1, function);
  au_sqlite_bind_text (statement, 2, concurrency_key);
  if (!au_sqlite_connection_run (connection, statement, error))
    return FALSE;

  if (sqlite3_changes (connection->handle) > 0)
    change->effects |= AU_SQLITE_CLAIMABLE;
  return TRUE;
}

/* Makes the first one ready, in each queue, that waits for others of its concurrency key. */
static gboolean
let_one_come (AuSqliteChange  *change,
              AuSqliteWriter  *writer,
              const char      *concurrency_key,
              GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  sqlite3_stmt *statement = au_sqlite_connection_prepare (connection, AU_SQL_PUT_ASIDE, error);
  g_autofree char *queue = g_strdup ("");

  if (statement == NULL)
    return FALSE;

  for (;;)
    {
      g_autoptr(AuSqliteRun) find = au_sqlite_connection_prepare (connection, AU_SQL_FIND_FULL_KEY, error);
      gboolean found;

      if (find == NULL)
        return FALSE;

      au_sqlite_bind_text (find, 1, concurrency_key);
      au_sqlite_bind_text (find, 2, queue);
      if (!au_sqlite_connection_step (connection, find, &found, error))
        return FALSE;
      if (!found)
        return TRUE;

      g_free (queue);
      queue = g_strdup ((const char *) sqlite3_column_text (find, 0));
      sqlite3_bind_int64 (statement, 1, sqlite3_column_int64 (find, 1));
      sqlite3_bind_int (statement, 2, AU_STORE_STANDING_READY);
      sqlite3_reset (find);
      if (!au_sqlite_connection_run (connection, statement, error))
        return FALSE;
      change->effects |= AU_SQLITE_CLAIMABLE;
    }
}

/* One of a function, if it is not NULL, and of a concurrency key, if it is not, does not
 * run any more, or will not: if somebody found no room, there is some now.
 */
gboolean
au_sqlite_line_make_room (AuSqliteChange  *change,
                          AuSqliteWriter  *writer,
                          const char      *function,
                          const char      *concurrency_key,
                          GError         **error)
{
  if (!look_round (writer, error))
    return FALSE;

  return (!writer->any_blocked || forget_blocked (change, writer, function, concurrency_key, error)) &&
         (!writer->any_aside || concurrency_key == NULL ||
          let_one_come (change, writer, concurrency_key, error));
}

/* Those that ran make room; and those that did not, although there was some for them. */
static gboolean
leaves_room (AuRecord        *before,
             AuStoreStanding  standing)
{
  if (au_store_standing_is_leased (before))
    return standing != AU_STORE_STANDING_RUNNING;

  return au_record_is_queued (before) && standing != AU_STORE_STANDING_RUNNING &&
         au_options_get_concurrency_key (au_record_get_options (before)) != NULL;
}

/* What follows from the change of a record in a row. Before is NULL for a new one. */
gboolean
au_sqlite_line_follow (AuSqliteChange  *change,
                       AuSqliteWriter  *writer,
                       gint64           id,
                       AuRecord        *before,
                       AuRecord        *record,
                       GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  AuStoreStanding standing = au_store_standing_get (record);

  if (before != NULL && leaves_room (before, standing) &&
      !au_sqlite_line_make_room (change, writer, au_record_get_function (before),
                                 au_options_get_concurrency_key (au_record_get_options (before)), error))
    return FALSE;

  if (before != NULL && au_store_standing_awaits (before) &&
      !run (connection, AU_SQL_DELETE_WAITING, NULL, id, error))
    return FALSE;

  if (standing == AU_STORE_STANDING_READY || standing == AU_STORE_STANDING_SCHEDULED)
    change->effects |= AU_SQLITE_CLAIMABLE;
  else if (standing == AU_STORE_STANDING_AWAITING)
    return await_others (change, writer, id, record, error);

  if (!au_store_rules_is_terminal (record))
    return TRUE;

  return note_ended (writer, au_record_get_key (record), record, error) &&
         settle (change, writer, error);
}

/* What follows from the removal of a row. */
gboolean
au_sqlite_line_forget (AuSqliteChange  *change,
                       AuSqliteWriter  *writer,
                       gint64           id,
                       const char      *key,
                       const char      *function,
                       const char      *concurrency_key,
                       GError         **error)
{
  /* Its room is free too, if it ran; whoever looks finds out. */
  change->effects |= AU_SQLITE_CLAIMABLE;

  return au_sqlite_line_make_room (change, writer, function, concurrency_key, error) &&
         note_ended (writer, key, NULL, error) &&
         run (&writer->connection, AU_SQL_DELETE_WAITING, NULL, id, error) &&
         settle (change, writer, error);
}
