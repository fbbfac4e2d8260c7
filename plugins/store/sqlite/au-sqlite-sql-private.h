/* au-sqlite-sql-private.h: the statements of the SQLite store
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Those that are run again and again; each connection prepares one when it first needs
 * it.
 */
typedef enum
{
  AU_SQL_BEGIN,
  AU_SQL_BEGIN_READING,
  AU_SQL_COMMIT,
  AU_SQL_ROLLBACK,

  AU_SQL_FIND_BY_KEY,
  AU_SQL_FIND_BY_ID,
  AU_SQL_FIND_ID,
  AU_SQL_FIND_BY_UNIQUE_KEY,
  AU_SQL_FIND_HOLDER,
  AU_SQL_INSERT,
  AU_SQL_UPDATE,
  AU_SQL_UPDATE_LIFE,
  AU_SQL_UPDATE_PLACE,
  AU_SQL_UPDATE_PLACE_LIFE,
  AU_SQL_DELETE,
  AU_SQL_SET_ASIDE,

  AU_SQL_FIND_EXPIRED,
  AU_SQL_FIND_ENDED,
  AU_SQL_COUNT_ALL,

  AU_SQL_FIND_LAST_ITEM,
  AU_SQL_FIND_ITEM,
  AU_SQL_INSERT_ITEM,
  AU_SQL_DELETE_ITEMS,
  AU_SQL_LIST_ITEMS,

  AU_SQL_FIND_FILE,

  AU_SQL_FIND_WAITING,
  AU_SQL_FIND_AWAITED,
  AU_SQL_INSERT_AWAITED,
  AU_SQL_DELETE_AWAITED,
  AU_SQL_DELETE_WAITING,
  AU_SQL_LET_GO,
  AU_SQL_LOOK_ROUND,
  AU_SQL_PROMOTE,
  AU_SQL_PEEK,
  AU_SQL_FIND_READY,
  AU_SQL_FIND_FULL_FUNCTION,
  AU_SQL_FIND_ASIDE,
  AU_SQL_FIND_FULL_KEY,
  AU_SQL_PUT_ASIDE,
  AU_SQL_COUNT_RUNNING,
  AU_SQL_FIND_BLOCKED,
  AU_SQL_INSERT_BLOCKED,
  AU_SQL_DELETE_BLOCKED,
  AU_SQL_RENEW,
  AU_SQL_FIND_OWNER,
  AU_SQL_FIND_OVERDUE,
  AU_SQL_FIND_LOST,
  AU_SQL_FIND_PAUSED,
  AU_SQL_INSERT_PAUSED,
  AU_SQL_DELETE_PAUSED,
  AU_SQL_LIST_PAUSED,
  AU_SQL_INSERT_WORKER,
  AU_SQL_DELETE_WORKER,
  AU_SQL_LIST_WORKERS,

  AU_SQL_N_STATEMENTS
} AuSql;

const char *au_sql_get_text (AuSql sql);

/* The columns of a row, as every statement that reads whole ones gives them. */
#define AU_SQL_ROW "id, revision, crc, arguments_file, value_file, form, key"

/* And those that say what comes when, where that is asked for. */
#define AU_SQL_ORDERED_ROW AU_SQL_ROW ", priority, function, concurrency_key"

typedef enum
{
  AU_SQL_ROW_ID,
  AU_SQL_ROW_REVISION,
  AU_SQL_ROW_CRC,
  AU_SQL_ROW_ARGUMENTS_FILE,
  AU_SQL_ROW_VALUE_FILE,
  AU_SQL_ROW_FORM,
  AU_SQL_ROW_KEY,
  AU_SQL_ROW_PRIORITY,
  AU_SQL_ROW_FUNCTION,
  AU_SQL_ROW_CONCURRENCY_KEY,
} AuSqlRow;

G_END_DECLS
