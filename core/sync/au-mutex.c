/* au-mutex.c: one at a time, for threads and main loops
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-permits-private.h"
#include "au-spin-private.h"

#include <au/au-mutex.h>

#include <glib/gi18n-lib.h>

struct _AuMutex
{
  GObject   parent_instance;

  AuPermits permits;
  AuSpin    spin;
};

/**
 * AuMutex:
 *
 * Lets one in at a time: a thread, or something that goes on in a main loop.
 *
 * Unlike a #GMutex it may be held while a main loop turns, may be unlocked by another
 * thread than the one that locked it, and is fair: all who wait, threads that block and
 * main loops that do not, stand in one line and are served in the order of their
 * arrival. The lock is handed over to the first in line directly; one whose wait was
 * cancelled or ran out of time never gets it.
 *
 * It is not recursive: who locks it twice waits for ever, or until the time is over.
 *
 * MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuMutex, au_mutex, G_TYPE_OBJECT)

static gboolean
lock_attempt (gpointer    object,
              AuWait     *wait,
              AuWakeList *woken)
{
  return au_permits_attempt (&((AuMutex *) object)->permits, wait);
}

static void
lock_enter (gpointer    object,
            AuWait     *wait,
            AuWakeList *woken)
{
  au_permits_enter (&((AuMutex *) object)->permits, wait, woken);
}

static void
lock_leave (gpointer    object,
            AuWait     *wait,
            AuWakeList *woken)
{
  au_permits_leave (&((AuMutex *) object)->permits);
}

static const AuWaitOperation lock_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuMutex, permits.lock),
  .spin_offset = G_STRUCT_OFFSET (AuMutex, spin),
  .timed_out = N_("The mutex was not unlocked in time"),
  .attempt = lock_attempt,
  .enter = lock_enter,
  .leave = lock_leave,
};

static void
au_mutex_finalize (GObject *object)
{
  AuMutex *self = AU_MUTEX (object);

  au_permits_clear (&self->permits);

  G_OBJECT_CLASS (au_mutex_parent_class)->finalize (object);
}

static void
au_mutex_class_init (AuMutexClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_mutex_finalize;
}

static void
au_mutex_init (AuMutex *self)
{
  au_permits_init (&self->permits, 1);
}

/**
 * au_mutex_new:
 *
 * Makes a mutex, which is unlocked.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new mutex
 *
 * Since: 1.0
 */
AuMutex *
au_mutex_new (void)
{
  return g_object_new (AU_TYPE_MUTEX, NULL);
}

/**
 * au_mutex_lock:
 * @self: a mutex
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Locks it, when it is unlocked and all who came before have had it.
 *
 * Blocks the calling thread; do not use it in a main loop. Fails with
 * %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED, and has not locked it then.
 *
 * MT safe.
 *
 * Returns: %TRUE when it is locked
 *
 * Since: 1.0
 */
gboolean
au_mutex_lock (AuMutex       *self,
               GTimeSpan      timeout,
               GCancellable  *cancellable,
               GError       **error)
{
  g_return_val_if_fail (AU_IS_MUTEX (self), FALSE);

  if (cancellable == NULL && au_permits_take (&self->permits))
    return TRUE;

  return au_wait_sync (&lock_operation, self, 0, NULL, timeout, cancellable, error);
}

/**
 * au_mutex_try_lock:
 * @self: a mutex
 *
 * Locks it if that is possible without waiting.
 *
 * MT safe.
 *
 * Returns: %TRUE when it is locked by this call
 *
 * Since: 1.0
 */
gboolean
au_mutex_try_lock (AuMutex *self)
{
  g_return_val_if_fail (AU_IS_MUTEX (self), FALSE);

  return au_permits_take (&self->permits);
}

/**
 * au_mutex_lock_async:
 * @self: a mutex
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the wait has ended
 * @user_data: data for @callback
 *
 * Locks it, when it is unlocked and all who came before have had it, without blocking.
 *
 * @callback is called in the thread-default main context of the caller. When the lock
 * was handed over before @cancellable was cancelled, it is locked, and is to be
 * unlocked.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_mutex_lock_async (AuMutex             *self,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  g_return_if_fail (AU_IS_MUTEX (self));

  au_wait_async (&lock_operation, self, 0, NULL, cancellable, callback, user_data);
}

/**
 * au_mutex_lock_finish:
 * @self: a mutex
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Mutex.lock_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED, and has not locked it then.
 *
 * MT safe.
 *
 * Returns: %TRUE when it is locked
 *
 * Since: 1.0
 */
gboolean
au_mutex_lock_finish (AuMutex       *self,
                      GAsyncResult  *result,
                      GError       **error)
{
  g_return_val_if_fail (AU_IS_MUTEX (self), FALSE);

  return au_wait_finish (&lock_operation, self, result, NULL, error);
}

/**
 * au_mutex_unlock:
 * @self: a mutex that is locked
 *
 * Unlocks it, or hands it over to the first who waits.
 *
 * To unlock what is not locked is an error of the program, which is reported by
 * g_critical().
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_mutex_unlock (AuMutex *self)
{
  g_return_if_fail (AU_IS_MUTEX (self));

  if (!au_permits_release (&self->permits, 1))
    g_critical ("A mutex was unlocked that was not locked");
}

/**
 * au_mutex_is_locked:
 * @self: a mutex
 *
 * Tells whether somebody has locked it, for a look from outside: it may change at once.
 *
 * MT safe.
 *
 * Returns: %TRUE if it is locked
 *
 * Since: 1.0
 */
gboolean
au_mutex_is_locked (AuMutex *self)
{
  g_return_val_if_fail (AU_IS_MUTEX (self), FALSE);

  return au_permits_get_free (&self->permits) <= 0;
}

/**
 * au_mutex_get_waiting:
 * @self: a mutex
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
au_mutex_get_waiting (AuMutex *self)
{
  g_return_val_if_fail (AU_IS_MUTEX (self), 0);

  return au_permits_get_waiting (&self->permits);
}
