/* test-file-store.c: what is in the folder of a store
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "file-store-fixture.h"
#include "plugins-fixture.h"

#include <json-glib/json-glib.h>

/* The folder */

static void
assert_refused (const char *path,
                int         code,
                const char *text)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (file_store_try_new (path, NULL, &error));
  g_assert_error (error, AU_ERROR, code);
  g_assert_nonnull (strstr (error->message, text));
}

static void
test_folder_is_made_private (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *parent = g_build_filename (folder, "deep", NULL);
  g_autofree char *path = g_build_filename (parent, "store", NULL);
  g_autoptr(AuStore) store = file_store_new (path, NULL);
  g_autoptr(AuRecord) record = au_test_store_insert (store, "a", NULL);
  g_autofree char *file = find_file (path, "records", "a.au");
  struct stat info;

  g_assert_cmpint (stat (parent, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0700);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0700);
  g_assert_cmpint (stat (file, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
}

static void
test_folder_that_others_may_write_is_refused (void)
{
  static const mode_t modes[] = { 0770, 0707, 0777, 01777 };
  g_auto(TestFolder) folder = test_folder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_assert_cmpint (chmod (folder, modes[i]), ==, 0);
      assert_refused (folder, AU_ERROR_STORE, "chmod go-w");
      assert_refused (folder, AU_ERROR_STORE, folder);
    }

  g_assert_cmpint (chmod (folder, 0755), ==, 0);
  g_object_unref (file_store_new (folder, NULL));
}

static void
test_folder_of_another_user_is_refused (void)
{
  g_auto(TestFolder) folder = test_folder_new ();

  if (geteuid () != 0)
    {
      g_test_skip ("only root can give a folder away");
      return;
    }

  g_assert_cmpint (chown (folder, 12345, 12345), ==, 0);
  assert_refused (folder, AU_ERROR_STORE, "12345");
  assert_refused (folder, AU_ERROR_STORE, folder);
}

static void
test_folder_of_a_newer_version_is_refused (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *version = g_build_filename (folder, "au-store", NULL);

  g_object_unref (file_store_new (folder, NULL));
  g_assert_true (g_file_set_contents (version, "au-file-store 2\n", -1, NULL));
  assert_refused (folder, AU_ERROR_UNSUPPORTED, folder);
  g_assert_true (g_file_set_contents (version, "au-file-store x\n", -1, NULL));
  assert_refused (folder, AU_ERROR_STORE, folder);
  g_assert_true (g_file_set_contents (version, "", -1, NULL));
  assert_refused (folder, AU_ERROR_STORE, folder);
}

static void
test_folder_with_other_things_is_refused (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *thing = g_build_filename (folder, "thesis.txt", NULL);

  g_assert_true (g_file_set_contents (thing, "x", -1, NULL));
  assert_refused (folder, AU_ERROR_STORE, "thesis.txt");
  g_assert_false (is_in (folder, "records", ""));

  assert_refused (thing, AU_ERROR_STORE, thing);
}

static void
test_path_is_required (void)
{
  assert_refused (NULL, AU_ERROR_INVALID_ARGUMENT, "“path”");
  assert_refused ("", AU_ERROR_INVALID_ARGUMENT, "“path”");
}

static void
test_removed_folder_gives_errors (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = file_store_new (path, NULL);
  g_autoptr(AuRecord) record = au_test_store_begin (store, au_test_store_insert (store, "a", NULL));
  g_autoptr(AuRecord) next = au_transition_report (record, 1, 0.5, NULL, NULL);
  g_autoptr(AuRecord) other = au_record_new ("b", "f", NULL, NULL);
  g_autoptr(AuQuery) query = au_query_new ();
  GError *errors[9] = { NULL };
  guint n = 0;

  au_test_remove_folder (path);

  g_assert_null (au_store_insert (store, other, NULL, NULL, &errors[n++]));
  g_assert_null (au_store_load (store, "a", NULL, &errors[n++]));
  g_assert_false (au_store_replace (store, next, 2, NULL, &errors[n++]));
  g_assert_false (au_store_remove (store, "a", NULL, &errors[n++]));
  g_assert_null (au_store_list (store, query, NULL, &errors[n++]));
  g_assert_cmpint (au_store_count (store, query, NULL, &errors[n++]), ==, -1);
  g_assert_false (au_store_append_item (store, "a", 1, 0, g_variant_new_boolean (TRUE), NULL, &errors[n++]));
  g_assert_null (au_store_list_items (store, "a", 0, 0, NULL, &errors[n++]));
  g_assert_null (au_store_create_source (store));

  for (guint i = 0; i < n; i++)
    {
      g_assert_error (errors[i], AU_ERROR, AU_ERROR_STORE);
      g_assert_nonnull (strstr (errors[i]->message, path));
      g_error_free (errors[i]);
    }

  au_store_cleanup_expired (store, G_MAXINT64, 0, NULL, NULL);

  g_clear_object (&store);
  store = file_store_new (path, NULL);
  au_test_store_assert_lacks (store, "a");
}

/* Files */

static void
test_files_are_lines_of_json (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = file_store_new (path, "durability=power");
  g_autoptr(AuRecord) record = au_test_store_complete (store, au_test_store_begin (store, au_test_store_insert (store, "a", NULL)));
  g_autofree char *file = find_file (path, "records", "a.au");
  g_autofree char *contents = NULL;
  g_auto(GStrv) lines = NULL;
  const char *last = NULL;
  guint n = 0;

  g_assert_true (g_file_get_contents (file, &contents, NULL, NULL));
  lines = g_strsplit (contents, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr(JsonParser) parser = json_parser_new ();
      g_autoptr(GError) error = NULL;

      if (g_strstrip (lines[i])[0] == '\0')
        continue;

      json_parser_load_from_data (parser, lines[i], -1, &error);
      g_assert_no_error (error);
      g_assert_true (JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)));
      last = lines[i];
      n++;
    }

  g_assert_cmpuint (n, ==, 4);
  g_assert_nonnull (strstr (last, "\"completed\""));
}

