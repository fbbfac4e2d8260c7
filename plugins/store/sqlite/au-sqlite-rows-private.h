/* au-sqlite-rows-private.h: records in the rows of a table
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-form-private.h"
#include "au-sqlite-writer-private.h"

G_BEGIN_DECLS

/* AuSqliteRow: what a writer has found in a row. */
typedef struct
{
  gint64    id;             /* 0 if there is no such row */
  AuRecord *record;         /* NULL if it could not be read */
  GError   *wrong;          /* why not */
} AuSqliteRow;

void      au_sqlite_row_clear       (AuSqliteRow         *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AuSqliteRow, au_sqlite_row_clear)

AuRecord *au_sqlite_rows_read       (AuSqliteConnection  *connection,
                                     sqlite3_stmt        *statement,
                                     GError             **error);
gboolean  au_sqlite_rows_find       (AuSqliteConnection  *connection,
                                     AuSql                sql,
                                     const char          *text,
                                     AuSqliteRow         *row,
                                     GError             **error);
gboolean  au_sqlite_rows_find_sound (AuSqliteChange      *change,
                                     AuSqliteWriter      *writer,
                                     const char          *key,
                                     AuSqliteRow         *row,
                                     GError             **wrong,
                                     GError             **error);

gboolean  au_sqlite_rows_insert     (AuSqliteChange      *change,
                                     AuSqliteWriter      *writer,
                                     AuRecord            *record,
                                     AuSqliteForm        *form,
                                     gboolean            *inserted,
                                     GError             **error);
gboolean  au_sqlite_rows_update     (AuSqliteChange      *change,
                                     AuSqliteWriter      *writer,
                                     gint64               id,
                                     AuRecord            *stored,
                                     AuRecord            *record,
                                     AuSqliteForm        *form,
                                     gboolean            *updated,
                                     GError             **error);
gboolean  au_sqlite_rows_go_on      (AuSqliteChange      *change,
                                     AuSqliteWriter      *writer,
                                     gint64               id,
                                     AuRecord            *stored,
                                     AuRecord            *next,
                                     GError             **error);
gboolean  au_sqlite_rows_delete     (AuSqliteChange      *change,
                                     AuSqliteWriter      *writer,
                                     gint64               id,
                                     const char          *arguments_file,
                                     const char          *value_file,
                                     GError             **error);

void      au_sqlite_change_free_file (AuSqliteChange     *self,
                                      const char         *name);

G_END_DECLS
