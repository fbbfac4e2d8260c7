/* au-sqlite-items.c: the items that generators gave
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-items-private.h"

#include "au-sqlite-rows-private.h"
#include "au-sqlite-values-private.h"
#include "../shared/au-store-rules-private.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  AuSqliteChange  change;
  const char     *key;
  guint           attempt;
  guint64         index;
  GVariant       *item;

  GBytes         *form;         /* NULL if it is large */
  char           *file;         /* of a large one */

  gboolean        appended;
  GError         *refusal;
} Append;

/* Items are stored as variants, in the same form as records. */
static GBytes *
item_to_bytes (GVariant *item)
{
  g_autoptr(GVariant) boxed = g_variant_ref_sink (g_variant_new_variant (item));
  g_autoptr(GVariant) normal = g_variant_get_normal_form (boxed);

  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      GVariant *swapped = g_variant_byteswap (normal);

      g_variant_unref (normal);
      normal = swapped;
    }

  return g_variant_get_data_as_bytes (normal);
}

static GVariant *
item_from_row (AuSqlitePlace  *place,
               sqlite3_stmt   *statement,
               GError        **error)
{
  const char *file = (const char *) sqlite3_column_text (statement, 0);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GVariant) boxed = NULL;

  if (file != NULL)
    return au_sqlite_values_read (place, file, error);

  bytes = g_bytes_new (sqlite3_column_blob (statement, 1), sqlite3_column_bytes (statement, 1));
  boxed = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARIANT, bytes, FALSE));
  if (!g_variant_is_normal_form (boxed))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED,
                   _("An item in the database “%s” is damaged"), place->path);
      return NULL;
    }

  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      GVariant *swapped = g_variant_byteswap (boxed);

      g_variant_unref (boxed);
      boxed = swapped;
    }

  return g_variant_get_variant (boxed);
}

/* Appending */

/* Which item is the last, and of which attempt. Without any, *count is 0. */
static gboolean
find_last (AuSqliteConnection  *connection,
           gint64               id,
           guint64             *count,
           guint               *attempt,
           GError             **error)
{
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_FIND_LAST_ITEM, error);
  gboolean found;

  if (run == NULL)
    return FALSE;

  sqlite3_bind_int64 (run, 1, id);
  if (!au_sqlite_connection_step (connection, run, &found, error))
    return FALSE;

  *count = found ? (guint64) sqlite3_column_int64 (run, 0) + 1 : 0;
  *attempt = found ? (guint) sqlite3_column_int64 (run, 1) : 0;
  return TRUE;
}

/* Whether the stored item of this index is the same. */
static gboolean
compare (Append              *self,
         AuSqliteConnection  *connection,
         gint64               id,
         GError             **error)
{
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_FIND_ITEM, error);
  g_autoptr(GVariant) stored = NULL;
  gboolean found;

  if (run == NULL)
    return FALSE;

  sqlite3_bind_int64 (run, 1, id);
  sqlite3_bind_int64 (run, 2, self->index);
  if (!au_sqlite_connection_step (connection, run, &found, error))
    return FALSE;

  stored = found ? item_from_row (connection->place, run, &self->refusal) : NULL;
  if (stored != NULL && !g_variant_equal (stored, self->item))
    au_store_rules_fail_other_item (self->key, self->index, &self->refusal);

  return TRUE;
}

static gboolean
delete_items (Append              *self,
              AuSqliteConnection  *connection,
              gint64               id,
              GError             **error)
{
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_DELETE_ITEMS, error);
  gboolean more = TRUE;

  if (run == NULL)
    return FALSE;

  sqlite3_bind_int64 (run, 1, id);
  while (more)
    {
      if (!au_sqlite_connection_step (connection, run, &more, error))
        return FALSE;
      if (more)
        au_sqlite_change_free_file (&self->change, (const char *) sqlite3_column_text (run, 0));
    }

  return TRUE;
}

static gboolean
insert_item (Append              *self,
             AuSqliteConnection  *connection,
             gint64               id,
             GError             **error)
{
  sqlite3_stmt *statement = au_sqlite_connection_prepare (connection, AU_SQL_INSERT_ITEM, error);
  gsize size = 0;
  gconstpointer data = self->form != NULL ? g_bytes_get_data (self->form, &size) : NULL;

  if (statement == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, 1, id);
  sqlite3_bind_int64 (statement, 2, self->index);
  sqlite3_bind_int64 (statement, 3, self->attempt);
  au_sqlite_bind_text (statement, 4, self->file);
  sqlite3_bind_blob64 (statement, 5, data, size, SQLITE_STATIC);
  if (!au_sqlite_connection_run (connection, statement, error))
    return FALSE;

  self->appended = TRUE;
  return TRUE;
}

