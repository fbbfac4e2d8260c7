/* au-loop-thread.c: a main loop in a thread of its own
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-main-context-private.h"
#include "au-task-group-private.h"
#include "au-wait-private.h"

#include <au/au-error.h>
#include <au/au-loop-thread.h>

#include <glib/gi18n-lib.h>

typedef enum
{
  STATE_OPEN,
  STATE_CLOSING,
  STATE_ENDED,
} State;

struct _AuLoopThread
{
  GObject       parent_instance;

  char         *name;
  GMainContext *context;
  AuTaskGroup  *tasks;
  gboolean      eager;

  GMutex        lock;
  State         state;
  AuWaiterList  line;           /* wait for the end of the thread */
};

/**
 * AuLoopThread:
 *
 * A main loop in a thread of its own, for work that others give it from any thread.
 *
 * What it is given are tasks, which can be waited for from everywhere; the loop is the
 * thread-default main context of their functions. To close it is to wait for all of
 * them, those that they add included, and then for the thread.
 *
 * The loop has a reference on itself as long as it runs: one that is not closed stays.
 *
 * MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuLoopThread, au_loop_thread, G_TYPE_OBJECT)

enum
{
  PROP_NAME = 1,
  PROP_CONTEXT,
  PROP_EAGER,
  PROP_EXIT_TIMEOUT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static gboolean
close_attempt (gpointer    object,
               AuWait     *wait,
               AuWakeList *woken)
{
  return ((AuLoopThread *) object)->state == STATE_ENDED &&
         au_wait_done (wait, AU_WAIT_GRANTED, NULL);
}

static void
close_enter (gpointer    object,
             AuWait     *wait,
             AuWakeList *woken)
{
  au_wait_line_up (wait, &((AuLoopThread *) object)->line);
}

static const AuWaitOperation close_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuLoopThread, lock),
  .timed_out = N_("The loop thread has not ended in time; it goes on ending"),
  .attempt = close_attempt,
  .enter = close_enter,
};

/* In the thread */

static void
closed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  gboolean *quit = data;

  *quit = TRUE;
}

/* What the last tasks have left to be done, such as to tell those who wait, but not
 * what goes on for ever. */
#define MAX_LAST_TURNS (1000)

static void
end_thread (AuLoopThread *self)
{
  AuWakeList woken = { NULL };

  g_mutex_lock (&self->lock);
  self->state = STATE_ENDED;
  au_wait_end_all (&self->line, AU_WAIT_GRANTED, &woken);
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

static gboolean
is_closing (AuLoopThread *self)
{
  gboolean closing;

  g_mutex_lock (&self->lock);
  closing = self->state != STATE_OPEN;
  g_mutex_unlock (&self->lock);

  return closing;
}

static gpointer
loop_thread (gpointer data)
{
  g_autoptr(AuLoopThread) self = data;
  gboolean quit = FALSE;

  g_main_context_push_thread_default (self->context);

  while (!is_closing (self))
    g_main_context_iteration (self->context, TRUE);

  au_task_group_close_async (self->tasks, NULL, closed_cb, &quit);
  while (!quit)
    g_main_context_iteration (self->context, TRUE);
  for (guint i = 0; i < MAX_LAST_TURNS && g_main_context_iteration (self->context, FALSE); i++)
    ;

  g_main_context_pop_thread_default (self->context);
  end_thread (self);

  return NULL;
}

/* The object */

static void
au_loop_thread_constructed (GObject *object)
{
  AuLoopThread *self = AU_LOOP_THREAD (object);

  G_OBJECT_CLASS (au_loop_thread_parent_class)->constructed (object);

  if (self->context == NULL)
    self->context = g_main_context_new ();
  g_thread_unref (g_thread_new (self->name != NULL ? self->name : "au-loop", loop_thread,
                                g_object_ref (self)));
}

static void
au_loop_thread_finalize (GObject *object)
{
  AuLoopThread *self = AU_LOOP_THREAD (object);

  g_object_unref (self->tasks);
  g_main_context_unref (self->context);
  g_free (self->name);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_loop_thread_parent_class)->finalize (object);
}

