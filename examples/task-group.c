/* task-group.c: nothing outlives its group, and errors are gathered
 *
 *   cc task-group.c -o task-group $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

static GVariant *
work (AuTask    *task,
      gpointer   user_data,
      GError   **error)
{
  if (user_data != NULL)
    return g_variant_new_string (user_data);

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "this one had nothing to do");
  return NULL;
}

int
main (void)
{
  g_autoptr(AuTaskGroup) group = au_task_group_new ();
  g_autoptr(AuTask) fine = au_task_group_run (group, "fine", work, (gpointer) "done", NULL, NULL);
  g_autoptr(AuTask) failing = au_task_group_run (group, "failing", work, NULL, NULL, NULL);
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  au_task_group_close (group, -1, NULL, NULL);

  value = au_task_dup_value (fine, NULL);
  g_print ("%s: %s\n", au_task_get_name (fine), g_variant_get_string (value, NULL));
  error = au_task_group_dup_error (group, 0);
  g_print ("%u failed: %s\n", au_task_group_get_n_failed (group), error->message);

  return 0;
}
