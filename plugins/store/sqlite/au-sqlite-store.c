/* au-sqlite-store.c: keeps records in a database of SQLite
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-items-private.h"
#include "au-sqlite-list-private.h"
#include "au-sqlite-rows-private.h"
#include "au-sqlite-store-private.h"
#include "au-sqlite-write-private.h"

#include "../shared/au-store-bell-private.h"
#include "../shared/au-store-path-private.h"
#include "../shared/au-store-rules-private.h"

#include <glib/gi18n-lib.h>

static void au_sqlite_store_iface_init (AuStoreInterface *iface);
static void au_sqlite_store_initable_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuSqliteStore, au_sqlite_store, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, au_sqlite_store_initable_init)
                               G_IMPLEMENT_INTERFACE (AU_TYPE_STORE, au_sqlite_store_iface_init)
                               G_IMPLEMENT_INTERFACE (AU_TYPE_QUEUE, au_sqlite_store_queue_init))

enum
{
  PROP_0,
  PROP_PATH,
  PROP_DURABILITY,
  PROP_MAX_SIZE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* Opening */

/* Opens the database while no other process does, so that one makes what others find. */
static gboolean
open_database (AuSqliteStore  *self,
               GError        **error)
{
  gboolean power = self->durability == AU_DURABILITY_POWER;
  gboolean fine;

  if (self->place.read_only == 0 && !au_sqlite_place_lock (&self->place, error))
    return FALSE;

  /* without notes, others look at everything */
  if (self->place.read_only == 0)
    au_store_notes_prepare (self->place.notes_fd);

  fine = au_sqlite_place_create (&self->place, error) &&
         au_sqlite_writer_init (&self->writer, &self->place, power, error);
  if (fine && !au_sqlite_schema_ensure (&self->writer.connection, error))
    {
      au_sqlite_writer_clear (&self->writer);
      fine = FALSE;
    }

  if (self->place.read_only == 0)
    au_sqlite_place_unlock (&self->place);

  return fine;
}

static gboolean
check_given (const char  *path,
             GError     **error)
{
  return au_store_path_check_given (path, _("The SQLite store needs a file: set its property “path”"),
                                    error);
}

static gboolean
open_store (AuSqliteStore  *self,
            GError        **error)
{
  g_autofree char *workers = NULL;

  if (!check_given (self->path, error))
    return FALSE;

  if (!au_sqlite_place_open (&self->place, self->path,
                             self->durability == AU_DURABILITY_POWER, error) ||
      !open_database (self, error))
    {
      au_sqlite_place_close (&self->place);
      return FALSE;
    }

  au_sqlite_readers_init (&self->readers, &self->place);
  au_sqlite_keeper_init (&self->keeper, &self->writer, &self->readers, self->max_size);
  workers = g_strconcat (self->place.path, "-workers", NULL);
  self->lives = au_store_lives_new (workers);
  return TRUE;
}

gboolean
au_sqlite_store_ensure_open (AuSqliteStore  *self,
                             GError        **error)
{
  gboolean is_open;

  if (g_atomic_int_get (&self->is_open))
    return TRUE;

  g_mutex_lock (&self->open_lock);
  is_open = self->is_open || open_store (self, error);
  g_atomic_int_set (&self->is_open, is_open);
  g_mutex_unlock (&self->open_lock);

  return is_open;
}

gboolean
au_sqlite_store_begin (AuSqliteStore  *self,
                       GCancellable   *cancellable,
                       GError        **error)
{
  return !g_cancellable_set_error_if_cancelled (cancellable, error) && au_sqlite_store_ensure_open (self, error);
}

static gboolean
begin_with_key (AuSqliteStore  *self,
                const char     *key,
                GCancellable   *cancellable,
                GError        **error)
{
  return au_sqlite_store_begin (self, cancellable, error) && au_key_check (key, error);
}

static gboolean
au_sqlite_store_initable_real_init (GInitable     *initable,
                                    GCancellable  *cancellable,
                                    GError       **error)
{
  return au_sqlite_store_begin (AU_SQLITE_STORE (initable), cancellable, error);
}

static void
au_sqlite_store_initable_init (GInitableIface *iface)
{
  iface->init = au_sqlite_store_initable_real_init;
}

/* Writing */

static void
au_sqlite_store_write_many (AuStore      *store,
                            AuWrite      *writes,
                            gsize         n_writes,
                            GCancellable *cancellable)
{
  AuSqliteStore *self = AU_SQLITE_STORE (store);
  g_autoptr(GError) error = NULL;

  if (!au_sqlite_store_begin (self, cancellable, &error))
    {
      for (gsize i = 0; i < n_writes; i++)
        writes[i].error = g_error_copy (error);
      return;
    }

  au_sqlite_write_many (&self->writer, writes, n_writes);
  au_sqlite_keeper_count (&self->keeper, n_writes);
}

