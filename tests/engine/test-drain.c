/* test-drain.c: how an engine comes to rest
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine-fixture.h"

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  GAsyncResult **place = data;

  g_assert_null (*place);
  *place = g_object_ref (result);
}

static GVariant *
never_called (AuCall    *call,
              GVariant  *arguments,
              gpointer   data,
              GError   **error)
{
  g_assert_not_reached ();
}

static void
assert_closed (AuEngine *engine)
{
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GListModel) many = NULL;
  g_autoptr(GError) error = NULL;

  handle = au_engine_submit (engine, "held", NULL, NULL, &error);
  g_assert_null (handle);
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
  g_clear_error (&error);
  handle = fixture_submit_async (engine, "held", NULL, NULL, &error);
  g_assert_null (handle);
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
  g_clear_error (&error);
  many = au_engine_submit_many (engine, "held", NULL, 0, NULL, &error);
  g_assert_null (many);
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
}

static void
test_drain_async (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  g_autoptr(GAsyncResult) first = NULL;
  g_autoptr(GAsyncResult) second = NULL;
  g_autoptr(GError) error = NULL;
  HeldCall *call = held_call_take ();

  au_engine_drain_async (engine, NULL, result_cb, &first);
  au_engine_drain_async (engine, NULL, result_cb, &second);
  assert_closed (engine);
  g_assert_null (first);
  g_assert_cmpuint (au_engine_get_n_live (engine), ==, 1);

  held_call_return (call, g_variant_new_string ("done"));
  while (first == NULL || second == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (au_engine_drain_finish (engine, first, &error));
  g_assert_true (au_engine_drain_finish (engine, second, &error));
  g_assert_no_error (error);
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_COMPLETED);
  g_assert_cmpuint (au_engine_get_n_live (engine), ==, 0);
  assert_closed (engine);

  g_clear_object (&handle);
  g_clear_object (&first);
  g_clear_object (&second);
  fixture_drop (engine);
}

static void
test_drain_empty (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (au_engine_drain (engine, 0, NULL, &error));
  g_assert_no_error (error);
  au_engine_drain_async (engine, NULL, result_cb, &result);
  g_assert_null (result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (au_engine_drain_finish (engine, result, &error));

  g_clear_object (&result);
  fixture_drop (engine);
}

static void
test_drain_timeout (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  HeldCall *call = held_call_take ();

  g_assert_false (au_engine_drain (engine, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "1 "));
  g_clear_error (&error);
  g_assert_false (au_engine_drain (engine, 1000, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  g_assert_false (au_engine_drain (engine, -1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (held_call_is_cancelled (call));

  held_call_return (call, g_variant_new_string ("done"));
  g_assert_true (au_engine_drain (engine, -1, NULL, &error));
  g_assert_no_error (error);

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* A wait that is given up is answered at once, and the work goes on. */
static void
test_drain_async_cancelled (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GAsyncResult) other = NULL;
  g_autoptr(GError) error = NULL;
  HeldCall *call = held_call_take ();

  au_engine_drain_async (engine, cancellable, result_cb, &result);
  au_engine_drain_async (engine, NULL, result_cb, &other);
  g_cancellable_cancel (cancellable);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (au_engine_drain_finish (engine, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (other);

  held_call_return (call, g_variant_new_string ("done"));
  while (other == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (au_engine_drain_finish (engine, other, NULL));

  g_clear_object (&handle);
  g_clear_object (&result);
  g_clear_object (&other);
  fixture_drop (engine);
}

/* Work that waits for its time, for another attempt or for other work counts. */
static void
test_drain_waiting (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) delay = au_options_new ();
  g_autoptr(AuOptions) retry = au_options_new ();
  g_autoptr(AuHandle) delayed = NULL;
  g_autoptr(AuHandle) retried = NULL;
  g_autoptr(GAsyncResult) result = NULL;

  au_clock_freeze ();
  au_options_set_delay (delay, 10 * G_TIME_SPAN_SECOND);
  au_options_set_attempts (retry, 2);
  au_options_set_backoff (retry, 100 * G_TIME_SPAN_SECOND);
  retried = fixture_submit (engine, "held", NULL, retry);
  delayed = fixture_submit (engine, "held", NULL, delay);
  au_engine_drain_async (engine, NULL, result_cb, &result);
  held_call_fail (held_call_take (), G_IO_ERROR, G_IO_ERROR_BUSY, "busy");

  au_clock_advance (10 * G_TIME_SPAN_SECOND);
  held_call_return (held_call_take (), g_variant_new_string ("delayed"));
  g_assert_true (fixture_wait (delayed, NULL));
  g_assert_null (result);
  au_clock_advance (200 * G_TIME_SPAN_SECOND);
  held_call_return (held_call_take (), g_variant_new_string ("retried"));
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (au_engine_drain_finish (engine, result, NULL));
  g_assert_true (au_handle_is_ready (retried));
  au_clock_thaw ();

  g_clear_object (&delayed);
  g_clear_object (&retried);
  g_clear_object (&result);
  fixture_drop (engine);
}

static void
test_drain_cancel_all (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) delay = au_options_new ();
  g_autoptr(AuHandle) running = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call = held_call_take ();
  g_autoptr(AuHandle) waiting = NULL;
  g_autoptr(GAsyncResult) result = NULL;

  au_options_set_delay (delay, G_TIME_SPAN_HOUR);
  waiting = fixture_submit (engine, "held", NULL, delay);
  g_assert_cmpuint (au_engine_get_n_live (engine), ==, 2);
  au_engine_drain_async (engine, NULL, result_cb, &result);
  au_engine_cancel_all (engine);
  held_call_expect (call, held_call_is_cancelled (call));
  g_assert_false (fixture_wait (waiting, NULL));
  g_assert_cmpint (au_handle_get_status (waiting), ==, AU_STATUS_CANCELLED);
  held_call_fail (call, G_IO_ERROR, G_IO_ERROR_CANCELLED, "given up");
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (au_handle_get_status (running), ==, AU_STATUS_CANCELLED);

  g_clear_object (&running);
  g_clear_object (&waiting);
  g_clear_object (&result);
  fixture_drop (engine);
}

