/* au-engine.c: one store, one backend, middleware and functions
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-config-private.h"
#include "au-engine-private.h"
#include "au-options-private.h"

#include <au/au-error.h>
#include <au/au-owner.h>
#include <au/au-param.h>
#include <au/au-part.h>
#include <au/au-queue.h>
#include <au/au-schedule.h>
#include <au/au-worker.h>

#include <glib/gi18n-lib.h>

/**
 * AuEngine:
 *
 * What makes functions run asynchronously: a store that keeps the records, a backend
 * that runs the computations, middleware around them, and a table of functions.
 *
 * An engine is made from a key file by [ctor@Au.Engine.new], or of parts by
 * [ctor@Au.Engine.new_with_parts]. It lives on after its last reference is dropped
 * until the computations that it runs have ended, in any thread. If it was given parts that
 * come from no module, or functions with data to free, it drops its parts and functions in the
 * thread that made it: at once if it ends there, or else when the main context that was
 * thread-default there is iterated, or when the next engine is made there.
 *
 * Engines are MT safe. Middleware and functions are added before the first submission.
 *
 * Since: 1.0
 */

static void au_engine_initable_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuEngine, au_engine, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, au_engine_initable_init))

enum
{
  PROP_STORE = 1,
  PROP_BACKEND,
  PROP_MIDDLEWARE,
  PROP_TTL,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
set_chain (AuEngine *self)
{
  guint n_items = g_list_model_get_n_items (self->middleware);

  if (n_items == 0)
    return;

  self->chain = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n_items; i++)
    {
      gpointer middleware = g_list_model_get_item (self->middleware, i);

      au_engine_note_part (self, middleware);
      g_ptr_array_add (self->chain, middleware);
    }
}

static void
copy_middleware (AuEngine   *self,
                 GListModel *model)
{
  for (guint i = 0; model != NULL && i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr(GObject) middleware = g_list_model_get_item (model, i);

      g_list_store_append (G_LIST_STORE (self->middleware), middleware);
    }
}

static gboolean
check_queue (AuEngine  *self,
             GError   **error)
{
  if (au_backend_get_queue (self->backend) == NULL || AU_IS_QUEUE (self->store))
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
               _("The backend “%s” leaves computations to workers, for which the store must be a queue, and “%s” is none: use another store"),
               G_OBJECT_TYPE_NAME (self->backend), G_OBJECT_TYPE_NAME (self->store));
  return FALSE;
}

static gboolean
au_engine_init_parts (GInitable     *initable,
                      GCancellable  *cancellable,
                      GError       **error)
{
  AuEngine *self = AU_ENGINE (initable);
  AuStoreFlags flags;

  if (self->store == NULL || self->backend == NULL)
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                           self->store == NULL ? _("An engine needs a store: set “store”")
                                               : _("An engine needs a backend: set “backend”"));
      return FALSE;
    }

  /* Twice is once. */
  if (self->table != NULL)
    return TRUE;

  au_engine_end_former ();
  if (!check_queue (self, error))
    return FALSE;

  self->store_iface = AU_STORE_GET_IFACE (self->store);
  self->backend_iface = AU_BACKEND_GET_IFACE (self->backend);
  self->synchronous = (au_backend_get_flags (self->backend) & AU_BACKEND_SYNCHRONOUS) != 0;
  flags = au_store_get_flags (self->store);
  self->direct = self->synchronous || (flags & AU_STORE_IMMEDIATE) != 0;
  self->shared = (flags & AU_STORE_SHARED) != 0;
  self->owner = au_owner_get_own ();
  self->queue = g_strdup (au_backend_get_queue (self->backend));
  self->table = au_computation_table_new (self);
  self->service = au_service_new ();
  self->follower = au_follower_new (self->store, self->service);
  if (!self->direct)
    self->ledger = au_ledger_new (self->store);
  au_engine_note_part (self, self->store);
  au_engine_note_part (self, self->backend);
  set_chain (self);
  au_engine_peers_add (self);

  return TRUE;
}

static void
au_engine_initable_init (GInitableIface *iface)
{
  iface->init = au_engine_init_parts;
}

static void
engine_function_free (gpointer data)
{
  AuEngineFunction *entry = data;

  g_object_unref (entry->function);
  g_free (entry);
}

