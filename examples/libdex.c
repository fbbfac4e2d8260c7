/* libdex.c: a fiber of libdex that awaits computations of au
 *
 *   cc libdex.c -o libdex $(pkg-config --cflags --libs au-1 libdex-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>
#include <libdex.h>

static GVariant *
square (AuCall    *call,
        GVariant  *arguments,
        gpointer   user_data,
        GError   **error)
{
  guint n;

  g_variant_get (arguments, "(u)", &n);

  return g_variant_new_uint32 (n * n);
}

static GVariant *
fail (AuCall    *call,
      GVariant  *arguments,
      gpointer   user_data,
      GError   **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "there is nothing");

  return NULL;
}

static const AuFunctionEntry functions[] = {
  { "square", "(u)", "u", square, AU_FUNCTION_NONE, "n times n" },
  { "fail", "()", NULL, fail, AU_FUNCTION_NONE, "Fails" },
  { NULL }
};

/* Whatever waits for a handle, and tells whether it has completed, is a future. */
static DexFuture *
await_handle (AuHandle *handle)
{
  return dex_async_pair_new (handle, &DEX_ASYNC_PAIR_INFO_BOOLEAN (au_handle_wait_async,
                                                                   au_handle_wait_finish));
}

static gboolean
print_squares (AuEngine  *engine,
               GError   **error)
{
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GPtrArray) futures = g_ptr_array_new ();

  /* all of them run at once */
  for (guint i = 1; i <= 5; i++)
    {
      AuHandle *handle = au_engine_submit (engine, "square", g_variant_new ("(u)", i), NULL, error);

      if (handle == NULL)
        return FALSE;
      g_ptr_array_add (handles, handle);
    }

  for (guint i = 0; i < handles->len; i++)
    {
      AuHandle *handle = g_ptr_array_index (handles, i);
      g_autoptr(GVariant) value = NULL;

      /* the fiber stops here; its thread goes on with others */
      if (!dex_await (await_handle (handle), error))
        return FALSE;

      value = au_handle_dup_result (handle, error);
      if (value == NULL)
        return FALSE;
      g_print ("%u\n", g_variant_get_uint32 (value));
    }

  return TRUE;
}

static DexFuture *
fiber (gpointer data)
{
  AuEngine *engine = data;
  g_autoptr(AuHandle) failing = NULL;
  GError *error = NULL;

  if (!print_squares (engine, &error))
    return dex_future_new_for_error (error);

  failing = au_engine_submit (engine, "fail", NULL, NULL, &error);
  if (failing == NULL)
    return dex_future_new_for_error (error);

  /* the error of the function is the error of the future */
  if (!dex_await (await_handle (failing), &error))
    g_print ("%s\n", error->message);
  g_clear_error (&error);

  return dex_future_new_for_boolean (TRUE);
}

typedef struct
{
  GMainLoop *loop;
  int        status;
} Program;

static DexFuture *
ended_cb (DexFuture *future,
          gpointer   data)
{
  Program *program = data;
  g_autoptr(GError) error = NULL;

  if (dex_future_get_value (future, &error) == NULL)
    {
      g_printerr ("libdex: %s\n", error->message);
      program->status = 1;
    }
  g_main_loop_quit (program->loop);

  return NULL;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(GError) error = NULL;
  Program program = { .loop = loop };
  DexFuture *future;

  au_functions_register (functions);
  /* If computations run in processes, each is this program again, and goes no further. */
  au_init (&argc, &argv);
  dex_init ();

  engine = au_engine_new (argc > 1 ? argv[1] : NULL, &error);
  if (engine == NULL)
    {
      g_printerr ("libdex: %s\n", error->message);
      return 1;
    }

  future = dex_scheduler_spawn (NULL, 0, fiber, g_object_ref (engine), g_object_unref);
  future = dex_future_finally (future, ended_cb, &program, NULL);
  g_main_loop_run (loop);
  dex_unref (future);

  return program.status;
}
