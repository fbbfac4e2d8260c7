/* au-file-store.c: keeps records in files
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-write-private.h"
#include "au-file-items-private.h"
#include "au-file-names-private.h"
#include "au-file-queue-private.h"
#include "au-file-remove-private.h"
#include "../shared/au-store-path-private.h"
#include "../shared/au-store-bell-private.h"
#include "../shared/au-store-notes-private.h"
#include "../shared/au-store-rules-private.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* AuFileStore:
 *
 * The store `file` keeps each record in a file of its own, below one folder. Records
 * outlive the process, and several processes may use one folder at the same time.
 *
 * By default a record is written as JSON, so that a person can read it. Damaged files
 * are moved to the folder `damaged`, and reported in the log.
 *
 * What an acknowledged write survives is set by the property `durability`: with
 * `process` (and `none`) the system has it, but perhaps not the disk; with `power` the
 * disk has it as well.
 */
struct _AuFileStore
{
  GObject        parent_instance;

  char          *path;
  AuDurability   durability;
  AuFileForm     form;

  /* Opened once, by initialisation or by the first use. */
  GMutex         open_lock;
  gint           is_open;

  AuFileRecords  records;
  AuFileExpiry   expiry;
  AuFileItems    items;
  AuFileRecovery recovery;
  AuFileLine     line;
  AuFileQueue    queue;
};


#define AU_TYPE_FILE_STORE (au_file_store_get_type ())
G_DECLARE_FINAL_TYPE (AuFileStore, au_file_store, AU, FILE_STORE, GObject)

#define AU_TYPE_FILE_FORM (au_file_form_get_type ())
static GType au_file_form_get_type (void);

G_DEFINE_ENUM_TYPE (AuFileForm, au_file_form,
                    G_DEFINE_ENUM_VALUE (AU_FILE_FORM_JSON, "json"),
                    G_DEFINE_ENUM_VALUE (AU_FILE_FORM_VARIANT, "variant"))

static void au_file_store_iface_init (AuStoreInterface *iface);
static void au_file_store_queue_init (AuQueueInterface *iface);
static void au_file_store_initable_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuFileStore, au_file_store, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, au_file_store_initable_init)
                               G_IMPLEMENT_INTERFACE (AU_TYPE_STORE, au_file_store_iface_init)
                               G_IMPLEMENT_INTERFACE (AU_TYPE_QUEUE, au_file_store_queue_init))

