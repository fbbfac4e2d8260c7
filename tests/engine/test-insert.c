/* test-insert.c: what happens until the store has acknowledged a computation
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "engine-fixture.h"

static GVariant *
add_func (AuCall    *call,
          GVariant  *arguments,
          gpointer   data,
          GError   **error)
{
  gint64 a, b;

  g_variant_get (arguments, "(xx)", &a, &b);
  if (a < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "negative");
      return NULL;
    }

  return g_variant_new_int64 (a + b);
}

static GVariant *
numbers (gint64 a,
         gint64 b)
{
  return g_variant_new ("(xx)", a, b);
}

static AuOptions *
options_with_key (const char *key)
{
  AuOptions *options = au_options_new ();

  au_options_set_key (options, key);

  return options;
}

static AuEngine *
held_engine_new (FixtureStore **store,
                 const char    *backend_type)
{
  g_autoptr(AuStore) held = fixture_store_new ("held");
  g_autoptr(AuBackend) backend = fixture_backend_new (backend_type);

  *store = FIXTURE_STORE (held);

  return au_engine_new_with_parts (held, backend);
}

static void
submitted_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  GAsyncResult **place = data;

  *place = g_object_ref (result);
}

static void
test_insert_async_waits (void)
{
  FixtureStore *store;
  AuEngine *engine = held_engine_new (&store, "thread");
  g_autoptr(AuOptions) options = options_with_key ("waits");
  g_autoptr(GAsyncResult) first = NULL;
  g_autoptr(GAsyncResult) second = NULL;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuHandle) same = NULL;
  g_autoptr(AuHandle) peeked = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GVariant) item = NULL;
  g_autoptr(GError) error = NULL;
  guint n_calls = held_call_count ();

  fixture_held_store_hold (store, TRUE);
  au_engine_submit_async (engine, "held", NULL, options, NULL, submitted_cb, &first);
  au_engine_submit_async (engine, "held", NULL, options, NULL, submitted_cb, &second);
  fixture_held_store_await_held (store);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (first);
  g_assert_null (second);
  g_assert_cmpuint (held_call_count (), ==, n_calls);

  /* there is no record yet, but a computation */
  g_assert_null (au_store_load (AU_STORE (store), "waits", NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_FOUND);
  g_clear_error (&error);
  peeked = au_engine_get_handle (engine, "waits", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (au_handle_get_status (peeked), ==, AU_STATUS_PENDING);
  item = au_handle_next_item (peeked, 0, NULL, &error);
  g_assert_null (item);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);

  fixture_held_store_hold (store, FALSE);
  while (first == NULL || second == NULL)
    g_main_context_iteration (NULL, TRUE);
  handle = au_engine_submit_finish (engine, first, &error);
  g_assert_no_error (error);
  same = au_engine_submit_finish (engine, second, &error);
  g_assert_no_error (error);
  record = fixture_load (engine, "waits");

  held_call_return (held_call_take (), g_variant_new_string ("done"));
  g_assert_true (fixture_wait (handle, &error));
  g_assert_true (fixture_wait (same, &error));

  g_clear_object (&handle);
  g_clear_object (&same);
  g_clear_object (&peeked);
  g_clear_object (&first);
  g_clear_object (&second);
  fixture_drop (engine);
}

/* An order to cancel that is quicker than the store. */
static void
test_insert_cancelled_before_insert (void)
{
  FixtureStore *store;
  AuEngine *engine = held_engine_new (&store, "thread");
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  guint n_calls = held_call_count ();

  fixture_held_store_hold (store, TRUE);
  handle = fixture_submit (engine, "held", NULL, NULL);
  fixture_held_store_await_held (store);
  g_assert_true (au_handle_cancel (handle));
  g_assert_false (au_handle_is_ready (handle));
  fixture_held_store_hold (store, FALSE);
  g_assert_false (fixture_wait (handle, NULL));
  record = fixture_load (engine, au_handle_get_key (handle));
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_CANCELLED);
  g_assert_cmpuint (held_call_count (), ==, n_calls);

  g_clear_object (&handle);
  fixture_drop (engine);
}

