/* au-property.c: properties that key files can set, by their names
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-param-private.h"
#include "au-text-private.h"

#include <au/au-error.h>
#include <au/au-property.h>

#include <glib/gi18n-lib.h>

/* What au_param_…() tell of a GParamSpec is told here of a type and a name, because not
 * every language can hand over a GParamSpec.
 */

static GParamSpec **
list_properties (GType  type,
                 guint *n_pspecs)
{
  if (G_TYPE_IS_INTERFACE (type))
    {
      gpointer interface = g_type_default_interface_ref (type);
      GParamSpec **pspecs = g_object_interface_list_properties (interface, n_pspecs);

      g_type_default_interface_unref (interface);
      return pspecs;
    }
  else
    {
      g_autoptr(GTypeClass) class = g_type_class_ref (type);

      return g_object_class_list_properties (G_OBJECT_CLASS (class), n_pspecs);
    }
}

/* Properties live as long as their types, which are never unloaded. */
static GParamSpec *
find (GType        type,
      const char  *property,
      GError     **error)
{
  g_autofree GParamSpec **pspecs = NULL;
  g_autoptr(GPtrArray) names = g_ptr_array_new ();
  g_autofree char *have = NULL;
  const char *nearest;
  guint n_pspecs;

  pspecs = list_properties (type, &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    {
      if (g_str_equal (pspecs[i]->name, property))
        return pspecs[i];
      g_ptr_array_add (names, (gpointer) pspecs[i]->name);
    }
  g_ptr_array_add (names, NULL);

  have = au_text_join ((const char *const *) names->pdata);
  nearest = au_text_nearest (property, (const char *const *) names->pdata);
  if (nearest != NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                 _("%s has no property “%s”; did you mean “%s”? (has: %s)"),
                 g_type_name (type), property, nearest, have);
  else
    g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                 _("%s has no property “%s” (has: %s)"), g_type_name (type), property, have);
  return NULL;
}

static gboolean
has_properties (GType type)
{
  return g_type_is_a (type, G_TYPE_OBJECT) || G_TYPE_IS_INTERFACE (type);
}

/**
 * au_property_set_unit:
 * @type: a type of objects
 * @property: the name of one of its properties
 * @unit: how key files write its values
 * @error: return location for an error
 *
 * Says how key files write the values of a property whose type is not defined in C, where
 * [func@Au.param_spec_duration] and the like make one. To be called before the property is
 * used.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when there is no such property, or when it is not of
 * the type that the unit wants: `gint64` for durations, in microseconds, `guint64` for sizes,
 * `gdouble` for rates, and `gchararray` for files.
 *
 * MT safe.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_property_set_unit (GType        type,
                      const char  *property,
                      AuUnit       unit,
                      GError     **error)
{
  static const GType wanted[] = {
    [AU_UNIT_DURATION] = G_TYPE_INT64,
    [AU_UNIT_SIZE] = G_TYPE_UINT64,
    [AU_UNIT_RATE] = G_TYPE_DOUBLE,
    [AU_UNIT_FILE] = G_TYPE_STRING,
  };
  GParamSpec *pspec;

  g_return_val_if_fail (has_properties (type), FALSE);
  g_return_val_if_fail (property != NULL, FALSE);
  g_return_val_if_fail ((guint) unit < G_N_ELEMENTS (wanted), FALSE);

  pspec = find (type, property, error);
  if (pspec == NULL)
    return FALSE;

  pspec = au_param_get_target (pspec);
  if (unit != AU_UNIT_NONE && pspec->value_type != wanted[unit])
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("the property “%s” of %s is a %s and cannot have this unit: make it a %s"),
                   property, g_type_name (type), g_type_name (pspec->value_type),
                   g_type_name (wanted[unit]));
      return FALSE;
    }

  au_param_set_unit (pspec, unit);
  return TRUE;
}

/**
 * au_property_set_secret:
 * @type: a type of objects
 * @property: the name of one of its properties
 * @error: return location for an error
 *
 * Says that the values of a property are never printed, and may be read from files, for types
 * that are not defined in C, where %AU_PARAM_SECRET says it. To be called before the property
 * is used.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when there is no such property.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_property_set_secret (GType        type,
                        const char  *property,
                        GError     **error)
{
  GParamSpec *pspec;

  g_return_val_if_fail (has_properties (type), FALSE);
  g_return_val_if_fail (property != NULL, FALSE);

  pspec = find (type, property, error);
  if (pspec == NULL)
    return FALSE;

  pspec->flags |= AU_PARAM_SECRET;
  return TRUE;
}

/**
 * au_property_set_check:
 * @type: a type of objects
 * @property: the name of one of its properties
 * @func: (scope notified) (closure user_data) (destroy destroy): what its values are checked by
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 * @error: return location for an error
 *
 * Has @func look at the values that a key file gives to a property, whenever that is only
 * checked, as by `au config check` and [func@Au.Config.find_mistakes]. So is found, with its
 * line, what would else be seen when the part is made, which has to refuse it all the same.
 * To be called before the property is used; in C, [func@Au.param_spec_set_check] is called
 * where the property is made.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when there is no such property.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_property_set_check (GType                 type,
                       const char           *property,
                       AuPropertyCheckFunc   func,
                       gpointer              user_data,
                       GDestroyNotify        destroy,
                       GError              **error)
{
  GParamSpec *pspec;

  g_return_val_if_fail (has_properties (type), FALSE);
  g_return_val_if_fail (property != NULL, FALSE);
  g_return_val_if_fail (func != NULL, FALSE);

  pspec = find (type, property, error);
  if (pspec == NULL)
    {
      if (destroy != NULL)
        destroy (user_data);
      return FALSE;
    }

  au_param_spec_set_check (pspec, func, user_data, destroy);
  return TRUE;
}

/**
 * au_property_get_unit:
 * @type: a type of objects, or an interface
 * @property: the name of one of its properties
 *
 * Gets the unit in which key files write the values of a property.
 *
 * MT safe.
 *
 * Returns: the unit; %AU_UNIT_NONE too when there is no such property
 *
 * Since: 1.0
 */
