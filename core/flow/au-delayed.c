/* au-delayed.c: a result that arrives later
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-delayed-private.h"
#include "au-scope-private.h"
#include "au-timer-private.h"
#include "au-wait-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/**
 * AuDelayed:
 *
 * A result that arrives later: of a function in a [class@Au.Scope], of a computation, or
 * of several of them taken together.
 *
 * It is a value, not the code that makes it. It may be passed to other functions, and
 * any number of them may wait for it: [method@Au.Delayed.block] where nothing else is to
 * be done meanwhile, [method@Au.Delayed.await_async] everywhere else.
 * [method@Au.Delayed.get_value] takes it once it is there.
 *
 * MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuDelayed, au_delayed, G_TYPE_OBJECT)

void
au_delayed_work_init (AuDelayedWork            *self,
                      const AuDelayedWorkFuncs *funcs)
{
  g_atomic_ref_count_init (&self->ref_count);
  self->funcs = funcs;
}

AuDelayedWork *
au_delayed_work_ref (AuDelayedWork *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
au_delayed_work_unref (AuDelayedWork *self)
{
  if (g_atomic_ref_count_dec (&self->ref_count))
    self->funcs->free (self);
}

static void
au_delayed_finalize (GObject *object)
{
  AuDelayed *self = AU_DELAYED (object);

  /* Nothing that could bring the result is left. */
  g_clear_pointer (&self->work, au_delayed_work_unref);
  g_clear_pointer (&self->value, g_variant_unref);
  g_clear_error (&self->error);
  au_flow_binding_clear (&self->own);
  g_clear_pointer (&self->scope, au_scope_core_unref);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_delayed_parent_class)->finalize (object);
}

static void
au_delayed_class_init (AuDelayedClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = au_delayed_finalize;
}

static void
au_delayed_init (AuDelayed *self)
{
  g_mutex_init (&self->lock);
}

AuDelayed *
au_delayed_new (AuFlowLoop *home,
                const char *name)
{
  AuDelayed *self = g_object_new (AU_TYPE_DELAYED, NULL);

  self->name = name;
  if (home != NULL)
    {
      au_flow_binding_init (&self->own, home);
      self->binding = &self->own;
    }

  return self;
}

/* One that was cancelled before it had any work is done with. */
gboolean
au_delayed_put_work (AuDelayed     *self,
                     AuDelayedWork *work)
{
  AuDelayedWork *unwanted = work;
  g_autoptr(GError) error = NULL;
  gboolean wanted;

  g_mutex_lock (&self->lock);
  wanted = !self->done && !self->cancelled;
  if (wanted)
    {
      unwanted = self->work;
      self->work = work;
    }
  g_mutex_unlock (&self->lock);

  if (unwanted != NULL)
    au_delayed_work_unref (unwanted);
  if (wanted)
    return TRUE;

  error = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                       _("The call of “%s” was cancelled before it began"), self->name);
  au_delayed_complete (self, NULL, error);

  return FALSE;
}

static gboolean
complete (AuDelayed *self,
          GVariant  *value,
          GError    *error)
{
  AuWakeList woken = { NULL };
  AuDelayedWork *work;
  AuWaiter *watchers, *silent_watchers;

  g_mutex_lock (&self->lock);
  if (self->done)
    {
      g_mutex_unlock (&self->lock);
      g_clear_error (&error);
      return FALSE;
    }

  self->value = value != NULL ? g_variant_ref (value) : NULL;
  self->error = error;
  work = g_steal_pointer (&self->work);

  /* Whoever waits now will know. */
  if (self->line.head != NULL || self->watchers.head != NULL)
    self->awaited = TRUE;
  g_atomic_int_set (&self->done, TRUE);
  au_wait_end_all (&self->line, error == NULL ? AU_WAIT_GRANTED : AU_WAIT_FAILED, &woken);
  watchers = au_waiter_list_steal (&self->watchers);
  silent_watchers = au_waiter_list_steal (&self->silent_watchers);
  g_mutex_unlock (&self->lock);

  if (self->is_member)
    au_scope_core_member_done (self->scope, self);
  au_waiters_wake (woken.first);
  au_waiters_wake (watchers);
  au_waiters_wake (silent_watchers);
  if (work != NULL)
    au_delayed_work_unref (work);

  return TRUE;
}

/* Tells whether it was not done yet. The caller holds a reference. */
gboolean
au_delayed_complete (AuDelayed    *self,
                     GVariant     *value,
                     const GError *error)
{
  return complete (self, value, error != NULL ? g_error_copy (error) : NULL);
}

gboolean
au_delayed_complete_as (AuDelayed *self,
                        AuDelayed *other)
{
  return au_delayed_complete (self, other->value, other->error);
}

/* Has the waiter woken, in whatever thread, when the result is there; tells whether that
 * is still to come. */
