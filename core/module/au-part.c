/* au-part.c: stores, backends, middleware and serializers by name
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-part-private.h"

#include "au-module-folders-private.h"
#include "au-module-loader-private.h"
#include "au-settings-private.h"
#include "au-text-private.h"

#include <au/au-error.h>
#include <au/au-param.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/**
 * au_part_get_type_name:
 * @part: a store, backend, middleware or serializer
 *
 * Gets the name of the type of @part, as in `type=` of a key file, or the name of its
 * GType when it does not come from a module.
 *
 * MT safe.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
au_part_get_type_name (GObject *part)
{
  const char *name = NULL;

  g_return_val_if_fail (G_IS_OBJECT (part), NULL);

  for (GType type = G_OBJECT_TYPE (part);
       name == NULL && type != G_TYPE_INVALID;
       type = g_type_parent (type))
    name = au_part_type_get_name (type);

  return name != NULL ? name : G_OBJECT_TYPE_NAME (part);
}

/* Starts @object if it wants to be started. Gives it back, or drops it and gives %NULL. */
GObject *
au_part_start (GObject  *object,
               GError  **error)
{
  g_autoptr(GError) failure = NULL;

  if (!G_IS_INITABLE (object) || g_initable_init (G_INITABLE (object), NULL, &failure))
    return object;

  if (failure == NULL)
    failure = g_error_new (AU_ERROR, AU_ERROR_FAILED,
                           _("%s could not be started and gives no reason: that is a mistake in it"),
                           G_OBJECT_TYPE_NAME (object));

  g_propagate_error (error, g_steal_pointer (&failure));
  g_object_unref (object);
  return NULL;
}

/**
 * au_part_new: (skip)
 * @kind: a kind other than %AU_MODULE_FUNCTION
 * @type: the name of a type, as in `type=` of a key file
 * @error: return location for an error
 * @first_property: (nullable): the name of the first property to set
 * @...: its value, then more names and values, and %NULL at the end
 *
 * Makes a store, backend, middleware or serializer, as [ctor@GObject.Object.new] does.
 *
 * Fails as [func@Au.part_get_gtype] does, and with the part's own error when it
 * cannot be started.
 *
 * MT safe. Blocks while a module is being loaded.
 *
 * Returns: (transfer full) (type GObject.Object): the new object
 *
 * Since: 1.0
 */
gpointer
au_part_new (AuModuleKind   kind,
             const char    *type,
             GError       **error,
             const char    *first_property,
             ...)
{
  GType gtype = au_part_get_gtype (kind, type, error);
  GObject *object;
  va_list args;

  if (gtype == G_TYPE_INVALID)
    return NULL;

  va_start (args, first_property);
  object = g_object_new_valist (gtype, first_property, args);
  va_end (args);

  return au_part_start (object, error);
}

static gboolean
add_setting (AuSettings    *settings,
             GObjectClass  *class,
             const char    *setting,
             GError       **error)
{
  const char *equals = strchr (setting, '=');
  g_autofree char *key = NULL;
  GParamSpec *pspec;
  GValue *value;

  if (equals == NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” is no setting: write NAME=VALUE"), setting);
      return FALSE;
    }

  key = g_strndup (setting, equals - setting);
  pspec = au_settings_find_key (class, key, error);
  if (pspec == NULL)
    {
      g_prefix_error (error, "%s: ", key);
      return FALSE;
    }

  if (g_ptr_array_find (settings->names, pspec->name, NULL))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT, _("%s: given twice"), key);
      return FALSE;
    }

  value = au_settings_add (settings, pspec);
  if (!au_settings_convert (pspec, equals + 1, NULL, value, error))
    {
      g_prefix_error (error, "%s: ", key);
      return FALSE;
    }

  return TRUE;
}

/**
 * au_part_new_from_strings:
 * @kind: a kind other than %AU_MODULE_FUNCTION
 * @type: the name of a type, as in `type=` of a key file
 * @settings: (nullable) (array zero-terminated=1): settings, each `NAME=VALUE`, as in
 *   a key file
 * @error: return location for an error
 *
 * Makes a store, backend, middleware or serializer with settings that are text.
 *
 * Fails as [func@Au.part_get_gtype] does, with %AU_ERROR_INVALID_ARGUMENT when a
 * setting is not acceptable, with %AU_ERROR_UNSUPPORTED when one takes no text, and
 * with the part's own error when it cannot be started.
 *
 * MT safe. Blocks while a module is being loaded.
 *
 * Returns: (transfer full): the new object
 *
 * Since: 1.0
 */
GObject *
au_part_new_from_strings (AuModuleKind         kind,
                          const char          *type,
                          const char * const  *settings,
                          GError             **error)
{
  g_autoptr(AuSettings) values = au_settings_new ();
  g_autoptr(GTypeClass) class = NULL;
  GType gtype = au_part_get_gtype (kind, type, error);

  if (gtype == G_TYPE_INVALID)
    return NULL;

  class = g_type_class_ref (gtype);
  for (guint i = 0; settings != NULL && settings[i] != NULL; i++)
    {
      if (!add_setting (values, G_OBJECT_CLASS (class), settings[i], error))
        return NULL;
    }

  return au_part_start (au_settings_build (values, gtype), error);
}

