/* au-param.c: properties that key files can set
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-param-private.h"
#include "au-text-private.h"
#include "au-units-private.h"

#include <glib/gi18n-lib.h>

G_DEFINE_ENUM_TYPE (AuUnit, au_unit,
                    G_DEFINE_ENUM_VALUE (AU_UNIT_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (AU_UNIT_DURATION, "duration"),
                    G_DEFINE_ENUM_VALUE (AU_UNIT_SIZE, "size"),
                    G_DEFINE_ENUM_VALUE (AU_UNIT_RATE, "rate"),
                    G_DEFINE_ENUM_VALUE (AU_UNIT_FILE, "file"))

static G_DEFINE_QUARK (au-param-unit, au_param_unit)

void
au_param_set_unit (GParamSpec *pspec,
                   AuUnit      unit)
{
  g_param_spec_set_qdata (pspec, au_param_unit_quark (), GUINT_TO_POINTER (unit));
}

static GParamSpec *
with_unit (GParamSpec *pspec,
           AuUnit      unit)
{
  if (pspec != NULL)
    au_param_set_unit (pspec, unit);

  return pspec;
}

/**
 * au_param_spec_duration:
 * @name: the property's name
 * @nick: (nullable): its short name
 * @blurb: (nullable): what it is for, for people
 * @minimum: the shortest allowed, in microseconds
 * @maximum: the longest allowed, in microseconds
 * @default_value: the default, in microseconds
 * @flags: flags
 *
 * Makes a property of the type `gint64` that is a duration in microseconds, and which
 * a key file writes as `250ms`, `30s` or `1h30m`.
 *
 * MT safe.
 *
 * Returns: (transfer full): the new property
 *
 * Since: 1.0
 */
GParamSpec *
au_param_spec_duration (const char *name,
                        const char *nick,
                        const char *blurb,
                        gint64      minimum,
                        gint64      maximum,
                        gint64      default_value,
                        GParamFlags flags)
{
  return with_unit (g_param_spec_int64 (name, nick, blurb, minimum, maximum,
                                        default_value, flags),
                    AU_UNIT_DURATION);
}

/**
 * au_param_spec_size:
 * @name: the property's name
 * @nick: (nullable): its short name
 * @blurb: (nullable): what it is for, for people
 * @minimum: the smallest allowed, in bytes
 * @maximum: the largest allowed, in bytes
 * @default_value: the default, in bytes
 * @flags: flags
 *
 * Makes a property of the type `guint64` that is a number of bytes, and which a key
 * file writes as `512`, `64KiB` or `2MB`.
 *
 * MT safe.
 *
 * Returns: (transfer full): the new property
 *
 * Since: 1.0
 */
GParamSpec *
au_param_spec_size (const char *name,
                    const char *nick,
                    const char *blurb,
                    guint64     minimum,
                    guint64     maximum,
                    guint64     default_value,
                    GParamFlags flags)
{
  return with_unit (g_param_spec_uint64 (name, nick, blurb, minimum, maximum,
                                         default_value, flags),
                    AU_UNIT_SIZE);
}

/**
 * au_param_spec_rate:
 * @name: the property's name
 * @nick: (nullable): its short name
 * @blurb: (nullable): what it is for, for people
 * @minimum: the least allowed, per second
 * @maximum: the most allowed, per second
 * @default_value: the default, per second
 * @flags: flags
 *
 * Makes a property of the type `gdouble` that is a number of events per second, and
 * which a key file writes as `20/s`, `600/min` or `10/h`.
 *
 * MT safe.
 *
 * Returns: (transfer full): the new property
 *
 * Since: 1.0
 */
GParamSpec *
au_param_spec_rate (const char *name,
                    const char *nick,
                    const char *blurb,
                    double      minimum,
                    double      maximum,
                    double      default_value,
                    GParamFlags flags)
{
  return with_unit (g_param_spec_double (name, nick, blurb, minimum, maximum,
                                         default_value, flags),
                    AU_UNIT_RATE);
}

