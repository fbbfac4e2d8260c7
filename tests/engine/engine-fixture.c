/* engine-fixture.c: what the tests of the engine share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine-fixture.h"

#include <au-test/au-test.h>

static const char * const stores[] = { "memory", "held", "file" };
static const char * const backends[] = { "inline", "loop", "thread", "process" };

void
fixture_init (int                   *argc,
              char                ***argv,
              const AuFunctionEntry *functions)
{
  /* The backend “process” starts this program again as its worker. */
  held_call_register ();
  if (functions != NULL)
    au_functions_register (functions);
  au_init (argc, argv);

  g_test_init (argc, argv, NULL);
  board_init ();
  held_call_listen ();
}

static gboolean
is_wanted (const char *store,
           const char *backend)
{
  /* Where a function runs is nothing to a store: two of them are enough for processes. */
  if (g_str_equal (store, "held"))
    return !g_str_equal (backend, "process");

  return au_part_get_gtype (AU_MODULE_STORE, store, NULL) != 0;
}

static void
add_one (const char *path,
         const char *store,
         const char *backend,
         PartsFunc   func)
{
  Parts *parts = g_new (Parts, 1);
  g_autofree char *whole = g_strdup_printf ("%s/%s/%s", path, backend, store);

  parts->store = store;
  parts->backend = backend;
  g_test_add_data_func_full (whole, parts, (GTestDataFunc) (void (*) (void)) func, g_free);
}

void
fixture_add (const char *path,
             const char *wanted,
             PartsFunc   func)
{
  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    {
      if (wanted != NULL && strstr (wanted, backends[i]) == NULL)
        continue;

      for (guint j = 0; j < G_N_ELEMENTS (stores); j++)
        {
          if (is_wanted (stores[j], backends[i]))
            add_one (path, stores[j], backends[i], func);
        }
    }
}

static void
remove_folder (gpointer folder)
{
  au_test_remove_folder (folder);
  g_free (folder);
}

guint
fixture_scale (const Parts *parts,
               guint        n)
{
  return g_str_equal (parts->store, "file") ? n / 10 : n;
}

char *
fixture_folder_new (void)
{
  g_autoptr(GError) error = NULL;
  char *folder = g_dir_make_tmp ("au-engine-XXXXXX", &error);

  g_assert_no_error (error);
  g_test_queue_destroy (remove_folder, g_strdup (folder));

  return folder;
}

AuStore *
fixture_store_new (const char *type)
{
  g_autoptr(GError) error = NULL;
  AuStore *store;

  if (g_str_equal (type, "held"))
    return fixture_held_store_new (AU_STORE_NONE);

  if (g_str_equal (type, "file"))
    {
      g_autofree char *folder = fixture_folder_new ();

      store = au_part_new (AU_MODULE_STORE, type, &error, "path", folder, NULL);
    }
  else
    {
      store = au_part_new (AU_MODULE_STORE, type, &error, NULL);
    }
  g_assert_no_error (error);

  return store;
}

AuBackend *
fixture_backend_new (const char *type)
{
  /* Room for all calls that a test holds at a time, and nothing that outlives a test that fails. */
  static const char * const settings[] = { "max-workers=4", "orphans=kill", NULL };
  static const char * const none[] = { NULL };
  g_autoptr(GError) error = NULL;
  GObject *backend;

  backend = au_part_new_from_strings (AU_MODULE_BACKEND, type, g_str_equal (type, "process") ? settings : none, &error);
  g_assert_no_error (error);

  return AU_BACKEND (backend);
}

AuEngine *
fixture_engine_new (const Parts *parts)
{
  g_autoptr(AuStore) store = fixture_store_new (parts->store);
  g_autoptr(AuBackend) backend = fixture_backend_new (parts->backend);

  return au_engine_new_with_parts (store, backend);
}

AuEngine *
fixture_engine_new_with (const Parts *parts,
                         AuFunction  *function)
{
  AuEngine *engine = fixture_engine_new (parts);

  au_engine_add_function (engine, function);
  g_object_unref (function);

  return engine;
}

