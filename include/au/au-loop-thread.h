/* au-loop-thread.h: a main loop in a thread of its own
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

#define AU_TYPE_LOOP_THREAD (au_loop_thread_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuLoopThread, au_loop_thread, AU, LOOP_THREAD, GObject)

AU_AVAILABLE_IN_1_0
AuLoopThread *au_loop_thread_new (const char *name) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuLoopThread *au_loop_thread_new_for_context (const char   *name,
                                              GMainContext *context) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GMainContext *au_loop_thread_get_context (AuLoopThread *self);

AU_AVAILABLE_IN_1_0
AuTask *au_loop_thread_start (AuLoopThread   *self,
                              const char     *name,
                              AuTaskStartFunc func,
                              gpointer        user_data,
                              GDestroyNotify  destroy,
                              GError        **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuTask *au_loop_thread_run (AuLoopThread  *self,
                            const char    *name,
                            AuTaskFunc     func,
                            gpointer       user_data,
                            GDestroyNotify destroy,
                            GError       **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_loop_thread_cancel_all (AuLoopThread *self);

AU_AVAILABLE_IN_1_0
gboolean au_loop_thread_wait (AuLoopThread *self,
                              GTimeSpan     timeout,
                              GCancellable *cancellable,
                              GError      **error);
AU_AVAILABLE_IN_1_0
void au_loop_thread_wait_async (AuLoopThread       *self,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_loop_thread_wait_finish (AuLoopThread *self,
                                     GAsyncResult *result,
                                     GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_loop_thread_close (AuLoopThread *self,
                               GTimeSpan     timeout,
                               GCancellable *cancellable,
                               GError      **error);
AU_AVAILABLE_IN_1_0
void au_loop_thread_close_async (AuLoopThread       *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_loop_thread_close_finish (AuLoopThread *self,
                                      GAsyncResult *result,
                                      GError      **error);

G_END_DECLS
