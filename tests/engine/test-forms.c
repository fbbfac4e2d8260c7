/* test-forms.c: the forms of functions, on every backend
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine-fixture.h"

static GVariant *
double_func (AuCall    *call,
             GVariant  *arguments,
             gpointer   data,
             GError   **error)
{
  gint64 number;

  g_variant_get (arguments, "(x)", &number);

  return g_variant_new_int64 (number * 2);
}

static gboolean
double_later_cb (gpointer data)
{
  AuCall *call = data;

  au_call_return_value (call, g_variant_new_int64 (42));
  au_call_unref (call);

  return G_SOURCE_REMOVE;
}

/* Returns from an iteration of the main context that is the default one of its thread. */
static void
double_start (AuCall   *call,
              GVariant *arguments,
              gpointer  data)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_callback (source, double_later_cb, au_call_ref (call), NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static gpointer
return_thread (gpointer data)
{
  AuCall *call = data;

  au_call_return_value (call, g_variant_new_int64 (42));
  au_call_unref (call);

  return NULL;
}

static void
other_thread_start (AuCall   *call,
                    GVariant *arguments,
                    gpointer  data)
{
  g_thread_unref (g_thread_new ("return", return_thread, au_call_ref (call)));
}

static gboolean
count_step (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GVariant **item,
            GError   **error)
{
  guint *n = au_call_get_state (call);

  if (n == NULL)
    {
      n = g_new0 (guint, 1);
      au_call_set_state (call, n, g_free);
    }

  if (*n == 3)
    return FALSE;

  *item = g_variant_new_uint32 ((*n)++);

  return TRUE;
}

static void
assert_value (AuEngine *engine)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuHandle) handle = fixture_submit (engine, g_variant_new ("(x)", (gint64) 21), NULL);
  g_autoptr(GVariant) value = NULL;
  g_autoptr(AuRecord) record = NULL;

  g_assert_true (fixture_wait (handle, &error));
  g_assert_no_error (error);
  value = au_handle_dup_result (handle, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int64 (value), ==, 42);

  record = fixture_load (engine, au_handle_get_key (handle));
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_COMPLETED);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 1);
  g_assert_true (g_variant_equal (au_record_get_value (record), value));
}

static void
test_forms_plain (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new_with (parts, fixture_plain ("(x)", "x", double_func));

  assert_value (engine);
  fixture_drop (engine);
}

static void
test_forms_async (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new_with (parts, fixture_async ("(x)", "x", double_start));

  assert_value (engine);
  fixture_drop (engine);
}

static void
test_forms_async_other_thread (const Parts *parts)
{
  AuEngine *engine;

  engine = fixture_engine_new_with (parts, fixture_async ("(x)", "x", other_thread_start));
  for (guint i = 0; i < 50; i++)
    assert_value (engine);
  fixture_drop (engine);
}

static void
test_forms_iterator (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new_with (parts, fixture_iterator (NULL, "u", count_step));
  g_autoptr(GError) error = NULL;
  g_autoptr(AuHandle) handle = fixture_submit (engine, NULL, NULL);
  g_autoptr(AuRecord) record = NULL;

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(GVariant) item = fixture_next_item (handle, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (g_variant_get_uint32 (item), ==, i);
    }
  g_assert_null (fixture_next_item (handle, &error));
  g_assert_no_error (error);
  g_assert_true (fixture_wait (handle, &error));

  record = fixture_load (engine, au_handle_get_key (handle));
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_COMPLETED);
  g_assert_cmpuint (au_record_get_n_items (record), ==, 3);
  g_assert_null (au_record_get_value (record));

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* What a function must not do. */

static void
assert_failure (AuEngine   *engine,
                GQuark      domain,
                int         code,
                const char *words)
{
  g_autoptr(AuHandle) handle = fixture_submit (engine, NULL, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) stored = NULL;
  g_autoptr(AuRecord) record = NULL;

  g_assert_false (fixture_wait (handle, &error));
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (error->message, words));

  record = fixture_load (engine, au_handle_get_key (handle));
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_FAILED);
  g_assert_null (au_record_get_value (record));
  stored = au_record_dup_error (record);
  g_assert_error (stored, domain, code);
  g_assert_cmpstr (stored->message, ==, error->message);

  g_clear_object (&handle);
  fixture_drop (engine);
}

