/* au-test-store-keeping.c: what a store must do that keeps records
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-store-private.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

/* Items of the record “b”, where the store keeps any. */
static void
append_item (StoreFixture *fixture,
             guint64       index,
             const char   *text)
{
  g_autoptr(GError) error = NULL;

  if (!store_fixture_keeps_items (fixture))
    return;

  au_store_append_item (fixture->store, "b", 1, index, g_variant_new_string (text), NULL, &error);
  g_assert_no_error (error);
}

static void
assert_n_items (StoreFixture *fixture,
                guint         n)
{
  g_autoptr(GPtrArray) items = NULL;
  g_autoptr(GError) error = NULL;

  if (!store_fixture_keeps_items (fixture))
    return;

  items = au_store_list_items (fixture->store, "b", 0, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (items->len, ==, n);
}

static void
test_reopened_store_has_everything (StoreFixture *fixture)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) running = NULL;
  g_autoptr(AuRecord) other = NULL;
  g_autoptr(AuRecord) holder = NULL;
  g_autoptr(GError) error = NULL;
  gboolean created = TRUE;

  au_clock_freeze ();
  au_options_set_unique_key (options, "u");
  au_options_set_ttl (options, G_TIME_SPAN_HOUR);
  record = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "a", options));
  record = au_test_store_complete (fixture->store, g_steal_pointer (&record));
  running = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "b", options));
  append_item (fixture, 0, "x");

  store_fixture_reopen (fixture);
  au_test_store_assert_holds (fixture->store, record);
  au_test_store_assert_holds (fixture->store, running);

  append_item (fixture, 1, "y");
  assert_n_items (fixture, 2);

  other = au_record_new ("c", "f", NULL, options);
  holder = au_store_insert (fixture->store, other, &created, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (created);
  au_test_record_assert_equal (holder, running);

  /* by a time that the store does not know from its clock */
  g_assert_cmpint (au_store_cleanup_expired (fixture->store, au_clock_get_real_time () + G_TIME_SPAN_HOUR, 0,
                                             NULL, &error), ==, 1);
  au_test_store_assert_lacks (fixture->store, "a");
  au_clock_thaw ();
}

/* Death */

static void
child_inserts_until_it_is_killed (StoreFixture *fixture)
{
  for (guint i = 0; ; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);
      g_autofree char *line = g_strdup_printf ("acknowledged %u\n", i);
      AuRecord *record = au_test_store_insert (fixture->store, key, NULL);

      au_record_unref (au_test_store_complete (fixture->store, au_test_store_begin (fixture->store, record)));
      if (write (STDOUT_FILENO, line, strlen (line)) < 0)
        _exit (1);
    }
}

/* Reads up to the end, or until that many records were acknowledged. */
static guint
read_acknowledged (GDataInputStream *output,
                   guint             at_least)
{
  guint n = 0;

  while (n < at_least)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *line = g_data_input_stream_read_line (output, NULL, NULL, &error);
      const char *number;

      g_assert_no_error (error);
      if (line == NULL)
        break;
      number = strstr (line, "acknowledged ");
      if (number != NULL)
        n = strtoul (number + strlen ("acknowledged "), NULL, 10) + 1;
    }

  return n;
}

static void
test_killed_process_leaves_what_was_acknowledged (StoreFixture *fixture)
{
  g_autoptr(GSubprocess) child = NULL;
  g_autoptr(GDataInputStream) output = NULL;
  g_autoptr(GError) error = NULL;
  guint n_first, n_rest;

  if (au_store_get_durability (fixture->store) == AU_DURABILITY_NONE)
    {
      g_test_skip ("this store does not promise to outlive its process");
      return;
    }

  store_fixture_close (fixture);
  child = store_fixture_start_child (fixture, "subprocess/insert-until-killed", G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (child));
  n_first = read_acknowledged (output, 10);
  g_subprocess_force_exit (child);
  n_rest = read_acknowledged (output, G_MAXUINT);
  g_subprocess_wait (child, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_first, ==, 10);

  store_fixture_open (fixture);
  for (guint i = 0; i < MAX (n_first, n_rest); i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);
      g_autoptr(AuRecord) record = au_store_load (fixture->store, key, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_COMPLETED);
    }

  au_record_unref (au_test_store_insert (fixture->store, "after", NULL));
}

/* Damage */

typedef enum
{
  DAMAGE_CUT,
  DAMAGE_ZEROES,
  DAMAGE_NOISE,
  DAMAGE_EMPTY,
  N_DAMAGES,
} Damage;

static Damage damage;

