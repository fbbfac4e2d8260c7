/* au-part-type.c: the types that names of stores, backends, middleware and serializers stand for
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-part-private.h"

#include "au-module-loader-private.h"
#include "au-part-clash-private.h"
#include "au-text-private.h"

#include <au/au-backend.h>
#include <au/au-error.h>
#include <au/au-middleware.h>
#include <au/au-serializer.h>
#include <au/au-store.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/* The name under which a module or the program provides a type. */
static G_DEFINE_QUARK (au-part-type-name, au_part_type_name)

/* What a name stands for. Once @ready, nothing of it changes any more. */
typedef struct
{
  gboolean ready;
  gboolean registered;  /* by the program */
  GType    type;
  GError  *error;
} PartType;

/* Guards types, which maps “KIND/NAME” to its PartType, and all that is in it. */
static GMutex types_lock;
static GCond types_cond;
static GHashTable *types;

/* The interface that a type of @kind must implement; %G_TYPE_INVALID for functions. */
GType
au_part_get_interface (AuModuleKind kind)
{
  switch (kind)
    {
    case AU_MODULE_STORE:
      return AU_TYPE_STORE;
    case AU_MODULE_BACKEND:
      return AU_TYPE_BACKEND;
    case AU_MODULE_MIDDLEWARE:
      return AU_TYPE_MIDDLEWARE;
    case AU_MODULE_SERIALIZER:
      return AU_TYPE_SERIALIZER;
    case AU_MODULE_FUNCTION:
    default:
      return G_TYPE_INVALID;
    }
}

/* What the table of @module says about @name, or %NULL and an error. */
static const AuModuleType *
find_row (const AuModule  *module,
          AuModuleKind     kind,
          const char      *name,
          GError         **error)
{
  g_autofree char *shown = au_module_loader_describe (module);
  g_autoptr(GPtrArray) have = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *list = NULL;

  for (const AuModuleType *row = module->descriptor->types;
       row != NULL && row->name != NULL;
       row++)
    {
      if (row->kind == kind && g_str_equal (row->name, name))
        return row;

      g_ptr_array_add (have, g_strdup_printf ("%s/%s", au_module_kind_to_string (row->kind),
                                              row->name));
    }

  g_ptr_array_add (have, NULL);
  list = au_text_join ((const char *const *) have->pdata);
  g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
               _("%s provides no %s “%s”, as its name says (provides: %s): "
                 "name the file after what it provides"),
               shown, au_module_kind_to_string (kind), name, list);
  return NULL;
}

static void
set_no_type_error (GError             **error,
                   const AuModule      *module,
                   const AuModuleType  *row)
{
  g_autofree char *shown = au_module_loader_describe (module);
  const char *kind = au_module_kind_to_string (row->kind);
  GType other = au_part_clash_find (module);
  g_autofree char *owner = NULL;

  if (other == G_TYPE_INVALID)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
                   _("%s gives no GType for its %s “%s”: if GLib warned that a type exists "
                     "already, another module or the program has a type of the same name, and "
                     "one of them must be renamed"),
                   shown, kind, row->name);
      return;
    }

  owner = au_part_clash_whose (other);
  g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
               _("%s gives no GType for its %s “%s”: a type %s is there already, from %s: rename "
                 "one of them"),
               shown, kind, row->name, g_type_name (other), owner);
}

/* Whether @type can be what @shown provides as @name. */
static gboolean
check_type (const char    *shown,
            AuModuleKind   kind,
            const char    *name,
            GType          type,
            GError       **error)
{
  const char *word = au_module_kind_to_string (kind);
  GType interface = au_part_get_interface (kind);

  if (!G_TYPE_IS_OBJECT (type) || !g_type_is_a (type, interface))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
                   _("%s provides the %s “%s” by the type %s, which is no object that implements "
                     "%s: use G_IMPLEMENT_INTERFACE where the type is defined"),
                   shown, word, name, g_type_name (type), g_type_name (interface));
      return FALSE;
    }

  if (G_TYPE_IS_ABSTRACT (type))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
                   _("%s provides the %s “%s” by the abstract type %s, of which there can be no "
                     "object: name one that is derived from it"),
                   shown, word, name, g_type_name (type));
      return FALSE;
    }

  return TRUE;
}

