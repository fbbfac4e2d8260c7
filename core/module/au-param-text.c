/* au-param-text.c: values of properties as text
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-param-private.h"
#include "au-text-private.h"
#include "au-units-private.h"

#include <au/au-error.h>

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static gboolean
set_not_allowed_error (GError     **error,
                       GParamSpec  *pspec,
                       const char  *text)
{
  g_autofree char *description = au_param_spec_describe (pspec);

  g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
               _("“%s” is not allowed: it takes %s"), text, description);
  return FALSE;
}

static gboolean
boolean_from_text (GParamSpec  *pspec,
                   const char  *text,
                   GValue      *value,
                   GError     **error)
{
  const char *const words[] = { "false", "no", "off", "0", "true", "yes", "on", "1" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      if (g_ascii_strcasecmp (text, words[i]) == 0)
        {
          g_value_set_boolean (value, i >= 4);
          return TRUE;
        }
    }

  return set_not_allowed_error (error, pspec, text);
}

/* Reads a quantity of the unit of @pspec into the one of the three that its type needs. */
static AuQuantity
parse_quantity (GParamSpec *pspec,
                const char *text,
                gint64     *s,
                guint64    *u,
                double     *d)
{
  char *end = NULL;

  switch (au_param_spec_get_unit (pspec))
    {
    case AU_UNIT_DURATION:
      return au_units_parse_duration (text, s);
    case AU_UNIT_SIZE:
      return au_units_parse_size (text, u);
    case AU_UNIT_RATE:
      return au_units_parse_rate (text, d);
    case AU_UNIT_NONE:
    default:
      break;
    }

  /* strtod () reads words and hexadecimal digits as well. */
  if (text[strspn (text, "+-.0123456789eE")] != '\0' || text[0] == '\0')
    return AU_QUANTITY_MALFORMED;

  errno = 0;
  if (d != NULL)
    *d = g_ascii_strtod (text, &end);
  else if (u != NULL && text[0] == '-')
    return AU_QUANTITY_MALFORMED;
  else if (u != NULL)
    *u = g_ascii_strtoull (text, &end, 10);
  else
    *s = g_ascii_strtoll (text, &end, 10);

  if (*end != '\0' || end == text)
    return AU_QUANTITY_MALFORMED;
  if (errno == ERANGE && (d == NULL || !isfinite (*d)))
    return AU_QUANTITY_TOO_LARGE;

  return AU_QUANTITY_OK;
}

static gboolean
check_quantity (AuQuantity   outcome,
                gboolean     in_range,
                GParamSpec  *pspec,
                const char  *text,
                GError     **error)
{
  g_autofree char *description = NULL;

  if (outcome == AU_QUANTITY_OK && in_range)
    return TRUE;
  if (outcome != AU_QUANTITY_NO_UNIT)
    return set_not_allowed_error (error, pspec, text);

  description = au_param_spec_describe (pspec);
  g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
               _("“%s” has no unit: it takes %s"), text, description);
  return FALSE;
}

static gboolean
number_from_text (GParamSpec  *pspec,
                  const char  *text,
                  GValue      *value,
                  GError     **error)
{
  GType type = G_VALUE_TYPE (value);
  AuQuantity outcome;
  gint64 s[5] = { 0, };
  guint64 u[5] = { 0, };
  double d[5] = { 0, };

  /* The fifth element is the value itself. */
  if (au_param_get_signed_range (pspec, s))
    {
      outcome = parse_quantity (pspec, text, &s[4], NULL, NULL);
      if (!check_quantity (outcome, s[4] >= s[0] && s[4] <= s[1], pspec, text, error))
        return FALSE;
      if (type == G_TYPE_INT64)
        g_value_set_int64 (value, s[4]);
      else if (type == G_TYPE_INT)
        g_value_set_int (value, s[4]);
      else if (type == G_TYPE_LONG)
        g_value_set_long (value, s[4]);
      else
        g_value_set_schar (value, s[4]);
    }
  else if (au_param_get_unsigned_range (pspec, u))
    {
      outcome = parse_quantity (pspec, text, NULL, &u[4], NULL);
      if (!check_quantity (outcome, u[4] >= u[0] && u[4] <= u[1], pspec, text, error))
        return FALSE;
      if (type == G_TYPE_UINT64)
        g_value_set_uint64 (value, u[4]);
      else if (type == G_TYPE_UINT)
        g_value_set_uint (value, u[4]);
      else if (type == G_TYPE_ULONG)
        g_value_set_ulong (value, u[4]);
      else
        g_value_set_uchar (value, u[4]);
    }
  else if (au_param_get_double_range (pspec, d))
    {
      outcome = parse_quantity (pspec, text, NULL, NULL, &d[4]);
      if (!check_quantity (outcome, d[4] >= d[0] && d[4] <= d[1], pspec, text, error))
        return FALSE;
      if (type == G_TYPE_DOUBLE)
        g_value_set_double (value, d[4]);
      else
        g_value_set_float (value, d[4]);
    }

  return TRUE;
}

