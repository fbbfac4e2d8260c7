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
assert_value (AuEngine   *engine,
              const char *function)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuHandle) handle = fixture_submit (engine, function, g_variant_new ("(x)", (gint64) 21), NULL);
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
  AuEngine *engine = fixture_engine_new (parts);

  assert_value (engine, "double");
  fixture_drop (engine);
}

static void
test_forms_async (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);

  assert_value (engine, "double-later");
  fixture_drop (engine);
}

static void
test_forms_async_other_thread (const Parts *parts)
{
  AuEngine *engine;

  engine = fixture_engine_new (parts);
  for (guint i = 0; i < 50; i++)
    assert_value (engine, "double-elsewhere");
  fixture_drop (engine);
}

static void
test_forms_iterator (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(GError) error = NULL;
  g_autoptr(AuHandle) handle = fixture_submit (engine, "count", NULL, NULL);
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
assert_fails (AuEngine   *engine,
              const char *function,
              GQuark      domain,
              int         code,
              const char *words)
{
  g_autoptr(AuHandle) handle = fixture_submit (engine, function, NULL, NULL);
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
}

static void
assert_failure (const Parts *parts,
                const char  *function,
                GQuark       domain,
                int          code,
                const char  *words)
{
  AuEngine *engine = fixture_engine_new (parts);

  assert_fails (engine, function, domain, code, words);
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
  assert_failure (parts, "wrong-type", AU_ERROR, AU_ERROR_BAD_TYPE, "“s”");
}

static void
test_forms_undeclared_value (const Parts *parts)
{
  assert_failure (parts, "undeclared-value", AU_ERROR, AU_ERROR_BAD_TYPE, "declares none");
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
  assert_failure (parts, "wrong-item", AU_ERROR, AU_ERROR_BAD_TYPE, "“s”");
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
  assert_failure (parts, "no-value", AU_ERROR, AU_ERROR_NO_VALUE, "neither a value");
}

static void
test_forms_unit (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "unit", NULL, NULL);
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
  GLogLevelFlags fatal;

  if (!g_str_equal (parts->backend, "process"))
    {
      g_test_expect_message ("au", G_LOG_LEVEL_WARNING, "*“both”*both a value and an error*");
      assert_failure (parts, "both", G_IO_ERROR, G_IO_ERROR_BUSY, "not today");
      g_test_assert_expected_messages ();
      return;
    }

  /* what a worker has logged is no warning of the test */
  fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  assert_failure (parts, "both", G_IO_ERROR, G_IO_ERROR_BUSY, "not today");
  g_log_set_always_fatal (fatal);
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
  assert_failure (parts, "drop", AU_ERROR, AU_ERROR_NO_VALUE, "“drop”");
}

static void
test_forms_dropped_later (const Parts *parts)
{
  assert_failure (parts, "drop-later", AU_ERROR, AU_ERROR_NO_VALUE, "“drop-later”");
}

static void
test_forms_dropped_elsewhere (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);

  for (guint i = 0; i < 50; i++)
    assert_fails (engine, "drop-elsewhere", AU_ERROR, AU_ERROR_NO_VALUE, "“drop-elsewhere”");
  fixture_drop (engine);
}

