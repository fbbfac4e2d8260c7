/* au-sqlite-connection.c: one connection to a database
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-connection-private.h"

#include "au-sqlite-holder-private.h"

#include <glib/gi18n-lib.h>

/* Programs of au wait for each other elsewhere; this is for all others, such as the
 * shell of SQLite.
 */
#define BUSY_SECONDS (10)

/* secure_delete is on in Debian's SQLite, and would write each removed row once more. */
static const char common_settings[] =
  "PRAGMA trusted_schema=OFF;"
  "PRAGMA secure_delete=OFF;"
  "PRAGMA temp_store=MEMORY;";

/* A log of 4000 pages, 16 MB, is written back by the next commit. */
static const char writer_settings[] =
  "PRAGMA cache_size=-16000;"
  "PRAGMA wal_autocheckpoint=4000;"
  "PRAGMA journal_size_limit=33554432;";

static const char reader_settings[] =
  "PRAGMA query_only=ON;";

static void
set_busy_error (const char  *path,
                GError     **error)
{
  g_autofree char *holder = au_sqlite_holder_find (path);

  if (holder != NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                 _("The database “%s” was locked for more than %d seconds by the process %s, which is not of au: end it"),
                 path, BUSY_SECONDS, holder);
  else
    g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                 _("The database “%s” was locked for more than %d seconds by a program that is not of au: end that one"),
                 path, BUSY_SECONDS);
}

/* Turns what SQLite says into an error. Returns FALSE. */
gboolean
au_sqlite_connection_fail (AuSqliteConnection  *self,
                           GError             **error)
{
  int code = self->handle != NULL ? sqlite3_extended_errcode (self->handle) : SQLITE_NOMEM;
  int reason = self->handle != NULL ? sqlite3_system_errno (self->handle) : 0;
  const char *path = self->place->path;
  const char *text = self->handle != NULL ? sqlite3_errmsg (self->handle) : sqlite3_errstr (code);

  switch (code & 0xff)
    {
    case SQLITE_FULL:
      g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                   _("The database “%s” cannot be written, as its disk is full: free some space there"),
                   path);
      break;

    case SQLITE_READONLY:
      g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                   _("The database “%s” cannot be written: it, its folder or its file system is read-only"),
                   path);
      break;

    case SQLITE_CORRUPT:
      g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                   _("The database “%s” is damaged (%s): keep it, and take what is left with “sqlite3 '%s' .recover”"),
                   path, text, path);
      break;

    case SQLITE_NOTADB:
      g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                   _("The file “%s” is no database of SQLite: use another path"), path);
      break;

    case SQLITE_BUSY:
      set_busy_error (path, error);
      break;

    default:
      /* Here the last error of the system is one of something else. */
      if (code == SQLITE_IOERR_SHORT_READ)
        g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                     _("The database “%s” or its log was cut short: end all programs that use it, and start this one again"),
                     path);
      else if ((code & 0xff) == SQLITE_IOERR)
        g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                     _("The database “%s” cannot be used: %s: look what the log of the system says of its disk"),
                     path, reason != 0 ? g_strerror (reason) : text);
      else if (reason != 0)
        g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                     _("The database “%s” cannot be used: %s (%s)"), path, text, g_strerror (reason));
      else
        g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                     _("The database “%s” cannot be used: %s"), path, text);
    }

  return FALSE;
}

gboolean
au_sqlite_connection_exec (AuSqliteConnection  *self,
                           const char          *sql,
                           GError             **error)
{
  return sqlite3_exec (self->handle, sql, NULL, NULL, NULL) == SQLITE_OK ||
         au_sqlite_connection_fail (self, error);
}

sqlite3_stmt *
au_sqlite_connection_prepare (AuSqliteConnection  *self,
                              AuSql                sql,
                              GError             **error)
{
  if (G_UNLIKELY (self->statements[sql] == NULL) &&
      sqlite3_prepare_v3 (self->handle, au_sql_get_text (sql), -1, SQLITE_PREPARE_PERSISTENT,
                          &self->statements[sql], NULL) != SQLITE_OK)
    au_sqlite_connection_fail (self, error);

  return self->statements[sql];
}

/* Goes on to the next row; *row says whether there is one. */
gboolean
au_sqlite_connection_step (AuSqliteConnection  *self,
                           sqlite3_stmt        *statement,
                           gboolean            *row,
                           GError             **error)
{
  int code = sqlite3_step (statement);

  *row = code == SQLITE_ROW;

  return code == SQLITE_ROW || code == SQLITE_DONE || au_sqlite_connection_fail (self, error);
}

/* Runs a statement that gives no rows. */
gboolean
au_sqlite_connection_run (AuSqliteConnection  *self,
                          sqlite3_stmt        *statement,
                          GError             **error)
{
  gboolean fine = sqlite3_step (statement) == SQLITE_DONE || au_sqlite_connection_fail (self, error);

  sqlite3_reset (statement);
  return fine;
}

/* Opens a database on a disk that cannot be written: with the log that lies beside it,
 * if there is one, and else in the trust that nobody else can write it either.
 */
static gboolean
open_read_only (AuSqliteConnection *self)
{
  g_autofree char *escaped = NULL;
  g_autofree char *uri = NULL;

  if (sqlite3_open_v2 (self->place->path, &self->handle,
                       SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
      sqlite3_exec (self->handle, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;

  if (sqlite3_errcode (self->handle) != SQLITE_CANTOPEN)
    return FALSE;

  sqlite3_close (self->handle);
  escaped = g_uri_escape_string (self->place->path, "/", FALSE);
  uri = g_strconcat ("file:", escaped, "?immutable=1", NULL);

  return sqlite3_open_v2 (uri, &self->handle,
                          SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI,
                          NULL) == SQLITE_OK;
}

static gboolean
open_handle (AuSqliteConnection *self)
{
  if (self->place->read_only != 0)
    return open_read_only (self);

  return sqlite3_open_v2 (self->place->path, &self->handle,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK;
}

gboolean
au_sqlite_connection_open (AuSqliteConnection  *self,
                           AuSqlitePlace       *place,
                           AuSqliteRole         role,
                           GError             **error)
{
  *self = (AuSqliteConnection) { .place = place };

  if (open_handle (self) &&
      sqlite3_extended_result_codes (self->handle, TRUE) == SQLITE_OK &&
      sqlite3_busy_timeout (self->handle, BUSY_SECONDS * 1000) == SQLITE_OK &&
      au_sqlite_connection_exec (self, common_settings, NULL) &&
      au_sqlite_connection_exec (self, role == AU_SQLITE_WRITER ? writer_settings : reader_settings,
                                 NULL))
    return TRUE;

  au_sqlite_connection_fail (self, error);
  au_sqlite_connection_close (self);
  return FALSE;
}

void
au_sqlite_connection_close (AuSqliteConnection *self)
{
  for (guint i = 0; i < AU_SQL_N_STATEMENTS; i++)
    {
      sqlite3_finalize (self->statements[i]);
      self->statements[i] = NULL;
    }

  sqlite3_close (self->handle);
  self->handle = NULL;
}
