/* au-cron-private.h: times of the calendar, as cron writes them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bit n of a set stands for the number n. */
typedef struct
{
  guint64  minutes;
  guint64  hours;
  guint64  days;
  guint64  months;
  guint64  weekdays;    /* 0 is Sunday */
  gboolean any_day;
  gboolean any_weekday;
} AuCron;

gboolean au_cron_parse    (AuCron      *self,
                           const char  *text,
                           GError     **error);
gint64   au_cron_get_next (AuCron      *self,
                           GTimeZone   *zone,
                           gint64       after);

G_END_DECLS
