/* au-handle-wait.c: waiting for a computation
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-handle-private.h"
#include "au-handle-wait-private.h"
#include "au-handle-watch-private.h"
#include "au-record-private.h"
#include "au-spin-private.h"
#include "au-time-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/* The end as whoever waits for it is told. */
gboolean
au_handle_check_outcome (AuComputation  *computation,
                         GError        **error)
{
  g_autoptr(AuRecord) record = NULL;
  gboolean completed;

  g_mutex_lock (&computation->lock);
  completed = computation->record->status == AU_STATUS_COMPLETED;
  if (!completed)
    record = au_record_ref (computation->record);
  g_mutex_unlock (&computation->lock);

  if (!completed)
    g_propagate_error (error, au_record_dup_error (record));

  return completed;
}

gboolean
au_handle_would_deadlock (AuComputation  *computation,
                          GError        **error)
{
  if (!au_computation_needs_this_thread (computation))
    return FALSE;

  g_set_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK,
               _("Waiting here for “%s” would never end, as it runs in this thread's main loop: wait asynchronously"),
               au_computation_get_key (computation));

  return TRUE;
}

/* Threads */

static void
blocking_wait_cancelled_cb (GCancellable *cancellable,
                            gpointer      data)
{
  AuBlockingWait *wait = data;
  gboolean mine;

  g_mutex_lock (&wait->computation->lock);
  mine = au_waiter_list_remove (wait->list, &wait->waiter.waiter);
  g_mutex_unlock (&wait->computation->lock);

  if (mine)
    wait->waiter.waiter.wake (&wait->waiter.waiter);
}

/* Waits until the waiter, which is in its list, is woken, the time is over, or the
 * cancellable is cancelled. */
gboolean
au_blocking_wait (AuBlockingWait  *wait,
                  gint64           end_time,
                  GCancellable    *cancellable,
                  GError         **error)
{
  gulong cancelled_id = 0;
  gboolean woken;

  if (cancellable != NULL)
    cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (blocking_wait_cancelled_cb),
                                          wait, NULL);

  woken = au_thread_waiter_wait (&wait->waiter, end_time);

  if (!woken)
    {
      gboolean mine;

      g_mutex_lock (&wait->computation->lock);
      mine = au_waiter_list_remove (wait->list, &wait->waiter.waiter);
      g_mutex_unlock (&wait->computation->lock);

      /* Whoever took it out is about to wake it, and uses it until then. */
      if (!mine)
        woken = au_thread_waiter_wait (&wait->waiter, -1);
    }

  if (cancelled_id != 0)
    g_cancellable_disconnect (cancellable, cancelled_id);
  au_thread_waiter_clear (&wait->waiter);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  if (!woken)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                 _("The computation “%s” has not ended in time; it goes on"),
                 au_computation_get_key (wait->computation));

  return woken;
}

static gboolean
ends_at_once (AuComputation *computation,
              GTimeSpan      timeout)
{
  gint limit = timeout < 0 ? AU_SPIN_THREAD : MIN (timeout, AU_SPIN_THREAD);

  return limit > 0 && au_spin (&computation->engine->thread_spin, &computation->done, limit);
}

static gboolean
wait_for_end (AuComputation  *computation,
              GTimeSpan       timeout,
              GCancellable   *cancellable,
              GError        **error)
{
  AuBlockingWait wait = { .computation = computation, .list = &computation->waiters };
  gint64 end_time = au_clock_get_end_time (timeout);
  gboolean done;

  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      au_handle_would_deadlock (computation, error))
    return FALSE;

  au_computation_lift_pressure (computation);

  if (ends_at_once (computation, timeout))
    return TRUE;

  au_thread_waiter_init (&wait.waiter);

  g_mutex_lock (&computation->lock);
  done = computation->done;
  if (!done)
    au_waiter_list_add (&computation->waiters, &wait.waiter.waiter);
  g_mutex_unlock (&computation->lock);

  if (done)
    {
      au_thread_waiter_clear (&wait.waiter);
      return TRUE;
    }

  return au_blocking_wait (&wait, end_time, cancellable, error);
}

