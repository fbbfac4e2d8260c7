/* au-handle-wait.c: waiting for a computation, and for its items
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-handle-private.h"
#include "au-handle-watch-private.h"
#include "au-record-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/* How long to look before going to sleep, where looking has paid off lately: waking a
 * thread on another processor takes longer than most short computations. */
#define MAX_SPINS (1500)
#define MAX_CREDIT (8)

static inline void
relax (void)
{
#if defined (__x86_64__) || defined (__i386__)
  __builtin_ia32_pause ();
#elif defined (__aarch64__)
  __asm__ volatile ("yield");
#endif
}

/* Each success earns a credit, each failure costs one; without any it is tried now and
 * then only. */
static gboolean
spin_until_done (AuComputation *computation)
{
  AuEngine *engine = computation->engine;
  gint credit = g_atomic_int_get (&engine->spin_credit);

  if (credit < 0)
    return FALSE;

  if (credit == 0 && (g_get_monotonic_time () & 15) != 0)
    return FALSE;

  for (guint i = 0; i < MAX_SPINS; i++)
    {
      if (au_computation_is_done (computation))
        {
          if (credit < MAX_CREDIT)
            g_atomic_int_set (&engine->spin_credit, credit + 1);
          return TRUE;
        }
      relax ();
    }

  if (credit > 0)
    g_atomic_int_set (&engine->spin_credit, MAX (credit - 2, 0));

  return FALSE;
}

/* The end as whoever waits for it is told. */
static gboolean
check_outcome (AuComputation  *computation,
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

static gboolean
would_deadlock (AuComputation  *computation,
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

typedef struct
{
  AuThreadWaiter  waiter;
  AuComputation  *computation;
  AuWaiterList   *list;
} BlockingWait;

static void
blocking_wait_cancelled_cb (GCancellable *cancellable,
                            gpointer      data)
{
  BlockingWait *wait = data;
  gboolean mine;

  g_mutex_lock (&wait->computation->lock);
  mine = au_waiter_list_remove (wait->list, &wait->waiter.waiter);
  g_mutex_unlock (&wait->computation->lock);

  if (mine)
    wait->waiter.waiter.wake (&wait->waiter.waiter);
}

/* Waits until the waiter, which is in its list, is woken, the time is over, or the
 * cancellable is cancelled. */
static gboolean
blocking_wait (BlockingWait  *wait,
               gint64         end_time,
               GCancellable  *cancellable,
               GError       **error)
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

static gint64
get_end_time (GTimeSpan timeout)
{
  gint64 now;

  if (timeout < 0)
    return -1;

  now = g_get_monotonic_time ();

  return timeout > G_MAXINT64 - now ? -1 : now + timeout;
}

static gboolean
wait_for_end (AuComputation  *computation,
              GTimeSpan       timeout,
              GCancellable   *cancellable,
              GError        **error)
{
  BlockingWait wait = { .computation = computation, .list = &computation->waiters };
  gint64 end_time = get_end_time (timeout);
  gboolean done;

  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      would_deadlock (computation, error))
    return FALSE;

  au_computation_lift_pressure (computation);

  if (timeout != 0 && spin_until_done (computation))
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

  return blocking_wait (&wait, end_time, cancellable, error);
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

  return check_outcome (computation, error);
}

/* Main loops */

typedef struct
{
  AuWaiter       waiter;
  GTask         *task;
  AuWaiterList  *list;
  gulong         cancelled_id;
  gint           ref_count;     /* the list, and the connection to the cancellable */
  void         (*woken) (GTask *task);
} TaskWait;

static AuComputation *
get_task_computation (GTask *task)
{
  return AU_HANDLE (g_task_get_source_object (task))->computation;
}

static void
task_wait_unref (gpointer data)
{
  TaskWait *wait = data;

  if (!g_atomic_int_dec_and_test (&wait->ref_count))
    return;

  g_object_unref (wait->task);
  g_free (wait);
}

static void
task_wait_cancelled_cb (GCancellable *cancellable,
                        gpointer      data)
{
  TaskWait *wait = data;
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
  task_wait_unref (wait);
}

static void
task_wait_wake (AuWaiter *waiter)
{
  TaskWait *wait = (TaskWait *) waiter;

  /* Not g_cancellable_disconnect (), which waits for handlers that run: this may be
   * called by one of them, which has cancelled the computation. A handler that runs in
   * another thread has a reference, and finds the waiter gone. */
  if (wait->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (wait->task), wait->cancelled_id);

  wait->woken (wait->task);
  task_wait_unref (wait);
}

static TaskWait *
task_wait_new (GTask         *task,
               AuWaiterList  *list,
               void         (*woken) (GTask *task))
{
  TaskWait *wait = g_new0 (TaskWait, 1);

  wait->waiter.wake = task_wait_wake;
  wait->task = g_object_ref (task);
  wait->list = list;
  wait->ref_count = 1;
  wait->woken = woken;

  return wait;
}

/* The connection is made before the waiter can be woken, so that the waker knows of it;
 * @wait must not be in its list yet. */
static void
task_wait_connect (TaskWait *wait)
{
  GCancellable *cancellable = g_task_get_cancellable (wait->task);

  if (cancellable == NULL)
    return;

  wait->ref_count++;
  wait->cancelled_id = g_signal_connect_data (cancellable, "cancelled",
                                              G_CALLBACK (task_wait_cancelled_cb), wait,
                                              (GClosureNotify) (void (*) (void)) task_wait_unref, 0);
}

/* Once it is in the list: if it was cancelled before that, the handler found nothing. */
static void
task_wait_check_cancelled (GTask    *task,
                           TaskWait *wait)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (g_cancellable_is_cancelled (cancellable))
    task_wait_cancelled_cb (cancellable, wait);
}

