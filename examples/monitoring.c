/* monitoring.c: how many computations there were, and how long they took
 *
 *   cc monitoring.c -o monitoring $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>
#include <string.h>

static const char key_file[] =
  "[au]\n"
  "middleware=numbers\n"
  "[store main]\n"
  "type=memory\n"
  "[middleware numbers]\n"
  "type=metrics\n";

static GVariant *
root (AuCall    *call,
      GVariant  *arguments,
      gpointer   user_data,
      GError   **error)
{
  guint x, y = 0;

  g_variant_get (arguments, "(u)", &x);
  while ((y + 1) * (y + 1) <= x)
    y++;

  if (y * y == x)
    return g_variant_new_uint32 (y);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%u is no square", x);
  return NULL;
}

static const AuFunctionEntry functions[] = {
  { "root", "(u)", "u", root, AU_FUNCTION_NONE, "the root of a square" },
  { NULL }
};

static void
print_numbers (AuEngine *engine)
{
  g_autoptr(AuMiddleware) metrics = g_list_model_get_item (au_engine_get_middleware (engine), 0);
  g_autoptr(GVariant) snapshot = NULL;
  g_autofree char *prometheus = NULL;
  const char *names[] = { "submitted", "started", "completed", "failed", "cancelled" };
  const char *line;
  guint64 n_durations = 0;
  gint64 sum = 0;

  g_object_get (metrics, "snapshot", &snapshot, "prometheus", &prometheus, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      guint64 count = 0;

      g_variant_lookup (snapshot, names[i], "t", &count);
      g_print ("%-10s %2" G_GUINT64_FORMAT "\n", names[i], count);
    }

  g_variant_lookup (snapshot, "duration-count", "t", &n_durations);
  g_variant_lookup (snapshot, "duration-sum", "x", &sum);
  if (n_durations > 0)
    g_print ("on average %.6f s\n", (double) sum / n_durations / G_TIME_SPAN_SECOND);

  /* The same for a monitoring system; here only a line of it. */
  line = strstr (prometheus, "\nau_computations_completed_total");
  g_print ("for Prometheus: %.*s\n", (int) strcspn (line + 1, "\n"), line + 1);
}

int
main (void)
{
  g_autoptr(AuConfig) config = NULL;
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  au_functions_register (functions);
  config = au_config_new_from_data (key_file, -1, "example", &error);
  if (config != NULL)
    engine = au_engine_new_from_config (config, &error);

  for (guint x = 0; x < 10 && error == NULL; x++)
    {
      g_autoptr(AuHandle) handle = NULL;

      /* Dropping a handle does not stop the computation. */
      handle = au_engine_submit (engine, "root", g_variant_new ("(u)", x), NULL, &error);
    }

  /* Nothing new is taken, and what runs is waited for. */
  if (error == NULL && au_engine_drain (engine, -1, NULL, &error))
    {
      print_numbers (engine);
      return 0;
    }

  g_printerr ("monitoring: %s\n", error->message);
  return 1;
}