static void
test_both_forms_are_read (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = file_store_new (path, "format=json");
  g_autoptr(AuRecord) record = au_test_store_insert (store, "a", NULL);

  for (guint i = 0; i < 6; i++)
    {
      g_clear_object (&store);
      store = file_store_new (path, i % 2 == 0 ? "format=variant" : "format=json");
      au_test_store_assert_holds (store, record);
      record = i == 0 ? au_test_store_begin (store, record)
                      : au_test_store_replace (store, record, au_transition_report (record, 1, i / 6.0, NULL, NULL));
      au_test_store_assert_holds (store, record);
      append_items (store, i, 1);
      assert_n_items (store, i + 1);
    }
}

static guint
count_files (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

static void
test_nothing_is_left_in_staging (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autofree char *staging = g_build_filename (path, "staging", NULL);
  g_autoptr(AuStore) store = file_store_new (path, NULL);
  g_autoptr(AuRecord) record = au_test_store_begin (store, au_test_store_insert (store, "a", NULL));
  g_autoptr(AuRecord) stale = NULL;

  for (guint i = 0; i < 300; i++)
    record = au_test_store_replace (store, record, au_transition_report (record, 1, 0.5, "text", NULL));
  append_items (store, 0, 2);
  stale = au_transition_report (record, 1, 0.6, NULL, NULL);
  g_assert_false (au_store_replace (store, stale, 2, NULL, NULL));

  g_assert_cmpuint (count_files (staging), ==, 0);
}

static void
test_staged_files_of_the_dead_are_removed (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_auto(GStrv) owner = g_strsplit (au_owner_get_own (), "/", 4);
  g_autofree char *alive = g_strdup_printf ("%s,%s,%s,%s,0", owner[0], owner[1], owner[2], owner[3]);
  g_autofree char *other_start = g_strdup_printf ("%s,%s,%s,1,0", owner[0], owner[1], owner[2]);
  g_autofree char *other_boot = g_strdup_printf ("%s,00000000-0000-4000-8000-000000000000,%s,%s,5",
                                                 owner[0], owner[2], owner[3]);
  g_autofree char *elsewhere = g_strdup_printf ("elsewhere,%s,%s,%s,0", owner[1], owner[2], owner[3]);
  const char *const names[] = { alive, other_start, other_boot, elsewhere, "foreign" };

  g_object_unref (file_store_new (path, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_build_filename (path, "staging", names[i], NULL);

      g_assert_true (g_file_set_contents (file, "half a rec", -1, NULL));
    }

  g_object_unref (file_store_new (path, NULL));
  g_assert_true (is_in (path, "staging", alive));
  g_assert_false (is_in (path, "staging", other_start));
  g_assert_false (is_in (path, "staging", other_boot));
  g_assert_true (is_in (path, "staging", elsewhere));
  g_assert_true (is_in (path, "staging", "foreign"));
}

/* A process died between the end of a computation and that of its hold. */
static void
test_unique_key_that_was_left_over_is_free (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "u", -1);
  g_autofree char *link = g_build_filename (path, "unique", hash, NULL);
  g_autoptr(AuStore) store = file_store_new (path, NULL);
  static const char *const targets[] = { "ended", "without", "missing", "../../etc/passwd", "" };
  g_autoptr(AuOptions) options = au_options_new ();

  au_options_set_unique_key (options, "u");
  au_record_unref (au_test_store_complete (store, au_test_store_begin (store, au_test_store_insert (store, "ended", options))));
  au_record_unref (au_test_store_insert (store, "without", NULL));

  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);
      g_autoptr(AuRecord) record = NULL;

      g_assert_false (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
      if (targets[i][0] != '\0')
        g_assert_cmpint (symlink (targets[i], link), ==, 0);
      else
        g_assert_true (g_file_set_contents (link, "", 0, NULL));

      record = au_test_store_insert (store, key, options);
      record = au_test_store_complete (store, au_test_store_begin (store, g_steal_pointer (&record)));
    }
}

