/* au-tool-child.c: asks a process of its own what may crash
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n-lib.h>

/* To open a module is to run what somebody else wrote: it may crash, end the process,
 * never come back, or write what it likes to standard output. So au asks another au,
 * which answers on a descriptor that nobody else knows of.
 */

#define ANSWER_FD 3

/* Comes first: an empty list has no bytes. */
#define ANSWER_MARK '='

/* The longest answer, and as much as is looked at of what is written to standard error. */
#define MAX_ANSWER (16 * 1024 * 1024)
#define MAX_MESSAGES (64 * 1024)

typedef struct
{
  GPid        pid;
  int         fds[2];
  GByteArray *texts[2];
  gboolean    timed_out;
} Child;

static void
child_clear (Child *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->fds); i++)
    {
      if (self->fds[i] >= 0)
        close (self->fds[i]);
      g_byte_array_unref (self->texts[i]);
    }
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Child, child_clear)

static char **
make_arguments (AuTool     *tool,
                const char *question)
{
  g_autoptr(GStrvBuilder) arguments = g_strv_builder_new ();

  g_strv_builder_add (arguments, "/proc/self/exe");
  if (tool->config_path != NULL)
    g_strv_builder_add_many (arguments, "--config", tool->config_path, NULL);
  for (char **setting = tool->settings; setting != NULL && *setting != NULL; setting++)
    g_strv_builder_add_many (arguments, "-o", *setting, NULL);
  g_strv_builder_add_many (arguments, "inspect", "--answer", question, tool->json ? "--json" : NULL, NULL);
  return g_strv_builder_end (arguments);
}

static gboolean
start (Child       *self,
       AuTool      *tool,
       const char  *question,
       GError     **error)
{
  g_auto(GStrv) arguments = make_arguments (tool, question);
  const char *const *words = (const char *const *) arguments;
  int answer[2];
  const int target = ANSWER_FD;
  gboolean started;

  if (!g_unix_open_pipe (answer, FD_CLOEXEC, error))
    return FALSE;

  started = g_spawn_async_with_pipes_and_fds (NULL, words, NULL,
                                              G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
                                              NULL, NULL, -1, -1, -1,
                                              &answer[1], &target, 1,
                                              &self->pid, NULL, NULL, &self->fds[1], error);
  close (answer[1]);
  if (!started)
    {
      close (answer[0]);
      return FALSE;
    }

  self->fds[0] = answer[0];
  return TRUE;
}

/* Takes what there is. Gives %FALSE at the end. */
static gboolean
take (int         fd,
      GByteArray *text,
      gsize       limit)
{
  guint8 buffer[16384];
  gssize n_read;

  do
    n_read = read (fd, buffer, sizeof buffer);
  while (n_read < 0 && errno == EINTR);

  if (n_read <= 0)
    return FALSE;
  if (text->len < limit)
    g_byte_array_append (text, buffer, n_read);
  return TRUE;
}

/* Until the answer is complete, or the time is over. What the process writes to standard
 * error ends with it, unless it left others behind; those are not waited for.
 */
static void
listen_to (Child     *self,
           GTimeSpan  timeout)
{
  gint64 deadline = g_get_monotonic_time () + timeout;
  const gsize limits[] = { MAX_ANSWER, MAX_MESSAGES };
  gboolean open[] = { TRUE, TRUE };

  while (open[0])
    {
      gint64 rest = deadline - g_get_monotonic_time ();
      struct pollfd polled[] = {
        { .fd = self->fds[0], .events = POLLIN },
        { .fd = open[1] ? self->fds[1] : -1, .events = POLLIN },
      };

      if (rest <= 0)
        {
          self->timed_out = TRUE;
          return;
        }
      if (poll (polled, G_N_ELEMENTS (polled), (int) MIN (rest / 1000 + 1, G_MAXINT)) < 0 && errno != EINTR)
        return;

      for (guint i = 0; i < G_N_ELEMENTS (polled); i++)
        {
          if (polled[i].fd >= 0 && polled[i].revents != 0)
            open[i] = take (polled[i].fd, self->texts[i], limits[i]);
        }
    }

  /* What is in the pipe already. */
  while (open[1])
    {
      struct pollfd polled = { .fd = self->fds[1], .events = POLLIN };

      open[1] = poll (&polled, 1, 0) > 0 && take (self->fds[1], self->texts[1], MAX_MESSAGES);
    }
}

