/* au-executor.h: so many tasks at a time
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-types.h>
#include <au/au-task.h>
#include <au/au-task-iterator.h>

G_BEGIN_DECLS

#define AU_TYPE_EXECUTOR (au_executor_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuExecutor, au_executor, AU, EXECUTOR, GObject)

AU_AVAILABLE_IN_1_0
AuExecutor *au_executor_new (guint max_concurrent) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
AuTask *au_executor_start (AuExecutor     *self,
                           const char     *name,
                           GVariant       *argument,
                           AuTaskStartFunc func,
                           gpointer        user_data,
                           GDestroyNotify  destroy,
                           GError        **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuTask *au_executor_run (AuExecutor    *self,
                         const char    *name,
                         GVariant      *argument,
                         AuTaskFunc     func,
                         gpointer       user_data,
                         GDestroyNotify destroy,
                         GError       **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
AuTaskIterator *au_executor_map_start (AuExecutor     *self,
                                       const char     *name,
                                       GVariant       *arguments,
                                       AuTaskStartFunc func,
                                       gpointer        user_data,
                                       GDestroyNotify  destroy,
                                       GError        **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuTaskIterator *au_executor_map_run (AuExecutor    *self,
                                     const char    *name,
                                     GVariant      *arguments,
                                     AuTaskFunc     func,
                                     gpointer       user_data,
                                     GDestroyNotify destroy,
                                     GError       **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
gboolean au_executor_wait (AuExecutor   *self,
                           GTimeSpan     timeout,
                           GCancellable *cancellable,
                           GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_executor_close (AuExecutor   *self,
                            GTimeSpan     timeout,
                            GCancellable *cancellable,
                            GError      **error);
AU_AVAILABLE_IN_1_0
void au_executor_close_async (AuExecutor         *self,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_executor_close_finish (AuExecutor   *self,
                                   GAsyncResult *result,
                                   GError      **error);
AU_AVAILABLE_IN_1_0
void au_executor_cancel (AuExecutor *self);

AU_AVAILABLE_IN_1_0
guint au_executor_get_max_concurrent (AuExecutor *self);
AU_AVAILABLE_IN_1_0
void au_executor_set_max_concurrent (AuExecutor *self,
                                     guint       max_concurrent);
AU_AVAILABLE_IN_1_0
guint au_executor_get_n_running (AuExecutor *self);
AU_AVAILABLE_IN_1_0
guint au_executor_get_n_waiting (AuExecutor *self);

G_END_DECLS
