/* au-process.h: a helper that runs beside the program
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <gio/gio.h>

#include <au/au-version-macros.h>

G_BEGIN_DECLS

#define AU_TYPE_PROCESS (au_process_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuProcess, au_process, AU, PROCESS, GObject)

/**
 * AuProcessCheckFunc:
 * @process: the process
 * @user_data: the data given with the function
 * @error: return location for an error
 *
 * Looks whether something is so. It should answer at once.
 *
 * Returns: %TRUE if so; %FALSE with @error unset if not yet, and with @error set when
 *   it is no use to go on
 *
 * Since: 1.0
 */
typedef gboolean (*AuProcessCheckFunc) (AuProcess *process,
                                        gpointer   user_data,
                                        GError   **error);

AU_AVAILABLE_IN_1_0
AuProcess *au_process_new (const char * const *argv) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
void au_process_take_descriptor (AuProcess *self,
                                 int        fd,
                                 int        target);
AU_AVAILABLE_IN_1_0
void au_process_set_ready_func (AuProcess         *self,
                                AuProcessCheckFunc func,
                                gpointer           user_data,
                                GDestroyNotify     destroy);
AU_AVAILABLE_IN_1_0
void au_process_set_found_func (AuProcess         *self,
                                AuProcessCheckFunc func,
                                gpointer           user_data,
                                GDestroyNotify     destroy);

AU_AVAILABLE_IN_1_0
gboolean au_process_start (AuProcess    *self,
                           GCancellable *cancellable,
                           GError      **error);
AU_AVAILABLE_IN_1_0
void au_process_start_async (AuProcess          *self,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_process_start_finish (AuProcess    *self,
                                  GAsyncResult *result,
                                  GError      **error);

AU_AVAILABLE_IN_1_0
gboolean au_process_was_found (AuProcess *self);
AU_AVAILABLE_IN_1_0
gboolean au_process_is_running (AuProcess *self);
AU_AVAILABLE_IN_1_0
int au_process_get_pid (AuProcess *self);
AU_AVAILABLE_IN_1_0
int au_process_get_descriptor (AuProcess *self);
AU_AVAILABLE_IN_1_0
gboolean au_process_send_signal (AuProcess *self,
                                 int        number);

AU_AVAILABLE_IN_1_0
gboolean au_process_wait (AuProcess    *self,
                          GCancellable *cancellable,
                          GError      **error);
AU_AVAILABLE_IN_1_0
void au_process_wait_async (AuProcess          *self,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_process_wait_finish (AuProcess    *self,
                                 GAsyncResult *result,
                                 GError      **error);
AU_AVAILABLE_IN_1_0
int au_process_get_exit_status (AuProcess *self);
AU_AVAILABLE_IN_1_0
int au_process_get_signal (AuProcess *self);
AU_AVAILABLE_IN_1_0
guint64 au_process_get_peak_memory (AuProcess *self);
AU_AVAILABLE_IN_1_0
char *au_process_describe_end (AuProcess *self) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
gboolean au_process_stop (AuProcess    *self,
                          GCancellable *cancellable,
                          GError      **error);
AU_AVAILABLE_IN_1_0
void au_process_stop_async (AuProcess          *self,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_process_stop_finish (AuProcess    *self,
                                 GAsyncResult *result,
                                 GError      **error);

G_END_DECLS
