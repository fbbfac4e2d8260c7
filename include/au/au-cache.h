/* au-cache.h: calls that are made once
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-types.h>
#include <au/au-task.h>

G_BEGIN_DECLS

#define AU_TYPE_CACHE (au_cache_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuCache, au_cache, AU, CACHE, GObject)

/**
 * AuCacheKeyFunc:
 * @key: a key as it was given
 * @user_data: the data given to [method@Au.Cache.set_key_func]
 *
 * Gives the key under which a call is kept, such as without what makes no difference.
 *
 * Called in the thread of each caller.
 *
 * Returns: (transfer full): a key, which may be floating
 *
 * Since: 1.0
 */
typedef GVariant *(*AuCacheKeyFunc) (GVariant *key,
                                     gpointer  user_data);

AU_AVAILABLE_IN_1_0
AuCache *au_cache_new (AuTaskFunc     func,
                       gpointer       user_data,
                       GDestroyNotify destroy) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuCache *au_cache_new_starting (AuTaskStartFunc func,
                                gpointer        user_data,
                                GDestroyNotify  destroy) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_cache_set_key_func (AuCache       *self,
                            AuCacheKeyFunc func,
                            gpointer       user_data,
                            GDestroyNotify destroy);

AU_AVAILABLE_IN_1_0
GVariant *au_cache_get (AuCache      *self,
                        GVariant     *key,
                        GTimeSpan     timeout,
                        GCancellable *cancellable,
                        GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_cache_get_async (AuCache            *self,
                         GVariant           *key,
                         GCancellable       *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer            user_data);
AU_AVAILABLE_IN_1_0
GVariant *au_cache_get_finish (AuCache      *self,
                               GAsyncResult *result,
                               GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuTask *au_cache_get_task (AuCache  *self,
                           GVariant *key) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
gboolean au_cache_try_get (AuCache   *self,
                           GVariant  *key,
                           GVariant **value,
                           GError   **error);

AU_AVAILABLE_IN_1_0
void au_cache_remove (AuCache  *self,
                      GVariant *key);
AU_AVAILABLE_IN_1_0
void au_cache_clear (AuCache *self);

AU_AVAILABLE_IN_1_0
GTimeSpan au_cache_get_ttl (AuCache *self);
AU_AVAILABLE_IN_1_0
void au_cache_set_ttl (AuCache  *self,
                       GTimeSpan ttl);
AU_AVAILABLE_IN_1_0
guint au_cache_get_max_size (AuCache *self);
AU_AVAILABLE_IN_1_0
void au_cache_set_max_size (AuCache *self,
                            guint    max_size);
AU_AVAILABLE_IN_1_0
gboolean au_cache_get_evict_on_error (AuCache *self);
AU_AVAILABLE_IN_1_0
void au_cache_set_evict_on_error (AuCache *self,
                                  gboolean evict_on_error);
AU_AVAILABLE_IN_1_0
guint au_cache_get_size (AuCache *self);
AU_AVAILABLE_IN_1_0
guint64 au_cache_get_hits (AuCache *self);
AU_AVAILABLE_IN_1_0
guint64 au_cache_get_misses (AuCache *self);
AU_AVAILABLE_IN_1_0
guint64 au_cache_get_shared (AuCache *self);

G_END_DECLS
