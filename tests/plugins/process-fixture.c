/* process-fixture.c: what the tests of the process backend share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-fixture.h"
#include "../await.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Functions. Those that misbehave say by a file that they have begun. */

static GVariant *
pid_func (AuCall    *call,
          GVariant  *arguments,
          gpointer   data,
          GError   **error)
{
  return g_variant_new_int32 (getpid ());
}

static GVariant *
square_func (AuCall    *call,
             GVariant  *arguments,
             gpointer   data,
             GError   **error)
{
  gint64 number;

  g_variant_get (arguments, "(x)", &number);

  return g_variant_new_int64 (number * number);
}

static GVariant *
fail_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND, "no such host");

  return NULL;
}

static GVariant *
echo_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  return g_variant_get_child_value (arguments, 0);
}

static GVariant *
describe_func (AuCall    *call,
               GVariant  *arguments,
               gpointer   data,
               GError   **error)
{
  GVariant *metadata = au_call_get_metadata (call);
  const char *colour = "";
  gint64 deadline = au_call_get_deadline (call);

  if (metadata != NULL)
    g_variant_lookup (metadata, "colour", "&s", &colour);

  return g_variant_new ("(ssusb)", au_call_get_key (call), au_call_get_function (call),
                        au_call_get_attempt (call), colour,
                        deadline > au_clock_get_monotonic_time ());
}

static GVariant *
report_func (AuCall    *call,
             GVariant  *arguments,
             gpointer   data,
             GError   **error)
{
  for (int i = 0; i <= 1000; i++)
    au_call_set_progress (call, i / 1000.0, i == 1000 ? "all done" : "under way");

  return await_cancelled (call, error);
}

static GVariant *
built_func (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GError   **error)
{
  g_autoptr(GBytes) bytes = NULL;
  gpointer place;
  guint64 size;

  g_variant_get (arguments, "(t)", &size);
  bytes = au_call_new_bytes (call, size, &place, error);
  if (bytes == NULL)
    return NULL;

  memset (place, 'b', size);

  return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

static void
async_start (AuCall   *call,
             GVariant *arguments,
             gpointer  data)
{
  g_autoptr(AuCall) kept = au_call_ref (call);

  au_call_return_value (kept, g_variant_new_string ("later"));
}

static gboolean
count_step (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GVariant **item,
            GError   **error)
{
  guint next = GPOINTER_TO_UINT (au_call_get_state (call));
  guint limit;

  g_variant_get (arguments, "(u)", &limit);
  if (next == limit)
    return FALSE;

  au_call_set_state (call, GUINT_TO_POINTER (next + 1), NULL);
  *item = g_variant_new_uint32 (next);

  return TRUE;
}

/* Says by a file which item is made, so that one can see that the next one is not. */
static gboolean
trace_step (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GVariant **item,
            GError   **error)
{
  guint next = GPOINTER_TO_UINT (au_call_get_state (call));
  g_autofree char *name = NULL;
  const char *path;

  if (next == 10)
    return FALSE;

  g_variant_get (arguments, "(&s)", &path);
  name = g_strdup_printf ("%s%u", path, next);
  g_file_set_contents (name, "", 0, NULL);

  au_call_set_state (call, GUINT_TO_POINTER (next + 1), NULL);
  *item = g_variant_new_uint32 (next);

  return TRUE;
}

static void
say_begun (GVariant *arguments)
{
  g_autofree char *pid = g_strdup_printf ("%d", (int) getpid ());
  const char *path;

  g_variant_get (arguments, "(&s)", &path);
  if (path[0] != '\0')
    g_assert_true (g_file_set_contents (path, pid, -1, NULL));
}

/* Ends when it is cancelled, or its file is gone. */
static GVariant *
wait_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  const char *path;

  say_begun (arguments);
  g_variant_get (arguments, "(&s)", &path);
  if (await_removed (path, au_call_get_cancellable (call)))
    return g_variant_new_int32 (getpid ());

  return await_cancelled (call, error);
}

static GVariant *
spin_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  volatile guint64 n = 0;

  say_begun (arguments);
  for (;;)
    n++;

  return NULL;
}

static GVariant *
stubborn_func (AuCall    *call,
               GVariant  *arguments,
               gpointer   data,
               GError   **error)
{
  signal (SIGTERM, SIG_IGN);

  return spin_func (call, arguments, data, error);
}

