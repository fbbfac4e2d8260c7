/* au-units.c: durations, sizes and rates as people write them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-units-private.h"

#include <au/au-error.h>
#include <au/au-param.h>

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

typedef struct
{
  const char *name;
  guint64     factor;
} Unit;

/* From the largest to the smallest; of several names for one, the first is printed. */
static const Unit duration_units[] = {
  { "d", G_GUINT64_CONSTANT (86400000000) },
  { "h", G_GUINT64_CONSTANT (3600000000) },
  { "m", 60000000 },
  { "min", 60000000 },
  { "s", 1000000 },
  { "ms", 1000 },
  { "us", 1 },
  { "µs", 1 },
};

static const Unit size_units[] = {
  { "TiB", G_GUINT64_CONSTANT (1) << 40 },
  { "TB", G_GUINT64_CONSTANT (1000000000000) },
  { "GiB", 1 << 30 },
  { "GB", 1000000000 },
  { "MiB", 1 << 20 },
  { "MB", 1000000 },
  { "KiB", 1 << 10 },
  { "kB", 1000 },
  { "B", 1 },
};

static const Unit rate_units[] = {
  { "s", 1 },
  { "min", 60 },
  { "m", 60 },
  { "h", 3600 },
  { "d", 86400 },
};

/* More digits than these say nothing that a unit could hold. */
#define MAX_FRACTION_DIGITS 6

static const char *
skip_spaces (const char *p)
{
  while (g_ascii_isspace (*p))
    p++;

  return p;
}

static const Unit *
find_unit (const Unit *units,
           guint       n_units,
           const char *name,
           gsize       length,
           gboolean    any_case)
{
  for (guint i = 0; i < n_units; i++)
    {
      if (strlen (units[i].name) != length)
        continue;
      if (any_case ? g_ascii_strncasecmp (units[i].name, name, length) == 0
                   : strncmp (units[i].name, name, length) == 0)
        return &units[i];
    }

  return NULL;
}

/* A number such as 12 or 1.5, kept exactly: value = (whole + fraction / scale). */
typedef struct
{
  guint64 whole;
  guint64 fraction;
  guint64 scale;
} Number;

static AuQuantity
parse_number (const char **text,
              Number      *number)
{
  const char *p = *text;
  guint digits = 0;

  *number = (Number) { 0, 0, 1 };

  for (; g_ascii_isdigit (*p); p++, digits++)
    {
      if (!g_uint64_checked_mul (&number->whole, number->whole, 10) ||
          !g_uint64_checked_add (&number->whole, number->whole, g_ascii_digit_value (*p)))
        return AU_QUANTITY_TOO_LARGE;
    }

  if (digits > 0 && *p == '.')
    {
      guint n_fraction = 0;

      for (p++; g_ascii_isdigit (*p); p++, n_fraction++)
        {
          if (n_fraction == MAX_FRACTION_DIGITS)
            return AU_QUANTITY_MALFORMED;
          number->fraction = number->fraction * 10 + g_ascii_digit_value (*p);
          number->scale *= 10;
        }
      if (n_fraction == 0)
        return AU_QUANTITY_MALFORMED;
    }

  *text = p;
  return digits > 0 ? AU_QUANTITY_OK : AU_QUANTITY_MALFORMED;
}

/* number × factor, which must be a whole number. */
static AuQuantity
multiply (const Number *number,
          guint64       factor,
          guint64      *result)
{
  guint64 fraction;

  if (!g_uint64_checked_mul (result, number->whole, factor) ||
      !g_uint64_checked_mul (&fraction, number->fraction, factor))
    return AU_QUANTITY_TOO_LARGE;
  if (fraction % number->scale != 0)
    return AU_QUANTITY_MALFORMED;
  if (!g_uint64_checked_add (result, *result, fraction / number->scale))
    return AU_QUANTITY_TOO_LARGE;

  return AU_QUANTITY_OK;
}

