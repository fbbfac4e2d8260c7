/* test-file-store-damage.c: files of a store that are not as they were written
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "file-store-fixture.h"

/* What the store says in the log. */
static guint n_reports;

static GLogWriterOutput
count_reports (GLogLevelFlags   level,
               const GLogField *fields,
               gsize            n_fields,
               gpointer         user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      if (g_str_equal (fields[i].key, "AU_STORE"))
        {
          g_assert_cmpuint (level & G_LOG_LEVEL_MASK, ==, G_LOG_LEVEL_MESSAGE);
          n_reports++;
          return G_LOG_WRITER_HANDLED;
        }
    }

  return g_log_writer_default (level, fields, n_fields, user_data);
}

/* Damage */

typedef void (*DamageFunc) (const char *file);

static void
change_byte (const char *file,
             goffset     offset)
{
  int fd = open (file, O_RDWR | O_CLOEXEC);
  char byte;

  g_assert_cmpint (pread (fd, &byte, 1, offset), ==, 1);
  byte ^= 0x01;
  g_assert_cmpint (pwrite (fd, &byte, 1, offset), ==, 1);
  close (fd);
}

static void
change_header (const char *file)
{
  change_byte (file, 60);
}

static void
change_record (const char *file)
{
  struct stat info;

  g_assert_cmpint (stat (file, &info), ==, 0);
  change_byte (file, info.st_size - 10);
}

static void
cut_in_half (const char *file)
{
  struct stat info;

  g_assert_cmpint (stat (file, &info), ==, 0);
  g_assert_cmpint (truncate (file, info.st_size / 2), ==, 0);
}

static void
cut_a_little (const char *file)
{
  struct stat info;

  g_assert_cmpint (stat (file, &info), ==, 0);
  g_assert_cmpint (truncate (file, info.st_size - 2), ==, 0);
}

static void
cut_to_nothing (const char *file)
{
  g_assert_cmpint (truncate (file, 0), ==, 0);
}

static void
write_text (const char *file)
{
  g_assert_true (g_file_set_contents (file, "not of au\n", -1, NULL));
}

static void
write_json (const char *file)
{
  g_assert_true (g_file_set_contents (file, "{\"au\":1,\"key\":\"victim\",\"function\":\"f\"}\n", -1, NULL));
}

static void
write_zeros (const char *file)
{
  struct stat info;

  g_assert_cmpint (stat (file, &info), ==, 0);
  g_assert_cmpint (truncate (file, 0), ==, 0);
  g_assert_cmpint (truncate (file, info.st_size), ==, 0);
}

static void
copy_another (const char *file)
{
  g_autofree char *records = g_path_get_dirname (file);
  g_autofree char *room = g_path_get_dirname (records);
  g_autofree char *path = g_path_get_dirname (room);
  g_autofree char *other = find_file (path, "records", "other.au");
  g_autofree char *contents = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (other, &contents, &length, NULL));
  g_assert_true (g_file_set_contents (file, contents, length, NULL));
}

static void
make_folder (const char *file)
{
  g_assert_cmpint (unlink (file), ==, 0);
  g_assert_cmpint (mkdir (file, 0700), ==, 0);
}

static void
make_link (const char *file)
{
  g_assert_cmpint (unlink (file), ==, 0);
  g_assert_cmpint (symlink ("/etc/passwd", file), ==, 0);
}

static void
make_pipe (const char *file)
{
  g_assert_cmpint (unlink (file), ==, 0);
  g_assert_cmpint (mkfifo (file, 0600), ==, 0);
}

static const struct
{
  const char *name;
  DamageFunc  func;
} damages[] = {
  { "change-header", change_header },
  { "change-record", change_record },
  { "cut-in-half", cut_in_half },
  { "cut-a-little", cut_a_little },
  { "cut-to-nothing", cut_to_nothing },
  { "text", write_text },
  { "json", write_json },
  { "zeros", write_zeros },
  { "another-record", copy_another },
  { "folder", make_folder },
  { "link", make_link },
  { "pipe", make_pipe },
};

/* Makes a store with a record that has been through several changes, and damages it. */
static AuStore *
make_damaged (const char *path,
              const char *setting,
              DamageFunc  damage)
{
  AuStore *store = file_store_new (path, setting);
  g_autoptr(AuRecord) other = au_test_store_insert (store, "other", NULL);
  g_autoptr(AuRecord) victim = au_test_store_complete (store, au_test_store_begin (store, au_test_store_insert (store, "victim", NULL)));
  g_autofree char *file = find_file (path, "records", "victim.au");

  g_assert_nonnull (file);
  damage (file);
  n_reports = 0;

  return store;
}