/* The notes of what expires are not worth waiting for the disk: after the loss of power
 * they are written again.
 */
static void
test_lost_notes_of_expiry_are_written_again (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autofree char *notes = g_build_filename (path, "expires", NULL);
  g_autofree char *boot = g_build_filename (path, "boot", NULL);
  g_autoptr(AuStore) store = file_store_new (path, NULL);
  gint n_removed = 0;

  au_clock_freeze ();
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(AuOptions) options = au_options_new ();

      au_options_set_ttl (options, G_TIME_SPAN_HOUR);
      au_record_unref (au_test_store_complete (store, au_test_store_begin (store, au_test_store_insert (store, NULL, options))));
    }
  g_clear_object (&store);
  au_test_remove_folder (notes);
  g_assert_true (g_file_set_contents (boot, "another", -1, NULL));

  store = file_store_new (path, NULL);
  au_clock_advance (2 * G_TIME_SPAN_HOUR);
  for (guint i = 0; i < 64; i++)
    n_removed += au_store_cleanup_expired (store, au_clock_get_real_time (), 0, NULL, NULL);
  g_assert_cmpint (n_removed, ==, 20);
  au_clock_thaw ();
}

static void
test_notes_of_expiry_are_cleaned_up (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autofree char *notes = g_build_filename (path, "expires", NULL);
  g_autoptr(AuStore) store = file_store_new (path, NULL);

  au_clock_freeze ();
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(AuOptions) options = au_options_new ();

      au_options_set_ttl (options, (i + 1) * 17 * G_TIME_SPAN_MINUTE);
      au_record_unref (au_test_store_complete (store, au_test_store_begin (store, au_test_store_insert (store, NULL, options))));
    }
  g_assert_cmpuint (count_files (notes), >, 4);

  au_clock_advance (24 * G_TIME_SPAN_HOUR);
  g_assert_cmpint (au_store_cleanup_expired (store, au_clock_get_real_time (), 0, NULL, NULL), ==, 20);
  g_assert_cmpuint (count_files (notes), ==, 0);

  /* and the one that was written to last is not used any more */
  {
    g_autoptr(AuOptions) options = au_options_new ();
    g_autoptr(AuRecord) record = NULL;

    au_options_set_ttl (options, 1);
    record = au_test_store_complete (store, au_test_store_begin (store, au_test_store_insert (store, NULL, options)));
    au_clock_advance (1);
    g_assert_cmpint (au_store_cleanup_expired (store, au_clock_get_real_time (), 0, NULL, NULL), ==, 1);
  }
  au_clock_thaw ();
}

