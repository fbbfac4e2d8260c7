/* au-task.c: something that was begun and will end
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-main-context-private.h"
#include "au-wait-private.h"
#include "au-work-private.h"

#include <au/au-error.h>
#include <au/au-priority.h>
#include <au/au-task.h>

#include <glib/gi18n-lib.h>

typedef enum
{
  STATE_WAITING,
  STATE_BEGUN,
  STATE_DONE,
} State;

struct _AuTask
{
  GObject       parent_instance;

  char         *name;
  GVariant     *argument;
  GCancellable *cancellable;
  int           priority;

  GMutex        lock;
  State         state;
  AuWork       *work;       /* until it is done */
  GVariant     *value;      /* neither changes once it is done */
  GError       *error;
  AuWaiterList  line;
  AuWaiterList  watchers;
};

/**
 * AuTask:
 *
 * Something that was begun, goes on somewhere, and will end with a value or an error.
 *
 * A task is both ends of that. Whoever does the work gets it as the argument of its
 * function, looks whether it is cancelled, and ends it; whoever has begun it waits for
 * the end, from any number of threads and main loops at once, and gets the value as
 * often as wanted. A wait that is cancelled, or runs out of time, changes nothing for
 * the task and for others who wait.
 *
 * Tasks come from [class@Au.TaskGroup], [class@Au.Executor], [class@Au.LoopThread] and
 * the functions here. They have no name that outlives them and are not recorded: for
 * that see [class@Au.Engine].
 *
 * A function that is called for a task has the priority, as of [func@Au.priority_get],
 * of whoever has begun it.
 *
 * MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuTask, au_task, G_TYPE_OBJECT)

enum
{
  PROP_NAME = 1,
  PROP_DONE,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static gboolean
wait_attempt (gpointer    object,
              AuWait     *wait,
              AuWakeList *woken)
{
  return ((AuTask *) object)->state == STATE_DONE &&
         au_wait_done (wait, AU_WAIT_GRANTED, NULL);
}

static void
wait_enter (gpointer    object,
            AuWait     *wait,
            AuWakeList *woken)
{
  au_wait_line_up (wait, &((AuTask *) object)->line);
}

static const AuWaitOperation wait_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuTask, lock),
  .timed_out = N_("The task has not ended in time; it goes on"),
  .attempt = wait_attempt,
  .enter = wait_enter,
};

static void
au_task_finalize (GObject *object)
{
  AuTask *self = AU_TASK (object);

  g_free (self->name);
  g_clear_pointer (&self->argument, g_variant_unref);
  g_clear_pointer (&self->value, g_variant_unref);
  g_clear_pointer (&self->work, au_work_unref);
  g_clear_error (&self->error);
  g_object_unref (self->cancellable);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_task_parent_class)->finalize (object);
}

static void
au_task_get_property (GObject    *object,
                      guint       prop_id,
                      GValue     *value,
                      GParamSpec *pspec)
{
  AuTask *self = AU_TASK (object);

  switch (prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_DONE:
      g_value_set_boolean (value, au_task_is_done (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_task_class_init (AuTaskClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_task_finalize;
  object_class->get_property = au_task_get_property;

  /**
   * AuTask:name: (getter get_name)
   *
   * What the task is called in messages, or %NULL.
   *
   * Since: 1.0
   */
  props[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AuTask:done: (getter is_done)
   *
   * Whether the task has ended. It is not notified; wait for it.
   *
   * Since: 1.0
   */
  props[PROP_DONE] =
    g_param_spec_boolean ("done", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
au_task_init (AuTask *self)
{
  self->cancellable = g_cancellable_new ();
  self->priority = au_priority_get ();
  g_mutex_init (&self->lock);
}

AuTask *
au_task_new_full (const char *name,
                  AuWork     *work,
                  GVariant   *argument)
{
  AuTask *self = g_object_new (AU_TYPE_TASK, NULL);

  self->name = g_strdup (name);
  self->work = au_work_ref (work);
  if (argument != NULL)
    self->argument = g_variant_ref_sink (argument);

  return self;
}

AuTask *
au_task_new_begun (const char *name,
                   AuWork     *work,
                   GVariant   *argument)
{
  AuTask *self = au_task_new_full (name, work, argument);

  self->state = STATE_BEGUN;

  return self;
}

/**
 * au_task_new:
 * @name: (nullable): what to call it in messages
 *
 * Makes a task that calls no function: whoever makes it, ends it.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new task, which has begun
 *
 * Since: 1.0
 */
AuTask *
au_task_new (const char *name)
{
  AuTask *self = g_object_new (AU_TYPE_TASK, NULL);

  self->name = g_strdup (name);
  self->state = STATE_BEGUN;

  return self;
}

/* The end */

static gboolean
end (AuTask       *self,
     State         latest,
     GVariant     *value,
     const GError *error)
{
  g_autoptr(AuWork) work = NULL;
  AuWakeList woken = { NULL };
  AuWaiter *watchers = NULL;
  gboolean ended;

  g_mutex_lock (&self->lock);
  ended = self->state <= latest;
  if (ended)
    {
      self->state = STATE_DONE;
      self->value = value != NULL ? g_variant_ref (value) : NULL;
      self->error = error != NULL ? g_error_copy (error) : NULL;
      work = g_steal_pointer (&self->work);
      watchers = au_waiter_list_steal (&self->watchers);
      au_wait_end_all (&self->line, AU_WAIT_GRANTED, &woken);
    }
  g_mutex_unlock (&self->lock);

  au_waiters_wake (watchers);
  au_waiters_wake (woken.first);

  return ended;
}

/**
 * au_task_return_value:
 * @self: a task
 * @value: (nullable): what came out, which may be floating; %NULL for none
 *
 * Ends the task with a value. Only the first end counts.
 *
 * MT safe.
 *
 * Returns: %FALSE if it had ended already
 *
 * Since: 1.0
 */
gboolean
au_task_return_value (AuTask   *self,
                      GVariant *value)
{
  g_autoptr(GVariant) owned = NULL;

  g_return_val_if_fail (AU_IS_TASK (self), FALSE);

  if (value != NULL)
    owned = g_variant_ref_sink (value);

  return end (self, STATE_BEGUN, owned, NULL);
}

/**
 * au_task_return_error:
 * @self: a task
 * @error: why it failed
 *
 * Ends the task with an error. Only the first end counts.
 *
 * MT safe.
 *
 * Returns: %FALSE if it had ended already
 *
 * Since: 1.0
 */
gboolean
au_task_return_error (AuTask       *self,
                      const GError *error)
{
  g_return_val_if_fail (AU_IS_TASK (self), FALSE);
  g_return_val_if_fail (error != NULL, FALSE);

  return end (self, STATE_BEGUN, NULL, error);
}

/* Unless it has begun. */
static gboolean
end_cancelled (AuTask *self)
{
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                 _("The task was cancelled"));

  return end (self, STATE_WAITING, NULL, error);
}

/* The beginning */

static void
begin (AuTask *self)
{
  g_autoptr(AuWork) work = NULL;

  if (g_cancellable_is_cancelled (self->cancellable))
    {
      end_cancelled (self);
      return;
    }

  g_mutex_lock (&self->lock);
  if (self->state == STATE_WAITING)
    {
      self->state = STATE_BEGUN;
      work = au_work_ref (self->work);
    }
  g_mutex_unlock (&self->lock);

  if (work == NULL)
    return;

  au_priority_push (self->priority);
  au_work_do (work, self);
  au_priority_pop ();
}

static void
pool_func (gpointer data,
           gpointer user_data)
{
  g_autoptr(AuTask) self = data;

  begin (self);
}

/* As many threads as there are tasks: most of them wait for something. GLib keeps some
 * for the next ones. */
static GThreadPool *
get_pool (void)
{
  static GThreadPool *pool;

  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, g_thread_pool_new (pool_func, NULL, -1, FALSE, NULL));

  return pool;
}