static void
assert_set_aside (const char   *path,
                  const GError *error)
{
  g_autofree char *damaged = g_build_filename (path, "damaged", "victim.au", NULL);

  g_assert_error (error, AU_ERROR, AU_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "“victim”"));
  g_assert_nonnull (strstr (error->message, damaged));
  g_assert_true (is_in (path, "damaged", "victim.au"));
  g_assert_null (find_file (path, "records", "victim.au"));
  g_assert_cmpuint (n_reports, ==, 1);
}

static void
test_damage_is_reported_and_set_aside (gconstpointer data)
{
  DamageFunc damage = *(const DamageFunc *) data;
  static const char *const settings[] = { "format=json", "format=variant", "durability=power" };

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_auto(TestFolder) folder = test_folder_new ();
      g_autofree char *path = g_build_filename (folder, "store", NULL);
      g_autoptr(AuStore) store = NULL;
      g_autoptr(AuRecord) again = NULL;
      g_autoptr(GError) error = NULL;

      /* the end of such a file is blank, which is nothing to lose */
      if (i == 2 && (damage == change_record || damage == cut_a_little || damage == cut_in_half))
        continue;

      store = make_damaged (path, settings[i], damage);
      g_assert_null (au_store_load (store, "victim", NULL, &error));
      assert_set_aside (path, error);

      au_test_store_assert_lacks (store, "victim");
      again = au_store_load (store, "other", NULL, NULL);
      g_assert_nonnull (again);
      g_assert_cmpuint (n_reports, ==, 1);
    }
}

static void
test_damage_is_passed_over_by_lists (gconstpointer data)
{
  DamageFunc damage = *(const DamageFunc *) data;
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = make_damaged (path, NULL, damage);
  g_autoptr(AuQuery) query = au_query_new ();
  g_autofree char *keys = au_test_store_list_keys (store, query);

  g_assert_cmpstr (keys, ==, "other");
  g_assert_true (is_in (path, "damaged", "victim.au"));
  g_assert_cmpuint (n_reports, ==, 1);
}

static void
test_damaged_record_makes_room (gconstpointer data)
{
  DamageFunc damage = *(const DamageFunc *) data;
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = make_damaged (path, NULL, damage);
  g_autoptr(AuRecord) record = au_test_store_insert (store, "victim", NULL);

  au_test_store_assert_holds (store, record);
  g_assert_true (is_in (path, "damaged", "victim.au"));
  g_assert_cmpuint (n_reports, ==, 1);
}

static void
test_damaged_record_is_not_replaced (gconstpointer data)
{
  DamageFunc damage = *(const DamageFunc *) data;
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = file_store_new (path, NULL);
  g_autoptr(AuRecord) other = au_test_store_insert (store, "other", NULL);
  g_autoptr(AuRecord) record = au_test_store_insert (store, "victim", NULL);
  g_autoptr(AuRecord) next = au_transition_begin (record, NULL, 0, NULL);
  g_autofree char *file = find_file (path, "records", "victim.au");
  g_autoptr(GError) error = NULL;

  damage (file);
  n_reports = 0;
  g_assert_false (au_store_replace (store, next, 1, NULL, &error));
  assert_set_aside (path, error);
}

static void
test_damage_again_takes_another_name (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = file_store_new (path, NULL);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(AuRecord) record = au_test_store_insert (store, "victim", NULL);
      g_autofree char *file = find_file (path, "records", "victim.au");

      cut_in_half (file);
      g_assert_null (au_store_load (store, "victim", NULL, NULL));
    }

  g_assert_true (is_in (path, "damaged", "victim.au"));
  g_assert_true (is_in (path, "damaged", "victim.au.1"));
  g_assert_true (is_in (path, "damaged", "victim.au.2"));
}

static void
test_foreign_files_are_set_aside (void)
{
  static const char *const names[] = { "README", "elsewhere.au", ".au", "..x.au", "a b.au", "note~" };
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = file_store_new (path, NULL);
  g_autoptr(AuRecord) record = au_test_store_insert (store, "a", NULL);
  g_autofree char *file = find_file (path, "records", "a.au");
  g_autofree char *shard = g_path_get_dirname (file);
  g_autoptr(AuQuery) query = au_query_new ();
  g_autofree char *keys = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *foreign = g_build_filename (shard, names[i], NULL);

      g_assert_true (g_file_set_contents (foreign, "foreign", -1, NULL));
    }

  n_reports = 0;
  keys = au_test_store_list_keys (store, query);
  g_assert_cmpstr (keys, ==, "a");
  g_assert_cmpuint (n_reports, ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (is_in (path, "damaged", names[i]));
}

