/* module-fixture.c: what the tests of modules and of key files share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "module-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* What tests/modules/ was built in, and the folder in it where libtool puts the modules. */
static char *modules;
static char *built;

/* Where the user's own files would be. */
static char *home;

/* The program */

/* The user's own files are none of ours. */
static char *
isolate (void)
{
  g_autoptr(GError) error = NULL;
  char *folder = g_dir_make_tmp ("au-home-XXXXXX", &error);
  const char *const names[] = { "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_STATE_HOME" };

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_setenv (names[i], path, TRUE);
    }
  g_unsetenv ("AU_CONFIG");

  return folder;
}

void
fixture_init (int    *argc,
              char ***argv)
{
  g_test_init (argc, argv, NULL);
  home = isolate ();

  modules = g_test_build_filename (G_TEST_BUILT, "modules", NULL);
  built = g_build_filename (modules, ".libs", NULL);
  g_setenv ("AU_MODULE_PATH", modules, TRUE);
  g_setenv ("AU_MODULE_SYSTEM_PATH", "", TRUE);
  /* The build may have been made by somebody else, and for a group. */
  g_setenv ("AU_MODULE_CHECKS", "off", TRUE);
}

int
fixture_run (void)
{
  int status = g_test_run ();

  g_rmdir (home);
  g_free (home);
  g_free (built);
  g_free (modules);
  return status;
}

const char *
fixture_modules (void)
{
  return modules;
}

const char *
fixture_built (void)
{
  return built;
}

/* A folder for each test */

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("au-loader-XXXXXX", &error);
  g_assert_no_error (error);
  g_setenv ("AU_MODULE_PATH", fixture->folder, TRUE);
}

static void
set_up_checks (Fixture       *fixture,
               gconstpointer  data)
{
  set_up (fixture, data);
  g_unsetenv ("AU_MODULE_CHECKS");
}

static void
remove_all (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        remove_all (path);
      else
        g_assert_no_errno (g_unlink (path));
    }

  g_assert_no_errno (g_rmdir (folder));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_setenv ("AU_MODULE_PATH", modules, TRUE);
  g_setenv ("AU_MODULE_CHECKS", "off", TRUE);
  remove_all (fixture->folder);
  g_free (fixture->folder);
}

void
fixture_add (const char  *path,
             FixtureFunc  func)
{
  g_test_add (path, Fixture, NULL, set_up, func, tear_down);
}

void
fixture_add_checked (const char  *path,
                     FixtureFunc  func)
{
  g_test_add (path, Fixture, NULL, set_up_checks, func, tear_down);
}

/* Modules */

char *
write_file (const char *folder,
            const char *name,
            const char *contents,
            gssize      length)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr(GError) error = NULL;

  g_file_set_contents_full (path, contents, length, G_FILE_SET_CONTENTS_NONE, 0644, &error);
  g_assert_no_error (error);
  g_assert_no_errno (g_chmod (path, 0644));
  return path;
}

char *
copy_module (const char *folder,
             const char *name,
             const char *new_name,
             const char *from,
             const char *to)
{
  g_autofree char *path = g_build_filename (built, name, NULL);
  g_autofree char *contents = NULL;
  g_autoptr(GError) error = NULL;
  gsize length;
  char *p;

  g_file_get_contents (path, &contents, &length, &error);
  g_assert_no_error (error);

  if (from != NULL)
    {
      guint n_replaced = 0;

      g_assert_cmpuint (strlen (from), ==, strlen (to));
      while ((p = memmem (contents, length, from, strlen (from))) != NULL)
        {
          memcpy (p, to, strlen (to));
          n_replaced++;
        }
      g_assert_cmpuint (n_replaced, >, 0);
    }

  return write_file (folder, new_name, contents, length);
}

void
assert_no_type (AuModuleKind kind,
                const char  *type,
                AuError      code,
                const char  *format,
                const char  *file)
{
  g_autoptr(GError) error = NULL;
  g_auto (GStrv) parts = g_strsplit (format, "%s", -1);
  g_autofree char *message = g_strjoinv (file, parts);

  g_assert_cmpuint (au_part_get_gtype (kind, type, &error), ==, G_TYPE_INVALID);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, (int) code);

  /* It is refused again, for the same reason. */
  g_clear_error (&error);
  g_assert_cmpuint (au_part_get_gtype (kind, type, &error), ==, G_TYPE_INVALID);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, AU_ERROR, (int) code);
}
