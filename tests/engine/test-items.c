/* test-items.c: the items of generators, and their readers
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine-fixture.h"

/* Counts up to the argument. */
static gboolean
count_step (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GVariant **item,
            GError   **error)
{
  guint *n = au_call_get_state (call);
  guint end;

  if (n == NULL)
    {
      n = g_new0 (guint, 1);
      au_call_set_state (call, n, g_free);
    }

  g_variant_get (arguments, "(u)", &end);
  if (*n == end)
    return FALSE;

  *item = g_variant_new_uint32 ((*n)++);
  g_atomic_int_inc (&board_get ()->n_given);

  return TRUE;
}

/* The same by a plain function. */
static GVariant *
count_func (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GError   **error)
{
  guint end;

  g_variant_get (arguments, "(u)", &end);
  for (guint i = 0; i < end; i++)
    {
      if (!au_call_emit (call, g_variant_new_uint32 (i), error))
        return NULL;
      g_atomic_int_inc (&board_get ()->n_given);
    }

  return NULL;
}

static AuHandle *
submit_count (AuEngine   *engine,
              const char *function,
              guint       end,
              int         ahead)
{
  g_autoptr(AuOptions) options = au_options_new ();

  au_options_set_ahead (options, ahead);
  g_atomic_int_set (&board_get ()->n_given, 0);

  return fixture_submit (engine, function, g_variant_new ("(u)", end), options);
}

static void
assert_next (AuHandle *handle,
             guint     expected)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) item = fixture_next_item (handle, &error);

  g_assert_no_error (error);
  g_assert_nonnull (item);
  g_assert_cmpuint (g_variant_get_uint32 (item), ==, expected);
}

static void
assert_no_more (AuHandle *handle)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (fixture_next_item (handle, &error));
  g_assert_no_error (error);
}

static void
read_all (const Parts *parts,
          const char  *function)
{
  static const int aheads[] = { 0, 1, 5, -1 };
  AuEngine *engine = fixture_engine_new (parts);

  for (guint i = 0; i < G_N_ELEMENTS (aheads); i++)
    {
      g_autoptr(AuHandle) handle = submit_count (engine, function, 20, aheads[i]);
      g_autoptr(AuRecord) record = NULL;

      for (guint n = 0; n < 20; n++)
        assert_next (handle, n);
      assert_no_more (handle);
      assert_no_more (handle);
      g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_COMPLETED);
      record = fixture_load (engine, au_handle_get_key (handle));
      g_assert_cmpuint (au_record_get_n_items (record), ==, 20);
    }

  fixture_drop (engine);
}

static void
test_items_iterator (const Parts *parts)
{
  read_all (parts, "count");
}

static void
test_items_emit (const Parts *parts)
{
  read_all (parts, "count-plain");
}

/* It is as far ahead of its reader as it may be, and no further. */
static void
back_pressure (const Parts *parts,
               const char  *function)
{
  static const int aheads[] = { 0, 1, 5 };
  AuEngine *engine = fixture_engine_new (parts);

  for (guint i = 0; i < G_N_ELEMENTS (aheads); i++)
    {
      g_autoptr(AuHandle) handle = submit_count (engine, function, 100, aheads[i]);

      for (guint n = 0; n < 10; n++)
        {
          /* it comes so far by itself */
          while (g_atomic_int_get (&board_get ()->n_given) < (gint) n + aheads[i])
            {
              g_main_context_iteration (NULL, FALSE);
              g_thread_yield ();
            }
          for (guint k = 0; k < 20; k++)
            {
              g_main_context_iteration (NULL, FALSE);
              g_thread_yield ();
            }
          g_assert_cmpint (g_atomic_int_get (&board_get ()->n_given), ==, n + aheads[i]);
          assert_next (handle, n);
        }
      g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_RUNNING);

      /* whoever waits for the end does not read */
      g_assert_true (fixture_wait (handle, NULL));
      g_assert_cmpint (g_atomic_int_get (&board_get ()->n_given), ==, 100);
      assert_next (handle, 10);
    }

  fixture_drop (engine);
}

