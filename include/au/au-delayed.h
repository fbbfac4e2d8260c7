/* au-delayed.h: a result that arrives later
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-handle.h>

G_BEGIN_DECLS

#define AU_TYPE_DELAYED (au_delayed_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuDelayed, au_delayed, AU, DELAYED, GObject)

AU_AVAILABLE_IN_1_0
AuDelayed *au_delayed_new_for_handle (AuHandle *handle) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuDelayed *au_delayed_new_all (GListModel *items) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuDelayed *au_delayed_new_any (GListModel *items) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuDelayed *au_delayed_new_first (GListModel *items) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuDelayed *au_delayed_new_timeout (AuDelayed *source,
                                   GTimeSpan  timeout) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
gboolean au_delayed_block (AuDelayed    *self,
                           GTimeSpan     timeout,
                           GCancellable *cancellable,
                           GError      **error);
AU_AVAILABLE_IN_1_0
void au_delayed_await_async (AuDelayed          *self,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_delayed_await_finish (AuDelayed    *self,
                                  GAsyncResult *result,
                                  GError      **error);
AU_AVAILABLE_IN_1_0
GVariant *au_delayed_get_value (AuDelayed *self,
                                GError   **error);
AU_AVAILABLE_IN_1_0
gboolean au_delayed_is_ready (AuDelayed *self);
AU_AVAILABLE_IN_1_0
gboolean au_delayed_is_awaited (AuDelayed *self);
AU_AVAILABLE_IN_1_0
const char *au_delayed_get_name (AuDelayed *self);
AU_AVAILABLE_IN_1_0
void au_delayed_cancel (AuDelayed *self);

G_END_DECLS
