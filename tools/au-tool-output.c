/* au-tool-output.c: standard output, which is for results only
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-json.h"
#include "au-tool-output.h"
#include "au-tool-progress.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

/* Beyond this the text is written without being asked to. */
#define OUTPUT_SIZE (64 * 1024)

static GString *output;
static int output_errno;
static gboolean output_is_lost;
static gboolean output_is_terminal;

/* Opens the standard output. A descriptor that the caller has closed is taken by
 * nothing else, or a store's file would later get what is meant for the user. */
void
au_tool_output_open (void)
{
  for (int fd = 0; fd <= 2; fd++)
    {
      if (fcntl (fd, F_GETFD) >= 0)
        continue;
      if (open ("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd)
        _exit (AU_TOOL_EXIT_STORAGE);
      if (fd == 1)
        output_errno = EBADF;
    }

  output = g_string_sized_new (OUTPUT_SIZE);
  output_is_terminal = isatty (1);
}

/* Writes without being killed when nobody reads any more. The signal is held back
 * for this thread only: programs that the workers start keep their own. */
static gssize
write_quietly (const char *text,
               gsize       length)
{
  const struct timespec none = { 0, 0 };
  sigset_t pipe_signal;
  sigset_t former;
  gssize written;
  int saved;

  sigemptyset (&pipe_signal);
  sigaddset (&pipe_signal, SIGPIPE);
  pthread_sigmask (SIG_BLOCK, &pipe_signal, &former);

  do
    written = write (1, text, length);
  while (written < 0 && errno == EINTR);

  saved = errno;
  if (written < 0 && saved == EPIPE)
    {
      while (sigtimedwait (&pipe_signal, NULL, &none) < 0 && errno == EINTR)
        ;
    }
  pthread_sigmask (SIG_SETMASK, &former, NULL);
  errno = saved;
  return written;
}

static void
wait_until_writable (void)
{
  GPollFD poll_fd = { .fd = 1, .events = G_IO_OUT };

  g_poll (&poll_fd, 1, -1);
}

/* Writes what waits. Returns FALSE when the output cannot be written any more. */
gboolean
au_tool_output_flush (void)
{
  gsize done = 0;

  if (output->len > 0 && output_is_terminal)
    au_tool_progress_hide ();

  while (done < output->len && output_errno == 0)
    {
      gssize written = write_quietly (output->str + done, output->len - done);

      if (written >= 0)
        done += written;
      else if (errno == EAGAIN)
        wait_until_writable ();
      else
        output_errno = errno;
    }

  if (done < output->len)
    output_is_lost = TRUE;
  g_string_truncate (output, 0);
  return !output_is_lost;
}

/* Writes what is left, and turns @code into the exit code of the program. */
int
au_tool_output_close (AuTool *tool,
                      int     code)
{
  gboolean complete = au_tool_output_flush ();

  if (complete && close (1) < 0 && errno != EINTR)
    {
      output_errno = errno;
      complete = FALSE;
    }
  g_string_free (output, TRUE);
  output = NULL;

  if (complete)
    return code;

  /* As every program that writes into “head” does. */
  if (output_errno == EPIPE)
    return AU_TOOL_EXIT_SIGNAL + SIGPIPE;

  g_printerr (_("au: the results cannot be written to the standard output: %s\n"),
              output_errno == EBADF ? _("it is closed") : g_strerror (output_errno));
  return code == AU_TOOL_EXIT_SUCCESS ? AU_TOOL_EXIT_STORAGE : code;
}

/* Whether the output is lost. */
gboolean
au_tool_output_is_broken (void)
{
  return output_is_lost;
}

gboolean
au_tool_output_is_terminal (void)
{
  return output_is_terminal;
}

/* How many bytes wait to be written. */
gsize
au_tool_output_pending (void)
{
  return output->len;
}

/* Gives the text that waits, to append to; au_tool_output_end() must follow. */
GString *
au_tool_output_begin (void)
{
  return output;
}

void
au_tool_output_end (void)
{
  if (output->len >= OUTPUT_SIZE)
    au_tool_output_flush ();
}

void
au_tool_print (const char *text,
               gssize      length)
{
  g_string_append_len (output, text, length);
  au_tool_output_end ();
}

/* A line with a value. */
void
au_tool_print_json (GVariant *value)
{
  au_tool_json_variant (output, value);
  g_string_append_c (output, '\n');
  au_tool_output_end ();
}