static void
test_foreign_file_in_place_of_a_folder_is_set_aside (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = file_store_new (path, NULL);
  g_autoptr(AuRecord) record = au_test_store_insert (store, "a", NULL);
  g_autofree char *file = find_file (path, "records", "a.au");
  g_autofree char *shard = g_path_get_dirname (file);
  g_autofree char *name = g_path_get_basename (shard);
  g_autofree char *keys = NULL;
  g_autoptr(AuQuery) query = au_query_new ();

  au_test_remove_folder (shard);
  g_assert_true (g_file_set_contents (shard, "foreign", -1, NULL));

  n_reports = 0;
  keys = au_test_store_list_keys (store, query);
  g_assert_cmpstr (keys, ==, "");
  g_assert_true (is_in (path, "damaged", name));
  g_assert_cmpuint (n_reports, ==, 1);

  au_record_unref (au_test_store_insert (store, "a", NULL));
}

static void
test_record_without_permission_is_passed_over (void)
{
  g_auto(TestFolder) folder = NULL;
  g_autofree char *path = NULL;
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuRecord) a = NULL;
  g_autoptr(AuRecord) b = NULL;
  g_autofree char *file = NULL;
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GError) error = NULL;

  if (geteuid () == 0)
    {
      g_test_skip ("root may read everything");
      return;
    }

  folder = test_folder_new ();
  path = g_build_filename (folder, "store", NULL);
  store = file_store_new (path, NULL);
  a = au_test_store_insert (store, "a", NULL);
  b = au_test_store_insert (store, "b", NULL);
  file = find_file (path, "records", "b.au");
  g_assert_cmpint (chmod (file, 0), ==, 0);

  g_assert_null (au_store_load (store, "b", NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_STORE);
  g_assert_nonnull (strstr (error->message, file));
  g_clear_error (&error);

  n_reports = 0;
  records = au_store_list (store, query, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, 1);
  g_assert_cmpuint (n_reports, ==, 1);

  g_assert_cmpint (chmod (file, 0600), ==, 0);
  au_test_store_assert_holds (store, b);
}

static void
test_newer_record_is_left_alone (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = file_store_new (path, NULL);
  g_autoptr(AuRecord) record = au_test_store_insert (store, "a", NULL);
  g_autoptr(AuRecord) next = au_transition_begin (record, NULL, 0, NULL);
  g_autofree char *file = find_file (path, "records", "a.au");
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_set_contents (file, "{\"au-file\":2,\"form\":\"stars\"}\n", -1, NULL));

  g_assert_null (au_store_load (store, "a", NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_assert_false (au_store_replace (store, next, 1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED);
  g_clear_error (&error);

  records = au_store_list (store, query, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, 0);
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
}

static void
put_and_claim (AuStore    *store,
               const char *key)
{
  static const char *const queues[] = { "default", NULL };
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuClaim) claim = au_claim_new ();
  g_autoptr(GPtrArray) records = NULL;

  au_options_set_queue (options, "default");
  au_record_unref (au_test_store_insert (store, key, options));
  au_claim_set_queues (claim, queues);
  au_claim_set_owner (claim, "elsewhere/0-0-0.1/7/1");
  au_claim_set_lease (claim, G_TIME_SPAN_DAY);
  records = au_queue_claim (AU_QUEUE (store), claim, NULL, NULL, NULL);
  g_assert_cmpuint (records->len, ==, 1);
}

static void
test_newer_record_keeps_nothing_from_coming_back (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = file_store_new (path, NULL);
  g_autofree char *file = NULL;
  g_autoptr(AuRecord) record = NULL;

  au_clock_freeze ();
  put_and_claim (store, "a");
  put_and_claim (store, "b");
  file = find_file (path, "records", "a.au");
  g_assert_true (g_file_set_contents (file, "{\"au-file\":2,\"form\":\"stars\"}\n", -1, NULL));
  n_reports = 0;

  au_clock_advance (2 * G_TIME_SPAN_DAY);
  g_assert_cmpint (au_queue_reap (AU_QUEUE (store), 0, NULL, NULL), ==, 1);
  g_assert_cmpint (au_queue_reap (AU_QUEUE (store), 0, NULL, NULL), ==, 0);
  g_assert_cmpuint (n_reports, ==, 1);
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
  record = au_store_load (store, "b", NULL, NULL);
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_PENDING);
  au_clock_thaw ();
}

/* A process died while it appended to the file: what it left is not the record. */
static void
test_unfinished_change_does_not_count (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = file_store_new (path, NULL);
  g_autoptr(AuRecord) record = au_test_store_begin (store, au_test_store_insert (store, "a", NULL));
  g_autofree char *file = find_file (path, "records", "a.au");
  int fd = open (file, O_WRONLY | O_APPEND | O_CLOEXEC);

  g_assert_cmpint (write (fd, "{\"au\":1,\"key\":\"a\",\"function\":\"for", 33), ==, 33);
  close (fd);

  g_clear_object (&store);
  store = file_store_new (path, NULL);
  au_test_store_assert_holds (store, record);
  record = au_test_store_complete (store, g_steal_pointer (&record));
  au_test_store_assert_holds (store, record);
}

