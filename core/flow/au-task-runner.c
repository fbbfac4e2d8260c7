/* au-task-runner.c: a function that calls back, wherever it runs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-task-runner-private.h"

#include <au/au-part.h>

#include <glib/gi18n-lib.h>

/**
 * AuTaskRunner:
 *
 * A function together with where it runs, some of its arguments, and what is to be done
 * with its items, its value and its error.
 *
 * Where it runs is its target: `sync`, which is this thread, `loop`, `thread`, `process`,
 * `queue`, or any other backend that is installed. Whatever it is, the signals are emitted
 * in the main context that was the thread-default one where the function was started: by
 * [method@Au.TaskRunner.start] or [method@Au.TaskRunner.run_async], while that is iterated;
 * by [method@Au.TaskRunner.run], before it returns.
 *
 * A runner may be run any number of times, from any thread, at the same time too: each
 * run has a handle of its own, which the signals tell.
 *
 * Since: 1.0
 */
struct _AuTaskRunner
{
  GObject     parent_instance;

  char       *target;           /* NULL with an engine of the program's own */
  AuFunction *function;
  AuTargets  *targets;
  AuEngine   *engine;

  GMutex      lock;             /* for what follows */
  GVariant   *bound;
};

G_DEFINE_FINAL_TYPE (AuTaskRunner, au_task_runner, G_TYPE_OBJECT)

enum
{
  ITEM,
  END,
  ERROR,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* One run, until its signals were emitted. */
typedef struct
{
  AuTaskRunner *runner;
  AuEngine     *engine;
  AuHandle     *handle;
  GTask        *task;           /* NULL if nobody waits */
  gulong        cancelled_id;
  GError       *callback_error;
} Run;

static G_DEFINE_QUARK (au-task-runner-run, run)

static void
au_task_runner_finalize (GObject *object)
{
  AuTaskRunner *self = AU_TASK_RUNNER (object);

  g_free (self->target);
  g_clear_object (&self->function);
  g_clear_object (&self->engine);
  g_clear_pointer (&self->targets, au_targets_unref);
  g_clear_pointer (&self->bound, g_variant_unref);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_task_runner_parent_class)->finalize (object);
}

static void
au_task_runner_class_init (AuTaskRunnerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = au_task_runner_finalize;

  /**
   * AuTaskRunner::item:
   * @self: the runner
   * @handle: of the run
   * @item: what the function gave
   *
   * The function has given an item. While nobody is connected, items are not read.
   *
   * Since: 1.0
   */
  signals[ITEM] = g_signal_new ("item", AU_TYPE_TASK_RUNNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 2, AU_TYPE_HANDLE, G_TYPE_VARIANT);

  /**
   * AuTaskRunner::end:
   * @self: the runner
   * @handle: of the run
   * @value: (nullable): the value of the function, if it has one
   *
   * The function has returned, after its last item.
   *
   * Since: 1.0
   */
  signals[END] = g_signal_new ("end", AU_TYPE_TASK_RUNNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 2, AU_TYPE_HANDLE, G_TYPE_VARIANT);

  /**
   * AuTaskRunner::error:
   * @self: the runner
   * @handle: of the run
   * @error: what has gone wrong
   *
   * The function has failed, was cancelled, or a handler has called
   * [method@Au.TaskRunner.fail]. Who is connected to this takes the error: it is not given
   * by [method@Au.TaskRunner.run] as well.
   *
   * Since: 1.0
   */
  signals[ERROR] = g_signal_new ("error", AU_TYPE_TASK_RUNNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 2, AU_TYPE_HANDLE, G_TYPE_ERROR);
}

static void
au_task_runner_init (AuTaskRunner *self)
{
  g_mutex_init (&self->lock);
}

/**
 * au_task_runner_new:
 * @target: where to run it: `sync`, `loop`, `thread`, `process`, `queue`, or the name of
 *   another backend
 * @function: a function of any form
 * @error: return location for an error
 *
 * Makes a runner with an engine of its own. Its records are kept in memory for as long as
 * it runs, but with `queue`: those are kept by the store of the key file, from which
 * `au worker` takes them.
 *
 * A process, or a worker of a queue, finds the function by its name: it must be registered
 * there.
 *
 * Fails with %AU_ERROR_MODULE_NOT_FOUND when there is no such target, and names those that
 * there are.
 *
 * Returns: (transfer full): the runner
 *
 * Since: 1.0
 */
