/* au-command-process.c: a program that runs, from start to end
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-command-process-private.h"
#include "au-command-spawn-private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#define BUFFER_SIZE (64 * 1024)

/* More than this does not fit into a GByteArray, with something to spare. */
#define MAX_OUTPUT (1u << 31)

/* What a thread keeps from one program to the next. */
typedef struct
{
  int    wakeup;                /* an eventfd: written to when a call is cancelled */
  guint8 buffer[BUFFER_SIZE];
} ThreadState;

typedef struct
{
  const AuCommandRequest *request;
  AuCommandOutcome       *outcome;
  GCancellable           *cancellable;
  ThreadState            *thread;

  pid_t     pid;
  int       pidfd;
  int       output[2];          /* -1 once it has ended */
  gint64    kill_time;          /* when the grace after SIGTERM is over; -1 for never */

  gboolean  ended;
  gboolean  terminated;
  GError   *failure;
} Process;

static void
close_and_forget (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
thread_state_free (gpointer data)
{
  ThreadState *self = data;

  close_and_forget (&self->wakeup);
  g_free (self);
}

static ThreadState *
get_thread_state (GError **error)
{
  static GPrivate state_of_thread = G_PRIVATE_INIT (thread_state_free);
  ThreadState *self = g_private_get (&state_of_thread);

  if (self == NULL)
    {
      int wakeup = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);

      if (wakeup < 0)
        {
          int saved_errno = errno;

          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                       _("A command cannot be watched: %s"), g_strerror (saved_errno));
          return NULL;
        }

      self = g_new (ThreadState, 1);
      self->wakeup = wakeup;
      g_private_set (&state_of_thread, self);
    }

  return self;
}

/* Called in the thread that cancels. */
static void
wake_up (GCancellable *cancellable,
         gpointer      user_data)
{
  ThreadState *thread = user_data;
  const guint64 one = 1;

  while (write (thread->wakeup, &one, sizeof one) < 0 && errno == EINTR)
    ;
}

static void
forget_wakeups (ThreadState *thread)
{
  guint64 n;

  while (read (thread->wakeup, &n, sizeof n) < 0 && errno == EINTR)
    ;
}

/* Reaches the program even where it has moved itself into another group. Must not be
 * called once it was waited for: the number may be somebody else's by then. */
static void
signal_group (Process *self,
              int      number)
{
  if (kill (-self->pid, number) < 0)
    kill (self->pid, number);
}

static void
fail (Process *self,
      GError  *failure)
{
  if (self->failure == NULL)
    self->failure = failure;
  else
    g_error_free (failure);

  signal_group (self, SIGKILL);
}

/* Asks the program to end, and sees to it that it will. */
static void
terminate (Process *self)
{
  gint64 now = au_clock_get_monotonic_time ();

  if (self->terminated)
    return;

  self->terminated = TRUE;
  signal_group (self, SIGTERM);
  /* a stopped program would not notice */
  signal_group (self, SIGCONT);

  self->kill_time = now + MIN (self->request->grace, G_MAXINT64 - now);
}

static void
read_output (Process *self,
             guint    i)
{
  static const char *const names[2] = { "stdout", "stderr" };
  const guint64 limit = MIN (self->request->max_output, MAX_OUTPUT);
  GByteArray **array = &self->outcome->output[i];
  gssize n = read (self->output[i], self->thread->buffer, BUFFER_SIZE);

  if (n < 0 && errno == EINTR)
    return;

  if (n <= 0)
    {
      close_and_forget (&self->output[i]);
      return;
    }

  /* it is being killed: what it writes now is not wanted */
  if (self->failure != NULL)
    return;

  if (*array == NULL)
    *array = g_byte_array_new ();

  if ((*array)->len + (guint64) n > limit)
    {
      g_autofree char *name = g_filename_display_name (self->request->argv[0]);
      g_autofree char *size = g_format_size_full (limit, G_FORMAT_SIZE_IEC_UNITS);

      fail (self, g_error_new (AU_ERROR, AU_ERROR_FAILED,
                               _("“%s” wrote more than %s to its %s: give a larger max-output, or let it write into a file"),
                               name, size, names[i]));
      return;
    }

  g_byte_array_append (*array, self->thread->buffer, n);
}

static gboolean
wait_for (Process   *self,
          siginfo_t *info,
          int        options)
{
  int status;

  do
    status = waitid (P_PID, self->pid, info, WEXITED | options);
  while (status < 0 && errno == EINTR);

  return status == 0;
}

/* The program has ended, or is about to. Its group goes with it, while its number is
 * still its own; only then it is waited for. */
