/* au-sqlite-write.c: inserts, replacements and removals
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-write-private.h"

#include "au-sqlite-line-private.h"
#include "au-sqlite-rows-private.h"
#include "../shared/au-store-rules-private.h"
#include "../shared/au-store-standing-private.h"

/* Several writes */

typedef struct
{
  AuSqliteChange  change;
  AuWrite        *writes;
  AuSqliteForm   *forms;    /* those without bytes could not be prepared */
  gsize           n_writes;
} Batch;

/* Answers an insert for which there is a row already: of its key, which goes first, or of
 * its unique key. If it turns out that there is none, *again says so.
 */
static gboolean
give_existing (Batch     *self,
               AuSqliteWriter *writer,
               AuWrite   *write,
               gboolean  *again,
               GError   **error)
{
  const char *unique_key = au_store_rules_get_unique_key (write->record);
  g_autoptr(GError) wrong = NULL;
  g_auto(AuSqliteRow) row = { 0 };
  g_auto(AuSqliteRow) holder = { 0 };

  if (!au_sqlite_rows_find_sound (&self->change, writer, au_record_get_key (write->record),
                                  &row, &wrong, error))
    return FALSE;

  if (row.record != NULL)
    {
      if (au_store_rules_check_same (row.record, write->record, &write->error))
        write->stored = g_steal_pointer (&row.record);
      return TRUE;
    }

  if (wrong != NULL && !g_error_matches (wrong, AU_ERROR, AU_ERROR_DAMAGED))
    {
      write->error = g_steal_pointer (&wrong);
      return TRUE;
    }

  if (unique_key != NULL &&
      !au_sqlite_rows_find (&writer->connection, AU_SQL_FIND_BY_UNIQUE_KEY, unique_key, &holder, error))
    return FALSE;

  write->stored = g_steal_pointer (&holder.record);
  write->error = g_steal_pointer (&holder.wrong);
  *again = write->stored == NULL && write->error == NULL;
  return TRUE;
}

/* Gives the record that the store now holds: that one, unless it was refused at once
 * because of another one that it comes after.
 */
static gboolean
set_stored (AuSqliteWriter  *writer,
            AuWrite         *write,
            GError         **error)
{
  g_auto(AuSqliteRow) row = { 0 };

  if (G_LIKELY (!au_store_standing_awaits (write->record)))
    {
      write->stored = au_record_ref (write->record);
      return TRUE;
    }

  if (!au_sqlite_rows_find (&writer->connection, AU_SQL_FIND_BY_KEY,
                            au_record_get_key (write->record), &row, error))
    return FALSE;

  write->stored = g_steal_pointer (&row.record);
  write->error = g_steal_pointer (&row.wrong);
  return TRUE;
}

static gboolean
insert (Batch           *self,
        AuSqliteWriter  *writer,
        AuWrite         *write,
        AuSqliteForm    *form,
        GError         **error)
{
  gboolean again = TRUE;

  while (again)
    {
      if (!au_sqlite_rows_insert (&self->change, writer, write->record, form, &write->created, error))
        return FALSE;

      if (write->created)
        return set_stored (writer, write, error);

      again = FALSE;
      if (!give_existing (self, writer, write, &again, error))
        return FALSE;
    }

  return TRUE;
}

/* Who holds the unique key of a record that is to run again; NULL if nobody does. */
static gboolean
find_holder (AuSqliteWriter  *writer,
             AuRecord        *record,
             char           **holder,
             GError         **error)
{
  AuSqliteConnection *connection = &writer->connection;
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_FIND_HOLDER, error);
  gboolean found;

  if (run == NULL)
    return FALSE;

  au_sqlite_bind_text (run, 1, au_store_rules_get_unique_key (record));
  if (!au_sqlite_connection_step (connection, run, &found, error))
    return FALSE;

  *holder = found ? g_strdup ((const char *) sqlite3_column_text (run, 0)) : NULL;
  return TRUE;
}

