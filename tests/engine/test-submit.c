/* test-submit.c: how computations get into an engine
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine-fixture.h"

#define N_OUTSTANDING (10000)
/* Each of them a file. */
#define N_FILES (200)

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

static void
test_submit_key (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = options_with_key ("Sum:1.2_3-4");
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuHandle) same = NULL;
  g_autoptr(AuHandle) other = NULL;
  g_autoptr(AuHandle) later = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) record = NULL;

  handle = fixture_submit (engine, "add", numbers (1, 2), options);
  g_assert_cmpstr (au_handle_get_key (handle), ==, "Sum:1.2_3-4");
  g_assert_cmpstr (au_handle_get_function (handle), ==, "add");

  same = fixture_submit (engine, "add", numbers (1, 2), options);
  g_assert_cmpstr (au_handle_get_key (same), ==, "Sum:1.2_3-4");
  g_assert_true (fixture_wait (handle, &error));
  g_assert_true (fixture_wait (same, &error));
  g_assert_no_error (error);

  other = au_engine_submit (engine, "add", numbers (1, 3), options, &error);
  g_assert_null (other);
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFLICT);
  g_assert_nonnull (strstr (error->message, "Sum:1.2_3-4"));
  g_clear_error (&error);

  /* when nobody has a handle, the store says the same */
  g_clear_object (&handle);
  g_clear_object (&same);
  later = fixture_submit (engine, "add", numbers (1, 2), options);
  g_assert_true (fixture_wait (later, &error));
  record = fixture_load (engine, "Sum:1.2_3-4");
  g_assert_cmpuint (au_record_get_attempt (record), ==, 1);
  g_clear_object (&later);

  other = au_engine_submit (engine, "add", numbers (1, 3), options, &error);
  if (other != NULL)
    g_assert_false (fixture_wait (other, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFLICT);

  g_clear_object (&other);
  fixture_drop (engine);
}

static void
test_submit_new_keys (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) first = fixture_submit (engine, "add", numbers (1, 2), NULL);
  g_autoptr(AuHandle) second = fixture_submit (engine, "add", numbers (1, 2), NULL);

  g_assert_cmpuint (strlen (au_handle_get_key (first)), ==, 26);
  g_assert_cmpstr (au_handle_get_key (first), <, au_handle_get_key (second));
  g_assert_true (fixture_wait (first, NULL));
  g_assert_true (fixture_wait (second, NULL));

  g_clear_object (&first);
  g_clear_object (&second);
  fixture_drop (engine);
}

static void
assert_refused (AuEngine   *engine,
                const char *function,
                GVariant   *arguments,
                AuOptions  *options,
                int         code)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuHandle) handle = NULL;
  gint64 n_records;

  g_variant_ref_sink (arguments);
  handle = au_engine_submit (engine, function, arguments, options, &error);
  g_assert_null (handle);
  g_assert_error (error, AU_ERROR, code);
  g_clear_error (&error);

  {
    g_autoptr(GError) async_error = NULL;

    handle = fixture_submit_async (engine, function, arguments, options, &async_error);
    g_assert_null (handle);
    g_assert_error (async_error, AU_ERROR, code);
  }
  g_variant_unref (arguments);

  {
    g_autoptr(AuQuery) query = au_query_new ();

    n_records = au_store_count (au_engine_get_store (engine), query, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpint (n_records, ==, 0);
  }
}

static void
test_submit_refused (const Parts *parts)
{
  static const char * const bad_keys[] = {
    "", "../x", ".hidden", "a/b", "a b", "ä", "x\n", "a\\b", "~",
    "0123456789012345678901234567890123456789012345678901234567890123"
    "01234567890123456789012345678901234567890123456789012345678901234",
  };
  AuEngine *engine = fixture_engine_new (parts);

  for (guint i = 0; i < G_N_ELEMENTS (bad_keys); i++)
    {
      g_autoptr(AuOptions) options = options_with_key (bad_keys[i]);

      assert_refused (engine, "add", numbers (1, 2), options, AU_ERROR_INVALID_KEY);
    }

  for (guint i = 0; i < G_N_ELEMENTS (bad_keys); i++)
    {
      const char *after[] = { "good", bad_keys[i], NULL };
      g_autoptr(AuOptions) options = au_options_new ();

      au_options_set_after (options, after);
      assert_refused (engine, "add", numbers (1, 2), options, AU_ERROR_INVALID_KEY);
    }

  assert_refused (engine, "no-such-function", numbers (1, 2), NULL, AU_ERROR_UNKNOWN_FUNCTION);
  assert_refused (engine, "add", g_variant_new ("(xs)", (gint64) 1, "2"), NULL, AU_ERROR_BAD_TYPE);
  assert_refused (engine, "add", g_variant_new ("()"), NULL, AU_ERROR_BAD_TYPE);
  assert_refused (engine, "add", g_variant_new_int64 (3), NULL, AU_ERROR_BAD_TYPE);

  fixture_drop (engine);
}

