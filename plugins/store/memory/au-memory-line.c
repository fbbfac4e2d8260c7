/* au-memory-line.c: one named queue, in order
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-memory-line-private.h"

AuMemoryLine *
au_memory_line_new (const char *name)
{
  AuMemoryLine *self = g_new0 (AuMemoryLine, 1);

  self->name = g_strdup (name);
  self->ready = g_sequence_new (NULL);
  self->scheduled = g_sequence_new (NULL);
  self->parked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) g_sequence_free);

  return self;
}

void
au_memory_line_free (AuMemoryLine *self)
{
  g_sequence_free (self->ready);
  g_sequence_free (self->scheduled);
  g_hash_table_unref (self->parked);
  g_free (self->name);
  g_free (self);
}

static int
get_priority (const AuMemoryEntry *entry)
{
  return au_options_get_priority (au_record_get_options (entry->record));
}

/* The most urgent first, and then what came first. */
static int
compare_urgency (gconstpointer a,
                 gconstpointer b,
                 gpointer      user_data)
{
  const AuMemoryEntry *first = a;
  const AuMemoryEntry *second = b;
  int first_priority = get_priority (first);
  int second_priority = get_priority (second);

  if (first_priority != second_priority)
    return first_priority > second_priority ? -1 : 1;

  return first->sequence < second->sequence ? -1 : first->sequence > second->sequence;
}

static int
compare_due (gconstpointer a,
             gconstpointer b,
             gpointer      user_data)
{
  gint64 first = au_record_get_due (((const AuMemoryEntry *) a)->record);
  gint64 second = au_record_get_due (((const AuMemoryEntry *) b)->record);

  if (first != second)
    return first < second ? -1 : 1;

  return compare_urgency (a, b, user_data);
}

/* Puts an entry that is nowhere where it waits to be claimed, or for its time. */
void
au_memory_line_add (AuMemoryLine  *self,
                    AuMemoryEntry *entry,
                    AuMemoryPlace  place)
{
  g_assert (entry->place == AU_MEMORY_NOWHERE);

  entry->place = place;
  if (place == AU_MEMORY_READY)
    entry->iter = g_sequence_insert_sorted (self->ready, entry, compare_urgency, NULL);
  else
    entry->iter = g_sequence_insert_sorted (self->scheduled, entry, compare_due, NULL);
}

/* Puts an entry aside until there is room under a limit. */
void
au_memory_line_park (AuMemoryLine  *self,
                     AuMemoryEntry *entry,
                     const char    *limit)
{
  GSequence *parked = g_hash_table_lookup (self->parked, limit);

  if (parked == NULL)
    {
      parked = g_sequence_new (NULL);
      g_hash_table_insert (self->parked, g_strdup (limit), parked);
    }

  au_memory_line_remove (self, entry);
  entry->place = AU_MEMORY_PARKED;
  entry->iter = g_sequence_insert_sorted (parked, entry, compare_urgency, NULL);
}

static guint
unpark (AuMemoryLine *self,
        GSequence    *parked,
        guint         max)
{
  guint n = 0;

  for (; n < max && !g_sequence_is_empty (parked); n++)
    {
      AuMemoryEntry *entry = g_sequence_get (g_sequence_get_begin_iter (parked));

      au_memory_line_remove (self, entry);
      au_memory_line_add (self, entry, AU_MEMORY_READY);
    }

  return n;
}

/* Lets some of what waits for room under a limit be claimed again. Tells how many. */
guint
au_memory_line_unpark (AuMemoryLine *self,
                       const char   *limit,
                       guint         max)
{
  GSequence *parked = g_hash_table_lookup (self->parked, limit);
  guint n;

  if (parked == NULL)
    return 0;

  n = unpark (self, parked, max);
  if (g_sequence_is_empty (parked))
    g_hash_table_remove (self->parked, limit);

  return n;
}

guint
au_memory_line_unpark_all (AuMemoryLine *self)
{
  GHashTableIter iter;
  gpointer parked;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->parked);
  while (g_hash_table_iter_next (&iter, NULL, &parked))
    {
      n += unpark (self, parked, G_MAXUINT);
      g_hash_table_iter_remove (&iter);
    }

  return n;
}

/* Takes an entry out of wherever it is in the line. */
void
au_memory_line_remove (AuMemoryLine  *self,
                       AuMemoryEntry *entry)
{
  if (entry->iter != NULL)
    g_sequence_remove (entry->iter);
  entry->iter = NULL;
  entry->place = AU_MEMORY_NOWHERE;
}

static AuMemoryEntry *
get_next_scheduled (AuMemoryLine *self)
{
  if (g_sequence_is_empty (self->scheduled))
    return NULL;

  return g_sequence_get (g_sequence_get_begin_iter (self->scheduled));
}

/* Lets those be claimed whose time has come. Tells whether there were any. */
gboolean
au_memory_line_promote (AuMemoryLine *self,
                        gint64        now)
{
  gboolean any = FALSE;
  AuMemoryEntry *entry;

  while ((entry = get_next_scheduled (self)) != NULL && au_record_get_due (entry->record) <= now)
    {
      au_memory_line_remove (self, entry);
      au_memory_line_add (self, entry, AU_MEMORY_READY);
      any = TRUE;
    }

  return any;
}

/* When the next one falls due; 0 if none waits for its time. */
gint64
au_memory_line_get_next_due (AuMemoryLine *self)
{
  AuMemoryEntry *entry = get_next_scheduled (self);

  return entry != NULL ? au_record_get_due (entry->record) : 0;
}
