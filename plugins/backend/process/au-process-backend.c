/* au-process-backend.c: runs jobs in worker processes
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-pool-private.h"
#include "au-serve-private.h"

#include <glib/gi18n-lib.h>

#define AU_TYPE_PROCESS_BACKEND (au_process_backend_get_type ())

G_DECLARE_FINAL_TYPE (AuProcessBackend, au_process_backend, AU, PROCESS_BACKEND, GObject)

typedef enum
{
  AU_PROCESS_FALLBACK_NONE,
  AU_PROCESS_FALLBACK_THREAD,
} AuProcessFallback;

static GType au_process_fallback_get_type (void);

static G_DEFINE_ENUM_TYPE (AuProcessFallback, au_process_fallback,
                           G_DEFINE_ENUM_VALUE (AU_PROCESS_FALLBACK_NONE, "none"),
                           G_DEFINE_ENUM_VALUE (AU_PROCESS_FALLBACK_THREAD, "thread"))

struct _AuProcessBackend
{
  GObject  parent_instance;

  AuPool    *pool;
  GStrv      function_limits;

  /* where functions run that workers do not have; NULL for nowhere */
  AuProcessFallback fallback;
  AuBackend *threads;
};

static void au_process_backend_iface_init (AuBackendInterface *iface);
static void au_process_backend_initable_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuProcessBackend, au_process_backend, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_BACKEND, au_process_backend_iface_init)
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, au_process_backend_initable_init))

typedef enum
{
  AU_PROCESS_ORPHANS_FINISH,
  AU_PROCESS_ORPHANS_KILL,
} AuProcessOrphans;

static GType au_process_orphans_get_type (void);

static G_DEFINE_ENUM_TYPE (AuProcessOrphans, au_process_orphans,
                           G_DEFINE_ENUM_VALUE (AU_PROCESS_ORPHANS_FINISH, "finish"),
                           G_DEFINE_ENUM_VALUE (AU_PROCESS_ORPHANS_KILL, "kill"))

typedef enum
{
  PROP_MAX_WORKERS = 1,
  PROP_RUNNING,
  PROP_WAITING,
  PROP_MIN_WORKERS,
  PROP_PROGRAM,
  PROP_ORPHANS,
  PROP_IDLE_TIME,
  PROP_GRACE,
  PROP_LIVENESS,
  PROP_MAX_JOBS,
  PROP_MAX_GROWTH,
  PROP_PAUSE,
  PROP_MEMORY,
  PROP_CPU_TIME,
  PROP_TIMEOUT,
  PROP_CORE_DUMPS,
  PROP_FUNCTION_LIMITS,
  PROP_FALLBACK,
} Property;

static gboolean
runs_here (AuProcessBackend *self,
           AuJob            *job)
{
  return self->threads != NULL && !au_function_is_portable (au_job_get_function (job));
}

static void
au_process_backend_launch (AuBackend *backend,
                           AuJob     *job)
{
  AuProcessBackend *self = AU_PROCESS_BACKEND (backend);

  if (runs_here (self, job))
    au_backend_launch (self->threads, job);
  else
    au_pool_launch (self->pool, au_job_ref (job));
}

static void
au_process_backend_cancel (AuBackend *backend,
                           AuJob     *job)
{
  AuProcessBackend *self = AU_PROCESS_BACKEND (backend);

  if (runs_here (self, job))
    au_backend_cancel (self->threads, job);
  else
    au_pool_cancel (self->pool, job);
}

