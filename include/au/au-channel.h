/* au-channel.h: a queue for threads and main loops
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-types.h>

G_BEGIN_DECLS

/**
 * AuChannelOrder:
 * @AU_CHANNEL_ORDER_FIFO: first in, first out
 * @AU_CHANNEL_ORDER_LIFO: last in, first out
 * @AU_CHANNEL_ORDER_PRIORITY: the smallest number of the channel's priority function
 *   first, and equals in the order in which they were put
 *
 * In which order a channel gives its items.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_CHANNEL_ORDER_FIFO,
  AU_CHANNEL_ORDER_LIFO,
  AU_CHANNEL_ORDER_PRIORITY,
} AuChannelOrder;

#define AU_TYPE_CHANNEL_ORDER (au_channel_order_get_type ())

AU_AVAILABLE_IN_1_0
GType au_channel_order_get_type (void);

/**
 * AuChannelPriorityFunc:
 * @item: (type GLib.Variant): an item of the channel
 * @user_data: the data given to [ctor@Au.Channel.new_with_priorities]
 *
 * Tells how urgent an item is.
 *
 * Called once for each item, in the thread that puts it.
 *
 * Returns: a number; the smaller, the earlier the item is got
 *
 * Since: 1.0
 */
typedef gint64 (*AuChannelPriorityFunc) (gpointer item,
                                         gpointer user_data);

#define AU_TYPE_CHANNEL (au_channel_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuChannel, au_channel, AU, CHANNEL, GObject)

AU_AVAILABLE_IN_1_0
AuChannel *au_channel_new (guint          capacity,
                           AuChannelOrder order) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuChannel *au_channel_new_with_priorities (guint                 capacity,
                                           AuChannelPriorityFunc func,
                                           gpointer              user_data,
                                           GDestroyNotify        destroy) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuChannel *au_channel_new_full (guint                 capacity,
                                AuChannelOrder        order,
                                GDestroyNotify        free_item,
                                AuChannelPriorityFunc func,
                                gpointer              user_data,
                                GDestroyNotify        destroy) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
gboolean au_channel_put (AuChannel    *self,
                         gpointer      item,
                         GTimeSpan     timeout,
                         GCancellable *cancellable,
                         GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_channel_try_put (AuChannel *self,
                             gpointer   item);
AU_AVAILABLE_IN_1_0
void au_channel_put_async (AuChannel          *self,
                           gpointer            item,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_channel_put_finish (AuChannel    *self,
                                GAsyncResult *result,
                                GError      **error);

AU_AVAILABLE_IN_1_0
gpointer au_channel_get (AuChannel    *self,
                         GTimeSpan     timeout,
                         GCancellable *cancellable,
                         GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
gpointer au_channel_try_get (AuChannel *self) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_channel_get_async (AuChannel          *self,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data);
AU_AVAILABLE_IN_1_0
gpointer au_channel_get_finish (AuChannel    *self,
                                GAsyncResult *result,
                                GError      **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
void au_channel_close (AuChannel *self);
AU_AVAILABLE_IN_1_0
gboolean au_channel_is_closed (AuChannel *self);

AU_AVAILABLE_IN_1_0
guint au_channel_get_capacity (AuChannel *self);
AU_AVAILABLE_IN_1_0
AuChannelOrder au_channel_get_order (AuChannel *self);
AU_AVAILABLE_IN_1_0
guint au_channel_get_n_items (AuChannel *self);
AU_AVAILABLE_IN_1_0
guint au_channel_get_n_putting (AuChannel *self);
AU_AVAILABLE_IN_1_0
guint au_channel_get_n_getting (AuChannel *self);

G_END_DECLS
