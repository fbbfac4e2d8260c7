/* test-transition.c: which changes of a record are allowed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "transition-fixture.h"

#include <au/au.h>

#include <gio/gio.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

static gboolean
carries_attempt (Transition transition)
{
  return transition == RENEW || transition == REPORT || transition == ADD_ITEMS || transition == COMPLETE ||
         transition == FAIL || transition == LOSE || transition == RELEASE;
}

/* Asserts that @after is the next revision of @before in which just the fields that are
 * named, each followed by a value, have changed. */
static void
assert_next (AuRecord *before,
             AuRecord *after,
             ...)
{
  g_autoptr(GVariant) old = au_record_to_variant (before);
  g_autoptr(GVariant) new = au_record_to_variant (after);
  g_autoptr(GVariant) expected = NULL;
  g_autoptr(GError) error = NULL;
  GVariant *fields[N_FIELDS];
  va_list arguments;
  Field field;

  g_assert_true (after != before);
  for (guint i = 0; i < N_FIELDS; i++)
    fields[i] = g_variant_get_child_value (old, i);

  g_variant_unref (fields[FIELD_REVISION]);
  fields[FIELD_REVISION] = g_variant_ref_sink (g_variant_new_uint64 (au_record_get_revision (before) + 1));

  va_start (arguments, after);
  while ((field = va_arg (arguments, Field)) != FIELD_END)
    {
      g_variant_unref (fields[field]);
      fields[field] = g_variant_ref_sink (va_arg (arguments, GVariant *));
    }
  va_end (arguments);

  expected = g_variant_ref_sink (g_variant_new_tuple (fields, N_FIELDS));
  g_assert_cmpvariant (new, expected);
  for (guint i = 0; i < N_FIELDS; i++)
    g_variant_unref (fields[i]);

  g_assert_true (au_transition_check (before, after, &error));
  g_assert_no_error (error);
}

#define STATUS(status) FIELD_STATUS, g_variant_new_byte (AU_STATUS_ ## status)
#define TIME(field, time) FIELD_ ## field, g_variant_new_int64 (time)
#define COUNT(field, count) FIELD_ ## field, g_variant_new_uint32 (count)
#define PROGRESS(progress) FIELD_PROGRESS, g_variant_new_double (progress)
#define TEXT(field, text) FIELD_ ## field, g_variant_new ("ms", text)
#define REASON(domain, code, message) FIELD_ERROR, g_variant_new ("m(sis)", TRUE, g_quark_to_string (domain), (int) (code), message)
#define NO_REASON FIELD_ERROR, g_variant_new ("m(sis)", FALSE, NULL, 0, NULL)
#define BUSY REASON (G_IO_ERROR, G_IO_ERROR_BUSY, "busy")
#define CANCELLED REASON (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The computation was cancelled")
#define IS_CANCEL_REQUESTED(is) FIELD_CANCEL_REQUESTED, g_variant_new_boolean (is)

static gint64
now (void)
{
  return au_clock_get_real_time ();
}

static void
test_every_transition_from_every_status (void)
{
  static const char allowed[N_TRANSITIONS][6] = {
    /* pending, running, completed, failed, cancelled */
    [BEGIN] = "y----",
    [RENEW] = "-y---",
    [REPORT] = "-y---",
    [ADD_ITEMS] = "-y---",
    [SET_METADATA] = "yy---",
    [COMPLETE] = "-y---",
    [FAIL] = "-y---",
    [LOSE] = "-y---",
    [RELEASE] = "-y---",
    [REFUSE] = "y----",
    [CANCEL] = "yy---",
    [RETRY] = "---yy",
    [ADOPT] = "yy---",
  };

  for (guint i = 0; i < N_TRANSITIONS; i++)
    for (guint status = AU_STATUS_PENDING; status <= AU_STATUS_CANCELLED; status++)
      for (guint attempt = 0; attempt <= 2; attempt++)
        {
          g_autoptr(AuRecord) before = transition_with_status (status);
          g_autoptr(GVariant) old = au_record_to_variant (before);
          g_autoptr(GVariant) still = NULL;
          g_autoptr(GError) error = NULL;
          g_autoptr(AuRecord) after = transition_make (i, before, attempt, &error);
          gboolean is_right = !carries_attempt (i) || attempt == 1;

          g_test_message ("transition %u, status %u, attempt %u: %s", i, status, attempt,
                          error != NULL ? error->message : "allowed");
          still = au_record_to_variant (before);
          g_assert_cmpvariant (old, still);
          g_assert_cmpint (au_record_get_status (before), ==, status);

          if (allowed[i][status] == 'y' && is_right)
            {
              g_assert_no_error (error);
              g_assert_cmpuint (au_record_get_revision (after), ==, au_record_get_revision (before) + 1);
              g_assert_true (au_transition_check (before, after, NULL));
              continue;
            }

          g_assert_null (after);
          g_assert_error (error, AU_ERROR, (carries_attempt (i) ? AU_ERROR_STALE : AU_ERROR_INVALID_TRANSITION));
          g_assert_nonnull (strstr (error->message, "“key”"));
          g_assert_nonnull (strstr (error->message, au_status_to_string (status)));
        }
}

