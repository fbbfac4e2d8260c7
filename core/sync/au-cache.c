/* au-cache.c: calls that are made once
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-cache-private.h"
#include "au-main-context-private.h"
#include "au-variant-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/**
 * AuCache:
 *
 * A function whose calls are made once for each key, and whose results are kept.
 *
 * While a call is made, all who ask for the same key wait for it, threads that block and
 * main loops that do not; afterwards they get what came out. One who gives up waiting
 * harms nobody; when the last one has, the call is cancelled and forgotten, and whoever
 * asks next has it made anew.
 *
 * Results are forgotten when their time is over, which counts from the end of the call,
 * or, when there are too many, the least recently used first; calls under way are not
 * forgotten. Errors are told to those who wait, and not kept, unless
 * [property@Au.Cache:evict-on-error] is %FALSE; that a call was cancelled is never kept.
 *
 * The key is any GVariant, such as a tuple of arguments; the function gets it by
 * [method@Au.Task.get_argument]. Types count: 1 as an `i` is not 1 as an `x`.
 *
 * MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuCache, au_cache, G_TYPE_OBJECT)

enum
{
  PROP_TTL = 1,
  PROP_MAX_SIZE,
  PROP_EVICT_ON_ERROR,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
au_cache_finalize (GObject *object)
{
  AuCache *self = AU_CACHE (object);
  AuWakeList woken = { NULL };

  au_cache_forget_all (self, &woken);
  au_waiters_wake (woken.first);

  g_hash_table_unref (self->entries);
  g_clear_pointer (&self->work, au_work_unref);
  if (self->key_destroy != NULL)
    self->key_destroy (self->key_data);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_cache_parent_class)->finalize (object);
}

static void
au_cache_get_property (GObject    *object,
                       guint       prop_id,
                       GValue     *value,
                       GParamSpec *pspec)
{
  AuCache *self = AU_CACHE (object);

  switch (prop_id)
    {
    case PROP_TTL:
      g_value_set_int64 (value, au_cache_get_ttl (self));
      break;
    case PROP_MAX_SIZE:
      g_value_set_uint (value, au_cache_get_max_size (self));
      break;
    case PROP_EVICT_ON_ERROR:
      g_value_set_boolean (value, au_cache_get_evict_on_error (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_cache_set_property (GObject      *object,
                       guint         prop_id,
                       const GValue *value,
                       GParamSpec   *pspec)
{
  AuCache *self = AU_CACHE (object);

  switch (prop_id)
    {
    case PROP_TTL:
      au_cache_set_ttl (self, g_value_get_int64 (value));
      break;
    case PROP_MAX_SIZE:
      au_cache_set_max_size (self, g_value_get_uint (value));
      break;
    case PROP_EVICT_ON_ERROR:
      au_cache_set_evict_on_error (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_cache_class_init (AuCacheClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_cache_finalize;
  object_class->get_property = au_cache_get_property;
  object_class->set_property = au_cache_set_property;

  /**
   * AuCache:ttl: (getter get_ttl) (setter set_ttl)
   *
   * How long after the end of its call a result is kept, in microseconds; -1 for ever.
   *
   * Since: 1.0
   */
  props[PROP_TTL] =
    g_param_spec_int64 ("ttl", NULL, NULL, -1, G_MAXINT64, -1,
                        G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  /**
   * AuCache:max-size: (getter get_max_size) (setter set_max_size)
   *
   * How many results are kept; 0 for any number.
   *
   * Since: 1.0
   */
  props[PROP_MAX_SIZE] =
    g_param_spec_uint ("max-size", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  /**
   * AuCache:evict-on-error: (getter get_evict_on_error) (setter set_evict_on_error)
   *
   * Whether a call that fails is forgotten at once.
   *
   * Since: 1.0
   */
  props[PROP_EVICT_ON_ERROR] =
    g_param_spec_boolean ("evict-on-error", NULL, NULL, TRUE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
au_cache_init (AuCache *self)
{
  self->ttl = -1;
  self->evict_on_error = TRUE;
  self->entries = g_hash_table_new (au_variant_hash, au_variant_equal);
  g_mutex_init (&self->lock);
}

/**
 * au_cache_new:
 * @func: (scope notified) (closure user_data) (destroy destroy): makes a call
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Makes a cache for a function that does its work and returns. It is called in worker
 * threads, for different keys at once.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new cache
 *
 * Since: 1.0
 */
AuCache *
au_cache_new (AuTaskFunc     func,
              gpointer       user_data,
              GDestroyNotify destroy)
{
  AuCache *self;

  g_return_val_if_fail (func != NULL, NULL);

  self = g_object_new (AU_TYPE_CACHE, NULL);
  self->work = au_work_new_plain (NULL, func, user_data, destroy);

  return self;
}

/**
 * au_cache_new_starting:
 * @func: (scope notified) (closure user_data) (destroy destroy): starts a call
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Makes a cache for a function that starts its work, and ends the task later. It is
 * called in the main context that is the thread-default one now, whoever asks.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new cache
 *
 * Since: 1.0
 */
AuCache *
au_cache_new_starting (AuTaskStartFunc func,
                       gpointer        user_data,
                       GDestroyNotify  destroy)
{
  g_autoptr(GMainContext) context = NULL;
  AuCache *self;

  g_return_val_if_fail (func != NULL, NULL);

  context = g_main_context_ref_thread_default ();
  self = g_object_new (AU_TYPE_CACHE, NULL);
  self->work = au_work_new_start (context, func, user_data, destroy);

  return self;
}

/**
 * au_cache_set_key_func:
 * @self: a cache that was not used yet
 * @func: (scope notified) (closure user_data) (destroy destroy): gives the key that
 *   counts
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Has keys changed before they are looked up, so that calls that mean the same are one.
 * The function of the cache gets the changed key.
 *
 * To be called before the cache is used.
 *
 * Since: 1.0
 */
void
au_cache_set_key_func (AuCache        *self,
                       AuCacheKeyFunc  func,
                       gpointer        user_data,
                       GDestroyNotify  destroy)
{
  g_return_if_fail (AU_IS_CACHE (self));
  g_return_if_fail (func != NULL);
  g_return_if_fail (self->key_func == NULL);

  self->key_func = func;
  self->key_data = user_data;
  self->key_destroy = destroy;
}

/* The key that counts, which is the caller's. */
static GVariant *
make_key (AuCache  *self,
          GVariant *key)
{
  g_autoptr(GVariant) given = g_variant_ref_sink (key);
  GVariant *made;

  if (self->key_func == NULL)
    return g_steal_pointer (&given);

  made = self->key_func (given, self->key_data);

  return g_variant_take_ref (made);
}

static GVariant *
take_value (AuTask  *task,
            GError **error)
{
  GVariant *value = au_task_dup_value (task, error);

  g_object_unref (task);

  return value;
}

/* Only what needs to be computed needs the main loop. */
static gboolean
would_deadlock (AuCache   *self,
                GTimeSpan  timeout,
                GError   **error)
{
  if (timeout == 0 || self->work->context == NULL ||
      !au_main_context_is_ours (self->work->context))
    return FALSE;

  g_set_error_literal (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK,
                       _("Waiting here for the call would never end, as it is made in this thread's main loop: get it asynchronously"));

  return TRUE;
}

/**
 * au_cache_get:
 * @self: a cache
 * @key: what to call the function for, which may be floating
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 for what is there
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Gets what the function gives for @key, and has it called if that is not known.
 *
 * Blocks the calling thread meanwhile; do not use it in a main loop. Fails with the
 * error of the function; with %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED, and the
 * call goes on if others wait for it; and with %AU_ERROR_WOULD_DEADLOCK when the call
 * would need the main loop of this very thread.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the value; %NULL without an error if it has none
 *
 * Since: 1.0
 */
GVariant *
au_cache_get (AuCache       *self,
              GVariant      *key,
              GTimeSpan      timeout,
              GCancellable  *cancellable,
              GError       **error)
{
  g_autoptr(GVariant) own = NULL;
  gpointer data;

  g_return_val_if_fail (AU_IS_CACHE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  data = own = make_key (self, key);
  if (au_wait_try (&au_cache_get_operation, self, 0, &data))
    return take_value (data, error);

  if (would_deadlock (self, timeout, error) ||
      !au_wait_sync (&au_cache_get_operation, self, 0, &data, timeout, cancellable, error))
    return NULL;

  return take_value (data, error);
}

/**
 * au_cache_get_async:
 * @self: a cache
 * @key: what to call the function for, which may be floating
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when it is there
 * @user_data: data for @callback
 *
 * Gets what the function gives for @key, and has it called if that is not known,
 * without blocking.
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_cache_get_async (AuCache             *self,
                    GVariant            *key,
                    GCancellable        *cancellable,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  g_autoptr(GVariant) own = NULL;

  g_return_if_fail (AU_IS_CACHE (self));
  g_return_if_fail (key != NULL);

  own = make_key (self, key);
  au_wait_async (&au_cache_get_operation, self, 0, own, cancellable, callback, user_data);
}

/**
 * au_cache_get_finish:
 * @self: a cache
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Cache.get_async].
 *
 * Fails with the error of the function, or with %G_IO_ERROR_CANCELLED, and the call goes
 * on if others wait for it.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the value; %NULL without an error if it has none
 *
 * Since: 1.0
 */
GVariant *
au_cache_get_finish (AuCache       *self,
                     GAsyncResult  *result,
                     GError       **error)
{
  gpointer data = NULL;

  g_return_val_if_fail (AU_IS_CACHE (self), NULL);

  if (!au_wait_finish (&au_cache_get_operation, self, result, &data, error))
    return NULL;

  return take_value (data, error);
}

/**
 * au_cache_try_get:
 * @self: a cache
 * @key: a key, which may be floating
 * @value: (out) (optional) (nullable) (transfer full): where to put the value
 * @error: return location for an error
 *
 * Gets what is known for @key, without having the function called.
 *
 * Fails with %AU_ERROR_NOT_FOUND when nothing is, and with an error that was kept.
 *
 * MT safe.
 *
 * Returns: %TRUE if a value is known
 *
 * Since: 1.0
 */
gboolean
au_cache_try_get (AuCache   *self,
                  GVariant  *key,
                  GVariant **value,
                  GError   **error)
{
  g_autoptr(GVariant) own = NULL;
  g_autoptr(GVariant) known = NULL;
  GError *failure = NULL;
  gpointer data;

  g_return_val_if_fail (AU_IS_CACHE (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  data = own = make_key (self, key);
  if (!au_wait_try (&au_cache_get_operation, self, 0, &data))
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_NOT_FOUND,
                           _("The cache has no result for this key yet"));
      return FALSE;
    }

  known = take_value (data, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }

  if (value != NULL)
    *value = g_steal_pointer (&known);

  return TRUE;
}

/**
 * au_cache_remove:
 * @self: a cache
 * @key: a key, which may be floating, and need not be known
 *
 * Forgets what is known for @key. Those who wait for a call under way still get what
 * comes out, but it is not kept.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_cache_remove (AuCache  *self,
                 GVariant *key)
{
  g_autoptr(GVariant) own = NULL;
  AuWakeList woken = { NULL };

  g_return_if_fail (AU_IS_CACHE (self));
  g_return_if_fail (key != NULL);

  own = make_key (self, key);

  g_mutex_lock (&self->lock);
  au_cache_forget (self, own, &woken);
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

/**
 * au_cache_clear:
 * @self: a cache
 *
 * Forgets everything, as [method@Au.Cache.remove] does.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_cache_clear (AuCache *self)
{
  AuWakeList woken = { NULL };

  g_return_if_fail (AU_IS_CACHE (self));

  g_mutex_lock (&self->lock);
  au_cache_forget_all (self, &woken);
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

/**
 * au_cache_get_ttl:
 * @self: a cache
 *
 * Gets how long after the end of its call a result is kept.
 *
 * MT safe.
 *
 * Returns: microseconds, or -1 for ever
 *
 * Since: 1.0
 */
GTimeSpan
au_cache_get_ttl (AuCache *self)
{
  GTimeSpan ttl;

  g_return_val_if_fail (AU_IS_CACHE (self), -1);

  g_mutex_lock (&self->lock);
  ttl = self->ttl;
  g_mutex_unlock (&self->lock);

  return ttl;
}

/**
 * au_cache_set_ttl:
 * @self: a cache
 * @ttl: microseconds, or -1 for ever
 *
 * Sets how long after the end of its call a result is kept, for calls that end from now
 * on.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_cache_set_ttl (AuCache  *self,
                  GTimeSpan ttl)
{
  g_return_if_fail (AU_IS_CACHE (self));
  g_return_if_fail (ttl >= -1);

  g_mutex_lock (&self->lock);
  self->ttl = ttl;
  g_mutex_unlock (&self->lock);
}

/**
 * au_cache_get_max_size:
 * @self: a cache
 *
 * Gets how many results are kept.
 *
 * MT safe.
 *
 * Returns: the limit, or 0 for any number
 *
 * Since: 1.0
 */
guint
au_cache_get_max_size (AuCache *self)
{
  guint max_size;

  g_return_val_if_fail (AU_IS_CACHE (self), 0);

  g_mutex_lock (&self->lock);
  max_size = self->max_size;
  g_mutex_unlock (&self->lock);

  return max_size;
}

/**
 * au_cache_set_max_size:
 * @self: a cache
 * @max_size: how many results are kept; 0 for any number
 *
 * Sets how many results are kept; what is too much is forgotten at once.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_cache_set_max_size (AuCache *self,
                       guint    max_size)
{
  AuWakeList woken = { NULL };

  g_return_if_fail (AU_IS_CACHE (self));

  g_mutex_lock (&self->lock);
  self->max_size = max_size;
  au_cache_trim (self, &woken);
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

/**
 * au_cache_get_evict_on_error:
 * @self: a cache
 *
 * Tells whether a call that fails is forgotten at once.
 *
 * MT safe.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
au_cache_get_evict_on_error (AuCache *self)
{
  gboolean evict_on_error;

  g_return_val_if_fail (AU_IS_CACHE (self), TRUE);

  g_mutex_lock (&self->lock);
  evict_on_error = self->evict_on_error;
  g_mutex_unlock (&self->lock);

  return evict_on_error;
}

/**
 * au_cache_set_evict_on_error:
 * @self: a cache
 * @evict_on_error: whether a call that fails is forgotten at once
 *
 * Sets whether a call that fails is forgotten at once, so that whoever asks next has it
 * made anew, or its error is kept like a value.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_cache_set_evict_on_error (AuCache *self,
                             gboolean evict_on_error)
{
  g_return_if_fail (AU_IS_CACHE (self));

  g_mutex_lock (&self->lock);
  self->evict_on_error = evict_on_error;
  g_mutex_unlock (&self->lock);
}

static guint64
read_count (AuCache *self,
            gsize    offset)
{
  guint64 n;

  g_mutex_lock (&self->lock);
  n = G_STRUCT_MEMBER (guint64, self, offset);
  g_mutex_unlock (&self->lock);

  return n;
}

/**
 * au_cache_get_size:
 * @self: a cache
 *
 * Gets how many calls are known, those under way included.
 *
 * MT safe.
 *
 * Returns: the number of keys
 *
 * Since: 1.0
 */
guint
au_cache_get_size (AuCache *self)
{
  guint size;

  g_return_val_if_fail (AU_IS_CACHE (self), 0);

  g_mutex_lock (&self->lock);
  size = g_hash_table_size (self->entries);
  g_mutex_unlock (&self->lock);

  return size;
}

/**
 * au_cache_get_hits:
 * @self: a cache
 *
 * Gets how often a result was there.
 *
 * MT safe.
 *
 * Returns: the number of times
 *
 * Since: 1.0
 */
guint64
au_cache_get_hits (AuCache *self)
{
  g_return_val_if_fail (AU_IS_CACHE (self), 0);

  return read_count (self, G_STRUCT_OFFSET (AuCache, n_hits));
}

/**
 * au_cache_get_misses:
 * @self: a cache
 *
 * Gets how often the function was to be called.
 *
 * MT safe.
 *
 * Returns: the number of times
 *
 * Since: 1.0
 */
guint64
au_cache_get_misses (AuCache *self)
{
  g_return_val_if_fail (AU_IS_CACHE (self), 0);

  return read_count (self, G_STRUCT_OFFSET (AuCache, n_misses));
}

/**
 * au_cache_get_shared:
 * @self: a cache
 *
 * Gets how often somebody joined those who waited for a call already.
 *
 * MT safe.
 *
 * Returns: the number of times
 *
 * Since: 1.0
 */
guint64
au_cache_get_shared (AuCache *self)
{
  g_return_val_if_fail (AU_IS_CACHE (self), 0);

  return read_count (self, G_STRUCT_OFFSET (AuCache, n_shared));
}