enum
{
  PROP_0,
  PROP_PATH,
  PROP_DURABILITY,
  PROP_FORMAT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* Opening */

static gboolean
check_given (const char  *path,
             GError     **error)
{
  return au_store_path_check_given (path, _("The file store needs a folder: set its property “path”"),
                                    error);
}

/* Without them, any record may have changed. */
static void
prepare_notes (AuFileRecords *records)
{
  if (!au_file_locks_take (&records->locks, AU_FILE_LOCK_NOTES, NULL))
    return;

  au_store_notes_prepare (records->folder.notes_fd);
  au_file_locks_release (&records->locks, AU_FILE_LOCK_NOTES);
}

static gboolean
open_records (AuFileStore  *self,
              GError      **error)
{
  AuFileRecords *records = &self->records;

  if (!check_given (self->path, error) ||
      !au_file_folder_open (&records->folder, self->path,
                            self->durability == AU_DURABILITY_POWER, error))
    return FALSE;

  records->form = self->form;
  au_file_locks_init (&records->locks, &records->folder);
  au_file_cache_init (&records->cache);
  au_file_expiry_init (&self->expiry, records);
  au_file_items_init (&self->items, records);
  au_file_line_init (&self->line, records, &self->expiry);
  records->line = &self->line;
  au_file_recovery_init (&self->recovery, records, &self->expiry);
  prepare_notes (records);
  au_file_queue_init (&self->queue, &self->line, &self->recovery);
  au_file_recovery_unstage (&records->folder);

  return TRUE;
}

static gboolean
ensure_open (AuFileStore  *self,
             GError      **error)
{
  gboolean is_open;

  if (g_atomic_int_get (&self->is_open))
    return TRUE;

  g_mutex_lock (&self->open_lock);
  is_open = self->is_open || open_records (self, error);
  g_atomic_int_set (&self->is_open, is_open);
  g_mutex_unlock (&self->open_lock);

  return is_open;
}

static gboolean
begin (AuFileStore   *self,
       GCancellable  *cancellable,
       GError       **error)
{
  return !g_cancellable_set_error_if_cancelled (cancellable, error) && ensure_open (self, error);
}

static gboolean
begin_with_key (AuFileStore   *self,
                const char    *key,
                GCancellable  *cancellable,
                GError       **error)
{
  return begin (self, cancellable, error) && au_key_check (key, error);
}

static gboolean
au_file_store_initable_real_init (GInitable     *initable,
                                  GCancellable  *cancellable,
                                  GError       **error)
{
  return begin (AU_FILE_STORE (initable), cancellable, error);
}

static void
au_file_store_initable_init (GInitableIface *iface)
{
  iface->init = au_file_store_initable_real_init;
}

/* Writing */

static void
au_file_store_write_many (AuStore      *store,
                          AuWrite      *writes,
                          gsize         n_writes,
                          GCancellable *cancellable)
{
  AuFileStore *self = AU_FILE_STORE (store);
  g_autoptr(GError) error = NULL;

  if (!begin (self, cancellable, &error))
    {
      for (gsize i = 0; i < n_writes; i++)
        writes[i].error = g_error_copy (error);
      return;
    }

  au_file_line_write_many (&self->line, writes, n_writes);
}

static AuRecord *
au_file_store_insert (AuStore       *store,
                      AuRecord      *record,
                      gboolean      *created,
                      GCancellable  *cancellable,
                      GError       **error)
{
  AuWrite write = { .record = record };

  au_file_store_write_many (store, &write, 1, cancellable);
  *created = write.created;
  if (write.error != NULL)
    g_propagate_error (error, write.error);

  return write.stored;
}

static gboolean
au_file_store_replace (AuStore       *store,
                       AuRecord      *record,
                       guint64        expected,
                       GCancellable  *cancellable,
                       GError       **error)
{
  AuWrite write = { .record = record, .expected = expected };

  au_file_store_write_many (store, &write, 1, cancellable);
  if (write.error != NULL)
    g_propagate_error (error, write.error);
  g_clear_pointer (&write.stored, au_record_unref);

  return write.error == NULL;
}

/* Reading */

static AuRecord *
au_file_store_load (AuStore       *store,
                    const char    *key,
                    GCancellable  *cancellable,
                    GError       **error)
{
  AuFileStore *self = AU_FILE_STORE (store);

  if (!begin_with_key (self, key, cancellable, error))
    return NULL;

  return au_file_records_load (&self->records, key, AU_FILE_LOAD_SET_ASIDE, error);
}

/* Whether a record that was listed but cannot be read is passed over. It is so if it
 * is gone meanwhile, or was moved away and reported; and one of a newer au, or one that
 * this user may not read, is reported here, and keeps nobody from the others.
 */
static gboolean
is_passed_over (AuFileStore  *self,
                const char   *key,
                const GError *error)
{
  if (g_error_matches (error, AU_ERROR, AU_ERROR_NOT_FOUND) ||
      g_error_matches (error, AU_ERROR, AU_ERROR_DAMAGED))
    return TRUE;

  if (!g_error_matches (error, AU_ERROR, AU_ERROR_UNSUPPORTED) &&
      !au_file_records_is_unreadable (&self->records, key))
    return FALSE;

  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
                    "AU_STORE", self->path,
                    "AU_KEY", key,
                    "MESSAGE", "%s", error->message);
  return TRUE;
}

/* Visits the records of some keys that match. Adds them to records, if that is not
 * NULL, and counts them; stops when there are as many as the limit of the query.
 */
static gboolean
visit_keys (AuFileStore   *self,
            AuQuery       *query,
            GPtrArray     *keys,
            GPtrArray     *records,
            gint64        *count,
            GCancellable  *cancellable,
            GError       **error)
{
  AuFileWanted wanted = { au_query_get_statuses (query), au_query_get_since (query) };
  guint limit = au_query_get_limit (query);

  for (guint i = 0; i < keys->len && (limit == 0 || *count < limit); i++)
    {
      const char *key = g_ptr_array_index (keys, i);
      g_autoptr(AuRecord) record = NULL;
      g_autoptr(GError) reason = NULL;
      AuFileHeader header;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      if (!au_file_records_visit (&self->records, key, AU_FILE_LOAD_SET_ASIDE, &wanted,
                                  &header, &record, &reason) &&
          !is_passed_over (self, key, reason))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }

      if (record == NULL || !au_query_matches (query, record))
        continue;

      (*count)++;
      if (records != NULL)
        g_ptr_array_add (records, g_steal_pointer (&record));
    }

  return TRUE;
}