AuTaskRunner *
au_task_runner_new (const char  *target,
                    AuFunction  *function,
                    GError     **error)
{
  g_autoptr(AuTaskRunner) self = NULL;
  g_autoptr(AuEngine) engine = NULL;

  g_return_val_if_fail (target != NULL, NULL);
  g_return_val_if_fail (AU_IS_FUNCTION (function), NULL);

  self = g_object_new (AU_TYPE_TASK_RUNNER, NULL);
  self->target = g_strdup (target);
  self->function = g_object_ref (function);
  self->targets = au_targets_new ();

  engine = au_targets_get (self->targets, target, function, error);

  return engine != NULL ? g_steal_pointer (&self) : NULL;
}

/**
 * au_task_runner_new_by_name:
 * @target: where to run it, as for [ctor@Au.TaskRunner.new]
 * @function: the name of a function that is registered, or that a module provides
 * @error: return location for an error
 *
 * Makes a runner with an engine of its own.
 *
 * Fails as [ctor@Au.TaskRunner.new] does, and with %AU_ERROR_UNKNOWN_FUNCTION.
 *
 * Returns: (transfer full): the runner
 *
 * Since: 1.0
 */
AuTaskRunner *
au_task_runner_new_by_name (const char  *target,
                            const char  *function,
                            GError     **error)
{
  g_autoptr(AuFunction) found = NULL;

  g_return_val_if_fail (target != NULL, NULL);
  g_return_val_if_fail (function != NULL, NULL);

  found = au_part_find_function (function, error);

  return found != NULL ? au_task_runner_new (target, found, error) : NULL;
}

/**
 * au_task_runner_new_for_engine:
 * @engine: an engine
 * @function: the name of a function that it knows
 * @error: return location for an error
 *
 * Makes a runner whose target is an engine.
 *
 * Fails with %AU_ERROR_UNKNOWN_FUNCTION.
 *
 * Returns: (transfer full): the runner
 *
 * Since: 1.0
 */
AuTaskRunner *
au_task_runner_new_for_engine (AuEngine    *engine,
                               const char  *function,
                               GError     **error)
{
  g_autoptr(AuFunction) found = NULL;
  AuTaskRunner *self;

  g_return_val_if_fail (AU_IS_ENGINE (engine), NULL);
  g_return_val_if_fail (function != NULL, NULL);

  found = au_engine_find_function (engine, function, error);
  if (found == NULL)
    return NULL;

  self = g_object_new (AU_TYPE_TASK_RUNNER, NULL);
  self->engine = g_object_ref (engine);
  self->function = g_steal_pointer (&found);

  return self;
}

/**
 * au_task_runner_get_target:
 * @self: a runner
 *
 * Gets where the function runs.
 *
 * Returns: (nullable): the name of the target, or %NULL for an engine of the program's own
 *
 * Since: 1.0
 */
const char *
au_task_runner_get_target (AuTaskRunner *self)
{
  g_return_val_if_fail (AU_IS_TASK_RUNNER (self), NULL);

  return self->target;
}

/**
 * au_task_runner_get_function:
 * @self: a runner
 *
 * Gets the name of the function.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
au_task_runner_get_function (AuTaskRunner *self)
{
  g_return_val_if_fail (AU_IS_TASK_RUNNER (self), NULL);

  return au_function_get_name (self->function);
}

/**
 * au_task_runner_bind:
 * @self: a runner
 * @arguments: the first arguments, a tuple; or some of those of a dictionary of type
 *   `a{sv}`; a floating reference is sunk
 * @error: return location for an error
 *
 * Gives arguments that each run has before its own. In a dictionary, those of the run take
 * their place.
 *
 * Fails with %AU_ERROR_BAD_TYPE when arguments were bound before, and these cannot be added
 * to them.
 *
 * MT safe.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_task_runner_bind (AuTaskRunner  *self,
                     GVariant      *arguments,
                     GError       **error)
{
  g_autoptr(GVariant) sunk = NULL;
  GVariant *joined;

  g_return_val_if_fail (AU_IS_TASK_RUNNER (self), FALSE);
  g_return_val_if_fail (arguments != NULL, FALSE);

  sunk = g_variant_ref_sink (arguments);

  g_mutex_lock (&self->lock);
  joined = au_arguments_join (self->bound, sunk, error);
  if (joined != NULL)
    {
      g_clear_pointer (&self->bound, g_variant_unref);
      self->bound = joined;
    }
  g_mutex_unlock (&self->lock);

  return joined != NULL;
}

static void
run_free (Run *self)
{
  /* Not g_cancellable_disconnect (), which waits for handlers that run: this may be
   * called by what one of them does. */
  if (self->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (self->task), self->cancelled_id);
  g_clear_object (&self->task);
  g_clear_error (&self->callback_error);
  g_object_set_qdata (G_OBJECT (self->handle), run_quark (), NULL);
  g_object_unref (self->handle);
  g_object_unref (self->engine);
  g_object_unref (self->runner);
  g_free (self);
}

