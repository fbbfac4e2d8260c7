/* au-serve-watch.c: watches over a function that runs for longer than a moment
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-serve-private.h"

#include <poll.h>

/* How long a function runs before it is watched. */
#define MOMENT (G_TIME_SPAN_MILLISECOND)
/* How often what it has written is looked after then. */
#define PAUSE_MS (20)

/* Jobs that wait behind a long one go back, so that another worker can have them. */
static void
return_waiting (AuServe *self)
{
  GQueue returned = G_QUEUE_INIT;
  AuServeJob *job;

  g_mutex_lock (&self->lock);
  if (self->current != NULL)
    {
      returned = self->waiting;
      g_queue_init (&self->waiting);
    }
  g_mutex_unlock (&self->lock);

  if (returned.length == 0)
    return;

  while ((job = g_queue_pop_head (&returned)) != NULL)
    {
      GByteArray *buffer = au_link_lock (self->link);

      au_wire_end (buffer, au_wire_begin (buffer, AU_WIRE_RETURNED, job->number, 0));
      au_link_unlock (self->link);
      au_serve_job_free (job);
    }
}

static void
send_what_is_written (AuServe *self)
{
  g_mutex_lock (&self->lock);
  if (self->current != NULL && self->current->unreported)
    au_serve_job_send_report (self->current);
  self->written = 0;
  g_mutex_unlock (&self->lock);

  au_link_flush (self->link, TRUE);
}

static gboolean
is_still_running (AuServe *self,
                  guint64  n_started)
{
  gboolean running;

  g_mutex_lock (&self->lock);
  running = self->current != NULL && self->n_started == n_started && !self->closed;
  g_mutex_unlock (&self->lock);

  return running;
}

static AuJob *
dup_current (AuServe *self)
{
  AuJob *job = NULL;

  g_mutex_lock (&self->lock);
  if (self->current != NULL && self->current->job != NULL)
    job = au_job_ref (self->current->job);
  g_mutex_unlock (&self->lock);

  return job;
}

static void
lose_program (AuServe *self)
{
  g_autoptr(AuJob) job = NULL;

  au_serve_note_closed (self);
  job = dup_current (self);
  if (job != NULL)
    au_serve_orphan_decide (au_job_get_owner (job));
}

static void
watch_one (AuServe *self,
           guint64  n_started)
{
  while (is_still_running (self, n_started))
    {
      struct pollfd fd = { .fd = au_link_get_fd (self->link), .events = POLLIN };

      return_waiting (self);
      send_what_is_written (self);

      /* The first thread may have ended the job and read on. */
      if (poll (&fd, 1, PAUSE_MS) > 0 && g_mutex_trylock (&self->reader))
        {
          AuLinkState state = au_serve_receive (self, FALSE);

          g_mutex_unlock (&self->reader);
          if (state == AU_LINK_CLOSED || state == AU_LINK_BROKEN)
            lose_program (self);
        }
    }
}

static gpointer
watch_thread (gpointer data)
{
  AuServe *self = data;

  g_mutex_lock (&self->lock);
  while (!self->closed)
    {
      guint64 n_started;

      while (self->current == NULL)
        {
          self->watch_asleep = TRUE;
          g_cond_wait (&self->started, &self->lock);
          self->watch_asleep = FALSE;
        }

      n_started = self->n_started;
      g_cond_wait_until (&self->started, &self->lock, au_wire_now () + MOMENT);
      if (self->current == NULL || self->n_started != n_started)
        continue;

      g_mutex_unlock (&self->lock);
      watch_one (self, n_started);
      g_mutex_lock (&self->lock);
    }
  g_mutex_unlock (&self->lock);

  return NULL;
}

/* Begins to watch, with the first job: a worker that only waits needs nobody to. */
void
au_serve_watch (AuServe *self)
{
  self->watching = TRUE;
  g_thread_unref (g_thread_new ("au-watch", watch_thread, self));
}
