/* au-item-queue.c: items in an order
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-item-queue-private.h"

typedef struct
{
  AuHeapNode node;
  gpointer   item;
} Ranked;

void
au_item_queue_clear (AuItemQueue   *self,
                     const AuItems *items)
{
  while (self->n_items > 0)
    au_items_free (items, au_item_queue_pop (self));
  g_clear_pointer (&self->ring, g_free);
  self->size = 0;
  au_heap_clear (&self->heap);
}

static void
make_room (AuItemQueue *self)
{
  guint size = MAX (self->size * 2, 16);
  gpointer *ring;

  if (self->n_items < self->size)
    return;

  ring = g_new (gpointer, size);
  for (guint i = 0; i < self->n_items; i++)
    ring[i] = self->ring[(self->first + i) & (self->size - 1)];
  g_free (self->ring);
  self->ring = ring;
  self->size = size;
  self->first = 0;
}

static void
push_ranked (AuItemQueue *self,
             gpointer     item,
             gint64       priority)
{
  Ranked *ranked = g_new (Ranked, 1);

  ranked->node.place = 0;
  ranked->item = item;
  au_heap_add (&self->heap, &ranked->node, priority);
}

static gpointer
pop_ranked (AuItemQueue *self)
{
  Ranked *ranked = (Ranked *) au_heap_pop (&self->heap);
  gpointer item = ranked->item;

  g_free (ranked);

  return item;
}

void
au_item_queue_push (AuItemQueue *self,
                    gpointer     item,
                    gint64       priority)
{
  if (self->order == AU_ITEM_ORDER_PRIORITY)
    {
      push_ranked (self, item, priority);
    }
  else
    {
      make_room (self);
      self->ring[(self->first + self->n_items) & (self->size - 1)] = item;
    }
  self->n_items++;
}

gpointer
au_item_queue_pop (AuItemQueue *self)
{
  gpointer item;

  self->n_items--;
  switch (self->order)
    {
    case AU_ITEM_ORDER_LIFO:
      return self->ring[(self->first + self->n_items) & (self->size - 1)];

    case AU_ITEM_ORDER_PRIORITY:
      return pop_ranked (self);

    case AU_ITEM_ORDER_FIFO:
    default:
      item = self->ring[self->first];
      self->first = (self->first + 1) & (self->size - 1);
      return item;
    }
}

void
au_item_queue_push_back (AuItemQueue *self,
                         gpointer     item)
{
  if (self->order != AU_ITEM_ORDER_FIFO)
    {
      au_item_queue_push (self, item, G_MININT64);
      return;
    }

  make_room (self);
  self->first = (self->first - 1) & (self->size - 1);
  self->ring[self->first] = item;
  self->n_items++;
}
