/* au-store-bell.c: tells processes that something changed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-store-bell-private.h"

#include <glib-unix.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  GSource   parent;

  int       inotify_fd;
  int       watch;
  int       lock_fd;
  gpointer  fd_tag;
  GTimeSpan quiet;
} AuStoreBellSource;

/* Whether anybody listens, other than by this open file. When the change is visible
 * already this is certain: a listener takes its lock before it looks, so it either sees
 * the change, or is seen here.
 */
gboolean
au_store_bell_is_heard (int fd)
{
  struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

  return fcntl (fd, F_OFD_GETLK, &range) != 0 || range.l_type != F_UNLCK;
}

/* Tells all listeners. The change is visible to them already. */
void
au_store_bell_ring (int fd)
{
  if (!au_store_bell_is_heard (fd))
    return;

  /* What is written does not matter, and a full disk has room for one byte that is
   * there already. If even this fails, listeners learn of the next change.
   */
  while (pwrite (fd, "*", 1, 0) < 0 && errno == EINTR)
    ;
}

/* To close an inotify descriptor takes the system some 20 ms, as it waits there until no
 * processor looks at its watches any more; so a few are kept for the next listeners.
 */
static GMutex spares_lock;
static int spares[4];
static guint n_spares;
static pid_t spares_of;         /* a forked process shares them with its parent */

static int
take_inotify (void)
{
  int fd = -1;

  g_mutex_lock (&spares_lock);
  if (n_spares > 0 && spares_of == getpid ())
    fd = spares[--n_spares];
  g_mutex_unlock (&spares_lock);

  return fd >= 0 ? fd : inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
}

static void
drain (int inotify_fd)
{
  char events[4096] __attribute__ ((aligned (__alignof__ (struct inotify_event))));

  while (read (inotify_fd, events, sizeof events) > 0)
    ;
}

static void
give_inotify (int fd,
              int watch)
{
  gboolean kept;

  if (watch >= 0)
    inotify_rm_watch (fd, watch);
  drain (fd);

  g_mutex_lock (&spares_lock);
  if (spares_of != getpid ())
    n_spares = 0;
  spares_of = getpid ();
  kept = n_spares < G_N_ELEMENTS (spares);
  if (kept)
    spares[n_spares++] = fd;
  g_mutex_unlock (&spares_lock);

  if (!kept)
    close (fd);
}

static gboolean
au_store_bell_source_dispatch (GSource     *source,
                               GSourceFunc  callback,
                               gpointer     user_data)
{
  AuStoreBellSource *self = (AuStoreBellSource *) source;

  if (g_source_get_ready_time (source) >= 0)
    {
      g_source_set_ready_time (source, -1);
      g_source_modify_unix_fd (source, self->fd_tag, G_IO_IN);
      return G_SOURCE_CONTINUE;
    }

  if (self->quiet > 0)
    {
      g_source_modify_unix_fd (source, self->fd_tag, 0);
      g_source_set_ready_time (source, g_source_get_time (source) + self->quiet);
    }

  /* However often it rang: the callback looks at everything, after this. */
  drain (self->inotify_fd);

  return callback != NULL ? callback (user_data) : G_SOURCE_CONTINUE;
}

static void
au_store_bell_source_finalize (GSource *source)
{
  AuStoreBellSource *self = (AuStoreBellSource *) source;

  if (self->inotify_fd >= 0)
    give_inotify (self->inotify_fd, self->watch);
  if (self->lock_fd >= 0)
    close (self->lock_fd);
}

static GSourceFuncs au_store_bell_source_funcs = {
  .dispatch = au_store_bell_source_dispatch,
  .finalize = au_store_bell_source_finalize,
};

static gboolean
listen_to (AuStoreBellSource *self,
           int                fd)
{
  struct flock range = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
  struct stat info;
  char path[32];

  /* Nobody else will ring one that was removed. */
  if (fstat (fd, &info) != 0 || info.st_nlink == 0)
    return FALSE;

  /* An open file of its own, since a lock does not hold against who shares one. */
  g_snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  self->lock_fd = open (path, O_RDONLY | O_CLOEXEC);
  if (self->lock_fd < 0 || fcntl (self->lock_fd, F_OFD_SETLK, &range) != 0)
    return FALSE;

  self->inotify_fd = take_inotify ();
  if (self->inotify_fd < 0)
    return FALSE;

  g_snprintf (path, sizeof path, "/proc/self/fd/%d", self->lock_fd);
  self->watch = inotify_add_watch (self->inotify_fd, path, IN_MODIFY);

  return self->watch >= 0;
}

/* Makes a source that is ready when the bell was rung. Returns NULL when the bell is
 * gone, or the system has no more of what that takes. *first says whether nobody else
 * listens, so that nobody may have listened until now.
 *
 * A store under load is rung thousands of times a second, and to wake a listener for each
 * ring costs more than what it looks at. So it is woken for the first one, and then no
 * more for as long as quiet says, in µs: what rings meanwhile waits in the kernel.
 */
GSource *
au_store_bell_new_source (int       fd,
                          GTimeSpan quiet,
                          gboolean *first)
{
  GSource *source = g_source_new (&au_store_bell_source_funcs, sizeof (AuStoreBellSource));
  AuStoreBellSource *self = (AuStoreBellSource *) source;

  self->inotify_fd = -1;
  self->watch = -1;
  self->lock_fd = -1;
  self->quiet = quiet;
  g_source_set_static_name (source, "[au] bell of a store");
  /* Else GLib wakes the context each time it has dispatched a source with a descriptor. */
  g_source_set_can_recurse (source, TRUE);

  if (!listen_to (self, fd))
    {
      g_source_unref (source);
      return NULL;
    }

  if (first != NULL)
    *first = !au_store_bell_is_heard (self->lock_fd);
  self->fd_tag = g_source_add_unix_fd (source, self->inotify_fd, G_IO_IN);

  return source;
}
