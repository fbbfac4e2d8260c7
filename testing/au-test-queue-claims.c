/* au-test-queue-claims.c: what every queue must do
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-queue-private.h"

#include <string.h>

/* Claims */

static void
test_claim_gives_what_was_put_in (StoreFixture *fixture)
{
  g_autoptr(AuRecord) put = NULL;
  g_autoptr(AuRecord) claimed = NULL;
  gint64 now;

  au_clock_freeze ();
  now = au_clock_get_real_time ();
  put = queue_put (fixture, "a", NULL);
  claimed = queue_claim_one (fixture, "a");

  g_assert_cmpuint (au_record_get_attempt (claimed), ==, 1);
  g_assert_cmpstr (au_record_get_owner (claimed), ==, au_owner_get_own ());
  g_assert_cmpint (au_record_get_lease_end (claimed), ==, now + LEASE);
  g_assert_cmpuint (au_record_get_revision (claimed), >, au_record_get_revision (put));
  g_assert_cmpvariant (au_record_get_arguments (claimed), au_record_get_arguments (put));
  stored_assert_holds (fixture->store, claimed);

  queue_assert_claims (fixture, QUEUE, 9, "");
  au_clock_thaw ();
}

static void
test_claim_is_for_its_owner (StoreFixture *fixture)
{
  g_autoptr(AuClaim) claim = queue_make_claim (QUEUE, 1);
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GPtrArray) records = NULL;

  au_record_unref (queue_put (fixture, "a", NULL));
  au_claim_set_owner (claim, "elsewhere/b/1/2");
  records = au_queue_claim (AU_QUEUE (fixture->store), claim, NULL, NULL, NULL);
  g_assert_cmpuint (records->len, ==, 1);
  g_assert_cmpstr (au_record_get_owner (g_ptr_array_index (records, 0)), ==, "elsewhere/b/1/2");
}

static void
test_only_what_is_queued_is_claimed (StoreFixture *fixture)
{
  g_autoptr(AuRecord) owned = NULL;
  g_autoptr(AuRecord) begun = NULL;

  /* in no queue */
  au_record_unref (au_test_store_insert (fixture->store, "plain", NULL));
  /* in another one */
  au_record_unref (queue_put (fixture, "other", queue_options ("r")));
  /* somebody's own */
  owned = queue_put (fixture, "owned", NULL);
  owned = au_test_store_replace (fixture->store, g_steal_pointer (&owned),
                         au_transition_adopt (owned, "host/boot/1/2", NULL));
  /* run by somebody without a lease */
  begun = au_test_store_begin (fixture->store, queue_put (fixture, "begun", NULL));
  /* ended */
  au_record_unref (queue_put (fixture, "cancelled", NULL));
  au_record_unref (queue_cancel (fixture, "cancelled"));

  queue_assert_claims (fixture, QUEUE, 9, "");
}

