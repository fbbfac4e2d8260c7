/* au-tool-interrupt.c: what happens when the user presses Ctrl-C, and on other signals
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n-lib.h>

#include "au-tool.h"

static const int watched_signals[] = { SIGINT, SIGTERM, SIGHUP };

static int wake_fds[2] = { -1, -1 };
static gint caught;         /* atomic, as two threads may be told of one signal each */
static guint wake_source;
static AuToolInterruptFunc interrupt_func;
static gpointer interrupt_data;
static volatile sig_atomic_t reloads;
static AuToolInterruptFunc reload_func;
static gpointer reload_data;
static gboolean had_terminal;

/* The first of the signals that stop the program: when it came, and whether it was typed. */
static gint64 first_time;
static gboolean first_typed;

/* What the handler of signals writes. */
#define BYTE_STOP   's'
#define BYTE_HANGUP 'h'

/* Signals that come from other programs within so long are one order. */
#define SAME_ORDER (G_TIME_SPAN_SECOND)

static void
wake (char byte)
{
  if (write (wake_fds[1], &byte, 1) < 0)
    return;     /* it is full of others */
}

/* One order often comes twice: timeout(1) sends its signal to the program and to its process
 * group, and whatever was started from a terminal may pass on a Ctrl-C that the program got as
 * well. What is typed twice is meant twice. */
static gboolean
is_meant (gboolean typed)
{
  return (typed && first_typed) || g_get_monotonic_time () - first_time >= SAME_ORDER;
}

/* g_unix_signal_add() would not do: its second signal waits for the main loop, and
 * the user presses Ctrl-C again just because that does not come round. */
static void
on_signal (int        number,
           siginfo_t *info,
           void      *context)
{
  int saved = errno;
  gboolean typed = info->si_code > 0;

  if (number == SIGHUP && reloads)
    {
      wake (BYTE_HANGUP);
      errno = saved;
      return;
    }

  if (g_atomic_int_get (&caught) == 0)
    {
      first_typed = typed;
      first_time = g_get_monotonic_time ();
      if (g_atomic_int_compare_and_exchange (&caught, 0, number))
        wake (BYTE_STOP);
    }
  else if (is_meant (typed))
    {
      const char end[] = "\n";

      if (write (2, end, 1) < 0)
        errno = saved;
      _exit (AU_TOOL_EXIT_SIGNAL + number);
    }

  errno = saved;
}

static gboolean
has_terminal (void)
{
  int fd = open ("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

static gboolean
on_wake (int          fd,
         GIOCondition condition,
         gpointer     data)
{
  char byte;

  if (read (fd, &byte, 1) != 1)
    return G_SOURCE_CONTINUE;

  /* Somebody has ordered it, or else closed the terminal in which the program runs:
   * then nobody could end it any more. */
  if (byte == BYTE_HANGUP && (!had_terminal || has_terminal ()))
    {
      if (reload_func != NULL)
        reload_func (reload_data);
      return G_SOURCE_CONTINUE;
    }

  g_atomic_int_compare_and_exchange (&caught, 0, SIGHUP);
  if (interrupt_func != NULL)
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
  had_terminal = has_terminal ();

  for (gsize i = 0; i < G_N_ELEMENTS (watched_signals); i++)
    {
      struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_RESTART | SA_SIGINFO };
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

/* Calls @func whenever SIGHUP arrives, which then does not stop the program, unless its
 * terminal has gone. To be called before au_tool_interrupt_watch(). */
void
au_tool_interrupt_watch_reload (AuToolInterruptFunc func,
                                gpointer            user_data)
{
  reload_func = func;
  reload_data = user_data;
  reloads = 1;
}

/* Forgets the functions; a signal is still kept. */
void
au_tool_interrupt_unwatch (void)
{
  g_clear_handle_id (&wake_source, g_source_remove);
  interrupt_func = NULL;
  interrupt_data = NULL;
  reload_func = NULL;
  reload_data = NULL;
}

/* The signal that arrived, or 0. */
int
au_tool_interrupt_signal (void)
{
  return caught;
}

/* Says in the help of a command that runs for long what a hangup does. */
void
au_tool_interrupt_describe (GOptionContext *context)
{
  const char *description = g_option_context_get_description (context);
  g_autofree char *whole = g_strconcat (description != NULL ? description : "", description != NULL ? "\n" : "",
                                        _("SIGHUP stops it as SIGTERM does, unless it is ignored, as under nohup. Its settings\n"
                                          "are those of its start."), NULL);

  g_option_context_set_description (context, whole);
}
