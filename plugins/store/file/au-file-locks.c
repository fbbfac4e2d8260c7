/* au-file-locks.c: who may change a record
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-locks-private.h"

#include "../shared/au-store-crc-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

void
au_file_locks_init (AuFileLocks  *self,
                    AuFileFolder *folder)
{
  self->folder = folder;
  for (guint i = 0; i < G_N_ELEMENTS (self->mutexes); i++)
    g_mutex_init (&self->mutexes[i]);
}

void
au_file_locks_clear (AuFileLocks *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->mutexes); i++)
    g_mutex_clear (&self->mutexes[i]);
}

/* The number of the lock that guards who holds a unique key. */
guint
au_file_locks_for_unique (const char *unique_key)
{
  return au_store_crc (0, unique_key, strlen (unique_key)) % AU_FILE_N_UNIQUE;
}

/* The number of the lock that guards a record and its items. */
guint
au_file_locks_for_record (const char *key)
{
  return AU_FILE_N_UNIQUE + au_file_folder_get_shard (key);
}

static gboolean
set_lock (AuFileLocks *self,
          guint        lock,
          short        type)
{
  struct flock range = {
    .l_type = type,
    .l_whence = SEEK_SET,
    .l_start = lock,
    .l_len = 1,
  };
  int result;

  do
    result = fcntl (self->folder->lock_fd, F_OFD_SETLKW, &range);
  while (result != 0 && errno == EINTR);

  return result == 0;
}

/* Waits for a lock, which is held for one change only. */
gboolean
au_file_locks_take (AuFileLocks  *self,
                    guint         lock,
                    GError      **error)
{
  int reason;

  if (self->folder->read_only != 0)
    return au_file_folder_fail_writing (self->folder, "lock", self->folder->read_only, error);

  /* The mutex first: locks of the file do not hold between those who share it. */
  g_mutex_lock (&self->mutexes[lock]);
  if (set_lock (self, lock, F_WRLCK))
    return TRUE;

  reason = errno;
  g_mutex_unlock (&self->mutexes[lock]);
  return au_file_folder_fail_writing (self->folder, "lock", reason, error);
}

void
au_file_locks_release (AuFileLocks *self,
                       guint        lock)
{
  set_lock (self, lock, F_UNLCK);
  g_mutex_unlock (&self->mutexes[lock]);
}
