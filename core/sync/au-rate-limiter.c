/* au-rate-limiter.c: so many in a period, and no more
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-rate-window-private.h"
#include "au-timer-private.h"
#include "au-wait-private.h"

#include <au/au-clock.h>
#include <au/au-rate-limiter.h>

#include <glib/gi18n-lib.h>

#define NEVER (AU_RATE_WINDOW_NEVER)

/* What is known of one key. */
typedef struct
{
  AuHeapNode   node;            /* in the heap while somebody waits; the key is when the
                                   first of them may come in */
  char        *key;             /* NULL for the one without a key */
  gboolean     has_limit;
  guint        limit;

  AuRateWindow window;
  AuWaiterList line;
  guint        n_waiting;
  GList        link;            /* in the queue of keys, by their last use */
} Bucket;

struct _AuRateLimiter
{
  GObject     parent_instance;

  AuTimer     timer;            /* has a reference while it is set */
  GMutex      lock;
  guint       limit;
  GTimeSpan   period;
  Bucket      common;
  GHashTable *buckets;          /* key → Bucket */
  GQueue      keys;
  AuHeap      waiting;
};

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

/* One key; the lock is held */

static inline guint
get_limit (AuRateLimiter *self,
           Bucket        *bucket)
{
  return bucket->has_limit ? bucket->limit : self->limit;
}

/* When the next one may come in. */
static gint64
get_next_time (AuRateLimiter *self,
               Bucket        *bucket,
               gint64         now)
{
  return au_rate_window_get_next (&bucket->window, get_limit (self, bucket), self->period, now);
}

/* Lets in whoever may come in now, and sees to the others. */
static void
serve (AuRateLimiter *self,
       Bucket        *bucket,
       gint64         now,
       AuWakeList    *woken)
{
  gint64 next = now;

  while (bucket->n_waiting > 0 && (next = get_next_time (self, bucket, now)) <= now)
    {
      au_rate_window_add (&bucket->window, now);
      bucket->n_waiting--;
      au_wait_end (au_wait_peek (&bucket->line), AU_WAIT_GRANTED, NULL, woken);
    }

  if (bucket->node.place != 0)
    au_heap_remove (&self->waiting, &bucket->node);
  if (bucket->n_waiting > 0 && next != NEVER)
    au_heap_add (&self->waiting, &bucket->node, next);
}

static void
set_timer (AuRateLimiter *self)
{
  AuHeapNode *first = au_heap_peek (&self->waiting);

  if (first != NULL && au_timer_set (&self->timer, first->key))
    g_object_ref (self);
}

static void
limiter_timer_cb (AuTimer *timer)
{
  g_autoptr(AuRateLimiter) self =
    (AuRateLimiter *) ((char *) timer - G_STRUCT_OFFSET (AuRateLimiter, timer));
  gint64 now = au_clock_get_monotonic_time ();
  AuWakeList woken = { NULL };
  AuHeapNode *first;

  g_mutex_lock (&self->lock);
  while ((first = au_heap_peek (&self->waiting)) != NULL && first->key <= now)
    serve (self, (Bucket *) first, now, &woken);
  set_timer (self);
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

/* The keys; the lock is held */

static void
bucket_free (gpointer data)
{
  Bucket *bucket = data;

  au_rate_window_clear (&bucket->window);
  g_free (bucket->key);
  g_free (bucket);
}

/* Those that were not used for the longest time are looked at, a few whenever one is
 * added: so there are never many that are of no use. */
static void
remove_unused (AuRateLimiter *self,
               gint64         now)
{
  for (guint i = 0; i < 3 && self->keys.head != NULL; i++)
    {
      Bucket *bucket = self->keys.head->data;

      au_rate_window_forget (&bucket->window, self->period, now);
      if (bucket->window.n_stamps > 0 || bucket->n_waiting > 0 || bucket->has_limit)
        {
          g_queue_unlink (&self->keys, &bucket->link);
          g_queue_push_tail_link (&self->keys, &bucket->link);
          continue;
        }
      g_queue_unlink (&self->keys, &bucket->link);
      g_hash_table_remove (self->buckets, bucket->key);
    }
}

static Bucket *
find_bucket (AuRateLimiter *self,
             const char    *key)
{
  if (key == NULL)
    return &self->common;

  return self->buckets != NULL ? g_hash_table_lookup (self->buckets, key) : NULL;
}

static Bucket *
ensure_bucket (AuRateLimiter *self,
               const char    *key,
               gint64         now)
{
  Bucket *bucket = find_bucket (self, key);

  if (bucket == &self->common)
    return bucket;

  if (bucket != NULL)
    {
      g_queue_unlink (&self->keys, &bucket->link);
    }
  else
    {
      if (self->buckets == NULL)
        self->buckets = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, bucket_free);
      remove_unused (self, now);
      bucket = g_new0 (Bucket, 1);
      bucket->key = g_strdup (key);
      bucket->link.data = bucket;
      g_hash_table_insert (self->buckets, bucket->key, bucket);
    }
  g_queue_push_tail_link (&self->keys, &bucket->link);

  return bucket;
}

