/* au-module-info.c: the modules that there are
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-module-info.h>

#include "au-module-builtin-private.h"
#include "au-module-folders-private.h"
#include "au-module-loader-private.h"

/**
 * AuModuleInfo:
 *
 * What can be known about a module.
 *
 * Kind, name and file are known without opening it; the rest is there after
 * [method@Au.ModuleInfo.load], which runs code of the module. A tool that lists
 * modules of which it knows nothing should load each in a process of its own.
 *
 * MT safe.
 *
 * Since: 1.0
 */
struct _AuModuleInfo
{
  GObject      parent_instance;

  AuModuleKind kind;
  char        *name;
  char        *file;

  /* Set once, atomically, and never changed again. */
  const AuModuleDescriptor *descriptor;
};

G_DEFINE_FINAL_TYPE (AuModuleInfo, au_module_info, G_TYPE_OBJECT)

static void
au_module_info_finalize (GObject *object)
{
  AuModuleInfo *self = AU_MODULE_INFO (object);

  g_free (self->name);
  g_free (self->file);

  G_OBJECT_CLASS (au_module_info_parent_class)->finalize (object);
}

static void
au_module_info_class_init (AuModuleInfoClass *class)
{
  G_OBJECT_CLASS (class)->finalize = au_module_info_finalize;
}

static void
au_module_info_init (AuModuleInfo *self)
{
}

static AuModuleInfo *
make_info (AuModuleKind  kind,
           const char   *name,
           const char   *file)
{
  AuModuleInfo *self = g_object_new (AU_TYPE_MODULE_INFO, NULL);

  self->kind = kind;
  self->name = g_strdup (name);
  self->file = g_strdup (file);
  return self;
}

static void
append_module (AuModuleKind  kind,
               const char   *name,
               const char   *file,
               gpointer      user_data)
{
  g_autoptr(AuModuleInfo) info = make_info (kind, name, file);

  g_list_store_append (user_data, info);
}

/**
 * au_modules_list:
 *
 * Lists the modules that are built in, and those in the folders where this process looks
 * for them, without opening any. The list does not change when more are installed.
 *
 * See [func@Au.module_add_folder] for the folders. Where two of them have a module of
 * the same name, the list has the one that would be loaded.
 *
 * MT safe; the list itself belongs to the caller. Reads the folders.
 *
 * Returns: (transfer full): a list of [class@Au.ModuleInfo]
 *
 * Since: 1.0
 */
GListModel *
au_modules_list (void)
{
  GListStore *list = g_list_store_new (AU_TYPE_MODULE_INFO);

  au_module_folders_foreach (append_module, list);

  return G_LIST_MODEL (list);
}

/**
 * au_module_info_new:
 * @kind: a kind
 * @name: a name, such as `sqlite`
 * @error: return location for an error
 *
 * Finds the module that should provide @name, without opening it.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when @name cannot be a name, and with
 * %AU_ERROR_MODULE_NOT_FOUND when no folder has such a module.
 *
 * MT safe.
 *
 * Returns: (transfer full): the module
 *
 * Since: 1.0
 */