static void
au_engine_finalize (GObject *object)
{
  AuEngine *self = AU_ENGINE (object);

  if (self->table != NULL)
    au_engine_peers_remove (self);
  if (self->service != NULL)
    au_service_stop (self->service);
  g_clear_pointer (&self->follower, au_follower_free);
  g_clear_pointer (&self->service, au_service_unref);
  g_clear_pointer (&self->ledger, au_ledger_stop);
  g_clear_pointer (&self->table, au_computation_table_free);
  g_clear_object (&self->plain_options);
  g_clear_object (&self->full_options);
  g_free (self->queue);
  g_clear_pointer (&self->store_settings, g_variant_unref);
  au_engine_drop_parts (self);
  g_rw_lock_clear (&self->functions_lock);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_engine_parent_class)->finalize (object);
}

static GVariant *
describe_store (AuStore *store)
{
  const AuStoreFlags outlives = AU_STORE_PERSISTENT | AU_STORE_SHARED;
  g_auto(GStrv) settings = NULL;

  if ((~au_store_get_flags (store) & outlives) != 0)
    return NULL;

  settings = au_part_dup_settings (G_OBJECT (store));
  if (settings == NULL)
    return NULL;

  return g_variant_ref_sink (g_variant_new ("(s^as)", au_part_get_type_name (G_OBJECT (store)),
                                            settings));
}

/* How another process opens the store, or %NULL when none can, or need. */
GVariant *
au_engine_dup_store_settings (AuEngine *self)
{
  g_autoptr(GVariant) made = NULL;
  GVariant *settings;
  gboolean described;

  g_mutex_lock (&self->lock);
  described = self->store_described;
  g_mutex_unlock (&self->lock);

  if (!described)
    made = describe_store (self->store);

  g_mutex_lock (&self->lock);
  if (!self->store_described)
    {
      self->store_settings = g_steal_pointer (&made);
      self->store_described = TRUE;
    }
  settings = self->store_settings != NULL ? g_variant_ref (self->store_settings) : NULL;
  g_mutex_unlock (&self->lock);

  return settings;
}

