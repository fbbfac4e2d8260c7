/* bench-start.c: what it costs to start, and to look things up afterwards
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-bench.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_LOOKUPS 1000000
#define N_COMPUTATIONS 100000

/* Five parts of five modules, in two engines. */
static const char key_file[] =
  "[au]\nstore=records\nbackend=pool\nmiddleware=log;numbers\n"
  "[engine small]\nstore=records\nbackend=small\n"
  "[store records]\ntype=memory\n"
  "[backend pool]\ntype=thread\nmax-workers=8\n"
  "[backend small]\ntype=inline\n"
  "[middleware log]\ntype=logging\nlevel=debug\n"
  "[middleware numbers]\ntype=metrics\n";

static char *program;

/* Modules, with the one for worker processes and without. */
static char *whole_folder;
static char *other_folder;

static GVariant *
nothing (AuCall   *call,
         GVariant *args,
         gpointer  user_data,
         GError  **error)
{
  return g_variant_new ("()");
}

static const AuFunctionEntry functions[] = {
  { "bench.nothing", "()", "()", nothing, AU_FUNCTION_NONE, "Does nothing" },
  { NULL }
};

/* Starting: modules stay open, so that each time needs a process of its own */

static AuEngine *
open_engine (AuConfig   *config,
             const char *group)
{
  g_autoptr(GError) error = NULL;
  AuEngine *engine = (AuEngine *) au_config_create (config, AU_TYPE_ENGINE, group, &error);

  if (engine == NULL)
    g_error ("%s", error->message);
  return engine;
}

static AuConfig *
read_key_file (void)
{
  g_autoptr(GError) error = NULL;
  AuConfig *config = au_config_new_from_data (key_file, -1, NULL, &error);

  if (config == NULL)
    g_error ("%s", error->message);
  return config;
}

/* Tells how long it took from the text to both engines. */
static int
start_once (void)
{
  double start = au_bench_now ();
  g_autoptr(AuConfig) config = read_key_file ();
  g_autoptr(AuEngine) engine = open_engine (config, "au");
  g_autoptr(AuEngine) small = open_engine (config, "engine small");

  g_print ("%.9f\n", au_bench_now () - start);
  return 0;
}

/* The seconds that a program takes from its start to its end. */
static double
run (const char *const *arguments,
     char             **output)
{
  g_autoptr(GError) error = NULL;
  double start = au_bench_now ();

  if (!g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
                     NULL, NULL, output, NULL, NULL, &error))
    g_error ("%s", error->message);
  return au_bench_now () - start;
}

static double
measure_process (gpointer data)
{
  const char *const arguments[] = { program, "--once", NULL };
  g_autofree char *output = NULL;

  return run (arguments, &output);
}

static double
measure_open (gpointer data)
{
  const char *const arguments[] = { program, "--once", NULL };
  g_autofree char *output = NULL;

  run (arguments, &output);
  return g_ascii_strtod (output, NULL);
}

static void
link_modules (const char *from,
              const char *folder,
              const char *without)
{
  g_autoptr(GDir) place = g_dir_open (from, 0, NULL);
  const char *name;

  while (place != NULL && (name = g_dir_read_name (place)) != NULL)
    {
      g_autofree char *target = g_build_filename (from, name, NULL);
      g_autofree char *link = g_build_filename (folder, name, NULL);

      if (g_str_has_suffix (name, ".so") && !g_str_equal (name, without) && symlink (target, link) != 0)
        g_error ("%s: %s", link, g_strerror (errno));
    }
}

/* A folder of links to the first of each module. */
static char *
make_folder (const char *without)
{
  g_auto(GStrv) places = au_module_list_folders ();
  char *folder = g_dir_make_tmp ("au-bench-XXXXXX", NULL);
  g_autofree char *uninstalled = g_build_filename (places[0], ".libs", NULL);

  if (g_file_test (uninstalled, G_FILE_TEST_IS_DIR))
    link_modules (uninstalled, folder, without);
  else
    link_modules (places[0], folder, without);

  return folder;
}