static gboolean
set_unknown_nick_error (GError     **error,
                        GParamSpec  *pspec,
                        const char  *word)
{
  g_auto (GStrv) nicks = au_param_list_nicks (pspec);
  const char *nearest = au_text_nearest (word, (const char *const *) nicks);
  g_autofree char *description = NULL;

  if (nearest == NULL)
    return set_not_allowed_error (error, pspec, word);

  description = au_param_spec_describe (pspec);
  g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
               _("“%s” is not allowed; did you mean “%s”? It takes %s"),
               word, nearest, description);
  return FALSE;
}

static gboolean
flags_from_text (GParamSpec  *pspec,
                 const char  *text,
                 GValue      *value,
                 GError     **error)
{
  GFlagsClass *class = G_PARAM_SPEC_FLAGS (pspec)->flags_class;
  g_auto (GStrv) words = au_text_split (text);
  guint flags = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      GFlagsValue *flag = g_flags_get_value_by_nick (class, words[i]);

      if (flag == NULL)
        return set_unknown_nick_error (error, pspec, words[i]);
      flags |= flag->value;
    }

  g_value_set_flags (value, flags);
  return TRUE;
}

static gboolean
variant_from_text (GParamSpec  *pspec,
                   const char  *text,
                   GValue      *value,
                   GError     **error)
{
  const GVariantType *type = G_PARAM_SPEC_VARIANT (pspec)->type;
  g_autoptr(GError) reason = NULL;
  GVariant *variant;

  variant = g_variant_parse (g_variant_type_is_definite (type) ? type : NULL,
                             text, NULL, NULL, &reason);
  if (variant == NULL)
    {
      g_autofree char *description = au_param_spec_describe (pspec);

      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” is not allowed: it takes %s (%s)"), text, description, reason->message);
      return FALSE;
    }

  g_value_take_variant (value, variant);
  return TRUE;
}

static gboolean
is_number (GParamSpec *pspec)
{
  return G_IS_PARAM_SPEC_INT64 (pspec) || G_IS_PARAM_SPEC_UINT64 (pspec) ||
         G_IS_PARAM_SPEC_INT (pspec) || G_IS_PARAM_SPEC_UINT (pspec) ||
         G_IS_PARAM_SPEC_LONG (pspec) || G_IS_PARAM_SPEC_ULONG (pspec) ||
         G_IS_PARAM_SPEC_CHAR (pspec) || G_IS_PARAM_SPEC_UCHAR (pspec) ||
         G_IS_PARAM_SPEC_DOUBLE (pspec) || G_IS_PARAM_SPEC_FLOAT (pspec);
}

static gboolean
convert (GParamSpec  *pspec,
         const char  *text,
         GValue      *value,
         GError     **error)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));

  if (G_IS_PARAM_SPEC_STRING (pspec))
    {
      g_value_set_string (value, text);
      return TRUE;
    }

  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return boolean_from_text (pspec, stripped, value, error);

  if (is_number (pspec))
    return number_from_text (pspec, stripped, value, error);

  if (G_IS_PARAM_SPEC_ENUM (pspec))
    {
      GEnumClass *class = G_PARAM_SPEC_ENUM (pspec)->enum_class;
      GEnumValue *found = g_enum_get_value_by_nick (class, stripped);

      if (found == NULL)
        return set_unknown_nick_error (error, pspec, stripped);
      g_value_set_enum (value, found->value);
      return TRUE;
    }

  if (G_IS_PARAM_SPEC_FLAGS (pspec))
    return flags_from_text (pspec, stripped, value, error);

  if (pspec->value_type == G_TYPE_STRV)
    {
      g_value_take_boxed (value, au_text_split (text));
      return TRUE;
    }

  if (G_IS_PARAM_SPEC_VARIANT (pspec))
    return variant_from_text (pspec, stripped, value, error);

  g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
               _("the property “%s” is %s, which cannot be given as text: set it in the program"),
               pspec->name, g_type_name (pspec->value_type));
  return FALSE;
}

/**
 * au_param_value_from_text: (skip)
 * @pspec: a property
 * @text: what a key file gives for it
 * @value: (out caller-allocates): where to put the value; it is initialised here
 * @error: return location for an error
 *
 * Converts @text to a value for @pspec, as [func@Au.property_value_from_text] does for a
 * property that is named.
 *
 * Booleans, numbers, enumerations and flags (by the short words for their values),
 * texts, lists of texts (separated by `;`, with `\` before one that belongs to a
 * text), durations, sizes, rates, and GVariants in text form can be converted. A text
 * is taken as it stands.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when @text is not allowed for @pspec; the
 * message says what is. Fails with %AU_ERROR_UNSUPPORTED when @pspec is of a type that
 * cannot be given as text.
 *
 * MT safe.
 *
 * Returns: %TRUE on success; otherwise @value is unset
 *
 * Since: 1.0
 */