/**
 * au_param_spec_file:
 * @name: the property's name
 * @nick: (nullable): its short name
 * @blurb: (nullable): what it is for, for people
 * @default_value: (nullable): the default
 * @flags: flags
 *
 * Makes a property of the type `gchararray` that is the path of a file or folder. One that
 * is not absolute starts from the folder of the key file that gives it, and else from the
 * current one.
 *
 * MT safe.
 *
 * Returns: (transfer full): the new property
 *
 * Since: 1.0
 */
GParamSpec *
au_param_spec_file (const char  *name,
                    const char  *nick,
                    const char  *blurb,
                    const char  *default_value,
                    GParamFlags  flags)
{
  return with_unit (g_param_spec_string (name, nick, blurb, default_value, flags), AU_UNIT_FILE);
}

/* An overridden property says nothing itself: the one behind it does. */
GParamSpec *
au_param_get_target (GParamSpec *pspec)
{
  GParamSpec *target = g_param_spec_get_redirect_target (pspec);

  return target != NULL ? target : pspec;
}

/**
 * au_param_spec_get_unit: (skip)
 * @pspec: a property
 *
 * Gets the unit in which key files write the values of @pspec, as
 * [func@Au.property_get_unit] does for a property that is named.
 *
 * MT safe.
 *
 * Returns: the unit
 *
 * Since: 1.0
 */
AuUnit
au_param_spec_get_unit (GParamSpec *pspec)
{
  g_return_val_if_fail (G_IS_PARAM_SPEC (pspec), AU_UNIT_NONE);

  return GPOINTER_TO_UINT (g_param_spec_get_qdata (au_param_get_target (pspec),
                                                   au_param_unit_quark ()));
}

static G_DEFINE_QUARK (au-param-check, au_param_check)

typedef struct
{
  AuPropertyCheckFunc func;
  gpointer            user_data;
  GDestroyNotify      destroy;
} Check;

static void
check_free (gpointer data)
{
  Check *self = data;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_free (self);
}

/**
 * au_param_spec_set_check: (skip)
 * @pspec: a property
 * @func: what its values are checked by
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Has @func look at the values that a key file gives to @pspec while it is only checked, as
 * [func@Au.property_set_check] does for a property that is named. To be called before the
 * property is used.
 *
 * Since: 1.0
 */
void
au_param_spec_set_check (GParamSpec          *pspec,
                         AuPropertyCheckFunc  func,
                         gpointer             user_data,
                         GDestroyNotify       destroy)
{
  Check *check;

  g_return_if_fail (G_IS_PARAM_SPEC (pspec));
  g_return_if_fail (func != NULL);

  check = g_new (Check, 1);
  *check = (Check) { func, user_data, destroy };
  g_param_spec_set_qdata_full (au_param_get_target (pspec), au_param_check_quark (), check, check_free);
}

/* Asks whoever knows more than the type. */
gboolean
au_param_check (GParamSpec    *pspec,
                const GValue  *value,
                GError       **error)
{
  Check *check = g_param_spec_get_qdata (au_param_get_target (pspec), au_param_check_quark ());

  return check == NULL || check->func (value, check->user_data, error);
}

/* The smallest and largest value of a number, as text, and whether they are narrower
 * than what its type could hold.
 */
typedef struct
{
  char    *minimum;
  char    *maximum;
  gboolean has_minimum;
  gboolean has_maximum;
} Range;

static void
clear_range (Range *range)
{
  g_free (range->minimum);
  g_free (range->maximum);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Range, clear_range)

