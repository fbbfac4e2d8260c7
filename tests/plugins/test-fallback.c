/* test-fallback.c: functions that worker processes do not have, in threads
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au-test/au-test.h>

#include <unistd.h>

static AuBackend *
make_backend (guint     max_workers,
              gpointer  user_data,
              GError  **error)
{
  g_autofree char *setting = g_strdup_printf ("max-workers=%u", max_workers);
  const char *settings[] = { "fallback=thread", setting, NULL };

  return (AuBackend *) au_part_new_from_strings (AU_MODULE_BACKEND, "process", settings, error);
}

static GVariant *
here_func (AuCall    *call,
           GVariant  *arguments,
           gpointer   data,
           GError   **error)
{
  return g_variant_new_int32 (getpid ());
}

/* A program without au_init () or a key file: its own functions run in it, and those of
 * modules elsewhere. */
static void
test_default (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuEngine) engine = au_engine_new (NULL, &error);
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(AuFunction) found = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GVariant) digest = NULL;
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "tests.am", NULL);
  const char *type;
  guint64 size, n_lines;

  g_assert_no_error (error);
  g_assert_cmpstr (au_part_get_type_name (G_OBJECT (au_engine_get_backend (engine))), ==, "process");

  function = au_function_new ("here", "()", "i", AU_FUNCTION_NONE, here_func, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (au_function_is_portable (function));
  au_engine_add_function (engine, function);
  value = au_engine_call (engine, "here", NULL, NULL, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int32 (value), ==, getpid ());

  found = au_engine_find_function (engine, "digest.file", &error);
  g_assert_no_error (error);
  g_assert_true (au_function_is_portable (found));
  digest = au_engine_call (engine, "digest.file", g_variant_new ("(s)", path), NULL, -1, NULL, &error);
  g_assert_no_error (error);
  g_variant_get (digest, "(&st&st)", &type, &size, NULL, &n_lines);
  g_assert_cmpuint (size, >, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/fallback/default", test_default);
  au_test_backend_add_suite ("/backend/fallback", make_backend, NULL, NULL);

  return g_test_run ();
}