static void
threads_drained_cb (GObject      *threads,
                    GAsyncResult *result,
                    gpointer      data)
{
  g_autoptr(GTask) task = data;
  GError *error = NULL;

  if (au_backend_drain_finish (AU_BACKEND (threads), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
drain_threads_cb (gpointer data)
{
  GTask *task = data;
  AuProcessBackend *self = g_task_get_source_object (task);

  au_backend_drain_async (self->threads, g_task_get_cancellable (task), threads_drained_cb, task);

  return G_SOURCE_REMOVE;
}

/* In the pool's thread, where no main context is iterated. */
static void
task_drained_cb (gpointer data)
{
  GTask *task = data;
  AuProcessBackend *self = g_task_get_source_object (task);
  g_autoptr(GSource) source = NULL;

  if (self->threads == NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  source = g_idle_source_new ();
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, drain_threads_cb, task, NULL);
  g_source_attach (source, g_task_get_context (task));
}

static void
au_process_backend_drain_async (AuBackend           *backend,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  GTask *task = g_task_new (backend, cancellable, callback, user_data);

  g_task_set_source_tag (task, au_process_backend_drain_async);
  au_pool_when_idle (AU_PROCESS_BACKEND (backend)->pool, task_drained_cb, task);
}

static gboolean
au_process_backend_drain_finish (AuBackend     *backend,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static int
au_process_backend_work (AuBackend *backend)
{
  return au_serve_run ();
}

static void
au_process_backend_iface_init (AuBackendInterface *iface)
{
  iface->launch = au_process_backend_launch;
  iface->cancel = au_process_backend_cancel;
  iface->drain_async = au_process_backend_drain_async;
  iface->drain_finish = au_process_backend_drain_finish;
  iface->work = au_process_backend_work;
}

/* What cannot be set is found here, as a property cannot refuse. */
static gboolean
au_process_backend_init_sync (GInitable     *initable,
                              GCancellable  *cancellable,
                              GError       **error)
{
  AuProcessBackend *self = AU_PROCESS_BACKEND (initable);
  AuPoolSettings *settings = &self->pool->settings;

  if (self->fallback == AU_PROCESS_FALLBACK_THREAD && self->threads == NULL)
    {
      self->threads = au_part_new (AU_MODULE_BACKEND, "thread", error, "max-workers", settings->max_workers, NULL);
      if (self->threads == NULL)
        return FALSE;
    }

  if (self->function_limits == NULL || settings->function_limits != NULL)
    return TRUE;

  settings->function_limits = au_limits_table_new ((const char * const *) self->function_limits, &settings->limits,
                                                   G_OBJECT_GET_CLASS (self), error);

  return settings->function_limits != NULL;
}

static void
au_process_backend_initable_init (GInitableIface *iface)
{
  iface->init = au_process_backend_init_sync;
}

static void
au_process_backend_finalize (GObject *object)
{
  AuProcessBackend *self = AU_PROCESS_BACKEND (object);

  au_pool_stop (self->pool);
  g_strfreev (self->function_limits);
  g_clear_object (&self->threads);

  G_OBJECT_CLASS (au_process_backend_parent_class)->finalize (object);
}

static void
au_process_backend_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  AuProcessBackend *self = AU_PROCESS_BACKEND (object);
  AuPool *pool = self->pool;
  AuPoolSettings *settings = &pool->settings;
  guint n_running = self->threads != NULL ? au_backend_get_running (self->threads) : 0;
  guint n_waiting = self->threads != NULL ? au_backend_get_waiting (self->threads) : 0;

  g_mutex_lock (&pool->lock);
  switch ((Property) prop_id)
    {
    case PROP_MAX_WORKERS:
      g_value_set_uint (value, settings->max_workers);
      break;
    case PROP_RUNNING:
      g_value_set_uint (value, n_running + pool->n_running);
      break;
    case PROP_WAITING:
      g_value_set_uint (value, n_waiting + au_job_queue_get_length (pool->queue));
      break;
    case PROP_MIN_WORKERS:
      g_value_set_uint (value, settings->min_workers);
      break;
    case PROP_PROGRAM:
      g_value_set_string (value, settings->program);
      break;
    case PROP_ORPHANS:
      g_value_set_enum (value, settings->finish_orphans ? AU_PROCESS_ORPHANS_FINISH
                                                        : AU_PROCESS_ORPHANS_KILL);
      break;
    case PROP_IDLE_TIME:
      g_value_set_int64 (value, settings->idle_time);
      break;
    case PROP_GRACE:
      g_value_set_int64 (value, settings->grace);
      break;
    case PROP_LIVENESS:
      g_value_set_int64 (value, settings->liveness);
      break;
    case PROP_MAX_JOBS:
      g_value_set_uint (value, settings->max_jobs);
      break;
    case PROP_MAX_GROWTH:
      g_value_set_uint64 (value, settings->max_growth);
      break;
    case PROP_PAUSE:
      g_value_set_int64 (value, settings->pause);
      break;
    case PROP_MEMORY:
      g_value_set_uint64 (value, settings->limits.memory);
      break;
    case PROP_CPU_TIME:
      g_value_set_int64 (value, settings->limits.cpu_time);
      break;
    case PROP_TIMEOUT:
      g_value_set_int64 (value, settings->limits.timeout);
      break;
    case PROP_CORE_DUMPS:
      g_value_set_boolean (value, !settings->limits.no_core);
      break;
    case PROP_FUNCTION_LIMITS:
      g_value_set_boxed (value, self->function_limits);
      break;
    case PROP_FALLBACK:
      g_value_set_enum (value, self->fallback);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
  g_mutex_unlock (&pool->lock);
}

static void
au_process_backend_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  AuProcessBackend *self = AU_PROCESS_BACKEND (object);
  AuPool *pool = self->pool;
  AuPoolSettings *settings = &pool->settings;

  g_mutex_lock (&pool->lock);
  switch ((Property) prop_id)
    {
    case PROP_MAX_WORKERS:
      settings->max_workers = g_value_get_uint (value);
      if (self->threads != NULL)
        g_object_set_property (G_OBJECT (self->threads), "max-workers", value);
      break;
    case PROP_MIN_WORKERS:
      settings->min_workers = g_value_get_uint (value);
      break;
    case PROP_PROGRAM:
      g_free (settings->program);
      settings->program = g_value_dup_string (value);
      break;
    case PROP_ORPHANS:
      settings->finish_orphans = g_value_get_enum (value) == AU_PROCESS_ORPHANS_FINISH;
      break;
    case PROP_IDLE_TIME:
      settings->idle_time = g_value_get_int64 (value);
      break;
    case PROP_GRACE:
      settings->grace = g_value_get_int64 (value);
      break;
    case PROP_LIVENESS:
      settings->liveness = g_value_get_int64 (value);
      break;
    case PROP_MAX_JOBS:
      settings->max_jobs = g_value_get_uint (value);
      break;
    case PROP_MAX_GROWTH:
      settings->max_growth = g_value_get_uint64 (value);
      break;
    case PROP_PAUSE:
      settings->pause = g_value_get_int64 (value);
      break;
    case PROP_MEMORY:
      settings->limits.memory = g_value_get_uint64 (value);
      break;
    case PROP_CPU_TIME:
      settings->limits.cpu_time = g_value_get_int64 (value);
      break;
    case PROP_TIMEOUT:
      settings->limits.timeout = g_value_get_int64 (value);
      break;
    case PROP_CORE_DUMPS:
      settings->limits.no_core = !g_value_get_boolean (value);
      break;
    case PROP_FUNCTION_LIMITS:
      self->function_limits = g_value_dup_boxed (value);
      break;
    case PROP_FALLBACK:
      self->fallback = g_value_get_enum (value);
      break;
    case PROP_RUNNING:
    case PROP_WAITING:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
  g_mutex_unlock (&pool->lock);

  au_pool_settings_changed (pool);
}

static void
au_process_backend_class_init (AuProcessBackendClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS;
  const GParamFlags once = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = au_process_backend_finalize;
  object_class->get_property = au_process_backend_get_property;
  object_class->set_property = au_process_backend_set_property;

  g_object_class_override_property (object_class, PROP_MAX_WORKERS, "max-workers");
  g_object_class_override_property (object_class, PROP_RUNNING, "running");
  g_object_class_override_property (object_class, PROP_WAITING, "waiting");

  g_object_class_install_property (
    object_class, PROP_MIN_WORKERS,
    g_param_spec_uint ("min-workers", NULL,
                       _("How many worker processes are kept ready, from the first computation on"),
                       0, G_MAXUINT, 0, flags));
  g_object_class_install_property (
    object_class, PROP_PROGRAM,
    g_param_spec_string ("program", NULL,
                         _("The program that the workers run: “au-worker” or a file; by default this one if it calls au_init (), else au-worker"),
                         NULL, flags));
  g_object_class_install_property (
    object_class, PROP_ORPHANS,
    g_param_spec_enum ("orphans", NULL,
                       _("What becomes of computations that run when the program is gone; only those whose store outlives it can finish"),
                       au_process_orphans_get_type (), AU_PROCESS_ORPHANS_FINISH, flags));
  g_object_class_install_property (
    object_class, PROP_IDLE_TIME,
    au_param_spec_duration ("idle-time", NULL,
                            _("How long a worker process may be without work before it ends; 0 for ever"),
                            0, G_MAXINT64, G_TIME_SPAN_MINUTE, flags));
  g_object_class_install_property (
    object_class, PROP_GRACE,
    au_param_spec_duration ("grace", NULL,
                            _("How long a computation may take to give up before its worker process is told to end, and that one before it is killed"),
                            0, G_MAXINT64, 5 * G_TIME_SPAN_SECOND, flags));
  g_object_class_install_property (
    object_class, PROP_LIVENESS,
    au_param_spec_duration ("liveness", NULL,
                            _("How long a worker process may be silent before it is taken for dead and killed, for instance because it is stopped; 0 for ever"),
                            0, G_MAXINT64, 30 * G_TIME_SPAN_SECOND, flags));
  g_object_class_install_property (
    object_class, PROP_MAX_JOBS,
    g_param_spec_uint ("max-jobs", NULL,
                       _("How many computations a worker process runs before another one takes its place; 0 for any number"),
                       0, G_MAXUINT, 0, flags));
  g_object_class_install_property (
    object_class, PROP_MAX_GROWTH,
    au_param_spec_size ("max-growth", NULL,
                        _("By how much the memory of a worker process may grow before another one takes its place; 0 for any size"),
                        0, G_MAXUINT64, 0, flags));
  g_object_class_install_property (
    object_class, PROP_PAUSE,
    au_param_spec_duration ("pause", NULL,
                            _("How long a function is not run after three computations of it in a row have ended their worker processes; 0 to run it all the same"),
                            0, G_MAXINT64, 10 * G_TIME_SPAN_SECOND, flags));
  g_object_class_install_property (
    object_class, PROP_MEMORY,
    au_param_spec_size ("memory", NULL,
                        _("How much address space a computation may take, more than its worker process has; 0 sets no limit"),
                        0, G_MAXUINT64, 0, once));
  g_object_class_install_property (
    object_class, PROP_CPU_TIME,
    au_param_spec_duration ("cpu-time", NULL,
                            _("How much processor time a computation may use, in full seconds; 0 sets no limit"),
                            0, G_MAXINT64, 0, once));
  g_object_class_install_property (
    object_class, PROP_TIMEOUT,
    au_param_spec_duration ("timeout", NULL,
                            _("How long a computation may run before it is told to give up; 0 for ever"),
                            0, G_MAXINT64, 0, once));
  g_object_class_install_property (
    object_class, PROP_CORE_DUMPS,
    g_param_spec_boolean ("core-dumps", NULL,
                          _("Whether a worker process that dies may leave a core dump, where the system makes such"),
                          TRUE, once));
  g_object_class_install_property (
    object_class, PROP_FUNCTION_LIMITS,
    g_param_spec_boxed ("function-limits", NULL,
                        _("What some functions may take instead, such as digest.file memory=1GiB cpu-time=10s"),
                        G_TYPE_STRV, once));
  g_object_class_install_property (
    object_class, PROP_FALLBACK,
    g_param_spec_enum ("fallback", NULL,
                       _("What runs functions that worker processes do not have: none, so that they fail, or threads of this program"),
                       au_process_fallback_get_type (), AU_PROCESS_FALLBACK_NONE, once));
}

static void
au_process_backend_init (AuProcessBackend *self)
{
  self->pool = au_pool_new ();
}

static const AuModuleType types[] = {
  { AU_MODULE_BACKEND, "process", au_process_backend_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_backend_process, AU_VERSION_S, "LGPL-2.1-or-later",
                  "Runs computations in worker processes", types, NULL)
