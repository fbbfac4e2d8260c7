/* au-computation-timers.c: what a computation is to be reminded of
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"

/* A timer, which is part of the extra, holds a reference while it is set; @func gets it. */
void
au_computation_set_timer (AuComputation *self,
                          AuTimer       *timer,
                          gint64         time,
                          AuServiceFunc  func)
{
  gboolean ended;

  /* An attempt that was given up may have set it while this one was about to. */
  if (au_service_set_timer (self->engine->service, timer, time, func, au_computation_ref (self)))
    au_computation_unref (self);

  g_mutex_lock (&self->lock);
  ended = self->ended;
  g_mutex_unlock (&self->lock);

  /* Whoever ended it meanwhile found no timer. */
  if (ended)
    au_computation_unset_timers (self);
}

static void
unset_timer (AuComputation *self,
             AuTimer       *timer)
{
  if (au_service_unset_timer (self->engine->service, timer))
    au_computation_unref (self);
}

void
au_computation_unset_timers (AuComputation *self)
{
  AuComputationExtra *extra;

  g_mutex_lock (&self->lock);
  extra = self->extra;
  g_mutex_unlock (&self->lock);

  if (extra == NULL)
    return;

  unset_timer (self, &extra->timer);
  unset_timer (self, &extra->report_timer);

  /* Not before: a report that is held is one that has its timer. */
  g_mutex_lock (&self->lock);
  extra->report_held = FALSE;
  g_mutex_unlock (&self->lock);
}
