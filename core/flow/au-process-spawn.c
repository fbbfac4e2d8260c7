/* au-process-spawn.c: starts a program
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-process-spawn-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

/* posix_spawn() shares our memory with the child until it becomes the program, so that
 * the cost does not grow with our size, and no lock of another thread is copied in a
 * locked state, as it would be by fork(). */

static int
get_highest_target (const AuProcessSpec *spec)
{
  int highest = STDERR_FILENO;

  for (guint i = 0; i < spec->n_descriptors; i++)
    highest = MAX (highest, spec->descriptors[i].target);

  return highest;
}

/* What is moved to its place must not be in the place of another one, so each is first
 * copied above all places. */
static int
add_descriptors (posix_spawn_file_actions_t *actions,
                 const AuProcessSpec        *spec,
                 int                         highest,
                 int                        *copies)
{
  int failure = 0;

  for (guint i = 0; i < spec->n_descriptors && failure == 0; i++)
    {
      copies[i] = fcntl (spec->descriptors[i].fd, F_DUPFD_CLOEXEC, highest + 1);
      if (copies[i] < 0)
        return errno;

      failure = posix_spawn_file_actions_adddup2 (actions, copies[i], spec->descriptors[i].target);
    }

  return failure;
}

static gboolean
is_target (const AuProcessSpec *spec,
           int                  fd)
{
  for (guint i = 0; i < spec->n_descriptors; i++)
    {
      if (spec->descriptors[i].target == fd)
        return TRUE;
    }

  return FALSE;
}

/* Others of the program may not be close-on-exec. */
static int
close_others (posix_spawn_file_actions_t *actions,
              const AuProcessSpec        *spec,
              int                         highest)
{
  int failure = 0;

  for (int fd = STDERR_FILENO + 1; fd < highest && failure == 0; fd++)
    {
      if (!is_target (spec, fd))
        failure = posix_spawn_file_actions_addclose (actions, fd);
    }

  return failure != 0 ? failure : posix_spawn_file_actions_addclosefrom_np (actions, highest + 1);
}

static int
add_actions (posix_spawn_file_actions_t *actions,
             const AuProcessSpec        *spec,
             int                        *copies)
{
  int highest = get_highest_target (spec);
  int failure;

  failure = posix_spawn_file_actions_addopen (actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (failure == 0)
    failure = add_descriptors (actions, spec, highest, copies);
  if (failure == 0)
    failure = close_others (actions, spec, highest);
  if (failure == 0 && spec->folder != NULL)
    failure = posix_spawn_file_actions_addchdir_np (actions, spec->folder);

  return failure;
}

static void
set_attributes (posix_spawnattr_t *attributes)
{
  sigset_t signals;

  posix_spawnattr_setflags (attributes,
                            POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup (attributes, 0);
  sigemptyset (&signals);
  posix_spawnattr_setsigmask (attributes, &signals);
  sigfillset (&signals);
  posix_spawnattr_setsigdefault (attributes, &signals);
}

static int
spawn (const AuProcessSpec *spec,
       pid_t               *pid)
{
  g_autofree int *copies = g_new (int, spec->n_descriptors + 1);
  char **environment = spec->environment != NULL ? (char **) spec->environment : environ;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int failure;

  for (guint i = 0; i < spec->n_descriptors; i++)
    copies[i] = -1;

  posix_spawnattr_init (&attributes);
  set_attributes (&attributes);
  posix_spawn_file_actions_init (&actions);

  failure = add_actions (&actions, spec, copies);
  if (failure == 0)
    failure = posix_spawnp (pid, spec->program, &actions, &attributes,
                            (char **) spec->argv, environment);

  posix_spawn_file_actions_destroy (&actions);
  posix_spawnattr_destroy (&attributes);
  for (guint i = 0; i < spec->n_descriptors && copies[i] >= 0; i++)
    close (copies[i]);

  return failure;
}

pid_t
au_process_spawn (const AuProcessSpec  *spec,
                  int                  *pidfd,
                  GError              **error)
{
  g_autofree char *name = g_filename_display_name (spec->program);
  pid_t pid = -1;
  int failure = spawn (spec, &pid);

  if (failure == 0)
    {
      *pidfd = pidfd_open (pid, 0);
      if (*pidfd >= 0)
        return pid;

      /* Without being able to watch it, the program must not run. */
      failure = errno;
      kill (-pid, SIGKILL);
      waitpid (pid, NULL, 0);
    }

  if (spec->folder != NULL && access (spec->folder, X_OK) != 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (failure),
                 _("“%s” cannot be started in the folder “%s”: %s"), name, spec->folder,
                 g_strerror (failure));
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (failure),
                 _("“%s” cannot be started: %s"), name, g_strerror (failure));

  return -1;
}
