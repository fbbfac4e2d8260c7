/* test-process-unused.c: what worker processes cost a program that does not use them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

/* What a process has that others can see. */
typedef struct
{
  char    *descriptors;
  char    *threads;
  gboolean has_module;
} Belongings;

/* Before and after au_init (). */
static Belongings at_first;
static Belongings initialised;

static int
compare_lines (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

/* The entries of a folder of /proc, and where they lead. Main contexts, which engines have
 * whatever their backend, are left out. */
static char *
list_folder (const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) dir = g_dir_open (path, 0, &error);
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      g_autofree char *target = g_file_read_link (file, NULL);

      /* the descriptor of this very list */
      if (target != NULL && (g_str_has_suffix (target, strrchr (path, '/')) || strstr (target, "[eventfd]") != NULL))
        continue;
      g_ptr_array_add (lines, g_strdup_printf ("%s %s", name, target != NULL ? target : ""));
    }
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, NULL);

  return g_strjoinv ("\n", (char **) lines->pdata);
}

static guint
count_sockets (void)
{
  g_autofree char *descriptors = list_folder ("/proc/self/fd");
  guint n = 0;

  for (const char *p = descriptors; (p = strstr (p, "socket:")) != NULL; p++)
    n++;

  return n;
}

static gboolean
has_module (void)
{
  g_autofree char *maps = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));

  return strstr (maps, "au_backend_process") != NULL;
}

static void
look (Belongings *belongings)
{
  belongings->descriptors = list_folder ("/proc/self/fd");
  belongings->threads = list_folder ("/proc/self/task");
  belongings->has_module = has_module ();
}

static void
clear (Belongings *belongings)
{
  g_free (belongings->descriptors);
  g_free (belongings->threads);
}

static void
assert_no_child (void)
{
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
}

static void
assert_same (const Belongings *before,
             const Belongings *after)
{
  g_assert_cmpstr (before->descriptors, ==, after->descriptors);
  g_assert_cmpstr (before->threads, ==, after->threads);
  assert_no_child ();
}

static GVariant *
double_func (AuCall    *call,
             GVariant  *arguments,
             gpointer   data,
             GError   **error)
{
  gint64 number;

  g_variant_get (arguments, "(x)", &number);

  return g_variant_new_int64 (number * 2);
}

static AuEngine *
open_engine (const char *backend)
{
  g_autofree char *text = g_strdup_printf ("[store main]\ntype=memory\n[backend main]\ntype=%s\nmax-workers=2\n", backend);
  g_autoptr(GError) error = NULL;
  g_autoptr(AuConfig) config = au_config_new_from_data (text, -1, NULL, &error);
  AuEngine *engine;

  g_assert_no_error (error);
  engine = (AuEngine *) au_config_create (config, AU_TYPE_ENGINE, "au", &error);
  g_assert_no_error (error);

  return engine;
}

static void
test_init (void)
{
  assert_same (&at_first, &initialised);
  g_assert_false (initialised.has_module);
}

/* With another backend, the module of this one is not even opened. */
static void
test_other_backend (void)
{
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;
  Belongings before, opened;
  guint n_sockets = count_sockets ();

  look (&before);
  engine = open_engine ("thread");
  look (&opened);
  assert_same (&before, &opened);

  value = au_engine_call (engine, "double", g_variant_new ("(x)", (gint64) 21), NULL, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int64 (value), ==, 42);
  g_assert_cmpuint (count_sockets (), ==, n_sockets);
  g_assert_false (has_module ());
  assert_no_child ();

  clear (&before);
  clear (&opened);
}

/* No process before the first computation. */
static void
test_opened (void)
{
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;
  Belongings before, opened;

  look (&before);
  engine = open_engine ("process");
  look (&opened);
  assert_same (&before, &opened);

  value = au_engine_call (engine, "double", g_variant_new ("(x)", (gint64) 21), NULL, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, 0);

  clear (&before);
  clear (&opened);
}

static const AuFunctionEntry functions[] = {
  { "double", "(x)", "x", double_func, AU_FUNCTION_NONE },
  { NULL }
};

int
main (int   argc,
      char *argv[])
{
  int result;

  au_functions_register (functions);
  look (&at_first);
  au_init (&argc, &argv);
  look (&initialised);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/process/unused/init", test_init);
  g_test_add_func ("/process/unused/other-backend", test_other_backend);
  g_test_add_func ("/process/unused/opened", test_opened);
  result = g_test_run ();

  clear (&at_first);
  clear (&initialised);

  return result;
}
