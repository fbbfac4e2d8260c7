/* au-computation-table.c: the computations that an engine knows of, by key
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-computation-table-private.h"
#include "au-record-private.h"

#define N_SHARDS (32)
#define MIN_BUCKETS (16)

typedef struct
{
  GMutex          lock;
  AuComputation **buckets;
  guint           n_buckets;    /* a power of two */
  guint           n_alive;      /* entries, and those detached */
} Shard;

/* Shards on cache lines of their own, so that threads do not slow each other. */
typedef union
{
  Shard shard;
  char  line[64];
} PaddedShard;

struct _AuComputationTable
{
  AuEngine   *engine;
  PaddedShard shards[N_SHARDS];
};

AuComputationTable *
au_computation_table_new (AuEngine *engine)
{
  AuComputationTable *self = g_new0 (AuComputationTable, 1);

  self->engine = engine;
  for (guint i = 0; i < N_SHARDS; i++)
    {
      Shard *shard = &self->shards[i].shard;

      g_mutex_init (&shard->lock);
      shard->n_buckets = MIN_BUCKETS;
      shard->buckets = g_new0 (AuComputation *, shard->n_buckets);
    }

  return self;
}

void
au_computation_table_free (AuComputationTable *self)
{
  for (guint i = 0; i < N_SHARDS; i++)
    {
      g_mutex_clear (&self->shards[i].shard.lock);
      g_free (self->shards[i].shard.buckets);
    }

  g_free (self);
}

/* FNV-1a, but for the last character: keys that are made one after another differ in it
 * only, and are neighbours in memory then. Keys come from au itself or from the
 * program's own user. */
guint32
au_computation_table_hash (const char *key)
{
  guint32 hash = 2166136261u;

  if (*key == '\0')
    return hash;

  for (; key[1] != '\0'; key++)
    hash = (hash ^ (guint8) *key) * 16777619u;

  return hash + (guint8) *key;
}

static Shard *
get_shard (AuComputationTable *self,
           guint32             hash)
{
  return &self->shards[hash / (G_MAXUINT32 / N_SHARDS + 1)].shard;
}

static AuComputation **
get_bucket (Shard   *shard,
            guint32  hash)
{
  return &shard->buckets[hash & (shard->n_buckets - 1)];
}

/* Whoever is about to be freed counts as gone already. */
static AuComputation *
find_locked (Shard      *shard,
             const char *key,
             guint32     hash)
{
  for (AuComputation *entry = *get_bucket (shard, hash); entry != NULL; entry = entry->next_in_table)
    {
      if (entry->hash == hash && g_str_equal (au_computation_get_key (entry), key) &&
          au_computation_try_ref (entry))
        return entry;
    }

  return NULL;
}

static void
link_locked (Shard         *shard,
             AuComputation *computation)
{
  AuComputation **bucket = get_bucket (shard, computation->hash);

  computation->next_in_table = *bucket;
  if (computation->next_in_table != NULL)
    computation->next_in_table->place_in_table = &computation->next_in_table;
  computation->place_in_table = bucket;
  *bucket = computation;
}

static void
unlink_locked (AuComputation *computation)
{
  if (computation->place_in_table == NULL)
    return;

  *computation->place_in_table = computation->next_in_table;
  if (computation->next_in_table != NULL)
    computation->next_in_table->place_in_table = computation->place_in_table;
  computation->next_in_table = NULL;
  computation->place_in_table = NULL;
}

static void
grow_locked (Shard *shard)
{
  g_autofree AuComputation **old_buckets = shard->buckets;
  guint n_old = shard->n_buckets;

  shard->n_buckets *= 2;
  shard->buckets = g_new0 (AuComputation *, shard->n_buckets);

  for (guint i = 0; i < n_old; i++)
    {
      AuComputation *entry = old_buckets[i];

      while (entry != NULL)
        {
          AuComputation *next = entry->next_in_table;

          link_locked (shard, entry);
          entry = next;
        }
    }
}

/* A key that was just made is nobody else's, so there is nothing to look for. */
AuComputation *
au_computation_table_add (AuComputationTable *self,
                          AuComputation      *computation,
                          gboolean            is_new)
{
  Shard *shard = get_shard (self, computation->hash);
  AuComputation *existing = NULL;

  g_mutex_lock (&shard->lock);

  if (!is_new)
    existing = find_locked (shard, au_computation_get_key (computation), computation->hash);

  if (existing == NULL)
    {
      if (shard->n_alive >= shard->n_buckets)
        grow_locked (shard);

      link_locked (shard, computation);
      computation->tabled = TRUE;
      if (shard->n_alive++ == 0)
        g_object_ref (self->engine);
    }

  g_mutex_unlock (&shard->lock);

  return existing;
}

AuComputation *
au_computation_table_lookup (AuComputationTable *self,
                             const char         *key)
{
  guint32 hash = au_computation_table_hash (key);
  Shard *shard = get_shard (self, hash);
  AuComputation *computation;

  g_mutex_lock (&shard->lock);
  computation = find_locked (shard, key, hash);
  g_mutex_unlock (&shard->lock);

  return computation;
}

void
au_computation_table_detach (AuComputationTable *self,
                             AuComputation      *computation)
{
  Shard *shard = get_shard (self, computation->hash);

  g_mutex_lock (&shard->lock);
  unlink_locked (computation);
  g_mutex_unlock (&shard->lock);
}

/* The engine, and this table with it, may be gone when this returns. */
void
au_computation_table_remove (AuComputationTable *self,
                             AuComputation      *computation)
{
  Shard *shard = get_shard (self, computation->hash);
  AuEngine *engine = self->engine;
  gboolean last;

  g_mutex_lock (&shard->lock);
  unlink_locked (computation);
  last = --shard->n_alive == 0;
  g_mutex_unlock (&shard->lock);

  if (last)
    g_object_unref (engine);
}

GPtrArray *
au_computation_table_snapshot (AuComputationTable *self)
{
  GPtrArray *computations = g_ptr_array_new_with_free_func ((GDestroyNotify) au_computation_unref);

  for (guint i = 0; i < N_SHARDS; i++)
    {
      Shard *shard = &self->shards[i].shard;

      g_mutex_lock (&shard->lock);
      for (guint j = 0; j < shard->n_buckets; j++)
        {
          for (AuComputation *entry = shard->buckets[j]; entry != NULL; entry = entry->next_in_table)
            {
              if (au_computation_try_ref (entry))
                g_ptr_array_add (computations, entry);
            }
        }
      g_mutex_unlock (&shard->lock);
    }

  return computations;
}
