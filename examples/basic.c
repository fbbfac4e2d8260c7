/* basic.c: the least that is needed
 *
 *   cc basic.c -o basic $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

static GVariant *
twice (AuCall    *call,
       GVariant  *arguments,
       gpointer   user_data,
       GError   **error)
{
  int x;

  g_variant_get (arguments, "(i)", &x);
  return g_variant_new_int32 (2 * x);
}

static const AuFunctionEntry functions[] = {
  { "twice", "(i)", "i", twice, AU_FUNCTION_NONE, "2 x" },
  { NULL }
};

int
main (void)
{
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  au_functions_register (functions);

  /* NULL: the key file of the user, or what is sensible when there is none. */
  engine = au_engine_new (NULL, &error);
  if (engine != NULL)
    /* Submits, waits for at most 10 seconds, and gets the value. */
    value = au_engine_call (engine, "twice", g_variant_new ("(i)", 21), NULL,
                            10 * G_TIME_SPAN_SECOND, NULL, &error);

  if (value == NULL)
    {
      g_printerr ("basic: %s\n", error->message);
      return 1;
    }

  g_print ("%d\n", g_variant_get_int32 (value));
  return 0;
}
