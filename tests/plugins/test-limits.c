/* test-limits.c: the middleware that limits
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "plugins-fixture.h"

static GVariant *
nothing_func (AuCall    *call,
              GVariant  *arguments,
              gpointer   data,
              GError   **error)
{
  return g_variant_new_boolean (TRUE);
}

/* Runs until the gate opens. */
static GVariant *
gate_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  AuSemaphore *gate = data;

  if (!au_semaphore_acquire (gate, -1, au_call_get_cancellable (call), error))
    return NULL;
  return g_variant_new_boolean (TRUE);
}

static AuMiddleware *
new_middleware (const char *type,
                const char *first,
                ...)
{
  g_autoptr(GError) error = NULL;
  AuMiddleware *middleware;
  va_list values;

  va_start (values, first);
  if (g_str_equal (type, "rate-limit"))
    {
      double rate = va_arg (values, double);
      const char *name = va_arg (values, const char *);
      int number = name != NULL ? va_arg (values, int) : 0;
      const char *key = name != NULL ? va_arg (values, const char *) : NULL;

      middleware = au_part_new (AU_MODULE_MIDDLEWARE, type, &error, first, rate,
                                name, number, key != NULL ? "metadata-key" : NULL, key, NULL);
    }
  else
    {
      guint limit = va_arg (values, guint);

      middleware = au_part_new (AU_MODULE_MIDDLEWARE, type, &error, first, limit, NULL);
    }
  va_end (values);
  g_assert_no_error (error);

  return middleware;
}

/* How many of @n were let in. */
static guint
try_often (AuEngine   *engine,
           const char *function,
           const char *user,
           guint       n)
{
  guint n_in = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(AuOptions) options = au_options_new ();
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) value = NULL;

      if (user != NULL)
        {
          GVariantDict dict;

          g_variant_dict_init (&dict, NULL);
          g_variant_dict_insert (&dict, "user", "s", user);
          au_options_set_metadata (options, g_variant_dict_end (&dict));
        }
      value = au_engine_call (engine, function, NULL, options, -1, NULL, &error);
      if (value != NULL)
        n_in++;
      else
        g_assert_error (error, AU_ERROR, AU_ERROR_REFUSED);
    }

  return n_in;
}

/* The example of a middleware that refuses: ten calls a minute, and no eleventh. */
static void
test_rate_refuses (void)
{
  g_autoptr(AuEngine) engine = fixture_engine_new ("inline");
  g_autoptr(AuMiddleware) middleware = new_middleware ("rate-limit", "rate", 10.0 / 60, NULL);

  au_clock_freeze ();
  au_engine_add_middleware (engine, middleware);
  g_assert_cmpuint (try_often (engine, "test.nothing", NULL, 15), ==, 10);
  au_clock_advance (59 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (try_often (engine, "test.nothing", NULL, 5), ==, 0);
  au_clock_advance (G_TIME_SPAN_SECOND);
  g_assert_cmpuint (try_often (engine, "test.nothing", NULL, 15), ==, 10);
  au_clock_thaw ();
}

static void
test_rate_for_each_function (void)
{
  g_autoptr(AuEngine) engine = fixture_engine_new ("inline");
  g_autoptr(AuMiddleware) middleware = new_middleware ("rate-limit", "rate", 2.0, "scope", 1, NULL);

  au_clock_freeze ();
  au_engine_add_middleware (engine, middleware);
  g_assert_cmpuint (try_often (engine, "test.nothing", NULL, 5), ==, 2);
  g_assert_cmpuint (try_often (engine, "test.other", NULL, 5), ==, 2);
  au_clock_thaw ();
}

static void
test_rate_for_each_user (void)
{
  g_autoptr(AuEngine) engine = fixture_engine_new ("inline");
  g_autoptr(AuMiddleware) middleware =
    new_middleware ("rate-limit", "rate", 2.0, "scope", 2, "user");

  au_clock_freeze ();
  au_engine_add_middleware (engine, middleware);
  g_assert_cmpuint (try_often (engine, "test.nothing", "ann", 5), ==, 2);
  g_assert_cmpuint (try_often (engine, "test.nothing", "bob", 5), ==, 2);
  g_assert_cmpuint (try_often (engine, "test.nothing", NULL, 5), ==, 2);
  au_clock_thaw ();
}

static void
test_rate_needs_key (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuMiddleware) middleware =
    au_part_new (AU_MODULE_MIDDLEWARE, "rate-limit", &error, "scope", 2, NULL);

  g_assert_null (middleware);
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFIG);
}

