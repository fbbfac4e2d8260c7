/* au-sqlite-sql.c: the statements of the SQLite store
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-sql-private.h"

/* Numbers of parameters are the same in INSERT and in both UPDATEs, so that one function
 * binds them. An UPDATE touches only the indexes of the columns that it sets, whether or
 * not their values change: so those that begin or end a life have one of their own.
 */
static const char *const texts[AU_SQL_N_STATEMENTS] = {
  [AU_SQL_BEGIN] = "BEGIN IMMEDIATE",
  [AU_SQL_COMMIT] = "COMMIT",
  [AU_SQL_ROLLBACK] = "ROLLBACK",

  [AU_SQL_FIND_BY_KEY] =
    "SELECT " AU_SQL_ROW " FROM record WHERE key = ?1",
  [AU_SQL_FIND_ID] = "SELECT id, arguments_file, value_file FROM record WHERE key = ?1",
  [AU_SQL_FIND_BY_UNIQUE_KEY] =
    "SELECT " AU_SQL_ROW " FROM record INDEXED BY record_unique WHERE unique_key = ?1 AND live = 1",
  [AU_SQL_FIND_HOLDER] =
    "SELECT key FROM record INDEXED BY record_unique WHERE unique_key = ?1 AND live = 1",
  [AU_SQL_INSERT] =
    "INSERT INTO record (revision, status, crc, form, value_file, live, expires,"
    " key, function, created, queue, unique_key, arguments_file)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
    " ON CONFLICT DO NOTHING",
  [AU_SQL_UPDATE] =
    "UPDATE record SET revision = ?1, status = ?2, crc = ?3, form = ?4, value_file = ?5"
    " WHERE id = ?8 AND revision = ?9",
  [AU_SQL_UPDATE_LIFE] =
    "UPDATE record SET revision = ?1, status = ?2, crc = ?3, form = ?4, value_file = ?5,"
    " live = ?6, expires = ?7"
    " WHERE id = ?8 AND revision = ?9",
  [AU_SQL_DELETE] = "DELETE FROM record WHERE id = ?1",
  [AU_SQL_SET_ASIDE] =
    "INSERT INTO damaged (found, key, arguments_file, value_file, crc, form)"
    " SELECT ?2, key, arguments_file, value_file, crc, form FROM record WHERE id = ?1",

  [AU_SQL_FIND_EXPIRED] =
    "SELECT id, arguments_file, value_file FROM record INDEXED BY record_expires"
    " WHERE expires <= ?1 LIMIT ?2",
  [AU_SQL_FIND_ENDED] =
    "SELECT id, arguments_file, value_file FROM record"
    " WHERE id > ?1 AND live IS NULL ORDER BY id LIMIT ?2",
  [AU_SQL_COUNT_ALL] = "SELECT count(*) FROM record",

  [AU_SQL_FIND_LAST_ITEM] =
    "SELECT number, attempt FROM item WHERE record = ?1 ORDER BY number DESC LIMIT 1",
  [AU_SQL_FIND_ITEM] = "SELECT file, form FROM item WHERE record = ?1 AND number = ?2",
  [AU_SQL_INSERT_ITEM] =
    "INSERT INTO item (record, number, attempt, file, form) VALUES (?1, ?2, ?3, ?4, ?5)",
  [AU_SQL_DELETE_ITEMS] = "DELETE FROM item WHERE record = ?1 RETURNING file",
  [AU_SQL_LIST_ITEMS] =
    "SELECT file, form FROM item WHERE record = ?1 AND number >= ?2 ORDER BY number LIMIT ?3",

  [AU_SQL_FIND_FILE] =
    "SELECT 1 FROM record WHERE arguments_file = ?1 UNION ALL"
    " SELECT 1 FROM record WHERE value_file = ?1 UNION ALL"
    " SELECT 1 FROM item WHERE file = ?1 UNION ALL"
    " SELECT 1 FROM damaged WHERE arguments_file = ?1 OR value_file = ?1",
};

const char *
au_sql_get_text (AuSql sql)
{
  return texts[sql];
}
