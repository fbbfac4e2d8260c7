/* test-process-orphans.c: worker processes whose program is killed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "../plugins/process-fixture.h"

#include <au-test/au-test.h>

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>

#define N_JOBS (8)

/* Each computation says by a file of its own that it runs, and by which process. */
typedef struct
{
  char *folder;
  char *paths[N_JOBS];
  int   workers[N_JOBS];
  int   watches[N_JOBS];
} Orphans;

static char *
get_key (guint i)
{
  return g_strdup_printf ("orphan-%u", i);
}

/* A program of its own that asks for computations, and is killed while they run. */
static int
submit_and_wait (const char *folder,
                 const char *settings)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuStore) store = au_part_new (AU_MODULE_STORE, "file", &error, "path", folder, NULL);
  g_autoptr(AuBackend) backend = process_backend (settings);
  g_autoptr(AuEngine) engine = au_engine_new_with_parts (store, backend);
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < N_JOBS; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s-%u", folder, i);
      g_autoptr(AuOptions) options = au_options_new ();
      g_autofree char *key = get_key (i);

      au_options_set_key (options, key);
      g_ptr_array_add (handles, au_engine_submit (engine, "trial.wait", g_variant_new ("(s)", path), options, &error));
      g_assert_no_error (error);
    }
  au_handle_wait (g_ptr_array_index (handles, 0), -1, NULL, NULL);

  return 0;
}

/* Kills a program while its workers run “trial.wait”. */
static void
orphans_init (Orphans    *self,
              const char *settings)
{
  const char *argv[] = { "/proc/self/exe", "--submitter", NULL, settings, NULL };
  g_autoptr(AuProcess) program = NULL;
  g_autoptr(GError) error = NULL;

  self->folder = process_new_path ();
  argv[2] = self->folder;
  program = au_process_new (argv);
  au_process_start (program, NULL, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < N_JOBS; i++)
    {
      g_autofree char *text = NULL;

      self->paths[i] = g_strdup_printf ("%s-%u", self->folder, i);
      process_await_file (self->paths[i]);
      g_assert_true (g_file_get_contents (self->paths[i], &text, NULL, NULL));
      self->workers[i] = atoi (text);
      self->watches[i] = process_watch (self->workers[i]);
      g_assert_cmpint (self->watches[i], >=, 0);
    }

  au_process_send_signal (program, SIGKILL);
  au_process_wait (program, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (au_process_get_signal (program), ==, SIGKILL);
}

static void
orphans_clear (Orphans *self)
{
  for (guint i = 0; i < N_JOBS; i++)
    {
      g_unlink (self->paths[i]);
      g_free (self->paths[i]);
    }
  au_test_remove_folder (self->folder);
  g_free (self->folder);
}

/* What the store has of a job, for whoever comes next. */
static AuRecord *
orphans_load (Orphans *self,
              guint    number)
{
  g_autofree char *key = get_key (number);
  g_autoptr(GError) error = NULL;
  g_autoptr(AuStore) store = au_part_new (AU_MODULE_STORE, "file", &error, "path", self->folder, NULL);
  AuRecord *record;

  g_assert_no_error (error);
  record = au_store_load (store, key, NULL, &error);
  g_assert_no_error (error);

  return record;
}

/* Each worker writes the outcome itself, of the attempt that it was given. */
static void
test_finish (void)
{
  Orphans orphans = { 0 };

  orphans_init (&orphans, "max-workers=8;orphans=finish");

  /* They end when their files are gone. */
  for (guint i = 0; i < N_JOBS; i++)
    g_unlink (orphans.paths[i]);
  for (guint i = 0; i < N_JOBS; i++)
    process_await_end (orphans.watches[i]);

  for (guint i = 0; i < N_JOBS; i++)
    {
      g_autoptr(AuRecord) record = orphans_load (&orphans, i);

      g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_COMPLETED);
      g_assert_cmpuint (au_record_get_attempt (record), ==, 1);
      g_assert_cmpint (g_variant_get_int32 (au_record_get_value (record)), ==, orphans.workers[i]);
    }
  orphans_clear (&orphans);
}

/* None is left, although none was told to end by anybody. */
static void
test_kill (void)
{
  Orphans orphans = { 0 };

  orphans_init (&orphans, "max-workers=8;orphans=kill");
  for (guint i = 0; i < N_JOBS; i++)
    process_await_end (orphans.watches[i]);

  /* No outcome was made up: whoever comes next resumes them. */
  for (guint i = 0; i < N_JOBS; i++)
    {
      g_autoptr(AuRecord) record = orphans_load (&orphans, i);

      g_assert_false (au_status_is_terminal (au_record_get_status (record)));
    }
  orphans_clear (&orphans);
}

int
main (int    argc,
      char **argv)
{
  process_init (&argc, &argv);
  if (argc == 4 && g_str_equal (argv[1], "--submitter"))
    return submit_and_wait (argv[2], argv[3]);

  g_test_add_func ("/faults/process/orphans/finish", test_finish);
  g_test_add_func ("/faults/process/orphans/kill", test_kill);

  return g_test_run ();
}
