/* au-worker-info.h: what a worker tells of itself
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

/**
 * AuWorkerState:
 * @AU_WORKER_STATE_RUNNING: it claims computations and runs them
 * @AU_WORKER_STATE_DRAINING: it claims no more, and ends when what it runs has ended
 *
 * What a worker does.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_WORKER_STATE_RUNNING,
  AU_WORKER_STATE_DRAINING,
} AuWorkerState;

#define AU_TYPE_WORKER_STATE (au_worker_state_get_type ())

AU_AVAILABLE_IN_1_0
GType au_worker_state_get_type (void);

#define AU_TYPE_WORKER_INFO (au_worker_info_get_type ())

AU_AVAILABLE_IN_1_0
GType au_worker_info_get_type (void);

AU_AVAILABLE_IN_1_0
AuWorkerInfo *au_worker_info_new (const char         *id,
                                  const char         *owner,
                                  const char * const *queues,
                                  guint               slots,
                                  guint               running,
                                  AuWorkerState       state,
                                  gint64              started,
                                  gint64              seen,
                                  gint64              lease_end) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuWorkerInfo *au_worker_info_ref (AuWorkerInfo *self);
AU_AVAILABLE_IN_1_0
void au_worker_info_unref (AuWorkerInfo *self);

AU_AVAILABLE_IN_1_0
const char *au_worker_info_get_id (AuWorkerInfo *self);
AU_AVAILABLE_IN_1_0
const char *au_worker_info_get_owner (AuWorkerInfo *self);
AU_AVAILABLE_IN_1_0
const char * const *au_worker_info_get_queues (AuWorkerInfo *self);
AU_AVAILABLE_IN_1_0
guint au_worker_info_get_slots (AuWorkerInfo *self);
AU_AVAILABLE_IN_1_0
guint au_worker_info_get_running (AuWorkerInfo *self);
AU_AVAILABLE_IN_1_0
AuWorkerState au_worker_info_get_state (AuWorkerInfo *self);
AU_AVAILABLE_IN_1_0
gint64 au_worker_info_get_started (AuWorkerInfo *self);
AU_AVAILABLE_IN_1_0
gint64 au_worker_info_get_seen (AuWorkerInfo *self);
AU_AVAILABLE_IN_1_0
gint64 au_worker_info_get_lease_end (AuWorkerInfo *self);
AU_AVAILABLE_IN_1_0
gboolean au_worker_info_is_gone (AuWorkerInfo *self,
                                 gint64        now);

AU_AVAILABLE_IN_1_0
GVariant *au_worker_info_to_variant (AuWorkerInfo *self) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuWorkerInfo *au_worker_info_from_variant (GVariant *variant,
                                           GError  **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuWorkerInfo, au_worker_info_unref)

G_END_DECLS
