/* cache.c: many ask, and the function is called once
 *
 *   cc cache.c -o cache $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

static GVariant *
slow_square (AuTask    *task,
             gpointer   user_data,
             GError   **error)
{
  int x = g_variant_get_int32 (au_task_get_argument (task));

  g_print ("computing %d²\n", x);
  return g_variant_new_int32 (x * x);
}

static gpointer
ask (gpointer data)
{
  return au_cache_get (data, g_variant_new_int32 (12), -1, NULL, NULL);
}

int
main (void)
{
  g_autoptr(AuCache) cache = au_cache_new (slow_square, NULL, NULL);
  GThread *threads[3];

  setlocale (LC_ALL, "");
  for (guint i = 0; i < 3; i++)
    threads[i] = g_thread_new ("ask", ask, cache);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(GVariant) value = g_thread_join (threads[i]);

      g_print ("%d\n", g_variant_get_int32 (value));
    }

  return 0;
}