/* Gives the setting of a property, "" when it is the default, or %NULL when it has none. */
static char *
dup_setting (GObject    *part,
             GParamSpec *pspec)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *text = NULL;

  g_value_init (&value, pspec->value_type);
  g_object_get_property (part, pspec->name, &value);
  if (g_param_value_defaults (pspec, &value))
    return g_strdup ("");

  text = au_param_value_to_text (pspec, &value);

  return text != NULL ? g_strdup_printf ("%s=%s", pspec->name, text) : NULL;
}

/**
 * au_part_dup_settings:
 * @part: a store, backend, middleware or serializer
 *
 * Gets the settings that make an equal part, in another process say, by
 * [func@Au.part_new_from_strings]. Secrets are among them.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the settings, each of
 *   the form `NAME=VALUE`; %NULL when the part comes from no module, or has a property
 *   that cannot be written as text
 *
 * Since: 1.0
 */
char **
au_part_dup_settings (GObject *part)
{
  g_autofree GParamSpec **pspecs = NULL;
  g_auto (GStrv) settings = NULL;
  guint n_pspecs, n_settings = 0;

  g_return_val_if_fail (G_IS_OBJECT (part), NULL);

  if (au_part_type_get_name (G_OBJECT_TYPE (part)) == NULL)
    return NULL;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (part), &n_pspecs);
  settings = g_new0 (char *, n_pspecs + 1);
  for (guint i = 0; i < n_pspecs; i++)
    {
      g_autofree char *setting = NULL;

      if ((~pspecs[i]->flags & (G_PARAM_READABLE | G_PARAM_WRITABLE)) != 0)
        continue;

      setting = dup_setting (part, pspecs[i]);
      if (setting == NULL)
        return NULL;
      if (setting[0] != '\0')
        settings[n_settings++] = g_steal_pointer (&setting);
    }

  return g_steal_pointer (&settings);
}

/* What can be called: what is registered, and the modules that would be opened. */
static char **
list_functions (void)
{
  g_autoptr(GListModel) registered = au_functions_list ();
  g_auto (GStrv) modules = au_module_folders_list_names (AU_MODULE_FUNCTION);
  g_autoptr(GPtrArray) names = g_ptr_array_new ();
  guint n_registered = g_list_model_get_n_items (registered);

  for (guint i = 0; i < n_registered; i++)
    {
      g_autoptr(AuFunction) function = g_list_model_get_item (registered, i);

      g_ptr_array_add (names, g_strdup (au_function_get_name (function)));
    }

  for (guint i = 0; modules[i] != NULL; i++)
    {
      g_autofree char *prefix = g_strconcat (modules[i], ".", NULL);
      gboolean loaded = FALSE;

      for (guint j = 0; j < n_registered && !loaded; j++)
        {
          const char *name = g_ptr_array_index (names, j);

          loaded = g_str_equal (name, modules[i]) || g_str_has_prefix (name, prefix);
        }

      if (!loaded)
        g_ptr_array_add (names, g_strconcat (prefix, "*", NULL));
    }

  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

static void
set_unknown_function_error (GError     **error,
                            const char  *name)
{
  g_auto (GStrv) names = list_functions ();
  g_autofree char *have = au_text_join ((const char *const *) names);
  const char *nearest = au_text_nearest (name, (const char *const *) names);

  if (nearest != NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_UNKNOWN_FUNCTION,
                 _("no such function: “%s”; did you mean “%s”? (have: %s)"),
                 name, nearest, have);
  else
    g_set_error (error, AU_ERROR, AU_ERROR_UNKNOWN_FUNCTION,
                 _("no such function: “%s” (have: %s); register it, or install the module that "
                   "has it"),
                 name, have);
}

/**
 * au_part_find_function:
 * @name: a function's name
 * @error: return location for an error
 *
 * Finds a function among those that were registered, or else in the module that is
 * named after the part of @name before its first dot.
 *
 * The module `digest` provides `digest.file`, for example. Loading a module registers
 * all of its functions; one that the program has registered before stays.
 *
 * Fails with %AU_ERROR_UNKNOWN_FUNCTION when there is no such function, and as
 * [func@Au.part_get_gtype] does when there is a module that cannot be loaded.
 *
 * MT safe. Blocks while a module is being loaded.
 *
 * Returns: (transfer full): the function
 *
 * Since: 1.0
 */
AuFunction *
au_part_find_function (const char  *name,
                       GError     **error)
{
  g_autoptr(GError) failure = NULL;
  g_autofree char *module_name = NULL;
  AuFunction *function;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  function = au_function_lookup (name);
  if (function != NULL)
    return g_object_ref (function);

  module_name = g_strndup (name, strcspn (name, "."));
  g_strdelimit (module_name, "_", '-');

  if (au_module_name_is_valid (module_name) &&
      au_module_loader_load (AU_MODULE_FUNCTION, module_name, &failure) == NULL &&
      !g_error_matches (failure, AU_ERROR, AU_ERROR_MODULE_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }

  function = au_function_lookup (name);
  if (function == NULL)
    {
      set_unknown_function_error (error, name);
      return NULL;
    }

  return g_object_ref (function);
}