static AuRecord *
au_sqlite_store_insert (AuStore       *store,
                        AuRecord      *record,
                        gboolean      *created,
                        GCancellable  *cancellable,
                        GError       **error)
{
  AuWrite write = { .record = record };

  au_sqlite_store_write_many (store, &write, 1, cancellable);
  *created = write.created;
  if (write.error != NULL)
    g_propagate_error (error, write.error);

  return write.stored;
}

static gboolean
au_sqlite_store_replace (AuStore       *store,
                         AuRecord      *record,
                         guint64        expected,
                         GCancellable  *cancellable,
                         GError       **error)
{
  AuWrite write = { .record = record, .expected = expected };

  au_sqlite_store_write_many (store, &write, 1, cancellable);
  if (write.error != NULL)
    g_propagate_error (error, write.error);
  g_clear_pointer (&write.stored, au_record_unref);

  return write.error == NULL;
}

static gboolean
au_sqlite_store_remove (AuStore       *store,
                        const char    *key,
                        GCancellable  *cancellable,
                        GError       **error)
{
  AuSqliteStore *self = AU_SQLITE_STORE (store);

  if (!begin_with_key (self, key, cancellable, error) ||
      !au_sqlite_write_remove (&self->writer, key, error))
    return FALSE;

  au_sqlite_keeper_count (&self->keeper, 1);
  return TRUE;
}

/* Reading */

/* Reads a record, or NULL if there is none. Fails with the errors of au_store_load (). */
static gboolean
find_by_reader (AuSqliteConnection  *connection,
                const char          *key,
                AuRecord           **record,
                GError             **error)
{
  g_auto(AuSqliteRow) row = { 0 };

  if (!au_sqlite_rows_find (connection, AU_SQL_FIND_BY_KEY, key, &row, error))
    return FALSE;

  *record = g_steal_pointer (&row.record);
  if (row.wrong == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&row.wrong));
  return FALSE;
}

static AuRecord *
load_by_reader (AuSqliteStore  *self,
                const char     *key,
                GError        **error)
{
  AuSqliteConnection *connection = au_sqlite_readers_take (&self->readers, error);
  AuRecord *record = NULL;
  gboolean fine;

  if (connection == NULL)
    return NULL;

  fine = find_by_reader (connection, key, &record, error);
  au_sqlite_readers_give (&self->readers, connection);
  if (fine && record == NULL)
    au_store_rules_fail_absent (key, error);

  return record;
}

static AuRecord *
au_sqlite_store_load (AuStore       *store,
                      const char    *key,
                      GCancellable  *cancellable,
                      GError       **error)
{
  AuSqliteStore *self = AU_SQLITE_STORE (store);
  g_autoptr(GError) reason = NULL;
  AuRecord *record;

  if (!begin_with_key (self, key, cancellable, error))
    return NULL;

  record = load_by_reader (self, key, &reason);
  if (record != NULL)
    return record;

  if (g_error_matches (reason, AU_ERROR, AU_ERROR_DAMAGED) && self->place.read_only == 0)
    return au_sqlite_write_load (&self->writer, key, error);

  g_propagate_error (error, g_steal_pointer (&reason));
  return NULL;
}

/* All of them in one transaction: to begin and end one takes as long as to read a record. */
static gboolean
load_all (AuSqliteConnection  *connection,
          const char * const  *keys,
          GPtrArray           *records,
          GError             **error)
{
  sqlite3_stmt *begin = au_sqlite_connection_prepare (connection, AU_SQL_BEGIN_READING, error);
  sqlite3_stmt *end = au_sqlite_connection_prepare (connection, AU_SQL_COMMIT, error);
  gboolean fine = begin != NULL && end != NULL && au_sqlite_connection_run (connection, begin, error);

  if (!fine)
    return FALSE;

  for (gsize i = 0; fine && keys[i] != NULL; i++)
    {
      AuRecord *record = NULL;

      fine = find_by_reader (connection, keys[i], &record, error);
      if (record != NULL)
        g_ptr_array_add (records, record);
    }

  return au_sqlite_connection_run (connection, end, fine ? error : NULL) && fine;
}

