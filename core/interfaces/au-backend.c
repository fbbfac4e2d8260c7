/* au-backend.c: what runs computations
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-backend.h>

#include <glib/gi18n-lib.h>

/**
 * AuBackend:
 *
 * Runs computations: in this thread, in threads, in other processes.
 *
 * Backends are MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_INTERFACE (AuBackend, au_backend, G_TYPE_OBJECT)

G_DEFINE_FLAGS_TYPE (AuBackendFlags, au_backend_flags,
                     G_DEFINE_ENUM_VALUE (AU_BACKEND_SYNCHRONOUS, "synchronous"))

static void
au_backend_default_init (AuBackendInterface *iface)
{
  /**
   * AuBackend:max-workers:
   *
   * How many jobs run at the same time at most; 0 stands for as many as there are
   * processors.
   *
   * Since: 1.0
   */
  g_object_interface_install_property (iface,
                                       g_param_spec_uint ("max-workers", NULL,
                                                          _("How many jobs run at the same time at most; 0 for one a processor"),
                                                          0, G_MAXUINT, 0,
                                                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                          G_PARAM_EXPLICIT_NOTIFY));

  /**
   * AuBackend:running:
   *
   * How many jobs run now. It is not notified.
   *
   * Since: 1.0
   */
  g_object_interface_install_property (iface,
                                       g_param_spec_uint ("running", NULL, _("How many jobs run now"),
                                                          0, G_MAXUINT, 0,
                                                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  /**
   * AuBackend:waiting:
   *
   * How many jobs were launched and wait for a worker. It is not notified.
   *
   * Since: 1.0
   */
  g_object_interface_install_property (iface,
                                       g_param_spec_uint ("waiting", NULL, _("How many jobs wait for a worker"),
                                                          0, G_MAXUINT, 0,
                                                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

/**
 * au_backend_get_flags:
 * @self: a backend
 *
 * Gets what the backend is. It never changes.
 *
 * MT safe.
 *
 * Returns: the flags
 *
 * Since: 1.0
 */
AuBackendFlags
au_backend_get_flags (AuBackend *self)
{
  AuBackendInterface *iface;

  g_return_val_if_fail (AU_IS_BACKEND (self), AU_BACKEND_NONE);

  iface = AU_BACKEND_GET_IFACE (self);

  return iface->get_flags != NULL ? iface->get_flags (self) : AU_BACKEND_NONE;
}

/**
 * au_backend_launch: (virtual launch)
 * @self: a backend
 * @job: a job; the backend takes a reference of its own for as long as it needs
 *
 * Gives the backend a job to run. It never blocks, but for a synchronous backend,
 * which runs the job here.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_backend_launch (AuBackend *self,
                   AuJob     *job)
{
  g_return_if_fail (AU_IS_BACKEND (self));
  g_return_if_fail (job != NULL);

  AU_BACKEND_GET_IFACE (self)->launch (self, job);
}

/**
 * au_backend_cancel: (virtual cancel)
 * @self: a backend
 * @job: a job that was launched
 *
 * Tells the backend that nobody wants the outcome of @job any more, so that it can
 * forget a job that waits, and stop one that runs by stronger means than the job's
 * cancellable, which is cancelled already.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_backend_cancel (AuBackend *self,
                   AuJob     *job)
{
  AuBackendInterface *iface;

  g_return_if_fail (AU_IS_BACKEND (self));
  g_return_if_fail (job != NULL);

  iface = AU_BACKEND_GET_IFACE (self);
  if (iface->cancel != NULL)
    iface->cancel (self, job);
}

/* A wait for the end of all jobs, which is given up when it is cancelled, whatever the
 * backend makes of that. Both ways to its end are sources of one main context. */
typedef struct
{
  GSource *cancelled;
  gboolean given_up;
} Drain;

static void
drain_free (Drain *self)
{
  g_source_unref (self->cancelled);
  g_free (self);
}

static gboolean
drain_cancelled_cb (GCancellable *cancellable,
                    gpointer      data)
{
  GTask *task = data;
  Drain *self = g_task_get_task_data (task);

  self->given_up = TRUE;
  g_task_return_error_if_cancelled (task);

  return G_SOURCE_REMOVE;
}

static void
drained_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(GTask) task = data;
  g_autoptr(GError) error = NULL;
  Drain *self = g_task_get_task_data (task);
  gboolean drained = AU_BACKEND_GET_IFACE (source)->drain_finish (AU_BACKEND (source), result, &error);

  if (self != NULL)
    {
      g_source_destroy (self->cancelled);
      if (self->given_up)
        return;
    }

  if (drained)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * au_backend_drain_async: (virtual drain_async)
 * @self: a backend
 * @cancellable: (nullable): cancels the wait, not the jobs
 * @callback: (scope async): called when no job is left
 * @user_data: data for @callback
 *
 * Waits until every job that was launched has ended.
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_backend_drain_async (AuBackend           *self,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  GTask *task;
  Drain *drain;

  g_return_if_fail (AU_IS_BACKEND (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_backend_drain_async);
  if (cancellable != NULL)
    {
      drain = g_new0 (Drain, 1);
      drain->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (drain->cancelled, G_SOURCE_FUNC (drain_cancelled_cb), g_object_ref (task),
                             g_object_unref);
      g_task_set_task_data (task, drain, (GDestroyNotify) drain_free);
      g_source_attach (drain->cancelled, g_task_get_context (task));
    }

  AU_BACKEND_GET_IFACE (self)->drain_async (self, NULL, drained_cb, task);
}

/**
 * au_backend_drain_finish: (virtual drain_finish)
 * @self: a backend
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Au.Backend.drain_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED.
 *
 * MT safe.
 *
 * Returns: %TRUE when no job was left
 *
 * Since: 1.0
 */
gboolean
au_backend_drain_finish (AuBackend     *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (AU_IS_BACKEND (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * au_backend_get_main_context: (virtual get_main_context)
 * @self: a backend
 *
 * Gets the main context that has to be iterated for jobs to go on.
 *
 * MT safe.
 *
 * Returns: (transfer none) (nullable): the context, or %NULL when the backend needs none
 *
 * Since: 1.0
 */
GMainContext *
au_backend_get_main_context (AuBackend *self)
{
  AuBackendInterface *iface;

  g_return_val_if_fail (AU_IS_BACKEND (self), NULL);

  iface = AU_BACKEND_GET_IFACE (self);

  return iface->get_main_context != NULL ? iface->get_main_context (self) : NULL;
}

/**
 * au_backend_get_queue:
 * @self: a backend
 *
 * Gets the queue that computations are left in which name none, where the backend runs
 * nothing itself but leaves everything to workers. It never changes.
 *
 * An engine with such a backend needs a store that is a queue. It launches no job: to
 * record a computation is to put it into the queue.
 *
 * MT safe.
 *
 * Returns: (transfer none) (nullable): the name of a queue, or %NULL when the backend runs
 *   what it is given
 *
 * Since: 1.0
 */
const char *
au_backend_get_queue (AuBackend *self)
{
  AuBackendInterface *iface;

  g_return_val_if_fail (AU_IS_BACKEND (self), NULL);

  iface = AU_BACKEND_GET_IFACE (self);

  return iface->get_queue != NULL ? iface->get_queue (self) : NULL;
}

/**
 * au_backend_work: (virtual work)
 * @self: a backend that was made for this and is used for nothing else
 *
 * Runs, in a process that a backend of the same type has started, what that one sends
 * there, until it sends no more. It blocks.
 *
 * For [func@Au.init]: a backend starts its workers with the environment variable
 * `AU_WORKER` set to the name of its type, and how its two halves talk to each other is
 * their own affair.
 *
 * Returns: the exit status of the process
 *
 * Since: 1.0
 */
int
au_backend_work (AuBackend *self)
{
  AuBackendInterface *iface;

  g_return_val_if_fail (AU_IS_BACKEND (self), 1);

  iface = AU_BACKEND_GET_IFACE (self);
  if (iface->work != NULL)
    return iface->work (self);

  g_warning ("%s has no worker processes", G_OBJECT_TYPE_NAME (self));

  return 1;
}

static guint
get_count (AuBackend  *self,
           const char *name)
{
  guint count = 0;

  g_object_get (self, name, &count, NULL);

  return count;
}

/**
 * au_backend_get_max_workers:
 * @self: a backend
 *
 * Gets how many jobs run at the same time at most.
 *
 * MT safe.
 *
 * Returns: the number; 0 stands for as many as there are processors
 *
 * Since: 1.0
 */
guint
au_backend_get_max_workers (AuBackend *self)
{
  g_return_val_if_fail (AU_IS_BACKEND (self), 0);

  return get_count (self, "max-workers");
}

/**
 * au_backend_get_running:
 * @self: a backend
 *
 * Gets how many jobs run now.
 *
 * MT safe.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
au_backend_get_running (AuBackend *self)
{
  g_return_val_if_fail (AU_IS_BACKEND (self), 0);

  return get_count (self, "running");
}

/**
 * au_backend_get_waiting:
 * @self: a backend
 *
 * Gets how many jobs were launched and wait for a worker.
 *
 * MT safe.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
au_backend_get_waiting (AuBackend *self)
{
  g_return_val_if_fail (AU_IS_BACKEND (self), 0);

  return get_count (self, "waiting");
}
