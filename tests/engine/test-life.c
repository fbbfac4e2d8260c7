/* test-life.c: how computations end, and what their records say of it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine-fixture.h"
#include "../await.h"

#define SECOND G_TIME_SPAN_SECOND

/* Lets frozen time pass until the computation has ended. */
static void
advance_until_ready (AuHandle *handle)
{
  while (!au_handle_is_ready (handle))
    {
      au_clock_advance (SECOND);
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
}

static void
await_status (AuHandle *handle,
              AuStatus  status)
{
  while (au_handle_get_status (handle) != status)
    {
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
}

static AuRecord *
assert_stored (AuEngine *engine,
               AuHandle *handle,
               AuStatus  status)
{
  AuRecord *record = fixture_load (engine, au_handle_get_key (handle));
  g_autoptr(AuRecord) shown = au_handle_dup_record (handle);

  g_assert_cmpint (au_record_get_status (record), ==, status);
  g_assert_cmpint (au_handle_get_status (handle), ==, status);
  g_assert_cmpuint (au_record_get_revision (record), ==, au_record_get_revision (shown));
  g_assert_cmpint (au_record_get_due (record), ==, 0);

  return record;
}

static void
assert_error_is (AuRecord   *record,
                 GQuark      domain,
                 int         code,
                 const char *message)
{
  g_autoptr(GError) error = au_record_dup_error (record);

  g_assert_error (error, domain, code);
  if (message != NULL)
    g_assert_cmpstr (error->message, ==, message);
}

static GVariant *
greet_func (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GError   **error)
{
  g_assert_cmpuint (au_call_get_attempt (call), ==, 1);
  g_assert_cmpstr (au_call_get_function (call), ==, "greet");
  g_assert_cmpint (au_call_get_deadline (call), ==, 0);
  au_call_set_progress (call, 0.5, "half way");

  return g_variant_new_string ("hello");
}

static void
test_life_completed (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;
  gint64 before = au_clock_get_real_time ();

  handle = fixture_submit (engine, "greet", g_variant_new ("(s)", "x"), NULL);
  g_assert_true (fixture_wait (handle, &error));
  g_assert_no_error (error);

  record = assert_stored (engine, handle, AU_STATUS_COMPLETED);
  g_assert_cmpstr (au_record_get_function (record), ==, "greet");
  g_assert_cmpstr (g_variant_get_type_string (au_record_get_arguments (record)), ==, "(s)");
  g_assert_cmpstr (g_variant_get_string (au_record_get_value (record), NULL), ==, "hello");
  g_assert_cmpint (au_record_get_created (record), >=, before);
  g_assert_cmpint (au_record_get_started (record), >=, au_record_get_created (record));
  g_assert_cmpint (au_record_get_completed (record), >=, au_record_get_started (record));
  g_assert_cmpint (au_record_get_completed (record), <=, au_clock_get_real_time ());
  g_assert_cmpint (au_record_get_expires (record), ==, 0);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 1);
  g_assert_cmpuint (au_record_get_failures (record), ==, 0);
  g_assert_cmpuint (au_record_get_lost (record), ==, 0);
  g_assert_cmpfloat (au_record_get_progress (record), ==, 1);
  g_assert_cmpstr (au_record_get_owner (record), ==, au_owner_get_own ());
  g_assert_false (au_record_has_error (record));
  g_assert_false (au_record_get_cancel_requested (record));

  g_clear_object (&handle);
  fixture_drop (engine);
}

static GVariant *
fail_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR, "attempt %u: it is a folder",
               au_call_get_attempt (call));
  return NULL;
}

