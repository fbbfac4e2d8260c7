/* au-json-reader.c: JSON nodes to values of a type
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-json-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Beyond this, a double does not tell which integer was meant. */
#define MAX_SAFE_INTEGER (9007199254740992.0)

typedef struct _Place Place;

/* Where in the text a node stands; lives on the stack, and is looked at only to say
 * what is wrong there. */
struct _Place
{
  const Place *outer;
  const char  *member;
  guint        index;
};

static GVariant *read_value (JsonNode           *node,
                             const GVariantType *type,
                             const Place        *place,
                             GError            **error);

static gboolean
is_plain_name (const char *name)
{
  if (!g_ascii_isalpha (name[0]) && name[0] != '_')
    return FALSE;

  for (const char *p = name; *p != '\0'; p++)
    {
      if (!g_ascii_isalnum (*p) && *p != '_')
        return FALSE;
    }

  return TRUE;
}

static void
append_place (GString     *path,
              const Place *place)
{
  if (place == NULL)
    {
      g_string_append_c (path, '$');
      return;
    }

  append_place (path, place->outer);
  if (place->member == NULL)
    {
      g_string_append_printf (path, "[%u]", place->index);
    }
  else if (is_plain_name (place->member))
    {
      g_string_append_printf (path, ".%s", place->member);
    }
  else
    {
      g_string_append_c (path, '[');
      au_json_append_string (path, place->member);
      g_string_append_c (path, ']');
    }
}

static char *
describe (JsonNode *node)
{
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      return g_strdup (_("an object"));
    case JSON_NODE_ARRAY:
      return g_strdup_printf (_("an array of length %u"), json_array_get_length (json_node_get_array (node)));
    case JSON_NODE_NULL:
      return g_strdup ("null");
    case JSON_NODE_VALUE:
    default:
      break;
    }

  switch (json_node_get_value_type (node))
    {
    case G_TYPE_BOOLEAN:
      return g_strdup (json_node_get_boolean (node) ? "true" : "false");
    case G_TYPE_INT64:
      return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
    case G_TYPE_DOUBLE:
      return g_strdup_printf ("%g", json_node_get_double (node));
    default:
      return g_strdup (_("a string"));
    }
}

/* Says that @node is not what is @wanted. */
static gpointer
fail (JsonNode    *node,
      const Place *place,
      const char  *wanted,
      GError     **error)
{
  g_autoptr(GString) path = g_string_new (NULL);
  g_autofree char *found = describe (node);

  append_place (path, place);
  g_set_error (error, AU_ERROR, AU_ERROR_BAD_TYPE,
               _("The JSON value at %s has to be %s, but it is %s"), path->str, wanted, found);

  return NULL;
}

static gpointer
fail_text (JsonNode    *node,
           const Place *place,
           const char  *wanted,
           GError     **error)
{
  g_autoptr(GString) path = g_string_new (NULL);

  append_place (path, place);
  g_set_error (error, AU_ERROR, AU_ERROR_BAD_TYPE,
               _("The JSON string at %s has to be %s"), path->str, wanted);

  return NULL;
}

static gpointer
fail_integer (JsonNode    *node,
              const Place *place,
              gint64       minimum,
              guint64      maximum,
              GError     **error)
{
  g_autofree char *from = g_strdup_printf ("%" G_GINT64_FORMAT, minimum);
  g_autofree char *to = g_strdup_printf ("%" G_GUINT64_FORMAT, maximum);
  g_autofree char *wanted = NULL;

  if (maximum > G_MAXUINT32)
    /* Translators: %s are the least and the greatest number */
    wanted = g_strdup_printf (_("an integer from %s to %s, as a string if it is a large one"), from, to);
  else
    /* Translators: %s are the least and the greatest number */
    wanted = g_strdup_printf (_("an integer from %s to %s"), from, to);

  return fail (node, place, wanted, error);
}

static const char *
get_string (JsonNode *node)
{
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;

  return json_node_get_string (node);
}

/* Gives the integer that a node stands for, exactly, where that is one of 64 bits
 * with sign. */
