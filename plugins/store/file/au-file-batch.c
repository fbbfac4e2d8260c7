/* au-file-batch.c: several changes of records together
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-write-private.h"
#include "../shared/au-store-failpoint-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* So many are durable together: more would keep others from too many records for too
 * long, and need as many open files.
 */
#define MAX_BATCH (128)

typedef struct
{
  AuFileRecords *records;
  AuFileExpiry  *expiry;
  AuFileWrite   *writes;
  guint          n_writes;

  guint          locks[2 * MAX_BATCH];
  guint          n_locks;
} AuFileBatch;

/* Locks */

static int
compare_locks (gconstpointer a,
               gconstpointer b)
{
  guint lock_a = *(const guint *) a;
  guint lock_b = *(const guint *) b;

  return lock_a < lock_b ? -1 : lock_a > lock_b;
}

static void
collect_locks (AuFileBatch *self)
{
  guint n_unique = 0;

  self->n_locks = 0;
  for (guint i = 0; i < self->n_writes; i++)
    {
      AuFileWrite *write = &self->writes[i];

      if (write->write->error != NULL)
        continue;
      if (write->unique_key != NULL)
        self->locks[self->n_locks++] = write->unique_lock;
      if (au_file_write_needs_lock (write, self->records))
        self->locks[self->n_locks++] = write->record_lock;
    }

  if (self->n_locks < 2)
    return;

  /* The numbers of those of unique keys are the lower ones. */
  qsort (self->locks, self->n_locks, sizeof *self->locks, compare_locks);
  for (guint i = 1; i < self->n_locks; i++)
    {
      if (self->locks[i] != self->locks[n_unique])
        self->locks[++n_unique] = self->locks[i];
    }
  self->n_locks = n_unique + 1;
}

static gboolean
take_locks (AuFileBatch  *self,
            GError      **error)
{
  collect_locks (self);

  for (guint i = 0; i < self->n_locks; i++)
    {
      if (!au_file_locks_take (&self->records->locks, self->locks[i], error))
        {
          self->n_locks = i;
          return FALSE;
        }
    }

  return TRUE;
}

static void
release_locks (AuFileBatch *self)
{
  for (guint i = self->n_locks; i > 0; i--)
    au_file_locks_release (&self->records->locks, self->locks[i - 1]);
}

/* Durability */

static gboolean
has_step (AuFileWrite *write)
{
  return write->write->error == NULL && write->step != AU_FILE_WRITE_NOTHING;
}

static void
fail_write (AuFileBatch *self,
            AuFileWrite *write,
            int          reason)
{
  char path[AU_FILE_PATH_SIZE];
  GError *error = NULL;

  au_file_folder_record_path (path, write->key);
  au_file_folder_fail_writing (&self->records->folder, path, reason, &error);
  au_file_write_fail (write, self->records, error);
}

/* The second time is for the headers that were written after the records. */
static gboolean
needs_sync (AuFileWrite *write,
            gboolean     again)
{
  return has_step (write) && (!again || write->step == AU_FILE_WRITE_APPENDED);
}

/* Makes the contents of the files survive the loss of power. All are set going first,
 * so that waiting for one waits for the others as well.
 */