static void
test_most_urgent_is_claimed_first (StoreFixture *fixture)
{
  static const struct { const char *key; int priority; } puts[] = {
    { "d", 0 }, { "b", 5 }, { "f", -3 }, { "e", 0 }, { "a", G_MAXINT }, { "c", 5 }, { "g", G_MININT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (puts); i++)
    {
      AuOptions *options = queue_options (QUEUE);

      au_options_set_priority (options, puts[i].priority);
      au_record_unref (queue_put (fixture, puts[i].key, options));
    }

  queue_assert_claims (fixture, QUEUE, 3, "a b c");
  queue_assert_claims (fixture, QUEUE, 1, "d");
  queue_assert_claims (fixture, QUEUE, 9, "e f g");
}

static void
test_queues_are_served_in_order (StoreFixture *fixture)
{
  g_autofree char *keys = NULL;

  au_record_unref (queue_put (fixture, "a", queue_options ("first")));
  au_record_unref (queue_put (fixture, "b", queue_options ("second")));
  au_record_unref (queue_put (fixture, "c", queue_options ("first")));
  au_record_unref (queue_put (fixture, "d", queue_options ("third")));

  keys = queue_claim_keys (fixture, "second none first", 2);
  g_assert_cmpstr (keys, ==, "b a");
  g_free (keys);
  keys = queue_claim_keys (fixture, "second first", 9);
  g_assert_cmpstr (keys, ==, "c");
}

static void
test_time_is_waited_for (StoreFixture *fixture)
{
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(AuRecord) claimed = NULL;
  gint64 now, next_due;

  au_clock_freeze ();
  now = au_clock_get_real_time ();
  for (guint i = 3; i > 0; i--)
    {
      AuOptions *options = queue_options (QUEUE);
      g_autofree char *key = g_strdup_printf ("k%u", i);

      au_options_set_delay (options, i * G_TIME_SPAN_MINUTE);
      au_record_unref (queue_put (fixture, key, options));
    }

  records = queue_claim (fixture, QUEUE, 9, &next_due);
  g_assert_cmpuint (records->len, ==, 0);
  g_assert_cmpint (next_due, ==, now + G_TIME_SPAN_MINUTE);

  au_clock_advance (2 * G_TIME_SPAN_MINUTE);
  g_clear_pointer (&records, g_ptr_array_unref);
  records = queue_claim (fixture, QUEUE, 9, &next_due);
  g_assert_cmpuint (records->len, ==, 2);
  g_assert_cmpint (next_due, ==, now + 3 * G_TIME_SPAN_MINUTE);

  au_clock_advance (G_TIME_SPAN_MINUTE);
  claimed = queue_claim_one (fixture, "k3");
  g_assert_cmpint (au_record_get_due (claimed), ==, 0);
  g_clear_pointer (&records, g_ptr_array_unref);
  records = queue_claim (fixture, QUEUE, 9, &next_due);
  g_assert_cmpint (next_due, ==, 0);
  au_clock_thaw ();
}

static void
test_what_falls_due_is_claimed_by_urgency (StoreFixture *fixture)
{
  static const char *const keys[] = { "low", "high" };

  au_clock_freeze ();
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      AuOptions *options = queue_options (QUEUE);

      au_options_set_delay (options, (i + 1) * G_TIME_SPAN_SECOND);
      au_options_set_priority (options, i);
      au_record_unref (queue_put (fixture, keys[i], options));
    }

  au_clock_advance (G_TIME_SPAN_MINUTE);
  queue_assert_claims (fixture, QUEUE, 9, "high low");
  au_clock_thaw ();
}

/* What becomes of what was claimed */

static void
test_failure_is_tried_again_later (StoreFixture *fixture)
{
  AuOptions *options = queue_options (QUEUE);
  g_autoptr(AuRecord) record = NULL;
  gint64 due;

  au_clock_freeze ();
  au_options_set_attempts (options, 2);
  au_options_set_backoff (options, G_TIME_SPAN_MINUTE);
  au_record_unref (queue_put (fixture, "a", options));

  record = queue_fail (fixture, queue_claim_one (fixture, "a"));
  g_assert_true (au_record_is_queued (record));
  due = au_record_get_due (record);
  g_assert_cmpint (due, >, au_clock_get_real_time ());
  queue_assert_claims (fixture, QUEUE, 9, "");

  au_clock_advance (due - au_clock_get_real_time ());
  g_clear_pointer (&record, au_record_unref);
  record = queue_claim_one (fixture, "a");
  g_assert_cmpuint (au_record_get_attempt (record), ==, 2);

  record = queue_fail (fixture, g_steal_pointer (&record));
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_FAILED);
  au_clock_advance (G_TIME_SPAN_HOUR);
  queue_assert_claims (fixture, QUEUE, 9, "");
  au_clock_thaw ();
}

static void
test_dead_letter_is_retried (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = NULL;

  au_record_unref (queue_put (fixture, "a", NULL));
  record = queue_fail (fixture, queue_claim_one (fixture, "a"));
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_FAILED);

  record = au_test_store_replace (fixture->store, g_steal_pointer (&record), au_transition_retry (record, NULL));
  g_assert_true (au_record_is_queued (record));
  g_clear_pointer (&record, au_record_unref);
  record = queue_complete (fixture, queue_claim_one (fixture, "a"));
  g_assert_cmpuint (au_record_get_attempt (record), ==, 2);
}

