/* au-test-middleware.c: what every middleware must do
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au-test/au-test-backend.h>
#include <au-test/au-test-clock.h>
#include <au-test/au-test-context.h>
#include <au-test/au-test-middleware.h>

#include "au-test-maker-private.h"
#include "au-test-run-private.h"

#define N_THREADS (4)

/* Two engines that differ in the middleware alone. */
typedef struct
{
  AuEngine     *engine;
  AuEngine     *without;
  AuMiddleware *middleware;
} MiddlewareFixture;

static AuEngine *
new_engine (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuBackend) backend = NULL;

  store = au_part_new (AU_MODULE_STORE, "memory", &error, NULL);
  g_assert_no_error (error);
  backend = au_part_new (AU_MODULE_BACKEND, "thread", &error, NULL);
  g_assert_no_error (error);

  return au_engine_new_with_parts (store, backend);
}

static void
run_test (gconstpointer user_data)
{
  const AuTestOfMaker *test = user_data;
  MiddlewareFixture fixture = { NULL };
  /* one that writes a log may warn of what fails */
  GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);

  fixture.engine = new_engine ();
  fixture.without = new_engine ();
  fixture.middleware = au_test_maker_make (test->maker, AU_TYPE_MIDDLEWARE);
  au_engine_add_middleware (fixture.engine, fixture.middleware);

  test->entry->test (&fixture);

  au_test_end_object (fixture.engine);
  au_test_end_object (fixture.without);
  au_test_end_object (fixture.middleware);
  g_log_set_always_fatal (fatal);
}

/* How a computation ends. */
typedef struct
{
  AuStatus  status;
  GVariant *value;
  GError   *error;
  guint     attempt;
} Outcome;

static void
compute (AuEngine   *engine,
         const char *function,
         GVariant   *arguments,
         AuOptions  *options,
         gboolean    cancel,
         Outcome    *outcome)
{
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;

  handle = au_engine_submit (engine, function, arguments, options, &error);
  g_assert_no_error (error);
  if (cancel)
    au_handle_cancel (handle);
  if (au_handle_wait (handle, -1, NULL, &outcome->error))
    outcome->value = au_handle_dup_result (handle, NULL);
  outcome->status = au_handle_get_status (handle);
  record = au_handle_dup_record (handle);
  outcome->attempt = au_record_get_attempt (record);
}

static void
outcome_clear (Outcome *self)
{
  g_clear_pointer (&self->value, g_variant_unref);
  g_clear_error (&self->error);
}

/* Computes with the middleware and without it. */
static void
assert_changes_nothing (MiddlewareFixture *fixture,
                        const char        *function,
                        GVariant          *arguments,
                        AuOptions         *options,
                        gboolean           cancel)
{
  g_autoptr(GVariant) sunk = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  Outcome with = { 0 };
  Outcome without = { 0 };

  compute (fixture->engine, function, sunk, options, cancel, &with);
  compute (fixture->without, function, sunk, options, cancel, &without);

  g_assert_cmpint (with.status, ==, without.status);
  if (!cancel)
    g_assert_cmpuint (with.attempt, ==, without.attempt);
  g_assert_cmpint (with.value != NULL, ==, without.value != NULL);
  if (with.value != NULL)
    g_assert_cmpvariant (with.value, without.value);
  if (without.error != NULL)
    {
      g_assert_error (with.error, without.error->domain, without.error->code);
      if (!cancel)
        g_assert_cmpstr (with.error->message, ==, without.error->message);
    }
  else
    {
      g_assert_no_error (with.error);
    }

  outcome_clear (&with);
  outcome_clear (&without);
}

static GVariant *
new_script (const char *step)
{
  const char *const steps[] = { step, NULL };

  return g_variant_new ("(s^as)", "", steps);
}

static void
test_values_are_left_alone (gpointer subject)
{
  MiddlewareFixture *fixture = subject;

  assert_changes_nothing (fixture, "test.echo", g_variant_new_parsed ("(<'x'>,)"), NULL, FALSE);
  assert_changes_nothing (fixture, "test.nothing", NULL, NULL, FALSE);
  assert_changes_nothing (fixture, "test.script-async", new_script ("return (1, 'a')"), NULL, FALSE);
  assert_changes_nothing (fixture, "test.count", g_variant_new ("(st)", "", (guint64) 10), NULL, FALSE);
}

static void
test_errors_are_left_alone (gpointer subject)
{
  MiddlewareFixture *fixture = subject;

  assert_changes_nothing (fixture, "test.script", new_script ("fail 12 no more “room”"), NULL, FALSE);
  assert_changes_nothing (fixture, "test.no-value", NULL, NULL, FALSE);
}

