/* au-sqlite-claim.c: claims of computations by workers
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-queue-private.h"

#include "au-sqlite-line-private.h"
#include "au-sqlite-room-private.h"
#include "au-sqlite-rows-private.h"
#include "../shared/au-store-failpoint-private.h"

/* So many whose time has come are let into the line at a time. */
#define PROMOTE_LIMIT (1000)

/* So many for which there is no room are put aside at a time. */
#define ASIDE_LIMIT (1000)

/* One that may be started, or that has to be put aside. */
typedef struct
{
  gint64    id;
  AuRecord *record;
  int       priority;
  int       standing;           /* where it is, or is to be put */
  char     *concurrency_key;
} Found;

typedef struct
{
  AuSqliteChange  change;
  AuClaim        *claim;
  GPtrArray      *records;
  gint64          next_due;

  AuSqliteRoom    room;
  GArray         *found;        /* of Found, to be started */
  GArray         *aside;        /* of Found, to be put aside */
  GHashTable     *full;         /* limits that were noted to leave no room */
} Claim;

static void
found_clear (gpointer data)
{
  Found *self = data;

  g_clear_pointer (&self->record, au_record_unref);
  g_clear_pointer (&self->concurrency_key, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Found, found_clear)

static GArray *
found_array_new (void)
{
  GArray *array = g_array_new (FALSE, TRUE, sizeof (Found));

  g_array_set_clear_func (array, found_clear);
  return array;
}

/* Limits */

/* Whoever ends one that runs under this limit will ring. */
static gboolean
note_full (Claim           *self,
           AuSqliteWriter  *writer,
           const char      *prefix,
           const char      *name,
           GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  char *limit = g_strconcat (prefix, name, NULL);
  sqlite3_stmt *statement;

  if (!g_hash_table_add (self->full, limit))
    return TRUE;

  statement = au_sqlite_connection_prepare (connection, AU_SQL_INSERT_BLOCKED, error);
  if (statement == NULL)
    return FALSE;

  writer->any_blocked = TRUE;
  au_sqlite_bind_text (statement, 1, limit);
  return au_sqlite_connection_run (connection, statement, error);
}

/* Notes that one is to be put aside because of one of these limits. */
static gboolean
note_aside (Claim           *self,
            AuSqliteWriter  *writer,
            gint64           id,
            int              standing,
            const char      *function,
            const char      *concurrency_key,
            GError         **error)
{
  Found aside = { .id = id, .standing = standing, .concurrency_key = g_strdup (concurrency_key) };

  g_array_append_val (self->aside, aside);
  return standing == AU_SQLITE_STANDING_FULL_KEY ? note_full (self, writer, "k:", concurrency_key, error)
                                                 : note_full (self, writer, "f:", function, error);
}

/* Takes one that may be started, or, if a limit leaves no room for it, notes that it is to
 * be put aside.
 */
static gboolean
take (Claim           *self,
      AuSqliteWriter  *writer,
      Found           *found,
      GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  AuOptions *options = au_record_get_options (found->record);
  const char *function = au_record_get_function (found->record);
  guint of_function, of_key;
  int standing;

  if (!au_sqlite_room_of_function (&self->room, connection, function, &of_function, error) ||
      !au_sqlite_room_of_key (&self->room, connection, options, &of_key, error))
    return FALSE;

  if (of_function > 0 && of_key > 0)
    {
      Found taken = { .id = found->id, .record = g_steal_pointer (&found->record) };

      au_sqlite_room_take (&self->room, taken.record);
      g_array_append_val (self->found, taken);
      return TRUE;
    }

  standing = of_function == 0 ? AU_SQLITE_STANDING_FULL_FUNCTION : AU_SQLITE_STANDING_FULL_KEY;
  return standing == found->standing ||
         note_aside (self, writer, found->id, standing, function,
                     au_options_get_concurrency_key (options), error);
}

/* Finding */

/* One that the writer knows need not be read once more. */
static AuRecord *
get_record (AuSqliteWriter *writer,
            sqlite3_stmt   *statement)
{
  const char *key = (const char *) sqlite3_column_text (statement, AU_SQL_ROW_KEY);
  guint64 revision = sqlite3_column_int64 (statement, AU_SQL_ROW_REVISION);
  AuRecord *known;
  gint64 id;

  known = au_sqlite_cache_lookup (writer->cache, key, revision, &id);
  if (known != NULL && id == sqlite3_column_int64 (statement, AU_SQL_ROW_ID))
    return au_record_ref (known);

  /* what cannot be read is dealt with by who loads or lists it */
  return au_sqlite_rows_read (&writer->connection, statement, NULL);
}

/* Takes what a row has, or notes that it is to be put aside: without reading it, where many
 * of one function wait for room.
 */
static gboolean
take_row (Claim           *self,
          AuSqliteWriter  *writer,
          sqlite3_stmt    *row,
          GError         **error)
{
  const char *function = (const char *) sqlite3_column_text (row, AU_SQL_ROW_FUNCTION);
  g_auto(Found) found = { .id = sqlite3_column_int64 (row, AU_SQL_ROW_ID) };
  guint room;

  if (!au_sqlite_room_of_function (&self->room, &writer->connection, function, &room, error))
    return FALSE;

  if (room == 0)
    return note_aside (self, writer, found.id, AU_SQLITE_STANDING_FULL_FUNCTION, function,
                       (const char *) sqlite3_column_text (row, AU_SQL_ROW_CONCURRENCY_KEY), error);

  found.record = get_record (writer, row);
  found.priority = sqlite3_column_int (row, AU_SQL_ROW_PRIORITY);
  return found.record == NULL || take (self, writer, &found, error);
}

/* Looks for what was put aside because of its function. */
static AuSqliteRun *
look_aside (AuSqliteConnection  *connection,
            const char          *queue,
            const char          *function,
            GError             **error)
{
  AuSqliteRun *run = au_sqlite_connection_prepare (connection, AU_SQL_FIND_ASIDE, error);

  if (run == NULL)
    return NULL;

  au_sqlite_bind_text (run, 1, function);
  au_sqlite_bind_text (run, 2, queue);
  return run;
}

/* Finds what was put aside of a function: as many as there is room for. */
static gboolean
find_aside_of (Claim           *self,
               AuSqliteWriter  *writer,
               const char      *queue,
               const char      *function,
               GArray          *candidates,
               GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  g_autoptr(AuSqliteRun) run = look_aside (connection, queue, function, error);
  gboolean more = TRUE;
  guint room, max;

  if (run == NULL || !au_sqlite_room_of_function (&self->room, connection, function, &room, error))
    return FALSE;

  max = candidates->len + MIN (room, au_claim_get_max (self->claim));
  while (candidates->len < max)
    {
      Found found = { .standing = AU_SQLITE_STANDING_FULL_FUNCTION };

      if (!au_sqlite_connection_step (connection, run, &more, error))
        return FALSE;
      if (!more)
        return TRUE;

      found.id = sqlite3_column_int64 (run, AU_SQL_ROW_ID);
      found.priority = sqlite3_column_int (run, AU_SQL_ROW_PRIORITY);
      found.record = get_record (writer, run);
      if (found.record != NULL)
        g_array_append_val (candidates, found);
    }

  return TRUE;
}

static gboolean
is_before (int    priority,
           gint64 id,
           int    other_priority,
           gint64 other_id)
{
  return priority != other_priority ? priority > other_priority : id < other_id;
}

static int
compare_found (gconstpointer a,
               gconstpointer b)
{
  const Found *first = a;
  const Found *second = b;

  return is_before (first->priority, first->id, second->priority, second->id) ? -1 : 1;
}

/* Goes on to the next function of which something was put aside. */
static gboolean
find_full_function (AuSqliteConnection  *connection,
                    char               **function,
                    GError             **error)
{
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_FIND_FULL_FUNCTION, error);
  gboolean found;

  if (run == NULL)
    return FALSE;

  au_sqlite_bind_text (run, 1, *function != NULL ? *function : "");
  if (!au_sqlite_connection_step (connection, run, &found, error))
    return FALSE;

  g_free (*function);
  *function = found ? g_strdup ((const char *) sqlite3_column_text (run, 0)) : NULL;
  return TRUE;
}

