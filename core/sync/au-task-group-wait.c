/* au-task-group-wait.c: waiting for all tasks of a group, and closing it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-task-group-private.h"

#include <glib/gi18n-lib.h>

static gboolean
wait_attempt (gpointer    object,
              AuWait     *wait,
              AuWakeList *woken)
{
  return ((AuTaskGroup *) object)->members.length == 0 &&
         au_wait_done (wait, AU_WAIT_GRANTED, NULL);
}

static void
wait_enter (gpointer    object,
            AuWait     *wait,
            AuWakeList *woken)
{
  au_wait_line_up (wait, &((AuTaskGroup *) object)->line);
}

static const AuWaitOperation wait_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuTaskGroup, lock),
  .timed_out = N_("Not all tasks of the group have ended in time; they go on"),
  .attempt = wait_attempt,
  .enter = wait_enter,
};

/**
 * au_task_group_wait:
 * @self: a task group
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait, not the tasks
 * @error: return location for an error
 *
 * Waits until all tasks have ended, those included that are added meanwhile. The group
 * stays open.
 *
 * Blocks the calling thread; do not use it in a main loop. Fails with
 * %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED; errors of tasks are none of it.
 *
 * MT safe.
 *
 * Returns: %TRUE when there was no task left
 *
 * Since: 1.0
 */
gboolean
au_task_group_wait (AuTaskGroup   *self,
                    GTimeSpan      timeout,
                    GCancellable  *cancellable,
                    GError       **error)
{
  g_return_val_if_fail (AU_IS_TASK_GROUP (self), FALSE);

  return au_wait_sync (&wait_operation, self, 0, NULL, timeout, cancellable, error);
}

/**
 * au_task_group_wait_async:
 * @self: a task group
 * @cancellable: (nullable): cancels the wait, not the tasks
 * @callback: (scope async): called when there is no task left
 * @user_data: data for @callback
 *
 * Waits until all tasks have ended, without blocking. The group stays open.
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_task_group_wait_async (AuTaskGroup         *self,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_return_if_fail (AU_IS_TASK_GROUP (self));

  au_wait_async (&wait_operation, self, 0, NULL, cancellable, callback, user_data);
}

/**
 * au_task_group_wait_finish:
 * @self: a task group
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.TaskGroup.wait_async].
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
au_task_group_wait_finish (AuTaskGroup   *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (AU_IS_TASK_GROUP (self), FALSE);

  return au_wait_finish (&wait_operation, self, result, NULL, error);
}

void
au_task_group_begin_close (AuTaskGroup *self)
{
  gint64 end_time;

  g_mutex_lock (&self->lock);
  if (self->state == AU_TASK_GROUP_OPEN)
    {
      self->state = self->members.length > 0 ? AU_TASK_GROUP_CLOSING : AU_TASK_GROUP_CLOSED;
      end_time = au_clock_get_end_time (self->exit_timeout);
      if (self->state == AU_TASK_GROUP_CLOSING && end_time >= 0 &&
          au_timer_set (&self->timer, end_time))
        g_object_ref (self);
    }
  g_mutex_unlock (&self->lock);
}

/**
 * au_task_group_close:
 * @self: a task group
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait, neither the tasks nor the closing
 * @error: return location for an error
 *
 * Closes the group: waits until all tasks have ended, those included that are added
 * meanwhile, and takes none from then on. When the wait ends before that, the group
 * goes on being closed.
 *
 * Blocks the calling thread; do not use it in a main loop. Fails with
 * %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED; errors of tasks are none of it.
 *
 * MT safe.
 *
 * Returns: %TRUE when the group is closed
 *
 * Since: 1.0
 */
gboolean
au_task_group_close (AuTaskGroup   *self,
                     GTimeSpan      timeout,
                     GCancellable  *cancellable,
                     GError       **error)
{
  g_return_val_if_fail (AU_IS_TASK_GROUP (self), FALSE);

  au_task_group_begin_close (self);

  return au_task_group_wait (self, timeout, cancellable, error);
}

/**
 * au_task_group_close_async:
 * @self: a task group
 * @cancellable: (nullable): cancels the wait, neither the tasks nor the closing
 * @callback: (scope async) (nullable): called when the group is closed
 * @user_data: data for @callback
 *
 * Closes the group, without blocking: see [method@Au.TaskGroup.close].
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_task_group_close_async (AuTaskGroup         *self,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_return_if_fail (AU_IS_TASK_GROUP (self));

  au_task_group_begin_close (self);
  au_task_group_wait_async (self, cancellable, callback, user_data);
}

/**
 * au_task_group_close_finish:
 * @self: a task group
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.TaskGroup.close_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED.
 *
 * MT safe.
 *
 * Returns: %TRUE when the group is closed
 *
 * Since: 1.0
 */
gboolean
au_task_group_close_finish (AuTaskGroup   *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  return au_task_group_wait_finish (self, result, error);
}

/* For those that have a group */

static void
waited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(GTask) task = data;
  GError *error = NULL;

  if (au_task_group_wait_finish (AU_TASK_GROUP (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
au_task_group_wait_for (AuTaskGroup         *self,
                        gpointer             owner,
                        gpointer             source_tag,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  GTask *task = g_task_new (owner, NULL, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  au_task_group_wait_async (self, cancellable, waited_cb, task);
}
