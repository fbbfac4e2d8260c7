/* au-rate-window-private.h: who came in lately
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define AU_RATE_WINDOW_NEVER (G_MAXINT64)

/* When the last ones came in, or will, in a ring, the oldest first. */
typedef struct
{
  gint64 *stamps;
  guint   size;             /* a power of two */
  guint   first;
  guint   n_stamps;
} AuRateWindow;

static inline gint64
au_rate_window_get (const AuRateWindow *self,
                    guint               i)
{
  return self->stamps[(self->first + i) & (self->size - 1)];
}

static inline gint64
au_rate_window_get_last (const AuRateWindow *self)
{
  return self->n_stamps > 0 ? au_rate_window_get (self, self->n_stamps - 1) : G_MININT64;
}

void   au_rate_window_clear    (AuRateWindow *self);
void   au_rate_window_forget   (AuRateWindow *self,
                                gint64        period,
                                gint64        now);
void   au_rate_window_add      (AuRateWindow *self,
                                gint64        now);
/* When the next one may come in, of @limit within @period. */
gint64 au_rate_window_get_next (AuRateWindow *self,
                                guint         limit,
                                gint64        period,
                                gint64        now);

G_END_DECLS
