/* test-process-limits.c: worker processes that take too much, or have done enough
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "../plugins/process-fixture.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

static void
assert_says (const GError *error,
             const char   *words)
{
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” is not in “%s”", words, error->message);
}

static void
assert_works (AuEngine *engine)
{
  g_autoptr(GVariant) value = process_call (engine, "trial.square", g_variant_new ("(x)", (gint64) 12));

  g_assert_cmpint (g_variant_get_int64 (value), ==, 144);
}

/* What allocates without end dies of it, and nobody else. */
static void
test_memory (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=2;function-limits=trial.hoard memory=64MiB"));
  g_autofree char *path = process_new_path ();
  g_autoptr(AuHandle) other = process_submit (engine, "trial.wait", g_variant_new ("(s)", path));
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) record = NULL;

  process_await_file (path);
  handle = process_submit (engine, "trial.hoard", NULL);
  error = process_error (handle);
  g_assert_error (error, AU_ERROR, AU_ERROR_WORKER_LOST);
  assert_says (error, "the function may have 64.0");
  record = au_handle_dup_record (handle);
  g_assert_cmpuint (au_record_get_lost (record), ==, 3);

  g_unlink (path);
  value = process_value (other);
  assert_works (engine);
}

static void
test_cpu_time (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1;function-limits=trial.spin cpu-time=1s"));
  g_autoptr(AuHandle) handle = process_submit (engine, "trial.spin", g_variant_new ("(s)", ""));
  g_autoptr(GError) error = process_error (handle);
  g_autoptr(AuRecord) record = au_handle_dup_record (handle);

  /* To try again would not help. */
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  assert_says (error, "processor time than “trial.spin” may, which is 1s");
  g_assert_cmpuint (au_record_get_lost (record), ==, 0);
  assert_works (engine);
}

static void
assert_timed_out (AuEngine   *engine,
                  const char *function,
                  const char *path)
{
  g_autoptr(AuHandle) handle = process_submit (engine, function, g_variant_new ("(s)", path));
  g_autoptr(GError) error = process_error (handle);
  g_autoptr(AuRecord) record = au_handle_dup_record (handle);

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  assert_says (error, "may, which is 50ms");
  g_assert_cmpuint (au_record_get_lost (record), ==, 0);
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_FAILED);
}

static void
test_timeout (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1;timeout=50ms;grace=10ms"));

  assert_timed_out (engine, "trial.stubborn", "");
  assert_works (engine);
}

/* The worker of a function that listens is kept. */
static void
test_timeout_is_obeyed (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1;function-limits=trial.wait timeout=50ms"));
  g_autoptr(GVariant) before = process_call (engine, "trial.pid", NULL);
  g_autofree char *path = process_new_path ();
  g_autoptr(GVariant) after = NULL;

  assert_timed_out (engine, "trial.wait", path);
  after = process_call (engine, "trial.pid", NULL);
  g_assert_cmpint (g_variant_get_int32 (after), ==, g_variant_get_int32 (before));
  g_unlink (path);
}

/* Each function has its own, one after the other in one process. */
static void
test_each_has_its_own (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend (
    "max-workers=1;memory=1GiB;function-limits=trial.limits memory=0 cpu-time=1h core-dumps=no"));
  g_autoptr(GVariant) value = NULL;
  guint64 memory, cpu_time, core;
  struct rlimit own;

  for (guint i = 0; i < 3; i++)
    {
      g_clear_pointer (&value, g_variant_unref);
      assert_works (engine);
      value = process_call (engine, "trial.limits", NULL);
      g_variant_get (value, "(ttt)", &memory, &cpu_time, &core);
      getrlimit (RLIMIT_AS, &own);
      g_assert_cmpuint (memory, ==, own.rlim_cur);
      g_assert_cmpuint (cpu_time, >=, 3600);
      g_assert_cmpuint (cpu_time, <, 3700);
      g_assert_cmpuint (core, ==, 0);
    }
}

static void
test_general_ones (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1;memory=1GiB;function-limits=trial.pid cpu-time=1h"));
  g_autoptr(GVariant) value = NULL;
  guint64 memory, cpu_time, core;
  struct rlimit own;

  g_variant_unref (process_call (engine, "trial.pid", NULL));
  value = process_call (engine, "trial.limits", NULL);
  g_variant_get (value, "(ttt)", &memory, &cpu_time, &core);
  g_assert_cmpuint (memory, >, 1024 * 1024 * 1024);
  g_assert_cmpuint (memory, !=, RLIM_INFINITY);
  getrlimit (RLIMIT_CPU, &own);
  g_assert_cmpuint (cpu_time, ==, own.rlim_cur);
  getrlimit (RLIMIT_CORE, &own);
  g_assert_cmpuint (core, ==, own.rlim_cur);
}

static void
test_bad_limits (void)
{
  static const struct { const char *setting; const char *words; } bad[] = {
    { "function-limits=memory=1GiB", "has to begin with the name of a function" },
    { "function-limits=f memory", "“memory” is no limit" },
    { "function-limits=f grace=1s", "“grace=1s” is no limit" },
    { "function-limits=f memory=much", "much" },
    { "function-limits=f cpu-time=1s;f cpu-time=2s", "“f” is there twice" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const char *settings[] = { bad[i].setting, NULL };
      g_autoptr(GError) error = NULL;

      g_assert_null (au_part_new_from_strings (AU_MODULE_BACKEND, "process", settings, &error));
      g_assert_nonnull (error);
      assert_says (error, bad[i].words);
    }
}

/* A process for each, and no more at a time than were asked for. */
static void
test_max_jobs (void)
{
  g_autoptr(AuBackend) backend = process_backend ("max-workers=2;max-jobs=1");
  g_autoptr(AuEngine) engine = process_engine (g_object_ref (backend));
  g_autoptr(GHashTable) pids = g_hash_table_new (NULL, NULL);
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < 30; i++)
    g_ptr_array_add (handles, process_submit (engine, "trial.pid", NULL));
  for (guint i = 0; i < 30; i++)
    {
      g_autoptr(GVariant) pid = NULL;

      g_assert_cmpuint (au_backend_get_running (backend), <=, 2);
      pid = process_value (g_ptr_array_index (handles, i));
      g_hash_table_add (pids, GINT_TO_POINTER (g_variant_get_int32 (pid)));
    }

  g_assert_cmpuint (g_hash_table_size (pids), ==, 30);
}

