/* batcher.c: three at a time, or what there is
 *
 *   cc batcher.c -o batcher $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

static void
write_batch (AuTask  *task,
             gpointer user_data)
{
  g_autofree char *text = g_variant_print (au_task_get_argument (task), FALSE);

  g_print ("%s\n", text);
  au_task_return_value (task, NULL);
}

static void
closed (GObject      *source,
        GAsyncResult *result,
        gpointer      data)
{
  g_main_loop_quit (data);
}

int
main (void)
{
  g_autoptr(AuBatcher) batcher =
    au_batcher_new_starting (G_TIME_SPAN_MINUTE, 3, write_batch, NULL, NULL);
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  for (int i = 1; i <= 7; i++)
    au_batcher_put (batcher, g_variant_new_int32 (i), NULL);
  au_batcher_close_async (batcher, NULL, closed, loop);
  g_main_loop_run (loop);

  return 0;
}
