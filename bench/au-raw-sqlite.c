/* au-raw-sqlite.c: what the store “sqlite” does, by hand
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-raw-sqlite.h"

#include "../plugins/store/shared/au-store-standing-private.h"

sqlite3_stmt *
au_raw_get (AuRaw *self,
         AuSql  sql)
{
  if (self->statements[sql] == NULL &&
      sqlite3_prepare_v3 (self->handle, au_sql_get_text (sql), -1, SQLITE_PREPARE_PERSISTENT,
                          &self->statements[sql], NULL) != SQLITE_OK)
    g_error ("%s", sqlite3_errmsg (self->handle));

  return self->statements[sql];
}

static void
raw_step (AuRaw *self,
          AuSql sql)
{
  sqlite3_stmt *statement = au_raw_get (self, sql);
  int code = sqlite3_step (statement);

  if (code != SQLITE_DONE && code != SQLITE_ROW)
    g_error ("%s", sqlite3_errmsg (self->handle));
  sqlite3_reset (statement);
}

/* A claim need not be on the disk, as in the store. */
static void
begin (AuRaw    *self,
       gboolean  sync)
{
  sync = sync && self->power;
  if (sync != self->syncs)
    sqlite3_exec (self->handle, sync ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", NULL, NULL, NULL);
  self->syncs = sync;
  raw_step (self, AU_SQL_BEGIN);
}

static void
raw_bind_form (AuRaw        *self,
               sqlite3_stmt *statement,
               gint64        revision,
               int           status)
{
  gsize size;
  gconstpointer form = g_bytes_get_data (self->form, &size);

  sqlite3_bind_int64 (statement, 1, revision);
  sqlite3_bind_int (statement, 2, status);
  sqlite3_bind_int64 (statement, 3, 0x12345678);
  sqlite3_bind_blob (statement, 4, form, size, SQLITE_STATIC);
}

static void
raw_insert (AuRaw *self)
{
  sqlite3_stmt *statement = au_raw_get (self, AU_SQL_INSERT);
  char key[32];

  g_snprintf (key, sizeof key, "%026" G_GUINT64_FORMAT, self->serial++);
  raw_bind_form (self, statement, 1, AU_STATUS_PENDING);
  sqlite3_bind_int (statement, 6, 1);
  sqlite3_bind_int (statement, 10, AU_STORE_STANDING_READY);
  sqlite3_bind_int64 (statement, 11, 0);
  sqlite3_bind_text (statement, 15, key, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 16, "bench", -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 17, g_get_real_time ());
  sqlite3_bind_text (statement, 18, "q", -1, SQLITE_STATIC);
  sqlite3_bind_int (statement, 21, 0);
  raw_step (self, AU_SQL_INSERT);
}

void
au_raw_submit (AuRaw *self,
               guint  n)
{
  begin (self, TRUE);
  for (guint i = 0; i < n; i++)
    raw_insert (self);
  raw_step (self, AU_SQL_COMMIT);
}

guint
au_raw_claim (AuRaw  *self,
              gint64 *ids,
              guint   n)
{
  guint n_found;
  sqlite3_stmt *ready = au_raw_get (self, AU_SQL_FIND_READY);
  sqlite3_stmt *update = au_raw_get (self, AU_SQL_UPDATE_PLACE);

  begin (self, FALSE);
  sqlite3_bind_text (ready, 1, "q", -1, SQLITE_STATIC);
  for (n_found = 0; n_found < n && sqlite3_step (ready) == SQLITE_ROW; n_found++)
    {
      ids[n_found] = sqlite3_column_int64 (ready, AU_SQL_ROW_ID);
      sqlite3_column_blob (ready, AU_SQL_ROW_FORM);
    }
  sqlite3_reset (ready);

  for (guint i = 0; i < n_found; i++)
    {
      raw_bind_form (self, update, 2, AU_STATUS_RUNNING);
      sqlite3_bind_int64 (update, 8, ids[i]);
      sqlite3_bind_int64 (update, 9, 1);
      sqlite3_bind_int (update, 10, AU_STORE_STANDING_RUNNING);
      sqlite3_bind_int64 (update, 11, 0);
      sqlite3_bind_int64 (update, 12, g_get_real_time () + AU_RAW_LEASE);
      sqlite3_bind_text (update, 13, au_owner_get_own (), -1, SQLITE_STATIC);
      sqlite3_bind_int (update, 14, 1);
      raw_step (self, AU_SQL_UPDATE_PLACE);
    }
  raw_step (self, AU_SQL_COMMIT);

  return n_found;
}

void
au_raw_finish (AuRaw  *self,
               gint64 *ids,
               guint   n)
{
  sqlite3_stmt *update = au_raw_get (self, AU_SQL_UPDATE_PLACE_LIFE);

  begin (self, TRUE);
  for (guint i = 0; i < n; i++)
    {
      raw_bind_form (self, update, 3, AU_STATUS_COMPLETED);
      sqlite3_bind_int64 (update, 8, ids[i]);
      sqlite3_bind_int64 (update, 9, 2);
      raw_step (self, AU_SQL_UPDATE_PLACE_LIFE);
    }
  raw_step (self, AU_SQL_COMMIT);
}

void
au_raw_open (AuRaw      *self,
             const char *path,
             gboolean    power,
             AuRecord   *record)
{
  *self = (AuRaw) { .power = power, .syncs = TRUE, .form = au_record_to_bytes (record) };
  if (sqlite3_open_v2 (path, &self->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
    g_error ("%s", path);

  sqlite3_busy_timeout (self->handle, 10000);
  sqlite3_exec (self->handle,
                "PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;"
                "PRAGMA wal_autocheckpoint=4000; PRAGMA secure_delete=OFF;"
                "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;",
                NULL, NULL, NULL);
}

void
au_raw_close (AuRaw *self)
{
  for (guint i = 0; i < AU_SQL_N_STATEMENTS; i++)
    sqlite3_finalize (self->statements[i]);
  sqlite3_close (self->handle);
  g_bytes_unref (self->form);
}
