/* au-pool-items.c: the items that a worker sends, and the end behind them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-pool-private.h"

/* A worker sends an item only when it was granted one, and no more are granted than are
 * wanted. Where nobody counts, so many are. To keep an item may take as long as the
 * store takes, so that other threads do so, one at a time for each job. */
#define MAX_GRANTED (64)
#define MAX_GIVERS (4)

static void
conclude (AuPoolJob *job)
{
  AuPool *pool = job->worker->pool;
  g_autoptr(AuJob) ended = g_steal_pointer (&job->job);
  const GError *reason = job->error != NULL ? job->error : job->refused;

  if (job->lost)
    au_job_lost (ended, reason, NULL);
  else if (reason != NULL)
    au_job_fail (ended, reason, NULL);
  else
    au_job_complete (ended, job->value, NULL);

  au_pool_job_unref (job);
  au_pool_tell_idle (pool);
}

static void
send_refusal (AuPoolJob    *job,
              const GError *reason)
{
  AuPoolWorker *worker = job->worker;
  GByteArray *buffer = au_link_lock (worker->link);
  gsize begin = au_wire_begin (buffer, AU_WIRE_NO_MORE, job->number, 0);

  au_wire_put_error (buffer, reason);
  au_wire_end (buffer, begin);
  au_link_unlock (worker->link);
  au_pool_worker_flush (worker);
}

/* Grants as many items as are wanted now; called again when more are. Meanwhile, the pool's
 * thread may tell the end. */
static void
grant (AuPoolJob *job)
{
  g_autoptr(AuJob) asked = NULL;
  guint n_wanted, n_more = 0;

  g_mutex_lock (&job->lock);
  if (job->ended || job->refused != NULL)
    {
      g_mutex_unlock (&job->lock);
      return;
    }
  asked = au_job_ref (job->job);
  g_mutex_unlock (&job->lock);

  n_wanted = MIN (au_job_get_wanted (asked), MAX_GRANTED);

  /* Some at a time, where many are wanted. */
  g_mutex_lock (&job->lock);
  if (!job->ended && n_wanted > job->n_granted &&
      (job->n_granted == 0 || n_wanted - job->n_granted >= n_wanted / 2))
    {
      n_more = n_wanted - job->n_granted;
      job->n_granted = n_wanted;
    }
  g_mutex_unlock (&job->lock);

  if (n_more == 0)
    return;

  au_pool_worker_send_order (job->worker, AU_WIRE_WANTED, job->number, n_more);
  au_pool_worker_flush (job->worker);
}

static GVariant *
pop_item (AuPoolJob *job,
          gboolean  *ended)
{
  GVariant *item;

  g_mutex_lock (&job->lock);
  item = job->refused == NULL ? g_queue_pop_head (&job->items) : NULL;
  if (item == NULL)
    job->giving = FALSE;
  *ended = job->ended;
  g_mutex_unlock (&job->lock);

  return item;
}

static void
give_items (gpointer data,
            gpointer user_data)
{
  AuPoolJob *job = data;
  gboolean ended;
  GVariant *item;

  while ((item = pop_item (job, &ended)) != NULL)
    {
      g_autoptr(GVariant) owned = item;
      g_autoptr(GError) error = NULL;

      if (!au_job_emit (job->job, owned, &error))
        send_refusal (job, error);

      g_mutex_lock (&job->lock);
      job->n_granted -= MIN (job->n_granted, 1);
      if (error != NULL)
        job->refused = g_steal_pointer (&error);
      g_mutex_unlock (&job->lock);
    }

  if (ended)
    conclude (job);
  else
    grant (job);

  au_pool_job_unref (job);
}

static void
ready_cb (AuJob    *ready,
          gpointer  data)
{
  AuPoolJob *job = data;

  grant (job);
}

/* The function is about to make an item. */
void
au_pool_job_want (AuPoolJob *job)
{
  if (job->asked)
    return;

  job->asked = TRUE;
  g_atomic_ref_count_inc (&job->ref_count);
  au_job_set_ready_func (job->job, ready_cb, job, (GDestroyNotify) au_pool_job_unref);
  grant (job);
}

static GThreadPool *
ensure_givers (AuPool *pool)
{
  if (pool->givers == NULL)
    pool->givers = g_thread_pool_new (give_items, NULL, MAX_GIVERS, FALSE, NULL);

  return pool->givers;
}

/* Takes over @item. */
void
au_pool_job_take_item (AuPoolJob *job,
                       GVariant  *item)
{
  gboolean start;

  g_mutex_lock (&job->lock);
  g_queue_push_tail (&job->items, item);
  start = !job->giving;
  job->giving = TRUE;
  g_mutex_unlock (&job->lock);

  if (!start)
    return;

  g_atomic_ref_count_inc (&job->ref_count);
  g_thread_pool_push (ensure_givers (job->worker->pool), job, NULL);
}

void
au_pool_job_end (AuPoolJob *job)
{
  gboolean giving = FALSE;

  if (job->asked)
    {
      g_mutex_lock (&job->lock);
      job->ended = TRUE;
      giving = job->giving;
      g_mutex_unlock (&job->lock);
    }

  if (!giving)
    conclude (job);
}
