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
  AuTask *tasks[5];

  setlocale (LC_ALL, "");
  for (int i = 0; i < 5; i++)
    tasks[i] = au_executor_run (executor, NULL, g_variant_new_int32 (i), square, NULL, NULL, NULL);
  au_executor_close (executor, -1, NULL, NULL);

  for (int i = 0; i < 5; i++)
    {
      g_autoptr(GVariant) value = au_task_dup_value (tasks[i], NULL);

      g_print ("%d² = %d\n", i, g_variant_get_int32 (value));
      g_object_unref (tasks[i]);
    }

  return 0;
}