/* Items */

static void
test_torn_item_does_not_count (void)
{
  static const char *const tails[] = {
    "{", "{\"item\":3,\"form\":\"json\",\"type\":\"(us)\",\"length\":8,\"check\":\"00000000\"}\n",
    "{\"item\":3,\"form\":\"json\",\"type\":\"(us)\",\"length\":8,\"check\":\"00000000\"}\n[3,\"it",
    "{\"item\":3,\"form\":\"json\",\"type\":\"s\",\"length\":3,\"check\":\"00000000\"}\n\"x\"\n",
    "{\"item\":3,\"form\":\"json\",\"type\":\"s\",\"length\":9999,\"check\":\"00000000\"}\n"
      "longer\nthan\nthe\nitems\nthat\ncome\nnext\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
      "                                                                               \n"
      "                                                                               \n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (tails); i++)
    {
      g_auto(TestFolder) folder = test_folder_new ();
      g_autofree char *path = g_build_filename (folder, "store", NULL);
      g_autoptr(AuStore) store = file_store_new (path, NULL);
      g_autoptr(AuRecord) record = au_test_store_begin (store, au_test_store_insert (store, "a", NULL));
      g_autofree char *file = NULL;
      int fd;

      append_items (store, 0, 3);
      file = find_file (path, "items", "a.items");
      fd = open (file, O_WRONLY | O_APPEND | O_CLOEXEC);
      g_assert_cmpint (write (fd, tails[i], strlen (tails[i])), ==, strlen (tails[i]));
      close (fd);

      /* for who knows the file, and for who does not */
      assert_n_items (store, 3);
      g_clear_object (&store);
      store = file_store_new (path, NULL);
      assert_n_items (store, 3);
      append_items (store, 3, 2);
      assert_n_items (store, 5);
      g_clear_object (&store);
      store = file_store_new (path, NULL);
      assert_n_items (store, 5);
    }
}

static void
test_damaged_items_are_set_aside (void)
{
  g_auto(TestFolder) folder = test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = file_store_new (path, NULL);
  g_autoptr(AuRecord) record = au_test_store_begin (store, au_test_store_insert (store, "a", NULL));
  g_autofree char *file = NULL;
  g_autoptr(GError) error = NULL;

  append_items (store, 0, 3);
  file = find_file (path, "items", "a.items");
  change_byte (file, 150);
  n_reports = 0;

  g_assert_null (au_store_list_items (store, "a", 0, 0, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_DAMAGED);
  g_assert_true (is_in (path, "damaged", "a.items"));
  g_assert_cmpuint (n_reports, ==, 1);
  au_test_store_assert_holds (store, record);
  assert_n_items (store, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (count_reports, NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      static const struct
      {
        const char   *name;
        GTestDataFunc func;
      } tests[] = {
        { "is-reported-and-set-aside", test_damage_is_reported_and_set_aside },
        { "is-passed-over-by-lists", test_damage_is_passed_over_by_lists },
        { "makes-room", test_damaged_record_makes_room },
        { "is-not-replaced", test_damaged_record_is_not_replaced },
      };

      for (guint j = 0; j < G_N_ELEMENTS (tests); j++)
        {
          g_autofree char *path = g_strdup_printf ("/store/file/damage/%s/%s", damages[i].name, tests[j].name);

          g_test_add_data_func (path, &damages[i].func, tests[j].func);
        }
    }

  g_test_add_func ("/store/file/damage/again-takes-another-name", test_damage_again_takes_another_name);
  g_test_add_func ("/store/file/foreign-files-are-set-aside", test_foreign_files_are_set_aside);
  g_test_add_func ("/store/file/foreign-file-in-place-of-a-folder-is-set-aside",
                   test_foreign_file_in_place_of_a_folder_is_set_aside);
  g_test_add_func ("/store/file/record-without-permission-is-passed-over",
                   test_record_without_permission_is_passed_over);
  g_test_add_func ("/store/file/newer-record-is-left-alone", test_newer_record_is_left_alone);
  g_test_add_func ("/store/file/newer-record-keeps-nothing-from-coming-back",
                   test_newer_record_keeps_nothing_from_coming_back);
  g_test_add_func ("/store/file/unfinished-change-does-not-count", test_unfinished_change_does_not_count);
  g_test_add_func ("/store/file/items/torn-one-does-not-count", test_torn_item_does_not_count);
  g_test_add_func ("/store/file/items/damaged-ones-are-set-aside", test_damaged_items_are_set_aside);

  return g_test_run ();
}
