/* au-sqlite-room.c: how much room limits leave
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-room-private.h"

void
au_sqlite_room_init (AuSqliteRoom *self,
                     AuClaim      *claim)
{
  *self = (AuSqliteRoom) { .claim = claim };
}

void
au_sqlite_room_clear (AuSqliteRoom *self)
{
  g_clear_pointer (&self->counts, g_hash_table_unref);
}

static void
add_count (GHashTable *counts,
           char       *limit,
           guint       n)
{
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, limit)) + n;

  g_hash_table_insert (counts, limit, GUINT_TO_POINTER (count));
}

static void
count (GHashTable *counts,
       const char *function,
       const char *concurrency_key,
       guint       n)
{
  add_count (counts, g_strconcat ("f:", function, NULL), n);
  if (concurrency_key != NULL)
    add_count (counts, g_strconcat ("k:", concurrency_key, NULL), n);
}

static gboolean
ensure_counts (AuSqliteRoom        *self,
               AuSqliteConnection  *connection,
               GError             **error)
{
  g_autoptr(AuSqliteRun) run = NULL;
  gboolean more = TRUE;

  if (self->counts != NULL)
    return TRUE;

  run = au_sqlite_connection_prepare (connection, AU_SQL_COUNT_RUNNING, error);
  if (run == NULL)
    return FALSE;

  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while (more)
    {
      if (!au_sqlite_connection_step (connection, run, &more, error))
        return FALSE;
      if (more)
        count (self->counts, (const char *) sqlite3_column_text (run, 0),
               (const char *) sqlite3_column_text (run, 1), sqlite3_column_int (run, 2));
    }

  return TRUE;
}

static gboolean
find_room (AuSqliteRoom        *self,
           AuSqliteConnection  *connection,
           const char          *prefix,
           const char          *name,
           guint                max,
           guint               *room,
           GError             **error)
{
  g_autofree char *limit = NULL;
  guint n;

  *room = G_MAXUINT;
  if (max == 0)
    return TRUE;
  if (!ensure_counts (self, connection, error))
    return FALSE;

  limit = g_strconcat (prefix, name, NULL);
  n = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, limit));
  *room = max - MIN (n, max);
  return TRUE;
}

/* Finds how many more of a function the claim may have. */
gboolean
au_sqlite_room_of_function (AuSqliteRoom        *self,
                            AuSqliteConnection  *connection,
                            const char          *function,
                            guint               *room,
                            GError             **error)
{
  return find_room (self, connection, "f:", function, au_claim_get_limit (self->claim, function), room, error);
}

/* Finds how many more may run with the concurrency key of these options. */
gboolean
au_sqlite_room_of_key (AuSqliteRoom        *self,
                       AuSqliteConnection  *connection,
                       AuOptions           *options,
                       guint               *room,
                       GError             **error)
{
  const char *key = au_options_get_concurrency_key (options);

  return find_room (self, connection, "k:", key, key != NULL ? au_options_get_concurrency (options) : 0,
                    room, error);
}

/* One more is going to run. */
void
au_sqlite_room_take (AuSqliteRoom *self,
                     AuRecord     *record)
{
  if (self->counts != NULL)
    count (self->counts, au_record_get_function (record),
           au_options_get_concurrency_key (au_record_get_options (record)), 1);
}
