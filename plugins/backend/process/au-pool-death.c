/* au-pool-death.c: workers that are gone, and what becomes of their jobs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-pool-private.h"

#include <glib/gi18n-lib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

/* After so many workers that could not start, jobs wait for no more of them. */
#define MAX_FAILED_STARTS (3)
#define FIRST_PAUSE (50 * G_TIME_SPAN_MILLISECOND)
#define LONGEST_PAUSE (G_TIME_SPAN_SECOND)
/* So many workers in a row may die before they have begun a job of a function. */
#define MAX_DEATHS (2)

/* How often the kernel took a process because memory ran out, on the whole machine. */
static guint64
count_oom_kills (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/vmstat", &text, NULL, NULL))
    return 0;

  line = strstr (text, "\noom_kill ");

  return line != NULL ? g_ascii_strtoull (line + strlen ("\noom_kill "), NULL, 10) : 0;
}

/* Called when the workers are looked after from time to time: to count is slow, and the first
 * computations would wait for it.
 */
void
au_pool_note_oom_kills (AuPool *self)
{
  if (self->has_oom_kills)
    return;

  self->oom_kills = count_oom_kills ();
  self->has_oom_kills = TRUE;
}

static gboolean
was_out_of_memory (AuPool    *pool,
                   AuProcess *process)
{
  guint64 before = pool->oom_kills;

  if (au_process_get_signal (process) != SIGKILL || !pool->has_oom_kills)
    return FALSE;

  pool->oom_kills = count_oom_kills ();

  return pool->oom_kills > before;
}

/* What is known of the end of a worker, as the rest of a sentence. */
static char *
describe_end (AuPoolWorker *worker)
{
  g_autofree char *how = au_process_describe_end (worker->process);
  g_autofree char *words = au_tail_dup_lines (worker->tail);
  guint64 peak = au_process_get_peak_memory (worker->process);
  GString *text = g_string_new (NULL);

  if (worker->fault != NULL)
    g_string_append_printf (text, _("%s and was killed"), worker->fault);
  else
    g_string_append (text, how);

  if (worker->fault == NULL && was_out_of_memory (worker->pool, worker->process))
    g_string_append (text, _(" as the system had no memory left"));
  if (peak > 0)
    {
      g_autofree char *size = g_format_size_full (peak, G_FORMAT_SIZE_IEC_UNITS);

      g_string_append_printf (text, _("; it used %s of memory at most"), size);
    }
  if (words[0] != '\0')
    g_string_append_printf (text, _("; its last words were “%s”"), words);

  return g_string_free (text, FALSE);
}

/* Workers that cannot start */

/* Several that were @started together and fail together are one failure. */
void
au_pool_note_failed_start (AuPool       *self,
                           gint64        started,
                           const GError *error,
                           gboolean      final)
{
  gint64 now = au_clock_get_monotonic_time ();

  g_mutex_lock (&self->lock);
  if (started >= self->start_failed)
    {
      GTimeSpan pause = MIN (FIRST_PAUSE << MIN (self->n_failed_starts, 10), LONGEST_PAUSE);

      self->n_failed_starts++;
      self->start_failed = now;
      self->start_again = now + pause;
    }
  self->give_up = final || self->n_failed_starts >= MAX_FAILED_STARTS;
  g_clear_error (&self->start_error);
  self->start_error = g_error_new (error->domain, error->code,
                                   _("No worker process can be started: %s"), error->message);
  g_mutex_unlock (&self->lock);
}

/* Called with the lock held. */
static gboolean
has_living_worker_locked (AuPool *self)
{
  for (guint i = 0; i < self->workers->len; i++)
    {
      AuPoolWorker *worker = g_ptr_array_index (self->workers, i);

      if (worker->state <= AU_POOL_WORKER_READY && worker->fault == NULL)
        return TRUE;
    }

  return FALSE;
}

/* Tells the jobs that wait that there will be no worker for them. */
void
au_pool_give_up_waiting (AuPool *self)
{
  g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) au_job_unref);
  g_autoptr(GError) reason = NULL;
  AuJob *next;

  g_mutex_lock (&self->lock);
  if (self->give_up && !has_living_worker_locked (self))
    {
      self->give_up = FALSE;
      reason = g_error_copy (self->start_error);
      while ((next = au_job_queue_pop (self->queue)) != NULL)
        g_ptr_array_add (jobs, next);
      g_atomic_int_set (&self->n_waiting, 0);
    }
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < jobs->len; i++)
    {
      AuJob *job = g_ptr_array_index (jobs, i);

      if (au_job_begin (job, NULL) > 0)
        au_job_fail (job, reason, NULL);
    }

  if (jobs->len > 0)
    au_pool_tell_idle (self);
}

/* Workers that have died */

/* The rest of a sentence, where it may have to do with the end. */
static char *
describe_memory_limit (AuPoolFunction *function)
{
  g_autofree char *size = NULL;

  if (function->limits.memory == 0)
    return g_strdup ("");

  size = g_format_size_full (function->limits.memory, G_FORMAT_SIZE_IEC_UNITS);

  return g_strdup_printf (_("; the function may have %s of memory"), size);
}

