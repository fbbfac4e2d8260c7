/* au-task-group.c: tasks that are waited for together
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-task-group-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/* Of a service that fails for ever, nobody wants to see more. */
#define MAX_ERRORS (100)

/* A task that has not ended. */
typedef struct
{
  AuWaiter     watcher;
  AuTaskGroup *group;
  AuTask      *task;
  GList        link;
} Member;

/**
 * AuTaskGroup:
 *
 * Tasks that are waited for together, so that none of them outlives what it belongs to.
 *
 * Tasks are added at any time, also by others of the group. To close the group is to
 * wait for all of them, those that are added meanwhile included; after that it takes no
 * more. One that fails does not disturb the others, and its error is not an error of the
 * group: it is with the task, and in a list. Both can be had otherwise, see
 * [property@Au.TaskGroup:cancel-on-error].
 *
 * With an exit timeout, what has not ended that long after closing began is cancelled,
 * and its end is still waited for.
 *
 * MT safe. A group that has tasks lives until they have ended.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuTaskGroup, au_task_group, G_TYPE_OBJECT)

enum
{
  PROP_EXIT_TIMEOUT = 1,
  PROP_CANCEL_ON_ERROR,
  PROP_N_TASKS,
  PROP_N_FAILED,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* Tasks are cancelled without the lock, as that calls whoever is told; the last first,
 * as they may be waiting for the place of one before, and are not to get it now. */
static void
cancel_all (GPtrArray *tasks)
{
  for (guint i = tasks != NULL ? tasks->len : 0; i > 0; i--)
    au_task_cancel (tasks->pdata[i - 1]);
}

static GPtrArray *
list_tasks (AuTaskGroup *self)
{
  GPtrArray *tasks = g_ptr_array_new_with_free_func (g_object_unref);

  for (GList *link = self->members.head; link != NULL; link = link->next)
    g_ptr_array_add (tasks, g_object_ref (((Member *) link->data)->task));

  return tasks;
}

static void
note_error (AuTaskGroup *self,
            GError      *error)
{
  self->n_failed++;
  if (self->errors->len < MAX_ERRORS)
    g_ptr_array_add (self->errors, g_error_copy (error));
}

static void
member_ended (AuWaiter *watcher)
{
  Member *member = (Member *) watcher;
  g_autoptr(AuTaskGroup) self = member->group;
  g_autoptr(GError) error = au_task_dup_error (member->task);
  g_autoptr(GPtrArray) cancelled = NULL;
  AuWakeList woken = { NULL };
  gboolean timer_cleared = FALSE;

  g_mutex_lock (&self->lock);
  g_queue_unlink (&self->members, &member->link);
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      note_error (self, error);
      if (self->cancel_on_error)
        cancelled = list_tasks (self);
    }
  if (self->members.length == 0)
    {
      if (self->state == AU_TASK_GROUP_CLOSING)
        {
          self->state = AU_TASK_GROUP_CLOSED;
          timer_cleared = au_timer_clear (&self->timer);
        }
      au_wait_end_all (&self->line, AU_WAIT_GRANTED, &woken);
    }
  g_mutex_unlock (&self->lock);

  cancel_all (cancelled);
  au_waiters_wake (woken.first);
  if (timer_cleared)
    g_object_unref (self);

  g_object_unref (member->task);
  g_free (member);
}

static void
exit_timer_cb (AuTimer *timer)
{
  g_autoptr(AuTaskGroup) self =
    (AuTaskGroup *) ((char *) timer - G_STRUCT_OFFSET (AuTaskGroup, timer));
  g_autoptr(GPtrArray) cancelled = NULL;

  g_mutex_lock (&self->lock);
  self->out_of_time = TRUE;
  cancelled = list_tasks (self);
  g_mutex_unlock (&self->lock);

  cancel_all (cancelled);
}

static void
au_task_group_finalize (GObject *object)
{
  AuTaskGroup *self = AU_TASK_GROUP (object);

  g_ptr_array_unref (self->errors);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_task_group_parent_class)->finalize (object);
}

