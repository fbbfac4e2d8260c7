/* au-file-recovery.c: what others have left behind
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-recovery-private.h"

#include "au-file-line-private.h"
#include "au-file-names-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* So many staged files are looked at when a store is opened. */
#define MAX_STAGED (1000)

/* A staged file of another machine, of which nobody knows whether it is still used. */
#define STAGED_AGE (24 * 60 * 60)

/* So many folders of records are looked through with each cleaning. */
#define N_SHARDS_A_STEP (16)

#define BOOT_PATH "boot"

/* Staged files */

static gboolean
is_left_over (int         staging_fd,
              const char *name)
{
  const char *number = strrchr (name, ',');
  g_autofree char *owner = NULL;
  struct stat info;

  if (number == NULL)
    return FALSE;

  owner = g_strdelimit (g_strndup (name, number - name), ",", '/');
  switch (au_owner_get_state (owner))
    {
    case AU_OWNER_STATE_DEAD:
      return TRUE;

    case AU_OWNER_STATE_UNKNOWN:
      return fstatat (staging_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
             info.st_mtime < g_get_real_time () / G_USEC_PER_SEC - STAGED_AGE;

    case AU_OWNER_STATE_ALIVE:
    default:
      return FALSE;
    }
}

/* Removes staged files that no process will use any more. */
void
au_file_recovery_unstage (AuFileFolder *folder)
{
  DIR *list = au_file_folder_list (folder, "staging");
  struct dirent *entry;

  if (list == NULL)
    return;

  for (guint i = 0; i < MAX_STAGED && (entry = readdir (list)) != NULL; i++)
    {
      if (entry->d_name[0] != '.' && is_left_over (dirfd (list), entry->d_name))
        unlinkat (dirfd (list), entry->d_name, 0);
    }

  closedir (list);
}

/* What was not synced: notes of what expires, and marks of queues */

/* The part of the name of a process that stands for the boot. */
static char *
get_boot (void)
{
  g_auto(GStrv) parts = g_strsplit (au_owner_get_own (), "/", 3);

  return g_strdup (parts[0] != NULL && parts[1] != NULL ? parts[1] : "");
}

static gboolean
is_done (AuFileFolder *folder,
         const char   *boot)
{
  int fd = openat (folder->root_fd, BOOT_PATH, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  char text[128];
  gssize length;

  if (fd < 0)
    return FALSE;

  length = au_file_read (fd, text, sizeof text - 1, 0);
  close (fd);
  text[MAX (length, 0)] = '\0';

  return boot[0] != '\0' && g_str_equal (text, boot);
}

static void
set_done (AuFileFolder *folder,
          const char   *boot)
{
  int fd = openat (folder->root_fd, BOOT_PATH,
                   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  struct iovec part = { (gpointer) boot, strlen (boot) };

  if (fd < 0)
    return;

  /* If this fails, the next process does the same once more. */
  au_file_write (fd, &part, 1, 0);
  close (fd);
}

void
au_file_recovery_init (AuFileRecovery *self,
                       AuFileRecords  *records,
                       AuFileExpiry   *expiry)
{
  g_autofree char *boot = get_boot ();

  self->records = records;
  self->expiry = expiry;
  g_mutex_init (&self->lock);
  self->next_shard = 0;

  if (records->folder.is_new)
    set_done (&records->folder, boot);
  if (records->folder.is_new || is_done (&records->folder, boot))
    self->next_shard = AU_FILE_N_SHARDS;
}

void
au_file_recovery_clear (AuFileRecovery *self)
{
  g_mutex_clear (&self->lock);
}

static void
note_shard (AuFileRecovery *self,
            guint           shard)
{
  g_autoptr(GPtrArray) keys = au_file_names_list_shard (self->records, shard, NULL);

  for (guint i = 0; keys != NULL && i < keys->len; i++)
    {
      const char *key = g_ptr_array_index (keys, i);
      AuFileHeader header;

      if (!au_file_records_visit (self->records, key, AU_FILE_LOAD_SET_ASIDE, NULL,
                                  &header, NULL, NULL))
        continue;

      if (header.expires > 0)
        au_file_expiry_note (self->expiry, key, header.expires, NULL);
      if (!au_status_is_terminal (header.status))
        au_file_line_put_right (self->records->line, NULL, key);
    }
}

/* Goes on with looking through the records, if that has not been done in this boot. */
void
au_file_recovery_step (AuFileRecovery *self)
{
  g_autofree char *boot = NULL;
  guint first, end;

  g_mutex_lock (&self->lock);
  first = self->next_shard;
  end = MIN (first + N_SHARDS_A_STEP, AU_FILE_N_SHARDS);
  self->next_shard = end;
  g_mutex_unlock (&self->lock);

  for (guint shard = first; shard < end; shard++)
    note_shard (self, shard);

  if (first < end && end == AU_FILE_N_SHARDS)
    {
      boot = get_boot ();
      set_done (&self->records->folder, boot);
    }
}
