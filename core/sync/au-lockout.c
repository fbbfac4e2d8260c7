/* au-lockout.c: nobody comes in for a while
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-timer-private.h"
#include "au-wait-private.h"

#include <au/au-clock.h>
#include <au/au-lockout.h>

#include <glib/gi18n-lib.h>

struct _AuLockout
{
  GObject      parent_instance;

  AuTimer      timer;           /* has a reference while it is set */
  GMutex       lock;
  gint64       locked_until;    /* monotonic */
  AuWaiterList line;
  guint        n_waiting;
  guint        n_inside;
  gboolean     one_by_one;
  gboolean     one_is_inside;   /* of those who had to wait */
};

/**
 * AuLockout:
 *
 * Keeps everybody out for a while, such as when a server has said “try again in 30 s”.
 *
 * Whoever wants to come in waits until all lockouts in force are over: of several the
 * one that ends last counts, and one that is added meanwhile makes the wait longer. Who
 * is inside already is not affected. When a lockout ends, those who wait come in in the
 * order of their arrival, threads that block and main loops alike: all at once, or, if
 * the lockout is of that kind, one by one, each when the one before has left.
 *
 * Time is that of [func@Au.clock_get_monotonic_time].
 *
 * MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuLockout, au_lockout, G_TYPE_OBJECT)

enum
{
  PROP_ONE_BY_ONE = 1,
  PROP_INSIDE,
  PROP_WAITING,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* Lets in whoever may come in now; if time must pass first, the timer does it then. */
static void
let_in (AuLockout  *self,
        AuWakeList *woken)
{
  AuWait *wait;

  if (self->n_waiting == 0)
    return;

  if (self->locked_until > au_clock_get_monotonic_time ())
    {
      if (au_timer_set (&self->timer, self->locked_until))
        g_object_ref (self);
      return;
    }

  while ((wait = au_wait_peek (&self->line)) != NULL &&
         (!self->one_by_one || !self->one_is_inside))
    {
      self->one_is_inside = self->one_by_one;
      self->n_waiting--;
      self->n_inside++;
      au_wait_end (wait, AU_WAIT_GRANTED, NULL, woken);
    }
}

static void
lockout_timer_cb (AuTimer *timer)
{
  g_autoptr(AuLockout) self = (AuLockout *) ((char *) timer - G_STRUCT_OFFSET (AuLockout, timer));
  AuWakeList woken = { NULL };

  g_mutex_lock (&self->lock);
  let_in (self, &woken);
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

static gboolean
enter_attempt (gpointer    object,
               AuWait     *wait,
               AuWakeList *woken)
{
  AuLockout *self = object;

  if (self->n_waiting > 0 || self->one_is_inside ||
      self->locked_until > au_clock_get_monotonic_time ())
    return FALSE;

  self->n_inside++;

  return au_wait_done (wait, AU_WAIT_GRANTED, NULL);
}

static void
enter_enter (gpointer    object,
             AuWait     *wait,
             AuWakeList *woken)
{
  AuLockout *self = object;

  au_wait_line_up (wait, &self->line);
  self->n_waiting++;
  let_in (self, woken);
}

static void
enter_leave (gpointer    object,
             AuWait     *wait,
             AuWakeList *woken)
{
  AuLockout *self = object;

  self->n_waiting--;
}

static const AuWaitOperation enter_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuLockout, lock),
  .timed_out = N_("The lockout has not ended in time: wait longer"),
  .attempt = enter_attempt,
  .enter = enter_enter,
  .leave = enter_leave,
};

static void
au_lockout_finalize (GObject *object)
{
  AuLockout *self = AU_LOCKOUT (object);

  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_lockout_parent_class)->finalize (object);
}

