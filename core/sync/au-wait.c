/* au-wait.c: one wait, of a thread or of a main loop
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-spin-private.h"
#include "au-timer-private.h"
#include "au-wait-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/* What only few waits need. */
struct _AuWaitExtra
{
  AuTimer       timer;
  AuWait       *wait;
  GCancellable *cancellable;
  gulong        cancelled_id;
};

typedef struct
{
  AuWait          wait;
  gatomicrefcount ref_count;
  GMutex          lock;
  GCond           cond;
  gboolean        woken;
  gboolean        sleeps;
} ThreadWait;

#define AU_TYPE_WAIT_RESULT (au_wait_result_get_type ())
G_DECLARE_FINAL_TYPE (AuWaitResult, au_wait_result, AU, WAIT_RESULT, GObject)

/* Less than half of what a GTask takes, and it is delivered from the main loop always:
 * a GTask may call back at once, and whoever wakes a thousand in a chain would do so on
 * one stack. */
struct _AuWaitResult
{
  GObject             parent_instance;

  AuWait              wait;
  GMainContext       *context;
  GAsyncReadyCallback callback;
  gpointer            user_data;
};

static inline GMutex *
get_lock (AuWait *self)
{
  return G_STRUCT_MEMBER_P (self->object, self->operation->lock_offset);
}

/* Lifetime: a wait belongs to whoever waits, to its line or whoever wakes it, to its
 * timer while that is set, and to the connection to its cancellable. */

static AuWaitResult *
get_result (AuWait *wait)
{
  return (AuWaitResult *) ((char *) wait - G_STRUCT_OFFSET (AuWaitResult, wait));
}

static void
wait_ref (AuWait *self)
{
  if (self->is_async)
    g_object_ref (get_result (self));
  else
    g_atomic_ref_count_inc (&((ThreadWait *) self)->ref_count);
}

static void
extra_free (AuWaitExtra *extra)
{
  g_clear_object (&extra->cancellable);
  g_free (extra);
}

static void
wait_unref (AuWait *self)
{
  ThreadWait *thread = (ThreadWait *) self;

  if (self->is_async)
    {
      g_object_unref (get_result (self));
      return;
    }

  if (!g_atomic_ref_count_dec (&thread->ref_count))
    return;

  g_clear_pointer (&self->extra, extra_free);
  g_cond_clear (&thread->cond);
  g_mutex_clear (&thread->lock);
  g_free (thread);
}

/* Leaves the line, unless somebody was quicker. A wait that is not in its line yet finds
 * its outcome when it is about to enter. */
static void
wait_abandon (AuWait       *self,
              AuWaitOutcome outcome)
{
  AuWakeList woken = { NULL };
  GMutex *lock = get_lock (self);

  g_mutex_lock (lock);
  if (self->outcome == AU_WAIT_PENDING)
    {
      if (self->waiter.listed)
        {
          au_wait_end (self, outcome, self->data, &woken);
          if (self->operation->leave != NULL)
            self->operation->leave (self->object, self, &woken);
        }
      else
        {
          self->outcome = outcome;
        }
    }
  g_mutex_unlock (lock);

  au_waiters_wake (woken.first);
}

static void
wait_timer_cb (AuTimer *timer)
{
  AuWait *self = ((AuWaitExtra *) timer)->wait;

  wait_abandon (self, AU_WAIT_TIMED_OUT);
  wait_unref (self);
}

static void
wait_cancelled_cb (GCancellable *cancellable,
                   gpointer      data)
{
  wait_abandon (data, AU_WAIT_CANCELLED);
}

static void
wait_release_cb (gpointer data)
{
  wait_unref (data);
}

/* Before it enters its line, so that nothing of it changes afterwards. */
static void
wait_limit (AuWait       *self,
            GTimeSpan     timeout,
            GCancellable *cancellable)
{
  gint64 end_time = au_clock_get_end_time (timeout);

  if (end_time < 0 && cancellable == NULL)
    return;

  self->extra = g_new0 (AuWaitExtra, 1);
  self->extra->wait = self;
  self->extra->timer.func = wait_timer_cb;

  if (cancellable != NULL)
    {
      self->extra->cancellable = g_object_ref (cancellable);
      wait_ref (self);
      self->extra->cancelled_id = g_cancellable_connect (cancellable,
                                                         G_CALLBACK (wait_cancelled_cb),
                                                         self, wait_release_cb);
    }

  if (end_time >= 0)
    {
      wait_ref (self);
      if (!au_timer_set (&self->extra->timer, end_time))
        g_assert_not_reached ();
    }
}

/* After its end. */
static void
wait_unlimit (AuWait *self)
{
  AuWaitExtra *extra = self->extra;

  if (extra == NULL)
    return;

  /* Not g_cancellable_disconnect (), which waits for handlers that run: one of them may
   * be waiting for us. A handler that runs has a reference, and finds the wait ended. */
  if (extra->cancelled_id != 0)
    g_signal_handler_disconnect (extra->cancellable, extra->cancelled_id);
  extra->cancelled_id = 0;

  if (extra->timer.func != NULL && au_timer_clear (&extra->timer))
    wait_unref (self);
}

