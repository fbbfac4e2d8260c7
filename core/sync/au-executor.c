/* au-executor.c: so many tasks at a time
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-task-group-private.h"
#include "au-task-iterator-private.h"
#include "au-work-private.h"

#include <au/au-error.h>
#include <au/au-executor.h>

#include <glib/gi18n-lib.h>

/* A task that runs. */
typedef struct
{
  AuWaiter    watcher;
  AuExecutor *executor;
  AuTask     *task;
} Running;

struct _AuExecutor
{
  GObject       parent_instance;

  GMainContext *context;
  AuTaskGroup  *tasks;

  GMutex        lock;
  gboolean      closed;
  guint         max_concurrent;     /* 0 for any number */
  guint         n_running;
  GQueue        waiting;            /* of AuTask */
};

/**
 * AuExecutor:
 *
 * Begins tasks in the order in which they are given, and no more than so many run at a
 * time.
 *
 * Functions that start their work and return are called in the main context that was
 * the thread-default one where the executor was made; functions that do it themselves,
 * in worker threads. Both count. Closed, it takes no more and waits for what it has.
 *
 * MT safe. An executor that has tasks lives until they have ended.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuExecutor, au_executor, G_TYPE_OBJECT)

enum
{
  PROP_MAX_CONCURRENT = 1,
  PROP_N_RUNNING,
  PROP_N_WAITING,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void launch_some (AuExecutor *self);

static void
running_ended (AuWaiter *watcher)
{
  Running *running = (Running *) watcher;
  g_autoptr(AuExecutor) self = running->executor;

  g_mutex_lock (&self->lock);
  self->n_running--;
  g_mutex_unlock (&self->lock);

  g_object_unref (running->task);
  g_free (running);

  launch_some (self);
}

static AuTask *
take_next (AuExecutor *self)
{
  AuTask *task = NULL;

  g_mutex_lock (&self->lock);
  if (self->max_concurrent == 0 || self->n_running < self->max_concurrent)
    task = g_queue_pop_head (&self->waiting);
  if (task != NULL)
    self->n_running++;
  g_mutex_unlock (&self->lock);

  return task;
}

static void
forget_one (AuExecutor *self)
{
  g_mutex_lock (&self->lock);
  self->n_running--;
  g_mutex_unlock (&self->lock);
}

static void
launch_some (AuExecutor *self)
{
  AuTask *task;

  while ((task = take_next (self)) != NULL)
    {
      Running *running = g_new0 (Running, 1);

      running->watcher.wake = running_ended;
      running->executor = g_object_ref (self);
      running->task = task;
      if (au_task_watch (task, &running->watcher))
        {
          au_task_launch (task, FALSE);
          continue;
        }

      /* it was cancelled before its turn */
      g_object_unref (running->executor);
      g_object_unref (task);
      g_free (running);
      forget_one (self);
    }
}

static void
au_executor_finalize (GObject *object)
{
  AuExecutor *self = AU_EXECUTOR (object);

  g_assert (self->waiting.length == 0);
  g_object_unref (self->tasks);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_executor_parent_class)->finalize (object);
}

