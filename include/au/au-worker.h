/* au-worker.h: runs what others have put into queues
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-engine.h>
#include <au/au-schedule.h>
#include <au/au-worker-info.h>

G_BEGIN_DECLS

#define AU_TYPE_WORKER (au_worker_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuWorker, au_worker, AU, WORKER, GObject)

AU_AVAILABLE_IN_1_0
AuWorker *au_worker_new (AuEngine           *engine,
                         const char * const *queues,
                         GError            **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuWorker *au_worker_new_from_config (AuConfig *config,
                                     GError  **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
AuEngine *au_worker_get_engine (AuWorker *self);
AU_AVAILABLE_IN_1_0
const char *au_worker_get_id (AuWorker *self);
AU_AVAILABLE_IN_1_0
const char * const *au_worker_get_queues (AuWorker *self);
AU_AVAILABLE_IN_1_0
guint au_worker_get_slots (AuWorker *self);
AU_AVAILABLE_IN_1_0
guint au_worker_get_running (AuWorker *self);
AU_AVAILABLE_IN_1_0
gint64 au_worker_get_seen (AuWorker *self);
AU_AVAILABLE_IN_1_0
gboolean au_worker_add_schedule (AuWorker   *self,
                                 AuSchedule *schedule,
                                 GError    **error);

AU_AVAILABLE_IN_1_0
gboolean au_worker_start (AuWorker *self,
                          GError  **error);
AU_AVAILABLE_IN_1_0
void au_worker_drain_async (AuWorker           *self,
                            GTimeSpan           timeout,
                            GAsyncReadyCallback callback,
                            gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_worker_drain_finish (AuWorker     *self,
                                 GAsyncResult *result,
                                 guint        *n_given_back,
                                 GError      **error);

G_END_DECLS