static void
test_items_back_pressure_iterator (const Parts *parts)
{
  back_pressure (parts, "count");
}

static void
test_items_back_pressure_emit (const Parts *parts)
{
  back_pressure (parts, "count-plain");
}

/* A thread that waits from before the first item. */
static void
test_items_wait_first (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);

  for (guint i = 0; i < 50; i++)
    {
      g_autoptr(AuHandle) handle = submit_count (engine, "count-plain", 100, 0);
      g_autoptr(GError) error = NULL;

      g_assert_true (au_handle_wait (handle, -1, NULL, &error));
      g_assert_no_error (error);
    }

  fixture_drop (engine);
}

/* Nobody has a handle, or it is dropped: nobody is waited for. */
static void
test_items_no_reader (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = submit_count (engine, "count", 100, 1);
  g_autofree char *key = g_strdup (au_handle_get_key (handle));
  g_autoptr(AuHandle) late = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GAsyncResult) result = NULL;

  assert_next (handle, 0);
  g_clear_object (&handle);
  while (g_atomic_int_get (&board_get ()->n_given) < 100)
    {
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }

  /* a late reader gets all of them */
  late = au_engine_get_handle (engine, key, NULL, &error);
  g_assert_no_error (error);
  for (guint n = 0; n < 100; n++)
    assert_next (late, n);
  assert_no_more (late);

  g_clear_object (&late);
  fixture_drop (engine);
}

/* A drain, and what depends on it, wait for the end as well. */
static void
test_items_drain (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = submit_count (engine, "count-plain", 100, 0);
  g_autoptr(GError) error = NULL;

  g_assert_true (au_engine_drain (engine, -1, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_COMPLETED);

  g_clear_object (&handle);
  fixture_drop (engine);
}

static void
test_items_after (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = submit_count (engine, "count", 100, 0);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) after = NULL;
  const char *keys[] = { au_handle_get_key (handle), NULL };

  au_options_set_after (options, keys);
  au_options_set_ahead (options, -1);
  after = fixture_submit (engine, "count", g_variant_new ("(u)", 0), options);
  g_assert_true (fixture_wait (after, NULL));

  g_clear_object (&handle);
  g_clear_object (&after);
  fixture_drop (engine);
}

static void
test_items_resume (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = submit_count (engine, "count", 30, -1);

  g_assert_cmpuint (au_handle_get_position (handle), ==, 0);
  assert_next (handle, 0);
  g_assert_cmpuint (au_handle_get_position (handle), ==, 1);
  au_handle_set_position (handle, 25);
  assert_next (handle, 25);
  au_handle_set_position (handle, 3);
  assert_next (handle, 3);
  assert_next (handle, 4);
  au_handle_set_position (handle, 30);
  assert_no_more (handle);
  au_handle_set_position (handle, 1000);
  assert_no_more (handle);

  g_clear_object (&handle);
  fixture_drop (engine);
}

static void
test_items_two_readers (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) first = submit_count (engine, "count", 30, 1);
  g_autoptr(AuHandle) second = au_engine_get_handle (engine, au_handle_get_key (first), NULL, NULL);

  for (guint n = 0; n < 10; n++)
    assert_next (first, n);
  for (guint n = 0; n < 20; n++)
    assert_next (second, n);
  for (guint n = 10; n < 30; n++)
    assert_next (first, n);
  assert_no_more (first);
  for (guint n = 20; n < 30; n++)
    assert_next (second, n);
  assert_no_more (second);

  g_clear_object (&first);
  g_clear_object (&second);
  fixture_drop (engine);
}

/* In threads, each at its own pace. */
static gpointer
reader_thread (gpointer data)
{
  AuHandle *handle = data;
  g_autoptr(GError) error = NULL;

  for (guint n = 0; ; n++)
    {
      g_autoptr(GVariant) item = au_handle_next_item (handle, -1, NULL, &error);

      g_assert_no_error (error);
      if (item == NULL)
        {
          g_assert_cmpuint (n, ==, 500);
          return NULL;
        }
      g_assert_cmpuint (g_variant_get_uint32 (item), ==, n);
    }
}

