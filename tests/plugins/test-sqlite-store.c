/* test-sqlite-store.c: what only a store in a database of SQLite does
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "sqlite-store-fixture.h"
#include "plugins-fixture.h"
#include "../await.h"

#include <stdio.h>
#include <utime.h>

#define LARGE (200 * 1024)
#define LIMIT (64 * 1024)

static guint
count_values (Place *place)
{
  g_autofree char *path = g_strconcat (place->path, "-values", NULL);
  g_autoptr(GDir) folder = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (folder != NULL && g_dir_read_name (folder) != NULL)
    n++;

  return n;
}

/* The one file of a large value. */
static char *
find_value (Place *place)
{
  g_autofree char *path = g_strconcat (place->path, "-values", NULL);
  g_autoptr(GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  g_assert_nonnull (folder);
  name = g_dir_read_name (folder);
  g_assert_nonnull (name);
  return g_build_filename (path, name, NULL);
}

/* Opening */

static void
test_folder_is_made_for_this_user (void)
{
  g_auto(Place) place = { NULL };
  g_autofree char *folder = NULL;
  g_autoptr(AuStore) store = NULL;
  struct stat info;

  place_init (&place);
  folder = g_build_filename (place.folder, "a", "b", NULL);
  g_free (place.path);
  place.path = g_build_filename (folder, "au.db", NULL);
  store = place_open (&place, NULL);

  g_assert_cmpint (stat (folder, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0700);
  g_assert_cmpint (stat (place.path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
}

static void
assert_refuses (Place      *place,
                int         code,
                const char *reason)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (place_try_open (place, NULL, &error));
  g_assert_error (error, AU_ERROR, code);
  g_assert_nonnull (strstr (error->message, place->path));
  g_assert_nonnull (strstr (error->message, reason));
}

static void
test_path_is_needed (void)
{
  const char *const settings[] = { NULL };
  g_autoptr(GError) error = NULL;

  g_assert_null (au_part_new_from_strings (AU_MODULE_STORE, "sqlite", settings, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "“path”"));
}

static void
test_newer_database_is_refused (void)
{
  g_auto(Place) place = { NULL };

  place_init (&place);
  g_object_unref (place_open (&place, NULL));
  place_exec (&place, "PRAGMA user_version=1000");
  assert_refuses (&place, AU_ERROR_UNSUPPORTED, "newer au");
  g_assert_cmpint (place_ask (&place, "PRAGMA user_version"), ==, 1000);
}

static void
test_older_database_is_brought_up_to_date (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  gint64 version;

  place_init (&place);
  store = place_open (&place, NULL);
  au_record_unref (au_test_store_insert (store, "a", NULL));
  g_clear_object (&store);

  version = place_ask (&place, "PRAGMA user_version");
  g_assert_cmpint (version, >=, 3);
  place_exec (&place, "DROP INDEX record_queue; DROP INDEX record_full_function; DROP INDEX record_full_key;"
                      "INSERT INTO blocked (name) VALUES ('k:nobody'); PRAGMA user_version=1");
  store = place_open (&place, NULL);
  au_record_unref (au_store_load (store, "a", NULL, NULL));
  g_assert_cmpint (place_ask (&place, "PRAGMA user_version"), ==, version);
  g_assert_cmpint (place_ask (&place, "SELECT count(*) FROM sqlite_schema"
                                      " WHERE name IN ('record_queue', 'record_full_function', 'record_full_key')"), ==, 3);
  g_assert_cmpint (place_ask (&place, "SELECT count(*) FROM blocked"), ==, 0);
}

static void
test_database_of_another_program_is_refused (void)
{
  g_auto(Place) place = { NULL };

  place_init (&place);
  place_exec (&place, "CREATE TABLE recipes (title)");
  assert_refuses (&place, AU_ERROR_STORE, "another program");
  place_exec (&place, "PRAGMA application_id=7; PRAGMA user_version=1");
  assert_refuses (&place, AU_ERROR_STORE, "another program");
  g_assert_cmpint (place_ask (&place, "SELECT count(*) FROM sqlite_schema"), ==, 1);
}

static void
test_what_is_no_database_is_refused (void)
{
  g_auto(Place) place = { NULL };
  g_autofree char *text = g_strnfill (10000, 't');
  g_autofree char *content = NULL;

  place_init (&place);
  g_assert_true (g_file_set_contents (place.path, text, -1, NULL));
  assert_refuses (&place, AU_ERROR_STORE, "no database");
  g_assert_true (g_file_get_contents (place.path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, text);

  g_assert_cmpint (unlink (place.path), ==, 0);
  g_assert_cmpint (mkdir (place.path, 0700), ==, 0);
  assert_refuses (&place, AU_ERROR_STORE, "no file");
}

static void
test_database_that_all_may_write_is_refused (void)
{
  g_auto(Place) place = { NULL };

  place_init (&place);
  g_object_unref (place_open (&place, NULL));
  g_assert_cmpint (chmod (place.path, 0666), ==, 0);
  assert_refuses (&place, AU_ERROR_STORE, "chmod");
  g_assert_cmpint (chmod (place.path, 0600), ==, 0);

  g_assert_cmpint (chmod (place.folder, 0777), ==, 0);
  assert_refuses (&place, AU_ERROR_STORE, "The folder of");
  g_assert_cmpint (chmod (place.folder, 01777), ==, 0);
  g_object_unref (place_open (&place, NULL));
}

/* Large values */

static void
test_large_values_are_beside_the_database (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) small = NULL;
  g_autofree char *text = g_strnfill (LARGE, 'y');
  struct stat info;

  place_init (&place);
  store = place_open (&place, NULL);
  small = insert_sized (store, "small", LIMIT - 100);
  g_assert_cmpuint (count_values (&place), ==, 0);

  record = insert_sized (store, "large", LARGE);
  g_assert_cmpuint (count_values (&place), ==, 1);
  record = au_test_store_begin (store, g_steal_pointer (&record));
  g_assert_cmpuint (count_values (&place), ==, 1);
  record = au_test_store_replace (store, record,
                                  au_transition_complete (record, 1, g_variant_new_string (text), NULL));
  g_assert_cmpuint (count_values (&place), ==, 2);
  au_test_store_assert_holds (store, record);
  g_clear_object (&store);

  g_assert_cmpint (stat (place.path, &info), ==, 0);
  g_assert_cmpint (info.st_size, <, LARGE);

  store = place_open (&place, NULL);
  au_test_store_assert_holds (store, record);
  au_test_store_assert_holds (store, small);
  g_assert_true (au_store_remove (store, "large", NULL, NULL));
  g_assert_cmpuint (count_values (&place), ==, 0);
}

static void
test_large_items_go_with_their_record (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autofree char *text = g_strnfill (LARGE, 'y');
  g_autoptr(GError) error = NULL;

  place_init (&place);
  store = place_open (&place, NULL);
  record = au_test_store_begin (store, au_test_store_insert (store, "a", NULL));
  for (guint i = 0; i < 3; i++)
    g_assert_true (au_store_append_item (store, "a", 1, i, g_variant_new_string (text), NULL, NULL));
  g_assert_cmpuint (count_values (&place), ==, 3);

  /* the same once more is harmless, and leaves nothing behind */
  g_assert_true (au_store_append_item (store, "a", 1, 2, g_variant_new_string (text), NULL, NULL));
  g_assert_false (au_store_append_item (store, "a", 1, 7, g_variant_new_string (text), NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFLICT);
  g_assert_cmpuint (count_values (&place), ==, 3);

  g_assert_true (au_store_append_item (store, "a", 2, 0, g_variant_new_string ("x"), NULL, NULL));
  g_assert_cmpuint (count_values (&place), ==, 0);
  g_assert_true (au_store_append_item (store, "a", 2, 1, g_variant_new_string (text), NULL, NULL));
  g_assert_true (au_store_remove (store, "a", NULL, NULL));
  g_assert_cmpuint (count_values (&place), ==, 0);
  g_assert_cmpint (place_ask (&place, "SELECT count(*) FROM item"), ==, 0);
}

static void
test_refused_writes_leave_no_files (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) same = NULL;
  g_autoptr(AuRecord) other = new_sized ("a", LARGE + 1);
  g_autoptr(AuRecord) running = NULL;
  g_autoptr(AuRecord) completed = NULL;
  g_autofree char *text = g_strnfill (LARGE, 'y');
  g_autoptr(GError) error = NULL;

  place_init (&place);
  store = place_open (&place, NULL);
  record = insert_sized (store, "a", LARGE);
  g_assert_null (au_store_insert (store, other, NULL, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFLICT);
  g_clear_error (&error);
  same = au_store_insert (store, record, NULL, NULL, &error);
  g_assert_no_error (error);
  au_test_record_assert_equal (same, record);

  running = au_transition_begin (record, NULL, 0, NULL);
  completed = au_transition_complete (running, 1, g_variant_new_string (text), NULL);
  g_assert_false (au_store_replace (store, completed, 2, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFLICT);
  g_assert_cmpuint (count_values (&place), ==, 1);
}

static void
test_files_of_the_dead_are_removed (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) other = NULL;
  g_autofree char *used = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *orphan = NULL;
  g_autofree char *fresh = NULL;
  struct utimbuf old = { 1000000000, 1000000000 };

  place_init (&place);
  store = place_open (&place, NULL);
  record = insert_sized (store, "a", LARGE);
  used = find_value (&place);
  g_clear_object (&store);

  folder = g_path_get_dirname (used);
  orphan = g_build_filename (folder, "orphan", NULL);
  fresh = g_build_filename (folder, "fresh", NULL);
  g_assert_true (g_file_set_contents (orphan, "x", 1, NULL));
  g_assert_true (g_file_set_contents (fresh, "x", 1, NULL));
  g_assert_cmpint (utime (orphan, &old), ==, 0);
  g_assert_cmpint (utime (used, &old), ==, 0);

  /* after the first write, within the second */
  store = place_open (&place, NULL);
  other = au_test_store_insert (store, "b", NULL);
  await_removed (orphan, NULL);
  g_assert_true (g_file_test (fresh, G_FILE_TEST_EXISTS));
  au_test_store_assert_holds (store, record);
}

/* Damage */

static void
assert_set_aside (Place      *place,
                  AuStore    *store,
                  const char *key)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *sql = g_strdup_printf ("SELECT count(*) FROM damaged WHERE key = '%s'", key);

  g_assert_null (au_store_load (store, key, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, key));
  g_assert_cmpint (place_ask (place, sql), ==, 1);
  au_test_store_assert_lacks (store, key);
}

static void
test_damaged_records_are_set_aside (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuQuery) query = au_query_new ();
  g_autofree char *keys = NULL;
  g_autofree char *value = NULL;
  static const char *const names[] = { "a", "b", "c", "d", "e", "f" };

  place_init (&place);
  store = place_open (&place, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    au_record_unref (au_test_store_insert (store, names[i], NULL));
  au_record_unref (insert_sized (store, "large", LARGE));
  place_exec (&place,
              "UPDATE record SET form = x'00' WHERE key = 'a';"
              "UPDATE record SET crc = crc + 1 WHERE key = 'b';"
              "UPDATE record SET form = (SELECT form FROM record WHERE key = 'd'),"
              "                  crc = (SELECT crc FROM record WHERE key = 'd') WHERE key = 'c';"
              "UPDATE record SET revision = 7 WHERE key = 'd';");
  value = find_value (&place);
  g_assert_cmpint (truncate (value, 1000), ==, 0);

  assert_set_aside (&place, store, "a");
  assert_set_aside (&place, store, "b");
  keys = au_test_store_list_keys (store, query);
  g_assert_cmpstr (keys, ==, "e f");
  g_assert_cmpint (place_ask (&place, "SELECT count(*) FROM damaged"), ==, 5);

  /* and they can be computed anew */
  for (guint i = 0; i < 4; i++)
    au_record_unref (au_test_store_insert (store, names[i], NULL));
}

static void
put_limited (AuStore    *store,
             const char *key)
{
  g_autoptr(AuOptions) options = au_options_new ();

  au_options_set_queue (options, "q");
  au_options_set_concurrency_key (options, "one");
  au_record_unref (au_test_store_insert (store, key, options));
}

static void
assert_claims (AuStore    *store,
               const char *key)
{
  static const char *const queues[] = { "q", NULL };
  g_autoptr(AuClaim) claim = au_claim_new ();
  g_autoptr(GPtrArray) records = NULL;

  au_claim_set_queues (claim, queues);
  records = au_queue_claim (AU_QUEUE (store), claim, NULL, NULL, NULL);
  g_assert_cmpuint (records->len, ==, key != NULL);
  if (key != NULL)
    g_assert_cmpstr (au_record_get_key (g_ptr_array_index (records, 0)), ==, key);
}

static void
test_damaged_record_keeps_no_room (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(GError) error = NULL;

  place_init (&place);
  store = place_open (&place, NULL);
  put_limited (store, "a");
  put_limited (store, "b");
  assert_claims (store, "a");
  assert_claims (store, NULL);

  place_exec (&place, "UPDATE record SET form = x'00' WHERE key = 'a'");
  g_assert_null (au_store_load (store, "a", NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_DAMAGED);
  assert_claims (store, "b");
}

static void
test_insert_over_damage_computes_anew (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuRecord) record = NULL;

  place_init (&place);
  store = place_open (&place, NULL);
  au_record_unref (au_test_store_insert (store, "a", NULL));
  place_exec (&place, "UPDATE record SET form = x'01'");
  record = au_test_store_insert (store, "a", NULL);
  au_test_store_assert_holds (store, record);
  g_assert_cmpint (place_ask (&place, "SELECT count(*) FROM damaged"), ==, 1);
}

/* Cleaning */

static void
write_all (AuStore *store,
           AuWrite *writes,
           guint    n_writes)
{
  au_store_write_many (store, writes, n_writes, NULL);

  for (guint i = 0; i < n_writes; i++)
    {
      g_assert_no_error (writes[i].error);
      g_assert_true (writes[i].created);
      au_record_unref (writes[i].stored);
      au_record_unref (writes[i].record);
    }
}

static gboolean
look_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
test_expired_records_go_by_themselves (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(GSource) source = NULL;
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(AuOptions) options = au_options_new ();
  AuWrite writes[700];
  const guint n = G_N_ELEMENTS (writes);

  place_init (&place);
  store = place_open (&place, NULL);
  au_options_set_ttl (options, 1);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(AuRecord) record = au_record_new (NULL, "f", NULL, options);

      writes[i] = (AuWrite) { .record = au_transition_cancel (record, NULL) };
    }
  write_all (store, writes, n);

  source = au_store_create_source (store);
  g_source_set_callback (source, G_SOURCE_FUNC (look_cb), NULL, NULL);
  g_source_attach (source, NULL);
  while (au_store_count (store, query, NULL, NULL) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_source_destroy (source);
}

static gboolean
is_there (AuStore    *store,
          const char *key)
{
  g_autoptr(AuRecord) record = au_store_load (store, key, NULL, NULL);

  return record != NULL;
}

static void
write_ended (AuStore    *store,
             const char *key,
             GTimeSpan   ttl)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) record = NULL;
  AuWrite write = { NULL };

  au_options_set_ttl (options, ttl);
  record = au_record_new (key, "f", NULL, options);
  write.record = au_transition_cancel (record, NULL);
  write_all (store, &write, 1);
}

/* A round of keeping house begins a second after something was written, once its thread has
 * seen that: so the clock goes on until it has come to that. */
static void
let_time_pass (void)
{
  au_clock_advance (G_TIME_SPAN_MILLISECOND);
  g_thread_yield ();
}

static void
await_expired (AuStore    *store,
               const char *key)
{
  while (is_there (store, key))
    let_time_pass ();
}

/* Whatever is removed by itself, in a thread of the store, is removed when the clock says so. */
static void
test_time_to_live_is_that_of_the_clock (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;

  place_init (&place);
  au_clock_freeze ();
  store = place_open (&place, NULL);
  write_ended (store, "day", G_TIME_SPAN_DAY);
  write_ended (store, "hour", G_TIME_SPAN_HOUR);

  /* When the one has gone, the other one was looked at. */
  au_clock_advance (20 * G_TIME_SPAN_HOUR);
  await_expired (store, "hour");
  g_assert_true (is_there (store, "day"));

  write_ended (store, "week", 7 * G_TIME_SPAN_DAY);
  au_clock_advance (4 * G_TIME_SPAN_HOUR);
  await_expired (store, "day");
  g_assert_true (is_there (store, "week"));
  au_clock_thaw ();
}

static void
test_oldest_go_when_there_are_too_many (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GPtrArray) records = NULL;
  AuWrite writes[900];
  const guint n = G_N_ELEMENTS (writes);

  place_init (&place);
  au_clock_freeze ();
  store = place_open (&place, "max-size=1MiB");
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%03u", i);
      g_autoptr(AuRecord) record = new_sized (key, 4000);

      writes[i] = (AuWrite) { .record = i < 10 ? au_record_ref (record) : au_transition_cancel (record, NULL) };
    }
  write_all (store, writes, n);

  while (au_store_count (store, query, NULL, NULL) > 300)
    let_time_pass ();

  /* what has not ended stays, and so does what came last */
  records = au_store_list (store, query, NULL, NULL);
  g_assert_cmpstr (au_record_get_key (g_ptr_array_index (records, 0)), ==, "k000");
  g_assert_cmpstr (au_record_get_key (g_ptr_array_index (records, 9)), ==, "k009");
  g_assert_cmpstr (au_record_get_key (g_ptr_array_index (records, 10)), >, "k300");
  g_assert_cmpstr (au_record_get_key (g_ptr_array_index (records, records->len - 1)), ==, "k899");
  au_clock_thaw ();
}