static gsize
unit_length (const char *p)
{
  gsize length = 0;

  while (p[length] != '\0' && !g_ascii_isdigit (p[length]) && !g_ascii_isspace (p[length]))
    length++;

  return length;
}

/* Reads durations such as 250ms or 1h30m: each unit once, the largest first. */
AuQuantity
au_units_parse_duration (const char *text,
                         gint64     *duration)
{
  const char *p = skip_spaces (text);
  gboolean negative = *p == '-';
  guint64 limit = negative ? (guint64) G_MAXINT64 + 1 : G_MAXINT64;
  guint64 last_factor = G_MAXUINT64;
  guint64 total = 0;

  if (negative)
    p++;

  do
    {
      AuQuantity outcome;
      const Unit *unit;
      Number number;
      guint64 part;
      gsize length;

      outcome = parse_number (&p, &number);
      if (outcome != AU_QUANTITY_OK)
        return outcome;

      p = skip_spaces (p);
      length = unit_length (p);
      if (length == 0)
        {
          /* Nothing is nothing in any unit. */
          if (last_factor != G_MAXUINT64 || *p != '\0')
            return AU_QUANTITY_MALFORMED;
          if (number.whole != 0 || number.fraction != 0)
            return AU_QUANTITY_NO_UNIT;
          break;
        }

      unit = find_unit (duration_units, G_N_ELEMENTS (duration_units), p, length, FALSE);
      if (unit == NULL || unit->factor >= last_factor)
        return AU_QUANTITY_MALFORMED;

      outcome = multiply (&number, unit->factor, &part);
      if (outcome != AU_QUANTITY_OK)
        return outcome;
      if (!g_uint64_checked_add (&total, total, part) || total > limit)
        return AU_QUANTITY_TOO_LARGE;

      last_factor = unit->factor;
      p = skip_spaces (p + length);
    }
  while (*p != '\0');

  *duration = negative ? (gint64) -total : (gint64) total;
  return AU_QUANTITY_OK;
}

/* Reads sizes such as 512, 64KiB or 2MB. */
AuQuantity
au_units_parse_size (const char *text,
                     guint64    *size)
{
  const char *p = skip_spaces (text);
  AuQuantity outcome;
  const Unit *unit;
  Number number;
  gsize length;

  outcome = parse_number (&p, &number);
  if (outcome != AU_QUANTITY_OK)
    return outcome;

  p = skip_spaces (p);
  length = unit_length (p);
  if (*skip_spaces (p + length) != '\0')
    return AU_QUANTITY_MALFORMED;
  if (length == 0)
    return multiply (&number, 1, size);

  unit = find_unit (size_units, G_N_ELEMENTS (size_units), p, length, TRUE);
  if (unit == NULL)
    return AU_QUANTITY_MALFORMED;

  return multiply (&number, unit->factor, size);
}

/* Reads rates such as 20/s, 0.5/s or 600/min. */
AuQuantity
au_units_parse_rate (const char *text,
                     double     *rate)
{
  const char *p = skip_spaces (text);
  const Unit *unit;
  gboolean negative = *p == '-';
  double number;
  gsize length;
  char *end;

  if (!g_ascii_isdigit (p[negative ? 1 : 0]))
    return AU_QUANTITY_MALFORMED;

  number = g_ascii_strtod (p, &end);
  if (!isfinite (number))
    return AU_QUANTITY_TOO_LARGE;

  p = skip_spaces (end);
  if (*p == '\0')
    {
      *rate = number;
      return number == 0.0 ? AU_QUANTITY_OK : AU_QUANTITY_NO_UNIT;
    }
  if (*p != '/')
    return AU_QUANTITY_MALFORMED;

  p = skip_spaces (p + 1);
  length = unit_length (p);
  unit = find_unit (rate_units, G_N_ELEMENTS (rate_units), p, length, FALSE);
  if (unit == NULL || *skip_spaces (p + length) != '\0')
    return AU_QUANTITY_MALFORMED;

  *rate = number / unit->factor;
  return AU_QUANTITY_OK;
}

