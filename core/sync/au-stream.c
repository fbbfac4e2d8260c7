/* au-stream.c: values that are made when they are asked for
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-stream-private.h"

#include <au/au-task.h>

/**
 * AuStream:
 *
 * Items that are made when they are asked for, by a function that emits them one after
 * the other in a worker thread, or by several streams that are merged.
 *
 * Nothing is made before the first item is asked for, and then no more than a number
 * ahead of the reader, which may be 0. The items come in order; after the last one,
 * %NULL without an error is the end, or the error that the function has returned. To
 * close a stream early makes [method@Au.Stream.emit] fail where the function is, with
 * a reason that one may give by [method@Au.Stream.stop], so that it can clean up; closing
 * waits for that.
 *
 * Any number of threads that block and main loops that do not may read: each item is
 * read once, and they are served in the order of their arrival. A wait that is
 * cancelled or runs out of time loses no item. A stream that was begun and is to be
 * dropped before its end must be closed.
 *
 * MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuStream, au_stream, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (AuStreamErrors, au_stream_errors,
                    G_DEFINE_ENUM_VALUE (AU_STREAM_ERRORS_RAISE, "raise"),
                    G_DEFINE_ENUM_VALUE (AU_STREAM_ERRORS_DELAY, "delay"),
                    G_DEFINE_ENUM_VALUE (AU_STREAM_ERRORS_SUPPRESS, "suppress"))

static void
au_stream_finalize (GObject *object)
{
  AuStream *self = AU_STREAM (object);
  AuItems items = AU_ITEMS_VARIANTS;

  au_item_queue_clear (&self->queue, &items);
  if (self->source != NULL)
    self->source->free (self->data);
  g_clear_error (&self->reason);
  g_clear_error (&self->error);
  g_clear_error (&self->close_error);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_stream_parent_class)->finalize (object);
}

static void
au_stream_class_init (AuStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_stream_finalize;
}

static void
au_stream_init (AuStream *self)
{
  g_mutex_init (&self->lock);
}

AuStream *
au_stream_new_for_source (const AuStreamSource *source,
                          gpointer              data,
                          guint                 ahead)
{
  AuStream *self = g_object_new (AU_TYPE_STREAM, NULL);

  self->source = source;
  self->data = data;
  self->ahead = ahead;

  return self;
}

/* A function in a thread */

typedef struct
{
  AuStreamFunc   func;
  gpointer       user_data;
  GDestroyNotify destroy;
  int            begun;
} Maker;

static GVariant *
make_items (AuTask   *task,
            gpointer  data,
            GError  **error)
{
  AuStream *self = data;
  Maker *maker = self->data;
  g_autoptr(GError) failure = NULL;

  maker->func (self, maker->user_data, &failure);
  au_stream_end (self, failure);
  au_stream_release (self, failure);

  return NULL;
}

static void
maker_demand (AuStream *self)
{
  Maker *maker = self->data;

  if (!g_atomic_int_compare_and_exchange (&maker->begun, FALSE, TRUE))
    return;

  g_object_unref (au_task_run ("stream", make_items, g_object_ref (self), g_object_unref));
}

/* What has begun finds out when it emits. */
static void
maker_stop (AuStream *self)
{
  Maker *maker = self->data;

  if (g_atomic_int_compare_and_exchange (&maker->begun, FALSE, TRUE))
    {
      au_stream_end (self, NULL);
      au_stream_release (self, NULL);
    }
}

static void
maker_free (gpointer data)
{
  Maker *maker = data;

  if (maker->destroy != NULL)
    maker->destroy (maker->user_data);
  g_free (maker);
}

static const AuStreamSource maker_source = {
  .demand = maker_demand,
  .stop = maker_stop,
  .free = maker_free,
};

