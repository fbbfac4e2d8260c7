/* au-sqlite-list.c: records that match
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-list-private.h"

#include "au-sqlite-rows-private.h"
#include "../shared/au-store-rules-private.h"

/* Cancellation is looked for so often. */
#define ROWS_A_LOOK (64)

/* Which index has the rows in the order of their keys, and fewest that do not match. */
static const char *
choose_index (AuQuery *query)
{
  const AuStatusFlags live = AU_STATUS_FLAGS_PENDING | AU_STATUS_FLAGS_RUNNING;
  const AuStatusFlags unsuccessful = AU_STATUS_FLAGS_FAILED | AU_STATUS_FLAGS_CANCELLED;
  AuStatusFlags statuses = au_query_get_statuses (query);

  if ((statuses & ~live) == 0)
    return "INDEXED BY record_live WHERE live = 1 AND";
  if ((statuses & ~unsuccessful) == 0)
    return "INDEXED BY record_unsuccessful WHERE status > 2 AND";
  if (au_query_get_queue (query) != NULL)
    return "INDEXED BY record_queue WHERE queue IS NOT NULL AND";

  return "WHERE";
}

/* The tags are in the form only, so they are looked for there. */
static char *
make_sql (AuQuery    *query,
          const char *columns)
{
  GString *sql = g_string_new ("SELECT ");

  g_string_append_printf (sql, "%s FROM record %s key > ?1", columns,
                          choose_index (query));
  if (au_query_get_statuses (query) != AU_STATUS_FLAGS_ANY)
    g_string_append (sql, " AND (?2 >> status) & 1");
  if (au_query_get_since (query) != 0)
    g_string_append (sql, " AND created >= ?3");
  if (au_query_get_function (query) != NULL)
    g_string_append (sql, " AND function = ?4");
  if (au_query_get_queue (query) != NULL)
    g_string_append (sql, " AND queue = ?5");
  g_string_append (sql, " ORDER BY key");

  return g_string_free (sql, FALSE);
}

/* The same without an order, for numbers. */
static char *
make_count_sql (AuQuery *query)
{
  g_autofree char *sql = make_sql (query, "1");
  guint limit = au_query_get_limit (query);

  *strstr (sql, " ORDER BY") = '\0';
  if (limit == 0)
    return g_strdup_printf ("SELECT count(*) FROM (%s)", sql);

  return g_strdup_printf ("SELECT count(*) FROM (%s LIMIT %u)", sql, limit);
}

static sqlite3_stmt *
prepare (AuSqliteConnection  *connection,
         AuQuery             *query,
         const char          *sql,
         GError             **error)
{
  const char *after = au_query_get_after_key (query);
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (connection->handle, sql, -1, &statement, NULL) != SQLITE_OK)
    {
      au_sqlite_connection_fail (connection, error);
      return NULL;
    }

  /* those that the statement does not have are ignored */
  au_sqlite_bind_text (statement, 1, after != NULL ? after : "");
  sqlite3_bind_int (statement, 2, au_query_get_statuses (query));
  sqlite3_bind_int64 (statement, 3, au_query_get_since (query));
  au_sqlite_bind_text (statement, 4, au_query_get_function (query));
  au_sqlite_bind_text (statement, 5, au_query_get_queue (query));

  return statement;
}

static gboolean
visit_row (AuSqliteConnection      *connection,
           sqlite3_stmt            *statement,
           AuQuery                 *query,
           GPtrArray               *records,
           gint64                  *count,
           AuSqliteUnreadableFunc   unreadable,
           gpointer                 user_data,
           GError                 **error)
{
  g_autoptr(GError) reason = NULL;
  g_autoptr(AuRecord) record = au_sqlite_rows_read (connection, statement, &reason);

  if (record == NULL)
    {
      const char *key = (const char *) sqlite3_column_text (statement, AU_SQL_ROW_KEY);

      if (unreadable (key, reason, user_data))
        return TRUE;

      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }

  if (!au_query_matches (query, record))
    return TRUE;

  (*count)++;
  if (records != NULL)
    g_ptr_array_add (records, g_steal_pointer (&record));

  return TRUE;
}

static gboolean
visit_rows (AuSqliteConnection      *connection,
            sqlite3_stmt            *statement,
            AuQuery                 *query,
            GPtrArray               *records,
            gint64                  *count,
            AuSqliteUnreadableFunc   unreadable,
            gpointer                 user_data,
            GCancellable            *cancellable,
            GError                 **error)
{
  guint limit = au_query_get_limit (query);

  for (guint i = 0; limit == 0 || *count < limit; i++)
    {
      gboolean more;

      if (i % ROWS_A_LOOK == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      if (!au_sqlite_connection_step (connection, statement, &more, error))
        return FALSE;
      if (!more)
        return TRUE;

      if (!visit_row (connection, statement, query, records, count, unreadable, user_data, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
count_rows (AuSqliteConnection  *connection,
            AuQuery             *query,
            gint64              *count,
            GError             **error)
{
  g_autofree char *sql = make_count_sql (query);
  sqlite3_stmt *statement = prepare (connection, query, sql, error);
  gboolean row, fine;

  if (statement == NULL)
    return FALSE;

  fine = au_sqlite_connection_step (connection, statement, &row, error);
  if (fine)
    *count = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);

  return fine;
}

/* Visits the records that match, in the order of their keys. Adds them to records, if
 * that is not NULL, and counts them; stops when there are as many as the limit.
 */
gboolean
au_sqlite_list_visit (AuSqliteConnection      *connection,
                      AuQuery                 *query,
                      GPtrArray               *records,
                      gint64                  *count,
                      AuSqliteUnreadableFunc   unreadable,
                      gpointer                 user_data,
                      GCancellable            *cancellable,
                      GError                 **error)
{
  g_autofree char *sql = NULL;
  sqlite3_stmt *statement;
  gboolean fine;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  if (records == NULL && au_query_get_tag (query) == NULL)
    return count_rows (connection, query, count, error);

  sql = make_sql (query, AU_SQL_ROW);
  statement = prepare (connection, query, sql, error);
  if (statement == NULL)
    return FALSE;

  fine = visit_rows (connection, statement, query, records, count, unreadable, user_data,
                     cancellable, error);
  sqlite3_finalize (statement);

  return fine;
}