/* Descriptors */

static void
test_descriptors_are_closed (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  guint before, idle;

  /* what this listener had is kept for the next one */
  {
    g_autoptr(AuStore) store = file_store_new (path, NULL);

    g_source_unref (au_store_create_source (store));
  }
  before = count_files ("/proc/self/fd");

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(AuStore) store = file_store_new (path, NULL);
      g_autoptr(AuQuery) query = au_query_new ();
      g_autofree char *keys = NULL;

      idle = count_files ("/proc/self/fd");
      g_assert_cmpuint (idle, <=, before + 4);
      if (i == 0)
        {
          g_autoptr(AuRecord) record = au_test_store_begin (store, au_test_store_insert (store, "a", NULL));

          append_items (store, 0, 3);
        }
      assert_n_items (store, 3);
      keys = au_test_store_list_keys (store, query);
      g_assert_null (au_store_load (store, "none", NULL, NULL));
      g_assert_cmpuint (count_files ("/proc/self/fd"), ==, idle);

      g_source_unref (au_store_create_source (store));
      g_assert_cmpuint (count_files ("/proc/self/fd"), ==, idle);
    }

  g_assert_cmpuint (count_files ("/proc/self/fd"), ==, before);
}

static void
test_descriptors_are_not_inherited (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = file_store_new (path, NULL);
  g_autoptr(GSource) source = au_store_create_source (store);

  for (int fd = 3; fd < 64; fd++)
    {
      g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
      g_autofree char *target = g_file_read_link (link, NULL);

      if (target != NULL && (strstr (target, path) != NULL || strstr (target, "inotify") != NULL))
        g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
    }
}

/* Two stores of one process are as strange to each other as two processes. */
static gpointer
report_in_thread (gpointer data)
{
  AuStore *store = data;

  for (guint n = 0; n < 1000;)
    {
      g_autoptr(AuRecord) record = au_store_load (store, "a", NULL, NULL);
      g_autoptr(AuRecord) next = au_transition_report (record, 1, 0.5, "text", NULL);

      if (au_store_replace (store, next, au_record_get_revision (record), NULL, NULL))
        n++;
    }

  return NULL;
}

/* Also those that follow from others, and those of workers. */
static void
test_changes_are_listed (void)
{
  static const char *const queues[] = { "q", NULL };
  static const char *const after[] = { "a", NULL };
  g_auto(TestFolder) folder = test_folder_new ();
  g_autoptr(AuStore) store = file_store_new (folder, NULL);
  g_autoptr(AuStore) other = file_store_new (folder, NULL);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuOptions) later = au_options_new ();
  g_autoptr(AuClaim) claim = au_claim_new ();
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GSource) source = au_store_create_source (store);
  guint64 position = 0;

  fixture_assert_changes (store, &position, NULL);
  fixture_assert_changes (store, &position, "");

  au_options_set_queue (options, "q");
  au_options_set_queue (later, "q");
  au_options_set_after (later, after);
  au_record_unref (au_test_store_insert (other, "a", options));
  au_record_unref (au_test_store_insert (store, "b", later));
  fixture_assert_changes (store, &position, "a:1 b:1");

  au_claim_set_queues (claim, queues);
  records = au_queue_claim (AU_QUEUE (other), claim, NULL, NULL, NULL);
  g_assert_cmpuint (records->len, ==, 1);
  fixture_assert_changes (store, &position, "a:2");

  g_assert_true (au_store_remove (other, "a", NULL, NULL));
  fixture_assert_changes (store, &position, "b a");
  g_assert_false (au_store_remove (other, "a", NULL, NULL));
  fixture_assert_changes (store, &position, "");
}