/**
 * au_stream_new:
 * @func: (scope notified) (closure user_data) (destroy destroy): makes the items
 * @ahead: how many items are made before somebody asks for them; 1 is usual, 0 for none
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Makes a stream of what @func emits. It is called in a worker thread, when the first
 * item is asked for.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new stream
 *
 * Since: 1.0
 */
AuStream *
au_stream_new (AuStreamFunc   func,
               guint          ahead,
               gpointer       user_data,
               GDestroyNotify destroy)
{
  Maker *maker;

  g_return_val_if_fail (func != NULL, NULL);

  maker = g_new0 (Maker, 1);
  maker->func = func;
  maker->user_data = user_data;
  maker->destroy = destroy;

  return au_stream_new_for_source (&maker_source, maker, ahead);
}

/**
 * au_stream_emit:
 * @self: the stream that the function was given
 * @item: an item, which may be floating
 * @error: return location for an error
 *
 * Gives an item to the reader, and waits until the next one is wanted. To be called by
 * the function of the stream only.
 *
 * Fails when the stream was closed, with the reason that was given, or else with
 * %AU_ERROR_CLOSED; return it then.
 *
 * Returns: %TRUE when the next item is wanted
 *
 * Since: 1.0
 */
gboolean
au_stream_emit (AuStream  *self,
                GVariant  *item,
                GError   **error)
{
  g_autoptr(GVariant) owned = NULL;

  g_return_val_if_fail (AU_IS_STREAM (self), FALSE);
  g_return_val_if_fail (item != NULL, FALSE);

  owned = g_variant_ref_sink (item);
  au_stream_deliver (self, owned);

  return au_wait_sync (&au_stream_emit_operation, self, 0, NULL, -1, NULL, error);
}

static GVariant *
next (AuStream      *self,
      gboolean       batch,
      GTimeSpan      timeout,
      GCancellable  *cancellable,
      GError       **error)
{
  gpointer item = NULL;

  if (!au_wait_sync (&au_stream_next_operation, self, batch, &item, timeout, cancellable, error))
    return NULL;

  return item;
}

static GVariant *
next_finish (AuStream      *self,
             GAsyncResult  *result,
             GError       **error)
{
  gpointer item = NULL;

  if (!au_wait_finish (&au_stream_next_operation, self, result, &item, error))
    return NULL;

  return item;
}

/**
 * au_stream_next:
 * @self: a stream
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 for what is there
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Gets the next item, and has it made if need be.
 *
 * Blocks the calling thread; do not use it in a main loop. Fails, after the last item,
 * with the error of whatever makes them; with %AU_ERROR_CLOSED when the stream was
 * closed; and with %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED, which loses nothing.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the item; %NULL without an error at the end
 *
 * Since: 1.0
 */
GVariant *
au_stream_next (AuStream      *self,
                GTimeSpan      timeout,
                GCancellable  *cancellable,
                GError       **error)
{
  g_return_val_if_fail (AU_IS_STREAM (self), NULL);

  return next (self, FALSE, timeout, cancellable, error);
}

/**
 * au_stream_next_async:
 * @self: a stream
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called with an item
 * @user_data: data for @callback
 *
 * Gets the next item, and has it made if need be, without blocking.
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_stream_next_async (AuStream            *self,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_return_if_fail (AU_IS_STREAM (self));

  au_wait_async (&au_stream_next_operation, self, FALSE, NULL, cancellable, callback, user_data);
}

/**
 * au_stream_next_finish:
 * @self: a stream
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Stream.next_async].
 *
 * Fails as [method@Au.Stream.next] does.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the item; %NULL without an error at the end
 *
 * Since: 1.0
 */
GVariant *
au_stream_next_finish (AuStream      *self,
                       GAsyncResult  *result,
                       GError       **error)
{
  g_return_val_if_fail (AU_IS_STREAM (self), NULL);

  return next_finish (self, result, error);
}