static GVariant *
signal_func (AuCall    *call,
             GVariant  *arguments,
             gpointer   data,
             GError   **error)
{
  int number;

  g_variant_get (arguments, "(i)", &number);
  fprintf (stderr, "about to go\n");
  signal (number, SIG_DFL);
  raise (number);

  return g_variant_new_int32 (0);
}

static GVariant *
exit_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  _exit (0);
}

static GVariant *
close_func (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GError   **error)
{
  say_begun (arguments);
  for (int fd = 3; fd < 1024; fd++)
    close (fd);
  for (;;)
    pause ();

  return NULL;
}

/* Writes on the socket what is none of its business. */
static GVariant *
garbage_func (AuCall    *call,
              GVariant  *arguments,
              gpointer   data,
              GError   **error)
{
  char bytes[100];

  g_variant_get (arguments, "(u)", &(guint32) { 0 });
  memset (bytes, 0xa5, sizeof bytes);
  send (3, bytes, sizeof bytes, 0);
  for (;;)
    pause ();

  return NULL;
}

static GVariant *
fork_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  const char *path;
  pid_t pid = fork ();
  g_autofree char *text = NULL;

  if (pid == 0)
    {
      for (;;)
        pause ();
    }

  g_variant_get (arguments, "(&s)", &path);
  text = g_strdup_printf ("%d", (int) pid);
  g_file_set_contents (path, text, -1, NULL);
  raise (SIGKILL);

  return NULL;
}

static GVariant *
hoard_func (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GError   **error)
{
  for (;;)
    memset (g_malloc (16 * 1024 * 1024), 1, 16 * 1024 * 1024);

  return NULL;
}

/* What it may use, as the system has it: address space, processor time, core dump. */
static GVariant *
limits_func (AuCall    *call,
             GVariant  *arguments,
             gpointer   data,
             GError   **error)
{
  struct rlimit memory, cpu_time, core;

  getrlimit (RLIMIT_AS, &memory);
  getrlimit (RLIMIT_CPU, &cpu_time);
  getrlimit (RLIMIT_CORE, &core);

  return g_variant_new ("(ttt)", (guint64) memory.rlim_cur, (guint64) cpu_time.rlim_cur,
                        (guint64) core.rlim_cur);
}

/* Keeps what it has taken. */
static GVariant *
grow_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  static GSList *kept;

  kept = g_slist_prepend (kept, g_malloc (1024 * 1024));
  memset (kept->data, 1, 1024 * 1024);

  return g_variant_new_int32 (getpid ());
}

static int
go_down (int depth,
         int bottom)
{
  volatile char room[1024];

  room[0] = depth;
  room[sizeof room - 1] = depth;

  return depth == bottom ? 0 : go_down (depth + 1, bottom) + room[0] + room[sizeof room - 1];
}

static GVariant *
overflow_func (AuCall    *call,
               GVariant  *arguments,
               gpointer   data,
               GError   **error)
{
  return g_variant_new_int32 (go_down (0, -1));
}

static GVariant *
log_func (AuCall    *call,
          GVariant  *arguments,
          gpointer   data,
          GError   **error)
{
  au_call_log (call, G_LOG_LEVEL_MESSAGE, "from the call");
  g_log ("trial", G_LOG_LEVEL_MESSAGE, "from the function");
  fprintf (stderr, "from standard error\n");

  return NULL;
}