/* Changes */

static void
insert_many (AuStore *store,
             guint    n)
{
  g_autofree AuWrite *writes = g_new0 (AuWrite, n);

  for (guint i = 0; i < n; i++)
    writes[i].record = au_record_new (NULL, "f", NULL, NULL);
  au_store_write_many (store, writes, n, NULL);
  for (guint i = 0; i < n; i++)
    {
      g_assert_no_error (writes[i].error);
      au_record_unref (writes[i].stored);
      au_record_unref (writes[i].record);
    }
}

static void
test_changes_are_listed (void)
{
  g_auto(Place) place = { NULL };
  g_autofree char *longest = g_strnfill (128, 'x');
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuStore) other = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) second = NULL;
  g_autoptr(AuRecord) third = NULL;
  guint64 position = 0;

  place_init (&place);
  store = place_open (&place, NULL);
  other = place_open (&place, NULL);

  /* all that was before */
  fixture_assert_changes (store, &position, NULL);
  fixture_assert_changes (store, &position, "");

  record = au_test_store_insert (other, "a", NULL);
  fixture_assert_changes (store, &position, "a:1");
  second = au_test_store_insert (store, "b", NULL);
  record = au_test_store_begin (other, g_steal_pointer (&record));
  g_assert_true (au_store_append_item (other, "a", 1, 0, g_variant_new_int32 (1), NULL, NULL));
  fixture_assert_changes (store, &position, "b:1 a:2 a");
  g_assert_true (au_store_remove (other, "b", NULL, NULL));
  fixture_assert_changes (store, &position, "b");
  fixture_assert_changes (store, &position, "");

  /* what was refused is no change */
  g_assert_false (au_store_remove (other, "b", NULL, NULL));
  fixture_assert_changes (store, &position, "");

  /* what has no room among the notes can be any */
  third = au_test_store_insert (other, longest, NULL);
  fixture_assert_changes (store, &position, NULL);
  fixture_assert_changes (store, &position, "");
}

