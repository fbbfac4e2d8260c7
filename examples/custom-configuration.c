/* custom-configuration.c: an engine made of chosen parts, by program and by key file
 *
 *   cc custom-configuration.c -o custom-configuration $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

/* What a part can be told in a program, it can be told in a key file: both are the
 * properties of the object. “au inspect store file” shows them. */
static const char key_file[] =
  "[au]\n"             "store=files\n"   "backend=pool\n"     "middleware=log;numbers\n"
  "[store files]\n"    "type=file\n"     "path=by-key-file\n" "format=variant\n"
  "[backend pool]\n"   "type=thread\n"   "max-workers=2\n"
  "[middleware log]\n" "type=logging\n"  "level=debug\n"
  "[middleware numbers]\n" "type=metrics\n";

static AuEngine *
make_by_key_file (GError **error)
{
  g_autoptr(AuConfig) config = au_config_new_from_data (key_file, -1, "example", error);

  return config != NULL ? au_engine_new_from_config (config, error) : NULL;
}

static AuEngine *
make_by_program (GError **error)
{
  const char *files[] = { "path=by-program", "format=variant", NULL };
  const char *log[] = { "level=debug", NULL };
  g_autoptr(GObject) store = NULL, backend = NULL, logging = NULL, metrics = NULL;
  AuEngine *engine;

  /* Properties as in g_object_new (), or as text. */
  if (!(store = au_part_new_from_strings (AU_MODULE_STORE, "file", files, error)) ||
      !(backend = au_part_new (AU_MODULE_BACKEND, "thread", error, "max-workers", 2, NULL)) ||
      !(logging = au_part_new_from_strings (AU_MODULE_MIDDLEWARE, "logging", log, error)) ||
      !(metrics = au_part_new (AU_MODULE_MIDDLEWARE, "metrics", error, NULL)))
    return NULL;

  engine = au_engine_new_with_parts (AU_STORE (store), AU_BACKEND (backend));
  au_engine_add_middleware (engine, AU_MIDDLEWARE (logging));
  au_engine_add_middleware (engine, AU_MIDDLEWARE (metrics));
  return engine;
}

static GVariant *
analyze (AuCall    *call,
         GVariant  *arguments,
         gpointer   user_data,
         GError   **error)
{
  return g_variant_new_uint64 (g_variant_n_children (arguments));
}

static const AuFunctionEntry functions[] = {
  { "analyze", "(sus)", "t", analyze, AU_FUNCTION_NONE, "counts its arguments" },
  { NULL }
};

static gboolean
use (const char *made,
     AuEngine   *engine,
     GError    **error)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(GVariant) value = NULL;

  if (engine == NULL)
    return FALSE;

  au_options_set_ttl (options, G_TIME_SPAN_HOUR);   /* for all: ttl=1h in [au] */
  value = au_engine_call (engine, "analyze", g_variant_new ("(sus)", "text", 7, ""), options,
                          -1, NULL, error);
  if (value == NULL)
    return FALSE;

  g_print ("made %s: store %s, backend %s, %u middleware; value %" G_GUINT64_FORMAT "\n", made,
           au_part_get_type_name (G_OBJECT (au_engine_get_store (engine))),
           au_part_get_type_name (G_OBJECT (au_engine_get_backend (engine))),
           g_list_model_get_n_items (au_engine_get_middleware (engine)),
           g_variant_get_uint64 (value));
  return TRUE;
}

int
main (void)
{
  g_autoptr(AuEngine) first = NULL, second = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  au_functions_register (functions);
  if (use ("by program", first = make_by_program (&error), &error) &&
      use ("by key file", second = make_by_key_file (&error), &error))
    return 0;

  g_printerr ("custom-configuration: %s\n", error->message);
  return 1;
}
