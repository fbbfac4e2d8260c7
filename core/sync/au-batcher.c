/* au-batcher.c: many things done at once
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-task-group-private.h"
#include "au-timer-private.h"

#include <au/au-batcher.h>
#include <au/au-clock.h>
#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/* A batch that was given to the function. */
typedef struct
{
  AuWaiter   watcher;
  AuTask    *task;
  guint      n_items;
} Batch;

struct _AuBatcher
{
  GObject      parent_instance;

  AuTimer      timer;           /* has a reference while it is set */
  AuWork      *work;
  GTimeSpan    max_wait;
  guint        max_quantity;
  AuTaskGroup *tasks;

  GMutex       lock;
  gboolean     closed;
  GPtrArray   *items;
  gint64       deadline;        /* of the batch that is gathered, monotonic */
};

/**
 * AuBatcher:
 *
 * Gathers items, and gives them to a function together: when there are so many, or when
 * the first of them has waited so long, whichever comes first.
 *
 * The function gets the items of a batch as an array of type `av`, by
 * [method@Au.Task.get_argument]. Items keep their order, in a batch and from one to the
 * next. Batches are begun in order, and the next one does not wait for the end of the
 * one before. Closed, it gives what it has gathered and waits for everything. A batch
 * that fails is reported in the log, and counted.
 *
 * Time is that of [func@Au.clock_get_monotonic_time].
 *
 * MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuBatcher, au_batcher, G_TYPE_OBJECT)

static void
batch_ended (AuWaiter *watcher)
{
  Batch *batch = (Batch *) watcher;
  g_autoptr(GError) error = au_task_dup_error (batch->task);

  if (error != NULL)
    g_warning ("A batch of %u items failed: %s", batch->n_items, error->message);

  g_object_unref (batch->task);
  g_free (batch);
}

/* With the lock held, so that batches are begun in order. It calls nobody. */
static void
send_batch (AuBatcher *self)
{
  g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));
  g_autoptr(AuTask) task = NULL;
  Batch *batch;

  if (self->items->len == 0)
    return;

  for (guint i = 0; i < self->items->len; i++)
    g_variant_builder_add (&builder, "v", self->items->pdata[i]);

  batch = g_new0 (Batch, 1);
  batch->watcher.wake = batch_ended;
  batch->n_items = self->items->len;
  batch->task = au_task_new_full (NULL, self->work, g_variant_builder_end (&builder));
  g_ptr_array_set_size (self->items, 0);

  /* Watched before it belongs to the group, so that whoever waits for the end finds it
   * reported. The group is closed after this object is, and the last batch is sent
   * before. */
  task = g_object_ref (batch->task);
  au_task_watch (task, &batch->watcher);
  if (!au_task_group_add (self->tasks, task, NULL))
    g_assert_not_reached ();
  au_task_launch (task, FALSE);
}

static void
begin_batch (AuBatcher *self)
{
  self->deadline = au_clock_get_monotonic_time () + self->max_wait;
  if (au_timer_set (&self->timer, self->deadline))
    g_object_ref (self);
}

static void
batcher_timer_cb (AuTimer *timer)
{
  g_autoptr(AuBatcher) self = (AuBatcher *) ((char *) timer - G_STRUCT_OFFSET (AuBatcher, timer));

  g_mutex_lock (&self->lock);
  /* the batch that it was set for may have left, and another have been begun */
  if (au_clock_get_monotonic_time () >= self->deadline)
    send_batch (self);
  g_mutex_unlock (&self->lock);
}

/* Sends what there is, and tells whether a reference is to be dropped. */
static gboolean
flush_locked (AuBatcher *self)
{
  send_batch (self);

  return au_timer_clear (&self->timer);
}

static void
au_batcher_finalize (GObject *object)
{
  AuBatcher *self = AU_BATCHER (object);

  g_ptr_array_unref (self->items);
  g_object_unref (self->tasks);
  g_clear_pointer (&self->work, au_work_unref);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_batcher_parent_class)->finalize (object);
}

