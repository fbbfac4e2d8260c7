/* au-lru-private.h: the entries of a table that forgets
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-clock.h>
#include <au/au-lru.h>

G_BEGIN_DECLS

/* An entry is its own key in the table, so that the table is a set: what a lookup costs
 * where a million of them do not fit into the processor's cache is the number of places
 * it has to look at. */
typedef struct _AuLruEntry AuLruEntry;

struct _AuLruEntry
{
  AuLru      *lru;
  gpointer    key;
  gpointer    value;
  AuLruEntry *newer;            /* used more recently */
  AuLruEntry *older;
  guint       hash;
};

/* With a time to live. */
typedef struct
{
  AuLruEntry entry;
  gint64     expires;
  GList      link;
} AuLruTimedEntry;

struct _AuLru
{
  GObject        parent_instance;

  GTimeSpan      ttl;           /* -1 for ever */
  GHashFunc      hash;
  GEqualFunc     equal;
  GBoxedCopyFunc copy_key;
  GDestroyNotify free_key;
  GBoxedCopyFunc copy_value;
  GDestroyNotify free_value;

  GMutex         lock;          /* for what follows */
  guint          max_size;      /* 0 for any */
  GHashTable    *entries;
  AuLruEntry    *newest;
  AuLruEntry    *oldest;
  GQueue         by_age;        /* of AuLruTimedEntry, by their insertion */
  guint64        n_hits;
  guint64        n_misses;
};

GHashTable *au_lru_table_new    (void) G_GNUC_WARN_UNUSED_RESULT;

/* The lock is held. What is taken out is freed without it, by au_lru_free_removed (). */
AuLruEntry *au_lru_add          (AuLru         *self,
                                 gconstpointer  key,
                                 guint          hash,
                                 gpointer       value,
                                 AuLruEntry   **removed);
void        au_lru_overwrite    (AuLru         *self,
                                 AuLruEntry    *entry,
                                 gpointer       value);
void        au_lru_take_out     (AuLru         *self,
                                 AuLruEntry    *entry,
                                 AuLruEntry   **removed);
/* Until there is room for so many more. */
void        au_lru_make_room    (AuLru         *self,
                                 guint          n,
                                 AuLruEntry   **removed);
void        au_lru_free_removed (AuLru         *self,
                                 AuLruEntry    *removed);

static inline AuLruEntry *
au_lru_find (AuLru         *self,
             gconstpointer  key,
             guint          hash)
{
  AuLruEntry probe = { .lru = self, .key = (gpointer) key, .hash = hash };

  return g_hash_table_lookup (self->entries, &probe);
}

static inline gboolean
au_lru_has_expired (AuLru      *self,
                    AuLruEntry *entry)
{
  return self->ttl >= 0 &&
         ((AuLruTimedEntry *) entry)->expires <= au_clock_get_monotonic_time ();
}

static inline void
au_lru_link_newest (AuLru      *self,
                    AuLruEntry *entry)
{
  entry->newer = NULL;
  entry->older = self->newest;
  if (self->newest != NULL)
    self->newest->newer = entry;
  else
    self->oldest = entry;
  self->newest = entry;
}

static inline void
au_lru_unlink (AuLru      *self,
               AuLruEntry *entry)
{
  if (entry->newer != NULL)
    entry->newer->older = entry->older;
  else
    self->newest = entry->older;
  if (entry->older != NULL)
    entry->older->newer = entry->newer;
  else
    self->oldest = entry->newer;
}

static inline void
au_lru_use (AuLru      *self,
            AuLruEntry *entry)
{
  if (entry == self->newest)
    return;

  au_lru_unlink (self, entry);
  au_lru_link_newest (self, entry);
}

G_END_DECLS
