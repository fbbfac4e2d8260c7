/* au-test-backend-life.c: what every backend must do from launch to end
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-backend-private.h"

static void
assert_returns (BackendFixture *fixture,
                AuHandle       *handle,
                gint32          expected)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = backend_finish (fixture, handle, &error);
  g_autoptr(GVariant) inner = NULL;

  g_assert_no_error (error);
  inner = g_variant_get_variant (value);
  g_assert_cmpint (g_variant_get_int32 (inner), ==, expected);
}

/* Whatever has happened, the backend goes on. */
static void
assert_still_works (BackendFixture *fixture)
{
  g_autoptr(AuHandle) handle = backend_play (fixture, NULL, "return 99", NULL);

  assert_returns (fixture, handle, 99);
}

/* Whether a backend obeys the number of workers that it was asked for. */
static gboolean
has_workers (BackendFixture *fixture,
             guint           n)
{
  if (au_backend_get_max_workers (fixture->backend) == n)
    return TRUE;

  g_test_skip ("the number of workers of this backend cannot be chosen");
  return FALSE;
}

static void
test_no_more_run_than_there_are_workers (BackendFixture *fixture)
{
  AuHandle *handles[6];
  const guint n = G_N_ELEMENTS (handles);

  backend_fixture_reopen (fixture, 2);
  if (!has_workers (fixture, 2))
    return;

  /* none of these waits for a worker */
  for (guint i = 0; i < n; i++)
    handles[i] = backend_play (fixture, NULL, "meet a", "return 1", NULL);

  for (guint n_released = 0; n_released < n; n_released++)
    {
      stage_await (fixture->stage, "a");
      while (stage_count (fixture->stage, "a") < MIN (n_released + 2, n))
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (stage_count (fixture->stage, "a"), <=, n_released + 2);
      g_assert_cmpuint (au_backend_get_running (fixture->backend), <=, 2);
      if (n_released == 0)
        {
          g_assert_cmpuint (au_backend_get_running (fixture->backend), ==, 2);
          g_assert_cmpuint (au_backend_get_waiting (fixture->backend), ==, n - 2);
        }
      stage_release (fixture->stage, "a");
    }

  for (guint i = 0; i < n; i++)
    {
      assert_returns (fixture, handles[i], 1);
      g_object_unref (handles[i]);
    }

  backend_drain (fixture);
  g_assert_cmpuint (au_backend_get_running (fixture->backend), ==, 0);
  g_assert_cmpuint (au_backend_get_waiting (fixture->backend), ==, 0);
}

static void
test_most_urgent_starts_first (BackendFixture *fixture)
{
  static const int priorities[] = { 0, -5, 7, 7, 100 };
  static const char *const places[] = { "c", "d", "b", "b", "a" };
  static const char *const order[] = { "a", "b", "b", "c", "d" };
  g_autoptr(AuHandle) first = NULL;
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);

  backend_fixture_reopen (fixture, 1);
  if (!has_workers (fixture, 1))
    return;

  first = backend_play (fixture, NULL, "meet first", "return 1", NULL);
  stage_await (fixture->stage, "first");
  for (guint i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      g_autoptr(AuOptions) options = au_options_new ();
      g_autofree char *step = g_strconcat ("meet ", places[i], NULL);

      au_options_set_priority (options, priorities[i]);
      g_ptr_array_add (handles, backend_play (fixture, options, step, "return 1", NULL));
    }

  stage_release (fixture->stage, "first");
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      while (!stage_has (fixture->stage, order[i]))
        {
          g_main_context_iteration (NULL, TRUE);
          for (guint j = i + 1; j < G_N_ELEMENTS (order); j++)
            {
              if (!g_str_equal (order[j], order[i]))
                g_assert_cmpuint (stage_count (fixture->stage, order[j]), ==, 0);
            }
        }
      stage_release (fixture->stage, order[i]);
    }

  for (guint i = 0; i < handles->len; i++)
    assert_returns (fixture, g_ptr_array_index (handles, i), 1);
}

