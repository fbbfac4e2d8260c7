/* au-store.h: what keeps records
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-query.h>
#include <au/au-record.h>

G_BEGIN_DECLS

/**
 * AuStoreFlags:
 * @AU_STORE_NONE: nothing special
 * @AU_STORE_PERSISTENT: records outlive the process
 * @AU_STORE_SHARED: other processes may use the same records at the same time
 * @AU_STORE_IMMEDIATE: never blocks, so it may be called from any main loop
 * @AU_STORE_QUEUE: it can hand pending computations to workers
 *
 * What a store is.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_STORE_NONE = 0,
  AU_STORE_PERSISTENT = 1 << 0,
  AU_STORE_SHARED = 1 << 1,
  AU_STORE_IMMEDIATE = 1 << 2,
  AU_STORE_QUEUE = 1 << 3,
} AuStoreFlags;

#define AU_TYPE_STORE_FLAGS (au_store_flags_get_type ())

AU_AVAILABLE_IN_1_0
GType au_store_flags_get_type (void);

/**
 * AuDurability:
 * @AU_DURABILITY_NONE: an acknowledged write may be lost when the process dies
 * @AU_DURABILITY_PROCESS: it survives the death of the process, but not the loss of
 *   power
 * @AU_DURABILITY_POWER: it survives the loss of power
 *
 * What an acknowledged write survives.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_DURABILITY_NONE,
  AU_DURABILITY_PROCESS,
  AU_DURABILITY_POWER,
} AuDurability;

#define AU_TYPE_DURABILITY (au_durability_get_type ())

AU_AVAILABLE_IN_1_0
GType au_durability_get_type (void);

/**
 * AuWrite:
 * @record: the record to write
 * @expected: the revision that the stored record must have; 0 to insert
 * @stored: (nullable): the outcome: the record that the store now holds under this
 *   key, or %NULL on failure
 * @created: the outcome of an insert: whether @stored was made by it
 * @error: (nullable): the outcome: why it failed
 *
 * One write of a batch; see [vfunc@Au.Store.write_many].
 *
 * The caller sets the first two members and owns all of them.
 *
 * Since: 1.0
 */
typedef struct
{
  AuRecord *record;
  guint64   expected;
  AuRecord *stored;
  gboolean  created;
  GError   *error;
} AuWrite;

#define AU_TYPE_STORE (au_store_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_INTERFACE (AuStore, au_store, AU, STORE, GObject)

/**
 * AuStoreInterface:
 * @parent_iface: the parent interface
 * @get_flags: what the store is
 * @get_durability: (nullable): what an acknowledged write survives; without it, none
 * @insert: see [method@Au.Store.insert]
 * @load: see [method@Au.Store.load]
 * @replace: see [method@Au.Store.replace]
 * @remove: see [method@Au.Store.remove]
 * @list: see [method@Au.Store.list]
 * @write_many: (nullable): see [method@Au.Store.write_many]; without it, one by one
 * @append_item: (nullable): see [method@Au.Store.append_item]; without it, the store
 *   keeps no items
 * @list_items: (nullable): see [method@Au.Store.list_items]
 * @count: (nullable): see [method@Au.Store.count]; without it, records are listed
 * @cleanup_expired: (nullable): see [method@Au.Store.cleanup_expired]; without it,
 *   ended records are listed and removed
 * @create_source: (nullable): see [method@Au.Store.create_source]; without it, the
 *   engine looks once a second
 * @list_changes: (nullable): see [method@Au.Store.list_changes]; without it, any record
 *   may have changed
 * @load_many: (nullable): see [method@Au.Store.load_many]; without it, one by one
 *
 * What a store must implement: everything that is not marked nullable.
 *
 * Implementations are MT safe, and may block unless the store says that it is
 * immediate. Whatever the callers do, a store upholds three things: a key is created
 * once; a record is replaced only when its revision is the expected one and
 * [func@Au.transition_check] allows the change; a reader sees the whole old record
 * or the whole new one.
 *
 * Since: 1.0
 */
struct _AuStoreInterface
{
  GTypeInterface parent_iface;

  AuStoreFlags (*get_flags)       (AuStore      *self);
  AuDurability (*get_durability)  (AuStore      *self);