static void
test_submit_unique_key (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuHandle) same = NULL;
  g_autoptr(AuHandle) next = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;
  guint n_calls;
  HeldCall *call;

  au_options_set_unique_key (options, "nightly");
  handle = fixture_submit (engine, "held", NULL, options);
  call = held_call_take ();
  n_calls = held_call_count ();

  same = fixture_submit_async (engine, "held", NULL, options, &error);
  g_assert_no_error (error);
  g_assert_false (au_handle_is_ready (same));
  held_call_return (call, g_variant_new_string ("done"));
  g_assert_true (fixture_wait (handle, &error));
  g_assert_true (fixture_wait (same, &error));
  g_assert_no_error (error);
  value = au_handle_dup_result (same, &error);
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, "done");
  g_assert_cmpuint (held_call_count (), ==, n_calls);

  /* it has ended: the next one is another one */
  next = fixture_submit (engine, "held", NULL, options);
  held_call_return (held_call_take (), g_variant_new_string ("again"));
  g_assert_true (fixture_wait (next, &error));
  g_assert_cmpuint (held_call_count (), ==, n_calls + 1);

  g_clear_object (&handle);
  g_clear_object (&same);
  g_clear_object (&next);
  fixture_drop (engine);
}

/* Cancelling by the handle of the second one cancels what it stands for. */
static void
test_submit_unique_key_cancel (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuHandle) same = NULL;
  g_autoptr(GError) error = NULL;
  HeldCall *call;

  au_options_set_unique_key (options, "nightly");
  handle = fixture_submit (engine, "held", NULL, options);
  call = held_call_take ();
  same = fixture_submit_async (engine, "held", NULL, options, &error);
  g_assert_no_error (error);

  g_assert_true (au_handle_cancel (same));
  while (!held_call_is_cancelled (call))
    g_thread_yield ();
  held_call_fail (call, G_IO_ERROR, G_IO_ERROR_CANCELLED, "given up");
  g_assert_false (fixture_wait (same, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (fixture_wait (handle, NULL));
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_CANCELLED);

  g_clear_object (&handle);
  g_clear_object (&same);
  fixture_drop (engine);
}

static AuHandle *
submit_after (AuEngine   *engine,
              const char *first,
              const char *second)
{
  g_autoptr(AuOptions) options = au_options_new ();
  const char *after[] = { first, second, NULL };

  au_options_set_after (options, after);

  return fixture_submit (engine, "held", NULL, options);
}

static void
assert_dependency_failed (AuEngine   *engine,
                          AuHandle   *handle,
                          const char *key,
                          const char *words)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) record = NULL;

  g_assert_false (fixture_wait (handle, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_DEPENDENCY);
  g_assert_nonnull (strstr (error->message, key));
  g_assert_nonnull (strstr (error->message, words));
  record = fixture_load (engine, au_handle_get_key (handle));
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_FAILED);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 0);
}

static void
test_submit_after (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) first = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *first_call = held_call_take ();
  g_autoptr(AuHandle) second = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *second_call = held_call_take ();
  const char *first_key = au_handle_get_key (first);
  const char *second_key = au_handle_get_key (second);
  g_autoptr(AuHandle) after_both = submit_after (engine, first_key, second_key);
  g_autoptr(AuHandle) after_ended = NULL;
  guint n_calls = held_call_count ();

  held_call_return (second_call, g_variant_new_string ("second"));
  g_assert_true (fixture_wait (second, NULL));
  g_assert_cmpuint (held_call_count (), ==, n_calls);
  g_assert_cmpint (au_handle_get_status (after_both), ==, AU_STATUS_PENDING);

  held_call_return (first_call, g_variant_new_string ("first"));
  held_call_return (held_call_take (), g_variant_new_string ("both"));
  g_assert_true (fixture_wait (after_both, NULL));

  after_ended = submit_after (engine, first_key, NULL);
  held_call_return (held_call_take (), g_variant_new_string ("ended"));
  g_assert_true (fixture_wait (after_ended, NULL));

  g_clear_object (&first);
  g_clear_object (&second);
  g_clear_object (&after_both);
  g_clear_object (&after_ended);
  fixture_drop (engine);
}