static void
lose (AuPoolJob  *job,
      const char *end)
{
  const char *function = au_function_get_name (job->function->function);
  AuPool *pool = job->worker->pool;
  gboolean cancelled;

  g_mutex_lock (&pool->lock);
  cancelled = job->cancelled;
  g_mutex_unlock (&pool->lock);

  if (job->function->limits.cpu_time > 0 && au_process_get_signal (job->worker->process) == SIGXCPU)
    {
      g_autofree char *limit = au_duration_to_text (job->function->limits.cpu_time);

      job->error = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                _("The computation “%s” used more processor time than “%s” may, which is %s"),
                                au_job_get_key (job->job), function, limit);
    }
  else if (cancelled)
    {
      job->error = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                _("The computation “%s” was cancelled; it did not give up, so its worker process was ended"),
                                au_job_get_key (job->job));
    }
  else
    {
      g_autofree char *memory = describe_memory_limit (job->function);

      job->error = g_error_new (AU_ERROR, AU_ERROR_WORKER_LOST,
                                _("The worker process %d that ran “%s” %s%s"),
                                job->worker->pid, function, end, memory);
      job->lost = TRUE;
      au_pool_note_lost (pool, job);
    }

  if (job->timed_out)
    au_pool_job_note_limits (job);

  au_pool_job_end (job);
}

/* One that dies before it has begun anything has died of nothing that is known. When
 * that happens again and again, it is the function all the same: of its module, say. */
static gboolean
is_to_blame (AuPoolWorker *worker,
             AuPoolJob    *job,
             gboolean      first)
{
  guint32 current = worker->page->current;
  gboolean blame;

  if (current != 0)
    return job->number == current;
  if (!first)
    return FALSE;

  g_mutex_lock (&worker->pool->lock);
  blame = ++job->function->n_deaths > MAX_DEATHS;
  g_mutex_unlock (&worker->pool->lock);

  return blame;
}

static void
settle_jobs (AuPoolWorker *worker,
             GQueue       *jobs,
             const char   *end)
{
  GQueue innocent = G_QUEUE_INIT;
  gboolean first = TRUE;
  AuPoolJob *job;

  while ((job = g_queue_pop_head (jobs)) != NULL)
    {
      if (is_to_blame (worker, job, first))
        lose (job, end);
      else
        g_queue_push_head (&innocent, job);
      first = FALSE;
    }

  /* Each goes before the others, so that the first one is to come last. */
  while ((job = g_queue_pop_head (&innocent)) != NULL)
    au_pool_job_release (job);
}

static void
read_the_rest (AuPoolWorker *worker)
{
  while (au_pool_worker_receive (worker) == AU_LINK_OK)
    ;
  while (au_tail_read (worker->tail) && au_tail_has_more (worker->tail))
    ;
}

static void
forget_worker (AuPoolWorker *worker)
{
  AuPool *self = worker->pool;

  epoll_ctl (self->epoll, EPOLL_CTL_DEL, au_link_get_fd (worker->link), NULL);
  epoll_ctl (self->epoll, EPOLL_CTL_DEL, au_tail_get_fd (worker->tail), NULL);
  epoll_ctl (self->epoll, EPOLL_CTL_DEL, au_process_get_descriptor (worker->process), NULL);
}

/* Ends what is left of a worker whose process has ended. */
void
au_pool_worker_bury (AuPoolWorker *worker)
{
  AuPool *self = worker->pool;
  g_autofree char *end = NULL;
  GQueue jobs = G_QUEUE_INIT;
  AuPoolWorkerState state;

  g_mutex_lock (&self->lock);
  state = worker->state;
  worker->bury = worker->filling;
  if (state == AU_POOL_WORKER_GONE || worker->bury)
    {
      g_mutex_unlock (&self->lock);
      return;
    }
  self->n_ready -= state == AU_POOL_WORKER_READY;
  if (state == AU_POOL_WORKER_READY)
    worker->state = AU_POOL_WORKER_LEAVING;
  g_mutex_unlock (&self->lock);

  /* It may have finished something before, or even have said hello. */
  read_the_rest (worker);
  au_process_is_running (worker->process);
  end = describe_end (worker);

  g_mutex_lock (&self->lock);
  state = worker->state == AU_POOL_WORKER_STARTING ? AU_POOL_WORKER_STARTING : state;
  worker->state = AU_POOL_WORKER_GONE;
  jobs = worker->jobs;
  g_queue_init (&worker->jobs);
  self->n_running -= jobs.length;
  self->n_busy -= jobs.length > 0;
  g_mutex_unlock (&self->lock);

  forget_worker (worker);
  if (state == AU_POOL_WORKER_STARTING && worker->fault == NULL)
    {
      g_autoptr(GError) error = g_error_new (AU_ERROR, AU_ERROR_FAILED,
                                             _("the process %d %s"), worker->pid, end);

      au_pool_note_failed_start (self, worker->started, error, FALSE);
    }
  else if (state != AU_POOL_WORKER_LEAVING)
    {
      g_info ("The worker process %d %s", worker->pid, end);
    }

  settle_jobs (worker, &jobs, end);
  au_pool_fill_idle (self);
  au_pool_tell_idle (self);

  g_mutex_lock (&self->lock);
  g_ptr_array_remove (self->workers, worker);
  g_mutex_unlock (&self->lock);
}
