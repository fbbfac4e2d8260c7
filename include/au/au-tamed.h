/* au-tamed.h: an asynchronous function that can be called from everywhere
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-function.h>
#include <au/au-scope.h>

G_BEGIN_DECLS

#define AU_TYPE_TAMED (au_tamed_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuTamed, au_tamed, AU, TAMED, GObject)

AU_AVAILABLE_IN_1_0
AuTamed *au_tamed_new (AuFunction *function) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuTamed *au_tamed_new_for_engine (AuEngine   *engine,
                                  const char *function,
                                  AuOptions  *options) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
const char *au_tamed_get_name (AuTamed *self);

AU_AVAILABLE_IN_1_0
GVariant *au_tamed_call_sync (AuTamed      *self,
                              GVariant     *arguments,
                              GCancellable *cancellable,
                              GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_tamed_call_async (AuTamed            *self,
                          GVariant           *arguments,
                          GCancellable       *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer            user_data);
AU_AVAILABLE_IN_1_0
GVariant *au_tamed_call_finish (AuTamed      *self,
                                GAsyncResult *result,
                                GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuDelayed *au_tamed_call_in_scope (AuTamed  *self,
                                   AuScope  *scope,
                                   GVariant *arguments,
                                   GError  **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuDelayed *au_tamed_call_in_scope_at (AuTamed    *self,
                                      AuScope    *scope,
                                      const char *place,
                                      GVariant   *arguments,
                                      GError    **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
AuDelayed *au_tamed_then (AuTamed   *self,
                          AuScope   *scope,
                          AuDelayed *source,
                          GError   **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GListModel *au_tamed_map (AuTamed  *self,
                          AuScope  *scope,
                          GVariant *arguments,
                          guint     limit,
                          GError  **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuDelayed *au_tamed_retry (AuTamed   *self,
                           AuScope   *scope,
                           GVariant  *arguments,
                           AuOptions *options,
                           GError   **error) G_GNUC_WARN_UNUSED_RESULT;

#ifndef __GI_SCANNER__
#define au_tamed_call_in_scope(self, scope, arguments, error) \
  au_tamed_call_in_scope_at (self, scope, G_STRLOC, arguments, error)
#endif

G_END_DECLS
