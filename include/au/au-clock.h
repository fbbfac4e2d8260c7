/* au-clock.h: the time, as all of au sees it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-types.h>

G_BEGIN_DECLS

/**
 * AuClockFunc:
 * @user_data: the data given to [func@Au.clock_watch]
 *
 * Is told that somebody moved the clock.
 *
 * Called in the thread that moved it.
 *
 * Since: 1.0
 */
typedef void (*AuClockFunc) (gpointer user_data);

AU_AVAILABLE_IN_1_0
gint64 au_clock_get_real_time (void);
AU_AVAILABLE_IN_1_0
gint64 au_clock_get_monotonic_time (void);

AU_AVAILABLE_IN_1_0
void au_clock_freeze (void);
AU_AVAILABLE_IN_1_0
void au_clock_advance (GTimeSpan span);
AU_AVAILABLE_IN_1_0
void au_clock_thaw (void);

AU_AVAILABLE_IN_1_0
guint au_clock_watch (AuClockFunc    func,
                      gpointer       user_data,
                      GDestroyNotify destroy);
AU_AVAILABLE_IN_1_0
void au_clock_unwatch (guint id);

AU_AVAILABLE_IN_1_0
gboolean au_clock_wait_until (GCond  *cond,
                              GMutex *mutex,
                              gint64  monotonic_time);
AU_AVAILABLE_IN_1_0
int      au_clock_poll       (GPollFD *fds,
                              guint    n_fds,
                              gint64   monotonic_time);

AU_AVAILABLE_IN_1_0
GSource *au_clock_source_new          (gint64    monotonic_time) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GSource *au_clock_interval_source_new (GTimeSpan interval) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_clock_source_set_time (GSource *source,
                               gint64   monotonic_time);

G_END_DECLS
