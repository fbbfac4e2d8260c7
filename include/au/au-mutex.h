/* au-mutex.h: one at a time, for threads and main loops
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

#define AU_TYPE_MUTEX (au_mutex_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuMutex, au_mutex, AU, MUTEX, GObject)

AU_AVAILABLE_IN_1_0
AuMutex *au_mutex_new (void) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
gboolean au_mutex_lock (AuMutex      *self,
                        GTimeSpan     timeout,
                        GCancellable *cancellable,
                        GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_mutex_try_lock (AuMutex *self);
AU_AVAILABLE_IN_1_0
void au_mutex_lock_async (AuMutex            *self,
                          GCancellable       *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_mutex_lock_finish (AuMutex      *self,
                               GAsyncResult *result,
                               GError      **error);
AU_AVAILABLE_IN_1_0
void au_mutex_unlock (AuMutex *self);
AU_AVAILABLE_IN_1_0
gboolean au_mutex_is_locked (AuMutex *self);
AU_AVAILABLE_IN_1_0
guint au_mutex_get_waiting (AuMutex *self);

G_END_DECLS