/* Enters the line, unless it is its turn meanwhile; tells whether it has ended. */
static gboolean
wait_enter (AuWait *self)
{
  AuWakeList woken = { NULL };
  GMutex *lock = get_lock (self);
  gboolean done;

  au_lock_briefly (lock);
  done = self->outcome != AU_WAIT_PENDING ||
         self->operation->attempt (self->object, self, &woken);
  if (!done)
    {
      wait_ref (self);
      self->operation->enter (self->object, self, &woken);
    }
  g_mutex_unlock (lock);

  au_waiters_wake (woken.first);

  return done;
}

static gboolean
wait_attempt (AuWait *self)
{
  AuWakeList woken = { NULL };
  GMutex *lock = get_lock (self);
  gboolean done;

  au_lock_briefly (lock);
  done = self->operation->attempt (self->object, self, &woken);
  g_mutex_unlock (lock);

  au_waiters_wake (woken.first);

  return done;
}

static gboolean
check_outcome (AuWait  *self,
               GError **error)
{
  switch ((AuWaitOutcome) self->outcome)
    {
    case AU_WAIT_GRANTED:
      return TRUE;

    case AU_WAIT_CLOSED:
      g_set_error_literal (error, AU_ERROR, AU_ERROR_CLOSED, _(self->operation->closed));
      return FALSE;

    case AU_WAIT_FAILED:
      self->operation->set_error (self->object, self, error);
      return FALSE;

    case AU_WAIT_CANCELLED:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                           _("The wait was cancelled"));
      return FALSE;

    case AU_WAIT_TIMED_OUT:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                           _(self->operation->timed_out));
      return FALSE;

    case AU_WAIT_PENDING:
    default:
      g_assert_not_reached ();
    }
}

void
au_wait_end_all (AuWaiterList *line,
                 AuWaitOutcome outcome,
                 AuWakeList   *woken)
{
  AuWait *wait;

  while ((wait = au_wait_peek (line)) != NULL)
    au_wait_end (wait, outcome, wait->data, woken);
}

gboolean
au_wait_try (const AuWaitOperation *operation,
             gpointer               object,
             int                    priority,
             gpointer              *data)
{
  AuWait wait = {
    .operation = operation,
    .object = object,
    .priority = priority,
    .data = data != NULL ? *data : NULL,
  };

  if (!wait_attempt (&wait) || wait.outcome != AU_WAIT_GRANTED)
    return FALSE;

  if (data != NULL)
    *data = wait.data;

  return TRUE;
}

/* Threads */

static void
thread_wait_wake (AuWaiter *waiter)
{
  ThreadWait *self = (ThreadWait *) waiter;
  gboolean sleeps;

  g_mutex_lock (&self->lock);
  g_atomic_int_set (&self->woken, TRUE);
  sleeps = self->sleeps;
  g_mutex_unlock (&self->lock);

  /* Not with the lock, which is what a thread that is woken takes first. */
  if (sleeps)
    g_cond_signal (&self->cond);

  wait_unref (&self->wait);
}

static gboolean
thread_wait_spin (ThreadWait *self)
{
  gsize offset = self->wait.operation->spin_offset;

  return offset != 0 &&
         au_spin (G_STRUCT_MEMBER_P (self->wait.object, offset), &self->woken, AU_SPIN_THREAD);
}

static void
thread_wait_sleep (ThreadWait *self)
{
  if (thread_wait_spin (self))
    {
      /* whoever wakes may not have left yet, but has a reference */
      return;
    }

  g_mutex_lock (&self->lock);
  self->sleeps = TRUE;
  while (!self->woken)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);
}

static ThreadWait *
thread_wait_new (const AuWait *model)
{
  ThreadWait *self = g_new0 (ThreadWait, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->wait = *model;
  self->wait.waiter.wake = thread_wait_wake;

  return self;
}

static gboolean
wait_blocking (AuWait       *model,
               gpointer     *data,
               GTimeSpan     timeout,
               GCancellable *cancellable,
               GError      **error)
{
  ThreadWait *self = thread_wait_new (model);
  gboolean granted;

  wait_limit (&self->wait, timeout, cancellable);
  if (!wait_enter (&self->wait))
    thread_wait_sleep (self);
  wait_unlimit (&self->wait);

  granted = check_outcome (&self->wait, error);
  if (granted && data != NULL)
    *data = self->wait.data;
  wait_unref (&self->wait);

  return granted;
}

gboolean
au_wait_sync (const AuWaitOperation *operation,
              gpointer               object,
              int                    priority,
              gpointer              *data,
              GTimeSpan              timeout,
              GCancellable          *cancellable,
              GError               **error)
{
  AuWait wait = {
    .operation = operation,
    .object = object,
    .priority = priority,
    .data = data != NULL ? *data : NULL,
  };

  if (cancellable != NULL && g_cancellable_is_cancelled (cancellable))
    wait.outcome = AU_WAIT_CANCELLED;
  else if (!wait_attempt (&wait))
    {
      if (timeout != 0)
        return wait_blocking (&wait, data, timeout, cancellable, error);
      wait.outcome = AU_WAIT_TIMED_OUT;
    }

  if (!check_outcome (&wait, error))
    return FALSE;

  if (data != NULL)
    *data = wait.data;

  return TRUE;
}

/* Main loops */

static void au_wait_result_iface_init (GAsyncResultIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuWaitResult, au_wait_result, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_RESULT,
                                                      au_wait_result_iface_init))