static void
test_release_costs_no_attempt (StoreFixture *fixture)
{
  AuQueue *queue = AU_QUEUE (fixture->store);
  g_autoptr(AuRecord) first = NULL;
  g_autoptr(AuRecord) released = NULL;
  g_autoptr(AuRecord) second = NULL;
  g_autoptr(GError) error = NULL;

  au_clock_freeze ();
  au_record_unref (queue_put (fixture, "a", NULL));
  first = queue_claim_one (fixture, "a");
  released = au_queue_release (queue, first, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (au_record_is_queued (released));
  g_assert_cmpuint (au_record_get_failures (released), ==, 0);
  g_assert_cmpuint (au_record_get_lost (released), ==, 0);
  stored_assert_holds (fixture->store, released);

  second = queue_claim_one (fixture, "a");
  g_assert_cmpuint (au_record_get_attempt (second), ==, 2);

  /* somebody else has it now */
  g_clear_pointer (&released, au_record_unref);
  g_assert_null (au_queue_release (queue, first, 0, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_STALE);

  released = au_queue_release (queue, second, G_TIME_SPAN_MINUTE, NULL, NULL);
  g_assert_cmpint (au_record_get_due (released), ==, au_clock_get_real_time () + G_TIME_SPAN_MINUTE);
  queue_assert_claims (fixture, QUEUE, 1, "");
  au_clock_advance (G_TIME_SPAN_MINUTE);
  queue_assert_claims (fixture, QUEUE, 1, "a");
  au_clock_thaw ();
}

static void
test_cancelled_one_is_not_claimed (StoreFixture *fixture)
{
  AuOptions *options = queue_options (QUEUE);

  au_clock_freeze ();
  au_record_unref (queue_put (fixture, "a", NULL));
  au_options_set_delay (options, G_TIME_SPAN_MINUTE);
  au_record_unref (queue_put (fixture, "b", options));
  au_record_unref (queue_put (fixture, "c", NULL));

  au_record_unref (queue_cancel (fixture, "a"));
  au_record_unref (queue_cancel (fixture, "b"));
  au_clock_advance (G_TIME_SPAN_HOUR);
  queue_assert_claims (fixture, QUEUE, 9, "c");
  queue_assert_status (fixture, "a", AU_STATUS_CANCELLED);
  queue_assert_status (fixture, "b", AU_STATUS_CANCELLED);
  au_clock_thaw ();
}

static void
test_removed_one_is_not_claimed (StoreFixture *fixture)
{
  au_record_unref (queue_put (fixture, "a", NULL));
  au_record_unref (queue_put (fixture, "b", NULL));
  g_assert_true (au_store_remove (fixture->store, "a", NULL, NULL));
  queue_assert_claims (fixture, QUEUE, 9, "b");

  /* nor does one that runs come back */
  g_assert_true (au_store_remove (fixture->store, "b", NULL, NULL));
  g_assert_cmpuint (queue_reap (fixture), ==, 0);
  au_record_unref (queue_put (fixture, "b", NULL));
  queue_assert_claims (fixture, QUEUE, 9, "b");
}

static void
test_unique_key_is_held_until_the_end (StoreFixture *fixture)
{
  g_autoptr(AuOptions) options = queue_options (QUEUE);
  g_autoptr(AuRecord) other = NULL;
  g_autoptr(AuRecord) stored = NULL;
  gboolean created;

  au_options_set_unique_key (options, "u");
  au_record_unref (queue_put (fixture, "a", g_object_ref (options)));
  other = au_record_new ("b", "f", NULL, options);
  stored = au_store_insert (fixture->store, other, &created, NULL, NULL);
  g_assert_false (created);
  g_assert_cmpstr (au_record_get_key (stored), ==, "a");

  au_record_unref (queue_complete (fixture, queue_claim_one (fixture, "a")));
  queue_assert_claims (fixture, QUEUE, 9, "");
  g_clear_pointer (&stored, au_record_unref);
  stored = au_store_insert (fixture->store, other, &created, NULL, NULL);
  g_assert_true (created);
  queue_assert_claims (fixture, QUEUE, 9, "b");
}

static void
test_batches_are_queued (StoreFixture *fixture)
{
  g_autoptr(AuOptions) options = queue_options (QUEUE);
  g_autoptr(GPtrArray) records = NULL;
  AuWrite writes[3] = { { NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);

      writes[i].record = au_record_new (key, "f", NULL, options);
    }
  au_store_write_many (fixture->store, writes, G_N_ELEMENTS (writes), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    {
      g_assert_no_error (writes[i].error);
      g_assert_true (writes[i].created);
      au_record_unref (writes[i].record);
      au_record_unref (writes[i].stored);
    }

  records = queue_claim (fixture, QUEUE, 9, NULL);
  g_assert_cmpuint (records->len, ==, 3);

  memset (writes, 0, sizeof writes);
  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    {
      AuRecord *record = g_ptr_array_index (records, i);

      writes[i].expected = au_record_get_revision (record);
      writes[i].record = i < 2 ? au_transition_complete (record, 1, NULL, NULL)
                               : au_transition_release (record, 1, NULL);
    }
  au_store_write_many (fixture->store, writes, G_N_ELEMENTS (writes), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    {
      g_assert_no_error (writes[i].error);
      au_record_unref (writes[i].record);
      au_record_unref (writes[i].stored);
    }

  queue_assert_claims (fixture, QUEUE, 9, "k2");
}

/* Leases */

static void
test_lease_that_ends_gives_the_work_to_others (StoreFixture *fixture)
{
  g_autoptr(AuRecord) stale = NULL;
  g_autoptr(AuRecord) late = NULL;
  g_autoptr(AuRecord) reaped = NULL;
  g_autoptr(AuRecord) fresh = NULL;
  g_autoptr(GError) error = NULL;

  au_clock_freeze ();
  au_record_unref (queue_put (fixture, "a", NULL));
  stale = queue_claim_one (fixture, "a");
  g_assert_cmpuint (queue_reap (fixture), ==, 0);

  au_clock_advance (LEASE);
  g_assert_cmpuint (queue_reap (fixture), ==, 1);
  g_assert_cmpuint (queue_reap (fixture), ==, 0);
  reaped = queue_load (fixture, "a");
  g_assert_true (au_record_is_queued (reaped));
  g_assert_cmpuint (au_record_get_lost (reaped), ==, 1);
  g_assert_cmpuint (au_record_get_failures (reaped), ==, 0);

  fresh = queue_claim_one (fixture, "a");
  g_assert_cmpuint (au_record_get_attempt (fresh), ==, 2);

  /* the first worker comes back, and is refused */
  late = au_transition_complete (stale, 1, g_variant_new_string ("late"), NULL);
  g_assert_false (au_store_replace (fixture->store, late, au_record_get_revision (stale), NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFLICT);

  fresh = queue_complete (fixture, g_steal_pointer (&fresh));
  stored_assert_holds (fixture->store, fresh);
  au_clock_thaw ();
}

/* Somebody sets the clock of the machine: a day ahead, and back again. What is true of a
 * lease may be believed too early or too late then, but nothing ends twice or never.
 */
static void
test_clock_may_step (StoreFixture *fixture)
{
  g_autoptr(AuRecord) first = NULL;
  g_autoptr(AuRecord) second = NULL;
  g_autoptr(AuRecord) late = NULL;
  g_autoptr(GPtrArray) records = g_ptr_array_new ();
  g_autoptr(GPtrArray) renewed = NULL;
  g_autoptr(GError) error = NULL;
  AuOptions *options = queue_options (QUEUE);
  gint64 next_due, due;

  au_clock_freeze ();
  au_record_unref (queue_put (fixture, "a", NULL));
  first = queue_claim_one (fixture, "a");

  au_clock_advance (G_TIME_SPAN_DAY);
  g_assert_cmpuint (queue_reap (fixture), ==, 1);
  second = queue_claim_one (fixture, "a");
  g_assert_null (au_queue_release (AU_QUEUE (fixture->store), first, 0, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_STALE);

  /* what was put in, and claimed, in what is the future again */
  au_record_unref (queue_put (fixture, "b", NULL));
  au_options_set_delay (options, G_TIME_SPAN_MINUTE);
  late = queue_put (fixture, "c", options);
  due = au_record_get_due (late);
  au_clock_thaw ();
  au_clock_freeze ();
  g_assert_cmpint (au_clock_get_real_time (), <, au_record_get_created (late));

  g_assert_cmpuint (queue_reap (fixture), ==, 0);
  g_ptr_array_add (records, second);
  renewed = au_queue_renew (AU_QUEUE (fixture->store), records, LEASE, NULL, NULL);
  g_assert_cmpuint (renewed->len, ==, 1);
  g_ptr_array_unref (g_steal_pointer (&renewed));
  second = queue_complete (fixture, g_steal_pointer (&second));
  g_assert_cmpint (au_record_get_status (second), ==, AU_STATUS_COMPLETED);

  g_clear_pointer (&first, au_record_unref);
  first = queue_complete (fixture, queue_claim_one (fixture, "b"));
  g_assert_cmpint (au_record_get_status (first), ==, AU_STATUS_COMPLETED);
  g_ptr_array_unref (queue_claim (fixture, QUEUE, 9, &next_due));
  g_assert_cmpint (next_due, ==, due);
  au_clock_advance (due - au_clock_get_real_time ());
  queue_assert_claims (fixture, QUEUE, 9, "c");
  au_clock_thaw ();
}

static void
test_lease_is_renewed (StoreFixture *fixture)
{
  AuQueue *queue = AU_QUEUE (fixture->store);
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GPtrArray) current = NULL;
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;

  au_clock_freeze ();
  au_record_unref (queue_put (fixture, "a", NULL));
  au_record_unref (queue_put (fixture, "b", NULL));
  records = queue_claim (fixture, QUEUE, 2, NULL);

  for (guint i = 0; i < 3; i++)
    {
      au_clock_advance (LEASE / 2);
      current = au_queue_renew (queue, records, LEASE, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (current->len, ==, 2);
      g_clear_pointer (&current, g_ptr_array_unref);
      g_assert_cmpuint (queue_reap (fixture), ==, 0);
    }

  /* it is no change of the record */
  stored = queue_load (fixture, "a");
  g_assert_cmpuint (au_record_get_revision (stored), ==,
                    au_record_get_revision (g_ptr_array_index (records, 0)));

  /* of one that has ended, and one that was lost, nothing can be renewed */
  au_record_unref (queue_complete (fixture, au_record_ref (g_ptr_array_index (records, 0))));
  current = au_queue_renew (queue, records, LEASE, NULL, &error);
  g_assert_cmpuint (current->len, ==, 1);
  g_assert_cmpstr (au_record_get_key (g_ptr_array_index (current, 0)), ==, "b");
  g_clear_pointer (&current, g_ptr_array_unref);

  au_clock_advance (LEASE);
  g_assert_cmpuint (queue_reap (fixture), ==, 1);
  queue_assert_claims (fixture, QUEUE, 1, "b");
  current = au_queue_renew (queue, records, LEASE, NULL, &error);
  g_assert_cmpuint (current->len, ==, 0);
  au_clock_thaw ();
}

static void
test_renewing_tells_of_cancellation (StoreFixture *fixture)
{
  AuQueue *queue = AU_QUEUE (fixture->store);
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GPtrArray) current = NULL;
  g_autoptr(AuRecord) record = NULL;

  au_record_unref (queue_put (fixture, "a", NULL));
  records = queue_claim (fixture, QUEUE, 1, NULL);
  au_record_unref (queue_cancel (fixture, "a"));

  current = au_queue_renew (queue, records, LEASE, NULL, NULL);
  g_assert_cmpuint (current->len, ==, 1);
  g_assert_true (au_record_get_cancel_requested (g_ptr_array_index (current, 0)));

  /* the worker gives up */
  record = au_queue_release (queue, g_ptr_array_index (records, 0), 0, NULL, NULL);
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_CANCELLED);
  queue_assert_claims (fixture, QUEUE, 1, "");
}

static void
test_lease_outlives_reports (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GPtrArray) records = g_ptr_array_new ();
  g_autoptr(GPtrArray) current = NULL;

  au_clock_freeze ();
  au_record_unref (queue_put (fixture, "a", NULL));
  record = queue_claim_one (fixture, "a");
  au_clock_advance (LEASE / 2);
  g_ptr_array_add (records, record);
  current = au_queue_renew (AU_QUEUE (fixture->store), records, LEASE, NULL, NULL);
  g_assert_cmpuint (current->len, ==, 1);

  record = au_test_store_replace (fixture->store, g_steal_pointer (&record),
                          au_transition_report (record, 1, 0.5, "half", NULL));
  au_clock_advance (3 * LEASE / 4);
  g_assert_cmpuint (queue_reap (fixture), ==, 0);
  au_clock_advance (LEASE / 4);
  g_assert_cmpuint (queue_reap (fixture), ==, 1);
  au_clock_thaw ();
}

static void
test_dead_worker_is_reaped_at_once (StoreFixture *fixture)
{
  g_autofree char *dead = queue_dead_owner ();
  g_autoptr(AuClaim) claim = queue_make_claim (QUEUE, 2);
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(AuRecord) record = NULL;

  au_record_unref (queue_put (fixture, "a", NULL));
  au_record_unref (queue_put (fixture, "b", NULL));
  au_record_unref (queue_put (fixture, "c", NULL));
  au_claim_set_owner (claim, dead);
  records = au_queue_claim (AU_QUEUE (fixture->store), claim, NULL, NULL, NULL);
  g_assert_cmpuint (records->len, ==, 2);
  record = queue_claim_one (fixture, "c");

  g_assert_cmpuint (queue_reap (fixture), ==, 2);
  queue_assert_claims (fixture, QUEUE, 9, "a b");
  queue_assert_status (fixture, "c", AU_STATUS_RUNNING);
}

static void
test_third_loss_is_the_last (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;

  au_clock_freeze ();
  au_record_unref (queue_put (fixture, "poison", NULL));
  for (guint i = 0; i < 3; i++)
    {
      queue_assert_claims (fixture, QUEUE, 1, "poison");
      au_clock_advance (LEASE);
      g_assert_cmpuint (queue_reap (fixture), ==, 1);
    }

  queue_assert_claims (fixture, QUEUE, 1, "");
  record = queue_load (fixture, "poison");
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_FAILED);
  error = au_record_dup_error (record);
  g_assert_error (error, AU_ERROR, AU_ERROR_WORKER_LOST);
  au_clock_thaw ();
}

static void
test_reaping_is_bounded (StoreFixture *fixture)
{
  AuQueue *queue = AU_QUEUE (fixture->store);
  g_autoptr(GPtrArray) records = NULL;

  au_clock_freeze ();
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);

      au_record_unref (queue_put (fixture, key, NULL));
    }
  records = queue_claim (fixture, QUEUE, 9, NULL);
  au_clock_advance (LEASE);

  g_assert_cmpint (au_queue_reap (queue, 3, NULL, NULL), ==, 3);
  g_assert_cmpint (au_queue_reap (queue, 3, NULL, NULL), ==, 2);
  g_assert_cmpint (au_queue_reap (queue, 3, NULL, NULL), ==, 0);
  au_clock_thaw ();
}

