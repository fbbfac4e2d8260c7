/* au-json-writer.c: values to JSON text
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-json-private.h"

#include <math.h>
#include <string.h>

/* Every integer up to this one is a double, too, and so safe in any JSON reader. */
#define MAX_SAFE_INTEGER (G_GINT64_CONSTANT (1) << 53)

/* With fewer entries than this, comparing each with each is quicker than a table. */
#define FEW_ENTRIES (8)

typedef struct
{
  GString *text;
  int      indentation;
  guint    depth;
} Writer;

static gboolean write_value (Writer   *self,
                             GVariant *value);

/*
 * au_json_append_newline:
 * @text: where to write
 * @indentation: how many levels surround what follows, or %AU_JSON_COMPACT
 *
 * Begins a new line, unless everything is to be on one.
 */
void
au_json_append_newline (GString *text,
                        int      indentation)
{
  if (indentation < 0)
    return;

  g_string_append_c (text, '\n');
  for (int i = 0; i < indentation; i++)
    g_string_append (text, "  ");
}

static void
append_escaped (GString *text,
                guchar   c)
{
  static const char digits[] = "0123456789abcdef";
  static const char short_names[] = "\bb\tt\nn\ff\rr\"\"\\\\";

  for (const char *p = short_names; *p != '\0'; p += 2)
    {
      if ((guchar) *p == c)
        {
          g_string_append_c (text, '\\');
          g_string_append_c (text, p[1]);
          return;
        }
    }

  g_string_append (text, "\\u00");
  g_string_append_c (text, digits[c >> 4]);
  g_string_append_c (text, digits[c & 15]);
}

/*
 * au_json_append_string:
 * @text: where to write
 * @string: UTF-8
 *
 * Writes @string in quotes.
 */
void
au_json_append_string (GString    *text,
                       const char *string)
{
  const char *start = string;
  const char *p;

  g_string_append_c (text, '"');
  for (p = string; *p != '\0'; p++)
    {
      guchar c = *p;

      if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
        continue;

      g_string_append_len (text, start, p - start);
      append_escaped (text, c);
      start = p + 1;
    }
  g_string_append_len (text, start, p - start);
  g_string_append_c (text, '"');
}

static void
append_digits (GString *text,
               guint64  number)
{
  char digits[20];
  guint i = sizeof digits;

  do
    digits[--i] = '0' + number % 10;
  while ((number /= 10) > 0);

  g_string_append_len (text, digits + i, sizeof digits - i);
}

/*
 * au_json_append_uint64:
 * @text: where to write
 * @number: a number
 *
 * Writes @number: as a number where every reader of JSON gets it right, else as a
 * string.
 */
void
au_json_append_uint64 (GString *text,
                       guint64  number)
{
  gboolean quoted = number > (guint64) MAX_SAFE_INTEGER;

  if (quoted)
    g_string_append_c (text, '"');
  append_digits (text, number);
  if (quoted)
    g_string_append_c (text, '"');
}

/*
 * au_json_append_int64:
 * @text: where to write
 * @number: a number
 *
 * Writes @number: as a number where every reader of JSON gets it right, else as a
 * string.
 */
void
au_json_append_int64 (GString *text,
                      gint64   number)
{
  gboolean quoted = number > MAX_SAFE_INTEGER || number < -MAX_SAFE_INTEGER;

  if (quoted)
    g_string_append_c (text, '"');
  if (number < 0)
    g_string_append_c (text, '-');
  append_digits (text, number < 0 ? -(guint64) number : (guint64) number);
  if (quoted)
    g_string_append_c (text, '"');
}

/*
 * au_json_append_double:
 * @text: where to write
 * @number: a number
 *
 * Writes @number with as many digits as it takes to read the same number again. One
 * that JSON has no number for becomes a string.
 */
