/* au-memory-queue.c: which computations wait, for what, and which run
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-memory-queue-private.h"

typedef struct
{
  char     *key;
  AuRecord *record;             /* NULL when there is none */
} Ended;

/* Releases the lock, and then tells those who wait. */
void
au_memory_queue_unlock (AuMemoryQueue *self)
{
  gboolean ring = self->ring;

  self->ring = FALSE;
  g_mutex_unlock (&self->lock);

  if (ring)
    au_memory_bell_ring (self->bell);
}

gboolean
au_memory_queue_has (AuRecord *record)
{
  return au_options_get_queue (au_record_get_options (record)) != NULL;
}

/* Limits */

char *
au_memory_limit_of_function (const char *function)
{
  return g_strconcat ("f:", function, NULL);
}

char *
au_memory_limit_of_key (AuRecord *record)
{
  const char *key = au_options_get_concurrency_key (au_record_get_options (record));

  return key != NULL ? g_strconcat ("k:", key, NULL) : NULL;
}

guint
au_memory_queue_get_count (AuMemoryQueue *self,
                           const char    *limit)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, limit));
}

static void
add_count (AuMemoryQueue *self,
           const char    *limit,
           int            difference)
{
  guint count = au_memory_queue_get_count (self, limit) + difference;

  if (count > 0)
    g_hash_table_insert (self->counts, g_strdup (limit), GUINT_TO_POINTER (count));
  else
    g_hash_table_remove (self->counts, limit);
}

static void
count_running (AuMemoryQueue *self,
               AuMemoryEntry *entry,
               int            difference)
{
  g_autofree char *function_limit = au_memory_limit_of_function (au_record_get_function (entry->record));
  g_autofree char *key_limit = au_memory_limit_of_key (entry->record);

  add_count (self, function_limit, difference);
  if (key_limit != NULL)
    add_count (self, key_limit, difference);
}

/* One that ran, or that room was made for, does not take it any more: another one with its
 * concurrency key may, whatever queue it is in.
 */
void
au_memory_queue_make_room (AuMemoryQueue *self,
                           AuRecord      *record)
{
  g_autofree char *limit = au_memory_limit_of_key (record);
  GHashTableIter iter;
  gpointer line;

  if (limit == NULL)
    return;

  g_hash_table_iter_init (&iter, self->lines);
  while (g_hash_table_iter_next (&iter, NULL, &line))
    {
      if (au_memory_line_unpark (line, limit, 1) > 0)
        self->ring = TRUE;
    }
}

/* What waits because of its function is let go by whoever claims, as the limit is in the
 * claim.
 */
static void
tell_of_room (AuMemoryQueue *self,
              AuRecord      *record)
{
  g_autofree char *limit = au_memory_limit_of_function (au_record_get_function (record));
  GHashTableIter iter;
  gpointer line;

  g_hash_table_iter_init (&iter, self->lines);
  while (!self->ring && g_hash_table_iter_next (&iter, NULL, &line))
    self->ring = g_hash_table_contains (((AuMemoryLine *) line)->parked, limit);
}

/* Lines and entries */

AuMemoryLine *
au_memory_queue_ensure_line (AuMemoryQueue *self,
                             const char    *name)
{
  AuMemoryLine *line = g_hash_table_lookup (self->lines, name);

  if (line == NULL)
    {
      line = au_memory_line_new (name);
      g_hash_table_insert (self->lines, line->name, line);
    }

  return line;
}

void
au_memory_queue_drop_line (AuMemoryQueue *self,
                           AuMemoryLine  *line)
{
  if (line->n_entries == 0 && !line->paused)
    g_hash_table_remove (self->lines, line->name);
}