/* Pauses */

static void
assert_paused (StoreFixture *fixture,
               const char   *expected)
{
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) names = au_queue_list_paused (AU_QUEUE (fixture->store), NULL, &error);
  g_autofree char *joined = NULL;

  g_assert_no_error (error);
  joined = g_strjoinv (" ", names);
  g_assert_cmpstr (joined, ==, expected);
}

static void
set_paused (StoreFixture *fixture,
            const char   *queue,
            gboolean      paused)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (au_queue_set_paused (AU_QUEUE (fixture->store), queue, paused, NULL, &error));
  g_assert_no_error (error);
}

static void
test_paused_queue_gives_nothing (StoreFixture *fixture)
{
  g_autoptr(AuRecord) running = NULL;
  g_autofree char *keys = NULL;
  g_autoptr(GError) error = NULL;

  assert_paused (fixture, "");
  au_record_unref (queue_put (fixture, "a", NULL));
  running = queue_claim_one (fixture, "a");
  au_record_unref (queue_put (fixture, "b", NULL));
  au_record_unref (queue_put (fixture, "c", queue_options ("r")));

  set_paused (fixture, QUEUE, TRUE);
  set_paused (fixture, QUEUE, TRUE);
  set_paused (fixture, "never-used", TRUE);
  assert_paused (fixture, "never-used q");
  keys = queue_claim_keys (fixture, "q r", 9);
  g_assert_cmpstr (keys, ==, "c");
  running = queue_complete (fixture, g_steal_pointer (&running));

  if ((au_store_get_flags (fixture->store) & AU_STORE_PERSISTENT) != 0)
    {
      store_fixture_reopen (fixture);
      assert_paused (fixture, "never-used q");
      queue_assert_claims (fixture, QUEUE, 9, "");
    }

  set_paused (fixture, QUEUE, FALSE);
  set_paused (fixture, "never-used", FALSE);
  set_paused (fixture, "never-used", FALSE);
  assert_paused (fixture, "");
  queue_assert_claims (fixture, QUEUE, 9, "b");

  g_assert_false (au_queue_set_paused (AU_QUEUE (fixture->store), "no/name", TRUE, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_KEY);
}

/* Workers */

static AuWorkerInfo *
make_worker (const char *id,
             const char *owner,
             guint       running,
             gint64      lease_end)
{
  static const char *const queues[] = { "q", "r", NULL };

  return au_worker_info_new (id, owner, queues, 4, running, AU_WORKER_STATE_DRAINING,
                             1000, au_clock_get_real_time (), lease_end);
}

static void
announce (StoreFixture *fixture,
          AuWorkerInfo *worker)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (au_queue_announce (AU_QUEUE (fixture->store), worker, NULL, &error));
  g_assert_no_error (error);
  au_worker_info_unref (worker);
}