static gboolean
is_listened_to (Run   *self,
                guint  signal)
{
  return g_signal_has_handler_pending (self->runner, signals[signal], 0, FALSE);
}

/* Engines of the program's own, and stores that others see, keep their records. */
static void
forget_record (Run *self)
{
  if (self->runner->target != NULL && !g_str_equal (self->runner->target, "queue"))
    au_engine_remove (self->engine, au_handle_get_key (self->handle), NULL, NULL);
}

static void
conclude (Run    *self,
          GError *error)
{
  g_autoptr(GVariant) value = NULL;
  gboolean taken;

  if (error == NULL && self->callback_error == NULL)
    {
      value = au_handle_dup_result (self->handle, &error);
      if (error == NULL)
        g_signal_emit (self->runner, signals[END], 0, self->handle, value);
    }

  /* Of what a handler did it is told as that, and not as the failure of the function. */
  if (self->callback_error != NULL)
    {
      g_clear_error (&error);
      error = g_steal_pointer (&self->callback_error);
    }

  taken = error != NULL && is_listened_to (self, ERROR);
  if (taken)
    g_signal_emit (self->runner, signals[ERROR], 0, self->handle, error);

  forget_record (self);
  if (self->task == NULL || taken)
    {
      if (self->task == NULL && error != NULL && !taken)
        g_debug ("%s: %s", au_handle_get_key (self->handle), error->message);
      g_clear_error (&error);
      g_clear_pointer (&value, g_variant_unref);
    }

  if (self->task != NULL && error != NULL)
    g_task_return_error (self->task, error);
  else if (self->task != NULL)
    g_task_return_pointer (self->task, g_steal_pointer (&value), (GDestroyNotify) g_variant_unref);

  run_free (self);
}

static void
ended_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  GError *error = NULL;

  au_handle_wait_finish (AU_HANDLE (object), result, &error);
  conclude (data, error);
}

static void
item_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      data)
{
  Run *self = data;
  g_autoptr(GVariant) item = NULL;
  GError *error = NULL;

  item = au_handle_next_item_finish (self->handle, result, &error);
  if (item == NULL)
    {
      conclude (self, error);
      return;
    }

  if (self->callback_error == NULL)
    g_signal_emit (self->runner, signals[ITEM], 0, self->handle, item);

  au_handle_next_item_async (self->handle, NULL, item_cb, self);
}

static void
cancelled_cb (GCancellable *cancellable,
              gpointer      data)
{
  au_handle_cancel (data);
}

static void
object_unref_cb (gpointer  data,
                 GClosure *closure)
{
  g_object_unref (data);
}

static void
follow (AuTaskRunner *self,
        AuEngine     *engine,
        AuHandle     *handle,
        GTask        *task)
{
  GCancellable *cancellable = task != NULL ? g_task_get_cancellable (task) : NULL;
  Run *run = g_new0 (Run, 1);

  run->runner = g_object_ref (self);
  run->engine = g_object_ref (engine);
  run->handle = g_object_ref (handle);
  run->task = task != NULL ? g_object_ref (task) : NULL;
  g_object_set_qdata (G_OBJECT (handle), run_quark (), run);

  if (cancellable != NULL)
    {
      run->cancelled_id = g_signal_connect_data (cancellable, "cancelled",
                                                 G_CALLBACK (cancelled_cb), g_object_ref (handle),
                                                 object_unref_cb, 0);
      if (g_cancellable_is_cancelled (cancellable))
        au_handle_cancel (handle);
    }

  if (is_listened_to (run, ITEM))
    au_handle_next_item_async (handle, NULL, item_cb, run);
  else
    au_handle_wait_async (handle, NULL, ended_cb, run);
}

static AuHandle *
submit (AuTaskRunner  *self,
        GVariant      *arguments,
        AuOptions     *options,
        AuEngine     **engine,
        GError       **error)
{
  g_autoptr(GVariant) sunk = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  g_autoptr(GVariant) bound = NULL;
  g_autoptr(GVariant) joined = NULL;
  g_autoptr(GError) reason = NULL;

  g_mutex_lock (&self->lock);
  bound = self->bound != NULL ? g_variant_ref (self->bound) : NULL;
  g_mutex_unlock (&self->lock);

  joined = au_arguments_join (bound, sunk, &reason);
  if (reason != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }

  if (self->engine != NULL)
    *engine = g_object_ref (self->engine);
  else
    *engine = au_targets_get (self->targets, self->target, self->function, error);

  return *engine != NULL ? au_engine_submit (*engine, au_function_get_name (self->function),
                                             joined, options, error)
                         : NULL;
}

