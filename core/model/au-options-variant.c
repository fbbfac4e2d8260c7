/* au-options-variant.c: options as they are stored
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-options-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

static GVariant *
value_to_variant (const AuOptionsValue *value,
                  const GVariantType   *type)
{
  switch (((const char *) type)[0])
    {
    case 'x':
      return g_variant_new_int64 (value->number);
    case 'i':
      return g_variant_new_int32 (value->number);
    case 'u':
      return g_variant_new_uint32 (value->number);
    case 'b':
      return g_variant_new_boolean (value->number != 0);
    case 's':
      return g_variant_new_string (value->text);
    default:
      break;
    }

  if (g_variant_type_equal (type, G_VARIANT_TYPE_STRING_ARRAY))
    return g_variant_new_strv ((const char * const *) value->list, -1);

  return value->dict;
}

/**
 * au_options_to_variant:
 * @self: options
 *
 * Gives what is set in @self as an `a{sv}`, named after the properties; what has its
 * initial value is left out.
 *
 * MT safe, as long as nobody sets one of the options.
 *
 * Returns: (transfer full): the options; not floating
 *
 * Since: 1.0
 */
GVariant *
au_options_to_variant (AuOptions *self)
{
  GVariantBuilder builder;

  g_return_val_if_fail (AU_IS_OPTIONS (self), NULL);

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint field = 0; field < AU_OPTIONS_N_FIELDS; field++)
    {
      const AuOptionsFieldInfo *info = &au_options_fields[field];

      if (!au_options_is_initial (self, field))
        g_variant_builder_add (&builder, "{sv}", info->name,
                               value_to_variant (&self->values[field], info->type));
    }

  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static gint64
get_number (GVariant *value)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_INT32:
      return g_variant_get_int32 (value);
    case G_VARIANT_CLASS_UINT32:
      return g_variant_get_uint32 (value);
    case G_VARIANT_CLASS_BOOLEAN:
      return g_variant_get_boolean (value);
    default:
      return g_variant_get_int64 (value);
    }
}

static gboolean
set_from_variant (AuOptions     *self,
                  AuOptionsField field,
                  GVariant      *value,
                  GError       **error)
{
  const AuOptionsFieldInfo *info = &au_options_fields[field];
  g_autofree const char **list = NULL;

  if (!g_variant_is_of_type (value, info->type))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED,
                   _("The option “%s” is of the type “%s” instead of “%s”"),
                   info->name, g_variant_get_type_string (value), (const char *) info->type);
      return FALSE;
    }

  switch (((const char *) info->type)[0])
    {
    case 's':
      au_options_set_text (self, field, g_variant_get_string (value, NULL));
      return TRUE;
    case 'a':
      if (field == AU_OPTIONS_METADATA)
        {
          au_options_set_dict (self, field, value);
          return TRUE;
        }
      list = g_variant_get_strv (value, NULL);
      au_options_set_list (self, field, list);
      return TRUE;
    default:
      break;
    }

  if (get_number (value) < info->minimum)
    {
      g_autofree char *printed = g_variant_print (value, FALSE);

      g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED,
                   _("The option “%s” is out of range: %s"), info->name, printed);
      return FALSE;
    }

  au_options_set_number (self, field, get_number (value));
  return TRUE;
}

static gboolean
find_field (const char     *name,
            AuOptionsField *field)
{
  for (guint i = 0; i < AU_OPTIONS_N_FIELDS; i++)
    {
      if (g_str_equal (au_options_fields[i].name, name))
        {
          *field = i;
          return TRUE;
        }
    }

  return FALSE;
}

/**
 * au_options_new_from_variant:
 * @variant: what [method@Au.Options.to_variant] gave; a floating reference is
 *   consumed
 * @error: return location for an error
 *
 * Makes options from their stored form.
 *
 * An option that this version of au does not know is left out, since a newer one may
 * have stored it. Fails with %AU_ERROR_DAMAGED when @variant is no `a{sv}`, or when
 * an option has the wrong type or is out of range.
 *
 * MT safe.
 *
 * Returns: (transfer full): new options, or %NULL with @error set
 *
 * Since: 1.0
 */
AuOptions *
au_options_new_from_variant (GVariant *variant,
                             GError  **error)
{
  g_autoptr(AuOptions) self = NULL;
  g_autoptr(GVariant) owned = NULL;
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_return_val_if_fail (variant != NULL, NULL);

  owned = g_variant_ref_sink (variant);
  if (!g_variant_is_of_type (owned, G_VARIANT_TYPE_VARDICT))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED,
                   _("Options are of the type “%s” instead of “a{sv}”"),
                   g_variant_get_type_string (owned));
      return NULL;
    }

  self = au_options_new ();
  g_variant_iter_init (&iter, owned);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      g_autoptr(GVariant) owned_value = value;
      AuOptionsField field;

      if (find_field (name, &field) && !set_from_variant (self, field, owned_value, error))
        return NULL;
    }

  return g_steal_pointer (&self);
}

/*
 * au_options_load:
 * @variant: what au_options_to_variant() gave; a floating reference is consumed
 * @error: return location for an error
 *
 * Makes the sealed options of a stored record, as au_options_new_from_variant() and
 * au_options_seal() do. An empty dictionary costs nothing.
 *
 * MT safe.
 *
 * Returns: (transfer full): sealed options, or %NULL with @error set
 */
AuOptions *
au_options_load (GVariant *variant,
                 GError  **error)
{
  g_autoptr(GVariant) owned = g_variant_ref_sink (variant);
  g_autoptr(AuOptions) self = NULL;

  if (g_variant_is_of_type (owned, G_VARIANT_TYPE_VARDICT) && g_variant_n_children (owned) == 0)
    return au_options_seal (NULL);

  self = au_options_new_from_variant (owned, error);
  if (self == NULL)
    return NULL;

  /* usually nobody else has it, and it need not be copied */
  for (guint field = 0; field < AU_OPTIONS_N_FIELDS; field++)
    self->sealed |= field != AU_OPTIONS_KEY && !au_options_is_initial (self, field);
  if (self->sealed && au_options_is_initial (self, AU_OPTIONS_KEY))
    return g_steal_pointer (&self);
  self->sealed = FALSE;

  return au_options_seal (self);
}
