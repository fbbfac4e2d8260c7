/* au-semaphore.h: permits, some at a time
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

#define AU_TYPE_SEMAPHORE (au_semaphore_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuSemaphore, au_semaphore, AU, SEMAPHORE, GObject)

AU_AVAILABLE_IN_1_0
AuSemaphore *au_semaphore_new (guint limit) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
gboolean au_semaphore_acquire (AuSemaphore  *self,
                               GTimeSpan     timeout,
                               GCancellable *cancellable,
                               GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_semaphore_try_acquire (AuSemaphore *self);
AU_AVAILABLE_IN_1_0
void au_semaphore_acquire_async (AuSemaphore        *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_semaphore_acquire_finish (AuSemaphore  *self,
                                      GAsyncResult *result,
                                      GError      **error);
AU_AVAILABLE_IN_1_0
void au_semaphore_release (AuSemaphore *self);

AU_AVAILABLE_IN_1_0
guint au_semaphore_get_limit (AuSemaphore *self);
AU_AVAILABLE_IN_1_0
void au_semaphore_set_limit (AuSemaphore *self,
                             guint        limit);
AU_AVAILABLE_IN_1_0
guint au_semaphore_get_available (AuSemaphore *self);
AU_AVAILABLE_IN_1_0
guint au_semaphore_get_waiting (AuSemaphore *self);

G_END_DECLS
