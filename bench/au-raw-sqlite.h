/* au-raw-sqlite.h: what the store “sqlite” does, by hand
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>
#include <sqlite3.h>

#include "../plugins/store/sqlite/au-sqlite-sql-private.h"

G_BEGIN_DECLS

#define AU_RAW_LEASE (60 * G_TIME_SPAN_SECOND)

/* The statements that the store runs, in a loop, with the same settings, on a database of
 * the same tables: nothing is read, written or checked of what they carry. */
typedef struct
{
  sqlite3      *handle;
  sqlite3_stmt *statements[AU_SQL_N_STATEMENTS];
  GBytes       *form;
  guint64       serial;
  gboolean      power;
  gboolean      syncs;
} AuRaw;

/* The tables are there already. */
void  au_raw_open   (AuRaw      *self,
                     const char *path,
                     gboolean    power,
                     AuRecord   *record);
void  au_raw_close  (AuRaw      *self);

sqlite3_stmt *au_raw_get (AuRaw *self,
                          AuSql  sql);

/* Each is one transaction. */
void  au_raw_submit (AuRaw      *self,
                     guint       n);
guint au_raw_claim  (AuRaw      *self,
                     gint64     *ids,
                     guint       n);
void  au_raw_finish (AuRaw      *self,
                     gint64     *ids,
                     guint       n);

G_END_DECLS