static void
test_workers_are_listed (StoreFixture *fixture)
{
  AuQueue *queue = AU_QUEUE (fixture->store);
  gint64 lease_end = au_clock_get_real_time () + G_TIME_SPAN_HOUR;
  g_autoptr(GPtrArray) workers = NULL;
  AuWorkerInfo *worker;

  announce (fixture, make_worker ("w2", "elsewhere/b/1/2", 1, lease_end));
  announce (fixture, make_worker ("w1", au_owner_get_own (), 1, lease_end));
  announce (fixture, make_worker ("w1", au_owner_get_own (), 3, lease_end));

  workers = au_queue_list_workers (queue, NULL, NULL);
  g_assert_cmpuint (workers->len, ==, 2);
  worker = g_ptr_array_index (workers, 0);
  g_assert_cmpstr (au_worker_info_get_id (worker), ==, "w1");
  g_assert_cmpstr (au_worker_info_get_owner (worker), ==, au_owner_get_own ());
  g_assert_cmpuint (au_worker_info_get_running (worker), ==, 3);
  g_assert_cmpuint (au_worker_info_get_slots (worker), ==, 4);
  g_assert_cmpint (au_worker_info_get_state (worker), ==, AU_WORKER_STATE_DRAINING);
  g_assert_cmpint (au_worker_info_get_started (worker), ==, 1000);
  g_assert_cmpint (au_worker_info_get_lease_end (worker), ==, lease_end);
  g_assert_cmpstr (au_worker_info_get_queues (worker)[1], ==, "r");
  g_assert_cmpstr (au_worker_info_get_id (g_ptr_array_index (workers, 1)), ==, "w2");

  g_assert_true (au_queue_withdraw (queue, "w1", NULL, NULL));
  g_assert_true (au_queue_withdraw (queue, "w1", NULL, NULL));
  g_clear_pointer (&workers, g_ptr_array_unref);
  workers = au_queue_list_workers (queue, NULL, NULL);
  g_assert_cmpuint (workers->len, ==, 1);
}