/* Whoever did not listen for a while is not told that nothing has changed meanwhile. */
static void
test_changes_that_nobody_heard_can_be_any (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autoptr(AuStore) store = file_store_new (folder, NULL);
  g_autoptr(AuStore) other = file_store_new (folder, NULL);
  g_autoptr(GSource) first = au_store_create_source (store);
  g_autoptr(GSource) second = NULL;
  guint64 position = 0;

  fixture_assert_changes (store, &position, NULL);
  fixture_assert_changes (store, &position, "");

  /* somebody goes on listening */
  second = au_store_create_source (other);
  g_clear_pointer (&first, g_source_unref);
  au_record_unref (au_test_store_insert (other, "a", NULL));
  first = au_store_create_source (store);
  fixture_assert_changes (store, &position, "a:1");

  /* nobody does */
  g_clear_pointer (&first, g_source_unref);
  g_clear_pointer (&second, g_source_unref);
  au_record_unref (au_test_store_insert (other, "b", NULL));
  first = au_store_create_source (store);
  fixture_assert_changes (store, &position, NULL);
  fixture_assert_changes (store, &position, "");
}

static void
test_two_stores_of_one_process_lose_no_change (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) first = file_store_new (path, NULL);
  g_autoptr(AuStore) second = file_store_new (path, NULL);
  g_autoptr(AuRecord) record = au_test_store_begin (first, au_test_store_insert (first, "a", NULL));
  g_autoptr(AuRecord) last = NULL;
  GThread *thread = g_thread_new (NULL, report_in_thread, second);

  report_in_thread (first);
  g_thread_join (thread);
  last = au_store_load (second, "a", NULL, NULL);
  g_assert_cmpuint (au_record_get_revision (last), ==, 2 + 2 * 1000);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/store/file/folder/is-made-private", test_folder_is_made_private);
  g_test_add_func ("/store/file/folder/that-others-may-write-is-refused",
                   test_folder_that_others_may_write_is_refused);
  g_test_add_func ("/store/file/folder/of-another-user-is-refused", test_folder_of_another_user_is_refused);
  g_test_add_func ("/store/file/folder/of-a-newer-version-is-refused",
                   test_folder_of_a_newer_version_is_refused);
  g_test_add_func ("/store/file/folder/with-other-things-is-refused",
                   test_folder_with_other_things_is_refused);
  g_test_add_func ("/store/file/folder/path-is-required", test_path_is_required);
  g_test_add_func ("/store/file/folder/removed-gives-errors", test_removed_folder_gives_errors);
  g_test_add_func ("/store/file/files-are-lines-of-json", test_files_are_lines_of_json);
  g_test_add_func ("/store/file/both-forms-are-read", test_both_forms_are_read);
  g_test_add_func ("/store/file/staging/nothing-is-left", test_nothing_is_left_in_staging);
  g_test_add_func ("/store/file/staging/files-of-the-dead-are-removed",
                   test_staged_files_of_the_dead_are_removed);
  g_test_add_func ("/store/file/unique-key-that-was-left-over-is-free",
                   test_unique_key_that_was_left_over_is_free);
  g_test_add_func ("/store/file/expiry/lost-notes-are-written-again",
                   test_lost_notes_of_expiry_are_written_again);
  g_test_add_func ("/store/file/expiry/notes-are-cleaned-up", test_notes_of_expiry_are_cleaned_up);
  g_test_add_func ("/store/file/descriptors/are-closed", test_descriptors_are_closed);
  g_test_add_func ("/store/file/descriptors/are-not-inherited", test_descriptors_are_not_inherited);
  g_test_add_func ("/store/file/changes-are-listed", test_changes_are_listed);
  g_test_add_func ("/store/file/changes-that-nobody-heard-can-be-any", test_changes_that_nobody_heard_can_be_any);
  g_test_add_func ("/store/file/two-stores-of-one-process-lose-no-change",
                   test_two_stores_of_one_process_lose_no_change);

  return g_test_run ();
}
