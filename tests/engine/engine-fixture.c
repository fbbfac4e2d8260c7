/* engine-fixture.c: what the tests of the engine share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine-fixture.h"

#include <glib/gstdio.h>

static const char * const stores[] = { "memory", "held", "file" };
static const char * const backends[] = { "inline", "loop", "thread" };

static gboolean
has_store (const char *type)
{
  return g_str_equal (type, "held") || au_part_get_gtype (AU_MODULE_STORE, type, NULL) != 0;
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
          if (has_store (stores[j]))
            add_one (path, stores[j], backends[i], func);
        }
    }
}

AuStore *
fixture_store_new (const char *type)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = NULL;
  AuStore *store;

  if (g_str_equal (type, "held"))
    return fixture_held_store_new (AU_STORE_NONE);

  if (g_str_equal (type, "file"))
    {
      folder = g_build_filename (g_get_user_cache_dir (), "au-engine-XXXXXX", NULL);
      g_assert_nonnull (g_mkdtemp (folder));
      store = au_part_new (AU_MODULE_STORE, type, &error, "path", folder, NULL);
    }
  else
    {
      store = au_part_new (AU_MODULE_STORE, type, &error, NULL);
    }
  g_assert_no_error (error);

  return store;
}

AuEngine *
fixture_engine_new (const Parts *parts)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuStore) store = fixture_store_new (parts->store);
  g_autoptr(AuBackend) backend = NULL;

  backend = au_part_new (AU_MODULE_BACKEND, parts->backend, &error, NULL);
  g_assert_no_error (error);

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

AuFunction *
fixture_plain (const char *input,
               const char *output,
               AuFunc      func)
{
  g_autoptr(GError) error = NULL;
  AuFunction *function;

  function = au_function_new ("f", input != NULL ? input : "()", output, AU_FUNCTION_NONE, func, NULL, NULL, &error);
  g_assert_no_error (error);

  return function;
}

AuFunction *
fixture_async (const char  *input,
               const char  *output,
               AuStartFunc  start)
{
  g_autoptr(GError) error = NULL;
  AuFunction *function;

  function = au_function_new_async ("f", input != NULL ? input : "()", output, AU_FUNCTION_NONE, start, NULL, NULL,
                                    &error);
  g_assert_no_error (error);

  return function;
}

AuFunction *
fixture_iterator (const char *input,
                  const char *output,
                  AuStepFunc  step)
{
  g_autoptr(GError) error = NULL;
  AuFunction *function;

  function = au_function_new_iterator ("f", input != NULL ? input : "()", output, AU_FUNCTION_NONE, step, NULL, NULL,
                                       &error);
  g_assert_no_error (error);

  return function;
}

AuHandle *
fixture_submit (AuEngine  *engine,
                GVariant  *arguments,
                AuOptions *options)
{
  g_autoptr(GError) error = NULL;
  AuHandle *handle;

  handle = au_engine_submit (engine, "f", arguments, options, &error);
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
                      GVariant   *arguments,
                      AuOptions  *options,
                      GError    **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  au_engine_submit_async (engine, "f", arguments, options, NULL, take_result_cb, &result);
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

static GMutex held_lock;
static GQueue held = G_QUEUE_INIT;
static gint n_held;

static void
hold_start (AuCall   *call,
            GVariant *arguments,
            gpointer  data)
{
  g_mutex_lock (&held_lock);
  g_queue_push_tail (&held, au_call_ref (call));
  g_mutex_unlock (&held_lock);

  g_atomic_int_inc (&n_held);
  g_main_context_wakeup (NULL);
}

AuFunction *
fixture_hold (void)
{
  return fixture_async (NULL, "s", hold_start);
}

guint
fixture_n_calls (void)
{
  return g_atomic_int_get (&n_held);
}

AuCall *
fixture_take_call (void)
{
  for (;;)
    {
      AuCall *call;

      g_mutex_lock (&held_lock);
      call = g_queue_pop_head (&held);
      g_mutex_unlock (&held_lock);

      if (call != NULL)
        return call;

      g_main_context_iteration (NULL, TRUE);
    }
}

void
fixture_return (AuCall   *call,
                GVariant *value)
{
  au_call_return_value (call, value);
  au_call_unref (call);
}

void
fixture_return_error (AuCall     *call,
                      GQuark      domain,
                      int         code,
                      const char *message)
{
  g_autoptr(GError) error = g_error_new_literal (domain, code, message);

  au_call_return_error (call, error);
  au_call_unref (call);
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
