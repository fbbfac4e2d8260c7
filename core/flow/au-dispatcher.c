/* au-dispatcher.c: tasks that are started together, and what came of them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-handle-watch-private.h"
#include "au-outcome-private.h"
#include "au-timer-private.h"

#include <au/au-clock.h>
#include <au/au-completed.h>
#include <au/au-dispatcher.h>
#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/**
 * AuDispatcher:
 *
 * A list of tasks: functions with their arguments and where they run, as for
 * [class@Au.TaskRunner]. [method@Au.Dispatcher.dispatch] starts one at once,
 * [method@Au.Dispatcher.enqueue] keeps it until [method@Au.Dispatcher.run] starts all of
 * them, first come, first served, and waits.
 *
 * It is a [iface@Gio.ListModel] of [class@Au.Outcome], in the order in which the tasks were
 * given.
 *
 * A dispatcher is used by one thread. Nothing is shared between dispatchers.
 *
 * Since: 1.0
 */
struct _AuDispatcher
{
  GObject               parent_instance;

  char                 *target;
  AuTargets            *targets;
  GPtrArray            *outcomes;
  guint                 n_ended;        /* that have ended before the first that has not */
  gboolean              complete;       /* as told last */

  AuDispatcherCheckFunc check;
  gpointer              check_data;
  GDestroyNotify        check_destroy;
};

static void au_dispatcher_list_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuDispatcher, au_dispatcher, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      au_dispatcher_list_iface_init))

enum
{
  PROP_TARGET = 1,
  PROP_COMPLETE,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static GType
au_dispatcher_get_item_type (GListModel *list)
{
  return AU_TYPE_OUTCOME;
}

static guint
au_dispatcher_get_n_items (GListModel *list)
{
  return AU_DISPATCHER (list)->outcomes->len;
}

static gpointer
au_dispatcher_get_item (GListModel *list,
                        guint       position)
{
  GPtrArray *outcomes = AU_DISPATCHER (list)->outcomes;

  return position < outcomes->len ? g_object_ref (g_ptr_array_index (outcomes, position)) : NULL;
}

static void
au_dispatcher_list_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = au_dispatcher_get_item_type;
  iface->get_n_items = au_dispatcher_get_n_items;
  iface->get_item = au_dispatcher_get_item;
}

static void
au_dispatcher_finalize (GObject *object)
{
  AuDispatcher *self = AU_DISPATCHER (object);

  if (self->check_destroy != NULL)
    self->check_destroy (self->check_data);
  g_ptr_array_unref (self->outcomes);
  au_targets_unref (self->targets);
  g_free (self->target);

  G_OBJECT_CLASS (au_dispatcher_parent_class)->finalize (object);
}

