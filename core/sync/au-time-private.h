/* au-time-private.h: until when somebody waits
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-clock.h>

G_BEGIN_DECLS

/* Gives when @timeout will be over, on the clock; -1 for never. */
static inline gint64
au_clock_get_end_time (GTimeSpan timeout)
{
  gint64 now;

  if (timeout < 0)
    return -1;

  now = au_clock_get_monotonic_time ();

  return timeout >= G_MAXINT64 - now ? -1 : now + timeout;
}

G_END_DECLS