static AuMemoryEntry *
ensure_entry (AuMemoryQueue *self,
              AuRecord      *record)
{
  const char *key = au_record_get_key (record);
  AuMemoryEntry *entry = g_hash_table_lookup (self->entries, key);

  if (entry != NULL)
    return entry;

  entry = g_new0 (AuMemoryEntry, 1);
  entry->record = au_record_ref (record);
  entry->line = au_memory_queue_ensure_line (self, au_options_get_queue (au_record_get_options (record)));
  entry->line->n_entries++;
  entry->sequence = self->sequence++;
  g_hash_table_insert (self->entries, g_strdup (key), entry);

  return entry;
}

static void
stop_awaiting (AuMemoryQueue *self,
               AuMemoryEntry *entry)
{
  const char * const *after = au_options_get_after (au_record_get_options (entry->record));

  for (; entry->n_awaited > 0 && *after != NULL; after++)
    {
      GHashTable *waiting = g_hash_table_lookup (self->awaited, *after);

      if (waiting == NULL || !g_hash_table_remove (waiting, entry))
        continue;

      entry->n_awaited--;
      if (g_hash_table_size (waiting) == 0)
        g_hash_table_remove (self->awaited, *after);
    }

  g_atomic_int_set (&self->n_awaited, g_hash_table_size (self->awaited));
}

/* Takes an entry out of wherever it is. */
static void
take_out (AuMemoryQueue *self,
          AuMemoryEntry *entry)
{
  AuMemoryPlace place = entry->place;

  au_memory_line_remove (entry->line, entry);

  if (place == AU_MEMORY_AWAITING)
    {
      stop_awaiting (self, entry);
    }
  else if (place == AU_MEMORY_RUNNING)
    {
      g_hash_table_remove (self->running, entry);
      count_running (self, entry, -1);
      au_memory_queue_make_room (self, entry->record);
      tell_of_room (self, entry->record);
    }
  else if (place == AU_MEMORY_READY)
    {
      /* There may be room that was made for this one, and that it does not take. */
      au_memory_queue_make_room (self, entry->record);
      tell_of_room (self, entry->record);
    }
}

static void
entry_free (gpointer data)
{
  AuMemoryEntry *entry = data;

  au_record_unref (entry->record);
  g_free (entry);
}

static void
forget (AuMemoryQueue *self,
        AuMemoryEntry *entry)
{
  AuMemoryLine *line = entry->line;

  take_out (self, entry);
  g_hash_table_remove (self->entries, au_record_get_key (entry->record));
  line->n_entries--;
  au_memory_queue_drop_line (self, line);
}

/* What comes after what */

static void
note_ended (AuMemoryQueue *self,
            const char    *key,
            AuRecord      *record)
{
  Ended *ended;

  if (!g_hash_table_contains (self->awaited, key))
    return;

  ended = g_new0 (Ended, 1);
  ended->key = g_strdup (key);
  ended->record = record != NULL ? au_record_ref (record) : NULL;
  g_queue_push_tail (&self->ended, ended);
}

/* Notes what an entry waits for, and then looks at it: so either this sees that one of
 * them has ended, or whoever ends it sees that somebody waits. */
static gboolean
await_others (AuMemoryQueue *self,
              AuMemoryEntry *entry)
{
  const char * const *after = au_options_get_after (au_record_get_options (entry->record));

  /* One that was started before has them behind it. */
  if (after == NULL || after[0] == NULL || au_record_get_attempt (entry->record) > 0)
    return FALSE;

  entry->place = AU_MEMORY_AWAITING;
  for (guint i = 0; after[i] != NULL; i++)
    {
      GHashTable *waiting = g_hash_table_lookup (self->awaited, after[i]);

      if (waiting == NULL)
        {
          waiting = g_hash_table_new (NULL, NULL);
          g_hash_table_insert (self->awaited, g_strdup (after[i]), waiting);
        }
      entry->n_awaited += g_hash_table_add (waiting, entry);
    }
  g_atomic_int_set (&self->n_awaited, g_hash_table_size (self->awaited));

  for (guint i = 0; after[i] != NULL; i++)
    {
      g_autoptr(AuRecord) other = au_memory_records_lookup (self->records, after[i]);

      if (other == NULL || au_status_is_terminal (au_record_get_status (other)) ||
          g_str_equal (after[i], au_record_get_key (entry->record)))
        note_ended (self, after[i], other);
    }

  return TRUE;
}