AuModuleInfo *
au_module_info_new (AuModuleKind   kind,
                    const char    *name,
                    GError       **error)
{
  g_autofree char *file = NULL;

  g_return_val_if_fail ((guint) kind < AU_MODULE_N_KINDS, NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return au_module_loader_find (kind, name, &file, error) ? make_info (kind, name, file) : NULL;
}

/**
 * au_module_info_get_kind:
 * @self: a module
 *
 * Gets what kind of thing the module provides, as its file name says.
 *
 * MT safe.
 *
 * Returns: the kind
 *
 * Since: 1.0
 */
AuModuleKind
au_module_info_get_kind (AuModuleInfo *self)
{
  g_return_val_if_fail (AU_IS_MODULE_INFO (self), AU_MODULE_STORE);

  return self->kind;
}

/**
 * au_module_info_get_name:
 * @self: a module
 *
 * Gets the name of what the module provides, as its file name says.
 *
 * MT safe.
 *
 * Returns: the name, as in `type=` of a key file
 *
 * Since: 1.0
 */
const char *
au_module_info_get_name (AuModuleInfo *self)
{
  g_return_val_if_fail (AU_IS_MODULE_INFO (self), NULL);

  return self->name;
}

/**
 * au_module_info_get_file:
 * @self: a module
 *
 * Gets the module's file.
 *
 * MT safe.
 *
 * Returns: (type filename) (nullable): the absolute path, or %NULL when the module is
 *   built in
 *
 * Since: 1.0
 */
const char *
au_module_info_get_file (AuModuleInfo *self)
{
  g_return_val_if_fail (AU_IS_MODULE_INFO (self), NULL);

  return self->file;
}

/**
 * au_module_info_load:
 * @self: a module
 * @error: return location for an error
 *
 * Opens the module, checks it, and reads what it says about itself. Does nothing when
 * that was done before.
 *
 * It stays open until the process ends, and its functions are registered. The types
 * that it provides are not: [func@Au.part_get_gtype] gives them.
 *
 * Fails with %AU_ERROR_MODULE_LOAD, %AU_ERROR_MODULE_INVALID,
 * %AU_ERROR_MODULE_VERSION or %AU_ERROR_MODULE_UNSAFE, as [func@Au.part_get_gtype]
 * does.
 *
 * MT safe. Blocks while the module is being loaded.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_module_info_load (AuModuleInfo  *self,
                     GError       **error)
{
  const AuModule *module;

  g_return_val_if_fail (AU_IS_MODULE_INFO (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (g_atomic_pointer_get (&self->descriptor) != NULL)
    return TRUE;

  module = self->file != NULL ? au_module_loader_load_file (self->file, error)
                              : au_module_builtin_load (self->kind, self->name, error);
  if (module == NULL)
    return FALSE;

  g_atomic_pointer_set (&self->descriptor, module->descriptor);
  return TRUE;
}

/**
 * au_module_info_get_version:
 * @self: a module
 *
 * Gets the module's version.
 *
 * MT safe.
 *
 * Returns: (nullable): the version, or %NULL when the module is not loaded or does not
 *   say
 *
 * Since: 1.0
 */
const char *
au_module_info_get_version (AuModuleInfo *self)
{
  const AuModuleDescriptor *descriptor;

  g_return_val_if_fail (AU_IS_MODULE_INFO (self), NULL);

  descriptor = g_atomic_pointer_get (&self->descriptor);
  return descriptor != NULL ? descriptor->version : NULL;
}

/**
 * au_module_info_get_license:
 * @self: a module
 *
 * Gets the module's license.
 *
 * MT safe.
 *
 * Returns: (nullable): an SPDX expression, or %NULL when the module is not loaded or
 *   does not say
 *
 * Since: 1.0
 */
const char *
au_module_info_get_license (AuModuleInfo *self)
{
  const AuModuleDescriptor *descriptor;

  g_return_val_if_fail (AU_IS_MODULE_INFO (self), NULL);

  descriptor = g_atomic_pointer_get (&self->descriptor);
  return descriptor != NULL ? descriptor->license : NULL;
}

/**
 * au_module_info_get_summary:
 * @self: a module
 *
 * Gets one line about the module, for people.
 *
 * MT safe.
 *
 * Returns: (nullable): the line, or %NULL when the module is not loaded or does not say
 *
 * Since: 1.0
 */
const char *
au_module_info_get_summary (AuModuleInfo *self)
{
  const AuModuleDescriptor *descriptor;

  g_return_val_if_fail (AU_IS_MODULE_INFO (self), NULL);

  descriptor = g_atomic_pointer_get (&self->descriptor);
  return descriptor != NULL ? descriptor->summary : NULL;
}

/**
 * au_module_info_list_types:
 * @self: a module
 *
 * Lists the types that the module provides, such as `store/sqlite`.
 *
 * A module may provide more than its name says, for links to its file with other names.
 *
 * MT safe.
 *
 * Returns: (transfer full) (array zero-terminated=1): kind and name of each type;
 *   empty when the module is not loaded
 *
 * Since: 1.0
 */
char **
au_module_info_list_types (AuModuleInfo *self)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new ();
  const AuModuleDescriptor *descriptor;

  g_return_val_if_fail (AU_IS_MODULE_INFO (self), NULL);

  descriptor = g_atomic_pointer_get (&self->descriptor);
  if (descriptor != NULL && descriptor->types != NULL)
    {
      for (const AuModuleType *type = descriptor->types; type->name != NULL; type++)
        g_ptr_array_add (list, g_strdup_printf ("%s/%s",
                                                au_module_kind_to_string (type->kind),
                                                type->name));
    }

  g_ptr_array_add (list, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&list), FALSE);
}

/**
 * au_module_info_list_functions:
 * @self: a module
 *
 * Lists the functions that the module provides, such as `digest.file`.
 *
 * MT safe.
 *
 * Returns: (transfer full) (array zero-terminated=1): their names; empty when the
 *   module is not loaded
 *
 * Since: 1.0
 */
char **
au_module_info_list_functions (AuModuleInfo *self)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new ();
  const AuModuleDescriptor *descriptor;

  g_return_val_if_fail (AU_IS_MODULE_INFO (self), NULL);

  descriptor = g_atomic_pointer_get (&self->descriptor);
  if (descriptor != NULL && descriptor->functions != NULL)
    {
      for (const AuFunctionEntry *entry = descriptor->functions; entry->name != NULL; entry++)
        g_ptr_array_add (list, g_strdup (entry->name));
    }

  g_ptr_array_add (list, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&list), FALSE);
}
