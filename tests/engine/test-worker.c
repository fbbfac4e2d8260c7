/* test-worker.c: what is put into queues, and run by workers
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "worker-fixture.h"

#include <string.h>

/* Functions */

static gboolean
count (AuCall    *call,
       GVariant  *arguments,
       gpointer   user_data,
       GVariant **item,
       GError   **error)
{
  guint n = GPOINTER_TO_UINT (au_call_get_state (call));

  if (n == 3)
    return FALSE;

  *item = g_variant_new_uint32 (n);
  au_call_set_state (call, GUINT_TO_POINTER (n + 1), NULL);

  return TRUE;
}

static const AuFunctionEntry functions[] = {
  { "add", "(xx)", "x", fixture_add, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "fail-first", "()", "x", fixture_fail_first, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "block", "()", NULL, fixture_block, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "count", "()", "u", NULL, AU_FUNCTION_NONE, NULL, NULL, count },
  { NULL }
};

static void
test_worker_runs_what_was_submitted (Fixture       *self,
                                     gconstpointer  data)
{
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);
  AuWorker *worker;

  for (guint i = 0; i < 20; i++)
    g_ptr_array_add (handles, fixture_submit (self, "add", g_variant_new ("(xx)", (gint64) i, G_GINT64_CONSTANT (1)), NULL));
  g_assert_cmpint (au_handle_get_status (g_ptr_array_index (handles, 0)), ==, AU_STATUS_PENDING);
  g_assert_cmpuint (au_engine_get_n_live (self->submitter), ==, 0);

  worker = fixture_start_worker (self);
  for (guint i = 20; i < 40; i++)
    g_ptr_array_add (handles, fixture_submit (self, "add", g_variant_new ("(xx)", (gint64) i, G_GINT64_CONSTANT (1)), NULL));
  for (guint i = 0; i < 40; i++)
    g_assert_cmpint (fixture_wait_for_number (g_ptr_array_index (handles, i)), ==, i + 1);
  g_assert_cmpuint (fixture_stop_worker (worker, -1), ==, 0);
}

static void
test_record_names_queue_and_worker (Fixture       *self,
                                    gconstpointer  data)
{
  g_autoptr(AuHandle) handle = fixture_submit (self, "add", g_variant_new ("(xx)", G_GINT64_CONSTANT (1), G_GINT64_CONSTANT (2)), NULL);
  g_autoptr(AuRecord) before = au_store_load (self->store, au_handle_get_key (handle), NULL, NULL);
  g_autoptr(AuRecord) after = NULL;
  AuWorker *worker;

  g_assert_true (au_record_is_queued (before));
  g_assert_cmpstr (au_options_get_queue (au_record_get_options (before)), ==, "default");

  worker = fixture_start_worker (self);
  fixture_wait_for_number (handle);
  after = au_store_load (self->store, au_handle_get_key (handle), NULL, NULL);
  g_assert_cmpstr (au_record_get_owner (after), ==, au_owner_get_own ());
  g_assert_cmpuint (au_record_get_attempt (after), ==, 1);
  fixture_stop_worker (worker, -1);
}

static AuHandle *
submit_to (Fixture    *self,
           const char *queue)
{
  g_autoptr(AuOptions) options = au_options_new ();

  au_options_set_queue (options, queue);

  return fixture_submit (self, "add", g_variant_new ("(xx)", G_GINT64_CONSTANT (1), G_GINT64_CONSTANT (2)), options);
}

static gint64
wait_for_start (AuHandle *handle)
{
  g_autoptr(AuRecord) record = NULL;

  fixture_wait_for_number (handle);
  record = au_handle_dup_record (handle);

  return au_record_get_started (record);
}

