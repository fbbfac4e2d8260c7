/* au-sqlite-rows.c: records in the rows of a table
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-rows-private.h"

#include "au-sqlite-line-private.h"
#include "../shared/au-store-rules-private.h"
#include "../shared/au-store-standing-private.h"
#include "../shared/au-store-failpoint-private.h"

#include <glib/gi18n-lib.h>

void
au_sqlite_row_clear (AuSqliteRow *self)
{
  self->id = 0;
  g_clear_pointer (&self->record, au_record_unref);
  g_clear_error (&self->wrong);
}

/* Notes a file that is no longer needed once the change is committed. */
void
au_sqlite_change_free_file (AuSqliteChange *self,
                            const char     *name)
{
  if (name == NULL)
    return;

  if (self->freed == NULL)
    self->freed = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->freed, g_strdup (name));
}

/* Finding */

/* Reads the record of the current row of a statement that gives AU_SQL_ROW. Fails with
 * AU_ERROR_DAMAGED, AU_ERROR_UNSUPPORTED or AU_ERROR_STORE.
 */
AuRecord *
au_sqlite_rows_read (AuSqliteConnection  *connection,
                     sqlite3_stmt        *statement,
                     GError             **error)
{
  gconstpointer data = sqlite3_column_blob (statement, AU_SQL_ROW_FORM);
  AuRecord *record;

  record = au_sqlite_form_read (connection->place,
                                data, sqlite3_column_bytes (statement, AU_SQL_ROW_FORM),
                                (guint32) sqlite3_column_int64 (statement, AU_SQL_ROW_CRC),
                                (const char *) sqlite3_column_text (statement, AU_SQL_ROW_ARGUMENTS_FILE),
                                (const char *) sqlite3_column_text (statement, AU_SQL_ROW_VALUE_FILE),
                                error);
  if (record == NULL)
    return NULL;

  /* One that stands where another belongs is as bad as one that cannot be read. */
  if (g_strcmp0 (au_record_get_key (record),
                 (const char *) sqlite3_column_text (statement, AU_SQL_ROW_KEY)) == 0 &&
      (gint64) au_record_get_revision (record) == sqlite3_column_int64 (statement, AU_SQL_ROW_REVISION))
    return record;

  au_record_unref (record);
  g_set_error_literal (error, AU_ERROR, AU_ERROR_DAMAGED, _("it is another record"));
  return NULL;
}

/* Finds the row that a text, its key or unique key, stands for. Returns FALSE only if the
 * database fails.
 */
gboolean
au_sqlite_rows_find (AuSqliteConnection  *connection,
                     AuSql                sql,
                     const char          *text,
                     AuSqliteRow         *row,
                     GError             **error)
{
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, sql, error);
  gboolean found;

  *row = (AuSqliteRow) { 0 };
  if (run == NULL)
    return FALSE;

  au_sqlite_bind_text (run, 1, text);
  if (!au_sqlite_connection_step (connection, run, &found, error))
    return FALSE;

  if (found)
    {
      row->id = sqlite3_column_int64 (run, AU_SQL_ROW_ID);
      row->record = au_sqlite_rows_read (connection, run, &row->wrong);
    }

  return TRUE;
}

/* Moves a row that cannot be read out of the way, and says so. */
static gboolean
set_aside (AuSqliteChange  *change,
           AuSqliteWriter  *writer,
           const char      *key,
           AuSqliteRow     *row,
           GError         **wrong,
           GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  const char *path = connection->place->path;
  sqlite3_stmt *statement = au_sqlite_connection_prepare (connection, AU_SQL_SET_ASIDE, error);
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_FIND_ID, error);
  gboolean found;

  if (statement == NULL || run == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, 1, row->id);
  sqlite3_bind_int64 (statement, 2, au_clock_get_real_time ());
  au_sqlite_bind_text (run, 1, key);
  if (!au_sqlite_connection_run (connection, statement, error) ||
      !au_sqlite_connection_step (connection, run, &found, error) ||
      !au_sqlite_rows_delete (change, writer, row->id, NULL, NULL, error) ||
      (found && !au_sqlite_line_make_room (change, writer, (const char *) sqlite3_column_text (run, 3),
                                           (const char *) sqlite3_column_text (run, 4), error)))
    return FALSE;

  au_sqlite_cache_forget (writer->cache, key);
  au_sqlite_writer_note (writer, change, key, 0);

  g_set_error (wrong, AU_ERROR, AU_ERROR_DAMAGED,
               _("The record of the computation “%s” is damaged (%s): it was moved to the table “damaged” of “%s”; submit it again"),
               key, row->wrong->message, path);
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
                    "AU_STORE", path,
                    "AU_KEY", key,
                    "MESSAGE", _("The record of the computation “%s” is damaged (%s), and was moved to the table “damaged” of “%s”"),
                    key, row->wrong->message, path);

  return TRUE;
}