/* Finds what was put aside, for which there is room by now, or under the limits of this
 * claim.
 */
static gboolean
find_aside (Claim           *self,
            AuSqliteWriter  *writer,
            const char      *queue,
            GArray          *candidates,
            GError         **error)
{
  g_autofree char *function = NULL;

  for (;;)
    {
      if (!find_full_function (&writer->connection, &function, error))
        return FALSE;
      if (function == NULL)
        break;

      if (!find_aside_of (self, writer, queue, function, candidates, error) ||
          !note_full (self, writer, "f:", function, error))
        return FALSE;
    }

  g_array_sort (candidates, compare_found);
  return TRUE;
}

/* Finds what may be started from a queue, in order, as many as there is room for: of what
 * is ready, and of what was put aside.
 */
static gboolean
find_ready (Claim           *self,
            AuSqliteWriter  *writer,
            const char      *queue,
            GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_FIND_READY, error);
  g_autoptr(GArray) candidates = found_array_new ();
  guint next = 0;
  gboolean more;

  if (run == NULL || !find_aside (self, writer, queue, candidates, error))
    return FALSE;

  au_sqlite_bind_text (run, 1, queue);
  if (!au_sqlite_connection_step (connection, run, &more, error))
    return FALSE;

  while ((more || next < candidates->len) &&
         self->found->len < au_claim_get_max (self->claim) && self->aside->len < ASIDE_LIMIT)
    {
      Found *aside = next < candidates->len ? &g_array_index (candidates, Found, next) : NULL;

      if (aside != NULL &&
          (!more || is_before (aside->priority, aside->id, sqlite3_column_int (run, AU_SQL_ROW_PRIORITY),
                               sqlite3_column_int64 (run, AU_SQL_ROW_ID))))
        {
          if (!take (self, writer, aside, error))
            return FALSE;
          next++;
        }
      else if (!take_row (self, writer, run, error) ||
               !au_sqlite_connection_step (connection, run, &more, error))
        {
          return FALSE;
        }
    }

  return TRUE;
}