static void
au_lockout_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  AuLockout *self = AU_LOCKOUT (object);

  switch (prop_id)
    {
    case PROP_ONE_BY_ONE:
      g_value_set_boolean (value, self->one_by_one);
      break;
    case PROP_INSIDE:
      g_value_set_uint (value, au_lockout_get_inside (self));
      break;
    case PROP_WAITING:
      g_value_set_uint (value, au_lockout_get_waiting (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_lockout_set_property (GObject      *object,
                         guint         prop_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  AuLockout *self = AU_LOCKOUT (object);

  switch (prop_id)
    {
    case PROP_ONE_BY_ONE:
      self->one_by_one = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_lockout_class_init (AuLockoutClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_lockout_finalize;
  object_class->get_property = au_lockout_get_property;
  object_class->set_property = au_lockout_set_property;

  /**
   * AuLockout:one-by-one:
   *
   * Whether those who had to wait come in one by one, each when the one before has left.
   *
   * Since: 1.0
   */
  props[PROP_ONE_BY_ONE] =
    g_param_spec_boolean ("one-by-one", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AuLockout:inside: (getter get_inside)
   *
   * How many are inside. It is not notified.
   *
   * Since: 1.0
   */
  props[PROP_INSIDE] =
    g_param_spec_uint ("inside", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AuLockout:waiting: (getter get_waiting)
   *
   * How many wait, threads and main loops. It is not notified.
   *
   * Since: 1.0
   */
  props[PROP_WAITING] =
    g_param_spec_uint ("waiting", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
au_lockout_init (AuLockout *self)
{
  self->timer.func = lockout_timer_cb;
  self->locked_until = G_MININT64;
  g_mutex_init (&self->lock);
}

/**
 * au_lockout_new:
 * @one_by_one: whether those who had to wait come in one by one
 *
 * Makes a lockout, which keeps nobody out yet.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new lockout
 *
 * Since: 1.0
 */
AuLockout *
au_lockout_new (gboolean one_by_one)
{
  return g_object_new (AU_TYPE_LOCKOUT, "one-by-one", one_by_one, NULL);
}

/**
 * au_lockout_lock_for:
 * @self: a lockout
 * @span: how long, in microseconds, not negative
 *
 * Lets nobody in for @span from now on. It never makes another lockout shorter.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_lockout_lock_for (AuLockout *self,
                     GTimeSpan  span)
{
  gint64 until;

  g_return_if_fail (AU_IS_LOCKOUT (self));
  g_return_if_fail (span >= 0);

  until = au_clock_get_end_time (span);
  if (until < 0)
    until = G_MAXINT64;

  g_mutex_lock (&self->lock);
  self->locked_until = MAX (self->locked_until, until);
  g_mutex_unlock (&self->lock);
}

/**
 * au_lockout_get_locked_until:
 * @self: a lockout
 *
 * Gets when the lockout in force ends.
 *
 * MT safe.
 *
 * Returns: a time of [func@Au.clock_get_monotonic_time], or -1 if none is in force
 *
 * Since: 1.0
 */
gint64
au_lockout_get_locked_until (AuLockout *self)
{
  gint64 until;

  g_return_val_if_fail (AU_IS_LOCKOUT (self), -1);

  g_mutex_lock (&self->lock);
  until = self->locked_until;
  g_mutex_unlock (&self->lock);

  return until > au_clock_get_monotonic_time () ? until : -1;
}

/**
 * au_lockout_enter:
 * @self: a lockout
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Waits until it may come in.
 *
 * Blocks the calling thread; do not use it in a main loop. Fails with
 * %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED, and has not come in then.
 *
 * MT safe.
 *
 * Returns: %TRUE when inside, until [method@Au.Lockout.leave]
 *
 * Since: 1.0
 */
gboolean
au_lockout_enter (AuLockout     *self,
                  GTimeSpan      timeout,
                  GCancellable  *cancellable,
                  GError       **error)
{
  g_return_val_if_fail (AU_IS_LOCKOUT (self), FALSE);

  return au_wait_sync (&enter_operation, self, 0, NULL, timeout, cancellable, error);
}

/**
 * au_lockout_try_enter:
 * @self: a lockout
 *
 * Comes in if that is possible without waiting.
 *
 * MT safe.
 *
 * Returns: %TRUE when inside, until [method@Au.Lockout.leave]
 *
 * Since: 1.0
 */
gboolean
au_lockout_try_enter (AuLockout *self)
{
  g_return_val_if_fail (AU_IS_LOCKOUT (self), FALSE);

  return au_wait_try (&enter_operation, self, 0, NULL);
}

/**
 * au_lockout_enter_async:
 * @self: a lockout
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the wait has ended
 * @user_data: data for @callback
 *
 * Waits until it may come in, without blocking.
 *
 * @callback is called in the thread-default main context of the caller. Who was let in
 * before @cancellable was cancelled is inside, and is to leave.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_lockout_enter_async (AuLockout           *self,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_return_if_fail (AU_IS_LOCKOUT (self));

  au_wait_async (&enter_operation, self, 0, NULL, cancellable, callback, user_data);
}

/**
 * au_lockout_enter_finish:
 * @self: a lockout
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Lockout.enter_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED, and has not come in then.
 *
 * MT safe.
 *
 * Returns: %TRUE when inside, until [method@Au.Lockout.leave]
 *
 * Since: 1.0
 */
gboolean
au_lockout_enter_finish (AuLockout     *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (AU_IS_LOCKOUT (self), FALSE);

  return au_wait_finish (&enter_operation, self, result, NULL, error);
}

/**
 * au_lockout_leave:
 * @self: a lockout
 *
 * Leaves it. Where they come in one by one, the next one does.
 *
 * While one that had to wait is inside, nobody else comes in of such a lockout; so
 * whoever leaves first lets the next one in.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_lockout_leave (AuLockout *self)
{
  AuWakeList woken = { NULL };
  gboolean was_inside;

  g_return_if_fail (AU_IS_LOCKOUT (self));

  g_mutex_lock (&self->lock);
  was_inside = self->n_inside > 0;
  if (was_inside)
    {
      self->n_inside--;
      self->one_is_inside = FALSE;
      let_in (self, &woken);
    }
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);

  if (!was_inside)
    g_critical ("A lockout was left more often than it was entered");
}

/**
 * au_lockout_get_inside:
 * @self: a lockout
 *
 * Gets how many are inside.
 *
 * MT safe.
 *
 * Returns: the number of those inside
 *
 * Since: 1.0
 */
guint
au_lockout_get_inside (AuLockout *self)
{
  guint n;

  g_return_val_if_fail (AU_IS_LOCKOUT (self), 0);

  g_mutex_lock (&self->lock);
  n = self->n_inside;
  g_mutex_unlock (&self->lock);

  return n;
}

/**
 * au_lockout_get_waiting:
 * @self: a lockout
 *
 * Gets how many wait, threads and main loops.
 *
 * MT safe.
 *
 * Returns: the number of those who wait
 *
 * Since: 1.0
 */
guint
au_lockout_get_waiting (AuLockout *self)
{
  guint n;

  g_return_val_if_fail (AU_IS_LOCKOUT (self), 0);

  g_mutex_lock (&self->lock);
  n = self->n_waiting;
  g_mutex_unlock (&self->lock);

  return n;
}