AuHandle *
fixture_submit (AuEngine   *engine,
                const char *function,
                GVariant   *arguments,
                AuOptions  *options)
{
  g_autoptr(GError) error = NULL;
  AuHandle *handle;

  handle = au_engine_submit (engine, function, arguments, options, &error);
  g_assert_no_error (error);
  g_assert_true (AU_IS_HANDLE (handle));

  return handle;
}

static void
take_result_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  GAsyncResult **place = data;

  g_assert_null (*place);
  *place = g_object_ref (result);
}

static void
iterate_until_set (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

gboolean
fixture_wait (AuHandle  *handle,
              GError   **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  au_handle_wait_async (handle, NULL, take_result_cb, &result);
  g_assert_null (result);
  iterate_until_set (&result);

  return au_handle_wait_finish (handle, result, error);
}

GVariant *
fixture_next_item (AuHandle  *handle,
                   GError   **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  au_handle_next_item_async (handle, NULL, take_result_cb, &result);
  g_assert_null (result);
  iterate_until_set (&result);

  return au_handle_next_item_finish (handle, result, error);
}

AuHandle *
fixture_submit_async (AuEngine   *engine,
                      const char *function,
                      GVariant   *arguments,
                      AuOptions  *options,
                      GError    **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  au_engine_submit_async (engine, function, arguments, options, NULL, take_result_cb, &result);
  g_assert_null (result);
  iterate_until_set (&result);

  return au_engine_submit_finish (engine, result, error);
}

static void
gone_cb (gpointer data,
         GObject *where)
{
  gint *gone = data;

  g_atomic_int_set (gone, TRUE);
  g_main_context_wakeup (NULL);
}

void
fixture_drop (AuEngine *engine)
{
  gint gone = FALSE;

  g_object_weak_ref (G_OBJECT (engine), gone_cb, &gone);
  g_object_unref (engine);
  while (!g_atomic_int_get (&gone))
    g_main_context_iteration (NULL, TRUE);
}

void
gate_init (Gate *gate)
{
  g_mutex_init (&gate->lock);
  g_cond_init (&gate->cond);
  gate->count = 0;
}

void
gate_clear (Gate *gate)
{
  g_cond_clear (&gate->cond);
  g_mutex_clear (&gate->lock);
}

void
gate_post (Gate *gate)
{
  g_mutex_lock (&gate->lock);
  gate->count++;
  g_cond_broadcast (&gate->cond);
  g_mutex_unlock (&gate->lock);
}

void
gate_await (Gate  *gate,
            guint  count)
{
  g_mutex_lock (&gate->lock);
  while (gate->count < count)
    g_cond_wait (&gate->cond, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

AuRecord *
fixture_load (AuEngine   *engine,
              const char *key)
{
  g_autoptr(GError) error = NULL;
  AuRecord *record;

  record = au_store_load (au_engine_get_store (engine), key, NULL, &error);
  g_assert_no_error (error);

  return record;
}

/* The store. */

struct _FixtureStore
{
  GObject      parent_instance;

  AuStore     *memory;
  AuStoreFlags flags;
  gboolean     silent;

  GMutex       lock;
  GCond        cond;
  gboolean     hold;
  gboolean     full;
  guint        n_held;
};

static void fixture_held_store_iface_init (AuStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FixtureStore, fixture_held_store, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_STORE, fixture_held_store_iface_init))

static AuStoreFlags
held_get_flags (AuStore *store)
{
  return FIXTURE_STORE (store)->flags;
}

static gboolean
pass (FixtureStore  *self,
      GError       **error)
{
  gboolean full;

  g_mutex_lock (&self->lock);
  self->n_held++;
  g_cond_broadcast (&self->cond);
  while (self->hold)
    g_cond_wait (&self->cond, &self->lock);
  self->n_held--;
  full = self->full;
  g_mutex_unlock (&self->lock);

  if (full)
    g_set_error_literal (error, AU_ERROR, AU_ERROR_STORE, "No space left on device");

  return !full;
}

static AuRecord *
held_insert (AuStore       *store,
             AuRecord      *record,
             gboolean      *created,
             GCancellable  *cancellable,
             GError       **error)
{
  FixtureStore *self = FIXTURE_STORE (store);

  if (!pass (self, error))
    return NULL;

  return au_store_insert (self->memory, record, created, cancellable, error);
}

static AuRecord *
held_load (AuStore       *store,
           const char    *key,
           GCancellable  *cancellable,
           GError       **error)
{
  return au_store_load (FIXTURE_STORE (store)->memory, key, cancellable, error);
}

static gboolean
held_replace (AuStore       *store,
              AuRecord      *record,
              guint64        expected,
              GCancellable  *cancellable,
              GError       **error)
{
  FixtureStore *self = FIXTURE_STORE (store);

  if (!pass (self, error))
    return FALSE;

  return au_store_replace (self->memory, record, expected, cancellable, error);
}

static gboolean
held_remove (AuStore       *store,
             const char    *key,
             GCancellable  *cancellable,
             GError       **error)
{
  return au_store_remove (FIXTURE_STORE (store)->memory, key, cancellable, error);
}

static GPtrArray *
held_list (AuStore       *store,
           AuQuery       *query,
           GCancellable  *cancellable,
           GError       **error)
{
  return au_store_list (FIXTURE_STORE (store)->memory, query, cancellable, error);
}

static gboolean
held_append_item (AuStore       *store,
                  const char    *key,
                  guint          attempt,
                  guint64        index,
                  GVariant      *item,
                  GCancellable  *cancellable,
                  GError       **error)
{
  FixtureStore *self = FIXTURE_STORE (store);

  if (!pass (self, error))
    return FALSE;

  return au_store_append_item (self->memory, key, attempt, index, item, cancellable, error);
}

static GPtrArray *
held_list_items (AuStore       *store,
                 const char    *key,
                 guint64        first,
                 guint          limit,
                 GCancellable  *cancellable,
                 GError       **error)
{
  return au_store_list_items (FIXTURE_STORE (store)->memory, key, first, limit, cancellable,
                              error);
}

static GSource *
held_create_source (AuStore *store)
{
  FixtureStore *self = FIXTURE_STORE (store);

  return self->silent ? NULL : au_store_create_source (self->memory);
}

static void
fixture_held_store_iface_init (AuStoreInterface *iface)
{
  iface->get_flags = held_get_flags;
  iface->insert = held_insert;
  iface->load = held_load;
  iface->replace = held_replace;
  iface->remove = held_remove;
  iface->list = held_list;
  iface->append_item = held_append_item;
  iface->list_items = held_list_items;
  iface->create_source = held_create_source;
}

static void
fixture_held_store_finalize (GObject *object)
{
  FixtureStore *self = FIXTURE_STORE (object);

  g_object_unref (self->memory);
  g_cond_clear (&self->cond);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (fixture_held_store_parent_class)->finalize (object);
}

static void
fixture_held_store_class_init (FixtureStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fixture_held_store_finalize;
}

static void
fixture_held_store_init (FixtureStore *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
}

AuStore *
fixture_held_store_new (AuStoreFlags flags)
{
  FixtureStore *self = g_object_new (FIXTURE_TYPE_STORE, NULL);

  self->memory = fixture_store_new ("memory");
  self->flags = flags;

  return AU_STORE (self);
}

AuStore *
fixture_held_store_new_beside (FixtureStore *store)
{
  FixtureStore *self = g_object_new (FIXTURE_TYPE_STORE, NULL);

  self->memory = g_object_ref (store->memory);
  self->flags = store->flags;
  self->silent = store->silent;

  return AU_STORE (self);
}

void
fixture_held_store_hold (FixtureStore *self,
                         gboolean      hold)
{
  g_mutex_lock (&self->lock);
  self->hold = hold;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

void
fixture_held_store_await_held (FixtureStore *self)
{
  g_mutex_lock (&self->lock);
  while (self->n_held == 0)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);
}

void
fixture_held_store_set_full (FixtureStore *self,
                             gboolean      full)
{
  g_mutex_lock (&self->lock);
  self->full = full;
  g_mutex_unlock (&self->lock);
}

void
fixture_held_store_set_silent (FixtureStore *self,
                               gboolean      silent)
{
  self->silent = silent;
}
