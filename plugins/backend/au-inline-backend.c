/* au-inline-backend.c: runs each job where it is submitted
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <glib/gi18n-lib.h>

#define AU_TYPE_INLINE_BACKEND (au_inline_backend_get_type ())

G_DECLARE_FINAL_TYPE (AuInlineBackend, au_inline_backend, AU, INLINE_BACKEND, GObject)

struct _AuInlineBackend
{
  GObject parent_instance;

  gint    running;      /* atomic */
};

static void au_inline_backend_iface_init (AuBackendInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuInlineBackend, au_inline_backend, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_BACKEND, au_inline_backend_iface_init))

enum
{
  PROP_MAX_WORKERS = 1,
  PROP_RUNNING,
  PROP_WAITING,
};

static AuBackendFlags
au_inline_backend_get_flags (AuBackend *backend)
{
  return AU_BACKEND_SYNCHRONOUS;
}

static void
au_inline_backend_launch (AuBackend *backend,
                          AuJob     *job)
{
  AuInlineBackend *self = AU_INLINE_BACKEND (backend);

  g_atomic_int_inc (&self->running);
  au_job_run (job);
  g_atomic_int_add (&self->running, -1);
}

/* A job runs while its submitter is in the call, so there is nothing to wait for. */
static void
au_inline_backend_drain_async (AuBackend           *backend,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (backend, cancellable, callback, user_data);

  g_task_set_source_tag (task, au_inline_backend_drain_async);
  g_task_return_boolean (task, TRUE);
}

static gboolean
au_inline_backend_drain_finish (AuBackend     *backend,
                                GAsyncResult  *result,
                                GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
au_inline_backend_iface_init (AuBackendInterface *iface)
{
  iface->get_flags = au_inline_backend_get_flags;
  iface->launch = au_inline_backend_launch;
  iface->drain_async = au_inline_backend_drain_async;
  iface->drain_finish = au_inline_backend_drain_finish;
}

static void
au_inline_backend_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  AuInlineBackend *self = AU_INLINE_BACKEND (object);

  switch (prop_id)
    {
    case PROP_MAX_WORKERS:
    case PROP_WAITING:
      g_value_set_uint (value, 0);
      break;
    case PROP_RUNNING:
      g_value_set_uint (value, g_atomic_int_get (&self->running));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

/* There are as many workers as threads that submit; a limit would have to block them. */
static void
au_inline_backend_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  if (prop_id != PROP_MAX_WORKERS)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
au_inline_backend_class_init (AuInlineBackendClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = au_inline_backend_get_property;
  object_class->set_property = au_inline_backend_set_property;


  /* Not overridden, because it means something else here than for other backends. */
  g_object_class_install_property (object_class, PROP_MAX_WORKERS,
                                   g_param_spec_uint ("max-workers", NULL,
                                                      _("Has no effect: there are as many workers as threads that submit"),
                                                      0, G_MAXUINT, 0,
                                                      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                      G_PARAM_EXPLICIT_NOTIFY));
  g_object_class_override_property (object_class, PROP_RUNNING, "running");
  g_object_class_override_property (object_class, PROP_WAITING, "waiting");
}

static void
au_inline_backend_init (AuInlineBackend *self)
{
}

static const AuModuleType types[] = {
  { AU_MODULE_BACKEND, "inline", au_inline_backend_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_backend_inline, AU_VERSION_S, "LGPL-2.1-or-later",
                  "Runs each computation where it is submitted", types, NULL)