/* Puts a record in the place of the stored one, if the rules allow it. */
static gboolean
exchange (Batch           *self,
          AuSqliteWriter  *writer,
          AuWrite         *write,
          AuSqliteForm    *form,
          gint64           id,
          AuRecord        *stored,
          gboolean        *updated,
          GError         **error)
{
  g_autofree char *holder = NULL;

  if (!au_store_rules_check_replacement (stored, write->record, write->expected, &write->error))
    return TRUE;

  if (au_store_rules_get_unique_key (write->record) != NULL &&
      au_store_rules_is_terminal (stored) && !au_store_rules_is_terminal (write->record))
    {
      if (!find_holder (writer, write->record, &holder, error))
        return FALSE;
      if (!au_store_rules_check_holder (stored, write->record, holder, &write->error))
        return TRUE;
    }

  return au_sqlite_rows_update (&self->change, writer, id, stored, write->record, form, updated, error) &&
         (!*updated || set_stored (writer, write, error));
}

static gboolean
replace (Batch           *self,
         AuSqliteWriter  *writer,
         AuWrite         *write,
         AuSqliteForm    *form,
         GError         **error)
{
  const char *key = au_record_get_key (write->record);
  g_auto(AuSqliteRow) row = { 0 };
  gboolean updated = FALSE;
  AuRecord *known;
  gint64 id;

  known = au_sqlite_cache_lookup (writer->cache, key, write->expected, &id);
  if (known != NULL)
    {
      if (!exchange (self, writer, write, form, id, known, &updated, error))
        return FALSE;
      if (updated)
        return TRUE;

      /* Another process was here: what was known does not count. */
      g_clear_error (&write->error);
      au_sqlite_cache_forget (writer->cache, key);
    }

  if (!au_sqlite_rows_find_sound (&self->change, writer, key, &row, &write->error, error))
    return FALSE;

  if (row.record == NULL)
    {
      if (write->error == NULL)
        au_store_rules_fail_absent (key, &write->error);
      return TRUE;
    }

  return exchange (self, writer, write, form, row.id, row.record, &updated, error);
}

static gboolean
write_batch (AuSqliteChange  *change,
             AuSqliteWriter  *writer,
             GError         **error)
{
  Batch *self = (Batch *) change;

  for (gsize i = 0; i < self->n_writes; i++)
    {
      AuWrite *write = &self->writes[i];
      AuSqliteForm *form = &self->forms[i];

      if (form->bytes == NULL)
        continue;

      g_clear_pointer (&write->stored, au_record_unref);
      g_clear_error (&write->error);
      write->created = FALSE;
      if (write->expected == 0 ? !insert (self, writer, write, form, error)
                               : !replace (self, writer, write, form, error))
        return FALSE;
    }

  return TRUE;
}

/* Whether somebody counts on a write after the loss of power. A report of progress may be
 * lost with the attempt that it is of, and so may the start of one: what runs in a machine
 * without power has to start again in any case.
 */
static gboolean
needs_sync (AuWrite *write)
{
  return write->expected == 0 || au_record_get_status (write->record) != AU_STATUS_RUNNING;
}

static void
finish_batch (Batch          *self,
              AuSqlitePlace  *place,
              const GError   *failure)
{
  for (gsize i = 0; i < self->n_writes; i++)
    {
      AuWrite *write = &self->writes[i];
      AuSqliteForm *form = &self->forms[i];

      if (form->bytes == NULL)
        continue;

      if (failure != NULL)
        {
          g_clear_pointer (&write->stored, au_record_unref);
          g_clear_error (&write->error);
          write->created = FALSE;
          write->error = g_error_copy (failure);
        }

      if (write->expected == 0 ? !write->created : write->stored == NULL)
        au_sqlite_form_unlink (form, place);
      au_sqlite_form_clear (form);
    }
}

