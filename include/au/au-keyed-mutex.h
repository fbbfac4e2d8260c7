/* au-keyed-mutex.h: one at a time for each key
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

#define AU_TYPE_KEYED_MUTEX (au_keyed_mutex_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuKeyedMutex, au_keyed_mutex, AU, KEYED_MUTEX, GObject)

AU_AVAILABLE_IN_1_0
AuKeyedMutex *au_keyed_mutex_new (void) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
gboolean au_keyed_mutex_lock (AuKeyedMutex *self,
                              const char   *key,
                              GTimeSpan     timeout,
                              GCancellable *cancellable,
                              GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_keyed_mutex_try_lock (AuKeyedMutex *self,
                                  const char   *key);
AU_AVAILABLE_IN_1_0
void au_keyed_mutex_lock_async (AuKeyedMutex       *self,
                                const char         *key,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_keyed_mutex_lock_finish (AuKeyedMutex *self,
                                     GAsyncResult *result,
                                     GError      **error);
AU_AVAILABLE_IN_1_0
void au_keyed_mutex_unlock (AuKeyedMutex *self,
                            const char   *key);
AU_AVAILABLE_IN_1_0
gboolean au_keyed_mutex_is_locked (AuKeyedMutex *self,
                                   const char   *key);
AU_AVAILABLE_IN_1_0
guint au_keyed_mutex_get_waiting (AuKeyedMutex *self,
                                  const char   *key);
AU_AVAILABLE_IN_1_0
guint au_keyed_mutex_get_n_locked (AuKeyedMutex *self);

G_END_DECLS
