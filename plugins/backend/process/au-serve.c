/* au-serve.c: the half of the process backend that is in the worker
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-serve-private.h"

#include "au-hello-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the kernel takes first when memory runs out: the worker, and not the program. */
#define OOM_SCORE "500"

static void
function_free (gpointer data)
{
  AuServeFunction *function = data;

  g_clear_object (&function->function);
  g_clear_error (&function->error);
  g_free (function);
}

static gboolean
has_types (AuFunction *function,
           const char *input,
           const char *output)
{
  g_autofree char *our_input = au_hello_dup_type (au_function_get_input (function));
  g_autofree char *our_output = au_hello_dup_type (au_function_get_output (function));

  return g_str_equal (our_input, input) && g_str_equal (our_output, output != NULL ? output : "");
}

static AuServeFunction *
function_new (const char *name,
              const char *input,
              const char *output)
{
  AuServeFunction *self = g_new0 (AuServeFunction, 1);

  self->function = au_part_find_function (name, &self->error);
  if (self->function == NULL)
    {
      g_prefix_error (&self->error, _("The worker process cannot run the function: "));
    }
  else if (!has_types (self->function, input, output))
    {
      g_clear_object (&self->function);
      self->error = g_error_new (AU_ERROR, AU_ERROR_UNKNOWN_FUNCTION,
                                 _("The function “%s” of the worker process has other types than that of the program: both have to be of one version"),
                                 name);
    }

  return self;
}

/* The frames; called by whoever reads. */

static gboolean
take_settings (AuServe      *self,
               AuWireReader *reader)
{
  guint64 finish, all_logs;

  if (!au_wire_get_number (reader, &finish) || !au_wire_get_number (reader, &all_logs))
    return FALSE;

  self->finish_orphans = finish != 0;
  au_serve_forward_logs (self, all_logs != 0);

  return TRUE;
}

static gboolean
take_function (AuServe      *self,
               AuWireReader *reader)
{
  const char *name, *input, *output;
  guint64 memory, cpu_time, no_core;
  AuServeFunction *function;

  if (reader->header->extra != self->functions->len ||
      !au_wire_get_string (reader, &name) || name == NULL ||
      !au_wire_get_string (reader, &input) || input == NULL ||
      !au_wire_get_string (reader, &output) ||
      !au_wire_get_number (reader, &memory) ||
      !au_wire_get_number (reader, &cpu_time) ||
      !au_wire_get_number (reader, &no_core))
    return FALSE;

  function = function_new (name, input, output);
  function->limits = (AuLimits) { .memory = memory, .cpu_time = cpu_time, .no_core = no_core != 0 };
  g_ptr_array_add (self->functions, function);

  return TRUE;
}

static gboolean
take_job (AuServe      *self,
          AuWireReader *reader)
{
  g_autoptr(GVariant) metadata = g_steal_pointer (&self->metadata);
  g_autoptr(GVariant) arguments = NULL;
  const AuWireHeader *header = reader->header;
  AuServeJob *job;
  const char *key;
  guint64 attempt, left;

  if (header->extra >= self->functions->len ||
      !au_wire_get_string (reader, &key) || key == NULL ||
      !au_wire_get_number (reader, &attempt) ||
      !au_wire_get_number (reader, &left) ||
      !au_wire_get_value (reader, &arguments))
    return FALSE;

  job = au_serve_job_new (self, header->job, g_ptr_array_index (self->functions, header->extra),
                          attempt, key, left, arguments, metadata);

  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->waiting, job);
  g_mutex_unlock (&self->lock);

  return TRUE;
}

/* Called with the lock held. */
static AuServeJob *
find_job_locked (AuServe *self,
                 guint32  number)
{
  if (self->current != NULL && self->current->number == number)
    return self->current;

  for (GList *link = self->waiting.head; link != NULL; link = link->next)
    {
      AuServeJob *job = link->data;

      if (job->number == number)
        return job;
    }

  return NULL;
}

/* An order for a job that has just ended comes too late, and that is no mistake. */

