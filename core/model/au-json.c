/* au-json.c: values as JSON text
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-json-private.h"

/**
 * au_json_from_variant:
 * @value: a value; a floating reference is consumed
 * @pretty: whether to write it on several lines, indented by two spaces, for people
 *
 * Writes @value as JSON, in a way that [func@Au.json_to_variant] with the same type
 * reads as an equal value:
 *
 * - booleans, strings, object paths and signatures as what they are;
 * - numbers as numbers; an integer beyond ±2⁵³, which many readers of JSON get wrong,
 *   as a string of its digits; what is no number as `"NaN"`, `"Infinity"` or
 *   `"-Infinity"`;
 * - `ay` as a string of bytes in base 64, other arrays, tuples and single dictionary
 *   entries as arrays;
 * - `a{s*}` as an object, or, if a key occurs twice, as other dictionaries: an array
 *   of arrays of a key and a value;
 * - a maybe as null or as its value; a maybe of a maybe as null or as an array of
 *   length 1;
 * - a variant as `{"type":"…","value":…}`.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the text, or %NULL if @value holds a handle,
 *   which means nothing outside its process, or is nested deeper than 64 levels
 *
 * Since: 1.0
 */
char *
au_json_from_variant (GVariant *value,
                      gboolean  pretty)
{
  g_autoptr(GVariant) owned = NULL;
  g_autoptr(GString) text = NULL;

  g_return_val_if_fail (value != NULL, NULL);

  owned = g_variant_ref_sink (value);
  text = g_string_sized_new (128);
  if (!au_json_append_variant (text, owned, pretty ? 0 : AU_JSON_COMPACT))
    return NULL;

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * au_json_to_variant:
 * @json: JSON text
 * @length: its length in bytes, or -1 if it ends with a zero
 * @type: (nullable): the type of the value, or %NULL for the one that suits the text
 * @error: return location for an error
 *
 * Reads a value from JSON, in the form that [func@Au.json_from_variant] describes.
 *
 * With a @type the text has to fit it: nothing is rounded, cut off or left out. A
 * large integer may also be written as a number, as long as it fits into 64 bits with
 * sign. Without a type, true and false become `b`, integers `x`, other numbers `d`,
 * strings `s`, objects `a{sv}`, arrays `av`, and null the `mv` without a value.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when the text is not JSON, an object has two
 * members of one name, arrays and objects are nested deeper than 64 levels, or,
 * without a type, an integer needs more than 64 bits; the message gives line and
 * column. Fails with %AU_ERROR_BAD_TYPE when the text does not fit the type; the
 * message gives the place, such as `$[2].name`. Fails with %AU_ERROR_UNSUPPORTED when
 * the type holds a handle.
 *
 * MT safe.
 *
 * Returns: (transfer full): the value, not floating, or %NULL with @error set
 *
 * Since: 1.0
 */
GVariant *
au_json_to_variant (const char         *json,
                    gssize              length,
                    const GVariantType *type,
                    GError            **error)
{
  g_autoptr(JsonNode) node = NULL;

  g_return_val_if_fail (json != NULL, NULL);
  g_return_val_if_fail (type == NULL || g_variant_type_is_definite (type), NULL);

  if (type == NULL)
    node = au_json_parse_exact (json, length, AU_JSON_MAX_DEPTH, error);
  else
    node = au_json_parse (json, length, AU_JSON_MAX_DEPTH, error);
  if (node == NULL)
    return NULL;

  return au_json_node_to_variant (node, type, error);
}

/*
 * au_json_node_from_variant:
 * @value: a value
 *
 * Makes the node that au_json_from_variant() writes as text.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new node, or %NULL if @value cannot be written
 */
JsonNode *
au_json_node_from_variant (GVariant *value)
{
  g_autoptr(GString) text = g_string_new (NULL);

  if (!au_json_append_variant (text, value, AU_JSON_COMPACT))
    return NULL;

  return au_json_parse (text->str, text->len, AU_JSON_MAX_DEPTH, NULL);
}
