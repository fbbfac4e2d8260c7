/* test-worker-times.c: what workers do when its time has come, and not before
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "worker-fixture.h"

#define FOREVER (-1)

/* The default lease of a worker, of which it renews a third. */
#define LEASE (30 * G_TIME_SPAN_SECOND)
#define HEARTBEAT (LEASE / 3)

static gint n_deaf;
static gint hearing;

/* A function that does not listen to a cancellation. */
static GVariant *
be_deaf (AuCall    *call,
         GVariant  *arguments,
         gpointer   user_data,
         GError   **error)
{
  g_atomic_int_inc (&n_deaf);
  while (!g_atomic_int_get (&hearing))
    g_thread_yield ();

  return NULL;
}

static const AuFunctionEntry functions[] = {
  { "add", "(xx)", "x", fixture_add, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "block", "()", NULL, fixture_block, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "fail-first", "()", "x", fixture_fail_first, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "deaf", "()", NULL, be_deaf, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { NULL }
};

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  au_clock_freeze ();
  fixture_set_up (self, data);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  fixture_tear_down (self, data);
  au_clock_thaw ();
}

/* Moves the clock, and waits until the worker has made its round at that time. */
static void
advance (AuWorker  *worker,
         GTimeSpan  span)
{
  au_clock_advance (span);
  while (au_worker_get_seen (worker) < au_clock_get_monotonic_time ())
    g_thread_yield ();
}

/* A round that finds something to run has looked at all that is due. */
static void
run_another (Fixture *self)
{
  g_autoptr(AuHandle) handle = fixture_submit (self, "add", g_variant_new_parsed ("(int64 1, int64 2)"), NULL);

  g_assert_cmpint (fixture_wait_for_number (handle), ==, 3);
}

static AuStatus
get_stored_status (Fixture  *self,
                   AuHandle *handle)
{
  g_autoptr(AuRecord) record = au_store_load (self->store, au_handle_get_key (handle), NULL, NULL);

  g_assert_nonnull (record);

  return au_record_get_status (record);
}

static void
test_delayed_one_is_started_when_it_is_due (Fixture       *self,
                                            gconstpointer  data)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  AuWorker *worker = fixture_start_worker (self);

  au_options_set_delay (options, G_TIME_SPAN_HOUR);
  handle = fixture_submit (self, "add", g_variant_new_parsed ("(int64 2, int64 3)"), options);
  run_another (self);

  advance (worker, G_TIME_SPAN_HOUR - 1);
  run_another (self);
  g_assert_cmpint (get_stored_status (self, handle), ==, AU_STATUS_PENDING);

  advance (worker, 1);
  g_assert_true (au_handle_wait (handle, FOREVER, NULL, NULL));

  fixture_stop_worker (worker, -1);
}

static void
test_failed_one_is_tried_again_after_its_backoff (Fixture       *self,
                                                  gconstpointer  data)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuHandle) handle = NULL;
  AuWorker *worker = fixture_start_worker (self);

  au_options_set_attempts (options, 2);
  au_options_set_backoff (options, G_TIME_SPAN_MINUTE);
  handle = fixture_submit (self, "fail-first", NULL, options);
  do
    {
      g_clear_pointer (&record, au_record_unref);
      record = au_store_load (self->store, au_handle_get_key (handle), NULL, NULL);
    }
  while (au_record_get_failures (record) == 0);

  advance (worker, au_record_get_due (record) - au_clock_get_real_time () - 1);
  run_another (self);
  g_assert_cmpint (get_stored_status (self, handle), ==, AU_STATUS_PENDING);

  advance (worker, 1);
  g_assert_true (au_handle_wait (handle, FOREVER, NULL, NULL));

  fixture_stop_worker (worker, -1);
}

