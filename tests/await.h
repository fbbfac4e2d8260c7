/* await.h: what tests and their functions wait for
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

#include <sys/inotify.h>
#include <unistd.h>

G_BEGIN_DECLS

/* Waits until @call is cancelled, which is its error then. */
static inline gpointer
await_cancelled (AuCall  *call,
                 GError **error)
{
  GCancellable *cancellable = au_call_get_cancellable (call);
  GPollFD fd = { 0 };

  g_assert_true (g_cancellable_make_pollfd (cancellable, &fd));
  while (!au_call_set_error_if_cancelled (call, error))
    g_poll (&fd, 1, -1);
  g_cancellable_release_fd (cancellable);

  return NULL;
}

/* Waits until the file is gone. FALSE when it was cancelled before. */
static inline gboolean
await_removed (const char   *path,
               GCancellable *cancellable)
{
  GPollFD fds[2] = { { .fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK), .events = G_IO_IN } };
  char events[4096];
  guint n_fds = 1;

  g_assert_cmpint (fds[0].fd, >=, 0);
  if (g_cancellable_make_pollfd (cancellable, &fds[1]))
    n_fds = 2;

  /* A file that is open somewhere loses its name first. */
  inotify_add_watch (fds[0].fd, path, IN_ATTRIB | IN_DELETE_SELF);
  while (g_file_test (path, G_FILE_TEST_EXISTS) && !g_cancellable_is_cancelled (cancellable))
    {
      g_poll (fds, n_fds, -1);
      while (read (fds[0].fd, events, sizeof events) > 0)
        ;
    }

  if (n_fds == 2)
    g_cancellable_release_fd (cancellable);
  close (fds[0].fd);

  return !g_cancellable_is_cancelled (cancellable);
}

G_END_DECLS
