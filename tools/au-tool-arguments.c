/* au-tool-arguments.c: what a user types as the arguments of a function
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-arguments.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* What a type is called where a user has to write a value of it. */
static const char *
type_in_words (const GVariantType *type)
{
  switch (*g_variant_type_peek_string (type))
    {
    case 'b': return _("true or false");
    case 'y': return _("a whole number from 0 to 255");
    case 'n': return _("a whole number of 16 bits");
    case 'q': return _("a whole number of 16 bits from 0");
    case 'i': return _("a whole number of 32 bits");
    case 'u': return _("a whole number of 32 bits from 0");
    case 'x': return _("a whole number");
    case 't': return _("a whole number from 0");
    case 'd': return _("a number");
    case 's': return _("a text");
    case 'v': return _("a value in GVariant text");
    case 'a':
      return g_variant_type_is_subtype_of (type, G_VARIANT_TYPE_DICTIONARY)
             ? _("a dictionary such as {\"name\": …}")
             : _("a list such as […]");
    default: return _("a value in GVariant text");
    }
}

static void
set_type_error (GError            **error,
                const char         *text,
                gsize               length,
                const GVariantType *type,
                const char         *reason)
{
  g_autofree char *shown = g_utf8_make_valid (text, MIN (length, 80));
  g_autofree char *type_string = g_variant_type_dup_string (type);

  g_set_error (error, AU_ERROR, AU_ERROR_BAD_TYPE,
               _("“%s%s” is not of the type %s (%s): %s"),
               shown, length > 80 ? "…" : "", type_string, type_in_words (type), reason);
}

static GVariant *
text_value (const char *text,
            gsize       length,
            GError    **error)
{
  const char *end;

  if (!g_utf8_validate_len (text, length, &end))
    {
      set_type_error (error, text, length, G_VARIANT_TYPE_STRING,
                      memchr (text, '\0', length) != NULL
                      ? _("it holds a zero byte")
                      : _("it is not encoded in UTF-8"));
      return NULL;
    }
  return g_variant_ref_sink (g_variant_new_take_string (g_strndup (text, length)));
}

/* A variant that holds @value, unless it is one. Takes the reference over. */
static GVariant *
box (GVariant *value)
{
  g_autoptr(GVariant) owned = value;

  if (g_variant_is_of_type (owned, G_VARIANT_TYPE_VARIANT))
    return g_steal_pointer (&owned);
  return g_variant_ref_sink (g_variant_new_variant (owned));
}

/* In JSON as people write it, nothing tells the types of what is in a dictionary. */
static GVariant *
untyped_json (const GVariantType *type,
              const char         *text,
              gsize               length)
{
  GVariant *value;

  if (!g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT) && !g_variant_type_equal (type, G_VARIANT_TYPE_VARDICT))
    return NULL;

  value = au_json_to_variant (text, length, NULL, NULL);
  if (value != NULL && g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT))
    return box (value);
  if (value != NULL && !g_variant_is_of_type (value, type))
    g_clear_pointer (&value, g_variant_unref);
  return value;
}

/* JSON of which variants may or may not carry their types. */
static GVariant *
json_value (const GVariantType *type,
            const char         *text,
            gsize               length,
            GError            **error)
{
  g_autoptr(GError) typed_error = NULL;
  GVariant *value = au_json_to_variant (text, length, type, &typed_error);

  if (value == NULL)
    value = untyped_json (type, text, length);
  if (value == NULL)
    g_propagate_error (error, g_steal_pointer (&typed_error));
  return value;
}

/* GVariant text first, then JSON: where both can be read they mean the same. */
static GVariant *
parsed_value (const GVariantType *type,
              const char         *text,
              gsize               length,
              GError            **error)
{
  g_autoptr(GError) text_error = NULL;
  GVariant *value;

  value = g_variant_parse (type, text, text + length, NULL, &text_error);
  if (value == NULL)
    value = json_value (type, text, length, NULL);
  if (value == NULL)
    set_type_error (error, text, length, type, text_error->message);
  return value;
}

/* The value of one argument of @type. A text is taken as it is, without quotes. Like
 * all of these it returns a reference that is not floating. */
static GVariant *
argument_value (const GVariantType *type,
                const char         *text,
                gsize               length,
                GError            **error)
{
  GVariant *value;

  if (g_variant_type_equal (type, G_VARIANT_TYPE_STRING))
    return text_value (text, length, error);

  if (g_variant_type_equal (type, G_VARIANT_TYPE_BYTESTRING))
    {
      g_autofree char *bytes = g_strndup (text, length);

      return g_variant_ref_sink (g_variant_new_bytestring (bytes));
    }

  if (g_variant_type_equal (type, G_VARIANT_TYPE_OBJECT_PATH) ||
      g_variant_type_equal (type, G_VARIANT_TYPE_SIGNATURE))
    {
      g_autofree char *copy = g_strndup (text, length);
      gboolean path = g_variant_type_equal (type, G_VARIANT_TYPE_OBJECT_PATH);

      if (path && g_variant_is_object_path (copy))
        return g_variant_ref_sink (g_variant_new_object_path (copy));
      if (!path && g_variant_is_signature (copy))
        return g_variant_ref_sink (g_variant_new_signature (copy));
      set_type_error (error, text, length, type,
                      path ? _("it is no object path") : _("it is no signature"));
      return NULL;
    }

  if (g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT))
    {
      g_autoptr(GError) ignored = NULL;

      /* The value itself, or one in angle brackets. */
      value = g_variant_parse (NULL, text, text + length, NULL, &ignored);
      if (value != NULL)
        return box (value);
    }

  return parsed_value (type, text, length, error);
}

