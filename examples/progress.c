/* progress.c: a main loop that shows how far a computation has come
 *
 *   cc progress.c -o progress $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

#define N_STEPS (200)

/* Progress may be reported as often as is convenient: whoever watches is told at most
 * once for each turn of the main loop. */
static GVariant *
render (AuCall    *call,
        GVariant  *arguments,
        gpointer   user_data,
        GError   **error)
{
  for (guint i = 1; i <= N_STEPS; i++)
    {
      g_autofree char *text = g_strdup_printf ("frame %u of %u", i, N_STEPS);

      if (au_call_set_error_if_cancelled (call, error))
        return NULL;
      au_call_set_progress (call, (double) i / N_STEPS, text);
    }

  return g_variant_new_string ("film");
}

static const AuFunctionEntry functions[] = {
  { "render", "()", "s", render, AU_FUNCTION_NONE, "makes a film" },
  { NULL }
};

/* Comes in the main context in which the handle was made: here, that of main (). */
static void
progress_cb (AuHandle   *handle,
             GParamSpec *pspec,
             gpointer    user_data)
{
  g_autofree char *text = au_handle_dup_status_text (handle);

  g_printerr ("\r%3.0f %%  %-20s", 100 * MAX (au_handle_get_progress (handle), 0),
              text != NULL ? text : "");
}

static void
wait_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  GMainLoop *loop = user_data;

  g_printerr ("\n");
  if (au_handle_wait_finish (AU_HANDLE (object), result, &error))
    {
      g_autoptr(GVariant) value = au_handle_dup_result (AU_HANDLE (object), NULL);
      g_print ("done: %s, %.0f %%\n", g_variant_get_string (value, NULL),
               100 * au_handle_get_progress (AU_HANDLE (object)));
    }
  else
    g_print ("failed: %s\n", error->message);
  g_main_loop_quit (loop);
}

int
main (void)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  au_functions_register (functions);
  engine = au_engine_new (NULL, &error);
  if (engine != NULL)
    handle = au_engine_submit (engine, "render", NULL, NULL, &error);
  if (handle == NULL)
    {
      g_printerr ("progress: %s\n", error->message);
      return 1;
    }

  g_signal_connect (handle, "notify::progress", G_CALLBACK (progress_cb), NULL);
  au_handle_wait_async (handle, NULL, wait_cb, loop);
  g_main_loop_run (loop);
  return 0;
}