static void
test_gone_workers_are_forgotten (StoreFixture *fixture)
{
  g_autofree char *dead = queue_dead_owner ();
  g_autoptr(GPtrArray) workers = NULL;
  gint64 now;

  au_clock_freeze ();
  now = au_clock_get_real_time ();
  announce (fixture, make_worker ("dead", dead, 0, now + G_TIME_SPAN_HOUR));
  announce (fixture, make_worker ("silent", "elsewhere/b/1/2", 0, now + G_TIME_SPAN_MINUTE));
  announce (fixture, make_worker ("well", au_owner_get_own (), 0, now + G_TIME_SPAN_HOUR));

  au_clock_advance (G_TIME_SPAN_MINUTE);
  queue_reap (fixture);
  workers = au_queue_list_workers (AU_QUEUE (fixture->store), NULL, NULL);
  g_assert_cmpuint (workers->len, ==, 1);
  g_assert_cmpstr (au_worker_info_get_id (g_ptr_array_index (workers, 0)), ==, "well");
  au_clock_thaw ();
}

static void
test_store_says_that_it_is_a_queue (StoreFixture *fixture)
{
  g_assert_true (AU_IS_QUEUE (fixture->store));
  g_assert_cmpuint (au_store_get_flags (fixture->store) & AU_STORE_QUEUE, ==, AU_STORE_QUEUE);
}