gboolean
au_param_value_from_text (GParamSpec  *pspec,
                          const char  *text,
                          GValue      *value,
                          GError     **error)
{
  GValue result = G_VALUE_INIT;

  g_return_val_if_fail (G_IS_PARAM_SPEC (pspec), FALSE);
  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  pspec = au_param_get_target (pspec);
  g_value_init (&result, pspec->value_type);

  if (!convert (pspec, text, &result, error))
    {
      g_value_unset (&result);
      return FALSE;
    }

  /* It changes what does not fit, and says so. */
  if (g_param_value_validate (pspec, &result))
    {
      g_value_unset (&result);
      return set_not_allowed_error (error, pspec, text);
    }

  *value = result;
  return TRUE;
}

static char *
join_list (const char * const *words)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    {
      gsize length = strlen (words[i]);

      for (gsize j = 0; j < length; j++)
        {
          char c = words[i][j];
          gboolean edge = j == 0 || j == length - 1;

          if (c == ';' || c == '\\' || (edge && g_ascii_isspace (c)))
            g_string_append_c (text, '\\');
          g_string_append_c (text, c);
        }

      /* Without it an empty last word would be lost. */
      if (words[i + 1] != NULL || length == 0)
        g_string_append_c (text, ';');
    }

  return g_string_free (text, FALSE);
}

static char *
flags_to_text (GFlagsClass *class,
               guint        flags)
{
  GString *text = g_string_new (NULL);
  guint rest = flags;

  for (guint i = 0; i < class->n_values; i++)
    {
      const GFlagsValue *flag = &class->values[i];

      if (flag->value == flags)
        {
          g_string_assign (text, flag->value_nick);
          break;
        }
      if (flag->value == 0 || (rest & flag->value) != flag->value)
        continue;

      if (text->len > 0)
        g_string_append_c (text, ';');
      g_string_append (text, flag->value_nick);
      rest &= ~flag->value;
    }

  return g_string_free (text, FALSE);
}

static char *
number_to_text (GParamSpec   *pspec,
                const GValue *value)
{
  AuUnit unit = au_param_spec_get_unit (pspec);
  GValue wide = G_VALUE_INIT;

  if (G_VALUE_HOLDS_DOUBLE (value) || G_VALUE_HOLDS_FLOAT (value))
    {
      g_value_init (&wide, G_TYPE_DOUBLE);
      g_value_transform (value, &wide);
      return unit == AU_UNIT_RATE ? au_units_format_rate (g_value_get_double (&wide))
                                  : au_units_format_double (g_value_get_double (&wide));
    }

  if (G_VALUE_HOLDS_UINT64 (value) || G_VALUE_HOLDS_UINT (value) ||
      G_VALUE_HOLDS_ULONG (value) || G_VALUE_HOLDS_UCHAR (value))
    {
      g_value_init (&wide, G_TYPE_UINT64);
      g_value_transform (value, &wide);
      return unit == AU_UNIT_SIZE ? au_units_format_size (g_value_get_uint64 (&wide))
                                  : g_strdup_printf ("%" G_GUINT64_FORMAT,
                                                     g_value_get_uint64 (&wide));
    }

  g_value_init (&wide, G_TYPE_INT64);
  g_value_transform (value, &wide);
  return unit == AU_UNIT_DURATION ? au_duration_to_text (g_value_get_int64 (&wide))
                                  : g_strdup_printf ("%" G_GINT64_FORMAT,
                                                     g_value_get_int64 (&wide));
}

/**
 * au_param_value_to_text: (skip)
 * @pspec: a property
 * @value: a value of it
 *
 * Writes @value so that au_param_value_from_text() reads the same again, as
 * [func@Au.property_value_to_text] does for a property that is named.
 *
 * The value of a secret is written as any other: see %AU_PARAM_SECRET.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the text, or %NULL when @value is a text, list,
 *   GVariant or object that is %NULL, or of a type that cannot be given as text
 *
 * Since: 1.0
 */
char *
au_param_value_to_text (GParamSpec   *pspec,
                        const GValue *value)
{
  g_return_val_if_fail (G_IS_PARAM_SPEC (pspec), NULL);
  g_return_val_if_fail (G_IS_VALUE (value), NULL);

  pspec = au_param_get_target (pspec);
  g_return_val_if_fail (G_VALUE_HOLDS (value, pspec->value_type), NULL);

  if (G_IS_PARAM_SPEC_STRING (pspec))
    return g_value_dup_string (value);
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return g_strdup (g_value_get_boolean (value) ? "true" : "false");
  if (is_number (pspec))
    return number_to_text (pspec, value);
  if (G_IS_PARAM_SPEC_FLAGS (pspec))
    return flags_to_text (G_PARAM_SPEC_FLAGS (pspec)->flags_class, g_value_get_flags (value));
  if (pspec->value_type == G_TYPE_STRV && g_value_get_boxed (value) != NULL)
    return join_list (g_value_get_boxed (value));
  if (G_IS_PARAM_SPEC_VARIANT (pspec) && g_value_get_variant (value) != NULL)
    return g_variant_print (g_value_get_variant (value), TRUE);

  if (G_IS_PARAM_SPEC_ENUM (pspec))
    {
      GEnumValue *found = g_enum_get_value (G_PARAM_SPEC_ENUM (pspec)->enum_class,
                                            g_value_get_enum (value));

      return found != NULL ? g_strdup (found->value_nick) : NULL;
    }

  return NULL;
}
