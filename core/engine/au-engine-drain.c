/* au-engine-drain.c: how an engine comes to rest
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-time-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/* Waits for all computations that run here. It is shared by whoever waits and by one
 * waiter for each computation, and counts down. */
typedef struct
{
  gatomicrefcount ref_count;
  AuEngine       *engine;
  gint            n_left;       /* atomic */
  void          (*drained) (gpointer data);
  gpointer        data;
} Drain;

typedef struct
{
  AuWaiter       waiter;
  Drain         *drain;
  AuComputation *computation;
} DrainWaiter;

static void drain_look (Drain *self);

static void
drain_unref (Drain *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_object_unref (self->engine);
  g_free (self);
}

static void
drain_count_down (Drain *self)
{
  if (g_atomic_int_dec_and_test (&self->n_left))
    drain_look (self);
}

static void
drain_waiter_wake (AuWaiter *waiter)
{
  DrainWaiter *self = (DrainWaiter *) waiter;

  drain_count_down (self->drain);

  drain_unref (self->drain);
  g_clear_pointer (&self->computation, au_computation_unref);
  g_free (self);
}

static void
drain_await (Drain         *self,
             AuComputation *computation)
{
  DrainWaiter *waiter = g_new0 (DrainWaiter, 1);
  gboolean done;

  g_atomic_ref_count_inc (&self->ref_count);
  waiter->waiter.wake = drain_waiter_wake;
  waiter->drain = self;
  waiter->computation = au_computation_ref (computation);

  au_computation_lift_pressure (computation);

  g_mutex_lock (&computation->lock);
  done = computation->done;
  if (!done)
    au_waiter_list_add (&computation->waiters, &waiter->waiter);
  g_mutex_unlock (&computation->lock);

  if (done)
    drain_waiter_wake (&waiter->waiter);
}

/* What others are to run need not end, but has to be written down. */
static gboolean
drain_flush (Drain *self)
{
  DrainWaiter *waiter;

  if (self->engine->ledger == NULL)
    return FALSE;

  waiter = g_new0 (DrainWaiter, 1);
  waiter->waiter.wake = drain_waiter_wake;
  waiter->drain = self;
  g_atomic_ref_count_inc (&self->ref_count);
  g_atomic_int_set (&self->n_left, 1);
  if (au_ledger_flush (self->engine->ledger, &waiter->waiter))
    return TRUE;

  drain_unref (self);
  g_free (waiter);

  return FALSE;
}

/* Once all that were seen have ended, it looks again: a submission may have passed the
 * gate just before it closed. */
static void
drain_look (Drain *self)
{
  g_autoptr(GPtrArray) computations = au_computation_table_snapshot (self->engine->table);
  guint n_live = 0;

  g_atomic_int_set (&self->n_left, 1);
  for (guint i = 0; i < computations->len; i++)
    {
      AuComputation *computation = g_ptr_array_index (computations, i);

      if (!au_computation_is_run_here (computation))
        continue;

      n_live++;
      g_atomic_int_inc (&self->n_left);
      drain_await (self, computation);
    }

  if (n_live > 0)
    drain_count_down (self);
  else if (!drain_flush (self))
    self->drained (self->data);
}

