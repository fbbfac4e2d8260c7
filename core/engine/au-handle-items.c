/* au-handle-items.c: reading the items of a computation
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-handle-private.h"
#include "au-handle-wait-private.h"
#include "au-time-private.h"

/* There is no item at the position; says why, or that there may be one later. */
static gboolean
check_end_of_items (AuComputation  *computation,
                    GError        **error)
{
  if (!au_computation_is_done (computation))
    return FALSE;

  au_handle_check_outcome (computation, error);

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

  end_time = au_clock_get_end_time (timeout);
  position = au_handle_get_position (self);

  for (;;)
    {
      AuBlockingWait wait = { .computation = self->computation };
      GVariant *item;
      gboolean there;

      if (try_item (self, position, cancellable, &item, error) != TRY_WAIT)
        return item;

      if (au_handle_would_deadlock (self->computation, error))
        return NULL;

      g_mutex_lock (&self->computation->lock);
      wait.list = &au_computation_ensure_extra (self->computation)->readers;
      g_mutex_unlock (&self->computation->lock);

      au_thread_waiter_init (&wait.waiter);
      there = au_computation_want_item (self->computation, position, &wait.waiter.waiter);
      if (there)
        au_thread_waiter_clear (&wait.waiter);
      else if (!au_blocking_wait (&wait, end_time, cancellable, error))
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
  AuTaskWait *wait;

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
  wait = au_task_wait_new (task, &au_computation_ensure_extra (computation)->readers, item_woken);
  g_mutex_unlock (&computation->lock);

  au_task_wait_connect (wait);
  g_atomic_int_inc (&wait->ref_count);

  if (au_computation_want_item (computation, position, &wait->waiter))
    {
      au_task_wait_drop (wait);
      item_woken (task);
    }
  else
    {
      au_task_wait_check_cancelled (task, wait);
    }

  au_task_wait_unref (wait);
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
