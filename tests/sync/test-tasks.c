/* test-tasks.c: tasks, groups of them, loop threads and executors
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "sync-fixture.h"

static GVariant *
thread_func (AuTask   *task,
             gpointer  data,
             GError  **error)
{
  return g_variant_new_uint32 (GPOINTER_TO_UINT (data));
}

static GVariant *
failing_func (AuTask   *task,
              gpointer  data,
              GError  **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  return NULL;
}

/* Ends when it is cancelled. */
static GVariant *
patient_func (AuTask   *task,
              gpointer  data,
              GError  **error)
{
  g_autoptr(AuMutex) never = au_mutex_new ();

  au_mutex_try_lock (never);
  if (data != NULL)
    g_atomic_int_inc ((int *) data);
  au_mutex_lock (never, -1, au_task_get_cancellable (task), error);
  return NULL;
}

static void
start_func (AuTask   *task,
            gpointer  data)
{
  au_task_return_value (task, g_variant_new_uint32 (GPOINTER_TO_UINT (data)));
}

/* For the test to end it. */
static void
keep_func (AuTask   *task,
           gpointer  data)
{
  g_ptr_array_add (data, g_object_ref (task));
}

static guint
get_number (AuTask *task)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = au_task_dup_value (task, &error);

  g_assert_no_error (error);
  return g_variant_get_uint32 (value);
}

