/* au-tool-interrupt.c: what happens when the user presses Ctrl-C
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-interrupt.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <glib-unix.h>

#include "au-tool.h"

static const int watched_signals[] = { SIGINT, SIGTERM, SIGHUP };

static int wake_fds[2] = { -1, -1 };
static volatile sig_atomic_t caught;
static guint wake_source;
static AuToolInterruptFunc interrupt_func;
static gpointer interrupt_data;

/* g_unix_signal_add() would not do: its second signal waits for the main loop, and
 * the user presses Ctrl-C again just because that does not come round. */
static void
on_signal (int number)
{
  int saved = errno;

  if (caught != 0)
    {
      const char end[] = "\n";

      if (write (2, end, 1) < 0)
        errno = saved;
      _exit (AU_TOOL_EXIT_SIGNAL + number);
    }

  caught = number;
  if (write (wake_fds[1], "", 1) < 0)
    errno = saved;
  errno = saved;
}

static gboolean
on_wake (int          fd,
         GIOCondition condition,
         gpointer     data)
{
  char byte;

  if (read (fd, &byte, 1) == 1 && interrupt_func != NULL)
    interrupt_func (interrupt_data);
  return G_SOURCE_CONTINUE;
}

/* From here on SIGINT, SIGTERM and SIGHUP do not end the program; one that comes before
 * somebody watches is kept. A signal that the caller of the program has ordered to
 * ignore, as nohup does, stays ignored. */
void
au_tool_interrupt_hold (void)
{
  if (wake_fds[0] >= 0 || !g_unix_open_pipe (wake_fds, FD_CLOEXEC, NULL))
    return;
  g_unix_set_fd_nonblocking (wake_fds[0], TRUE, NULL);
  g_unix_set_fd_nonblocking (wake_fds[1], TRUE, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (watched_signals); i++)
    {
      struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
      struct sigaction former;

      sigemptyset (&action.sa_mask);
      if (sigaction (watched_signals[i], NULL, &former) == 0 && former.sa_handler != SIG_IGN)
        sigaction (watched_signals[i], &action, NULL);
    }
}

/* Calls @func when a signal arrives, or has arrived. */
void
au_tool_interrupt_watch (AuToolInterruptFunc func,
                         gpointer            user_data)
{
  au_tool_interrupt_hold ();
  interrupt_func = func;
  interrupt_data = user_data;
  if (wake_source == 0 && wake_fds[0] >= 0)
    wake_source = g_unix_fd_add (wake_fds[0], G_IO_IN, on_wake, NULL);
}

/* Forgets the function; a signal is still kept. */
void
au_tool_interrupt_unwatch (void)
{
  g_clear_handle_id (&wake_source, g_source_remove);
  interrupt_func = NULL;
  interrupt_data = NULL;
}

/* The signal that arrived, or 0. */
int
au_tool_interrupt_signal (void)
{
  return caught;
}