AuUnit
au_property_get_unit (GType       type,
                      const char *property)
{
  GParamSpec *pspec;

  g_return_val_if_fail (has_properties (type), AU_UNIT_NONE);
  g_return_val_if_fail (property != NULL, AU_UNIT_NONE);

  pspec = find (type, property, NULL);

  return pspec != NULL ? au_param_spec_get_unit (pspec) : AU_UNIT_NONE;
}

/**
 * au_property_describe:
 * @type: a type of objects, or an interface
 * @property: the name of one of its properties
 * @error: return location for an error
 *
 * Says in words what values a key file may give to a property, such as “a whole number from
 * 1 to 64” or “one of none, process, power”.
 *
 * The text is in the user's language and fits after “takes”.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when there is no such property.
 *
 * MT safe.
 *
 * Returns: (transfer full): the description
 *
 * Since: 1.0
 */
char *
au_property_describe (GType        type,
                      const char  *property,
                      GError     **error)
{
  GParamSpec *pspec;

  g_return_val_if_fail (has_properties (type), NULL);
  g_return_val_if_fail (property != NULL, NULL);

  pspec = find (type, property, error);

  return pspec != NULL ? au_param_spec_describe (pspec) : NULL;
}

/**
 * au_property_value_from_text:
 * @type: a type of objects, or an interface
 * @property: the name of one of its properties
 * @text: what a key file gives for it
 * @value: (out caller-allocates): where to put the value; it is initialised here
 * @error: return location for an error
 *
 * Converts @text to a value for a property, as key files do: durations, sizes and rates by
 * their units, enumerations and flags by the short words for their values, lists separated
 * by `;`. A text is taken as it stands.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when there is no such property, or when @text is not
 * allowed for it; the message says what is. Fails with %AU_ERROR_UNSUPPORTED when the
 * property is of a type that cannot be given as text.
 *
 * MT safe.
 *
 * Returns: %TRUE on success; otherwise @value is unset
 *
 * Since: 1.0
 */
gboolean
au_property_value_from_text (GType        type,
                             const char  *property,
                             const char  *text,
                             GValue      *value,
                             GError     **error)
{
  GParamSpec *pspec;

  g_return_val_if_fail (has_properties (type), FALSE);
  g_return_val_if_fail (property != NULL, FALSE);
  g_return_val_if_fail (text != NULL, FALSE);

  pspec = find (type, property, error);

  return pspec != NULL && au_param_value_from_text (pspec, text, value, error);
}

/**
 * au_property_value_to_text:
 * @type: a type of objects, or an interface
 * @property: the name of one of its properties
 * @value: a value of it
 * @error: return location for an error
 *
 * Writes @value so that [func@Au.property_value_from_text] reads the same again.
 *
 * The value of a secret is written as any other: see %AU_PARAM_SECRET.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when there is no such property, or when @value is
 * none of its values, and with %AU_ERROR_UNSUPPORTED when @value cannot be given as text, as
 * an object, or a text that is %NULL.
 *
 * MT safe.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
au_property_value_to_text (GType          type,
                           const char    *property,
                           const GValue  *value,
                           GError       **error)
{
  g_auto (GValue) converted = G_VALUE_INIT;
  GParamSpec *pspec;
  char *text;

  g_return_val_if_fail (has_properties (type), NULL);
  g_return_val_if_fail (property != NULL, NULL);
  g_return_val_if_fail (G_IS_VALUE (value), NULL);

  pspec = find (type, property, error);
  if (pspec == NULL)
    return NULL;

  /* A number comes as whatever the other language takes numbers for. */
  g_value_init (&converted, au_param_get_target (pspec)->value_type);
  if (!g_value_transform (value, &converted) || g_param_value_validate (pspec, &converted))
    {
      g_autofree char *description = au_param_spec_describe (pspec);

      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("the property “%s” of %s cannot have this value: it takes %s"),
                   property, g_type_name (type), description);
      return NULL;
    }

  text = au_param_value_to_text (pspec, &converted);
  if (text == NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
                 _("this value of the property “%s” of %s cannot be written as text"),
                 property, g_type_name (type));
  return text;
}
