/* au-task-group.h: tasks that are waited for together
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

G_BEGIN_DECLS

#define AU_TYPE_TASK_GROUP (au_task_group_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuTaskGroup, au_task_group, AU, TASK_GROUP, GObject)

AU_AVAILABLE_IN_1_0
AuTaskGroup *au_task_group_new (void) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
AuTask *au_task_group_start (AuTaskGroup    *self,
                             const char     *name,
                             AuTaskStartFunc func,
                             gpointer        user_data,
                             GDestroyNotify  destroy,
                             GError        **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuTask *au_task_group_run (AuTaskGroup   *self,
                           const char    *name,
                           AuTaskFunc     func,
                           gpointer       user_data,
                           GDestroyNotify destroy,
                           GError       **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
gboolean au_task_group_add (AuTaskGroup *self,
                            AuTask      *task,
                            GError     **error);

AU_AVAILABLE_IN_1_0
gboolean au_task_group_wait (AuTaskGroup  *self,
                             GTimeSpan     timeout,
                             GCancellable *cancellable,
                             GError      **error);
AU_AVAILABLE_IN_1_0
void au_task_group_wait_async (AuTaskGroup        *self,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_task_group_wait_finish (AuTaskGroup  *self,
                                    GAsyncResult *result,
                                    GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_task_group_close (AuTaskGroup  *self,
                              GTimeSpan     timeout,
                              GCancellable *cancellable,
                              GError      **error);
AU_AVAILABLE_IN_1_0
void au_task_group_close_async (AuTaskGroup        *self,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_task_group_close_finish (AuTaskGroup  *self,
                                     GAsyncResult *result,
                                     GError      **error);
AU_AVAILABLE_IN_1_0
void au_task_group_cancel (AuTaskGroup *self);

AU_AVAILABLE_IN_1_0
guint au_task_group_get_n_tasks (AuTaskGroup *self);
AU_AVAILABLE_IN_1_0
guint au_task_group_get_n_failed (AuTaskGroup *self);
AU_AVAILABLE_IN_1_0
GError *au_task_group_dup_error (AuTaskGroup *self,
                                 guint        i) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GTimeSpan au_task_group_get_exit_timeout (AuTaskGroup *self);
AU_AVAILABLE_IN_1_0
void au_task_group_set_exit_timeout (AuTaskGroup *self,
                                     GTimeSpan    exit_timeout);
AU_AVAILABLE_IN_1_0
gboolean au_task_group_get_cancel_on_error (AuTaskGroup *self);
AU_AVAILABLE_IN_1_0
void au_task_group_set_cancel_on_error (AuTaskGroup *self,
                                        gboolean     cancel_on_error);

G_END_DECLS
