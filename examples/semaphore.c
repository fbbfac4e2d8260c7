/* semaphore.c: two at a time, and the urgent one first
 *
 *   cc semaphore.c -o semaphore $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

static void
entered (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  au_semaphore_acquire_finish (AU_SEMAPHORE (source), result, NULL);
  g_print ("%s\n", (const char *) data);
  au_semaphore_release (AU_SEMAPHORE (source));
}

int
main (void)
{
  g_autoptr(AuSemaphore) semaphore = au_semaphore_new (1);

  au_semaphore_acquire (semaphore, -1, NULL, NULL);
  au_semaphore_acquire_async (semaphore, NULL, entered, (gpointer) "first come");
  au_semaphore_acquire_async (semaphore, NULL, entered, (gpointer) "second come");

  au_priority_push (-1);
  au_semaphore_acquire_async (semaphore, NULL, entered, (gpointer) "urgent");
  au_priority_pop ();

  g_print ("%u wait\n", au_semaphore_get_waiting (semaphore));
  au_semaphore_release (semaphore);
  while (au_semaphore_get_available (semaphore) == 0 || g_main_context_pending (NULL))
    g_main_context_iteration (NULL, TRUE);

  return 0;
}
