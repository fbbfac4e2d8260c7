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

  return g_test_run ();
}
