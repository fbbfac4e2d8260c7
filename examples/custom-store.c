/* custom-store.c: a store of one's own, whole, over a hash table
 *
 *   cc custom-store.c -o custom-store $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>
#include <string.h>

#define EXAMPLE_TYPE_STORE (example_store_get_type ())
G_DECLARE_FINAL_TYPE (ExampleStore, example_store, EXAMPLE, STORE, GObject)

struct _ExampleStore
{
  GObject     parent_instance;
  GMutex      lock;       /* a store is asked from any thread */
  GHashTable *records;    /* key, which belongs to the record → AuRecord */
};

static AuRecord *
find (ExampleStore  *self,
      const char    *key,
      GError       **error)
{
  AuRecord *record = g_hash_table_lookup (self->records, key);

  if (record == NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_NOT_FOUND, "There is no computation “%s”", key);
  return record;
}

/* An unfinished computation that has the same unique key as @record, or NULL. */
static AuRecord *
find_unique (ExampleStore *self,
             AuRecord     *record)
{
  const char *wanted = au_options_get_unique_key (au_record_get_options (record));
  GHashTableIter iter;
  AuRecord *other;

  g_hash_table_iter_init (&iter, self->records);
  while (wanted != NULL && g_hash_table_iter_next (&iter, NULL, (gpointer *) &other))
    if (!au_status_is_terminal (au_record_get_status (other)) &&
        g_strcmp0 (wanted, au_options_get_unique_key (au_record_get_options (other))) == 0)
      return other;
  return NULL;
}

static gboolean
same_call (AuRecord *a,
           AuRecord *b)
{
  GVariant *of_a = au_record_get_arguments (a);
  GVariant *of_b = au_record_get_arguments (b);

  if (!g_str_equal (au_record_get_function (a), au_record_get_function (b)))
    return FALSE;
  return of_a == of_b || (of_a != NULL && of_b != NULL && g_variant_equal (of_a, of_b));
}

/* Creates once. Whoever submits the same call under the same key gets what is there. */
static AuRecord *
example_store_insert (AuStore      *store,
                      AuRecord     *record,
                      gboolean     *created,
                      GCancellable *cancellable,
                      GError      **error)
{
  ExampleStore *self = EXAMPLE_STORE (store);
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const char *key = au_record_get_key (record);
  AuRecord *there = g_hash_table_lookup (self->records, key);

  if (there != NULL && !same_call (there, record))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFLICT,
                   "The key “%s” already names another computation", key);
      return NULL;
    }
  if (there == NULL)
    there = find_unique (self, record);
  if (there != NULL)
    return au_record_ref (there);

  g_hash_table_insert (self->records, (gpointer) key, au_record_ref (record));
  *created = TRUE;
  return au_record_ref (record);
}

static AuRecord *
example_store_load (AuStore      *store,
                    const char   *key,
                    GCancellable *cancellable,
                    GError      **error)
{
  ExampleStore *self = EXAMPLE_STORE (store);
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  AuRecord *record = find (self, key, error);

  return record != NULL ? au_record_ref (record) : NULL;
}

/* Changes only what nobody else has changed meanwhile, and only as is allowed. */
static gboolean
example_store_replace (AuStore      *store,
                       AuRecord     *record,
                       guint64       expected,
                       GCancellable *cancellable,
                       GError      **error)
{
  ExampleStore *self = EXAMPLE_STORE (store);
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const char *key = au_record_get_key (record);
  AuRecord *old = find (self, key, error);

  if (old == NULL)
    return FALSE;
  if (au_record_get_revision (old) != expected)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFLICT, "Somebody else has changed “%s”", key);
      return FALSE;
    }
  if (!au_transition_check (old, record, error))
    return FALSE;

  g_hash_table_replace (self->records, (gpointer) key, au_record_ref (record));
  return TRUE;
}

static gboolean
example_store_remove (AuStore      *store,
                      const char   *key,
                      GCancellable *cancellable,
                      GError      **error)
{
  ExampleStore *self = EXAMPLE_STORE (store);
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return find (self, key, error) != NULL && g_hash_table_remove (self->records, key);
}

