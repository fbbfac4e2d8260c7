/* au-call.h: a running computation, as its function sees it
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

#define AU_TYPE_CALL (au_call_get_type ())

AU_AVAILABLE_IN_1_0
GType au_call_get_type (void);

AU_AVAILABLE_IN_1_0
AuCall *au_call_ref (AuCall *self);
AU_AVAILABLE_IN_1_0
void au_call_unref (AuCall *self);

AU_AVAILABLE_IN_1_0
const char *au_call_get_key (AuCall *self);
AU_AVAILABLE_IN_1_0
const char *au_call_get_function (AuCall *self);
AU_AVAILABLE_IN_1_0
guint au_call_get_attempt (AuCall *self);
AU_AVAILABLE_IN_1_0
gint64 au_call_get_deadline (AuCall *self);
AU_AVAILABLE_IN_1_0
GVariant *au_call_get_metadata (AuCall *self);
AU_AVAILABLE_IN_1_0
GCancellable *au_call_get_cancellable (AuCall *self);
AU_AVAILABLE_IN_1_0
gboolean au_call_is_cancelled (AuCall *self);
AU_AVAILABLE_IN_1_0
gboolean au_call_set_error_if_cancelled (AuCall  *self,
                                         GError **error);
AU_AVAILABLE_IN_1_0
void au_call_set_progress (AuCall     *self,
                           double      progress,
                           const char *status_text);
AU_AVAILABLE_IN_1_0
gboolean au_call_emit (AuCall   *self,
                       GVariant *item,
                       GError  **error);
AU_AVAILABLE_IN_1_0
void au_call_log (AuCall        *self,
                  GLogLevelFlags level,
                  const char    *message);

AU_AVAILABLE_IN_1_0
GBytes *au_call_new_bytes (AuCall   *self,
                           gsize     size,
                           gpointer *data,
                           GError  **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
gpointer au_call_get_state (AuCall *self);
AU_AVAILABLE_IN_1_0
void au_call_set_state (AuCall        *self,
                        gpointer       state,
                        GDestroyNotify destroy);

AU_AVAILABLE_IN_1_0
void au_call_return_value (AuCall   *self,
                           GVariant *value);
AU_AVAILABLE_IN_1_0
void au_call_return_error (AuCall       *self,
                           const GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuCall, au_call_unref)

G_END_DECLS
