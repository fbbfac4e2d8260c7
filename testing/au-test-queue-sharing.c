/* au-test-queue-sharing.c: what every queue must do for many users at once
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-queue-private.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define N_THREADS (4)
#define N_EACH (50)

static const char *const queues[] = { QUEUE, NULL };

static AuClaim *
make_claim (guint max)
{
  AuClaim *claim = au_claim_new ();

  au_claim_set_queues (claim, queues);
  au_claim_set_max (claim, max);
  au_claim_set_lease (claim, G_TIME_SPAN_HOUR);

  return claim;
}

/* Sources */

typedef struct
{
  GMainContext *context;
  GSource      *source;
  guint         count;
} Listener;

static gboolean
count_call (gpointer user_data)
{
  guint *count = user_data;

  (*count)++;

  return G_SOURCE_CONTINUE;
}

static void
listen_to (Listener *self,
           AuStore  *store)
{
  self->context = g_main_context_new ();
  self->source = au_queue_create_source (AU_QUEUE (store), queues);
  self->count = 0;
  g_assert_nonnull (self->source);
  g_source_set_callback (self->source, count_call, &self->count, NULL);
  g_source_attach (self->source, self->context);
}

static void
settle (Listener *self)
{
  while (g_main_context_iteration (self->context, FALSE))
    ;
}

static void
assert_hears (Listener *self)
{
  guint before = self->count;

  while (self->count == before)
    g_main_context_iteration (self->context, TRUE);
  settle (self);
}

static void
stop_listening (Listener *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_main_context_unref (self->context);
}

static void
test_source_tells_of_work (StoreFixture *fixture)
{
  AuQueue *queue = AU_QUEUE (fixture->store);
  static const char *const after[] = { "a", NULL };
  g_autoptr(AuRecord) record = NULL;
  AuOptions *options = queue_options (QUEUE);
  Listener listener;

  listen_to (&listener, fixture->store);
  settle (&listener);

  au_record_unref (queue_put (fixture, "a", NULL));
  assert_hears (&listener);
  record = queue_claim_one (fixture, "a");

  settle (&listener);
  au_record_unref (au_queue_release (queue, record, 0, NULL, NULL));
  assert_hears (&listener);

  g_clear_pointer (&record, au_record_unref);
  record = queue_claim_one (fixture, "a");
  au_options_set_after (options, after);
  au_record_unref (queue_put (fixture, "b", options));
  settle (&listener);
  record = queue_complete (fixture, g_steal_pointer (&record));
  assert_hears (&listener);
  g_clear_pointer (&record, au_record_unref);
  record = queue_claim_one (fixture, "b");

  settle (&listener);
  g_assert_true (au_queue_set_paused (queue, QUEUE, TRUE, NULL, NULL));
  settle (&listener);
  g_assert_true (au_queue_set_paused (queue, QUEUE, FALSE, NULL, NULL));
  assert_hears (&listener);

  stop_listening (&listener);
}

static void
test_source_tells_of_room (StoreFixture *fixture)
{
  g_autoptr(AuOptions) options = queue_options (QUEUE);
  g_autoptr(AuRecord) record = NULL;
  Listener listener;

  au_options_set_concurrency_key (options, "one");
  au_record_unref (queue_put (fixture, "a", g_object_ref (options)));
  au_record_unref (queue_put (fixture, "b", g_object_ref (options)));
  record = queue_claim_one (fixture, "a");
  g_ptr_array_unref (queue_claim (fixture, QUEUE, 1, NULL));

  listen_to (&listener, fixture->store);
  settle (&listener);
  record = queue_complete (fixture, g_steal_pointer (&record));
  assert_hears (&listener);
  stop_listening (&listener);
}

static void
test_source_tells_of_earlier_times (StoreFixture *fixture)
{
  Listener listener;

  listen_to (&listener, fixture->store);
  for (guint i = 3; i > 0; i--)
    {
      AuOptions *options = queue_options (QUEUE);

      settle (&listener);
      au_options_set_delay (options, i * G_TIME_SPAN_HOUR);
      au_record_unref (queue_put (fixture, NULL, options));
      assert_hears (&listener);
    }
  stop_listening (&listener);
}

static void
test_source_may_outlive_its_queue (StoreFixture *fixture)
{
  g_autoptr(GSource) unused = au_queue_create_source (AU_QUEUE (fixture->store), queues);
  Listener listener;

  listen_to (&listener, fixture->store);
  au_record_unref (queue_put (fixture, "a", NULL));
  g_clear_object (&fixture->store);
  settle (&listener);
  stop_listening (&listener);

  store_fixture_open (fixture);
}

