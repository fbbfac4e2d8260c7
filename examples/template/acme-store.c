/* acme-store.c: the store “acme”, which keeps its records in a table
 *
 * A key file says
 *
 *   [store main]
 *   type=acme
 *   max-records=1000
 *
 * Every property is a key, and nothing else is. Rename “acme” everywhere, and put your own
 * way to keep records in the place of the table.
 */

#include <au/au.h>

#include <string.h>

struct _AcmeStore
{
  GObject     parent_instance;

  guint       max_records;

  GMutex      lock;       /* a store is asked from any thread */
  GHashTable *records;    /* key, which belongs to the record → AuRecord */
};

enum
{
  PROP_0,
  PROP_MAX_RECORDS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

#define ACME_TYPE_STORE (acme_store_get_type ())
G_DECLARE_FINAL_TYPE (AcmeStore, acme_store, ACME, STORE, GObject)

static void acme_store_iface_init (AuStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AcmeStore, acme_store, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_STORE, acme_store_iface_init))

static AuRecord *
find (AcmeStore   *self,
      const char  *key,
      GError     **error)
{
  AuRecord *record = g_hash_table_lookup (self->records, key);

  if (record == NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_NOT_FOUND, "There is no computation “%s”", key);
  return record;
}

static gboolean
is_unfinished (AuRecord *record)
{
  return !au_status_is_terminal (au_record_get_status (record));
}

/* The unfinished computation that has the unique key of @record, if it is another one. */
static AuRecord *
find_holder (AcmeStore *self,
             AuRecord  *record)
{
  const char *unique_key = au_options_get_unique_key (au_record_get_options (record));
  GHashTableIter iter;
  AuRecord *other;

  if (unique_key == NULL || !is_unfinished (record))
    return NULL;

  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &other))
    {
      if (is_unfinished (other) &&
          g_strcmp0 (unique_key, au_options_get_unique_key (au_record_get_options (other))) == 0 &&
          !g_str_equal (au_record_get_key (other), au_record_get_key (record)))
        return other;
    }

  return NULL;
}

static gboolean
is_same_call (AuRecord *a,
              AuRecord *b)
{
  GVariant *of_a = au_record_get_arguments (a);
  GVariant *of_b = au_record_get_arguments (b);

  if (!g_str_equal (au_record_get_function (a), au_record_get_function (b)))
    return FALSE;

  return of_a == of_b || (of_a != NULL && of_b != NULL && g_variant_equal (of_a, of_b));
}

/* Creates once: whoever submits the same call under the same key gets what is there. */
static AuRecord *
acme_store_insert (AuStore       *store,
                   AuRecord      *record,
                   gboolean      *created,
                   GCancellable  *cancellable,
                   GError       **error)
{
  AcmeStore *self = ACME_STORE (store);
  const char *key = au_record_get_key (record);
  g_autoptr(GMutexLocker) locker = NULL;
  AuRecord *stored;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  locker = g_mutex_locker_new (&self->lock);
  stored = g_hash_table_lookup (self->records, key);
  if (stored != NULL && !is_same_call (stored, record))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFLICT,
                   "The key “%s” names another computation already: choose another key", key);
      return NULL;
    }

  if (stored == NULL)
    stored = find_holder (self, record);
  if (stored != NULL)
    return au_record_ref (stored);

  if (self->max_records > 0 && g_hash_table_size (self->records) >= self->max_records)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                   "The store has its %u records: raise max-records, or give records a time to live",
                   self->max_records);
      return NULL;
    }

  g_hash_table_insert (self->records, (gpointer) key, au_record_ref (record));
  *created = TRUE;

  return au_record_ref (record);
}

static AuRecord *
acme_store_load (AuStore       *store,
                 const char    *key,
                 GCancellable  *cancellable,
                 GError       **error)
{
  AcmeStore *self = ACME_STORE (store);
  g_autoptr(GMutexLocker) locker = NULL;
  AuRecord *record;

  /* a key may come from anybody; where it becomes a path, this is what protects you */
  if (!au_key_check (key, error) || g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  locker = g_mutex_locker_new (&self->lock);
  record = find (self, key, error);

  return record != NULL ? au_record_ref (record) : NULL;
}

/* Changes only what nobody else has changed meanwhile, and only as is allowed. */
static gboolean
acme_store_replace (AuStore       *store,
                    AuRecord      *record,
                    guint64        expected,
                    GCancellable  *cancellable,
                    GError       **error)
{
  AcmeStore *self = ACME_STORE (store);
  const char *key = au_record_get_key (record);
  g_autoptr(GMutexLocker) locker = NULL;
  AuRecord *stored, *holder;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  locker = g_mutex_locker_new (&self->lock);
  stored = find (self, key, error);
  if (stored == NULL)
    return FALSE;

  if (au_record_get_revision (stored) != expected)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_CONFLICT,
                   "Somebody else has changed “%s” meanwhile: load it again", key);
      return FALSE;
    }

  if (!au_transition_check (stored, record, error))
    return FALSE;

  holder = is_unfinished (stored) ? NULL : find_holder (self, record);
  if (holder != NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION,
                   "“%s” cannot be tried again: “%s” has its unique key now", key,
                   au_record_get_key (holder));
      return FALSE;
    }

  g_hash_table_replace (self->records, (gpointer) key, au_record_ref (record));

  return TRUE;
}

