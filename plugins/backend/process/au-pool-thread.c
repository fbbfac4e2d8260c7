/* au-pool-thread.c: the thread that listens to all workers
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-pool-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_EVENTS (64)
/* How many packets of one worker are read before another one's. */
#define MAX_PACKETS (8)
/* How long the looking after workers may be put off while they answer. */
#define LOOK_INTERVAL (50 * G_TIME_SPAN_MILLISECOND)
/* How long a process may live without a link to us. */
#define CLOSING_TIME (200 * G_TIME_SPAN_MILLISECOND)

void
au_pool_watch (AuPool      *self,
               int          fd,
               AuPoolWatch *watch)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = watch };

  if (epoll_ctl (self->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
    g_warning ("A worker process cannot be watched: %s", g_strerror (errno));
}

static GPtrArray *
dup_workers (AuPool *self)
{
  GPtrArray *workers;

  g_mutex_lock (&self->lock);
  workers = g_ptr_array_copy (self->workers, (GCopyFunc) (void (*) (void)) au_pool_worker_ref, NULL);
  g_ptr_array_set_free_func (workers, (GDestroyNotify) au_pool_worker_unref);
  g_mutex_unlock (&self->lock);

  return workers;
}

/* Starting workers */

/* Called with the lock held. */
static guint
count_missing_locked (AuPool *self)
{
  guint limit = au_pool_get_limit_locked (self);
  guint n_waiting = au_job_queue_get_length (self->queue);
  guint n_coming = 0, n_living = 0;
  guint n_wanted;

  for (guint i = 0; i < self->workers->len; i++)
    {
      AuPoolWorker *worker = g_ptr_array_index (self->workers, i);

      n_coming += worker->state == AU_POOL_WORKER_STARTING;
      n_living += worker->state <= AU_POOL_WORKER_READY && !worker->retiring;
    }

  if (self->stopping || self->start_again > au_clock_get_monotonic_time ())
    return 0;

  n_wanted = n_waiting > n_coming ? n_waiting - n_coming : 0;
  /* Where one has failed to start, another one tries whether that is over. */
  if (self->n_failed_starts > 0)
    return n_coming == 0 && n_living < limit ? MIN (n_wanted, 1) : 0;

  if (n_living < self->settings.min_workers)
    n_wanted = MAX (n_wanted, self->settings.min_workers - n_living);

  return MIN (n_wanted, limit > n_living ? limit - n_living : 0);
}

static gboolean
start_worker (AuPool *self)
{
  g_autoptr(GError) error = NULL;
  AuPoolWorker *worker = au_pool_worker_new (self, &error);

  if (worker == NULL)
    {
      au_pool_note_failed_start (self, au_clock_get_monotonic_time (), error, FALSE);
      return FALSE;
    }

  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->workers, worker);
  g_mutex_unlock (&self->lock);

  return TRUE;
}

static void
start_workers (AuPool *self)
{
  guint n_missing;

  g_mutex_lock (&self->lock);
  n_missing = count_missing_locked (self);
  g_mutex_unlock (&self->lock);

  while (n_missing-- > 0 && start_worker (self))
    ;
}

/* What comes */

static void
stop_listening (AuPoolWorker *worker)
{
  epoll_ctl (worker->pool->epoll, EPOLL_CTL_DEL, au_link_get_fd (worker->link), NULL);
}

static void
read_link (AuPoolWorker *worker)
{
  for (guint i = 0; i < MAX_PACKETS; i++)
    {
      switch (au_pool_worker_receive (worker))
        {
        case AU_LINK_OK:
          break;
        case AU_LINK_AGAIN:
          return;
        case AU_LINK_CLOSED:
          stop_listening (worker);
          worker->closed = au_wire_now ();
          au_pool_wake (worker->pool);
          return;
        case AU_LINK_BROKEN:
        default:
          stop_listening (worker);
          au_pool_worker_fault (worker, _("sent what is no message of a worker"));
          return;
        }
    }
}

static void
write_link (AuPoolWorker *worker)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = &worker->link_watch };

  if (au_link_flush (worker->link, FALSE) != AU_LINK_AGAIN)
    epoll_ctl (worker->pool->epoll, EPOLL_CTL_MOD, au_link_get_fd (worker->link), &event);
}

static void
read_tail (AuPoolWorker *worker)
{
  if (!au_tail_read (worker->tail))
    epoll_ctl (worker->pool->epoll, EPOLL_CTL_DEL, au_tail_get_fd (worker->tail), NULL);
}

static void
handle_event (AuPool             *self,
              struct epoll_event *event)
{
  AuPoolWatch *watch = event->data.ptr;
  guint64 number;

  /* One event of a batch may be the end of those that follow. */
  if (watch->worker != NULL && watch->worker->state == AU_POOL_WORKER_GONE)
    return;

