/* test-task-runner.c: functions that call back, tasks together, and temporary engines
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flow-fixture.h"

#include <string.h>

/* (uu) → u: gives the numbers from the first to the second. */
static gboolean
count_step (AuCall    *call,
            GVariant  *arguments,
            gpointer   user_data,
            GVariant **item,
            GError   **error)
{
  guint from, to, n = GPOINTER_TO_UINT (au_call_get_state (call));

  g_variant_get (arguments, "(uu)", &from, &to);
  if (from + n > to)
    return FALSE;
  if (from + n == 13)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "13");
      return FALSE;
    }

  au_call_set_state (call, GUINT_TO_POINTER (n + 1), NULL);
  *item = g_variant_new_uint32 (from + n);

  return TRUE;
}

static GVariant *
concatenate (AuCall    *call,
             GVariant  *arguments,
             gpointer   user_data,
             GError   **error)
{
  const char *a, *b;

  g_variant_get (arguments, "(&s&s)", &a, &b);
  if (b[0] == '-')
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, b);
      return NULL;
    }

  return g_variant_new_take_string (g_strconcat (a, b, NULL));
}

static AuFunction *counting, *concatenating;

/* The thread in which all signals are to arrive. */
static GThread *thread;

static void
item_cb (AuTaskRunner *runner,
         AuHandle     *handle,
         GVariant     *item,
         gpointer      data)
{
  g_assert_true (g_thread_self () == thread);
  g_assert_true (AU_IS_HANDLE (handle));
  g_string_append_printf (trace, "%u ", g_variant_get_uint32 (item));
}

static void
end_cb (AuTaskRunner *runner,
        AuHandle     *handle,
        GVariant     *value,
        gpointer      data)
{
  g_assert_true (g_thread_self () == thread);
  g_string_append_printf (trace, "end(%s) ",
                          value != NULL ? g_variant_get_string (value, NULL) : "");
}

static void
error_cb (AuTaskRunner *runner,
          AuHandle     *handle,
          GError       *error,
          gpointer      data)
{
  g_assert_true (g_thread_self () == thread);
  g_string_append_printf (trace, "error(%s) ", error->message);
}