static void
remove_folder (char *folder)
{
  g_autoptr(GDir) place = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (place)) != NULL)
    {
      g_autofree char *link = g_build_filename (folder, name, NULL);

      g_unlink (link);
    }
  g_rmdir (folder);
  g_free (folder);
}

static double
run_with_modules (const char *option,
                  const char *folder)
{
  char *arguments[] = { program, (char *) option, NULL };
  g_auto(GStrv) environment = g_environ_setenv (g_get_environ (), "AU_MODULE_PATH", folder, TRUE);
  g_autoptr(GError) error = NULL;
  double start;

  environment = g_environ_setenv (environment, "AU_MODULE_SYSTEM_PATH", folder, TRUE);
  start = au_bench_now ();
  if (!g_spawn_sync (NULL, arguments, environment, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, NULL, &error))
    g_error ("%s", error->message);

  return au_bench_now () - start;
}

/* A program that could be its own worker, but computes in threads. */
static double
measure_unused (gpointer data)
{
  return run_with_modules ("--once-init", whole_folder);
}

/* One that could not, where worker processes are not installed. */
static double
measure_without (gpointer data)
{
  return run_with_modules ("--once", other_folder);
}

static double
measure_gst_inspect (gpointer data)
{
  const char *const arguments[] = { "gst-inspect-1.0", "fakesink", NULL };
  g_autofree char *output = NULL;

  return run (arguments, &output);
}

/* A middleware that is asked and says nothing. */

#define IDLE_TYPE_MIDDLEWARE (idle_middleware_get_type ())
G_DECLARE_FINAL_TYPE (IdleMiddleware, idle_middleware, IDLE, MIDDLEWARE, GObject)

struct _IdleMiddleware
{
  GObject parent_instance;
};

static gboolean
idle_middleware_compute (AuMiddleware  *middleware,
                         AuJob         *job,
                         GError       **error)
{
  return TRUE;
}

static void
idle_middleware_iface_init (AuMiddlewareInterface *iface)
{
  iface->before_compute = idle_middleware_compute;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (IdleMiddleware, idle_middleware, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_MIDDLEWARE, idle_middleware_iface_init))

static void
idle_middleware_class_init (IdleMiddlewareClass *klass)
{
}

static void
idle_middleware_init (IdleMiddleware *self)
{
}

/* Looking up */

typedef struct
{
  GMutex      lock;
  GHashTable *table;
  AuEngine   *bare;
  AuEngine   *idle;
  AuEngine   *wrapped;
} Bench;

static double
measure_function (gpointer data)
{
  double start = au_bench_now ();

  for (guint i = 0; i < N_LOOKUPS; i++)
    g_object_unref (au_part_find_function ("bench.nothing", NULL));
  return au_bench_now () - start;
}

static double
measure_type (gpointer data)
{
  double start = au_bench_now ();

  for (guint i = 0; i < N_LOOKUPS; i++)
    au_part_get_gtype (AU_MODULE_STORE, "memory", NULL);
  return au_bench_now () - start;
}

static double
measure_table (gpointer data)
{
  Bench *bench = data;
  double start = au_bench_now ();

  for (guint i = 0; i < N_LOOKUPS; i++)
    {
      GObject *object;

      g_mutex_lock (&bench->lock);
      object = g_object_ref (g_hash_table_lookup (bench->table, "bench.nothing"));
      g_mutex_unlock (&bench->lock);
      g_object_unref (object);
    }
  return au_bench_now () - start;
}

static double
compute (AuEngine *engine)
{
  double start = au_bench_now ();

  for (guint i = 0; i < N_COMPUTATIONS; i++)
    g_object_unref (au_engine_submit (engine, "bench.nothing", NULL, NULL, NULL));
  return au_bench_now () - start;
}

static double
measure_bare (gpointer data)
{
  return compute (((Bench *) data)->bare);
}

static double
measure_wrapped (gpointer data)
{
  return compute (((Bench *) data)->wrapped);
}

static double
measure_idle (gpointer data)
{
  return compute (((Bench *) data)->idle);
}

