/* au-task-runner.h: a function that calls back, wherever it runs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-engine.h>

G_BEGIN_DECLS

#define AU_TYPE_TASK_RUNNER (au_task_runner_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuTaskRunner, au_task_runner, AU, TASK_RUNNER, GObject)

AU_AVAILABLE_IN_1_0
AuTaskRunner *au_task_runner_new (const char *target,
                                  AuFunction *function,
                                  GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuTaskRunner *au_task_runner_new_by_name (const char *target,
                                          const char *function,
                                          GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuTaskRunner *au_task_runner_new_for_engine (AuEngine   *engine,
                                             const char *function,
                                             GError    **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
const char *au_task_runner_get_target (AuTaskRunner *self);
AU_AVAILABLE_IN_1_0
const char *au_task_runner_get_function (AuTaskRunner *self);
AU_AVAILABLE_IN_1_0
gboolean au_task_runner_bind (AuTaskRunner *self,
                              GVariant     *arguments,
                              GError      **error);

AU_AVAILABLE_IN_1_0
AuHandle *au_task_runner_start (AuTaskRunner *self,
                                GVariant     *arguments,
                                AuOptions    *options,
                                GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GVariant *au_task_runner_run (AuTaskRunner *self,
                              GVariant     *arguments,
                              GCancellable *cancellable,
                              GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_task_runner_run_async (AuTaskRunner       *self,
                               GVariant           *arguments,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data);
AU_AVAILABLE_IN_1_0
GVariant *au_task_runner_run_finish (AuTaskRunner *self,
                                     GAsyncResult *result,
                                     GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_task_runner_fail (AuTaskRunner *self,
                          AuHandle     *handle,
                          const GError *error);

G_END_DECLS