static void
test_items_reader_threads (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  AuHandle *handles[3] = { NULL };
  GThread *threads[3];

  handles[0] = submit_count (engine, "count", 500, 1);
  for (guint i = 0; i < 3; i++)
    {
      if (i > 0)
        handles[i] = au_engine_get_handle (engine, au_handle_get_key (handles[0]), NULL, NULL);
      threads[i] = g_thread_new ("reader", reader_thread, handles[i]);
    }
  for (guint i = 0; i < 3; i++)
    {
      g_thread_join (threads[i]);
      g_clear_object (&handles[i]);
    }

  fixture_drop (engine);
}

static void
test_items_timeout_and_cancel (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  HeldCall *call = held_call_take ();

  g_assert_null (au_handle_next_item (handle, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_null (au_handle_next_item (handle, 100, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  g_assert_null (au_handle_next_item (handle, -1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (held_call_is_cancelled (call));

  held_call_emit (call, g_variant_new_string ("one"));
  {
    g_autoptr(GVariant) item = au_handle_next_item (handle, -1, NULL, &error);

    g_assert_cmpstr (g_variant_get_string (item, NULL), ==, "one");
  }
  held_call_return (call, g_variant_new_string ("done"));
  assert_no_more (handle);

  g_clear_object (&handle);
  fixture_drop (engine);
}

static void
cancelled_result_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      data)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (au_handle_next_item_finish (AU_HANDLE (source), result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  *(gboolean *) data = TRUE;
}

static void
test_items_cancel_async (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  HeldCall *call = held_call_take ();
  gboolean done = FALSE;

  au_handle_next_item_async (handle, cancellable, cancelled_result_cb, &done);
  g_main_context_iteration (NULL, FALSE);
  g_assert_false (done);
  g_cancellable_cancel (cancellable);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (held_call_is_cancelled (call));
  held_call_return (call, g_variant_new_string ("done"));
  g_assert_true (fixture_wait (handle, NULL));

  g_clear_object (&handle);
  fixture_drop (engine);
}

static guint
count_stored (AuEngine *engine,
              AuHandle *handle)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) items = NULL;

  items = au_store_list_items (au_engine_get_store (engine), au_handle_get_key (handle), 0, 100, NULL, &error);
  g_assert_no_error (error);

  return items->len;
}

/* A generator that waits for its reader, and is cancelled meanwhile. */
static void
cancel_blocked (const Parts *parts,
                const char  *function)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = submit_count (engine, function, 100, 1);
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) record = NULL;

  assert_next (handle, 0);
  while (count_stored (engine, handle) < 2)
    {
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
  g_assert_true (au_handle_cancel (handle));

  /* what was given before is there, and then the error */
  assert_next (handle, 1);
  g_assert_null (fixture_next_item (handle, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  record = fixture_load (engine, au_handle_get_key (handle));
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_CANCELLED);
  g_assert_cmpuint (au_record_get_n_items (record), ==, 2);

  g_clear_object (&handle);
  fixture_drop (engine);
}

static void
test_items_cancel_blocked_iterator (const Parts *parts)
{
  cancel_blocked (parts, "count");
}

static void
test_items_cancel_blocked_emit (const Parts *parts)
{
  cancel_blocked (parts, "count-plain");
}

static gboolean
fail_step (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GVariant **item,
           GError   **error)
{
  GVariant *number;

  if (count_step (call, arguments, data, &number, error))
    {
      g_autoptr(GVariant) sunk = g_variant_ref_sink (number);

      *item = g_variant_new_uint32 (100 * (au_call_get_attempt (call) - 1) +
                                    g_variant_get_uint32 (sunk));
      return TRUE;
    }

  if (au_call_get_attempt (call) == 1)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, "the source ran dry");

  return FALSE;
}

static void
test_items_error_after_last (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = submit_count (engine, "fail", 3, 1);
  g_autoptr(GError) error = NULL;

  for (guint n = 0; n < 3; n++)
    assert_next (handle, n);
  g_assert_null (fixture_next_item (handle, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_clear_error (&error);
  g_assert_null (fixture_next_item (handle, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* Another attempt gives its items from the first on; those of the failed one are gone. */
static void
test_items_retry (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuHandle) late = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;

  au_options_set_attempts (options, 2);
  au_options_set_backoff (options, 0);
  au_options_set_ahead (options, -1);
  g_atomic_int_set (&board_get ()->n_given, 0);
  handle = fixture_submit (engine, "fail", g_variant_new ("(u)", 3), options);
  g_assert_true (fixture_wait (handle, &error));
  g_assert_no_error (error);

  late = au_engine_get_handle (engine, au_handle_get_key (handle), NULL, &error);
  for (guint n = 0; n < 3; n++)
    assert_next (late, 100 + n);
  assert_no_more (late);
  record = fixture_load (engine, au_handle_get_key (handle));
  g_assert_cmpuint (au_record_get_n_items (record), ==, 3);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 2);

  g_clear_object (&handle);
  g_clear_object (&late);
  fixture_drop (engine);
}

/* A retried generator of a synchronous backend must not wait for its reader in the thread
 * that keeps the time. */
static void
test_items_inline_later (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuHandle) other = NULL;

  au_clock_freeze ();
  au_options_set_delay (options, G_TIME_SPAN_SECOND);
  handle = fixture_submit (engine, "count", g_variant_new ("(u)", 50), options);
  other = fixture_submit (engine, "count", g_variant_new ("(u)", 50), options);
  au_clock_advance (G_TIME_SPAN_SECOND);
  g_assert_true (fixture_wait (other, NULL));
  for (guint n = 0; n < 50; n++)
    assert_next (handle, n);
  assert_no_more (handle);
  au_clock_thaw ();

  g_clear_object (&handle);
  g_clear_object (&other);
  fixture_drop (engine);
}

static const AuFunctionEntry functions[] = {
  { "count", "(u)", "u", NULL, AU_FUNCTION_NONE, .step = count_step },
  { "count-plain", "(u)", NULL, count_func, AU_FUNCTION_NONE },
  { "fail", "(u)", "u", NULL, AU_FUNCTION_NONE, .step = fail_step },
  { NULL }
};

int
main (int   argc,
      char *argv[])
{
  fixture_init (&argc, &argv, functions);

  fixture_add ("/engine/items/iterator", NULL, test_items_iterator);
  fixture_add ("/engine/items/emit", NULL, test_items_emit);
  fixture_add ("/engine/items/back-pressure/iterator", "loop thread process",
               test_items_back_pressure_iterator);
  fixture_add ("/engine/items/back-pressure/emit", "thread process", test_items_back_pressure_emit);
  fixture_add ("/engine/items/wait-first", "inline thread process", test_items_wait_first);
  fixture_add ("/engine/items/no-reader", NULL, test_items_no_reader);
  fixture_add ("/engine/items/drain", "inline thread process", test_items_drain);
  fixture_add ("/engine/items/after", NULL, test_items_after);
  fixture_add ("/engine/items/resume", NULL, test_items_resume);
  fixture_add ("/engine/items/two-readers", NULL, test_items_two_readers);
  fixture_add ("/engine/items/reader-threads", "inline thread process", test_items_reader_threads);
  fixture_add ("/engine/items/timeout-and-cancel", "thread process", test_items_timeout_and_cancel);
  fixture_add ("/engine/items/cancel-async", "loop thread process", test_items_cancel_async);
  fixture_add ("/engine/items/cancel-blocked/iterator", "loop thread process",
               test_items_cancel_blocked_iterator);
  fixture_add ("/engine/items/cancel-blocked/emit", "thread process", test_items_cancel_blocked_emit);
  fixture_add ("/engine/items/error-after-last", NULL, test_items_error_after_last);
  fixture_add ("/engine/items/retry", NULL, test_items_retry);
  fixture_add ("/engine/items/inline-later", "inline", test_items_inline_later);

  return g_test_run ();
}