static void
au_wait_result_finalize (GObject *object)
{
  AuWaitResult *self = AU_WAIT_RESULT (object);
  AuWait *wait = &self->wait;

  /* What was not taken, or was given and never fetched, is not lost. */
  if (wait->data != NULL && wait->operation->discard != NULL)
    {
      AuWakeList woken = { NULL };
      GMutex *lock = get_lock (wait);

      g_mutex_lock (lock);
      wait->operation->discard (wait->object, wait, &woken);
      g_mutex_unlock (lock);
      au_waiters_wake (woken.first);
    }

  g_clear_pointer (&wait->extra, extra_free);
  g_clear_object (&wait->object);
  g_clear_pointer (&self->context, g_main_context_unref);

  G_OBJECT_CLASS (au_wait_result_parent_class)->finalize (object);
}

static gpointer
au_wait_result_get_user_data (GAsyncResult *result)
{
  return AU_WAIT_RESULT (result)->user_data;
}

static GObject *
au_wait_result_get_source_object (GAsyncResult *result)
{
  return g_object_ref (AU_WAIT_RESULT (result)->wait.object);
}

static gboolean
au_wait_result_is_tagged (GAsyncResult *result,
                          gpointer      source_tag)
{
  return (gpointer) AU_WAIT_RESULT (result)->wait.operation == source_tag;
}

static void
au_wait_result_iface_init (GAsyncResultIface *iface)
{
  iface->get_user_data = au_wait_result_get_user_data;
  iface->get_source_object = au_wait_result_get_source_object;
  iface->is_tagged = au_wait_result_is_tagged;
}

static void
au_wait_result_class_init (AuWaitResultClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_wait_result_finalize;
}

static void
au_wait_result_init (AuWaitResult *self)
{
}

static gboolean
deliver_cb (gpointer data)
{
  AuWaitResult *self = data;

  wait_unlimit (&self->wait);
  if (self->callback != NULL)
    self->callback (self->wait.object, G_ASYNC_RESULT (self), self->user_data);

  return G_SOURCE_REMOVE;
}

/* Where the main context went away without a last turn, the callback is lost, but not
 * what it would have been given. */
static void
delivered_cb (gpointer data)
{
  AuWaitResult *self = data;

  wait_unlimit (&self->wait);
  g_object_unref (self);
}

/* Takes over a reference. That on the main context is dropped, or neither of the two
 * would ever go where nobody iterates it any more. */
static void
deliver (AuWaitResult *self)
{
  g_autoptr(GMainContext) context = g_steal_pointer (&self->context);
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_static_name (source, "[au] wait");
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver_cb, self, delivered_cb);
  g_source_attach (source, context);
}

static void
result_wait_wake (AuWaiter *waiter)
{
  deliver (get_result ((AuWait *) waiter));
}

void
au_wait_async (const AuWaitOperation *operation,
               gpointer               object,
               int                    priority,
               gpointer               data,
               GCancellable          *cancellable,
               GAsyncReadyCallback    callback,
               gpointer               user_data)
{
  g_autoptr(AuWaitResult) self = g_object_new (AU_TYPE_WAIT_RESULT, NULL);
  AuWait *wait = &self->wait;
  gboolean done = TRUE;

  wait->waiter.wake = result_wait_wake;
  wait->operation = operation;
  wait->object = g_object_ref (object);
  wait->data = data;
  wait->priority = priority;
  wait->is_async = TRUE;
  self->context = g_main_context_ref_thread_default ();
  self->callback = callback;
  self->user_data = user_data;

  if (cancellable != NULL && g_cancellable_is_cancelled (cancellable))
    {
      wait->outcome = AU_WAIT_CANCELLED;
    }
  else if (cancellable == NULL)
    {
      done = wait_enter (wait);
    }
  else if (!wait_attempt (wait))
    {
      wait_limit (wait, -1, cancellable);
      done = wait_enter (wait);
    }

  if (done)
    deliver (g_steal_pointer (&self));
}

gboolean
au_wait_finish (const AuWaitOperation *operation,
                gpointer               object,
                GAsyncResult          *result,
                gpointer              *data,
                GError               **error)
{
  AuWait *wait;

  g_return_val_if_fail (AU_IS_WAIT_RESULT (result), FALSE);

  wait = &AU_WAIT_RESULT (result)->wait;
  g_return_val_if_fail (wait->operation == operation && wait->object == object, FALSE);
  g_return_val_if_fail (wait->outcome != AU_WAIT_PENDING, FALSE);

  if (!check_outcome (wait, error))
    return FALSE;

  /* asked once: what it was given is the caller's now */
  wait->outcome = AU_WAIT_PENDING;
  if (data != NULL)
    *data = g_steal_pointer (&wait->data);

  return TRUE;
}
