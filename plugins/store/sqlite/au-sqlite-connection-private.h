/* au-sqlite-connection-private.h: one connection to a database
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-place-private.h"
#include "au-sqlite-sql-private.h"

#include <sqlite3.h>

G_BEGIN_DECLS

/* AuSqliteConnection: used by one thread at a time. */
typedef struct
{
  AuSqlitePlace *place;
  sqlite3       *handle;
  sqlite3_stmt  *statements[AU_SQL_N_STATEMENTS];   /* prepared when first used */
} AuSqliteConnection;

typedef enum
{
  AU_SQLITE_READER,
  AU_SQLITE_WRITER,
} AuSqliteRole;

gboolean      au_sqlite_connection_open    (AuSqliteConnection  *self,
                                            AuSqlitePlace       *place,
                                            AuSqliteRole         role,
                                            GError             **error);
void          au_sqlite_connection_close   (AuSqliteConnection  *self);

gboolean      au_sqlite_connection_exec    (AuSqliteConnection  *self,
                                            const char          *sql,
                                            GError             **error);
gboolean      au_sqlite_connection_fail    (AuSqliteConnection  *self,
                                            GError             **error);
sqlite3_stmt *au_sqlite_connection_prepare (AuSqliteConnection  *self,
                                            AuSql                sql,
                                            GError             **error);
gboolean      au_sqlite_connection_step    (AuSqliteConnection  *self,
                                            sqlite3_stmt        *statement,
                                            gboolean            *row,
                                            GError             **error);
gboolean      au_sqlite_connection_run     (AuSqliteConnection  *self,
                                            sqlite3_stmt        *statement,
                                            GError             **error);

gboolean      au_sqlite_schema_ensure      (AuSqliteConnection  *self,
                                            GError             **error);

/* A statement that is being run; at its end it is ready to be run again. */
typedef sqlite3_stmt AuSqliteRun;

static inline void
au_sqlite_run_end (AuSqliteRun *self)
{
  sqlite3_reset (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuSqliteRun, au_sqlite_run_end)

/* Text and bytes are bound without a copy: they must stay until the statement has run. */
static inline void
au_sqlite_bind_text (sqlite3_stmt *statement,
                     int           index,
                     const char   *text)
{
  sqlite3_bind_text (statement, index, text, -1, SQLITE_STATIC);
}

static inline void
au_sqlite_bind_time (sqlite3_stmt *statement,
                     int           index,
                     gint64        time)
{
  if (time != 0)
    sqlite3_bind_int64 (statement, index, time);
  else
    sqlite3_bind_null (statement, index);
}

G_END_DECLS
