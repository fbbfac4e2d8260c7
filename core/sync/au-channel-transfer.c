/* au-channel-transfer.c: putting into channels, and getting out of them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-channel-private.h"
#include "au-spin-private.h"

#include <glib/gi18n-lib.h>

static inline gboolean
has_room (AuChannel *self)
{
  return self->capacity == 0 || self->queue.n_items < self->capacity;
}

/* Putting and getting */

/* What somebody wants to put. */
typedef struct
{
  gpointer item;
  gint64   priority;
} Offer;

static gboolean
give_to_getter (AuChannel  *self,
                gpointer    item,
                AuWakeList *woken)
{
  AuWait *getter = au_wait_peek (&self->getters);

  if (getter == NULL)
    return FALSE;

  self->n_getters--;
  au_wait_end (getter, AU_WAIT_GRANTED, item, woken);

  return TRUE;
}

static void
let_putters_in (AuChannel  *self,
                AuWakeList *woken)
{
  AuWait *putter;

  while (has_room (self) && (putter = au_wait_peek (&self->putters)) != NULL)
    {
      Offer *offer = putter->data;

      au_item_queue_push (&self->queue, offer->item, offer->priority);
      offer->item = NULL;
      self->n_putters--;
      au_wait_end (putter, AU_WAIT_GRANTED, offer, woken);
    }
}

static inline gboolean
put_locked (AuChannel  *self,
            gpointer    item,
            gint64      priority,
            AuWakeList *woken)
{
  if (self->n_getters > 0 && give_to_getter (self, item, woken))
    return TRUE;

  if (self->n_putters > 0 || !has_room (self))
    return FALSE;

  au_item_queue_push (&self->queue, item, priority);

  return TRUE;
}

static gboolean
put_attempt (gpointer    object,
             AuWait     *wait,
             AuWakeList *woken)
{
  AuChannel *self = object;
  Offer *offer = wait->data;

  if (self->closed)
    return au_wait_done (wait, AU_WAIT_CLOSED, offer);

  if (!put_locked (self, offer->item, offer->priority, woken))
    return FALSE;

  offer->item = NULL;

  return au_wait_done (wait, AU_WAIT_GRANTED, offer);
}

static void
put_enter (gpointer    object,
           AuWait     *wait,
           AuWakeList *woken)
{
  AuChannel *self = object;

  self->n_putters++;
  au_wait_line_up (wait, &self->putters);
}

static void
put_leave (gpointer    object,
           AuWait     *wait,
           AuWakeList *woken)
{
  ((AuChannel *) object)->n_putters--;
}

/* An asynchronous wait owns its offer. */
static void
put_discard (gpointer    object,
             AuWait     *wait,
             AuWakeList *woken)
{
  AuChannel *self = object;
  Offer *offer = wait->data;

  if (offer->item != NULL)
    au_items_return (&self->items, offer->item);
  g_free (offer);
}

static const AuWaitOperation put_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuChannel, lock),
  .spin_offset = G_STRUCT_OFFSET (AuChannel, spin),
  .timed_out = N_("The channel had no room in time: get items from it, or wait longer"),
  .closed = N_("The channel is closed: nothing can be put into it any more"),
  .attempt = put_attempt,
  .enter = put_enter,
  .leave = put_leave,
  .discard = put_discard,
};

static gboolean
get_attempt (gpointer    object,
             AuWait     *wait,
             AuWakeList *woken)
{
  AuChannel *self = object;
  gpointer item;

  if (self->queue.n_items == 0)
    return self->closed && au_wait_done (wait, AU_WAIT_CLOSED, NULL);

  item = au_item_queue_pop (&self->queue);
  if (self->n_putters > 0)
    let_putters_in (self, woken);

  return au_wait_done (wait, AU_WAIT_GRANTED, item);
}

static void
get_enter (gpointer    object,
           AuWait     *wait,
           AuWakeList *woken)
{
  AuChannel *self = object;

  self->n_getters++;
  au_wait_line_up (wait, &self->getters);
}

static void
get_leave (gpointer    object,
           AuWait     *wait,
           AuWakeList *woken)
{
  ((AuChannel *) object)->n_getters--;
}

static void
get_discard (gpointer    object,
             AuWait     *wait,
             AuWakeList *woken)
{
  AuChannel *self = object;

  if (!give_to_getter (self, wait->data, woken))
    au_item_queue_push_back (&self->queue, wait->data);
}

static const AuWaitOperation get_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuChannel, lock),
  .spin_offset = G_STRUCT_OFFSET (AuChannel, spin),
  .timed_out = N_("The channel had no item in time: wait longer"),
  .closed = N_("The channel is closed, and everything in it was got"),
  .attempt = get_attempt,
  .enter = get_enter,
  .leave = get_leave,
  .discard = get_discard,
};

static gint64
get_priority (AuChannel *self,
              gpointer   item)
{
  if (self->priority_func == NULL)
    return 0;

  return self->priority_func (item, self->priority_data);
}

/**
 * au_channel_put:
 * @self: a channel
 * @item: (type GLib.Variant) (transfer none): what to put
 * @timeout: how long to wait for room, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Puts an item into the channel, or hands it to the first who waits for one.
 *
 * Blocks the calling thread while there is no room; do not use it in a main loop. Fails
 * with %AU_ERROR_CLOSED, %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED, and the item is
 * not in the channel then.
 *
 * MT safe.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_channel_put (AuChannel     *self,
                gpointer       item,
                GTimeSpan      timeout,
                GCancellable  *cancellable,
                GError       **error)
{
  Offer offer;
  gpointer data = &offer;

  g_return_val_if_fail (AU_IS_CHANNEL (self), FALSE);
  g_return_val_if_fail (item != NULL, FALSE);

  offer.item = au_items_take (&self->items, item);
  offer.priority = get_priority (self, item);

  if (au_wait_sync (&put_operation, self, 0, &data, timeout, cancellable, error))
    return TRUE;

  au_items_return (&self->items, offer.item);

  return FALSE;
}

/**
 * au_channel_try_put:
 * @self: a channel
 * @item: (type GLib.Variant) (transfer none): what to put
 *
 * Puts an item into the channel if that is possible without waiting.
 *
 * MT safe.
 *
 * Returns: %FALSE if there is no room, or the channel is closed
 *
 * Since: 1.0
 */