static void
sync_files (AuFileBatch *self,
            gboolean     again)
{
  for (guint i = 0; self->n_writes > 1 && i < self->n_writes; i++)
    {
      AuFileWrite *write = &self->writes[i];

      if (needs_sync (write, again))
        sync_file_range (write->file.fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    }

  for (guint i = 0; i < self->n_writes; i++)
    {
      AuFileWrite *write = &self->writes[i];

      if (!needs_sync (write, again))
        continue;
      if (fdatasync (write->file.fd) != 0)
        fail_write (self, write, errno);
    }
}

/* The names of files in one folder are synced once, and the name of that folder once in
 * the life of this process, as it may have been made by any.
 */
typedef struct
{
  guint    shards[MAX_BATCH];
  guint    n_shards;
  gboolean has_new;
} SyncedShards;

static gboolean
sync_shard (AuFileBatch   *self,
            AuFileWrite   *write,
            SyncedShards  *synced,
            GError       **error)
{
  AuFileFolder *folder = &self->records->folder;
  guint shard = au_file_folder_get_shard (write->key);
  char path[AU_FILE_PATH_SIZE];

  for (guint i = 0; i < synced->n_shards; i++)
    {
      if (synced->shards[i] == shard)
        return TRUE;
    }

  au_file_folder_record_path (path, write->key);
  if (!au_file_folder_sync_parent (folder, path, error))
    return FALSE;

  if (!g_atomic_int_get (&folder->synced_shards[shard]))
    {
      if (!synced->has_new && !au_file_folder_sync_parent (folder, "records/x", error))
        return FALSE;
      synced->has_new = TRUE;
      g_atomic_int_set (&folder->synced_shards[shard], TRUE);
    }

  synced->shards[synced->n_shards++] = shard;
  return TRUE;
}

/* Makes the names of the files that are new survive the loss of power. */
static void
sync_names (AuFileBatch *self)
{
  SyncedShards synced = { .n_shards = 0 };

  for (guint i = 0; i < self->n_writes; i++)
    {
      AuFileWrite *write = &self->writes[i];
      GError *error = NULL;

      if (!has_step (write) || write->step == AU_FILE_WRITE_APPENDED)
        continue;

      if (!sync_shard (self, write, &synced, &error))
        au_file_write_fail (write, self->records, error);
    }
}

static void
run_batch (AuFileBatch *self)
{
  gboolean sync = self->records->folder.sync;
  GError *error = NULL;

  if (!take_locks (self, &error))
    {
      for (guint i = 0; i < self->n_writes; i++)
        {
          if (self->writes[i].write->error == NULL)
            self->writes[i].write->error = g_error_copy (error);
        }
      g_error_free (error);
    }

  for (guint i = 0; i < self->n_writes; i++)
    au_file_write_stage (&self->writes[i], self->records, self->expiry);
  if (sync)
    sync_files (self, FALSE);
  AU_STORE_FAILPOINT ("write/before-commit");

  for (guint i = 0; i < self->n_writes; i++)
    au_file_write_commit (&self->writes[i], self->records);
  if (sync)
    {
      sync_files (self, TRUE);
      sync_names (self);
    }

  AU_STORE_FAILPOINT ("write/committed");
  for (guint i = 0; i < self->n_writes; i++)
    au_file_write_finish (&self->writes[i], self->records);

  AU_STORE_FAILPOINT ("write/before-unlocking");
  release_locks (self);
  AU_STORE_FAILPOINT ("write/unlocked");
}

/* Makes changes, each with an outcome of its own, as au_store_write_many() does. Returns
 * whether something may be claimed that could not be before.
 */
gboolean
au_file_write_many (AuFileRecords *records,
                    AuFileExpiry  *expiry,
                    AuWrite       *writes,
                    gsize          n_writes)
{
  AuFileBatch batch = { .records = records, .expiry = expiry };
  AuFileWrite single;
  g_autofree AuFileWrite *several = NULL;
  gsize max_batch = records->folder.sync ? MAX_BATCH : 1;
  gboolean claimable = FALSE;

  /* Together they are only where waiting for the disk is what takes the time. */
  if (records->folder.sync && n_writes > 1)
    several = g_new (AuFileWrite, MIN (n_writes, max_batch));
  batch.writes = several != NULL ? several : &single;

  for (gsize done = 0; done < n_writes; done += batch.n_writes)
    {
      batch.n_writes = MIN (n_writes - done, max_batch);
      for (guint i = 0; i < batch.n_writes; i++)
        au_file_write_prepare (&batch.writes[i], records, &writes[done + i]);

      run_batch (&batch);
      for (guint i = 0; i < batch.n_writes; i++)
        claimable |= batch.writes[i].claimable;
    }

  return claimable;
}