  switch (watch->kind)
    {
    case AU_POOL_WATCH_WAKE:
      if (read (self->wakeup, &number, sizeof number) < 0)
        g_debug ("eventfd: empty");
      break;
    case AU_POOL_WATCH_LINK:
      if ((event->events & EPOLLOUT) != 0)
        write_link (watch->worker);
      if ((event->events & ~EPOLLOUT) != 0)
        read_link (watch->worker);
      break;
    case AU_POOL_WATCH_PROCESS:
      au_pool_worker_bury (watch->worker);
      break;
    case AU_POOL_WATCH_TAIL:
      read_tail (watch->worker);
      break;
    default:
      break;
    }
}

/* Tells whether more happened than that something was sent. One event may be the end of a
 * worker that others are about, so all are held until the last is handled. */
static gboolean
handle_events (AuPool             *self,
               struct epoll_event *events,
               int                 n_events)
{
  AuPoolWorker *workers[MAX_EVENTS];
  gboolean look = FALSE;

  for (int i = 0; i < n_events; i++)
    {
      AuPoolWatch *watch = events[i].data.ptr;

      look |= watch->kind != AU_POOL_WATCH_LINK;
      workers[i] = watch->worker != NULL ? au_pool_worker_ref (watch->worker) : NULL;
    }

  for (int i = 0; i < n_events; i++)
    handle_event (self, &events[i]);

  for (int i = 0; i < n_events; i++)
    g_clear_pointer (&workers[i], au_pool_worker_unref);

  return look;
}

/* What the time says */

static gint64
earlier (gint64 a,
         gint64 b)
{
  if (a == 0 || b == 0)
    return MAX (a, b);

  return MIN (a, b);
}

static gint64
after (gint64    now,
       GTimeSpan span)
{
  return span > 0 ? now + span : 0;
}

/* An order to end that is not followed is followed by a stronger one. */
static gint64
climb (AuPoolWorker *worker,
       gint64        now,
       GTimeSpan     grace)
{
  gboolean wanted = FALSE;

  g_mutex_lock (&worker->pool->lock);
  if (worker->jobs.length > 0)
    wanted = ((AuPoolJob *) worker->jobs.head->data)->cancelled;
  g_mutex_unlock (&worker->pool->lock);

  if (!wanted)
    {
      worker->rung = 0;
      worker->next_rung = 0;
      return 0;
    }

  if (worker->next_rung == 0)
    {
      worker->next_rung = now + grace;
    }
  else if (worker->next_rung <= now)
    {
      worker->next_rung = now + MAX (grace, G_TIME_SPAN_MILLISECOND);
      au_process_send_signal (worker->process, worker->rung == 0 ? SIGTERM : SIGKILL);
      worker->rung++;
    }

  return worker->next_rung;
}

/* A worker that runs a function answers all the same, unless it is stopped. It answers in
 * its own time, which no test can move, so this is measured in that. Gives how long until
 * the next look, or 0. */
static GTimeSpan
check_liveness (AuPoolWorker *worker,
                GTimeSpan     liveness)
{
  gint64 now = au_wire_now ();
  gboolean busy;

  g_mutex_lock (&worker->pool->lock);
  busy = worker->jobs.length > 0 || worker->state == AU_POOL_WORKER_STARTING;
  g_mutex_unlock (&worker->pool->lock);

  if (!busy || liveness == 0)
    {
      worker->heard = 0;
      return 0;
    }

  if (worker->heard == 0 || worker->pinged < worker->heard)
    {
      if (worker->heard == 0)
        worker->heard = now;
      if (now - worker->heard < liveness / 2)
        return worker->heard + liveness / 2 - now;

      worker->pinged = now;
      au_pool_worker_send_order (worker, AU_WIRE_PING, 0, 0);
      au_pool_worker_flush (worker);
    }

  if (now - worker->pinged < liveness / 2)
    return worker->pinged + liveness / 2 - now;

  if (worker->fault == NULL)
    au_pool_worker_fault (worker, _("did not answer any more"));

  return 0;
}

/* A process that ends closes its link first, as the system does it, in its own time, too. */
static GTimeSpan
check_closed (AuPoolWorker *worker)
{
  gint64 now = au_wire_now ();

  if (worker->closed == 0 || worker->fault != NULL || worker->state == AU_POOL_WORKER_LEAVING)
    return 0;

  if (now - worker->closed < CLOSING_TIME)
    return worker->closed + CLOSING_TIME - now;

  au_pool_worker_fault (worker, _("closed its connection to the program"));

  return 0;
}

/* A worker that is told to leave by the end of its link does so when it has no job. */
static void
let_go (AuPoolWorker *worker)
{
  worker->pool->n_ready -= worker->state == AU_POOL_WORKER_READY;
  worker->state = AU_POOL_WORKER_LEAVING;
  shutdown (au_link_get_fd (worker->link), SHUT_WR);
}