static void
take_cancel (AuServe *self,
             guint32  number)
{
  g_autoptr(AuJob) job = NULL;
  AuServeJob *found;

  g_mutex_lock (&self->lock);
  found = find_job_locked (self, number);
  if (found != NULL && found->job != NULL)
    job = au_job_ref (found->job);
  g_mutex_unlock (&self->lock);

  if (job == NULL)
    return;

  au_job_cancel (job);

  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static void
take_wanted (AuServe *self,
             guint32  number,
             guint32  n_more)
{
  AuServeJob *job;

  g_mutex_lock (&self->lock);
  job = find_job_locked (self, number);
  if (job != NULL)
    job->n_wanted += n_more;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static gboolean
take_no_more (AuServe      *self,
              AuWireReader *reader)
{
  g_autoptr(GError) error = NULL;
  AuServeJob *job;

  if (!au_wire_get_error (reader, &error))
    return FALSE;

  g_mutex_lock (&self->lock);
  job = find_job_locked (self, reader->header->job);
  if (job != NULL && job->stopped == NULL)
    job->stopped = g_steal_pointer (&error);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);

  return TRUE;
}

static void
send_pong (AuServe *self)
{
  GByteArray *buffer = au_link_lock (self->link);

  au_wire_end (buffer, au_wire_begin (buffer, AU_WIRE_PONG, 0, 0));
  au_link_unlock (self->link);
  au_link_flush (self->link, TRUE);
}

static gboolean
take_value (AuWireReader  *reader,
            GVariant     **place)
{
  g_clear_pointer (place, g_variant_unref);

  return au_wire_get_value (reader, place);
}

static gboolean
take_frame (AuWireReader *reader,
            gpointer      data)
{
  AuServe *self = data;
  const AuWireHeader *header = reader->header;

  /* A worker runs what its program wants, so it may believe it as well. */
  reader->trusted = TRUE;

  switch (header->type)
    {
    case AU_WIRE_SETTINGS:
      return take_settings (self, reader);
    case AU_WIRE_FUNCTION:
      return take_function (self, reader);
    case AU_WIRE_METADATA:
      return take_value (reader, &self->metadata);
    case AU_WIRE_JOB:
      return take_job (self, reader);
    case AU_WIRE_CANCEL:
      take_cancel (self, header->job);
      return TRUE;
    case AU_WIRE_WANTED:
      take_wanted (self, header->job, header->extra);
      return TRUE;
    case AU_WIRE_NO_MORE:
      return take_no_more (self, reader);
    case AU_WIRE_STORE:
      return take_value (reader, &self->store);
    case AU_WIRE_PING:
      send_pong (self);
      return TRUE;
    default:
      return FALSE;
    }
}

AuLinkState
au_serve_receive (AuServe  *self,
                  gboolean  block)
{
  return au_link_receive (self->link, block, take_frame, self);
}

void
au_serve_note_closed (AuServe *self)
{
  AuServeJob *job;

  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  while ((job = g_queue_pop_head (&self->waiting)) != NULL)
    au_serve_job_free (job);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static AuServeJob *
take_waiting (AuServe  *self,
              gboolean *closed)
{
  AuServeJob *job;

  g_mutex_lock (&self->lock);
  job = g_queue_pop_head (&self->waiting);
  *closed = self->closed;
  if (job != NULL)
    {
      self->current = job;
      self->n_started++;
      self->page->current = job->number;
      au_serve_watch_locked (self);
    }
  g_mutex_unlock (&self->lock);

  return job;
}

static void
read_more (AuServe *self)
{
  AuLinkState state = AU_LINK_OK;
  gboolean nothing;

  au_link_flush (self->link, TRUE);

  g_mutex_lock (&self->reader);

  /* The other thread may have read meanwhile. */
  g_mutex_lock (&self->lock);
  self->written = 0;
  nothing = self->waiting.length == 0 && !self->closed;
  g_mutex_unlock (&self->lock);

  if (nothing)
    state = au_serve_receive (self, TRUE);
  g_mutex_unlock (&self->reader);

  if (state == AU_LINK_CLOSED || state == AU_LINK_BROKEN)
    au_serve_note_closed (self);
}

static AuServeJob *
wait_for_job (AuServe *self)
{
  for (;;)
    {
      gboolean closed;
      AuServeJob *job = take_waiting (self, &closed);

      if (job != NULL || closed)
        return job;

      read_more (self);
    }
}

static void
forget (AuServe    *self,
        AuServeJob *job)
{
  g_mutex_lock (&self->lock);
  self->current = NULL;
  self->page->current = 0;
  g_mutex_unlock (&self->lock);

  au_serve_job_free (job);
}

static void
say_hello (AuServe *self)
{
  g_autoptr(GVariant) hello = au_hello_new ();
  GByteArray *buffer = au_link_lock (self->link);

  au_link_put_value (self->link, au_wire_begin (buffer, AU_WIRE_HELLO, 0, 0), hello, -1);
  au_link_unlock (self->link);
  au_link_flush (self->link, TRUE);
}

static gboolean
is_our_socket (int fd)
{
  socklen_t size = sizeof (int);
  int type;

  return getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

static void
settle_in (void)
{
  int fd = open ("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

  if (fd >= 0)
    {
      if (write (fd, OOM_SCORE, sizeof OOM_SCORE - 1) < 0)
        g_debug ("oom_score_adj: %s", g_strerror (errno));
      close (fd);
    }

  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl (PR_SET_NAME, "au-worker");
  signal (SIGPIPE, SIG_IGN);
  fcntl (AU_WIRE_SOCKET, F_SETFD, FD_CLOEXEC);
}

int
au_serve_run (void)
{
  AuServe self = { 0 };
  AuServeJob *job;

  self.page = is_our_socket (AU_WIRE_SOCKET)
    ? mmap (NULL, sizeof (AuWirePage), PROT_READ | PROT_WRITE, MAP_SHARED, AU_WIRE_PAGE, 0)
    : MAP_FAILED;
  if (self.page == MAP_FAILED)
    {
      g_printerr (_("AU_WORKER is set, but no program started this process as its worker\n"));
      return EXIT_FAILURE;
    }
  close (AU_WIRE_PAGE);
  settle_in ();
  au_serve_note_limits (&self);

  self.link = au_link_new (AU_WIRE_SOCKET);
  self.functions = g_ptr_array_new_with_free_func (function_free);

  /* Functions that belong to the context of this thread are run here. */
  g_main_context_acquire (g_main_context_default ());
  say_hello (&self);

  while ((job = wait_for_job (&self)) != NULL)
    {
      au_serve_job_run (job);
      forget (&self, job);
    }

  fflush (NULL);
  _exit (EXIT_SUCCESS);
}