static void
reap (Process *self)
{
  siginfo_t info = { 0 };

  self->ended = TRUE;

  if (wait_for (self, &info, WNOWAIT))
    {
      kill (-self->pid, SIGKILL);

      if (wait_for (self, &info, 0))
        {
          self->outcome->killed = info.si_code != CLD_EXITED;
          self->outcome->status = info.si_status;
          return;
        }
    }

  if (self->failure == NULL)
    {
      g_autofree char *name = g_filename_display_name (self->request->argv[0]);

      self->failure = g_error_new (AU_ERROR, AU_ERROR_FAILED,
                                   _("How “%s” ended is not known, because this process ignores SIGCHLD or waits for children that it did not start: leave SIGCHLD alone"),
                                   name);
    }
}

/* Without being able to watch it, the program must not run. */
static void
give_up (Process *self,
         int      saved_errno)
{
  fail (self, g_error_new (G_IO_ERROR, g_io_error_from_errno (saved_errno),
                           _("A command cannot be watched: %s"), g_strerror (saved_errno)));
  reap (self);
}

/* Waits for the next thing to happen; FALSE when nothing can happen any more. */
static gboolean
attend (Process *self)
{
  GPollFD fds[4] = {
    { .fd = self->output[0], .events = G_IO_IN },
    { .fd = self->output[1], .events = G_IO_IN },
    { .fd = self->ended ? -1 : self->pidfd, .events = G_IO_IN },
    { .fd = self->ended || self->terminated ? -1 : self->thread->wakeup, .events = G_IO_IN },
  };
  int n;

  /* What is left in the pipes of an ended program is read, but no more is waited
   * for: a process that left its group may keep them open for ever. */
  n = au_clock_poll (fds, G_N_ELEMENTS (fds), self->ended ? 0 : self->kill_time);
  if (n < 0 && errno == EINTR)
    return TRUE;
  if (n < 0 && !self->ended)
    give_up (self, errno);
  if (n < 0 || (n == 0 && self->ended))
    return FALSE;

  for (guint i = 0; i < 2; i++)
    {
      if ((fds[i].revents & G_IO_IN) != 0)
        read_output (self, i);
      else if (fds[i].revents != 0)
        close_and_forget (&self->output[i]);
    }

  if (fds[2].revents != 0)
    {
      reap (self);
      return TRUE;
    }

  if (fds[3].revents != 0)
    {
      forget_wakeups (self->thread);
      if (g_cancellable_is_cancelled (self->cancellable))
        terminate (self);
    }

  if (!self->ended && self->kill_time >= 0 && au_clock_get_monotonic_time () >= self->kill_time)
    {
      self->kill_time = -1;
      signal_group (self, SIGKILL);
    }

  return TRUE;
}

static void
watch (Process *self)
{
  gulong handler = 0;

  self->pidfd = pidfd_open (self->pid, 0);
  if (self->pidfd < 0)
    {
      give_up (self, errno);
      return;
    }

  if (self->cancellable != NULL)
    handler = g_cancellable_connect (self->cancellable, G_CALLBACK (wake_up), self->thread, NULL);

  while (attend (self))
    ;

  if (self->cancellable != NULL)
    {
      g_cancellable_disconnect (self->cancellable, handler);

      /* nothing may be left for the next program of this thread */
      if (g_cancellable_is_cancelled (self->cancellable))
        forget_wakeups (self->thread);
    }
}

/*
 * au_command_process_run:
 * @request: what to run
 * @cancellable: (nullable): ends the program: with SIGTERM, and after the grace with
 *   SIGKILL, both to its process group
 * @outcome: where to put how it ended; is to be cleared in any case
 * @error: return location for an error
 *
 * Runs a program, and returns when it has ended.
 *
 * Whatever it started and left behind in its process group is killed then. What a
 * process outside of the group writes to stdout or stderr later is not waited for.
 *
 * Fails with the errors of au_command_spawn(), with %AU_ERROR_FAILED when there is
 * too much output, and with %G_IO_ERROR_CANCELLED.
 *
 * MT safe; blocks.
 */
gboolean
au_command_process_run (const AuCommandRequest *request,
                        GCancellable           *cancellable,
                        AuCommandOutcome       *outcome,
                        GError                **error)
{
  Process self = {
    .request = request,
    .outcome = outcome,
    .cancellable = cancellable,
    .pidfd = -1,
    .output = { -1, -1 },
    .kill_time = -1,
  };

  *outcome = (AuCommandOutcome) { 0 };

  self.thread = get_thread_state (error);
  if (self.thread == NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  self.pid = au_command_spawn (request, self.output, error);
  if (self.pid < 0)
    return FALSE;

  watch (&self);

  close_and_forget (&self.pidfd);
  close_and_forget (&self.output[0]);
  close_and_forget (&self.output[1]);

  if (self.terminated && g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      g_clear_error (&self.failure);
      return FALSE;
    }

  if (self.failure != NULL)
    {
      g_propagate_error (error, self.failure);
      return FALSE;
    }

  return TRUE;
}

void
au_command_outcome_clear (AuCommandOutcome *self)
{
  g_clear_pointer (&self->output[0], g_byte_array_unref);
  g_clear_pointer (&self->output[1], g_byte_array_unref);
}