static void
au_engine_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  AuEngine *self = AU_ENGINE (object);

  switch (prop_id)
    {
    case PROP_STORE:
      g_value_set_object (value, self->store);
      break;
    case PROP_BACKEND:
      g_value_set_object (value, self->backend);
      break;
    case PROP_MIDDLEWARE:
      g_value_set_object (value, self->middleware);
      break;
    case PROP_TTL:
      g_value_set_int64 (value, self->ttl);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_engine_set_property (GObject      *object,
                        guint         prop_id,
                        const GValue *value,
                        GParamSpec   *pspec)
{
  AuEngine *self = AU_ENGINE (object);

  switch (prop_id)
    {
    case PROP_STORE:
      self->store = g_value_dup_object (value);
      break;
    case PROP_BACKEND:
      self->backend = g_value_dup_object (value);
      break;
    case PROP_MIDDLEWARE:
      copy_middleware (self, g_value_get_object (value));
      break;
    case PROP_TTL:
      self->ttl = g_value_get_int64 (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_engine_class_init (AuEngineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = au_engine_finalize;
  object_class->get_property = au_engine_get_property;
  object_class->set_property = au_engine_set_property;

  /**
   * AuEngine:store:
   *
   * Where records are kept.
   *
   * Since: 1.0
   */
  props[PROP_STORE] = g_param_spec_object ("store", NULL, _("Where records are kept"),
                                           AU_TYPE_STORE, flags);

  /**
   * AuEngine:backend:
   *
   * Where computations run.
   *
   * Since: 1.0
   */
  props[PROP_BACKEND] = g_param_spec_object ("backend", NULL, _("Where computations run"),
                                             AU_TYPE_BACKEND, flags);

  /**
   * AuEngine:middleware:
   *
   * What runs around computations, in this order: a list of [iface@Au.Middleware].
   *
   * Since: 1.0
   */
  props[PROP_MIDDLEWARE] = g_param_spec_object ("middleware", NULL,
                                                _("What runs around computations, in this order"),
                                                G_TYPE_LIST_MODEL, flags);

  /**
   * AuEngine:ttl:
   *
   * How long records are kept after their computation has ended, in microseconds, where
   * its options do not say; 0 for ever.
   *
   * Since: 1.0
   */
  props[PROP_TTL] = au_param_spec_duration ("ttl", NULL,
                                            _("How long records are kept after their end; 0 for ever"),
                                            0, G_MAXINT64, 0, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_set_qdata (AU_TYPE_ENGINE, AU_CONFIG_WORKER_QUARK, GSIZE_TO_POINTER (AU_TYPE_WORKER));
  g_type_set_qdata (AU_TYPE_ENGINE, AU_CONFIG_SCHEDULE_QUARK, GSIZE_TO_POINTER (AU_TYPE_SCHEDULE));
}

static void
au_engine_init (AuEngine *self)
{
  g_mutex_init (&self->lock);
  g_rw_lock_init (&self->functions_lock);
  self->functions = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, engine_function_free);
  self->middleware = G_LIST_MODEL (g_list_store_new (AU_TYPE_MIDDLEWARE));
  self->maker = g_thread_ref (g_thread_self ());
  self->context = g_main_context_ref_thread_default ();

  /* Who waits first waits for a thread that is only being made, and is in its way. */
  self->thread_spin.credit = -1;
}

/**
 * au_engine_new:
 * @path: (nullable) (type filename): a key file, or %NULL for the first that is found at
 *   `$AU_CONFIG`, `./au.conf`, `$XDG_CONFIG_HOME/au/au.conf` and in `$XDG_CONFIG_DIRS`,
 *   or else built-in settings
 * @error: return location for an error
 *
 * Creates the engine that a key file describes.
 *
 * Fails with %AU_ERROR_CONFIG when the file is not acceptable, with the errors of
 * modules, and with those of its parts.
 *
 * Returns: (transfer full): the engine
 *
 * Since: 1.0
 */
AuEngine *
au_engine_new (const char  *path,
               GError     **error)
{
  g_autoptr(AuConfig) config = NULL;

  config = path != NULL ? au_config_new_from_file (path, error) : au_config_find (error);
  if (config == NULL)
    return NULL;

  return au_engine_new_from_config (config, error);
}

/**
 * au_engine_new_from_config:
 * @config: settings
 * @error: return location for an error
 *
 * Creates the engine that @config describes in its group `[au]`.
 *
 * Fails as [ctor@Au.Engine.new] does.
 *
 * Returns: (transfer full): the engine
 *
 * Since: 1.0
 */
AuEngine *
au_engine_new_from_config (AuConfig  *config,
                           GError   **error)
{
  g_return_val_if_fail (AU_IS_CONFIG (config), NULL);

  return (AuEngine *) au_config_create (config, AU_TYPE_ENGINE, "au", error);
}

/**
 * au_engine_new_with_parts:
 * @store: where records are kept
 * @backend: where computations run
 *
 * Creates an engine of parts that the program has made.
 *
 * Returns: (transfer full): the engine
 *
 * Since: 1.0
 */
AuEngine *
au_engine_new_with_parts (AuStore   *store,
                          AuBackend *backend)
{
  g_return_val_if_fail (AU_IS_STORE (store), NULL);
  g_return_val_if_fail (AU_IS_BACKEND (backend), NULL);

  return g_initable_new (AU_TYPE_ENGINE, NULL, NULL,
                         "store", store,
                         "backend", backend,
                         NULL);
}

/**
 * au_engine_get_store:
 * @self: an engine
 *
 * Gets where records are kept.
 *
 * MT safe.
 *
 * Returns: (transfer none): the store
 *
 * Since: 1.0
 */
AuStore *
au_engine_get_store (AuEngine *self)
{
  g_return_val_if_fail (AU_IS_ENGINE (self), NULL);

  return self->store;
}

/**
 * au_engine_get_backend:
 * @self: an engine
 *
 * Gets where computations run.
 *
 * MT safe.
 *
 * Returns: (transfer none): the backend
 *
 * Since: 1.0
 */
AuBackend *
au_engine_get_backend (AuEngine *self)
{
  g_return_val_if_fail (AU_IS_ENGINE (self), NULL);

  return self->backend;
}

/**
 * au_engine_get_middleware:
 * @self: an engine
 *
 * Gets what runs around computations.
 *
 * Returns: (transfer none): a list of [iface@Au.Middleware], in their order
 *
 * Since: 1.0
 */
GListModel *
au_engine_get_middleware (AuEngine *self)
{
  g_return_val_if_fail (AU_IS_ENGINE (self), NULL);

  return self->middleware;
}

/**
 * au_engine_add_middleware:
 * @self: an engine
 * @middleware: a middleware
 *
 * Adds a middleware at the end of the chain. To be called before the first submission.
 *
 * Since: 1.0
 */
void
au_engine_add_middleware (AuEngine     *self,
                          AuMiddleware *middleware)
{
  g_return_if_fail (AU_IS_ENGINE (self));
  g_return_if_fail (AU_IS_MIDDLEWARE (middleware));

  g_list_store_append (G_LIST_STORE (self->middleware), middleware);
  if (self->chain == NULL)
    self->chain = g_ptr_array_new_with_free_func (g_object_unref);
  au_engine_note_part (self, middleware);
  g_ptr_array_add (self->chain, g_object_ref (middleware));
}

static AuEngineFunction *
keep_function (AuEngine   *self,
               AuFunction *function)
{
  AuEngineFunction *entry, *existing;
  const char *name = g_intern_string (au_function_get_name (function));

  entry = g_new0 (AuEngineFunction, 1);
  entry->function = g_object_ref (function);
  entry->name = name;

  g_rw_lock_writer_lock (&self->functions_lock);
  existing = g_hash_table_lookup (self->functions, name);
  if (existing == NULL)
    g_hash_table_insert (self->functions, (gpointer) name, entry);
  g_rw_lock_writer_unlock (&self->functions_lock);

  if (existing == NULL)
    return entry;

  engine_function_free (entry);

  return existing;
}

/**
 * au_engine_add_function:
 * @self: an engine
 * @function: a function
 *
 * Adds a function that only this engine knows. It is found before one of the same name
 * that is registered for the whole program. To be called before the function is first
 * submitted; the first of a name stays.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_engine_add_function (AuEngine   *self,
                        AuFunction *function)
{
  g_return_if_fail (AU_IS_ENGINE (self));
  g_return_if_fail (AU_IS_FUNCTION (function));

  au_engine_note_function (self, function);
  keep_function (self, function);
}

AuEngineFunction *
au_engine_get_function (AuEngine    *self,
                        const char  *name,
                        GError     **error)
{
  AuEngineFunction *entry = g_atomic_pointer_get (&self->last_function);

  if (entry != NULL && (entry->name == name || g_str_equal (entry->name, name)))
    return entry;

  g_rw_lock_reader_lock (&self->functions_lock);
  entry = g_hash_table_lookup (self->functions, name);
  g_rw_lock_reader_unlock (&self->functions_lock);

  if (entry == NULL)
    {
      g_autoptr(AuFunction) function = au_part_find_function (name, error);

      if (function == NULL)
        return NULL;

      entry = keep_function (self, function);
    }

  g_atomic_pointer_set (&self->last_function, entry);

  return entry;
}

/**
 * au_engine_find_function:
 * @self: an engine
 * @name: the name of a function
 * @error: return location for an error
 *
 * Finds a function of this engine, one that is registered, or one that a module
 * provides, in this order. It may open the module.
 *
 * Fails with %AU_ERROR_UNKNOWN_FUNCTION, and with the errors of modules.
 *
 * MT safe.
 *
 * Returns: (transfer full): the function
 *
 * Since: 1.0
 */
AuFunction *
au_engine_find_function (AuEngine    *self,
                         const char  *name,
                         GError     **error)
{
  AuEngineFunction *entry;

  g_return_val_if_fail (AU_IS_ENGINE (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  entry = au_engine_get_function (self, name, error);

  return entry != NULL ? g_object_ref (entry->function) : NULL;
}

/* Adds what the engine gives to all computations: a time to live and a queue. */
static AuOptions *
add_defaults (AuEngine  *self,
              AuOptions *options)
{
  g_autoptr(GVariant) values = au_options_to_variant (options);
  g_autoptr(AuOptions) copy = au_options_new_from_variant (values, NULL);

  if (au_options_get_ttl (copy) == 0)
    au_options_set_ttl (copy, self->ttl);
  if (self->queue != NULL && au_options_get_queue (copy) == NULL)
    au_options_set_queue (copy, self->queue);

  return au_options_seal (copy);
}

/* Takes a sealed copy of @options, with what the engine adds where they do not say. Many
 * computations are submitted with the same options one after another. */
AuOptions *
au_engine_seal_options (AuEngine  *self,
                        AuOptions *options)
{
  AuOptions *sealed = au_options_seal (options);
  AuOptions *full;

  if (G_LIKELY ((self->ttl == 0 || au_options_peek_number (sealed, AU_OPTIONS_TTL) > 0) &&
                (self->queue == NULL || au_options_get_queue (sealed) != NULL)))
    return sealed;

  g_mutex_lock (&self->lock);
  if (self->plain_options != sealed)
    {
      g_set_object (&self->plain_options, sealed);
      g_clear_object (&self->full_options);
      self->full_options = add_defaults (self, sealed);
    }
  full = g_object_ref (self->full_options);
  g_mutex_unlock (&self->lock);

  au_options_unseal (sealed);

  return full;
}
