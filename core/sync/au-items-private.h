/* au-items-private.h: what the containers of this room hold
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Containers hold pointers. Most often these are GVariants, which are immutable, may be
 * shared between threads, and are what other languages can see; from C they may be
 * anything that somebody says how to free. */

typedef struct
{
  gboolean       variants;
  GDestroyNotify free_item;     /* NULL to leave them alone */
} AuItems;

#define AU_ITEMS_VARIANTS ((AuItems) { TRUE, (GDestroyNotify) g_variant_unref })

/* A GVariant is lent, and may be floating; other items are given. */
static inline gpointer
au_items_take (const AuItems *self,
               gpointer       item)
{
  return self->variants ? g_variant_ref_sink (item) : item;
}

/* What was taken, and was not wanted: other items belong to the caller again. */
static inline void
au_items_return (const AuItems *self,
                 gpointer       item)
{
  if (self->variants)
    g_variant_unref (item);
}

static inline void
au_items_free (const AuItems *self,
               gpointer       item)
{
  if (self->free_item != NULL && item != NULL)
    self->free_item (item);
}

G_END_DECLS
