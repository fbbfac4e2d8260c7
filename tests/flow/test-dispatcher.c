/* test-dispatcher.c: tasks together, and temporary engines
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "runner-fixture.h"

#include <string.h>

/* The thread in which all signals are to arrive. */
static GThread *thread;

static char *
print_outcomes (AuDispatcher *dispatcher)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (dispatcher)); i++)
    {
      g_autoptr(AuOutcome) outcome = g_list_model_get_item (G_LIST_MODEL (dispatcher), i);
      g_autoptr(GVariant) result = NULL;
      g_autoptr(GError) error = NULL;
      AuStatus status;

      g_object_get (outcome, "status", &status, "result", &result, "error", &error, NULL);
      g_string_append_printf (text, "%s(%s) ", au_status_to_string (status),
                              result != NULL ? g_variant_get_string (result, NULL)
                                             : error != NULL ? error->message : "");
    }

  return g_string_free (text, FALSE);
}

#define assert_outcomes(dispatcher, text) \
  G_STMT_START { \
    g_autofree char *printed = print_outcomes (dispatcher); \
    g_assert_cmpstr (printed, ==, text); \
  } G_STMT_END

static GVariant *
tracing (AuCall    *call,
         GVariant  *arguments,
         gpointer   user_data,
         GError   **error)
{
  const char *text;

  g_variant_get (arguments, "(&s)", &text);
  g_string_append_printf (trace, "%s ", text);

  return NULL;
}

/* First come, first served. */
static void
test_fifo (void)
{
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(AuDispatcher) dispatcher = au_dispatcher_new ("sync", NULL);
  g_autoptr(GError) error = NULL;

  function = au_function_new ("test.tracing", "(s)", NULL, AU_FUNCTION_NONE, tracing, NULL, NULL, NULL);
  au_dispatcher_enqueue (dispatcher, function, g_variant_new ("(s)", "a"), NULL, &error);
  au_dispatcher_enqueue (dispatcher, function, g_variant_new ("(s)", "b"), NULL, &error);
  au_dispatcher_dispatch (dispatcher, function, g_variant_new ("(s)", "now"), NULL, &error);
  au_dispatcher_enqueue (dispatcher, function, g_variant_new ("(s)", "c"), NULL, &error);
  g_assert_no_error (error);
  assert_trace ("now ");
  assert_outcomes (dispatcher, "pending() pending() completed() pending() ");
  g_assert_true (au_dispatcher_run (dispatcher, -1, NULL, &error));
  g_assert_no_error (error);
  assert_trace ("a b c ");
}

static void
notify_cb (GObject    *object,
           GParamSpec *pspec,
           gpointer    data)
{
  g_assert_true (g_thread_self () == thread);
  g_string_append_printf (trace, "complete=%d ", au_dispatcher_get_complete (AU_DISPATCHER (object)));
}