/* The shortest text that is read as @value again. */
char *
au_units_format_double (double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  for (int precision = 6; precision < 17; precision++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", precision);
      g_ascii_formatd (buffer, sizeof buffer, format, value);
      if (g_ascii_strtod (buffer, NULL) == value)
        return g_strdup (buffer);
    }

  return g_strdup (g_ascii_dtostr (buffer, sizeof buffer, value));
}

char *
au_units_format_size (guint64 size)
{
  if (size != 0)
    {
      for (guint i = 0; i < G_N_ELEMENTS (size_units); i++)
        {
          if (size_units[i].factor > 1 && size % size_units[i].factor == 0)
            return g_strdup_printf ("%" G_GUINT64_FORMAT "%s",
                                    size / size_units[i].factor, size_units[i].name);
        }
    }

  return g_strdup_printf ("%" G_GUINT64_FORMAT, size);
}

char *
au_units_format_rate (double rate)
{
  g_autofree char *number = NULL;

  if (rate == 0.0)
    return g_strdup ("0");

  for (guint i = 0; i < G_N_ELEMENTS (rate_units); i++)
    {
      double count = rate * rate_units[i].factor;

      if (count == floor (count) && fabs (count) < 1e15 && count / rate_units[i].factor == rate)
        return g_strdup_printf ("%.0f/%s", count, rate_units[i].name);
    }

  number = au_units_format_double (rate);
  return g_strconcat (number, "/s", NULL);
}

/**
 * au_duration_from_text:
 * @text: a duration, such as `250ms`, `30s`, `1h30m`, `2d` or `0`
 * @duration: (out): where to put it, in microseconds
 * @error: return location for an error
 *
 * Reads a duration as key files and commands write it.
 *
 * It is a sum of numbers with the units `d`, `h`, `m` or `min`, `s`, `ms` and `us`, each
 * at most once and the largest first; a number may have a fraction.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when @text is something else, or longer than
 * some 292 000 years.
 *
 * MT safe.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_duration_from_text (const char  *text,
                       GTimeSpan   *duration,
                       GError     **error)
{
  gint64 value = 0;

  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (duration != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  switch (au_units_parse_duration (text, &value))
    {
    case AU_QUANTITY_OK:
      *duration = value;
      return TRUE;

    case AU_QUANTITY_NO_UNIT:
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” has no unit: write a duration such as 250ms, 30s, 1h30m or 2d"), text);
      return FALSE;

    case AU_QUANTITY_TOO_LARGE:
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” is too long a duration"), text);
      return FALSE;

    case AU_QUANTITY_MALFORMED:
    default:
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” is not a duration, such as 250ms, 30s, 1h30m or 2d"), text);
      return FALSE;
    }
}

/**
 * au_duration_to_text:
 * @duration: a duration in microseconds
 *
 * Writes a duration so that [func@Au.duration_from_text] reads the same again, such as
 * `1h30m`.
 *
 * MT safe.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
au_duration_to_text (GTimeSpan duration)
{
  GString *text = g_string_new (NULL);
  guint64 rest = duration < 0 ? -(guint64) duration : (guint64) duration;
  guint64 last_factor = 0;

  if (rest == 0)
    g_string_append_c (text, '0');
  if (duration < 0)
    g_string_append_c (text, '-');

  for (guint i = 0; i < G_N_ELEMENTS (duration_units); i++)
    {
      const Unit *unit = &duration_units[i];
      guint64 count = rest / unit->factor;

      if (count == 0 || unit->factor == last_factor)
        continue;

      g_string_append_printf (text, "%" G_GUINT64_FORMAT "%s", count, unit->name);
      rest -= count * unit->factor;
      last_factor = unit->factor;
    }

  return g_string_free (text, FALSE);
}
