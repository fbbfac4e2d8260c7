/* au-test-queue-after.c: what every queue must do about what comes after what
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-queue-private.h"

#include <string.h>

/* Puts a computation into the queue that comes after others, whose keys have blanks
 * between them. */
static AuRecord *
put_after (StoreFixture *fixture,
           const char   *key,
           const char   *after)
{
  g_auto(GStrv) keys = g_strsplit (after, " ", -1);
  g_autoptr(AuOptions) options = queue_options (QUEUE);
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;
  gboolean created;
  AuRecord *stored;

  au_options_set_after (options, (const char * const *) keys);
  record = au_record_new (key, "f", g_variant_new ("(s)", "x"), options);
  stored = au_store_insert (fixture->store, record, &created, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (created);
  stored_assert_holds (fixture->store, stored);

  return stored;
}

static void
assert_refused (StoreFixture *fixture,
                const char   *key,
                const char   *because_of)
{
  g_autoptr(AuRecord) record = queue_load (fixture, key);
  g_autoptr(GError) error = au_record_dup_error (record);

  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_FAILED);
  g_assert_error (error, AU_ERROR, AU_ERROR_DEPENDENCY);
  g_assert_nonnull (strstr (error->message, because_of));
}

static void
test_others_are_waited_for (StoreFixture *fixture)
{
  g_autoptr(AuRecord) first = NULL;

  au_record_unref (queue_put (fixture, "a", NULL));
  au_record_unref (put_after (fixture, "b", "a"));
  au_record_unref (put_after (fixture, "c", "b"));

  first = queue_claim_one (fixture, "a");
  queue_assert_claims (fixture, QUEUE, 9, "");
  first = queue_complete (fixture, g_steal_pointer (&first));
  au_record_unref (queue_complete (fixture, queue_claim_one (fixture, "b")));
  queue_assert_claims (fixture, QUEUE, 9, "c");
}

static void
test_all_of_them_are_waited_for (StoreFixture *fixture)
{
  g_autoptr(AuRecord) plain = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "plain", NULL));

  au_record_unref (queue_put (fixture, "a", NULL));
  au_record_unref (queue_complete (fixture, queue_claim_one (fixture, "a")));
  au_record_unref (queue_put (fixture, "b", NULL));
  au_record_unref (put_after (fixture, "c", "a b plain b"));

  au_record_unref (queue_complete (fixture, queue_claim_one (fixture, "b")));
  queue_assert_claims (fixture, QUEUE, 9, "");

  /* one that is in no queue */
  plain = au_test_store_complete (fixture->store, g_steal_pointer (&plain));
  queue_assert_claims (fixture, QUEUE, 9, "c");
}

static void
test_completed_ones_are_not_waited_for (StoreFixture *fixture)
{
  au_record_unref (queue_put (fixture, "a", NULL));
  au_record_unref (queue_complete (fixture, queue_claim_one (fixture, "a")));
  au_record_unref (put_after (fixture, "b", "a"));
  queue_assert_claims (fixture, QUEUE, 9, "b");
}

static void
test_failure_refuses_what_comes_after (StoreFixture *fixture)
{
  au_record_unref (queue_put (fixture, "a", NULL));
  au_record_unref (put_after (fixture, "b", "a"));
  au_record_unref (put_after (fixture, "c", "b"));
  au_record_unref (put_after (fixture, "d", "a c"));

  au_record_unref (queue_fail (fixture, queue_claim_one (fixture, "a")));
  assert_refused (fixture, "b", "“a”");
  assert_refused (fixture, "c", "“b”");
  queue_assert_status (fixture, "d", AU_STATUS_FAILED);
  queue_assert_claims (fixture, QUEUE, 9, "");

  /* and what is put in later */
  au_record_unref (put_after (fixture, "e", "a"));
  assert_refused (fixture, "e", "“a”");
}

static void
test_long_chains_are_refused (StoreFixture *fixture)
{
  g_autofree char *last = g_strdup ("k0");

  au_record_unref (queue_put (fixture, "k0", NULL));
  for (guint i = 1; i < 200; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);

      au_record_unref (put_after (fixture, key, last));
      g_free (last);
      last = g_steal_pointer (&key);
    }

  au_record_unref (queue_cancel (fixture, "k0"));
  assert_refused (fixture, "k1", "“k0”");
  queue_assert_status (fixture, last, AU_STATUS_FAILED);
}

static void
test_cancellation_refuses_what_comes_after (StoreFixture *fixture)
{
  au_record_unref (queue_put (fixture, "a", NULL));
  au_record_unref (put_after (fixture, "b", "a"));
  au_record_unref (put_after (fixture, "c", "b"));

  au_record_unref (queue_cancel (fixture, "b"));
  queue_assert_status (fixture, "b", AU_STATUS_CANCELLED);
  assert_refused (fixture, "c", "“b”");

  /* nobody waits for it any more */
  au_record_unref (queue_complete (fixture, queue_claim_one (fixture, "a")));
  queue_assert_claims (fixture, QUEUE, 9, "");
}

