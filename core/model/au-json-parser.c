/* au-json-parser.c: JSON text to nodes
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

/* Why not JsonParser: it accepts comments and other things that are no JSON, takes
 * the last of two members with one name, makes -1 of the largest unsigned number,
 * and a text of many brackets overflows its stack. */

typedef struct
{
  const char *start;
  const char *position;
  const char *end;
  guint       depth;
  guint       max_depth;
  gboolean    exact;
  GError    **error;
} Parser;

static JsonNode *parse_value (Parser *self);

/* Says what is wrong, and where: line and column, as editors count them. */
static gpointer
fail (Parser     *self,
      const char *position,
      const char *message)
{
  const char *line_start = self->start;
  guint line = 1;

  for (const char *p = self->start; p < position; p++)
    {
      if (*p == '\n')
        {
          line++;
          line_start = p + 1;
        }
    }

  g_set_error (self->error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
               _("The text is no JSON at %u:%u: %s"),
               line, (guint) g_utf8_strlen (line_start, position - line_start) + 1, message);

  return NULL;
}

static void
skip_space (Parser *self)
{
  while (self->position < self->end && strchr (" \t\r\n", *self->position) != NULL && *self->position != '\0')
    self->position++;
}

static gboolean
accept (Parser *self,
        char    c)
{
  if (self->position >= self->end || *self->position != c)
    return FALSE;

  self->position++;
  return TRUE;
}

static gboolean
parse_four_digits (Parser  *self,
                   guint32 *value)
{
  *value = 0;

  if (self->end - self->position < 4)
    return FALSE;

  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (*self->position);

      if (digit < 0)
        return FALSE;
      *value = *value * 16 + digit;
      self->position++;
    }

  return TRUE;
}