static void
damage_file (const char *path,
             gsize       size)
{
  g_autofree guint8 *bytes = g_malloc0 (size);
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  switch (damage)
    {
    case DAMAGE_CUT:
      g_assert_cmpint (ftruncate (fd, size / 2), ==, 0);
      break;
    case DAMAGE_EMPTY:
      g_assert_cmpint (ftruncate (fd, 0), ==, 0);
      break;
    case DAMAGE_NOISE:
      for (gsize i = 0; i < size; i++)
        bytes[i] = g_test_rand_int ();
      G_GNUC_FALLTHROUGH;
    default:
      g_assert_cmpint (pwrite (fd, bytes, size / 3, size / 2), ==, size / 3);
    }
  close (fd);
}

static int
damage_entry (const char        *path,
              const struct stat *info,
              int                kind,
              struct FTW        *position)
{
  if (kind == FTW_F && S_ISREG (info->st_mode) && info->st_size > 0)
    damage_file (path, info->st_size);
  return 0;
}

/* An error, or a whole record of this key. */
static void
assert_is_whole (AuRecord     *record,
                 const GError *error,
                 const char   *key)
{
  g_assert_true ((record != NULL) != (error != NULL));
  if (record != NULL)
    g_assert_cmpstr (au_record_get_key (record), ==, key);
  else
    g_assert_true (error->domain == AU_ERROR || error->domain == G_IO_ERROR);
}

static void
use_damaged (StoreFixture *fixture)
{
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GPtrArray) records = NULL;

  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);
      g_autoptr(GError) error = NULL;
      g_autoptr(AuRecord) record = au_store_load (fixture->store, key, NULL, &error);

      assert_is_whole (record, error, key);
    }

  records = au_store_list (fixture->store, query, NULL, NULL);
  for (guint i = 0; records != NULL && i < records->len; i++)
    g_assert_true (au_key_is_valid (au_record_get_key (g_ptr_array_index (records, i))));

  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);
      g_autoptr(AuRecord) fresh = au_record_new (key, "f", g_variant_new ("(s)", "x"), NULL);
      g_autoptr(GError) error = NULL;
      g_autoptr(AuRecord) stored = au_store_insert (fixture->store, fresh, NULL, NULL, &error);

      assert_is_whole (stored, error, key);
    }
}

/* Files that somebody or a bad disk has written to give errors, at worst when the store
 * is opened: never the end of the process, and never half a record.
 */
static void
test_damage_gives_errors (StoreFixture *fixture)
{
  GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);

  for (damage = 0; damage < N_DAMAGES; damage++)
    {
      for (guint i = 0; i < 20; i++)
        {
          g_autofree char *key = g_strdup_printf ("k%u", i);
          AuRecord *record = au_test_store_insert (fixture->store, key, NULL);

          if (i % 2 == 0)
            record = au_test_store_complete (fixture->store, au_test_store_begin (fixture->store, record));
          au_record_unref (record);
        }
      store_fixture_close (fixture);

      if (!g_file_test (fixture->place, G_FILE_TEST_EXISTS))
        {
          g_test_skip ("this store has no files at the place that it was given");
          store_fixture_open (fixture);
          break;
        }

      nftw (fixture->place, damage_entry, 32, FTW_PHYS);
      if (store_fixture_try_open (fixture))
        {
          use_damaged (fixture);
          store_fixture_close (fixture);
        }

      au_test_remove_folder (fixture->place);
      store_fixture_open (fixture);
    }

  g_log_set_always_fatal (fatal);
}

/* Leaks */

static guint
count_descriptors (void)
{
  g_autoptr(GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (folder != NULL && g_dir_read_name (folder) != NULL)
    n++;

  return n;
}

static void
test_closed_store_holds_nothing (StoreFixture *fixture)
{
  guint n_before = 0;

  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);
      g_autoptr(GSource) source = NULL;

      source = au_store_create_source (fixture->store);
      au_record_unref (au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, key, NULL)));
      g_clear_pointer (&source, g_source_unref);
      store_fixture_reopen (fixture);

      /* what is made once for all stores is no leak */
      if (i == 1)
        n_before = count_descriptors ();
    }

  g_assert_cmpuint (count_descriptors (), <=, n_before);
}

void
store_suite_add_keeping (StoreKind *kind)
{
  store_suite_add_test (kind, STORE_NEEDS_PERSISTENT, "reopened-store-has-everything",
                        test_reopened_store_has_everything);
  store_suite_add_test (kind, STORE_NEEDS_PERSISTENT, "killed-process-leaves-what-was-acknowledged",
                        test_killed_process_leaves_what_was_acknowledged);
  store_suite_add_test (kind, STORE_NEEDS_PERSISTENT, "damage-gives-errors", test_damage_gives_errors);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "closed-store-holds-nothing",
                        test_closed_store_holds_nothing);

  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "subprocess/insert-until-killed",
                        child_inserts_until_it_is_killed);
}