/* None is refused; each begins when it is its turn, and can be cancelled before. */
static void
test_rate_delays (void)
{
  g_autoptr(AuEngine) engine = fixture_engine_new ("thread");
  g_autoptr(AuMiddleware) middleware = new_middleware ("rate-limit", "rate", 2.0, "excess", 1, NULL);
  AuHandle *handles[5];

  au_clock_freeze ();
  au_engine_add_middleware (engine, middleware);
  for (guint i = 0; i < 5; i++)
    handles[i] = au_engine_submit (engine, "test.nothing", NULL, NULL, NULL);
  g_assert_true (au_handle_wait (handles[0], -1, NULL, NULL));
  g_assert_true (au_handle_wait (handles[1], -1, NULL, NULL));
  for (guint i = 2; i < 5; i++)
    g_assert_cmpint (au_handle_get_status (handles[i]), ==, AU_STATUS_PENDING);
  au_clock_advance (G_TIME_SPAN_SECOND);
  g_assert_true (au_handle_wait (handles[2], -1, NULL, NULL));
  g_assert_true (au_handle_wait (handles[3], -1, NULL, NULL));
  g_assert_cmpint (au_handle_get_status (handles[4]), ==, AU_STATUS_PENDING);
  g_assert_true (au_handle_cancel (handles[4]));
  g_assert_false (au_handle_wait (handles[4], -1, NULL, NULL));
  au_clock_thaw ();

  for (guint i = 0; i < 5; i++)
    g_object_unref (handles[i]);
}

static void
test_concurrency (void)
{
  g_autoptr(AuEngine) engine = fixture_engine_new ("thread");
  g_autoptr(AuMiddleware) middleware = new_middleware ("concurrency", "limit", 3);
  g_autoptr(AuSemaphore) gate = au_semaphore_new (0);
  g_autoptr(AuFunction) function = NULL;
  AuHandle *handles[4];

  function = au_function_new ("test.gate", "()", "b", AU_FUNCTION_NONE, gate_func,
                              g_object_ref (gate), g_object_unref, NULL);
  g_assert_nonnull (function);
  au_engine_add_function (engine, function);
  au_engine_add_middleware (engine, middleware);

  for (guint i = 0; i < 4; i++)
    handles[i] = au_engine_submit (engine, "test.gate", NULL, NULL, NULL);
  g_assert_false (au_handle_wait (handles[3], -1, NULL, NULL));

  /* one that completes and one that is cancelled make room for two */
  g_assert_true (au_handle_cancel (handles[0]));
  g_assert_false (au_handle_wait (handles[0], -1, NULL, NULL));
  au_semaphore_set_limit (gate, 10);
  g_assert_true (au_handle_wait (handles[1], -1, NULL, NULL));
  g_assert_true (au_handle_wait (handles[2], -1, NULL, NULL));
  for (guint i = 0; i < 4; i++)
    g_object_unref (handles[i]);
  g_assert_cmpuint (try_often (engine, "test.nothing", NULL, 20), ==, 20);
}

static AuMiddleware *
new_delaying (const char *limit,
              const char *scope)
{
  const char *settings[] = { limit, scope, "excess=delay", NULL };
  g_autoptr(GError) error = NULL;
  AuMiddleware *middleware;

  middleware = (AuMiddleware *) au_part_new_from_strings (AU_MODULE_MIDDLEWARE, "concurrency",
                                                          settings, &error);
  g_assert_no_error (error);

  return middleware;
}

static AuHandle *
submit_with (AuEngine   *engine,
             const char *function,
             int         priority,
             guint       attempts)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(GError) error = NULL;
  AuHandle *handle;

  au_options_set_priority (options, priority);
  au_options_set_attempts (options, attempts);
  au_options_set_backoff (options, 0);
  handle = au_engine_submit (engine, function, NULL, options, &error);
  g_assert_no_error (error);

  return handle;
}

static void
await_running (AuHandle *handle)
{
  while (au_handle_get_status (handle) != AU_STATUS_RUNNING)
    g_main_context_iteration (NULL, FALSE);
}

/* None is refused; those beyond wait for their turn, the urgent ones first, and one that is
 * cancelled takes nobody's. */