static guint
claim (Fixture *self,
       guint    max)
{
  static const char *const queues[] = { "default", NULL };
  g_autoptr(AuClaim) wanted = au_claim_new ();
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GError) error = NULL;

  au_claim_set_queues (wanted, queues);
  au_claim_set_max (wanted, max);
  au_claim_set_lease (wanted, LEASE);
  records = au_queue_claim (AU_QUEUE (self->store), wanted, NULL, NULL, &error);
  g_assert_no_error (error);

  return records->len;
}

static void
test_lease_that_is_over_is_taken_away (Fixture       *self,
                                       gconstpointer  data)
{
  g_autoptr(AuHandle) handle = fixture_submit (self, "add", g_variant_new_parsed ("(int64 2, int64 3)"), NULL);
  g_autoptr(AuRecord) record = NULL;
  AuWorker *worker;

  /* somebody who is never heard of again */
  g_assert_cmpuint (claim (self, 1), ==, 1);
  worker = fixture_start_worker (self);

  advance (worker, LEASE - 1);
  run_another (self);
  g_assert_cmpint (get_stored_status (self, handle), !=, AU_STATUS_COMPLETED);

  advance (worker, G_TIME_SPAN_SECOND);
  g_assert_true (au_handle_wait (handle, FOREVER, NULL, NULL));
  record = au_store_load (self->store, au_handle_get_key (handle), NULL, NULL);
  g_assert_cmpuint (au_record_get_lost (record), ==, 1);

  fixture_stop_worker (worker, -1);
}

static void
test_lease_of_what_runs_is_renewed (Fixture       *self,
                                    gconstpointer  data)
{
  AuWorker *worker = fixture_start_worker (self);
  g_autoptr(AuHandle) handle = fixture_submit (self, "block", NULL, NULL);
  g_autoptr(AuRecord) record = NULL;

  fixture_wait_until_blocked (1);
  for (guint i = 0; i < 6; i++)
    {
      advance (worker, HEARTBEAT);
      g_assert_cmpint (au_queue_reap (AU_QUEUE (self->store), 0, NULL, NULL), ==, 0);
    }

  record = au_store_load (self->store, au_handle_get_key (handle), NULL, NULL);
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_RUNNING);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 1);

  au_handle_cancel (handle);
  fixture_stop_worker (worker, -1);
}

/* Gives back what a worker runs, as one does that thinks it dead. */
static void
take_away (Fixture  *self,
           AuHandle *handle)
{
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) released = NULL;
  g_autoptr(GError) error = NULL;

  record = au_store_load (self->store, au_handle_get_key (handle), NULL, &error);
  g_assert_no_error (error);
  released = au_transition_release (record, au_record_get_attempt (record), &error);
  g_assert_no_error (error);
  au_store_replace (self->store, released, au_record_get_revision (record), NULL, &error);
  g_assert_no_error (error);
}

/* Middleware that counts what is under way hears of what somebody else has taken over. */
static void
test_taken_over_counts_no_more (Fixture       *self,
                                gconstpointer  data)
{
  g_autoptr(AuHandle) handle = fixture_submit (self, "block", NULL, NULL);
  AuWorker *worker;

  fixture_allow_one_at_a_time (self);
  worker = fixture_start_worker (self);
  fixture_wait_until_blocked (1);
  take_away (self, handle);
  advance (worker, HEARTBEAT);

  /* it is not refused here when it comes again */
  fixture_wait_until_blocked (2);
  au_handle_cancel (handle);
  g_assert_false (au_handle_wait (handle, FIXTURE_FOREVER, NULL, NULL));
  fixture_stop_worker (worker, -1);

  worker = fixture_start_worker (self);
  run_another (self);
  fixture_stop_worker (worker, -1);
}

/* When the worker has last told of itself. */
static gint64
get_announced (Fixture *self)
{
  g_autoptr(GPtrArray) workers = au_queue_list_workers (AU_QUEUE (self->store), NULL, NULL);

  g_assert_cmpuint (workers->len, ==, 1);

  return au_worker_info_get_seen (g_ptr_array_index (workers, 0));
}

