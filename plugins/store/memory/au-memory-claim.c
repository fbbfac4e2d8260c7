/* au-memory-claim.c: what workers do to a queue
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-memory-queue-private.h"

#include <string.h>

/* So many are put aside at a time, as others wait meanwhile. */
#define ASIDE_LIMIT (1000)

/* Claims */

/* The limit under which there is no room for one more; NULL if there is room. */
static char *
find_full_limit (AuMemoryQueue *self,
                 AuClaim       *claim,
                 AuMemoryEntry *entry)
{
  const char *function = au_record_get_function (entry->record);
  guint function_max = au_claim_get_limit (claim, function);
  g_autofree char *limit = NULL;

  if (function_max > 0)
    {
      limit = au_memory_limit_of_function (function);
      if (au_memory_queue_get_count (self, limit) >= function_max)
        return g_steal_pointer (&limit);
      g_clear_pointer (&limit, g_free);
    }

  limit = au_memory_limit_of_key (entry->record);
  if (limit != NULL &&
      au_memory_queue_get_count (self, limit) >= au_options_get_concurrency (au_record_get_options (entry->record)))
    return g_steal_pointer (&limit);

  return NULL;
}

static void
claim_one (AuMemoryQueue *self,
           AuClaim       *claim,
           AuMemoryEntry *entry,
           gint64         now,
           GPtrArray     *records)
{
  gint64 lease = au_claim_get_lease (claim);
  gint64 lease_end = lease < G_MAXINT64 - now ? now + lease : G_MAXINT64;
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) next = au_transition_begin (entry->record, au_claim_get_owner (claim), lease_end, &error);

  if (next != NULL)
    {
      if (au_memory_queue_write (self, entry, next))
        g_ptr_array_add (records, g_steal_pointer (&next));
      return;
    }

  next = au_transition_refuse (entry->record, error, NULL);
  au_memory_queue_write (self, entry, next);
}

/* What was put aside because of the limit of a function, for which there may be room by
 * now, or for which this claim has another limit. */
static void
unpark_functions (AuMemoryQueue *self,
                  AuClaim       *claim,
                  AuMemoryLine  *line)
{
  g_autoptr(GList) limits = g_hash_table_get_keys (line->parked);

  for (GList *link = limits; link != NULL; link = link->next)
    {
      const char *limit = link->data;
      guint max, count;

      if (!g_str_has_prefix (limit, "f:"))
        continue;

      max = au_claim_get_limit (claim, limit + strlen ("f:"));
      count = au_memory_queue_get_count (self, limit);
      if (max == 0 || count < max)
        au_memory_line_unpark (line, limit, max == 0 ? au_claim_get_max (claim) : max - count);
    }
}

/* Puts one aside, which may be what another with its concurrency key waited for. */
static void
put_aside (AuMemoryQueue *self,
           AuMemoryLine  *line,
           AuMemoryEntry *entry,
           const char    *limit)
{
  au_memory_line_park (line, entry, limit);
  if (g_str_has_prefix (limit, "f:"))
    au_memory_queue_make_room (self, entry->record);
}

/* Tells whether there is more to look at. */
static gboolean
claim_from (AuMemoryQueue *self,
            AuClaim       *claim,
            AuMemoryLine  *line,
            gint64         now,
            GPtrArray     *records)
{
  guint max = au_claim_get_max (claim);
  guint n_aside = 0;

  unpark_functions (self, claim, line);
  au_memory_line_promote (line, now);

  /* whatever is looked at is in line no longer */
  while (records->len < max && n_aside < ASIDE_LIMIT && !g_sequence_is_empty (line->ready))
    {
      AuMemoryEntry *entry = g_sequence_get (g_sequence_get_begin_iter (line->ready));
      g_autofree char *limit = find_full_limit (self, claim, entry);

      if (limit != NULL)
        {
          put_aside (self, line, entry, limit);
          n_aside++;
        }
      else
        {
          claim_one (self, claim, entry, now, records);
        }
    }

  return n_aside == ASIDE_LIMIT;
}