void
queue_suite_add_claims (StoreKind *kind)
{
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "says-what-it-is", test_store_says_that_it_is_a_queue);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "claim-gives-what-was-put-in", test_claim_gives_what_was_put_in);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "claim-is-for-its-owner", test_claim_is_for_its_owner);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "only-what-is-queued-is-claimed", test_only_what_is_queued_is_claimed);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "most-urgent-is-claimed-first", test_most_urgent_is_claimed_first);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "queues-are-served-in-order", test_queues_are_served_in_order);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "time-is-waited-for", test_time_is_waited_for);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "what-falls-due-is-claimed-by-urgency", test_what_falls_due_is_claimed_by_urgency);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "failure-is-tried-again-later", test_failure_is_tried_again_later);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "dead-letter-is-retried", test_dead_letter_is_retried);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "release-costs-no-attempt", test_release_costs_no_attempt);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "cancelled-one-is-not-claimed", test_cancelled_one_is_not_claimed);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "removed-one-is-not-claimed", test_removed_one_is_not_claimed);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "unique-key-is-held-until-the-end", test_unique_key_is_held_until_the_end);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "batches-are-queued", test_batches_are_queued);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "lease-that-ends-gives-the-work-to-others", test_lease_that_ends_gives_the_work_to_others);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "clock-may-step", test_clock_may_step);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "lease-is-renewed", test_lease_is_renewed);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "renewing-tells-of-cancellation", test_renewing_tells_of_cancellation);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "lease-outlives-reports", test_lease_outlives_reports);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "dead-worker-is-reaped-at-once", test_dead_worker_is_reaped_at_once);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "third-loss-is-the-last", test_third_loss_is_the_last);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "reaping-is-bounded", test_reaping_is_bounded);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "paused-queue-gives-nothing", test_paused_queue_gives_nothing);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "workers-are-listed", test_workers_are_listed);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "gone-workers-are-forgotten", test_gone_workers_are_forgotten);
}
