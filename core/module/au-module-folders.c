/* au-module-folders.c: where modules are looked for
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-module-builtin-private.h"
#include "au-module-folders-private.h"
#include "au-part-private.h"

#include <au/au-error.h>

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

/* The name of a file is the index: nothing is scanned to find a module, and folders
 * are read only to say what there is.
 */

#define SUFFIX ".so"

static GMutex added_lock;
static GPtrArray *added;

/* A program with more rights than its user must not run what the user chose. */
static const char *
get_setting (const char *variable)
{
  if (getauxval (AT_SECURE) != 0)
    return NULL;

  return g_getenv (variable);
}

static void
add_folder_once (GPtrArray  *folders,
                 const char *folder)
{
  g_autofree char *path = g_canonicalize_filename (folder, NULL);

  if (!g_ptr_array_find_with_equal_func (folders, path, g_str_equal, NULL))
    g_ptr_array_add (folders, g_steal_pointer (&path));
}

static void
add_path_list (GPtrArray  *folders,
               const char *list)
{
  g_auto (GStrv) parts = g_strsplit (list, G_SEARCHPATH_SEPARATOR_S, -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      /* An empty part means the current folder elsewhere; nobody wants that here. */
      if (parts[i][0] != '\0')
        add_folder_once (folders, parts[i]);
    }
}

/**
 * au_module_add_folder:
 * @folder: (type filename): a folder; a relative one is taken from the current folder
 *
 * Adds a folder in which this process looks for modules.
 *
 * Modules are looked for in the folders that the environment variable
 * `AU_MODULE_PATH` lists, then in those added by this function or by `path=` in the
 * group `[modules]` of a key file, in the order of adding, then in the folder where
 * au's own are installed, unless `AU_MODULE_SYSTEM_PATH` names others. What was
 * loaded already stays. Adding a folder twice does nothing.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_module_add_folder (const char *folder)
{
  g_return_if_fail (folder != NULL && folder[0] != '\0');

  g_mutex_lock (&added_lock);
  if (added == NULL)
    added = g_ptr_array_new_with_free_func (g_free);
  add_folder_once (added, folder);
  g_mutex_unlock (&added_lock);
}

/**
 * au_module_list_folders:
 *
 * Gets the folders in which this process looks for modules.
 *
 * MT safe.
 *
 * Returns: (transfer full) (array zero-terminated=1) (element-type filename): their
 *   absolute paths, in the order in which they are looked into
 *
 * Since: 1.0
 */
char **
au_module_list_folders (void)
{
  g_autoptr(GPtrArray) folders = g_ptr_array_new ();
  const char *first = get_setting ("AU_MODULE_PATH");
  const char *last = get_setting ("AU_MODULE_SYSTEM_PATH");

  if (first != NULL)
    add_path_list (folders, first);

  g_mutex_lock (&added_lock);
  for (guint i = 0; added != NULL && i < added->len; i++)
    add_folder_once (folders, g_ptr_array_index (added, i));
  g_mutex_unlock (&added_lock);

  add_path_list (folders, last != NULL ? last : AU_MODULE_DIR);

  g_ptr_array_add (folders, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&folders), FALSE);
}

/* The file that provides @name, in the first folder that has one, or %NULL. What a
 * libtool build has made but not installed is in a folder of its own.
 */
char *
au_module_folders_find (AuModuleKind  kind,
                        const char   *name)
{
  g_auto (GStrv) folders = au_module_list_folders ();
  g_autofree char *stem = au_module_stem (kind, name);
  g_autofree char *file_name = g_strconcat (stem, SUFFIX, NULL);

  for (guint i = 0; folders[i] != NULL; i++)
    {
      const char *const places[] = { ".", ".libs" };

      for (guint j = 0; j < G_N_ELEMENTS (places); j++)
        {
          g_autofree char *given = g_build_filename (folders[i], places[j], file_name, NULL);
          g_autofree char *file = g_canonicalize_filename (given, NULL);
          GStatBuf status;

          if (g_lstat (file, &status) == 0)
            return g_steal_pointer (&file);
        }
    }

  return NULL;
}

/* Whether @file_name is that of a module, and then of which. */
static gboolean
parse_file_name (const char    *file_name,
                 AuModuleKind  *kind,
                 char         **name)
{
  gsize length = strlen (file_name);

  if (!g_str_has_suffix (file_name, SUFFIX))
    return FALSE;

  for (guint i = 0; i < AU_MODULE_N_KINDS; i++)
    {
      g_autofree char *prefix = g_strdup_printf ("au_%s_", au_module_kind_to_string (i));
      g_autofree char *rest = NULL;

      if (!g_str_has_prefix (file_name, prefix))
        continue;

      rest = g_strndup (file_name + strlen (prefix),
                        length - strlen (prefix) - strlen (SUFFIX));
      g_strdelimit (rest, "_", '-');
      if (!au_module_name_is_valid (rest))
        return FALSE;

      *kind = i;
      *name = g_steal_pointer (&rest);
      return TRUE;
    }

  return FALSE;
}

