/* test-process-faults.c: worker processes that misbehave, each in its own way
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "../plugins/process-fixture.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* One attempt only, so that the first loss is the end. */
static AuHandle *
submit_once (AuEngine   *engine,
             const char *function,
             GVariant   *arguments,
             GTimeSpan   timeout)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(GError) error = NULL;
  AuHandle *handle;

  au_options_set_timeout (options, timeout);
  handle = au_engine_submit (engine, function, arguments, options, &error);
  g_assert_no_error (error);

  return handle;
}

/* Whatever happened before, others work. */
static void
assert_works (AuEngine *engine)
{
  g_autoptr(GVariant) value = process_call (engine, "trial.square", g_variant_new ("(x)", (gint64) 12));

  g_assert_cmpint (g_variant_get_int64 (value), ==, 144);
}

/* A computation that is lost each time ends, and another one beside it is not harmed. */
static void
assert_lost (const char *settings,
             const char *function,
             GVariant   *arguments,
             const char *words)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend (settings));
  g_autofree char *path = process_new_path ();
  g_autoptr(AuHandle) other = process_submit (engine, "trial.wait", g_variant_new ("(s)", path));
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) record = NULL;

  process_await_file (path);
  handle = process_submit (engine, function, arguments);
  error = process_error (handle);
  g_assert_error (error, AU_ERROR, AU_ERROR_WORKER_LOST);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” is not in “%s”", words, error->message);

  record = au_handle_dup_record (handle);
  g_assert_cmpuint (au_record_get_lost (record), ==, 3);

  g_unlink (path);
  value = process_value (other);
  assert_works (engine);
}

static void
test_signal (void)
{
  assert_lost ("max-workers=2", "trial.signal", g_variant_new ("(i)", SIGSEGV), "signal 11");
}

static void
test_last_words (void)
{
  assert_lost ("max-workers=2", "trial.signal", g_variant_new ("(i)", SIGABRT), "about to go");
}

static void
test_kill (void)
{
  assert_lost ("max-workers=2", "trial.signal", g_variant_new ("(i)", SIGKILL), "signal 9");
}

static void
test_exit (void)
{
  assert_lost ("max-workers=2", "trial.exit", NULL, "exited with status 0");
}

static void
test_overflow (void)
{
  assert_lost ("max-workers=2", "trial.overflow", NULL, "signal 11");
}

static void
test_closes_descriptors (void)
{
  assert_lost ("max-workers=2", "trial.close", g_variant_new ("(s)", ""), "killed");
}

static void
test_garbage (void)
{
  assert_lost ("max-workers=2", "trial.garbage", g_variant_new ("(u)", 0), "no message of a worker");
}

/* What a worker has started goes with it. */
static void
test_children (void)
{
  g_autofree char *path = process_new_path ();
  g_autofree char *text = NULL;
  pid_t child;

  assert_lost ("max-workers=2", "trial.fork", g_variant_new ("(s)", path), "signal 9");

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  child = atoi (text);
  process_await_end (process_watch (child));
  g_unlink (path);
}

/* Ends a function that does not listen, and starts another worker for the others. */
static void
assert_cancelled (const char *function)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1;grace=20ms"));
  g_autofree char *path = process_new_path ();
  g_autoptr(AuHandle) handle = process_submit (engine, function, g_variant_new ("(s)", path));
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;

  process_await_file (path);
  au_handle_cancel (handle);
  error = process_error (handle);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  record = au_handle_dup_record (handle);
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_CANCELLED);

  assert_works (engine);
  g_unlink (path);
}

static void
test_cancel_spinning (void)
{
  assert_cancelled ("trial.spin");
}

static void
test_cancel_stubborn (void)
{
  assert_cancelled ("trial.stubborn");
}

/* A worker whose function listens is kept. */
static void
test_cancel_obedient (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1"));
  g_autofree char *path = process_new_path ();
  g_autoptr(GVariant) before = process_call (engine, "trial.pid", NULL);
  g_autoptr(AuHandle) handle = process_submit (engine, "trial.wait", g_variant_new ("(s)", path));
  g_autoptr(GVariant) after = NULL;
  g_autoptr(GError) error = NULL;

  process_await_file (path);
  au_handle_cancel (handle);
  error = process_error (handle);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  after = process_call (engine, "trial.pid", NULL);
  g_assert_cmpint (g_variant_get_int32 (after), ==, g_variant_get_int32 (before));
  g_unlink (path);
}

static void
test_timeout (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1;grace=20ms"));
  g_autoptr(AuHandle) handle = submit_once (engine, "trial.stubborn", g_variant_new ("(s)", ""),
                                            100 * G_TIME_SPAN_MILLISECOND);
  g_autoptr(GError) error = process_error (handle);

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  assert_works (engine);
}