/* Where a computation is from now on, as its record says. */

static void
put_in_line (AuMemoryQueue *self,
             AuMemoryEntry *entry)
{
  gint64 due = au_record_get_due (entry->record);
  gint64 next_due = au_memory_line_get_next_due (entry->line);

  if (due > au_clock_get_real_time ())
    {
      au_memory_line_add (entry->line, entry, AU_MEMORY_SCHEDULED);
      self->ring |= next_due == 0 || due < next_due;
    }
  else
    {
      au_memory_line_add (entry->line, entry, AU_MEMORY_READY);
      self->ring = TRUE;
    }
}

static void
note_running (AuMemoryQueue *self,
              AuMemoryEntry *entry,
              AuRecord      *record)
{
  gboolean same = entry->place == AU_MEMORY_RUNNING &&
                  au_record_get_attempt (entry->record) == au_record_get_attempt (record);

  if (same)
    return;

  if (entry->place == AU_MEMORY_READY)
    au_memory_line_remove (entry->line, entry);
  else
    take_out (self, entry);
  entry->place = AU_MEMORY_RUNNING;
  entry->lease_end = au_record_get_lease_end (record);
  g_hash_table_add (self->running, entry);
  count_running (self, entry, +1);
}

static void
note (AuMemoryQueue *self,
      AuRecord      *record)
{
  AuStatus status = au_record_get_status (record);
  AuMemoryEntry *entry;
  gboolean queued, leased;

  queued = au_record_is_queued (record);
  leased = status == AU_STATUS_RUNNING && au_record_get_lease_end (record) > 0;

  if (queued || leased)
    {
      entry = ensure_entry (self, record);
      if (leased)
        note_running (self, entry, record);
      else
        take_out (self, entry);
      au_record_unref (entry->record);
      entry->record = au_record_ref (record);
      if (queued && !await_others (self, entry))
        put_in_line (self, entry);
    }
  else
    {
      entry = g_hash_table_lookup (self->entries, au_record_get_key (record));
      if (entry != NULL)
        forget (self, entry);
      if (au_status_is_terminal (status))
        note_ended (self, au_record_get_key (record), record);
    }
}

/* Writes the next record of a computation. Nobody else does so meanwhile, so this fails
 * only for what cannot be; and then the queue has nothing to do with it any more. */
gboolean
au_memory_queue_write (AuMemoryQueue *self,
                       AuMemoryEntry *entry,
                       AuRecord      *next)
{
  g_autoptr(GError) error = NULL;

  if (!au_memory_records_replace (self->records, next, au_record_get_revision (entry->record), &error))
    {
      g_warning ("%s", error->message);
      forget (self, entry);
      return FALSE;
    }

  note (self, next);

  return TRUE;
}

static void
settle_one (AuMemoryQueue *self,
            AuMemoryEntry *entry,
            Ended         *ended)
{
  g_autoptr(AuRecord) refused = NULL;

  if (ended->record != NULL && au_record_get_status (ended->record) == AU_STATUS_COMPLETED)
    {
      if (--entry->n_awaited > 0)
        return;

      entry->place = AU_MEMORY_NOWHERE;
      put_in_line (self, entry);
      return;
    }

  entry->n_awaited--;
  refused = au_transition_refuse_after (entry->record, ended->key, ended->record, NULL);
  au_memory_queue_write (self, entry, refused);
}