/* What workers are to run need not have ended, but nothing of it is lost. */
static void
test_drain_queue (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "au.db", NULL);
  g_autoptr(AuStore) store = au_part_new (AU_MODULE_STORE, "sqlite", &error, "path", path, NULL);
  g_autoptr(AuBackend) backend = au_part_new (AU_MODULE_BACKEND, "queue", &error, NULL);
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(AuQuery) query = au_query_new ();
  const gint64 n = 200;

  g_assert_no_error (error);
  engine = au_engine_new_with_parts (store, backend);
  function = au_function_new ("f", "()", NULL, AU_FUNCTION_NONE, never_called, NULL, NULL, NULL);
  au_engine_add_function (engine, function);
  for (gint64 i = 0; i < n; i++)
    g_object_unref (au_engine_submit (engine, "f", NULL, NULL, &error));

  g_assert_true (au_engine_drain (engine, -1, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (au_store_count (store, query, NULL, &error), ==, n);
  g_assert_no_error (error);
}

int
main (int   argc,
      char *argv[])
{
  fixture_init (&argc, &argv, NULL);

  fixture_add ("/engine/drain/async", "loop thread process", test_drain_async);
  fixture_add ("/engine/drain/empty", NULL, test_drain_empty);
  fixture_add ("/engine/drain/timeout", "thread process", test_drain_timeout);
  fixture_add ("/engine/drain/async-cancelled", "loop thread process", test_drain_async_cancelled);
  fixture_add ("/engine/drain/waiting", "loop thread process", test_drain_waiting);
  fixture_add ("/engine/drain/cancel-all", "loop thread process", test_drain_cancel_all);
  g_test_add_func ("/engine/drain/queue", test_drain_queue);

  return g_test_run ();
}
