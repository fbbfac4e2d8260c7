/* au-task-iterator.c: tasks in the order in which they end
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-main-context-private.h"
#include "au-task-iterator-private.h"
#include "au-wait-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/* A task that has not ended. */
typedef struct
{
  AuWaiter        watcher;
  AuTaskIterator *iterator;
  AuTask         *task;
} Expected;

struct _AuTaskIterator
{
  GObject       parent_instance;

  GMainContext *context;        /* where the tasks run; NULL for worker threads */

  GMutex        lock;
  guint         n_expected;     /* that have not ended */
  GQueue        ended;          /* of AuTask, that nobody has got */
  AuWaiterList  line;
};

/**
 * AuTaskIterator:
 *
 * Several tasks in the order in which they end, each of them once: as
 * [method@Au.Executor.map_run] and [method@Au.Executor.map_start] give them.
 *
 * A task that is given has ended: [method@Au.Task.dup_value] has its value or its error,
 * [method@Au.Task.get_argument] what it was for. Any number of threads and main loops
 * may share an iterator; each task goes to one of them, in the order in which they ask.
 *
 * MT safe. To drop an iterator does nothing to its tasks.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuTaskIterator, au_task_iterator, G_TYPE_OBJECT)

/* Called with the lock held. */
static void
give (AuTaskIterator *self,
      AuTask         *task,
      gboolean        first,
      AuWakeList     *woken)
{
  AuWait *wait = au_wait_peek (&self->line);

  if (wait != NULL)
    au_wait_end (wait, AU_WAIT_GRANTED, task, woken);
  else if (first)
    g_queue_push_head (&self->ended, task);
  else
    g_queue_push_tail (&self->ended, task);
}

static gboolean
next_attempt (gpointer    object,
              AuWait     *wait,
              AuWakeList *woken)
{
  AuTaskIterator *self = object;
  AuTask *task = g_queue_pop_head (&self->ended);

  if (task == NULL && self->n_expected > 0)
    return FALSE;

  return au_wait_done (wait, AU_WAIT_GRANTED, task);
}

static void
next_enter (gpointer    object,
            AuWait     *wait,
            AuWakeList *woken)
{
  au_wait_line_up (wait, &((AuTaskIterator *) object)->line);
}

static void
next_discard (gpointer    object,
              AuWait     *wait,
              AuWakeList *woken)
{
  if (wait->outcome == AU_WAIT_GRANTED)
    give (object, wait->data, TRUE, woken);
}

static const AuWaitOperation next_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuTaskIterator, lock),
  .timed_out = N_("No task has ended in time; they go on"),
  .attempt = next_attempt,
  .enter = next_enter,
  .discard = next_discard,
};

static void
expected_ended (AuWaiter *watcher)
{
  Expected *expected = (Expected *) watcher;
  g_autoptr(AuTaskIterator) self = expected->iterator;
  AuWakeList woken = { NULL };

  g_mutex_lock (&self->lock);
  self->n_expected--;
  give (self, expected->task, FALSE, &woken);
  if (self->n_expected == 0)
    {
      AuWait *wait;

      while ((wait = au_wait_peek (&self->line)) != NULL)
        au_wait_end (wait, AU_WAIT_GRANTED, NULL, &woken);
    }
  g_mutex_unlock (&self->lock);

  g_free (expected);
  au_waiters_wake (woken.first);
}

static void
au_task_iterator_finalize (GObject *object)
{
  AuTaskIterator *self = AU_TASK_ITERATOR (object);

  g_queue_clear_full (&self->ended, g_object_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_task_iterator_parent_class)->finalize (object);
}

static void
au_task_iterator_class_init (AuTaskIteratorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_task_iterator_finalize;
}

static void
au_task_iterator_init (AuTaskIterator *self)
{
  g_mutex_init (&self->lock);
}

AuTaskIterator *
au_task_iterator_new (GMainContext *context)
{
  AuTaskIterator *self = g_object_new (AU_TYPE_TASK_ITERATOR, NULL);

  if (context != NULL)
    self->context = g_main_context_ref (context);

  return self;
}