/* As often as a computation does it: once. */
static double
measure_function_once (gpointer data)
{
  double start = au_bench_now ();

  for (guint i = 0; i < N_COMPUTATIONS; i++)
    g_object_unref (au_part_find_function ("bench.nothing", NULL));
  return au_bench_now () - start;
}

static double
measure_property_once (gpointer data)
{
  AuBackend *backend = au_engine_get_backend (((Bench *) data)->bare);
  double start = au_bench_now ();

  for (guint i = 0; i < N_COMPUTATIONS; i++)
    au_backend_get_max_workers (backend);
  return au_bench_now () - start;
}

static AuEngine *
new_engine (const char *middleware)
{
  g_autofree char *text = g_strdup_printf ("[au]\n%s[store main]\ntype=memory\n[backend main]\n"
                                           "type=inline\n[middleware numbers]\ntype=metrics\n",
                                           middleware);
  g_autoptr(AuConfig) config = au_config_new_from_data (text, -1, NULL, NULL);

  return open_engine (config, "au");
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *gst_inspect = g_find_program_in_path ("gst-inspect-1.0");
  const char *peer = gst_inspect != NULL ? "gst-inspect-1.0 fakesink" : NULL;
  g_autoptr(GObject) object = NULL;
  g_autoptr(AuMiddleware) idle = NULL;
  Bench bench = { .table = g_hash_table_new (g_str_hash, g_str_equal) };
  guint n_runs;

  if (argc == 2 && g_str_equal (argv[1], "--once-init"))
    {
      au_functions_register (functions);
      au_init (&argc, &argv);
      return start_once ();
    }
  if (argc == 2 && g_str_equal (argv[1], "--once"))
    {
      au_functions_register (functions);
      return start_once ();
    }

  n_runs = argc > 1 ? MAX (atoi (argv[1]), 1) : 21;
  program = g_file_read_link ("/proc/self/exe", NULL);
  whole_folder = make_folder ("");
  other_folder = make_folder ("au_backend_process.so");
  au_functions_register (functions);
  object = g_object_new (G_TYPE_OBJECT, NULL);
  g_hash_table_insert (bench.table, (gpointer) "bench.nothing", object);
  g_mutex_init (&bench.lock);
  bench.bare = new_engine ("");
  bench.idle = new_engine ("");
  idle = g_object_new (IDLE_TYPE_MIDDLEWARE, NULL);
  au_engine_add_middleware (bench.idle, idle);
  bench.wrapped = new_engine ("middleware=numbers\n");

  {
    const AuBenchFigure figures[] = {
      { "start.process", "s", measure_process, peer, measure_gst_inspect, NULL, 1, FALSE },
      { "start.unused-processes", "s", measure_unused, "no au_init () and no module for processes", measure_without,
        NULL, 1, FALSE },
      { "start.open", "s", measure_open, NULL, NULL, NULL, 1, FALSE },
      { "start.find-function", "s", measure_function, "GMutex and GHashTable", measure_table, &bench,
        N_LOOKUPS, FALSE },
      { "start.find-type", "s", measure_type, "GMutex and GHashTable", measure_table, &bench,
        N_LOOKUPS, FALSE },
      { "path.function", "s", measure_function_once, "one computation", measure_bare, &bench,
        N_COMPUTATIONS, FALSE },
      { "path.property", "s", measure_property_once, "one computation", measure_bare, &bench,
        N_COMPUTATIONS, FALSE },
      { "path.no-middleware", "s", measure_bare, "one that does nothing", measure_idle, &bench,
        N_COMPUTATIONS, FALSE },
      { "start.no-middleware", "s", measure_bare, "with metrics", measure_wrapped, &bench,
        N_COMPUTATIONS, FALSE },
    };

    for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
      au_bench_run (&figures[i], i < 3 ? n_runs : MIN (n_runs, 7));
  }

  g_object_unref (bench.bare);
  g_object_unref (bench.idle);
  g_object_unref (bench.wrapped);
  g_hash_table_unref (bench.table);
  g_mutex_clear (&bench.lock);
  g_free (program);
  remove_folder (whole_folder);
  remove_folder (other_folder);

  return 0;
}
