/* au-module-builtin.c: modules that are part of the library or the program
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-module-builtin-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>
#include <ltdl.h>

#define SYMBOL_SUFFIX "_LTX_au_module"

/* One module; its functions are registered when it is first wanted. */
typedef struct
{
  AuModule module;
  gboolean loaded;
} Builtin;

/* Guards all of the following. Code of modules is not run under it. */
static GMutex lock;

/* const char* → Builtin*, by the stems that files would have; and in their order. */
static GHashTable *builtins;
static GPtrArray *order;

static Builtin *
add_locked (const AuModuleDescriptor *descriptor)
{
  Builtin *self = g_new0 (Builtin, 1);

  self->module.descriptor = descriptor;
  g_hash_table_insert (builtins, (gpointer) descriptor->name, self);
  g_ptr_array_add (order, self);
  return self;
}

static void
ensure_locked (void)
{
  if (builtins != NULL)
    return;

  builtins = g_hash_table_new (g_str_hash, g_str_equal);
  order = g_ptr_array_new ();
  for (const AuModuleDescriptor *const *row = au_module_builtin_table; *row != NULL; row++)
    add_locked (*row);
}

static Builtin *
lookup (AuModuleKind  kind,
        const char   *name)
{
  g_autofree char *stem = NULL;
  Builtin *found;

  if (!au_module_name_is_valid (name))
    return NULL;

  stem = au_module_stem (kind, name);
  g_mutex_lock (&lock);
  ensure_locked ();
  found = g_hash_table_lookup (builtins, stem);
  g_mutex_unlock (&lock);

  return found;
}

gboolean
au_module_builtin_has (AuModuleKind  kind,
                       const char   *name)
{
  return lookup (kind, name) != NULL;
}

/* Gets ready the built-in module that provides @name, which there is. Two threads that
 * come first at once both register the functions, of which the first ones stay.
 */
const AuModule *
au_module_builtin_load (AuModuleKind   kind,
                        const char    *name,
                        GError       **error)
{
  Builtin *self = lookup (kind, name);
  const AuModuleDescriptor *descriptor = self->module.descriptor;
  g_autofree char *shown = NULL;
  gboolean loaded;

  g_mutex_lock (&lock);
  loaded = self->loaded;
  g_mutex_unlock (&lock);
  if (loaded)
    return &self->module;

  shown = au_module_loader_describe (&self->module);
  if (!au_module_check (shown, descriptor->name, descriptor, error) ||
      !au_module_register_functions (shown, descriptor, FALSE, error))
    return NULL;

  g_mutex_lock (&lock);
  self->loaded = TRUE;
  g_mutex_unlock (&lock);
  return &self->module;
}

/* Calls @func for each, in the order in which they were added. */
void
au_module_builtin_foreach (AuModuleBuiltinFunc func,
                           gpointer            user_data)
{
  g_autoptr(GPtrArray) all = NULL;

  g_mutex_lock (&lock);
  ensure_locked ();
  all = g_ptr_array_copy (order, NULL, NULL);
  g_mutex_unlock (&lock);

  for (guint i = 0; i < all->len; i++)
    func (((Builtin *) g_ptr_array_index (all, i))->module.descriptor, user_data);
}

/* Whether the name is that of a module, as files are called. */
static gboolean
is_stem (const char *text)
{
  if (text == NULL || !g_str_has_prefix (text, "au_"))
    return FALSE;

  for (; *text != '\0'; text++)
    {
      if (!g_ascii_islower (*text) && !g_ascii_isdigit (*text) && *text != '_')
        return FALSE;
    }

  return TRUE;
}

/**
 * au_module_register: (skip)
 * @descriptor: what [func@Au.MODULE_DEFINE] defines; it must stay
 * @error: return location for an error
 *
 * Adds a module that is part of the program, so that its parts and functions can be had
 * by name, from key files too, without a file.
 *
 * It is preferred to a file that provides the same. Registering a module twice does
 * nothing.
 *
 * ```c
 * extern const AuModuleDescriptor au_store_acme_LTX_au_module;
 *
 * au_module_register (&au_store_acme_LTX_au_module, &error);
 * ```
 *
 * Fails with %AU_ERROR_MODULE_VERSION when the module was built for another au, and with
 * %AU_ERROR_MODULE_INVALID when what it says of itself is not acceptable, or when there
 * is another one of the same name.
 *
 * MT safe.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_module_register (const AuModuleDescriptor  *descriptor,
                    GError                   **error)
{
  const char *name;
  Builtin *present;

  g_return_val_if_fail (descriptor != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  /* A name that is not acceptable gets the message that it would get in a file. */
  name = is_stem (descriptor->name) ? descriptor->name : "au_KIND_NAME";
  if (!au_module_check (_("A module of the program"), name, descriptor, error))
    return FALSE;

  g_mutex_lock (&lock);
  ensure_locked ();
  present = g_hash_table_lookup (builtins, name);
  if (present == NULL)
    present = add_locked (descriptor);
  g_mutex_unlock (&lock);

  if (present->module.descriptor == descriptor)
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
               _("there is a built-in module %s already: rename one of them"), name);
  return FALSE;
}

/**
 * au_module_register_preloaded: (skip)
 * @symbols: `lt_preloaded_symbols` of `ltdl.h`
 * @error: return location for an error
 *
 * Adds the modules that a program was linked with by libtool's `-dlpreopen`, as
 * [func@Au.module_register] does for one.
 *
 * ```c
 * #include <ltdl.h>
 *
 * au_module_register_preloaded (lt_preloaded_symbols, &error);
 * ```
 *
 * Fails as [func@Au.module_register] does; modules before the one that cannot be used
 * are there then.
 *
 * MT safe.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_module_register_preloaded (gconstpointer   symbols,
                              GError        **error)
{
  g_return_val_if_fail (symbols != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  for (const lt_dlsymlist *symbol = symbols; symbol->name != NULL; symbol++)
    {
      if (symbol->address != NULL && g_str_has_suffix (symbol->name, SYMBOL_SUFFIX) &&
          !au_module_register (symbol->address, error))
        return FALSE;
    }

  return TRUE;
}
