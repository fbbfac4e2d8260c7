/* au-tool-json.c: lines of JSON, written quickly
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-json.h"

#include <au/au.h>

#include <math.h>
#include <string.h>

/* What au_json_from_variant() writes can be read back as what it was, which takes a
 * type beside each variant. Here the readers are jq and people: a variant is written
 * as what is in it.
 */

/* Many readers of JSON have no integers beyond these. */
#define INTEGER_MAX (G_GINT64_CONSTANT (1) << 53)

static gsize
plain_length (const char *text,
              gsize       length)
{
  gsize i = 0;

  while (i < length && (guchar) text[i] >= 0x20 && text[i] != '"' && text[i] != '\\' && text[i] != 0x7f)
    i++;
  return i;
}

static void
append_escaped (GString *json,
                char     c)
{
  switch (c)
    {
    case '"': g_string_append (json, "\\\""); break;
    case '\\': g_string_append (json, "\\\\"); break;
    case '\n': g_string_append (json, "\\n"); break;
    case '\r': g_string_append (json, "\\r"); break;
    case '\t': g_string_append (json, "\\t"); break;
    default: g_string_append_printf (json, "\\u%04x", (guchar) c); break;
    }
}

static void
append_valid_string (GString    *json,
                     const char *text,
                     gsize       length)
{
  g_string_append_c (json, '"');
  while (length > 0)
    {
      gsize plain = plain_length (text, length);

      g_string_append_len (json, text, plain);
      text += plain;
      length -= plain;
      if (length > 0)
        {
          append_escaped (json, *text);
          text++;
          length--;
        }
    }
  g_string_append_c (json, '"');
}

/* Appends a text. What is not UTF-8 becomes U+FFFD. */
void
au_tool_json_string (GString    *json,
                     const char *text,
                     gssize      length)
{
  gsize size = length < 0 ? strlen (text) : (gsize) length;

  if (g_utf8_validate_len (text, size, NULL))
    {
      append_valid_string (json, text, size);
    }
  else
    {
      g_autofree char *valid = g_utf8_make_valid (text, size);

      append_valid_string (json, valid, strlen (valid));
    }
}

static void
append_integer (GString *json,
                guint64  magnitude,
                gboolean negative)
{
  char digits[24];
  char *p = digits + sizeof digits;
  gboolean quoted = magnitude > INTEGER_MAX;

  if (quoted)
    *--p = '"';
  do
    *--p = '0' + magnitude % 10;
  while ((magnitude /= 10) > 0);
  if (negative)
    *--p = '-';
  if (quoted)
    g_string_append_c (json, '"');
  g_string_append_len (json, p, digits + sizeof digits - p);
}

static void
append_signed (GString *json,
               gint64   number)
{
  append_integer (json, number < 0 ? -(guint64) number : (guint64) number, number < 0);
}

static void
append_double (GString *json,
               double   number)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (number))
    {
      g_string_append (json, isnan (number) ? "\"NaN\"" : (number < 0 ? "\"-Infinity\"" : "\"Infinity\""));
      return;
    }

  /* The shortest that is still the same number. */
  g_ascii_formatd (digits, sizeof digits, "%.15g", number);
  if (g_ascii_strtod (digits, NULL) != number)
    g_ascii_dtostr (digits, sizeof digits, number);
  g_string_append (json, digits);
}

static void
append_bytes (GString  *json,
              GVariant *value)
{
  gsize length;
  const guchar *bytes = g_variant_get_fixed_array (value, &length, 1);
  g_autofree char *base64 = g_base64_encode (bytes, length);

  g_string_append_c (json, '"');
  g_string_append (json, base64);
  g_string_append_c (json, '"');
}

static gboolean
keys_are_unique (GVariant *dictionary)
{
  g_autoptr(GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GVariantIter iter;
  GVariant *entry;
  gboolean unique = TRUE;

  g_variant_iter_init (&iter, dictionary);
  while (unique && (entry = g_variant_iter_next_value (&iter)) != NULL)
    {
      char *key = NULL;

      g_variant_get_child (entry, 0, "s", &key);
      unique = g_hash_table_add (keys, key);
      g_variant_unref (entry);
    }
  return unique;
}

static void
append_dictionary (GString  *json,
                   GVariant *dictionary)
{
  gsize n = g_variant_n_children (dictionary);

  g_string_append_c (json, '{');
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr(GVariant) entry = g_variant_get_child_value (dictionary, i);
      g_autoptr(GVariant) key = g_variant_get_child_value (entry, 0);
      g_autoptr(GVariant) value = g_variant_get_child_value (entry, 1);

      if (i > 0)
        g_string_append_c (json, ',');
      au_tool_json_variant (json, key);
      g_string_append_c (json, ':');
      au_tool_json_variant (json, value);
    }
  g_string_append_c (json, '}');
}

static void
append_children (GString  *json,
                 GVariant *value)
{
  gsize n = g_variant_n_children (value);

  g_string_append_c (json, '[');
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr(GVariant) child = g_variant_get_child_value (value, i);

      if (i > 0)
        g_string_append_c (json, ',');
      au_tool_json_variant (json, child);
    }
  g_string_append_c (json, ']');
}

static void
append_inner (GString  *json,
              GVariant *inner)
{
  if (inner == NULL)
    {
      g_string_append (json, "null");
      return;
    }
  au_tool_json_variant (json, inner);
  g_variant_unref (inner);
}