static void
test_attempts_are_left_alone (gpointer subject)
{
  MiddlewareFixture *fixture = subject;
  g_autoptr(AuOptions) options = au_options_new ();
  const char *const steps[] = { "fail-once 0 no luck", "return 2", NULL };

  au_options_set_attempts (options, 3);
  au_options_set_backoff (options, 0);
  assert_changes_nothing (fixture, "test.script", g_variant_new ("(s^as)", "", steps), options, FALSE);
  assert_changes_nothing (fixture, "test.script", new_script ("fail 0 never"), options, FALSE);
}

static void
test_cancelled_computations_are_left_alone (gpointer subject)
{
  MiddlewareFixture *fixture = subject;
  g_autoptr(AuOptions) options = au_options_new ();

  au_options_set_delay (options, G_TIME_SPAN_HOUR);
  assert_changes_nothing (fixture, "test.echo", g_variant_new_parsed ("(<'x'>,)"), options, TRUE);
}

static void
test_nobody_iterates_the_main_context (gpointer subject)
{
  MiddlewareFixture *fixture = subject;
  g_autoptr(AuTestContext) context = au_test_context_new (NULL);

  au_test_context_forbid (context);
  test_values_are_left_alone (fixture);
  test_errors_are_left_alone (fixture);
  au_test_context_allow (context);
}

static gpointer
use_in_thread (gpointer data)
{
  MiddlewareFixture *fixture = data;

  for (guint i = 0; i < 100; i++)
    {
      Outcome outcome = { 0 };

      compute (fixture->engine, i % 4 == 3 ? "test.no-value" : "test.nothing", NULL, NULL, i % 10 == 9, &outcome);
      g_assert_true (au_status_is_terminal (outcome.status));
      outcome_clear (&outcome);
    }

  return NULL;
}

static void
test_threads_use_it_at_once (gpointer subject)
{
  MiddlewareFixture *fixture = subject;

  au_test_run_threads (N_THREADS, use_in_thread, fixture);
}

/* Settings may be looked at while computations run. */
static void
test_properties_can_be_read_meanwhile (gpointer subject)
{
  MiddlewareFixture *fixture = subject;
  g_autofree GParamSpec **specs = NULL;
  guint n_specs;
  GThread *thread = g_thread_new (NULL, use_in_thread, fixture);

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (fixture->middleware), &n_specs);
  for (guint i = 0; i < 200; i++)
    {
      for (guint j = 0; j < n_specs; j++)
        {
          g_auto(GValue) value = G_VALUE_INIT;

          if ((specs[j]->flags & G_PARAM_READABLE) == 0)
            continue;
          g_object_get_property (G_OBJECT (fixture->middleware), specs[j]->name, &value);
        }
    }

  g_thread_join (thread);
}

/**
 * au_test_middleware_add_suite:
 * @prefix: what the names of the tests start with, such as `/middleware/acme`
 * @make: (scope notified) (closure user_data) (destroy destroy): makes a middleware
 * @user_data: data for @make
 * @destroy: (nullable): frees @user_data
 *
 * Adds tests of everything that a middleware must do, for those that @make makes, to the
 * tests of this program.
 *
 * They compare what becomes of computations with the middleware and without it: those
 * that complete, fail, are tried again and are cancelled; and look at threads, at main
 * contexts, and at what still holds the middleware when its engine is gone.
 *
 * What a middleware refuses, or amends, is its own affair, and for a test of its own.
 *
 * Since: 1.0
 */
void
au_test_middleware_add_suite (const char          *prefix,
                              AuTestMiddlewareFunc make,
                              gpointer             user_data,
                              GDestroyNotify       destroy)
{
  static const AuTestEntry tests[] = {
    { "values-are-left-alone", test_values_are_left_alone },
    { "errors-are-left-alone", test_errors_are_left_alone },
    { "attempts-are-left-alone", test_attempts_are_left_alone },
    { "cancelled-computations-are-left-alone", test_cancelled_computations_are_left_alone },
    { "nobody-iterates-the-main-context", test_nobody_iterates_the_main_context },
    { "threads-use-it-at-once", test_threads_use_it_at_once },
    { "properties-can-be-read-meanwhile", test_properties_can_be_read_meanwhile },
    { NULL, NULL }
  };

  g_return_if_fail (prefix != NULL && prefix[0] == '/');
  g_return_if_fail (make != NULL);

  au_test_functions_register ();
  au_test_maker_add_suite (prefix, make, user_data, destroy, tests, run_test);
}