static void
test_in_thread (void)
{
  g_autoptr(AuTask) task = au_task_run ("five", thread_func, GUINT_TO_POINTER (5), NULL);
  g_autoptr(AuTask) failing = au_task_run (NULL, failing_func, NULL, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_cmpstr (au_task_get_name (task), ==, "five");
  g_assert_true (au_task_wait (task, -1, NULL, NULL));
  g_assert_true (au_task_is_done (task));
  g_assert_cmpuint (get_number (task), ==, 5);
  g_assert_cmpuint (get_number (task), ==, 5);

  g_assert_false (au_task_wait (failing, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_null (au_task_dup_value (failing, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
}

static void
test_in_context (void)
{
  g_autoptr(AuTask) task = au_task_start (NULL, NULL, start_func, GUINT_TO_POINTER (6), NULL);
  g_autoptr(GError) error = NULL;
  g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;

  g_assert_false (au_task_is_done (task));
  g_assert_null (au_task_dup_value (task, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_READY);
  g_clear_error (&error);
  g_assert_false (au_task_wait (task, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK);

  au_task_wait_async (task, NULL, sync_outcome_cb, &outcome);
  g_assert_true (au_task_wait_finish (task, sync_outcome_await (&outcome), NULL));
  g_assert_cmpuint (get_number (task), ==, 6);
}

static void
test_first_end_counts (void)
{
  g_autoptr(AuTask) task = au_task_new (NULL);
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy");

  g_assert_true (au_task_return_value (task, g_variant_new_uint32 (1)));
  g_assert_false (au_task_return_error (task, error));
  g_assert_cmpuint (get_number (task), ==, 1);
}

static void
test_cancel (void)
{
  int running = 0;
  g_autoptr(AuTask) waiting = au_task_start (NULL, NULL, start_func, NULL, NULL);
  g_autoptr(AuTask) begun = au_task_run (NULL, patient_func, &running, NULL);
  g_autoptr(GError) error = NULL;

  /* what has not begun never does */
  au_task_cancel (waiting);
  g_assert_true (au_task_is_done (waiting));
  sync_iterate ();
  g_assert_null (au_task_dup_value (waiting, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  sync_await (g_atomic_int_get (&running) == 1);
  g_assert_false (au_task_is_done (begun));
  au_task_cancel (begun);
  g_assert_false (au_task_wait (begun, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A wait that ends changes nothing for the task and for others. */
static void
test_wait_cancelled (void)
{
  g_autoptr(AuTask) task = au_task_new (NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_auto(SyncOutcome) first = SYNC_OUTCOME_INIT;
  g_auto(SyncOutcome) second = SYNC_OUTCOME_INIT;

  au_task_wait_async (task, cancellable, sync_outcome_cb, &first);
  au_task_wait_async (task, NULL, sync_outcome_cb, &second);
  g_cancellable_cancel (cancellable);
  g_assert_false (au_task_wait_finish (task, sync_outcome_await (&first), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (au_task_is_done (task));
  au_task_return_value (task, NULL);
  g_assert_true (au_task_wait_finish (task, sync_outcome_await (&second), NULL));
}

static GVariant *
priority_func (AuTask   *task,
               gpointer  data,
               GError  **error)
{
  return g_variant_new_int32 (au_priority_get ());
}

static void
test_priority_is_inherited (void)
{
  g_autoptr(AuTask) task = NULL;
  g_autoptr(GVariant) value = NULL;

  au_priority_push (-7);
  task = au_task_run (NULL, priority_func, NULL, NULL);
  au_priority_pop ();
  g_assert_true (au_task_wait (task, -1, NULL, NULL));
  value = au_task_dup_value (task, NULL);
  g_assert_cmpint (g_variant_get_int32 (value), ==, -7);
}

/* Groups */

static void
test_group_waits (void)
{
  g_autoptr(AuTaskGroup) group = au_task_group_new ();
  g_autoptr(AuTask) thread = au_task_group_run (group, NULL, thread_func, GUINT_TO_POINTER (1), NULL, NULL);
  g_autoptr(AuTask) loop = au_task_group_start (group, NULL, start_func, GUINT_TO_POINTER (2), NULL, NULL);
  g_autoptr(AuTask) late = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;

  au_task_group_close_async (group, NULL, sync_outcome_cb, &outcome);
  late = au_task_group_run (group, NULL, thread_func, GUINT_TO_POINTER (3), NULL, NULL);
  g_assert_nonnull (late);
  g_assert_true (au_task_group_close_finish (group, sync_outcome_await (&outcome), NULL));
  g_assert_cmpuint (get_number (thread) + get_number (loop) + get_number (late), ==, 6);
  g_assert_cmpuint (au_task_group_get_n_tasks (group), ==, 0);

  g_assert_null (au_task_group_run (group, NULL, thread_func, NULL, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
  g_assert_true (au_task_group_close (group, 0, NULL, NULL));
}

static void
test_group_keeps_errors (void)
{
  g_autoptr(AuTaskGroup) group = au_task_group_new ();
  g_autoptr(AuTask) other = au_task_new (NULL);
  g_autoptr(AuTask) failing = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) kept = NULL;

  g_assert_true (au_task_group_add (group, other, NULL));
  failing = au_task_group_run (group, NULL, failing_func, NULL, NULL, NULL);
  sync_await (au_task_group_get_n_failed (group) == 1);
  g_assert_false (au_task_is_done (other));
  g_assert_false (g_cancellable_is_cancelled (au_task_get_cancellable (other)));
  g_assert_false (au_task_group_close (group, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  au_task_return_value (other, NULL);
  g_assert_true (au_task_group_close (group, -1, NULL, NULL));
  kept = au_task_group_dup_error (group, 0);
  g_assert_error (kept, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_null (au_task_group_dup_error (group, 1));
}

static void
test_group_cancels_on_error (void)
{
  g_autoptr(AuTaskGroup) group = au_task_group_new ();
  g_autoptr(AuTask) patient = NULL;
  g_autoptr(AuTask) failing = NULL;

  au_task_group_set_cancel_on_error (group, TRUE);
  patient = au_task_group_run (group, NULL, patient_func, NULL, NULL, NULL);
  failing = au_task_group_run (group, NULL, failing_func, NULL, NULL, NULL);
  g_assert_true (au_task_group_close (group, -1, NULL, NULL));
  g_assert_cmpuint (au_task_group_get_n_failed (group), ==, 1);
}

typedef struct
{
  AuTaskGroup *group;
  GPtrArray   *tasks;
  gint         begun;  /* atomic */
} Chain;

/* Each adds another when it ends, so that the group is never empty. */
static GVariant *
chain_func (AuTask   *task,
            gpointer  data,
            GError  **error)
{
  Chain *chain = data;

  g_atomic_int_set (&chain->begun, TRUE);
  patient_func (task, NULL, error);
  if (chain->tasks->len < 3)
    g_ptr_array_add (chain->tasks, au_task_group_run (chain->group, NULL, chain_func, chain, NULL, NULL));
  return NULL;
}

/* It counts once, and what is added after it never begins. */
static void
test_group_exit_timeout (void)
{
  g_autoptr(AuTaskGroup) group = au_task_group_new ();
  Chain chain = { group, g_ptr_array_new_with_free_func (g_object_unref) };
  g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;

  au_clock_freeze ();
  au_task_group_set_exit_timeout (group, 10 * G_TIME_SPAN_SECOND);
  g_ptr_array_add (chain.tasks, au_task_group_run (group, NULL, chain_func, &chain, NULL, NULL));
  while (!g_atomic_int_get (&chain.begun))
    g_thread_yield ();
  au_task_group_close_async (group, NULL, sync_outcome_cb, &outcome);
  au_clock_advance (10 * G_TIME_SPAN_SECOND - 1);
  sync_iterate ();
  g_assert_cmpuint (outcome.n_calls, ==, 0);
  au_clock_advance (1);
  sync_outcome_await (&outcome);
  g_assert_cmpuint (chain.tasks->len, ==, 2);
  au_clock_thaw ();
  g_ptr_array_unref (chain.tasks);
}

static void
test_group_exit_at_once (void)
{
  g_autoptr(AuTaskGroup) group = au_task_group_new ();
  g_autoptr(AuTask) task = au_task_group_run (group, NULL, patient_func, NULL, NULL, NULL);

  au_task_group_set_exit_timeout (group, 0);
  g_assert_true (au_task_group_close (group, -1, NULL, NULL));
  g_assert_true (au_task_is_done (task));
}

/* Loop threads */

static GVariant *
context_func (AuTask   *task,
              gpointer  data,
              GError  **error)
{
  return g_variant_new_boolean (g_main_context_get_thread_default () ==
                                au_loop_thread_get_context (data));
}

static void
test_loop_thread (void)
{
  g_autoptr(AuLoopThread) loop = au_loop_thread_new ("loop");
  g_autoptr(AuTask) plain = au_loop_thread_run (loop, NULL, context_func, loop, NULL, NULL);
  g_autoptr(AuTask) start = au_loop_thread_start (loop, NULL, start_func, GUINT_TO_POINTER (3), NULL, NULL);
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;

  au_task_wait_async (start, NULL, sync_outcome_cb, &outcome);
  g_assert_true (au_task_wait_finish (start, sync_outcome_await (&outcome), NULL));
  g_assert_cmpuint (get_number (start), ==, 3);
  g_assert_true (au_task_wait (plain, -1, NULL, NULL));
  value = au_task_dup_value (plain, NULL);
  g_assert_true (g_variant_get_boolean (value));

  g_assert_true (au_loop_thread_wait (loop, -1, NULL, NULL));
  g_assert_true (au_loop_thread_close (loop, -1, NULL, NULL));
  g_assert_null (au_loop_thread_start (loop, NULL, start_func, NULL, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
}

static void
waited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(AuTask) task = data;

  au_semaphore_acquire_finish (AU_SEMAPHORE (source), result, NULL);
  au_task_return_value (task, NULL);
}

static void
given_up_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr(AuTask) task = data;
  g_autoptr(GError) error = NULL;

  if (au_semaphore_acquire_finish (AU_SEMAPHORE (source), result, &error))
    au_task_return_value (task, NULL);
  else
    au_task_return_error (task, error);
}

static void
give_up_func (AuTask   *task,
              gpointer  data)
{
  au_semaphore_acquire_async (data, au_task_get_cancellable (task), given_up_cb, g_object_ref (task));
}

/* Has to do more when it is cancelled than one turn of the loop. */
static void
slow_cleanup_func (AuTask   *task,
                   gpointer  data)
{
  au_semaphore_acquire_async (data, NULL, waited_cb, g_object_ref (task));
}

static void
test_loop_thread_closes_orderly (void)
{
  g_autoptr(AuLoopThread) loop = au_loop_thread_new (NULL);
  g_autoptr(AuSemaphore) semaphore = au_semaphore_new (0);
  AuTask *tasks[3];
  g_autoptr(GError) error = NULL;
  g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;

  for (guint i = 0; i < 3; i++)
    tasks[i] = au_loop_thread_start (loop, NULL, slow_cleanup_func, semaphore, NULL, NULL);
  sync_await (au_semaphore_get_waiting (semaphore) == 3);
  g_assert_false (au_loop_thread_close (loop, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  au_loop_thread_cancel_all (loop);
  au_loop_thread_close_async (loop, NULL, sync_outcome_cb, &outcome);
  sync_iterate ();
  g_assert_cmpuint (outcome.n_calls, ==, 0);
  au_semaphore_set_limit (semaphore, 3);
  g_assert_true (au_loop_thread_close_finish (loop, sync_outcome_await (&outcome), NULL));
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (au_task_is_done (tasks[i]));
      g_object_unref (tasks[i]);
    }
}

static GVariant *
close_itself_func (AuTask   *task,
                   gpointer  data,
                   GError  **error)
{
  au_loop_thread_close (data, -1, NULL, error);
  return NULL;
}

static void
test_loop_thread_would_deadlock (void)
{
  g_autoptr(AuLoopThread) loop = au_loop_thread_new (NULL);
  g_autoptr(AuTask) task = au_loop_thread_run (loop, NULL, close_itself_func, loop, NULL, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_false (au_task_wait (task, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK);
  g_assert_true (au_loop_thread_close (loop, -1, NULL, NULL));
}

static GVariant *
eager_func (AuTask   *task,
            gpointer  data,
            GError  **error)
{
  g_autoptr(AuTask) inner = au_loop_thread_start (data, NULL, start_func, GUINT_TO_POINTER (1), NULL, error);

  return g_variant_new_boolean (au_task_is_done (inner));
}

static void
test_loop_thread_eager (void)
{
  for (guint eager = 0; eager < 2; eager++)
    {
      g_autoptr(AuLoopThread) loop = g_object_new (AU_TYPE_LOOP_THREAD, "eager", eager, NULL);
      g_autoptr(AuTask) task = au_loop_thread_run (loop, NULL, eager_func, loop, NULL, NULL);
      g_autoptr(GVariant) value = NULL;

      g_assert_true (au_task_wait (task, -1, NULL, NULL));
      value = au_task_dup_value (task, NULL);
      g_assert_cmpint (g_variant_get_boolean (value), ==, eager);
      g_assert_true (au_loop_thread_close (loop, -1, NULL, NULL));
    }
}

/* It may iterate a main context that was made before, and what takes too long to end is
 * cancelled. */
static void
test_loop_thread_exit_timeout (void)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(AuLoopThread) loop = g_object_new (AU_TYPE_LOOP_THREAD, "context", context,
                                               "exit-timeout", G_GINT64_CONSTANT (0), NULL);
  g_autoptr(AuSemaphore) never = au_semaphore_new (0);
  g_autoptr(AuTask) plain = NULL;
  g_autoptr(AuTask) waiting = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (au_loop_thread_get_context (loop) == context);
  plain = au_loop_thread_run (loop, NULL, context_func, loop, NULL, NULL);
  g_assert_true (au_task_wait (plain, -1, NULL, NULL));
  value = au_task_dup_value (plain, NULL);
  g_assert_true (g_variant_get_boolean (value));

  waiting = au_loop_thread_start (loop, NULL, give_up_func, never, NULL, NULL);
  sync_await (au_semaphore_get_waiting (never) == 1);
  g_assert_true (au_loop_thread_close (loop, -1, NULL, NULL));
  g_assert_false (au_task_wait (waiting, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Executors */

static void
test_executor_limit (void)
{
  g_autoptr(AuExecutor) executor = au_executor_new (2);
  g_autoptr(GPtrArray) begun = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GPtrArray) tasks = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GError) error = NULL;
  g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;

  for (guint i = 0; i < 6; i++)
    g_ptr_array_add (tasks, au_executor_start (executor, NULL, g_variant_new_uint32 (i), keep_func, begun, NULL, NULL));
  g_assert_cmpuint (begun->len, ==, 0);
  sync_iterate ();
  g_assert_cmpuint (begun->len, ==, 2);
  g_assert_cmpuint (au_executor_get_n_running (executor), ==, 2);
  g_assert_cmpuint (au_executor_get_n_waiting (executor), ==, 4);

  /* one that is cancelled before its turn takes nobody's place */
  au_task_cancel (tasks->pdata[2]);
  au_task_return_value (begun->pdata[0], NULL);
  sync_iterate ();
  g_assert_cmpuint (begun->len, ==, 3);
  g_assert_true (begun->pdata[2] == tasks->pdata[3]);
  g_assert_cmpuint (g_variant_get_uint32 (au_task_get_argument (begun->pdata[2])), ==, 3);

  au_executor_set_max_concurrent (executor, 0);
  sync_iterate ();
  g_assert_cmpuint (begun->len, ==, 5);
  au_executor_close_async (executor, NULL, sync_outcome_cb, &outcome);
  g_assert_null (au_executor_start (executor, NULL, NULL, keep_func, begun, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
  for (guint i = 1; i < 5; i++)
    {
      g_assert_cmpuint (outcome.n_calls, ==, 0);
      au_task_return_value (begun->pdata[i], NULL);
      sync_iterate ();
    }
  g_assert_true (au_executor_close_finish (executor, sync_outcome_await (&outcome), NULL));
}

static GVariant *
count_func (AuTask   *task,
            gpointer  data,
            GError  **error)
{
  int *counts = data;
  int now = g_atomic_int_add (&counts[0], 1) + 1;

  if (now > g_atomic_int_get (&counts[1]))
    g_atomic_int_set (&counts[1], now);
  g_thread_yield ();
  g_atomic_int_add (&counts[0], -1);
  g_atomic_int_inc (&counts[2]);
  return NULL;
}

static void
test_executor_threads (void)
{
  g_autoptr(AuExecutor) executor = au_executor_new (3);
  const guint n = 2000 / SYNC_SLOWER;
  int counts[3] = { 0 };

  for (guint i = 0; i < n; i++)
    g_object_unref (au_executor_run (executor, NULL, NULL, count_func, counts, NULL, NULL));
  g_assert_true (au_executor_close (executor, -1, NULL, NULL));
  g_assert_cmpint (counts[2], ==, n);
  g_assert_cmpint (counts[1], <=, 3);
}

/* Tasks are given as they end, each once, with their errors. */
static void
test_executor_map (void)
{
  g_autoptr(AuExecutor) executor = au_executor_new (2);
  g_autoptr(GPtrArray) begun = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GError) busy = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(AuTaskIterator) iterator = NULL;
  g_autoptr(GError) error = NULL;
  const guint expected[] = { 20, 30, 10 };

  iterator = au_executor_map_start (executor, NULL, g_variant_new_parsed ("[@u 10, 20, 30]"),
                                    keep_func, begun, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (au_task_iterator_get_n_left (iterator), ==, 3);
  g_assert_null (au_task_iterator_next (iterator, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_null (au_task_iterator_next (iterator, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK);
  g_clear_error (&error);

  sync_iterate ();
  g_assert_cmpuint (begun->len, ==, 2);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(AuTask) task = NULL;
      g_autoptr(GVariant) value = NULL;
      g_auto(SyncOutcome) left = SYNC_OUTCOME_INIT;
      g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;

      /* one who gives up gets nothing, and loses nothing */
      g_cancellable_reset (cancellable);
      au_task_iterator_next_async (iterator, cancellable, sync_outcome_cb, &left);
      au_task_iterator_next_async (iterator, NULL, sync_outcome_cb, &outcome);
      g_cancellable_cancel (cancellable);
      g_assert_null (au_task_iterator_next_finish (iterator, sync_outcome_await (&left), &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);

      if (i < 2)
        au_task_return_value (begun->pdata[i == 0 ? 1 : 2], g_variant_new_uint32 (i));
      else
        au_task_return_error (begun->pdata[0], busy);
      task = au_task_iterator_next_finish (iterator, sync_outcome_await (&outcome), &error);
      g_assert_no_error (error);
      g_assert_cmpuint (g_variant_get_uint32 (au_task_get_argument (task)), ==, expected[i]);
      value = au_task_dup_value (task, &error);
      g_assert_true ((value == NULL) == (i == 2));
      g_clear_error (&error);
      sync_iterate ();
    }

  g_assert_cmpuint (au_task_iterator_get_n_left (iterator), ==, 0);
  g_assert_null (au_task_iterator_next (iterator, -1, NULL, &error));
  g_assert_no_error (error);
}

static GVariant *
twice_func (AuTask   *task,
            gpointer  data,
            GError  **error)
{
  return g_variant_new_uint32 (2 * g_variant_get_uint32 (au_task_get_argument (task)));
}

static gpointer
reading_thread (gpointer data)
{
  guint sum = 0;
  AuTask *task;

  while ((task = au_task_iterator_next (data, -1, NULL, NULL)) != NULL)
    {
      sum += get_number (task);
      g_object_unref (task);
    }

  return GUINT_TO_POINTER (sum);
}

static void
test_executor_map_threads (void)
{
  g_autoptr(AuExecutor) executor = au_executor_new (3);
  const guint n = 2000 / SYNC_SLOWER;
  g_autoptr(AuTaskIterator) iterator = NULL;
  g_autoptr(GError) error = NULL;
  GVariantBuilder builder;
  GThread *threads[3];
  guint sum = 0;

  /* elements that are variants are opened */
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("av"));
  for (guint i = 0; i < n; i++)
    g_variant_builder_add (&builder, "v", g_variant_new_uint32 (i));
  iterator = au_executor_map_run (executor, NULL, g_variant_builder_end (&builder), twice_func, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reading", reading_thread, iterator);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    sum += GPOINTER_TO_UINT (g_thread_join (threads[i]));
  g_assert_cmpuint (sum, ==, n * (n - 1));

  /* an iterator may be dropped, and its tasks go on */
  g_object_unref (au_executor_map_run (executor, NULL, g_variant_new_parsed ("(@u 1, @u 2)"), twice_func, NULL, NULL, &error));
  g_assert_true (au_executor_close (executor, -1, NULL, NULL));
  g_assert_null (au_executor_map_run (executor, NULL, g_variant_new_parsed ("[@u 1]"), twice_func, NULL, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
}

static void
test_executor_cancel (void)
{
  g_autoptr(AuExecutor) executor = au_executor_new (1);
  g_autoptr(AuTask) begun = NULL;
  g_autoptr(AuTask) waiting = NULL;
  g_autoptr(GError) error = NULL;
  int running = 0;

  begun = au_executor_run (executor, NULL, NULL, patient_func, &running, NULL, NULL);
  sync_await (g_atomic_int_get (&running) == 1);
  waiting = au_executor_run (executor, NULL, NULL, patient_func, &running, NULL, NULL);
  au_executor_cancel (executor);
  g_assert_true (au_task_is_done (waiting));
  g_assert_true (au_executor_close (executor, -1, NULL, NULL));
  g_assert_true (au_task_is_done (begun));
  g_assert_cmpint (running, ==, 1);
  g_assert_null (au_executor_run (executor, NULL, NULL, patient_func, &running, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sync/task/in-thread", test_in_thread);
  g_test_add_func ("/sync/task/in-context", test_in_context);
  g_test_add_func ("/sync/task/first-end-counts", test_first_end_counts);
  g_test_add_func ("/sync/task/cancel", test_cancel);
  g_test_add_func ("/sync/task/wait-cancelled", test_wait_cancelled);
  g_test_add_func ("/sync/task/priority-is-inherited", test_priority_is_inherited);
  g_test_add_func ("/sync/task-group/waits", test_group_waits);
  g_test_add_func ("/sync/task-group/keeps-errors", test_group_keeps_errors);
  g_test_add_func ("/sync/task-group/cancels-on-error", test_group_cancels_on_error);
  g_test_add_func ("/sync/task-group/exit-timeout", test_group_exit_timeout);
  g_test_add_func ("/sync/task-group/exit-at-once", test_group_exit_at_once);
  g_test_add_func ("/sync/loop-thread/tasks", test_loop_thread);
  g_test_add_func ("/sync/loop-thread/closes-orderly", test_loop_thread_closes_orderly);
  g_test_add_func ("/sync/loop-thread/would-deadlock", test_loop_thread_would_deadlock);
  g_test_add_func ("/sync/loop-thread/eager", test_loop_thread_eager);
  g_test_add_func ("/sync/loop-thread/exit-timeout", test_loop_thread_exit_timeout);
  g_test_add_func ("/sync/executor/limit", test_executor_limit);
  g_test_add_func ("/sync/executor/threads", test_executor_threads);
  g_test_add_func ("/sync/executor/map", test_executor_map);
  g_test_add_func ("/sync/executor/map-threads", test_executor_map_threads);
  g_test_add_func ("/sync/executor/cancel", test_executor_cancel);

  return g_test_run ();
}
