/* au-spin-private.h: looking for a moment before going to sleep
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* To wake a thread that sleeps takes longer than what most waits are for, so that it
 * pays to look first; but only where what is waited for tends to come at once. What was
 * seen lately of things of a kind is kept for all who wait for them. It starts as zeros,
 * and each part of it is atomic. */
typedef struct
{
  gint credit;          /* less than zero: how often it is not tried */
  gint pause;           /* how often it was not the last time */
} AuSpin;

/* A thread may look for as long as it takes to wake it, and has lost half at most; a
 * main loop has others to serve. */
#define AU_SPIN_THREAD    (100) /* µs */
#define AU_SPIN_MAIN_LOOP (10)  /* µs */

/* Whether @flag, which another thread sets, was set within @limit, in microseconds. */
gboolean au_spin         (AuSpin *self,
                          gint   *flag,
                          gint    limit);

/* For a lock that is held for some instructions only. */
void     au_lock_briefly (GMutex *lock);

G_END_DECLS