static gint64
check_idle (AuPoolWorker *worker,
            gint64        now)
{
  AuPool *self = worker->pool;
  gint64 next = 0;

  g_mutex_lock (&self->lock);
  if (worker->retiring && worker->state == AU_POOL_WORKER_READY && worker->jobs.length == 0 && !worker->filling)
    {
      let_go (worker);
    }
  else if (worker->state == AU_POOL_WORKER_READY && worker->jobs.length == 0 && !worker->filling &&
           self->settings.idle_time > 0 && self->n_ready > self->settings.min_workers)
    {
      next = worker->idle_since + self->settings.idle_time;
      if (next <= now)
        {
          let_go (worker);
          next = 0;
        }
    }
  g_mutex_unlock (&self->lock);

  return next;
}

/* Looks after every worker; gives when to do so again, or 0. */
static gint64
look_after_workers (AuPool *self)
{
  g_autoptr(GPtrArray) workers = dup_workers (self);
  gint64 now = au_clock_get_monotonic_time ();
  GTimeSpan grace, liveness;
  gint64 next = 0;

  g_mutex_lock (&self->lock);
  grace = self->settings.grace;
  liveness = self->settings.liveness;
  next = self->start_again > now ? self->start_again : 0;
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < workers->len; i++)
    {
      AuPoolWorker *worker = g_ptr_array_index (workers, i);

      if (worker->bury)
        au_pool_worker_bury (worker);
      if (worker->state == AU_POOL_WORKER_GONE)
        continue;

      next = earlier (next, au_pool_worker_check_timeout (worker, now));
      next = earlier (next, climb (worker, now, grace));
      next = earlier (next, after (now, check_closed (worker)));
      next = earlier (next, after (now, check_liveness (worker, liveness)));
      next = earlier (next, check_idle (worker, now));
    }

  return next;
}

/* The end */

static void
wait_for_end (AuPoolWorker *worker,
              gint64        limit)
{
  GPollFD fd = { .fd = au_process_get_descriptor (worker->process), .events = G_IO_IN };

  while (au_clock_poll (&fd, 1, limit) < 0 && errno == EINTR)
    ;
}

/* Nothing runs any more when the backend goes: they leave by themselves. */
static void
dismiss_workers (AuPool *self)
{
  g_autoptr(GPtrArray) workers = dup_workers (self);
  gint64 now = au_clock_get_monotonic_time ();
  gint64 limit;

  g_mutex_lock (&self->lock);
  limit = now + MIN (self->settings.grace, G_MAXINT64 - now);
  for (guint i = 0; i < workers->len; i++)
    let_go (g_ptr_array_index (workers, i));
  g_ptr_array_set_size (self->workers, 0);
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < workers->len; i++)
    {
      AuPoolWorker *worker = g_ptr_array_index (workers, i);

      wait_for_end (worker, limit);
      au_process_send_signal (worker->process, SIGKILL);
      au_process_wait (worker->process, NULL, NULL);
      au_tail_read (worker->tail);
    }
}

static int
to_timeout (gint64 until)
{
  gint64 left;

  if (until == 0)
    return -1;

  left = until - au_clock_get_monotonic_time ();

  return left <= 0 ? 0 : (int) MIN (left / 1000 + 1, G_MAXINT);
}

static gboolean
is_stopping (AuPool *self)
{
  gboolean stopping;

  g_mutex_lock (&self->lock);
  stopping = self->stopping;
  g_mutex_unlock (&self->lock);

  return stopping;
}

/* Looks after everything but what comes from workers; gives when to do so again. */
static gint64
look_around (AuPool *self)
{
  start_workers (self);
  au_pool_give_up_waiting (self);

  return look_after_workers (self);
}

static void
clock_moved_cb (gpointer data)
{
  au_pool_wake (data);
}

gpointer
au_pool_thread (gpointer data)
{
  AuPool *self = data;
  guint clock_id = au_clock_watch (clock_moved_cb, au_pool_ref (self), (GDestroyNotify) au_pool_unref);
  struct epoll_event events[MAX_EVENTS];
  gint64 next = 0;
  gboolean look = TRUE;

  while (!is_stopping (self))
    {
      gboolean due = next != 0 && next <= au_clock_get_monotonic_time ();
      int n_events;

      if (due)
        au_pool_note_oom_kills (self);
      if (look || due)
        next = look_around (self);
      look = FALSE;

      n_events = epoll_wait (self->epoll, events, MAX_EVENTS, to_timeout (next));
      look = handle_events (self, events, n_events) || n_events == 0;

      /* What is short is looked after together. */
      if (n_events > 0 && !look)
        next = earlier (next, au_clock_get_monotonic_time () + LOOK_INTERVAL);
    }

  au_clock_unwatch (clock_id);
  dismiss_workers (self);
  au_pool_unref (self);

  return NULL;
}
