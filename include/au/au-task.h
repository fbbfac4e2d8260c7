/* au-task.h: something that was begun and will end
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

#define AU_TYPE_TASK (au_task_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuTask, au_task, AU, TASK, GObject)

/**
 * AuTaskFunc:
 * @task: the task, to see whether it is cancelled
 * @user_data: data for the function
 * @error: return location for an error
 *
 * Does the work of a task, and returns when it is done.
 *
 * Returns: (transfer full) (nullable): the value, which may be floating, or %NULL for
 *   none; an error with it makes the task fail
 *
 * Since: 1.0
 */
typedef GVariant *(*AuTaskFunc) (AuTask  *task,
                                 gpointer user_data,
                                 GError **error);

/**
 * AuTaskStartFunc:
 * @task: the task, which is to be ended with [method@Au.Task.return_value] or
 *   [method@Au.Task.return_error] sooner or later
 * @user_data: data for the function
 *
 * Starts the work of a task, and returns at once.
 *
 * Since: 1.0
 */
typedef void (*AuTaskStartFunc) (AuTask  *task,
                                 gpointer user_data);

AU_AVAILABLE_IN_1_0
AuTask *au_task_new (const char *name) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuTask *au_task_start (const char     *name,
                       GMainContext   *context,
                       AuTaskStartFunc func,
                       gpointer        user_data,
                       GDestroyNotify  destroy) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuTask *au_task_run (const char    *name,
                     AuTaskFunc     func,
                     gpointer       user_data,
                     GDestroyNotify destroy) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
gboolean au_task_return_value (AuTask   *self,
                               GVariant *value);
AU_AVAILABLE_IN_1_0
gboolean au_task_return_error (AuTask       *self,
                               const GError *error);

AU_AVAILABLE_IN_1_0
gboolean au_task_wait (AuTask       *self,
                       GTimeSpan     timeout,
                       GCancellable *cancellable,
                       GError      **error);
AU_AVAILABLE_IN_1_0
void au_task_wait_async (AuTask             *self,
                         GCancellable       *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_task_wait_finish (AuTask       *self,
                              GAsyncResult *result,
                              GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_task_is_done (AuTask *self);
AU_AVAILABLE_IN_1_0
GVariant *au_task_dup_value (AuTask  *self,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
void au_task_cancel (AuTask *self);
AU_AVAILABLE_IN_1_0
GCancellable *au_task_get_cancellable (AuTask *self);
AU_AVAILABLE_IN_1_0
const char *au_task_get_name (AuTask *self);
AU_AVAILABLE_IN_1_0
GVariant *au_task_get_argument (AuTask *self);

G_END_DECLS