static void
test_concurrency_delays (void)
{
  g_autoptr(AuEngine) engine = fixture_engine_new ("thread");
  g_autoptr(AuMiddleware) middleware = new_delaying ("limit=1", "scope=engine");
  g_autoptr(AuSemaphore) gate = au_semaphore_new (0);
  g_autoptr(AuFunction) function = NULL;
  AuHandle *handles[4];

  function = au_function_new ("test.gate", "()", "b", AU_FUNCTION_NONE, gate_func,
                              g_object_ref (gate), g_object_unref, NULL);
  au_engine_add_function (engine, function);
  au_engine_add_middleware (engine, middleware);

  handles[0] = submit_with (engine, "test.gate", 0, 1);
  await_running (handles[0]);
  handles[1] = submit_with (engine, "test.gate", 0, 1);
  handles[2] = submit_with (engine, "test.gate", 0, 1);
  handles[3] = submit_with (engine, "test.gate", -1, 1);
  for (guint i = 1; i < 4; i++)
    g_assert_cmpint (au_handle_get_status (handles[i]), ==, AU_STATUS_PENDING);

  g_assert_true (au_handle_cancel (handles[1]));
  g_assert_false (au_handle_wait (handles[1], -1, NULL, NULL));

  au_semaphore_set_limit (gate, 1);
  g_assert_true (au_handle_wait (handles[0], -1, NULL, NULL));
  await_running (handles[3]);
  g_assert_cmpint (au_handle_get_status (handles[2]), ==, AU_STATUS_PENDING);
  au_semaphore_set_limit (gate, 2);
  g_assert_true (au_handle_wait (handles[3], -1, NULL, NULL));
  await_running (handles[2]);
  g_assert_true (au_handle_cancel (handles[2]));
  g_assert_false (au_handle_wait (handles[2], -1, NULL, NULL));

  for (guint i = 0; i < 4; i++)
    g_object_unref (handles[i]);
  g_assert_cmpuint (try_often (engine, "test.nothing", NULL, 20), ==, 20);
}

static gint n_inside, n_too_many, n_calls;

/* Fails every third time. */
static GVariant *
alone_func (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GError   **error)
{
  gint n;

  if (g_atomic_int_add (&n_inside, 1) > 0)
    g_atomic_int_inc (&n_too_many);
  n = g_atomic_int_add (&n_calls, 1);
  g_thread_yield ();
  g_atomic_int_add (&n_inside, -1);

  if (n % 3 == 2)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
      return NULL;
    }

  return g_variant_new_boolean (TRUE);
}

static gpointer
alone_thread (gpointer data)
{
  AuHandle *handles[50];

  for (guint i = 0; i < G_N_ELEMENTS (handles); i++)
    handles[i] = submit_with (data, "test.alone", 0, 1000);
  for (guint i = 0; i < G_N_ELEMENTS (handles); i++)
    {
      if (i % 10 == 9)
        au_handle_cancel (handles[i]);
      au_handle_wait (handles[i], -1, NULL, NULL);
      g_assert_true (au_handle_is_ready (handles[i]));
      g_object_unref (handles[i]);
    }

  return NULL;
}

/* Whatever the backend, from many threads, with attempts that fail. */
static void
test_concurrency_one_by_one (gconstpointer data)
{
  g_autoptr(AuEngine) engine = fixture_engine_new (data);
  g_autoptr(AuMiddleware) middleware = new_delaying ("limit=1", "scope=function");
  g_autoptr(AuFunction) function = NULL;
  GThread *threads[4];

  n_inside = n_too_many = n_calls = 0;
  function = au_function_new ("test.alone", "()", "b", AU_FUNCTION_NONE, alone_func, NULL, NULL, NULL);
  au_engine_add_function (engine, function);
  au_engine_add_middleware (engine, middleware);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("alone", alone_thread, engine);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (n_too_many, ==, 0);
  g_assert_cmpint (n_calls, >, 180);
}

int
main (int   argc,
      char *argv[])
{
  static const AuFunctionEntry functions[] = {
    { "test.nothing", "()", "b", nothing_func, AU_FUNCTION_NONE, NULL },
    { "test.other", "()", "b", nothing_func, AU_FUNCTION_NONE, NULL },
    { NULL }
  };

  g_test_init (&argc, &argv, NULL);
  au_functions_register (functions);

  g_test_add_func ("/plugins/rate-limit/refuses", test_rate_refuses);
  g_test_add_func ("/plugins/rate-limit/for-each-function", test_rate_for_each_function);
  g_test_add_func ("/plugins/rate-limit/for-each-user", test_rate_for_each_user);
  g_test_add_func ("/plugins/rate-limit/needs-key", test_rate_needs_key);
  g_test_add_func ("/plugins/rate-limit/delays", test_rate_delays);
  g_test_add_func ("/plugins/concurrency/refuses", test_concurrency);
  g_test_add_func ("/plugins/concurrency/delays", test_concurrency_delays);
  g_test_add_data_func ("/plugins/concurrency/one-by-one/inline", "inline", test_concurrency_one_by_one);
  g_test_add_data_func ("/plugins/concurrency/one-by-one/thread", "thread", test_concurrency_one_by_one);

  return g_test_run ();
}