static void
test_too_many_changes_are_not_listed (void)
{
  g_auto(Place) place = { NULL };
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuRecord) record = NULL;
  guint64 position = 0, late;

  place_init (&place);
  store = place_open (&place, NULL);
  fixture_assert_changes (store, &position, NULL);

  /* the ring is gone round more than once, and its end is met */
  for (guint i = 0; i < 9; i++)
    {
      g_autoptr(GPtrArray) changes = NULL;

      late = position;
      insert_many (store, 1000);
      changes = au_store_list_changes (store, &position);
      g_assert_nonnull (changes);
      g_assert_cmpuint (changes->len, ==, 1000);
    }
  insert_many (store, 3500);
  fixture_assert_changes (store, &late, NULL);
  insert_many (store, 5000);
  fixture_assert_changes (store, &position, NULL);

  record = au_test_store_insert (store, "z", NULL);
  fixture_assert_changes (store, &position, "z:1");
  fixture_assert_changes (store, &late, NULL);
}

static void
test_notes_that_are_damaged_are_not_read (void)
{
  g_auto(Place) place = { NULL };
  g_autofree char *path = NULL;
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuRecord) record = NULL;
  guint64 position = 0;

  place_init (&place);
  store = place_open (&place, NULL);
  path = g_strconcat (place.path, "-notes", NULL);
  fixture_assert_changes (store, &position, NULL);
  fixture_assert_changes (store, &position, "");

  g_assert_cmpint (truncate (path, 3), ==, 0);
  record = au_test_store_insert (store, "a", NULL);
  fixture_assert_changes (store, &position, NULL);
  fixture_assert_changes (store, &position, NULL);

  /* who opens the store next makes them anew */
  g_clear_object (&store);
  store = place_open (&place, NULL);
  fixture_assert_changes (store, &position, NULL);
  fixture_assert_changes (store, &position, "");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sqlite/folder-is-made-for-this-user", test_folder_is_made_for_this_user);
  g_test_add_func ("/sqlite/path-is-needed", test_path_is_needed);
  g_test_add_func ("/sqlite/newer-database-is-refused", test_newer_database_is_refused);
  g_test_add_func ("/sqlite/older-database-is-brought-up-to-date", test_older_database_is_brought_up_to_date);
  g_test_add_func ("/sqlite/database-of-another-program-is-refused",
                   test_database_of_another_program_is_refused);
  g_test_add_func ("/sqlite/what-is-no-database-is-refused", test_what_is_no_database_is_refused);
  g_test_add_func ("/sqlite/database-that-all-may-write-is-refused",
                   test_database_that_all_may_write_is_refused);
  g_test_add_func ("/sqlite/large-values-are-beside-the-database",
                   test_large_values_are_beside_the_database);
  g_test_add_func ("/sqlite/large-items-go-with-their-record", test_large_items_go_with_their_record);
  g_test_add_func ("/sqlite/refused-writes-leave-no-files", test_refused_writes_leave_no_files);
  g_test_add_func ("/sqlite/files-of-the-dead-are-removed", test_files_of_the_dead_are_removed);
  g_test_add_func ("/sqlite/damaged-records-are-set-aside", test_damaged_records_are_set_aside);
  g_test_add_func ("/sqlite/damaged-record-keeps-no-room", test_damaged_record_keeps_no_room);
  g_test_add_func ("/sqlite/insert-over-damage-computes-anew", test_insert_over_damage_computes_anew);
  g_test_add_func ("/sqlite/expired-records-go-by-themselves", test_expired_records_go_by_themselves);
  g_test_add_func ("/sqlite/time-to-live-is-that-of-the-clock", test_time_to_live_is_that_of_the_clock);
  g_test_add_func ("/sqlite/changes-are-listed", test_changes_are_listed);
  g_test_add_func ("/sqlite/changes-that-are-too-many-are-not-listed", test_too_many_changes_are_not_listed);
  g_test_add_func ("/sqlite/notes-that-are-damaged-are-not-read", test_notes_that_are_damaged_are_not_read);
  g_test_add_func ("/sqlite/oldest-go-when-there-are-too-many", test_oldest_go_when_there_are_too_many);

  return au_test_run ();
}
