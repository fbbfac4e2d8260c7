/* au-claim.c: what a worker asks a queue for
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-claim.h>
#include <au/au-owner.h>

#include <string.h>

#define LEASE (30 * G_TIME_SPAN_SECOND)

/**
 * AuClaim:
 *
 * What a worker asks a queue for: computations of which queues, how many, for whom, for
 * how long, and how many of a function may run at the same time.
 *
 * Set a claim up in one thread before others use it.
 *
 * Since: 1.0
 */
struct _AuClaim
{
  GObject     parent_instance;

  char      **queues;
  guint       max;
  char       *owner;        /* NULL for this process */
  GTimeSpan   lease;
  GHashTable *limits;       /* function → GUINT_TO_POINTER, NULL while there is none */
};

enum
{
  PROP_QUEUES = 1,
  PROP_MAX,
  PROP_OWNER,
  PROP_LEASE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (AuClaim, au_claim, G_TYPE_OBJECT)

static void
au_claim_get_property (GObject    *object,
                       guint       id,
                       GValue     *value,
                       GParamSpec *pspec)
{
  AuClaim *self = AU_CLAIM (object);

  switch (id)
    {
    case PROP_QUEUES:
      g_value_set_boxed (value, self->queues);
      break;
    case PROP_MAX:
      g_value_set_uint (value, self->max);
      break;
    case PROP_OWNER:
      g_value_set_string (value, au_claim_get_owner (self));
      break;
    case PROP_LEASE:
      g_value_set_int64 (value, self->lease);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
au_claim_set_property (GObject      *object,
                       guint         id,
                       const GValue *value,
                       GParamSpec   *pspec)
{
  AuClaim *self = AU_CLAIM (object);

  switch (id)
    {
    case PROP_QUEUES:
      au_claim_set_queues (self, g_value_get_boxed (value));
      break;
    case PROP_MAX:
      au_claim_set_max (self, g_value_get_uint (value));
      break;
    case PROP_OWNER:
      au_claim_set_owner (self, g_value_get_string (value));
      break;
    case PROP_LEASE:
      au_claim_set_lease (self, g_value_get_int64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
au_claim_finalize (GObject *object)
{
  AuClaim *self = AU_CLAIM (object);

  g_strfreev (self->queues);
  g_free (self->owner);
  g_clear_pointer (&self->limits, g_hash_table_unref);

  G_OBJECT_CLASS (au_claim_parent_class)->finalize (object);
}

static void
au_claim_class_init (AuClaimClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = au_claim_finalize;
  object_class->get_property = au_claim_get_property;
  object_class->set_property = au_claim_set_property;

  /**
   * AuClaim:queues:
   *
   * The names of the queues. The first is served first: from the next one comes only
   * what the ones before it did not have.
   *
   * Since: 1.0
   */
  properties[PROP_QUEUES] = g_param_spec_boxed ("queues", NULL, NULL, G_TYPE_STRV, flags);

  /**
   * AuClaim:max:
   *
   * How many computations at most, 1 or more.
   *
   * Since: 1.0
   */
  properties[PROP_MAX] = g_param_spec_uint ("max", NULL, NULL, 1, G_MAXUINT, 1, flags);

  /**
   * AuClaim:owner:
   *
   * The process that will run them; by default this one, see [func@Au.owner_get_own].
   *
   * Since: 1.0
   */
  properties[PROP_OWNER] = g_param_spec_string ("owner", NULL, NULL, NULL, flags);

  /**
   * AuClaim:lease:
   *
   * How long they are the worker's without a word from it, in microseconds: 30 seconds
   * unless it is set.
   *
   * Since: 1.0
   */
  properties[PROP_LEASE] = g_param_spec_int64 ("lease", NULL, NULL, 1, G_MAXINT64, LEASE, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
au_claim_init (AuClaim *self)
{
  self->max = 1;
  self->lease = LEASE;
}

/**
 * au_claim_new:
 *
 * Makes a claim of one computation, for this process, from no queue yet.
 *
 * Returns: (transfer full): a new claim
 *
 * Since: 1.0
 */
AuClaim *
au_claim_new (void)
{
  return g_object_new (AU_TYPE_CLAIM, NULL);
}

/**
 * au_claim_get_queues:
 * @self: a claim
 *
 * Gets the names of the queues; see [property@Au.Claim:queues].
 *
 * MT safe.
 *
 * Returns: (transfer none) (array zero-terminated=1) (nullable): the names, %NULL for none
 *
 * Since: 1.0
 */
const char * const *
au_claim_get_queues (AuClaim *self)
{
  g_return_val_if_fail (AU_IS_CLAIM (self), NULL);

  return (const char * const *) self->queues;
}

/**
 * au_claim_set_queues:
 * @self: a claim
 * @queues: (array zero-terminated=1) (nullable): their names
 *
 * Sets the names of the queues; see [property@Au.Claim:queues]. Not MT safe.
 *
 * Since: 1.0
 */
void
au_claim_set_queues (AuClaim            *self,
                     const char * const *queues)
{
  char **copy;

  g_return_if_fail (AU_IS_CLAIM (self));

  copy = g_strdupv ((char **) queues);
  g_strfreev (self->queues);
  self->queues = copy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUEUES]);
}

/**
 * au_claim_get_max:
 * @self: a claim
 *
 * Gets how many computations are wanted at most. MT safe.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
au_claim_get_max (AuClaim *self)
{
  g_return_val_if_fail (AU_IS_CLAIM (self), 0);

  return self->max;
}

/**
 * au_claim_set_max:
 * @self: a claim
 * @max: how many at most, 1 or more
 *
 * Sets how many computations are wanted at most. Not MT safe.
 *
 * Since: 1.0
 */
void
au_claim_set_max (AuClaim *self,
                  guint    max)
{
  g_return_if_fail (AU_IS_CLAIM (self));
  g_return_if_fail (max > 0);

  if (self->max == max)
    return;

  self->max = max;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX]);
}

/**
 * au_claim_get_owner:
 * @self: a claim
 *
 * Gets the process that will run the computations. MT safe.
 *
 * Returns: (transfer none): the owner
 *
 * Since: 1.0
 */
const char *
au_claim_get_owner (AuClaim *self)
{
  g_return_val_if_fail (AU_IS_CLAIM (self), NULL);

  return self->owner != NULL ? self->owner : au_owner_get_own ();
}

/**
 * au_claim_set_owner:
 * @self: a claim
 * @owner: (nullable): an owner, or %NULL for this process
 *
 * Sets the process that will run the computations. Not MT safe.
 *
 * Since: 1.0
 */
void
au_claim_set_owner (AuClaim    *self,
                    const char *owner)
{
  char *copy;

  g_return_if_fail (AU_IS_CLAIM (self));

  copy = g_strdup (owner);
  g_free (self->owner);
  self->owner = copy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OWNER]);
}

/**
 * au_claim_get_lease:
 * @self: a claim
 *
 * Gets how long the computations are claimed for. MT safe.
 *
 * Returns: the time, in microseconds
 *
 * Since: 1.0
 */
GTimeSpan
au_claim_get_lease (AuClaim *self)
{
  g_return_val_if_fail (AU_IS_CLAIM (self), 0);

  return self->lease;
}

/**
 * au_claim_set_lease:
 * @self: a claim
 * @lease: a time, in microseconds
 *
 * Sets how long the computations are claimed for. Not MT safe.
 *
 * Since: 1.0
 */
void
au_claim_set_lease (AuClaim   *self,
                    GTimeSpan  lease)
{
  g_return_if_fail (AU_IS_CLAIM (self));
  g_return_if_fail (lease > 0);

  if (self->lease == lease)
    return;

  self->lease = lease;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LEASE]);
}

