/* au-test-run.c: test programs that use the test kit
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-run-private.h"

#include <ftw.h>
#include <stdio.h>

#define PLACE_VARIABLE "AU_TEST_PLACE"

/* The words that start this program up to its own arguments: more than one where it is
 * a script. */
static guint n_program_words = 1;

/* What the test framework was given. */
static GStrv kept_arguments;

static GStrv
read_command_line (void)
{
  g_autoptr(GPtrArray) words = g_ptr_array_new ();
  g_autofree char *text = NULL;
  gsize length = 0;

  g_file_get_contents ("/proc/self/cmdline", &text, &length, NULL);
  for (gsize i = 0; i < length; i += strlen (text + i) + 1)
    g_ptr_array_add (words, g_strdup (text + i));
  g_ptr_array_add (words, NULL);

  return (GStrv) g_ptr_array_free (g_steal_pointer (&words), FALSE);
}

/**
 * au_test_init:
 * @arguments: (array zero-terminated=1): the name of the program, and its arguments
 *
 * Starts the test framework, before tests are added, as [func@GLib.test_init] does in C.
 *
 * Languages whose programs are started by an interpreter need this function: tests with
 * several processes start the program again.
 *
 * Since: 1.0
 */
void
au_test_init (const char * const *arguments)
{
  g_auto(GStrv) words = read_command_line ();
  g_autofree char **rest = NULL;
  int n_arguments;
  guint n_words = g_strv_length (words);

  g_return_if_fail (kept_arguments == NULL);

  /* It takes what it has understood out of the vector, and keeps some of it. */
  kept_arguments = g_strdupv ((char **) arguments);
  n_arguments = g_strv_length (kept_arguments);
  rest = g_memdup2 (kept_arguments, (n_arguments + 1) * sizeof (char *));

  if (n_arguments > 0 && n_words >= (guint) n_arguments)
    n_program_words = n_words - n_arguments + 1;

  g_test_init (&n_arguments, &rest, NULL);
}

/**
 * au_test_run:
 *
 * Runs the tests that were added, as [func@GLib.test_run] does.
 *
 * Returns: what the program is to exit with: 0 when no test failed
 *
 * Since: 1.0
 */
int
au_test_run (void)
{
  return g_test_run ();
}

static int
remove_entry (const char        *path,
              const struct stat *info,
              int                kind,
              struct FTW        *position)
{
  return remove (path);
}

/**
 * au_test_remove_folder:
 * @path: (type filename): a file or folder, which need not exist
 *
 * Removes a folder and all that is in it. Symbolic links are removed, not followed.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_test_remove_folder (const char *path)
{
  g_return_if_fail (path != NULL);

  nftw (path, remove_entry, 32, FTW_DEPTH | FTW_PHYS);
}

static void
ended_cb (gpointer data)
{
  g_atomic_int_set ((gint *) data, TRUE);
  g_main_context_wakeup (NULL);
}

/* A weak reference would tell too early: before the object lets go of what it holds. */
void
au_test_end_object (gpointer object)
{
  gint ended = FALSE;

  g_object_set_data_full (object, "au-test-end", &ended, ended_cb);
  g_object_unref (object);
  while (!g_atomic_int_get (&ended))
    g_main_context_iteration (NULL, TRUE);
}

guint
au_test_scale (guint n)
{
  if (g_test_slow ())
    return n * 10;

#if defined (__SANITIZE_ADDRESS__) || defined (__SANITIZE_THREAD__)
  return MAX (n / 4, 1);
#else
  return n;
#endif
}

/* A child runs one test, and GLib frees the data of those tests only that were run. */
static void
allow_leaks (GSubprocessLauncher *launcher)
{
  const char *old = g_subprocess_launcher_getenv (launcher, "ASAN_OPTIONS");
  g_autofree char *options = g_strconcat (old != NULL ? old : "", ":detect_leaks=0", NULL);

  g_subprocess_launcher_setenv (launcher, "ASAN_OPTIONS", options, TRUE);
}

GSubprocess *
au_test_child_new (const char       *path,
                   const char       *place,
                   GSubprocessFlags  flags)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autoptr(GPtrArray) argv = g_ptr_array_new ();
  g_auto(GStrv) words = read_command_line ();
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr(GError) error = NULL;
  GSubprocess *child;

  g_assert_nonnull (program);
  allow_leaks (launcher);
  g_ptr_array_add (argv, program);
  for (guint i = 1; i < n_program_words; i++)
    g_ptr_array_add (argv, words[i]);
  g_ptr_array_add (argv, (char *) "-p");
  g_ptr_array_add (argv, (char *) path);
  g_ptr_array_add (argv, (char *) "--GTestSubprocess");
  g_ptr_array_add (argv, NULL);

  g_subprocess_launcher_setenv (launcher, PLACE_VARIABLE, place, TRUE);
  child = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);

  return child;
}

void
au_test_child_end (GSubprocess *child)
{
  g_autoptr(GError) error = NULL;

  g_subprocess_wait_check (child, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (child);
}

const char *
au_test_get_place (void)
{
  return g_test_subprocess () ? g_getenv (PLACE_VARIABLE) : NULL;
}