static GPtrArray *
au_sqlite_store_load_many (AuStore             *store,
                           const char * const  *keys,
                           GCancellable        *cancellable,
                           GError             **error)
{
  AuSqliteStore *self = AU_SQLITE_STORE (store);
  g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  AuSqliteConnection *connection;
  gboolean fine;

  if (!au_sqlite_store_begin (self, cancellable, error))
    return NULL;

  for (gsize i = 0; keys[i] != NULL; i++)
    {
      if (!au_key_check (keys[i], error))
        return NULL;
    }

  connection = au_sqlite_readers_take (&self->readers, error);
  if (connection == NULL)
    return NULL;

  fine = load_all (connection, keys, records, error);
  au_sqlite_readers_give (&self->readers, connection);

  return fine ? g_steal_pointer (&records) : NULL;
}

/* A record of a newer au is reported, and keeps nobody from the others. One that seems
 * damaged is looked at once more later, when nobody reads.
 */
static gboolean
pass_over (const char   *key,
           const GError *reason,
           gpointer      user_data)
{
  GPtrArray *damaged = user_data;

  if (g_error_matches (reason, AU_ERROR, AU_ERROR_DAMAGED))
    {
      g_ptr_array_add (damaged, g_strdup (key));
      return TRUE;
    }

  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
                    "AU_KEY", key,
                    "MESSAGE", "%s", reason->message);
  return TRUE;
}

static gboolean
visit_matching (AuSqliteStore  *self,
                AuQuery        *query,
                GPtrArray      *records,
                gint64         *count,
                GCancellable   *cancellable,
                GError        **error)
{
  g_autoptr(GPtrArray) damaged = g_ptr_array_new_with_free_func (g_free);
  AuSqliteConnection *connection;
  gboolean fine;

  if (!au_sqlite_store_begin (self, cancellable, error))
    return FALSE;

  connection = au_sqlite_readers_take (&self->readers, error);
  if (connection == NULL)
    return FALSE;

  fine = au_sqlite_list_visit (connection, query, records, count, pass_over, damaged,
                               cancellable, error);
  au_sqlite_readers_give (&self->readers, connection);

  for (guint i = 0; i < damaged->len && self->place.read_only == 0; i++)
    {
      AuRecord *record = au_sqlite_write_load (&self->writer, g_ptr_array_index (damaged, i), NULL);

      g_clear_pointer (&record, au_record_unref);
    }

  return fine;
}

static GPtrArray *
au_sqlite_store_list (AuStore       *store,
                      AuQuery       *query,
                      GCancellable  *cancellable,
                      GError       **error)
{
  g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  gint64 count = 0;

  if (!visit_matching (AU_SQLITE_STORE (store), query, records, &count, cancellable, error))
    return NULL;

  return g_steal_pointer (&records);
}

static gint64
au_sqlite_store_count (AuStore       *store,
                       AuQuery       *query,
                       GCancellable  *cancellable,
                       GError       **error)
{
  gint64 count = 0;

  return visit_matching (AU_SQLITE_STORE (store), query, NULL, &count, cancellable, error) ? count : -1;
}

/* Items */

static gboolean
au_sqlite_store_append_item (AuStore       *store,
                             const char    *key,
                             guint          attempt,
                             guint64        index,
                             GVariant      *item,
                             GCancellable  *cancellable,
                             GError       **error)
{
  AuSqliteStore *self = AU_SQLITE_STORE (store);

  return begin_with_key (self, key, cancellable, error) &&
         au_sqlite_items_append (&self->writer, key, attempt, index, item, error);
}

static GPtrArray *
au_sqlite_store_list_items (AuStore       *store,
                            const char    *key,
                            guint64        first,
                            guint          limit,
                            GCancellable  *cancellable,
                            GError       **error)
{
  AuSqliteStore *self = AU_SQLITE_STORE (store);
  AuSqliteConnection *connection;
  GPtrArray *items;

  if (!begin_with_key (self, key, cancellable, error))
    return NULL;

  connection = au_sqlite_readers_take (&self->readers, error);
  if (connection == NULL)
    return NULL;

  items = au_sqlite_items_list (connection, key, first, limit, error);
  au_sqlite_readers_give (&self->readers, connection);

  return items;
}

/* The rest */

static gint
au_sqlite_store_cleanup_expired (AuStore       *store,
                                 gint64         now,
                                 guint          limit,
                                 GCancellable  *cancellable,
                                 GError       **error)
{
  AuSqliteStore *self = AU_SQLITE_STORE (store);

  if (!au_sqlite_store_begin (self, cancellable, error))
    return -1;

  return au_sqlite_keeper_remove_expired (&self->keeper, now, limit, error);
}