static void
test_forms_returned_twice (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call = held_call_take ();
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  au_call_return_value (held_call_get_call (call), g_variant_new_string ("first"));
  g_test_expect_message ("au", G_LOG_LEVEL_CRITICAL, "*“held” returned twice*");
  held_call_return (call, g_variant_new_string ("second"));
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

  function = au_function_new ("where", "()", "b", AU_FUNCTION_OWNER_CONTEXT, where_func,
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
  g_autoptr(AuHandle) handle = fixture_submit (engine, "where", NULL, NULL);
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

  value = au_engine_call (run->engine, "where", NULL, NULL, -1, NULL, &error);
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
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GVariant) deepest = g_variant_ref_sink (nested (100));
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  handle = au_engine_submit (engine, "unwrap", deepest, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (fixture_wait (handle, &error));
  g_assert_no_error (error);
  record = fixture_load (engine, au_handle_get_key (handle));
  value = g_variant_get_child_value (deepest, 0);
  g_assert_true (g_variant_equal (au_record_get_value (record), value));
  g_assert_true (g_variant_equal (au_record_get_arguments (record), deepest));
  g_clear_object (&handle);

  handle = au_engine_submit (engine, "unwrap", nested (101), NULL, &error);
  g_assert_null (handle);
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);
  g_assert_nonnull (strstr (error->message, "nested deeper than 100 levels"));
  g_clear_error (&error);
  fixture_drop (engine);

  engine = fixture_engine_new (parts);
  handle = au_engine_submit (engine, "wrap", nested (100), NULL, &error);
  g_assert_no_error (error);
  g_assert_false (fixture_wait (handle, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* Whatever a value is, it comes back as it was, and so does the record of it. */
static void
test_forms_values (const Parts *parts)
{
  static const char * const texts[] = {
    "true", "byte 0xff", "int16 -32768", "uint16 65535", "-2147483648", "uint32 4294967295",
    "int64 -9223372036854775808", "uint64 18446744073709551615", "-1.5e300", "handle 7",
    "''", "'größer als 你'", "objectpath '/a/b'", "signature 'a{sv}'", "b''", "b'bytes\\377'",
    "@ay [0x00, 0x01]", "()", "(1,)", "(true, 'text', [1.5, 2.5])", "{'one': <1>, 'two': <'II'>}",
    "@a{sv} {}", "@as []", "['a', '']", "@mi nothing", "just 3", "@mmi just nothing", "<<byte 1>>",
    "[(1, <'x'>), (2, <@ay []>)]", "{1: {2: [3]}}",
  };
  AuEngine *engine = fixture_engine_new (parts);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) given = g_variant_parse (NULL, texts[i], NULL, NULL, &error);
      g_autoptr(GVariant) value = NULL;
      g_autoptr(GVariant) inner = NULL;
      g_autoptr(AuHandle) handle = NULL;
      g_autoptr(AuRecord) record = NULL;

      g_assert_no_error (error);
      handle = fixture_submit (engine, "unwrap", g_variant_new ("(v)", given), NULL);
      g_assert_true (fixture_wait (handle, &error));
      g_assert_no_error (error);
      value = au_handle_dup_result (handle, &error);
      inner = g_variant_get_variant (value);
      g_assert_cmpvariant (inner, given);
      g_assert_cmpstr (g_variant_get_type_string (inner), ==, g_variant_get_type_string (given));
      record = fixture_load (engine, au_handle_get_key (handle));
      g_assert_cmpvariant (au_record_get_value (record), value);
    }

  fixture_drop (engine);
}

static void
assert_would_deadlock (AuEngine   *engine,
                       const char *function)
{
  g_autoptr(AuHandle) handle = fixture_submit (engine, function, NULL, NULL);
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

/* What needs the main loop of the thread that waits. */
static const char *
choose_looping (const Parts *parts)
{
  return g_str_equal (parts->backend, "loop") ? "unit" : "where";
}

static void
test_forms_would_deadlock (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new_with (parts, owned_function ());

  assert_would_deadlock (engine, choose_looping (parts));
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
  engine = fixture_engine_new_with (parts, owned_function ());
  handle = fixture_submit (engine, choose_looping (parts), NULL, NULL);
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

static const AuFunctionEntry functions[] = {
  { "double", "(x)", "x", double_func, AU_FUNCTION_NONE },
  { "double-later", "(x)", "x", NULL, AU_FUNCTION_NONE, .start = double_start },
  { "double-elsewhere", "(x)", "x", NULL, AU_FUNCTION_NONE, .start = other_thread_start },
  { "count", "()", "u", NULL, AU_FUNCTION_NONE, .step = count_step },
  { "wrong-type", "()", "x", wrong_type_func, AU_FUNCTION_NONE },
  { "undeclared-value", "()", NULL, wrong_type_func, AU_FUNCTION_NONE },
  { "wrong-item", "()", "x", NULL, AU_FUNCTION_NONE, .step = wrong_item_step },
  { "no-value", "()", "x", nothing_func, AU_FUNCTION_NONE },
  { "unit", "()", NULL, nothing_func, AU_FUNCTION_NONE },
  { "both", "()", "x", both_func, AU_FUNCTION_NONE },
  { "drop", "()", "x", NULL, AU_FUNCTION_NONE, .start = drop_start },
  { "drop-later", "()", "x", NULL, AU_FUNCTION_NONE, .start = drop_later_start },
  { "drop-elsewhere", "()", "x", NULL, AU_FUNCTION_NONE, .start = drop_elsewhere_start },
  { "wrap", "(v)", "v", wrap_func, AU_FUNCTION_NONE },
  { "unwrap", "(v)", "v", unwrap_func, AU_FUNCTION_NONE },
  { NULL }
};

int
main (int   argc,
      char *argv[])
{
  fixture_init (&argc, &argv, functions);

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
  fixture_add ("/engine/forms/owner-context", "inline loop thread", test_forms_owner_context);
  fixture_add ("/engine/forms/owner-context-elsewhere", "inline loop thread",
               test_forms_owner_context_elsewhere);
  fixture_add ("/engine/forms/values", NULL, test_forms_values);
  fixture_add ("/engine/forms/nested", "inline thread process", test_forms_nested);
  fixture_add ("/engine/forms/would-deadlock", "loop thread", test_forms_would_deadlock);
  fixture_add ("/engine/forms/would-deadlock-private", "loop thread",
               test_forms_would_deadlock_private);
  fixture_add ("/engine/forms/would-deadlock-in-loop", "loop thread",
               test_forms_would_deadlock_in_loop);

  return g_test_run ();
}
