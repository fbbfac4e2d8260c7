/* channel.c: threads that put and a thread that gets
 *
 *   cc channel.c -o channel $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

static gpointer
count (gpointer data)
{
  for (int i = 1; i <= 5; i++)
    au_channel_put (data, g_variant_new_int32 (i), -1, NULL, NULL);
  au_channel_close (data);

  return NULL;
}

int
main (void)
{
  g_autoptr(AuChannel) channel = au_channel_new (2, AU_CHANNEL_ORDER_FIFO);
  g_autoptr(GError) error = NULL;
  GThread *thread = g_thread_new ("count", count, channel);
  GVariant *item;

  /* there is room for two: the other thread waits for this one */
  while ((item = au_channel_get (channel, -1, NULL, &error)) != NULL)
    {
      g_print ("%d\n", g_variant_get_int32 (item));
      g_variant_unref (item);
    }
  g_thread_join (thread);
  g_print ("%s\n", g_error_matches (error, AU_ERROR, AU_ERROR_CLOSED) ? "closed" : "?");

  return 0;
}
