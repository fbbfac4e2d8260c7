/* au-pool-age.c: workers that have done enough, and computations that take too long
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-pool-private.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <unistd.h>

/* How often one looks how much memory a worker has; to look takes some µs. */
#define MEASURE_INTERVAL (20 * G_TIME_SPAN_MILLISECOND)

/* What it has in memory, in bytes; 0 when that is not to be found out. */
static guint64
read_memory (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/statm", pid);
  g_autofree char *text = NULL;
  unsigned long all, resident;

  if (!g_file_get_contents (path, &text, NULL, NULL) || sscanf (text, "%lu %lu", &all, &resident) != 2)
    return 0;

  return (guint64) resident * sysconf (_SC_PAGESIZE);
}

/* A worker that has ended a job is given no more once it has grown too much. What it has
 * loaded for its first job is not held against it. */
void
au_pool_worker_measure (AuPoolWorker *self)
{
  AuPool *pool = self->pool;
  guint64 limit, memory;
  gboolean retiring;
  gint64 now;

  g_mutex_lock (&pool->lock);
  limit = pool->settings.max_growth;
  retiring = self->retiring;
  g_mutex_unlock (&pool->lock);

  if (retiring)
    {
      /* It goes when this was the last one. */
      au_pool_wake (pool);
      return;
    }

  now = limit > 0 ? au_wire_now () : 0;
  if (limit == 0 || (self->measured != 0 && now - self->measured < MEASURE_INTERVAL))
    return;

  memory = read_memory (self->pid);
  self->measured = now;
  if (self->first_memory == 0)
    self->first_memory = memory;
  if (memory <= self->first_memory + limit)
    return;

  g_mutex_lock (&pool->lock);
  self->retiring = TRUE;
  g_mutex_unlock (&pool->lock);
  au_pool_wake (pool);
}

/* Tells a computation that has had its time to give up; the ladder follows. Gives when to
 * look again, or 0. */
gint64
au_pool_worker_check_timeout (AuPoolWorker *self,
                              gint64        now)
{
  AuPool *pool = self->pool;
  AuPoolJob *late = NULL;
  gint64 due = 0;
  AuPoolJob *job;

  g_mutex_lock (&pool->lock);
  job = g_queue_peek_head (&self->jobs);
  if (job != NULL && job->began != 0 && !job->cancelled)
    {
      due = job->began + MIN (job->function->limits.timeout, G_MAXINT64 / 2);
      if (due <= now)
        {
          g_atomic_int_set (&job->cancelled, TRUE);
          job->timed_out = TRUE;
          g_atomic_ref_count_inc (&job->ref_count);
          late = job;
          due = 0;
        }
    }
  g_mutex_unlock (&pool->lock);

  if (late != NULL)
    {
      au_pool_worker_send_cancel (self, late);
      au_pool_job_unref (late);
    }

  return due;
}

/* One that was told to give up because its time was over says so, unless it has completed
 * all the same. */
void
au_pool_job_note_limits (AuPoolJob *job)
{
  g_autofree char *limit = au_duration_to_text (job->function->limits.timeout);

  if (job->error == NULL)
    return;

  g_clear_error (&job->error);
  job->error = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                            _("The computation “%s” took longer than “%s” may, which is %s"),
                            au_job_get_key (job->job), au_function_get_name (job->function->function), limit);
  job->lost = FALSE;
}