static void
au_dispatcher_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  AuDispatcher *self = AU_DISPATCHER (object);

  switch (prop_id)
    {
    case PROP_TARGET:
      g_value_set_string (value, self->target);
      break;
    case PROP_COMPLETE:
      g_value_set_boolean (value, au_dispatcher_get_complete (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_dispatcher_class_init (AuDispatcherClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = au_dispatcher_finalize;
  object_class->get_property = au_dispatcher_get_property;

  /**
   * AuDispatcher:target: (getter get_target)
   *
   * Where tasks run that do not say.
   *
   * Since: 1.0
   */
  props[PROP_TARGET] = g_param_spec_string ("target", NULL, NULL, NULL, flags);

  /**
   * AuDispatcher:complete: (getter get_complete)
   *
   * Whether all tasks have ended, or as the function of
   * [method@Au.Dispatcher.set_check_func] says.
   *
   * Since: 1.0
   */
  props[PROP_COMPLETE] = g_param_spec_boolean ("complete", NULL, NULL, TRUE, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
au_dispatcher_init (AuDispatcher *self)
{
  self->targets = au_targets_new ();
  self->outcomes = g_ptr_array_new_with_free_func (g_object_unref);
  self->complete = TRUE;
}

/**
 * au_dispatcher_new:
 * @target: where tasks run that do not say: `sync`, `loop`, `thread`, `process`, `queue`,
 *   or the name of another backend
 * @error: return location for an error
 *
 * Makes a dispatcher without tasks.
 *
 * Fails with %AU_ERROR_MODULE_NOT_FOUND when there is no such target, and names those that
 * there are.
 *
 * Returns: (transfer full): the dispatcher
 *
 * Since: 1.0
 */
AuDispatcher *
au_dispatcher_new (const char  *target,
                   GError     **error)
{
  AuDispatcher *self;

  g_return_val_if_fail (target != NULL, NULL);

  if (!au_target_check (target, error))
    return NULL;

  self = g_object_new (AU_TYPE_DISPATCHER, NULL);
  self->target = g_strdup (target);

  return self;
}

/**
 * au_dispatcher_get_target:
 * @self: a dispatcher
 *
 * Gets where tasks run that do not say.
 *
 * Returns: the name of the target
 *
 * Since: 1.0
 */
const char *
au_dispatcher_get_target (AuDispatcher *self)
{
  g_return_val_if_fail (AU_IS_DISPATCHER (self), NULL);

  return self->target;
}

static void
look (AuDispatcher *self)
{
  gboolean complete = au_dispatcher_get_complete (self);

  if (complete == self->complete)
    return;

  self->complete = complete;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_COMPLETE]);
}

/**
 * au_dispatcher_enqueue:
 * @self: a dispatcher
 * @function: a function
 * @arguments: (nullable): its arguments, of its input type; a floating reference is sunk
 * @target: (nullable): where it runs, or %NULL for the dispatcher's target
 * @error: return location for an error
 *
 * Adds a task, which [method@Au.Dispatcher.run] starts.
 *
 * Fails with %AU_ERROR_BAD_TYPE, and with %AU_ERROR_MODULE_NOT_FOUND when there is no such
 * target.
 *
 * Returns: (transfer none): what will come of it
 *
 * Since: 1.0
 */
AuOutcome *
au_dispatcher_enqueue (AuDispatcher  *self,
                       AuFunction    *function,
                       GVariant      *arguments,
                       const char    *target,
                       GError       **error)
{
  g_autoptr(GVariant) sunk = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  AuOutcome *outcome;

  g_return_val_if_fail (AU_IS_DISPATCHER (self), NULL);
  g_return_val_if_fail (AU_IS_FUNCTION (function), NULL);

  if ((target != NULL && !au_target_check (target, error)) ||
      !au_function_check_arguments (function, sunk, error))
    return NULL;

  outcome = au_outcome_new (function, target != NULL ? target : self->target, sunk);
  g_signal_connect_object (outcome, "notify::status", G_CALLBACK (look), self, G_CONNECT_SWAPPED);
  g_ptr_array_add (self->outcomes, outcome);
  g_list_model_items_changed (G_LIST_MODEL (self), self->outcomes->len - 1, 0, 1);
  look (self);

  return outcome;
}

/**
 * au_dispatcher_dispatch:
 * @self: a dispatcher
 * @function: a function
 * @arguments: (nullable): its arguments, of its input type; a floating reference is sunk
 * @target: (nullable): where it runs, or %NULL for the dispatcher's target
 * @error: return location for an error
 *
 * Adds a task and starts it at once. With the target `sync` it has ended when this
 * function returns.
 *
 * Fails as [method@Au.Dispatcher.enqueue] does. What goes wrong later is the error of the
 * outcome.
 *
 * Returns: (transfer none): what will come of it
 *
 * Since: 1.0
 */
AuOutcome *
au_dispatcher_dispatch (AuDispatcher  *self,
                        AuFunction    *function,
                        GVariant      *arguments,
                        const char    *target,
                        GError       **error)
{
  AuOutcome *outcome = au_dispatcher_enqueue (self, function, arguments, target, error);

  if (outcome != NULL)
    au_outcome_start (outcome, self->targets);

  return outcome;
}

static void
start_all (AuDispatcher *self)
{
  for (guint i = 0; i < self->outcomes->len; i++)
    {
      AuOutcome *outcome = g_ptr_array_index (self->outcomes, i);

      if (au_outcome_get_handle (outcome) == NULL && !au_outcome_is_ended (outcome))
        au_outcome_start (outcome, self->targets);
    }
}

static gboolean
set_timed_out (AuDispatcher *self,
               GError      **error)
{
  guint n_left = 0;

  for (guint i = 0; i < self->outcomes->len; i++)
    n_left += !au_outcome_is_ended (g_ptr_array_index (self->outcomes, i));

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
               ngettext ("%u task has not ended in time; it goes on",
                         "%u tasks have not ended in time; they go on", n_left), n_left);

  return FALSE;
}

static gboolean
set_unsatisfied (GError **error)
{
  g_set_error_literal (error, AU_ERROR, AU_ERROR_FAILED,
                       _("All tasks have ended, and the check function wants more"));

  return FALSE;
}

/* Those that are under way, as they end. */
static AuCompleted *
await_all (AuDispatcher *self)
{
  g_autoptr(GListStore) handles = g_list_store_new (AU_TYPE_HANDLE);

  for (guint i = 0; i < self->outcomes->len; i++)
    {
      AuHandle *handle = au_outcome_get_handle (g_ptr_array_index (self->outcomes, i));

      if (handle != NULL && !au_handle_is_ready (handle))
        g_list_store_append (handles, handle);
    }

  return au_completed_new (G_LIST_MODEL (handles));
}

static gboolean
translate_error (AuDispatcher *self,
                 GError       *reason,
                 GError      **error)
{
  if (!g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    {
      g_propagate_error (error, reason);
      return FALSE;
    }

  g_error_free (reason);

  return set_timed_out (self, error);
}

static gboolean
is_stuck (AuDispatcher *self)
{
  for (guint i = 0; i < self->outcomes->len; i++)
    {
      AuHandle *handle = au_outcome_get_handle (g_ptr_array_index (self->outcomes, i));

      if (handle != NULL && au_handle_needs_this_thread (handle))
        return TRUE;
    }

  return FALSE;
}

/**
 * au_dispatcher_run:
 * @self: a dispatcher
 * @timeout: how long to wait at most, in microseconds; -1 for as long as it takes
 * @cancellable: (nullable): cancels the wait, not the tasks
 * @error: return location for an error
 *
 * Starts all tasks that were enqueued, in order, and waits in this thread until
 * [property@Au.Dispatcher:complete]. That tasks fail is no error here: look at their
 * outcomes.
 *
 * Tasks of the target `sync` run first, one after the other; nothing can interrupt them.
 *
 * Fails with %G_IO_ERROR_TIMED_OUT when tasks go on after @timeout, with
 * %G_IO_ERROR_CANCELLED, with %AU_ERROR_WOULD_DEADLOCK when a task runs in the main loop
 * that this call holds up, and with %AU_ERROR_FAILED when the check function is not
 * satisfied although all tasks have ended.
 *
 * Returns: %TRUE when it is complete
 *
 * Since: 1.0
 */
gboolean
au_dispatcher_run (AuDispatcher  *self,
                   GTimeSpan      timeout,
                   GCancellable  *cancellable,
                   GError       **error)
{
  gint64 end_time = au_clock_get_end_time (timeout);
  g_autoptr(AuCompleted) completed = NULL;

  g_return_val_if_fail (AU_IS_DISPATCHER (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);

  start_all (self);
  completed = await_all (self);

  while (!au_dispatcher_get_complete (self))
    {
      g_autoptr(GObject) next = NULL;
      GError *reason = NULL;

      if (is_stuck (self))
        {
          g_set_error_literal (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK,
                               _("Waiting here for tasks of the target “loop” would never end, as they run in this thread's main loop: run them asynchronously"));
          return FALSE;
        }

      next = au_completed_next (completed,
                                end_time < 0 ? -1 : MAX (end_time - au_clock_get_monotonic_time (), 0),
                                cancellable, &reason);
      if (reason != NULL)
        return translate_error (self, reason, error);
      if (next == NULL)
        return au_dispatcher_get_complete (self) || set_unsatisfied (error);
    }

  look (self);

  return TRUE;
}

/* One after the other, without blocking. */
typedef struct
{
  AuCompleted  *completed;
  GSource      *limit;
  GCancellable *cancellable;    /* of this wait: cancelled when the time is over, too */
  GCancellable *outer;
  gulong        cancelled_id;
  gboolean      timed_out;
} AsyncRun;

static void
async_run_free (gpointer data)
{
  AsyncRun *run = data;

  if (run->limit != NULL)
    {
      g_source_destroy (run->limit);
      g_source_unref (run->limit);
    }
  /* Not g_cancellable_disconnect (), which waits for handlers that run: this may be
   * called by what one of them does. */
  if (run->cancelled_id != 0)
    g_signal_handler_disconnect (run->outer, run->cancelled_id);
  g_clear_object (&run->outer);
  g_clear_object (&run->completed);
  g_object_unref (run->cancellable);
  g_free (run);
}

static void
outer_cancelled_cb (GCancellable *cancellable,
                    gpointer      data)
{
  g_cancellable_cancel (data);
}

static void
object_unref_cb (gpointer  data,
                 GClosure *closure)
{
  g_object_unref (data);
}

static void async_run_go_on (GTask *task);

static void
next_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr(GTask) task = data;
  AsyncRun *run = g_task_get_task_data (task);
  AuDispatcher *self = g_task_get_source_object (task);
  g_autoptr(GObject) next = NULL;
  GError *error = NULL;

  next = au_completed_next_finish (run->completed, result, &error);
  if (next != NULL)
    {
      async_run_go_on (task);
      return;
    }

  if (run->timed_out)
    {
      g_clear_error (&error);
      set_timed_out (self, &error);
    }
  else if (error == NULL && !au_dispatcher_get_complete (self))
    {
      set_unsatisfied (&error);
    }

  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  look (self);
  g_task_return_boolean (task, TRUE);
}

static void
async_run_go_on (GTask *task)
{
  AsyncRun *run = g_task_get_task_data (task);
  AuDispatcher *self = g_task_get_source_object (task);

  if (self->check != NULL && au_dispatcher_get_complete (self))
    {
      look (self);
      g_task_return_boolean (task, TRUE);
      return;
    }

  au_completed_next_async (run->completed, run->cancellable, next_cb, g_object_ref (task));
}

static gboolean
over_cb (gpointer data)
{
  AsyncRun *run = data;

  run->timed_out = TRUE;
  g_cancellable_cancel (run->cancellable);

  return G_SOURCE_REMOVE;
}

/**
 * au_dispatcher_run_async:
 * @self: a dispatcher
 * @timeout: how long to wait at most, in microseconds; -1 for as long as it takes
 * @cancellable: (nullable): cancels the wait, not the tasks
 * @callback: (scope async): called when it is complete, or the time is over
 * @user_data: data for @callback
 *
 * Starts all tasks that were enqueued, in order, and waits without blocking, but for tasks
 * of the target `sync`; see [method@Au.Dispatcher.run].
 *
 * @callback is called in the thread-default main context of the caller, and not before this
 * function has returned.
 *
 * Since: 1.0
 */
void
au_dispatcher_run_async (AuDispatcher        *self,
                         GTimeSpan            timeout,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  AsyncRun *run;

  g_return_if_fail (AU_IS_DISPATCHER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_dispatcher_run_async);
  g_task_set_check_cancellable (task, FALSE);

  start_all (self);

  run = g_new0 (AsyncRun, 1);
  run->completed = await_all (self);
  run->cancellable = g_cancellable_new ();
  g_task_set_task_data (task, run, async_run_free);
  if (cancellable != NULL)
    {
      run->outer = g_object_ref (cancellable);
      run->cancelled_id = g_signal_connect_data (cancellable, "cancelled",
                                                 G_CALLBACK (outer_cancelled_cb),
                                                 g_object_ref (run->cancellable),
                                                 object_unref_cb, 0);
      if (g_cancellable_is_cancelled (cancellable))
        g_cancellable_cancel (run->cancellable);
    }

  if (timeout >= 0)
    {
      run->limit = au_clock_source_new (au_clock_get_end_time (timeout));
      g_source_set_callback (run->limit, over_cb, run, NULL);
      g_source_attach (run->limit, g_task_get_context (task));
    }

  async_run_go_on (task);
}

/**
 * au_dispatcher_run_finish:
 * @self: a dispatcher
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Au.Dispatcher.run_async].
 *
 * Fails as [method@Au.Dispatcher.run] does, but never with %AU_ERROR_WOULD_DEADLOCK.
 *
 * Returns: %TRUE when it is complete
 *
 * Since: 1.0
 */
gboolean
au_dispatcher_run_finish (AuDispatcher  *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * au_dispatcher_get_complete:
 * @self: a dispatcher
 *
 * Tells whether all tasks have ended, well or badly, or what the function of
 * [method@Au.Dispatcher.set_check_func] says.
 *
 * Returns: %TRUE if so, or when there are no tasks
 *
 * Since: 1.0
 */
gboolean
au_dispatcher_get_complete (AuDispatcher *self)
{
  g_return_val_if_fail (AU_IS_DISPATCHER (self), FALSE);

  if (self->check != NULL)
    return self->check (self, self->check_data);

  while (self->n_ended < self->outcomes->len &&
         au_outcome_is_ended (g_ptr_array_index (self->outcomes, self->n_ended)))
    self->n_ended++;

  return self->n_ended == self->outcomes->len;
}

/**
 * au_dispatcher_set_check_func:
 * @self: a dispatcher
 * @func: (nullable) (scope notified) (closure user_data) (destroy destroy): says whether
 *   enough has been done, or %NULL to want all tasks to end
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Sets what decides whether it is complete. It is called in the thread of the dispatcher
 * when a task has changed its status.
 *
 * Since: 1.0
 */
void
au_dispatcher_set_check_func (AuDispatcher          *self,
                              AuDispatcherCheckFunc  func,
                              gpointer               user_data,
                              GDestroyNotify         destroy)
{
  g_return_if_fail (AU_IS_DISPATCHER (self));

  if (self->check_destroy != NULL)
    self->check_destroy (self->check_data);
  self->check = func;
  self->check_data = user_data;
  self->check_destroy = destroy;
  look (self);
}

/**
 * au_dispatcher_cancel:
 * @self: a dispatcher
 *
 * Cancels all tasks that have not ended, also those that have not been started.
 *
 * Since: 1.0
 */
void
au_dispatcher_cancel (AuDispatcher *self)
{
  g_return_if_fail (AU_IS_DISPATCHER (self));

  for (guint i = 0; i < self->outcomes->len; i++)
    au_outcome_cancel (g_ptr_array_index (self->outcomes, i));
  look (self);
}

/**
 * au_dispatcher_reset:
 * @self: a dispatcher
 *
 * Forgets all tasks, so that it can be used again. Those that are under way go on; cancel
 * them before if they should not.
 *
 * Since: 1.0
 */
void
au_dispatcher_reset (AuDispatcher *self)
{
  guint n;

  g_return_if_fail (AU_IS_DISPATCHER (self));

  n = self->outcomes->len;
  for (guint i = 0; i < n; i++)
    g_signal_handlers_disconnect_by_func (g_ptr_array_index (self->outcomes, i), look, self);
  g_ptr_array_set_size (self->outcomes, 0);
  self->n_ended = 0;
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
  look (self);
}
