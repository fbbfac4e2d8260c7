/* au-value.c: what a value may be, beyond its type
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-value-private.h"

#include <au/au-error.h>
#include <au/au-value.h>

#include <glib/gi18n-lib.h>
#include <string.h>

static gboolean
is_within (GVariant *value,
           guint     depth)
{
  const char *type = g_variant_get_type_string (value);
  gsize n_children;

  if (!g_variant_is_container (value))
    return TRUE;
  if (depth == 0)
    return FALSE;
  /* Without variants inside, the type tells it all. */
  if (strchr (type, 'v') == NULL && strlen (type) <= depth)
    return TRUE;

  n_children = g_variant_n_children (value);
  for (gsize i = 0; i < n_children; i++)
    {
      g_autoptr(GVariant) child = g_variant_get_child_value (value, i);

      if (!is_within (child, depth - 1))
        return FALSE;
    }

  return TRUE;
}

/* Whether every store can read @value back. Most values are seen to be so at once. */
gboolean
au_value_check_depth (GVariant  *value,
                      GError   **error)
{
  const char *type = g_variant_get_type_string (value);
  gsize length = strlen (type);

  if (G_LIKELY (length <= AU_VALUE_MAX_DEPTH && strchr (type, 'v') == NULL))
    return TRUE;

  /* Each level needs a byte at least: of its own type, or of a variant's around it. */
  if (g_variant_get_size (value) + length <= AU_VALUE_MAX_DEPTH ||
      is_within (value, AU_VALUE_MAX_DEPTH))
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_BAD_TYPE,
               _("A value of type “%s” is nested deeper than %d levels, so it could not be read back"),
               length <= AU_VALUE_MAX_DEPTH ? type : "…", AU_VALUE_MAX_DEPTH);
  return FALSE;
}

/* What is smaller is left to GLib. */
#define LARGE_VALUE (64 * 1024)
#define LARGE_CHILD (4 * 1024)

/* The size of the elements of an array of numbers, or of one in a tuple of its own, which
 * looks the same; or 0. Whatever bytes it has, it is in normal form. */
static gsize
get_number_size (const char *type)
{
  if (type[0] == G_VARIANT_CLASS_TUPLE && type[1] == G_VARIANT_CLASS_ARRAY && type[3] == ')')
    type++;
  if (type[0] != G_VARIANT_CLASS_ARRAY)
    return 0;

  switch (type[1])
    {
    case G_VARIANT_CLASS_BYTE:
      return 1;
    case G_VARIANT_CLASS_INT16:
    case G_VARIANT_CLASS_UINT16:
      return 2;
    case G_VARIANT_CLASS_INT32:
    case G_VARIANT_CLASS_UINT32:
      return 4;
    case G_VARIANT_CLASS_INT64:
    case G_VARIANT_CLASS_UINT64:
    case G_VARIANT_CLASS_DOUBLE:
      return 8;
    default:
      return 0;
    }
}

static GVariant *
make_container (GVariant  *like,
                GVariant **children,
                gsize      n_children)
{
  const GVariantType *type = g_variant_get_type (like);

  switch (g_variant_classify (like))
    {
    case G_VARIANT_CLASS_VARIANT:
      return g_variant_new_variant (children[0]);
    case G_VARIANT_CLASS_MAYBE:
      return g_variant_new_maybe (g_variant_type_element (type), n_children > 0 ? children[0] : NULL);
    case G_VARIANT_CLASS_ARRAY:
      return g_variant_new_array (g_variant_type_element (type), children, n_children);
    case G_VARIANT_CLASS_TUPLE:
      return g_variant_new_tuple (children, n_children);
    case G_VARIANT_CLASS_DICT_ENTRY:
      return g_variant_new_dict_entry (children[0], children[1]);
    default:
      g_return_val_if_reached (NULL);
    }
}

static gboolean is_normal (GVariant *value);

/* There is one normal form only: what is made anew of the same children. */
static gboolean
is_made_of_its_children (GVariant *value,
                         gsize     n_children)
{
  g_autoptr(GPtrArray) children = g_ptr_array_new_full (n_children, (GDestroyNotify) g_variant_unref);
  g_autoptr(GVariant) made = NULL;
  gsize size = g_variant_get_size (value);

  for (gsize i = 0; i < n_children; i++)
    {
      GVariant *child = g_variant_get_child_value (value, i);

      g_ptr_array_add (children, child);
      if (!is_normal (child))
        return FALSE;
    }

  made = g_variant_ref_sink (make_container (value, (GVariant **) children->pdata, n_children));

  return g_variant_get_size (made) == size &&
         memcmp (g_variant_get_data (made), g_variant_get_data (value), size) == 0;
}

/* As g_variant_is_normal_form (), which looks at each byte of an array of bytes in turn. */
static gboolean
is_normal (GVariant *value)
{
  gsize size = g_variant_get_size (value);
  gsize number_size = get_number_size (g_variant_get_type_string (value));
  gsize n_children;

  if (number_size > 0)
    return size % number_size == 0;
  if (size < LARGE_VALUE || !g_variant_is_container (value))
    return g_variant_is_normal_form (value);

  n_children = g_variant_n_children (value);

  return n_children > 0 && n_children <= size / LARGE_CHILD ? is_made_of_its_children (value, n_children)
                                                           : g_variant_is_normal_form (value);
}

/**
 * au_value_from_bytes:
 * @type: the type of the value, a definite one
 * @bytes: what was written of a value, in the byte order of this machine
 * @error: return location for an error
 *
 * Makes a value of bytes that nobody vouches for. It is for stores and serializers: arrays
 * of numbers, such as a large `ay`, cost no more than a look at their size, where
 * [method@GLib.Variant.is_normal_form] takes seconds for some hundred MiB.
 *
 * The value refers to @bytes, unless these do not stand in memory as the type wants it.
 *
 * Fails with %AU_ERROR_DAMAGED when they are not the normal form of a value of this type.
 *
 * MT safe.
 *
 * Returns: (transfer full): the value, not floating, or %NULL with @error set
 *
 * Since: 1.0
 */
GVariant *
au_value_from_bytes (const GVariantType  *type,
                     GBytes              *bytes,
                     GError             **error)
{
  g_autoptr(GVariant) value = NULL;

  g_return_val_if_fail (type != NULL && g_variant_type_is_definite (type), NULL);
  g_return_val_if_fail (bytes != NULL, NULL);

  value = g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, FALSE));
  if (is_normal (value))
    {
      /* One that GLib need not look at any more. */
      if (get_number_size (g_variant_get_type_string (value)) == 0 && g_bytes_get_size (bytes) < LARGE_VALUE)
        return g_steal_pointer (&value);
      return g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, TRUE));
    }

  g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED,
               _("The bytes are not the normal form of a value of type “%.*s”"),
               (int) g_variant_type_get_string_length (type), g_variant_type_peek_string (type));
  return NULL;
}