/**
 * au_stream_next_batch:
 * @self: a stream
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 for what is there
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Gets all items that are there, and waits for one if there is none. Nothing more is
 * made until somebody asks again, but for what the stream makes ahead.
 *
 * Blocks the calling thread; do not use it in a main loop. Fails as
 * [method@Au.Stream.next] does.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the items, of type `av`; %NULL without an error
 *   at the end
 *
 * Since: 1.0
 */
GVariant *
au_stream_next_batch (AuStream      *self,
                      GTimeSpan      timeout,
                      GCancellable  *cancellable,
                      GError       **error)
{
  g_return_val_if_fail (AU_IS_STREAM (self), NULL);

  return next (self, TRUE, timeout, cancellable, error);
}

/**
 * au_stream_next_batch_async:
 * @self: a stream
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called with the items
 * @user_data: data for @callback
 *
 * Gets all items that are there, or waits for one, without blocking.
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_stream_next_batch_async (AuStream            *self,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_return_if_fail (AU_IS_STREAM (self));

  au_wait_async (&au_stream_next_operation, self, TRUE, NULL, cancellable, callback, user_data);
}

/**
 * au_stream_next_batch_finish:
 * @self: a stream
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Stream.next_batch_async].
 *
 * Fails as [method@Au.Stream.next] does.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the items, of type `av`; %NULL without an error
 *   at the end
 *
 * Since: 1.0
 */
GVariant *
au_stream_next_batch_finish (AuStream      *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  g_return_val_if_fail (AU_IS_STREAM (self), NULL);

  return next_finish (self, result, error);
}

/**
 * au_stream_stop:
 * @self: a stream
 * @reason: what [method@Au.Stream.emit] is to fail with
 *
 * Begins to close the stream, for a reason that is told where the items are made. Only
 * the first one counts. [method@Au.Stream.close] waits for the end.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_stream_stop (AuStream     *self,
                const GError *reason)
{
  g_return_if_fail (AU_IS_STREAM (self));
  g_return_if_fail (reason != NULL);

  au_stream_begin_close (self, reason);
}

/**
 * au_stream_close:
 * @self: a stream
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait, not the closing
 * @error: return location for an error
 *
 * Closes the stream: items that were not read are gone, readers that wait fail, and
 * what makes the items is told. Waits until that has ended; merged streams close those
 * that they are made of one after the other.
 *
 * Blocks the calling thread; do not use it in a main loop. Fails with
 * %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED when it waits no longer, and with the
 * error of whatever makes the items if that is not the reason that it was told.
 *
 * MT safe.
 *
 * Returns: %TRUE when everything has ended in order
 *
 * Since: 1.0
 */
gboolean
au_stream_close (AuStream      *self,
                 GTimeSpan      timeout,
                 GCancellable  *cancellable,
                 GError       **error)
{
  g_return_val_if_fail (AU_IS_STREAM (self), FALSE);

  au_stream_begin_close (self, NULL);

  return au_wait_sync (&au_stream_close_operation, self, 0, NULL, timeout, cancellable, error);
}

/**
 * au_stream_close_async:
 * @self: a stream
 * @cancellable: (nullable): cancels the wait, not the closing
 * @callback: (scope async) (nullable): called when everything has ended
 * @user_data: data for @callback
 *
 * Closes the stream, without blocking: see [method@Au.Stream.close].
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_stream_close_async (AuStream            *self,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_return_if_fail (AU_IS_STREAM (self));

  au_stream_begin_close (self, NULL);
  au_wait_async (&au_stream_close_operation, self, 0, NULL, cancellable, callback, user_data);
}

/**
 * au_stream_close_finish:
 * @self: a stream
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Stream.close_async].
 *
 * Fails as [method@Au.Stream.close] does.
 *
 * MT safe.
 *
 * Returns: %TRUE when everything has ended in order
 *
 * Since: 1.0
 */
gboolean
au_stream_close_finish (AuStream      *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (AU_IS_STREAM (self), FALSE);

  return au_wait_finish (&au_stream_close_operation, self, result, NULL, error);
}