/* Waiting */

static gpointer
put_in_thread (gpointer data)
{
  au_record_unref (queue_put (data, "a", NULL));

  return NULL;
}

static void
test_wait_gets_what_others_put_in (StoreFixture *fixture)
{
  g_autoptr(AuClaim) claim = make_claim (1);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) records = NULL;
  GThread *thread = g_thread_new (NULL, put_in_thread, fixture);

  records = au_queue_wait (AU_QUEUE (fixture->store), claim, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, 1);
  g_thread_join (thread);
}

static void
test_wait_gets_what_falls_due (StoreFixture *fixture)
{
  g_autoptr(AuClaim) claim = make_claim (1);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) records = NULL;
  AuOptions *options = queue_options (QUEUE);

  au_options_set_delay (options, 20 * G_TIME_SPAN_MILLISECOND);
  au_record_unref (queue_put (fixture, "a", options));
  records = au_queue_wait (AU_QUEUE (fixture->store), claim, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, 1);
}

static void
test_wait_ends (StoreFixture *fixture)
{
  g_autoptr(AuClaim) claim = make_claim (1);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GError) error = NULL;

  records = au_queue_wait (AU_QUEUE (fixture->store), claim, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, 0);
  g_clear_pointer (&records, g_ptr_array_unref);

  records = au_queue_wait (AU_QUEUE (fixture->store), claim, 1000, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, 0);

  g_cancellable_cancel (cancellable);
  g_assert_null (au_queue_wait (AU_QUEUE (fixture->store), claim, -1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Threads and processes */

/* Claims until as many have ended as there are, and says so in each record. */
static void
work (AuStore    *store,
      guint       n_all,
      const char *who)
{
  AuQueue *queue = AU_QUEUE (store);
  g_autoptr(AuClaim) claim = make_claim (3);
  g_autoptr(AuQuery) ended = au_query_new ();

  au_query_set_statuses (ended, AU_STATUS_FLAGS_COMPLETED);
  for (;;)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GPtrArray) records = au_queue_wait (queue, claim, 10 * G_TIME_SPAN_MILLISECOND, NULL, &error);

      g_assert_no_error (error);
      if (records->len == 0 && au_store_count (store, ended, NULL, NULL) == n_all)
        break;

      for (guint i = 0; i < records->len; i++)
        {
          AuRecord *record = au_record_ref (g_ptr_array_index (records, i));
          guint attempt = au_record_get_attempt (record);

          /* each is given out once */
          g_assert_cmpuint (attempt, ==, 1);
          record = au_test_store_replace (store, record,
                                  au_transition_complete (record, attempt, g_variant_new_string (who), NULL));
          au_record_unref (record);
        }
    }
}

static void
put_many (AuStore    *store,
          const char *prefix)
{
  for (guint i = 0; i < N_EACH; i++)
    {
      g_autofree char *key = g_strdup_printf ("%s%u", prefix, i);
      g_autoptr(AuOptions) options = queue_options (QUEUE);

      au_record_unref (au_test_store_insert (store, key, options));
    }
}

static gpointer
work_in_thread (gpointer data)
{
  StoreFixture *fixture = data;

  work (fixture->store, 2 * N_EACH, "thread");

  return NULL;
}

static gpointer
put_many_in_thread (gpointer data)
{
  StoreFixture *fixture = data;

  put_many (fixture->store, "thread");

  return NULL;
}

static void
assert_all_completed (StoreFixture *fixture,
                      guint         n_all)
{
  g_autoptr(AuQuery) query = au_query_new ();

  g_assert_cmpint (au_store_count (fixture->store, query, NULL, NULL), ==, n_all);
  au_query_set_statuses (query, AU_STATUS_FLAGS_COMPLETED);
  g_assert_cmpint (au_store_count (fixture->store, query, NULL, NULL), ==, n_all);
}

static void
test_threads_share_the_work (StoreFixture *fixture)
{
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS - 1; i++)
    threads[i] = g_thread_new (NULL, work_in_thread, fixture);
  threads[N_THREADS - 1] = g_thread_new (NULL, put_many_in_thread, fixture);
  put_many (fixture->store, "main");
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  assert_all_completed (fixture, 2 * N_EACH);
}