static void
test_life_failed (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "fail", NULL, NULL);
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) again = NULL;

  g_assert_false (fixture_wait (handle, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_assert_cmpstr (error->message, ==, "attempt 1: it is a folder");
  g_assert_null (au_handle_dup_result (handle, &again));
  g_assert_error (again, G_FILE_ERROR, G_FILE_ERROR_ISDIR);

  record = assert_stored (engine, handle, AU_STATUS_FAILED);
  assert_error_is (record, G_FILE_ERROR, G_FILE_ERROR_ISDIR, "attempt 1: it is a folder");
  g_assert_cmpuint (au_record_get_failures (record), ==, 1);
  g_assert_cmpint (au_record_get_completed (record), >, 0);
  g_assert_null (au_record_get_value (record));

  g_clear_object (&handle);
  fixture_drop (engine);
}

static AuOptions *
options_with_timeout (GTimeSpan timeout)
{
  AuOptions *options = au_options_new ();

  au_options_set_timeout (options, timeout);

  return options;
}

/* The function sees nothing of it: the record says timed out all the same, and what the
 * function returns later is refused. */
static void
test_life_timed_out_ignoring (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = options_with_timeout (30 * SECOND);
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) later = NULL;
  g_autoptr(GError) error = NULL;
  HeldCall *call;

  au_clock_freeze ();
  handle = fixture_submit (engine, "held", NULL, options);
  call = held_call_take ();
  /* elsewhere, a clock goes that nobody stops */
  if (held_call_is_elsewhere (call))
    g_assert_cmpint (held_call_get_time_left (call), >, 0);
  else
    g_assert_cmpint (held_call_get_time_left (call), ==, 30 * SECOND);
  g_assert_cmpint (held_call_get_time_left (call), <=, 30 * SECOND);

  au_clock_advance (30 * SECOND - 1);
  g_assert_false (held_call_is_cancelled (call));
  au_clock_advance (1);

  g_assert_false (fixture_wait (handle, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  record = assert_stored (engine, handle, AU_STATUS_FAILED);
  assert_error_is (record, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, error->message);
  g_assert_nonnull (strstr (error->message, "30s"));
  g_assert_cmpint (au_record_get_completed (record) - au_record_get_started (record), ==,
                   30 * SECOND);

  /* it is told, too, a moment after the record */
  while (!held_call_is_cancelled (call))
    g_thread_yield ();

  held_call_return (call, g_variant_new_string ("late"));
  later = assert_stored (engine, handle, AU_STATUS_FAILED);
  g_assert_cmpuint (au_record_get_revision (later), ==, au_record_get_revision (record));
  au_clock_thaw ();

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* A time limit is for each attempt; that of one is over with it. */
static void
test_life_time_limit_of_each_attempt (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = options_with_timeout (30 * SECOND);
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;
  HeldCall *first, *second;

  au_options_set_attempts (options, 2);
  au_options_set_backoff (options, 0);

  au_clock_freeze ();
  handle = fixture_submit (engine, "held", NULL, options);
  first = held_call_take ();
  au_clock_advance (20 * SECOND);
  held_call_fail (first, G_IO_ERROR, G_IO_ERROR_BUSY, "again");

  second = held_call_take ();
  g_assert_cmpuint (held_call_get_attempt (second), ==, 2);
  au_clock_advance (20 * SECOND);
  held_call_return (second, g_variant_new_string ("done"));
  g_assert_true (fixture_wait (handle, &error));
  g_assert_no_error (error);
  record = assert_stored (engine, handle, AU_STATUS_COMPLETED);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 2);
  g_assert_cmpuint (au_record_get_failures (record), ==, 1);
  au_clock_thaw ();

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* A timed out attempt is a failed one: another may follow. */
static void
test_life_timed_out_and_retried (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = options_with_timeout (30 * SECOND);
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;
  HeldCall *first, *second;

  au_options_set_attempts (options, 2);
  au_options_set_backoff (options, 0);

  au_clock_freeze ();
  handle = fixture_submit (engine, "held", NULL, options);
  first = held_call_take ();
  au_clock_advance (30 * SECOND);
  second = held_call_take ();
  g_assert_cmpuint (held_call_get_attempt (second), ==, 2);

  held_call_return (first, g_variant_new_string ("late"));
  g_assert_false (au_handle_is_ready (handle));
  held_call_return (second, g_variant_new_string ("in time"));
  g_assert_true (fixture_wait (handle, &error));
  g_assert_no_error (error);
  value = au_handle_dup_result (handle, &error);
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, "in time");
  record = assert_stored (engine, handle, AU_STATUS_COMPLETED);
  g_assert_cmpuint (au_record_get_failures (record), ==, 1);
  g_assert_false (au_record_has_error (record));
  au_clock_thaw ();

  g_clear_object (&handle);
  fixture_drop (engine);
}

static GVariant *
patient_func (AuCall    *call,
              GVariant  *arguments,
              gpointer   data,
              GError   **error)
{
  return await_cancelled (call, error);
}

static gpointer
advance_thread (gpointer data)
{
  AuHandle *handle = data;

  while (!au_handle_is_ready (handle))
    {
      au_clock_advance (SECOND);
      g_thread_yield ();
    }

  return NULL;
}

/* A delayed computation of a synchronous backend has a deadline as well. */
static void
test_life_timed_out_obeying (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = options_with_timeout (30 * SECOND);
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;
  GThread *thread;

  au_options_set_delay (options, SECOND);
  au_clock_freeze ();
  handle = fixture_submit (engine, "patient", NULL, options);
  thread = g_thread_new ("advance", advance_thread, handle);
  g_assert_false (fixture_wait (handle, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_thread_join (thread);
  record = assert_stored (engine, handle, AU_STATUS_FAILED);
  au_clock_thaw ();

  g_clear_object (&handle);
  fixture_drop (engine);
}

static void
test_life_cancelled_waiting (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;
  guint n_calls = held_call_count ();

  au_options_set_delay (options, G_TIME_SPAN_HOUR);
  handle = fixture_submit (engine, "held", NULL, options);
  g_assert_true (au_handle_cancel (handle));
  g_assert_false (fixture_wait (handle, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (au_handle_cancel (handle));

  record = assert_stored (engine, handle, AU_STATUS_CANCELLED);
  g_assert_true (au_record_get_cancel_requested (record));
  g_assert_cmpuint (au_record_get_attempt (record), ==, 0);
  g_assert_cmpint (au_record_get_started (record), ==, 0);
  g_assert_cmpint (au_record_get_completed (record), >, 0);
  assert_error_is (record, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  g_assert_cmpuint (held_call_count (), ==, n_calls);

  g_clear_object (&handle);
  fixture_drop (engine);
}

static void
test_life_cancelled_running (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call = held_call_take ();
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_RUNNING);
  g_assert_false (held_call_is_cancelled (call));
  g_assert_true (au_handle_cancel (handle));
  held_call_expect (call, held_call_is_cancelled (call));
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_RUNNING);

  held_call_fail (call, G_IO_ERROR, G_IO_ERROR_CANCELLED, "given up");
  g_assert_false (fixture_wait (handle, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  record = assert_stored (engine, handle, AU_STATUS_CANCELLED);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 1);
  g_assert_cmpuint (au_record_get_failures (record), ==, 0);

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* Whoever asked for the end does not want another attempt. */
static void
test_life_cancelled_is_not_retried (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  HeldCall *call;

  au_options_set_attempts (options, 5);
  handle = fixture_submit (engine, "held", NULL, options);
  call = held_call_take ();
  g_assert_true (au_handle_cancel (handle));
  held_call_fail (call, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, "the other side has gone");
  g_assert_false (fixture_wait (handle, NULL));
  record = assert_stored (engine, handle, AU_STATUS_CANCELLED);

  g_clear_object (&handle);
  fixture_drop (engine);
}

static void
test_life_completed_although_cancelled (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call = held_call_take ();
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (au_handle_cancel (handle));
  held_call_return (call, g_variant_new_string ("too late to stop"));
  g_assert_true (fixture_wait (handle, &error));
  g_assert_no_error (error);
  record = assert_stored (engine, handle, AU_STATUS_COMPLETED);
  g_assert_true (au_record_get_cancel_requested (record));
  g_assert_cmpstr (g_variant_get_string (au_record_get_value (record), NULL), ==,
                   "too late to stop");

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* The last of many reports comes to the store, although nothing follows it. */
static void
test_life_last_report_stored (const Parts *parts)
{
  AuEngine *engine;
  g_autoptr(AuHandle) handle = NULL;
  double stored = 0;
  HeldCall *call;

  au_clock_freeze ();
  engine = fixture_engine_new (parts);
  handle = fixture_submit (engine, "held", NULL, NULL);
  call = held_call_take ();
  for (guint i = 1; i <= 100; i++)
    held_call_set_progress (call, i / 200.0, "at work");

  while (stored != 0.5)
    {
      g_autoptr(AuRecord) record = NULL;

      au_clock_advance (100 * G_TIME_SPAN_MILLISECOND);
      g_thread_yield ();
      record = fixture_load (engine, au_handle_get_key (handle));
      stored = au_record_get_progress (record);
    }

  held_call_return (call, g_variant_new_string ("done"));
  g_assert_true (fixture_wait (handle, NULL));
  au_clock_thaw ();

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* A report that the store was not told of, and an order to cancel, from two sides. */
static void
test_life_cancelled_amid_reports (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call = held_call_take ();
  g_autoptr(AuRecord) record = NULL;

  for (guint i = 1; i <= 100; i++)
    held_call_set_progress (call, i / 200.0, "at work");
  held_call_expect (call, au_handle_get_progress (handle) == 0.5);
  g_assert_true (au_handle_cancel (handle));
  held_call_expect (call, au_handle_get_progress (handle) == 0.5);
  held_call_set_progress (call, 0.75, "tidying up");
  held_call_expect (call, au_handle_get_progress (handle) == 0.75);
  held_call_fail (call, G_IO_ERROR, G_IO_ERROR_CANCELLED, "given up");
  g_assert_false (fixture_wait (handle, NULL));
  record = assert_stored (engine, handle, AU_STATUS_CANCELLED);

  g_clear_object (&handle);
  fixture_drop (engine);
}

static void
test_life_attempts_exhausted (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;
  gint64 span;

  au_options_set_attempts (options, 3);
  au_options_set_backoff (options, 60 * SECOND);
  au_options_set_max_backoff (options, 600 * SECOND);
  au_clock_freeze ();
  handle = fixture_submit (engine, "fail", NULL, options);
  advance_until_ready (handle);
  record = assert_stored (engine, handle, AU_STATUS_FAILED);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 3);
  g_assert_cmpuint (au_record_get_failures (record), ==, 3);
  assert_error_is (record, G_FILE_ERROR, G_FILE_ERROR_ISDIR, "attempt 3: it is a folder");

  /* a minute, then two, each a quarter more or less */
  span = au_record_get_completed (record) - au_record_get_created (record);
  g_assert_cmpint (span, >=, 135 * SECOND);
  au_clock_thaw ();

  g_clear_object (&handle);
  fixture_drop (engine);
}

static void
test_life_retry_waits (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) last = NULL;
  guint n_calls;
  HeldCall *call;

  au_options_set_attempts (options, 2);
  au_options_set_backoff (options, 60 * SECOND);
  au_clock_freeze ();
  handle = fixture_submit (engine, "held", NULL, options);
  call = held_call_take ();
  n_calls = held_call_count ();
  held_call_fail (call, G_IO_ERROR, G_IO_ERROR_BUSY, "not now");

  await_status (handle, AU_STATUS_PENDING);
  record = au_handle_dup_record (handle);
  g_assert_cmpint (au_record_get_due (record), >=, au_clock_get_real_time () + 45 * SECOND);
  g_assert_cmpint (au_record_get_due (record), <=, au_clock_get_real_time () + 75 * SECOND);
  g_assert_cmpuint (au_record_get_failures (record), ==, 1);
  last = au_record_dup_error (record);
  g_assert_error (last, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_null (au_handle_dup_error (handle));

  au_clock_advance (44 * SECOND);
  g_assert_cmpuint (held_call_count (), ==, n_calls);
  au_clock_advance (31 * SECOND);
  call = held_call_take ();
  g_assert_cmpuint (held_call_get_attempt (call), ==, 2);
  held_call_return (call, g_variant_new_string ("now"));
  g_assert_true (fixture_wait (handle, &error));
  au_clock_thaw ();

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* What another attempt would only repeat is not tried again. */
static GVariant *
no_value_func (AuCall    *call,
               GVariant  *arguments,
               gpointer   data,
               GError   **error)
{
  return NULL;
}

static void
test_life_final_error (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuRecord) record = NULL;

  au_options_set_attempts (options, 10);
  handle = fixture_submit (engine, "no-value", NULL, options);
  g_assert_false (fixture_wait (handle, NULL));
  record = assert_stored (engine, handle, AU_STATUS_FAILED);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 1);

  g_clear_object (&handle);
  fixture_drop (engine);
}

static GVariant *
plain_greet_func (AuCall    *call,
                  GVariant  *arguments,
                  gpointer   data,
                  GError   **error)
{
  return g_variant_new_string ("hello");
}

static void
test_life_expired (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuHandle) again = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;

  au_options_set_ttl (options, 60 * SECOND);
  au_options_set_key (options, "short-lived");
  au_clock_freeze ();
  handle = fixture_submit (engine, "hello", NULL, options);
  g_assert_true (fixture_wait (handle, &error));
  record = assert_stored (engine, handle, AU_STATUS_COMPLETED);
  g_assert_cmpint (au_record_get_expires (record), ==,
                   au_record_get_completed (record) + 60 * SECOND);

  au_clock_advance (60 * SECOND - 1);
  g_assert_cmpint (au_engine_cleanup_expired (engine, NULL, &error), ==, 0);
  g_assert_no_error (error);
  au_clock_advance (1);
  g_assert_cmpint (au_engine_cleanup_expired (engine, NULL, &error), ==, 1);
  g_assert_no_error (error);

  /* the handle still shows what it was */
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_COMPLETED);
  again = au_engine_get_handle (engine, "short-lived", NULL, &error);
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_FOUND);
  g_assert_null (again);
  g_clear_error (&error);

  /* and the key is free */
  again = fixture_submit (engine, "hello", NULL, options);
  g_assert_true (fixture_wait (again, &error));
  g_clear_pointer (&record, au_record_unref);
  record = assert_stored (engine, again, AU_STATUS_COMPLETED);
  g_assert_cmpint (au_record_get_created (record), ==, au_clock_get_real_time ());
  au_clock_thaw ();

  g_clear_object (&handle);
  g_clear_object (&again);
  fixture_drop (engine);
}

static void
assert_starts_at (AuEngine  *engine,
                  AuOptions *options,
                  gint64     time)
{
  g_autoptr(AuHandle) handle = fixture_submit (engine, "hello", NULL, options);
  g_autoptr(AuRecord) record = au_handle_dup_record (handle);
  gint64 now = au_clock_get_real_time ();

  g_assert_cmpint (au_record_get_due (record), ==, time);
  au_clock_advance (time - now - 1);
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_PENDING);
  au_clock_advance (1);
  g_assert_true (fixture_wait (handle, NULL));
  g_clear_pointer (&record, au_record_unref);
  record = assert_stored (engine, handle, AU_STATUS_COMPLETED);
  g_assert_cmpint (au_record_get_started (record), ==, time);
}

static void
test_life_due (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuOptions) delay = au_options_new ();
  g_autoptr(AuOptions) due = au_options_new ();
  g_autoptr(AuOptions) past = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;

  au_clock_freeze ();
  au_options_set_delay (delay, 90 * SECOND);
  assert_starts_at (engine, delay, au_clock_get_real_time () + 90 * SECOND);
  au_options_set_due (due, au_clock_get_real_time () + G_TIME_SPAN_DAY);
  assert_starts_at (engine, due, au_clock_get_real_time () + G_TIME_SPAN_DAY);

  au_options_set_due (past, au_clock_get_real_time () - G_TIME_SPAN_DAY);
  handle = fixture_submit (engine, "hello", NULL, past);
  g_assert_true (fixture_wait (handle, NULL));
  au_clock_thaw ();

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* Many timers, in any order. */
static void
test_life_due_in_order (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 start;

  au_clock_freeze ();
  start = au_clock_get_real_time ();
  for (guint i = 0; i < 60; i++)
    {
      g_autoptr(AuOptions) options = au_options_new ();

      au_options_set_delay (options, (1 + i * 37 % 60) * SECOND);
      g_ptr_array_add (handles, fixture_submit (engine, "hello", NULL, options));
    }

  for (guint i = 30; i < 60; i++)
    au_handle_cancel (handles->pdata[i]);

  for (guint second = 1; second <= 60; second++)
    {
      au_clock_advance (SECOND);
      for (guint i = 0; i < 30; i++)
        {
          if (1 + i * 37 % 60 == second)
            g_assert_true (fixture_wait (handles->pdata[i], NULL));
          else if (1 + i * 37 % 60 > second)
            g_assert_cmpint (au_handle_get_status (handles->pdata[i]), ==, AU_STATUS_PENDING);
        }
    }
  for (guint i = 0; i < 30; i++)
    {
      g_autoptr(AuRecord) record = assert_stored (engine, handles->pdata[i], AU_STATUS_COMPLETED);

      g_assert_cmpint (au_record_get_started (record), ==, start + (1 + i * 37 % 60) * SECOND);
    }
  au_clock_thaw ();

  g_clear_pointer (&handles, g_ptr_array_unref);
  fixture_drop (engine);
}

static const AuFunctionEntry functions[] = {
  { "greet", "(s)", "s", greet_func, AU_FUNCTION_NONE },
  { "fail", "()", "s", fail_func, AU_FUNCTION_NONE },
  { "patient", "()", "s", patient_func, AU_FUNCTION_NONE },
  { "no-value", "()", "s", no_value_func, AU_FUNCTION_NONE },
  { "hello", "()", "s", plain_greet_func, AU_FUNCTION_NONE },
  { NULL }
};

int
main (int   argc,
      char *argv[])
{
  fixture_init (&argc, &argv, functions);

  fixture_add ("/engine/life/completed", NULL, test_life_completed);
  fixture_add ("/engine/life/failed", NULL, test_life_failed);
  fixture_add ("/engine/life/timed-out-ignoring", "loop thread process", test_life_timed_out_ignoring);
  fixture_add ("/engine/life/timed-out-obeying", "inline thread process", test_life_timed_out_obeying);
  fixture_add ("/engine/life/timed-out-and-retried", "loop thread process",
               test_life_timed_out_and_retried);
  fixture_add ("/engine/life/time-limit-of-each-attempt", "loop thread process",
               test_life_time_limit_of_each_attempt);
  fixture_add ("/engine/life/cancelled-waiting", NULL, test_life_cancelled_waiting);
  fixture_add ("/engine/life/cancelled-running", "loop thread process", test_life_cancelled_running);
  fixture_add ("/engine/life/cancelled-is-not-retried", "loop thread process",
               test_life_cancelled_is_not_retried);
  fixture_add ("/engine/life/last-report-stored", "loop thread process", test_life_last_report_stored);
  fixture_add ("/engine/life/cancelled-amid-reports", "loop thread process",
               test_life_cancelled_amid_reports);
  fixture_add ("/engine/life/completed-although-cancelled", "loop thread process",
               test_life_completed_although_cancelled);
  fixture_add ("/engine/life/attempts-exhausted", NULL, test_life_attempts_exhausted);
  fixture_add ("/engine/life/retry-waits", "loop thread process", test_life_retry_waits);
  fixture_add ("/engine/life/final-error", NULL, test_life_final_error);
  fixture_add ("/engine/life/expired", NULL, test_life_expired);
  fixture_add ("/engine/life/due", NULL, test_life_due);
  fixture_add ("/engine/life/due-in-order", NULL, test_life_due_in_order);

  return g_test_run ();
}
