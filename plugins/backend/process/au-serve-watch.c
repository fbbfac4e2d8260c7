/* au-serve-watch.c: watches over a function that runs for longer than a moment
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-serve-private.h"

#include <errno.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* How long a function runs before it is watched. */
#define MOMENT (G_TIME_SPAN_MILLISECOND)
/* How often what it has written is looked after then. */
#define PAUSE_MS (20)

/* A function that has said its outcome, maybe in another thread, is about to leave: the program
 * takes this worker for free by then, and would only send again what it was given back. */
static gboolean
is_leaving (AuServeJob *job)
{
  return job->concluded != 0 && au_wire_now () - job->concluded < PAUSE_MS * G_TIME_SPAN_MILLISECOND / 2;
}

/* Jobs that wait behind a long one go back, so that another worker can have them. */
static void
return_waiting (AuServe *self)
{
  GQueue returned = G_QUEUE_INIT;
  AuServeJob *job;

  g_mutex_lock (&self->lock);
  if (self->current != NULL && !is_leaving (self->current))
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

static void
set_timer (AuServe *self)
{
  const struct itimerspec moment = { .it_value.tv_nsec = MOMENT * 1000 };

  if (self->watch_timer >= 0)
    timerfd_settime (self->watch_timer, 0, &moment, NULL);
}

static void
wait_for_timer (AuServe *self)
{
  guint64 n_expired;

  if (self->watch_timer < 0)
    poll (NULL, 0, MOMENT / G_TIME_SPAN_MILLISECOND);
  else if (read (self->watch_timer, &n_expired, sizeof n_expired) < 0)
    g_debug ("timerfd: %s", g_strerror (errno));
}

static gpointer
watch_thread (gpointer data)
{
  AuServe *self = data;
  gboolean closed = FALSE;

  while (!closed)
    {
      gboolean is_long;
      guint64 watched;

      wait_for_timer (self);

      g_mutex_lock (&self->lock);
      watched = self->watched;
      self->watched = 0;
      is_long = self->current != NULL && self->n_started == watched;
      if (self->current != NULL && !is_long)
        au_serve_watch_locked (self);
      closed = self->closed;
      g_mutex_unlock (&self->lock);

      if (is_long)
        watch_one (self, watched);
    }

  return NULL;
}

/* Called with the lock held when a job is about to be run. A timer that is set already
 * serves this one as well: so those that take no time cost none here, and no thread is
 * woken for them. The thread is there from the first job on: a worker that only waits
 * needs nobody to watch. */
void
au_serve_watch_locked (AuServe *self)
{
  if (self->watched > 0)
    return;

  if (!self->watching)
    {
      self->watching = TRUE;
      self->watch_timer = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC);
      g_thread_unref (g_thread_new ("au-watch", watch_thread, self));
    }

  self->watched = self->n_started;
  set_timer (self);
}
