/* test-au-process.c: a program that runs beside this one for as long as it is needed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "../plugins/process-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static AuProcess *
shell_new (const char *script,
           const char *argument)
{
  const char *argv[] = { "sh", "-c", script, "sh", argument, NULL };

  return au_process_new (argv);
}

static AuProcess *
sleeper_new (void)
{
  const char *argv[] = { "sleep", "1000", NULL };

  return au_process_new (argv);
}

static void
start (AuProcess *process)
{
  g_autoptr(GError) error = NULL;

  au_process_start (process, NULL, &error);
  g_assert_no_error (error);
}

static void
stop (AuProcess *process)
{
  g_autoptr(GError) error = NULL;

  au_process_stop (process, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (au_process_is_running (process));
}

static int
await_exit (AuProcess *process)
{
  g_autoptr(GError) error = NULL;

  au_process_wait (process, NULL, &error);
  g_assert_no_error (error);

  return au_process_get_exit_status (process);
}

/* One that says that it is there, by a file with its number. */
static int
await_number (const char *path)
{
  g_autofree char *text = NULL;

  process_await_file (path);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_unlink (path);

  return atoi (text);
}

/* A file that is whole as soon as it is there. */
#define SAY(number) "echo " number " > \"$1-new\" && mv \"$1-new\" \"$1\"; "

static void
test_lives_until_it_is_stopped (void)
{
  g_autoptr(AuProcess) process = sleeper_new ();
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  g_assert_false (au_process_is_running (process));
  g_assert_cmpint (au_process_get_pid (process), ==, 0);
  start (process);
  g_assert_true (au_process_is_running (process));
  g_assert_false (au_process_was_found (process));
  g_assert_cmpint (kill (au_process_get_pid (process), 0), ==, 0);
  before = au_process_describe_end (process);
  g_assert_cmpstr (before, ==, "has not ended");

  stop (process);
  g_assert_cmpint (au_process_get_signal (process), ==, SIGTERM);
  g_assert_cmpint (au_process_get_exit_status (process), ==, -1);
  after = au_process_describe_end (process);
  g_assert_nonnull (strstr (after, "signal 15"));

  /* Once more does no harm. */
  stop (process);
}

static void
test_ends_with_its_last_reference (void)
{
  AuProcess *process = sleeper_new ();
  int watch;

  start (process);
  watch = process_watch (au_process_get_pid (process));
  g_assert_cmpint (watch, >=, 0);
  g_object_unref (process);
  process_await_end (watch);

  /* It was waited for, too. */
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
}

static void
test_may_live_on (void)
{
  AuProcess *process = sleeper_new ();
  int pid;

  g_object_set (process, "force", FALSE, NULL);
  start (process);
  pid = au_process_get_pid (process);
  g_object_unref (process);

  g_assert_cmpint (kill (pid, 0), ==, 0);
  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
}

/* Other children of this program are none of its business. */
static void
test_leaves_others_alone (void)
{
  g_autoptr(AuProcess) process = sleeper_new ();
  char *argv[] = { (char *) "sleep", (char *) "1000", NULL };
  g_autoptr(GError) error = NULL;
  GPid other;

  g_spawn_async (NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &other, &error);
  g_assert_no_error (error);
  start (process);
  stop (process);

  g_assert_cmpint (waitpid (other, NULL, WNOHANG), ==, 0);
  kill (other, SIGKILL);
  g_assert_cmpint (waitpid (other, NULL, 0), ==, other);
}

static void
test_takes_its_children_along (void)
{
  g_autofree char *path = process_new_path ();
  g_autoptr(AuProcess) process = shell_new ("sleep 1000 & " SAY ("$!") "wait", path);
  int watch;

  start (process);
  watch = process_watch (await_number (path));
  stop (process);
  process_await_end (watch);
}

static void
test_that_will_not_end_is_killed (void)
{
  g_autofree char *path = process_new_path ();
  g_autoptr(AuProcess) process = shell_new ("trap '' TERM; " SAY ("$$") "while :; do sleep 1000; done", path);

  g_object_set (process, "grace", 10 * G_TIME_SPAN_MILLISECOND, NULL);
  start (process);
  await_number (path);
  stop (process);
  g_assert_cmpint (au_process_get_signal (process), ==, SIGKILL);
}