static gboolean
begin_cb (gpointer data)
{
  begin (data);

  return G_SOURCE_REMOVE;
}

void
au_task_launch (AuTask   *self,
                gboolean  at_once)
{
  g_autoptr(GMainContext) context = NULL;
  g_autoptr(GSource) source = NULL;

  g_mutex_lock (&self->lock);
  if (self->work != NULL && self->work->context != NULL)
    context = g_main_context_ref (self->work->context);
  g_mutex_unlock (&self->lock);

  if (context == NULL)
    {
      g_thread_pool_push (get_pool (), g_object_ref (self), NULL);
      return;
    }

  if (at_once && g_main_context_is_owner (context))
    {
      begin (self);
      return;
    }

  source = g_idle_source_new ();
  g_source_set_static_name (source, "[au] task");
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, begin_cb, g_object_ref (self), g_object_unref);
  g_source_attach (source, context);
}

/**
 * au_task_start:
 * @name: (nullable): what to call it in messages
 * @context: (nullable): where to call @func; %NULL for the thread-default main context
 * @func: (scope notified) (closure user_data) (destroy destroy): starts the work
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Begins a task of which @func starts the work. It is called from @context, after this
 * has returned.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new task
 *
 * Since: 1.0
 */
AuTask *
au_task_start (const char      *name,
               GMainContext    *context,
               AuTaskStartFunc  func,
               gpointer         user_data,
               GDestroyNotify   destroy)
{
  g_autoptr(GMainContext) owned = NULL;
  g_autoptr(AuWork) work = NULL;
  AuTask *self;

  g_return_val_if_fail (func != NULL, NULL);

  owned = context != NULL ? g_main_context_ref (context) : g_main_context_ref_thread_default ();
  work = au_work_new_start (owned, func, user_data, destroy);
  self = au_task_new_full (name, work, NULL);
  au_task_launch (self, FALSE);

  return self;
}