static void
test_worker_tells_of_itself_again (Fixture       *self,
                                   gconstpointer  data)
{
  AuWorker *worker = fixture_start_worker (self);
  gint64 begun = au_clock_get_real_time ();

  advance (worker, 0);
  g_assert_cmpint (get_announced (self), ==, begun);
  advance (worker, HEARTBEAT - 1);
  g_assert_cmpint (get_announced (self), ==, begun);
  advance (worker, 1);
  g_assert_cmpint (get_announced (self), ==, begun + HEARTBEAT);

  fixture_stop_worker (worker, -1);
}

static void
test_schedule_is_kept_to_the_moment (Fixture       *self,
                                     gconstpointer  data)
{
  g_autoptr(AuSchedule) schedule = NULL;
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(AuWorker) worker = NULL;
  g_autoptr(GError) error = NULL;
  gint64 now = au_clock_get_real_time ();

  schedule = g_initable_new (AU_TYPE_SCHEDULE, NULL, &error,
                             "name", "s", "function", "add", "arguments", "(1, 2)",
                             "timezone", "UTC", "when", "1h", NULL);
  g_assert_no_error (error);
  worker = au_worker_new (self->runner, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (au_worker_add_schedule (worker, schedule, &error));
  au_worker_start (worker, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < 3; i++)
    {
      gint64 due = au_schedule_get_next (schedule, now);

      advance (worker, due - 1 - now);
      run_another (self);
      g_assert_cmpint (au_store_count (self->store, query, NULL, NULL), ==, 2 * i + 1);

      advance (worker, 1);
      while (au_store_count (self->store, query, NULL, NULL) < 2 * i + 2)
        g_thread_yield ();
      now = due;
    }

  fixture_stop_worker (g_steal_pointer (&worker), -1);
}

static void
drained_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  *(gboolean *) data = TRUE;
}

static void
test_drain_gives_back_when_its_time_is_over (Fixture       *self,
                                             gconstpointer  data)
{
  AuWorker *worker = fixture_start_worker (self);
  g_autoptr(AuHandle) handle = fixture_submit (self, "deaf", NULL, NULL);
  gboolean drained = FALSE;

  while (g_atomic_int_get (&n_deaf) == 0)
    g_thread_yield ();

  au_worker_drain_async (worker, G_TIME_SPAN_MINUTE, drained_cb, &drained);
  advance (worker, G_TIME_SPAN_MINUTE - 1);
  g_assert_cmpint (get_stored_status (self, handle), ==, AU_STATUS_RUNNING);

  au_clock_advance (1);
  while (get_stored_status (self, handle) == AU_STATUS_RUNNING)
    g_thread_yield ();
  g_assert_cmpint (get_stored_status (self, handle), ==, AU_STATUS_PENDING);

  g_atomic_int_set (&hearing, TRUE);
  while (!drained)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (worker);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  au_functions_register (functions);

#define add_test(path, test) g_test_add ("/worker/times/" path, Fixture, NULL, set_up, test, tear_down)

  add_test ("delayed-one-is-started-when-it-is-due", test_delayed_one_is_started_when_it_is_due);
  add_test ("failed-one-is-tried-again-after-its-backoff", test_failed_one_is_tried_again_after_its_backoff);
  add_test ("lease-that-is-over-is-taken-away", test_lease_that_is_over_is_taken_away);
  add_test ("lease-of-what-runs-is-renewed", test_lease_of_what_runs_is_renewed);
  add_test ("taken-over-counts-no-more", test_taken_over_counts_no_more);
  add_test ("tells-of-itself-again", test_worker_tells_of_itself_again);
  add_test ("schedule-is-kept-to-the-moment", test_schedule_is_kept_to_the_moment);
  add_test ("drain-gives-back-when-its-time-is-over", test_drain_gives_back_when_its_time_is_over);

  return g_test_run ();
}
