/* au-file-bell.c: tells processes that something changed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-bell-private.h"

#include <glib-unix.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

/* A store under load is rung thousands of times a second, and to wake a listener for each
 * ring costs more than what it looks at. So it is woken for the first one, and then no
 * more for this long: what rings meanwhile waits in the kernel. */
#define QUIET (10 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  GSource  parent;

  int      inotify_fd;
  int      lock_fd;
  gpointer fd_tag;
} AuFileBellSource;

/* Tells all listeners. The change is visible to them already.
 *
 * A listener takes its lock before it looks, so it either sees the change, or is seen
 * here.
 */
void
au_file_bell_ring (AuFileFolder *folder)
{
  struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

  if (fcntl (folder->bell_fd, F_OFD_GETLK, &range) == 0 && range.l_type == F_UNLCK)
    return;

  /* What is written does not matter, and a full disk has room for one byte that is
   * there already. If even this fails, listeners learn of the next change.
   */
  while (pwrite (folder->bell_fd, "*", 1, 0) < 0 && errno == EINTR)
    ;
}

static gboolean
au_file_bell_source_dispatch (GSource     *source,
                              GSourceFunc  callback,
                              gpointer     user_data)
{
  AuFileBellSource *self = (AuFileBellSource *) source;
  char events[4096] __attribute__ ((aligned (__alignof__ (struct inotify_event))));

  if (g_source_get_ready_time (source) >= 0)
    {
      g_source_set_ready_time (source, -1);
      g_source_modify_unix_fd (source, self->fd_tag, G_IO_IN);
      return G_SOURCE_CONTINUE;
    }

  g_source_modify_unix_fd (source, self->fd_tag, 0);
  g_source_set_ready_time (source, g_source_get_time (source) + QUIET);

  /* However often it rang: the callback looks at everything, after this. */
  while (read (self->inotify_fd, events, sizeof events) > 0)
    ;

  return callback != NULL ? callback (user_data) : G_SOURCE_CONTINUE;
}

static void
au_file_bell_source_finalize (GSource *source)
{
  AuFileBellSource *self = (AuFileBellSource *) source;

  if (self->inotify_fd >= 0)
    close (self->inotify_fd);
  if (self->lock_fd >= 0)
    close (self->lock_fd);
}

static GSourceFuncs au_file_bell_source_funcs = {
  .dispatch = au_file_bell_source_dispatch,
  .finalize = au_file_bell_source_finalize,
};

static gboolean
listen_to (AuFileBellSource *self,
           AuFileFolder     *folder)
{
  struct flock range = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
  char path[32];

  /* An open file of its own, since a lock does not hold against who shares one. */
  self->lock_fd = openat (folder->root_fd, "bell", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
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
au_file_bell_new_source (AuFileFolder *folder)
{
  GSource *source = g_source_new (&au_file_bell_source_funcs, sizeof (AuFileBellSource));
  AuFileBellSource *self = (AuFileBellSource *) source;

  self->inotify_fd = -1;
  self->lock_fd = -1;
  g_source_set_static_name (source, "[au] file store");

  if (!listen_to (self, folder))
    {
      g_source_unref (source);
      return NULL;
    }

  self->fd_tag = g_source_add_unix_fd (source, self->inotify_fd, G_IO_IN);

  return source;
}
