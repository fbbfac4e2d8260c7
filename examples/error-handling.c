/* error-handling.c: what becomes of a function's error
 *
 *   cc error-handling.c -o error-handling $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

/* A function fails as any function of GLib does. Its domain, code and message are kept
 * in the record, and arrive where the result is asked for. */
static GVariant *
may_fail (AuCall    *call,
          GVariant  *arguments,
          gpointer   user_data,
          GError   **error)
{
  int x;

  g_variant_get (arguments, "(i)", &x);
  if (x < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "x must be positive, not %d", x);
      return NULL;
    }

  return g_variant_new_int32 (x * x);
}

static const AuFunctionEntry functions[] = {
  { "may-fail", "(i)", "i", may_fail, AU_FUNCTION_NONE, "x², if x is positive" },
  { NULL }
};

static void
print_error (const char   *what,
             const GError *error)
{
  g_print ("%s: %s, code %d: %s\n", what, g_quark_to_string (error->domain), error->code,
           error->message);
}

int
main (void)
{
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuHandle) wrong = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  au_functions_register (functions);
  engine = au_engine_new (NULL, &error);
  if (engine != NULL)
    handle = au_engine_submit (engine, "may-fail", g_variant_new ("(i)", -5), NULL, &error);
  if (handle == NULL)
    {
      g_printerr ("error-handling: %s\n", error->message);
      return 1;
    }

  /* Waiting for it fails with the function's own error. */
  if (!au_handle_wait (handle, 5 * G_TIME_SPAN_SECOND, NULL, &error))
    {
      print_error ("the computation", error);
      g_print ("its status: %s\n", au_status_to_string (au_handle_get_status (handle)));
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
        g_print ("the caller knows what to do about it\n");
    }
  g_clear_error (&error);

  /* Arguments of another type never become a computation. */
  wrong = au_engine_submit (engine, "may-fail", g_variant_new ("(s)", "five"), NULL, &error);
  if (wrong == NULL)
    g_print ("submitting: %s\n", error->message);
  g_clear_error (&error);

  /* A key without a record is an error, and nothing that may still come. */
  wrong = au_engine_get_handle (engine, "no-such-key", NULL, &error);
  if (wrong == NULL)
    g_print ("looking for it: %s\n", error->message);
  return 0;
}