static GVariant *
wrong_type_func (AuCall    *call,
                 GVariant  *arguments,
                 gpointer   data,
                 GError   **error)
{
  return g_variant_new_string ("three");
}

static void
test_forms_wrong_type (const Parts *parts)
{
  assert_failure (fixture_engine_new_with (parts, fixture_plain (NULL, "x", wrong_type_func)),
                  AU_ERROR, AU_ERROR_BAD_TYPE, "“s”");
}

static void
test_forms_undeclared_value (const Parts *parts)
{
  assert_failure (fixture_engine_new_with (parts, fixture_plain (NULL, NULL, wrong_type_func)),
                  AU_ERROR, AU_ERROR_BAD_TYPE, "declares none");
}

static gboolean
wrong_item_step (AuCall    *call,
                 GVariant  *arguments,
                 gpointer   data,
                 GVariant **item,
                 GError   **error)
{
  *item = g_variant_new_string ("three");

  return TRUE;
}

static void
test_forms_wrong_item (const Parts *parts)
{
  assert_failure (fixture_engine_new_with (parts, fixture_iterator (NULL, "x", wrong_item_step)),
                  AU_ERROR, AU_ERROR_BAD_TYPE, "“s”");
}

static GVariant *
nothing_func (AuCall    *call,
              GVariant  *arguments,
              gpointer   data,
              GError   **error)
{
  return NULL;
}

static void
test_forms_no_value (const Parts *parts)
{
  assert_failure (fixture_engine_new_with (parts, fixture_plain (NULL, "x", nothing_func)),
                  AU_ERROR, AU_ERROR_NO_VALUE, "neither a value");
}

static void
test_forms_unit (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new_with (parts, fixture_plain (NULL, NULL, nothing_func));
  g_autoptr(AuHandle) handle = fixture_submit (engine, NULL, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (fixture_wait (handle, &error));
  g_assert_null (au_handle_dup_result (handle, &error));
  g_assert_no_error (error);

  g_clear_object (&handle);
  fixture_drop (engine);
}

static GVariant *
both_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "not today");

  return g_variant_new_int64 (1);
}

static void
test_forms_value_and_error (const Parts *parts)
{
  g_test_expect_message ("au", G_LOG_LEVEL_WARNING, "*“f”*both a value and an error*");
  assert_failure (fixture_engine_new_with (parts, fixture_plain (NULL, "x", both_func)),
                  G_IO_ERROR, G_IO_ERROR_BUSY, "not today");
  g_test_assert_expected_messages ();
}

static void
drop_start (AuCall   *call,
            GVariant *arguments,
            gpointer  data)
{
}

static gboolean
drop_later_cb (gpointer data)
{
  au_call_unref (data);

  return G_SOURCE_REMOVE;
}