/* What follows “\u”: one character, written as one or two units of UTF-16. */
static gboolean
parse_unicode (Parser     *self,
               const char *escape,
               GString    *string)
{
  guint32 c, low;

  if (!parse_four_digits (self, &c))
    {
      fail (self, escape, _("“\\u” needs four hexadecimal digits"));
      return FALSE;
    }

  if (c >= 0xd800 && c < 0xdc00)
    {
      if (!accept (self, '\\') || !accept (self, 'u') || !parse_four_digits (self, &low) ||
          low < 0xdc00 || low > 0xdfff)
        {
          fail (self, escape, _("half a character: the second “\\u” of a pair is missing"));
          return FALSE;
        }
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
  else if (c >= 0xdc00 && c <= 0xdfff)
    {
      fail (self, escape, _("half a character: the first “\\u” of a pair is missing"));
      return FALSE;
    }

  if (c == 0)
    {
      fail (self, escape, _("a string cannot hold the character 0"));
      return FALSE;
    }

  g_string_append_unichar (string, c);
  return TRUE;
}

static gboolean
parse_escape (Parser  *self,
              GString *string)
{
  static const char names[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  const char *escape = self->position - 1;
  const char *name;

  if (accept (self, 'u'))
    return parse_unicode (self, escape, string);

  name = self->position < self->end ? memchr (names, *self->position, sizeof names - 1) : NULL;
  if (name == NULL)
    {
      fail (self, escape, _("a backslash needs one of “\" \\ / b f n r t u” after it"));
      return FALSE;
    }

  g_string_append_c (string, meanings[name - names]);
  self->position++;
  return TRUE;
}

/* A string, from its first quote on. */
static char *
parse_string (Parser *self)
{
  const char *quote = self->position++;
  g_autoptr(GString) string = NULL;

  for (;;)
    {
      const char *start = self->position;

      while (self->position < self->end &&
             *self->position != '"' && *self->position != '\\' && (guchar) *self->position >= 0x20)
        self->position++;

      if (self->position >= self->end)
        return fail (self, quote, _("the string does not end"));

      /* most strings are one piece */
      if (string == NULL && *self->position == '"')
        return g_strndup (start, self->position++ - start);

      if (string == NULL)
        string = g_string_new (NULL);
      g_string_append_len (string, start, self->position - start);

      if (accept (self, '"'))
        return g_string_free (g_steal_pointer (&string), FALSE);

      if (!accept (self, '\\'))
        return fail (self, self->position, _("a control character in a string has to be written with a backslash"));

      if (!parse_escape (self, string))
        return NULL;
    }
}

static void
skip_digits (Parser *self)
{
  while (self->position < self->end && g_ascii_isdigit (*self->position))
    self->position++;
}

/* Moves over a number, and tells whether it is an integer. */
static gboolean
scan_number (Parser   *self,
             gboolean *integer)
{
  const char *digits;

  *integer = TRUE;
  accept (self, '-');

  digits = self->position;
  if (!accept (self, '0'))
    skip_digits (self);
  if (self->position == digits)
    return FALSE;

  if (accept (self, '.'))
    {
      *integer = FALSE;
      digits = self->position;
      skip_digits (self);
      if (self->position == digits)
        return FALSE;
    }

  if (accept (self, 'e') || accept (self, 'E'))
    {
      *integer = FALSE;
      if (!accept (self, '-'))
        accept (self, '+');
      digits = self->position;
      skip_digits (self);
      if (self->position == digits)
        return FALSE;
    }

  return TRUE;
}

static JsonNode *
parse_number (Parser *self)
{
  const char *start = self->position;
  g_autofree char *text = NULL;
  gboolean integer;
  gint64 exact;
  double number;

  if (!scan_number (self, &integer))
    return fail (self, self->position, _("a number needs a digit here"));

  text = g_strndup (start, self->position - start);

  /* “-0” is a number that no integer is */
  if (integer && !g_str_equal (text, "-0"))
    {
      if (g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &exact, NULL))
        return json_node_init_int (json_node_alloc (), exact);

      if (self->exact)
        return fail (self, start, _("so large a number is not exact: write it as a string"));
    }

  number = g_ascii_strtod (text, NULL);
  if (isinf (number))
    return fail (self, start, _("the number is too large"));

  return json_node_init_double (json_node_alloc (), number);
}

static JsonNode *
parse_array (Parser *self)
{
  g_autoptr(JsonArray) array = json_array_new ();

  self->position++;
  skip_space (self);
  if (accept (self, ']'))
    return json_node_init_array (json_node_alloc (), array);

  for (;;)
    {
      JsonNode *element = parse_value (self);

      if (element == NULL)
        return NULL;
      json_array_add_element (array, element);

      skip_space (self);
      if (accept (self, ']'))
        return json_node_init_array (json_node_alloc (), array);
      if (!accept (self, ','))
        return fail (self, self->position, _("“,” or “]” is missing"));
    }
}

static gboolean
parse_member (Parser     *self,
              JsonObject *object)
{
  g_autofree char *name = NULL;
  const char *position;
  JsonNode *value;

  skip_space (self);
  position = self->position;
  if (self->position >= self->end || *self->position != '"')
    {
      fail (self, position, _("the name of a member is missing: it is a string in double quotes"));
      return FALSE;
    }

  name = parse_string (self);
  if (name == NULL)
    return FALSE;

  if (json_object_has_member (object, name))
    {
      fail (self, position, _("the object has this member already"));
      return FALSE;
    }

  skip_space (self);
  if (!accept (self, ':'))
    {
      fail (self, self->position, _("“:” is missing"));
      return FALSE;
    }

  value = parse_value (self);
  if (value == NULL)
    return FALSE;

  json_object_set_member (object, name, value);
  return TRUE;
}

static JsonNode *
parse_object (Parser *self)
{
  g_autoptr(JsonObject) object = json_object_new ();

  self->position++;
  skip_space (self);
  if (accept (self, '}'))
    return json_node_init_object (json_node_alloc (), object);

  for (;;)
    {
      if (!parse_member (self, object))
        return NULL;

      skip_space (self);
      if (accept (self, '}'))
        return json_node_init_object (json_node_alloc (), object);
      if (!accept (self, ','))
        return fail (self, self->position, _("“,” or “}” is missing"));
    }
}

static gboolean
accept_word (Parser     *self,
             const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (self->end - self->position) < length || strncmp (self->position, word, length) != 0)
    return FALSE;

  self->position += length;
  return TRUE;
}