/* Makes several writes in one transaction, each with an outcome of its own. */
void
au_sqlite_write_many (AuSqliteWriter *writer,
                      AuWrite        *writes,
                      gsize           n_writes)
{
  AuSqlitePlace *place = writer->connection.place;
  g_autofree AuSqliteForm *forms = g_new0 (AuSqliteForm, n_writes);
  g_autoptr(GError) failure = NULL;
  Batch batch = { .change = { .func = write_batch },
                  .writes = writes, .forms = forms, .n_writes = n_writes };

  for (gsize i = 0; i < n_writes; i++)
    {
      if (au_sqlite_form_init (&forms[i], place, writes[i].record, writes[i].expected == 0,
                               &writes[i].error))
        batch.change.sync = batch.change.sync || needs_sync (&writes[i]);
    }

  au_sqlite_writer_change (writer, &batch.change, &failure);
  finish_batch (&batch, place, failure);
}

/* Removal */

typedef struct
{
  AuSqliteChange  change;
  const char     *key;
  gboolean        removed;
} Removal;

static gboolean
remove_row (AuSqliteChange  *change,
            AuSqliteWriter  *writer,
            GError         **error)
{
  Removal *self = (Removal *) change;
  g_autoptr(AuSqliteRun) run = NULL;

  run = au_sqlite_connection_prepare (&writer->connection, AU_SQL_FIND_ID, error);
  if (run == NULL)
    return FALSE;

  au_sqlite_bind_text (run, 1, self->key);
  if (!au_sqlite_connection_step (&writer->connection, run, &self->removed, error))
    return FALSE;

  if (!self->removed)
    return TRUE;

  if (!au_sqlite_rows_delete (change, writer, sqlite3_column_int64 (run, 0),
                              (const char *) sqlite3_column_text (run, 1),
                              (const char *) sqlite3_column_text (run, 2), error))
    return FALSE;

  au_sqlite_cache_forget (writer->cache, self->key);
  au_sqlite_writer_note (writer, change, self->key, 0);
  return au_sqlite_line_forget (change, writer, sqlite3_column_int64 (run, 0), self->key,
                                (const char *) sqlite3_column_text (run, 3),
                                (const char *) sqlite3_column_text (run, 4), error);
}

gboolean
au_sqlite_write_remove (AuSqliteWriter  *writer,
                        const char      *key,
                        GError         **error)
{
  Removal removal = { .change = { .func = remove_row, .sync = TRUE }, .key = key };

  if (!au_sqlite_writer_change (writer, &removal.change, error))
    return FALSE;

  return removal.removed || au_store_rules_fail_absent (key, error);
}

/* Loading what a reader took for damaged */

typedef struct
{
  AuSqliteChange  change;
  const char     *key;
  AuRecord       *record;
  GError         *wrong;
} Load;

static gboolean
load_row (AuSqliteChange  *change,
          AuSqliteWriter  *writer,
          GError         **error)
{
  Load *self = (Load *) change;
  g_auto(AuSqliteRow) row = { 0 };

  g_clear_error (&self->wrong);
  g_clear_pointer (&self->record, au_record_unref);
  if (!au_sqlite_rows_find_sound (change, writer, self->key, &row, &self->wrong, error))
    return FALSE;

  self->record = g_steal_pointer (&row.record);
  if (self->record == NULL && self->wrong == NULL)
    au_store_rules_fail_absent (self->key, &self->wrong);

  return TRUE;
}

/* Loads a record while nobody changes it, and moves it out of the way if it is damaged
 * even now. A reader may have met one whose large values were just removed.
 */
AuRecord *
au_sqlite_write_load (AuSqliteWriter  *writer,
                      const char      *key,
                      GError         **error)
{
  Load load = { .change = { .func = load_row }, .key = key };

  if (!au_sqlite_writer_change (writer, &load.change, error))
    {
      g_clear_pointer (&load.record, au_record_unref);
      g_clear_error (&load.wrong);
      return NULL;
    }

  if (load.wrong != NULL)
    g_propagate_error (error, load.wrong);
  return load.record;
}