static gboolean
append_to (Append              *self,
           AuSqliteConnection  *connection,
           gint64               id,
           GError             **error)
{
  guint64 count;
  guint attempt;

  if (!find_last (connection, id, &count, &attempt, error))
    return FALSE;

  if (attempt > self->attempt)
    {
      au_store_rules_fail_item_attempt (self->key, self->attempt, attempt, &self->refusal);
      return TRUE;
    }

  if (attempt < self->attempt)
    {
      if (self->index > 0)
        {
          au_store_rules_fail_not_next (self->key, self->index, 0, &self->refusal);
          return TRUE;
        }
      return (count == 0 || delete_items (self, connection, id, error)) &&
             insert_item (self, connection, id, error);
    }

  if (self->index > count)
    {
      au_store_rules_fail_not_next (self->key, self->index, count, &self->refusal);
      return TRUE;
    }

  return self->index < count ? compare (self, connection, id, error)
                             : insert_item (self, connection, id, error);
}

static gboolean
append (AuSqliteChange  *change,
        AuSqliteWriter  *writer,
        GError         **error)
{
  Append *self = (Append *) change;
  g_auto(AuSqliteRow) row = { 0 };

  self->appended = FALSE;
  g_clear_error (&self->refusal);
  if (!au_sqlite_rows_find_sound (change, writer, self->key, &row, &self->refusal, error))
    return FALSE;

  if (row.record == NULL)
    {
      if (self->refusal == NULL)
        au_store_rules_fail_absent (self->key, &self->refusal);
      return TRUE;
    }

  if (self->attempt < au_record_get_attempt (row.record))
    {
      au_store_rules_fail_attempt (self->key, self->attempt, au_record_get_attempt (row.record),
                                   &self->refusal);
      return TRUE;
    }

  if (!append_to (self, &writer->connection, row.id, error))
    return FALSE;

  if (self->appended)
    au_sqlite_writer_note (writer, change, self->key, 0);
  return TRUE;
}

gboolean
au_sqlite_items_append (AuSqliteWriter  *writer,
                        const char      *key,
                        guint            attempt,
                        guint64          index,
                        GVariant        *item,
                        GError         **error)
{
  AuSqlitePlace *place = writer->connection.place;
  Append self = { .change = { .func = append }, .key = key, .attempt = attempt, .index = index,
                  .item = item };
  GError *reason = NULL;
  gboolean fine;

  if (au_sqlite_values_is_large (item))
    {
      self.file = au_sqlite_values_write (place, item, error);
      if (self.file == NULL)
        return FALSE;
    }
  else
    {
      self.form = item_to_bytes (item);
    }

  fine = au_sqlite_writer_change (writer, &self.change, &reason);
  if (self.file != NULL && !(fine && self.appended))
    au_sqlite_values_remove (place, self.file);
  g_clear_pointer (&self.form, g_bytes_unref);
  g_free (self.file);

  if (fine && self.refusal == NULL)
    return TRUE;

  g_propagate_error (error, fine ? g_steal_pointer (&self.refusal) : g_steal_pointer (&reason));
  g_clear_error (&self.refusal);
  return FALSE;
}

/* Listing */

static gboolean
find_record (AuSqliteConnection  *connection,
             const char          *key,
             gint64              *id,
             GError             **error)
{
  g_autoptr(AuSqliteRun) run = au_sqlite_connection_prepare (connection, AU_SQL_FIND_ID, error);
  gboolean found;

  if (run == NULL)
    return FALSE;

  au_sqlite_bind_text (run, 1, key);
  if (!au_sqlite_connection_step (connection, run, &found, error))
    return FALSE;

  *id = found ? sqlite3_column_int64 (run, 0) : 0;
  return found || au_store_rules_fail_absent (key, error);
}

/* Lists at most limit items, all with a limit of 0, from the one of index first on. */
GPtrArray *
au_sqlite_items_list (AuSqliteConnection  *connection,
                      const char          *key,
                      guint64              first,
                      guint                limit,
                      GError             **error)
{
  g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  g_autoptr(AuSqliteRun) run = NULL;
  gint64 id;

  if (!find_record (connection, key, &id, error))
    return NULL;
  if (first > G_MAXINT64)
    return g_steal_pointer (&items);

  run = au_sqlite_connection_prepare (connection, AU_SQL_LIST_ITEMS, error);
  if (run == NULL)
    return NULL;

  sqlite3_bind_int64 (run, 1, id);
  sqlite3_bind_int64 (run, 2, first);
  sqlite3_bind_int64 (run, 3, limit > 0 ? (gint64) limit : -1);
  for (;;)
    {
      gboolean more;
      GVariant *item;

      if (!au_sqlite_connection_step (connection, run, &more, error))
        return NULL;
      if (!more)
        return g_steal_pointer (&items);

      item = item_from_row (connection->place, run, error);
      if (item == NULL)
        return NULL;
      g_ptr_array_add (items, item);
    }
}