static int
compare_keys (gconstpointer a,
              gconstpointer b)
{
  return strcmp (au_record_get_key (*(AuRecord *const *) a),
                 au_record_get_key (*(AuRecord *const *) b));
}

/* What the query wants, in the order of keys. */
static GPtrArray *
example_store_list (AuStore      *store,
                    AuQuery      *query,
                    GCancellable *cancellable,
                    GError      **error)
{
  ExampleStore *self = EXAMPLE_STORE (store);
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  guint limit = au_query_get_limit (query);
  GHashTableIter iter;
  AuRecord *record;

  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &record))
    if (au_query_matches (query, record))
      g_ptr_array_add (records, au_record_ref (record));
  g_ptr_array_sort (records, compare_keys);
  if (limit > 0 && records->len > limit)
    g_ptr_array_set_size (records, limit);
  return records;
}

/* It never blocks, so that the engine may ask it from anywhere. */
static AuStoreFlags
example_store_get_flags (AuStore *store)
{
  return AU_STORE_IMMEDIATE;
}

/* The other functions of the interface are made of these, or are not needed: counting,
 * cleaning up, writing many at once, items, and telling of changes. */
static void
example_store_iface_init (AuStoreInterface *iface)
{
  iface->get_flags = example_store_get_flags;
  iface->insert = example_store_insert;
  iface->load = example_store_load;
  iface->replace = example_store_replace;
  iface->remove = example_store_remove;
  iface->list = example_store_list;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (ExampleStore, example_store, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_STORE, example_store_iface_init))

static void
example_store_finalize (GObject *object)
{
  g_hash_table_unref (EXAMPLE_STORE (object)->records);
  g_mutex_clear (&EXAMPLE_STORE (object)->lock);
  G_OBJECT_CLASS (example_store_parent_class)->finalize (object);
}

static void
example_store_class_init (ExampleStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = example_store_finalize;
}

static void
example_store_init (ExampleStore *self)
{
  g_mutex_init (&self->lock);
  self->records = g_hash_table_new_full (g_str_hash, g_str_equal,
                                         NULL, (GDestroyNotify) au_record_unref);
}

static GVariant *
process (AuCall    *call,
         GVariant  *arguments,
         gpointer   user_data,
         GError   **error)
{
  return g_variant_get_child_value (arguments, 0);
}

static const AuFunctionEntry functions[] = {
  { "process", "(s)", "s", process, AU_FUNCTION_NONE, "gives back what it is given" },
  { NULL }
};

int
main (void)
{
  g_autoptr(AuStore) store = g_object_new (EXAMPLE_TYPE_STORE, NULL);
  g_autoptr(AuBackend) backend = NULL;
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GError) error = NULL;
  const char *keys[] = { "red", "green", "blue", "green" };

  setlocale (LC_ALL, "");
  au_functions_register (functions);
  backend = au_part_new (AU_MODULE_BACKEND, "thread", &error, NULL);
  if (backend != NULL)
    engine = au_engine_new_with_parts (store, backend);

  for (guint i = 0; i < G_N_ELEMENTS (keys) && error == NULL; i++)
    {
      g_autoptr(AuOptions) options = au_options_new ();
      g_autoptr(GVariant) value = NULL;

      /* The second “green” is not computed: the store has it. */
      au_options_set_key (options, keys[i]);
      value = au_engine_call (engine, "process", g_variant_new ("(s)", keys[i]), options,
                              -1, NULL, &error);
    }
  if (error == NULL)
    records = au_store_list (store, query, NULL, &error);
  if (error != NULL)
    {
      g_printerr ("custom-store: %s\n", error->message);
      return 1;
    }

  for (guint i = 0; i < records->len; i++)
    {
      AuRecord *record = g_ptr_array_index (records, i);

      g_print ("%-5s %s, revision %" G_GUINT64_FORMAT "\n", au_record_get_key (record),
               au_status_to_string (au_record_get_status (record)),
               au_record_get_revision (record));
    }
  return 0;
}