static void
test_submit_after_unlucky (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) failing = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *failing_call = held_call_take ();
  g_autoptr(AuHandle) cancelled = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *cancelled_call = held_call_take ();
  g_autoptr(AuHandle) after_failing = submit_after (engine, au_handle_get_key (failing), NULL);
  g_autoptr(AuHandle) after_that = submit_after (engine, au_handle_get_key (after_failing), NULL);
  g_autoptr(AuHandle) after_cancelled = submit_after (engine, au_handle_get_key (cancelled), NULL);
  g_autoptr(AuHandle) after_unknown = submit_after (engine, "unknown", NULL);
  g_autoptr(AuHandle) after_itself = NULL;
  g_autoptr(AuOptions) options = options_with_key ("ouroboros");
  guint n_calls = held_call_count ();
  const char *itself[] = { "ouroboros", NULL };

  held_call_fail (failing_call, G_IO_ERROR, G_IO_ERROR_FAILED, "no");
  assert_dependency_failed (engine, after_failing, au_handle_get_key (failing), "has failed");
  assert_dependency_failed (engine, after_that, au_handle_get_key (after_failing), "has failed");

  g_assert_true (au_handle_cancel (cancelled));
  held_call_fail (cancelled_call, G_IO_ERROR, G_IO_ERROR_CANCELLED, "no");
  assert_dependency_failed (engine, after_cancelled, au_handle_get_key (cancelled), "cancelled");
  assert_dependency_failed (engine, after_unknown, "unknown", "no computation");

  au_options_set_after (options, itself);
  after_itself = fixture_submit (engine, "held", NULL, options);
  assert_dependency_failed (engine, after_itself, "ouroboros", "itself");
  g_assert_cmpuint (held_call_count (), ==, n_calls);

  g_clear_object (&failing);
  g_clear_object (&cancelled);
  g_clear_object (&after_failing);
  g_clear_object (&after_that);
  g_clear_object (&after_cancelled);
  g_clear_object (&after_unknown);
  g_clear_object (&after_itself);
  fixture_drop (engine);
}

static void
test_submit_after_is_cancelled (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) first = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call = held_call_take ();
  g_autoptr(AuHandle) after = submit_after (engine, au_handle_get_key (first), NULL);
  guint n_calls = held_call_count ();

  g_assert_true (au_handle_cancel (after));
  g_assert_false (fixture_wait (after, NULL));
  g_assert_cmpint (au_handle_get_status (after), ==, AU_STATUS_CANCELLED);
  held_call_return (call, g_variant_new_string ("done"));
  g_assert_true (fixture_wait (first, NULL));
  g_assert_cmpuint (held_call_count (), ==, n_calls);

  g_clear_object (&first);
  g_clear_object (&after);
  fixture_drop (engine);
}

/* A long chain, of which the first link breaks. */
static void
test_submit_long_chain (const Parts *parts)
{
  const guint n_links = fixture_scale (parts, 20000);
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);
  HeldCall *call;

  g_ptr_array_add (handles, fixture_submit (engine, "held", NULL, NULL));
  call = held_call_take ();
  for (guint i = 0; i < n_links; i++)
    g_ptr_array_add (handles, submit_after (engine, au_handle_get_key (handles->pdata[i]), NULL));

  held_call_fail (call, G_IO_ERROR, G_IO_ERROR_FAILED, "no");
  g_assert_false (fixture_wait (handles->pdata[n_links], NULL));

  g_clear_pointer (&handles, g_ptr_array_unref);
  fixture_drop (engine);
}

