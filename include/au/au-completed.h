/* au-completed.h: results in the order in which they arrive
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

#define AU_TYPE_COMPLETED (au_completed_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuCompleted, au_completed, AU, COMPLETED, GObject)

AU_AVAILABLE_IN_1_0
AuCompleted *au_completed_new (GListModel *items) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
guint au_completed_get_n_expected (AuCompleted *self);
AU_AVAILABLE_IN_1_0
GObject *au_completed_next (AuCompleted  *self,
                            GTimeSpan     timeout,
                            GCancellable *cancellable,
                            GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_completed_next_async (AuCompleted        *self,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data);
AU_AVAILABLE_IN_1_0
GObject *au_completed_next_finish (AuCompleted  *self,
                                   GAsyncResult *result,
                                   GError      **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
