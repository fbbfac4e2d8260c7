/* au-process-wait.c: how one waits for a process, until it is ready or has ended
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-process-private.h"
#include "au-time-private.h"

#include <au/au-error.h>
#include <au/au-param.h>

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <signal.h>

/* How often a program that starts is asked whether it is ready: soon at first. */
#define FIRST_PAUSE (2 * G_TIME_SPAN_MILLISECOND)
#define LONGEST_PAUSE (100 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  gint64    begun;
  GTimeSpan pause;
} Start;

typedef enum
{
  FAILED,
  NOT_YET,
  READY,
} Readiness;

static gint64
add_span (gint64    time,
          GTimeSpan span)
{
  return time > G_MAXINT64 - span ? G_MAXINT64 : time + span;
}

/* Sleeps until the process has ended or @until, -1 for never, has come. */
static void
sleep_beside (AuProcess    *self,
              GCancellable *cancellable,
              gint64        until)
{
  GPollFD fds[2] = { { .fd = self->pidfd, .events = G_IO_IN } };
  gboolean watched = g_cancellable_make_pollfd (cancellable, &fds[1]);

  au_clock_poll (fds, watched ? 2 : 1, until);
  if (watched)
    g_cancellable_release_fd (cancellable);
}

static void
set_ended_error (AuProcess  *self,
                 GError    **error)
{
  g_autofree char *name = au_process_dup_name (self);
  g_autofree char *end = au_process_describe_end (self);

  g_set_error (error, AU_ERROR, AU_ERROR_FAILED,
               _("“%s” %s before it was ready"), name, end);
}

static void
set_late_error (AuProcess  *self,
                GError    **error)
{
  g_autofree char *name = au_process_dup_name (self);
  g_autofree char *limit = au_duration_to_text (self->timeout);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
               _("“%s” was not ready within %s"), name, limit);
}

static Readiness
check_ready (AuProcess    *self,
             Start        *start,
             GCancellable *cancellable,
             GError      **error)
{
  g_autoptr(GError) failure = NULL;
  gint64 now = au_clock_get_monotonic_time ();

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FAILED;

  if (au_process_look (self))
    {
      set_ended_error (self, error);
      return FAILED;
    }

  if (now - start->begun >= self->ready_delay)
    {
      if (self->ready.func == NULL || self->ready.func (self, self->ready.data, &failure))
        return READY;

      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FAILED;
        }
    }

  if (self->timeout > 0 && now - start->begun >= self->timeout)
    {
      set_late_error (self, error);
      return FAILED;
    }

  return NOT_YET;
}

/* When to look again. */
static gint64
get_next_look (AuProcess *self,
               Start     *start)
{
  gint64 now = au_clock_get_monotonic_time ();
  gint64 next;

  if (now < add_span (start->begun, self->ready_delay))
    {
      next = add_span (start->begun, self->ready_delay);
    }
  else
    {
      next = now + start->pause;
      start->pause = MIN (start->pause * 2, LONGEST_PAUSE);
    }

  return self->timeout > 0 ? MIN (next, add_span (start->begun, self->timeout)) : next;
}

/* It never was of use, so it gets no time to say goodbye. */
static void
abandon (AuProcess *self)
{
  au_process_send_signal (self, SIGKILL);
  while (!au_process_look (self))
    sleep_beside (self, NULL, -1);
}

/**
 * au_process_start:
 * @self: a process that was not started
 * @cancellable: (nullable): cancels the start; the program is then killed
 * @error: return location for an error
 *
 * Starts the program and waits until it is ready: until it has run for
 * [property@Au.Process:ready-delay], and the function given to
 * [method@Au.Process.set_ready_func] says so.
 *
 * Fails with a %G_IO_ERROR when the program cannot be started, with %AU_ERROR_FAILED
 * when it ends before it is ready, with %G_IO_ERROR_TIMED_OUT when it is not ready
 * within [property@Au.Process:timeout], and with what the functions say. A program that
 * is not ready is killed. Fails with %AU_ERROR_INVALID_ARGUMENT when the process was
 * started before.
 *
 * It blocks.
 *
 * Returns: %TRUE when the program is ready, or somebody else runs it
 *
 * Since: 1.0
 */
gboolean
au_process_start (AuProcess     *self,
                  GCancellable  *cancellable,
                  GError       **error)
{
  Start start = { au_clock_get_monotonic_time (), FIRST_PAUSE };

  g_return_val_if_fail (AU_IS_PROCESS (self), FALSE);
  g_return_val_if_fail (self->argv != NULL, FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !au_process_launch (self, error))
    return FALSE;

  if (au_process_was_found (self))
    return TRUE;

  /* Nothing is there to be waited for. */
  if (self->ready.func == NULL && self->ready_delay == 0)
    return TRUE;

  for (;;)
    {
      Readiness readiness = check_ready (self, &start, cancellable, error);

      if (readiness == READY)
        return TRUE;

      if (readiness == FAILED)
        {
          abandon (self);
          return FALSE;
        }

      sleep_beside (self, cancellable, get_next_look (self, &start));
    }
}

