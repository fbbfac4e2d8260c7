/* au-backend.h: what runs computations
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-job.h>

G_BEGIN_DECLS

/**
 * AuBackendFlags:
 * @AU_BACKEND_NONE: nothing special
 * @AU_BACKEND_SYNCHRONOUS: a job has ended when [method@Au.Backend.launch] returns
 *
 * What a backend is.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_BACKEND_NONE = 0,
  AU_BACKEND_SYNCHRONOUS = 1 << 0,
} AuBackendFlags;

#define AU_TYPE_BACKEND_FLAGS (au_backend_flags_get_type ())

AU_AVAILABLE_IN_1_0
GType au_backend_flags_get_type (void);

#define AU_TYPE_BACKEND (au_backend_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_INTERFACE (AuBackend, au_backend, AU, BACKEND, GObject)

/**
 * AuBackendInterface:
 * @parent_iface: the parent interface
 * @get_flags: (nullable): what the backend is; without it, nothing special
 * @launch: see [method@Au.Backend.launch]
 * @cancel: (nullable): see [method@Au.Backend.cancel]; without it, only the job's
 *   cancellable is cancelled
 * @drain_async: see [method@Au.Backend.drain_async]; it is given no cancellable, since
 *   whoever calls it is answered by that function when the wait is cancelled
 * @drain_finish: see [method@Au.Backend.drain_finish]
 * @get_main_context: (nullable): the main context that must be iterated for jobs to
 *   go on, where there is one
 * @get_queue: (nullable): the queue that computations are left in, where the backend
 *   leaves them to workers; see [method@Au.Backend.get_queue]
 * @work: (nullable): see [method@Au.Backend.work]
 *
 * What a backend must implement: everything that is not marked nullable, and the
 * properties `max-workers`, `running` and `waiting`.
 *
 * A backend never touches a store: it tells its jobs what happened to them, and the
 * engine does the rest. Implementations are MT safe.
 *
 * Since: 1.0
 */
struct _AuBackendInterface
{
  GTypeInterface parent_iface;

  AuBackendFlags (*get_flags)        (AuBackend          *self);
  void           (*launch)           (AuBackend          *self,
                                      AuJob              *job);
  void           (*cancel)           (AuBackend          *self,
                                      AuJob              *job);
  void           (*drain_async)      (AuBackend          *self,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data);
  gboolean       (*drain_finish)     (AuBackend          *self,
                                      GAsyncResult       *result,
                                      GError            **error);
  GMainContext  *(*get_main_context) (AuBackend          *self);
  const char    *(*get_queue)        (AuBackend          *self);
  int            (*work)             (AuBackend          *self);

  /*< private >*/
  gpointer padding[6];
};

AU_AVAILABLE_IN_1_0
AuBackendFlags au_backend_get_flags (AuBackend *self);
AU_AVAILABLE_IN_1_0
void au_backend_launch (AuBackend *self,
                        AuJob     *job);
AU_AVAILABLE_IN_1_0
void au_backend_cancel (AuBackend *self,
                        AuJob     *job);
AU_AVAILABLE_IN_1_0
void au_backend_drain_async (AuBackend          *self,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_backend_drain_finish (AuBackend    *self,
                                  GAsyncResult *result,
                                  GError      **error);
AU_AVAILABLE_IN_1_0
GMainContext *au_backend_get_main_context (AuBackend *self);
AU_AVAILABLE_IN_1_0
const char *au_backend_get_queue (AuBackend *self);
AU_AVAILABLE_IN_1_0
int au_backend_work (AuBackend *self);
AU_AVAILABLE_IN_1_0
guint au_backend_get_max_workers (AuBackend *self);
AU_AVAILABLE_IN_1_0
guint au_backend_get_running (AuBackend *self);
AU_AVAILABLE_IN_1_0
guint au_backend_get_waiting (AuBackend *self);

G_END_DECLS