/* Finds the row of a key, in a transaction. One that is damaged is moved out of the way.
 * If it was, or cannot be read for another reason, *wrong says so. Returns FALSE only if
 * the database fails.
 */
gboolean
au_sqlite_rows_find_sound (AuSqliteChange  *change,
                           AuSqliteWriter  *writer,
                           const char      *key,
                           AuSqliteRow     *row,
                           GError         **wrong,
                           GError         **error)
{
  gboolean fine;

  if (!au_sqlite_rows_find (&writer->connection, AU_SQL_FIND_BY_KEY, key, row, error))
    return FALSE;

  if (row->wrong == NULL)
    return TRUE;

  if (!g_error_matches (row->wrong, AU_ERROR, AU_ERROR_DAMAGED))
    {
      *wrong = g_steal_pointer (&row->wrong);
      return TRUE;
    }

  fine = set_aside (change, writer, key, row, wrong, error);
  au_sqlite_row_clear (row);
  return fine;
}

/* Writing */

/* One without a name is an owner too. */
static const char *
get_owner (AuRecord *record)
{
  const char *owner = au_record_get_owner (record);

  return owner != NULL ? owner : "?";
}

/* Binds what INSERT and UPDATE have in common. */
static void
bind_form (sqlite3_stmt *statement,
           AuRecord     *record,
           AuSqliteForm *form)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (form->bytes, &size);

  sqlite3_bind_int64 (statement, 1, au_record_get_revision (record));
  sqlite3_bind_int (statement, 2, au_record_get_status (record));
  sqlite3_bind_int64 (statement, 3, form->crc);
  sqlite3_bind_blob64 (statement, 4, data, size, SQLITE_STATIC);
  au_sqlite_bind_text (statement, 5, form->value_file);
}

static void
bind_life (sqlite3_stmt *statement,
           AuRecord     *record)
{
  au_sqlite_bind_time (statement, 6, !au_store_rules_is_terminal (record));
  au_sqlite_bind_time (statement, 7, au_record_get_expires (record));
}

/* What is in no queue stands nowhere. */
static void
bind_place (sqlite3_stmt *statement,
            AuRecord     *record,
            int           standing)
{
  gboolean running = standing == AU_STORE_STANDING_RUNNING;

  au_sqlite_bind_time (statement, 10, standing);
  if (standing != AU_STORE_STANDING_NOWHERE)
    sqlite3_bind_int64 (statement, 11, au_record_get_due (record));
  else
    sqlite3_bind_null (statement, 11);
  au_sqlite_bind_time (statement, 12, running ? au_record_get_lease_end (record) : 0);
  au_sqlite_bind_text (statement, 13, running ? get_owner (record) : NULL);
  au_sqlite_bind_time (statement, 14, running ? au_record_get_attempt (record) : 0);
}

/* Inserts a record, if neither its key nor its unique key is taken. */
gboolean
au_sqlite_rows_insert (AuSqliteChange  *change,
                       AuSqliteWriter  *writer,
                       AuRecord        *record,
                       AuSqliteForm    *form,
                       gboolean        *inserted,
                       GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  sqlite3_stmt *statement = au_sqlite_connection_prepare (connection, AU_SQL_INSERT, error);
  AuOptions *options = au_record_get_options (record);
  int standing;
  gint64 id;

  if (statement == NULL || !au_sqlite_line_find_standing (writer, record, &standing, error))
    return FALSE;

  bind_form (statement, record, form);
  bind_life (statement, record);
  bind_place (statement, record, standing);
  au_sqlite_bind_text (statement, 15, au_record_get_key (record));
  au_sqlite_bind_text (statement, 16, au_record_get_function (record));
  sqlite3_bind_int64 (statement, 17, au_record_get_created (record));
  au_sqlite_bind_text (statement, 18, au_options_get_queue (options));
  au_sqlite_bind_text (statement, 19, au_options_get_unique_key (options));
  au_sqlite_bind_text (statement, 20, form->arguments_file);
  sqlite3_bind_int (statement, 21, au_options_get_priority (options));
  au_sqlite_bind_text (statement, 22, au_options_get_concurrency_key (options));
  if (!au_sqlite_connection_run (connection, statement, error))
    return FALSE;

  *inserted = sqlite3_changes (connection->handle) == 1;
  if (!*inserted)
    return TRUE;

  AU_STORE_FAILPOINT ("row/inserted");
  id = sqlite3_last_insert_rowid (connection->handle);
  au_sqlite_cache_put (writer->cache, id, record);
  au_sqlite_writer_note (writer, change, au_record_get_key (record), au_record_get_revision (record));

  return au_sqlite_line_follow (change, writer, id, NULL, record, error);
}

