/* au-cache.c: calls that are made once
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-cache-private.h"
#include "au-variant-private.h"

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
  PROP_SIZE,
  PROP_HITS,
  PROP_MISSES,
  PROP_SHARED,
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
    case PROP_SIZE:
      g_value_set_uint (value, au_cache_get_size (self));
      break;
    case PROP_HITS:
      g_value_set_uint64 (value, au_cache_get_hits (self));
      break;
    case PROP_MISSES:
      g_value_set_uint64 (value, au_cache_get_misses (self));
      break;
    case PROP_SHARED:
      g_value_set_uint64 (value, au_cache_get_shared (self));
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

  /**
   * AuCache:size: (getter get_size)
   *
   * How many keys are known, those included whose call is under way. It is not notified.
   *
   * Since: 1.0
   */
  props[PROP_SIZE] =
    g_param_spec_uint ("size", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AuCache:hits: (getter get_hits)
   *
   * How often a result was there. It is not notified.
   *
   * Since: 1.0
   */
  props[PROP_HITS] =
    g_param_spec_uint64 ("hits", NULL, NULL, 0, G_MAXUINT64, 0,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AuCache:misses: (getter get_misses)
   *
   * How often the function was to be called. It is not notified.
   *
   * Since: 1.0
   */
  props[PROP_MISSES] =
    g_param_spec_uint64 ("misses", NULL, NULL, 0, G_MAXUINT64, 0,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AuCache:shared: (getter get_shared)
   *
   * How often somebody joined those who waited for a call already. It is not notified.
   *
   * Since: 1.0
   */
  props[PROP_SHARED] =
    g_param_spec_uint64 ("shared", NULL, NULL, 0, G_MAXUINT64, 0,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

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

  own = au_cache_make_key (self, key);

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
