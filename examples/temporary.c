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
compute (const char  *folder,
         GError     **error)
{
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuBackend) backend = NULL;
  g_autoptr(AuEngine) engine = NULL;
  g_autoptr(GVariant) value = NULL;

  if (!(store = au_part_new (AU_MODULE_STORE, "file", error, "path", folder, NULL)) ||
      !(backend = au_part_new (AU_MODULE_BACKEND, "thread", error, NULL)))
    return FALSE;
  engine = au_engine_new_with_parts (store, backend);

  /* g_variant_new () takes 64 bits for an “x”, so that a plain 10 will not do. */
  value = au_engine_call (engine, "square", g_variant_new ("(x)", G_GINT64_CONSTANT (10)), NULL,
                          5 * G_TIME_SPAN_SECOND, NULL, error);
  if (value != NULL)
    g_print ("10² = %" G_GINT64_FORMAT "\n", g_variant_get_int64 (value));

  /* Nothing runs any more after this, and the folder belongs to us again. */
  return au_engine_drain (engine, -1, NULL, value != NULL ? error : NULL) && value != NULL;
}

static gboolean
remove_recursively (GFile   *file,
                    GError **error)
{
  g_autoptr(GFileEnumerator) children = NULL;
  GFile *child;

  children = g_file_enumerate_children (file, G_FILE_ATTRIBUTE_STANDARD_NAME,
                                        G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, NULL);
  while (children != NULL &&
         g_file_enumerator_iterate (children, NULL, &child, NULL, NULL) && child != NULL)
    {
      if (!remove_recursively (child, error))
        return FALSE;
    }

  return g_file_delete (file, NULL, error);
}

int
main (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_dir_make_tmp ("au-example-XXXXXX", &error);
  g_autoptr(GFile) folder = NULL;
  gboolean good;

  if (path == NULL)
    {
      g_printerr ("temporary: %s\n", error->message);
      return 1;
    }

  setlocale (LC_ALL, "");
  au_functions_register (functions);
  folder = g_file_new_for_path (path);
  good = compute (path, &error);
  good = remove_recursively (folder, good ? &error : NULL) && good;

  if (!good)
    g_printerr ("temporary: %s\n", error->message);
  g_print ("the folder is %s\n", g_file_query_exists (folder, NULL) ? "still there" : "gone");
  return good ? 0 : 1;
}