static void
task_wait_drop (TaskWait *wait)
{
  if (wait->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (wait->task), wait->cancelled_id);
  task_wait_unref (wait);
}

static void
end_woken (GTask *task)
{
  GError *error = NULL;

  if (check_outcome (get_task_computation (task), &error))
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
  TaskWait *wait;
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

  wait = task_wait_new (task, &computation->waiters, end_woken);
  task_wait_connect (wait);

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
      task_wait_drop (wait);
    }
  else
    {
      task_wait_check_cancelled (task, wait);
    }

  task_wait_unref (wait);
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

/* Items */

/* There is no item at the position; says why, or that there may be one later. */
static gboolean
check_end_of_items (AuComputation  *computation,
                    GError        **error)
{
  if (!au_computation_is_done (computation))
    return FALSE;

  check_outcome (computation, error);

  return TRUE;
}

typedef enum
{
  TRY_ITEM,
  TRY_END,
  TRY_WAIT,
} Try;

/* An end seen before the item was looked for is the end; one seen after may have come
 * with another item. */
static Try
try_item (AuHandle      *self,
          guint64        position,
          GCancellable  *cancellable,
          GVariant     **item,
          GError       **error)
{
  gboolean done = au_computation_is_done (self->computation);
  GError *local_error = NULL;

  *item = au_computation_load_item (self->computation, position, cancellable, &local_error);
  if (*item != NULL)
    {
      au_computation_note_reader (self->computation, position);
      au_handle_set_position (self, position + 1);
      return TRY_ITEM;
    }

  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return TRY_END;
    }

  if (done && check_end_of_items (self->computation, error))
    return TRY_END;

  return TRY_WAIT;
}

/**
 * au_handle_next_item:
 * @self: a handle
 * @timeout: how long to wait at most, in microseconds; -1 for as long as it takes, 0 to
 *   look only
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Waits in this thread for the next item of the computation.
 *
 * Items are numbered and stored: each handle reads all of them from the first, or from
 * where [method@Au.Handle.set_position] says. Reading lets the function go on. One
 * thread at a time reads from a handle.
 *
 * Fails with %G_IO_ERROR_TIMED_OUT, %G_IO_ERROR_CANCELLED and
 * %AU_ERROR_WOULD_DEADLOCK, and, after the last item, with the error of the computation
 * when it has failed or was cancelled.
 *
 * Returns: (transfer full) (nullable): the item; %NULL without @error set after the last
 *
 * Since: 1.0
 */