/* Visits all records that match, in the order of their keys. */
static gboolean
visit_matching (AuFileStore   *self,
                AuQuery       *query,
                GPtrArray     *records,
                gint64        *count,
                GCancellable  *cancellable,
                GError       **error)
{
  g_autofree char *after = g_strdup (au_query_get_after_key (query));
  guint limit = au_query_get_limit (query);

  /* The keys of a page at a time, until there are enough that match; each time more,
   * as looking for them is what takes the time.
   */
  for (guint n_keys = limit; ; n_keys = n_keys > G_MAXUINT / 16 ? 0 : n_keys * 16)
    {
      g_autoptr(GPtrArray) keys = au_file_names_list (&self->records, after, n_keys,
                                                      cancellable, error);

      if (keys == NULL ||
          !visit_keys (self, query, keys, records, count, cancellable, error))
        return FALSE;

      if (n_keys == 0 || keys->len < n_keys || *count >= limit)
        return TRUE;

      g_free (after);
      after = g_strdup (g_ptr_array_index (keys, keys->len - 1));
    }
}

static GPtrArray *
au_file_store_list (AuStore       *store,
                    AuQuery       *query,
                    GCancellable  *cancellable,
                    GError       **error)
{
  AuFileStore *self = AU_FILE_STORE (store);
  g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  gint64 count = 0;

  if (!begin (self, cancellable, error) ||
      !visit_matching (self, query, records, &count, cancellable, error))
    return NULL;

  return g_steal_pointer (&records);
}

static gint64
au_file_store_count (AuStore       *store,
                     AuQuery       *query,
                     GCancellable  *cancellable,
                     GError       **error)
{
  AuFileStore *self = AU_FILE_STORE (store);
  guint limit = au_query_get_limit (query);
  gint64 count = 0;

  if (!begin (self, cancellable, error))
    return -1;

  if (au_store_rules_matches_all (query))
    {
      count = au_file_names_count (&self->records, cancellable, error);
      return limit > 0 ? MIN (count, limit) : count;
    }

  return visit_matching (self, query, NULL, &count, cancellable, error) ? count : -1;
}

/* Removing */

static gboolean
au_file_store_remove (AuStore       *store,
                      const char    *key,
                      GCancellable  *cancellable,
                      GError       **error)
{
  AuFileStore *self = AU_FILE_STORE (store);

  if (!begin_with_key (self, key, cancellable, error) ||
      !au_file_remove (&self->records, &self->items, key, error))
    return FALSE;

  au_file_line_tell (&self->line, key);
  return TRUE;
}

/* Removes a record that is noted to have expired, if that is what itself says. Should it
 * come back after a loss of power, it expires once more.
 */
static gboolean
remove_expired (AuFileRecords  *records,
                const char     *key,
                gint64          now,
                gpointer        user_data,
                GError        **error)
{
  AuFileStore *self = user_data;
  guint lock = au_file_locks_for_record (key);
  g_autoptr(GError) reason = NULL;
  AuFileHeader header;
  gboolean removed = FALSE;

  if (!au_file_locks_take (&records->locks, lock, error))
    return FALSE;

  if (au_file_records_visit (records, key, AU_FILE_LOAD_LOCKED, NULL, &header, NULL, &reason) &&
      header.expires > 0 && header.expires <= now)
    removed = au_file_remove_files (records, &self->items, key, &reason);
  au_file_locks_release (&records->locks, lock);

  if (reason != NULL && !is_passed_over (self, key, reason))
    g_propagate_error (error, g_steal_pointer (&reason));
  return removed;
}

static gint
au_file_store_cleanup_expired (AuStore       *store,
                               gint64         now,
                               guint          limit,
                               GCancellable  *cancellable,
                               GError       **error)
{
  AuFileStore *self = AU_FILE_STORE (store);
  gint n_removed;

  if (!begin (self, cancellable, error))
    return -1;

  au_file_recovery_step (&self->recovery);
  n_removed = au_file_expiry_clean (&self->expiry, now, limit, remove_expired, self,
                                    cancellable, error);
  if (n_removed != 0)
    au_file_line_tell (&self->line, NULL);

  return n_removed;
}

/* Items */