/* Whole numbers of any type are looked at as the widest of their kind. */
gboolean
au_param_get_signed_range (GParamSpec *pspec,
                           gint64      limits[4])
{
#define LIMITS(TYPE, LOW, HIGH)                         \
  do                                                    \
    {                                                   \
      limits[0] = G_PARAM_SPEC_##TYPE (pspec)->minimum; \
      limits[1] = G_PARAM_SPEC_##TYPE (pspec)->maximum; \
      limits[2] = LOW;                                  \
      limits[3] = HIGH;                                 \
      return TRUE;                                      \
    }                                                   \
  while (0)

  if (G_IS_PARAM_SPEC_INT64 (pspec))
    LIMITS (INT64, G_MININT64, G_MAXINT64);
  if (G_IS_PARAM_SPEC_INT (pspec))
    LIMITS (INT, G_MININT, G_MAXINT);
  if (G_IS_PARAM_SPEC_LONG (pspec))
    LIMITS (LONG, G_MINLONG, G_MAXLONG);
  if (G_IS_PARAM_SPEC_CHAR (pspec))
    LIMITS (CHAR, G_MININT8, G_MAXINT8);

  return FALSE;
}

gboolean
au_param_get_unsigned_range (GParamSpec *pspec,
                             guint64     limits[4])
{
  if (G_IS_PARAM_SPEC_UINT64 (pspec))
    LIMITS (UINT64, 0, G_MAXUINT64);
  if (G_IS_PARAM_SPEC_UINT (pspec))
    LIMITS (UINT, 0, G_MAXUINT);
  if (G_IS_PARAM_SPEC_ULONG (pspec))
    LIMITS (ULONG, 0, G_MAXULONG);
  if (G_IS_PARAM_SPEC_UCHAR (pspec))
    LIMITS (UCHAR, 0, G_MAXUINT8);

  return FALSE;
}

gboolean
au_param_get_double_range (GParamSpec *pspec,
                           double      limits[4])
{
  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    LIMITS (DOUBLE, -G_MAXDOUBLE, G_MAXDOUBLE);
  if (G_IS_PARAM_SPEC_FLOAT (pspec))
    LIMITS (FLOAT, -G_MAXFLOAT, G_MAXFLOAT);

  return FALSE;
}

#undef LIMITS

static gboolean
get_range (GParamSpec *pspec,
           Range      *range)
{
  AuUnit unit = au_param_spec_get_unit (pspec);
  gint64 s[4];
  guint64 u[4];
  double d[4];

  if (au_param_get_signed_range (pspec, s))
    {
      gboolean duration = unit == AU_UNIT_DURATION;

      range->minimum = duration ? au_duration_to_text (s[0])
                                : g_strdup_printf ("%" G_GINT64_FORMAT, s[0]);
      range->maximum = duration ? au_duration_to_text (s[1])
                                : g_strdup_printf ("%" G_GINT64_FORMAT, s[1]);
      range->has_minimum = s[0] > s[2];
      range->has_maximum = s[1] < s[3];
      return TRUE;
    }

  if (au_param_get_unsigned_range (pspec, u))
    {
      gboolean size = unit == AU_UNIT_SIZE;

      range->minimum = size ? au_units_format_size (u[0])
                            : g_strdup_printf ("%" G_GUINT64_FORMAT, u[0]);
      range->maximum = size ? au_units_format_size (u[1])
                            : g_strdup_printf ("%" G_GUINT64_FORMAT, u[1]);
      /* That a size is not negative goes without saying. */
      range->has_minimum = !size || u[0] > 0;
      range->has_maximum = u[1] < u[3];
      return TRUE;
    }

  if (au_param_get_double_range (pspec, d))
    {
      gboolean rate = unit == AU_UNIT_RATE;

      range->minimum = rate ? au_units_format_rate (d[0]) : au_units_format_double (d[0]);
      range->maximum = rate ? au_units_format_rate (d[1]) : au_units_format_double (d[1]);
      range->has_minimum = d[0] > d[2];
      range->has_maximum = d[1] < d[3];
      return TRUE;
    }

  return FALSE;
}