GVariant *
au_handle_next_item (AuHandle      *self,
                     GTimeSpan      timeout,
                     GCancellable  *cancellable,
                     GError       **error)
{
  gint64 end_time;
  guint64 position;

  g_return_val_if_fail (AU_IS_HANDLE (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  end_time = get_end_time (timeout);
  position = au_handle_get_position (self);

  for (;;)
    {
      BlockingWait wait = { .computation = self->computation };
      GVariant *item;
      gboolean there;

      if (try_item (self, position, cancellable, &item, error) != TRY_WAIT)
        return item;

      if (would_deadlock (self->computation, error))
        return NULL;

      g_mutex_lock (&self->computation->lock);
      wait.list = &au_computation_ensure_extra (self->computation)->readers;
      g_mutex_unlock (&self->computation->lock);

      au_thread_waiter_init (&wait.waiter);
      there = au_computation_want_item (self->computation, position, &wait.waiter.waiter);
      if (there)
        au_thread_waiter_clear (&wait.waiter);
      else if (!blocking_wait (&wait, end_time, cancellable, error))
        return NULL;
    }
}

static void item_woken (GTask *task);

static void
try_item_task (GTask *task)
{
  AuHandle *self = g_task_get_source_object (task);
  AuComputation *computation = self->computation;
  guint64 position = *(guint64 *) g_task_get_task_data (task);
  GError *error = NULL;
  GVariant *item;
  TaskWait *wait;

  switch (try_item (self, position, g_task_get_cancellable (task), &item, &error))
    {
    case TRY_ITEM:
      g_task_return_pointer (task, item, (GDestroyNotify) g_variant_unref);
      return;

    case TRY_END:
      if (error != NULL)
        g_task_return_error (task, error);
      else
        g_task_return_pointer (task, NULL, NULL);
      return;

    case TRY_WAIT:
    default:
      break;
    }

  g_mutex_lock (&computation->lock);
  wait = task_wait_new (task, &au_computation_ensure_extra (computation)->readers, item_woken);
  g_mutex_unlock (&computation->lock);

  task_wait_connect (wait);
  g_atomic_int_inc (&wait->ref_count);

  if (au_computation_want_item (computation, position, &wait->waiter))
    {
      task_wait_drop (wait);
      item_woken (task);
    }
  else
    {
      task_wait_check_cancelled (task, wait);
    }

  task_wait_unref (wait);
}

static void
item_thread (GTask        *thread_task,
             gpointer      source_object,
             gpointer      task_data,
             GCancellable *cancellable)
{
  try_item_task (task_data);
  g_task_return_boolean (thread_task, TRUE);
}

/* Looking for the item may block, unless the store never does. */
static void
item_woken (GTask *task)
{
  AuHandle *self = g_task_get_source_object (task);
  g_autoptr(GTask) thread_task = NULL;

  if (au_store_get_flags (self->computation->engine->store) & AU_STORE_IMMEDIATE)
    {
      try_item_task (task);
      return;
    }

  thread_task = g_task_new (self, NULL, NULL, NULL);
  g_task_set_source_tag (thread_task, item_woken);
  g_task_set_task_data (thread_task, g_object_ref (task), g_object_unref);
  g_task_run_in_thread (thread_task, item_thread);
}

/**
 * au_handle_next_item_async:
 * @self: a handle
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when there is an item, or none will come
 * @user_data: data for @callback
 *
 * Waits for the next item of the computation, without blocking; see
 * [method@Au.Handle.next_item]. One at a time for each handle.
 *
 * @callback is called in the thread-default main context of the caller, and not before
 * this function has returned.
 *
 * Since: 1.0
 */
void
au_handle_next_item_async (AuHandle            *self,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  guint64 *position;

  g_return_if_fail (AU_IS_HANDLE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_handle_next_item_async);

  if (g_task_return_error_if_cancelled (task))
    return;

  position = g_new (guint64, 1);
  *position = au_handle_get_position (self);
  g_task_set_task_data (task, position, g_free);
  item_woken (task);
}

/**
 * au_handle_next_item_finish:
 * @self: a handle
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Au.Handle.next_item_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED, and, after the last item, with the error of the
 * computation when it has failed or was cancelled.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the item; %NULL without @error set after the last
 *
 * Since: 1.0
 */
GVariant *
au_handle_next_item_finish (AuHandle      *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
