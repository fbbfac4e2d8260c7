/* temporary.c: an engine in a folder of its own, which is removed at the end
 *
 *   cc temporary.c -o temporary $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

static GVariant *
square (AuCall    *call,
        GVariant  *arguments,
        gpointer   user_data,
        GError   **error)
{
  gint64 x;

  g_variant_get (arguments, "(x)", &x);
  return g_variant_new_int64 (x * x);
}

static const AuFunctionEntry functions[] = {
  { "square", "(x)", "x", square, AU_FUNCTION_NONE, "x²" },
  { NULL }
};

static gboolean
compute (AuEngine  *engine,
         GError   **error)
{
  g_autoptr(GVariant) value = NULL;

  /* g_variant_new () takes 64 bits for an “x”, so that a plain 10 will not do. */
  value = au_engine_call (engine, "square", g_variant_new ("(x)", G_GINT64_CONSTANT (10)), NULL,
                          5 * G_TIME_SPAN_SECOND, NULL, error);
  if (value != NULL)
    g_print ("10² = %" G_GINT64_FORMAT "\n", g_variant_get_int64 (value));

  return value != NULL;
}

int
main (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuTemporary) temporary = NULL;
  gboolean good = FALSE;

  setlocale (LC_ALL, "");
  au_functions_register (functions);
  temporary = au_temporary_new (NULL, &error);
  if (temporary != NULL)
    {
      good = compute (au_temporary_get_engine (temporary), &error);

      /* Stops what runs, waits for it, and removes the folder. */
      good = au_temporary_close (temporary, -1, NULL, good ? &error : NULL) && good;
      g_print ("the folder is %s\n",
               g_file_test (au_temporary_get_path (temporary), G_FILE_TEST_EXISTS) ? "still there"
                                                                                  : "gone");
    }
  if (!good)
    g_printerr ("temporary: %s\n", error->message);

  return good ? 0 : 1;
}
