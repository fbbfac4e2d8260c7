/* au-cron.c: times of the calendar, as cron writes them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-cron-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/* 29 February comes once in eight years at worst. */
#define MAX_YEARS (9)

typedef struct
{
  const char         *name;
  guint               minimum;
  guint               maximum;
  const char * const *words;    /* of which the first stands for the minimum */
} Field;

static const char * const month_words[] = {
  "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", NULL
};
static const char * const weekday_words[] = {
  "sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL
};

static const Field fields[] = {
  { N_("minute"), 0, 59, NULL },
  { N_("hour"), 0, 23, NULL },
  { N_("day"), 1, 31, NULL },
  { N_("month"), 1, 12, month_words },
  { N_("day of the week"), 0, 7, weekday_words },
};

static const struct
{
  const char *word;
  const char *text;
} shorthands[] = {
  { "@yearly", "0 0 1 1 *" },
  { "@annually", "0 0 1 1 *" },
  { "@monthly", "0 0 1 * *" },
  { "@weekly", "0 0 * * 0" },
  { "@daily", "0 0 * * *" },
  { "@midnight", "0 0 * * *" },
  { "@hourly", "0 * * * *" },
};

static gboolean
parse_number (const Field *field,
              const char  *text,
              guint       *number)
{
  guint64 value;

  for (guint i = 0; field->words != NULL && field->words[i] != NULL; i++)
    {
      if (g_ascii_strcasecmp (field->words[i], text) == 0)
        {
          *number = field->minimum + i;
          return TRUE;
        }
    }

  if (!g_ascii_string_to_unsigned (text, 10, field->minimum, field->maximum, &value, NULL))
    return FALSE;

  *number = value;

  return TRUE;
}

/* One of FIRST, FIRST-LAST and *, each of which may have /STEP behind it. */
static gboolean
parse_range (const Field *field,
             const char  *text,
             guint64     *set)
{
  g_auto(GStrv) parts = g_strsplit (text, "/", 2);
  g_auto(GStrv) ends = NULL;
  guint first = field->minimum, last = field->maximum;
  guint64 step = 1;

  if (parts[0] == NULL)
    return FALSE;

  if (parts[1] != NULL && !g_ascii_string_to_unsigned (parts[1], 10, 1, field->maximum, &step, NULL))
    return FALSE;

  if (!g_str_equal (parts[0], "*"))
    {
      ends = g_strsplit (parts[0], "-", 2);
      if (ends[0] == NULL || !parse_number (field, ends[0], &first))
        return FALSE;
      if (ends[1] != NULL)
        {
          if (!parse_number (field, ends[1], &last) || last < first)
            return FALSE;
        }
      else if (parts[1] == NULL)
        {
          last = first;
        }
    }

  for (guint n = first; n <= last; n += step)
    *set |= G_GUINT64_CONSTANT (1) << n;

  return TRUE;
}

static gboolean
parse_field (const Field  *field,
             const char   *text,
             guint64      *set,
             GError      **error)
{
  g_auto(GStrv) ranges = g_strsplit (text, ",", -1);

  *set = 0;
  for (guint i = 0; ranges[i] != NULL; i++)
    {
      if (parse_range (field, ranges[i], set))
        continue;

      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” is no %s: write *, a number from %u to %u, a range such as %u-%u, or several with commas"),
                   text, _(field->name), field->minimum, field->maximum,
                   field->minimum, field->maximum);
      return FALSE;
    }

  return TRUE;
}

gboolean
au_cron_parse (AuCron      *self,
               const char  *text,
               GError     **error)
{
  g_auto(GStrv) words = NULL;
  g_autoptr(GPtrArray) given = g_ptr_array_new ();
  guint64 sets[G_N_ELEMENTS (fields)];

  for (guint i = 0; i < G_N_ELEMENTS (shorthands); i++)
    {
      if (g_str_equal (text, shorthands[i].word))
        text = shorthands[i].text;
    }

  words = g_strsplit_set (text, " \t", -1);
  for (guint i = 0; words[i] != NULL; i++)
    {
      if (words[i][0] != '\0')
        g_ptr_array_add (given, words[i]);
    }

  if (given->len != G_N_ELEMENTS (fields))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” is no time: write minute, hour, day, month and day of the week, such as “30 4 * * mon-fri”, or an interval such as 15m"),
                   text);
      return FALSE;
    }

  for (guint i = 0; i < given->len; i++)
    {
      if (!parse_field (&fields[i], g_ptr_array_index (given, i), &sets[i], error))
        return FALSE;
    }

  self->minutes = sets[0];
  self->hours = sets[1];
  self->days = sets[2];
  self->months = sets[3];
  /* Sunday is 0 and 7 */
  self->weekdays = sets[4] | (sets[4] >> 7);
  self->any_day = ((const char *) g_ptr_array_index (given, 2))[0] == '*';
  self->any_weekday = ((const char *) g_ptr_array_index (given, 4))[0] == '*';

  return TRUE;
}

static gboolean
has (guint64 set,
     guint   number)
{
  return (set >> number & 1) != 0;
}

/* Where both are restricted, one of them is enough, as with cron. */
static gboolean
matches_day (AuCron      *self,
             const GDate *date)
{
  gboolean day = has (self->days, g_date_get_day (date));
  gboolean weekday = has (self->weekdays, g_date_get_weekday (date) % 7);

  if (!has (self->months, g_date_get_month (date)))
    return FALSE;

  return self->any_day || self->any_weekday ? day && weekday : day || weekday;
}

/* The first matching time of a day that is later than @after; 0 if there is none. A time
 * that the day does not have, because clocks are put forward, is passed over. */
static gint64
find_in_day (AuCron      *self,
             const GDate *date,
             GTimeZone   *zone,
             gint64       after)
{
  for (guint hour = 0; hour < 24; hour++)
    {
      if (!has (self->hours, hour))
        continue;

      for (guint minute = 0; minute < 60; minute++)
        {
          g_autoptr(GDateTime) time = NULL;

          if (!has (self->minutes, minute))
            continue;

          time = g_date_time_new (zone, g_date_get_year (date), g_date_get_month (date),
                                  g_date_get_day (date), hour, minute, 0);
          if (time == NULL || (guint) g_date_time_get_hour (time) != hour ||
              (guint) g_date_time_get_minute (time) != minute)
            continue;
          if (g_date_time_to_unix (time) * G_USEC_PER_SEC > after)
            return g_date_time_to_unix (time) * G_USEC_PER_SEC;
        }
    }

  return 0;
}

/* The first matching time later than @after, in microseconds since the epoch; 0 if none
 * comes for years. */
gint64
au_cron_get_next (AuCron    *self,
                  GTimeZone *zone,
                  gint64     after)
{
  g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc (after / G_USEC_PER_SEC);
  g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_timezone (utc, zone) : NULL;
  GDate date;

  if (local == NULL)
    return 0;

  g_date_set_dmy (&date, g_date_time_get_day_of_month (local), g_date_time_get_month (local),
                  g_date_time_get_year (local));

  for (guint i = 0; i < MAX_YEARS * 366; i++, g_date_add_days (&date, 1))
    {
      gint64 next;

      if (!matches_day (self, &date))
        continue;

      next = find_in_day (self, &date, zone, after);
      if (next > 0)
        return next;
    }

  return 0;
}