void
au_task_iterator_expect (AuTaskIterator *self,
                         AuTask         *task)
{
  Expected *expected = g_new0 (Expected, 1);

  expected->watcher.wake = expected_ended;
  expected->iterator = g_object_ref (self);
  expected->task = g_object_ref (task);

  g_mutex_lock (&self->lock);
  self->n_expected++;
  g_mutex_unlock (&self->lock);

  if (!au_task_watch (task, &expected->watcher))
    expected_ended (&expected->watcher);
}

static gboolean
would_deadlock (AuTaskIterator  *self,
                GTimeSpan        timeout,
                GError         **error)
{
  gboolean would;

  if (timeout == 0 || self->context == NULL || !au_main_context_is_ours (self->context))
    return FALSE;

  g_mutex_lock (&self->lock);
  would = self->ended.length == 0 && self->n_expected > 0;
  g_mutex_unlock (&self->lock);

  if (would)
    g_set_error_literal (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK,
                         _("Waiting here for the next task would never end, as it runs in this thread's main loop: wait asynchronously"));

  return would;
}

/**
 * au_task_iterator_next:
 * @self: an iterator
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait, not the tasks
 * @error: return location for an error
 *
 * Waits for the next task to end.
 *
 * Blocks the calling thread; do not use it in a main loop. Fails with
 * %G_IO_ERROR_TIMED_OUT, %G_IO_ERROR_CANCELLED, or, when the tasks need the main loop of
 * this very thread, %AU_ERROR_WOULD_DEADLOCK; errors of tasks are none of it.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): a task that has ended; %NULL without an error
 *   after the last
 *
 * Since: 1.0
 */
AuTask *
au_task_iterator_next (AuTaskIterator  *self,
                       GTimeSpan        timeout,
                       GCancellable    *cancellable,
                       GError         **error)
{
  gpointer task = NULL;

  g_return_val_if_fail (AU_IS_TASK_ITERATOR (self), NULL);

  if (would_deadlock (self, timeout, error) ||
      !au_wait_sync (&next_operation, self, 0, &task, timeout, cancellable, error))
    return NULL;

  return task;
}

/**
 * au_task_iterator_next_async:
 * @self: an iterator
 * @cancellable: (nullable): cancels the wait, not the tasks
 * @callback: (scope async): called when a task has ended, or none is left
 * @user_data: data for @callback
 *
 * Waits for the next task to end, without blocking.
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_task_iterator_next_async (AuTaskIterator      *self,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_return_if_fail (AU_IS_TASK_ITERATOR (self));

  au_wait_async (&next_operation, self, 0, NULL, cancellable, callback, user_data);
}

/**
 * au_task_iterator_next_finish:
 * @self: an iterator
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.TaskIterator.next_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED; errors of tasks are none of it.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): a task that has ended; %NULL without an error
 *   after the last
 *
 * Since: 1.0
 */
AuTask *
au_task_iterator_next_finish (AuTaskIterator  *self,
                              GAsyncResult    *result,
                              GError         **error)
{
  gpointer task = NULL;

  g_return_val_if_fail (AU_IS_TASK_ITERATOR (self), NULL);

  if (!au_wait_finish (&next_operation, self, result, &task, error))
    return NULL;

  return task;
}

/**
 * au_task_iterator_get_n_left:
 * @self: an iterator
 *
 * Gets how many tasks are still to be given, whether they have ended or not.
 *
 * MT safe.
 *
 * Returns: the number of tasks
 *
 * Since: 1.0
 */
guint
au_task_iterator_get_n_left (AuTaskIterator *self)
{
  guint n;

  g_return_val_if_fail (AU_IS_TASK_ITERATOR (self), 0);

  g_mutex_lock (&self->lock);
  n = self->n_expected + self->ended.length;
  g_mutex_unlock (&self->lock);

  return n;
}
