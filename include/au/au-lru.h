/* au-lru.h: the most recently used values
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

#define AU_TYPE_LRU (au_lru_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuLru, au_lru, AU, LRU, GObject)

AU_AVAILABLE_IN_1_0
AuLru *au_lru_new (guint     max_size,
                   GTimeSpan ttl) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuLru *au_lru_new_full (guint          max_size,
                        GTimeSpan      ttl,
                        GHashFunc      hash,
                        GEqualFunc     equal,
                        GBoxedCopyFunc copy_key,
                        GDestroyNotify free_key,
                        GBoxedCopyFunc copy_value,
                        GDestroyNotify free_value) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
gpointer au_lru_get (AuLru        *self,
                     gconstpointer key) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_lru_set (AuLru        *self,
                 gconstpointer key,
                 gpointer      value);
AU_AVAILABLE_IN_1_0
gpointer au_lru_set_default (AuLru        *self,
                             gconstpointer key,
                             gpointer      value) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
gboolean au_lru_remove (AuLru        *self,
                        gconstpointer key);
AU_AVAILABLE_IN_1_0
void au_lru_clear (AuLru *self);

AU_AVAILABLE_IN_1_0
guint au_lru_get_size (AuLru *self);
AU_AVAILABLE_IN_1_0
guint au_lru_get_max_size (AuLru *self);
AU_AVAILABLE_IN_1_0
void au_lru_set_max_size (AuLru *self,
                          guint  max_size);
AU_AVAILABLE_IN_1_0
GTimeSpan au_lru_get_ttl (AuLru *self);
AU_AVAILABLE_IN_1_0
guint64 au_lru_get_hits (AuLru *self);
AU_AVAILABLE_IN_1_0
guint64 au_lru_get_misses (AuLru *self);

G_END_DECLS