/**
 * au_task_run:
 * @name: (nullable): what to call it in messages
 * @func: (scope notified) (closure user_data) (destroy destroy): does the work
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Begins a task of which @func does the work, in a worker thread. Threads are kept for
 * the next task, and there are as many as there are tasks: to have fewer, use an
 * [class@Au.Executor].
 *
 * MT safe.
 *
 * Returns: (transfer full): a new task
 *
 * Since: 1.0
 */
AuTask *
au_task_run (const char     *name,
             AuTaskFunc      func,
             gpointer        user_data,
             GDestroyNotify  destroy)
{
  g_autoptr(AuWork) work = NULL;
  AuTask *self;

  g_return_val_if_fail (func != NULL, NULL);

  work = au_work_new_plain (NULL, func, user_data, destroy);
  self = au_task_new_full (name, work, NULL);
  au_task_launch (self, FALSE);

  return self;
}

/* Waiting */

static gboolean
check_end (AuTask  *self,
           GError **error)
{
  if (self->error != NULL)
    g_propagate_error (error, g_error_copy (self->error));

  return self->error == NULL;
}

static gboolean
needs_this_thread (AuTask *self)
{
  gboolean needs;

  g_mutex_lock (&self->lock);
  needs = self->state != STATE_DONE && self->work != NULL && self->work->context != NULL &&
          au_main_context_is_ours (self->work->context);
  g_mutex_unlock (&self->lock);

  return needs;
}

/**
 * au_task_wait:
 * @self: a task
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait, not the task
 * @error: return location for an error
 *
 * Waits for the end of the task.
 *
 * Blocks the calling thread; do not use it in a main loop. Fails with
 * %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED when the wait has ended before the
 * task, with %AU_ERROR_WOULD_DEADLOCK when the task needs the main loop of this very
 * thread, and otherwise with the error of the task; one that was cancelled has
 * %G_IO_ERROR_CANCELLED.
 *
 * MT safe.
 *
 * Returns: %TRUE if it has ended with a value
 *
 * Since: 1.0
 */
gboolean
au_task_wait (AuTask        *self,
              GTimeSpan      timeout,
              GCancellable  *cancellable,
              GError       **error)
{
  g_return_val_if_fail (AU_IS_TASK (self), FALSE);

  if (timeout != 0 && needs_this_thread (self))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK,
                   _("Waiting here for the task “%s” would never end, as it runs in this thread's main loop: wait asynchronously"),
                   self->name != NULL ? self->name : "");
      return FALSE;
    }

  return au_wait_sync (&wait_operation, self, 0, NULL, timeout, cancellable, error) &&
         check_end (self, error);
}

