/* au-channel.c: a queue for threads and main loops
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-channel-private.h"

/**
 * AuChannel:
 *
 * A queue from any number of those who put to any number of those who get, threads
 * that block and main loops that do not.
 *
 * Each item is got once. Those who wait are served in the order of their arrival,
 * whatever kind they are, and an item is handed to the first of them directly: a wait
 * that is cancelled or runs out of time loses no item. A channel has room for a number
 * of items, or for any; while there is no room, who puts waits. When a channel is
 * closed, what is in it can still be got.
 *
 * Items are GVariants, which a channel shares with its users. From C they may be
 * pointers of another kind, see [ctor@Au.Channel.new_full].
 *
 * MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuChannel, au_channel, G_TYPE_OBJECT)

G_STATIC_ASSERT ((int) AU_CHANNEL_ORDER_LIFO == AU_ITEM_ORDER_LIFO);
G_STATIC_ASSERT ((int) AU_CHANNEL_ORDER_PRIORITY == AU_ITEM_ORDER_PRIORITY);

G_DEFINE_ENUM_TYPE (AuChannelOrder, au_channel_order,
                    G_DEFINE_ENUM_VALUE (AU_CHANNEL_ORDER_FIFO, "fifo"),
                    G_DEFINE_ENUM_VALUE (AU_CHANNEL_ORDER_LIFO, "lifo"),
                    G_DEFINE_ENUM_VALUE (AU_CHANNEL_ORDER_PRIORITY, "priority"))

enum
{
  PROP_CAPACITY = 1,
  PROP_ORDER,
  PROP_N_ITEMS,
  PROP_CLOSED,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
au_channel_finalize (GObject *object)
{
  AuChannel *self = AU_CHANNEL (object);

  au_item_queue_clear (&self->queue, &self->items);
  if (self->priority_destroy != NULL)
    self->priority_destroy (self->priority_data);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_channel_parent_class)->finalize (object);
}

static void
au_channel_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  AuChannel *self = AU_CHANNEL (object);

  switch (prop_id)
    {
    case PROP_CAPACITY:
      g_value_set_uint (value, self->capacity);
      break;
    case PROP_ORDER:
      g_value_set_enum (value, self->queue.order);
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, au_channel_get_n_items (self));
      break;
    case PROP_CLOSED:
      g_value_set_boolean (value, au_channel_is_closed (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_channel_set_property (GObject      *object,
                         guint         prop_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  AuChannel *self = AU_CHANNEL (object);

  switch (prop_id)
    {
    case PROP_CAPACITY:
      self->capacity = g_value_get_uint (value);
      break;
    case PROP_ORDER:
      self->queue.order = (AuItemOrder) g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_channel_class_init (AuChannelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_channel_finalize;
  object_class->get_property = au_channel_get_property;
  object_class->set_property = au_channel_set_property;

  /**
   * AuChannel:capacity: (getter get_capacity)
   *
   * For how many items there is room; 0 for any number.
   *
   * Since: 1.0
   */
  props[PROP_CAPACITY] =
    g_param_spec_uint ("capacity", NULL, NULL, 0, G_MAXUINT / 4, 0,
                       G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AuChannel:order: (getter get_order)
   *
   * In which order items are got.
   *
   * Since: 1.0
   */
  props[PROP_ORDER] =
    g_param_spec_enum ("order", NULL, NULL, AU_TYPE_CHANNEL_ORDER, AU_CHANNEL_ORDER_FIFO,
                       G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AuChannel:n-items: (getter get_n_items)
   *
   * How many items are in the channel. It is not notified.
   *
   * Since: 1.0
   */
  props[PROP_N_ITEMS] =
    g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AuChannel:closed: (getter is_closed)
   *
   * Whether the channel is closed. It is not notified.
   *
   * Since: 1.0
   */
  props[PROP_CLOSED] =
    g_param_spec_boolean ("closed", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
au_channel_init (AuChannel *self)
{
  self->items = AU_ITEMS_VARIANTS;
  g_mutex_init (&self->lock);
}

/**
 * au_channel_new:
 * @capacity: for how many items there is room; 0 for any number
 * @order: in which order items are got: first or last in, first out
 *
 * Makes a channel of GVariants.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new channel
 *
 * Since: 1.0
 */
AuChannel *
au_channel_new (guint          capacity,
                AuChannelOrder order)
{
  g_return_val_if_fail (order != AU_CHANNEL_ORDER_PRIORITY, NULL);

  return g_object_new (AU_TYPE_CHANNEL, "capacity", capacity, "order", order, NULL);
}

/**
 * au_channel_new_with_priorities:
 * @capacity: for how many items there is room; 0 for any number
 * @func: (scope notified) (closure user_data) (destroy destroy): tells how urgent an
 *   item is
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Makes a channel of GVariants that gives the most urgent one first.
 *
 * MT safe, if @func is.
 *
 * Returns: (transfer full): a new channel
 *
 * Since: 1.0
 */
AuChannel *
au_channel_new_with_priorities (guint                 capacity,
                                AuChannelPriorityFunc func,
                                gpointer              user_data,
                                GDestroyNotify        destroy)
{
  AuChannel *self;

  g_return_val_if_fail (func != NULL, NULL);

  self = g_object_new (AU_TYPE_CHANNEL, "capacity", capacity,
                       "order", AU_CHANNEL_ORDER_PRIORITY, NULL);
  self->priority_func = func;
  self->priority_data = user_data;
  self->priority_destroy = destroy;

  return self;
}

/**
 * au_channel_new_full: (skip)
 * @capacity: for how many items there is room; 0 for any number
 * @order: in which order items are got
 * @free_item: (nullable): frees an item that nobody has got
 * @func: (nullable): tells how urgent an item is; wanted with priorities only
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Makes a channel of pointers other than %NULL. Whoever puts one with success has given
 * it away, and whoever gets it owns it; one that could not be put is still the caller's.
 *
 * MT safe, if @func is.
 *
 * Returns: (transfer full): a new channel
 *
 * Since: 1.0
 */
AuChannel *
au_channel_new_full (guint                 capacity,
                     AuChannelOrder        order,
                     GDestroyNotify        free_item,
                     AuChannelPriorityFunc func,
                     gpointer              user_data,
                     GDestroyNotify        destroy)
{
  AuChannel *self;

  g_return_val_if_fail ((order == AU_CHANNEL_ORDER_PRIORITY) == (func != NULL), NULL);

  self = g_object_new (AU_TYPE_CHANNEL, "capacity", capacity, "order", order, NULL);
  self->items = (AuItems) { FALSE, free_item };
  self->priority_func = func;
  self->priority_data = user_data;
  self->priority_destroy = destroy;

  return self;
}

/**
 * au_channel_close:
 * @self: a channel
 *
 * Takes nothing more. Those who wait to put fail, and those who wait to get as well;
 * items that are in the channel can still be got.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_channel_close (AuChannel *self)
{
  AuWakeList woken = { NULL };

  g_return_if_fail (AU_IS_CHANNEL (self));

  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  au_wait_end_all (&self->putters, AU_WAIT_CLOSED, &woken);
  au_wait_end_all (&self->getters, AU_WAIT_CLOSED, &woken);
  self->n_putters = self->n_getters = 0;
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

/**
 * au_channel_is_closed:
 * @self: a channel
 *
 * Tells whether the channel is closed. There may still be items in it.
 *
 * MT safe.
 *
 * Returns: %TRUE if it is closed
 *
 * Since: 1.0
 */
gboolean
au_channel_is_closed (AuChannel *self)
{
  gboolean closed;

  g_return_val_if_fail (AU_IS_CHANNEL (self), TRUE);

  g_mutex_lock (&self->lock);
  closed = self->closed;
  g_mutex_unlock (&self->lock);

  return closed;
}

/**
 * au_channel_get_capacity:
 * @self: a channel
 *
 * Gets for how many items there is room.
 *
 * MT safe.
 *
 * Returns: the capacity, or 0 for any number
 *
 * Since: 1.0
 */
guint
au_channel_get_capacity (AuChannel *self)
{
  g_return_val_if_fail (AU_IS_CHANNEL (self), 0);

  return self->capacity;
}

/**
 * au_channel_get_order:
 * @self: a channel
 *
 * Gets in which order items are got.
 *
 * MT safe.
 *
 * Returns: the order
 *
 * Since: 1.0
 */
AuChannelOrder
au_channel_get_order (AuChannel *self)
{
  g_return_val_if_fail (AU_IS_CHANNEL (self), AU_CHANNEL_ORDER_FIFO);

  return (AuChannelOrder) self->queue.order;
}

static guint
read_count (AuChannel *self,
            gsize      offset)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = G_STRUCT_MEMBER (guint, self, offset);
  g_mutex_unlock (&self->lock);

  return n;
}

/**
 * au_channel_get_n_items:
 * @self: a channel
 *
 * Gets how many items are in the channel.
 *
 * MT safe.
 *
 * Returns: the number of items
 *
 * Since: 1.0
 */
guint
au_channel_get_n_items (AuChannel *self)
{
  g_return_val_if_fail (AU_IS_CHANNEL (self), 0);

  return read_count (self, G_STRUCT_OFFSET (AuChannel, queue.n_items));
}

/**
 * au_channel_get_n_putting:
 * @self: a channel
 *
 * Gets how many wait for room, threads and main loops.
 *
 * MT safe.
 *
 * Returns: the number of those who wait
 *
 * Since: 1.0
 */
guint
au_channel_get_n_putting (AuChannel *self)
{
  g_return_val_if_fail (AU_IS_CHANNEL (self), 0);

  return read_count (self, G_STRUCT_OFFSET (AuChannel, n_putters));
}

/**
 * au_channel_get_n_getting:
 * @self: a channel
 *
 * Gets how many wait for an item, threads and main loops.
 *
 * MT safe.
 *
 * Returns: the number of those who wait
 *
 * Since: 1.0
 */
guint
au_channel_get_n_getting (AuChannel *self)
{
  g_return_val_if_fail (AU_IS_CHANNEL (self), 0);

  return read_count (self, G_STRUCT_OFFSET (AuChannel, n_getters));
}