/* Nobody but the clock can tell that a worker is stopped. */
static void
test_stopped (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1;liveness=200ms"));
  g_autoptr(GVariant) pid = process_call (engine, "trial.pid", NULL);
  g_autofree char *path = process_new_path ();
  g_autoptr(AuHandle) handle = process_submit (engine, "trial.wait", g_variant_new ("(s)", path));
  g_autoptr(GVariant) other = NULL;
  g_autoptr(AuRecord) record = NULL;
  int watch;

  process_await_file (path);
  watch = process_watch (g_variant_get_int32 (pid));
  g_assert_cmpint (kill (g_variant_get_int32 (pid), SIGSTOP), ==, 0);

  /* The next attempt finds its file gone, and ends. */
  g_unlink (path);
  process_await_end (watch);
  process_await_file (path);
  g_unlink (path);
  other = process_value (handle);
  g_assert_cmpint (g_variant_get_int32 (other), !=, g_variant_get_int32 (pid));
  record = au_handle_dup_record (handle);
  g_assert_cmpuint (au_record_get_lost (record), ==, 1);
}

/* A busy worker is no silent one. */
static void
test_spinning_is_alive (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1;liveness=50ms;grace=10ms"));
  g_autoptr(AuHandle) handle = submit_once (engine, "trial.spin", g_variant_new ("(s)", ""),
                                            400 * G_TIME_SPAN_MILLISECOND);
  g_autoptr(GError) error = process_error (handle);
  g_autoptr(AuRecord) record = au_handle_dup_record (handle);

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpuint (au_record_get_lost (record), ==, 0);
}

static void
test_no_such_program (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("program=/nonexistent/worker"));
  g_autoptr(AuHandle) handle = process_submit (engine, "trial.pid", NULL);
  g_autoptr(GError) error = process_error (handle);

  g_assert_nonnull (strstr (error->message, "/nonexistent/worker"));
}

static void
test_no_worker (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("program=/bin/true"));
  g_autoptr(AuHandle) handle = process_submit (engine, "trial.pid", NULL);
  g_autoptr(GError) error = process_error (handle);

  g_assert_nonnull (strstr (error->message, "exited with status 0"));
}

/* Starting is tried a few times, and then given up for all that wait. */
static void
test_starts_are_counted (void)
{
  g_autofree char *path = process_new_path ();
  g_autofree char *log = g_strconcat (path, "-log", NULL);
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\necho >> %s\nexit 3\n", log);
  g_autofree char *settings = g_strdup_printf ("max-workers=2;program=%s", path);
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(AuEngine) engine = NULL;
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents (path, script, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0700), ==, 0);
  engine = process_engine (process_backend (settings));
  for (guint i = 0; i < 100; i++)
    g_ptr_array_add (handles, process_submit (engine, "trial.pid", NULL));
  for (guint i = 0; i < handles->len; i++)
    {
      g_autoptr(GError) error = process_error (g_ptr_array_index (handles, i));

      g_assert_nonnull (strstr (error->message, "exited with status 3"));
    }

  g_assert_true (g_file_get_contents (log, &text, NULL, NULL));
  g_assert_cmpuint (strlen (text), <=, 4);
  g_unlink (path);
  g_unlink (log);
}

/* A sanitizer takes a worker's signals for itself, and exits. */
static void
leave_signals_alone (const char *variable)
{
  const char *old = g_getenv (variable);
  g_autofree char *options = g_strconcat (old != NULL ? old : "", ":handle_segv=0", NULL);

  g_setenv (variable, options, TRUE);
}

int
main (int    argc,
      char **argv)
{
  leave_signals_alone ("ASAN_OPTIONS");
  leave_signals_alone ("TSAN_OPTIONS");
  process_init (&argc, &argv);

  g_test_add_func ("/faults/process/signal", test_signal);
  g_test_add_func ("/faults/process/last-words", test_last_words);
  g_test_add_func ("/faults/process/kill", test_kill);
  g_test_add_func ("/faults/process/exit", test_exit);
  g_test_add_func ("/faults/process/overflow", test_overflow);
  g_test_add_func ("/faults/process/closes-descriptors", test_closes_descriptors);
  g_test_add_func ("/faults/process/garbage", test_garbage);
  g_test_add_func ("/faults/process/children", test_children);
  g_test_add_func ("/faults/process/cancel/spinning", test_cancel_spinning);
  g_test_add_func ("/faults/process/cancel/stubborn", test_cancel_stubborn);
  g_test_add_func ("/faults/process/cancel/obedient", test_cancel_obedient);
  g_test_add_func ("/faults/process/timeout", test_timeout);
  g_test_add_func ("/faults/process/stopped", test_stopped);
  g_test_add_func ("/faults/process/spinning-is-alive", test_spinning_is_alive);
  g_test_add_func ("/faults/process/no-such-program", test_no_such_program);
  g_test_add_func ("/faults/process/no-worker", test_no_worker);
  g_test_add_func ("/faults/process/starts-are-counted", test_starts_are_counted);

  return g_test_run ();
}
