/* au-store.c: what keeps records
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-error.h>
#include <au/au-store.h>

#include <glib/gi18n-lib.h>

/* How much a cleaning removes unless the caller says otherwise. */
#define CLEANUP_LIMIT (500)

/**
 * AuStore:
 *
 * Keeps the records of computations.
 *
 * Where the records are kept, and what an acknowledged write survives, is for each
 * implementation to say, by [method@Au.Store.get_flags] and
 * [method@Au.Store.get_durability].
 *
 * Stores are MT safe. Their functions may block on input and output, unless the
 * store is immediate.
 *
 * Since: 1.0
 */

/* An implementation is always given a place for its error, whether the caller wants it or
 * not: in other languages an exception that nobody takes is printed, with all that it holds.
 */

G_DEFINE_INTERFACE (AuStore, au_store, G_TYPE_OBJECT)

G_DEFINE_FLAGS_TYPE (AuStoreFlags, au_store_flags,
                     G_DEFINE_ENUM_VALUE (AU_STORE_PERSISTENT, "persistent"),
                     G_DEFINE_ENUM_VALUE (AU_STORE_SHARED, "shared"),
                     G_DEFINE_ENUM_VALUE (AU_STORE_IMMEDIATE, "immediate"),
                     G_DEFINE_ENUM_VALUE (AU_STORE_QUEUE, "queue"))