GPtrArray *
au_memory_queue_claim (AuMemoryQueue *self,
                       AuClaim       *claim,
                       gint64        *next_due)
{
  const char * const *queues = au_claim_get_queues (claim);
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  gint64 now = au_clock_get_real_time ();

  g_mutex_lock (&self->lock);
  for (guint i = 0; queues[i] != NULL && records->len < au_claim_get_max (claim); i++)
    {
      AuMemoryLine *line = g_hash_table_lookup (self->lines, queues[i]);
      gboolean more;
      gint64 due;

      if (line == NULL || line->paused)
        continue;

      /* The last of its entries may be refused here, so that nothing else keeps it. */
      line->n_entries++;
      more = claim_from (self, claim, line, now, records);
      line->n_entries--;

      due = more ? now : au_memory_line_get_next_due (line);
      if (due > 0 && (*next_due == 0 || due < *next_due))
        *next_due = due;
      au_memory_queue_drop_line (self, line);
    }
  au_memory_queue_settle (self);
  au_memory_queue_unlock (self);

  return records;
}

/* Leases */

GPtrArray *
au_memory_queue_renew (AuMemoryQueue *self,
                       GPtrArray     *records,
                       GTimeSpan      lease)
{
  GPtrArray *current = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  gint64 now = au_clock_get_real_time ();

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < records->len; i++)
    {
      AuRecord *record = g_ptr_array_index (records, i);
      AuMemoryEntry *entry = g_hash_table_lookup (self->entries, au_record_get_key (record));

      if (entry == NULL || entry->place != AU_MEMORY_RUNNING ||
          au_record_get_attempt (entry->record) != au_record_get_attempt (record))
        continue;

      entry->lease_end = lease < G_MAXINT64 - now ? now + lease : G_MAXINT64;
      g_ptr_array_add (current, au_record_ref (entry->record));
    }
  au_memory_queue_unlock (self);

  return current;
}

/* The same process owns many. */
static gboolean
is_owner_dead (GHashTable *states,
               const char *owner)
{
  gpointer state;

  if (owner == NULL)
    return FALSE;

  if (!g_hash_table_lookup_extended (states, owner, NULL, &state))
    {
      state = GUINT_TO_POINTER (au_owner_get_state (owner));
      g_hash_table_insert (states, g_strdup (owner), state);
    }

  return GPOINTER_TO_UINT (state) == AU_OWNER_STATE_DEAD;
}

gint
au_memory_queue_reap (AuMemoryQueue *self,
                      guint          limit)
{
  g_autoptr(GHashTable) states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) lost = g_ptr_array_new ();
  gint64 now = au_clock_get_real_time ();
  GHashTableIter iter;
  gpointer data;

  g_mutex_lock (&self->lock);

  g_hash_table_iter_init (&iter, self->running);
  while (lost->len < limit && g_hash_table_iter_next (&iter, &data, NULL))
    {
      AuMemoryEntry *entry = data;

      if (entry->lease_end <= now || is_owner_dead (states, au_record_get_owner (entry->record)))
        g_ptr_array_add (lost, entry);
    }

  for (guint i = 0; i < lost->len; i++)
    {
      AuMemoryEntry *entry = g_ptr_array_index (lost, i);
      g_autoptr(AuRecord) next = au_transition_reap (entry->record, NULL);

      au_memory_queue_write (self, entry, next);
    }

  au_memory_queue_settle (self);
  au_memory_queue_unlock (self);

  return lost->len;
}

/* Pauses */

void
au_memory_queue_set_paused (AuMemoryQueue *self,
                            const char    *queue,
                            gboolean       paused)
{
  AuMemoryLine *line;
  GHashTableIter iter;
  gpointer other;

  g_mutex_lock (&self->lock);
  line = au_memory_queue_ensure_line (self, queue);
  line->paused = paused;

  /* What was let go here may not be claimed now, while others wait for it to be. */
  g_hash_table_iter_init (&iter, self->lines);
  while (g_hash_table_iter_next (&iter, NULL, &other))
    au_memory_line_unpark_all (other);
  self->ring = TRUE;

  au_memory_queue_drop_line (self, line);
  au_memory_queue_unlock (self);
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

char **
au_memory_queue_list_paused (AuMemoryQueue *self)
{
  GPtrArray *names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer data;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->lines);
  while (g_hash_table_iter_next (&iter, NULL, &data))
    {
      AuMemoryLine *line = data;

      if (line->paused)
        g_ptr_array_add (names, g_strdup (line->name));
    }
  au_memory_queue_unlock (self);

  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);

  return (char **) g_ptr_array_free (names, FALSE);
}
