/* au-loop-backend.c: runs jobs in a main loop, a bit of each in turn
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "au-job-queue-private.h"

#include <glib/gi18n-lib.h>

/* How long one turn of the loop may take; a job's single step may take longer. */
#define MAX_TURN (G_TIME_SPAN_MILLISECOND)

#define AU_TYPE_LOOP_BACKEND (au_loop_backend_get_type ())

G_DECLARE_FINAL_TYPE (AuLoopBackend, au_loop_backend, AU, LOOP_BACKEND, GObject)

struct _AuLoopBackend
{
  GObject       parent_instance;

  GMainContext *context;
  GSource      *source;

  GMutex        lock;           /* for what follows */
  AuJobQueue   *waiting;        /* not started */
  GQueue        active;         /* started, with something to do */
  guint         n_running;      /* started, those that wait too */
  guint         max_workers;
  GSList       *drain_tasks;
};

static void au_loop_backend_iface_init (AuBackendInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuLoopBackend, au_loop_backend, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_BACKEND, au_loop_backend_iface_init))

enum
{
  PROP_MAX_WORKERS = 1,
  PROP_RUNNING,
  PROP_WAITING,
};

/* Where a job may be run from: it may be told that it is ready while it is being run,
 * or twice. */
typedef struct
{
  GWeakRef backend;
  gboolean active;      /* in the queue, or being run */
  gboolean again;       /* told meanwhile */
} Run;

static void
run_free (gpointer data)
{
  Run *run = data;

  g_weak_ref_clear (&run->backend);
  g_free (run);
}

static void
wake (AuLoopBackend *self)
{
  g_source_set_ready_time (self->source, 0);
}

typedef struct
{
  AuJob *job;
  Run   *run;
} Active;

static void
job_ready_cb (AuJob   *job,
              gpointer data)
{
  Run *run = data;
  g_autoptr(AuLoopBackend) self = g_weak_ref_get (&run->backend);

  if (self == NULL)
    return;

  g_mutex_lock (&self->lock);
  if (run->active)
    {
      run->again = TRUE;
    }
  else
    {
      Active *active = g_new (Active, 1);

      run->active = TRUE;
      active->job = au_job_ref (job);
      active->run = run;
      g_queue_push_tail (&self->active, active);
      wake (self);
    }
  g_mutex_unlock (&self->lock);
}

/* Called with the lock held. Jobs that have begun go before those that have not, as
 * they were the more urgent. */
static Active *
take_locked (AuLoopBackend *self)
{
  Active *active = g_queue_pop_head (&self->active);
  AuJob *job;

  if (active != NULL || (self->max_workers > 0 && self->n_running >= self->max_workers))
    return active;

  job = au_job_queue_pop (self->waiting);
  if (job == NULL)
    return NULL;

  active = g_new (Active, 1);
  active->job = job;
  active->run = NULL;
  self->n_running++;

  return active;
}

static void
prepare (AuLoopBackend *self,
         Active        *active)
{
  active->run = g_new0 (Run, 1);
  active->run->active = TRUE;
  g_weak_ref_init (&active->run->backend, self);
  au_job_set_ready_func (active->job, job_ready_cb, active->run, run_free);
}

/* Called with the lock held. */
static void
put_back_locked (AuLoopBackend *self,
                 Active        *active)
{
  active->run->active = TRUE;
  active->run->again = FALSE;
  g_queue_push_tail (&self->active, active);
}

static void
return_drain_tasks (GSList *tasks)
{
  for (GSList *link = tasks; link != NULL; link = link->next)
    g_task_return_boolean (link->data, TRUE);

  g_slist_free_full (tasks, g_object_unref);
}

static void
run_step (AuLoopBackend *self,
          Active        *active)
{
  GSList *drained = NULL;
  gboolean kept = FALSE;
  AuJobStep step;

  if (active->run == NULL)
    prepare (self, active);

  step = au_job_step (active->job);

  g_mutex_lock (&self->lock);
  active->run->active = FALSE;
  switch (step)
    {
    case AU_JOB_STEP_WAIT:
      kept = active->run->again;
      break;
    case AU_JOB_STEP_AGAIN:
      kept = TRUE;
      break;
    case AU_JOB_STEP_DONE:
    default:
      /* It may still be told that it is ready, and must not come back. */
      active->run->active = TRUE;
      self->n_running--;
      if (self->n_running == 0 && au_job_queue_get_length (self->waiting) == 0)
        drained = g_steal_pointer (&self->drain_tasks);
      break;
    }
  if (kept)
    put_back_locked (self, active);
  g_mutex_unlock (&self->lock);

  if (!kept)
    {
      au_job_unref (active->job);
      g_free (active);
    }
  return_drain_tasks (drained);
}