static gboolean
starts_with (const char *text,
             const char *characters)
{
  while (g_ascii_isspace (*text))
    text++;
  return *text != '\0' && strchr (characters, *text) != NULL;
}

/* “name=text” or “name:=value”, for functions that take a dictionary. */
static gboolean
add_entry (GVariantDict *dict,
           const char   *word,
           GError      **error)
{
  const char *equal = strchr (word, '=');
  g_autofree char *name = NULL;
  g_autoptr(GVariant) value = NULL;

  if (equal == NULL || equal == word)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” is no argument for a function that takes a dictionary: write NAME=TEXT, NAME:=VALUE, or one {…}"),
                   word);
      return FALSE;
    }

  if (equal[-1] == ':')
    {
      g_autoptr(GVariant) boxed = argument_value (G_VARIANT_TYPE_VARIANT, equal + 1, strlen (equal + 1), error);

      name = g_strndup (word, equal - word - 1);
      value = boxed != NULL ? g_variant_get_variant (boxed) : NULL;
    }
  else
    {
      name = g_strndup (word, equal - word);
      value = text_value (equal + 1, strlen (equal + 1), error);
    }
  if (value == NULL)
    return FALSE;

  g_variant_dict_insert_value (dict, name, value);
  return TRUE;
}

static GVariant *
dictionary_from_words (char   **words,
                       GError **error)
{
  g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);

  if (words[0] != NULL && words[1] == NULL && starts_with (words[0], "{"))
    return parsed_value (G_VARIANT_TYPE_VARDICT, words[0], strlen (words[0]), error);

  for (; *words != NULL; words++)
    {
      if (!add_entry (&dict, *words, error))
        return NULL;
    }
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static GVariant *
tuple_from_words (AuFunction         *function,
                  const GVariantType *type,
                  char              **words,
                  GError            **error)
{
  gsize wanted = g_variant_type_n_items (type);
  gsize given = g_strv_length (words);
  const GVariantType *item = g_variant_type_first (type);
  g_autoptr(GPtrArray) values = NULL;

  /* All arguments at once, where no single argument could be meant. */
  if (given == 1 && wanted != 1 && starts_with (words[0], "(["))
    return parsed_value (type, words[0], strlen (words[0]), error);

  if (given != wanted)
    {
      g_autofree char *type_string = g_variant_type_dup_string (type);

      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   g_dngettext (GETTEXT_PACKAGE,
                                "“%s” takes %u argument (%s), but %u were given",
                                "“%s” takes %u arguments (%s), but %u were given", wanted),
                   au_function_get_name (function), (guint) wanted, type_string, (guint) given);
      return NULL;
    }

  values = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  for (gsize i = 0; i < given; i++, item = g_variant_type_next (item))
    {
      GVariant *value = argument_value (item, words[i], strlen (words[i]), error);

      if (value == NULL)
        {
          g_prefix_error (error, _("argument %u of “%s”: "), (guint) i + 1, au_function_get_name (function));
          return NULL;
        }
      g_ptr_array_add (values, value);
    }
  return g_variant_ref_sink (g_variant_new_tuple ((GVariant **) values->pdata, values->len));
}

/* Makes the arguments of @function of the words of a command line; with @json one
 * word is the JSON of all of them. */
GVariant *
au_tool_arguments_from_words (AuFunction *function,
                              char      **words,
                              gboolean    json,
                              GError    **error)
{
  const GVariantType *type = au_function_get_input (function);

  if (json)
    {
      if (words[0] == NULL || words[1] != NULL)
        {
          g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                       _("with --json-input “%s” takes one argument: the JSON of all its arguments"),
                       au_function_get_name (function));
          return NULL;
        }
      return json_value (type, words[0], strlen (words[0]), error);
    }
  if (g_variant_type_is_tuple (type))
    return tuple_from_words (function, type, words, error);
  return dictionary_from_words (words, error);
}

/* Makes the arguments of @function of one input of “au map”: the text is its only
 * argument, or all of them in GVariant text or, with @json, in JSON. */
GVariant *
au_tool_arguments_from_input (AuFunction *function,
                              const char *text,
                              gsize       length,
                              gboolean    json,
                              GError    **error)
{
  const GVariantType *type = au_function_get_input (function);
  g_autoptr(GVariant) value = NULL;

  if (json && length > 0 && starts_with (text, "[{"))
    return json_value (type, text, length, error);
  if (!g_variant_type_is_tuple (type) || g_variant_type_n_items (type) != 1)
    return parsed_value (type, text, length, error);

  value = argument_value (g_variant_type_first (type), text, length, error);
  return value != NULL ? g_variant_ref_sink (g_variant_new_tuple (&value, 1)) : NULL;
}