/**
 * au_task_runner_start:
 * @self: a runner
 * @arguments: (nullable): the arguments that follow the bound ones; a floating reference is
 *   sunk
 * @options: (nullable): how the computation is to be treated, or %NULL for the defaults
 * @error: return location for an error
 *
 * Starts the function and returns at once, but for the target `sync`, which runs it first.
 * The signals are emitted in the thread-default main context of the caller, and not before
 * this function has returned.
 *
 * Fails as [method@Au.Engine.submit] does.
 *
 * MT safe.
 *
 * Returns: (transfer full): a handle on the run, which may be dropped
 *
 * Since: 1.0
 */
AuHandle *
au_task_runner_start (AuTaskRunner  *self,
                      GVariant      *arguments,
                      AuOptions     *options,
                      GError       **error)
{
  g_autoptr(AuEngine) engine = NULL;
  AuHandle *handle;

  g_return_val_if_fail (AU_IS_TASK_RUNNER (self), NULL);
  g_return_val_if_fail (options == NULL || AU_IS_OPTIONS (options), NULL);

  handle = submit (self, arguments, options, &engine, error);
  if (handle != NULL)
    follow (self, engine, handle, NULL);

  return handle;
}

/**
 * au_task_runner_run_async:
 * @self: a runner
 * @arguments: (nullable): the arguments that follow the bound ones; a floating reference is
 *   sunk
 * @cancellable: (nullable): cancels the function
 * @callback: (scope async): called after the last signal
 * @user_data: data for @callback
 *
 * Runs the function without blocking, but for the target `sync`, which runs it first.
 *
 * @callback is called in the thread-default main context of the caller, like the signals,
 * and none of them before this function has returned.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_task_runner_run_async (AuTaskRunner        *self,
                          GVariant            *arguments,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(AuHandle) handle = NULL;
  GError *error = NULL;

  g_return_if_fail (AU_IS_TASK_RUNNER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_task_runner_run_async);
  g_task_set_check_cancellable (task, FALSE);

  handle = submit (self, arguments, NULL, &engine, &error);
  if (handle == NULL)
    g_task_return_error (task, error);
  else
    follow (self, engine, handle, task);
}

/**
 * au_task_runner_run_finish:
 * @self: a runner
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Au.TaskRunner.run_async].
 *
 * Fails as [method@Au.TaskRunner.run] does.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the value; %NULL without @error set for a function
 *   that has none, or whose error a handler has taken
 *
 * Since: 1.0
 */
GVariant *
au_task_runner_run_finish (AuTaskRunner  *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
result_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

/**
 * au_task_runner_run:
 * @self: a runner
 * @arguments: (nullable): the arguments that follow the bound ones; a floating reference is
 *   sunk
 * @cancellable: (nullable): cancels the function
 * @error: return location for an error
 *
 * Runs the function and waits in this thread until it has ended. The signals are emitted
 * meanwhile, in this thread. A private main context is iterated, and with the target `loop`
 * the function runs there.
 *
 * Fails with the error of the function, with that of [method@Au.TaskRunner.fail], and with
 * %G_IO_ERROR_CANCELLED, unless somebody is connected to [signal@Au.TaskRunner::error]; and
 * as [method@Au.Engine.submit] does.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the value; %NULL without @error set for a function
 *   that has none, or whose error a handler has taken
 *
 * Since: 1.0
 */
GVariant *
au_task_runner_run (AuTaskRunner  *self,
                    GVariant      *arguments,
                    GCancellable  *cancellable,
                    GError       **error)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GAsyncResult) result = NULL;

  g_return_val_if_fail (AU_IS_TASK_RUNNER (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  g_main_context_push_thread_default (context);
  au_task_runner_run_async (self, arguments, cancellable, result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);

  if (self->targets != NULL)
    au_targets_forget (self->targets, context);

  return au_task_runner_run_finish (self, result, error);
}

/**
 * au_task_runner_fail:
 * @self: a runner
 * @handle: the run, as the signal has told it
 * @error: what has gone wrong
 *
 * Says in a handler of [signal@Au.TaskRunner::item] or [signal@Au.TaskRunner::end] that this
 * has failed. The function is cancelled, no more items are told, and @error becomes the
 * error of the run. The computation itself has not failed by that: its record says what it
 * did.
 *
 * Since: 1.0
 */
void
au_task_runner_fail (AuTaskRunner *self,
                     AuHandle     *handle,
                     const GError *error)
{
  Run *run;

  g_return_if_fail (AU_IS_TASK_RUNNER (self));
  g_return_if_fail (AU_IS_HANDLE (handle));
  g_return_if_fail (error != NULL);

  run = g_object_get_qdata (G_OBJECT (handle), run_quark ());
  if (run == NULL || run->callback_error != NULL)
    return;

  run->callback_error = g_error_copy (error);
  au_handle_cancel (handle);
}
