/* au-lru.c: the most recently used values
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-lru-private.h"
#include "au-spin-private.h"
#include "au-variant-private.h"
#include "au-wait-private.h"

/**
 * AuLru:
 *
 * A table that forgets what was not used for the longest time, when it is full.
 *
 * Using is getting, setting and overwriting. With a time to live, an entry is also
 * forgotten that long after it was set, however often it is got. One cannot ask whether
 * a key is there, nor walk through the table: the answer might be wrong before it is
 * used. Get what you want, or use [method@Au.Lru.set_default].
 *
 * Keys and values are GVariants of any type. From C they may be pointers of another
 * kind, see [ctor@Au.Lru.new_full].
 *
 * Time is that of [func@Au.clock_get_monotonic_time].
 *
 * MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuLru, au_lru, G_TYPE_OBJECT)

enum
{
  PROP_MAX_SIZE = 1,
  PROP_TTL,
  PROP_SIZE,
  PROP_HITS,
  PROP_MISSES,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static gpointer
variant_copy (gpointer variant)
{
  return g_variant_ref_sink (variant);
}

static void
au_lru_finalize (GObject *object)
{
  AuLru *self = AU_LRU (object);

  g_hash_table_unref (self->entries);
  au_lru_free_removed (self, g_steal_pointer (&self->newest));
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_lru_parent_class)->finalize (object);
}

static void
au_lru_get_property (GObject    *object,
                     guint       prop_id,
                     GValue     *value,
                     GParamSpec *pspec)
{
  AuLru *self = AU_LRU (object);

  switch (prop_id)
    {
    case PROP_MAX_SIZE:
      g_value_set_uint (value, au_lru_get_max_size (self));
      break;
    case PROP_TTL:
      g_value_set_int64 (value, self->ttl);
      break;
    case PROP_SIZE:
      g_value_set_uint (value, au_lru_get_size (self));
      break;
    case PROP_HITS:
      g_value_set_uint64 (value, au_lru_get_hits (self));
      break;
    case PROP_MISSES:
      g_value_set_uint64 (value, au_lru_get_misses (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_lru_set_property (GObject      *object,
                     guint         prop_id,
                     const GValue *value,
                     GParamSpec   *pspec)
{
  AuLru *self = AU_LRU (object);

  switch (prop_id)
    {
    case PROP_MAX_SIZE:
      au_lru_set_max_size (self, g_value_get_uint (value));
      break;
    case PROP_TTL:
      self->ttl = g_value_get_int64 (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_lru_class_init (AuLruClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_lru_finalize;
  object_class->get_property = au_lru_get_property;
  object_class->set_property = au_lru_set_property;

  /**
   * AuLru:max-size: (getter get_max_size) (setter set_max_size)
   *
   * How many entries there may be; 0 for any number.
   *
   * Since: 1.0
   */
  props[PROP_MAX_SIZE] =
    g_param_spec_uint ("max-size", NULL, NULL, 0, G_MAXUINT / 4, 0,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  /**
   * AuLru:ttl: (getter get_ttl)
   *
   * How long after it was set an entry is forgotten, in microseconds; -1 for never.
   *
   * Since: 1.0
   */
  props[PROP_TTL] =
    g_param_spec_int64 ("ttl", NULL, NULL, -1, G_MAXINT64, -1,
                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * AuLru:size: (getter get_size)
   *
   * How many entries there are, some of which may have expired. It is not notified.
   *
   * Since: 1.0
   */
  props[PROP_SIZE] =
    g_param_spec_uint ("size", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AuLru:hits: (getter get_hits)
   *
   * How often [method@Au.Lru.get] has found something. It is not notified.
   *
   * Since: 1.0
   */
  props[PROP_HITS] =
    g_param_spec_uint64 ("hits", NULL, NULL, 0, G_MAXUINT64, 0,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * AuLru:misses: (getter get_misses)
   *
   * How often [method@Au.Lru.get] has found nothing. It is not notified.
   *
   * Since: 1.0
   */
  props[PROP_MISSES] =
    g_param_spec_uint64 ("misses", NULL, NULL, 0, G_MAXUINT64, 0,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
au_lru_init (AuLru *self)
{
  self->hash = au_variant_hash;
  self->equal = au_variant_equal;
  self->copy_key = variant_copy;
  self->free_key = (GDestroyNotify) g_variant_unref;
  self->copy_value = variant_copy;
  self->free_value = (GDestroyNotify) g_variant_unref;
  self->entries = au_lru_table_new ();
  g_mutex_init (&self->lock);
}

/**
 * au_lru_new:
 * @max_size: how many entries there may be; 0 for any number
 * @ttl: how long after it was set an entry is forgotten, in microseconds; -1 for never
 *
 * Makes a table of GVariants.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new table
 *
 * Since: 1.0
 */
AuLru *
au_lru_new (guint     max_size,
            GTimeSpan ttl)
{
  return g_object_new (AU_TYPE_LRU, "max-size", max_size, "ttl", ttl, NULL);
}

/**
 * au_lru_new_full: (skip)
 * @max_size: how many entries there may be; 0 for any number
 * @ttl: how long after it was set an entry is forgotten, in microseconds; -1 for never
 * @hash: gives a number for a key
 * @equal: tells whether two keys are the same
 * @copy_key: (nullable): makes the copy of a key that is kept; %NULL to keep the key
 * @free_key: (nullable): frees that
 * @copy_value: (nullable): makes the copy of a value that is kept, and those that are
 *   got, such as g_object_ref(); %NULL to keep and to give the value itself
 * @free_value: (nullable): frees the one that is kept
 *
 * Makes a table of pointers. The functions may be called from any thread; they must be
 * quick, and must not use the table.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new table
 *
 * Since: 1.0
 */
AuLru *
au_lru_new_full (guint          max_size,
                 GTimeSpan      ttl,
                 GHashFunc      hash,
                 GEqualFunc     equal,
                 GBoxedCopyFunc copy_key,
                 GDestroyNotify free_key,
                 GBoxedCopyFunc copy_value,
                 GDestroyNotify free_value)
{
  AuLru *self;

  g_return_val_if_fail (hash != NULL, NULL);
  g_return_val_if_fail (equal != NULL, NULL);

  self = au_lru_new (max_size, ttl);
  self->hash = hash;
  self->equal = equal;
  self->copy_key = copy_key;
  self->free_key = free_key;
  self->copy_value = copy_value;
  self->free_value = free_value;

  return self;
}

/* What is floating is ours to free. */
static GVariant *
sink (AuLru         *self,
      gconstpointer  given)
{
  if (self->copy_key != variant_copy || !g_variant_is_floating ((GVariant *) given))
    return NULL;

  return g_variant_ref_sink ((GVariant *) given);
}

static inline gpointer
copy_of (AuLru    *self,
         gpointer  value)
{
  return self->copy_value != NULL ? self->copy_value (value) : value;
}

/**
 * au_lru_get:
 * @self: a table
 * @key: (type GLib.Variant): a key
 *
 * Gets what was set for @key, and makes it the most recently used one.
 *
 * MT safe.
 *
 * Returns: (type GLib.Variant) (transfer full) (nullable): the value, or %NULL
 *
 * Since: 1.0
 */
gpointer
au_lru_get (AuLru         *self,
            gconstpointer  key)
{
  g_autoptr(GVariant) sunk = NULL;
  AuLruEntry *removed = NULL;
  gpointer value = NULL;
  AuLruEntry *entry;
  guint hash;

  g_return_val_if_fail (AU_IS_LRU (self), NULL);

  sunk = sink (self, key);
  hash = self->hash (key);

  au_lock_briefly (&self->lock);
  entry = au_lru_find (self, key, hash);
  if (entry != NULL && au_lru_has_expired (self, entry))
    {
      au_lru_take_out (self, entry, &removed);
      entry = NULL;
    }
  if (entry != NULL)
    {
      au_lru_use (self, entry);
      value = copy_of (self, entry->value);
      self->n_hits++;
    }
  else
    {
      self->n_misses++;
    }
  g_mutex_unlock (&self->lock);

  au_lru_free_removed (self, removed);

  return value;
}

/**
 * au_lru_set:
 * @self: a table
 * @key: (type GLib.Variant): a key
 * @value: (type GLib.Variant): its value, other than %NULL
 *
 * Sets the value for @key, in the place of another if there is one, and makes it the
 * most recently used one. When the table is full, the least recently used one goes.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_lru_set (AuLru         *self,
            gconstpointer  key,
            gpointer       value)
{
  g_autoptr(GVariant) sunk = NULL;
  AuLruEntry *removed = NULL;
  gpointer replaced = NULL;
  gpointer kept;
  AuLruEntry *entry;
  guint hash;

  g_return_if_fail (AU_IS_LRU (self));
  g_return_if_fail (value != NULL);

  sunk = sink (self, key);
  hash = self->hash (key);
  kept = copy_of (self, value);

  au_lock_briefly (&self->lock);
  entry = au_lru_find (self, key, hash);
  if (entry == NULL)
    {
      au_lru_add (self, key, hash, kept, &removed);
    }
  else
    {
      replaced = entry->value;
      au_lru_overwrite (self, entry, kept);
    }
  g_mutex_unlock (&self->lock);

  au_lru_free_removed (self, removed);
  if (replaced != NULL && self->free_value != NULL)
    self->free_value (replaced);
}

/**
 * au_lru_set_default:
 * @self: a table
 * @key: (type GLib.Variant): a key
 * @value: (type GLib.Variant): what to set if there is none
 *
 * Gets what was set for @key, or sets it, and makes it the most recently used one.
 *
 * MT safe.
 *
 * Returns: (type GLib.Variant) (transfer full): the value that is there now
 *
 * Since: 1.0
 */
gpointer
au_lru_set_default (AuLru         *self,
                    gconstpointer  key,
                    gpointer       value)
{
  g_autoptr(GVariant) sunk = NULL;
  g_autoptr(GVariant) given = NULL;
  AuLruEntry *removed = NULL;
  gpointer result;
  AuLruEntry *entry;
  guint hash;

  g_return_val_if_fail (AU_IS_LRU (self), NULL);
  g_return_val_if_fail (value != NULL, NULL);

  sunk = sink (self, key);
  /* it may not be wanted */
  given = sink (self, value);
  hash = self->hash (key);

  au_lock_briefly (&self->lock);
  entry = au_lru_find (self, key, hash);
  if (entry != NULL && au_lru_has_expired (self, entry))
    {
      au_lru_take_out (self, entry, &removed);
      entry = NULL;
    }
  if (entry != NULL)
    au_lru_use (self, entry);
  else
    entry = au_lru_add (self, key, hash, copy_of (self, value), &removed);
  result = copy_of (self, entry->value);
  g_mutex_unlock (&self->lock);

  au_lru_free_removed (self, removed);

  return result;
}

/**
 * au_lru_remove:
 * @self: a table
 * @key: (type GLib.Variant): a key, which need not be there
 *
 * Forgets @key.
 *
 * MT safe.
 *
 * Returns: %TRUE if it was there
 *
 * Since: 1.0
 */
gboolean
au_lru_remove (AuLru         *self,
               gconstpointer  key)
{
  g_autoptr(GVariant) sunk = NULL;
  AuLruEntry *removed = NULL;
  gboolean was_there;
  AuLruEntry *entry;
  guint hash;

  g_return_val_if_fail (AU_IS_LRU (self), FALSE);

  sunk = sink (self, key);
  hash = self->hash (key);

  g_mutex_lock (&self->lock);
  entry = au_lru_find (self, key, hash);
  was_there = entry != NULL && !au_lru_has_expired (self, entry);
  if (entry != NULL)
    au_lru_take_out (self, entry, &removed);
  g_mutex_unlock (&self->lock);

  au_lru_free_removed (self, removed);

  return was_there;
}

/**
 * au_lru_clear:
 * @self: a table
 *
 * Forgets everything.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_lru_clear (AuLru *self)
{
  AuLruEntry *removed;

  g_return_if_fail (AU_IS_LRU (self));

  g_mutex_lock (&self->lock);
  removed = g_steal_pointer (&self->newest);
  self->oldest = NULL;
  g_queue_init (&self->by_age);
  g_hash_table_remove_all (self->entries);
  g_mutex_unlock (&self->lock);

  au_lru_free_removed (self, removed);
}

/**
 * au_lru_get_size:
 * @self: a table
 *
 * Gets how many entries there are, some of which may have expired.
 *
 * MT safe.
 *
 * Returns: the number of entries
 *
 * Since: 1.0
 */
guint
au_lru_get_size (AuLru *self)
{
  guint size;

  g_return_val_if_fail (AU_IS_LRU (self), 0);

  g_mutex_lock (&self->lock);
  size = g_hash_table_size (self->entries);
  g_mutex_unlock (&self->lock);

  return size;
}

/**
 * au_lru_get_max_size:
 * @self: a table
 *
 * Gets how many entries there may be.
 *
 * MT safe.
 *
 * Returns: the limit, or 0 for any number
 *
 * Since: 1.0
 */
guint
au_lru_get_max_size (AuLru *self)
{
  guint max_size;

  g_return_val_if_fail (AU_IS_LRU (self), 0);

  g_mutex_lock (&self->lock);
  max_size = self->max_size;
  g_mutex_unlock (&self->lock);

  return max_size;
}

/**
 * au_lru_set_max_size:
 * @self: a table
 * @max_size: how many entries there may be; 0 for any number
 *
 * Changes how many entries there may be. When there are more, the least recently used
 * ones go.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_lru_set_max_size (AuLru *self,
                     guint  max_size)
{
  AuLruEntry *removed = NULL;

  g_return_if_fail (AU_IS_LRU (self));

  g_mutex_lock (&self->lock);
  self->max_size = max_size;
  au_lru_make_room (self, 0, &removed);
  g_mutex_unlock (&self->lock);

  au_lru_free_removed (self, removed);
}

/**
 * au_lru_get_ttl:
 * @self: a table
 *
 * Gets how long after it was set an entry is forgotten.
 *
 * MT safe.
 *
 * Returns: microseconds, or -1 for never
 *
 * Since: 1.0
 */
GTimeSpan
au_lru_get_ttl (AuLru *self)
{
  g_return_val_if_fail (AU_IS_LRU (self), -1);

  return self->ttl;
}

static guint64
read_count (AuLru *self,
            gsize  offset)
{
  guint64 n;

  g_mutex_lock (&self->lock);
  n = G_STRUCT_MEMBER (guint64, self, offset);
  g_mutex_unlock (&self->lock);

  return n;
}

/**
 * au_lru_get_hits:
 * @self: a table
 *
 * Gets how often [method@Au.Lru.get] has found something.
 *
 * MT safe.
 *
 * Returns: the number of times
 *
 * Since: 1.0
 */
guint64
au_lru_get_hits (AuLru *self)
{
  g_return_val_if_fail (AU_IS_LRU (self), 0);

  return read_count (self, G_STRUCT_OFFSET (AuLru, n_hits));
}

/**
 * au_lru_get_misses:
 * @self: a table
 *
 * Gets how often [method@Au.Lru.get] has found nothing.
 *
 * MT safe.
 *
 * Returns: the number of times
 *
 * Since: 1.0
 */
guint64
au_lru_get_misses (AuLru *self)
{
  g_return_val_if_fail (AU_IS_LRU (self), 0);

  return read_count (self, G_STRUCT_OFFSET (AuLru, n_misses));
}
