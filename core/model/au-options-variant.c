/* au-options-variant.c: options as they are stored
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-options-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>

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

/*
 * au_options_dup_form:
 * @sealed: sealed options
 *
 * Gives what au_options_to_variant() gives, in normal form, and as bytes already: many
 * records share options, and each writes them again and again.
 *
 * MT safe.
 */
GVariant *
au_options_dup_form (AuOptions *sealed)
{
  GVariant *form = g_atomic_pointer_get (&sealed->form);
  g_autoptr(GVariant) made = NULL;

  if (form != NULL)
    return g_variant_ref (form);

  made = au_options_to_variant (sealed);
  form = g_variant_get_normal_form (made);
  g_variant_get_data (form);
  if (g_atomic_pointer_compare_and_exchange (&sealed->form, NULL, form))
    return g_variant_ref (form);

  return form;
}

/* Options that were read lately. Most records of a store have been submitted by few calls,
 * and so with few different options.
 */
#define N_KNOWN (64)
#define KNOWN_MAX_SIZE (1024)

static GMutex known_lock;
static AuOptions *known[N_KNOWN];

static AuOptions **
get_known (gconstpointer data,
           gsize         size)
{
  const guint8 *bytes = data;
  guint32 hash = 2166136261u;

  for (gsize i = 0; i < size; i++)
    hash = (hash ^ bytes[i]) * 16777619u;

  return &known[(hash ^ hash >> 16) % N_KNOWN];
}

static AuOptions *
ref_known (gconstpointer data,
           gsize         size)
{
  AuOptions **entry = get_known (data, size);
  AuOptions *found = NULL;

  g_mutex_lock (&known_lock);
  if (*entry != NULL && g_variant_get_size ((*entry)->form) == size &&
      memcmp (g_variant_get_data ((*entry)->form), data, size) == 0)
    found = g_object_ref (*entry);
  g_mutex_unlock (&known_lock);

  return found;
}

/* One that holds what this au does not know has another form, and is not kept. */
static void
keep_known (AuOptions     *sealed,
            gconstpointer  data,
            gsize          size)
{
  AuOptions **entry = get_known (data, size);
  g_autoptr(GVariant) form = au_options_dup_form (sealed);
  AuOptions *old;

  if (g_variant_get_size (form) != size || memcmp (g_variant_get_data (form), data, size) != 0)
    return;

  g_object_ref (sealed);
  g_mutex_lock (&known_lock);
  old = *entry;
  *entry = sealed;
  g_mutex_unlock (&known_lock);
  g_clear_object (&old);
}

/*
 * au_options_load_form:
 * @data: the bytes of what au_options_dup_form() gave
 * @size: how many they are
 * @not_normal: set if they are no dictionary in normal form
 *
 * Does what au_options_load() does, for bytes.
 *
 * MT safe.
 *
 * Returns: (transfer full): sealed options, or %NULL with @not_normal or @error set
 */
AuOptions *
au_options_load_form (gconstpointer data,
                      gsize         size,
                      gboolean     *not_normal,
                      GError      **error)
{
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GVariant) form = NULL;
  AuOptions *options;

  if (size == 0)
    return au_options_seal (NULL);

  options = ref_known (data, size);
  if (options != NULL)
    return options;

  bytes = g_bytes_new (data, size);
  form = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARDICT, bytes, FALSE));
  if (!g_variant_is_normal_form (form))
    {
      *not_normal = TRUE;
      return NULL;
    }

  options = au_options_load (form, error);
  if (options != NULL && size <= KNOWN_MAX_SIZE)
    keep_known (options, data, size);

  return options;
}