/* Of several names for one type, the first that was asked for stays. */
static void
note_name (GType       type,
           const char *name)
{
  if (g_type_get_qdata (type, au_part_type_name_quark ()) == NULL)
    g_type_set_qdata (type, au_part_type_name_quark (), (gpointer) g_intern_string (name));
}

/* The name that @type has in key files, or %NULL. */
const char *
au_part_type_get_name (GType type)
{
  return g_type_get_qdata (type, au_part_type_name_quark ());
}

/* Runs code of the module, so no lock may be held. */
static GType
get_checked_type (const AuModule      *module,
                  const AuModuleType  *row,
                  GError             **error)
{
  g_autofree char *shown = au_module_loader_describe (module);
  GType type = row->get_type ();

  if (type == G_TYPE_INVALID)
    {
      set_no_type_error (error, module, row);
      return G_TYPE_INVALID;
    }

  if (!check_type (shown, row->kind, row->name, type, error))
    return G_TYPE_INVALID;

  au_part_clash_note (type, module);
  note_name (type, row->name);
  return type;
}

static void
ensure_types_locked (void)
{
  if (types == NULL)
    types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* Asks a module for its type, once: GLib would block for ever in a get_type () that
 * failed before, so that the failure is kept.
 */
static GType
get_row_type (const char          *id,
              const AuModule      *module,
              const AuModuleType  *row,
              GError             **error)
{
  g_autoptr(GError) failure = NULL;
  PartType *part;
  GType type;

  g_mutex_lock (&types_lock);
  ensure_types_locked ();
  part = g_hash_table_lookup (types, id);
  if (part != NULL)
    {
      while (!part->ready)
        g_cond_wait (&types_cond, &types_lock);
      g_mutex_unlock (&types_lock);

      if (part->error != NULL && error != NULL)
        *error = g_error_copy (part->error);
      return part->type;
    }

  part = g_new0 (PartType, 1);
  g_hash_table_insert (types, g_strdup (id), part);
  g_mutex_unlock (&types_lock);

  type = get_checked_type (module, row, &failure);
  if (failure != NULL && error != NULL)
    *error = g_error_copy (failure);

  g_mutex_lock (&types_lock);
  part->type = type;
  part->error = g_steal_pointer (&failure);
  part->ready = TRUE;
  g_cond_broadcast (&types_cond);
  g_mutex_unlock (&types_lock);

  return type;
}

static GType
lookup_type (const char *id)
{
  GType type = G_TYPE_INVALID;
  PartType *part;

  g_mutex_lock (&types_lock);
  part = types != NULL ? g_hash_table_lookup (types, id) : NULL;
  if (part != NULL && part->ready)
    type = part->type;
  g_mutex_unlock (&types_lock);

  return type;
}

/**
 * au_part_get_gtype:
 * @kind: a kind other than %AU_MODULE_FUNCTION
 * @type: the name of a type, as in `type=` of a key file
 * @error: return location for an error
 *
 * Finds the GType that @type stands for, and loads its module if that was not done
 * yet.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when @type cannot be a name,
 * %AU_ERROR_MODULE_NOT_FOUND when no folder has a module for it,
 * %AU_ERROR_MODULE_LOAD when the system cannot open the module,
 * %AU_ERROR_MODULE_INVALID when the file is no module or not the one that its name
 * says, %AU_ERROR_MODULE_VERSION when it was built for another au, and
 * %AU_ERROR_MODULE_UNSAFE when others may write to it.
 *
 * MT safe. Blocks while a module is being loaded.
 *
 * Returns: the type, or %G_TYPE_INVALID with @error set
 *
 * Since: 1.0
 */
GType
au_part_get_gtype (AuModuleKind   kind,
                   const char    *type,
                   GError       **error)
{
  g_autofree char *id = NULL;
  const AuModuleType *row;
  const AuModule *module;
  GType gtype;

  g_return_val_if_fail ((guint) kind < AU_MODULE_FUNCTION, G_TYPE_INVALID);
  g_return_val_if_fail (type != NULL, G_TYPE_INVALID);
  g_return_val_if_fail (error == NULL || *error == NULL, G_TYPE_INVALID);

  id = g_strdup_printf ("%s/%s", au_module_kind_to_string (kind), type);
  gtype = lookup_type (id);
  if (gtype != G_TYPE_INVALID)
    return gtype;

  module = au_module_loader_load (kind, type, error);
  if (module == NULL)
    return G_TYPE_INVALID;

  row = find_row (module, kind, type, error);
  if (row == NULL)
    return G_TYPE_INVALID;

  return get_row_type (id, module, row, error);
}

/* Gives back what is known under @id, after @type was added if there was nothing. */
static PartType *
add_registered (const char *id,
                GType       type)
{
  PartType *part;

  g_mutex_lock (&types_lock);
  ensure_types_locked ();
  part = g_hash_table_lookup (types, id);
  if (part == NULL)
    {
      part = g_new0 (PartType, 1);
      part->ready = TRUE;
      part->registered = TRUE;
      part->type = type;
      g_hash_table_insert (types, g_strdup (id), part);
    }
  while (!part->ready)
    g_cond_wait (&types_cond, &types_lock);
  g_mutex_unlock (&types_lock);

  return part;
}

/**
 * au_part_register:
 * @kind: a kind other than %AU_MODULE_FUNCTION
 * @name: the name for `type=` of key files, of small letters, digits and hyphens
 * @type: a type that implements the interface of @kind
 * @error: return location for an error
 *
 * Makes a type of the program a part that key files and [func@Au.part_new_from_strings]
 * can name, in any language and without a module.
 *
 * Its properties are its keys, as they are of any part, and it is preferred to a module
 * of the same name. To register it again does nothing. Only this process knows of it.
 *
 * In C, [func@Au.module_register] does the same for a module with all that it has.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when @name cannot be a name, and with
 * %AU_ERROR_MODULE_INVALID when @type is no part of this kind, or when @name stands for
 * another one already.
 *
 * MT safe.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_part_register (AuModuleKind   kind,
                  const char    *name,
                  GType          type,
                  GError       **error)
{
  g_autofree char *id = NULL;
  PartType *part;

  g_return_val_if_fail ((guint) kind < AU_MODULE_FUNCTION, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!au_module_name_is_valid (name))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” cannot be the name of a %s: names are of small letters, digits and "
                     "hyphens, and start with a letter"),
                   name, au_module_kind_to_string (kind));
      return FALSE;
    }

  if (!check_type (_("The program"), kind, name, type, error))
    return FALSE;

  id = g_strdup_printf ("%s/%s", au_module_kind_to_string (kind), name);
  part = add_registered (id, type);
  if (part->type != type)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_MODULE_INVALID,
                   _("there is a %s “%s” already: choose another name"),
                   au_module_kind_to_string (kind), name);
      return FALSE;
    }

  note_name (type, name);
  return TRUE;
}

/* The names that the program has registered for types of @kind, in any order. */
char **
au_part_type_list_registered (AuModuleKind kind)
{
  g_autofree char *prefix = g_strdup_printf ("%s/", au_module_kind_to_string (kind));
  g_autoptr(GStrvBuilder) names = g_strv_builder_new ();
  GHashTableIter iter;
  gpointer id, value;

  g_mutex_lock (&types_lock);
  ensure_types_locked ();
  g_hash_table_iter_init (&iter, types);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      if (((PartType *) value)->registered && g_str_has_prefix (id, prefix))
        g_strv_builder_add (names, (const char *) id + strlen (prefix));
    }
  g_mutex_unlock (&types_lock);

  return g_strv_builder_end (names);
}