static gboolean
get_integer (JsonNode *node,
             gint64   *integer)
{
  double number;

  if (!JSON_NODE_HOLDS_VALUE (node))
    return FALSE;

  switch (json_node_get_value_type (node))
    {
    case G_TYPE_INT64:
      *integer = json_node_get_int (node);
      return TRUE;
    case G_TYPE_DOUBLE:
      number = json_node_get_double (node);
      if (!(fabs (number) <= MAX_SAFE_INTEGER) || floor (number) != number)
        return FALSE;
      *integer = number;
      return TRUE;
    default:
      return FALSE;
    }
}

static GVariant *
read_int64 (JsonNode    *node,
            const Place *place,
            GError     **error)
{
  const char *string = get_string (node);
  gint64 number;

  if (string != NULL
      ? g_ascii_string_to_signed (string, 10, G_MININT64, G_MAXINT64, &number, NULL)
      : get_integer (node, &number))
    return g_variant_new_int64 (number);

  return fail_integer (node, place, G_MININT64, G_MAXINT64, error);
}

static GVariant *
read_uint64 (JsonNode    *node,
             const Place *place,
             GError     **error)
{
  const char *string = get_string (node);
  guint64 number;
  gint64 integer;

  if (string != NULL)
    {
      if (g_ascii_string_to_unsigned (string, 10, 0, G_MAXUINT64, &number, NULL))
        return g_variant_new_uint64 (number);
    }
  else if (get_integer (node, &integer) && integer >= 0)
    {
      return g_variant_new_uint64 (integer);
    }

  return fail_integer (node, place, 0, G_MAXUINT64, error);
}

static GVariant *
read_small_integer (JsonNode    *node,
                    char         type,
                    const Place *place,
                    GError     **error)
{
  static const struct
  {
    char   type;
    gint64 minimum;
    gint64 maximum;
  } ranges[] = {
    { 'y', 0, G_MAXUINT8 },
    { 'n', G_MININT16, G_MAXINT16 },
    { 'q', 0, G_MAXUINT16 },
    { 'i', G_MININT32, G_MAXINT32 },
    { 'u', 0, G_MAXUINT32 },
  };
  guint i = 0;
  gint64 number;

  while (ranges[i].type != type)
    i++;

  if (!get_integer (node, &number) || number < ranges[i].minimum || number > ranges[i].maximum)
    return fail_integer (node, place, ranges[i].minimum, ranges[i].maximum, error);

  switch (type)
    {
    case 'y':
      return g_variant_new_byte (number);
    case 'n':
      return g_variant_new_int16 (number);
    case 'q':
      return g_variant_new_uint16 (number);
    case 'i':
      return g_variant_new_int32 (number);
    default:
      return g_variant_new_uint32 (number);
    }
}

static GVariant *
read_double (JsonNode    *node,
             const Place *place,
             GError     **error)
{
  const char *string = get_string (node);

  if (string != NULL)
    {
      if (g_str_equal (string, "NaN"))
        return g_variant_new_double (NAN);
      if (g_str_equal (string, "Infinity"))
        return g_variant_new_double (INFINITY);
      if (g_str_equal (string, "-Infinity"))
        return g_variant_new_double (-INFINITY);
    }
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    {
      return g_variant_new_double (json_node_get_double (node));
    }

  return fail (node, place, _("a number, or “NaN”, “Infinity” or “-Infinity”"), error);
}

static GVariant *
read_string (JsonNode    *node,
             char         type,
             const Place *place,
             GError     **error)
{
  const char *string = get_string (node);

  if (string == NULL)
    return fail (node, place, _("a string"), error);

  switch (type)
    {
    case 'o':
      if (!g_variant_is_object_path (string))
        return fail_text (node, place, _("an object path, such as “/a/b”"), error);
      return g_variant_new_object_path (string);
    case 'g':
      if (!g_variant_is_signature (string))
        return fail_text (node, place, _("a type signature"), error);
      return g_variant_new_signature (string);
    default:
      return g_variant_new_string (string);
    }
}

static gboolean
is_base64 (const char *string,
           gsize       length)
{
  gsize n_digits = length;

  if (length % 4 != 0)
    return FALSE;

  for (guint i = 0; i < 2 && n_digits > 0 && string[n_digits - 1] == '='; i++)
    n_digits--;

  for (gsize i = 0; i < n_digits; i++)
    {
      if (!g_ascii_isalnum (string[i]) && string[i] != '+' && string[i] != '/')
        return FALSE;
    }

  return TRUE;
}