static void
test_outcomes (gconstpointer data)
{
  g_autoptr(AuDispatcher) dispatcher = au_dispatcher_new (data, NULL);
  g_autoptr(AuDispatcher) other = au_dispatcher_new (data, NULL);
  g_autoptr(GError) error = NULL;
  AuOutcome *outcome;
  Await done = { NULL };

  thread = g_thread_self ();
  g_signal_connect (dispatcher, "notify::complete", G_CALLBACK (notify_cb), NULL);
  g_assert_true (au_dispatcher_get_complete (dispatcher));

  outcome = au_dispatcher_enqueue (dispatcher, concatenating, g_variant_new ("(ss)", "a", "b"), NULL,
                                   &error);
  g_assert_cmpstr (au_outcome_get_target (outcome), ==, data);
  g_assert_true (au_outcome_get_function (outcome) == concatenating);
  g_assert_null (au_outcome_get_handle (outcome));
  au_dispatcher_enqueue (dispatcher, concatenating, g_variant_new ("(ss)", "a", "-c"), "thread",
                         &error);
  au_dispatcher_enqueue (dispatcher, concatenating, g_variant_new ("(ss)", "d", "e"), "sync", &error);
  g_assert_no_error (error);
  g_assert_null (au_dispatcher_enqueue (dispatcher, concatenating, NULL, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);
  g_clear_error (&error);
  g_assert_null (au_dispatcher_dispatch (dispatcher, concatenating, g_variant_new ("(ss)", "a", "b"),
                                         "nowhere", &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_MODULE_NOT_FOUND);
  g_clear_error (&error);

  au_dispatcher_run_async (dispatcher, G_TIME_SPAN_MINUTE, NULL, await_cb, &done);
  g_assert_true (au_dispatcher_run_finish (dispatcher, await (&done), &error));
  g_assert_no_error (error);
  assert_outcomes (dispatcher, "completed(ab) failed(-c) completed(de) ");
  g_assert_true (au_dispatcher_get_complete (dispatcher));
  while (strstr (trace->str, "complete=1") == NULL)
    g_main_context_iteration (NULL, TRUE);
  assert_trace ("complete=0 complete=1 ");
  g_object_unref (done.result);

  /* Nothing is shared. */
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (other)), ==, 0);
  au_dispatcher_reset (dispatcher);
  assert_outcomes (dispatcher, "");
  g_assert_true (au_dispatcher_run (dispatcher, -1, NULL, &error));
  au_dispatcher_dispatch (dispatcher, concatenating, g_variant_new ("(ss)", "a", "b"), "thread", &error);
  g_assert_true (au_dispatcher_run (dispatcher, -1, NULL, &error));
  g_assert_no_error (error);
  assert_outcomes (dispatcher, "completed(ab) ");
  g_string_truncate (trace, 0);
}

