/* au-file-expiry.c: when records expire
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-expiry-private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MINUTE ((gint64) 60 * G_USEC_PER_SEC)
#define MAX_LINE (AU_KEY_MAX_LENGTH + 32)

void
au_file_expiry_init (AuFileExpiry  *self,
                     AuFileRecords *records)
{
  self->records = records;
  self->fd = -1;
  g_mutex_init (&self->lock);
  g_mutex_init (&self->clean_lock);
  self->done = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static void
close_fd (AuFileExpiry *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

void
au_file_expiry_clear (AuFileExpiry *self)
{
  close_fd (self);
  g_clear_pointer (&self->done, g_hash_table_unref);
  g_mutex_clear (&self->clean_lock);
  g_mutex_clear (&self->lock);
}

/* The names sort as the times do. */
static void
make_path (char   *path,
           gint64  minute)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc (minute * 60);
  g_autofree char *text = NULL;

  if (time != NULL)
    text = g_date_time_format (time, "%Y-%m-%dT%H/%M");
  g_snprintf (path, AU_FILE_PATH_SIZE, "expires/%s", text != NULL ? text : "9999-99-99T99/99");
}

/* Locks a whole file of lines, between processes and between those who open it. */
static gboolean
lock_file (int   fd,
           short type)
{
  struct flock range = { .l_type = type, .l_whence = SEEK_SET };
  int result;

  do
    result = fcntl (fd, F_OFD_SETLKW, &range);
  while (result != 0 && errno == EINTR);

  return result == 0;
}

/* Writing */

static gboolean
open_minute (AuFileExpiry  *self,
             gint64         minute,
             GError       **error)
{
  AuFileFolder *folder = &self->records->folder;
  const int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
  char path[AU_FILE_PATH_SIZE];

  close_fd (self);
  make_path (path, minute);

  self->fd = openat (folder->root_fd, path, flags, 0600);
  if (self->fd < 0 && errno == ENOENT)
    {
      if (!au_file_folder_make_parent (folder, path, error))
        return FALSE;
      self->fd = openat (folder->root_fd, path, flags, 0600);
    }

  if (self->fd < 0)
    return au_file_folder_fail_writing (folder, path, errno, error);

  self->minute = minute;
  return TRUE;
}

/* Returns FALSE with errno set, which is ENOENT when the file was removed meanwhile. */
static gboolean
append_line (AuFileExpiry *self,
             const char   *line,
             gsize         length)
{
  struct stat info;
  gssize n = -1;
  int reason;

  if (!lock_file (self->fd, F_WRLCK))
    return FALSE;

  if (fstat (self->fd, &info) == 0 && info.st_nlink > 0)
    {
      do
        n = write (self->fd, line, length);
      while (n < 0 && errno == EINTR);
      reason = n < 0 ? errno : ENOSPC;

      /* Half a line would spoil the next one. */
      if (n >= 0 && n < (gssize) length && ftruncate (self->fd, info.st_size) != 0)
        reason = errno;
    }
  else
    {
      reason = ENOENT;
    }

  lock_file (self->fd, F_UNLCK);
  errno = reason;
  return n == (gssize) length;
}

/* Notes that a record is to expire. */
gboolean
au_file_expiry_note (AuFileExpiry  *self,
                     const char    *key,
                     gint64         expires,
                     GError       **error)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gint64 minute = expires / MINUTE;
  char line[MAX_LINE];
  char path[AU_FILE_PATH_SIZE];

  g_snprintf (line, sizeof line, "%" PRId64 " %s\n", expires, key);

  if ((self->fd < 0 || self->minute != minute) && !open_minute (self, minute, error))
    return FALSE;

  if (append_line (self, line, strlen (line)))
    return TRUE;

  /* Whoever cleaned it up was done with it, so a new one is begun. */
  if (errno == ENOENT)
    {
      if (!open_minute (self, minute, error))
        return FALSE;
      if (append_line (self, line, strlen (line)))
        return TRUE;
    }

  make_path (path, minute);
  return au_file_folder_fail_writing (&self->records->folder, path, errno, error);
}

/* Cleaning */

typedef struct
{
  AuFileExpiry     *expiry;
  gint64            now;
  guint             limit;
  AuFileExpireFunc  func;
  gpointer          user_data;
  GCancellable     *cancellable;

  guint             n_removed;
} Cleaning;

/* Expires what a line says. Returns whether the line is done with. */
static gboolean
clean_line (Cleaning    *self,
            const char  *line,
            GError     **error)
{
  char *end;
  gint64 expires = g_ascii_strtoll (line, &end, 10);
  g_autoptr(GError) reason = NULL;

  if (*end != ' ' || !au_key_is_valid (end + 1))
    return TRUE;

  if (expires > self->now)
    return FALSE;

  if (self->func (self->expiry->records, end + 1, self->now, self->user_data, &reason))
    self->n_removed++;
  else if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));

  return TRUE;
}

/* Goes through the lines of a file, from *done on, which moves as far as lines are
 * done with. Sets *rest when some are not.
 */
