/* au-fault-disk.c: a disk that loses what was not synced, for programs that preload this
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Notes every write below the folder AU_FAULT_FOLDER, with what was there before, in the
 * file AU_FAULT_LOG, until the file it is to is synced. After the program was killed, a
 * test undoes some of those that are left: what a disk may do that loses power.
 *
 * With AU_FAULT_FILE_SYSTEM, file systems say that they are of that number.
 */

#define _GNU_SOURCE

#include "au-fault-disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -2;

#define REAL(name) ((__typeof__ (&name)) dlsym (RTLD_NEXT, #name))

/* The name of a file that is watched, below the folder; 0 if it is none. */
static int
get_name (int  fd,
          char name[AU_FAULT_NAME_SIZE])
{
  const char *folder = getenv ("AU_FAULT_FOLDER");
  char link[64], path[PATH_MAX];
  ssize_t length;
  size_t folder_length;

  if (folder == NULL)
    return 0;

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink (link, path, sizeof path - 1);
  folder_length = strlen (folder);
  if (length <= (ssize_t) folder_length || strncmp (path, folder, folder_length) != 0)
    return 0;

  path[length] = '\0';
  if (strlen (path + folder_length) >= AU_FAULT_NAME_SIZE)
    return 0;

  memset (name, 0, AU_FAULT_NAME_SIZE);
  strcpy (name, path + folder_length);
  return 1;
}

static void
note (const AuFaultEntry *entry,
      const void         *before,
      const void         *after)
{
  if (log_fd == -2)
    log_fd = open (getenv ("AU_FAULT_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

  if (REAL (write) (log_fd, entry, sizeof *entry) != sizeof *entry ||
      REAL (write) (log_fd, before, entry->before_size) != (ssize_t) entry->before_size ||
      REAL (write) (log_fd, after, entry->after_size) != (ssize_t) entry->after_size)
    abort ();
}

static void
note_write (int         fd,
            const void *data,
            size_t      size,
            off_t       offset)
{
  AuFaultEntry entry = { .offset = offset, .after_size = size };
  struct stat info;
  void *before;

  if (!get_name (fd, entry.name) || fstat (fd, &info) != 0)
    return;

  before = malloc (size + 1);
  entry.file_size = info.st_size;
  entry.before_size = pread (fd, before, size, offset);
  if ((ssize_t) entry.before_size < 0)
    entry.before_size = 0;
  note (&entry, before, data);
  free (before);
}

static void
note_sync (int fd)
{
  AuFaultEntry entry = { .offset = -1 };

  if (get_name (fd, entry.name))
    note (&entry, "", "");
}

ssize_t
pwrite64 (int         fd,
          const void *data,
          size_t      size,
          off64_t     offset)
{
  ssize_t written;

  pthread_mutex_lock (&lock);
  note_write (fd, data, size, offset);
  written = REAL (pwrite64) (fd, data, size, offset);
  pthread_mutex_unlock (&lock);

  return written;
}

ssize_t
pwrite (int         fd,
        const void *data,
        size_t      size,
        off_t       offset)
{
  return pwrite64 (fd, data, size, offset);
}

int
fdatasync (int fd)
{
  int result = REAL (fdatasync) (fd);

  pthread_mutex_lock (&lock);
  if (result == 0)
    note_sync (fd);
  pthread_mutex_unlock (&lock);

  return result;
}

int
fsync (int fd)
{
  int result = REAL (fsync) (fd);

  pthread_mutex_lock (&lock);
  if (result == 0)
    note_sync (fd);
  pthread_mutex_unlock (&lock);

  return result;
}

int
statfs (const char    *path,
        struct statfs *info)
{
  const char *number = getenv ("AU_FAULT_FILE_SYSTEM");
  int result = REAL (statfs) (path, info);

  if (result == 0 && number != NULL)
    info->f_type = strtol (number, NULL, 0);

  return result;
}
