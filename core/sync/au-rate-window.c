/* au-rate-window.c: who came in lately
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-rate-window-private.h"

void
au_rate_window_clear (AuRateWindow *self)
{
  g_clear_pointer (&self->stamps, g_free);
  self->size = self->n_stamps = 0;
}

void
au_rate_window_forget (AuRateWindow *self,
                       gint64        period,
                       gint64        now)
{
  while (self->n_stamps > 0 && now - au_rate_window_get (self, 0) >= period)
    {
      self->first = (self->first + 1) & (self->size - 1);
      self->n_stamps--;
    }
}

static void
grow (AuRateWindow *self)
{
  guint size = MAX (self->size * 2, 4);
  gint64 *stamps = g_new (gint64, size);

  for (guint i = 0; i < self->n_stamps; i++)
    stamps[i] = au_rate_window_get (self, i);
  g_free (self->stamps);
  self->stamps = stamps;
  self->size = size;
  self->first = 0;
}

void
au_rate_window_add (AuRateWindow *self,
                    gint64        now)
{
  if (self->n_stamps == self->size)
    grow (self);

  /* in order, also where somebody has reserved a later place */
  now = MAX (now, au_rate_window_get_last (self));
  self->stamps[(self->first + self->n_stamps) & (self->size - 1)] = now;
  self->n_stamps++;
}

gint64
au_rate_window_get_next (AuRateWindow *self,
                         guint         limit,
                         gint64        period,
                         gint64        now)
{
  au_rate_window_forget (self, period, now);

  if (self->n_stamps < limit)
    return now;
  if (limit == 0)
    return AU_RATE_WINDOW_NEVER;

  return au_rate_window_get (self, self->n_stamps - limit) + period;
}