static void
test_begin_starts_the_next_attempt (void)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) first = NULL;
  g_autoptr(AuRecord) running = NULL;
  g_autoptr(AuRecord) again = NULL;
  g_autoptr(AuRecord) second = NULL;

  au_options_set_delay (options, 5);
  first = transition_pending (options);
  g_assert_cmpint (au_record_get_due (first), ==, now () + 5);
  au_clock_advance (7);
  running = transition_go (au_record_ref (first), BEGIN);
  assert_next (first, running, STATUS (RUNNING), COUNT (ATTEMPT, 1), TIME (STARTED, now ()), TIME (DUE, 0),
               TIME (LEASE_END, LEASE), TEXT (OWNER, "host/boot/1/2"), FIELD_END);

  again = transition_go (transition_go (transition_go (au_record_ref (running), ADD_ITEMS), REPORT), RELEASE);
  g_assert_cmpuint (au_record_get_n_items (again), ==, 3);
  au_clock_advance (1);
  second = transition_go (au_record_ref (again), BEGIN);
  assert_next (again, second, STATUS (RUNNING), COUNT (ATTEMPT, 2), TIME (STARTED, now ()),
               TIME (LEASE_END, LEASE), TEXT (OWNER, "host/boot/1/2"), FIELD_N_ITEMS, g_variant_new_uint64 (0),
               FIELD_END);
}

static void
test_reports_of_a_running_attempt (void)
{
  static const struct { double given, kept; } numbers[] = {
    { 0, 0 }, { 0.25, 0.25 }, { 1, 1 }, { 2, 1 }, { INFINITY, 1 }, { -0.5, -1 }, { -INFINITY, -1 }, { NAN, -1 },
  };
  g_autoptr(AuRecord) running = transition_running (NULL);
  g_autoptr(AuRecord) renewed = transition_go (au_record_ref (running), RENEW);
  g_autoptr(AuRecord) reported = transition_go (au_record_ref (renewed), REPORT);
  g_autoptr(AuRecord) given = transition_go (au_record_ref (reported), ADD_ITEMS);
  g_autoptr(AuRecord) fewer = au_transition_add_items (given, 1, 2, NULL);

  assert_next (running, renewed, TIME (LEASE_END, LEASE + 1), FIELD_END);
  assert_next (renewed, reported, PROGRESS (0.5), TEXT (STATUS_TEXT, "half"), FIELD_END);
  assert_next (reported, given, FIELD_N_ITEMS, g_variant_new_uint64 (3), FIELD_END);
  assert_next (given, fewer, FIELD_END);

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr(AuRecord) next = au_transition_report (reported, 1, numbers[i].given, NULL, NULL);

      assert_next (reported, next, PROGRESS (numbers[i].kept), TEXT (STATUS_TEXT, NULL), FIELD_END);
    }
}

static void
test_metadata_is_set_and_removed (void)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) pending = NULL;
  g_autoptr(AuRecord) more = NULL;
  g_autoptr(AuRecord) less = NULL;

  au_options_set_metadata (options, g_variant_new_parsed ("{'a': <'old'>}"));
  pending = transition_pending (options);
  more = transition_go (au_record_ref (pending), SET_METADATA);
  assert_next (pending, more, FIELD_METADATA, g_variant_new_parsed ("@ma{sv} just {'a': <1>}"), FIELD_END);
  less = au_transition_set_metadata (more, "a", NULL, NULL);
  assert_next (more, less, FIELD_METADATA, g_variant_new_parsed ("@ma{sv} just {}"), FIELD_END);
  g_assert_cmpuint (g_variant_n_children (au_record_get_metadata (less)), ==, 0);
}