/**
 * au_claim_get_limit:
 * @self: a claim
 * @function: the name of a function
 *
 * Gets how many computations of @function may run at the same time. MT safe.
 *
 * Returns: the number, or 0 for any
 *
 * Since: 1.0
 */
guint
au_claim_get_limit (AuClaim    *self,
                    const char *function)
{
  g_return_val_if_fail (AU_IS_CLAIM (self), 0);
  g_return_val_if_fail (function != NULL, 0);

  if (self->limits == NULL)
    return 0;

  return GPOINTER_TO_UINT (g_hash_table_lookup (self->limits, function));
}

/**
 * au_claim_set_limit:
 * @self: a claim
 * @function: the name of a function
 * @limit: how many, or 0 for any
 *
 * Sets how many computations of @function may run at the same time, all workers of the
 * queue together: one that would be too many is not claimed. Not MT safe.
 *
 * Since: 1.0
 */
void
au_claim_set_limit (AuClaim    *self,
                    const char *function,
                    guint       limit)
{
  g_return_if_fail (AU_IS_CLAIM (self));
  g_return_if_fail (function != NULL);

  if (self->limits == NULL)
    self->limits = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (limit > 0)
    g_hash_table_insert (self->limits, g_strdup (function), GUINT_TO_POINTER (limit));
  else
    g_hash_table_remove (self->limits, function);
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

/**
 * au_claim_list_limited:
 * @self: a claim
 *
 * Lists the functions that have a limit; see [method@Au.Claim.set_limit]. MT safe.
 *
 * Returns: (transfer container) (array zero-terminated=1): their names, sorted
 *
 * Since: 1.0
 */
const char **
au_claim_list_limited (AuClaim *self)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new ();

  g_return_val_if_fail (AU_IS_CLAIM (self), NULL);

  if (self->limits != NULL)
    {
      GHashTableIter iter;
      gpointer name;

      g_hash_table_iter_init (&iter, self->limits);
      while (g_hash_table_iter_next (&iter, &name, NULL))
        g_ptr_array_add (names, name);
      g_ptr_array_sort (names, compare_names);
    }
  g_ptr_array_add (names, NULL);

  return (const char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}