static const char *
get_quantity_name (GParamSpec *pspec)
{
  switch (au_param_spec_get_unit (pspec))
    {
    case AU_UNIT_DURATION:
      return _("a duration such as 250ms, 30s or 1h30m");
    case AU_UNIT_SIZE:
      return _("a size such as 512, 64KiB or 2MB");
    case AU_UNIT_RATE:
      return _("a rate such as 20/s, 600/min or 10/h");
    case AU_UNIT_FILE:
    case AU_UNIT_NONE:
    default:
      if (G_IS_PARAM_SPEC_DOUBLE (pspec) || G_IS_PARAM_SPEC_FLOAT (pspec))
        return _("a number");
      return _("a whole number");
    }
}

/* The words for the values of an enumeration or a set of flags. */
char **
au_param_list_nicks (GParamSpec *pspec)
{
  g_autoptr(GPtrArray) nicks = g_ptr_array_new ();

  if (G_IS_PARAM_SPEC_ENUM (pspec))
    {
      GEnumClass *class = G_PARAM_SPEC_ENUM (pspec)->enum_class;

      for (guint i = 0; i < class->n_values; i++)
        g_ptr_array_add (nicks, g_strdup (class->values[i].value_nick));
    }
  else
    {
      GFlagsClass *class = G_PARAM_SPEC_FLAGS (pspec)->flags_class;

      for (guint i = 0; i < class->n_values; i++)
        g_ptr_array_add (nicks, g_strdup (class->values[i].value_nick));
    }

  g_ptr_array_add (nicks, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&nicks), FALSE);
}

/**
 * au_param_spec_describe: (skip)
 * @pspec: a property
 *
 * Says in words what values a key file may give to @pspec, such as “a whole number
 * from 1 to 64” or “one of none, process, power”.
 *
 * The text is in the user's language and fits after “takes”. [func@Au.property_describe]
 * does the same for a property that is named.
 *
 * MT safe.
 *
 * Returns: (transfer full): the description
 *
 * Since: 1.0
 */
char *
au_param_spec_describe (GParamSpec *pspec)
{
  g_auto (Range) range = { NULL, NULL, FALSE, FALSE };

  g_return_val_if_fail (G_IS_PARAM_SPEC (pspec), NULL);

  pspec = au_param_get_target (pspec);

  if (get_range (pspec, &range))
    {
      const char *what = get_quantity_name (pspec);

      if (range.has_minimum && range.has_maximum)
        return g_strdup_printf (_("%s from %s to %s"), what, range.minimum, range.maximum);
      if (range.has_minimum)
        return g_strdup_printf (_("%s of at least %s"), what, range.minimum);
      if (range.has_maximum)
        return g_strdup_printf (_("%s of at most %s"), what, range.maximum);
      return g_strdup (what);
    }

  if (G_IS_PARAM_SPEC_ENUM (pspec) || G_IS_PARAM_SPEC_FLAGS (pspec))
    {
      g_auto (GStrv) nicks = au_param_list_nicks (pspec);
      g_autofree char *list = au_text_join ((const char *const *) nicks);

      return G_IS_PARAM_SPEC_ENUM (pspec)
               ? g_strdup_printf (_("one of %s"), list)
               : g_strdup_printf (_("any of %s, separated by “;”"), list);
    }

  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return g_strdup (_("true, yes, on or 1, or else false, no, off or 0"));
  if (au_param_spec_get_unit (pspec) == AU_UNIT_FILE)
    return g_strdup (_("the path of a file or folder"));
  if (G_IS_PARAM_SPEC_STRING (pspec))
    return g_strdup (_("text"));
  if (pspec->value_type == G_TYPE_STRV)
    return g_strdup (_("a list of texts, separated by “;”"));
  if (G_IS_PARAM_SPEC_VARIANT (pspec))
    return g_strdup_printf (_("a GVariant of the type %s, in text form"),
                            g_variant_type_peek_string (G_PARAM_SPEC_VARIANT (pspec)->type));

  return g_strdup_printf (_("a %s"), g_type_name (pspec->value_type));
}