static void
test_what_is_not_there_refuses (StoreFixture *fixture)
{
  g_autoptr(AuRecord) missing = put_after (fixture, "a", "missing");
  g_autoptr(AuRecord) itself = put_after (fixture, "b", "b");

  g_assert_cmpint (au_record_get_status (missing), ==, AU_STATUS_FAILED);
  assert_refused (fixture, "a", "“missing”");
  g_assert_cmpint (au_record_get_status (itself), ==, AU_STATUS_FAILED);
  assert_refused (fixture, "b", "“b”");

  /* removed while it is waited for */
  au_record_unref (queue_put (fixture, "c", NULL));
  au_record_unref (put_after (fixture, "d", "c"));
  g_assert_true (au_store_remove (fixture->store, "c", NULL, NULL));
  assert_refused (fixture, "d", "“c”");
}

static void
test_refused_one_is_retried (StoreFixture *fixture)
{
  g_autoptr(AuRecord) first = NULL;
  g_autoptr(AuRecord) second = NULL;

  au_record_unref (queue_put (fixture, "a", NULL));
  au_record_unref (put_after (fixture, "b", "a"));
  first = queue_fail (fixture, queue_claim_one (fixture, "a"));
  first = au_test_store_replace (fixture->store, g_steal_pointer (&first), au_transition_retry (first, NULL));
  second = queue_load (fixture, "b");
  second = au_test_store_replace (fixture->store, g_steal_pointer (&second), au_transition_retry (second, NULL));

  au_record_unref (queue_complete (fixture, queue_claim_one (fixture, "a")));
  queue_assert_claims (fixture, QUEUE, 9, "b");
}

static void
test_what_was_started_has_them_behind_it (StoreFixture *fixture)
{
  g_autoptr(AuRecord) released = NULL;
  g_autoptr(AuRecord) claimed = NULL;

  au_record_unref (queue_put (fixture, "a", NULL));
  au_record_unref (put_after (fixture, "b", "a"));
  au_record_unref (queue_complete (fixture, queue_claim_one (fixture, "a")));
  claimed = queue_claim_one (fixture, "b");
  g_assert_true (au_store_remove (fixture->store, "a", NULL, NULL));

  released = au_queue_release (AU_QUEUE (fixture->store), claimed, 0, NULL, NULL);
  g_assert_true (au_record_is_queued (released));
  queue_assert_claims (fixture, QUEUE, 9, "b");
}

static void
test_others_and_time_are_waited_for (StoreFixture *fixture)
{
  static const char *const after[] = { "a", NULL };
  AuOptions *options = queue_options (QUEUE);
  g_autoptr(GPtrArray) records = NULL;
  gint64 next_due;

  au_clock_freeze ();
  au_record_unref (queue_put (fixture, "a", NULL));
  au_options_set_after (options, after);
  au_options_set_delay (options, G_TIME_SPAN_MINUTE);
  au_record_unref (queue_put (fixture, "b", options));

  au_record_unref (queue_complete (fixture, queue_claim_one (fixture, "a")));
  records = queue_claim (fixture, QUEUE, 9, &next_due);
  g_assert_cmpuint (records->len, ==, 0);
  g_assert_cmpint (next_due, ==, au_clock_get_real_time () + G_TIME_SPAN_MINUTE);
  au_clock_advance (G_TIME_SPAN_MINUTE);
  queue_assert_claims (fixture, QUEUE, 9, "b");
  au_clock_thaw ();
}

static void
test_waiting_survives_reopening (StoreFixture *fixture)
{
  au_record_unref (queue_put (fixture, "a", NULL));
  au_record_unref (queue_put (fixture, "b", NULL));
  au_record_unref (put_after (fixture, "c", "a"));
  au_record_unref (put_after (fixture, "d", "b"));

  store_fixture_reopen (fixture);
  queue_assert_claims (fixture, QUEUE, 1, "a");
  store_fixture_reopen (fixture);
  au_record_unref (queue_complete (fixture, queue_load (fixture, "a")));
  queue_assert_claims (fixture, QUEUE, 1, "b");
  au_record_unref (queue_fail (fixture, queue_load (fixture, "b")));
  store_fixture_reopen (fixture);
  queue_assert_claims (fixture, QUEUE, 9, "c");
  assert_refused (fixture, "d", "“b”");
}

void
queue_suite_add_after (StoreKind *kind)
{
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "others-are-waited-for", test_others_are_waited_for);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "all-of-them-are-waited-for", test_all_of_them_are_waited_for);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "completed-ones-are-not-waited-for", test_completed_ones_are_not_waited_for);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "failure-refuses-what-comes-after", test_failure_refuses_what_comes_after);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "long-chains-are-refused", test_long_chains_are_refused);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "cancellation-refuses-what-comes-after", test_cancellation_refuses_what_comes_after);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "what-is-not-there-refuses", test_what_is_not_there_refuses);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "refused-one-is-retried", test_refused_one_is_retried);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "what-was-started-has-them-behind-it", test_what_was_started_has_them_behind_it);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "others-and-time-are-waited-for", test_others_and_time_are_waited_for);
  store_suite_add_test (kind, STORE_NEEDS_PERSISTENT, "waiting-survives-reopening", test_waiting_survives_reopening);
}