static void
au_batcher_class_init (AuBatcherClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_batcher_finalize;
}

static void
au_batcher_init (AuBatcher *self)
{
  self->timer.func = batcher_timer_cb;
  self->tasks = au_task_group_new ();
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  g_mutex_init (&self->lock);
}

/**
 * au_batcher_new:
 * @max_wait: how long the first item of a batch waits at most, in microseconds
 * @max_quantity: how many items a batch has at most, not 0
 * @func: (scope notified) (closure user_data) (destroy destroy): works off a batch
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Makes a batcher for a function that does its work and returns. It is called in worker
 * threads.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new batcher
 *
 * Since: 1.0
 */
AuBatcher *
au_batcher_new (GTimeSpan      max_wait,
                guint          max_quantity,
                AuTaskFunc     func,
                gpointer       user_data,
                GDestroyNotify destroy)
{
  AuBatcher *self;

  g_return_val_if_fail (max_wait >= 0, NULL);
  g_return_val_if_fail (max_quantity > 0, NULL);
  g_return_val_if_fail (func != NULL, NULL);

  self = g_object_new (AU_TYPE_BATCHER, NULL);
  self->max_wait = MIN (max_wait, G_MAXINT64 / 4);
  self->max_quantity = max_quantity;
  self->work = au_work_new_plain (NULL, func, user_data, destroy);

  return self;
}

/**
 * au_batcher_new_starting:
 * @max_wait: how long the first item of a batch waits at most, in microseconds
 * @max_quantity: how many items a batch has at most, not 0
 * @func: (scope notified) (closure user_data) (destroy destroy): starts the work on a
 *   batch
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Makes a batcher for a function that starts its work, and ends the task later. It is
 * called in the main context that is the thread-default one now.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new batcher
 *
 * Since: 1.0
 */
AuBatcher *
au_batcher_new_starting (GTimeSpan       max_wait,
                         guint           max_quantity,
                         AuTaskStartFunc func,
                         gpointer        user_data,
                         GDestroyNotify  destroy)
{
  g_autoptr(GMainContext) context = NULL;
  AuBatcher *self;

  g_return_val_if_fail (max_wait >= 0, NULL);
  g_return_val_if_fail (max_quantity > 0, NULL);
  g_return_val_if_fail (func != NULL, NULL);

  context = g_main_context_ref_thread_default ();
  self = g_object_new (AU_TYPE_BATCHER, NULL);
  self->max_wait = MIN (max_wait, G_MAXINT64 / 4);
  self->max_quantity = max_quantity;
  self->work = au_work_new_start (context, func, user_data, destroy);

  return self;
}

/**
 * au_batcher_put:
 * @self: a batcher
 * @item: an item, which may be floating
 * @error: return location for an error
 *
 * Adds an item to the batch that is gathered. Never blocks.
 *
 * Fails with %AU_ERROR_CLOSED.
 *
 * MT safe.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_batcher_put (AuBatcher  *self,
                GVariant   *item,
                GError    **error)
{
  g_autoptr(GVariant) owned = NULL;
  gboolean cleared = FALSE;
  gboolean closed;

  g_return_val_if_fail (AU_IS_BATCHER (self), FALSE);
  g_return_val_if_fail (item != NULL, FALSE);

  owned = g_variant_ref_sink (item);

  g_mutex_lock (&self->lock);
  closed = self->closed;
  if (!closed)
    {
      g_ptr_array_add (self->items, g_steal_pointer (&owned));
      if (self->items->len >= self->max_quantity)
        cleared = flush_locked (self);
      else if (self->items->len == 1)
        begin_batch (self);
    }
  g_mutex_unlock (&self->lock);

  if (cleared)
    g_object_unref (self);

  if (closed)
    g_set_error_literal (error, AU_ERROR, AU_ERROR_CLOSED,
                         _("The batcher is closed, and takes no more items"));

  return !closed;
}

/**
 * au_batcher_flush:
 * @self: a batcher
 *
 * Gives what was gathered so far to the function, without waiting for more.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_batcher_flush (AuBatcher *self)
{
  gboolean cleared;

  g_return_if_fail (AU_IS_BATCHER (self));

  g_mutex_lock (&self->lock);
  cleared = flush_locked (self);
  g_mutex_unlock (&self->lock);

  if (cleared)
    g_object_unref (self);
}

static void
begin_close (AuBatcher *self)
{
  gboolean cleared;

  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  cleared = flush_locked (self);
  g_mutex_unlock (&self->lock);

  au_task_group_begin_close (self->tasks);
  if (cleared)
    g_object_unref (self);
}

/**
 * au_batcher_close:
 * @self: a batcher
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait, not the batches
 * @error: return location for an error
 *
 * Takes no more items, gives those that were gathered to the function, and waits until
 * all batches have ended.
 *
 * Blocks the calling thread; do not use it in a main loop, and least in the one that
 * the function is called in. Fails with %G_IO_ERROR_TIMED_OUT or
 * %G_IO_ERROR_CANCELLED, and is closed all the same.
 *
 * MT safe.
 *
 * Returns: %TRUE when all batches have ended
 *
 * Since: 1.0
 */