void
au_json_append_double (GString *text,
                       double   number)
{
  static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (number) || isinf (number))
    {
      au_json_append_string (text, isnan (number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_ascii_formatd (buffer, sizeof buffer, formats[i], number);
      if (g_ascii_strtod (buffer, NULL) == number)
        break;
    }

  g_string_append (text, buffer);
  /* or it would be read as an integer where no type says what it is */
  if (strpbrk (buffer, ".e") == NULL)
    g_string_append (text, ".0");
}

static void
write_bytes (Writer   *self,
             GVariant *value)
{
  gsize length;
  gconstpointer data = g_variant_get_fixed_array (value, &length, 1);
  gsize before = self->text->len + 1;
  int state = 0;
  int save = 0;
  gsize written;

  /* encoded in place: values may be large */
  g_string_set_size (self->text, before + (length / 3 + 1) * 4 + 4);
  self->text->str[before - 1] = '"';
  written = g_base64_encode_step (data, length, FALSE, self->text->str + before, &state, &save);
  written += g_base64_encode_close (FALSE, self->text->str + before + written, &state, &save);
  g_string_truncate (self->text, before + written);
  g_string_append_c (self->text, '"');
}

static gboolean
enter (Writer *self,
       char    bracket)
{
  if (self->depth >= AU_JSON_MAX_DEPTH)
    return FALSE;

  self->depth++;
  if (self->indentation >= 0)
    self->indentation++;
  g_string_append_c (self->text, bracket);

  return TRUE;
}

static gboolean
leave (Writer *self,
       char    bracket)
{
  self->depth--;
  if (self->indentation >= 0)
    self->indentation--;
  g_string_append_c (self->text, bracket);

  return TRUE;
}

/* What stands before each element, and after the last one. */
static void
write_gap (Writer *self,
           gsize   index)
{
  if (index > 0)
    g_string_append_c (self->text, ',');
  au_json_append_newline (self->text, self->indentation);
}

static void
write_end (Writer *self,
           gsize   n_elements)
{
  if (n_elements > 0)
    au_json_append_newline (self->text, self->indentation < 0 ? AU_JSON_COMPACT : self->indentation - 1);
}

static void
write_name (Writer     *self,
            const char *name)
{
  au_json_append_string (self->text, name);
  g_string_append (self->text, self->indentation < 0 ? ":" : ": ");
}

static gboolean
write_array (Writer   *self,
             GVariant *value)
{
  GVariantIter iter;
  GVariant *element;
  gsize n = 0;

  if (!enter (self, '['))
    return FALSE;

  g_variant_iter_init (&iter, value);
  while ((element = g_variant_iter_next_value (&iter)) != NULL)
    {
      g_autoptr(GVariant) owned = element;

      write_gap (self, n++);
      if (!write_value (self, owned))
        return FALSE;
    }
  write_end (self, n);

  return leave (self, ']');
}

static gboolean
has_duplicate_keys (GVariant *dictionary)
{
  gsize n_entries = g_variant_n_children (dictionary);
  g_autofree const char **keys = NULL;
  g_autoptr(GHashTable) table = NULL;

  if (n_entries < 2)
    return FALSE;

  keys = g_new (const char *, n_entries);
  if (n_entries >= FEW_ENTRIES)
    table = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < n_entries; i++)
    {
      g_autoptr(GVariant) entry = g_variant_get_child_value (dictionary, i);
      g_autoptr(GVariant) key = g_variant_get_child_value (entry, 0);

      /* the text belongs to the dictionary */
      keys[i] = g_variant_get_string (key, NULL);
      if (table != NULL && !g_hash_table_add (table, (char *) keys[i]))
        return TRUE;
      for (gsize j = 0; table == NULL && j < i; j++)
        {
          if (g_str_equal (keys[i], keys[j]))
            return TRUE;
        }
    }

  return FALSE;
}

static gboolean
write_object (Writer   *self,
              GVariant *value)
{
  GVariantIter iter;
  GVariant *entry;
  gsize n = 0;

  if (!enter (self, '{'))
    return FALSE;

  g_variant_iter_init (&iter, value);
  while ((entry = g_variant_iter_next_value (&iter)) != NULL)
    {
      g_autoptr(GVariant) owned = entry;
      g_autoptr(GVariant) key = g_variant_get_child_value (owned, 0);
      g_autoptr(GVariant) element = g_variant_get_child_value (owned, 1);

      write_gap (self, n++);
      write_name (self, g_variant_get_string (key, NULL));
      if (!write_value (self, element))
        return FALSE;
    }
  write_end (self, n);

  return leave (self, '}');
}