/**
 * au_task_wait_async:
 * @self: a task
 * @cancellable: (nullable): cancels the wait, not the task
 * @callback: (scope async): called at the end
 * @user_data: data for @callback
 *
 * Waits for the end of the task, without blocking.
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_task_wait_async (AuTask              *self,
                    GCancellable        *cancellable,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  g_return_if_fail (AU_IS_TASK (self));

  au_wait_async (&wait_operation, self, 0, NULL, cancellable, callback, user_data);
}

/**
 * au_task_wait_finish:
 * @self: a task
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Task.wait_async].
 *
 * Fails with the error of the task, or with %G_IO_ERROR_CANCELLED when the wait or the
 * task was cancelled.
 *
 * MT safe.
 *
 * Returns: %TRUE if the task has ended with a value
 *
 * Since: 1.0
 */
gboolean
au_task_wait_finish (AuTask        *self,
                     GAsyncResult  *result,
                     GError       **error)
{
  g_return_val_if_fail (AU_IS_TASK (self), FALSE);

  return au_wait_finish (&wait_operation, self, result, NULL, error) && check_end (self, error);
}

/**
 * au_task_is_done:
 * @self: a task
 *
 * Tells whether the task has ended.
 *
 * MT safe.
 *
 * Returns: %TRUE if it has ended
 *
 * Since: 1.0
 */
gboolean
au_task_is_done (AuTask *self)
{
  gboolean done;

  g_return_val_if_fail (AU_IS_TASK (self), FALSE);

  g_mutex_lock (&self->lock);
  done = self->state == STATE_DONE;
  g_mutex_unlock (&self->lock);

  return done;
}

/**
 * au_task_dup_value:
 * @self: a task
 * @error: return location for an error
 *
 * Gets the value that the task has ended with.
 *
 * Fails with %AU_ERROR_NOT_READY when it has not ended yet, and with its error when it
 * has failed.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the value; %NULL without an error if it has none
 *
 * Since: 1.0
 */
GVariant *
au_task_dup_value (AuTask  *self,
                   GError **error)
{
  g_return_val_if_fail (AU_IS_TASK (self), NULL);

  if (!au_task_is_done (self))
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_NOT_READY,
                           _("The task has not ended yet: wait for it"));
      return NULL;
    }

  if (!check_end (self, error))
    return NULL;

  return self->value != NULL ? g_variant_ref (self->value) : NULL;
}

GError *
au_task_dup_error (AuTask *self)
{
  return au_task_is_done (self) && self->error != NULL ? g_error_copy (self->error) : NULL;
}

gboolean
au_task_watch (AuTask   *self,
               AuWaiter *watcher)
{
  gboolean done;

  g_mutex_lock (&self->lock);
  done = self->state == STATE_DONE;
  if (!done)
    au_waiter_list_add (&self->watchers, watcher);
  g_mutex_unlock (&self->lock);

  return !done;
}

/**
 * au_task_cancel:
 * @self: a task
 *
 * Asks the task to end. One that has not begun yet ends at once, with
 * %G_IO_ERROR_CANCELLED; of one that has, the function looks at
 * [method@Au.Task.get_cancellable] and decides.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_task_cancel (AuTask *self)
{
  g_return_if_fail (AU_IS_TASK (self));

  g_cancellable_cancel (self->cancellable);
  end_cancelled (self);
}

/**
 * au_task_get_cancellable:
 * @self: a task
 *
 * Gets what is cancelled when the task is: for its function to pass on.
 *
 * MT safe.
 *
 * Returns: (transfer none): a cancellable
 *
 * Since: 1.0
 */
GCancellable *
au_task_get_cancellable (AuTask *self)
{
  g_return_val_if_fail (AU_IS_TASK (self), NULL);

  return self->cancellable;
}

/**
 * au_task_get_name:
 * @self: a task
 *
 * Gets what the task is called in messages.
 *
 * MT safe.
 *
 * Returns: (nullable): the name
 *
 * Since: 1.0
 */
const char *
au_task_get_name (AuTask *self)
{
  g_return_val_if_fail (AU_IS_TASK (self), NULL);

  return self->name;
}

/**
 * au_task_get_argument:
 * @self: a task
 *
 * Gets what the task is about, if it was begun for something: the key of an
 * [class@Au.Cache], the items of an [class@Au.Batcher], or the argument that
 * [method@Au.Executor.run] or [method@Au.Executor.map_run] was given.
 *
 * MT safe.
 *
 * Returns: (transfer none) (nullable): the argument
 *
 * Since: 1.0
 */
GVariant *
au_task_get_argument (AuTask *self)
{
  g_return_val_if_fail (AU_IS_TASK (self), NULL);

  return self->argument;
}
