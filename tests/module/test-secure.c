/* test-secure.c: a program that has more rights than its user
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <grp.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

/* This program copies itself, gives the copy to another of its user's groups, and lets
 * the copy run with the rights of that group: the kernel then marks it as secure, as it
 * does a program that belongs to root.
 */

#define REPORT "--report"

/* What the copy does: tells what it takes from an environment that it must not trust. */
static int
report (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuConfig) config = au_config_find (&error);
  g_autoptr(AuModuleInfo) info = NULL;
  g_autofree char *text = NULL;

  g_print ("secure: %s\n", getauxval (AT_SECURE) != 0 ? "yes" : "no");
  if (config == NULL)
    g_print ("error: %s\n", error->message);
  else
    g_print ("origin: %s\n", au_config_get_origin (config) != NULL ? au_config_get_origin (config)
                                                                   : "none");

  g_clear_error (&error);
  info = au_module_info_new (AU_MODULE_STORE, "good", &error);
  g_print ("module: %s\n", info != NULL ? au_module_info_get_file (info) : "none");
  return 0;
}

/* A group that a file of this user may be given to, other than the one that it has. */
static gboolean
find_group (gid_t *group)
{
  gid_t groups[256];
  int n = getgroups (G_N_ELEMENTS (groups), groups);

  if (geteuid () == 0)
    {
      *group = 65534;
      return TRUE;
    }

  for (int i = 0; i < n; i++)
    {
      if (groups[i] != getegid ())
        {
          *group = groups[i];
          return TRUE;
        }
    }

  return FALSE;
}

static char *
make_copy (const char *folder,
           gid_t       group)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *contents = NULL;
  g_autoptr(GError) error = NULL;
  char *copy = g_build_filename (folder, "copy", NULL);
  gsize length;

  g_assert_true (g_file_get_contents (self, &contents, &length, &error));
  g_assert_true (g_file_set_contents (copy, contents, length, &error));
  g_assert_no_error (error);
  if (chown (copy, (uid_t) -1, group) != 0)
    g_clear_pointer (&copy, g_free);
  else
    g_assert_no_errno (g_chmod (copy, 02755));

  return copy;
}

/* Runs @program in @folder with an environment that says where to look for everything. */
static char *
run_report (const char *folder,
            const char *program)
{
  g_autofree char *modules = g_test_build_filename (G_TEST_BUILT, "modules", NULL);
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *chosen = g_build_filename (folder, "chosen.conf", NULL);
  char *output = NULL;

  g_subprocess_launcher_set_cwd (launcher, folder);
  g_subprocess_launcher_setenv (launcher, "AU_MODULE_PATH", modules, TRUE);
  g_subprocess_launcher_setenv (launcher, "AU_CONFIG", chosen, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CONFIG_HOME", folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CONFIG_DIRS", folder, TRUE);
  process = g_subprocess_launcher_spawn (launcher, &error, program, REPORT, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error));
  g_assert_no_error (error);
  return output;
}

static void
write_key_file (const char *folder,
                const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, "[au]\n", -1, NULL));
}

static void
test_environment (void)
{
  g_autofree char *folder = g_dir_make_tmp ("au-secure-XXXXXX", NULL);
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *plain = NULL;
  g_autofree char *copy = NULL;
  g_autofree char *secure = NULL;
  g_autofree char *chosen = g_build_filename (folder, "chosen.conf", NULL);
  g_autofree char *here = g_build_filename (folder, "au.conf", NULL);
  gid_t group;

  write_key_file (folder, "chosen.conf");
  write_key_file (folder, "au.conf");

  /* As anybody, it takes what it is told. */
  plain = run_report (folder, self);
  g_assert_nonnull (strstr (plain, "secure: no\n"));
  g_assert_nonnull (strstr (plain, "chosen.conf\n"));
  g_assert_nonnull (strstr (plain, "au_store_good.so\n"));

  copy = find_group (&group) ? make_copy (folder, group) : NULL;
  secure = copy != NULL ? run_report (folder, copy) : NULL;
  if (secure == NULL || strstr (secure, "secure: yes\n") == NULL)
    g_test_skip ("no program can be given more rights than its user here");
  else
    {
      g_assert_null (strstr (secure, "chosen.conf"));
      g_assert_null (strstr (secure, "origin: au.conf"));
      g_assert_null (strstr (secure, folder));
      g_assert_nonnull (strstr (secure, "module: none\n"));
    }

  if (copy != NULL)
    g_unlink (copy);
  g_unlink (chosen);
  g_unlink (here);
  g_rmdir (folder);
}

int
main (int    argc,
      char **argv)
{
  if (argc == 2 && g_str_equal (argv[1], REPORT))
    return report ();

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/module/secure/environment", test_environment);

  return g_test_run ();
}
