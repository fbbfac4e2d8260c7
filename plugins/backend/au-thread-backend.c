/* au-thread-backend.c: runs jobs in a pool of threads
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "au-worker-pool-private.h"

#define AU_TYPE_THREAD_BACKEND (au_thread_backend_get_type ())

G_DECLARE_FINAL_TYPE (AuThreadBackend, au_thread_backend, AU, THREAD_BACKEND, GObject)

struct _AuThreadBackend
{
  GObject       parent_instance;

  AuWorkerPool *pool;
};

static void au_thread_backend_iface_init (AuBackendInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuThreadBackend, au_thread_backend, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_BACKEND, au_thread_backend_iface_init))

enum
{
  PROP_MAX_WORKERS = 1,
  PROP_RUNNING,
  PROP_WAITING,
};

static void
au_thread_backend_launch (AuBackend *backend,
                          AuJob     *job)
{
  au_worker_pool_push (AU_THREAD_BACKEND (backend)->pool, au_job_ref (job));
}

static void
task_drained_cb (gpointer data)
{
  g_autoptr(GTask) task = data;

  g_task_return_boolean (task, TRUE);
}

static void
au_thread_backend_drain_async (AuBackend           *backend,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  GTask *task = g_task_new (backend, cancellable, callback, user_data);

  g_task_set_source_tag (task, au_thread_backend_drain_async);
  au_worker_pool_when_idle (AU_THREAD_BACKEND (backend)->pool, task_drained_cb, task);
}

static gboolean
au_thread_backend_drain_finish (AuBackend     *backend,
                                GAsyncResult  *result,
                                GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
au_thread_backend_iface_init (AuBackendInterface *iface)
{
  iface->launch = au_thread_backend_launch;
  iface->drain_async = au_thread_backend_drain_async;
  iface->drain_finish = au_thread_backend_drain_finish;
}

static void
au_thread_backend_finalize (GObject *object)
{
  AuThreadBackend *self = AU_THREAD_BACKEND (object);

  au_worker_pool_stop (self->pool);

  G_OBJECT_CLASS (au_thread_backend_parent_class)->finalize (object);
}

static void
au_thread_backend_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  AuThreadBackend *self = AU_THREAD_BACKEND (object);

  switch (prop_id)
    {
    case PROP_MAX_WORKERS:
      g_value_set_uint (value, au_worker_pool_get_max (self->pool));
      break;
    case PROP_RUNNING:
      g_value_set_uint (value, au_worker_pool_get_running (self->pool));
      break;
    case PROP_WAITING:
      g_value_set_uint (value, au_worker_pool_get_waiting (self->pool));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_thread_backend_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  AuThreadBackend *self = AU_THREAD_BACKEND (object);

  switch (prop_id)
    {
    case PROP_MAX_WORKERS:
      au_worker_pool_set_max (self->pool, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_thread_backend_class_init (AuThreadBackendClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_thread_backend_finalize;
  object_class->get_property = au_thread_backend_get_property;
  object_class->set_property = au_thread_backend_set_property;

  g_object_class_override_property (object_class, PROP_MAX_WORKERS, "max-workers");
  g_object_class_override_property (object_class, PROP_RUNNING, "running");
  g_object_class_override_property (object_class, PROP_WAITING, "waiting");
}

static void
au_thread_backend_init (AuThreadBackend *self)
{
  self->pool = au_worker_pool_new ();
}

static const AuModuleType types[] = {
  { AU_MODULE_BACKEND, "thread", au_thread_backend_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_backend_thread, AU_VERSION_S, "LGPL-2.1-or-later",
                  "Runs computations in a pool of threads", types, NULL)
