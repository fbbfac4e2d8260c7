/* au-heap-private.h: what is due first
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A heap of nodes that are part of what they stand for: the smallest key is the first,
 * and of equal keys the one that was added first. A node knows its place, so that any
 * can be taken out in O(log n). Whoever owns the heap guards it. */

typedef struct
{
  gint64  key;
  guint64 order;
  guint   place;        /* counted from 1; 0 while in no heap */
} AuHeapNode;

typedef struct
{
  gint64      key;      /* again, so that most comparisons stay within the array */
  AuHeapNode *node;
} AuHeapSlot;

typedef struct
{
  AuHeapSlot *slots;
  guint       n_nodes;
  guint       size;
  guint64     last_order;
} AuHeap;

void        au_heap_clear  (AuHeap     *self);
void        au_heap_add    (AuHeap     *self,
                            AuHeapNode *node,
                            gint64      key);
/* Gives a node back its place among equals. */
void        au_heap_put_back (AuHeap     *self,
                              AuHeapNode *node);
void        au_heap_remove (AuHeap     *self,
                            AuHeapNode *node);
AuHeapNode *au_heap_pop    (AuHeap     *self);

static inline AuHeapNode *
au_heap_peek (AuHeap *self)
{
  return self->n_nodes > 0 ? self->slots[0].node : NULL;
}

G_END_DECLS
