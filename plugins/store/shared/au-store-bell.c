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
#include <unistd.h>

typedef struct
{
  GSource parent;

  int     inotify_fd;
  int     lock_fd;
} AuStoreBellSource;

/* Tells all listeners. The change is visible to them already.
 *
 * A listener takes its lock before it looks, so it either sees the change, or is seen
 * here.
 */
void
au_store_bell_ring (int fd)
{
  struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

  if (fcntl (fd, F_OFD_GETLK, &range) == 0 && range.l_type == F_UNLCK)
    return;

  /* What is written does not matter, and a full disk has room for one byte that is
   * there already. If even this fails, listeners learn of the next change.
   */
  while (pwrite (fd, "*", 1, 0) < 0 && errno == EINTR)
    ;
}

static gboolean
au_store_bell_source_dispatch (GSource     *source,
                               GSourceFunc  callback,
                               gpointer     user_data)
{
  AuStoreBellSource *self = (AuStoreBellSource *) source;
  char events[4096] __attribute__ ((aligned (__alignof__ (struct inotify_event))));

  /* However often it rang: the callback looks at everything, after this. */
  while (read (self->inotify_fd, events, sizeof events) > 0)
    ;

  return callback != NULL ? callback (user_data) : G_SOURCE_CONTINUE;
}

static void
au_store_bell_source_finalize (GSource *source)
{
  AuStoreBellSource *self = (AuStoreBellSource *) source;

  if (self->inotify_fd >= 0)
    close (self->inotify_fd);
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
  char path[32];

  /* An open file of its own, since a lock does not hold against who shares one. */
  g_snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  self->lock_fd = open (path, O_RDONLY | O_CLOEXEC);
  if (self->lock_fd < 0 || fcntl (self->lock_fd, F_OFD_SETLK, &range) != 0)
    return FALSE;

  self->inotify_fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  if (self->inotify_fd < 0)
    return FALSE;

  g_snprintf (path, sizeof path, "/proc/self/fd/%d", self->lock_fd);
  return inotify_add_watch (self->inotify_fd, path, IN_MODIFY) >= 0;
}

/* Makes a source that is ready when the bell was rung. Returns NULL when the system
 * has no more of what that takes.
 */
GSource *
au_store_bell_new_source (int fd)
{
  GSource *source = g_source_new (&au_store_bell_source_funcs, sizeof (AuStoreBellSource));
  AuStoreBellSource *self = (AuStoreBellSource *) source;

  self->inotify_fd = -1;
  self->lock_fd = -1;
  g_source_set_static_name (source, "[au] bell of a store");

  if (!listen_to (self, fd))
    {
      g_source_unref (source);
      return NULL;
    }

  g_source_add_unix_fd (source, self->inotify_fd, G_IO_IN);
  return source;
}
