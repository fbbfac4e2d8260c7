/* au-engine.h: one store, one backend, middleware and functions
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-backend.h>
#include <au/au-config.h>
#include <au/au-function.h>
#include <au/au-handle.h>
#include <au/au-middleware.h>
#include <au/au-options.h>
#include <au/au-query.h>
#include <au/au-store.h>

G_BEGIN_DECLS

#define AU_TYPE_ENGINE (au_engine_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuEngine, au_engine, AU, ENGINE, GObject)

AU_AVAILABLE_IN_1_0
AuEngine *au_engine_new (const char *path,
                         GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuEngine *au_engine_new_from_config (AuConfig *config,
                                     GError  **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuEngine *au_engine_new_with_parts (AuStore   *store,
                                    AuBackend *backend) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
AuStore *au_engine_get_store (AuEngine *self);
AU_AVAILABLE_IN_1_0
AuBackend *au_engine_get_backend (AuEngine *self);
AU_AVAILABLE_IN_1_0
GListModel *au_engine_get_middleware (AuEngine *self);
AU_AVAILABLE_IN_1_0
void au_engine_add_middleware (AuEngine     *self,
                               AuMiddleware *middleware);
AU_AVAILABLE_IN_1_0
void au_engine_add_function (AuEngine   *self,
                             AuFunction *function);
AU_AVAILABLE_IN_1_0
AuFunction *au_engine_find_function (AuEngine   *self,
                                     const char *name,
                                     GError    **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
AuHandle *au_engine_submit (AuEngine   *self,
                            const char *function,
                            GVariant   *arguments,
                            AuOptions  *options,
                            GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_engine_submit_async (AuEngine           *self,
                             const char         *function,
                             GVariant           *arguments,
                             AuOptions          *options,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data);
AU_AVAILABLE_IN_1_0
AuHandle *au_engine_submit_finish (AuEngine     *self,
                                   GAsyncResult *result,
                                   GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GListModel *au_engine_submit_many (AuEngine   *self,
                                   const char *function,
                                   GVariant  **arguments,
                                   gsize       n_arguments,
                                   AuOptions  *options,
                                   GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GVariant *au_engine_call (AuEngine     *self,
                          const char   *function,
                          GVariant     *arguments,
                          AuOptions    *options,
                          GTimeSpan     timeout,
                          GCancellable *cancellable,
                          GError      **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
AuHandle *au_engine_get_handle (AuEngine     *self,
                                const char   *key,
                                GCancellable *cancellable,
                                GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_engine_get_handle_async (AuEngine           *self,
                                 const char         *key,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
AU_AVAILABLE_IN_1_0
AuHandle *au_engine_get_handle_finish (AuEngine     *self,
                                       GAsyncResult *result,
                                       GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GListModel *au_engine_list (AuEngine     *self,
                            AuQuery      *query,
                            GCancellable *cancellable,
                            GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
gboolean au_engine_cancel (AuEngine     *self,
                           const char   *key,
                           GCancellable *cancellable,
                           GError      **error);
AU_AVAILABLE_IN_1_0
AuHandle *au_engine_retry (AuEngine     *self,
                           const char   *key,
                           GCancellable *cancellable,
                           GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuHandle *au_engine_resume (AuEngine     *self,
                            const char   *key,
                            GCancellable *cancellable,
                            GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
gboolean au_engine_remove (AuEngine     *self,
                           const char   *key,
                           GCancellable *cancellable,
                           GError      **error);
AU_AVAILABLE_IN_1_0
gint au_engine_cleanup_expired (AuEngine     *self,
                                GCancellable *cancellable,
                                GError      **error);

AU_AVAILABLE_IN_1_0
gboolean au_engine_drain (AuEngine     *self,
                          GTimeSpan     timeout,
                          GCancellable *cancellable,
                          GError      **error);
AU_AVAILABLE_IN_1_0
void au_engine_drain_async (AuEngine           *self,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_engine_drain_finish (AuEngine     *self,
                                 GAsyncResult *result,
                                 GError      **error);
AU_AVAILABLE_IN_1_0
void au_engine_cancel_all (AuEngine *self);
AU_AVAILABLE_IN_1_0
guint au_engine_get_n_live (AuEngine *self);

G_END_DECLS