static void
test_insert_full (const Parts *parts)
{
  FixtureStore *store;
  AuEngine *engine = held_engine_new (&store, parts->backend);
  g_autoptr(AuOptions) options = options_with_key ("full");
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuHandle) later = NULL;
  g_autoptr(AuHandle) async_handle = NULL;
  g_autoptr(GError) error = NULL;
  gboolean direct = g_str_equal (parts->backend, "inline");

  fixture_held_store_set_full (store, TRUE);
  handle = au_engine_submit (engine, "add", numbers (1, 2), options, &error);
  if (direct)
    {
      g_assert_null (handle);
    }
  else
    {
      g_assert_no_error (error);
      g_assert_false (fixture_wait (handle, &error));
      g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_FAILED);
    }
  g_assert_error (error, AU_ERROR, AU_ERROR_STORE);
  g_assert_nonnull (strstr (error->message, "No space left on device"));
  g_clear_error (&error);

  async_handle = fixture_submit_async (engine, "add", numbers (1, 2), NULL, &error);
  g_assert_null (async_handle);
  g_assert_error (error, AU_ERROR, AU_ERROR_STORE);
  g_clear_error (&error);

  /* with room again, the key is as free as it was */
  fixture_held_store_set_full (store, FALSE);
  later = fixture_submit (engine, "add", numbers (1, 2), options);
  g_assert_true (fixture_wait (later, &error));
  g_assert_no_error (error);

  g_clear_object (&handle);
  g_clear_object (&later);
  fixture_drop (engine);
}

/* What happens is not recorded: whoever waits is told. */
static void
test_insert_full_later (const Parts *parts)
{
  FixtureStore *store;
  AuEngine *engine = held_engine_new (&store, parts->backend);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call = held_call_take ();
  g_autoptr(AuRecord) record = fixture_load (engine, au_handle_get_key (handle));
  g_autoptr(GError) error = NULL;

  while (au_record_get_status (record) != AU_STATUS_RUNNING)
    {
      g_thread_yield ();
      au_record_unref (record);
      record = fixture_load (engine, au_handle_get_key (handle));
    }
  g_clear_pointer (&record, au_record_unref);

  fixture_held_store_set_full (store, TRUE);
  held_call_return (call, g_variant_new_string ("lost on the way"));
  g_assert_false (fixture_wait (handle, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_STORE);
  g_assert_nonnull (strstr (error->message, "No space left on device"));
  g_assert_null (au_handle_dup_result (handle, NULL));

  /* the store says what it said before */
  record = fixture_load (engine, au_handle_get_key (handle));
  g_assert_false (au_status_is_terminal (au_record_get_status (record)));

  g_clear_object (&handle);
  fixture_drop (engine);
}

static GVariant *
nothing_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  return NULL;
}

