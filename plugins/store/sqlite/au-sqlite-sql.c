/* au-sqlite-sql.c: the statements of the SQLite store
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-sql-private.h"

/* Numbers of parameters are the same in INSERT and in all UPDATEs, so that one function
 * binds them. An UPDATE touches only the indexes of the columns that it sets, whether or
 * not their values change: so those that begin or end a life have one of their own.
 */
static const char *const texts[AU_SQL_N_STATEMENTS] = {
  [AU_SQL_BEGIN] = "BEGIN IMMEDIATE",
  [AU_SQL_BEGIN_READING] = "BEGIN",
  [AU_SQL_COMMIT] = "COMMIT",
  [AU_SQL_ROLLBACK] = "ROLLBACK",

  [AU_SQL_FIND_BY_KEY] =
    "SELECT " AU_SQL_ROW " FROM record WHERE key = ?1",
  [AU_SQL_FIND_BY_ID] =
    "SELECT " AU_SQL_ROW " FROM record WHERE id = ?1",
  [AU_SQL_FIND_ID] =
    "SELECT id, arguments_file, value_file,"
    " iif (place IS NULL, NULL, function), iif (place IS NULL, NULL, concurrency_key)"
    " FROM record WHERE key = ?1",
  [AU_SQL_FIND_BY_UNIQUE_KEY] =
    "SELECT " AU_SQL_ROW " FROM record INDEXED BY record_unique WHERE unique_key = ?1 AND live = 1",
  [AU_SQL_FIND_HOLDER] =
    "SELECT key FROM record INDEXED BY record_unique WHERE unique_key = ?1 AND live = 1",
  [AU_SQL_INSERT] =
    "INSERT INTO record (revision, status, crc, form, value_file, live, expires,"
    " place, due, lease, owner, attempt,"
    " key, function, created, queue, unique_key, arguments_file, priority, concurrency_key)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?10, ?11, ?12, ?13, ?14,"
    " ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)"
    " ON CONFLICT DO NOTHING",
  [AU_SQL_UPDATE] =
    "UPDATE record SET revision = ?1, status = ?2, crc = ?3, form = ?4, value_file = ?5"
    " WHERE id = ?8 AND revision = ?9",
  [AU_SQL_UPDATE_LIFE] =
    "UPDATE record SET revision = ?1, status = ?2, crc = ?3, form = ?4, value_file = ?5,"
    " live = ?6, expires = ?7"
    " WHERE id = ?8 AND revision = ?9",
  [AU_SQL_UPDATE_PLACE] =
    "UPDATE record SET revision = ?1, status = ?2, crc = ?3, form = ?4, value_file = ?5,"
    " place = ?10, due = ?11, lease = ?12, owner = ?13, attempt = ?14"
    " WHERE id = ?8 AND revision = ?9",
  [AU_SQL_UPDATE_PLACE_LIFE] =
    "UPDATE record SET revision = ?1, status = ?2, crc = ?3, form = ?4, value_file = ?5,"
    " live = ?6, expires = ?7, place = ?10, due = ?11, lease = ?12, owner = ?13, attempt = ?14"
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

  [AU_SQL_FIND_WAITING] = "SELECT record FROM awaited WHERE key = ?1",
  [AU_SQL_FIND_AWAITED] = "SELECT 1 FROM awaited INDEXED BY awaited_record WHERE record = ?1 LIMIT 1",
  [AU_SQL_INSERT_AWAITED] = "INSERT OR IGNORE INTO awaited (key, record) VALUES (?1, ?2)",
  [AU_SQL_DELETE_AWAITED] = "DELETE FROM awaited WHERE key = ?1",
  [AU_SQL_DELETE_WAITING] = "DELETE FROM awaited INDEXED BY awaited_record WHERE record = ?1",
  [AU_SQL_LET_GO] =
    "UPDATE record SET place = CASE WHEN due > ?2 THEN 2 ELSE 1 END WHERE id = ?1 AND place = 4",
  [AU_SQL_LOOK_ROUND] =
    "SELECT EXISTS (SELECT 1 FROM awaited), EXISTS (SELECT 1 FROM blocked),"
    " EXISTS (SELECT 1 FROM record INDEXED BY record_full_key WHERE place = 6)",

  [AU_SQL_PROMOTE] =
    "UPDATE record SET place = 1 WHERE id IN"
    " (SELECT id FROM record INDEXED BY record_scheduled"
    "  WHERE place = 2 AND queue = ?1 AND due <= ?2 ORDER BY due LIMIT ?3)",
  [AU_SQL_PEEK] =
    "SELECT EXISTS (SELECT 1 FROM record INDEXED BY record_ready WHERE place = 1 AND queue = ?1),"
    " EXISTS (SELECT 1 FROM record INDEXED BY record_full_function WHERE place = 5),"
    " (SELECT due FROM record INDEXED BY record_scheduled WHERE place = 2 AND queue = ?1"
    "  ORDER BY due LIMIT 1)",
  [AU_SQL_FIND_READY] =
    "SELECT " AU_SQL_ORDERED_ROW " FROM record INDEXED BY record_ready WHERE place = 1 AND queue = ?1"
    " ORDER BY priority DESC, id",
  [AU_SQL_FIND_FULL_FUNCTION] =
    "SELECT function FROM record INDEXED BY record_full_function WHERE place = 5 AND function > ?1"
    " ORDER BY function LIMIT 1",
  [AU_SQL_FIND_ASIDE] =
    "SELECT " AU_SQL_ORDERED_ROW " FROM record INDEXED BY record_full_function"
    " WHERE place = 5 AND function = ?1 AND queue = ?2 ORDER BY priority DESC, id",
  [AU_SQL_FIND_FULL_KEY] =
    "SELECT queue, id FROM record INDEXED BY record_full_key"
    " WHERE place = 6 AND concurrency_key = ?1 AND queue > ?2 ORDER BY queue, priority DESC, id LIMIT 1",
  [AU_SQL_PUT_ASIDE] = "UPDATE record SET place = ?2 WHERE id = ?1",
  [AU_SQL_COUNT_RUNNING] =
    "SELECT function, concurrency_key, count(*) FROM record INDEXED BY record_running"
    " WHERE place = 3 GROUP BY function, concurrency_key",
  [AU_SQL_FIND_BLOCKED] =
    "SELECT name FROM blocked WHERE name IN ('f:' || ?1, 'k:' || ?2) ORDER BY name LIMIT 1",
  [AU_SQL_INSERT_BLOCKED] = "INSERT OR IGNORE INTO blocked (name) VALUES (?1)",
  [AU_SQL_DELETE_BLOCKED] = "DELETE FROM blocked WHERE name = 'f:' || ?1 OR name = 'k:' || ?2",

  [AU_SQL_RENEW] =
    "UPDATE record SET lease = ?1 WHERE key = ?2 AND place = 3 AND attempt = ?3"
    " RETURNING " AU_SQL_ROW,
  [AU_SQL_FIND_OWNER] =
    "SELECT owner FROM record INDEXED BY record_running WHERE place = 3 AND owner > ?1"
    " ORDER BY owner LIMIT 1",
  [AU_SQL_FIND_OVERDUE] =
    "SELECT 1 FROM record INDEXED BY record_running WHERE place = 3 AND owner = ?1 AND lease <= ?2"
    " LIMIT 1",
  [AU_SQL_FIND_LOST] =
    "SELECT " AU_SQL_ROW " FROM record INDEXED BY record_running"
    " WHERE place = 3 AND owner = ?1 AND lease <= ?2 ORDER BY lease, id LIMIT 1 OFFSET ?3",

  [AU_SQL_FIND_PAUSED] = "SELECT 1 FROM paused WHERE queue = ?1",
  [AU_SQL_INSERT_PAUSED] = "INSERT OR IGNORE INTO paused (queue) VALUES (?1)",
  [AU_SQL_DELETE_PAUSED] = "DELETE FROM paused WHERE queue = ?1",
  [AU_SQL_LIST_PAUSED] = "SELECT queue FROM paused ORDER BY queue",
  [AU_SQL_INSERT_WORKER] = "INSERT OR REPLACE INTO worker (id, form) VALUES (?1, ?2)",
  [AU_SQL_DELETE_WORKER] = "DELETE FROM worker WHERE id = ?1",
  [AU_SQL_LIST_WORKERS] = "SELECT id, form FROM worker ORDER BY id",
};

const char *
au_sql_get_text (AuSql sql)
{
  return texts[sql];
}
