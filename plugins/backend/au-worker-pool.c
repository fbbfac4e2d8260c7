/* au-worker-pool.c: threads that run jobs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "au-worker-pool-private.h"

/* What decides the speed of short jobs is how seldom a sleeping thread is woken: that
 * takes longer than the job. So an idle worker first looks for a while without sleeping
 * (one at a time, and only where that has paid off lately); then it dozes for a moment;
 * then it sleeps. While one looks or dozes nobody is woken for a new job, unless many
 * wait already: a worker that is about to finish will take it, and if none does the
 * dozing one will. */
#define SEARCH (60)             /* µs; about what waking a thread takes */
#define LOOKS_PER_TIME (64)     /* the clock costs more than a look */
#define MAX_CREDIT (16)
#define FAILURE_COSTS (2)
#define PAUSE_FOR (16)          /* jobs, when all credit is spent */
#define DOZE (250)              /* µs */
#define MANY_WAITING (32)
#define LOCK_SPINS (100)

typedef struct
{
  void   (*func) (gpointer data);
  gpointer data;
} IdleCall;

struct _AuWorkerPool
{
  gatomicrefcount ref_count;
  guint           n_processors;
  gint            n_waiting;    /* atomic, so that one may look without the lock */
  gint            stopping;     /* atomic */

  GMutex          lock;         /* for what follows */
  GCond           work;         /* for those that sleep */
  GCond           doze;         /* for the one that dozes */
  AuJobQueue     *queue;
  GSList         *threads;      /* of GThread */
  guint           n_threads;
  guint           n_running;
  guint           n_sleeping;
  gboolean        searching;
  gboolean        dozing;
  guint           max_workers;
  gint            credit;       /* for looking */
  guint64         n_done;
  GSList         *idle_calls;
};

