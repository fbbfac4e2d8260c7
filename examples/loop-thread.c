/* loop-thread.c: a main loop in a thread of its own
 *
 *   cc loop-thread.c -o loop-thread $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

static gboolean
later (gpointer data)
{
  g_autoptr(AuTask) task = data;

  au_task_return_value (task, g_variant_new_string ("from the other loop"));

  return G_SOURCE_REMOVE;
}

/* Is called in the loop, and ends its task when a timeout of that loop is over. */
static void
start (AuTask  *task,
       gpointer user_data)
{
  g_autoptr(GSource) source = g_timeout_source_new (10);

  g_source_set_callback (source, later, g_object_ref (task), NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

int
main (void)
{
  g_autoptr(AuLoopThread) loop = au_loop_thread_new ("other");
  g_autoptr(AuTask) task = au_loop_thread_start (loop, "later", start, NULL, NULL, NULL);
  g_autoptr(GVariant) value = NULL;

  au_task_wait (task, -1, NULL, NULL);
  value = au_task_dup_value (task, NULL);
  g_print ("%s\n", g_variant_get_string (value, NULL));
  g_print ("%s\n", au_loop_thread_close (loop, -1, NULL, NULL) ? "closed" : "?");

  return 0;
}
