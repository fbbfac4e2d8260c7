/* au-timer-private.h: what is to happen at a time
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-heap-private.h"
#include "au-time-private.h"

G_BEGIN_DECLS

/* All timers of the process are in one heap, and one thread with one source of au's
 * clock waits for the first of them. What they do there must be short: it decides who
 * is to be woken. Nothing of a user's runs there.
 *
 * A timer that is set holds whatever its owner counts: when au_timer_set () says that
 * it was not set before, the owner takes a reference for it; the function gets that
 * reference, or, when au_timer_clear () says that the timer was set, whoever cleared
 * it. */

typedef struct _AuTimer AuTimer;
typedef void (*AuTimerFunc) (AuTimer *timer);

struct _AuTimer
{
  AuHeapNode  node;
  AuTimerFunc func;
};

/* @time is one of au_clock_get_monotonic_time (). */
gboolean au_timer_set   (AuTimer *self,
                         gint64   time) G_GNUC_WARN_UNUSED_RESULT;
gboolean au_timer_clear (AuTimer *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