static gboolean
clean_lines (Cleaning  *self,
             int        fd,
             goffset   *done,
             gboolean  *rest,
             GError   **error)
{
  char buffer[4096 + 1];
  goffset offset = *done;
  GError *reason = NULL;

  for (;;)
    {
      gssize n = au_file_read (fd, buffer, sizeof buffer - 1, offset);
      char *line = buffer;
      char *newline;

      if (n < 0)
        return FALSE;
      buffer[n] = '\0';

      while ((newline = memchr (line, '\n', buffer + n - line)) != NULL)
        {
          *newline = '\0';
          if (self->n_removed == self->limit ||
              g_cancellable_is_cancelled (self->cancellable))
            {
              *rest = TRUE;
              return TRUE;
            }

          if (!clean_line (self, line, &reason))
            *rest = TRUE;
          if (reason != NULL)
            {
              g_propagate_error (error, reason);
              return FALSE;
            }

          offset += newline + 1 - line;
          line = newline + 1;
          if (!*rest)
            *done = offset;
        }

      /* What has no end is half a line, or none that was ever written here. */
      if (line == buffer)
        return TRUE;
    }
}

/* Removes a file that is done with, unless somebody has added to it meanwhile. */
static void
remove_done (Cleaning   *self,
             const char *path,
             int         fd,
             goffset     done)
{
  AuFileFolder *folder = &self->expiry->records->folder;
  struct stat info;

  if (!lock_file (fd, F_WRLCK))
    return;

  if (fstat (fd, &info) == 0 && info.st_size >= done &&
      info.st_size < done + MAX_LINE)
    {
      char rest[MAX_LINE];

      if (au_file_read (fd, rest, sizeof rest, done) >= 0 &&
          memchr (rest, '\n', info.st_size - done) == NULL)
        unlinkat (folder->root_fd, path, 0);
    }

  lock_file (fd, F_UNLCK);
}

static gboolean
clean_file (Cleaning    *self,
            const char  *path,
            GError     **error)
{
  AuFileFolder *folder = &self->expiry->records->folder;
  GHashTable *all_done = self->expiry->done;
  int fd = openat (folder->root_fd, path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  GError *reason = NULL;
  gboolean rest = FALSE;
  gboolean fine;
  goffset *known;
  goffset done;

  /* What somebody else has put here is passed over. */
  if (fd < 0)
    return errno == ENOENT || errno == EISDIR || errno == ELOOP || errno == ENXIO ||
           au_file_folder_fail_reading (folder, path, errno, error);

  known = g_hash_table_lookup (all_done, path);
  done = known != NULL ? *known : 0;

  fine = clean_lines (self, fd, &done, &rest, &reason);
  if (!fine && reason == NULL)
    au_file_folder_fail_reading (folder, path, errno, &reason);

  if (fine && !rest)
    {
      remove_done (self, path, fd, done);
      g_hash_table_remove (all_done, path);
    }
  else
    {
      g_hash_table_replace (all_done, g_strdup (path), g_memdup2 (&done, sizeof done));
    }

  close (fd);
  if (reason != NULL)
    g_propagate_error (error, reason);
  return fine;
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Lists what a folder holds, up to the name of last, in order. */
static GPtrArray *
list_names (AuFileFolder *folder,
            const char   *path,
            const char   *last)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  DIR *list = au_file_folder_list (folder, path);
  struct dirent *entry;

  if (list == NULL)
    return names;

  while ((entry = readdir (list)) != NULL)
    {
      if (entry->d_name[0] != '.' && strcmp (entry->d_name, last) <= 0)
        g_ptr_array_add (names, g_strdup (entry->d_name));
    }
  closedir (list);

  g_ptr_array_sort (names, compare_names);
  return names;
}

/* Goes through the minutes of one hour. */
static gboolean
clean_hour (Cleaning    *self,
            const char  *hour,
            const char  *last_minute,
            GError     **error)
{
  AuFileFolder *folder = &self->expiry->records->folder;
  g_autofree char *hour_path = g_build_filename ("expires", hour, NULL);
  g_autoptr(GPtrArray) minutes = list_names (folder, hour_path, last_minute);

  for (guint i = 0; i < minutes->len && self->n_removed < self->limit; i++)
    {
      g_autofree char *path = g_build_filename (hour_path, g_ptr_array_index (minutes, i), NULL);

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
          !clean_file (self, path, error))
        return FALSE;
    }

  /* It goes only when nothing is in it. */
  unlinkat (folder->root_fd, hour_path, AT_REMOVEDIR);
  return TRUE;
}

/* Calls func for records that have expired, which returns TRUE if it removed one,
 * until it did so limit times. func may fail, which ends it.
 *
 * Returns how many were removed, or -1 with error set.
 */
gint
au_file_expiry_clean (AuFileExpiry      *self,
                      gint64             now,
                      guint              limit,
                      AuFileExpireFunc   func,
                      gpointer           user_data,
                      GCancellable      *cancellable,
                      GError           **error)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->clean_lock);
  Cleaning cleaning = { self, now, limit, func, user_data, cancellable, 0 };
  g_autoptr(GPtrArray) hours = NULL;
  char last[AU_FILE_PATH_SIZE];
  char *last_hour, *last_minute;

  make_path (last, now / MINUTE);
  last_hour = strchr (last, '/') + 1;
  last_minute = strchr (last_hour, '/') + 1;
  last_minute[-1] = '\0';

  hours = list_names (&self->records->folder, "expires", last_hour);
  for (guint i = 0; i < hours->len && cleaning.n_removed < limit; i++)
    {
      const char *hour = g_ptr_array_index (hours, i);
      gboolean is_last = g_str_equal (hour, last_hour);

      if (!clean_hour (&cleaning, hour, is_last ? last_minute : "99", error))
        return -1;
    }

  return cleaning.n_removed;
}