static AuTaskRunner *
runner_new (const char *target,
            AuFunction *function,
            gboolean    handle_errors)
{
  g_autoptr(GError) error = NULL;
  AuTaskRunner *runner = au_task_runner_new (target, function, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (au_task_runner_get_target (runner), ==, target);
  g_assert_cmpstr (au_task_runner_get_function (runner), ==, au_function_get_name (function));
  thread = g_thread_self ();
  g_signal_connect (runner, "item", G_CALLBACK (item_cb), NULL);
  g_signal_connect (runner, "end", G_CALLBACK (end_cb), NULL);
  if (handle_errors)
    g_signal_connect (runner, "error", G_CALLBACK (error_cb), NULL);

  return runner;
}

static const char * const targets[] = { "sync", "inline", "loop", "thread" };

static void
test_items (gconstpointer data)
{
  g_autoptr(AuTaskRunner) runner = runner_new (data, counting, FALSE);
  g_autoptr(GError) error = NULL;
  Await done = { NULL };

  g_assert_null (au_task_runner_run (runner, g_variant_new ("(uu)", 3, 6), NULL, &error));
  g_assert_no_error (error);
  assert_trace ("3 4 5 6 end() ");

  au_task_runner_run_async (runner, g_variant_new ("(uu)", 1, 2), NULL, await_cb, &done);
  assert_trace ("");
  g_assert_null (au_task_runner_run_finish (runner, await (&done), &error));
  g_assert_no_error (error);
  assert_trace ("1 2 end() ");
  g_object_unref (done.result);
}

static void
test_value (gconstpointer data)
{
  g_autoptr(AuTaskRunner) runner = runner_new (data, concatenating, FALSE);
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (au_task_runner_bind (runner, g_variant_new ("(s)", "bound "), &error));
  value = au_task_runner_run (runner, g_variant_new ("(s)", "given"), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, "bound given");
  assert_trace ("end(bound given) ");

  handle = au_task_runner_start (runner, g_variant_new ("(s)", "again"), NULL, &error);
  g_assert_no_error (error);
  assert_trace ("");
  while (trace->len == 0)
    g_main_context_iteration (NULL, TRUE);
  assert_trace ("end(bound again) ");
  g_assert_true (au_handle_is_ready (handle));

  g_assert_null (au_task_runner_start (runner, NULL, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);
}

static void
test_error (gconstpointer data)
{
  g_autoptr(AuTaskRunner) plain = runner_new (data, concatenating, FALSE);
  g_autoptr(AuTaskRunner) handled = runner_new (data, concatenating, TRUE);
  g_autoptr(AuTaskRunner) items = runner_new (data, counting, TRUE);
  g_autoptr(GError) error = NULL;

  /* Without a handler the error is the result. */
  g_assert_null (au_task_runner_run (plain, g_variant_new ("(ss)", "", "-no"), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_clear_error (&error);
  assert_trace ("");

  g_assert_null (au_task_runner_run (handled, g_variant_new ("(ss)", "", "-no"), NULL, &error));
  g_assert_no_error (error);
  assert_trace ("error(-no) ");

  /* After items, too. */
  g_assert_null (au_task_runner_run (items, g_variant_new ("(uu)", 11, 20), NULL, &error));
  g_assert_no_error (error);
  assert_trace ("11 12 error(13) ");
}

static void
failing_cb (AuTaskRunner *runner,
            AuHandle     *handle,
            GVariant     *value,
            gpointer      data)
{
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NO_SPACE, "full");

  au_task_runner_fail (runner, handle, error);
}

/* The function has not failed when a handler has. */
static void
test_failing_handler (gconstpointer data)
{
  g_autoptr(AuTaskRunner) runner = runner_new (data, counting, FALSE);
  g_autoptr(AuTaskRunner) ending = runner_new (data, concatenating, TRUE);
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GError) error = NULL;

  g_signal_connect (runner, "item", G_CALLBACK (failing_cb), NULL);
  g_assert_null (au_task_runner_run (runner, g_variant_new ("(uu)", 1, 1000000), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_clear_error (&error);
  assert_trace ("1 ");

  g_signal_connect (ending, "end", G_CALLBACK (failing_cb), NULL);
  handle = au_task_runner_start (ending, g_variant_new ("(ss)", "a", "b"), NULL, &error);
  while (strstr (trace->str, "error") == NULL)
    g_main_context_iteration (NULL, TRUE);
  assert_trace ("end(ab) error(full) ");
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_COMPLETED);
}

static void
test_many_runs (gconstpointer data)
{
  g_autoptr(AuTaskRunner) runner = runner_new (data, concatenating, FALSE);
  guint n = scaled (2000);
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(GVariant) value = au_task_runner_run (runner, g_variant_new ("(ss)", "", "x"), NULL,
                                                      &error);

      g_assert_no_error (error);
      g_assert_nonnull (value);
    }
  g_string_truncate (trace, 0);
}

static void
test_wrong_target (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (au_task_runner_new ("tread", counting, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_MODULE_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "thread"));
  g_assert_nonnull (strstr (error->message, "loop"));
  g_clear_error (&error);
  g_assert_null (au_dispatcher_new ("tread", &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_MODULE_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (au_task_runner_new_by_name ("thread", "no.such.function", &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNKNOWN_FUNCTION);
}

static void
test_bound (void)
{
  g_autoptr(AuEngine) engine = engine_new ("inline");
  g_autoptr(AuTaskRunner) runner = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  au_engine_add_function (engine, concatenating);
  runner = au_task_runner_new_for_engine (engine, "test.concatenate", &error);
  g_assert_no_error (error);
  g_assert_null (au_task_runner_get_target (runner));
  g_assert_true (au_task_runner_bind (runner, g_variant_new ("(s)", "a"), &error));
  g_assert_true (au_task_runner_bind (runner, g_variant_new ("(s)", "b"), &error));
  g_assert_false (au_task_runner_bind (runner, g_variant_new_string ("c"), &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);
  g_clear_error (&error);
  value = au_task_runner_run (runner, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, "ab");
}

static GVariant *
until_cancelled (AuCall    *call,
                 GVariant  *arguments,
                 gpointer   user_data,
                 GError   **error)
{
  while (!au_call_set_error_if_cancelled (call, error))
    g_usleep (100);

  return NULL;
}

static AuFunction *stubborn;

static gpointer
cancelling_thread (gpointer data)
{
  g_usleep (2000);
  g_cancellable_cancel (data);

  return NULL;
}

static void
test_cancelled (void)
{
  g_autoptr(AuTaskRunner) runner = runner_new ("thread", stubborn, FALSE);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  GThread *other = g_thread_new ("cancelling", cancelling_thread, cancellable);

  g_assert_null (au_task_runner_run (runner, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (other);
}

/* Dispatchers */

static gpointer
running_thread (gpointer data)
{
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr(GVariant) value = au_task_runner_run (data, g_variant_new ("(ss)", "a", "b"), NULL,
                                                      NULL);

      g_assert_cmpstr (g_variant_get_string (value, NULL), ==, "ab");
    }

  return NULL;
}

static void
test_threads (gconstpointer data)
{
  g_autoptr(AuTaskRunner) runner = au_task_runner_new (data, concatenating, NULL);
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("running", running_thread, runner);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

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

static void
add_for_targets (const char   *name,
                 GTestDataFunc func)
{
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autofree char *path = g_strdup_printf ("/flow/%s/%s", name, targets[i]);

      g_test_add_data_func (path, targets[i], func);
    }
}

int
main (int    argc,
      char **argv)
{
  int status;

  flow_init (&argc, &argv);
  counting = au_function_new_iterator ("test.count", "(uu)", "u", AU_FUNCTION_NONE, count_step, NULL,
                                       NULL, NULL);
  concatenating = au_function_new ("test.concatenate", "(ss)", "s", AU_FUNCTION_NONE, concatenate,
                                   NULL, NULL, NULL);
  stubborn = au_function_new ("test.stubborn", "()", NULL, AU_FUNCTION_NONE, until_cancelled, NULL,
                              NULL, NULL);

  add_for_targets ("runner/items", test_items);
  add_for_targets ("runner/value", test_value);
  add_for_targets ("runner/error", test_error);
  add_for_targets ("runner/failing-handler", test_failing_handler);
  add_for_targets ("runner/many-runs", test_many_runs);
  add_for_targets ("runner/threads", test_threads);
  g_test_add_func ("/flow/runner/wrong-target", test_wrong_target);
  g_test_add_func ("/flow/runner/bound", test_bound);
  g_test_add_func ("/flow/runner/cancelled", test_cancelled);
  g_test_add_func ("/flow/dispatcher/fifo", test_fifo);
  add_for_targets ("dispatcher/outcomes", test_outcomes);
  g_test_add_func ("/flow/dispatcher/timeout", test_dispatcher_timeout);
  g_test_add_func ("/flow/dispatcher/check-func", test_check_func);
  g_test_add_func ("/flow/dispatcher/would-deadlock", test_dispatcher_would_deadlock);
  g_test_add_func ("/flow/temporary/close", test_temporary);
  g_test_add_func ("/flow/temporary/close-async", test_temporary_async);
  g_test_add_func ("/flow/temporary/dropped", test_temporary_dropped);

  status = g_test_run ();
  g_object_unref (counting);
  g_object_unref (concatenating);
  g_object_unref (stubborn);

  return status;
}
