/* au-signal-service.h: an orderly end on signals
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

#define AU_TYPE_SIGNAL_SERVICE (au_signal_service_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuSignalService, au_signal_service, AU, SIGNAL_SERVICE, GObject)

/**
 * AuSignalServiceStartup:
 * @service: the service
 * @user_data: data for the function
 * @error: return location for an error
 *
 * Starts a part of the program.
 *
 * Returns: %FALSE if that has failed, with @error set
 *
 * Since: 1.0
 */
typedef gboolean (*AuSignalServiceStartup) (AuSignalService *service,
                                            gpointer         user_data,
                                            GError         **error);

/**
 * AuSignalServiceCallback:
 * @service: the service
 * @signum: the signal, or 0 when the program itself has asked for the end, or a startup
 *   has failed
 * @user_data: data for the function
 *
 * Tells a part of the program to end, or waits for its end.
 *
 * Since: 1.0
 */
typedef void (*AuSignalServiceCallback) (AuSignalService *service,
                                         int              signum,
                                         gpointer         user_data);

AU_AVAILABLE_IN_1_0
AuSignalService *au_signal_service_new (void) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_signal_service_add_signal (AuSignalService *self,
                                   int              signum);
AU_AVAILABLE_IN_1_0
void au_signal_service_add_startup (AuSignalService       *self,
                                    AuSignalServiceStartup func,
                                    gpointer               user_data,
                                    GDestroyNotify         destroy);
AU_AVAILABLE_IN_1_0
void au_signal_service_add_callback (AuSignalService        *self,
                                     AuSignalServiceCallback func,
                                     gpointer                user_data,
                                     GDestroyNotify          destroy);
AU_AVAILABLE_IN_1_0
void au_signal_service_add_join (AuSignalService        *self,
                                 AuSignalServiceCallback func,
                                 gpointer                user_data,
                                 GDestroyNotify          destroy);

AU_AVAILABLE_IN_1_0
gboolean au_signal_service_run (AuSignalService *self,
                                GError         **error);
AU_AVAILABLE_IN_1_0
void au_signal_service_run_async (AuSignalService    *self,
                                  GCancellable       *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_signal_service_run_finish (AuSignalService *self,
                                       GAsyncResult    *result,
                                       GError         **error);
AU_AVAILABLE_IN_1_0
void au_signal_service_request_exit (AuSignalService *self,
                                     int              signum);
AU_AVAILABLE_IN_1_0
int au_signal_service_get_signal (AuSignalService *self);

G_END_DECLS
