/* test-middleware.c: what every middleware that comes with au does
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au-test/au-test.h>

static AuMiddleware *
make_middleware (gpointer  user_data,
                 GError  **error)
{
  return au_part_new (AU_MODULE_MIDDLEWARE, user_data, error, NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  au_test_middleware_add_suite ("/middleware/logging", make_middleware, (gpointer) "logging", NULL);
  au_test_middleware_add_suite ("/middleware/metrics", make_middleware, (gpointer) "metrics", NULL);

  return g_test_run ();
}
