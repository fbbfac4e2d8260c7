/* au-handle.h: a caller's view of one computation
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-record.h>

G_BEGIN_DECLS

#define AU_TYPE_HANDLE (au_handle_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuHandle, au_handle, AU, HANDLE, GObject)

AU_AVAILABLE_IN_1_0
const char *au_handle_get_key (AuHandle *self);
AU_AVAILABLE_IN_1_0
const char *au_handle_get_function (AuHandle *self);
AU_AVAILABLE_IN_1_0
AuStatus au_handle_get_status (AuHandle *self);
AU_AVAILABLE_IN_1_0
gboolean au_handle_is_ready (AuHandle *self);
AU_AVAILABLE_IN_1_0
double au_handle_get_progress (AuHandle *self);
AU_AVAILABLE_IN_1_0
char *au_handle_dup_status_text (AuHandle *self) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GVariant *au_handle_dup_metadata (AuHandle *self) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GError *au_handle_dup_error (AuHandle *self) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GVariant *au_handle_dup_result (AuHandle *self,
                                GError  **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_handle_dup_record (AuHandle *self) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
gboolean au_handle_wait (AuHandle     *self,
                         GTimeSpan     timeout,
                         GCancellable *cancellable,
                         GError      **error);
AU_AVAILABLE_IN_1_0
void au_handle_wait_async (AuHandle           *self,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_handle_wait_finish (AuHandle     *self,
                                GAsyncResult *result,
                                GError      **error);

AU_AVAILABLE_IN_1_0
guint64 au_handle_get_position (AuHandle *self);
AU_AVAILABLE_IN_1_0
void au_handle_set_position (AuHandle *self,
                             guint64   position);
AU_AVAILABLE_IN_1_0
GVariant *au_handle_next_item (AuHandle     *self,
                               GTimeSpan     timeout,
                               GCancellable *cancellable,
                               GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_handle_next_item_async (AuHandle           *self,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data);
AU_AVAILABLE_IN_1_0
GVariant *au_handle_next_item_finish (AuHandle     *self,
                                      GAsyncResult *result,
                                      GError      **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
gboolean au_handle_cancel (AuHandle *self);

G_END_DECLS