/* The very first change after the insert fails: nothing hangs. */
static void
test_insert_full_at_begin (void)
{
  FixtureStore *store;
  AuEngine *engine = held_engine_new (&store, "inline");
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GError) error = NULL;

  au_clock_freeze ();
  au_options_set_delay (options, G_TIME_SPAN_SECOND);
  handle = fixture_submit (engine, "nothing", NULL, options);
  fixture_held_store_set_full (store, TRUE);
  au_clock_advance (G_TIME_SPAN_SECOND);
  g_assert_false (fixture_wait (handle, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_STORE);
  au_clock_thaw ();

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* Who does not want to wait any longer is told so at once; the submission goes on. */
static void
test_insert_wait_cancelled (void)
{
  FixtureStore *store;
  AuEngine *engine = held_engine_new (&store, "thread");
  g_autoptr(AuOptions) options = options_with_key ("goes-on");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) impatient = NULL;
  g_autoptr(GAsyncResult) patient = NULL;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GError) error = NULL;

  fixture_held_store_hold (store, TRUE);
  au_engine_submit_async (engine, "held", NULL, options, cancellable, submitted_cb, &impatient);
  au_engine_submit_async (engine, "held", NULL, options, NULL, submitted_cb, &patient);
  fixture_held_store_await_held (store);
  g_cancellable_cancel (cancellable);
  while (impatient == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (au_engine_submit_finish (engine, impatient, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (patient);

  fixture_held_store_hold (store, FALSE);
  while (patient == NULL)
    g_main_context_iteration (NULL, TRUE);
  handle = au_engine_submit_finish (engine, patient, &error);
  g_assert_no_error (error);
  held_call_return (held_call_take (), g_variant_new_string ("done"));
  g_assert_true (fixture_wait (handle, &error));

  g_clear_object (&handle);
  g_clear_object (&impatient);
  g_clear_object (&patient);
  fixture_drop (engine);
}

static void
key_changed_cb (AuHandle   *handle,
                GParamSpec *pspec,
                gpointer    data)
{
  const char **key = data;

  *key = au_handle_get_key (handle);
}

/* The store tells only later who has the unique key; then the handle is on that one. */
static void
test_insert_unique_key_elsewhere (void)
{
  FixtureStore *store;
  AuEngine *engine = held_engine_new (&store, "thread");
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuHandle) same = NULL;
  g_autofree char *asked_key = NULL;
  const char *told_key = NULL;
  g_autoptr(GError) error = NULL;

  au_options_set_unique_key (options, "nightly");
  handle = fixture_submit (engine, "held", NULL, options);
  fixture_held_store_hold (store, TRUE);
  same = fixture_submit (engine, "held", NULL, options);
  asked_key = g_strdup (au_handle_get_key (same));
  g_signal_connect (same, "notify::key", G_CALLBACK (key_changed_cb), &told_key);
  g_assert_cmpstr (asked_key, !=, au_handle_get_key (handle));
  fixture_held_store_hold (store, FALSE);

  while (told_key == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (told_key, ==, au_handle_get_key (handle));
  g_assert_cmpstr (au_handle_get_key (same), ==, au_handle_get_key (handle));

  held_call_return (held_call_take (), g_variant_new_string ("done"));
  g_assert_true (fixture_wait (handle, &error));
  g_assert_true (fixture_wait (same, &error));
  g_assert_cmpstr (au_handle_get_key (same), ==, au_handle_get_key (handle));

  g_clear_object (&handle);
  g_clear_object (&same);
  fixture_drop (engine);
}

static const AuFunctionEntry functions[] = {
  { "add", "(xx)", "x", add_func, AU_FUNCTION_NONE },
  { "nothing", "()", NULL, nothing_func, AU_FUNCTION_NONE },
  { NULL }
};

int
main (int   argc,
      char *argv[])
{
  const Parts full_parts[] = {
    { "held", "inline" }, { "held", "loop" }, { "held", "thread" }, { "held", "process" },
  };

  fixture_init (&argc, &argv, functions);

  g_test_add_func ("/engine/insert/async-waits", test_insert_async_waits);
  g_test_add_func ("/engine/insert/wait-cancelled", test_insert_wait_cancelled);
  g_test_add_func ("/engine/insert/unique-key-elsewhere", test_insert_unique_key_elsewhere);
  g_test_add_func ("/engine/insert/cancelled-before-insert", test_insert_cancelled_before_insert);
  g_test_add_func ("/engine/insert/full-at-begin", test_insert_full_at_begin);
  for (guint i = 0; i < G_N_ELEMENTS (full_parts); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/insert/full/", full_parts[i].backend, NULL);

      g_test_add_data_func (path, &full_parts[i],
                            (GTestDataFunc) (void (*) (void)) test_insert_full);
    }
  for (guint i = 1; i < G_N_ELEMENTS (full_parts); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/insert/full-later/", full_parts[i].backend, NULL);

      g_test_add_data_func (path, &full_parts[i],
                            (GTestDataFunc) (void (*) (void)) test_insert_full_later);
    }

  return g_test_run ();
}