static void
au_executor_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  AuExecutor *self = AU_EXECUTOR (object);

  switch (prop_id)
    {
    case PROP_MAX_CONCURRENT:
      g_value_set_uint (value, au_executor_get_max_concurrent (self));
      break;
    case PROP_N_RUNNING:
      g_value_set_uint (value, au_executor_get_n_running (self));
      break;
    case PROP_N_WAITING:
      g_value_set_uint (value, au_executor_get_n_waiting (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_executor_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  AuExecutor *self = AU_EXECUTOR (object);

  switch (prop_id)
    {
    case PROP_MAX_CONCURRENT:
      au_executor_set_max_concurrent (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_executor_class_init (AuExecutorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_executor_finalize;
  object_class->get_property = au_executor_get_property;
  object_class->set_property = au_executor_set_property;

  /**
   * AuExecutor:max-concurrent: (getter get_max_concurrent) (setter set_max_concurrent)
   *
   * How many tasks may run at a time; 0 for any number.
   *
   * Since: 1.0
   */
  props[PROP_MAX_CONCURRENT] =
    g_param_spec_uint ("max-concurrent", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_EXPLICIT_NOTIFY |
                       G_PARAM_STATIC_STRINGS);

  /**
   * AuExecutor:n-running: (getter get_n_running)
   *
   * How many tasks run. It is not notified.
   *
   * Since: 1.0
   */
  props[PROP_N_RUNNING] =
    g_param_spec_uint ("n-running", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AuExecutor:n-waiting: (getter get_n_waiting)
   *
   * How many tasks have not begun. It is not notified.
   *
   * Since: 1.0
   */
  props[PROP_N_WAITING] =
    g_param_spec_uint ("n-waiting", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
au_executor_init (AuExecutor *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->tasks = au_task_group_new ();
  g_mutex_init (&self->lock);
}

/**
 * au_executor_new:
 * @max_concurrent: how many tasks may run at a time; 0 for any number
 *
 * Makes an executor for the thread-default main context.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new executor
 *
 * Since: 1.0
 */
AuExecutor *
au_executor_new (guint max_concurrent)
{
  return g_object_new (AU_TYPE_EXECUTOR, "max-concurrent", max_concurrent, NULL);
}

static gboolean
check_open_locked (AuExecutor  *self,
                   GError     **error)
{
  if (!self->closed)
    return TRUE;

  g_set_error_literal (error, AU_ERROR, AU_ERROR_CLOSED,
                       _("The executor is closed, and takes no more tasks"));

  return FALSE;
}

static AuTask *
submit (AuExecutor  *self,
        const char  *name,
        GVariant    *argument,
        AuWork      *work,
        GError     **error)
{
  g_autoptr(GVariant) owned = argument != NULL ? g_variant_ref_sink (argument) : NULL;
  g_autoptr(AuTask) task = NULL;

  g_mutex_lock (&self->lock);
  if (check_open_locked (self, error))
    task = au_task_group_make (self->tasks, name, work, owned, error);
  if (task != NULL)
    g_queue_push_tail (&self->waiting, g_object_ref (task));
  g_mutex_unlock (&self->lock);

  if (task != NULL)
    launch_some (self);

  return g_steal_pointer (&task);
}

static GVariant *
get_argument (GVariant *arguments,
              gsize     i)
{
  GVariant *argument = g_variant_get_child_value (arguments, i);
  GVariant *inner;

  if (!g_variant_is_of_type (argument, G_VARIANT_TYPE_VARIANT))
    return argument;

  inner = g_variant_get_variant (argument);
  g_variant_unref (argument);

  return inner;
}

/* All of them or none. */
static gboolean
submit_all (AuExecutor      *self,
            const char      *name,
            GVariant        *arguments,
            AuWork          *work,
            AuTaskIterator  *iterator,
            GError         **error)
{
  gsize n = g_variant_n_children (arguments);
  gboolean open;

  g_mutex_lock (&self->lock);
  open = check_open_locked (self, error);
  for (gsize i = 0; i < n && open; i++)
    {
      g_autoptr(GVariant) argument = get_argument (arguments, i);
      AuTask *task = au_task_group_make (self->tasks, name, work, argument, NULL);

      au_task_iterator_expect (iterator, task);
      g_queue_push_tail (&self->waiting, task);
    }
  g_mutex_unlock (&self->lock);

  return open;
}

static AuTaskIterator *
map (AuExecutor  *self,
     const char  *name,
     GVariant    *arguments,
     AuWork      *work,
     GError     **error)
{
  g_autoptr(GVariant) owned = g_variant_ref_sink (arguments);
  g_autoptr(AuTaskIterator) iterator = NULL;

  iterator = au_task_iterator_new (work->context);
  if (!submit_all (self, name, owned, work, iterator, error))
    return NULL;

  launch_some (self);

  return g_steal_pointer (&iterator);
}

/**
 * au_executor_start:
 * @self: an executor
 * @name: (nullable): what to call the task in messages
 * @argument: (nullable): see [method@Au.Task.get_argument]; may be floating
 * @func: (scope notified) (closure user_data) (destroy destroy): starts the work
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Has @func called in the main context of the executor, when it is its turn and after
 * this has returned.
 *
 * Fails with %AU_ERROR_CLOSED when the executor was closed.
 *
 * MT safe.
 *
 * Returns: (transfer full): the task
 *
 * Since: 1.0
 */
AuTask *
au_executor_start (AuExecutor       *self,
                   const char       *name,
                   GVariant         *argument,
                   AuTaskStartFunc   func,
                   gpointer          user_data,
                   GDestroyNotify    destroy,
                   GError          **error)
{
  g_autoptr(AuWork) work = NULL;

  g_return_val_if_fail (AU_IS_EXECUTOR (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  work = au_work_new_start (self->context, func, user_data, destroy);

  return submit (self, name, argument, work, error);
}

/**
 * au_executor_run:
 * @self: an executor
 * @name: (nullable): what to call the task in messages
 * @argument: (nullable): see [method@Au.Task.get_argument]; may be floating
 * @func: (scope notified) (closure user_data) (destroy destroy): does the work
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Has @func called in a worker thread, when it is its turn.
 *
 * Fails with %AU_ERROR_CLOSED when the executor was closed.
 *
 * MT safe.
 *
 * Returns: (transfer full): the task
 *
 * Since: 1.0
 */
AuTask *
au_executor_run (AuExecutor      *self,
                 const char      *name,
                 GVariant        *argument,
                 AuTaskFunc       func,
                 gpointer         user_data,
                 GDestroyNotify   destroy,
                 GError         **error)
{
  g_autoptr(AuWork) work = NULL;

  g_return_val_if_fail (AU_IS_EXECUTOR (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  work = au_work_new_plain (NULL, func, user_data, destroy);

  return submit (self, name, argument, work, error);
}

/**
 * au_executor_map_start:
 * @self: an executor
 * @name: (nullable): what to call the tasks in messages
 * @arguments: an array or a tuple; may be floating
 * @func: (scope notified) (closure user_data) (destroy destroy): starts the work for one
 *   element
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Begins a task for each element of @arguments, as [method@Au.Executor.start] does, and
 * gives the tasks in the order in which they end. [method@Au.Task.get_argument] has the
 * element; one that is a variant is opened.
 *
 * Fails with %AU_ERROR_CLOSED when the executor was closed. A task that fails does not
 * disturb the others: its error is with the task.
 *
 * MT safe.
 *
 * Returns: (transfer full): the tasks, as they end
 *
 * Since: 1.0
 */
AuTaskIterator *
au_executor_map_start (AuExecutor       *self,
                       const char       *name,
                       GVariant         *arguments,
                       AuTaskStartFunc   func,
                       gpointer          user_data,
                       GDestroyNotify    destroy,
                       GError          **error)
{
  g_autoptr(AuWork) work = NULL;

  g_return_val_if_fail (AU_IS_EXECUTOR (self), NULL);
  g_return_val_if_fail (arguments != NULL && g_variant_is_container (arguments), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  work = au_work_new_start (self->context, func, user_data, destroy);

  return map (self, name, arguments, work, error);
}

/**
 * au_executor_map_run:
 * @self: an executor
 * @name: (nullable): what to call the tasks in messages
 * @arguments: an array or a tuple; may be floating
 * @func: (scope notified) (closure user_data) (destroy destroy): does the work for one
 *   element
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Has @func called in worker threads for each element of @arguments, as
 * [method@Au.Executor.run] does, and gives the tasks in the order in which they end: see
 * [method@Au.Executor.map_start].
 *
 * Fails with %AU_ERROR_CLOSED when the executor was closed.
 *
 * MT safe.
 *
 * Returns: (transfer full): the tasks, as they end
 *
 * Since: 1.0
 */
AuTaskIterator *
au_executor_map_run (AuExecutor      *self,
                     const char      *name,
                     GVariant        *arguments,
                     AuTaskFunc       func,
                     gpointer         user_data,
                     GDestroyNotify   destroy,
                     GError         **error)
{
  g_autoptr(AuWork) work = NULL;

  g_return_val_if_fail (AU_IS_EXECUTOR (self), NULL);
  g_return_val_if_fail (arguments != NULL && g_variant_is_container (arguments), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  work = au_work_new_plain (NULL, func, user_data, destroy);

  return map (self, name, arguments, work, error);
}

/**
 * au_executor_wait:
 * @self: an executor
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait, not the tasks
 * @error: return location for an error
 *
 * Waits until all tasks have ended. The executor stays open.
 *
 * Blocks the calling thread; do not use it in a main loop, and least in the one that
 * tasks run in. Fails with %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED; errors of
 * tasks are none of it.
 *
 * MT safe.
 *
 * Returns: %TRUE when there was no task left
 *
 * Since: 1.0
 */
gboolean
au_executor_wait (AuExecutor    *self,
                  GTimeSpan      timeout,
                  GCancellable  *cancellable,
                  GError       **error)
{
  g_return_val_if_fail (AU_IS_EXECUTOR (self), FALSE);

  return au_task_group_wait (self->tasks, timeout, cancellable, error);
}

static void
begin_close (AuExecutor *self)
{
  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  g_mutex_unlock (&self->lock);
}

/**
 * au_executor_close:
 * @self: an executor
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait, not the tasks
 * @error: return location for an error
 *
 * Takes no more tasks, and waits until those that there are have ended.
 *
 * Blocks the calling thread; do not use it in a main loop, and least in the one that
 * tasks run in. Fails with %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED, and is
 * closed all the same; errors of tasks are none of it.
 *
 * MT safe.
 *
 * Returns: %TRUE when there was no task left
 *
 * Since: 1.0
 */
gboolean
au_executor_close (AuExecutor    *self,
                   GTimeSpan      timeout,
                   GCancellable  *cancellable,
                   GError       **error)
{
  g_return_val_if_fail (AU_IS_EXECUTOR (self), FALSE);

  begin_close (self);

  return au_task_group_wait (self->tasks, timeout, cancellable, error);
}

/**
 * au_executor_close_async:
 * @self: an executor
 * @cancellable: (nullable): cancels the wait, not the tasks
 * @callback: (scope async) (nullable): called when there is no task left
 * @user_data: data for @callback
 *
 * Takes no more tasks, and waits until those that there are have ended, without
 * blocking.
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_executor_close_async (AuExecutor          *self,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_return_if_fail (AU_IS_EXECUTOR (self));

  begin_close (self);
  au_task_group_wait_for (self->tasks, self, au_executor_close_async, cancellable, callback,
                          user_data);
}

/**
 * au_executor_close_finish:
 * @self: an executor
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Executor.close_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED.
 *
 * MT safe.
 *
 * Returns: %TRUE when there was no task left
 *
 * Since: 1.0
 */
gboolean
au_executor_close_finish (AuExecutor    *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * au_executor_cancel:
 * @self: an executor
 *
 * Takes no more tasks, and cancels those that there are: what has not begun ends at
 * once, what runs is asked to. Does not wait.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_executor_cancel (AuExecutor *self)
{
  g_return_if_fail (AU_IS_EXECUTOR (self));

  begin_close (self);
  au_task_group_cancel (self->tasks);
}

/**
 * au_executor_get_max_concurrent:
 * @self: an executor
 *
 * Gets how many tasks may run at a time.
 *
 * MT safe.
 *
 * Returns: the limit, or 0 for any number
 *
 * Since: 1.0
 */
guint
au_executor_get_max_concurrent (AuExecutor *self)
{
  guint max_concurrent;

  g_return_val_if_fail (AU_IS_EXECUTOR (self), 0);

  g_mutex_lock (&self->lock);
  max_concurrent = self->max_concurrent;
  g_mutex_unlock (&self->lock);

  return max_concurrent;
}

/**
 * au_executor_set_max_concurrent:
 * @self: an executor
 * @max_concurrent: how many tasks may run at a time; 0 for any number
 *
 * Changes how many tasks may run at a time. Those that run already go on.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_executor_set_max_concurrent (AuExecutor *self,
                                guint       max_concurrent)
{
  g_return_if_fail (AU_IS_EXECUTOR (self));

  g_mutex_lock (&self->lock);
  self->max_concurrent = max_concurrent;
  g_mutex_unlock (&self->lock);

  launch_some (self);
}

/**
 * au_executor_get_n_running:
 * @self: an executor
 *
 * Gets how many tasks run.
 *
 * MT safe.
 *
 * Returns: the number of tasks that have begun and not ended
 *
 * Since: 1.0
 */
guint
au_executor_get_n_running (AuExecutor *self)
{
  guint n;

  g_return_val_if_fail (AU_IS_EXECUTOR (self), 0);

  g_mutex_lock (&self->lock);
  n = self->n_running;
  g_mutex_unlock (&self->lock);

  return n;
}

/**
 * au_executor_get_n_waiting:
 * @self: an executor
 *
 * Gets how many tasks have not begun.
 *
 * MT safe.
 *
 * Returns: the number of tasks that wait for their turn
 *
 * Since: 1.0
 */
guint
au_executor_get_n_waiting (AuExecutor *self)
{
  guint n;

  g_return_val_if_fail (AU_IS_EXECUTOR (self), 0);

  g_mutex_lock (&self->lock);
  n = self->waiting.length;
  g_mutex_unlock (&self->lock);

  return n;
}