/**
 * au_handle_wait:
 * @self: a handle
 * @timeout: how long to wait at most, in microseconds; -1 for as long as it takes, 0 to
 *   look only
 * @cancellable: (nullable): cancels the wait, not the computation
 * @error: return location for an error
 *
 * Waits in this thread until the computation has ended.
 *
 * It never iterates a main context; in a thread that has a main loop to run, use
 * [method@Au.Handle.wait_async].
 *
 * Fails with the function's own error when the computation has failed, with
 * %G_IO_ERROR_CANCELLED when it, or the wait, was cancelled, with
 * %G_IO_ERROR_TIMED_OUT when it goes on after @timeout, and with
 * %AU_ERROR_WOULD_DEADLOCK when it can end only if this thread iterates its main
 * context.
 *
 * MT safe.
 *
 * Returns: %TRUE when the computation has completed
 *
 * Since: 1.0
 */
gboolean
au_handle_wait (AuHandle      *self,
                GTimeSpan      timeout,
                GCancellable  *cancellable,
                GError       **error)
{
  AuComputation *computation;

  g_return_val_if_fail (AU_IS_HANDLE (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);

  computation = self->computation;

  if (!au_computation_is_done (computation) &&
      !wait_for_end (computation, timeout, cancellable, error))
    return FALSE;

  return au_handle_check_outcome (computation, error);
}

/* Main loops */

static AuComputation *
get_task_computation (GTask *task)
{
  return AU_HANDLE (g_task_get_source_object (task))->computation;
}

void
au_task_wait_unref (gpointer data)
{
  AuTaskWait *wait = data;

  if (!g_atomic_int_dec_and_test (&wait->ref_count))
    return;

  g_object_unref (wait->task);
  g_free (wait);
}

static void
task_wait_cancelled_cb (GCancellable *cancellable,
                        gpointer      data)
{
  AuTaskWait *wait = data;
  AuComputation *computation = get_task_computation (wait->task);
  gboolean mine;

  g_mutex_lock (&computation->lock);
  mine = au_waiter_list_remove (wait->list, &wait->waiter);
  g_mutex_unlock (&computation->lock);

  if (!mine)
    return;

  /* The connection is left before the cancellable goes: it holds the handle. */
  g_signal_handler_disconnect (cancellable, wait->cancelled_id);
  g_task_return_error_if_cancelled (wait->task);
  au_task_wait_unref (wait);
}

static void
task_wait_wake (AuWaiter *waiter)
{
  AuTaskWait *wait = (AuTaskWait *) waiter;

  /* Not g_cancellable_disconnect (), which waits for handlers that run: this may be
   * called by one of them, which has cancelled the computation. A handler that runs in
   * another thread has a reference, and finds the waiter gone. */
  if (wait->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (wait->task), wait->cancelled_id);

  wait->woken (wait->task);
  au_task_wait_unref (wait);
}

AuTaskWait *
au_task_wait_new (GTask         *task,
                  AuWaiterList  *list,
                  void         (*woken) (GTask *task))
{
  AuTaskWait *wait = g_new0 (AuTaskWait, 1);

  wait->waiter.wake = task_wait_wake;
  wait->task = g_object_ref (task);
  wait->list = list;
  wait->ref_count = 1;
  wait->woken = woken;

  return wait;
}

/* The connection is made before the waiter can be woken, so that the waker knows of it;
 * @wait must not be in its list yet. */
void
au_task_wait_connect (AuTaskWait *wait)
{
  GCancellable *cancellable = g_task_get_cancellable (wait->task);

  if (cancellable == NULL)
    return;

  wait->ref_count++;
  wait->cancelled_id = g_signal_connect_data (cancellable, "cancelled",
                                              G_CALLBACK (task_wait_cancelled_cb), wait,
                                              (GClosureNotify) (void (*) (void)) au_task_wait_unref, 0);
}

/* Once it is in the list: if it was cancelled before that, the handler found nothing. */
void
au_task_wait_check_cancelled (GTask      *task,
                              AuTaskWait *wait)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (g_cancellable_is_cancelled (cancellable))
    task_wait_cancelled_cb (cancellable, wait);
}

