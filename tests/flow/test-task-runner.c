/* test-task-runner.c: functions that call back, wherever they run
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "runner-fixture.h"

#include <string.h>
#include <unistd.h>

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
  guint n = scaled_for (data, 2000);
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

static void
cancelling_cb (AuTaskRunner *runner,
               AuHandle     *handle,
               GVariant     *item,
               gpointer      data)
{
  g_cancellable_cancel (data);
}

/* While the function runs, as it has given an item. */
static void
test_cancelled (gconstpointer data)
{
  g_autoptr(AuTaskRunner) runner = runner_new (data, stubborn, FALSE);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_signal_connect (runner, "item", G_CALLBACK (cancelling_cb), cancellable);
  g_assert_null (au_task_runner_run (runner, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_trace ("0 ");
}

/* Those that are to run elsewhere do, and their signals come back. */
static void
test_process (gconstpointer data)
{
  g_autoptr(AuTaskRunner) runner = au_task_runner_new (data, telling_pid, NULL);
  gboolean elsewhere = g_str_equal (data, "process") || g_str_equal (data, "queue");
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  value = au_task_runner_run (runner, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int32 (value) != getpid (), ==, elsewhere);
}

static gpointer
running_thread (gpointer data)
{
  for (guint i = 0; i < 20; i++)
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

int
main (int    argc,
      char **argv)
{
  runner_init (&argc, &argv);

  add_for_targets ("runner/items", test_items);
  add_for_targets ("runner/value", test_value);
  add_for_targets ("runner/error", test_error);
  add_for_targets ("runner/failing-handler", test_failing_handler);
  add_for_targets ("runner/many-runs", test_many_runs);
  add_for_targets ("runner/threads", test_threads);
  add_for_targets ("runner/process", test_process);
  g_test_add_data_func ("/flow/runner/cancelled/thread", "thread", test_cancelled);
  g_test_add_data_func ("/flow/runner/cancelled/process", "process", test_cancelled);
  g_test_add_data_func ("/flow/runner/cancelled/queue", "queue", test_cancelled);
  g_test_add_func ("/flow/runner/wrong-target", test_wrong_target);
  g_test_add_func ("/flow/runner/bound", test_bound);

  return runner_finish (g_test_run ());
}
