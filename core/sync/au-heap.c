/* au-heap.c: what is due first
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-heap-private.h"

#include <string.h>

/* Four children to a node: they lie in one line of the processor's cache, as the first
 * slot is the last one of its line. */
#define N_CHILDREN (4)
#define LINE_SIZE (N_CHILDREN * sizeof (AuHeapSlot))
#define N_UNUSED (N_CHILDREN - 1)

static inline gboolean
is_before (const AuHeapSlot *a,
           const AuHeapSlot *b)
{
  if (a->key != b->key)
    return a->key < b->key;

  return a->node->order < b->node->order;
}

static inline void
set_slot (AuHeap           *self,
          guint             i,
          const AuHeapSlot *slot)
{
  self->slots[i] = *slot;
  slot->node->place = i + 1;
}

static void
sift_up (AuHeap     *self,
         guint       i,
         AuHeapSlot  slot)
{
  while (i > 0)
    {
      guint parent = (i - 1) / N_CHILDREN;

      if (!is_before (&slot, &self->slots[parent]))
        break;
      set_slot (self, i, &self->slots[parent]);
      i = parent;
    }

  set_slot (self, i, &slot);
}

static void
sift_down (AuHeap     *self,
           guint       i,
           AuHeapSlot  slot)
{
  while (TRUE)
    {
      guint first = i * N_CHILDREN + 1;
      guint end = MIN (first + N_CHILDREN, self->n_nodes);
      guint best = first;

      if (first >= self->n_nodes)
        break;
      for (guint child = first + 1; child < end; child++)
        {
          if (is_before (&self->slots[child], &self->slots[best]))
            best = child;
        }
      if (!is_before (&self->slots[best], &slot))
        break;
      set_slot (self, i, &self->slots[best]);
      i = best;
    }

  set_slot (self, i, &slot);
}

static void
free_slots (AuHeapSlot *slots)
{
  if (slots != NULL)
    g_aligned_free (slots - N_UNUSED);
}

static void
resize (AuHeap *self,
        guint   size)
{
  AuHeapSlot *place = g_aligned_alloc (size + N_UNUSED, sizeof (AuHeapSlot), LINE_SIZE);

  place += N_UNUSED;
  if (self->n_nodes > 0)
    memcpy (place, self->slots, self->n_nodes * sizeof (AuHeapSlot));
  free_slots (self->slots);
  self->slots = place;
  self->size = size;
}

void
au_heap_clear (AuHeap *self)
{
  g_clear_pointer (&self->slots, free_slots);
  self->n_nodes = self->size = 0;
}

static void
insert (AuHeap     *self,
        AuHeapNode *node)
{
  AuHeapSlot slot = { node->key, node };

  g_assert (node->place == 0);

  if (self->n_nodes == self->size)
    resize (self, MAX (self->size * 2, 16));
  sift_up (self, self->n_nodes++, slot);
}

void
au_heap_add (AuHeap     *self,
             AuHeapNode *node,
             gint64      key)
{
  node->key = key;
  node->order = ++self->last_order;
  insert (self, node);
}

void
au_heap_put_back (AuHeap     *self,
                  AuHeapNode *node)
{
  insert (self, node);
}

void
au_heap_remove (AuHeap     *self,
                AuHeapNode *node)
{
  guint i = node->place - 1;
  AuHeapSlot last;

  g_assert (i < self->n_nodes && self->slots[i].node == node);

  node->place = 0;
  last = self->slots[--self->n_nodes];
  if (i == self->n_nodes)
    return;

  if (i > 0 && is_before (&last, &self->slots[(i - 1) / N_CHILDREN]))
    sift_up (self, i, last);
  else
    sift_down (self, i, last);

  /* What was large once need not stay so. */
  if (self->size > 1024 && self->n_nodes < self->size / 8)
    resize (self, self->size / 4);
}

AuHeapNode *
au_heap_pop (AuHeap *self)
{
  AuHeapNode *first = au_heap_peek (self);

  if (first != NULL)
    au_heap_remove (self, first);

  return first;
}