static GVariant *
read_bytes (JsonNode    *node,
            const Place *place,
            GError     **error)
{
  const char *string = get_string (node);
  guint8 *data;
  gsize size;

  if (string == NULL)
    return fail (node, place, _("a string with bytes in base 64"), error);
  if (!is_base64 (string, strlen (string)))
    return fail_text (node, place, _("bytes in base 64"), error);

  data = g_base64_decode (string, &size);

  return g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, data, size, TRUE, g_free, data);
}

/* Reads a member or an element, and hands it to @builder. */
static gboolean
read_into (GVariantBuilder    *builder,
           JsonNode           *node,
           const GVariantType *type,
           const Place        *place,
           GError            **error)
{
  GVariant *value = read_value (node, type, place, error);

  if (value == NULL)
    return FALSE;

  g_variant_builder_add_value (builder, value);
  return TRUE;
}

static GVariant *
read_elements (JsonNode           *node,
               const GVariantType *type,
               const Place        *outer,
               GError            **error)
{
  const GVariantType *element = g_variant_type_element (type);
  g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (type);
  JsonArray *array = json_node_get_array (node);
  guint length = json_array_get_length (array);

  for (guint i = 0; i < length; i++)
    {
      const Place place = { outer, NULL, i };

      if (!read_into (&builder, json_array_get_element (array, i), element, &place, error))
        return NULL;
    }

  return g_variant_builder_end (&builder);
}

static GVariant *
read_members (JsonNode           *node,
              const GVariantType *type,
              const Place        *outer,
              GError            **error)
{
  const GVariantType *entry = g_variant_type_element (type);
  g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (type);
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_object_iter_init_ordered (&iter, json_node_get_object (node));
  while (json_object_iter_next_ordered (&iter, &name, &member))
    {
      const Place place = { outer, name, 0 };

      g_variant_builder_open (&builder, entry);
      g_variant_builder_add (&builder, "s", name);
      if (!read_into (&builder, member, g_variant_type_value (entry), &place, error))
        return NULL;
      g_variant_builder_close (&builder);
    }

  return g_variant_builder_end (&builder);
}

static GVariant *
read_array (JsonNode           *node,
            const GVariantType *type,
            const Place        *place,
            GError            **error)
{
  const GVariantType *element = g_variant_type_element (type);

  if (g_variant_type_equal (element, G_VARIANT_TYPE_BYTE))
    return read_bytes (node, place, error);

  if (g_variant_type_is_dict_entry (element) &&
      g_variant_type_equal (g_variant_type_key (element), G_VARIANT_TYPE_STRING))
    {
      if (JSON_NODE_HOLDS_OBJECT (node))
        return read_members (node, type, place, error);
      if (!JSON_NODE_HOLDS_ARRAY (node))
        return fail (node, place, _("an object"), error);
    }

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return fail (node, place, _("an array"), error);

  return read_elements (node, type, place, error);
}

static GVariant *
read_tuple (JsonNode           *node,
            const GVariantType *type,
            const Place        *outer,
            GError            **error)
{
  gsize n_items = g_variant_type_n_items (type);
  g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (type);
  const GVariantType *item;
  JsonArray *array;

  if (!JSON_NODE_HOLDS_ARRAY (node) || json_array_get_length (json_node_get_array (node)) != n_items)
    {
      g_autofree char *wanted = g_strdup_printf (_("an array of length %u"), (guint) n_items);

      return fail (node, outer, wanted, error);
    }

  array = json_node_get_array (node);
  item = g_variant_type_first (type);
  for (guint i = 0; i < n_items; i++)
    {
      const Place place = { outer, NULL, i };

      if (!read_into (&builder, json_array_get_element (array, i), item, &place, error))
        return NULL;
      item = g_variant_type_next (item);
    }

  return g_variant_builder_end (&builder);
}

static GVariant *
read_maybe (JsonNode           *node,
            const GVariantType *type,
            const Place        *outer,
            GError            **error)
{
  const GVariantType *element = g_variant_type_element (type);
  const Place place = { outer, NULL, 0 };
  GVariant *value;

  if (JSON_NODE_HOLDS_NULL (node))
    return g_variant_new_maybe (element, NULL);

  if (!g_variant_type_is_maybe (element))
    {
      value = read_value (node, element, outer, error);
      return value != NULL ? g_variant_new_maybe (element, value) : NULL;
    }

  if (!JSON_NODE_HOLDS_ARRAY (node) || json_array_get_length (json_node_get_array (node)) != 1)
    return fail (node, outer, _("null or an array of length 1"), error);

  value = read_value (json_array_get_element (json_node_get_array (node), 0), element, &place, error);

  return value != NULL ? g_variant_new_maybe (element, value) : NULL;
}

