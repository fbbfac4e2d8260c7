/* au-semaphore.c: permits, some at a time
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-permits-private.h"
#include "au-spin-private.h"

#include <au/au-priority.h>
#include <au/au-semaphore.h>

#include <glib/gi18n-lib.h>

struct _AuSemaphore
{
  GObject   parent_instance;

  AuPermits permits;
  AuSpin    spin;
  int       limit;          /* atomic; changed with set_lock held */
  GMutex    set_lock;
};

/**
 * AuSemaphore:
 *
 * Lets a limited number in at a time, and the others wait, by priority.
 *
 * Threads that block and main loops that do not wait in one line: the smaller the
 * priority of [func@Au.priority_push], the earlier is one's turn, and equals are served
 * in the order of their arrival. Nobody overtakes: whoever comes while others wait,
 * waits. A permit that is given back goes to the first in line directly, and one whose
 * wait was cancelled or ran out of time never gets one.
 *
 * The limit can be changed at any time. When it sinks, those who are in stay in.
 *
 * MT safe. Any thread may give back what another one has got.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuSemaphore, au_semaphore, G_TYPE_OBJECT)

enum
{
  PROP_LIMIT = 1,
  PROP_AVAILABLE,
  PROP_WAITING,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static gboolean
acquire_attempt (gpointer    object,
                 AuWait     *wait,
                 AuWakeList *woken)
{
  return au_permits_attempt (&((AuSemaphore *) object)->permits, wait);
}

static void
acquire_enter (gpointer    object,
               AuWait     *wait,
               AuWakeList *woken)
{
  au_permits_enter (&((AuSemaphore *) object)->permits, wait, woken);
}

static void
acquire_leave (gpointer    object,
               AuWait     *wait,
               AuWakeList *woken)
{
  au_permits_leave (&((AuSemaphore *) object)->permits);
}

static const AuWaitOperation acquire_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuSemaphore, permits.lock),
  .spin_offset = G_STRUCT_OFFSET (AuSemaphore, spin),
  .timed_out = N_("The semaphore had no permit in time: wait longer, or raise its limit"),
  .attempt = acquire_attempt,
  .enter = acquire_enter,
  .leave = acquire_leave,
};

static void
au_semaphore_finalize (GObject *object)
{
  AuSemaphore *self = AU_SEMAPHORE (object);

  au_permits_clear (&self->permits);
  g_mutex_clear (&self->set_lock);

  G_OBJECT_CLASS (au_semaphore_parent_class)->finalize (object);
}

static void
au_semaphore_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  AuSemaphore *self = AU_SEMAPHORE (object);

  switch (prop_id)
    {
    case PROP_LIMIT:
      g_value_set_uint (value, au_semaphore_get_limit (self));
      break;
    case PROP_AVAILABLE:
      g_value_set_uint (value, au_semaphore_get_available (self));
      break;
    case PROP_WAITING:
      g_value_set_uint (value, au_semaphore_get_waiting (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_semaphore_set_property (GObject      *object,
                           guint         prop_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  AuSemaphore *self = AU_SEMAPHORE (object);

  switch (prop_id)
    {
    case PROP_LIMIT:
      au_semaphore_set_limit (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_semaphore_class_init (AuSemaphoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_semaphore_finalize;
  object_class->get_property = au_semaphore_get_property;
  object_class->set_property = au_semaphore_set_property;

  /**
   * AuSemaphore:limit: (getter get_limit) (setter set_limit)
   *
   * How many may be in at a time.
   *
   * Since: 1.0
   */
  props[PROP_LIMIT] =
    g_param_spec_uint ("limit", NULL, NULL, 0, G_MAXINT / 4, 1,
                       G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_EXPLICIT_NOTIFY |
                       G_PARAM_STATIC_STRINGS);

  /**
   * AuSemaphore:available: (getter get_available)
   *
   * How many permits are free. It is not notified.
   *
   * Since: 1.0
   */
  props[PROP_AVAILABLE] =
    g_param_spec_uint ("available", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AuSemaphore:waiting: (getter get_waiting)
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
au_semaphore_init (AuSemaphore *self)
{
  au_permits_init (&self->permits, 0);
  g_mutex_init (&self->set_lock);
}

/**
 * au_semaphore_new:
 * @limit: how many may be in at a time; 0 for none until it is raised
 *
 * Makes a semaphore.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new semaphore
 *
 * Since: 1.0
 */
AuSemaphore *
au_semaphore_new (guint limit)
{
  return g_object_new (AU_TYPE_SEMAPHORE, "limit", limit, NULL);
}

/**
 * au_semaphore_acquire:
 * @self: a semaphore
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Waits until it may come in, in the order of [func@Au.priority_get].
 *
 * Blocks the calling thread; do not use it in a main loop. Fails with
 * %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED, and has no permit then.
 *
 * MT safe.
 *
 * Returns: %TRUE with a permit, to be given back by [method@Au.Semaphore.release]
 *
 * Since: 1.0
 */
gboolean
au_semaphore_acquire (AuSemaphore   *self,
                      GTimeSpan      timeout,
                      GCancellable  *cancellable,
                      GError       **error)
{
  g_return_val_if_fail (AU_IS_SEMAPHORE (self), FALSE);

  if (cancellable == NULL && au_permits_take (&self->permits))
    return TRUE;

  return au_wait_sync (&acquire_operation, self, au_priority_get (), NULL,
                       timeout, cancellable, error);
}

/**
 * au_semaphore_try_acquire:
 * @self: a semaphore
 *
 * Comes in if that is possible without waiting.
 *
 * MT safe.
 *
 * Returns: %TRUE with a permit, to be given back by [method@Au.Semaphore.release]
 *
 * Since: 1.0
 */
gboolean
au_semaphore_try_acquire (AuSemaphore *self)
{
  g_return_val_if_fail (AU_IS_SEMAPHORE (self), FALSE);

  return au_permits_take (&self->permits);
}

/**
 * au_semaphore_acquire_async:
 * @self: a semaphore
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the wait has ended
 * @user_data: data for @callback
 *
 * Waits until it may come in, without blocking, in the order of
 * [func@Au.priority_get].
 *
 * @callback is called in the thread-default main context of the caller. A permit that
 * was granted before @cancellable was cancelled is there, and is to be given back.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_semaphore_acquire_async (AuSemaphore         *self,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_return_if_fail (AU_IS_SEMAPHORE (self));

  au_wait_async (&acquire_operation, self, au_priority_get (), NULL,
                 cancellable, callback, user_data);
}

/**
 * au_semaphore_acquire_finish:
 * @self: a semaphore
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Semaphore.acquire_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED, and has no permit then.
 *
 * MT safe.
 *
 * Returns: %TRUE with a permit, to be given back by [method@Au.Semaphore.release]
 *
 * Since: 1.0
 */
gboolean
au_semaphore_acquire_finish (AuSemaphore   *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  g_return_val_if_fail (AU_IS_SEMAPHORE (self), FALSE);

  return au_wait_finish (&acquire_operation, self, result, NULL, error);
}

/**
 * au_semaphore_release:
 * @self: a semaphore
 *
 * Gives a permit back, to the first who waits if somebody does.
 *
 * To give back what one has not got is an error of the program, which is reported by
 * g_critical() where it is noticed.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_semaphore_release (AuSemaphore *self)
{
  g_return_if_fail (AU_IS_SEMAPHORE (self));

  if (!au_permits_release (&self->permits, g_atomic_int_get (&self->limit)))
    g_critical ("A semaphore was released more often than it was acquired");
}

/**
 * au_semaphore_get_limit:
 * @self: a semaphore
 *
 * Gets how many may be in at a time.
 *
 * MT safe.
 *
 * Returns: the limit
 *
 * Since: 1.0
 */
guint
au_semaphore_get_limit (AuSemaphore *self)
{
  g_return_val_if_fail (AU_IS_SEMAPHORE (self), 0);

  return g_atomic_int_get (&self->limit);
}

/**
 * au_semaphore_set_limit:
 * @self: a semaphore
 * @limit: how many may be in at a time
 *
 * Changes how many may be in at a time. Those who wait come in as far as it allows
 * them to; when it sinks, nobody has to leave.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_semaphore_set_limit (AuSemaphore *self,
                        guint        limit)
{
  int change;

  g_return_if_fail (AU_IS_SEMAPHORE (self));
  g_return_if_fail (limit <= G_MAXINT / 4);

  g_mutex_lock (&self->set_lock);
  change = (int) limit - self->limit;
  /* Never may there seem to be more free ones than the limit allows. */
  if (change < 0)
    au_permits_add (&self->permits, change);
  g_atomic_int_set (&self->limit, limit);
  if (change > 0)
    au_permits_add (&self->permits, change);
  g_mutex_unlock (&self->set_lock);
}

/**
 * au_semaphore_get_available:
 * @self: a semaphore
 *
 * Gets how many permits are free. Others may take them at once: use
 * [method@Au.Semaphore.try_acquire] to take one.
 *
 * MT safe.
 *
 * Returns: the number of free permits
 *
 * Since: 1.0
 */
guint
au_semaphore_get_available (AuSemaphore *self)
{
  g_return_val_if_fail (AU_IS_SEMAPHORE (self), 0);

  return MAX (au_permits_get_free (&self->permits), 0);
}

/**
 * au_semaphore_get_waiting:
 * @self: a semaphore
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
au_semaphore_get_waiting (AuSemaphore *self)
{
  g_return_val_if_fail (AU_IS_SEMAPHORE (self), 0);

  return au_permits_get_waiting (&self->permits);
}