gboolean
au_channel_try_put (AuChannel *self,
                    gpointer   item)
{
  AuWakeList woken = { NULL };
  gint64 priority;
  gboolean done;

  g_return_val_if_fail (AU_IS_CHANNEL (self), FALSE);
  g_return_val_if_fail (item != NULL, FALSE);

  item = au_items_take (&self->items, item);
  priority = get_priority (self, item);

  au_lock_briefly (&self->lock);
  done = !self->closed && put_locked (self, item, priority, &woken);
  g_mutex_unlock (&self->lock);

  if (woken.first != NULL)
    au_waiters_wake (woken.first);
  if (!done)
    au_items_return (&self->items, item);

  return done;
}

/**
 * au_channel_put_async:
 * @self: a channel
 * @item: (type GLib.Variant) (transfer none): what to put
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async) (nullable): called when the item was put
 * @user_data: data for @callback
 *
 * Puts an item into the channel, as soon as there is room, without blocking.
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_channel_put_async (AuChannel           *self,
                      gpointer             item,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  Offer *offer;

  g_return_if_fail (AU_IS_CHANNEL (self));
  g_return_if_fail (item != NULL);

  offer = g_new (Offer, 1);
  offer->item = au_items_take (&self->items, item);
  offer->priority = get_priority (self, item);

  au_wait_async (&put_operation, self, 0, offer, cancellable, callback, user_data);
}

/**
 * au_channel_put_finish:
 * @self: a channel
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Channel.put_async].
 *
 * Fails with %AU_ERROR_CLOSED or %G_IO_ERROR_CANCELLED, and the item is not in the
 * channel then.
 *
 * MT safe.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_channel_put_finish (AuChannel     *self,
                       GAsyncResult  *result,
                       GError       **error)
{
  g_return_val_if_fail (AU_IS_CHANNEL (self), FALSE);

  return au_wait_finish (&put_operation, self, result, NULL, error);
}

/**
 * au_channel_get:
 * @self: a channel
 * @timeout: how long to wait for an item, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Gets the next item.
 *
 * Blocks the calling thread while there is none; do not use it in a main loop. Fails
 * with %AU_ERROR_CLOSED when the channel is closed and empty, and with
 * %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED.
 *
 * MT safe.
 *
 * Returns: (type GLib.Variant) (transfer full): the item
 *
 * Since: 1.0
 */
gpointer
au_channel_get (AuChannel     *self,
                GTimeSpan      timeout,
                GCancellable  *cancellable,
                GError       **error)
{
  gpointer item = NULL;

  g_return_val_if_fail (AU_IS_CHANNEL (self), NULL);

  if (cancellable == NULL && (item = au_channel_try_get (self)) != NULL)
    return item;

  if (!au_wait_sync (&get_operation, self, 0, &item, timeout, cancellable, error))
    return NULL;

  return item;
}

/**
 * au_channel_try_get:
 * @self: a channel
 *
 * Gets the next item if there is one.
 *
 * MT safe.
 *
 * Returns: (type GLib.Variant) (transfer full) (nullable): the item, or %NULL
 *
 * Since: 1.0
 */
gpointer
au_channel_try_get (AuChannel *self)
{
  AuWakeList woken = { NULL };
  gpointer item = NULL;

  g_return_val_if_fail (AU_IS_CHANNEL (self), NULL);

  au_lock_briefly (&self->lock);
  if (self->queue.n_items > 0)
    {
      item = au_item_queue_pop (&self->queue);
      if (self->n_putters > 0)
        let_putters_in (self, &woken);
    }
  g_mutex_unlock (&self->lock);

  if (woken.first != NULL)
    au_waiters_wake (woken.first);

  return item;
}

/**
 * au_channel_get_async:
 * @self: a channel
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called with an item
 * @user_data: data for @callback
 *
 * Gets the next item, as soon as there is one, without blocking.
 *
 * @callback is called in the thread-default main context of the caller. An item that
 * was handed over before @cancellable was cancelled is there; one that is not fetched
 * with [method@Au.Channel.get_finish] goes back into the channel.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_channel_get_async (AuChannel           *self,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_return_if_fail (AU_IS_CHANNEL (self));

  au_wait_async (&get_operation, self, 0, NULL, cancellable, callback, user_data);
}

/**
 * au_channel_get_finish:
 * @self: a channel
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Channel.get_async].
 *
 * Fails with %AU_ERROR_CLOSED when the channel is closed and empty, and with
 * %G_IO_ERROR_CANCELLED.
 *
 * MT safe.
 *
 * Returns: (type GLib.Variant) (transfer full): the item
 *
 * Since: 1.0
 */
gpointer
au_channel_get_finish (AuChannel     *self,
                       GAsyncResult  *result,
                       GError       **error)
{
  gpointer item = NULL;

  g_return_val_if_fail (AU_IS_CHANNEL (self), NULL);

  if (!au_wait_finish (&get_operation, self, result, &item, error))
    return NULL;

  return item;
}