static gboolean
acme_store_remove (AuStore       *store,
                   const char    *key,
                   GCancellable  *cancellable,
                   GError       **error)
{
  AcmeStore *self = ACME_STORE (store);
  g_autoptr(GMutexLocker) locker = NULL;

  if (!au_key_check (key, error) || g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  locker = g_mutex_locker_new (&self->lock);

  return find (self, key, error) != NULL && g_hash_table_remove (self->records, key);
}

static int
compare_keys (gconstpointer a,
              gconstpointer b)
{
  return strcmp (au_record_get_key (*(AuRecord *const *) a), au_record_get_key (*(AuRecord *const *) b));
}

/* What the query wants, in the order of keys. */
static GPtrArray *
acme_store_list (AuStore       *store,
                 AuQuery       *query,
                 GCancellable  *cancellable,
                 GError       **error)
{
  AcmeStore *self = ACME_STORE (store);
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  guint limit = au_query_get_limit (query);
  GHashTableIter iter;
  AuRecord *record;

  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &record))
    {
      if (au_query_matches (query, record))
        g_ptr_array_add (records, au_record_ref (record));
    }

  g_ptr_array_sort (records, compare_keys);
  if (limit > 0 && records->len > limit)
    g_ptr_array_set_size (records, limit);

  return records;
}

/* It never blocks. A store of files or of a network says AU_STORE_PERSISTENT and
 * AU_STORE_SHARED where that is so; the engine then asks it in a thread. */
static AuStoreFlags
acme_store_get_flags (AuStore *store)
{
  return AU_STORE_IMMEDIATE;
}

/* The other functions of the interface are optional: counting, cleaning up and writing many
 * at once are done by these here, until you do them faster. Without append_item () the store
 * keeps no items, and without create_source () the engine looks for changes once a second. */
static void
acme_store_iface_init (AuStoreInterface *iface)
{
  iface->get_flags = acme_store_get_flags;
  iface->insert = acme_store_insert;
  iface->load = acme_store_load;
  iface->replace = acme_store_replace;
  iface->remove = acme_store_remove;
  iface->list = acme_store_list;
}

static void
acme_store_get_property (GObject    *object,
                         guint       property_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  AcmeStore *self = ACME_STORE (object);

  switch (property_id)
    {
    case PROP_MAX_RECORDS:
      g_value_set_uint (value, self->max_records);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
acme_store_set_property (GObject      *object,
                         guint         property_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  AcmeStore *self = ACME_STORE (object);

  switch (property_id)
    {
    case PROP_MAX_RECORDS:
      self->max_records = g_value_get_uint (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
acme_store_finalize (GObject *object)
{
  AcmeStore *self = ACME_STORE (object);

  g_hash_table_unref (self->records);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (acme_store_parent_class)->finalize (object);
}

static void
acme_store_class_init (AcmeStoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = acme_store_finalize;
  object_class->get_property = acme_store_get_property;
  object_class->set_property = acme_store_set_property;

  /* The range is checked before the store is made, and “au inspect store/acme” shows it. */
  properties[PROP_MAX_RECORDS] =
    g_param_spec_uint ("max-records", NULL, "How many records it keeps at most; 0 for any number",
                       0, 1000000, 0,
                       G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
acme_store_init (AcmeStore *self)
{
  g_mutex_init (&self->lock);
  self->records = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                         (GDestroyNotify) au_record_unref);
}

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "acme", acme_store_get_type },
  { 0 }
};

/* The first word is the name of the file: au_store_acme.so is where “type=acme” is looked
 * for. */
AU_MODULE_DEFINE (au_store_acme, "0.1", "LGPL-2.1-or-later", "Records in a table", types, NULL)