static int
compare_strings (gconstpointer a,
                 gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
foreach_in_folder (const char        *folder,
                   GHashTable        *seen,
                   AuModuleFoundFunc  func,
                   gpointer           user_data)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr(GPtrArray) file_names = g_ptr_array_new_with_free_func (g_free);
  const char *entry;

  if (dir == NULL)
    return;

  while ((entry = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (file_names, g_strdup (entry));
  g_ptr_array_sort (file_names, compare_strings);

  for (guint i = 0; i < file_names->len; i++)
    {
      const char *file_name = g_ptr_array_index (file_names, i);
      g_autofree char *name = NULL;
      AuModuleKind kind;

      if (parse_file_name (file_name, &kind, &name) &&
          g_hash_table_add (seen, g_strdup (file_name)))
        {
          g_autofree char *file = g_build_filename (folder, file_name, NULL);

          func (kind, name, file, user_data);
        }
    }
}

typedef struct
{
  GHashTable        *seen;
  AuModuleFoundFunc  func;
  gpointer           user_data;
} BuiltinData;

static void
found_builtin (const AuModuleDescriptor *descriptor,
               gpointer                  user_data)
{
  BuiltinData *data = user_data;
  g_autofree char *file_name = g_strconcat (descriptor->name, SUFFIX, NULL);
  g_autofree char *name = NULL;
  AuModuleKind kind;

  if (!parse_file_name (file_name, &kind, &name))
    return;

  data->func (kind, name, NULL, data->user_data);
  g_hash_table_add (data->seen, g_steal_pointer (&file_name));
}

/* Calls @func with every module that can be found by its name. Opens none. The file of
 * one that is built in is %NULL.
 */
void
au_module_folders_foreach (AuModuleFoundFunc func,
                           gpointer          user_data)
{
  g_auto (GStrv) folders = au_module_list_folders ();
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  BuiltinData data = { seen, func, user_data };

  au_module_builtin_foreach (found_builtin, &data);

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *uninstalled = g_build_filename (folders[i], ".libs", NULL);

      foreach_in_folder (folders[i], seen, func, user_data);
      foreach_in_folder (uninstalled, seen, func, user_data);
    }
}

typedef struct
{
  AuModuleKind kind;
  GPtrArray   *names;
} ListNamesData;

static void
list_name (AuModuleKind  kind,
           const char   *name,
           const char   *file,
           gpointer      user_data)
{
  ListNamesData *data = user_data;

  if (kind == data->kind)
    g_ptr_array_add (data->names, g_strdup (name));
}

/* The names of what is there of @kind, sorted. */
char **
au_module_folders_list_names (AuModuleKind kind)
{
  ListNamesData data = { kind, g_ptr_array_new () };
  g_auto (GStrv) registered = au_part_type_list_registered (kind);

  au_module_folders_foreach (list_name, &data);
  for (guint i = 0; registered[i] != NULL; i++)
    {
      if (!g_ptr_array_find_with_equal_func (data.names, registered[i], g_str_equal, NULL))
        g_ptr_array_add (data.names, g_strdup (registered[i]));
    }
  g_ptr_array_sort (data.names, compare_strings);
  g_ptr_array_add (data.names, NULL);

  return (char **) g_ptr_array_free (data.names, FALSE);
}

static gboolean
check_one (const char  *path,
           gboolean     folder,
           GError     **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  GStatBuf status;

  if (g_stat (path, &status) != 0)
    {
      int saved = errno;

      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_LOAD,
                   _("%s cannot be read: %s"), shown, g_strerror (saved));
      return FALSE;
    }

  if (status.st_uid != 0 && status.st_uid != geteuid ())
    {
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_UNSAFE,
                   folder ? _("%s belongs to another user (%u): modules there are not loaded; "
                              "give the folder to root or to yourself")
                          : _("%s belongs to another user (%u) and is not loaded; "
                              "give the file to root or to yourself"),
                   shown, (guint) status.st_uid);
      return FALSE;
    }

  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    {
      const char *who = (status.st_mode & S_IWOTH) != 0 ? _("everyone") : _("its group");

      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_UNSAFE,
                   folder ? _("%s is writable by %s: modules there are not loaded; "
                              "use “chmod go-w” on the folder")
                          : _("%s is writable by %s and is not loaded; "
                              "use “chmod go-w” on the file"),
                   shown, who);
      return FALSE;
    }

  return TRUE;
}

/* Checks that nobody but root and this user can have written @file. The folders
 * count too: who may write there may put another file in its place.
 */
gboolean
au_module_folders_check (const char  *file,
                         GError     **error)
{
  g_autofree char *folder = g_path_get_dirname (file);
  g_autofree char *base = g_path_get_basename (folder);

  if (g_strcmp0 (get_setting ("AU_MODULE_CHECKS"), "off") == 0)
    return TRUE;

  if (g_str_equal (base, ".libs"))
    {
      g_autofree char *parent = g_path_get_dirname (folder);

      if (!check_one (parent, TRUE, error))
        return FALSE;
    }

  return check_one (folder, TRUE, error) && check_one (file, FALSE, error);
}