static AuStoreFlags
au_sqlite_store_get_flags (AuStore *store)
{
  return AU_STORE_PERSISTENT | AU_STORE_SHARED | AU_STORE_QUEUE;
}

static AuDurability
au_sqlite_store_get_durability (AuStore *store)
{
  return AU_SQLITE_STORE (store)->durability;
}

static GSource *
au_sqlite_store_create_source (AuStore *store)
{
  AuSqliteStore *self = AU_SQLITE_STORE (store);

  return au_sqlite_store_ensure_open (self, NULL) ? au_store_bell_new_source (self->place.bell_fd, 0, NULL) : NULL;
}

static GPtrArray *
au_sqlite_store_list_changes (AuStore *store,
                              guint64 *position)
{
  AuSqliteStore *self = AU_SQLITE_STORE (store);

  return au_sqlite_store_ensure_open (self, NULL) ? au_store_notes_list (self->place.notes_fd, position) : NULL;
}

static void
au_sqlite_store_iface_init (AuStoreInterface *iface)
{
  iface->get_flags = au_sqlite_store_get_flags;
  iface->get_durability = au_sqlite_store_get_durability;
  iface->insert = au_sqlite_store_insert;
  iface->load = au_sqlite_store_load;
  iface->replace = au_sqlite_store_replace;
  iface->remove = au_sqlite_store_remove;
  iface->list = au_sqlite_store_list;
  iface->write_many = au_sqlite_store_write_many;
  iface->append_item = au_sqlite_store_append_item;
  iface->list_items = au_sqlite_store_list_items;
  iface->count = au_sqlite_store_count;
  iface->cleanup_expired = au_sqlite_store_cleanup_expired;
  iface->create_source = au_sqlite_store_create_source;
  iface->list_changes = au_sqlite_store_list_changes;
  iface->load_many = au_sqlite_store_load_many;
}

/* The object */

static void
au_sqlite_store_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  AuSqliteStore *self = AU_SQLITE_STORE (object);

  switch (prop_id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_DURABILITY:
      g_value_set_enum (value, self->durability);
      break;
    case PROP_MAX_SIZE:
      g_value_set_uint64 (value, self->max_size);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_sqlite_store_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  AuSqliteStore *self = AU_SQLITE_STORE (object);

  switch (prop_id)
    {
    case PROP_PATH:
      self->path = g_value_dup_string (value);
      break;
    case PROP_DURABILITY:
      self->durability = g_value_get_enum (value);
      break;
    case PROP_MAX_SIZE:
      self->max_size = g_value_get_uint64 (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_sqlite_store_finalize (GObject *object)
{
  AuSqliteStore *self = AU_SQLITE_STORE (object);

  if (self->is_open)
    {
      au_store_lives_leave (self->lives);
      au_store_lives_unref (self->lives);
      au_sqlite_keeper_clear (&self->keeper);
      au_sqlite_readers_clear (&self->readers);
      au_sqlite_writer_clear (&self->writer);
      au_sqlite_place_close (&self->place);
    }

  g_mutex_clear (&self->open_lock);
  g_free (self->path);

  G_OBJECT_CLASS (au_sqlite_store_parent_class)->finalize (object);
}

static gboolean
path_check (const GValue  *value,
            gpointer       user_data,
            GError       **error)
{
  const char *path = g_value_get_string (value);

  return check_given (path, error) && au_sqlite_place_judge (path, error);
}

static void
au_sqlite_store_class_init (AuSqliteStoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = au_sqlite_store_get_property;
  object_class->set_property = au_sqlite_store_set_property;
  object_class->finalize = au_sqlite_store_finalize;

  properties[PROP_PATH] =
    au_param_spec_file ("path", NULL, _("The file of the database; made if it is not there"), NULL, flags);
  au_param_spec_set_check (properties[PROP_PATH], path_check, NULL, NULL);
  properties[PROP_DURABILITY] =
    g_param_spec_enum ("durability", NULL, _("What an acknowledged write survives"),
                       AU_TYPE_DURABILITY, AU_DURABILITY_POWER, flags);
  properties[PROP_MAX_SIZE] =
    au_param_spec_size ("max-size", NULL,
                        _("How much records may take before the oldest that have ended are removed; 0 sets no limit"),
                        0, G_MAXUINT64, 0, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
au_sqlite_store_init (AuSqliteStore *self)
{
  g_mutex_init (&self->open_lock);
}

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "sqlite", au_sqlite_store_get_type },
  { 0 }
};

AU_MODULE_DEFINE (au_store_sqlite, PACKAGE_VERSION, "LGPL-2.1-or-later",
                  "Keeps records in a database of SQLite, for several processes", types, NULL)
