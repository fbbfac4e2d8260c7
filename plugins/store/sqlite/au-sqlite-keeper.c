/* au-sqlite-keeper.c: keeps a database small
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-keeper-private.h"

#include "au-sqlite-rows-private.h"
#include "au-sqlite-values-private.h"
#include "../shared/au-store-failpoint-private.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How much is removed in one transaction. */
#define CLEANING_LIMIT (500)

/* The same where each one counts. */
#define BUDGET_STEP (32)

/* What has expired is looked for after so many writes, and at least so often while
 * something is written.
 */
#define CLEANING_WRITES (500)
#define CLEANING_INTERVAL (60 * G_USEC_PER_SEC)

/* Pages that are free are used again; above so many, some are given back at a time. */
#define FREE_PAGES (1024)
#define FREE_PAGES_A_STEP (256)

/* Files of large values that no row names may belong to a write that is not committed
 * yet, unless they are so old, in seconds.
 */
#define ORPHAN_AGE (60 * 60)
#define MAX_SWEPT (10000)

/* Removing records */

typedef struct
{
  AuSqliteChange change;
  AuSql          sql;       /* gives id, arguments_file, value_file */
  gint64         from;      /* its first parameter */
  guint          limit;     /* its second one */

  guint          n_removed;
  gint64         last_id;
} Cleaning;

static gboolean
clean (AuSqliteChange  *change,
       AuSqliteWriter  *writer,
       GError         **error)
{
  Cleaning *self = (Cleaning *) change;
  AuSqliteConnection *connection = &writer->connection;
  g_autoptr(GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, self->sql, error);
  gboolean more = TRUE;

  if (run == NULL)
    return FALSE;

  sqlite3_bind_int64 (run, 1, self->from);
  sqlite3_bind_int64 (run, 2, self->limit);
  while (more)
    {
      gint64 id;

      if (!au_sqlite_connection_step (connection, run, &more, error))
        return FALSE;
      if (!more)
        break;

      id = sqlite3_column_int64 (run, 0);
      g_array_append_val (ids, id);
      au_sqlite_change_free_file (change, (const char *) sqlite3_column_text (run, 1));
      au_sqlite_change_free_file (change, (const char *) sqlite3_column_text (run, 2));
    }

  AU_STORE_FAILPOINT ("clean/before-removing");
  for (guint i = 0; i < ids->len; i++)
    {
      if (!au_sqlite_rows_delete (change, writer, g_array_index (ids, gint64, i), NULL, NULL, error))
        return FALSE;
    }

  self->n_removed = ids->len;
  self->last_id = ids->len > 0 ? g_array_index (ids, gint64, ids->len - 1) : 0;
  if (ids->len > 0)
    au_sqlite_writer_note (writer, change, NULL, 0);

  return TRUE;
}

/* Removes records whose time to live is over; should they come back after a loss of
 * power, they expire once more. Returns how many, or -1.
 */
gint
au_sqlite_keeper_remove_expired (AuSqliteKeeper  *self,
                                 gint64           now,
                                 guint            limit,
                                 GError         **error)
{
  Cleaning cleaning = { .change = { .func = clean }, .sql = AU_SQL_FIND_EXPIRED,
                        .from = now, .limit = limit };

  return au_sqlite_writer_change (self->writer, &cleaning.change, error) ? (gint) cleaning.n_removed : -1;
}

/* The byte budget */

