/* test-key-file.c: the key files that fuzzing has found worth keeping
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fuzz-key-file.h"

#include <glib.h>

static void
test_corpus (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "fuzz", "key-file", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;
  guint n = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *contents = NULL;
      g_autofree guint8 *exact = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (path, &contents, &length, &error));
      g_assert_no_error (error);

      /* Without the zero at the end, so that nobody can rely on it. */
      exact = g_memdup2 (contents, length);
      g_test_message ("%s", name);
      LLVMFuzzerTestOneInput (exact, length);
      n++;
    }

  g_assert_cmpuint (n, >=, 10);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  LLVMFuzzerInitialize (&argc, &argv);

  g_test_add_func ("/fuzz/key-file/corpus", test_corpus);

  return g_test_run ();
}