/* However much is in the first one. */
static void
test_no_queue_waits_for_ever (Fixture       *self,
                              gconstpointer  data)
{
  static const char *const queues[] = { "first", "second", "third", NULL };
  g_autoptr(GPtrArray) firsts = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(AuHandle) second = NULL;
  g_autoptr(AuHandle) third = NULL;
  g_autoptr(AuHandle) last = NULL;
  g_autoptr(GError) error = NULL;
  AuWorker *worker;
  gint64 end;

  for (guint i = 0; i < 100; i++)
    g_ptr_array_add (firsts, submit_to (self, "first"));
  second = submit_to (self, "second");
  third = submit_to (self, "third");
  last = submit_to (self, "first");
  worker = g_initable_new (AU_TYPE_WORKER, NULL, &error, "engine", self->runner, "queues", queues,
                           "slots", 1, NULL);
  g_assert_no_error (error);
  g_assert_true (au_worker_start (worker, NULL));

  end = wait_for_start (last);
  g_assert_cmpint (wait_for_start (second), <, end);
  g_assert_cmpint (wait_for_start (third), <, end);
  fixture_stop_worker (worker, -1);
}

static void
test_failure_is_tried_again (Fixture       *self,
                             gconstpointer  data)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  AuWorker *worker = fixture_start_worker (self);

  au_options_set_attempts (options, 2);
  au_options_set_backoff (options, G_TIME_SPAN_MILLISECOND);
  handle = fixture_submit (self, "fail-first", NULL, options);
  g_assert_cmpint (fixture_wait_for_number (handle), ==, 2);
  fixture_stop_worker (worker, -1);
}