static gboolean
au_file_store_append_item (AuStore       *store,
                           const char    *key,
                           guint          attempt,
                           guint64        index,
                           GVariant      *item,
                           GCancellable  *cancellable,
                           GError       **error)
{
  AuFileStore *self = AU_FILE_STORE (store);

  if (!begin_with_key (self, key, cancellable, error) ||
      !au_file_items_append (&self->items, key, attempt, index, item, error))
    return FALSE;

  au_file_line_tell (&self->line, key);
  return TRUE;
}

static GPtrArray *
au_file_store_list_items (AuStore       *store,
                          const char    *key,
                          guint64        first,
                          guint          limit,
                          GCancellable  *cancellable,
                          GError       **error)
{
  AuFileStore *self = AU_FILE_STORE (store);

  if (!begin_with_key (self, key, cancellable, error))
    return NULL;

  return au_file_items_list (&self->items, key, first, limit, error);
}

/* The rest */

static AuStoreFlags
au_file_store_get_flags (AuStore *store)
{
  return AU_STORE_PERSISTENT | AU_STORE_SHARED | AU_STORE_QUEUE;
}

static AuDurability
au_file_store_get_durability (AuStore *store)
{
  return AU_FILE_STORE (store)->durability;
}

static GSource *
au_file_store_create_source (AuStore *store)
{
  AuFileStore *self = AU_FILE_STORE (store);

  return ensure_open (self, NULL) ? au_file_line_listen (&self->line) : NULL;
}

static GPtrArray *
au_file_store_list_changes (AuStore *store,
                            guint64 *position)
{
  AuFileStore *self = AU_FILE_STORE (store);

  return ensure_open (self, NULL) ? au_file_line_list_changes (&self->line, position) : NULL;
}

static void
au_file_store_iface_init (AuStoreInterface *iface)
{
  iface->get_flags = au_file_store_get_flags;
  iface->get_durability = au_file_store_get_durability;
  iface->insert = au_file_store_insert;
  iface->load = au_file_store_load;
  iface->replace = au_file_store_replace;
  iface->remove = au_file_store_remove;
  iface->list = au_file_store_list;
  iface->write_many = au_file_store_write_many;
  iface->append_item = au_file_store_append_item;
  iface->list_items = au_file_store_list_items;
  iface->count = au_file_store_count;
  iface->cleanup_expired = au_file_store_cleanup_expired;
  iface->create_source = au_file_store_create_source;
  iface->list_changes = au_file_store_list_changes;
}

/* Queues */

static GPtrArray *
au_file_store_claim (AuQueue       *queue,
                     AuClaim       *claim,
                     gint64        *next_due,
                     GCancellable  *cancellable,
                     GError       **error)
{
  AuFileStore *self = AU_FILE_STORE (queue);

  if (!begin (self, cancellable, error) || !au_file_queue_take_from_dead (&self->queue, error))
    return NULL;

  return au_file_queue_claim (&self->queue, claim, next_due, error);
}

static GPtrArray *
au_file_store_renew (AuQueue       *queue,
                     GPtrArray     *records,
                     GTimeSpan      lease,
                     GCancellable  *cancellable,
                     GError       **error)
{
  AuFileStore *self = AU_FILE_STORE (queue);

  return begin (self, cancellable, error) ? au_file_queue_renew (&self->queue, records, lease, error) : NULL;
}

static gint
au_file_store_reap (AuQueue       *queue,
                    guint          limit,
                    GCancellable  *cancellable,
                    GError       **error)
{
  AuFileStore *self = AU_FILE_STORE (queue);

  return begin (self, cancellable, error) ? au_file_queue_reap (&self->queue, limit, error) : -1;
}

static gboolean
au_file_store_set_paused (AuQueue       *queue,
                          const char    *name,
                          gboolean       paused,
                          GCancellable  *cancellable,
                          GError       **error)
{
  AuFileStore *self = AU_FILE_STORE (queue);

  return begin (self, cancellable, error) && au_file_queue_set_paused (&self->queue, name, paused, error);
}

static char **
au_file_store_list_paused (AuQueue       *queue,
                           GCancellable  *cancellable,
                           GError       **error)
{
  AuFileStore *self = AU_FILE_STORE (queue);

  return begin (self, cancellable, error) ? au_file_queue_list_paused (&self->queue, error) : NULL;
}