static Drain *
drain_new (AuEngine  *engine,
           void     (*drained) (gpointer data),
           gpointer   data)
{
  Drain *self = g_new0 (Drain, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->engine = g_object_ref (engine);
  self->drained = drained;
  self->data = data;

  g_atomic_int_set (&engine->draining, TRUE);

  return self;
}

/* Shared by the drain and by the connection to the cancellable: whoever of the two
 * comes first returns the task. */
typedef struct
{
  gatomicrefcount ref_count;
  gint            returned;     /* atomic */
  GTask          *task;
  gulong          cancelled_id;
} TaskDrain;

static void
task_drain_unref (gpointer data)
{
  TaskDrain *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_object_unref (self->task);
  g_free (self);
}

static void
task_drained (gpointer data)
{
  TaskDrain *self = data;

  if (g_atomic_int_compare_and_exchange (&self->returned, FALSE, TRUE))
    g_task_return_boolean (self->task, TRUE);
  if (self->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (self->task), self->cancelled_id);

  task_drain_unref (self);
}

static void
task_drain_cancelled_cb (GCancellable *cancellable,
                         gpointer      data)
{
  TaskDrain *self = data;

  if (g_atomic_int_compare_and_exchange (&self->returned, FALSE, TRUE))
    g_task_return_error_if_cancelled (self->task);
}

static TaskDrain *
task_drain_new (GTask *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  TaskDrain *self = g_new0 (TaskDrain, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->task = g_object_ref (task);

  if (cancellable != NULL)
    {
      g_atomic_ref_count_inc (&self->ref_count);
      self->cancelled_id = g_signal_connect_data (cancellable, "cancelled",
                                                  G_CALLBACK (task_drain_cancelled_cb), self,
                                                  (GClosureNotify) (void (*) (void)) task_drain_unref,
                                                  0);
      if (g_cancellable_is_cancelled (cancellable))
        task_drain_cancelled_cb (cancellable, self);
    }

  return self;
}

/**
 * au_engine_drain_async:
 * @self: an engine
 * @cancellable: (nullable): cancels the wait, not the computations
 * @callback: (scope async): called when no computation is left
 * @user_data: data for @callback
 *
 * Closes the engine to new work, and waits until all computations that it runs have
 * ended, those that wait for a due time or another attempt too; and until the store has
 * those that it leaves to workers.
 *
 * @callback is called in the thread-default main context of the caller, and not before
 * this function has returned.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_engine_drain_async (AuEngine            *self,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  Drain *drain;

  g_return_if_fail (AU_IS_ENGINE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_engine_drain_async);

  drain = drain_new (self, task_drained, task_drain_new (task));
  drain_look (drain);
  drain_unref (drain);
}

/**
 * au_engine_drain_finish:
 * @self: an engine
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Au.Engine.drain_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED when the wait was cancelled.
 *
 * MT safe.
 *
 * Returns: %TRUE when no computation was left
 *
 * Since: 1.0
 */
gboolean
au_engine_drain_finish (AuEngine      *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Shared with a drain that may go on after the wait was given up. */
typedef struct
{
  gatomicrefcount ref_count;
  GMutex          lock;
  GCond           cond;
  gboolean        drained;
  gboolean        cancelled;
} BlockingDrain;

static void
blocking_drain_unref (BlockingDrain *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_cond_clear (&self->cond);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
blocking_drained (gpointer data)
{
  BlockingDrain *self = data;

  g_mutex_lock (&self->lock);
  self->drained = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);

  blocking_drain_unref (self);
}

static void
blocking_drain_cancelled_cb (GCancellable *cancellable,
                             gpointer      data)
{
  BlockingDrain *self = data;

  g_mutex_lock (&self->lock);
  self->cancelled = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

static gboolean
blocking_drain_wait (BlockingDrain *self,
                     GTimeSpan      timeout)
{
  gint64 end_time = au_clock_get_end_time (timeout);
  gboolean drained;

  g_mutex_lock (&self->lock);
  while (!self->drained && !self->cancelled)
    {
      if (!au_clock_wait_until (&self->cond, &self->lock, end_time))
        break;
    }
  drained = self->drained;
  g_mutex_unlock (&self->lock);

  return drained;
}

static gboolean
needs_this_thread (AuEngine *self)
{
  g_autoptr(GPtrArray) computations = au_computation_table_snapshot (self->table);

  for (guint i = 0; i < computations->len; i++)
    {
      AuComputation *computation = g_ptr_array_index (computations, i);

      if (au_computation_is_run_here (computation) &&
          au_computation_needs_this_thread (computation))
        return TRUE;
    }

  return FALSE;
}

/**
 * au_engine_drain:
 * @self: an engine
 * @timeout: how long to wait at most, in microseconds; -1 for as long as it takes
 * @cancellable: (nullable): cancels the wait, not the computations
 * @error: return location for an error
 *
 * Closes the engine to new work, and waits in this thread until all computations that it
 * runs have ended; see [method@Au.Engine.drain_async].
 *
 * Fails with %G_IO_ERROR_TIMED_OUT when some go on after @timeout, with
 * %G_IO_ERROR_CANCELLED, and with %AU_ERROR_WOULD_DEADLOCK when they can end only if
 * this thread iterates its main context.
 *
 * MT safe.
 *
 * Returns: %TRUE when no computation is left
 *
 * Since: 1.0
 */
gboolean
au_engine_drain (AuEngine      *self,
                 GTimeSpan      timeout,
                 GCancellable  *cancellable,
                 GError       **error)
{
  BlockingDrain *wait;
  gulong cancelled_id = 0;
  gboolean drained;
  Drain *drain;

  g_return_val_if_fail (AU_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);

  if (needs_this_thread (self))
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK,
                           _("Draining here would never end, as computations run in this thread's main loop: drain asynchronously"));
      return FALSE;
    }

  wait = g_new0 (BlockingDrain, 1);
  g_atomic_ref_count_init (&wait->ref_count);
  g_atomic_ref_count_inc (&wait->ref_count);
  g_mutex_init (&wait->lock);
  g_cond_init (&wait->cond);

  drain = drain_new (self, blocking_drained, wait);
  drain_look (drain);
  drain_unref (drain);

  if (cancellable != NULL)
    cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (blocking_drain_cancelled_cb),
                                          wait, NULL);
  drained = blocking_drain_wait (wait, timeout);
  if (cancelled_id != 0)
    g_cancellable_disconnect (cancellable, cancelled_id);
  blocking_drain_unref (wait);

  if (drained)
    return TRUE;

  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                 _("%u computations have not ended in time; they go on"),
                 au_engine_get_n_live (self));

  return FALSE;
}

static void
cancel_those (GPtrArray *computations,
              gboolean   waiting_only)
{
  for (guint i = 0; i < computations->len; i++)
    {
      AuComputation *computation = g_ptr_array_index (computations, i);
      g_autoptr(AuRecord) record = NULL;

      if (!au_computation_is_run_here (computation))
        continue;

      record = au_computation_dup_record (computation);
      if (!waiting_only || au_record_get_status (record) == AU_STATUS_PENDING)
        au_computation_cancel (computation);
    }
}

/**
 * au_engine_cancel_all:
 * @self: an engine
 *
 * Asks for every computation that this engine runs, or is to run, to be cancelled; see
 * [method@Au.Handle.cancel]. Those that wait come first, so that none is started in the
 * place of one that was cancelled.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_engine_cancel_all (AuEngine *self)
{
  g_autoptr(GPtrArray) computations = NULL;

  g_return_if_fail (AU_IS_ENGINE (self));

  computations = au_computation_table_snapshot (self->table);
  cancel_those (computations, TRUE);
  cancel_those (computations, FALSE);
}

/**
 * au_engine_get_n_live:
 * @self: an engine
 *
 * Counts the computations that this engine runs or is to run. The time it takes grows
 * with their number.
 *
 * MT safe.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
au_engine_get_n_live (AuEngine *self)
{
  g_autoptr(GPtrArray) computations = NULL;
  guint n_live = 0;

  g_return_val_if_fail (AU_IS_ENGINE (self), 0);

  computations = au_computation_table_snapshot (self->table);
  for (guint i = 0; i < computations->len; i++)
    n_live += au_computation_is_run_here (g_ptr_array_index (computations, i));

  return n_live;
}
