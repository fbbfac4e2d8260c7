/* cleanup.c: records that are kept for an hour
 *
 *   cc cleanup.c -o cleanup $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

static const char key_file[] =
  "[au]\n"
  "ttl=1h\n"            /* counted from the end of the computation */
  "[store main]\n"
  "type=memory\n";

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

/* What a program with a main loop does now and then, and “au cleanup” when it is told.
 * At most 500 at a time, so that it never takes long. */
static gboolean
clean_up (AuEngine  *engine,
          GError   **error)
{
  g_autoptr(GListModel) left = NULL;
  int n_removed = au_engine_cleanup_expired (engine, NULL, error);

  if (n_removed < 0)
    return FALSE;
  left = au_engine_list (engine, NULL, NULL, error);
  if (left == NULL)
    return FALSE;

  g_print ("removed %d, left %u\n", n_removed, g_list_model_get_n_items (left));
  return TRUE;
}

static gboolean
run (GError **error)
{
  g_autoptr(AuConfig) config = au_config_new_from_data (key_file, -1, "example", error);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuEngine) engine = NULL;

  engine = config != NULL ? au_engine_new_from_config (config, error) : NULL;
  if (engine == NULL)
    return FALSE;

  /* One computation says otherwise. */
  au_options_set_ttl (options, 24 * G_TIME_SPAN_HOUR);
  for (int i = 0; i < 10; i++)
    {
      g_autoptr(GVariant) value = NULL;

      value = au_engine_call (engine, "twice", g_variant_new ("(i)", i), i == 0 ? options : NULL,
                              -1, NULL, error);
      if (value == NULL)
        return FALSE;
    }

  /* All of au asks one clock for the time, which can be moved: tests need not sleep. */
  if (!clean_up (engine, error))
    return FALSE;
  au_clock_advance (61 * G_TIME_SPAN_MINUTE);
  if (!clean_up (engine, error))
    return FALSE;
  au_clock_advance (G_TIME_SPAN_DAY);
  return clean_up (engine, error);
}

int
main (void)
{
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  au_functions_register (functions);
  au_clock_freeze ();
  if (run (&error))
    return 0;

  g_printerr ("cleanup: %s\n", error->message);
  return 1;
}
