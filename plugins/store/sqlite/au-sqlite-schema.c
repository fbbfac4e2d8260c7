/* au-sqlite-schema.c: the tables of the SQLite store, and how older ones become newer
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-connection-private.h"

#include <glib/gi18n-lib.h>

/* Before anything is in the file: they cannot be changed later. */
static const char first_settings[] =
  "PRAGMA auto_vacuum=INCREMENTAL;";

/* What makes a database of version N out of one of version N-1. One that has been
 * released is never changed; the newest has the columns as they are used today.
 *
 * Rows are found by the whole record in “form”; the other columns repeat what is needed
 * to find them. Those that a worker or a list of what is under way looks for are in
 * indexes of their own, which what has ended is not in.
 */
static const char *const steps[] = {
  "CREATE TABLE record ("
  " id INTEGER PRIMARY KEY,"
  " key TEXT NOT NULL UNIQUE,"
  " revision INTEGER NOT NULL,"
  " status INTEGER NOT NULL,"
  " live INTEGER,"               /* 1 until it has ended */
  " created INTEGER NOT NULL,"
  " expires INTEGER,"
  " function TEXT NOT NULL,"
  " queue TEXT,"
  " place INTEGER,"              /* of AuStoreStanding or AuSqliteStanding */
  " priority INTEGER,"
  " due INTEGER,"
  " lease INTEGER,"              /* the end of it; renewals are only here */
  " owner TEXT,"
  " attempt INTEGER,"
  " concurrency_key TEXT,"
  " unique_key TEXT,"
  " arguments_file TEXT,"        /* the file of a large value, which is not in form */
  " value_file TEXT,"
  " crc INTEGER NOT NULL,"       /* of form */
  " form BLOB NOT NULL) STRICT;"
  "CREATE INDEX record_live ON record (key) WHERE live = 1;"
  "CREATE INDEX record_unsuccessful ON record (key) WHERE status > 2;"
  "CREATE UNIQUE INDEX record_unique ON record (unique_key) WHERE unique_key IS NOT NULL AND live = 1;"
  "CREATE INDEX record_expires ON record (expires) WHERE expires IS NOT NULL;"
  "CREATE INDEX record_ready ON record (queue, priority DESC, id) WHERE place = 1;"
  "CREATE INDEX record_scheduled ON record (queue, due) WHERE place = 2;"
  "CREATE INDEX record_running ON record (owner, lease) WHERE place = 3;"
  "CREATE INDEX record_arguments_file ON record (arguments_file) WHERE arguments_file IS NOT NULL;"
  "CREATE INDEX record_value_file ON record (value_file) WHERE value_file IS NOT NULL;"

  "CREATE TABLE item ("
  " record INTEGER NOT NULL,"
  " number INTEGER NOT NULL,"
  " attempt INTEGER NOT NULL,"
  " file TEXT,"
  " form BLOB,"
  " PRIMARY KEY (record, number)) STRICT, WITHOUT ROWID;"
  "CREATE INDEX item_file ON item (file) WHERE file IS NOT NULL;"

  /* that a computation, by its key, has to complete before the one of a row may start */
  "CREATE TABLE awaited ("
  " key TEXT NOT NULL,"
  " record INTEGER NOT NULL,"
  " PRIMARY KEY (key, record)) STRICT, WITHOUT ROWID;"
  "CREATE INDEX awaited_record ON awaited (record);"

  /* limits under which somebody found no room */
  "CREATE TABLE blocked (name TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;"
  "CREATE TABLE paused (queue TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;"
  "CREATE TABLE worker (id TEXT NOT NULL PRIMARY KEY, form BLOB NOT NULL) STRICT, WITHOUT ROWID;"

  "CREATE TABLE damaged ("
  " found INTEGER NOT NULL,"
  " key TEXT NOT NULL,"
  " arguments_file TEXT,"
  " value_file TEXT,"
  " crc INTEGER,"
  " form BLOB) STRICT;",

  /* what is listed of one queue lies among all that has ended in others */
  "CREATE INDEX record_queue ON record (queue, key) WHERE queue IS NOT NULL;",

  /* what a limit leaves no room for is put aside, and found again when it does */
  "CREATE INDEX record_full_function ON record (function, queue, priority DESC, id) WHERE place = 5;"
  "CREATE INDEX record_full_key ON record (concurrency_key, queue, priority DESC, id) WHERE place = 6;"
  "DELETE FROM blocked;",
};

G_STATIC_ASSERT (AU_STATUS_PENDING < 2 && AU_STATUS_RUNNING < 2 && AU_STATUS_COMPLETED == 2 &&
                 AU_STATUS_FAILED > 2 && AU_STATUS_CANCELLED > 2);

static gboolean
read_number (AuSqliteConnection  *self,
             const char          *sql,
             gint64              *number,
             GError             **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean fine = sqlite3_prepare_v2 (self->handle, sql, -1, &statement, NULL) == SQLITE_OK &&
                  sqlite3_step (statement) == SQLITE_ROW;

  if (fine)
    *number = sqlite3_column_int64 (statement, 0);
  else
    au_sqlite_connection_fail (self, error);
  sqlite3_finalize (statement);

  return fine;
}

/* Brings the tables up to date, all or nothing. */
static gboolean
migrate (AuSqliteConnection  *self,
         guint                version,
         GError             **error)
{
  g_autofree char *mark = g_strdup_printf ("PRAGMA application_id=%d; PRAGMA user_version=%u;",
                                           AU_SQLITE_APPLICATION_ID, (guint) G_N_ELEMENTS (steps));

  if (!au_sqlite_connection_exec (self, "BEGIN IMMEDIATE", error))
    return FALSE;

  for (guint i = version; i < G_N_ELEMENTS (steps); i++)
    {
      if (!au_sqlite_connection_exec (self, steps[i], error))
        goto failed;
    }

  if (au_sqlite_connection_exec (self, mark, error) &&
      au_sqlite_connection_exec (self, "COMMIT", error))
    return TRUE;

failed:
  sqlite3_exec (self->handle, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

/* Makes the tables, or brings those of an older au up to date. The caller has the ticket,
 * unless the database cannot be written.
 */
gboolean
au_sqlite_schema_ensure (AuSqliteConnection  *self,
                         GError             **error)
{
  gint64 id, version, n_tables;

  if (!read_number (self, "PRAGMA application_id", &id, error) ||
      !read_number (self, "PRAGMA user_version", &version, error) ||
      !read_number (self, "SELECT count(*) FROM sqlite_schema", &n_tables, error))
    return FALSE;

  if (id == 0 && version == 0 && n_tables == 0)
    return au_sqlite_connection_exec (self, first_settings, error) &&
           au_sqlite_connection_exec (self, "PRAGMA journal_mode=WAL", error) &&
           migrate (self, 0, error);

  if (id != AU_SQLITE_APPLICATION_ID)
    return au_sqlite_place_fail_foreign (self->place, error);

  if (version > (gint64) G_N_ELEMENTS (steps))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
                   _("The database “%s” is of version %u, and this au reads up to version %u: use a newer au"),
                   self->place->path, (guint) MIN (version, G_MAXUINT), (guint) G_N_ELEMENTS (steps));
      return FALSE;
    }

  if (self->place->read_only != 0)
    return version == (gint64) G_N_ELEMENTS (steps) ||
           au_sqlite_place_fail (self->place, "", self->place->read_only, error);

  return au_sqlite_connection_exec (self, "PRAGMA journal_mode=WAL", error) &&
         (version == (gint64) G_N_ELEMENTS (steps) || migrate (self, version, error));
}