AuWorkerPool *
au_worker_pool_new (void)
{
  AuWorkerPool *self = g_new0 (AuWorkerPool, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  g_cond_init (&self->work);
  g_cond_init (&self->doze);
  self->n_processors = g_get_num_processors ();
  self->queue = au_job_queue_new ();

  return self;
}

static void
au_worker_pool_unref (AuWorkerPool *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  au_job_queue_free (self->queue);
  g_cond_clear (&self->work);
  g_cond_clear (&self->doze);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static inline void
relax (void)
{
#if defined (__x86_64__) || defined (__i386__)
  __builtin_ia32_pause ();
#elif defined (__aarch64__)
  __asm__ volatile ("yield");
#endif
}

/* The lock is held for some instructions only, so that a system call to wait for it is
 * the dearer way, where the holder runs on another processor. */
static void
lock_pool (AuWorkerPool *self)
{
  for (guint i = 0; self->n_processors > 1 && i < LOCK_SPINS; i++)
    {
      if (g_mutex_trylock (&self->lock))
        return;
      relax ();
    }

  g_mutex_lock (&self->lock);
}

static guint
get_limit_locked (AuWorkerPool *self)
{
  return self->max_workers > 0 ? self->max_workers : self->n_processors;
}

static AuJob *
pop_locked (AuWorkerPool *self)
{
  AuJob *job;

  if (self->n_threads > get_limit_locked (self))
    return NULL;

  job = au_job_queue_pop (self->queue);
  if (job != NULL)
    {
      g_atomic_int_set (&self->n_waiting, au_job_queue_get_length (self->queue));
      self->n_running++;
    }

  return job;
}

static gboolean
look_for_work (AuWorkerPool *self)
{
  gint64 end = g_get_monotonic_time () + SEARCH;

  do
    {
      for (guint i = 0; i < LOOKS_PER_TIME; i++)
        {
          if (g_atomic_int_get (&self->n_waiting) > 0 || g_atomic_int_get (&self->stopping))
            return TRUE;
          relax ();
        }
    }
  while (g_get_monotonic_time () < end);

  return FALSE;
}

/* Called and returns with the lock held. */
static void
search_locked (AuWorkerPool *self)
{
  gboolean found;

  self->searching = TRUE;
  g_mutex_unlock (&self->lock);

  found = look_for_work (self);

  lock_pool (self);
  self->searching = FALSE;
  if (found)
    self->credit = MIN (self->credit + 1, MAX_CREDIT);
  else
    self->credit = self->credit < FAILURE_COSTS ? -PAUSE_FOR : self->credit - FAILURE_COSTS;
}

/* Likewise. A worker dozes again while others get something done. */
static void
doze_locked (AuWorkerPool *self)
{
  guint64 n_done;

  self->dozing = TRUE;
  do
    {
      n_done = self->n_done;
      g_cond_wait_until (&self->doze, &self->lock, g_get_monotonic_time () + DOZE);
    }
  while (au_job_queue_get_length (self->queue) == 0 && self->n_done != n_done && !self->stopping);
  self->dozing = FALSE;
}

static gboolean
may_search_locked (AuWorkerPool *self)
{
  if (self->searching || self->n_processors == 1 || self->n_running >= self->n_processors)
    return FALSE;

  if (self->credit < 0)
    {
      self->credit++;
      return FALSE;
    }

  return TRUE;
}

/* Waits for a job; called and returns with the lock held. NULL ends the thread. */
static AuJob *
wait_for_job_locked (AuWorkerPool *self)
{
  gboolean searched = FALSE;
  gboolean dozed = FALSE;

  while (!self->stopping && self->n_threads <= get_limit_locked (self))
    {
      AuJob *job = pop_locked (self);

      if (job != NULL)
        return job;

      if (!searched && may_search_locked (self))
        {
          search_locked (self);
          searched = TRUE;
        }
      else if (!dozed && !self->dozing)
        {
          doze_locked (self);
          dozed = TRUE;
        }
      else
        {
          self->n_sleeping++;
          g_cond_wait (&self->work, &self->lock);
          self->n_sleeping--;
          searched = FALSE;
        }
    }

  return NULL;
}

/* Called with the lock held. */
static GSList *
take_idle_calls_locked (AuWorkerPool *self)
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

static gpointer
worker_thread (gpointer data)
{
  AuWorkerPool *self = data;
  AuJob *job;

  lock_pool (self);
  while ((job = wait_for_job_locked (self)) != NULL)
    {
      GSList *calls;

      g_mutex_unlock (&self->lock);

      au_job_run (job);
      au_job_unref (job);

      lock_pool (self);
      self->n_running--;
      self->n_done++;
      calls = take_idle_calls_locked (self);
      if (calls != NULL)
        {
          g_mutex_unlock (&self->lock);
          make_idle_calls (calls);
          lock_pool (self);
        }
    }
  self->n_threads--;
  g_mutex_unlock (&self->lock);

  au_worker_pool_unref (self);

  return NULL;
}

/* Called with the lock held. */
static void
start_thread_locked (AuWorkerPool *self)
{
  g_autoptr(GError) error = NULL;
  GThread *thread;

  g_atomic_ref_count_inc (&self->ref_count);
  thread = g_thread_try_new ("au-worker", worker_thread, self, &error);
  if (thread == NULL)
    {
      /* The workers that there are go on; without any the next push tries again. */
      au_worker_pool_unref (self);
      g_warning ("No worker thread could be started: %s", error->message);
      return;
    }

  self->threads = g_slist_prepend (self->threads, thread);
  self->n_threads++;
}

/* Called with the lock held; tells whom to wake once it is released. */
static GCond *
call_worker_locked (AuWorkerPool *self)
{
  guint n_waiting = au_job_queue_get_length (self->queue);

  if (self->searching && n_waiting < MANY_WAITING)
    return NULL;

  if (self->dozing)
    return self->n_running > 0 && n_waiting < MANY_WAITING ? NULL : &self->doze;

  if (self->n_sleeping > 0)
    return &self->work;

  if (self->n_threads < get_limit_locked (self))
    start_thread_locked (self);

  return NULL;
}

void
au_worker_pool_push (AuWorkerPool *self,
                     AuJob        *job)
{
  GCond *cond;

  lock_pool (self);
  au_job_queue_push (self->queue, job);
  g_atomic_int_set (&self->n_waiting, au_job_queue_get_length (self->queue));
  cond = call_worker_locked (self);
  g_mutex_unlock (&self->lock);

  if (cond != NULL)
    g_cond_signal (cond);
}

void
au_worker_pool_when_idle (AuWorkerPool *self,
                          void        (*func) (gpointer data),
                          gpointer      data)
{
  IdleCall *call = g_new (IdleCall, 1);
  GSList *calls;

  call->func = func;
  call->data = data;

  lock_pool (self);
  self->idle_calls = g_slist_prepend (self->idle_calls, call);
  calls = take_idle_calls_locked (self);
  g_mutex_unlock (&self->lock);

  make_idle_calls (calls);
}

/* A thread of its own may be what drops the last reference on the backend. */
void
au_worker_pool_stop (AuWorkerPool *self)
{
  GSList *threads;

  lock_pool (self);
  g_atomic_int_set (&self->stopping, TRUE);
  threads = g_steal_pointer (&self->threads);
  g_cond_broadcast (&self->work);
  g_cond_broadcast (&self->doze);
  g_mutex_unlock (&self->lock);

  for (GSList *link = threads; link != NULL; link = link->next)
    {
      if (link->data == g_thread_self ())
        g_thread_unref (link->data);
      else
        g_thread_join (link->data);
    }

  g_slist_free (threads);
  au_worker_pool_unref (self);
}

guint
au_worker_pool_get_max (AuWorkerPool *self)
{
  guint max_workers;

  g_mutex_lock (&self->lock);
  max_workers = self->max_workers;
  g_mutex_unlock (&self->lock);

  return max_workers;
}

void
au_worker_pool_set_max (AuWorkerPool *self,
                        guint         max_workers)
{
  lock_pool (self);
  self->max_workers = max_workers;
  for (guint n = au_job_queue_get_length (self->queue);
       n > 0 && self->n_threads < get_limit_locked (self); n--)
    start_thread_locked (self);
  g_cond_broadcast (&self->work);
  g_mutex_unlock (&self->lock);
}

guint
au_worker_pool_get_running (AuWorkerPool *self)
{
  guint n_running;

  g_mutex_lock (&self->lock);
  n_running = self->n_running;
  g_mutex_unlock (&self->lock);

  return n_running;
}

guint
au_worker_pool_get_waiting (AuWorkerPool *self)
{
  return g_atomic_int_get (&self->n_waiting);
}
