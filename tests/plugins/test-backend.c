/* test-backend.c: the backends that come with au
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au-test/au-test.h>

static AuBackend *
make_backend (guint     max_workers,
              gpointer  user_data,
              GError  **error)
{
  const char *type = user_data;
  g_autofree char *setting = g_strdup_printf ("max-workers=%u", max_workers);
  const char *settings[] = { setting, NULL };

  /* the caller's thread is one worker and cannot be more */
  if (max_workers == 0 || g_str_equal (type, "inline"))
    settings[0] = NULL;

  return (AuBackend *) au_part_new_from_strings (AU_MODULE_BACKEND, type, settings, error);
}

int
main (int   argc,
      char *argv[])
{
  /* The backend “process” starts this program again as its worker. */
  au_test_functions_register ();
  au_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  au_test_backend_add_suite ("/backend/inline", make_backend, (gpointer) "inline", NULL);
  au_test_backend_add_suite ("/backend/loop", make_backend, (gpointer) "loop", NULL);
  au_test_backend_add_suite ("/backend/thread", make_backend, (gpointer) "thread", NULL);
  au_test_backend_add_suite ("/backend/process", make_backend, (gpointer) "process", NULL);

  return g_test_run ();
}
