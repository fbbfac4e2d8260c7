/* au-sqlite-holder.c: who keeps a database from being written
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-holder-private.h"

#include <fcntl.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Bytes that are locked by who writes: of SQLite's shared memory and of its database, by
 * its file formats, and of the file of tickets, see au_sqlite_place_lock().
 */
#define SHARED_MEMORY_WRITE (120)
#define DATABASE_PENDING (0x40000000)
#define DATABASE_LAST (DATABASE_PENDING + 511)
#define TICKET (1)

/* Tells whether a line, as /proc/locks has them, is of a lock on some of these bytes that
 * keeps others from writing; and whose it is, if it says so.
 */
static gboolean
is_lock_on (const char *line,
            guint64     inode,
            gint64      first,
            gint64      last,
            int        *pid)
{
  unsigned long long locked_inode;
  long long locked_first;
  char locked_last[32];

  return sscanf (line, "%*s %*[A-Z] %*s WRITE %d %*x:%*x:%llu %lld %31s",
                 pid, &locked_inode, &locked_first, locked_last) == 4 &&
         locked_inode == inode && locked_first <= last &&
         (g_str_equal (locked_last, "EOF") || g_ascii_strtoll (locked_last, NULL, 10) >= first);
}

static guint64
get_inode (const char *path)
{
  struct stat info;

  return stat (path, &info) == 0 ? info.st_ino : 0;
}

/* SQLite's locks belong to processes, and the system says to which. */
static int
find_of_process (const char *path,
                 gint64      first,
                 gint64      last)
{
  guint64 inode = get_inode (path);
  FILE *locks = inode != 0 ? fopen ("/proc/locks", "re") : NULL;
  char line[256];
  int found = 0;

  while (found <= 0 && locks != NULL && fgets (line, sizeof line, locks) != NULL)
    {
      if (!is_lock_on (line, inode, first, last, &found))
        found = 0;
    }

  if (locks != NULL)
    fclose (locks);
  return MAX (found, 0);
}

static gboolean
is_locked_by (int         pid,
              const char *fd,
              guint64     inode)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fdinfo/%s", pid, fd);
  FILE *info = fopen (path, "re");
  char line[256];
  gboolean found = FALSE;
  int owner;

  while (!found && info != NULL && fgets (line, sizeof line, info) != NULL)
    found = g_str_has_prefix (line, "lock:") &&
            is_lock_on (line + strlen ("lock:"), inode, TICKET, TICKET, &owner);

  if (info != NULL)
    fclose (info);
  return found;
}

static gboolean
has_ticket (int         pid,
            guint64     inode)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", pid);
  DIR *fds = opendir (path);
  gboolean found = FALSE;
  struct dirent *entry;
  struct stat info;

  while (!found && fds != NULL && (entry = readdir (fds)) != NULL)
    found = fstatat (dirfd (fds), entry->d_name, &info, 0) == 0 && info.st_ino == inode &&
            is_locked_by (pid, entry->d_name, inode);

  if (fds != NULL)
    closedir (fds);
  return found;
}

/* The ticket belongs to an open file: so whoever has it open is asked. */
static int
find_of_file (const char *path)
{
  guint64 inode = get_inode (path);
  DIR *processes = inode != 0 ? opendir ("/proc") : NULL;
  struct dirent *entry;
  int found = 0;

  while (found == 0 && processes != NULL && (entry = readdir (processes)) != NULL)
    {
      int pid = (int) g_ascii_strtoll (entry->d_name, NULL, 10);

      if (pid > 0 && has_ticket (pid, inode))
        found = pid;
    }

  if (processes != NULL)
    closedir (processes);
  return found;
}

static char *
describe (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/comm", pid);
  g_autofree char *name = NULL;

  if (g_file_get_contents (path, &name, NULL, NULL))
    g_strchomp (name);

  return g_strdup_printf ("%d (%s)", pid, name != NULL ? name : "?");
}

/* Finds who keeps a database from being written: the number of the process and the name
 * of its program. NULL if that cannot be seen, or if nobody does any more. This looks at
 * all processes, so it is for those who have waited for long.
 */
char *
au_sqlite_holder_find (const char *path)
{
  g_autofree char *shared_memory = g_strconcat (path, "-shm", NULL);
  g_autofree char *tickets = g_strconcat (path, "-lock", NULL);
  int pid;

  /* Whoever has the ticket may be waiting for a program that is not of au. */
  pid = find_of_process (shared_memory, SHARED_MEMORY_WRITE, SHARED_MEMORY_WRITE);
  if (pid == 0)
    pid = find_of_process (path, DATABASE_PENDING, DATABASE_LAST);
  if (pid == 0)
    pid = find_of_file (tickets);

  return pid > 0 ? describe (pid) : NULL;
}