/* The statement that sets what is another. */
static AuSql
choose_update (AuRecord *stored,
               AuRecord *record)
{
  gboolean same_life = au_store_rules_is_terminal (stored) == au_store_rules_is_terminal (record) &&
                       au_record_get_expires (stored) == au_record_get_expires (record);

  if (!au_store_standing_is_moved (stored, record))
    return same_life ? AU_SQL_UPDATE : AU_SQL_UPDATE_LIFE;

  return same_life ? AU_SQL_UPDATE_PLACE : AU_SQL_UPDATE_PLACE_LIFE;
}

/* Puts a record in the place of another one, if that is what the row still holds. */
gboolean
au_sqlite_rows_update (AuSqliteChange  *change,
                       AuSqliteWriter  *writer,
                       gint64           id,
                       AuRecord        *stored,
                       AuRecord        *record,
                       AuSqliteForm    *form,
                       gboolean        *updated,
                       GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  AuSql sql = choose_update (stored, record);
  sqlite3_stmt *statement = au_sqlite_connection_prepare (connection, sql, error);
  g_autoptr(AuRecord) before = au_record_ref (stored);  /* it may be the cache's */
  int standing;

  if (statement == NULL || !au_sqlite_line_find_standing (writer, record, &standing, error))
    return FALSE;

  /* those that the statement does not have are ignored */
  bind_form (statement, record, form);
  bind_life (statement, record);
  bind_place (statement, record, standing);
  sqlite3_bind_int64 (statement, 8, id);
  sqlite3_bind_int64 (statement, 9, au_record_get_revision (stored));
  if (!au_sqlite_connection_run (connection, statement, error))
    return FALSE;

  *updated = sqlite3_changes (connection->handle) == 1;
  if (!*updated)
    return TRUE;

  AU_STORE_FAILPOINT ("row/updated");
  au_sqlite_cache_put (writer->cache, id, record);
  au_sqlite_writer_note (writer, change, au_record_get_key (record), au_record_get_revision (record));

  return au_sqlite_line_follow (change, writer, id, before, record, error);
}

/* Writes the next record of a row that was found in this transaction. */
gboolean
au_sqlite_rows_go_on (AuSqliteChange  *change,
                      AuSqliteWriter  *writer,
                      gint64           id,
                      AuRecord        *stored,
                      AuRecord        *next,
                      GError         **error)
{
  AuSqliteForm form;
  gboolean updated, fine;

  if (!au_sqlite_form_init (&form, writer->connection.place, next, FALSE, error))
    return FALSE;

  fine = au_sqlite_rows_update (change, writer, id, stored, next, &form, &updated, error);
  au_sqlite_form_clear (&form);

  return fine;
}

/* Deletes a row and its items, and notes the files of their large values. */
gboolean
au_sqlite_rows_delete (AuSqliteChange  *change,
                       AuSqliteWriter  *writer,
                       gint64           id,
                       const char      *arguments_file,
                       const char      *value_file,
                       GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  sqlite3_stmt *statement = au_sqlite_connection_prepare (connection, AU_SQL_DELETE, error);
  g_autoptr(AuSqliteRun) items = au_sqlite_connection_prepare (connection, AU_SQL_DELETE_ITEMS, error);
  gboolean more = TRUE;

  if (statement == NULL || items == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, 1, id);
  if (!au_sqlite_connection_run (connection, statement, error))
    return FALSE;

  au_sqlite_change_free_file (change, arguments_file);
  au_sqlite_change_free_file (change, value_file);

  sqlite3_bind_int64 (items, 1, id);
  while (more)
    {
      if (!au_sqlite_connection_step (connection, items, &more, error))
        return FALSE;
      if (more)
        au_sqlite_change_free_file (change, (const char *) sqlite3_column_text (items, 0));
    }

  return TRUE;
}
