/* au-sqlite-line-private.h: what waits in queues, for what, and what runs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-writer-private.h"

G_BEGIN_DECLS

/* Where a computation of a queue is while there is no room for it, in addition to what
 * AuStoreStanding has. Its record says that it is ready.
 *
 * What waits for its function is found by every claim, each of which may have limits of its
 * own. What waits for others of its concurrency key is made ready by them: so that is put
 * aside only while one of them runs, or is ready and in the way.
 */
typedef enum
{
  AU_SQLITE_STANDING_FULL_FUNCTION = 5,
  AU_SQLITE_STANDING_FULL_KEY = 6,
} AuSqliteStanding;

gboolean au_sqlite_line_find_standing (AuSqliteWriter *writer,
                                       AuRecord       *record,
                                       int            *standing,
                                       GError        **error);
gboolean au_sqlite_line_make_room (AuSqliteChange *change,
                                   AuSqliteWriter *writer,
                                   const char     *function,
                                   const char     *concurrency_key,
                                   GError        **error);

gboolean au_sqlite_line_follow (AuSqliteChange  *change,
                                AuSqliteWriter  *writer,
                                gint64           id,
                                AuRecord        *before,
                                AuRecord        *record,
                                GError         **error);
gboolean au_sqlite_line_forget (AuSqliteChange  *change,
                                AuSqliteWriter  *writer,
                                gint64           id,
                                const char      *key,
                                const char      *function,
                                const char      *concurrency_key,
                                GError         **error);
void     au_sqlite_line_drop   (AuSqliteWriter  *writer);

G_END_DECLS