/* Visits the files of large values. Returns how much they take. */
static guint64
measure_values (AuSqlitePlace *place)
{
  DIR *folder = opendir (place->values);
  struct dirent *entry;
  struct stat info;
  guint64 size = 0;

  while (folder != NULL && (entry = readdir (folder)) != NULL)
    {
      if (entry->d_name[0] != '.' &&
          fstatat (dirfd (folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0)
        size += (guint64) info.st_blocks * 512;
    }

  if (folder != NULL)
    closedir (folder);
  return size;
}

static gint64
read_pragma (AuSqliteConnection *connection,
             const char         *sql)
{
  sqlite3_stmt *statement = NULL;
  gint64 number = 0;

  if (sqlite3_prepare_v2 (connection->handle, sql, -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step (statement) == SQLITE_ROW)
    number = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);

  return number;
}

/* How much the records take: pages that are free will be used again. */
static guint64
measure (AuSqliteKeeper *self)
{
  AuSqliteConnection *connection = au_sqlite_readers_take (self->readers, NULL);
  guint64 size;

  if (connection == NULL)
    return 0;

  size = (read_pragma (connection, "PRAGMA page_count") -
          read_pragma (connection, "PRAGMA freelist_count")) *
         read_pragma (connection, "PRAGMA page_size");
  au_sqlite_readers_give (self->readers, connection);

  return size + measure_values (self->writer->connection.place);
}

/* Removes those that have ended, those that were submitted first, while all of them take
 * more than they may. Returns whether there is more to do.
 */
static gboolean
keep_budget (AuSqliteKeeper *self)
{
  Cleaning cleaning = { .change = { .func = clean }, .sql = AU_SQL_FIND_ENDED,
                        .from = self->last_id, .limit = BUDGET_STEP };

  if (self->max_size == 0 || measure (self) <= self->max_size ||
      !au_sqlite_writer_change (self->writer, &cleaning.change, NULL))
    return FALSE;

  /* Those before the last one live; they are looked at again from the start later. */
  self->last_id = cleaning.n_removed == BUDGET_STEP ? cleaning.last_id : 0;
  return cleaning.n_removed == BUDGET_STEP;
}

/* Room */

static gboolean
vacuum (AuSqliteChange  *change,
        AuSqliteWriter  *writer,
        GError         **error)
{
  return au_sqlite_connection_exec (&writer->connection,
                                    "PRAGMA incremental_vacuum(" G_STRINGIFY (FREE_PAGES_A_STEP) ")",
                                    error);
}

/* Gives some free pages back to the file system. Returns whether there are more. */
static gboolean
give_back (AuSqliteKeeper *self)
{
  AuSqliteConnection *connection = au_sqlite_readers_take (self->readers, NULL);
  AuSqliteChange change = { .func = vacuum };
  gint64 n_free;

  if (connection == NULL)
    return FALSE;

  n_free = read_pragma (connection, "PRAGMA freelist_count");
  au_sqlite_readers_give (self->readers, connection);

  return n_free > FREE_PAGES &&
         au_sqlite_writer_change (self->writer, &change, NULL) &&
         n_free > FREE_PAGES + FREE_PAGES_A_STEP;
}

/* Writes back what is in the log, as far as readers let it. */
static void
write_back (AuSqliteKeeper *self)
{
  AuSqliteConnection *connection = au_sqlite_readers_take (self->readers, NULL);

  if (connection == NULL)
    return;

  sqlite3_wal_checkpoint_v2 (connection->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  au_sqlite_readers_give (self->readers, connection);
}

/* Files of large values that a process left behind when it died */

static gboolean
is_named (AuSqliteConnection *connection,
          const char         *file)
{
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_FIND_FILE, NULL);
  gboolean found = TRUE;

  if (run == NULL)
    return TRUE;

  au_sqlite_bind_text (run, 1, file);
  return !au_sqlite_connection_step (connection, run, &found, NULL) || found;
}

static void
sweep (AuSqliteKeeper *self)
{
  AuSqlitePlace *place = self->writer->connection.place;
  AuSqliteConnection *connection = au_sqlite_readers_take (self->readers, NULL);
  DIR *folder = connection != NULL ? opendir (place->values) : NULL;
  gint64 latest = g_get_real_time () / G_USEC_PER_SEC - ORPHAN_AGE;
  struct dirent *entry;
  struct stat info;

  for (guint i = 0; folder != NULL && i < MAX_SWEPT && (entry = readdir (folder)) != NULL; i++)
    {
      if (entry->d_name[0] != '.' &&
          fstatat (dirfd (folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
          S_ISREG (info.st_mode) && info.st_mtime < latest &&
          !is_named (connection, entry->d_name))
        unlinkat (dirfd (folder), entry->d_name, 0);
    }

  if (folder != NULL)
    closedir (folder);
  if (connection != NULL)
    au_sqlite_readers_give (self->readers, connection);
}

/* The thread */

/* Makes one round. Returns whether another one is needed at once. */
static gboolean
keep (AuSqliteKeeper *self,
      gboolean        idle)
{
  gint64 now = au_clock_get_monotonic_time ();
  gboolean more = FALSE;

  if (!self->swept)
    {
      sweep (self);
      self->swept = TRUE;
    }

  if (self->n_uncleaned >= CLEANING_WRITES || now - self->cleaned >= CLEANING_INTERVAL)
    {
      more = au_sqlite_keeper_remove_expired (self, au_clock_get_real_time (), CLEANING_LIMIT,
                                              NULL) == CLEANING_LIMIT;
      more = keep_budget (self) || more;
      more = give_back (self) || more;
      if (!more)
        {
          self->n_uncleaned = 0;
          self->cleaned = now;
        }
    }

  if (idle && !more)
    write_back (self);

  return more;
}

static gpointer
keeper_thread (gpointer data)
{
  AuSqliteKeeper *self = data;
  gboolean more = FALSE;

  g_mutex_lock (&self->lock);
  while (!self->stopping)
    {
      gint64 end = au_clock_get_monotonic_time () + G_USEC_PER_SEC;
      guint n_written;

      while (!self->stopping && !more && au_clock_wait_until (&self->cond, &self->lock, end))
        ;
      if (self->stopping)
        break;

      n_written = g_atomic_int_exchange (&self->n_written, 0);
      self->n_uncleaned += MIN (n_written, G_MAXINT);
      g_mutex_unlock (&self->lock);
      more = keep (self, n_written == 0);
      g_mutex_lock (&self->lock);

      if (n_written > 0 || more)
        continue;

      /* Nothing was written for a second: sleep until something is. */
      g_atomic_int_set (&self->asleep, TRUE);
      while (!self->stopping && g_atomic_int_get (&self->n_written) == 0)
        g_cond_wait (&self->cond, &self->lock);
      g_atomic_int_set (&self->asleep, FALSE);
    }
  g_mutex_unlock (&self->lock);

  return NULL;
}

/* Tells the keeper that something was written. */
void
au_sqlite_keeper_count (AuSqliteKeeper *self,
                        guint           n_written)
{
  g_atomic_int_add (&self->n_written, n_written);
  if (!g_atomic_int_get (&self->asleep))
    return;

  g_mutex_lock (&self->lock);
  if (self->thread == NULL && !self->stopping)
    self->thread = g_thread_new ("au-sqlite-keeper", keeper_thread, self);
  g_atomic_int_set (&self->asleep, FALSE);
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

void
au_sqlite_keeper_init (AuSqliteKeeper  *self,
                       AuSqliteWriter  *writer,
                       AuSqliteReaders *readers,
                       guint64          max_size)
{
  *self = (AuSqliteKeeper) { .writer = writer, .readers = readers, .max_size = max_size,
                             .asleep = TRUE, .cleaned = au_clock_get_monotonic_time () };
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
}

void
au_sqlite_keeper_clear (AuSqliteKeeper *self)
{
  GThread *thread;

  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  thread = g_steal_pointer (&self->thread);
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);

  if (thread != NULL)
    g_thread_join (thread);

  g_cond_clear (&self->cond);
  g_mutex_clear (&self->lock);
}