G_DEFINE_ENUM_TYPE (AuDurability, au_durability,
                    G_DEFINE_ENUM_VALUE (AU_DURABILITY_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (AU_DURABILITY_PROCESS, "process"),
                    G_DEFINE_ENUM_VALUE (AU_DURABILITY_POWER, "power"))

static void
write_one_by_one (AuStore      *self,
                  AuWrite      *writes,
                  gsize         n_writes,
                  GCancellable *cancellable)
{
  AuStoreInterface *iface = AU_STORE_GET_IFACE (self);

  for (gsize i = 0; i < n_writes; i++)
    {
      AuWrite *write = &writes[i];

      if (write->expected == 0)
        write->stored = iface->insert (self, write->record, &write->created, cancellable,
                                       &write->error);
      else if (iface->replace (self, write->record, write->expected, cancellable, &write->error))
        write->stored = au_record_ref (write->record);
    }
}

static GPtrArray *
load_one_by_one (AuStore             *self,
                 const char * const  *keys,
                 GCancellable        *cancellable,
                 GError             **error)
{
  g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);

  for (gsize i = 0; keys[i] != NULL; i++)
    {
      g_autoptr(GError) local_error = NULL;
      AuRecord *record = AU_STORE_GET_IFACE (self)->load (self, keys[i], cancellable, &local_error);

      if (record != NULL)
        {
          g_ptr_array_add (records, record);
        }
      else if (!g_error_matches (local_error, AU_ERROR, AU_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
    }

  return g_steal_pointer (&records);
}

static gint64
count_by_listing (AuStore       *self,
                  AuQuery       *query,
                  GCancellable  *cancellable,
                  GError       **error)
{
  g_autoptr(GPtrArray) records = au_store_list (self, query, cancellable, error);

  return records != NULL ? (gint64) records->len : -1;
}

static gint
cleanup_by_listing (AuStore       *self,
                    gint64         now,
                    guint          limit,
                    GCancellable  *cancellable,
                    GError       **error)
{
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GPtrArray) records = NULL;
  gint removed = 0;

  au_query_set_statuses (query, AU_STATUS_FLAGS_TERMINAL);
  records = au_store_list (self, query, cancellable, error);
  if (records == NULL)
    return -1;

  for (guint i = 0; i < records->len && (guint) removed < limit; i++)
    {
      AuRecord *record = g_ptr_array_index (records, i);
      gint64 expires = au_record_get_expires (record);
      g_autoptr(GError) local_error = NULL;

      if (expires == 0 || expires > now)
        continue;

      if (au_store_remove (self, au_record_get_key (record), cancellable, &local_error))
        {
          removed++;
        }
      else if (!g_error_matches (local_error, AU_ERROR, AU_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return -1;
        }
    }

  return removed;
}

static void
au_store_default_init (AuStoreInterface *iface)
{
  iface->load_many = load_one_by_one;
  iface->write_many = write_one_by_one;
  iface->count = count_by_listing;
  iface->cleanup_expired = cleanup_by_listing;
}

/**
 * au_store_get_flags:
 * @self: a store
 *
 * Gets what the store is. It never changes.
 *
 * MT safe.
 *
 * Returns: the flags
 *
 * Since: 1.0
 */
AuStoreFlags
au_store_get_flags (AuStore *self)
{
  g_return_val_if_fail (AU_IS_STORE (self), AU_STORE_NONE);

  return AU_STORE_GET_IFACE (self)->get_flags (self);
}

/**
 * au_store_get_durability:
 * @self: a store
 *
 * Gets what an acknowledged write survives. It never changes.
 *
 * MT safe.
 *
 * Returns: the durability
 *
 * Since: 1.0
 */
AuDurability
au_store_get_durability (AuStore *self)
{
  AuStoreInterface *iface;

  g_return_val_if_fail (AU_IS_STORE (self), AU_DURABILITY_NONE);

  iface = AU_STORE_GET_IFACE (self);

  return iface->get_durability != NULL ? iface->get_durability (self) : AU_DURABILITY_NONE;
}

/**
 * au_store_insert: (virtual insert)
 * @self: a store
 * @record: the first record of a computation
 * @created: (out) (optional): whether the key is new
 * @cancellable: (nullable): gives up before the write, not one that was begun
 * @error: return location for an error
 *
 * Creates a record, once.
 *
 * When there is a record of the same key with the same function and arguments already,
 * or an unfinished one with the same unique key, nothing is written and that one is
 * returned.
 *
 * Fails with %AU_ERROR_CONFLICT when the key names another computation, and with
 * %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: (transfer full): the record that the store now holds
 *
 * Since: 1.0
 */
AuRecord *
au_store_insert (AuStore       *self,
                 AuRecord      *record,
                 gboolean      *created,
                 GCancellable  *cancellable,
                 GError       **error)
{
  g_autoptr(GError) unwanted = NULL;
  gboolean created_here = FALSE;
  AuRecord *stored;

  g_return_val_if_fail (AU_IS_STORE (self), NULL);
  g_return_val_if_fail (record != NULL, NULL);

  stored = AU_STORE_GET_IFACE (self)->insert (self, record, &created_here, cancellable,
                                              error != NULL ? error : &unwanted);
  if (created != NULL)
    *created = created_here;

  return stored;
}

/**
 * au_store_load: (virtual load)
 * @self: a store
 * @key: a key
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Reads a record.
 *
 * Fails with %AU_ERROR_NOT_FOUND when there is none, with %AU_ERROR_INVALID_KEY, with
 * %AU_ERROR_DAMAGED when it cannot be read (it is then set aside), with
 * %AU_ERROR_UNSUPPORTED when it is of a newer format, and with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: (transfer full): the record
 *
 * Since: 1.0
 */
AuRecord *
au_store_load (AuStore       *self,
               const char    *key,
               GCancellable  *cancellable,
               GError       **error)
{
  g_autoptr(GError) unwanted = NULL;

  g_return_val_if_fail (AU_IS_STORE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  return AU_STORE_GET_IFACE (self)->load (self, key, cancellable,
                                          error != NULL ? error : &unwanted);
}

/**
 * au_store_load_many: (virtual load_many)
 * @self: a store
 * @keys: (array zero-terminated=1): keys
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Reads several records, which is faster than one by one. Those that the store does not
 * have are left out.
 *
 * Fails with the errors of [method@Au.Store.load], other than %AU_ERROR_NOT_FOUND, when any
 * of the records cannot be read.
 *
 * MT safe.
 *
 * Returns: (transfer full) (element-type AuRecord): the records, in the order of @keys
 *
 * Since: 1.0
 */
GPtrArray *
au_store_load_many (AuStore             *self,
                    const char * const  *keys,
                    GCancellable        *cancellable,
                    GError             **error)
{
  g_autoptr(GError) unwanted = NULL;

  g_return_val_if_fail (AU_IS_STORE (self), NULL);
  g_return_val_if_fail (keys != NULL, NULL);

  return AU_STORE_GET_IFACE (self)->load_many (self, keys, cancellable, error != NULL ? error : &unwanted);
}

/**
 * au_store_replace: (virtual replace)
 * @self: a store
 * @record: the next record
 * @expected: the revision that the stored record must have
 * @cancellable: (nullable): gives up before the write, not one that was begun
 * @error: return location for an error
 *
 * Writes the next record of a computation, if nobody else has changed it meanwhile.
 *
 * Fails with %AU_ERROR_CONFLICT when the stored record has another revision, with
 * %AU_ERROR_INVALID_TRANSITION when [func@Au.transition_check] forbids the change,
 * with %AU_ERROR_NOT_FOUND when there is none, and with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: %TRUE when it was written
 *
 * Since: 1.0
 */
gboolean
au_store_replace (AuStore       *self,
                  AuRecord      *record,
                  guint64        expected,
                  GCancellable  *cancellable,
                  GError       **error)
{
  g_autoptr(GError) unwanted = NULL;

  g_return_val_if_fail (AU_IS_STORE (self), FALSE);
  g_return_val_if_fail (record != NULL, FALSE);
  g_return_val_if_fail (expected > 0, FALSE);

  return AU_STORE_GET_IFACE (self)->replace (self, record, expected, cancellable,
                                             error != NULL ? error : &unwanted);
}

/**
 * au_store_remove: (virtual remove)
 * @self: a store
 * @key: a key
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Removes a record and its items, whatever its status.
 *
 * Fails with %AU_ERROR_NOT_FOUND, %AU_ERROR_INVALID_KEY and %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: %TRUE when it was removed
 *
 * Since: 1.0
 */
gboolean
au_store_remove (AuStore       *self,
                 const char    *key,
                 GCancellable  *cancellable,
                 GError       **error)
{
  g_autoptr(GError) unwanted = NULL;

  g_return_val_if_fail (AU_IS_STORE (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  return AU_STORE_GET_IFACE (self)->remove (self, key, cancellable,
                                            error != NULL ? error : &unwanted);
}

/**
 * au_store_list: (virtual list)
 * @self: a store
 * @query: which records
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Reads the records that match @query, in the order of their keys.
 *
 * A page at a time is read by giving the query a limit, and then the last key of one
 * page as the after-key of the next. A record that cannot be read is set aside and
 * passed over.
 *
 * Fails with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: (transfer full) (element-type AuRecord): the records
 *
 * Since: 1.0
 */
GPtrArray *
au_store_list (AuStore       *self,
               AuQuery       *query,
               GCancellable  *cancellable,
               GError       **error)
{
  g_autoptr(GError) unwanted = NULL;

  g_return_val_if_fail (AU_IS_STORE (self), NULL);
  g_return_val_if_fail (AU_IS_QUERY (query), NULL);

  return AU_STORE_GET_IFACE (self)->list (self, query, cancellable,
                                          error != NULL ? error : &unwanted);
}

/**
 * au_store_write_many: (skip) (virtual write_many)
 * @self: a store
 * @writes: (array length=n_writes): the writes, all of different keys
 * @n_writes: how many
 * @cancellable: (nullable): gives up before the writes, not one that was begun
 *
 * Writes several records together, so that what makes them durable is paid once.
 *
 * Each write has an outcome of its own, as [method@Au.Store.insert] or
 * [method@Au.Store.replace] would give. All are acknowledged on return.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_store_write_many (AuStore      *self,
                     AuWrite      *writes,
                     gsize         n_writes,
                     GCancellable *cancellable)
{
  g_return_if_fail (AU_IS_STORE (self));
  g_return_if_fail (n_writes == 0 || writes != NULL);

  if (n_writes > 0)
    AU_STORE_GET_IFACE (self)->write_many (self, writes, n_writes, cancellable);
}

/**
 * au_store_append_item: (virtual append_item)
 * @self: a store
 * @key: a key
 * @attempt: the attempt that gives the item
 * @index: its number; the first is 0
 * @item: the item; a floating reference is sunk
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Keeps an item of a running computation.
 *
 * The items of an attempt replace those of the attempts before it: item 0 of a newer
 * attempt drops them. Giving the same item twice is harmless.
 *
 * Fails with %AU_ERROR_STALE when @attempt is older than that of the record or of the
 * kept items, with %AU_ERROR_CONFLICT when @index is not the next one, with
 * %AU_ERROR_NOT_FOUND, with %AU_ERROR_UNSUPPORTED when the store keeps no items, and
 * with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: %TRUE when it was written
 *
 * Since: 1.0
 */
gboolean
au_store_append_item (AuStore       *self,
                      const char    *key,
                      guint          attempt,
                      guint64        index,
                      GVariant      *item,
                      GCancellable  *cancellable,
                      GError       **error)
{
  g_autoptr(GError) unwanted = NULL;
  g_autoptr(GVariant) sunk = NULL;
  AuStoreInterface *iface;

  g_return_val_if_fail (AU_IS_STORE (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);
  g_return_val_if_fail (item != NULL, FALSE);

  sunk = g_variant_ref_sink (item);
  iface = AU_STORE_GET_IFACE (self);
  if (iface->append_item == NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
                   _("The store “%s” keeps no items, so “%s” cannot give any: use another store"),
                   G_OBJECT_TYPE_NAME (self), key);
      return FALSE;
    }

  return iface->append_item (self, key, attempt, index, sunk, cancellable,
                             error != NULL ? error : &unwanted);
}

/**
 * au_store_list_items: (virtual list_items)
 * @self: a store
 * @key: a key
 * @first: the number of the first item wanted
 * @limit: how many at most; 0 for all
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Reads items of a computation.
 *
 * Fails with %AU_ERROR_NOT_FOUND when there is no such record, with
 * %AU_ERROR_UNSUPPORTED when the store keeps no items, and with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: (transfer full) (element-type GLib.Variant): the items, in order; none when
 *   there are none from @first on
 *
 * Since: 1.0
 */
GPtrArray *
au_store_list_items (AuStore       *self,
                     const char    *key,
                     guint64        first,
                     guint          limit,
                     GCancellable  *cancellable,
                     GError       **error)
{
  g_autoptr(GError) unwanted = NULL;
  AuStoreInterface *iface;

  g_return_val_if_fail (AU_IS_STORE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  iface = AU_STORE_GET_IFACE (self);
  if (iface->list_items == NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
                   _("The store “%s” keeps no items"), G_OBJECT_TYPE_NAME (self));
      return NULL;
    }

  return iface->list_items (self, key, first, limit, cancellable,
                            error != NULL ? error : &unwanted);
}

/**
 * au_store_count: (virtual count)
 * @self: a store
 * @query: which records; its limit and after-key count too
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Counts the records that match @query.
 *
 * Fails with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: the number, or -1 with @error set
 *
 * Since: 1.0
 */
gint64
au_store_count (AuStore       *self,
                AuQuery       *query,
                GCancellable  *cancellable,
                GError       **error)
{
  g_autoptr(GError) unwanted = NULL;

  g_return_val_if_fail (AU_IS_STORE (self), -1);
  g_return_val_if_fail (AU_IS_QUERY (query), -1);

  return AU_STORE_GET_IFACE (self)->count (self, query, cancellable,
                                           error != NULL ? error : &unwanted);
}

/**
 * au_store_cleanup_expired: (virtual cleanup_expired)
 * @self: a store
 * @now: the time, in microseconds since the epoch; see
 *   [func@Au.clock_get_real_time]
 * @limit: how many to remove at most; 0 for 500
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Removes records that have ended, and whose time to live is over. The work is
 * bounded; when it removed as many as it might, call it again. A store may remove them on
 * its own, too, from the time on when they have expired by au's clock.
 *
 * Fails with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: how many were removed, or -1 with @error set
 *
 * Since: 1.0
 */
gint
au_store_cleanup_expired (AuStore       *self,
                          gint64         now,
                          guint          limit,
                          GCancellable  *cancellable,
                          GError       **error)
{
  g_autoptr(GError) unwanted = NULL;

  g_return_val_if_fail (AU_IS_STORE (self), -1);

  return AU_STORE_GET_IFACE (self)->cleanup_expired (self, now, limit > 0 ? limit : CLEANUP_LIMIT,
                                                     cancellable, error != NULL ? error : &unwanted);
}

/**
 * au_store_create_source: (virtual create_source)
 * @self: a store
 *
 * Makes a source that is ready when a record may have changed since it was last
 * dispatched, whoever changed it. Its callback is a [callback@GLib.SourceFunc].
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the source, not attached to any main context,
 *   or %NULL when the store cannot tell
 *
 * Since: 1.0
 */
GSource *
au_store_create_source (AuStore *self)
{
  AuStoreInterface *iface;

  g_return_val_if_fail (AU_IS_STORE (self), NULL);

  iface = AU_STORE_GET_IFACE (self);

  return iface->create_source != NULL ? iface->create_source (self) : NULL;
}

/**
 * au_store_list_changes: (virtual list_changes)
 * @self: a store
 * @position: (inout): where the last call has ended; 0 for the first one
 *
 * Lists which records have changed, been created or been removed since the last call, so
 * that who follows many need not load all of them. It is meant for what a source of
 * [method@Au.Store.create_source] tells: without one, changes may not be noted at all.
 *
 * The revision of a change tells those who have the record of that revision, as they wrote
 * it themselves, that there is nothing to load.
 *
 * Gives %NULL when any record may have changed: in the first call, after too many changes,
 * and always with a store that cannot tell. A change is not listed before it can be seen,
 * and may be missing if its process was killed just after it: look at everything now and
 * then.
 *
 * MT safe. Blocks no longer than it takes to read a small file.
 *
 * Returns: (transfer full) (nullable) (element-type AuStoreChange): the changes, the latest
 *   one last, maybe several of one record; or %NULL when it can be any
 *
 * Since: 1.0
 */
GPtrArray *
au_store_list_changes (AuStore *self,
                       guint64 *position)
{
  AuStoreInterface *iface;

  g_return_val_if_fail (AU_IS_STORE (self), NULL);
  g_return_val_if_fail (position != NULL, NULL);

  iface = AU_STORE_GET_IFACE (self);

  return iface->list_changes != NULL ? iface->list_changes (self, position) : NULL;
}