gboolean
au_batcher_close (AuBatcher     *self,
                  GTimeSpan      timeout,
                  GCancellable  *cancellable,
                  GError       **error)
{
  g_return_val_if_fail (AU_IS_BATCHER (self), FALSE);

  begin_close (self);

  return au_task_group_wait (self->tasks, timeout, cancellable, error);
}

/**
 * au_batcher_close_async:
 * @self: a batcher
 * @cancellable: (nullable): cancels the wait, not the batches
 * @callback: (scope async) (nullable): called when all batches have ended
 * @user_data: data for @callback
 *
 * Takes no more items, gives those that were gathered to the function, and waits until
 * all batches have ended, without blocking.
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_batcher_close_async (AuBatcher           *self,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_return_if_fail (AU_IS_BATCHER (self));

  begin_close (self);
  au_task_group_wait_for (self->tasks, self, au_batcher_close_async, cancellable, callback,
                          user_data);
}

/**
 * au_batcher_close_finish:
 * @self: a batcher
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Batcher.close_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED.
 *
 * MT safe.
 *
 * Returns: %TRUE when all batches have ended
 *
 * Since: 1.0
 */
gboolean
au_batcher_close_finish (AuBatcher     *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * au_batcher_set_finalize_timeout:
 * @self: a batcher
 * @finalize_timeout: microseconds; -1 for never, as it is by default
 *
 * Sets how long after closing began batches that have not ended are cancelled. Their
 * end is still waited for.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_batcher_set_finalize_timeout (AuBatcher *self,
                                 GTimeSpan  finalize_timeout)
{
  g_return_if_fail (AU_IS_BATCHER (self));

  au_task_group_set_exit_timeout (self->tasks, finalize_timeout);
}

/**
 * au_batcher_get_n_items:
 * @self: a batcher
 *
 * Gets how many items were gathered and not given to the function yet.
 *
 * MT safe.
 *
 * Returns: the number of items
 *
 * Since: 1.0
 */
guint
au_batcher_get_n_items (AuBatcher *self)
{
  guint n;

  g_return_val_if_fail (AU_IS_BATCHER (self), 0);

  g_mutex_lock (&self->lock);
  n = self->items->len;
  g_mutex_unlock (&self->lock);

  return n;
}

/**
 * au_batcher_get_n_failed:
 * @self: a batcher
 *
 * Gets how many batches have failed.
 *
 * MT safe.
 *
 * Returns: the number of batches
 *
 * Since: 1.0
 */
guint
au_batcher_get_n_failed (AuBatcher *self)
{
  g_return_val_if_fail (AU_IS_BATCHER (self), 0);

  return au_task_group_get_n_failed (self->tasks);
}