static const AuFunctionEntry functions[] = {
  { "trial.pid", "()", "i", pid_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.square", "(x)", "x", square_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.fail", "()", "s", fail_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.echo", "(ay)", "ay", echo_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.describe", "()", "(ssusb)", describe_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.report", "()", NULL, report_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.built", "(t)", "ay", built_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.async", "()", "s", NULL, AU_FUNCTION_NONE, NULL, async_start, NULL },
  { "trial.count", "(u)", "u", NULL, AU_FUNCTION_NONE, NULL, NULL, count_step },
  { "trial.trace", "(s)", "u", NULL, AU_FUNCTION_NONE, NULL, NULL, trace_step },
  { "trial.wait", "(s)", "i", wait_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.spin", "(s)", "i", spin_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.stubborn", "(s)", "i", stubborn_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.signal", "(i)", "i", signal_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.exit", "()", "i", exit_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.close", "(s)", "i", close_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.garbage", "(u)", "i", garbage_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.fork", "(s)", "i", fork_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.hoard", "()", "i", hoard_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.limits", "()", "(ttt)", limits_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.grow", "()", "i", grow_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.overflow", "()", "i", overflow_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "trial.log", "()", NULL, log_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { NULL }
};

/* Of a worker that was built from other sources. */
static const AuFunctionEntry other_functions[] = {
  { "trial.square", "(i)", "i", pid_func, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { NULL }
};

void
process_init (int    *argc,
              char ***argv)
{
  if (g_getenv ("AU_TRIAL_OTHER") != NULL)
    au_functions_register (other_functions);
  else
    au_functions_register (functions);
  au_init (argc, argv);
  g_test_init (argc, argv, NULL);
}

AuBackend *
process_backend (const char *settings)
{
  g_auto(GStrv) list = g_strsplit (settings != NULL ? settings : "", ";", -1);
  g_autoptr(GError) error = NULL;
  GObject *backend;

  backend = au_part_new_from_strings (AU_MODULE_BACKEND, "process",
                                      (const char * const *) list, &error);
  g_assert_no_error (error);

  return AU_BACKEND (backend);
}

AuEngine *
process_engine (AuBackend *backend)
{
  g_autoptr(AuBackend) owned = backend;
  g_autoptr(AuStore) store = NULL;
  g_autoptr(GError) error = NULL;

  store = au_part_new (AU_MODULE_STORE, "memory", &error, NULL);
  g_assert_no_error (error);

  return au_engine_new_with_parts (store, backend);
}

AuHandle *
process_submit (AuEngine   *engine,
                const char *function,
                GVariant   *arguments)
{
  g_autoptr(GError) error = NULL;
  AuHandle *handle = au_engine_submit (engine, function, arguments, NULL, &error);

  g_assert_no_error (error);

  return handle;
}

GVariant *
process_value (AuHandle *handle)
{
  g_autoptr(GError) error = NULL;
  GVariant *value;

  au_handle_wait (handle, -1, NULL, &error);
  g_assert_no_error (error);
  value = au_handle_dup_result (handle, &error);
  g_assert_no_error (error);

  return value;
}

GError *
process_error (AuHandle *handle)
{
  GError *error = NULL;

  g_assert_false (au_handle_wait (handle, -1, NULL, &error));
  g_assert_nonnull (error);

  return error;
}

GVariant *
process_call (AuEngine   *engine,
              const char *function,
              GVariant   *arguments)
{
  g_autoptr(AuHandle) handle = process_submit (engine, function, arguments);

  return process_value (handle);
}

void
process_await_file (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = inotify_init1 (IN_CLOEXEC);
  char events[4096];

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (inotify_add_watch (fd, folder, IN_CREATE | IN_MOVED_TO), >=, 0);
  while (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_assert_true (read (fd, events, sizeof events) > 0 || errno == EINTR);
  close (fd);
}

int
process_watch (int pid)
{
  int fd = pidfd_open (pid, 0);

  if (fd < 0)
    g_assert_cmpint (errno, ==, ESRCH);

  return fd;
}

void
process_await_end (int watch)
{
  struct pollfd fd = { .fd = watch, .events = POLLIN };

  if (watch < 0)
    return;

  while (poll (&fd, 1, -1) != 1)
    g_assert_cmpint (errno, ==, EINTR);
  close (watch);
}

static void
gone_cb (gpointer data,
         GObject *where)
{
  g_atomic_int_set ((gint *) data, TRUE);
  g_main_context_wakeup (NULL);
}

/* What drops the last reference on the backend waits for its workers. */
void
process_close (AuEngine *engine)
{
  g_autoptr(AuBackend) backend = g_object_ref (au_engine_get_backend (engine));
  gint gone = FALSE;

  g_object_weak_ref (G_OBJECT (engine), gone_cb, &gone);
  g_object_unref (engine);
  while (!g_atomic_int_get (&gone))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (G_OBJECT (backend)->ref_count, ==, 1);
}

char *
process_new_path (void)
{
  static guint n;

  return g_strdup_printf ("%s/au-trial-%d-%u", g_get_tmp_dir (), (int) getpid (), n++);
}

guint
process_count_fds (void)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;

  return n;
}
