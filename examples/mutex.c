/* mutex.c: a lock that is held while a main loop turns
 *
 *   cc mutex.c -o mutex $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

static gboolean
unlock (gpointer data)
{
  g_print ("unlocked by the loop\n");
  au_mutex_unlock (data);

  return G_SOURCE_REMOVE;
}

static void
locked (GObject      *source,
        GAsyncResult *result,
        gpointer      data)
{
  g_autoptr(GError) error = NULL;

  if (au_mutex_lock_finish (AU_MUTEX (source), result, &error))
    g_print ("locked\n");
  g_main_loop_quit (data);
}

int
main (void)
{
  g_autoptr(AuMutex) mutex = au_mutex_new ();
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  g_print ("%s\n", au_mutex_try_lock (mutex) ? "locked" : "not locked");
  g_print ("%s\n", au_mutex_try_lock (mutex) ? "locked" : "not locked");

  g_idle_add (unlock, mutex);
  au_mutex_lock_async (mutex, NULL, locked, loop);
  g_main_loop_run (loop);
  au_mutex_unlock (mutex);

  return 0;
}