  AuRecord    *(*insert)          (AuStore      *self,
                                   AuRecord     *record,
                                   gboolean     *created,
                                   GCancellable *cancellable,
                                   GError      **error);
  AuRecord    *(*load)            (AuStore      *self,
                                   const char   *key,
                                   GCancellable *cancellable,
                                   GError      **error);
  gboolean     (*replace)         (AuStore      *self,
                                   AuRecord     *record,
                                   guint64       expected,
                                   GCancellable *cancellable,
                                   GError      **error);
  gboolean     (*remove)          (AuStore      *self,
                                   const char   *key,
                                   GCancellable *cancellable,
                                   GError      **error);
  GPtrArray   *(*list)            (AuStore      *self,
                                   AuQuery      *query,
                                   GCancellable *cancellable,
                                   GError      **error);

  void         (*write_many)      (AuStore      *self,
                                   AuWrite      *writes,
                                   gsize         n_writes,
                                   GCancellable *cancellable);
  gboolean     (*append_item)     (AuStore      *self,
                                   const char   *key,
                                   guint         attempt,
                                   guint64       index,
                                   GVariant     *item,
                                   GCancellable *cancellable,
                                   GError      **error);
  GPtrArray   *(*list_items)      (AuStore      *self,
                                   const char   *key,
                                   guint64       first,
                                   guint         limit,
                                   GCancellable *cancellable,
                                   GError      **error);
  gint64       (*count)           (AuStore      *self,
                                   AuQuery      *query,
                                   GCancellable *cancellable,
                                   GError      **error);
  gint         (*cleanup_expired) (AuStore      *self,
                                   gint64        now,
                                   guint         limit,
                                   GCancellable *cancellable,
                                   GError      **error);
  GSource     *(*create_source)   (AuStore      *self);
  GPtrArray   *(*list_changes)    (AuStore      *self,
                                   guint64      *position);
  GPtrArray   *(*load_many)       (AuStore             *self,
                                   const char * const  *keys,
                                   GCancellable        *cancellable,
                                   GError             **error);

  /*< private >*/
  gpointer padding[6];
};

AU_AVAILABLE_IN_1_0
AuStoreFlags au_store_get_flags (AuStore *self);
AU_AVAILABLE_IN_1_0
AuDurability au_store_get_durability (AuStore *self);
AU_AVAILABLE_IN_1_0
AuRecord *au_store_insert (AuStore      *self,
                           AuRecord     *record,
                           gboolean     *created,
                           GCancellable *cancellable,
                           GError      **error);
AU_AVAILABLE_IN_1_0
AuRecord *au_store_load (AuStore      *self,
                         const char   *key,
                         GCancellable *cancellable,
                         GError      **error);
AU_AVAILABLE_IN_1_0
GPtrArray *au_store_load_many (AuStore             *self,
                               const char * const  *keys,
                               GCancellable        *cancellable,
                               GError             **error);
AU_AVAILABLE_IN_1_0
gboolean au_store_replace (AuStore      *self,
                           AuRecord     *record,
                           guint64       expected,
                           GCancellable *cancellable,
                           GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_store_remove (AuStore      *self,
                          const char   *key,
                          GCancellable *cancellable,
                          GError      **error);
AU_AVAILABLE_IN_1_0
GPtrArray *au_store_list (AuStore      *self,
                          AuQuery      *query,
                          GCancellable *cancellable,
                          GError      **error);
AU_AVAILABLE_IN_1_0
void au_store_write_many (AuStore      *self,
                          AuWrite      *writes,
                          gsize         n_writes,
                          GCancellable *cancellable);
AU_AVAILABLE_IN_1_0
gboolean au_store_append_item (AuStore      *self,
                               const char   *key,
                               guint         attempt,
                               guint64       index,
                               GVariant     *item,
                               GCancellable *cancellable,
                               GError      **error);
AU_AVAILABLE_IN_1_0
GPtrArray *au_store_list_items (AuStore      *self,
                                const char   *key,
                                guint64       first,
                                guint         limit,
                                GCancellable *cancellable,
                                GError      **error);
AU_AVAILABLE_IN_1_0
gint64 au_store_count (AuStore      *self,
                       AuQuery      *query,
                       GCancellable *cancellable,
                       GError      **error);
AU_AVAILABLE_IN_1_0
gint au_store_cleanup_expired (AuStore      *self,
                               gint64        now,
                               guint         limit,
                               GCancellable *cancellable,
                               GError      **error);
AU_AVAILABLE_IN_1_0
GSource *au_store_create_source (AuStore *self) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GPtrArray *au_store_list_changes (AuStore *self,
                                  guint64 *position) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
