/* au-item-queue-private.h: items in an order
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-heap-private.h"
#include "au-items-private.h"

G_BEGIN_DECLS

typedef enum
{
  AU_ITEM_ORDER_FIFO,
  AU_ITEM_ORDER_LIFO,
  AU_ITEM_ORDER_PRIORITY,
} AuItemOrder;

/* Items in a ring; or in a heap, if they have priorities. Whoever owns it guards it. */
typedef struct
{
  AuItemOrder order;
  guint       n_items;
  gpointer   *ring;
  guint       size;         /* a power of two */
  guint       first;
  AuHeap      heap;
} AuItemQueue;

void     au_item_queue_clear     (AuItemQueue   *self,
                                  const AuItems *items);
void     au_item_queue_push      (AuItemQueue   *self,
                                  gpointer       item,
                                  gint64         priority);
/* There must be one. */
gpointer au_item_queue_pop       (AuItemQueue   *self);
/* To where it is the next to be popped. */
void     au_item_queue_push_back (AuItemQueue   *self,
                                  gpointer       item);

G_END_DECLS