static void
au_task_group_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  AuTaskGroup *self = AU_TASK_GROUP (object);

  switch (prop_id)
    {
    case PROP_EXIT_TIMEOUT:
      g_value_set_int64 (value, au_task_group_get_exit_timeout (self));
      break;
    case PROP_CANCEL_ON_ERROR:
      g_value_set_boolean (value, au_task_group_get_cancel_on_error (self));
      break;
    case PROP_N_TASKS:
      g_value_set_uint (value, au_task_group_get_n_tasks (self));
      break;
    case PROP_N_FAILED:
      g_value_set_uint (value, au_task_group_get_n_failed (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_task_group_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  AuTaskGroup *self = AU_TASK_GROUP (object);

  switch (prop_id)
    {
    case PROP_EXIT_TIMEOUT:
      au_task_group_set_exit_timeout (self, g_value_get_int64 (value));
      break;
    case PROP_CANCEL_ON_ERROR:
      au_task_group_set_cancel_on_error (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_task_group_class_init (AuTaskGroupClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_task_group_finalize;
  object_class->get_property = au_task_group_get_property;
  object_class->set_property = au_task_group_set_property;

  /**
   * AuTaskGroup:exit-timeout: (getter get_exit_timeout) (setter set_exit_timeout)
   *
   * How long after closing began tasks that have not ended are cancelled, in
   * microseconds; -1 for never, 0 for at once.
   *
   * Since: 1.0
   */
  props[PROP_EXIT_TIMEOUT] =
    g_param_spec_int64 ("exit-timeout", NULL, NULL, -1, G_MAXINT64, -1,
                        G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  /**
   * AuTaskGroup:cancel-on-error: (getter get_cancel_on_error) (setter set_cancel_on_error)
   *
   * Whether a task that fails has the others cancelled.
   *
   * Since: 1.0
   */
  props[PROP_CANCEL_ON_ERROR] =
    g_param_spec_boolean ("cancel-on-error", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  /**
   * AuTaskGroup:n-tasks: (getter get_n_tasks)
   *
   * How many tasks have not ended. It is not notified.
   *
   * Since: 1.0
   */
  props[PROP_N_TASKS] =
    g_param_spec_uint ("n-tasks", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AuTaskGroup:n-failed: (getter get_n_failed)
   *
   * How many tasks have failed, those that were cancelled not counted. It is not
   * notified.
   *
   * Since: 1.0
   */
  props[PROP_N_FAILED] =
    g_param_spec_uint ("n-failed", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
au_task_group_init (AuTaskGroup *self)
{
  self->timer.func = exit_timer_cb;
  self->exit_timeout = -1;
  self->errors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);
  g_mutex_init (&self->lock);
}

/**
 * au_task_group_new:
 *
 * Makes a task group.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new task group
 *
 * Since: 1.0
 */
AuTaskGroup *
au_task_group_new (void)
{
  return g_object_new (AU_TYPE_TASK_GROUP, NULL);
}

/**
 * au_task_group_add:
 * @self: a task group
 * @task: a task
 * @error: return location for an error
 *
 * Adds a task that was begun elsewhere. A task should be in one group only.
 *
 * Fails with %AU_ERROR_CLOSED when the group was closed; while it is being closed, tasks
 * are taken.
 *
 * MT safe.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_task_group_add (AuTaskGroup  *self,
                   AuTask       *task,
                   GError      **error)
{
  Member *member;
  gboolean closed, out_of_time;

  g_return_val_if_fail (AU_IS_TASK_GROUP (self), FALSE);
  g_return_val_if_fail (AU_IS_TASK (task), FALSE);

  member = g_new0 (Member, 1);
  member->watcher.wake = member_ended;
  member->group = g_object_ref (self);
  member->task = g_object_ref (task);
  member->link.data = member;

  g_mutex_lock (&self->lock);
  closed = self->state == AU_TASK_GROUP_CLOSED;
  out_of_time = self->out_of_time;
  if (!closed)
    g_queue_push_tail_link (&self->members, &member->link);
  g_mutex_unlock (&self->lock);

  if (closed)
    {
      g_object_unref (member->task);
      g_object_unref (member->group);
      g_free (member);
      g_set_error_literal (error, AU_ERROR, AU_ERROR_CLOSED,
                           _("The task group is closed, and takes no more tasks"));
      return FALSE;
    }

  if (!au_task_watch (task, &member->watcher))
    member_ended (&member->watcher);
  else if (out_of_time)
    au_task_cancel (task);

  return TRUE;
}

AuTask *
au_task_group_make (AuTaskGroup  *self,
                    const char   *name,
                    AuWork       *work,
                    GVariant     *argument,
                    GError      **error)
{
  g_autoptr(AuTask) task = au_task_new_full (name, work, argument);

  if (!au_task_group_add (self, task, error))
    return NULL;

  return g_steal_pointer (&task);
}

/**
 * au_task_group_start:
 * @self: a task group
 * @name: (nullable): what to call it in messages
 * @func: (scope notified) (closure user_data) (destroy destroy): starts the work
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Begins a task in the thread-default main context of the caller, after this has
 * returned: see [func@Au.Task.start].
 *
 * Fails with %AU_ERROR_CLOSED when the group was closed.
 *
 * MT safe.
 *
 * Returns: (transfer full): the task
 *
 * Since: 1.0
 */
AuTask *
au_task_group_start (AuTaskGroup      *self,
                     const char       *name,
                     AuTaskStartFunc   func,
                     gpointer          user_data,
                     GDestroyNotify    destroy,
                     GError          **error)
{
  g_autoptr(GMainContext) context = NULL;
  g_autoptr(AuWork) work = NULL;
  AuTask *task;

  g_return_val_if_fail (AU_IS_TASK_GROUP (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  context = g_main_context_ref_thread_default ();
  work = au_work_new_start (context, func, user_data, destroy);
  task = au_task_group_make (self, name, work, NULL, error);
  if (task != NULL)
    au_task_launch (task, FALSE);

  return task;
}

/**
 * au_task_group_run:
 * @self: a task group
 * @name: (nullable): what to call it in messages
 * @func: (scope notified) (closure user_data) (destroy destroy): does the work
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Begins a task in a worker thread: see [func@Au.Task.run].
 *
 * Fails with %AU_ERROR_CLOSED when the group was closed.
 *
 * MT safe.
 *
 * Returns: (transfer full): the task
 *
 * Since: 1.0
 */
AuTask *
au_task_group_run (AuTaskGroup     *self,
                   const char      *name,
                   AuTaskFunc       func,
                   gpointer         user_data,
                   GDestroyNotify   destroy,
                   GError         **error)
{
  g_autoptr(AuWork) work = NULL;
  AuTask *task;

  g_return_val_if_fail (AU_IS_TASK_GROUP (self), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  work = au_work_new_plain (NULL, func, user_data, destroy);
  task = au_task_group_make (self, name, work, NULL, error);
  if (task != NULL)
    au_task_launch (task, FALSE);

  return task;
}

/**
 * au_task_group_cancel:
 * @self: a task group
 *
 * Cancels all tasks that are there now. They end in their own time.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_task_group_cancel (AuTaskGroup *self)
{
  g_autoptr(GPtrArray) tasks = NULL;

  g_return_if_fail (AU_IS_TASK_GROUP (self));

  g_mutex_lock (&self->lock);
  tasks = list_tasks (self);
  g_mutex_unlock (&self->lock);

  cancel_all (tasks);
}

/**
 * au_task_group_get_n_tasks:
 * @self: a task group
 *
 * Gets how many tasks have not ended.
 *
 * MT safe.
 *
 * Returns: the number of tasks
 *
 * Since: 1.0
 */
guint
au_task_group_get_n_tasks (AuTaskGroup *self)
{
  guint n;

  g_return_val_if_fail (AU_IS_TASK_GROUP (self), 0);

  g_mutex_lock (&self->lock);
  n = self->members.length;
  g_mutex_unlock (&self->lock);

  return n;
}

/**
 * au_task_group_get_n_failed:
 * @self: a task group
 *
 * Gets how many tasks have failed, those that were cancelled not counted.
 *
 * MT safe.
 *
 * Returns: the number of failures
 *
 * Since: 1.0
 */
guint
au_task_group_get_n_failed (AuTaskGroup *self)
{
  guint n;

  g_return_val_if_fail (AU_IS_TASK_GROUP (self), 0);

  g_mutex_lock (&self->lock);
  n = self->n_failed;
  g_mutex_unlock (&self->lock);

  return n;
}

/**
 * au_task_group_dup_error:
 * @self: a task group
 * @i: which one, counted from 0 in the order in which tasks failed
 *
 * Gets the error of a task that has failed. The first hundred are kept.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the error, or %NULL if there are not so many
 *
 * Since: 1.0
 */
GError *
au_task_group_dup_error (AuTaskGroup *self,
                         guint        i)
{
  GError *error = NULL;

  g_return_val_if_fail (AU_IS_TASK_GROUP (self), NULL);

  g_mutex_lock (&self->lock);
  if (i < self->errors->len)
    error = g_error_copy (self->errors->pdata[i]);
  g_mutex_unlock (&self->lock);

  return error;
}

/**
 * au_task_group_get_exit_timeout:
 * @self: a task group
 *
 * Gets how long after closing began tasks are cancelled.
 *
 * MT safe.
 *
 * Returns: microseconds, or -1 for never
 *
 * Since: 1.0
 */
GTimeSpan
au_task_group_get_exit_timeout (AuTaskGroup *self)
{
  GTimeSpan exit_timeout;

  g_return_val_if_fail (AU_IS_TASK_GROUP (self), -1);

  g_mutex_lock (&self->lock);
  exit_timeout = self->exit_timeout;
  g_mutex_unlock (&self->lock);

  return exit_timeout;
}

/**
 * au_task_group_set_exit_timeout:
 * @self: a task group
 * @exit_timeout: microseconds; -1 for never, 0 for at once
 *
 * Sets how long after closing began tasks are cancelled. It counts from then, once,
 * however many are added meanwhile.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_task_group_set_exit_timeout (AuTaskGroup *self,
                                GTimeSpan    exit_timeout)
{
  g_return_if_fail (AU_IS_TASK_GROUP (self));
  g_return_if_fail (exit_timeout >= -1);

  g_mutex_lock (&self->lock);
  self->exit_timeout = exit_timeout;
  g_mutex_unlock (&self->lock);
}

/**
 * au_task_group_get_cancel_on_error:
 * @self: a task group
 *
 * Tells whether a task that fails has the others cancelled.
 *
 * MT safe.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
au_task_group_get_cancel_on_error (AuTaskGroup *self)
{
  gboolean cancel_on_error;

  g_return_val_if_fail (AU_IS_TASK_GROUP (self), FALSE);

  g_mutex_lock (&self->lock);
  cancel_on_error = self->cancel_on_error;
  g_mutex_unlock (&self->lock);

  return cancel_on_error;
}

/**
 * au_task_group_set_cancel_on_error:
 * @self: a task group
 * @cancel_on_error: whether a task that fails has the others cancelled
 *
 * Sets whether a task that fails has the others cancelled, which are there then.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_task_group_set_cancel_on_error (AuTaskGroup *self,
                                   gboolean     cancel_on_error)
{
  g_return_if_fail (AU_IS_TASK_GROUP (self));

  g_mutex_lock (&self->lock);
  self->cancel_on_error = cancel_on_error;
  g_mutex_unlock (&self->lock);
}