static void
test_ttl_counts_from_the_end (void)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) running = NULL;
  g_autoptr(AuRecord) ended = NULL;
  g_autoptr(AuRecord) unit = NULL;

  au_options_set_ttl (options, 1000);
  running = transition_go (transition_running (options), REPORT);
  g_assert_cmpint (au_record_get_expires (running), ==, 0);
  au_clock_advance (G_TIME_SPAN_DAY);
  ended = transition_go (au_record_ref (running), COMPLETE);
  assert_next (running, ended, STATUS (COMPLETED), FIELD_VALUE, g_variant_new_parsed ("@mv just <'done'>"),
               TIME (COMPLETED, now ()), TIME (EXPIRES, now () + 1000), TIME (LEASE_END, 0), PROGRESS (1), FIELD_END);

  unit = au_transition_complete (running, 1, NULL, NULL);
  g_assert_null (au_record_get_value (unit));
  g_assert_cmpint (au_record_get_status (unit), ==, AU_STATUS_COMPLETED);
}

static void
test_spans_end_at_the_end_of_time (void)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) ended = NULL;
  g_autoptr(AuRecord) tried = NULL;

  au_options_set_ttl (options, G_MAXINT64);
  au_options_set_delay (options, G_MAXINT64);
  au_options_set_attempts (options, 2);
  au_options_set_backoff (options, G_MAXINT64);
  au_options_set_max_backoff (options, G_MAXINT64);
  ended = transition_pending (options);
  g_assert_cmpint (au_record_get_due (ended), ==, G_MAXINT64);
  tried = transition_go (transition_running (options), FAIL);
  g_assert_cmpint (au_record_get_due (tried), >, now ());
  ended = transition_go (transition_go (g_steal_pointer (&ended), BEGIN), COMPLETE);
  g_assert_cmpint (au_record_get_expires (ended), ==, G_MAXINT64);
}

static void
test_failures_are_tried_again (void)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) record = NULL;

  au_options_set_attempts (options, 4);
  au_options_set_backoff (options, 1000);
  au_options_set_max_backoff (options, 3000);
  record = transition_pending (options);

  for (guint i = 1; i <= 4; i++)
    {
      static const gint64 least[] = { 0, 750, 1500, 2250 };
      static const gint64 most[] = { 0, 1250, 2500, 3000 };
      g_autoptr(AuRecord) running = transition_go (transition_go (g_steal_pointer (&record), BEGIN), REPORT);

      record = transition_go (au_record_ref (running), FAIL);
      if (i == 4)
        {
          assert_next (running, record, STATUS (FAILED), BUSY, COUNT (FAILURES, 4), TIME (COMPLETED, now ()),
                       TIME (LEASE_END, 0), FIELD_END);
          break;
        }

      assert_next (running, record, STATUS (PENDING), TEXT (OWNER, NULL), BUSY, COUNT (FAILURES, i), TIME (LEASE_END, 0),
                   TIME (DUE, au_record_get_due (record)), PROGRESS (-1), TEXT (STATUS_TEXT, NULL), FIELD_END);
      g_assert_cmpint (au_record_get_due (record) - now (), >=, least[i]);
      g_assert_cmpint (au_record_get_due (record) - now (), <=, most[i]);
    }
}

static void
test_final_errors_are_not_tried_again (void)
{
  static const AuError final[] = {
    AU_ERROR_REFUSED, AU_ERROR_BAD_TYPE, AU_ERROR_NO_VALUE, AU_ERROR_UNKNOWN_FUNCTION, AU_ERROR_DEPENDENCY,
    AU_ERROR_UNSUPPORTED,
  };
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) running = NULL;

  au_options_set_attempts (options, G_MAXUINT);
  running = transition_running (options);

  for (guint i = 0; i < G_N_ELEMENTS (final); i++)
    {
      g_autoptr(GError) reason = g_error_new_literal (AU_ERROR, final[i], "never");
      g_autoptr(GError) other = g_error_new_literal (G_IO_ERROR, final[i], "perhaps");
      g_autoptr(AuRecord) failed = au_transition_fail (running, 1, reason, NULL);
      g_autoptr(AuRecord) again = au_transition_fail (running, 1, other, NULL);

      assert_next (running, failed, STATUS (FAILED), REASON (AU_ERROR, final[i], "never"), COUNT (FAILURES, 1),
                   TIME (COMPLETED, now ()), TIME (LEASE_END, 0), FIELD_END);
      g_assert_cmpint (au_record_get_status (again), ==, AU_STATUS_PENDING);
    }
}