static void
test_dispatcher_timeout (void)
{
  g_autoptr(AuDispatcher) dispatcher = au_dispatcher_new ("thread", NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  Await done = { NULL };
  AuOutcome *outcome, *waiting;

  outcome = au_dispatcher_enqueue (dispatcher, stubborn, NULL, NULL, &error);
  g_assert_false (au_dispatcher_run (dispatcher, 2000, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  au_dispatcher_run_async (dispatcher, 2000, cancellable, await_cb, &done);
  g_assert_false (au_dispatcher_run_finish (dispatcher, await (&done), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_clear_object (&done.result);
  g_cancellable_cancel (cancellable);
  au_dispatcher_run_async (dispatcher, -1, cancellable, await_cb, &done);
  g_assert_false (au_dispatcher_run_finish (dispatcher, await (&done), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_clear_object (&done.result);

  /* The task has gone on all the time. */
  g_assert_false (au_status_is_terminal (au_outcome_get_status (outcome)));
  waiting = au_dispatcher_enqueue (dispatcher, concatenating, g_variant_new ("(ss)", "a", "b"), NULL,
                                   &error);
  au_dispatcher_cancel (dispatcher);
  g_assert_true (au_dispatcher_run (dispatcher, -1, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (au_outcome_get_status (outcome), ==, AU_STATUS_CANCELLED);
  g_assert_cmpint (au_outcome_get_status (waiting), ==, AU_STATUS_CANCELLED);
}

static gboolean
one_is_enough (AuDispatcher *dispatcher,
               gpointer      user_data)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (dispatcher)); i++)
    {
      g_autoptr(AuOutcome) outcome = g_list_model_get_item (G_LIST_MODEL (dispatcher), i);

      if (au_outcome_get_status (outcome) == AU_STATUS_COMPLETED)
        return TRUE;
    }

  return FALSE;
}

static void
test_check_func (void)
{
  g_autoptr(AuDispatcher) dispatcher = au_dispatcher_new ("thread", NULL);
  g_autoptr(GError) error = NULL;
  AuOutcome *going_on;

  au_dispatcher_set_check_func (dispatcher, one_is_enough, NULL, NULL);
  g_assert_false (au_dispatcher_run (dispatcher, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_FAILED);
  g_clear_error (&error);
  going_on = au_dispatcher_enqueue (dispatcher, stubborn, NULL, NULL, &error);
  au_dispatcher_enqueue (dispatcher, concatenating, g_variant_new ("(ss)", "a", "b"), NULL, &error);
  g_assert_true (au_dispatcher_run (dispatcher, -1, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (au_status_is_terminal (au_outcome_get_status (going_on)));
  au_dispatcher_set_check_func (dispatcher, NULL, NULL, NULL);
  au_dispatcher_cancel (dispatcher);
  g_assert_true (au_dispatcher_run (dispatcher, -1, NULL, &error));
}

static void
test_dispatcher_would_deadlock (void)
{
  g_autoptr(AuDispatcher) dispatcher = au_dispatcher_new ("loop", NULL);
  g_autoptr(GError) error = NULL;
  Await done = { NULL };

  au_dispatcher_enqueue (dispatcher, concatenating, g_variant_new ("(ss)", "a", "b"), NULL, &error);
  g_assert_false (au_dispatcher_run (dispatcher, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK);
  g_clear_error (&error);
  au_dispatcher_run_async (dispatcher, -1, NULL, await_cb, &done);
  g_assert_true (au_dispatcher_run_finish (dispatcher, await (&done), &error));
  g_assert_no_error (error);
  g_object_unref (done.result);
}

/* Temporary engines */

static void
test_temporary (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuTemporary) temporary = au_temporary_new (NULL, &error);
  g_autofree char *path = g_strdup (au_temporary_get_path (temporary));
  g_autofree char *file = g_build_filename (path, "folder", NULL);
  AuEngine *engine = au_temporary_get_engine (temporary);
  g_autoptr(AuHandle) running = NULL;
  g_autoptr(GVariant) value = NULL;

  g_assert_no_error (error);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_DIR));
  g_assert_cmpint (g_mkdir_with_parents (file, 0700), ==, 0);
  au_engine_add_function (engine, concatenating);
  au_engine_add_function (engine, stubborn);
  value = au_engine_call (engine, "test.concatenate", g_variant_new ("(ss)", "a", "b"), NULL, -1,
                          NULL, &error);
  g_assert_no_error (error);
  running = au_engine_submit (engine, "test.stubborn", NULL, NULL, &error);

  g_assert_true (au_temporary_close (temporary, -1, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (au_handle_is_ready (running));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_null (au_engine_submit (engine, "test.stubborn", NULL, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
}

static void
test_temporary_async (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuTemporary) temporary = au_temporary_new ("thread", &error);
  g_autoptr(AuHandle) running = NULL;
  Await done = { NULL };

  au_engine_add_function (au_temporary_get_engine (temporary), stubborn);
  running = au_engine_submit (au_temporary_get_engine (temporary), "test.stubborn", NULL, NULL, &error);
  au_temporary_close_async (temporary, NULL, await_cb, &done);
  g_assert_true (au_temporary_close_finish (temporary, await (&done), &error));
  g_assert_no_error (error);
  g_assert_true (au_handle_is_ready (running));
  g_assert_false (g_file_test (au_temporary_get_path (temporary), G_FILE_TEST_EXISTS));
  g_object_unref (done.result);
}

static void
test_temporary_dropped (void)
{
  AuTemporary *temporary = au_temporary_new (NULL, NULL);
  g_autofree char *path = g_strdup (au_temporary_get_path (temporary));
  g_autoptr(GError) error = NULL;

  g_object_unref (temporary);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_null (au_temporary_new ("nowhere", &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_MODULE_NOT_FOUND);
}

int
main (int    argc,
      char **argv)
{
  runner_init (&argc, &argv);

  g_test_add_func ("/flow/dispatcher/fifo", test_fifo);
  add_for_targets ("dispatcher/outcomes", test_outcomes);
  g_test_add_func ("/flow/dispatcher/timeout", test_dispatcher_timeout);
  g_test_add_func ("/flow/dispatcher/check-func", test_check_func);
  g_test_add_func ("/flow/dispatcher/would-deadlock", test_dispatcher_would_deadlock);
  g_test_add_func ("/flow/temporary/close", test_temporary);
  g_test_add_func ("/flow/temporary/close-async", test_temporary_async);
  g_test_add_func ("/flow/temporary/dropped", test_temporary_dropped);

  return runner_finish (g_test_run ());
}
