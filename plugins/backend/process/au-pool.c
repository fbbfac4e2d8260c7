/* au-pool.c: jobs that wait for worker processes, and who gets them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-pool-private.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A worker gets jobs ahead of time only while they are short, so that it need not sleep
 * between them: as many as it does in this time, in µs. What turns out to take longer
 * sends those behind it back, see au-serve-watch.c. */
#define AHEAD (200)
#define MAX_AHEAD (64)

typedef struct
{
  void   (*func) (gpointer data);
  gpointer data;
} IdleCall;

static void
function_free (gpointer data)
{
  AuPoolFunction *function = data;

  g_object_unref (function->function);
  g_free (function->last_lost);
  g_clear_error (&function->reason);
  g_free (function);
}

AuPool *
au_pool_new (void)
{
  AuPool *self = g_new0 (AuPool, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->epoll = -1;
  self->wakeup = -1;
  self->wake_watch.kind = AU_POOL_WATCH_WAKE;
  self->queue = au_job_queue_new ();
  self->workers = g_ptr_array_new_with_free_func ((GDestroyNotify) au_pool_worker_unref);
  self->functions = g_hash_table_new_full (NULL, NULL, NULL, function_free);

  return self;
}

AuPool *
au_pool_ref (AuPool *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
au_pool_unref (AuPool *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_ptr_array_unref (self->workers);
  au_job_queue_free (self->queue);
  g_hash_table_unref (self->functions);
  g_clear_error (&self->start_error);
  g_free (self->settings.program);
  g_clear_pointer (&self->settings.function_limits, g_hash_table_unref);
  if (self->epoll >= 0)
    close (self->epoll);
  if (self->wakeup >= 0)
    close (self->wakeup);
  g_mutex_clear (&self->lock);
  /* One of its threads may be what frees this. */
  if (self->givers != NULL)
    g_thread_pool_free (self->givers, FALSE, FALSE);
  g_free (self);
}

guint
au_pool_get_limit_locked (AuPool *self)
{
  if (self->settings.max_workers > 0)
    return self->settings.max_workers;

  if (self->n_processors == 0)
    self->n_processors = g_get_num_processors ();

  return self->n_processors;
}

void
au_pool_wake (AuPool *self)
{
  guint64 one = 1;

  if (self->wakeup >= 0 && write (self->wakeup, &one, sizeof one) < 0)
    g_debug ("eventfd: full");
}

/* Called with the lock held. */
static void
ensure_thread_locked (AuPool *self)
{
  if (self->thread != NULL)
    return;

  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  self->wakeup = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (self->epoll < 0 || self->wakeup < 0)
    g_error ("No worker process can be watched: too many files are open");
  au_pool_watch (self, self->wakeup, &self->wake_watch);
  self->thread = g_thread_new ("au-processes", au_pool_thread, au_pool_ref (self));
}

/* Called with the lock held. */
static const AuLimits *
get_limits_locked (AuPool     *self,
                   AuFunction *function)
{
  const AuLimits *limits = NULL;

  if (self->settings.function_limits != NULL)
    limits = g_hash_table_lookup (self->settings.function_limits, au_function_get_name (function));

  return limits != NULL ? limits : &self->settings.limits;
}

/* Called with the lock held. */
static AuPoolFunction *
get_function_locked (AuPool     *self,
                     AuFunction *function)
{
  AuPoolFunction *known = g_hash_table_lookup (self->functions, function);

  if (known == NULL)
    {
      known = g_new0 (AuPoolFunction, 1);
      known->function = g_object_ref (function);
      known->number = g_hash_table_size (self->functions);
      known->duration = -1;
      known->limits = *get_limits_locked (self, function);
      g_hash_table_insert (self->functions, function, known);
    }

  return known;
}

/* Called with the lock held. */
static gboolean
has_room_locked (AuPool         *self,
                 AuPoolWorker   *worker,
                 AuPoolFunction *function)
{
  guint n_jobs = worker->jobs.length;
  guint n_waiting = au_job_queue_get_length (self->queue);

  /* One that retires may still run something. */
  if (n_jobs == 0)
    return self->n_busy < au_pool_get_limit_locked (self);

  if (function->duration < 0 || worker->load < 0 || n_jobs >= MAX_AHEAD)
    return FALSE;

  /* What others can do at once is left to them. */
  return worker->load + function->duration <= AHEAD &&
         n_jobs <= n_waiting / MAX (self->n_ready, 1);
}

/* The first of a worker's jobs is the one that runs. Called with the lock held. */
static void
note_turn_locked (AuPoolWorker *worker)
{
  AuPoolJob *job = g_queue_peek_head (&worker->jobs);

  if (job != NULL && job->began == 0 && job->function->limits.timeout > 0)
    job->began = au_clock_get_monotonic_time ();
}

/* Called with the lock held. */
static AuPoolJob *
assign_locked (AuPool         *self,
               AuPoolWorker   *worker,
               AuPoolFunction *function)
{
  AuPoolJob *job = g_new0 (AuPoolJob, 1);

  g_atomic_ref_count_init (&job->ref_count);
  job->job = au_job_queue_pop (self->queue);
  job->function = function;
  job->worker = au_pool_worker_ref (worker);
  job->number = ++worker->last_number;
  g_mutex_init (&job->lock);
  g_queue_init (&job->items);

  g_atomic_int_set (&self->n_waiting, au_job_queue_get_length (self->queue));
  self->n_busy += worker->jobs.length == 0;
  g_queue_push_tail (&worker->jobs, job);
  note_turn_locked (worker);
  self->n_running++;
  worker->n_jobs++;
  worker->retiring |= worker->n_jobs == self->settings.max_jobs;
  if (function->duration < 0)
    worker->load = -1;
  else if (worker->load >= 0)
    worker->load += function->duration;

  return job;
}

/* Called with the lock held. */
static guint
assign_some_locked (AuPool       *self,
                    AuPoolWorker *worker,
                    AuPoolJob   **jobs)
{
  guint n_jobs = 0;

  while (n_jobs < MAX_AHEAD && worker->state == AU_POOL_WORKER_READY && !worker->retiring)
    {
      AuJob *next = au_job_queue_peek (self->queue);
      AuPoolFunction *function;

      if (next == NULL)
        break;

      function = get_function_locked (self, au_job_get_function (next));
      if (!has_room_locked (self, worker, function))
        break;

      jobs[n_jobs++] = assign_locked (self, worker, function);
    }

  return n_jobs;
}

/* Called with the lock held. */
static void
forget_locked (AuPoolWorker *worker)
{
  worker->pool->n_running--;
  if (worker->jobs.length == 0)
    {
      worker->pool->n_busy--;
      worker->load = 0;
      worker->idle_since = au_clock_get_monotonic_time ();
    }
}

/* Takes a job from its worker; NULL when that has none of this number. */
AuPoolJob *
au_pool_take_job (AuPoolWorker *worker,
                  guint32       number)
{
  AuPool *self = worker->pool;
  AuPoolJob *found = NULL;

  g_mutex_lock (&self->lock);
  for (GList *link = worker->jobs.head; link != NULL; link = link->next)
    {
      AuPoolJob *job = link->data;

      if (job->number != number)
        continue;

      found = job;
      g_queue_delete_link (&worker->jobs, link);
      note_turn_locked (worker);
      if (worker->load > 0)
        worker->load = MAX (worker->load - MAX (job->function->duration, 0), 0);
      forget_locked (worker);
      break;
    }
  g_mutex_unlock (&self->lock);

  return found;
}

void
au_pool_job_unref (AuPoolJob *job)
{
  if (!g_atomic_ref_count_dec (&job->ref_count))
    return;

  g_clear_pointer (&job->job, au_job_unref);
  au_pool_worker_unref (job->worker);
  g_queue_clear_full (&job->items, (GDestroyNotify) g_variant_unref);
  g_clear_error (&job->refused);
  g_clear_error (&job->error);
  g_clear_pointer (&job->value, g_variant_unref);
  g_mutex_clear (&job->lock);
  g_free (job);
}

/* What is launched anew meanwhile, by this thread, takes the place that it had. */
void
au_pool_job_release (AuPoolJob *job)
{
  AuPool *self = job->worker->pool;
  g_autoptr(GError) error = NULL;

  g_mutex_lock (&self->lock);
  job->function->duration = -1;
  self->releasing = g_thread_self ();
  g_mutex_unlock (&self->lock);

  if (!au_job_release (job->job, &error))
    g_debug ("%s: not released: %s", au_job_get_key (job->job), error->message);

  g_mutex_lock (&self->lock);
  self->releasing = NULL;
  g_mutex_unlock (&self->lock);

  au_pool_job_unref (job);
}

/* A job that is not to be run any more is no error. Tells whether somebody has to look
 * after those that are. */
static gboolean
begin_and_send (AuPoolWorker *worker,
                AuPoolJob    *job)
{
  g_autoptr(GError) pause = au_pool_dup_pause (worker->pool, job->function);
  g_autoptr(GError) error = NULL;
  gboolean begun = au_job_begin (job->job, &error) > 0;
  gboolean limited = job->function->limits.timeout > 0;

  if (begun && pause == NULL)
    {
      /* another thread may flush it, and the pool's thread take its end */
      au_pool_worker_send (worker, job);
      return limited;
    }

  if (au_pool_take_job (worker, job->number) == NULL)
    return FALSE;

  if (begun)
    au_job_fail (job->job, pause, NULL);
  else
    g_debug ("%s: not started: %s", au_job_get_key (job->job), error->message);
  au_pool_job_unref (job);

  return FALSE;
}

/* Called with the lock held. */
static AuPoolWorker *
find_idle_locked (AuPool *self)
{
  for (guint i = 0; i < self->workers->len; i++)
    {
      AuPoolWorker *worker = g_ptr_array_index (self->workers, i);

      if (worker->state == AU_POOL_WORKER_READY && worker->jobs.length == 0 && !worker->filling &&
          !worker->retiring)
        return au_pool_worker_ref (worker);
    }

  return NULL;
}

/* A worker has made room that it does not take itself. */
void
au_pool_fill_idle (AuPool *self)
{
  AuPoolWorker *worker = NULL;

  g_mutex_lock (&self->lock);
  if (au_job_queue_get_length (self->queue) > 0)
    worker = find_idle_locked (self);
  g_mutex_unlock (&self->lock);

  if (worker == NULL)
    return;

  au_pool_fill (self, worker);
  au_pool_worker_unref (worker);
}

/* One thread at a time fills a worker, so that what it gets is sent in order; another
 * one that comes along leaves word. Nothing is called with the lock held. */
void
au_pool_fill (AuPool       *self,
              AuPoolWorker *worker)
{
  AuPoolJob *jobs[MAX_AHEAD];
  gboolean wake = FALSE;
  gboolean retiring, idle;

  g_mutex_lock (&self->lock);
  if (worker->filling)
    {
      worker->fill_again = TRUE;
      g_mutex_unlock (&self->lock);
      return;
    }

  worker->filling = TRUE;
  do
    {
      guint n_jobs;

      worker->fill_again = FALSE;
      n_jobs = assign_some_locked (self, worker, jobs);
      if (n_jobs == 0)
        continue;

      g_mutex_unlock (&self->lock);
      for (guint i = 0; i < n_jobs; i++)
        wake |= begin_and_send (worker, jobs[i]);
      au_pool_worker_flush (worker);
      g_mutex_lock (&self->lock);

      /* Those that were not to be run have left room. */
      worker->fill_again |= worker->jobs.length == 0;
    }
  while (worker->fill_again);
  worker->filling = FALSE;
  retiring = worker->retiring;
  wake |= worker->bury || retiring;
  idle = self->idle_calls != NULL;
  g_mutex_unlock (&self->lock);

  if (wake)
    au_pool_wake (self);
  if (retiring)
    au_pool_fill_idle (self);
  if (idle)
    au_pool_tell_idle (self);
}

/* Takes over the reference. */
void
au_pool_launch (AuPool *self,
                AuJob  *job)
{
  g_autoptr(GPtrArray) unused = NULL;
  AuPoolWorker *worker = NULL;
  gboolean grow;

  g_mutex_lock (&self->lock);
  if (self->releasing == g_thread_self ())
    au_job_queue_push_first (self->queue, job);
  else
    au_job_queue_push (self->queue, job);
  g_atomic_int_set (&self->n_waiting, au_job_queue_get_length (self->queue));

  if (self->n_running < self->n_ready)
    worker = find_idle_locked (self);
  grow = worker == NULL && self->workers->len < au_pool_get_limit_locked (self);
  if (grow)
    ensure_thread_locked (self);
  g_mutex_unlock (&self->lock);

  if (worker != NULL)
    {
      au_pool_fill (self, worker);
      au_pool_worker_unref (worker);
    }
  else if (grow)
    {
      au_pool_wake (self);
    }
}

/* Called with the lock held. */
static AuPoolJob *
find_job_locked (AuPool *self,
                 AuJob  *wanted)
{
  for (guint i = 0; i < self->workers->len; i++)
    {
      AuPoolWorker *worker = g_ptr_array_index (self->workers, i);

      for (GList *link = worker->jobs.head; link != NULL; link = link->next)
        {
          AuPoolJob *job = link->data;

          if (job->job == wanted)
            return job;
        }
    }

  return NULL;
}

/* One that waits is found to be cancelled when its turn has come. */
void
au_pool_cancel (AuPool *self,
                AuJob  *job)
{
  AuPoolJob *found;

  g_mutex_lock (&self->lock);
  found = find_job_locked (self, job);
  if (found != NULL && !found->cancelled)
    {
      g_atomic_int_set (&found->cancelled, TRUE);
      g_atomic_ref_count_inc (&found->ref_count);
    }
  else
    {
      found = NULL;
    }
  g_mutex_unlock (&self->lock);

  if (found == NULL)
    return;

  au_pool_worker_send_cancel (found->worker, found);
  au_pool_job_unref (found);

  /* The ladder is the thread's. */
  au_pool_wake (self);
}

/* What is there already is looked at anew. */
void
au_pool_settings_changed (AuPool *self)
{
  gboolean started;

  g_mutex_lock (&self->lock);
  started = self->thread != NULL;
  g_mutex_unlock (&self->lock);

  if (started)
    au_pool_wake (self);
}

/* Called with the lock held. */
static GSList *
take_idle_calls_locked (AuPool *self)
{
  if (self->n_running > 0 || au_job_queue_get_length (self->queue) > 0)
    return NULL;

  return g_steal_pointer (&self->idle_calls);
}

static void
make_idle_calls (GSList *calls)
{
  for (GSList *link = calls; link != NULL; link = link->next)
    {
      IdleCall *call = link->data;

      call->func (call->data);
    }

  g_slist_free_full (calls, g_free);
}

void
au_pool_tell_idle (AuPool *self)
{
  GSList *calls;

  g_mutex_lock (&self->lock);
  calls = take_idle_calls_locked (self);
  g_mutex_unlock (&self->lock);

  make_idle_calls (calls);
}

void
au_pool_when_idle (AuPool   *self,
                   void    (*func) (gpointer data),
                   gpointer  data)
{
  IdleCall *call = g_new (IdleCall, 1);

  call->func = func;
  call->data = data;

  g_mutex_lock (&self->lock);
  self->idle_calls = g_slist_prepend (self->idle_calls, call);
  g_mutex_unlock (&self->lock);

  au_pool_tell_idle (self);
}

/* Ends the workers, after their jobs. The thread itself may be what drops the last
 * reference on the backend. */
void
au_pool_stop (AuPool *self)
{
  GThread *thread;

  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  thread = g_steal_pointer (&self->thread);
  g_mutex_unlock (&self->lock);

  if (thread != NULL)
    {
      au_pool_wake (self);
      if (thread == g_thread_self ())
        g_thread_unref (thread);
      else
        g_thread_join (thread);
    }

  au_pool_unref (self);
}