/* Lets go, or refuses, what comes after what has ended; and so on. */
void
au_memory_queue_settle (AuMemoryQueue *self)
{
  Ended *ended;

  while ((ended = g_queue_pop_head (&self->ended)) != NULL)
    {
      g_autoptr(GHashTable) waiting = NULL;
      g_autofree char *key = NULL;

      if (g_hash_table_steal_extended (self->awaited, ended->key, (gpointer *) &key, (gpointer *) &waiting))
        {
          GHashTableIter iter;
          gpointer entry;

          g_hash_table_iter_init (&iter, waiting);
          while (g_hash_table_iter_next (&iter, &entry, NULL))
            settle_one (self, entry, ended);
        }

      g_clear_pointer (&ended->record, au_record_unref);
      g_free (ended->key);
      g_free (ended);
    }

  g_atomic_int_set (&self->n_awaited, g_hash_table_size (self->awaited));
}

/* Writes */

AuRecord *
au_memory_queue_insert (AuMemoryQueue  *self,
                        AuRecord       *record,
                        gboolean       *created,
                        GError        **error)
{
  AuRecord *stored;

  g_mutex_lock (&self->lock);
  stored = au_memory_records_insert (self->records, record, created, error);
  if (*created)
    {
      note (self, record);
      if (!g_queue_is_empty (&self->ended))
        {
          au_memory_queue_settle (self);
          au_record_unref (stored);
          stored = au_memory_records_lookup (self->records, au_record_get_key (record));
        }
    }
  au_memory_queue_unlock (self);

  return stored;
}

gboolean
au_memory_queue_replace (AuMemoryQueue  *self,
                         AuRecord       *record,
                         guint64         expected,
                         GError        **error)
{
  gboolean replaced;

  g_mutex_lock (&self->lock);
  replaced = au_memory_records_replace (self->records, record, expected, error);
  if (replaced)
    {
      note (self, record);
      au_memory_queue_settle (self);
    }
  au_memory_queue_unlock (self);

  return replaced;
}

gboolean
au_memory_queue_remove (AuMemoryQueue  *self,
                        const char     *key,
                        GError        **error)
{
  AuMemoryEntry *entry;
  gboolean removed;

  g_mutex_lock (&self->lock);
  removed = au_memory_records_remove (self->records, key, error);
  if (removed)
    {
      entry = g_hash_table_lookup (self->entries, key);
      if (entry != NULL)
        forget (self, entry);
      note_ended (self, key, NULL);
      au_memory_queue_settle (self);
    }
  au_memory_queue_unlock (self);

  return removed;
}

/* A computation that is in no queue has ended. */
void
au_memory_queue_note_end (AuMemoryQueue *self,
                          AuRecord      *record)
{
  if (g_atomic_int_get (&self->n_awaited) == 0)
    return;

  g_mutex_lock (&self->lock);
  note_ended (self, au_record_get_key (record), record);
  au_memory_queue_settle (self);
  au_memory_queue_unlock (self);
}

/* The whole */

GSource *
au_memory_queue_create_source (AuMemoryQueue *self)
{
  GSource *source = au_memory_bell_new_source (self->bell);

  g_source_set_static_name (source, "[au] memory queue");

  return source;
}

AuMemoryQueue *
au_memory_queue_new (AuMemoryRecords *records)
{
  AuMemoryQueue *self = g_new0 (AuMemoryQueue, 1);

  self->records = records;
  self->bell = au_memory_bell_new ();
  g_mutex_init (&self->lock);
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  self->lines = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify) au_memory_line_free);
  self->running = g_hash_table_new (NULL, NULL);
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->awaited = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) g_hash_table_unref);
  g_queue_init (&self->ended);

  return self;
}

void
au_memory_queue_free (AuMemoryQueue *self)
{
  g_hash_table_unref (self->awaited);
  g_hash_table_unref (self->counts);
  g_hash_table_unref (self->running);
  g_hash_table_unref (self->lines);
  g_hash_table_unref (self->entries);
  g_mutex_clear (&self->lock);
  au_memory_bell_unref (self->bell);
  g_free (self);
}