/* Without force, whoever stops it waits for it. */
static void
test_may_end_by_itself (void)
{
  g_autoptr(AuProcess) process = shell_new ("read line <&3; exit 5", NULL);
  int ends[2];

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  g_object_set (process, "force", FALSE, NULL);
  au_process_take_descriptor (process, ends[0], 3);
  start (process);
  close (ends[1]);
  stop (process);
  g_assert_cmpint (au_process_get_exit_status (process), ==, 5);
}

/* Readiness */

static gboolean
count_to_three (AuProcess  *process,
                gpointer    data,
                GError    **error)
{
  guint *count = data;

  g_assert_true (au_process_is_running (process));

  return ++*count == 3;
}

static void
test_is_ready_when_it_says_so (void)
{
  g_autoptr(AuProcess) process = sleeper_new ();
  guint count = 0;

  au_process_set_ready_func (process, count_to_three, &count, NULL);
  start (process);
  g_assert_cmpuint (count, ==, 3);
  stop (process);
}

static gboolean
never (AuProcess  *process,
       gpointer    data,
       GError    **error)
{
  return FALSE;
}

static void
test_is_not_ready_in_time (void)
{
  g_autoptr(AuProcess) process = sleeper_new ();
  g_autoptr(GError) error = NULL;

  g_object_set (process, "timeout", 20 * G_TIME_SPAN_MILLISECOND, NULL);
  au_process_set_ready_func (process, never, NULL, NULL);
  g_assert_false (au_process_start (process, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpstr (error->message, ==, "“sleep” was not ready within 20ms");
  g_assert_false (au_process_is_running (process));
}

/* One that dies while it starts has not started. */
static void
test_dies_before_it_is_ready (void)
{
  g_autoptr(AuProcess) process = shell_new ("exit 7", NULL);
  g_autoptr(GError) error = NULL;

  g_object_set (process, "timeout", (gint64) 0, NULL);
  au_process_set_ready_func (process, never, NULL, NULL);
  g_assert_false (au_process_start (process, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "“sh” exited with status 7 before it was ready");
}

static void
test_dies_within_its_delay (void)
{
  g_autoptr(AuProcess) process = shell_new ("exit 7", NULL);
  g_autoptr(GError) error = NULL;

  g_object_set (process, "ready-delay", G_TIME_SPAN_HOUR, "timeout", (gint64) 0, NULL);
  g_assert_false (au_process_start (process, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "status 7"));
}

static gboolean
fail (AuProcess  *process,
      gpointer    data,
      GError    **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE, "the port is taken");

  return FALSE;
}

static void
test_will_never_be_ready (void)
{
  g_autoptr(AuProcess) process = sleeper_new ();
  g_autoptr(GError) error = NULL;

  au_process_set_ready_func (process, fail, NULL, NULL);
  g_assert_false (au_process_start (process, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_false (au_process_is_running (process));
  g_assert_cmpint (au_process_get_signal (process), ==, SIGKILL);
}

static gboolean
cancel (AuProcess  *process,
        gpointer    data,
        GError    **error)
{
  g_cancellable_cancel (data);

  return FALSE;
}

static void
test_start_can_be_cancelled (void)
{
  g_autoptr(AuProcess) process = sleeper_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  au_process_set_ready_func (process, cancel, cancellable, NULL);
  g_assert_false (au_process_start (process, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (au_process_is_running (process));
}

/* Somebody else runs it */

static gboolean
there (AuProcess  *process,
       gpointer    data,
       GError    **error)
{
  ++*(guint *) data;

  return TRUE;
}

static void
test_is_there_already (void)
{
  g_autoptr(AuProcess) process = sleeper_new ();
  guint count = 0;

  au_process_set_found_func (process, there, &count, NULL);
  start (process);
  g_assert_cmpuint (count, ==, 1);
  g_assert_true (au_process_was_found (process));
  g_assert_cmpint (au_process_get_pid (process), ==, 0);
  g_assert_false (au_process_is_running (process));
  g_assert_false (au_process_send_signal (process, SIGKILL));
  stop (process);
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
}

static void
test_cannot_be_looked_for (void)
{
  g_autoptr(AuProcess) process = sleeper_new ();
  g_autoptr(GError) error = NULL;

  au_process_set_found_func (process, fail, NULL, NULL);
  g_assert_false (au_process_start (process, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_cmpint (au_process_get_pid (process), ==, 0);
}

/* What it is given */

static void
test_has_what_it_was_given (void)
{
  const char *const environment[] = { "COLOUR=blue", "PATH=/usr/bin:/bin", NULL };
  /* as of somebody careless: not close-on-exec */
  int low = fcntl (STDERR_FILENO, F_DUPFD, 3);
  int high = fcntl (STDERR_FILENO, F_DUPFD, 50);
  int target = low + 1;
  g_autofree char *script = g_strdup_printf (
    "test \"$(pwd)\" = / && test \"$COLOUR\" = blue && test -z \"$HOME\" && ! read line && "
    "test ! -e /proc/$$/fd/%d && test ! -e /proc/$$/fd/%d && echo hello >&%d", low, high, target);
  g_autoptr(AuProcess) process = shell_new (script, NULL);
  char buffer[6] = "";
  int ends[2];

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  g_object_set (process, "environment", environment, "folder", "/", NULL);
  au_process_take_descriptor (process, ends[1], target);
  start (process);
  close (low);
  close (high);
  g_assert_cmpint (await_exit (process), ==, 0);
  g_assert_cmpint (read (ends[0], buffer, sizeof buffer), ==, 6);
  g_assert_cmpmem (buffer, 6, "hello\n", 6);
  g_assert_cmpint (read (ends[0], buffer, sizeof buffer), ==, 0);
  close (ends[0]);
}

static void
test_is_not_to_be_found (void)
{
  const char *argv[] = { "no-such-program-of-au", NULL };
  g_autoptr(AuProcess) process = au_process_new (argv);
  g_autoptr(GError) error = NULL;

  g_assert_false (au_process_start (process, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "“no-such-program-of-au”"));
}

static void
test_has_no_such_folder (void)
{
  g_autoptr(AuProcess) process = sleeper_new ();
  g_autoptr(GError) error = NULL;

  g_object_set (process, "folder", "/no/such/folder", NULL);
  g_assert_false (au_process_start (process, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "/no/such/folder"));
}

static void
test_starts_once (void)
{
  g_autoptr(AuProcess) process = shell_new ("exit 0", NULL);
  g_autoptr(GError) error = NULL;

  start (process);
  g_assert_cmpint (await_exit (process), ==, 0);
  g_assert_false (au_process_start (process, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
}

static void
test_somebody_else_waits_for_it (void)
{
  g_autoptr(AuProcess) process = shell_new ("exit 3", NULL);
  g_autofree char *end = NULL;

  start (process);
  g_assert_cmpint (waitpid (au_process_get_pid (process), NULL, 0), >, 0);
  g_assert_cmpint (await_exit (process), ==, -1);
  end = au_process_describe_end (process);
  g_assert_true (g_str_has_prefix (end, "ended in an unknown way"));
}

static void
test_memory_is_known (void)
{
  g_autoptr(AuProcess) process = shell_new ("x=$(printf %50000000s x); exit 0", NULL);

  start (process);
  g_assert_cmpint (await_exit (process), ==, 0);
  g_assert_cmpuint (au_process_get_peak_memory (process), >, 40000000);
}

/* Without blocking */

static void
take_result (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GAsyncResult *
await_result (GAsyncResult **place)
{
  g_assert_null (*place);
  while (*place == NULL)
    g_main_context_iteration (NULL, TRUE);

  return g_steal_pointer (place);
}

static void
test_async (void)
{
  g_autoptr(AuProcess) process = sleeper_new ();
  g_autoptr(GAsyncResult) started = NULL;
  g_autoptr(GAsyncResult) stopped = NULL;
  g_autoptr(GAsyncResult) ended = NULL;
  g_autoptr(GError) error = NULL;
  guint count = 0;

  au_process_set_ready_func (process, count_to_three, &count, NULL);
  au_process_start_async (process, NULL, take_result, &started);
  started = await_result (&started);
  g_assert_true (au_process_start_finish (process, started, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count, ==, 3);
  g_assert_true (au_process_is_running (process));

  au_process_stop_async (process, NULL, take_result, &stopped);
  stopped = await_result (&stopped);
  g_assert_true (au_process_stop_finish (process, stopped, &error));
  g_assert_no_error (error);
  g_assert_false (au_process_is_running (process));

  au_process_wait_async (process, NULL, take_result, &ended);
  ended = await_result (&ended);
  g_assert_true (au_process_wait_finish (process, ended, &error));
  g_assert_cmpint (au_process_get_signal (process), ==, SIGTERM);
}

static void
assert_async_fails (AuProcess    *process,
                    GCancellable *cancellable,
                    GQuark        domain,
                    int           code)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  au_process_start_async (process, cancellable, take_result, &result);
  result = await_result (&result);
  g_assert_false (au_process_start_finish (process, result, &error));
  g_assert_error (error, domain, code);
  g_assert_false (au_process_is_running (process));
}

static void
test_async_failures (void)
{
  g_autoptr(AuProcess) dies = shell_new ("exit 7", NULL);
  g_autoptr(AuProcess) late = sleeper_new ();
  g_autoptr(AuProcess) cancelled = sleeper_new ();
  g_autoptr(AuProcess) waits = sleeper_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  au_process_set_ready_func (dies, never, NULL, NULL);
  assert_async_fails (dies, NULL, AU_ERROR, AU_ERROR_FAILED);

  au_process_set_ready_func (late, never, NULL, NULL);
  g_object_set (late, "timeout", 20 * G_TIME_SPAN_MILLISECOND, NULL);
  assert_async_fails (late, NULL, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);

  au_process_set_ready_func (cancelled, cancel, cancellable, NULL);
  assert_async_fails (cancelled, cancellable, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  /* To give up waiting for its end leaves it alone. */
  g_cancellable_reset (cancellable);
  start (waits);
  au_process_wait_async (waits, cancellable, take_result, &result);
  g_cancellable_cancel (cancellable);
  result = await_result (&result);
  g_assert_false (au_process_wait_finish (waits, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (au_process_is_running (waits));
  stop (waits);
}

static guint
count_threads (void)
{
  g_autoptr(GDir) folder = g_dir_open ("/proc/self/task", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (folder) != NULL)
    n++;

  return n;
}

static void
count_end (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_assert_true (au_process_wait_finish (AU_PROCESS (source), result, NULL));
  (*(guint *) data)--;
}

#define N_WAITS (1000)

static void
test_waits_cost_no_thread (void)
{
  g_autoptr(AuProcess) process = sleeper_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) cancelled = NULL;
  g_autoptr(GAsyncResult) stopped = NULL;
  g_autoptr(GError) error = NULL;
  guint n_left = N_WAITS;
  guint n_threads;

  start (process);
  n_threads = count_threads ();
  for (guint i = 0; i < N_WAITS; i++)
    au_process_wait_async (process, NULL, count_end, &n_left);

  au_process_wait_async (process, cancellable, take_result, &cancelled);
  g_cancellable_cancel (cancellable);
  cancelled = await_result (&cancelled);
  g_assert_false (au_process_wait_finish (process, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpuint (n_left, ==, N_WAITS);
  g_assert_cmpuint (count_threads (), <=, n_threads);

  au_process_stop_async (process, NULL, take_result, &stopped);
  stopped = await_result (&stopped);
  g_assert_true (au_process_stop_finish (process, stopped, &error));
  g_assert_no_error (error);
  while (n_left > 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (count_threads (), <=, n_threads);
}

static void
iterate (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* To start and to stop takes as long as the clock says. */
static void
test_obeys_the_clock (void)
{
  g_autofree char *folder = g_dir_make_tmp ("au-process-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "deaf", NULL);
  g_autoptr(AuProcess) deaf = shell_new ("trap '' TERM; " SAY ("$$") "while :; do sleep 1000; done", path);
  g_autoptr(AuProcess) late = sleeper_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  start (deaf);
  await_number (path);
  au_clock_freeze ();

  g_object_set (deaf, "grace", G_TIME_SPAN_HOUR, NULL);
  au_process_stop_async (deaf, NULL, take_result, &result);
  au_clock_advance (G_TIME_SPAN_HOUR - 1);
  iterate ();
  g_assert_null (result);
  g_assert_true (au_process_is_running (deaf));
  au_clock_advance (1);
  result = await_result (&result);
  g_assert_true (au_process_stop_finish (deaf, result, &error));
  g_assert_no_error (error);
  g_assert_cmpint (au_process_get_signal (deaf), ==, SIGKILL);
  g_clear_object (&result);

  g_object_set (late, "ready-delay", 2 * G_TIME_SPAN_HOUR, "timeout", G_TIME_SPAN_HOUR, NULL);
  au_process_start_async (late, NULL, take_result, &result);
  au_clock_advance (G_TIME_SPAN_HOUR - 1);
  iterate ();
  g_assert_null (result);
  g_assert_true (au_process_is_running (late));
  au_clock_advance (1);
  result = await_result (&result);
  g_assert_false (au_process_start_finish (late, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);

  au_clock_thaw ();
  g_rmdir (folder);
}

static gpointer
stop_in_thread (gpointer data)
{
  stop (data);

  return NULL;
}

static void
test_blocked_thread_obeys_the_clock (void)
{
  g_autofree char *path = process_new_path ();
  g_autofree char *told = process_new_path ();
  g_autofree char *script = g_strdup_printf ("trap 'echo 1 > %s.new; mv %s.new %s' TERM; " SAY ("$$")
                                             "while :; do sleep 1000 & wait $!; done", told, told, told);
  g_autoptr(AuProcess) process = shell_new (script, path);
  GThread *thread;

  g_object_set (process, "grace", G_TIME_SPAN_HOUR, NULL);
  start (process);
  await_number (path);
  au_clock_freeze ();
  thread = g_thread_new ("stop", stop_in_thread, process);
  await_number (told);
  g_assert_true (au_process_is_running (process));

  au_clock_advance (G_TIME_SPAN_HOUR);
  g_thread_join (thread);
  g_assert_cmpint (au_process_get_signal (process), ==, SIGKILL);
  au_clock_thaw ();
}

static void
test_async_kill (void)
{
  g_autofree char *folder = g_dir_make_tmp ("au-process-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "deaf", NULL);
  g_autoptr(AuProcess) process = shell_new ("trap '' TERM; " SAY ("$$") "while :; do sleep 1000; done", path);
  g_autoptr(GAsyncResult) stopped = NULL;
  g_autoptr(GError) error = NULL;

  g_object_set (process, "grace", 10 * G_TIME_SPAN_MILLISECOND, NULL);
  start (process);
  await_number (path);
  au_process_stop_async (process, NULL, take_result, &stopped);
  stopped = await_result (&stopped);
  g_assert_true (au_process_stop_finish (process, stopped, &error));
  g_assert_no_error (error);
  g_assert_cmpint (au_process_get_signal (process), ==, SIGKILL);
  g_rmdir (folder);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/flow/process/lives-until-it-is-stopped", test_lives_until_it_is_stopped);
  g_test_add_func ("/flow/process/ends-with-its-last-reference", test_ends_with_its_last_reference);
  g_test_add_func ("/flow/process/may-live-on", test_may_live_on);
  g_test_add_func ("/flow/process/leaves-others-alone", test_leaves_others_alone);
  g_test_add_func ("/flow/process/takes-its-children-along", test_takes_its_children_along);
  g_test_add_func ("/flow/process/that-will-not-end-is-killed", test_that_will_not_end_is_killed);
  g_test_add_func ("/flow/process/may-end-by-itself", test_may_end_by_itself);
  g_test_add_func ("/flow/process/is-ready-when-it-says-so", test_is_ready_when_it_says_so);
  g_test_add_func ("/flow/process/is-not-ready-in-time", test_is_not_ready_in_time);
  g_test_add_func ("/flow/process/dies-before-it-is-ready", test_dies_before_it_is_ready);
  g_test_add_func ("/flow/process/dies-within-its-delay", test_dies_within_its_delay);
  g_test_add_func ("/flow/process/will-never-be-ready", test_will_never_be_ready);
  g_test_add_func ("/flow/process/start-can-be-cancelled", test_start_can_be_cancelled);
  g_test_add_func ("/flow/process/is-there-already", test_is_there_already);
  g_test_add_func ("/flow/process/cannot-be-looked-for", test_cannot_be_looked_for);
  g_test_add_func ("/flow/process/has-what-it-was-given", test_has_what_it_was_given);
  g_test_add_func ("/flow/process/is-not-to-be-found", test_is_not_to_be_found);
  g_test_add_func ("/flow/process/has-no-such-folder", test_has_no_such_folder);
  g_test_add_func ("/flow/process/starts-once", test_starts_once);
  g_test_add_func ("/flow/process/somebody-else-waits-for-it", test_somebody_else_waits_for_it);
  g_test_add_func ("/flow/process/memory-is-known", test_memory_is_known);
  g_test_add_func ("/flow/process/async", test_async);
  g_test_add_func ("/flow/process/async-failures", test_async_failures);
  g_test_add_func ("/flow/process/async-kill", test_async_kill);
  g_test_add_func ("/flow/process/obeys-the-clock", test_obeys_the_clock);
  g_test_add_func ("/flow/process/blocked-thread-obeys-the-clock", test_blocked_thread_obeys_the_clock);
  g_test_add_func ("/flow/process/waits-cost-no-thread", test_waits_cost_no_thread);

  return g_test_run ();
}