static void
drop_later_start (AuCall   *call,
                  GVariant *arguments,
                  gpointer  data)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_callback (source, drop_later_cb, au_call_ref (call), NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static gpointer
drop_thread (gpointer data)
{
  au_call_unref (data);

  return NULL;
}

static void
drop_elsewhere_start (AuCall   *call,
                      GVariant *arguments,
                      gpointer  data)
{
  g_thread_unref (g_thread_new ("drop", drop_thread, au_call_ref (call)));
}

static void
test_forms_dropped (const Parts *parts)
{
  assert_failure (fixture_engine_new_with (parts, fixture_async (NULL, "x", drop_start)),
                  AU_ERROR, AU_ERROR_NO_VALUE, "“f”");
}

static void
test_forms_dropped_later (const Parts *parts)
{
  assert_failure (fixture_engine_new_with (parts, fixture_async (NULL, "x", drop_later_start)),
                  AU_ERROR, AU_ERROR_NO_VALUE, "“f”");
}

static void
test_forms_dropped_elsewhere (const Parts *parts)
{
  for (guint i = 0; i < 50; i++)
    assert_failure (fixture_engine_new_with (parts,
                                             fixture_async (NULL, "x", drop_elsewhere_start)),
                    AU_ERROR, AU_ERROR_NO_VALUE, "“f”");
}

static void
test_forms_returned_twice (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new_with (parts, fixture_hold ());
  g_autoptr(AuHandle) handle = fixture_submit (engine, NULL, NULL);
  AuCall *call = fixture_take_call ();
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  au_call_return_value (call, g_variant_new_string ("first"));
  g_test_expect_message ("au", G_LOG_LEVEL_CRITICAL, "*“f” returned twice*");
  fixture_return (call, g_variant_new_string ("second"));
  g_test_assert_expected_messages ();

  g_assert_true (fixture_wait (handle, &error));
  value = au_handle_dup_result (handle, &error);
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, "first");

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* The context that a function belongs to. */

static GVariant *
where_func (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GError   **error)
{
  return g_variant_new_boolean (g_thread_self () == data);
}

static AuFunction *
owned_function (void)
{
  g_autoptr(GError) error = NULL;
  AuFunction *function;

  function = au_function_new ("f", "()", "b", AU_FUNCTION_OWNER_CONTEXT, where_func,
                              g_thread_self (), NULL, &error);
  g_assert_no_error (error);

  return function;
}

static void
assert_true_value (AuHandle *handle)
{
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  value = au_handle_dup_result (handle, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_get_boolean (value));
}

static void
test_forms_owner_context (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new_with (parts, owned_function ());
  g_autoptr(AuHandle) handle = fixture_submit (engine, NULL, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (fixture_wait (handle, &error));
  g_assert_no_error (error);
  assert_true_value (handle);

  g_clear_object (&handle);
  fixture_drop (engine);
}

typedef struct
{
  AuEngine *engine;
  gint      done;
} ElsewhereRun;

static gpointer
elsewhere_thread (gpointer data)
{
  ElsewhereRun *run = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = NULL;

  value = au_engine_call (run->engine, "f", NULL, NULL, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_get_boolean (value));

  g_atomic_int_set (&run->done, TRUE);
  g_main_context_wakeup (NULL);

  return NULL;
}

/* Another thread submits and waits, while this one iterates. */
static void
test_forms_owner_context_elsewhere (const Parts *parts)
{
  ElsewhereRun run = { fixture_engine_new_with (parts, owned_function ()), FALSE };
  GThread *thread = g_thread_new ("elsewhere", elsewhere_thread, &run);

  while (!g_atomic_int_get (&run.done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);

  fixture_drop (run.engine);
}

/* A wait in the thread that has to run the computation is an error. */
static GVariant *
unwrap_func (AuCall    *call,
             GVariant  *args,
             gpointer   user_data,
             GError   **error)
{
  return g_variant_get_child_value (args, 0);
}

static GVariant *
wrap_func (AuCall    *call,
           GVariant  *args,
           gpointer   user_data,
           GError   **error)
{
  return g_variant_new_variant (args);
}

/* As its only argument, so that there is one level more. */
static GVariant *
nested (guint depth)
{
  GVariant *value = g_variant_new_boolean (TRUE);

  for (guint i = 1; i < depth; i++)
    value = g_variant_new_variant (value);

  return g_variant_new_tuple (&value, 1);
}

/* What could not be read back is not taken; all else comes back as it was. */
static void
test_forms_nested (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new_with (parts, fixture_plain ("(v)", "v", unwrap_func));
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GVariant) deepest = g_variant_ref_sink (nested (100));
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  handle = au_engine_submit (engine, "f", deepest, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (fixture_wait (handle, &error));
  g_assert_no_error (error);
  record = fixture_load (engine, au_handle_get_key (handle));
  value = g_variant_get_child_value (deepest, 0);
  g_assert_true (g_variant_equal (au_record_get_value (record), value));
  g_assert_true (g_variant_equal (au_record_get_arguments (record), deepest));
  g_clear_object (&handle);

  handle = au_engine_submit (engine, "f", nested (101), NULL, &error);
  g_assert_null (handle);
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);
  g_assert_nonnull (strstr (error->message, "nested deeper than 100 levels"));
  g_clear_error (&error);
  fixture_drop (engine);

  engine = fixture_engine_new_with (parts, fixture_plain ("(v)", "v", wrap_func));
  handle = au_engine_submit (engine, "f", nested (100), NULL, &error);
  g_assert_no_error (error);
  g_assert_false (fixture_wait (handle, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);

  g_clear_object (&handle);
  fixture_drop (engine);
}

static void
assert_would_deadlock (AuEngine *engine)
{
  g_autoptr(AuHandle) handle = fixture_submit (engine, NULL, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_false (au_handle_wait (handle, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK);
  g_clear_error (&error);

  g_assert_false (au_engine_drain (engine, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK);
  g_clear_error (&error);

  g_assert_true (fixture_wait (handle, &error));
  g_assert_no_error (error);

  /* now there is nothing to wait for */
  g_assert_true (au_handle_wait (handle, -1, NULL, &error));
  g_assert_true (au_engine_drain (engine, -1, NULL, &error));
  g_assert_no_error (error);
}

static void
test_forms_would_deadlock (const Parts *parts)
{
  AuFunction *function = g_str_equal (parts->backend, "loop") ?
                         fixture_plain (NULL, NULL, nothing_func) : owned_function ();
  AuEngine *engine = fixture_engine_new_with (parts, function);

  assert_would_deadlock (engine);
  fixture_drop (engine);
}

static gboolean
would_deadlock_cb (gpointer data)
{
  const Parts *parts = data;

  test_forms_would_deadlock (parts);
  g_main_context_wakeup (NULL);

  return G_SOURCE_REMOVE;
}

/* In a private context, which the thread has made its default one. */
static gpointer
private_thread (gpointer data)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  const Parts *parts = data;
  AuEngine *engine;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GError) error = NULL;

  g_main_context_push_thread_default (context);
  engine = fixture_engine_new_with (parts, g_str_equal (parts->backend, "loop") ?
                                           fixture_plain (NULL, NULL, nothing_func) :
                                           owned_function ());
  handle = fixture_submit (engine, NULL, NULL);
  g_assert_false (au_handle_wait (handle, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK);

  while (!au_handle_is_ready (handle))
    g_main_context_iteration (context, FALSE);

  g_clear_object (&handle);
  g_object_unref (engine);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_forms_would_deadlock_private (const Parts *parts)
{
  g_thread_join (g_thread_new ("private", private_thread, (gpointer) parts));
}

static void
test_forms_would_deadlock_in_loop (const Parts *parts)
{
  g_idle_add (would_deadlock_cb, (gpointer) parts);
  while (g_main_context_pending (NULL))
    g_main_context_iteration (NULL, FALSE);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  fixture_add ("/engine/forms/plain", NULL, test_forms_plain);
  fixture_add ("/engine/forms/async", NULL, test_forms_async);
  fixture_add ("/engine/forms/async-other-thread", NULL, test_forms_async_other_thread);
  fixture_add ("/engine/forms/iterator", NULL, test_forms_iterator);
  fixture_add ("/engine/forms/wrong-type", NULL, test_forms_wrong_type);
  fixture_add ("/engine/forms/undeclared-value", NULL, test_forms_undeclared_value);
  fixture_add ("/engine/forms/wrong-item", NULL, test_forms_wrong_item);
  fixture_add ("/engine/forms/no-value", NULL, test_forms_no_value);
  fixture_add ("/engine/forms/unit", NULL, test_forms_unit);
  fixture_add ("/engine/forms/value-and-error", NULL, test_forms_value_and_error);
  fixture_add ("/engine/forms/dropped", NULL, test_forms_dropped);
  fixture_add ("/engine/forms/dropped-later", NULL, test_forms_dropped_later);
  fixture_add ("/engine/forms/dropped-elsewhere", NULL, test_forms_dropped_elsewhere);
  fixture_add ("/engine/forms/returned-twice", "loop thread", test_forms_returned_twice);
  fixture_add ("/engine/forms/owner-context", NULL, test_forms_owner_context);
  fixture_add ("/engine/forms/owner-context-elsewhere", NULL, test_forms_owner_context_elsewhere);
  fixture_add ("/engine/forms/nested", "inline thread", test_forms_nested);
  fixture_add ("/engine/forms/would-deadlock", "loop thread", test_forms_would_deadlock);
  fixture_add ("/engine/forms/would-deadlock-private", "loop thread",
               test_forms_would_deadlock_private);
  fixture_add ("/engine/forms/would-deadlock-in-loop", "loop thread",
               test_forms_would_deadlock_in_loop);

  return g_test_run ();
}
