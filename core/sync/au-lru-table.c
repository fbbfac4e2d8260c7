/* au-lru-table.c: the entries of a table that forgets
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-lru-private.h"
#include "au-timer-private.h"

static guint
entry_hash (gconstpointer data)
{
  return ((const AuLruEntry *) data)->hash;
}

static gboolean
entry_equal (gconstpointer a,
             gconstpointer b)
{
  const AuLruEntry *entry = a, *other = b;

  if (a == b)
    return TRUE;

  /* Both are about to be changed if this is the one; let them come meanwhile. */
  __builtin_prefetch (entry->newer, 1);
  __builtin_prefetch (entry->older, 1);

  return entry->lru->equal (entry->key, other->key);
}

GHashTable *
au_lru_table_new (void)
{
  return g_hash_table_new (entry_hash, entry_equal);
}

static inline gsize
get_entry_size (AuLru *self)
{
  return self->ttl >= 0 ? sizeof (AuLruTimedEntry) : sizeof (AuLruEntry);
}

void
au_lru_take_out (AuLru       *self,
                 AuLruEntry  *entry,
                 AuLruEntry **removed)
{
  au_lru_unlink (self, entry);
  if (self->ttl >= 0)
    g_queue_unlink (&self->by_age, &((AuLruTimedEntry *) entry)->link);
  g_hash_table_remove (self->entries, entry);
  entry->older = *removed;
  *removed = entry;
}

void
au_lru_free_removed (AuLru      *self,
                     AuLruEntry *removed)
{
  while (removed != NULL)
    {
      AuLruEntry *entry = removed;

      removed = entry->older;
      if (self->free_key != NULL)
        self->free_key (entry->key);
      if (self->free_value != NULL && entry->value != NULL)
        self->free_value (entry->value);
      g_slice_free1 (get_entry_size (self), entry);
    }
}

static void
date (AuLru      *self,
      AuLruEntry *entry)
{
  AuLruTimedEntry *timed = (AuLruTimedEntry *) entry;
  gint64 end_time;

  if (self->ttl < 0)
    return;

  end_time = au_clock_get_end_time (self->ttl);
  timed->expires = end_time >= 0 ? end_time : G_MAXINT64;
  timed->link.data = timed;
  g_queue_push_tail_link (&self->by_age, &timed->link);
}

/* A few of those whose time is over go whenever one is added, so that there are never
 * many. */
static void
take_out_expired (AuLru       *self,
                  AuLruEntry **removed)
{
  for (guint i = 0; i < 3 && self->by_age.head != NULL; i++)
    {
      AuLruEntry *entry = self->by_age.head->data;

      if (!au_lru_has_expired (self, entry))
        break;
      au_lru_take_out (self, entry, removed);
    }
}

void
au_lru_make_room (AuLru       *self,
                  guint        n,
                  AuLruEntry **removed)
{
  while (self->max_size > 0 && g_hash_table_size (self->entries) + n > self->max_size)
    au_lru_take_out (self, self->oldest, removed);
}

AuLruEntry *
au_lru_add (AuLru          *self,
            gconstpointer   key,
            guint           hash,
            gpointer        value,
            AuLruEntry    **removed)
{
  AuLruEntry *entry = g_slice_alloc0 (get_entry_size (self));

  entry->lru = self;
  entry->key = self->copy_key != NULL ? self->copy_key ((gpointer) key) : (gpointer) key;
  entry->hash = hash;
  entry->value = value;

  take_out_expired (self, removed);
  au_lru_make_room (self, 1, removed);

  g_hash_table_add (self->entries, entry);
  au_lru_link_newest (self, entry);
  date (self, entry);

  return entry;
}

/* What was there is the caller's. */
void
au_lru_overwrite (AuLru      *self,
                  AuLruEntry *entry,
                  gpointer    value)
{
  entry->value = value;
  au_lru_use (self, entry);
  if (self->ttl < 0)
    return;

  g_queue_unlink (&self->by_age, &((AuLruTimedEntry *) entry)->link);
  date (self, entry);
}