static void
au_loop_thread_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  AuLoopThread *self = AU_LOOP_THREAD (object);

  switch (prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_CONTEXT:
      g_value_set_boxed (value, self->context);
      break;
    case PROP_EAGER:
      g_value_set_boolean (value, self->eager);
      break;
    case PROP_EXIT_TIMEOUT:
      g_value_set_int64 (value, au_task_group_get_exit_timeout (self->tasks));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_loop_thread_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  AuLoopThread *self = AU_LOOP_THREAD (object);

  switch (prop_id)
    {
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    case PROP_CONTEXT:
      self->context = g_value_dup_boxed (value);
      break;
    case PROP_EAGER:
      self->eager = g_value_get_boolean (value);
      break;
    case PROP_EXIT_TIMEOUT:
      au_task_group_set_exit_timeout (self->tasks, g_value_get_int64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_loop_thread_class_init (AuLoopThreadClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = au_loop_thread_constructed;
  object_class->finalize = au_loop_thread_finalize;
  object_class->get_property = au_loop_thread_get_property;
  object_class->set_property = au_loop_thread_set_property;

  /**
   * AuLoopThread:name:
   *
   * What the thread is called, for debuggers.
   *
   * Since: 1.0
   */
  props[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AuLoopThread:context: (getter get_context)
   *
   * The main context that is iterated; a new one if none is given.
   *
   * Since: 1.0
   */
  props[PROP_CONTEXT] =
    g_param_spec_boxed ("context", NULL, NULL, G_TYPE_MAIN_CONTEXT,
                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AuLoopThread:eager:
   *
   * Whether a task that the loop gives to itself begins at once, before the call that
   * begins it has returned.
   *
   * Since: 1.0
   */
  props[PROP_EAGER] =
    g_param_spec_boolean ("eager", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AuLoopThread:exit-timeout:
   *
   * How long after closing began tasks that have not ended are cancelled, in
   * microseconds; -1 for never, 0 for at once. Their end is still waited for.
   *
   * Since: 1.0
   */
  props[PROP_EXIT_TIMEOUT] =
    g_param_spec_int64 ("exit-timeout", NULL, NULL, -1, G_MAXINT64, -1,
                        G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
au_loop_thread_init (AuLoopThread *self)
{
  self->tasks = au_task_group_new ();
  g_mutex_init (&self->lock);
}

/**
 * au_loop_thread_new:
 * @name: (nullable): what to call the thread, for debuggers
 *
 * Starts a thread with a main loop of its own.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new loop thread
 *
 * Since: 1.0
 */
AuLoopThread *
au_loop_thread_new (const char *name)
{
  return g_object_new (AU_TYPE_LOOP_THREAD, "name", name, NULL);
}

/**
 * au_loop_thread_new_for_context:
 * @name: (nullable): what to call the thread, for debuggers
 * @context: what to iterate, which nobody else may do
 *
 * Starts a thread that iterates @context.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new loop thread
 *
 * Since: 1.0
 */
AuLoopThread *
au_loop_thread_new_for_context (const char   *name,
                                GMainContext *context)
{
  g_return_val_if_fail (context != NULL, NULL);

  return g_object_new (AU_TYPE_LOOP_THREAD, "name", name, "context", context, NULL);
}

/**
 * au_loop_thread_get_context:
 * @self: a loop thread
 *
 * Gets the main context that the thread iterates.
 *
 * MT safe.
 *
 * Returns: (transfer none): the main context
 *
 * Since: 1.0
 */
GMainContext *
au_loop_thread_get_context (AuLoopThread *self)
{
  g_return_val_if_fail (AU_IS_LOOP_THREAD (self), NULL);

  return self->context;
}

static AuTask *
launch (AuLoopThread  *self,
        const char    *name,
        AuWork        *work,
        GError       **error)
{
  AuTask *task = au_task_group_make (self->tasks, name, work, NULL, error);

  if (task != NULL)
    au_task_launch (task, self->eager);

  return task;
}

/**
 * au_loop_thread_start:
 * @self: a loop thread
 * @name: (nullable): what to call the task in messages
 * @func: (scope notified) (closure user_data) (destroy destroy): starts the work
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Begins a task in the loop; @func is called there, and returns without waiting.
 *
 * Fails with %AU_ERROR_CLOSED when the loop was closed; while it is being closed, tasks
 * are taken.
 *
 * MT safe.
 *
 * Returns: (transfer full): the task
 *
 * Since: 1.0
 */
AuTask *
au_loop_thread_start (AuLoopThread     *self,
                      const char       *name,
                      AuTaskStartFunc   func,
                      gpointer          user_data,
                      GDestroyNotify    destroy,
                      GError          **error)
{
  g_autoptr(AuWork) work = NULL;

  g_return_val_if_fail (AU_IS_LOOP_THREAD (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  work = au_work_new_start (self->context, func, user_data, destroy);

  return launch (self, name, work, error);
}

/**
 * au_loop_thread_run:
 * @self: a loop thread
 * @name: (nullable): what to call the task in messages
 * @func: (scope notified) (closure user_data) (destroy destroy): does the work
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Calls @func in the thread of the loop, where nothing else happens until it returns.
 *
 * Fails with %AU_ERROR_CLOSED when the loop was closed; while it is being closed, tasks
 * are taken.
 *
 * MT safe.
 *
 * Returns: (transfer full): the task, which has the value that @func returns
 *
 * Since: 1.0
 */
AuTask *
au_loop_thread_run (AuLoopThread    *self,
                    const char      *name,
                    AuTaskFunc       func,
                    gpointer         user_data,
                    GDestroyNotify   destroy,
                    GError         **error)
{
  g_autoptr(AuWork) work = NULL;

  g_return_val_if_fail (AU_IS_LOOP_THREAD (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  work = au_work_new_plain (self->context, func, user_data, destroy);

  return launch (self, name, work, error);
}

/**
 * au_loop_thread_cancel_all:
 * @self: a loop thread
 *
 * Cancels all tasks that are there now. They end in their own time.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_loop_thread_cancel_all (AuLoopThread *self)
{
  g_return_if_fail (AU_IS_LOOP_THREAD (self));

  au_task_group_cancel (self->tasks);
}

static gboolean
would_deadlock (AuLoopThread  *self,
                GError       **error)
{
  if (!g_main_context_is_owner (self->context))
    return FALSE;

  g_set_error_literal (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK,
                       _("The loop thread cannot wait for itself: do it asynchronously"));

  return TRUE;
}

/**
 * au_loop_thread_wait:
 * @self: a loop thread
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait, not the tasks
 * @error: return location for an error
 *
 * Waits until all tasks have ended. The loop goes on.
 *
 * Blocks the calling thread; do not use it in a main loop. Fails with
 * %G_IO_ERROR_TIMED_OUT, %G_IO_ERROR_CANCELLED, or, in the thread of the loop itself,
 * %AU_ERROR_WOULD_DEADLOCK; errors of tasks are none of it.
 *
 * MT safe.
 *
 * Returns: %TRUE when there was no task left
 *
 * Since: 1.0
 */
gboolean
au_loop_thread_wait (AuLoopThread  *self,
                     GTimeSpan      timeout,
                     GCancellable  *cancellable,
                     GError       **error)
{
  g_return_val_if_fail (AU_IS_LOOP_THREAD (self), FALSE);

  return !would_deadlock (self, error) &&
         au_task_group_wait (self->tasks, timeout, cancellable, error);
}

/**
 * au_loop_thread_wait_async:
 * @self: a loop thread
 * @cancellable: (nullable): cancels the wait, not the tasks
 * @callback: (scope async): called when there is no task left
 * @user_data: data for @callback
 *
 * Waits until all tasks have ended, without blocking. The loop goes on.
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_loop_thread_wait_async (AuLoopThread        *self,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_return_if_fail (AU_IS_LOOP_THREAD (self));

  au_task_group_wait_for (self->tasks, self, au_loop_thread_wait_async, cancellable, callback,
                          user_data);
}

/**
 * au_loop_thread_wait_finish:
 * @self: a loop thread
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.LoopThread.wait_async].
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
au_loop_thread_wait_finish (AuLoopThread  *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
begin_close (AuLoopThread *self)
{
  g_mutex_lock (&self->lock);
  if (self->state == STATE_OPEN)
    self->state = STATE_CLOSING;
  g_mutex_unlock (&self->lock);

  g_main_context_wakeup (self->context);
}

/**
 * au_loop_thread_close:
 * @self: a loop thread
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait, neither the tasks nor the closing
 * @error: return location for an error
 *
 * Waits until all tasks have ended, those included that are added meanwhile, and ends
 * the thread. Not to wait for them, cancel them first, or set
 * [property@Au.LoopThread:exit-timeout].
 *
 * Blocks the calling thread; do not use it in a main loop. Fails with
 * %G_IO_ERROR_TIMED_OUT, %G_IO_ERROR_CANCELLED, or, in the thread of the loop itself,
 * %AU_ERROR_WOULD_DEADLOCK.
 *
 * MT safe.
 *
 * Returns: %TRUE when the loop has ended
 *
 * Since: 1.0
 */
gboolean
au_loop_thread_close (AuLoopThread  *self,
                      GTimeSpan      timeout,
                      GCancellable  *cancellable,
                      GError       **error)
{
  g_return_val_if_fail (AU_IS_LOOP_THREAD (self), FALSE);

  if (would_deadlock (self, error))
    return FALSE;

  begin_close (self);

  return au_wait_sync (&close_operation, self, 0, NULL, timeout, cancellable, error);
}

/**
 * au_loop_thread_close_async:
 * @self: a loop thread
 * @cancellable: (nullable): cancels the wait, neither the tasks nor the closing
 * @callback: (scope async) (nullable): called when the loop has ended
 * @user_data: data for @callback
 *
 * Ends the loop when all tasks have ended, without blocking: see
 * [method@Au.LoopThread.close].
 *
 * @callback is called in the thread-default main context of the caller, unless that is
 * the loop itself, which has ended then.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_loop_thread_close_async (AuLoopThread        *self,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_return_if_fail (AU_IS_LOOP_THREAD (self));

  begin_close (self);
  au_wait_async (&close_operation, self, 0, NULL, cancellable, callback, user_data);
}

/**
 * au_loop_thread_close_finish:
 * @self: a loop thread
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.LoopThread.close_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED.
 *
 * MT safe.
 *
 * Returns: %TRUE when the loop has ended
 *
 * Since: 1.0
 */
gboolean
au_loop_thread_close_finish (AuLoopThread  *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  g_return_val_if_fail (AU_IS_LOOP_THREAD (self), FALSE);

  return au_wait_finish (&close_operation, self, result, NULL, error);
}