static void
test_processes_share_the_work (StoreFixture *fixture)
{
  g_autoptr(GSubprocess) worker = NULL;
  g_autoptr(GSubprocess) submitter = NULL;
  g_autoptr(GError) error = NULL;

  worker = store_fixture_start_child (fixture, "subprocess/work", G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  submitter = store_fixture_start_child (fixture, "subprocess/put", G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  put_many (fixture->store, "main");
  work (fixture->store, 2 * N_EACH, "main");

  g_subprocess_wait_check (worker, NULL, &error);
  g_assert_no_error (error);
  g_subprocess_wait_check (submitter, NULL, &error);
  g_assert_no_error (error);
  assert_all_completed (fixture, 2 * N_EACH);
}

static void
test_killed_process_loses_nothing (StoreFixture *fixture)
{
  g_autoptr(GSubprocess) child = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autofree char *keys = NULL;

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);

      au_record_unref (queue_put (fixture, key, NULL));
    }
  child = store_fixture_start_child (fixture, "subprocess/die", G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_subprocess_wait (child, NULL, NULL);
  g_assert_true (g_subprocess_get_if_signaled (child));

  record = queue_load (fixture, "k0");
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_RUNNING);
  g_assert_cmpuint (queue_reap (fixture), ==, 2);
  keys = queue_claim_keys (fixture, QUEUE, 9);
  g_assert_cmpstr (keys, ==, "k0 k1 k2");
}

static void
test_source_tells_of_other_processes (StoreFixture *fixture)
{
  g_autoptr(GSubprocess) child = NULL;
  g_autoptr(GError) error = NULL;
  Listener listener;

  listen_to (&listener, fixture->store);
  settle (&listener);
  child = store_fixture_start_child (fixture, "subprocess/put", G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  assert_hears (&listener);
  g_subprocess_wait_check (child, NULL, &error);
  g_assert_no_error (error);
  stop_listening (&listener);
}

static void
child_works (StoreFixture *fixture)
{
  work (fixture->store, 2 * N_EACH, "child");
}

static void
child_puts (StoreFixture *fixture)
{
  put_many (fixture->store, "child");
}

static void
child_claims_and_dies (StoreFixture *fixture)
{
  g_autoptr(AuClaim) claim = make_claim (2);
  g_autoptr(GPtrArray) records = au_queue_claim (AU_QUEUE (fixture->store), claim, NULL, NULL, NULL);

  g_assert_cmpuint (records->len, ==, 2);
  kill (getpid (), SIGKILL);
}

static void
test_reopened_queue_has_everything (StoreFixture *fixture)
{
  AuOptions *options = queue_options (QUEUE);
  g_autoptr(AuRecord) running = NULL;
  g_autofree char *keys = NULL;
  gint64 next_due;

  au_clock_freeze ();
  au_record_unref (queue_put (fixture, "a", NULL));
  running = queue_claim_one (fixture, "a");
  au_record_unref (queue_put (fixture, "b", NULL));
  au_options_set_delay (options, G_TIME_SPAN_MINUTE);
  au_record_unref (queue_put (fixture, "c", options));

  store_fixture_reopen (fixture);
  keys = queue_claim_keys (fixture, QUEUE, 9);
  g_assert_cmpstr (keys, ==, "b");
  g_ptr_array_unref (queue_claim (fixture, QUEUE, 9, &next_due));
  g_assert_cmpint (next_due, ==, au_clock_get_real_time () + G_TIME_SPAN_MINUTE);

  au_clock_advance (LEASE);
  g_assert_cmpuint (queue_reap (fixture), ==, 2);
  au_clock_thaw ();
}

void
queue_suite_add_sharing (StoreKind *kind)
{
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "source-tells-of-work", test_source_tells_of_work);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "source-tells-of-room", test_source_tells_of_room);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "source-tells-of-earlier-times", test_source_tells_of_earlier_times);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "source-may-outlive-its-queue", test_source_may_outlive_its_queue);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "wait-gets-what-others-put-in", test_wait_gets_what_others_put_in);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "wait-gets-what-falls-due", test_wait_gets_what_falls_due);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "wait-ends", test_wait_ends);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "threads-share-the-work", test_threads_share_the_work);

  store_suite_add_test (kind, STORE_NEEDS_PERSISTENT, "reopened-queue-has-everything",
                        test_reopened_queue_has_everything);
  store_suite_add_test (kind, STORE_NEEDS_SHARED, "processes-share-the-work", test_processes_share_the_work);
  store_suite_add_test (kind, STORE_NEEDS_SHARED, "killed-process-loses-nothing",
                        test_killed_process_loses_nothing);
  store_suite_add_test (kind, STORE_NEEDS_SHARED, "source-tells-of-other-processes",
                        test_source_tells_of_other_processes);

  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "subprocess/work", child_works);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "subprocess/put", child_puts);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "subprocess/die", child_claims_and_dies);
}