static gboolean
write_boxed (Writer   *self,
             GVariant *value)
{
  g_autoptr(GVariant) inner = g_variant_get_variant (value);

  if (!enter (self, '{'))
    return FALSE;

  write_gap (self, 0);
  write_name (self, "type");
  au_json_append_string (self->text, g_variant_get_type_string (inner));
  write_gap (self, 1);
  write_name (self, "value");
  if (!write_value (self, inner))
    return FALSE;
  write_end (self, 2);

  return leave (self, '}');
}

static gboolean
write_maybe (Writer   *self,
             GVariant *value)
{
  g_autoptr(GVariant) inner = g_variant_get_maybe (value);

  if (inner == NULL)
    {
      g_string_append (self->text, "null");
      return TRUE;
    }

  /* in “mmx”, the null of the inner one must not be taken for that of the outer */
  if (g_variant_type_is_maybe (g_variant_get_type (inner)))
    return write_array (self, value);

  return write_value (self, inner);
}

static gboolean
write_sequence (Writer   *self,
                GVariant *value)
{
  const GVariantType *element = g_variant_type_element (g_variant_get_type (value));

  if (g_variant_type_equal (element, G_VARIANT_TYPE_BYTE))
    {
      write_bytes (self, value);
      return TRUE;
    }

  /* an object has each name once; pairs may repeat a key */
  if (g_variant_type_is_dict_entry (element) &&
      g_variant_type_equal (g_variant_type_key (element), G_VARIANT_TYPE_STRING) &&
      !has_duplicate_keys (value))
    return write_object (self, value);

  return write_array (self, value);
}

static gboolean
write_value (Writer   *self,
             GVariant *value)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      g_string_append (self->text, g_variant_get_boolean (value) ? "true" : "false");
      return TRUE;
    case G_VARIANT_CLASS_BYTE:
      append_digits (self->text, g_variant_get_byte (value));
      return TRUE;
    case G_VARIANT_CLASS_INT16:
      au_json_append_int64 (self->text, g_variant_get_int16 (value));
      return TRUE;
    case G_VARIANT_CLASS_UINT16:
      append_digits (self->text, g_variant_get_uint16 (value));
      return TRUE;
    case G_VARIANT_CLASS_INT32:
      au_json_append_int64 (self->text, g_variant_get_int32 (value));
      return TRUE;
    case G_VARIANT_CLASS_UINT32:
      append_digits (self->text, g_variant_get_uint32 (value));
      return TRUE;
    case G_VARIANT_CLASS_INT64:
      au_json_append_int64 (self->text, g_variant_get_int64 (value));
      return TRUE;
    case G_VARIANT_CLASS_UINT64:
      au_json_append_uint64 (self->text, g_variant_get_uint64 (value));
      return TRUE;
    case G_VARIANT_CLASS_DOUBLE:
      au_json_append_double (self->text, g_variant_get_double (value));
      return TRUE;
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
      au_json_append_string (self->text, g_variant_get_string (value, NULL));
      return TRUE;
    case G_VARIANT_CLASS_VARIANT:
      return write_boxed (self, value);
    case G_VARIANT_CLASS_MAYBE:
      return write_maybe (self, value);
    case G_VARIANT_CLASS_ARRAY:
      return write_sequence (self, value);
    case G_VARIANT_CLASS_TUPLE:
    case G_VARIANT_CLASS_DICT_ENTRY:
      return write_array (self, value);
    case G_VARIANT_CLASS_HANDLE:
    default:
      /* the number of a descriptor means nothing outside its process */
      return FALSE;
    }
}

/*
 * au_json_append_variant:
 * @text: where to write
 * @value: a value
 * @indentation: how many levels surround it, or %AU_JSON_COMPACT
 *
 * Writes @value, or nothing when it cannot be written, because it holds a handle or
 * is nested deeper than %AU_JSON_MAX_DEPTH.
 *
 * Returns: %TRUE if it was written
 */
gboolean
au_json_append_variant (GString  *text,
                        GVariant *value,
                        int       indentation)
{
  Writer self = { text, indentation, 0 };
  gsize length = text->len;

  if (write_value (&self, value))
    return TRUE;

  g_string_truncate (text, length);
  return FALSE;
}