void
au_task_wait_drop (AuTaskWait *wait)
{
  if (wait->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (wait->task), wait->cancelled_id);
  au_task_wait_unref (wait);
}

static void
end_woken (GTask *task)
{
  GError *error = NULL;

  if (au_handle_check_outcome (get_task_computation (task), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * au_handle_wait_async:
 * @self: a handle
 * @cancellable: (nullable): cancels the wait, not the computation
 * @callback: (scope async): called when the computation has ended
 * @user_data: data for @callback
 *
 * Waits until the computation has ended, without blocking. Waiting costs no thread and
 * no descriptor.
 *
 * @callback is called in the thread-default main context of the caller, and not before
 * this function has returned.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_handle_wait_async (AuHandle            *self,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  AuComputation *computation;
  AuTaskWait *wait;
  gboolean done;

  g_return_if_fail (AU_IS_HANDLE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  computation = self->computation;
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_handle_wait_async);

  /* A completed computation is told as that even when the wait was cancelled late. */
  g_task_set_check_cancellable (task, FALSE);

  if (g_task_return_error_if_cancelled (task))
    return;

  au_computation_lift_pressure (computation);
  au_spin (&computation->engine->main_loop_spin, &computation->done, AU_SPIN_MAIN_LOOP);

  wait = au_task_wait_new (task, &computation->waiters, end_woken);
  au_task_wait_connect (wait);

  /* One for the check below, as the waiter may be woken and gone before that. */
  g_atomic_int_inc (&wait->ref_count);

  g_mutex_lock (&computation->lock);
  done = computation->done;
  if (!done)
    au_waiter_list_add (&computation->waiters, &wait->waiter);
  g_mutex_unlock (&computation->lock);

  if (done)
    {
      end_woken (task);
      au_task_wait_drop (wait);
    }
  else
    {
      au_task_wait_check_cancelled (task, wait);
    }

  au_task_wait_unref (wait);
}

/**
 * au_handle_wait_finish:
 * @self: a handle
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Au.Handle.wait_async].
 *
 * Fails with the function's own error when the computation has failed, and with
 * %G_IO_ERROR_CANCELLED when it, or the wait, was cancelled.
 *
 * MT safe.
 *
 * Returns: %TRUE when the computation has completed
 *
 * Since: 1.0
 */
gboolean
au_handle_wait_finish (AuHandle      *self,
                       GAsyncResult  *result,
                       GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Others of this library */

gboolean
au_handle_watch (AuHandle *self,
                 AuWaiter *waiter)
{
  AuComputation *computation = self->computation;
  gboolean done;

  au_computation_lift_pressure (computation);

  g_mutex_lock (&computation->lock);
  done = computation->done;
  if (!done)
    au_waiter_list_add (&computation->waiters, waiter);
  g_mutex_unlock (&computation->lock);

  return !done;
}

gboolean
au_handle_unwatch (AuHandle *self,
                   AuWaiter *waiter)
{
  AuComputation *computation = self->computation;
  gboolean mine;

  g_mutex_lock (&computation->lock);
  mine = au_waiter_list_remove (&computation->waiters, waiter);
  g_mutex_unlock (&computation->lock);

  return mine;
}

gboolean
au_handle_has_failed (AuHandle *self)
{
  AuComputation *computation = self->computation;
  gboolean failed;

  g_mutex_lock (&computation->lock);
  failed = computation->record->status != AU_STATUS_COMPLETED;
  g_mutex_unlock (&computation->lock);

  return failed;
}

GVariant *
au_handle_take_value (AuHandle *self)
{
  AuComputation *computation = self->computation;
  GVariant *value;

  g_mutex_lock (&computation->lock);
  value = computation->record->value;
  if (value != NULL)
    g_variant_ref (value);
  g_mutex_unlock (&computation->lock);

  return value;
}

gboolean
au_handle_needs_this_thread (AuHandle *self)
{
  return !au_computation_is_done (self->computation) &&
         au_computation_needs_this_thread (self->computation);
}