static void
test_max_jobs_more (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1;max-jobs=5"));
  g_autoptr(GHashTable) pids = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(GVariant) pid = process_call (engine, "trial.pid", NULL);

      g_hash_table_add (pids, GINT_TO_POINTER (g_variant_get_int32 (pid)));
    }

  g_assert_cmpuint (g_hash_table_size (pids), ==, 4);
}

static void
test_max_growth (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1;max-growth=20MiB"));
  g_autoptr(GVariant) first = process_call (engine, "trial.grow", NULL);
  int pid;

  do
    {
      g_autoptr(GVariant) next = process_call (engine, "trial.grow", NULL);

      pid = g_variant_get_int32 (next);
    }
  while (pid == g_variant_get_int32 (first));
}

static void
test_idle (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1;idle-time=1ms"));
  g_autoptr(GVariant) pid = process_call (engine, "trial.pid", NULL);

  process_await_end (process_watch (g_variant_get_int32 (pid)));
  assert_works (engine);
}

static void
test_idle_by_the_clock (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1;idle-time=1h"));
  g_autoptr(GVariant) first = NULL;
  g_autoptr(GVariant) second = NULL;
  GPollFD fd;
  int watch;

  au_clock_freeze ();
  first = process_call (engine, "trial.pid", NULL);
  watch = process_watch (g_variant_get_int32 (first));

  au_clock_advance (G_TIME_SPAN_HOUR - 1);
  second = process_call (engine, "trial.pid", NULL);
  g_assert_cmpint (g_variant_get_int32 (first), ==, g_variant_get_int32 (second));

  /* it may be seen to be idle only after the clock was moved */
  fd = (GPollFD) { .fd = watch, .events = G_IO_IN };
  while (g_poll (&fd, 1, 0) == 0)
    {
      au_clock_advance (G_TIME_SPAN_MINUTE);
      g_thread_yield ();
    }
  process_await_end (watch);
  assert_works (engine);
  au_clock_thaw ();
}

static AuHandle *
submit_signal (AuEngine *engine,
               int       number)
{
  return process_submit (engine, "trial.signal", g_variant_new ("(i)", number));
}

static void
lose_three (AuEngine *engine)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(AuHandle) handle = submit_signal (engine, SIGKILL);
      g_autoptr(GError) error = process_error (handle);

      assert_says (error, "signal 9");
    }
}

/* What ends its workers whatever its arguments are is not run for a while. */
static void
test_pause (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1;pause=1h"));
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) record = NULL;

  lose_three (engine);
  handle = submit_signal (engine, 0);
  error = process_error (handle);
  g_assert_error (error, AU_ERROR, AU_ERROR_WORKER_LOST);
  assert_says (error, "“trial.signal” is not run for 1h, as it has lost 3 computations in a row; the last time: ");
  record = au_handle_dup_record (handle);
  g_assert_cmpuint (au_record_get_lost (record), ==, 0);
  assert_works (engine);
}

static void
test_pause_ends (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1;pause=1us"));
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GVariant) value = NULL;

  lose_three (engine);
  handle = submit_signal (engine, 0);
  value = process_value (handle);
}

/* One that is lost each time fails alone. */
static void
test_one_is_no_pause (void)
{
  g_autoptr(AuEngine) engine = process_engine (process_backend ("max-workers=1;pause=1h"));
  g_autoptr(AuHandle) bad = submit_signal (engine, SIGKILL);
  g_autoptr(GError) error = process_error (bad);
  g_autoptr(AuHandle) good = submit_signal (engine, 0);
  g_autoptr(GVariant) value = process_value (good);

  assert_says (error, "signal 9");
}

int
main (int    argc,
      char **argv)
{
  process_init (&argc, &argv);

  g_test_add_func ("/faults/process/limits/memory", test_memory);
  g_test_add_func ("/faults/process/limits/cpu-time", test_cpu_time);
  g_test_add_func ("/faults/process/limits/timeout", test_timeout);
  g_test_add_func ("/faults/process/limits/timeout-is-obeyed", test_timeout_is_obeyed);
  g_test_add_func ("/faults/process/limits/each-has-its-own", test_each_has_its_own);
  g_test_add_func ("/faults/process/limits/general-ones", test_general_ones);
  g_test_add_func ("/faults/process/limits/bad", test_bad_limits);
  g_test_add_func ("/faults/process/max-jobs", test_max_jobs);
  g_test_add_func ("/faults/process/max-jobs-more", test_max_jobs_more);
  g_test_add_func ("/faults/process/max-growth", test_max_growth);
  g_test_add_func ("/faults/process/idle", test_idle);
  g_test_add_func ("/faults/process/idle-by-the-clock", test_idle_by_the_clock);
  g_test_add_func ("/faults/process/pause", test_pause);
  g_test_add_func ("/faults/process/pause-ends", test_pause_ends);
  g_test_add_func ("/faults/process/one-is-no-pause", test_one_is_no_pause);

  return g_test_run ();
}