/* Coming in */

static gboolean
come_in (AuRateLimiter *self,
         const char    *key)
{
  gint64 now = au_clock_get_monotonic_time ();
  Bucket *bucket = ensure_bucket (self, key, now);

  if (bucket->n_waiting > 0 || get_next_time (self, bucket, now) > now)
    return FALSE;

  au_rate_window_add (&bucket->window, now);

  return TRUE;
}

/* A wait brings its key, which is the caller's as long as the call lasts; in its line it
 * has the bucket, which stays as long as somebody waits there. */

static gboolean
acquire_attempt (gpointer    object,
                 AuWait     *wait,
                 AuWakeList *woken)
{
  return come_in (object, wait->data) && au_wait_done (wait, AU_WAIT_GRANTED, NULL);
}

static void
acquire_enter (gpointer    object,
               AuWait     *wait,
               AuWakeList *woken)
{
  AuRateLimiter *self = object;
  Bucket *bucket = find_bucket (self, wait->data);

  wait->data = bucket;
  au_wait_line_up (wait, &bucket->line);
  if (bucket->n_waiting++ == 0)
    {
      serve (self, bucket, au_clock_get_monotonic_time (), woken);
      set_timer (self);
    }
}

static void
acquire_leave (gpointer    object,
               AuWait     *wait,
               AuWakeList *woken)
{
  AuRateLimiter *self = object;
  Bucket *bucket = wait->data;

  if (--bucket->n_waiting == 0 && bucket->node.place != 0)
    au_heap_remove (&self->waiting, &bucket->node);
}

static const AuWaitOperation acquire_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuRateLimiter, lock),
  .timed_out = N_("The rate limit left no room in time: wait longer, or raise it"),
  .attempt = acquire_attempt,
  .enter = acquire_enter,
  .leave = acquire_leave,
};

/* The object */

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
  self->timer.func = limiter_timer_cb;
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

  return au_wait_sync (&acquire_operation, self, 0, &data, timeout, cancellable, error);
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
  done = come_in (self, key);
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

  au_wait_async (&acquire_operation, self, 0, (gpointer) key, cancellable, callback, user_data);
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

  return au_wait_finish (&acquire_operation, self, result, NULL, error);
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
  Bucket *bucket;

  g_return_val_if_fail (AU_IS_RATE_LIMITER (self), -1);

  now = au_clock_get_monotonic_time ();
  g_mutex_lock (&self->lock);
  bucket = find_bucket (self, key);
  if (bucket != NULL)
    next = get_next_time (self, bucket, now);
  else
    next = self->limit > 0 ? now : NEVER;
  g_mutex_unlock (&self->lock);

  return next == NEVER ? -1 : MAX (next - now, 0);
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
  Bucket *bucket;
  gboolean done;

  g_return_val_if_fail (AU_IS_RATE_LIMITER (self), FALSE);
  g_return_val_if_fail (delay != NULL, FALSE);

  now = au_clock_get_monotonic_time ();

  g_mutex_lock (&self->lock);
  bucket = ensure_bucket (self, key, now);
  next = get_next_time (self, bucket, now);
  /* those who have a place already come first */
  if (next != NEVER)
    next = MAX (next, au_rate_window_get_last (&bucket->window));
  done = bucket->n_waiting == 0 && next != NEVER && (max_delay < 0 || next - now <= max_delay);
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

  serve (self, &self->common, now, &woken);
  for (GList *link = self->keys.head; link != NULL; link = link->next)
    serve (self, link->data, now, &woken);
  set_timer (self);
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
  Bucket *bucket;

  g_mutex_lock (&self->lock);
  bucket = ensure_bucket (self, key, now);
  bucket->has_limit = has_limit;
  bucket->limit = limit;
  serve (self, bucket, now, &woken);
  set_timer (self);
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
  Bucket *bucket;
  guint n;

  g_return_val_if_fail (AU_IS_RATE_LIMITER (self), 0);

  g_mutex_lock (&self->lock);
  bucket = find_bucket (self, key);
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