/* Appends a value. */
void
au_tool_json_variant (GString  *json,
                      GVariant *value)
{
  const char *text;
  gsize length;

  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BOOLEAN: g_string_append (json, g_variant_get_boolean (value) ? "true" : "false"); break;
    case G_VARIANT_CLASS_BYTE: append_integer (json, g_variant_get_byte (value), FALSE); break;
    case G_VARIANT_CLASS_INT16: append_signed (json, g_variant_get_int16 (value)); break;
    case G_VARIANT_CLASS_UINT16: append_integer (json, g_variant_get_uint16 (value), FALSE); break;
    case G_VARIANT_CLASS_INT32: append_signed (json, g_variant_get_int32 (value)); break;
    case G_VARIANT_CLASS_UINT32: append_integer (json, g_variant_get_uint32 (value), FALSE); break;
    case G_VARIANT_CLASS_INT64: append_signed (json, g_variant_get_int64 (value)); break;
    case G_VARIANT_CLASS_UINT64: append_integer (json, g_variant_get_uint64 (value), FALSE); break;
    case G_VARIANT_CLASS_DOUBLE: append_double (json, g_variant_get_double (value)); break;
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
      text = g_variant_get_string (value, &length);
      append_valid_string (json, text, length);
      break;
    case G_VARIANT_CLASS_VARIANT: append_inner (json, g_variant_get_variant (value)); break;
    case G_VARIANT_CLASS_MAYBE: append_inner (json, g_variant_get_maybe (value)); break;
    case G_VARIANT_CLASS_ARRAY:
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
        append_bytes (json, value);
      else if (g_variant_is_of_type (value, G_VARIANT_TYPE ("a{s*}")) && keys_are_unique (value))
        append_dictionary (json, value);
      else
        append_children (json, value);
      break;
    case G_VARIANT_CLASS_TUPLE:
    case G_VARIANT_CLASS_DICT_ENTRY: append_children (json, value); break;
    case G_VARIANT_CLASS_HANDLE:
    default:
      /* A descriptor means nothing outside its process. */
      g_string_append (json, "null");
      break;
    }
}

/* Appends the name of a member, and what separates it from the one before. */
void
au_tool_json_member (GString    *json,
                     const char *name)
{
  if (json->len > 0 && json->str[json->len - 1] != '{')
    g_string_append_c (json, ',');
  g_string_append_c (json, '"');
  g_string_append (json, name);
  g_string_append (json, "\":");
}

void
au_tool_json_text (GString    *json,
                   const char *name,
                   const char *text)
{
  au_tool_json_member (json, name);
  if (text != NULL)
    au_tool_json_string (json, text, -1);
  else
    g_string_append (json, "null");
}

void
au_tool_json_boolean (GString    *json,
                      const char *name,
                      gboolean    value)
{
  au_tool_json_member (json, name);
  g_string_append (json, value ? "true" : "false");
}

void
au_tool_json_uint (GString    *json,
                   const char *name,
                   guint64     number)
{
  au_tool_json_member (json, name);
  append_integer (json, number, FALSE);
}

/* A duration in seconds. */
void
au_tool_json_seconds (GString    *json,
                      const char *name,
                      GTimeSpan   span)
{
  char digits[32];

  span = MAX (span, 0);
  g_snprintf (digits, sizeof digits, "%" G_GINT64_FORMAT ".%06d",
              span / G_TIME_SPAN_SECOND, (int) (span % G_TIME_SPAN_SECOND));
  au_tool_json_member (json, name);
  g_string_append (json, digits);
}

/* A time, in UTC; null for none. */
void
au_tool_json_time (GString    *json,
                   const char *name,
                   gint64      time)
{
  g_autoptr(GDateTime) date = NULL;
  g_autofree char *text = NULL;

  au_tool_json_member (json, name);
  if (time != 0)
    date = g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC);
  if (date == NULL)
    {
      g_string_append (json, "null");
      return;
    }
  text = g_date_time_format (date, "%Y-%m-%dT%H:%M:%S");
  g_string_append_printf (json, "\"%s.%06dZ\"", text, (int) (time % G_USEC_PER_SEC));
}

/* A value; null for none. */
void
au_tool_json_value (GString    *json,
                    const char *name,
                    GVariant   *value)
{
  au_tool_json_member (json, name);
  if (value != NULL)
    au_tool_json_variant (json, value);
  else
    g_string_append (json, "null");
}

/* A list of texts. */
void
au_tool_json_strv (GString            *json,
                   const char         *name,
                   const char * const *texts)
{
  au_tool_json_member (json, name);
  g_string_append_c (json, '[');
  for (gsize i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      au_tool_json_string (json, texts[i], -1);
    }
  g_string_append_c (json, ']');
}

/* The name of an error's code, where its domain has names. */
static const char *
error_code_name (const GError *error)
{
  g_autoptr(GEnumClass) codes = NULL;
  const GEnumValue *code;
  GType type = G_TYPE_INVALID;

  if (error->domain == AU_ERROR)
    type = AU_TYPE_ERROR;
  else if (error->domain == G_IO_ERROR)
    type = G_TYPE_IO_ERROR_ENUM;
  if (type == G_TYPE_INVALID)
    return NULL;

  /* The names are static data of the library. */
  codes = g_type_class_ref (type);
  code = g_enum_get_value (codes, error->code);
  return code != NULL ? code->value_nick : NULL;
}

/* An error; null for none. */
void
au_tool_json_error (GString      *json,
                    const char   *name,
                    const GError *error)
{
  const char *code;

  au_tool_json_member (json, name);
  if (error == NULL)
    {
      g_string_append (json, "null");
      return;
    }

  g_string_append_c (json, '{');
  au_tool_json_text (json, "domain", g_quark_to_string (error->domain));
  au_tool_json_member (json, "code");
  append_signed (json, error->code);
  code = error_code_name (error);
  if (code != NULL)
    au_tool_json_text (json, "name", code);
  au_tool_json_text (json, "message", error->message);
  g_string_append_c (json, '}');
}
