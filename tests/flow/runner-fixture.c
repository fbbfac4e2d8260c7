/* runner-fixture.c: what the tests of task runners and dispatchers share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "runner-fixture.h"
#include "../await.h"

#include <au-test/au-test.h>
#include <glib-unix.h>
#include <stdlib.h>
#include <unistd.h>

AuFunction *counting, *concatenating, *stubborn, *telling_pid;

/* Functions */

static gboolean
count_step (AuCall    *call,
            GVariant  *arguments,
            gpointer   user_data,
            GVariant **item,
            GError   **error)
{
  guint from, to, n = GPOINTER_TO_UINT (au_call_get_state (call));

  g_variant_get (arguments, "(uu)", &from, &to);
  if (from + n > to)
    return FALSE;
  if (from + n == 13)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "13");
      return FALSE;
    }

  au_call_set_state (call, GUINT_TO_POINTER (n + 1), NULL);
  *item = g_variant_new_uint32 (from + n);

  return TRUE;
}

static GVariant *
concatenate (AuCall    *call,
             GVariant  *arguments,
             gpointer   user_data,
             GError   **error)
{
  const char *a, *b;

  g_variant_get (arguments, "(&s&s)", &a, &b);
  if (b[0] == '-')
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, b);
      return NULL;
    }

  return g_variant_new_take_string (g_strconcat (a, b, NULL));
}

static GVariant *
go_on (AuCall    *call,
       GVariant  *arguments,
       gpointer   user_data,
       GError   **error)
{
  if (!au_call_emit (call, g_variant_new_uint32 (0), error))
    return NULL;

  return await_cancelled (call, error);
}

static GVariant *
tell_pid (AuCall    *call,
          GVariant  *arguments,
          gpointer   user_data,
          GError   **error)
{
  return g_variant_new_int32 (getpid ());
}

static const AuFunctionEntry functions[] = {
  { "test.count", "(uu)", "u", NULL, AU_FUNCTION_NONE, NULL, NULL, count_step },
  { "test.concatenate", "(ss)", "s", concatenate, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "test.stubborn", "()", "u", go_on, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { "test.pid", "()", "i", tell_pid, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { NULL }
};

static AuFunction *
find (const char *name)
{
  g_autoptr(GError) error = NULL;
  AuFunction *function = au_part_find_function (name, &error);

  g_assert_no_error (error);

  return function;
}

/* A worker of the queue, in a process of its own */

static GSubprocess *worker;
static char *folder;

/* Nobody writes there: it is closed by the test, or by its end. */
static gboolean
hung_up_cb (int          fd,
            GIOCondition condition,
            gpointer     data)
{
  g_main_loop_quit (data);

  return G_SOURCE_REMOVE;
}

static int
work (void)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(AuConfig) config = NULL;
  g_autoptr(AuWorker) self = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  Await drained = { NULL };

  config = au_config_find (&error);
  g_assert_no_error (error);
  self = au_worker_new_from_config (config, &error);
  g_assert_no_error (error);
  g_assert_true (au_worker_start (self, &error));
  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, hung_up_cb, loop);
  g_main_loop_run (loop);

  au_worker_drain_async (self, G_TIME_SPAN_SECOND, await_cb, &drained);
  result = await (&drained);
  g_assert_true (au_worker_drain_finish (self, result, NULL, NULL));

  return 0;
}

static void
write_key_file (void)
{
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;

  folder = g_dir_make_tmp ("au-runner-XXXXXX", &error);
  g_assert_no_error (error);
  path = g_build_filename (folder, "au.conf", NULL);
  text = g_strdup_printf ("[au]\nstore=main\n"
                          "[store main]\ntype=sqlite\npath=%s/au.db\ndurability=process\n"
                          "[worker]\nbackend=main\n"
                          "[backend main]\ntype=thread\nmax-workers=4\n", folder);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_setenv ("AU_CONFIG", path, TRUE);
}

static void
start_worker (void)
{
  const char *command[] = { "/proc/self/exe", "--worker", NULL };
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr(GError) error = NULL;

  command[0] = program;
  worker = g_subprocess_newv (command, G_SUBPROCESS_FLAGS_STDIN_PIPE, &error);
  g_assert_no_error (error);
}

static void
stop_worker (void)
{
  g_autoptr(GError) error = NULL;

  g_output_stream_close (g_subprocess_get_stdin_pipe (worker), NULL, NULL);
  g_subprocess_wait_check (worker, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&worker);
}

void
runner_init (int    *argc,
             char ***argv)
{
  au_functions_register (functions);
  if (*argc > 1 && g_str_equal ((*argv)[1], "--worker"))
    exit (work ());

  au_init (argc, argv);
  flow_init (argc, argv);
  counting = find ("test.count");
  concatenating = find ("test.concatenate");
  stubborn = find ("test.stubborn");
  telling_pid = find ("test.pid");
  write_key_file ();
  start_worker ();
}

int
runner_finish (int status)
{
  stop_worker ();
  au_test_remove_folder (folder);
  g_clear_pointer (&folder, g_free);
  g_clear_object (&counting);
  g_clear_object (&concatenating);
  g_clear_object (&stubborn);
  g_clear_object (&telling_pid);

  return status;
}

void
add_for_targets (const char    *name,
                 GTestDataFunc  func)
{
  static const char * const targets[] = { "sync", "inline", "loop", "thread", "process", "queue" };

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autofree char *path = g_strdup_printf ("/flow/%s/%s", name, targets[i]);

      g_test_add_data_func (path, targets[i], func);
    }
}

guint
scaled_for (const char *target,
            guint       n)
{
  if (g_str_equal (target, "queue"))
    n /= 20;
  else if (g_str_equal (target, "process"))
    n /= 5;

  return MAX (scaled (n), 1);
}