static GVariant *
read_boxed (JsonNode    *node,
            const Place *outer,
            GError     **error)
{
  const Place type_place = { outer, "type", 0 };
  const Place value_place = { outer, "value", 0 };
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *type_node = object != NULL ? json_object_get_member (object, "type") : NULL;
  JsonNode *value_node = object != NULL ? json_object_get_member (object, "value") : NULL;
  const char *type;
  GVariant *value;

  if (type_node == NULL || value_node == NULL || json_object_get_size (object) != 2)
    return fail (node, outer, _("an object with the members “type” and “value” and no others"), error);

  type = get_string (type_node);
  if (type == NULL)
    return fail (type_node, &type_place, _("a string"), error);
  if (!g_variant_type_string_is_valid (type) || !g_variant_type_is_definite ((const GVariantType *) type))
    return fail_text (type_node, &type_place, _("the type of one value, such as “s” or “a{sv}”"), error);

  value = read_value (value_node, (const GVariantType *) type, &value_place, error);

  return value != NULL ? g_variant_new_variant (value) : NULL;
}

/* Reads a node as a value of @type. The value is floating. */
static GVariant *
read_value (JsonNode           *node,
            const GVariantType *type,
            const Place        *place,
            GError            **error)
{
  const char class = ((const char *) type)[0];

  switch (class)
    {
    case 'b':
      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
        return fail (node, place, _("true or false"), error);
      return g_variant_new_boolean (json_node_get_boolean (node));
    case 'y':
    case 'n':
    case 'q':
    case 'i':
    case 'u':
      return read_small_integer (node, class, place, error);
    case 'x':
      return read_int64 (node, place, error);
    case 't':
      return read_uint64 (node, place, error);
    case 'd':
      return read_double (node, place, error);
    case 's':
    case 'o':
    case 'g':
      return read_string (node, class, place, error);
    case 'v':
      return read_boxed (node, place, error);
    case 'm':
      return read_maybe (node, type, place, error);
    case 'a':
      return read_array (node, type, place, error);
    case '(':
    case '{':
      return read_tuple (node, type, place, error);
    default:
      g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
                   _("A handle means nothing outside its process and cannot be read from JSON"));
      return NULL;
    }
}

/* Gives a node the type that suits it. The value is floating. */
static GVariant *
read_naturally (JsonNode *node)
{
  g_auto(GVariantBuilder) builder = { 0 };
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        g_variant_builder_add (&builder, "{sv}", name, read_naturally (member));
      return g_variant_builder_end (&builder);

    case JSON_NODE_ARRAY:
      g_variant_builder_init (&builder, G_VARIANT_TYPE ("av"));
      for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
        g_variant_builder_add (&builder, "v",
                               read_naturally (json_array_get_element (json_node_get_array (node), i)));
      return g_variant_builder_end (&builder);

    case JSON_NODE_NULL:
      return g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL);

    case JSON_NODE_VALUE:
    default:
      break;
    }

  switch (json_node_get_value_type (node))
    {
    case G_TYPE_BOOLEAN:
      return g_variant_new_boolean (json_node_get_boolean (node));
    case G_TYPE_INT64:
      return g_variant_new_int64 (json_node_get_int (node));
    case G_TYPE_DOUBLE:
      return g_variant_new_double (json_node_get_double (node));
    default:
      return g_variant_new_string (json_node_get_string (node));
    }
}

/*
 * au_json_node_to_variant:
 * @node: a node, of au_json_parse()
 * @type: (nullable): the type of the value, or %NULL for the one that suits the node
 * @error: return location for an error
 *
 * Reads a value, as au_json_to_variant() does.
 *
 * Returns: (transfer full): the value, not floating, or %NULL with @error set
 */
GVariant *
au_json_node_to_variant (JsonNode           *node,
                         const GVariantType *type,
                         GError            **error)
{
  GVariant *value;

  value = type != NULL ? read_value (node, type, NULL, error) : read_naturally (node);

  return value != NULL ? g_variant_ref_sink (value) : NULL;
}