static gboolean
au_file_store_announce (AuQueue       *queue,
                        AuWorkerInfo  *worker,
                        GCancellable  *cancellable,
                        GError       **error)
{
  AuFileStore *self = AU_FILE_STORE (queue);

  return begin (self, cancellable, error) && au_file_queue_announce (&self->queue, worker, error);
}

static gboolean
au_file_store_withdraw (AuQueue       *queue,
                        const char    *worker_id,
                        GCancellable  *cancellable,
                        GError       **error)
{
  AuFileStore *self = AU_FILE_STORE (queue);

  return begin (self, cancellable, error) && au_file_queue_withdraw (&self->queue, worker_id, error);
}

static GPtrArray *
au_file_store_list_workers (AuQueue       *queue,
                            GCancellable  *cancellable,
                            GError       **error)
{
  AuFileStore *self = AU_FILE_STORE (queue);

  return begin (self, cancellable, error) ? au_file_queue_list_workers (&self->queue, error) : NULL;
}

static GSource *
au_file_store_create_queue_source (AuQueue            *queue,
                                   const char * const *queues)
{
  AuFileStore *self = AU_FILE_STORE (queue);

  return au_file_queue_create_source (ensure_open (self, NULL) ? &self->queue : NULL);
}

static void
au_file_store_queue_init (AuQueueInterface *iface)
{
  iface->claim = au_file_store_claim;
  iface->renew = au_file_store_renew;
  iface->reap = au_file_store_reap;
  iface->set_paused = au_file_store_set_paused;
  iface->list_paused = au_file_store_list_paused;
  iface->announce = au_file_store_announce;
  iface->withdraw = au_file_store_withdraw;
  iface->list_workers = au_file_store_list_workers;
  iface->create_source = au_file_store_create_queue_source;
}

/* The object */

static void
au_file_store_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  AuFileStore *self = AU_FILE_STORE (object);

  switch (prop_id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_DURABILITY:
      g_value_set_enum (value, self->durability);
      break;
    case PROP_FORMAT:
      g_value_set_enum (value, self->form);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_file_store_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  AuFileStore *self = AU_FILE_STORE (object);

  switch (prop_id)
    {
    case PROP_PATH:
      self->path = g_value_dup_string (value);
      break;
    case PROP_DURABILITY:
      self->durability = g_value_get_enum (value);
      break;
    case PROP_FORMAT:
      self->form = g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_file_store_finalize (GObject *object)
{
  AuFileStore *self = AU_FILE_STORE (object);

  if (self->is_open)
    {
      au_file_queue_clear (&self->queue);
      au_file_recovery_clear (&self->recovery);
      au_file_line_clear (&self->line);
      au_file_items_clear (&self->items);
      au_file_expiry_clear (&self->expiry);
      au_file_cache_clear (&self->records.cache);
      au_file_locks_clear (&self->records.locks);
      au_file_folder_close (&self->records.folder);
    }

  g_mutex_clear (&self->open_lock);
  g_free (self->path);

  G_OBJECT_CLASS (au_file_store_parent_class)->finalize (object);
}

static gboolean
path_check (const GValue  *value,
            gpointer       user_data,
            GError       **error)
{
  const char *path = g_value_get_string (value);

  return check_given (path, error) && au_file_folder_judge (path, error);
}

static void
au_file_store_class_init (AuFileStoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = au_file_store_get_property;
  object_class->set_property = au_file_store_set_property;
  object_class->finalize = au_file_store_finalize;

  properties[PROP_PATH] =
    au_param_spec_file ("path", NULL, _("The folder of the store; made if it is not there"), NULL, flags);
  au_param_spec_set_check (properties[PROP_PATH], path_check, NULL, NULL);
  properties[PROP_DURABILITY] =
    g_param_spec_enum ("durability", NULL, _("What an acknowledged write survives"),
                       AU_TYPE_DURABILITY, AU_DURABILITY_PROCESS, flags);
  properties[PROP_FORMAT] =
    g_param_spec_enum ("format", NULL, _("How records are written; both are always read"),
                       AU_TYPE_FILE_FORM, AU_FILE_FORM_JSON, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
au_file_store_init (AuFileStore *self)
{
  g_mutex_init (&self->open_lock);
}

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "file", au_file_store_get_type },
  { 0 }
};

AU_MODULE_DEFINE (au_store_file, PACKAGE_VERSION, "LGPL-2.1-or-later",
                  "Keeps records in files, for several processes", types, NULL)
