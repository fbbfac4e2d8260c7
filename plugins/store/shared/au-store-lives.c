/* au-store-lives.c: which processes with workers live
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-store-lives-private.h"
#include "../shared/au-store-failpoint-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe is called OWNER,NUMBER: a process may have the store open more than once. The
 * slashes of an owner are commas in it.
 */
#define MAX_OWNER (200)

/* Higher than the files of most processes, and lower than they may be by default. */
#define FIRST_HIGH_FD (768)

struct _AuStoreLives
{
  gatomicrefcount ref_count;
  char           *folder;
  gint            news;         /* somebody has died, and nobody looked yet */

  GMutex          lock;         /* for what follows */
  char           *own;          /* the path of the pipe of this store, or NULL */
  int             own_fd;
};

AuStoreLives *
au_store_lives_new (const char *folder)
{
  AuStoreLives *self = g_new0 (AuStoreLives, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->folder = g_strdup (folder);
  self->own_fd = -1;
  g_mutex_init (&self->lock);

  return self;
}

AuStoreLives *
au_store_lives_ref (AuStoreLives *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
au_store_lives_unref (AuStoreLives *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  au_store_lives_leave (self);
  g_mutex_clear (&self->lock);
  g_free (self->folder);
  g_free (self);
}

/* The name of an owner's pipes, without their numbers; NULL if it can have none. */
static char *
make_name (const char *owner)
{
  char *name;

  if (owner[0] == '\0' || owner[0] == '.' || owner[0] == '/' || strlen (owner) > MAX_OWNER)
    return NULL;

  name = g_strdup (owner);
  g_strdelimit (name, "/", ',');
  return name;
}

/* The own pipe */

/* Gives a file a high number. When a process is killed, the system closes its files from the
 * highest number down, and takes 10 to 20 ms for each that tells of changes of others;
 * others must not learn only after that that the process is gone.
 */
static int
make_high (int fd)
{
  int high = fcntl (fd, F_DUPFD_CLOEXEC, FIRST_HIGH_FD);

  if (high < 0)
    return fd;

  close (fd);
  return high;
}

/* Makes the pipe and holds it, before it gets the name by which others find it. */
static gboolean
make_pipe (AuStoreLives *self,
           const char    *name)
{
  static gint last_number = 0;
  gint number = g_atomic_int_add (&last_number, 1);
  g_autofree char *hidden = g_strdup_printf ("%s/.%s,%d", self->folder, name, number);
  g_autofree char *path = g_strdup_printf ("%s/%s,%d", self->folder, name, number);
  int fd;

  unlink (hidden);
  if (mkfifo (hidden, 0600) != 0)
    return FALSE;

  AU_STORE_FAILPOINT ("lives/made");
  fd = open (hidden, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || rename (hidden, path) != 0)
    {
      if (fd >= 0)
        close (fd);
      unlink (hidden);
      return FALSE;
    }

  AU_STORE_FAILPOINT ("lives/named");
  self->own_fd = make_high (fd);
  self->own = g_steal_pointer (&path);
  return TRUE;
}

/* Says that this process has a worker that claims as @owner. Where that cannot be said,
 * others go by the number of the process, and by leases.
 */
void
au_store_lives_enter (AuStoreLives *self,
                       const char    *owner)
{
  g_autofree char *name = make_name (owner);

  g_mutex_lock (&self->lock);
  if (self->own == NULL && name != NULL && (mkdir (self->folder, 0700) == 0 || errno == EEXIST))
    make_pipe (self, name);
  g_mutex_unlock (&self->lock);
}

void
au_store_lives_leave (AuStoreLives *self)
{
  g_mutex_lock (&self->lock);
  if (self->own != NULL)
    {
      /* in this order: who finds it, finds it held */
      unlink (self->own);
      close (self->own_fd);
    }
  g_clear_pointer (&self->own, g_free);
  self->own_fd = -1;
  g_mutex_unlock (&self->lock);
}

/* The pipes of others */

/* Opens the other end of a pipe. Fails, with ENXIO in *reason, if nobody holds it. */
static int
open_pipe (int         folder,
           const char *file,
           int        *reason)
{
  struct stat info;
  int fd = openat (folder, file, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

  *reason = fd < 0 ? errno : 0;
  if (fd < 0 || (fstat (fd, &info) == 0 && S_ISFIFO (info.st_mode)))
    return fd;

  close (fd);
  return -1;
}

/* The part of a file's name that is that of an owner. */
static char *
get_owner_name (const char *file)
{
  const char *comma = strrchr (file, ',');

  return file[0] == '.' || comma == NULL ? NULL : g_strndup (file, comma - file);
}

/* Finds the names of those of whom nobody holds a pipe, and some did. They are the keys of
 * a table, and files of theirs are the values.
 */
GHashTable *
au_store_lives_find_dead (AuStoreLives *self)
{
  GHashTable *dead = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GPtrArray) living = g_ptr_array_new_with_free_func (g_free);
  DIR *folder = opendir (self->folder);
  struct dirent *entry;

  while (folder != NULL && (entry = readdir (folder)) != NULL)
    {
      g_autofree char *name = get_owner_name (entry->d_name);
      int fd, reason;

      if (name == NULL)
        continue;

      fd = open_pipe (dirfd (folder), entry->d_name, &reason);
      if (fd >= 0)
        {
          close (fd);
          g_ptr_array_add (living, g_steal_pointer (&name));
        }
      else if (reason == ENXIO)
        {
          g_hash_table_replace (dead, g_steal_pointer (&name), g_strdup (entry->d_name));
        }
    }

  if (folder != NULL)
    closedir (folder);
  for (guint i = 0; i < living->len; i++)
    g_hash_table_remove (dead, g_ptr_array_index (living, i));

  return dead;
}

gboolean
au_store_lives_is_among (GHashTable *dead,
                          const char *owner)
{
  g_autofree char *name = g_hash_table_size (dead) > 0 ? make_name (owner) : NULL;

  return name != NULL && g_hash_table_contains (dead, name);
}

/* Removes the pipes of those whose work was taken away. */
void
au_store_lives_clear_dead (AuStoreLives *self,
                            GHashTable    *dead)
{
  GHashTableIter iter;
  gpointer file;

  g_hash_table_iter_init (&iter, dead);
  while (g_hash_table_iter_next (&iter, NULL, &file))
    {
      g_autofree char *path = g_build_filename (self->folder, file, NULL);

      unlink (path);
    }
}

/* Whether somebody has died since this was asked last. */
gboolean
au_store_lives_take_news (AuStoreLives *self)
{
  return g_atomic_int_compare_and_exchange (&self->news, TRUE, FALSE);
}

/* Has this looked at again, as there was more than one look could take. */
void
au_store_lives_look_again (AuStoreLives *self)
{
  g_atomic_int_set (&self->news, TRUE);
}

/* A source that tells of deaths */

typedef struct
{
  int      fd;
  gpointer tag;
} Watch;

typedef struct
{
  GSource        parent;

  AuStoreLives *lives;
  int            inotify_fd;
  gpointer       inotify_tag;
  GHashTable    *watches;       /* of Watch, by the names of files */
} AuStoreLivesSource;

static void
watch_free (gpointer data)
{
  Watch *self = data;

  close (self->fd);
  g_free (self);
}

/* Holds the other ends of all pipes that are there. */
static void
watch_all (AuStoreLivesSource *self)
{
  GSource *source = (GSource *) self;
  DIR *folder = opendir (self->lives->folder);
  struct dirent *entry;

  while (folder != NULL && (entry = readdir (folder)) != NULL)
    {
      Watch *watch;
      int fd, reason;

      if (entry->d_name[0] == '.' || g_hash_table_contains (self->watches, entry->d_name))
        continue;

      fd = open_pipe (dirfd (folder), entry->d_name, &reason);
      if (fd < 0)
        {
          if (reason == ENXIO)
            g_atomic_int_set (&self->lives->news, TRUE);
          continue;
        }

      watch = g_new0 (Watch, 1);
      watch->fd = fd;
      watch->tag = g_source_add_unix_fd (source, fd, G_IO_ERR);
      g_hash_table_insert (self->watches, g_strdup (entry->d_name), watch);
    }

  if (folder != NULL)
    closedir (folder);
}

static gboolean
au_store_lives_source_dispatch (GSource     *source,
                                 GSourceFunc  callback,
                                 gpointer     user_data)
{
  AuStoreLivesSource *self = (AuStoreLivesSource *) source;
  char events[4096] __attribute__ ((aligned (__alignof__ (struct inotify_event))));
  GHashTableIter iter;
  gpointer data;

  while (read (self->inotify_fd, events, sizeof events) > 0)
    ;

  g_hash_table_iter_init (&iter, self->watches);
  while (g_hash_table_iter_next (&iter, NULL, &data))
    {
      Watch *watch = data;

      if (g_source_query_unix_fd (source, watch->tag) == 0)
        continue;

      g_source_remove_unix_fd (source, watch->tag);
      g_hash_table_iter_remove (&iter);
      g_atomic_int_set (&self->lives->news, TRUE);
    }
  watch_all (self);

  return callback != NULL ? callback (user_data) : G_SOURCE_CONTINUE;
}

static void
au_store_lives_source_finalize (GSource *source)
{
  AuStoreLivesSource *self = (AuStoreLivesSource *) source;

  g_hash_table_unref (self->watches);
  if (self->inotify_fd >= 0)
    close (self->inotify_fd);
  au_store_lives_unref (self->lives);
}

static GSourceFuncs au_store_lives_source_funcs = {
  .dispatch = au_store_lives_source_dispatch,
  .finalize = au_store_lives_source_finalize,
};

/* Makes a source that is ready when a process has died, or another one has come. Returns
 * NULL when the system has no more of what that takes; deaths are then found out by asking.
 */
static GSource *
new_source (AuStoreLives *self)
{
  GSource *source = g_source_new (&au_store_lives_source_funcs, sizeof (AuStoreLivesSource));
  AuStoreLivesSource *lives = (AuStoreLivesSource *) source;

  lives->lives = au_store_lives_ref (self);
  lives->watches = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, watch_free);
  lives->inotify_fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  g_source_set_static_name (source, "[au] processes with workers");

  if (mkdir (self->folder, 0700) != 0 && errno != EEXIST)
    goto failed;
  if (lives->inotify_fd < 0 ||
      inotify_add_watch (lives->inotify_fd, self->folder, IN_MOVED_TO | IN_ONLYDIR) < 0)
    goto failed;

  lives->inotify_tag = g_source_add_unix_fd (source, lives->inotify_fd, G_IO_IN);
  watch_all (lives);
  return source;

failed:
  g_source_unref (source);
  return NULL;
}

GSource *
au_store_lives_join_source (AuStoreLives *self,
                            GSource      *work)
{
  GSource *deaths = work != NULL ? new_source (self) : NULL;

  if (deaths != NULL)
    {
      g_source_add_child_source (work, deaths);
      g_source_unref (deaths);
    }

  return work;
}