static void
test_submit_many (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  GVariant *arguments[100];
  g_autoptr(GListModel) model = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(AuOptions) options = options_with_key ("one-key");

  for (guint i = 0; i < G_N_ELEMENTS (arguments); i++)
    arguments[i] = numbers (i, 1000);

  model = au_engine_submit_many (engine, "add", arguments, G_N_ELEMENTS (arguments), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_list_model_get_item_type (model) == AU_TYPE_HANDLE);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, G_N_ELEMENTS (arguments));
  for (guint i = 0; i < G_N_ELEMENTS (arguments); i++)
    {
      g_autoptr(AuHandle) handle = g_list_model_get_item (model, i);
      g_autoptr(GVariant) value = NULL;

      g_assert_true (fixture_wait (handle, &error));
      value = au_handle_dup_result (handle, &error);
      g_assert_cmpint (g_variant_get_int64 (value), ==, 1000 + i);
    }
  g_clear_object (&model);

  /* one bad one, and none is submitted */
  for (guint i = 0; i < 3; i++)
    arguments[i] = g_variant_ref_sink (i == 2 ? g_variant_new ("()") : numbers (1, 1));
  model = au_engine_submit_many (engine, "add", arguments, 3, NULL, &error);
  g_assert_null (model);
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);
  g_clear_error (&error);
  model = au_engine_submit_many (engine, "add", arguments, 2, options, &error);
  g_assert_null (model);
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  model = au_engine_submit_many (engine, "add", NULL, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 0);

  {
    g_autoptr(AuQuery) query = au_query_new ();

    g_assert_cmpint (au_store_count (au_engine_get_store (engine), query, NULL, &error), ==,
                     G_N_ELEMENTS (arguments));
  }

  for (guint i = 0; i < 3; i++)
    g_variant_unref (arguments[i]);
  g_clear_object (&model);
  fixture_drop (engine);
}

static void
test_submit_call (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  value = au_engine_call (engine, "add", numbers (20, 22), NULL, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int64 (value), ==, 42);

  g_assert_null (au_engine_call (engine, "add", numbers (-1, 0), NULL, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  g_assert_null (au_engine_call (engine, "add", NULL, NULL, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);

  fixture_drop (engine);
}

static void
test_submit_ttl (const Parts *parts)
{
  g_autoptr(AuStore) store = fixture_store_new (parts->store);
  g_autoptr(AuBackend) backend = fixture_backend_new (parts->backend);
  AuEngine *engine = g_initable_new (AU_TYPE_ENGINE, NULL, NULL, "store", store,
                                     "backend", backend, "ttl", G_TIME_SPAN_HOUR, NULL);
  g_autoptr(AuOptions) own = au_options_new ();
  const struct { gboolean own; GTimeSpan ttl; } cases[] = {
    { FALSE, G_TIME_SPAN_HOUR }, { TRUE, G_TIME_SPAN_MINUTE }, { FALSE, G_TIME_SPAN_HOUR },
  };

  au_options_set_ttl (own, G_TIME_SPAN_MINUTE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(AuHandle) handle = NULL;
      g_autoptr(AuRecord) record = NULL;

      handle = fixture_submit (engine, "add", numbers (1, 2), cases[i].own ? own : NULL);
      g_assert_true (fixture_wait (handle, NULL));
      record = fixture_load (engine, au_handle_get_key (handle));
      g_assert_cmpint (au_record_get_expires (record), ==,
                       au_record_get_completed (record) + cases[i].ttl);
    }

  /* the options of the caller are left as they were */
  g_assert_cmpint (au_options_get_ttl (own), ==, G_TIME_SPAN_MINUTE);
  g_clear_object (&store);
  g_clear_object (&backend);
  fixture_drop (engine);
}

/* Says when it was its turn. */
static GVariant *
turn_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  return g_variant_new_int32 (g_atomic_int_add (&board_get ()->n_runs, 1));
}

/* The most urgent first; those of one priority in the order of submission. */
static void
test_submit_priorities (const Parts *parts)
{
  static const int priorities[] = {
    0, -5, 10, 0, 10, G_MAXINT, G_MININT, 0, 1, 2, 3, 4, 5, 6, 7, 1,
  };
  static const gint32 turns[] = {
    11, 14, 1, 12, 2, 0, 15, 13, 9, 8, 7, 6, 5, 4, 3, 10,
  };
  AuEngine *engine = fixture_engine_new (parts);
  AuBackend *backend = au_engine_get_backend (engine);
  g_autoptr(AuHandle) first = NULL;
  AuHandle *handles[G_N_ELEMENTS (priorities)];
  HeldCall *call;

  g_object_set (backend, "max-workers", 1, NULL);
  g_atomic_int_set (&board_get ()->n_runs, 0);
  first = fixture_submit (engine, "held", NULL, NULL);
  call = held_call_take ();
  for (guint i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      g_autoptr(AuOptions) options = au_options_new ();

      au_options_set_priority (options, priorities[i]);
      handles[i] = fixture_submit (engine, "turn", NULL, options);
    }
  while (au_backend_get_waiting (backend) < G_N_ELEMENTS (priorities))
    g_thread_yield ();
  g_assert_cmpuint (au_backend_get_waiting (backend), ==, G_N_ELEMENTS (priorities));
  g_assert_cmpuint (au_backend_get_running (backend), ==, 1);

  held_call_return (call, g_variant_new_string ("done"));
  for (guint i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      g_autoptr(GVariant) turn = NULL;

      g_assert_true (fixture_wait (handles[i], NULL));
      turn = au_handle_dup_result (handles[i], NULL);
      g_assert_cmpint (g_variant_get_int32 (turn), ==, turns[i]);
      g_object_unref (handles[i]);
    }

  g_clear_object (&first);
  fixture_drop (engine);
}

/* Far more at a time than there are workers, or places in any queue of theirs. */
static void
test_submit_outstanding (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);
  const guint n = g_str_equal (parts->store, "file") ? N_FILES : N_OUTSTANDING;

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (handles, fixture_submit (engine, "add", numbers (i, 1), NULL));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) value = NULL;

      g_assert_true (fixture_wait (handles->pdata[i], &error));
      g_assert_no_error (error);
      value = au_handle_dup_result (handles->pdata[i], &error);
      g_assert_cmpint (g_variant_get_int64 (value), ==, i + 1);
    }
  g_assert_cmpuint (au_engine_get_n_live (engine), ==, 0);

  g_clear_pointer (&handles, g_ptr_array_unref);
  fixture_drop (engine);
}

