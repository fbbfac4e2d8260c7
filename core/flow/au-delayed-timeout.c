/* au-delayed-timeout.c: a result that has to arrive in time
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-delayed-private.h"
#include "au-timer-private.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  AuDelayedWork  work;
  AuWaiter       waiter;
  AuTimer        timer;
  AuDelayed     *source;
  AuDelayed     *delayed;
} Timeout;

static void
timeout_cancel (AuDelayedWork *work)
{
  au_delayed_cancel (((Timeout *) work)->source);
}

static gboolean
timeout_is_stuck (AuDelayedWork *work)
{
  return au_delayed_is_stuck (((Timeout *) work)->source);
}

static void
timeout_free (AuDelayedWork *work)
{
  Timeout *self = (Timeout *) work;

  g_object_unref (self->source);
  g_object_unref (self->delayed);
  g_free (self);
}

static const AuDelayedWorkFuncs timeout_funcs = {
  .cancel = timeout_cancel,
  .is_stuck = timeout_is_stuck,
  .free = timeout_free,
};

static void
arrived_cb (AuWaiter *waiter)
{
  Timeout *self = (Timeout *) ((char *) waiter - G_STRUCT_OFFSET (Timeout, waiter));

  if (au_timer_clear (&self->timer))
    au_delayed_work_unref (&self->work);
  au_delayed_complete_as (self->delayed, self->source);
  au_delayed_work_unref (&self->work);
}

static void
over_thread (GTask        *task,
             gpointer      source_object,
             gpointer      task_data,
             GCancellable *cancellable)
{
  Timeout *self = task_data;
  g_autoptr(GError) error = NULL;

  error = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                       _("“%s” has not ended in time, and was cancelled"), self->source->name);

  /* In this order, or it would be told that it was cancelled. */
  if (au_delayed_complete (self->delayed, NULL, error))
    au_delayed_cancel (self->source);
  g_task_return_boolean (task, TRUE);
}

/* Those who wait may do what they like, and cancelling calls what others have connected
 * to cancellables: nothing for the thread of all timers. */
static void
over_cb (AuTimer *timer)
{
  Timeout *self = (Timeout *) ((char *) timer - G_STRUCT_OFFSET (Timeout, timer));
  g_autoptr(GTask) task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_source_tag (task, over_cb);
  g_task_set_task_data (task, self, (GDestroyNotify) au_delayed_work_unref);
  g_task_run_in_thread (task, over_thread);
}

/**
 * au_delayed_new_timeout:
 * @source: a delayed result
 * @timeout: how long to wait for it, in microseconds
 *
 * Makes a result that is @source if that arrives in time. Otherwise it fails with
 * %G_IO_ERROR_TIMED_OUT, and @source is cancelled.
 *
 * To cancel it cancels @source.
 *
 * Returns: (transfer full): the result
 *
 * Since: 1.0
 */
AuDelayed *
au_delayed_new_timeout (AuDelayed *source,
                        GTimeSpan  timeout)
{
  AuDelayed *delayed;
  Timeout *self;

  g_return_val_if_fail (AU_IS_DELAYED (source), NULL);
  g_return_val_if_fail (timeout >= 0, NULL);

  delayed = au_delayed_new (au_flow_loop_get (), source->name);
  self = g_new0 (Timeout, 1);
  au_delayed_work_init (&self->work, &timeout_funcs);
  self->waiter.wake = arrived_cb;
  self->timer.func = over_cb;
  self->source = g_object_ref (source);
  self->delayed = g_object_ref (delayed);

  /* One for the timer, one for the list of those who wait, one for us. */
  au_delayed_work_ref (&self->work);
  au_delayed_work_ref (&self->work);
  au_delayed_work_ref (&self->work);
  au_delayed_put_work (delayed, &self->work);

  if (!au_timer_set (&self->timer, au_clock_get_end_time (timeout)))
    au_delayed_work_unref (&self->work);
  if (!au_delayed_watch (source, &self->waiter))
    arrived_cb (&self->waiter);
  au_delayed_work_unref (&self->work);

  return delayed;
}