static void
test_completing_forgets_the_error_of_an_earlier_attempt (void)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) again = NULL;
  g_autoptr(AuRecord) ended = NULL;

  au_options_set_attempts (options, 2);
  again = transition_go (transition_go (transition_running (options), FAIL), BEGIN);
  g_assert_true (au_record_has_error (again));
  ended = transition_go (au_record_ref (again), COMPLETE);
  assert_next (again, ended, STATUS (COMPLETED), NO_REASON, FIELD_VALUE, g_variant_new_parsed ("@mv just <'done'>"),
               TIME (COMPLETED, now ()), TIME (LEASE_END, 0), PROGRESS (1), FIELD_END);
}

static void
test_the_third_loss_fails (void)
{
  AuRecord *record = transition_pending (NULL);

  for (guint i = 1; i <= 3; i++)
    {
      g_autoptr(AuRecord) running = transition_go (g_steal_pointer (&record), BEGIN);

      record = transition_go (au_record_ref (running), LOSE);
      if (i < 3)
        assert_next (running, record, STATUS (PENDING), TEXT (OWNER, NULL), BUSY, COUNT (LOST, i), TIME (LEASE_END, 0), FIELD_END);
      else
        assert_next (running, record, STATUS (FAILED), BUSY, COUNT (LOST, 3), TIME (LEASE_END, 0),
                     TIME (COMPLETED, now ()), FIELD_END);
    }

  au_record_unref (record);
}

static AuRecord *
make_queued (const char *owner)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) record = NULL;

  au_options_set_queue (options, "q");
  record = au_record_new ("key", "f", NULL, options);

  return owner != NULL ? au_transition_adopt (record, owner, NULL) : g_steal_pointer (&record);
}

static void
test_what_was_claimed_goes_back_to_its_queue (void)
{
  g_autoptr(AuRecord) plain = au_record_new ("key", "f", NULL, NULL);
  g_autoptr(AuRecord) queued = make_queued (NULL);
  g_autoptr(AuRecord) owned = make_queued ("host/boot/1/2");
  g_autoptr(AuRecord) begun = au_transition_begin (owned, "host/boot/1/2", 0, NULL);
  g_autoptr(AuRecord) given_back = au_transition_release (begun, 1, NULL);
  g_autoptr(AuRecord) claimed = au_transition_begin (queued, "host/boot/1/2", LEASE, NULL);
  g_autoptr(AuRecord) released = au_transition_release (claimed, 1, NULL);
  g_autoptr(AuRecord) reaped = au_transition_reap (claimed, NULL);

  g_assert_true (au_record_is_queued (queued));
  g_assert_true (au_record_is_queued (released));
  g_assert_true (au_record_is_queued (reaped));
  g_assert_cmpuint (au_record_get_lost (reaped), ==, 1);
  g_assert_false (au_record_is_queued (claimed));

  /* what was never claimed stays with its process */
  g_assert_false (au_record_is_queued (plain));
  g_assert_false (au_record_is_queued (owned));
  g_assert_false (au_record_is_queued (given_back));
  g_assert_cmpstr (au_record_get_owner (given_back), ==, "host/boot/1/2");
}

static void
test_postponing_sets_the_due_time (void)
{
  g_autoptr(AuRecord) queued = make_queued (NULL);
  g_autoptr(AuRecord) later = au_transition_postpone (queued, 77, NULL);
  g_autoptr(AuRecord) claimed = au_transition_begin (queued, NULL, LEASE, NULL);
  g_autoptr(GError) error = NULL;

  assert_next (queued, later, TIME (DUE, 77), FIELD_END);
  g_assert_null (au_transition_postpone (claimed, 77, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION);
  g_clear_error (&error);
  g_assert_null (au_transition_reap (queued, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION);
}

static void
test_release_costs_nothing (void)
{
  g_autoptr(AuRecord) running = transition_go (transition_running (NULL), REPORT);
  g_autoptr(AuRecord) released = transition_go (au_record_ref (running), RELEASE);

  assert_next (running, released, STATUS (PENDING), TEXT (OWNER, NULL), TIME (LEASE_END, 0), PROGRESS (-1), TEXT (STATUS_TEXT, NULL),
               FIELD_END);
}

static void
test_refusing_fails_a_pending_computation (void)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) pending = NULL;
  g_autoptr(AuRecord) refused = NULL;

  au_options_set_attempts (options, 5);
  au_options_set_due (options, LEASE);
  au_options_set_ttl (options, 10);
  pending = transition_pending (options);
  refused = transition_go (au_record_ref (pending), REFUSE);
  assert_next (pending, refused, STATUS (FAILED), BUSY, TIME (DUE, 0), TIME (COMPLETED, now ()),
               TIME (EXPIRES, now () + 10), FIELD_END);
}