static JsonNode *
parse_container (Parser *self)
{
  JsonNode *node;

  if (self->depth >= self->max_depth)
    return fail (self, self->position, _("the nesting is too deep"));

  self->depth++;
  node = *self->position == '[' ? parse_array (self) : parse_object (self);
  self->depth--;

  return node;
}

static JsonNode *
parse_value (Parser *self)
{
  g_autofree char *string = NULL;
  char c;

  skip_space (self);
  if (self->position >= self->end)
    return fail (self, self->position, _("the text ends where a value is expected"));

  c = *self->position;
  if (c == '[' || c == '{')
    return parse_container (self);
  if (c == '-' || g_ascii_isdigit (c))
    return parse_number (self);
  if (accept_word (self, "true"))
    return json_node_init_boolean (json_node_alloc (), TRUE);
  if (accept_word (self, "false"))
    return json_node_init_boolean (json_node_alloc (), FALSE);
  if (accept_word (self, "null"))
    return json_node_init_null (json_node_alloc ());
  if (c != '"')
    return fail (self, self->position, _("this starts no value"));

  string = parse_string (self);
  if (string == NULL)
    return NULL;

  return json_node_init_string (json_node_alloc (), string);
}

static JsonNode *
parse (const char *json,
       gssize      length,
       guint       max_depth,
       gboolean    exact,
       GError    **error)
{
  gsize size = length < 0 ? strlen (json) : (gsize) length;
  Parser self = { json, json, json + size, 0, max_depth, exact, error };
  g_autoptr(JsonNode) node = NULL;
  const char *valid_end;

  if (!g_utf8_validate_len (json, size, &valid_end))
    return fail (&self, valid_end, _("this is no UTF-8"));

  node = parse_value (&self);
  if (node == NULL)
    return NULL;

  skip_space (&self);
  if (self.position < self.end)
    return fail (&self, self.position, _("something follows the value"));

  return g_steal_pointer (&node);
}

/*
 * au_json_parse:
 * @json: text
 * @length: its length in bytes, or -1 if it ends with a zero
 * @max_depth: how deep arrays and objects may be nested, such as %AU_JSON_MAX_DEPTH
 * @error: return location for an error
 *
 * Parses JSON, strictly as RFC 8259 has it, and without members of the same name.
 *
 * An integer beyond 64 bits becomes a double. Fails with %AU_ERROR_INVALID_ARGUMENT,
 * saying line and column.
 *
 * Returns: (transfer full): a new node, or %NULL with @error set
 */
JsonNode *
au_json_parse (const char *json,
               gssize      length,
               guint       max_depth,
               GError    **error)
{
  return parse (json, length, max_depth, FALSE, error);
}

/*
 * au_json_parse_exact:
 * @json: text
 * @length: its length in bytes, or -1 if it ends with a zero
 * @max_depth: how deep arrays and objects may be nested, such as %AU_JSON_MAX_DEPTH
 * @error: return location for an error
 *
 * Parses JSON as au_json_parse() does, but refuses an integer beyond 64 bits: for
 * callers who have no type that says that a double is meant.
 *
 * Returns: (transfer full): a new node, or %NULL with @error set
 */
JsonNode *
au_json_parse_exact (const char *json,
                     gssize      length,
                     guint       max_depth,
                     GError    **error)
{
  return parse (json, length, max_depth, TRUE, error);
}