static GVariant *
once_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  g_atomic_int_inc (&board_get ()->n_runs);

  return NULL;
}

static gpointer
submit_same_thread (gpointer data)
{
  AuEngine *engine = data;

  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%u", i);
      g_autoptr(AuOptions) options = options_with_key (key);
      g_autoptr(AuHandle) handle = fixture_submit (engine, "once", NULL, options);
      g_autoptr(GError) error = NULL;

      g_assert_true (au_handle_wait (handle, -1, NULL, &error));
      g_assert_no_error (error);
    }

  return NULL;
}

static void
test_submit_same_key_from_threads (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  GThread *threads[4];

  g_atomic_int_set (&board_get ()->n_runs, 0);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("submit", submit_same_thread, engine);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (g_atomic_int_get (&board_get ()->n_runs), ==, 500);

  fixture_drop (engine);
}

static const AuFunctionEntry functions[] = {
  { "add", "(xx)", "x", add_func, AU_FUNCTION_NONE },
  { "turn", "()", "i", turn_func, AU_FUNCTION_NONE },
  { "once", "()", NULL, once_func, AU_FUNCTION_NONE },
  { NULL }
};

int
main (int   argc,
      char *argv[])
{
  fixture_init (&argc, &argv, functions);

  fixture_add ("/engine/submit/key", NULL, test_submit_key);
  fixture_add ("/engine/submit/new-keys", NULL, test_submit_new_keys);
  fixture_add ("/engine/submit/refused", NULL, test_submit_refused);
  fixture_add ("/engine/submit/unique-key", "loop thread process", test_submit_unique_key);
  fixture_add ("/engine/submit/unique-key-cancel", "loop thread process", test_submit_unique_key_cancel);
  fixture_add ("/engine/submit/after", "loop thread process", test_submit_after);
  fixture_add ("/engine/submit/after-unlucky", "loop thread process", test_submit_after_unlucky);
  fixture_add ("/engine/submit/after-is-cancelled", "loop thread process", test_submit_after_is_cancelled);
  fixture_add ("/engine/submit/long-chain", "thread", test_submit_long_chain);
  fixture_add ("/engine/submit/many", NULL, test_submit_many);
  fixture_add ("/engine/submit/call", "inline thread process", test_submit_call);
  fixture_add ("/engine/submit/ttl", NULL, test_submit_ttl);
  fixture_add ("/engine/submit/same-key-from-threads", "inline thread process",
               test_submit_same_key_from_threads);
  fixture_add ("/engine/submit/priorities", "thread process", test_submit_priorities);
  fixture_add ("/engine/submit/outstanding", "loop thread process", test_submit_outstanding);

  return g_test_run ();
}