static void
test_cancelling (void)
{
  static const Transition ends[] = { FAIL, LOSE, RELEASE };
  g_autoptr(AuRecord) pending = transition_pending (NULL);
  g_autoptr(AuRecord) at_once = transition_go (au_record_ref (pending), CANCEL);
  g_autoptr(AuRecord) running = transition_running (NULL);
  g_autoptr(AuRecord) asked = transition_go (au_record_ref (running), CANCEL);
  g_autoptr(AuRecord) twice = transition_go (au_record_ref (asked), CANCEL);
  g_autoptr(AuRecord) completed = transition_go (au_record_ref (asked), COMPLETE);
  g_autoptr(AuRecord) adopted = transition_go (au_record_ref (asked), ADOPT);

  assert_next (pending, at_once, STATUS (CANCELLED), CANCELLED, IS_CANCEL_REQUESTED (TRUE), TIME (COMPLETED, now ()),
               FIELD_END);
  assert_next (running, asked, IS_CANCEL_REQUESTED (TRUE), FIELD_END);
  g_assert_true (twice == asked);
  assert_next (asked, completed, STATUS (COMPLETED), FIELD_VALUE, g_variant_new_parsed ("@mv just <'done'>"),
               TIME (COMPLETED, now ()), TIME (LEASE_END, 0), PROGRESS (1), FIELD_END);
  assert_next (asked, adopted, STATUS (CANCELLED), CANCELLED, TIME (COMPLETED, now ()), TIME (LEASE_END, 0),
               TEXT (OWNER, "host/boot/3/4"), FIELD_END);

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autoptr(AuRecord) cancelled = transition_go (au_record_ref (asked), ends[i]);

      assert_next (asked, cancelled, STATUS (CANCELLED), CANCELLED, TIME (COMPLETED, now ()), TIME (LEASE_END, 0),
                   FIELD_END);
    }
}

static void
test_retry_by_order_forgets_all_but_the_attempt (void)
{
  g_autoptr(AuRecord) failed = transition_go (transition_go (transition_go (transition_go (transition_go (transition_running (NULL), LOSE), BEGIN), LOSE), BEGIN), FAIL);
  g_autoptr(AuRecord) of_failed = transition_go (au_record_ref (failed), RETRY);
  g_autoptr(AuRecord) cancelled = transition_with_status (AU_STATUS_CANCELLED);
  g_autoptr(AuRecord) of_cancelled = transition_go (au_record_ref (cancelled), RETRY);
  g_autoptr(AuRecord) lost = transition_go (transition_go (au_record_ref (of_failed), BEGIN), LOSE);

  g_assert_cmpuint (au_record_get_attempt (failed), ==, 3);
  g_assert_cmpuint (au_record_get_lost (failed), ==, 2);
  assert_next (failed, of_failed, STATUS (PENDING), TEXT (OWNER, NULL), NO_REASON, COUNT (FAILURES, 0), COUNT (LOST, 0),
               TIME (COMPLETED, 0), FIELD_END);
  assert_next (cancelled, of_cancelled, STATUS (PENDING), TEXT (OWNER, NULL), NO_REASON, IS_CANCEL_REQUESTED (FALSE),
               TIME (COMPLETED, 0), FIELD_END);
  g_assert_cmpint (au_record_get_status (lost), ==, AU_STATUS_PENDING);
  g_assert_cmpuint (au_record_get_attempt (lost), ==, 4);
}

