/* au-cache-task.c: cached calls as tasks
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-cache-private.h"

#include <glib/gi18n-lib.h>

/* One who asks, and whose task is not that of the call: to cancel it harms nobody else.
 * It belongs to its line or whoever wakes it, and to its cancellable. */
typedef struct
{
  AuWait          wait;
  gatomicrefcount ref_count;
  AuTask         *task;
  gulong          cancelled_id;
} Asker;

static void
asker_unref (gpointer data)
{
  Asker *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_object_unref (self->wait.object);
  g_object_unref (self->task);
  g_free (self);
}

static void
end_as (AuTask *self,
        AuTask *call)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = au_task_dup_value (call, &error);

  if (error != NULL)
    au_task_return_error (self, error);
  else
    au_task_return_value (self, value);
}

static void
asker_wake (AuWaiter *waiter)
{
  Asker *self = (Asker *) waiter;
  g_autoptr(GError) error = NULL;

  if (self->wait.outcome == AU_WAIT_GRANTED)
    {
      g_autoptr(AuTask) call = self->wait.data;

      end_as (self->task, call);
    }
  else
    {
      error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The task was cancelled"));
      au_task_return_error (self->task, error);
    }

  /* Not g_cancellable_disconnect (), which waits for handlers that run: this may be
   * called by one of them. */
  g_signal_handler_disconnect (au_task_get_cancellable (self->task), self->cancelled_id);
  asker_unref (self);
}

static void
asker_cancelled_cb (GCancellable *cancellable,
                    gpointer      data)
{
  Asker *self = data;
  AuCache *cache = self->wait.object;
  AuWakeList woken = { NULL };

  g_mutex_lock (&cache->lock);
  if (self->wait.outcome == AU_WAIT_PENDING)
    {
      au_wait_end (&self->wait, AU_WAIT_CANCELLED, self->wait.data, &woken);
      au_cache_get_operation.leave (cache, &self->wait, &woken);
    }
  g_mutex_unlock (&cache->lock);

  au_waiters_wake (woken.first);
}

static Asker *
asker_new (AuCache  *cache,
           GVariant *key)
{
  Asker *self = g_new0 (Asker, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->wait.waiter.wake = asker_wake;
  self->wait.operation = &au_cache_get_operation;
  self->wait.object = g_object_ref (cache);
  self->wait.data = key;
  self->task = au_task_new_begun (NULL, cache->work, key);

  /* Nobody can cancel a task that nobody has yet. */
  g_atomic_ref_count_inc (&self->ref_count);
  self->cancelled_id = g_signal_connect_data (au_task_get_cancellable (self->task), "cancelled",
                                              G_CALLBACK (asker_cancelled_cb), self,
                                              (GClosureNotify) asker_unref, 0);

  return self;
}

/**
 * au_cache_get_task:
 * @self: a cache
 * @key: what to call the function for, which may be floating
 *
 * Gets what the function gives for @key as a task that has ended, or will when the call
 * has. The function is called if it is not known.
 *
 * Each caller has a task of its own: to cancel it is to give up waiting, and when nobody
 * waits any more, the call is cancelled. To drop it is not to give up. Add it to an
 * [class@Au.TaskGroup], or wait for it in any thread and any main loop.
 *
 * MT safe.
 *
 * Returns: (transfer full): a task
 *
 * Since: 1.0
 */
AuTask *
au_cache_get_task (AuCache  *self,
                   GVariant *key)
{
  g_autoptr(GVariant) own = NULL;
  AuWakeList woken = { NULL };
  AuTask *task;
  Asker *asker;
  gboolean done;
  gpointer data;

  g_return_val_if_fail (AU_IS_CACHE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  data = own = au_cache_make_key (self, key);
  if (au_wait_try (&au_cache_get_operation, self, 0, &data))
    return data;

  asker = asker_new (self, own);
  task = g_object_ref (asker->task);

  g_mutex_lock (&self->lock);
  done = au_cache_get_operation.attempt (self, &asker->wait, &woken);
  if (!done)
    au_cache_get_operation.enter (self, &asker->wait, &woken);
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
  if (done)
    asker_wake (&asker->wait.waiter);

  return task;
}