/* Gives an end without an answer the time to be complete: how it ends is what we want to
 * know.
 */
static void
wait_for_end (Child     *self,
              GTimeSpan  timeout)
{
  int fd = pidfd_open (self->pid, 0);
  struct pollfd polled = { .fd = fd, .events = POLLIN };

  if (fd < 0)
    return;
  self->timed_out = poll (&polled, 1, (int) MIN (timeout / 1000 + 1, G_MAXINT)) == 0;
  close (fd);
}

/* Ends the process and all that it may have started. */
static int
reap (Child *self)
{
  int status = 0;

  /* It answered or ended, or its time is over. The group is there once it began. */
  if (kill (-self->pid, SIGKILL) != 0)
    kill (self->pid, SIGKILL);
  while (waitpid (self->pid, &status, 0) < 0 && errno == EINTR)
    ;
  return status;
}

static char *
describe_end (Child     *self,
              GTimeSpan  timeout,
              int        status)
{
  const GByteArray *text = self->texts[1];
  g_autofree char *messages = g_utf8_make_valid (text->len > 0 ? (const char *) text->data : "", text->len);
  g_auto(GStrv) lines = g_strsplit (g_strstrip (messages), "\n", 2);
  const char *line = lines[0] != NULL ? lines[0] : "";

  if (self->timed_out)
    {
      g_autofree char *duration = au_duration_to_text (timeout);

      return g_strdup_printf (_("opening it takes longer than %s"), duration);
    }
  if (WIFSIGNALED (status) && WTERMSIG (status) != SIGKILL)
    return g_strdup_printf (_("opening it crashes (signal %d, %s)"), WTERMSIG (status), g_strsignal (WTERMSIG (status)));
  if (line[0] != '\0')
    return g_strdup_printf (_("opening it ends the process: %s"), line);
  return g_strdup (_("opening it ends the process"));
}

/* Starts another au, gives it the settings of @tool, and asks it @question. Gives %NULL
 * and the reason when there is no answer of @type within @timeout.
 */
GVariant *
au_tool_child_ask (AuTool              *tool,
                   const char          *question,
                   const GVariantType  *type,
                   GTimeSpan            timeout,
                   char               **reason)
{
  g_auto(Child) child = { 0, { -1, -1 }, { g_byte_array_new (), g_byte_array_new () }, FALSE };
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = NULL;
  int status;

  if (!start (&child, tool, question, &error))
    {
      *reason = g_strdup (error->message);
      return NULL;
    }

  listen_to (&child, timeout);
  if (child.texts[0]->len == 0 && !child.timed_out)
    wait_for_end (&child, timeout);
  status = reap (&child);

  if (child.texts[0]->len > 0 && child.texts[0]->data[0] == ANSWER_MARK && !child.timed_out)
    {
      bytes = g_bytes_new (child.texts[0]->data + 1, child.texts[0]->len - 1);
      answer = g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, FALSE));
      if (g_variant_is_normal_form (answer))
        return g_steal_pointer (&answer);
    }

  *reason = describe_end (&child, timeout, status);
  return NULL;
}

/* To be called by the process that is asked, before it looks into anything. */
void
au_tool_child_begin (void)
{
  const struct rlimit none = { 0, 0 };

  /* A crash is an answer, and leaves nothing lying about. */
  setrlimit (RLIMIT_CORE, &none);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  setpgid (0, 0);
  fcntl (ANSWER_FD, F_SETFD, FD_CLOEXEC);
}

/* Answers, and ends the process at once: what modules do at the end must not be waited
 * for, and may crash as well.
 */
void
au_tool_child_answer (GVariant *answer)
{
  g_autoptr(GVariant) sunk = g_variant_ref_sink (answer);
  g_autoptr(GVariant) normal = g_variant_get_normal_form (sunk);
  gsize size = g_variant_get_size (normal);
  g_autofree char *bytes = g_malloc (1 + size);
  gsize sent = 0;

  bytes[0] = ANSWER_MARK;
  g_variant_store (normal, bytes + 1);
  while (sent < 1 + size)
    {
      gssize written = write (ANSWER_FD, bytes + sent, 1 + size - sent);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        _exit (AU_TOOL_EXIT_STORAGE);
      sent += written;
    }
  _exit (AU_TOOL_EXIT_SUCCESS);
}
