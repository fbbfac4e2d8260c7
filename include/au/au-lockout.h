/* au-lockout.h: nobody comes in for a while
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

#define AU_TYPE_LOCKOUT (au_lockout_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuLockout, au_lockout, AU, LOCKOUT, GObject)

AU_AVAILABLE_IN_1_0
AuLockout *au_lockout_new (gboolean one_by_one) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
void au_lockout_lock_for (AuLockout *self,
                          GTimeSpan  span);
AU_AVAILABLE_IN_1_0
gint64 au_lockout_get_locked_until (AuLockout *self);

AU_AVAILABLE_IN_1_0
gboolean au_lockout_enter (AuLockout    *self,
                           GTimeSpan     timeout,
                           GCancellable *cancellable,
                           GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_lockout_try_enter (AuLockout *self);
AU_AVAILABLE_IN_1_0
void au_lockout_enter_async (AuLockout          *self,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_lockout_enter_finish (AuLockout    *self,
                                  GAsyncResult *result,
                                  GError      **error);
AU_AVAILABLE_IN_1_0
void au_lockout_leave (AuLockout *self);

AU_AVAILABLE_IN_1_0
guint au_lockout_get_inside (AuLockout *self);
AU_AVAILABLE_IN_1_0
guint au_lockout_get_waiting (AuLockout *self);

G_END_DECLS