static void
test_results_are_passed_on (Fixture       *self,
                            gconstpointer  data)
{
  g_autoptr(AuHandle) first = fixture_submit (self, "add", g_variant_new ("(xx)", G_GINT64_CONSTANT (1), G_GINT64_CONSTANT (2)), NULL);
  g_autoptr(AuHandle) second = fixture_submit (self, "add", g_variant_new ("(xx)", G_GINT64_CONSTANT (3), G_GINT64_CONSTANT (4)), NULL);
  const char *after[] = { au_handle_get_key (first), au_handle_get_key (second), NULL };
  const char *one[] = { au_handle_get_key (second), NULL };
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) third = NULL;
  g_autoptr(AuHandle) fourth = NULL;
  g_autoptr(GError) error = NULL;
  AuWorker *worker;

  au_options_set_after (options, after);
  au_options_set_pass_results (options, TRUE);
  third = fixture_submit (self, "add", NULL, options);
  au_options_set_after (options, one);
  fourth = fixture_submit (self, "add", g_variant_new ("(x)", G_GINT64_CONSTANT (100)), options);

  g_assert_null (au_engine_submit (self->submitter, "add", NULL, options, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);
  g_clear_error (&error);
  g_assert_null (au_engine_submit (self->submitter, "add", g_variant_new ("(s)", "x"), options, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);

  worker = fixture_start_worker (self);
  g_assert_cmpint (fixture_wait_for_number (third), ==, 10);
  g_assert_cmpint (fixture_wait_for_number (fourth), ==, 107);
  fixture_stop_worker (worker, -1);
}

static void
test_results_are_passed_on_by_local_backends (Fixture       *self,
                                              gconstpointer  data)
{
  g_autoptr(AuHandle) first = NULL;
  g_autoptr(AuHandle) second = NULL;
  g_autoptr(AuOptions) options = au_options_new ();
  const char *after[2] = { NULL };

  first = au_engine_submit (self->runner, "add", g_variant_new ("(xx)", G_GINT64_CONSTANT (1), G_GINT64_CONSTANT (2)), NULL, NULL);
  after[0] = au_handle_get_key (first);
  au_options_set_after (options, after);
  au_options_set_pass_results (options, TRUE);
  second = au_engine_submit (self->runner, "add", g_variant_new ("(x)", G_GINT64_CONSTANT (5)), options, NULL);
  g_assert_cmpint (fixture_wait_for_number (second), ==, 8);
}

static void
test_dependency_refuses (Fixture       *self,
                         gconstpointer  data)
{
  static const char *const after[] = { "missing", NULL };
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GError) error = NULL;

  au_options_set_after (options, after);
  handle = fixture_submit (self, "add", g_variant_new ("(xx)", G_GINT64_CONSTANT (1), G_GINT64_CONSTANT (2)), options);
  g_assert_false (au_handle_wait (handle, FIXTURE_FOREVER, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_DEPENDENCY);
}

static void
test_waiting_one_is_cancelled (Fixture       *self,
                               gconstpointer  data)
{
  g_autoptr(AuHandle) handle = fixture_submit (self, "block", NULL, NULL);
  g_autoptr(GError) error = NULL;

  au_handle_cancel (handle);
  g_assert_false (au_handle_wait (handle, FIXTURE_FOREVER, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_running_one_is_cancelled (Fixture       *self,
                               gconstpointer  data)
{
  AuWorker *worker = fixture_start_worker (self);
  g_autoptr(AuHandle) handle = fixture_submit (self, "block", NULL, NULL);
  g_autoptr(GError) error = NULL;

  fixture_wait_until_blocked (1);
  au_handle_cancel (handle);
  g_assert_false (au_handle_wait (handle, FIXTURE_FOREVER, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fixture_stop_worker (worker, -1), ==, 0);
}

static void
test_items_reach_the_submitter (Fixture       *self,
                                gconstpointer  data)
{
  AuWorker *worker = fixture_start_worker (self);
  g_autoptr(AuHandle) handle = fixture_submit (self, "count", NULL, NULL);
  g_autoptr(GPtrArray) items = NULL;
  g_autoptr(GError) error = NULL;

  au_handle_wait (handle, FIXTURE_FOREVER, NULL, &error);
  g_assert_no_error (error);
  items = au_store_list_items (self->store, au_handle_get_key (handle), 0, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (items->len, ==, 3);
  fixture_stop_worker (worker, -1);
}

static void
test_drained_worker_gives_back (Fixture       *self,
                                gconstpointer  data)
{
  g_autoptr(AuHandle) handle = fixture_submit (self, "block", NULL, NULL);
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;
  AuWorker *worker = fixture_start_worker (self);

  fixture_wait_until_blocked (1);
  g_assert_cmpuint (fixture_stop_worker (worker, 0), ==, 1);

  record = au_store_load (self->store, au_handle_get_key (handle), NULL, NULL);
  g_assert_true (au_record_is_queued (record));
  g_assert_cmpuint (au_record_get_failures (record), ==, 0);
  g_assert_cmpuint (au_record_get_lost (record), ==, 0);

  /* the same engine runs it again */
  worker = fixture_start_worker (self);
  fixture_wait_until_blocked (2);
  au_handle_cancel (handle);
  g_assert_false (au_handle_wait (handle, FIXTURE_FOREVER, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fixture_stop_worker (worker, -1), ==, 0);
}

/* Middleware that counts what is under way hears of what goes back to its queue. */
static void
test_given_back_counts_no_more (Fixture       *self,
                                gconstpointer  data)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) first = NULL;
  g_autoptr(AuHandle) second = NULL;
  AuWorker *worker;

  fixture_allow_one_at_a_time (self);
  au_options_set_attempts (options, 2);
  au_options_set_backoff (options, G_TIME_SPAN_MILLISECOND);

  first = fixture_submit (self, "block", NULL, NULL);
  worker = fixture_start_worker (self);
  fixture_wait_until_blocked (1);
  g_assert_cmpuint (fixture_stop_worker (worker, 0), ==, 1);
  au_handle_cancel (first);
  g_assert_false (au_handle_wait (first, FIXTURE_FOREVER, NULL, NULL));

  second = fixture_submit (self, "fail-first", NULL, options);
  worker = fixture_start_worker (self);
  g_assert_cmpint (fixture_wait_for_number (second), ==, 2);
  fixture_stop_worker (worker, -1);
}

static void
test_unknown_function_fails (Fixture       *self,
                             gconstpointer  data)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GError) error = NULL;
  AuWorker *worker;

  au_options_set_queue (options, "default");
  record = au_record_new (NULL, "nobody-has-it", NULL, options);
  stored = au_store_insert (self->store, record, NULL, NULL, NULL);
  handle = au_engine_get_handle (self->submitter, au_record_get_key (record), NULL, NULL);

  g_test_expect_message ("au", G_LOG_LEVEL_MESSAGE, "*nobody-has-it*");
  worker = fixture_start_worker (self);
  g_assert_false (au_handle_wait (handle, FIXTURE_FOREVER, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNKNOWN_FUNCTION);
  fixture_stop_worker (worker, -1);
  g_test_assert_expected_messages ();
}

static void
test_dead_letter_is_retried (Fixture       *self,
                             gconstpointer  data)
{
  AuWorker *worker = fixture_start_worker (self);
  g_autoptr(AuHandle) handle = fixture_submit (self, "fail-first", NULL, NULL);
  g_autoptr(AuHandle) again = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_false (au_handle_wait (handle, FIXTURE_FOREVER, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_clear_error (&error);
  again = au_engine_retry (self->submitter, au_handle_get_key (handle), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fixture_wait_for_number (again), ==, 2);
  fixture_stop_worker (worker, -1);
}

static void
test_worker_tells_of_itself (Fixture       *self,
                             gconstpointer  data)
{
  AuWorker *worker = fixture_start_worker (self);
  g_autoptr(GPtrArray) workers = au_queue_list_workers (AU_QUEUE (self->store), NULL, NULL);

  g_assert_cmpuint (workers->len, ==, 1);
  g_assert_cmpstr (au_worker_info_get_id (g_ptr_array_index (workers, 0)), ==, au_worker_get_id (worker));
  g_assert_cmpuint (au_worker_info_get_slots (g_ptr_array_index (workers, 0)), ==, 2);

  fixture_stop_worker (worker, -1);
  g_clear_pointer (&workers, g_ptr_array_unref);
  workers = au_queue_list_workers (AU_QUEUE (self->store), NULL, NULL);
  g_assert_cmpuint (workers->len, ==, 0);
}

static void
test_parts_must_fit (Fixture       *self,
                     gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (au_worker_new (self->submitter, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
}

/* Schedules */

static AuSchedule *
make_schedule (const char *when)
{
  g_autoptr(GError) error = NULL;
  AuSchedule *schedule = g_initable_new (AU_TYPE_SCHEDULE, NULL, &error,
                                         "name", "s", "function", "add", "arguments", "(1, 2)",
                                         "timezone", "UTC", "when", when, NULL);

  g_assert_no_error (error);

  return schedule;
}

static gint64
parse_time (const char *text)
{
  g_autoptr(GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr(GDateTime) time = g_date_time_new_from_iso8601 (text, utc);

  return g_date_time_to_unix (time) * G_USEC_PER_SEC;
}

static void
test_times_are_those_of_cron (void)
{
  static const struct { const char *when, *after, *next; } cases[] = {
    { "* * * * *", "2026-11-21T10:00:00Z", "2026-11-21T10:01:00Z" },
    { "* * * * *", "2026-11-21T10:00:59Z", "2026-11-21T10:01:00Z" },
    { "*/15 * * * *", "2026-11-21T10:45:00Z", "2026-11-21T11:00:00Z" },
    { "30 4 * * *", "2026-11-21T04:30:00Z", "2026-11-22T04:30:00Z" },
    { "0 9-17/4 * * mon-fri", "2026-11-20T17:00:00Z", "2026-11-23T09:00:00Z" },
    { "0 0 31 * *", "2026-11-01T00:00:00Z", "2026-12-31T00:00:00Z" },
    { "0 0 29 feb *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z" },
    { "0 0 13 * 5", "2026-11-01T00:00:00Z", "2026-11-06T00:00:00Z" },
    { "0 0 * * 7", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z" },
    { "5,10 1,2 1 jan,JUL *", "2026-11-21T00:00:00Z", "2027-01-01T01:05:00Z" },
    { "@monthly", "2026-11-21T00:00:00Z", "2026-12-01T00:00:00Z" },
    { "15m", "2026-11-21T10:01:00Z", "2026-11-21T10:15:00Z" },
    { "1h", "2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(AuSchedule) schedule = make_schedule (cases[i].when);

      g_assert_cmpint (au_schedule_get_next (schedule, parse_time (cases[i].after)), ==,
                       parse_time (cases[i].next));
    }
}

static void
test_times_of_the_clock_change (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuSchedule) schedule = NULL;

  schedule = g_initable_new (AU_TYPE_SCHEDULE, NULL, &error, "name", "s", "function", "add",
                             "timezone", "Europe/Berlin", "when", "30 2 * * *", NULL);
  if (schedule == NULL)
    {
      g_test_skip ("no time zones are installed");
      return;
    }

  /* 02:30 does not come on 28 March 2027 */
  g_assert_cmpint (au_schedule_get_next (schedule, parse_time ("2027-03-27T12:00:00Z")), ==,
                   parse_time ("2027-03-29T00:30:00Z"));
}

static void
test_bad_times_are_refused (void)
{
  static const char *const bad[] = {
    "", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *",
    "*/0 * * * *", "a * * * *", "1, * * * *", "-1 * * * *", "100ms", "@never",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (au_schedule_new ("s", "add", bad[i], &error));
      g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_due_times_are_kept_once (Fixture       *self,
                              gconstpointer  data)
{
  g_autoptr(AuSchedule) schedule = make_schedule ("1m");
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GError) error = NULL;
  AuWorker *workers[2];

  au_clock_freeze ();
  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    {
      workers[i] = au_worker_new (self->runner, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (au_worker_add_schedule (workers[i], schedule, &error));
      au_worker_start (workers[i], &error);
      g_assert_no_error (error);
    }

  au_query_set_statuses (query, AU_STATUS_FLAGS_COMPLETED);
  for (gint64 i = 0; i < 3; i++)
    {
      /* The first look of a worker may come after the clock was moved. */
      while (au_store_count (self->store, query, NULL, NULL) <= i)
        {
          au_clock_advance (20 * G_TIME_SPAN_SECOND);
          g_thread_yield ();
        }
    }

  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    fixture_stop_worker (workers[i], 0);
  au_clock_thaw ();

  {
    g_autoptr(GPtrArray) records = NULL;

    records = au_store_list (self->store, query, NULL, &error);
    for (guint i = 0; i < records->len; i++)
      g_assert_true (g_str_has_prefix (au_record_get_key (g_ptr_array_index (records, i)), "s:20"));
  }
}

static void
test_bad_schedules_are_refused (Fixture       *self,
                                gconstpointer  data)
{
  g_autoptr(AuWorker) worker = au_worker_new (self->runner, NULL, NULL);
  g_autoptr(AuSchedule) unknown = au_schedule_new ("s", "nobody-has-it", "1m", NULL);
  g_autoptr(AuSchedule) bad = au_schedule_new ("s", "add", "1m", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_false (au_worker_add_schedule (worker, unknown, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNKNOWN_FUNCTION);
  g_clear_error (&error);
  g_assert_false (au_worker_add_schedule (worker, bad, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);
}

#define add_test(path, test) g_test_add ("/worker/" path, Fixture, NULL, fixture_set_up, test, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  au_functions_register (functions);

  add_test ("runs-what-was-submitted", test_worker_runs_what_was_submitted);
  add_test ("record-names-queue-and-worker", test_record_names_queue_and_worker);
  add_test ("no-queue-waits-for-ever", test_no_queue_waits_for_ever);
  add_test ("failure-is-tried-again", test_failure_is_tried_again);
  add_test ("results-are-passed-on", test_results_are_passed_on);
  add_test ("results-are-passed-on-by-local-backends", test_results_are_passed_on_by_local_backends);
  add_test ("dependency-refuses", test_dependency_refuses);
  add_test ("waiting-one-is-cancelled", test_waiting_one_is_cancelled);
  add_test ("running-one-is-cancelled", test_running_one_is_cancelled);
  add_test ("items-reach-the-submitter", test_items_reach_the_submitter);
  add_test ("drained-worker-gives-back", test_drained_worker_gives_back);
  add_test ("given-back-counts-no-more", test_given_back_counts_no_more);
  add_test ("unknown-function-fails", test_unknown_function_fails);
  add_test ("dead-letter-is-retried", test_dead_letter_is_retried);
  add_test ("tells-of-itself", test_worker_tells_of_itself);
  add_test ("parts-must-fit", test_parts_must_fit);
  g_test_add_func ("/schedule/times-are-those-of-cron", test_times_are_those_of_cron);
  g_test_add_func ("/schedule/times-of-the-clock-change", test_times_of_the_clock_change);
  g_test_add_func ("/schedule/bad-times-are-refused", test_bad_times_are_refused);
  add_test ("due-times-are-kept-once", test_due_times_are_kept_once);
  add_test ("bad-schedules-are-refused", test_bad_schedules_are_refused);

  return g_test_run ();
}
