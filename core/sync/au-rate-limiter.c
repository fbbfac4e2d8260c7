/* au-rate-limiter.c: so many in a period, and no more
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-rate-limiter-private.h"
#include "au-spin-private.h"

#include <au/au-clock.h>

/**
 * AuRateLimiter:
 *
 * Lets at most so many in within any period, such as 20 a second, altogether or for each
 * key.
 *
 * This is an exact sliding window: in no period of that length, wherever it begins, do
 * more come in. Nobody waits longer than is needed for that, and nothing polls. Threads
 * that block and main loops that do not wait in one line for each key, and are served in
 * the order of their arrival; one whose wait was cancelled or ran out of time does not
 * count. Nobody has to leave.
 *
 * Every key has the limit of the limiter unless it is given one of its own; calls
 * without a key are counted by themselves. Limits can be changed at any time. A key that
 * has not been used for a period takes no memory.
 *
 * Time is that of [func@Au.clock_get_monotonic_time].
 *
 * MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuRateLimiter, au_rate_limiter, G_TYPE_OBJECT)

enum
{
  PROP_LIMIT = 1,
  PROP_PERIOD,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
au_rate_limiter_finalize (GObject *object)
{
  AuRateLimiter *self = AU_RATE_LIMITER (object);

  g_clear_pointer (&self->buckets, g_hash_table_unref);
  au_heap_clear (&self->waiting);
  au_rate_window_clear (&self->common.window);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_rate_limiter_parent_class)->finalize (object);
}

static void
au_rate_limiter_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  AuRateLimiter *self = AU_RATE_LIMITER (object);

  switch (prop_id)
    {
    case PROP_LIMIT:
      g_value_set_uint (value, au_rate_limiter_get_limit (self));
      break;
    case PROP_PERIOD:
      g_value_set_int64 (value, au_rate_limiter_get_period (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_rate_limiter_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  AuRateLimiter *self = AU_RATE_LIMITER (object);

  switch (prop_id)
    {
    case PROP_LIMIT:
      au_rate_limiter_set_limit (self, g_value_get_uint (value));
      break;
    case PROP_PERIOD:
      au_rate_limiter_set_period (self, g_value_get_int64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_rate_limiter_class_init (AuRateLimiterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_rate_limiter_finalize;
  object_class->get_property = au_rate_limiter_get_property;
  object_class->set_property = au_rate_limiter_set_property;

  /**
   * AuRateLimiter:limit: (getter get_limit) (setter set_limit)
   *
   * How many may come in within a period.
   *
   * Since: 1.0
   */
  props[PROP_LIMIT] =
    g_param_spec_uint ("limit", NULL, NULL, 0, G_MAXUINT / 4, 1,
                       G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_EXPLICIT_NOTIFY |
                       G_PARAM_STATIC_STRINGS);

  /**
   * AuRateLimiter:period: (getter get_period) (setter set_period)
   *
   * The length of a period, in microseconds.
   *
   * Since: 1.0
   */
  props[PROP_PERIOD] =
    g_param_spec_int64 ("period", NULL, NULL, 1, G_MAXINT64, G_TIME_SPAN_SECOND,
                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
au_rate_limiter_init (AuRateLimiter *self)
{
  self->timer.func = au_rate_limiter_timer_cb;
  self->period = G_TIME_SPAN_SECOND;
  g_mutex_init (&self->lock);
}

/**
 * au_rate_limiter_new:
 * @limit: how many may come in within a period
 * @period: the length of a period, in microseconds
 *
 * Makes a rate limiter.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new rate limiter
 *
 * Since: 1.0
 */
AuRateLimiter *
au_rate_limiter_new (guint     limit,
                     GTimeSpan period)
{
  return g_object_new (AU_TYPE_RATE_LIMITER, "limit", limit, "period", period, NULL);
}

/**
 * au_rate_limiter_acquire:
 * @self: a rate limiter
 * @key: (nullable): which key to count for
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Waits until it may come in.
 *
 * Blocks the calling thread; do not use it in a main loop. Fails with
 * %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED, and does not count then.
 *
 * MT safe.
 *
 * Returns: %TRUE when it may go on
 *
 * Since: 1.0
 */
gboolean
au_rate_limiter_acquire (AuRateLimiter  *self,
                         const char     *key,
                         GTimeSpan       timeout,
                         GCancellable   *cancellable,
                         GError        **error)
{
  gpointer data = (gpointer) key;

  g_return_val_if_fail (AU_IS_RATE_LIMITER (self), FALSE);

  return au_wait_sync (&au_rate_limiter_acquire_operation, self, 0, &data, timeout, cancellable, error);
}

/**
 * au_rate_limiter_try_acquire:
 * @self: a rate limiter
 * @key: (nullable): which key to count for
 *
 * Comes in if that is possible without waiting.
 *
 * MT safe.
 *
 * Returns: %TRUE when it may go on; %FALSE when it may not, and does not count
 *
 * Since: 1.0
 */
gboolean
au_rate_limiter_try_acquire (AuRateLimiter *self,
                             const char    *key)
{
  gboolean done;

  g_return_val_if_fail (AU_IS_RATE_LIMITER (self), FALSE);

  au_lock_briefly (&self->lock);
  done = au_rate_limiter_come_in (self, key);
  g_mutex_unlock (&self->lock);

  return done;
}

/**
 * au_rate_limiter_acquire_async:
 * @self: a rate limiter
 * @key: (nullable): which key to count for
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the wait has ended
 * @user_data: data for @callback
 *
 * Waits until it may come in, without blocking.
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_rate_limiter_acquire_async (AuRateLimiter       *self,
                               const char          *key,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_return_if_fail (AU_IS_RATE_LIMITER (self));

  au_wait_async (&au_rate_limiter_acquire_operation, self, 0, (gpointer) key, cancellable, callback, user_data);
}

/**
 * au_rate_limiter_acquire_finish:
 * @self: a rate limiter
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.RateLimiter.acquire_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED, and does not count then.
 *
 * MT safe.
 *
 * Returns: %TRUE when it may go on
 *
 * Since: 1.0
 */
gboolean
au_rate_limiter_acquire_finish (AuRateLimiter  *self,
                                GAsyncResult   *result,
                                GError        **error)
{
  g_return_val_if_fail (AU_IS_RATE_LIMITER (self), FALSE);

  return au_wait_finish (&au_rate_limiter_acquire_operation, self, result, NULL, error);
}

/**
 * au_rate_limiter_get_delay:
 * @self: a rate limiter
 * @key: (nullable): which key
 *
 * Gets how long somebody who comes now would have to wait if nobody else did: what one
 * tells a client that is refused.
 *
 * MT safe.
 *
 * Returns: microseconds, 0 for not at all, -1 for ever
 *
 * Since: 1.0
 */
GTimeSpan
au_rate_limiter_get_delay (AuRateLimiter *self,
                           const char    *key)
{
  gint64 now, next;
  AuRateBucket *bucket;

  g_return_val_if_fail (AU_IS_RATE_LIMITER (self), -1);

  now = au_clock_get_monotonic_time ();
  g_mutex_lock (&self->lock);
  bucket = au_rate_limiter_find (self, key);
  if (bucket != NULL)
    next = au_rate_limiter_get_next_time (self, bucket, now);
  else
    next = self->limit > 0 ? now : AU_RATE_WINDOW_NEVER;
  g_mutex_unlock (&self->lock);

  return next == AU_RATE_WINDOW_NEVER ? -1 : MAX (next - now, 0);
}

/**
 * au_rate_limiter_reserve:
 * @self: a rate limiter
 * @key: (nullable): which key to count for
 * @max_delay: how long the caller is ready to wait, in microseconds; -1 for any time
 * @delay: (out): where to put how long it has to, in microseconds
 *
 * Takes the next place, for a caller that comes in later by itself: it counts as of
 * then, and is not to be taken back. Those who wait in line are not passed.
 *
 * MT safe.
 *
 * Returns: %TRUE with a place; %FALSE if it would be after more than @max_delay, and
 *   none is taken
 *
 * Since: 1.0
 */
gboolean
au_rate_limiter_reserve (AuRateLimiter *self,
                         const char    *key,
                         GTimeSpan      max_delay,
                         GTimeSpan     *delay)
{
  gint64 now, next;
  AuRateBucket *bucket;
  gboolean done;

  g_return_val_if_fail (AU_IS_RATE_LIMITER (self), FALSE);
  g_return_val_if_fail (delay != NULL, FALSE);

  now = au_clock_get_monotonic_time ();

  g_mutex_lock (&self->lock);
  bucket = au_rate_limiter_ensure (self, key, now);
  next = au_rate_limiter_get_next_time (self, bucket, now);
  /* those who have a place already come first */
  if (next != AU_RATE_WINDOW_NEVER)
    next = MAX (next, au_rate_window_get_last (&bucket->window));
  done = bucket->n_waiting == 0 && next != AU_RATE_WINDOW_NEVER && (max_delay < 0 || next - now <= max_delay);
  if (done)
    au_rate_window_add (&bucket->window, next);
  g_mutex_unlock (&self->lock);

  *delay = done ? MAX (next - now, 0) : 0;

  return done;
}

/* After a limit has changed. */
static void
serve_all_and_unlock (AuRateLimiter *self)
{
  gint64 now = au_clock_get_monotonic_time ();
  AuWakeList woken = { NULL };

  au_rate_limiter_serve (self, &self->common, now, &woken);
  for (GList *link = self->keys.head; link != NULL; link = link->next)
    au_rate_limiter_serve (self, link->data, now, &woken);
  au_rate_limiter_set_timer (self);
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

/**
 * au_rate_limiter_get_limit:
 * @self: a rate limiter
 *
 * Gets how many may come in within a period.
 *
 * MT safe.
 *
 * Returns: the limit
 *
 * Since: 1.0
 */
guint
au_rate_limiter_get_limit (AuRateLimiter *self)
{
  guint limit;

  g_return_val_if_fail (AU_IS_RATE_LIMITER (self), 0);

  g_mutex_lock (&self->lock);
  limit = self->limit;
  g_mutex_unlock (&self->lock);

  return limit;
}

/**
 * au_rate_limiter_set_limit:
 * @self: a rate limiter
 * @limit: how many may come in within a period; 0 for none
 *
 * Changes how many may come in within a period. Those who wait come in as far as it
 * allows them to.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_rate_limiter_set_limit (AuRateLimiter *self,
                           guint          limit)
{
  g_return_if_fail (AU_IS_RATE_LIMITER (self));

  g_mutex_lock (&self->lock);
  self->limit = limit;
  serve_all_and_unlock (self);
}

/**
 * au_rate_limiter_get_period:
 * @self: a rate limiter
 *
 * Gets the length of a period.
 *
 * MT safe.
 *
 * Returns: microseconds
 *
 * Since: 1.0
 */
GTimeSpan
au_rate_limiter_get_period (AuRateLimiter *self)
{
  GTimeSpan period;

  g_return_val_if_fail (AU_IS_RATE_LIMITER (self), 0);

  g_mutex_lock (&self->lock);
  period = self->period;
  g_mutex_unlock (&self->lock);

  return period;
}

/**
 * au_rate_limiter_set_period:
 * @self: a rate limiter
 * @period: the length of a period, in microseconds, positive
 *
 * Changes the length of a period. Those who came in longer ago than the old one lasted
 * are forgotten already.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_rate_limiter_set_period (AuRateLimiter *self,
                            GTimeSpan      period)
{
  g_return_if_fail (AU_IS_RATE_LIMITER (self));
  g_return_if_fail (period > 0);

  g_mutex_lock (&self->lock);
  self->period = period;
  serve_all_and_unlock (self);
}

static void
change_key_limit (AuRateLimiter *self,
                  const char    *key,
                  gboolean       has_limit,
                  guint          limit)
{
  gint64 now = au_clock_get_monotonic_time ();
  AuWakeList woken = { NULL };
  AuRateBucket *bucket;

  g_mutex_lock (&self->lock);
  bucket = au_rate_limiter_ensure (self, key, now);
  bucket->has_limit = has_limit;
  bucket->limit = limit;
  au_rate_limiter_serve (self, bucket, now, &woken);
  au_rate_limiter_set_timer (self);
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

/**
 * au_rate_limiter_set_key_limit:
 * @self: a rate limiter
 * @key: which key
 * @limit: how many may come in for @key within a period; 0 for none
 *
 * Gives @key a limit of its own.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_rate_limiter_set_key_limit (AuRateLimiter *self,
                               const char    *key,
                               guint          limit)
{
  g_return_if_fail (AU_IS_RATE_LIMITER (self));
  g_return_if_fail (key != NULL);

  change_key_limit (self, key, TRUE, limit);
}

/**
 * au_rate_limiter_unset_key_limit:
 * @self: a rate limiter
 * @key: which key
 *
 * Gives @key the limit of the others again.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_rate_limiter_unset_key_limit (AuRateLimiter *self,
                                 const char    *key)
{
  g_return_if_fail (AU_IS_RATE_LIMITER (self));
  g_return_if_fail (key != NULL);

  change_key_limit (self, key, FALSE, 0);
}

/**
 * au_rate_limiter_get_waiting:
 * @self: a rate limiter
 * @key: (nullable): which key
 *
 * Gets how many wait for @key, threads and main loops.
 *
 * MT safe.
 *
 * Returns: the number of those who wait
 *
 * Since: 1.0
 */
guint
au_rate_limiter_get_waiting (AuRateLimiter *self,
                             const char    *key)
{
  AuRateBucket *bucket;
  guint n;

  g_return_val_if_fail (AU_IS_RATE_LIMITER (self), 0);

  g_mutex_lock (&self->lock);
  bucket = au_rate_limiter_find (self, key);
  n = bucket != NULL ? bucket->n_waiting : 0;
  g_mutex_unlock (&self->lock);

  return n;
}

/**
 * au_rate_limiter_get_n_keys:
 * @self: a rate limiter
 *
 * Gets how many keys are remembered. A few more than those in use may be.
 *
 * MT safe.
 *
 * Returns: the number of keys
 *
 * Since: 1.0
 */
guint
au_rate_limiter_get_n_keys (AuRateLimiter *self)
{
  guint n;

  g_return_val_if_fail (AU_IS_RATE_LIMITER (self), 0);

  g_mutex_lock (&self->lock);
  n = self->keys.length;
  g_mutex_unlock (&self->lock);

  return n;
}
