/* executor.c: two at a time
 *
 *   cc executor.c -o executor $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

static GVariant *
square (AuTask    *task,
        gpointer   user_data,
        GError   **error)
{
  int x = g_variant_get_int32 (au_task_get_argument (task));

  return g_variant_new_int32 (x * x);
}

int
main (void)
{
  g_autoptr(AuExecutor) executor = au_executor_new (2);
  g_autoptr(AuTaskIterator) squares = NULL;
  AuTask *task;
  int n = 0, sum = 0;

  setlocale (LC_ALL, "");

  /* A task for each number; they are given in the order in which they end. */
  squares = au_executor_map_run (executor, NULL, g_variant_new_parsed ("[0, 1, 2, 3, 4]"), square,
                                 NULL, NULL, NULL);
  while ((task = au_task_iterator_next (squares, -1, NULL, NULL)) != NULL)
    {
      g_autoptr(GVariant) value = au_task_dup_value (task, NULL);

      n++;
      sum += g_variant_get_int32 (value);
      g_object_unref (task);
    }
  g_print ("%d squares, %d in all\n", n, sum);

  /* One task by itself. */
  task = au_executor_run (executor, NULL, g_variant_new_int32 (12), square, NULL, NULL, NULL);
  if (au_task_wait (task, -1, NULL, NULL))
    {
      g_autoptr(GVariant) value = au_task_dup_value (task, NULL);

      g_print ("12² = %d\n", g_variant_get_int32 (value));
    }
  g_object_unref (task);

  au_executor_close (executor, -1, NULL, NULL);

  return 0;
}
