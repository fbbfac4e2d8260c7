/* keyed-mutex.c: a lock for each name
 *
 *   cc keyed-mutex.c -o keyed-mutex $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

int
main (void)
{
  g_autoptr(AuKeyedMutex) mutex = au_keyed_mutex_new ();

  g_print ("a: %d\n", au_keyed_mutex_try_lock (mutex, "a"));
  g_print ("b: %d\n", au_keyed_mutex_try_lock (mutex, "b"));
  g_print ("a: %d\n", au_keyed_mutex_try_lock (mutex, "a"));
  au_keyed_mutex_unlock (mutex, "a");
  g_print ("a: %d\n", au_keyed_mutex_try_lock (mutex, "a"));

  au_keyed_mutex_unlock (mutex, "a");
  au_keyed_mutex_unlock (mutex, "b");
  g_print ("%u locked\n", au_keyed_mutex_get_n_locked (mutex));

  return 0;
}
