/* lockout.c: nobody asks a server that wants to be left alone
 *
 *   cc lockout.c -o lockout $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

int
main (void)
{
  g_autoptr(AuLockout) lockout = au_lockout_new (FALSE);
  gint64 began = g_get_monotonic_time ();

  /* it has said “try again in 50 ms” */
  au_lockout_lock_for (lockout, 50 * G_TIME_SPAN_MILLISECOND);
  g_print ("%s\n", au_lockout_try_enter (lockout) ? "in" : "not now");

  au_lockout_enter (lockout, -1, NULL, NULL);
  g_print ("%s\n", g_get_monotonic_time () - began >= 50000 ? "in, after 50 ms" : "too early");
  au_lockout_leave (lockout);

  return 0;
}