static void
test_adopting (void)
{
  g_autoptr(AuRecord) pending = transition_pending (NULL);
  g_autoptr(AuRecord) of_pending = transition_go (au_record_ref (pending), ADOPT);
  g_autoptr(AuRecord) running = transition_running (NULL);
  g_autoptr(AuRecord) of_running = transition_go (au_record_ref (running), ADOPT);
  g_autoptr(AuRecord) third = transition_go (transition_go (transition_go (au_record_ref (of_running), BEGIN), LOSE), BEGIN);
  g_autoptr(AuRecord) failed = transition_go (au_record_ref (third), ADOPT);
  const char *message = "The process that ran the computation is gone (host/boot/1/2)";

  assert_next (pending, of_pending, TEXT (OWNER, "host/boot/3/4"), FIELD_END);
  assert_next (running, of_running, STATUS (PENDING), REASON (AU_ERROR, AU_ERROR_WORKER_LOST, message),
               COUNT (LOST, 1), TIME (LEASE_END, 0), TEXT (OWNER, "host/boot/3/4"), FIELD_END);
  assert_next (third, failed, STATUS (FAILED), REASON (AU_ERROR, AU_ERROR_WORKER_LOST, message), COUNT (LOST, 3),
               TIME (COMPLETED, now ()), TIME (LEASE_END, 0), TEXT (OWNER, "host/boot/3/4"), FIELD_END);
}

static void
test_numbers_do_not_start_again_at_0 (void)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) pending = NULL;
  g_autoptr(AuRecord) last = NULL;
  g_autoptr(AuRecord) failing = NULL;
  g_autoptr(AuRecord) failed = NULL;
  g_autoptr(AuRecord) losing = NULL;
  g_autoptr(AuRecord) lost = NULL;
  g_autoptr(GError) error = NULL;

  au_options_set_attempts (options, G_MAXUINT);
  pending = transition_pending (options);
  last = transition_altered (pending, FIELD_ATTEMPT, g_variant_new_uint32 (G_MAXUINT32));
  g_assert_null (au_transition_begin (last, NULL, 0, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION);

  failing = transition_go (transition_altered (pending, FIELD_FAILURES, g_variant_new_uint32 (G_MAXUINT32)), BEGIN);
  failed = transition_go (au_record_ref (failing), FAIL);
  assert_next (failing, failed, STATUS (FAILED), BUSY, TIME (COMPLETED, now ()), TIME (LEASE_END, 0), FIELD_END);

  losing = transition_go (transition_altered (pending, FIELD_LOST, g_variant_new_uint32 (G_MAXUINT32)), BEGIN);
  lost = transition_go (au_record_ref (losing), LOSE);
  assert_next (losing, lost, STATUS (FAILED), BUSY, TIME (COMPLETED, now ()), TIME (LEASE_END, 0), FIELD_END);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  au_clock_freeze ();

  g_test_add_func ("/transition/every-one-from-every-status", test_every_transition_from_every_status);
  g_test_add_func ("/transition/begin/starts-the-next-attempt", test_begin_starts_the_next_attempt);
  g_test_add_func ("/transition/reports-of-a-running-attempt", test_reports_of_a_running_attempt);
  g_test_add_func ("/transition/metadata/is-set-and-removed", test_metadata_is_set_and_removed);
  g_test_add_func ("/transition/complete/ttl-counts-from-the-end", test_ttl_counts_from_the_end);
  g_test_add_func ("/transition/complete/forgets-the-error-of-an-earlier-attempt",
                   test_completing_forgets_the_error_of_an_earlier_attempt);
  g_test_add_func ("/transition/spans-end-at-the-end-of-time", test_spans_end_at_the_end_of_time);
  g_test_add_func ("/transition/numbers-do-not-start-again-at-0", test_numbers_do_not_start_again_at_0);
  g_test_add_func ("/transition/fail/is-tried-again", test_failures_are_tried_again);
  g_test_add_func ("/transition/fail/final-errors-are-not-tried-again", test_final_errors_are_not_tried_again);
  g_test_add_func ("/transition/lose/the-third-fails", test_the_third_loss_fails);
  g_test_add_func ("/transition/release/costs-nothing", test_release_costs_nothing);
  g_test_add_func ("/transition/release/back-to-its-queue", test_what_was_claimed_goes_back_to_its_queue);
  g_test_add_func ("/transition/postpone/sets-the-due-time", test_postponing_sets_the_due_time);
  g_test_add_func ("/transition/refuse/fails-a-pending-computation", test_refusing_fails_a_pending_computation);
  g_test_add_func ("/transition/cancel", test_cancelling);
  g_test_add_func ("/transition/retry/forgets-all-but-the-attempt", test_retry_by_order_forgets_all_but_the_attempt);
  g_test_add_func ("/transition/adopt", test_adopting);

  return g_test_run ();
}