gboolean
au_delayed_watch (AuDelayed *self,
                  AuWaiter  *waiter)
{
  gboolean done;

  g_mutex_lock (&self->lock);
  done = self->done;
  if (done)
    self->awaited = TRUE;
  else
    au_waiter_list_add (&self->watchers, waiter);
  g_mutex_unlock (&self->lock);

  return !done;
}

gboolean
au_delayed_watch_silently (AuDelayed *self,
                           AuWaiter  *waiter)
{
  gboolean done;

  g_mutex_lock (&self->lock);
  done = self->done;
  if (!done)
    au_waiter_list_add (&self->silent_watchers, waiter);
  g_mutex_unlock (&self->lock);

  return !done;
}

gboolean
au_delayed_unwatch (AuDelayed *self,
                    AuWaiter  *waiter)
{
  gboolean mine;

  g_mutex_lock (&self->lock);
  mine = au_waiter_list_remove (&self->watchers, waiter);
  g_mutex_unlock (&self->lock);

  return mine;
}

gboolean
au_delayed_is_stuck (AuDelayed *self)
{
  AuDelayedWork *work;
  gboolean stuck;

  if (au_delayed_is_done (self))
    return FALSE;

  if (au_flow_binding_is_stuck (self->binding))
    return TRUE;

  g_mutex_lock (&self->lock);
  work = self->work != NULL ? au_delayed_work_ref (self->work) : NULL;
  g_mutex_unlock (&self->lock);

  if (work == NULL)
    return FALSE;

  stuck = work->funcs->is_stuck != NULL && work->funcs->is_stuck (work);
  au_delayed_work_unref (work);

  return stuck;
}

/**
 * au_delayed_is_ready:
 * @self: a delayed result
 *
 * Tells whether the result has arrived, or is known never to come.
 *
 * MT safe.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
au_delayed_is_ready (AuDelayed *self)
{
  g_return_val_if_fail (AU_IS_DELAYED (self), FALSE);

  return au_delayed_is_done (self);
}

/**
 * au_delayed_is_awaited:
 * @self: a delayed result
 *
 * Tells whether somebody has waited for the result until it was there. Then its error,
 * if it has one, was told, and the scope does not repeat it.
 *
 * MT safe.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
au_delayed_is_awaited (AuDelayed *self)
{
  gboolean awaited;

  g_return_val_if_fail (AU_IS_DELAYED (self), FALSE);

  g_mutex_lock (&self->lock);
  awaited = self->awaited;
  g_mutex_unlock (&self->lock);

  return awaited;
}

/**
 * au_delayed_get_name:
 * @self: a delayed result
 *
 * Gets the name of the function whose result it is, for people.
 *
 * MT safe.
 *
 * Returns: a name
 *
 * Since: 1.0
 */
const char *
au_delayed_get_name (AuDelayed *self)
{
  g_return_val_if_fail (AU_IS_DELAYED (self), NULL);

  return self->name;
}

/**
 * au_delayed_get_value:
 * @self: a delayed result
 * @error: return location for an error
 *
 * Gets the value, if it is there; it does not wait. It does not count as waiting
 * either: an error that was only seen here is told again when the scope is closed.
 *
 * Fails with %AU_ERROR_NOT_READY before the result is there, with %G_IO_ERROR_CANCELLED
 * when its function was cancelled, and with the function's own error when it has failed.
 *
 * MT safe.
 *
 * Returns: (transfer none) (nullable): the value, which lives as long as @self; %NULL
 *   without @error set for a function that has none
 *
 * Since: 1.0
 */
GVariant *
au_delayed_get_value (AuDelayed  *self,
                      GError    **error)
{
  g_return_val_if_fail (AU_IS_DELAYED (self), NULL);

  if (!au_delayed_is_done (self))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_NOT_READY,
                   _("The result of “%s” has not arrived yet: wait for it"), self->name);
      return NULL;
    }

  if (self->error != NULL)
    {
      g_propagate_error (error, g_error_copy (self->error));
      return NULL;
    }

  return self->value;
}

/**
 * au_delayed_cancel:
 * @self: a delayed result
 *
 * Asks whatever brings the result to give up. A function that has not begun is not run;
 * one that runs finds its call cancelled, and a computation of an engine is cancelled.
 *
 * It is no error when the result is there already.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_delayed_cancel (AuDelayed *self)
{
  AuDelayedWork *work = NULL;

  g_return_if_fail (AU_IS_DELAYED (self));

  g_mutex_lock (&self->lock);
  if (!self->done && !self->cancelled)
    {
      self->cancelled = TRUE;
      work = self->work != NULL ? au_delayed_work_ref (self->work) : NULL;
    }
  g_mutex_unlock (&self->lock);

  if (work == NULL)
    return;

  work->funcs->cancel (work);
  au_delayed_work_unref (work);
}

/* Waiting */

