/* au-queue-backend.c: leaves computations to workers
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <glib/gi18n-lib.h>

#define AU_TYPE_QUEUE_BACKEND (au_queue_backend_get_type ())

G_DECLARE_FINAL_TYPE (AuQueueBackend, au_queue_backend, AU, QUEUE_BACKEND, GObject)

/* AuQueueBackend:
 *
 * The backend `queue` runs nothing: computations are left in a queue of the store, and
 * workers, of which there may be any number in any process that shares the store, run
 * them.
 */
struct _AuQueueBackend
{
  GObject parent_instance;

  char   *queue;
};

static void au_queue_backend_iface_init (AuBackendInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuQueueBackend, au_queue_backend, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_BACKEND, au_queue_backend_iface_init))

enum
{
  PROP_MAX_WORKERS = 1,
  PROP_RUNNING,
  PROP_WAITING,
  PROP_QUEUE,
};

/* An engine does not launch what it leaves to workers. */
static void
au_queue_backend_launch (AuBackend *backend,
                         AuJob     *job)
{
  g_autoptr(GError) reason = NULL;

  reason = g_error_new (AU_ERROR, AU_ERROR_UNSUPPORTED,
                        _("The backend “queue” runs nothing, so “%s” must be claimed by a worker"),
                        au_job_get_key (job));
  if (au_job_begin (job, NULL) > 0)
    au_job_fail (job, reason, NULL);
}

static void
au_queue_backend_drain_async (AuBackend           *backend,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (backend, cancellable, callback, user_data);

  g_task_set_source_tag (task, au_queue_backend_drain_async);
  g_task_return_boolean (task, TRUE);
}

static gboolean
au_queue_backend_drain_finish (AuBackend     *backend,
                               GAsyncResult  *result,
                               GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static const char *
au_queue_backend_get_queue (AuBackend *backend)
{
  return AU_QUEUE_BACKEND (backend)->queue;
}

static void
au_queue_backend_iface_init (AuBackendInterface *iface)
{
  iface->launch = au_queue_backend_launch;
  iface->drain_async = au_queue_backend_drain_async;
  iface->drain_finish = au_queue_backend_drain_finish;
  iface->get_queue = au_queue_backend_get_queue;
}

static void
au_queue_backend_finalize (GObject *object)
{
  g_free (AU_QUEUE_BACKEND (object)->queue);

  G_OBJECT_CLASS (au_queue_backend_parent_class)->finalize (object);
}

static void
au_queue_backend_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  AuQueueBackend *self = AU_QUEUE_BACKEND (object);

  switch (prop_id)
    {
    case PROP_MAX_WORKERS:
    case PROP_RUNNING:
    case PROP_WAITING:
      g_value_set_uint (value, 0);
      break;
    case PROP_QUEUE:
      g_value_set_string (value, self->queue);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_queue_backend_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  AuQueueBackend *self = AU_QUEUE_BACKEND (object);

  switch (prop_id)
    {
    case PROP_MAX_WORKERS:
      /* the workers' business */
      break;
    case PROP_QUEUE:
      self->queue = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static gboolean
queue_check (const GValue  *value,
             gpointer       user_data,
             GError       **error)
{
  return au_key_check (g_value_get_string (value), error);
}

static void
au_queue_backend_class_init (AuQueueBackendClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamSpec *queue;

  object_class->finalize = au_queue_backend_finalize;
  object_class->get_property = au_queue_backend_get_property;
  object_class->set_property = au_queue_backend_set_property;

  g_object_class_override_property (object_class, PROP_MAX_WORKERS, "max-workers");
  g_object_class_override_property (object_class, PROP_RUNNING, "running");
  g_object_class_override_property (object_class, PROP_WAITING, "waiting");
  queue = g_param_spec_string ("queue", NULL, _("The queue of computations that name none"), "default",
                               G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  au_param_spec_set_check (queue, queue_check, NULL, NULL);
  g_object_class_install_property (object_class, PROP_QUEUE, queue);
}

static void
au_queue_backend_init (AuQueueBackend *self)
{
}

static const AuModuleType types[] = {
  { AU_MODULE_BACKEND, "queue", au_queue_backend_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_backend_queue, AU_VERSION_S, "LGPL-2.1-or-later",
                  "Leaves computations to workers", types, NULL)
