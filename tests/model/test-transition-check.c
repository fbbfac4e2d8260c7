/* test-transition-check.c: what may take the place of a record, and where chance leads
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "transition-fixture.h"

#include <au/au.h>

#include <string.h>

#define N_STEPS (100000)

static void
assert_not_replaced (AuRecord   *before,
                     AuRecord   *after,
                     const char *name)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (au_transition_check (before, after, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION);
  g_assert_nonnull (strstr (error->message, name));
}

static void
test_check_knows_every_pair_of_statuses (void)
{
  for (guint before = AU_STATUS_PENDING; before <= AU_STATUS_CANCELLED; before++)
    for (guint after = AU_STATUS_PENDING; after <= AU_STATUS_CANCELLED; after++)
      {
        g_autoptr(AuRecord) old = transition_with_status (before);
        g_autoptr(AuRecord) made = transition_with_status (after);
        g_autoptr(AuRecord) new = transition_altered (made, FIELD_REVISION, g_variant_new_uint64 (100));
        gboolean is_retry = after == AU_STATUS_PENDING && before != AU_STATUS_COMPLETED;

        g_test_message ("%u to %u", before, after);
        if (!au_status_is_terminal (before) || is_retry)
          g_assert_true (au_transition_check (old, new, NULL));
        else
          assert_not_replaced (old, new, au_status_to_string (after));
      }
}

static void
test_check_lets_nothing_go_back (void)
{
  g_autoptr(AuRecord) first = transition_running (NULL);
  g_autoptr(AuRecord) running = transition_go (transition_go (au_record_ref (first), RELEASE), BEGIN);
  g_autoptr(AuRecord) same = au_record_ref (running);
  g_autoptr(AuRecord) old_attempt = transition_altered (first, FIELD_REVISION, g_variant_new_uint64 (100));
  g_autoptr(AuRecord) new_attempt = transition_altered (first, FIELD_ATTEMPT, g_variant_new_uint32 (100));
  g_autoptr(AuRecord) other_key = transition_altered (running, 1, g_variant_new_string ("key2"));
  g_autoptr(AuRecord) other_function = transition_altered (running, 2, g_variant_new_string ("g"));
  g_autoptr(AuRecord) next_key = transition_go (g_steal_pointer (&other_key), REPORT);
  g_autoptr(AuRecord) next_function = transition_go (g_steal_pointer (&other_function), REPORT);

  assert_not_replaced (running, first, "revision");
  assert_not_replaced (running, same, "revision");
  assert_not_replaced (running, old_attempt, "attempt");
  assert_not_replaced (running, new_attempt, "revision");
  assert_not_replaced (running, next_key, "“key2”");
  assert_not_replaced (running, next_function, "“g”");
}

static void
assert_sound (AuRecord *record)
{
  AuStatus status = au_record_get_status (record);
  gboolean ended = au_status_is_terminal (status);
  guint attempts = au_options_get_attempts (au_record_get_options (record));

  g_assert_cmpint (au_record_get_completed (record) != 0, ==, ended);
  g_assert_cmpint (au_record_get_expires (record) != 0, ==, ended);
  if (ended)
    g_assert_cmpint (au_record_get_expires (record), ==, au_record_get_completed (record) + 1000);
  if (ended)
    g_assert_cmpint (au_record_get_completed (record), >=, au_record_get_started (record));
  g_assert_cmpint (au_record_get_started (record) != 0, ==, au_record_get_attempt (record) != 0);
  if (au_record_get_started (record) != 0)
    g_assert_cmpint (au_record_get_started (record), >=, au_record_get_created (record));

  g_assert_cmpuint (au_record_get_failures (record), <=, attempts);
  g_assert_cmpuint (au_record_get_lost (record), <=, 3);
  g_assert_cmpuint (au_record_get_failures (record) + au_record_get_lost (record), <=, au_record_get_attempt (record));
  if (!ended)
    {
      g_assert_cmpuint (au_record_get_failures (record), <, attempts);
      g_assert_cmpuint (au_record_get_lost (record), <, 3);
    }

  g_assert_true (au_record_get_value (record) == NULL || status == AU_STATUS_COMPLETED);
  if (status == AU_STATUS_FAILED || status == AU_STATUS_CANCELLED)
    g_assert_true (au_record_has_error (record));
  if (status == AU_STATUS_COMPLETED)
    g_assert_false (au_record_has_error (record));
  if (status != AU_STATUS_RUNNING)
    g_assert_cmpint (au_record_get_lease_end (record), ==, 0);
  if (status == AU_STATUS_PENDING)
    g_assert_cmpfloat (au_record_get_progress (record), ==, -1);
}

static void
test_a_long_walk_stays_on_the_path (void)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) record = NULL;
  guint n_taken = 0;

  au_options_set_attempts (options, 3);
  au_options_set_ttl (options, 1000);
  record = transition_pending (options);

  for (guint i = 0; i < N_STEPS; i++)
    {
      g_autoptr(AuRecord) before = au_record_ref (record);
      Transition transition = g_test_rand_int_range (0, N_TRANSITIONS);
      guint attempt = au_record_get_attempt (record) - (g_test_rand_int_range (0, 8) == 0);
      g_autoptr(GError) error = NULL;
      g_autoptr(AuRecord) after = transition_make (transition, before, attempt, &error);

      au_clock_advance (g_test_rand_int_range (0, 1000));
      g_assert_true ((after == NULL) == (error != NULL));
      if (au_record_get_status (before) == AU_STATUS_COMPLETED)
        {
          g_assert_null (after);
          au_record_unref (record);
          record = transition_pending (options);
        }
      if (after == NULL || after == before)
        continue;

      n_taken++;
      assert_sound (after);
      g_assert_cmpuint (au_record_get_revision (after), ==, au_record_get_revision (before) + 1);
      g_assert_cmpuint (au_record_get_attempt (after), ==, au_record_get_attempt (before) + (transition == BEGIN));
      g_assert_true (!au_status_is_terminal (au_record_get_status (before)) || transition == RETRY);
      g_assert_true (au_transition_check (before, after, NULL));
      g_assert_false (au_transition_check (after, before, NULL));
      au_record_unref (record);
      record = g_steal_pointer (&after);
    }

  g_assert_cmpuint (n_taken, >, N_STEPS / 10);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  au_clock_freeze ();

  g_test_add_func ("/transition/check/knows-every-pair-of-statuses", test_check_knows_every_pair_of_statuses);
  g_test_add_func ("/transition/check/lets-nothing-go-back", test_check_lets_nothing_go_back);
  g_test_add_func ("/transition/walk-stays-on-the-path", test_a_long_walk_stays_on_the_path);

  return g_test_run ();
}