/* Puts aside what there is no room for, so that the next claim need not pass over it. */
static gboolean
put_aside (Claim           *self,
           AuSqliteWriter  *writer,
           GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  sqlite3_stmt *statement = au_sqlite_connection_prepare (connection, AU_SQL_PUT_ASIDE, error);

  if (statement == NULL)
    return FALSE;

  for (guint i = 0; i < self->aside->len; i++)
    {
      Found *found = &g_array_index (self->aside, Found, i);

      sqlite3_bind_int64 (statement, 1, found->id);
      sqlite3_bind_int (statement, 2, found->standing);
      if (!au_sqlite_connection_run (connection, statement, error))
        return FALSE;

      writer->any_aside |= found->standing == AU_SQLITE_STANDING_FULL_KEY;

      /* Another one with its key may run in its place. */
      if (found->standing == AU_SQLITE_STANDING_FULL_FUNCTION && found->concurrency_key != NULL &&
          !au_sqlite_line_make_room (&self->change, writer, NULL, found->concurrency_key, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_paused (AuSqliteConnection  *connection,
           const char          *queue,
           gboolean            *paused,
           GError             **error)
{
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_FIND_PAUSED, error);

  if (run == NULL)
    return FALSE;

  au_sqlite_bind_text (run, 1, queue);
  return au_sqlite_connection_step (connection, run, paused, error);
}

/* What is in a queue */
typedef struct
{
  gboolean ready;
  gboolean aside;       /* in this or another one, because of a function */
  gint64   due;         /* of the next one that waits for its time, or 0 */
} Look;

static gboolean
look (AuSqliteConnection  *connection,
      const char          *queue,
      Look                *there,
      GError             **error)
{
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_PEEK, error);
  gboolean row;

  if (run == NULL)
    return FALSE;

  au_sqlite_bind_text (run, 1, queue);
  if (!au_sqlite_connection_step (connection, run, &row, error))
    return FALSE;

  there->ready = sqlite3_column_int (run, 0) != 0;
  there->aside = sqlite3_column_int (run, 1) != 0;
  there->due = sqlite3_column_int64 (run, 2);
  return TRUE;
}

static void
add_due (gint64 *next_due,
         gint64  due)
{
  if (due > 0 && (*next_due == 0 || due < *next_due))
    *next_due = due;
}

static gboolean
promote (AuSqliteConnection  *connection,
         const char          *queue,
         gint64               now,
         GError             **error)
{
  sqlite3_stmt *statement = au_sqlite_connection_prepare (connection, AU_SQL_PROMOTE, error);

  if (statement == NULL)
    return FALSE;

  au_sqlite_bind_text (statement, 1, queue);
  sqlite3_bind_int64 (statement, 2, now);
  sqlite3_bind_int (statement, 3, PROMOTE_LIMIT);
  return au_sqlite_connection_run (connection, statement, error);
}

/* Starting */

static gboolean
start (Claim           *self,
       AuSqliteWriter  *writer,
       Found           *found,
       gint64           now,
       GError         **error)
{
  gint64 lease = au_claim_get_lease (self->claim);
  gint64 lease_end = lease < G_MAXINT64 - now ? now + lease : G_MAXINT64;
  g_autoptr(GError) reason = NULL;
  g_autoptr(AuRecord) next = NULL;

  next = au_transition_begin (found->record, au_claim_get_owner (self->claim), lease_end, &reason);
  if (next != NULL)
    g_ptr_array_add (self->records, au_record_ref (next));
  else
    next = au_transition_refuse (found->record, reason, NULL);

  AU_STORE_FAILPOINT ("claim/before-start");
  return au_sqlite_rows_go_on (&self->change, writer, found->id, found->record, next, error);
}

static gboolean
claim_from (Claim           *self,
            AuSqliteWriter  *writer,
            const char      *queue,
            gint64           now,
            GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  gboolean paused;
  Look there;

  if (!is_paused (connection, queue, &paused, error))
    return FALSE;
  if (paused)
    return TRUE;

  if (!look (connection, queue, &there, error))
    return FALSE;

  if (there.due > 0 && there.due <= now &&
      (!promote (connection, queue, now, error) ||
       !look (connection, queue, &there, error)))
    return FALSE;

  add_due (&self->next_due, there.due);
  return !(there.ready || there.aside) || find_ready (self, writer, queue, error);
}

static gboolean
claim_all (AuSqliteChange  *change,
           AuSqliteWriter  *writer,
           GError         **error)
{
  Claim *self = (Claim *) change;
  const char * const *queues = au_claim_get_queues (self->claim);
  gint64 now = au_clock_get_real_time ();

  self->next_due = 0;
  g_ptr_array_set_size (self->records, 0);
  g_array_set_size (self->found, 0);
  g_array_set_size (self->aside, 0);
  g_hash_table_remove_all (self->full);
  au_sqlite_room_clear (&self->room);

  for (; *queues != NULL && self->found->len < au_claim_get_max (self->claim) &&
         self->aside->len < ASIDE_LIMIT; queues++)
    {
      if (!claim_from (self, writer, *queues, now, error))
        return FALSE;
    }

  if (!put_aside (self, writer, error))
    return FALSE;

  /* Where so many were in the way, there may be more behind them. */
  if (self->aside->len >= ASIDE_LIMIT || (change->effects & AU_SQLITE_CLAIMABLE) != 0)
    self->next_due = now;

  for (guint i = 0; i < self->found->len; i++)
    {
      if (!start (self, writer, &g_array_index (self->found, Found, i), now, error))
        return FALSE;
    }

  /* Others may find something too, where there is more than was asked for. */
  if (self->found->len == au_claim_get_max (self->claim))
    change->effects |= AU_SQLITE_CLAIMABLE;

  return TRUE;
}

/* Looks whether there is room for what was put aside. */
static gboolean
peek_aside (AuSqliteConnection  *connection,
            AuClaim             *claim,
            const char          *queue,
            gboolean            *any,
            GError             **error)
{
  g_auto(AuSqliteRoom) room = { .claim = claim };
  g_autofree char *function = NULL;

  while (!*any)
    {
      g_autoptr(AuSqliteRun) run = NULL;
      guint of_function;

      if (!find_full_function (connection, &function, error))
        return FALSE;
      if (function == NULL)
        break;
      if (!au_sqlite_room_of_function (&room, connection, function, &of_function, error))
        return FALSE;

      if (of_function == 0)
        continue;

      run = look_aside (connection, queue, function, error);
      if (run == NULL || !au_sqlite_connection_step (connection, run, any, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
peek (AuSqliteConnection  *connection,
      AuClaim             *claim,
      const char          *queue,
      gboolean            *any,
      gint64              *next_due,
      GError             **error)
{
  gboolean paused;
  Look there;

  if (!is_paused (connection, queue, &paused, error))
    return FALSE;
  if (paused)
    return TRUE;
  if (!look (connection, queue, &there, error))
    return FALSE;

  add_due (next_due, there.due);
  *any = there.ready || (there.due > 0 && there.due <= au_clock_get_real_time ());
  return *any || !there.aside || peek_aside (connection, claim, queue, any, error);
}

/* Looks whether there may be something to claim, without keeping anybody from writing. */
gboolean
au_sqlite_claim_peek (AuSqliteConnection  *connection,
                      AuClaim             *claim,
                      gboolean            *any,
                      gint64              *next_due,
                      GError             **error)
{
  const char * const *queues = au_claim_get_queues (claim);

  *any = FALSE;
  *next_due = 0;
  for (; *queues != NULL && !*any; queues++)
    {
      if (!peek (connection, claim, *queues, any, next_due, error))
        return FALSE;
    }

  return TRUE;
}

/* Claims computations. A claim that is lost with the power of the machine is lost with
 * the worker that made it, so it does not wait for the disk.
 */
GPtrArray *
au_sqlite_claim (AuSqliteWriter  *writer,
                 AuClaim         *claim,
                 gint64          *next_due,
                 GError         **error)
{
  Claim self = { .change = { .func = claim_all }, .claim = claim };
  gboolean fine;

  self.records = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  self.found = found_array_new ();
  self.aside = found_array_new ();
  self.full = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  au_sqlite_room_init (&self.room, claim);

  fine = au_sqlite_writer_change (writer, &self.change, error);
  AU_STORE_FAILPOINT ("claim/done");
  *next_due = self.next_due;
  au_sqlite_room_clear (&self.room);
  g_hash_table_unref (self.full);
  g_array_unref (self.aside);
  g_array_unref (self.found);
  if (!fine)
    g_clear_pointer (&self.records, g_ptr_array_unref);

  return self.records;
}