static gboolean
wait_attempt (gpointer    object,
              AuWait     *wait,
              AuWakeList *woken)
{
  AuDelayed *self = object;

  if (!self->done)
    return FALSE;

  self->awaited = TRUE;

  return au_wait_done (wait, self->error == NULL ? AU_WAIT_GRANTED : AU_WAIT_FAILED, NULL);
}

static void
wait_enter (gpointer    object,
            AuWait     *wait,
            AuWakeList *woken)
{
  au_wait_line_up (wait, &((AuDelayed *) object)->line);
}

static void
wait_set_error (gpointer    object,
                AuWait     *wait,
                GError    **error)
{
  g_propagate_error (error, g_error_copy (((AuDelayed *) object)->error));
}

static const AuWaitOperation wait_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuDelayed, lock),
  .timed_out = N_("The result has not arrived in time; what brings it goes on"),
  .attempt = wait_attempt,
  .enter = wait_enter,
  .set_error = wait_set_error,
};

/* Iterates the private context of the scope until the result is there, or nobody wants
 * to wait any more; how the wait ended is asked afterwards. */
static void
drive (AuDelayed    *self,
       AuFlowDrive  *drive,
       GTimeSpan     timeout,
       GCancellable *cancellable)
{
  if (au_delayed_watch (self, &drive->waiter) &&
      !au_flow_drive_run (drive, au_clock_get_end_time (timeout), cancellable) &&
      !au_delayed_unwatch (self, &drive->waiter))
    {
      /* Whoever took it out is about to wake it, and uses it until then. */
      au_flow_drive_run (drive, -1, NULL);
    }

  au_flow_drive_end (drive);
}

/**
 * au_delayed_block:
 * @self: a delayed result
 * @timeout: how long to wait at most, in microseconds; -1 for as long as it takes, 0 to
 *   look only
 * @cancellable: (nullable): cancels the wait, not the function
 * @error: return location for an error
 *
 * Waits in this thread until the result is there.
 *
 * Meanwhile the functions of the scopes of this thread go on, those of outer scopes too,
 * in a private main context; the thread's own context is not iterated. To be used where
 * no main loop runs: a function that runs in a main loop uses
 * [method@Au.Delayed.await_async].
 *
 * Fails with the function's own error when it has failed, with %G_IO_ERROR_CANCELLED
 * when it, or the wait, was cancelled, with %G_IO_ERROR_TIMED_OUT when it goes on after
 * @timeout, and with %AU_ERROR_WOULD_DEADLOCK when it could only go on in the main loop
 * that this call holds up.
 *
 * MT safe.
 *
 * Returns: %TRUE when the result has arrived
 *
 * Since: 1.0
 */
gboolean
au_delayed_block (AuDelayed     *self,
                  GTimeSpan      timeout,
                  GCancellable  *cancellable,
                  GError       **error)
{
  AuFlowDrive driver;

  g_return_val_if_fail (AU_IS_DELAYED (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);

  if (au_delayed_is_done (self) || timeout == 0)
    return au_wait_sync (&wait_operation, self, 0, NULL, 0, NULL, error);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  switch (au_delayed_is_stuck (self) ? AU_FLOW_DRIVE_DEADLOCK
                                     : au_flow_drive_begin (&driver, self->binding))
    {
    case AU_FLOW_DRIVE_READY:
      drive (self, &driver, timeout, cancellable);
      if (!au_delayed_is_done (self) && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      return au_wait_sync (&wait_operation, self, 0, NULL, 0, NULL, error);

    case AU_FLOW_DRIVE_DEADLOCK:
      g_set_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK,
                   _("Waiting here for “%s” would never end, as it runs in this thread's main loop: wait asynchronously"),
                   self->name);
      return FALSE;

    case AU_FLOW_DRIVE_ELSEWHERE:
    default:
      return au_wait_sync (&wait_operation, self, 0, NULL, timeout, cancellable, error);
    }
}

/**
 * au_delayed_await_async:
 * @self: a delayed result
 * @cancellable: (nullable): cancels the wait, not the function
 * @callback: (scope async): called when the result is there
 * @user_data: data for @callback
 *
 * Waits until the result is there, without blocking. Any number may wait.
 *
 * @callback is called in the thread-default main context of the caller, and not before
 * this function has returned.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_delayed_await_async (AuDelayed           *self,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_return_if_fail (AU_IS_DELAYED (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  au_wait_async (&wait_operation, self, 0, NULL, cancellable, callback, user_data);
}

/**
 * au_delayed_await_finish:
 * @self: a delayed result
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Au.Delayed.await_async].
 *
 * Fails with the function's own error when it has failed, and with
 * %G_IO_ERROR_CANCELLED when it, or the wait, was cancelled.
 *
 * MT safe.
 *
 * Returns: %TRUE when the result has arrived
 *
 * Since: 1.0
 */
gboolean
au_delayed_await_finish (AuDelayed     *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (AU_IS_DELAYED (self), FALSE);

  return au_wait_finish (&wait_operation, self, result, NULL, error);
}