static gboolean
turn_cb (gpointer data)
{
  g_autoptr(AuLoopBackend) self = g_weak_ref_get (data);
  gint64 end = g_get_monotonic_time () + MAX_TURN;

  /* Another thread may just drop it. */
  if (self == NULL)
    return G_SOURCE_REMOVE;

  g_source_set_ready_time (self->source, -1);

  do
    {
      Active *active;

      g_mutex_lock (&self->lock);
      active = take_locked (self);
      g_mutex_unlock (&self->lock);

      if (active == NULL)
        return G_SOURCE_CONTINUE;

      run_step (self, active);
    }
  while (g_get_monotonic_time () < end);

  wake (self);

  return G_SOURCE_CONTINUE;
}

static gboolean
source_dispatch (GSource     *source,
                 GSourceFunc  callback,
                 gpointer     data)
{
  return callback (data);
}

static GSourceFuncs source_funcs = {
  .dispatch = source_dispatch,
};

static void
au_loop_backend_launch (AuBackend *backend,
                        AuJob     *job)
{
  AuLoopBackend *self = AU_LOOP_BACKEND (backend);

  g_mutex_lock (&self->lock);
  au_job_queue_push (self->waiting, au_job_ref (job));
  wake (self);
  g_mutex_unlock (&self->lock);
}

static GMainContext *
au_loop_backend_get_main_context (AuBackend *backend)
{
  return AU_LOOP_BACKEND (backend)->context;
}

static void
au_loop_backend_drain_async (AuBackend           *backend,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  AuLoopBackend *self = AU_LOOP_BACKEND (backend);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GSList *drained = NULL;

  g_task_set_source_tag (task, au_loop_backend_drain_async);

  g_mutex_lock (&self->lock);
  if (self->n_running == 0 && au_job_queue_get_length (self->waiting) == 0)
    drained = g_slist_prepend (NULL, task);
  else
    self->drain_tasks = g_slist_prepend (self->drain_tasks, task);
  g_mutex_unlock (&self->lock);

  return_drain_tasks (drained);
}

static gboolean
au_loop_backend_drain_finish (AuBackend     *backend,
                              GAsyncResult  *result,
                              GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
au_loop_backend_iface_init (AuBackendInterface *iface)
{
  iface->launch = au_loop_backend_launch;
  iface->drain_async = au_loop_backend_drain_async;
  iface->drain_finish = au_loop_backend_drain_finish;
  iface->get_main_context = au_loop_backend_get_main_context;
}

static void
active_free (gpointer data)
{
  Active *active = data;

  au_job_unref (active->job);
  g_free (active);
}

static void
au_loop_backend_finalize (GObject *object)
{
  AuLoopBackend *self = AU_LOOP_BACKEND (object);

  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_queue_clear_full (&self->active, active_free);
  au_job_queue_free (self->waiting);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_loop_backend_parent_class)->finalize (object);
}

static void
au_loop_backend_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  AuLoopBackend *self = AU_LOOP_BACKEND (object);

  g_mutex_lock (&self->lock);
  switch (prop_id)
    {
    case PROP_MAX_WORKERS:
      g_value_set_uint (value, self->max_workers);
      break;
    case PROP_RUNNING:
      g_value_set_uint (value, self->n_running);
      break;
    case PROP_WAITING:
      g_value_set_uint (value, au_job_queue_get_length (self->waiting));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
  g_mutex_unlock (&self->lock);
}

static void
au_loop_backend_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  AuLoopBackend *self = AU_LOOP_BACKEND (object);

  if (prop_id != PROP_MAX_WORKERS)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      return;
    }

  g_mutex_lock (&self->lock);
  self->max_workers = g_value_get_uint (value);
  wake (self);
  g_mutex_unlock (&self->lock);
}

static void
au_loop_backend_class_init (AuLoopBackendClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_loop_backend_finalize;
  object_class->get_property = au_loop_backend_get_property;
  object_class->set_property = au_loop_backend_set_property;


  /* Not overridden, because it means something else here than for other backends. */
  g_object_class_install_property (object_class, PROP_MAX_WORKERS,
                                   g_param_spec_uint ("max-workers", NULL,
                                                      _("How many jobs are under way at the same time at most; 0 sets no limit"),
                                                      0, G_MAXUINT, 0,
                                                      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                      G_PARAM_EXPLICIT_NOTIFY));
  g_object_class_override_property (object_class, PROP_RUNNING, "running");
  g_object_class_override_property (object_class, PROP_WAITING, "waiting");
}

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static void
au_loop_backend_init (AuLoopBackend *self)
{
  GWeakRef *weak_ref = g_new (GWeakRef, 1);

  g_weak_ref_init (weak_ref, self);
  g_mutex_init (&self->lock);
  self->waiting = au_job_queue_new ();
  self->context = g_main_context_ref_thread_default ();
  self->source = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_static_name (self->source, "[au] loop backend");
  g_source_set_callback (self->source, turn_cb, weak_ref, weak_ref_free);
  g_source_attach (self->source, self->context);
}

static const AuModuleType types[] = {
  { AU_MODULE_BACKEND, "loop", au_loop_backend_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_backend_loop, AU_VERSION_S, "LGPL-2.1-or-later",
                  "Runs computations in a main loop, a bit of each in turn", types, NULL)