/* The same in a main context: a source that is ready when the process has ended, and
 * another one for the time. Both belong to the task. */

typedef struct
{
  Start    start;
  GSource *end;
  GSource *pause;
} AsyncStart;

static void
async_start_free (gpointer data)
{
  AsyncStart *start = data;

  g_clear_pointer (&start->end, g_source_unref);
  g_clear_pointer (&start->pause, g_source_unref);
  g_free (start);
}

static GSource *
attach (GTask       *task,
        GSource     *source,
        GSourceFunc  func)
{
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, func, g_object_ref (task), g_object_unref);
  g_source_attach (source, g_task_get_context (task));

  return source;
}

static void
drop_source (GSource **source)
{
  if (*source == NULL)
    return;

  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static gboolean look_again_cb (gpointer data);

static void
go_on_starting (GTask *task)
{
  AuProcess *self = g_task_get_source_object (task);
  AsyncStart *async = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  Readiness readiness = check_ready (self, &async->start, g_task_get_cancellable (task), &error);

  drop_source (&async->pause);

  if (readiness == NOT_YET)
    {
      gint64 next = get_next_look (self, &async->start);

      async->pause = attach (task, au_clock_source_new (next), look_again_cb);
      return;
    }

  drop_source (&async->end);
  if (readiness == READY)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  abandon (self);
  g_task_return_error (task, g_steal_pointer (&error));
}

static gboolean
look_again_cb (gpointer data)
{
  g_autoptr(GTask) task = g_object_ref (data);

  go_on_starting (task);

  return G_SOURCE_REMOVE;
}

static gboolean
ended_early_cb (int          fd,
                GIOCondition condition,
                gpointer     data)
{
  return look_again_cb (data);
}

/**
 * au_process_start_async:
 * @self: a process that was not started
 * @cancellable: (nullable): cancels the start; the program is then killed
 * @callback: (scope async): called when the program is ready
 * @user_data: data for @callback
 *
 * Does what [method@Au.Process.start] does without blocking.
 *
 * @callback, and the function that says whether the program is ready, are called in the
 * thread-default main context of the caller.
 *
 * Since: 1.0
 */
void
au_process_start_async (AuProcess           *self,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  AsyncStart *async;
  GError *error = NULL;

  g_return_if_fail (AU_IS_PROCESS (self));
  g_return_if_fail (self->argv != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_process_start_async);

  if (g_task_return_error_if_cancelled (task))
    return;

  if (!au_process_launch (self, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  if (au_process_was_found (self))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  async = g_new0 (AsyncStart, 1);
  async->start = (Start) { au_clock_get_monotonic_time (), FIRST_PAUSE };
  g_task_set_task_data (task, async, async_start_free);

  async->end = attach (task, g_unix_fd_source_new (self->pidfd, G_IO_IN),
                       G_SOURCE_FUNC (ended_early_cb));
  if (cancellable != NULL)
    {
      g_autoptr(GSource) cancelled = g_cancellable_source_new (cancellable);

      g_source_set_dummy_callback (cancelled);
      g_source_add_child_source (async->end, cancelled);
    }
  go_on_starting (task);
}

/**
 * au_process_start_finish:
 * @self: a process
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Process.start_async].
 *
 * Returns: as [method@Au.Process.start]
 *
 * Since: 1.0
 */
gboolean
au_process_start_finish (AuProcess     *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (AU_IS_PROCESS (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
is_there (AuProcess *self)
{
  return au_process_get_descriptor (self) >= 0;
}

static gboolean
wait_until (AuProcess     *self,
            GCancellable  *cancellable,
            gint64         until,
            GError       **error)
{
  while (is_there (self) && !au_process_look (self))
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      if (until >= 0 && au_clock_get_monotonic_time () >= until)
        break;

      sleep_beside (self, cancellable, until);
    }

  return TRUE;
}

/**
 * au_process_wait:
 * @self: a process
 * @cancellable: (nullable): cancels the wait, not the process
 * @error: return location for an error
 *
 * Waits until the process has ended. A process that was not started here has.
 *
 * Fails with %G_IO_ERROR_CANCELLED only. It blocks.
 *
 * MT safe.
 *
 * Returns: %TRUE when it has ended
 *
 * Since: 1.0
 */
gboolean
au_process_wait (AuProcess     *self,
                 GCancellable  *cancellable,
                 GError       **error)
{
  g_return_val_if_fail (AU_IS_PROCESS (self), FALSE);

  return wait_until (self, cancellable, -1, error);
}

/* A wait that costs no thread: a source of the caller's main context. */
typedef struct
{
  gint64   kill_time;   /* when it is killed, in monotonic time; -1 for never */
  GSource *kill;        /* child of the source, until then */
} AsyncWait;

static void
async_wait_free (gpointer data)
{
  AsyncWait *async = data;

  g_clear_pointer (&async->kill, g_source_unref);
  g_free (async);
}

static gboolean
waited_cb (int          fd,
           GIOCondition condition,
           gpointer     data)
{
  g_autoptr(GTask) task = g_object_ref (data);
  AuProcess *self = g_task_get_source_object (task);
  AsyncWait *async = g_task_get_task_data (task);

  if (au_process_look (self))
    {
      g_task_return_boolean (task, TRUE);
      return G_SOURCE_REMOVE;
    }

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;

  if (async->kill != NULL && au_clock_get_monotonic_time () >= async->kill_time)
    {
      au_process_send_signal (self, SIGKILL);
      g_source_remove_child_source (g_main_current_source (), async->kill);
      g_clear_pointer (&async->kill, g_source_unref);
    }

  return G_SOURCE_CONTINUE;
}

/* @grace is -1 where nobody is killed. */
static void
wait_without_thread (GTask     *task,
                     GTimeSpan  grace)
{
  AuProcess *self = g_task_get_source_object (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  AsyncWait *async;
  GSource *source;

  if (!is_there (self) || au_process_look (self))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  async = g_new0 (AsyncWait, 1);
  async->kill_time = au_clock_get_end_time (grace);
  g_task_set_task_data (task, async, async_wait_free);

  source = g_unix_fd_source_new (au_process_get_descriptor (self), G_IO_IN);
  if (async->kill_time >= 0)
    {
      async->kill = au_clock_source_new (async->kill_time);
      g_source_set_dummy_callback (async->kill);
      g_source_add_child_source (source, async->kill);
    }
  if (cancellable != NULL)
    {
      g_autoptr(GSource) cancelled = g_cancellable_source_new (cancellable);

      g_source_set_dummy_callback (cancelled);
      g_source_add_child_source (source, cancelled);
    }
  g_source_unref (attach (task, source, G_SOURCE_FUNC (waited_cb)));
}

/**
 * au_process_wait_async:
 * @self: a process
 * @cancellable: (nullable): cancels the wait, not the process
 * @callback: (scope async): called when the process has ended
 * @user_data: data for @callback
 *
 * Does what [method@Au.Process.wait] does without blocking. @callback is called in the
 * thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_process_wait_async (AuProcess           *self,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (AU_IS_PROCESS (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_process_wait_async);
  if (!g_task_return_error_if_cancelled (task))
    wait_without_thread (task, -1);
}

/**
 * au_process_wait_finish:
 * @self: a process
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Process.wait_async].
 *
 * Returns: as [method@Au.Process.wait]
 *
 * Since: 1.0
 */
gboolean
au_process_wait_finish (AuProcess     *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (AU_IS_PROCESS (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * au_process_stop:
 * @self: a process
 * @cancellable: (nullable): cancels the wait, not what was sent to the process
 * @error: return location for an error
 *
 * Ends the process, and waits until it has ended: with SIGTERM, and after
 * [property@Au.Process:grace] with SIGKILL, both to its process group. Without
 * [property@Au.Process:force] it only waits. A process that was not started here, or
 * has ended, is left alone.
 *
 * Fails with %G_IO_ERROR_CANCELLED only. It blocks.
 *
 * MT safe.
 *
 * Returns: %TRUE when it has ended
 *
 * Since: 1.0
 */
gboolean
au_process_stop (AuProcess     *self,
                 GCancellable  *cancellable,
                 GError       **error)
{
  gint64 until;

  g_return_val_if_fail (AU_IS_PROCESS (self), FALSE);

  until = au_clock_get_end_time (self->grace);
  if (self->force && au_process_send_signal (self, SIGTERM))
    {
      if (!wait_until (self, cancellable, until, error))
        return FALSE;

      au_process_send_signal (self, SIGKILL);
    }

  return wait_until (self, cancellable, -1, error);
}

/**
 * au_process_stop_async:
 * @self: a process
 * @cancellable: (nullable): cancels the wait, not what was sent to the process
 * @callback: (scope async): called when the process has ended
 * @user_data: data for @callback
 *
 * Does what [method@Au.Process.stop] does without blocking. @callback is called in the
 * thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_process_stop_async (AuProcess           *self,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (AU_IS_PROCESS (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_process_stop_async);
  wait_without_thread (task, self->force && au_process_send_signal (self, SIGTERM) ? self->grace : -1);
}

/**
 * au_process_stop_finish:
 * @self: a process
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Process.stop_async].
 *
 * Returns: as [method@Au.Process.stop]
 *
 * Since: 1.0
 */
gboolean
au_process_stop_finish (AuProcess     *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (AU_IS_PROCESS (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
