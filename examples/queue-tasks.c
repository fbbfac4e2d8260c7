/* queue-tasks.c: tasks that are written down here, and run by whoever reads them
 *
 *   cc queue-tasks.c -o queue-tasks $(pkg-config --cflags --libs au-1)
 *   export AU_CONFIG=queue.conf
 *   ./queue-tasks write ID NAME      writes a task down, under an id
 *   ./queue-tasks result ID          waits for what became of it
 *   ./queue-tasks read               runs tasks until it is interrupted
 *   ./queue-tasks both ID NAME       writes one, and reads in the same program
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <glib-unix.h>
#include <locale.h>
#include <stdlib.h>

static GVariant *
greet (AuCall    *call,
       GVariant  *arguments,
       gpointer   user_data,
       GError   **error)
{
  const char *name;

  g_variant_get (arguments, "(&s)", &name);
  return g_variant_new_take_string (g_strdup_printf ("Hello, %s!", name));
}

/* A task holds the name of its function: this is where readers look it up. */
static const AuFunctionEntry functions[] = {
  { "greet", "(s)", "s", greet, AU_FUNCTION_NONE, "greets somebody" },
  { NULL }
};

static gboolean
write_task (AuEngine    *engine,
            const char  *id,
            const char  *name,
            GError     **error)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;

  au_options_set_key (options, id);
  handle = au_engine_submit (engine, "greet", g_variant_new ("(s)", name), options, error);
  if (handle == NULL)
    return FALSE;

  g_print ("%s: %s\n", id, au_status_to_string (au_handle_get_status (handle)));
  return TRUE;
}

static gboolean
print_result (AuEngine    *engine,
              const char  *id,
              GError     **error)
{
  g_autoptr(AuHandle) handle = au_engine_get_handle (engine, id, NULL, error);
  g_autoptr(GVariant) value = NULL;

  if (handle == NULL || !au_handle_wait (handle, -1, NULL, error))
    return FALSE;

  value = au_handle_dup_result (handle, error);
  if (value != NULL)
    g_print ("%s: %s\n", id, g_variant_get_string (value, NULL));
  return value != NULL;
}

/* Readers */

static void
drained_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  au_worker_drain_finish (AU_WORKER (object), result, NULL, NULL);
  g_main_loop_quit (data);
}

/* Ends what runs, or gives it back. */
static void
stop (AuWorker  *worker,
      GMainLoop *loop)
{
  au_worker_drain_async (worker, G_TIME_SPAN_SECOND, drained_cb, loop);
  g_main_loop_run (loop);
}

static gboolean
quit_cb (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

static AuWorker *
start_worker (GError **error)
{
  g_autoptr(AuConfig) config = au_config_find (error);
  g_autoptr(AuWorker) worker = NULL;

  if (config != NULL)
    worker = au_worker_new_from_config (config, error);
  if (worker == NULL || !au_worker_start (worker, error))
    return NULL;

  return g_steal_pointer (&worker);
}

static gboolean
read_tasks (GError **error)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(AuWorker) worker = start_worker (error);

  if (worker == NULL)
    return FALSE;

  g_unix_signal_add (SIGTERM, quit_cb, loop);
  g_main_loop_run (loop);
  stop (worker, loop);
  return TRUE;
}

static gboolean
write_and_read (AuEngine    *engine,
                const char  *id,
                const char  *name,
                GError     **error)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(AuWorker) worker = NULL;
  gboolean good = write_task (engine, id, name, error);

  if (good)
    worker = start_worker (error);
  good = worker != NULL && print_result (engine, id, error);
  if (worker != NULL)
    stop (worker, loop);
  return good;
}

int
main (int   argc,
      char *argv[])
{
  const char *what = argc > 1 ? argv[1] : "";
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  au_functions_register (functions);
  engine = au_engine_new (NULL, &error);

  if (engine != NULL && argc == 4 && g_str_equal (what, "write"))
    write_task (engine, argv[2], argv[3], &error);
  else if (engine != NULL && argc == 3 && g_str_equal (what, "result"))
    print_result (engine, argv[2], &error);
  else if (engine != NULL && argc == 2 && g_str_equal (what, "read"))
    read_tasks (&error);
  else if (engine != NULL && argc == 4 && g_str_equal (what, "both"))
    write_and_read (engine, argv[2], argv[3], &error);
  else if (engine != NULL)
    g_set_error_literal (&error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                         "give one of: write ID NAME, result ID, read, both ID NAME");

  /* What was written is there for others when this has returned. */
  if (error == NULL)
    au_engine_drain (engine, -1, NULL, &error);
  if (error != NULL)
    g_printerr ("queue-tasks: %s\n", error->message);
  return error == NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}