static void
test_cancel_reaches_what_runs (BackendFixture *fixture)
{
  g_autoptr(AuHandle) handle = backend_play (fixture, NULL, "meet a", "return 1", NULL);

  stage_await (fixture->stage, "a");
  g_assert_true (au_handle_cancel (handle));
  backend_assert_fails (fixture, handle, AU_STATUS_CANCELLED, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  backend_drain (fixture);
  assert_still_works (fixture);
}

static void
test_cancel_forgets_what_waits (BackendFixture *fixture)
{
  g_autoptr(AuHandle) first = NULL;
  g_autoptr(AuHandle) second = NULL;
  g_autoptr(AuHandle) third = NULL;

  backend_fixture_reopen (fixture, 1);
  if (!has_workers (fixture, 1))
    return;

  first = backend_play (fixture, NULL, "meet first", "return 1", NULL);
  stage_await (fixture->stage, "first");
  second = backend_play (fixture, NULL, "tell second", "return 2", NULL);
  third = backend_play (fixture, NULL, "tell third", "return 3", NULL);

  g_assert_true (au_handle_cancel (second));
  backend_assert_fails (fixture, second, AU_STATUS_CANCELLED, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  stage_release (fixture->stage, "first");
  assert_returns (fixture, first, 1);
  assert_returns (fixture, third, 3);
  stage_await (fixture->stage, "third");
  g_assert_cmpuint (stage_count (fixture->stage, "second"), ==, 0);
}

static void
test_cancel_after_the_end_does_nothing (BackendFixture *fixture)
{
  g_autoptr(AuHandle) handle = backend_play (fixture, NULL, "return 1", NULL);

  assert_returns (fixture, handle, 1);
  g_assert_false (au_handle_cancel (handle));
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_COMPLETED);
  assert_still_works (fixture);
}

/* Its value is there and right; to throw it away would help nobody. */
static void
test_what_ignores_its_cancellation_has_completed (BackendFixture *fixture)
{
  g_autoptr(AuHandle) handle = backend_play (fixture, NULL, "stay a", "return 1", NULL);

  stage_await (fixture->stage, "a");
  g_assert_true (au_handle_cancel (handle));
  stage_release (fixture->stage, "a");
  assert_returns (fixture, handle, 1);
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_COMPLETED);
}

static void
test_time_limit_ends_what_runs (BackendFixture *fixture)
{
  g_autoptr(AuTestClock) clock = au_test_clock_new ();
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;

  au_options_set_timeout (options, 10 * G_TIME_SPAN_SECOND);
  handle = backend_play (fixture, options, "meet a", "return 1", NULL);
  stage_await (fixture->stage, "a");
  au_test_clock_advance (clock, 10 * G_TIME_SPAN_SECOND - 1);
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_RUNNING);
  au_test_clock_advance (clock, 1);
  backend_assert_fails (fixture, handle, AU_STATUS_FAILED, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_object (&clock);

  backend_drain (fixture);
  assert_still_works (fixture);
}

static void
test_failed_attempt_is_tried_again (BackendFixture *fixture)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;

  au_options_set_attempts (options, 3);
  au_options_set_backoff (options, 0);
  handle = backend_play (fixture, options, "fail-once 0 no luck", "return 2", NULL);
  assert_returns (fixture, handle, 2);
  record = au_handle_dup_record (handle);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 2);
}

static void
test_drain_waits_for_what_runs (BackendFixture *fixture)
{
  g_autoptr(AuHandle) first = backend_play (fixture, NULL, "meet a", "return 1", NULL);
  g_autoptr(AuTestContext) late = au_test_context_new (NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GAsyncResult) given_up = NULL;
  g_autoptr(GError) error = NULL;

  stage_await (fixture->stage, "a");
  au_backend_drain_async (fixture->backend, cancellable, au_test_context_take_result, fixture->context);
  g_cancellable_cancel (cancellable);
  given_up = au_test_context_await_result (fixture->context);
  g_assert_false (au_backend_drain_finish (fixture->backend, given_up, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  au_backend_drain_async (fixture->backend, NULL, au_test_context_take_result, late);
  g_assert_cmpint (au_handle_get_status (first), ==, AU_STATUS_RUNNING);
  stage_release (fixture->stage, "a");
  result = au_test_context_await_result (late);
  g_assert_true (au_backend_drain_finish (fixture->backend, result, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (au_backend_get_running (fixture->backend), ==, 0);
  assert_returns (fixture, first, 1);
}

static void
test_idle_backend_is_drained_at_once (BackendFixture *fixture)
{
  backend_drain (fixture);
  assert_still_works (fixture);
  backend_drain (fixture);
}

void
backend_suite_add_life (BackendKind *kind)
{
  backend_suite_add_test (kind, BACKEND_TEST_TOGETHER, "no-more-run-than-there-are-workers",
                          test_no_more_run_than_there_are_workers);
  backend_suite_add_test (kind, BACKEND_TEST_TOGETHER, "most-urgent-starts-first", test_most_urgent_starts_first);
  backend_suite_add_test (kind, BACKEND_TEST_TOGETHER, "cancel-reaches-what-runs", test_cancel_reaches_what_runs);
  backend_suite_add_test (kind, BACKEND_TEST_TOGETHER, "cancel-forgets-what-waits", test_cancel_forgets_what_waits);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "cancel-after-the-end-does-nothing",
                          test_cancel_after_the_end_does_nothing);
  backend_suite_add_test (kind, BACKEND_TEST_TOGETHER, "what-ignores-its-cancellation-has-completed",
                          test_what_ignores_its_cancellation_has_completed);
  backend_suite_add_test (kind, BACKEND_TEST_TOGETHER, "time-limit-ends-what-runs", test_time_limit_ends_what_runs);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "failed-attempt-is-tried-again",
                          test_failed_attempt_is_tried_again);
  backend_suite_add_test (kind, BACKEND_TEST_TOGETHER, "drain-waits-for-what-runs", test_drain_waits_for_what_runs);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "idle-backend-is-drained-at-once",
                          test_idle_backend_is_drained_at_once);
}
