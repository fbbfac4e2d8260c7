/* au-test-store-records.c: what every store must do with records
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-store-private.h"

#include <string.h>

/* Insert and load */

static void
test_insert_is_loaded (StoreFixture *fixture)
{
  g_autoptr(AuRecord) a = au_test_store_insert (fixture->store, "a", NULL);
  g_autoptr(AuRecord) b = au_test_store_insert (fixture->store, NULL, NULL);

  au_test_store_assert_holds (fixture->store, a);
  au_test_store_assert_holds (fixture->store, b);
  au_test_store_assert_lacks (fixture->store, "c");
}

static void
assert_loads (AuStore            *store,
              const char * const *keys,
              const char         *expected)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) records = au_store_load_many (store, keys, NULL, &error);
  g_autoptr(GString) text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < records->len; i++)
    {
      au_test_store_assert_holds (store, g_ptr_array_index (records, i));
      g_string_append (text, au_record_get_key (g_ptr_array_index (records, i)));
    }

  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_many_are_loaded (StoreFixture *fixture)
{
  static const char *const none[] = { NULL };
  static const char *const some[] = { "b", "x", "a", "c", "y", NULL };
  static const char *const bad[] = { "a", "../b", NULL };
  g_autoptr(AuRecord) a = au_test_store_insert (fixture->store, "a", NULL);
  g_autoptr(AuRecord) b = au_test_store_insert (fixture->store, "b", NULL);
  g_autoptr(AuRecord) c = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "c", NULL));
  g_autoptr(GError) error = NULL;

  assert_loads (fixture->store, none, "");
  assert_loads (fixture->store, some, "bac");

  g_assert_null (au_store_load_many (fixture->store, bad, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_KEY);
}

static void
test_insert_again_gives_the_first (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "a", NULL));
  g_autoptr(AuRecord) again = au_record_new ("a", "f", g_variant_new ("(s)", "x"), NULL);
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;
  gboolean created = TRUE;

  stored = au_store_insert (fixture->store, again, &created, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (created);
  au_test_record_assert_equal (stored, record);
}

static void
test_insert_of_another_computation_conflicts (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = au_test_store_insert (fixture->store, "a", NULL);
  g_autoptr(AuRecord) none = au_record_new ("n", "f", NULL, NULL);
  g_autoptr(AuRecord) stored_none = au_store_insert (fixture->store, none, NULL, NULL, NULL);
  AuRecord *others[] = {
    au_record_new ("a", "f", g_variant_new ("(s)", "y"), NULL),
    au_record_new ("a", "f", g_variant_new ("(o)", "/x"), NULL),
    au_record_new ("a", "f", NULL, NULL),
    au_record_new ("a", "g", g_variant_new ("(s)", "x"), NULL),
    au_record_new ("n", "f", g_variant_new ("(s)", "x"), NULL),
  };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr(GError) error = NULL;
      gboolean created = TRUE;

      g_assert_null (au_store_insert (fixture->store, others[i], &created, NULL, &error));
      g_assert_error (error, AU_ERROR, AU_ERROR_CONFLICT);
      g_assert_nonnull (strstr (error->message, au_record_get_key (others[i])));
      g_assert_false (created);
      au_record_unref (others[i]);
    }

  au_test_store_assert_holds (fixture->store, record);
  au_test_store_assert_holds (fixture->store, stored_none);
}

static void
test_keys_of_all_shapes_are_kept (StoreFixture *fixture)
{
  char longest[AU_KEY_MAX_LENGTH + 1];
  const char *keys[] = { "-", "_", "A", "a", "a.", "a.au", "a:b", "0", "x..y", "CON", longest };

  memset (longest, 'k', AU_KEY_MAX_LENGTH);
  longest[AU_KEY_MAX_LENGTH] = '\0';

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr(AuRecord) record = au_test_store_insert (fixture->store, keys[i], NULL);

      au_test_store_assert_holds (fixture->store, record);
    }

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr(GError) error = NULL;

      au_store_remove (fixture->store, keys[i], NULL, &error);
      g_assert_no_error (error);
      au_test_store_assert_lacks (fixture->store, keys[i]);
    }
}

static void
test_bad_keys_are_refused (StoreFixture *fixture)
{
  static const char *const keys[] = {
    "", ".", "..", ".x", "../x", "a/b", "/etc/passwd", "a b", "a\nb", "ä", "a\\b", "%2e%2e",
    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr(GVariant) item = g_variant_ref_sink (g_variant_new_string ("x"));
      GError *errors[4] = { NULL };
      guint n_errors = store_fixture_keeps_items (fixture) ? 4 : 2;

      g_assert_null (au_store_load (fixture->store, keys[i], NULL, &errors[0]));
      g_assert_false (au_store_remove (fixture->store, keys[i], NULL, &errors[1]));
      if (n_errors > 2)
        {
          g_assert_false (au_store_append_item (fixture->store, keys[i], 1, 0, item, NULL, &errors[2]));
          g_assert_null (au_store_list_items (fixture->store, keys[i], 0, 0, NULL, &errors[3]));
        }

      for (guint j = 0; j < n_errors; j++)
        {
          g_assert_error (errors[j], AU_ERROR, AU_ERROR_INVALID_KEY);
          g_error_free (errors[j]);
        }
    }
}

/* Replace and remove */

static void
test_replace_needs_the_expected_revision (StoreFixture *fixture)
{
  g_autoptr(AuRecord) first = au_test_store_insert (fixture->store, "a", NULL);
  g_autoptr(AuRecord) running = au_test_store_begin (fixture->store, au_record_ref (first));
  g_autoptr(AuRecord) cancelled = au_transition_cancel (first, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_cmpuint (au_record_get_revision (running), ==, 2);
  au_test_store_assert_holds (fixture->store, running);

  g_assert_false (au_store_replace (fixture->store, cancelled, 1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFLICT);
  g_assert_nonnull (strstr (error->message, "“a”"));
  au_test_store_assert_holds (fixture->store, running);
}

static void
test_replace_refuses_what_is_no_transition (StoreFixture *fixture)
{
  g_autoptr(AuRecord) first = au_test_store_insert (fixture->store, "a", NULL);
  g_autoptr(AuRecord) running = au_test_store_begin (fixture->store, au_record_ref (first));
  g_autoptr(AuRecord) more = au_transition_report (running, 1, 0.5, "half", NULL);
  g_autoptr(AuRecord) done = NULL;
  g_autoptr(GError) error = NULL;

  done = au_test_store_complete (fixture->store, au_record_ref (running));
  g_assert_false (au_store_replace (fixture->store, more, 3, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION);
  au_test_store_assert_holds (fixture->store, done);
}

static void
test_replace_of_nothing_is_not_found (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = au_record_new ("a", "f", NULL, NULL);
  g_autoptr(AuRecord) running = au_transition_begin (record, NULL, 0, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_false (au_store_replace (fixture->store, running, 1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_FOUND);
  au_test_store_assert_lacks (fixture->store, "a");
}

static void
test_replace_often_keeps_the_last (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "a", NULL));

  for (guint i = 0; i < 250; i++)
    {
      g_autofree char *text = g_strdup_printf ("step %u", i);

      record = au_test_store_replace (fixture->store, record,
                              au_transition_report (record, 1, i / 250.0, text, NULL));
      if (i % 50 == 0)
        au_test_store_assert_holds (fixture->store, record);
    }

  record = au_test_store_complete (fixture->store, record);
  au_test_store_assert_holds (fixture->store, record);
}

static void
test_remove_makes_room_for_another (StoreFixture *fixture)
{
  g_autoptr(AuRecord) first = au_test_store_insert (fixture->store, "a", NULL);
  g_autoptr(AuRecord) other = au_record_new ("a", "g", NULL, NULL);
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;
  gboolean created;

  g_assert_true (au_store_remove (fixture->store, "a", NULL, &error));
  g_assert_no_error (error);
  au_test_store_assert_lacks (fixture->store, "a");

  g_assert_false (au_store_remove (fixture->store, "a", NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_FOUND);
  g_clear_error (&error);

  stored = au_store_insert (fixture->store, other, &created, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (created);
  au_test_store_assert_holds (fixture->store, other);
}

/* As many as a store can take without making everybody wait for its disk. */
static guint
choose_number (AuStore *store)
{
  if ((au_store_get_flags (store) & AU_STORE_IMMEDIATE) != 0)
    return au_test_scale (6667) * 3;
  if (au_store_get_durability (store) == AU_DURABILITY_POWER)
    return 60;

  return 300;
}

/* Many records, of which each third is removed again, and then another third. */
static void
test_many_records_come_and_go (StoreFixture *fixture)
{
  guint n = choose_number (fixture->store);
  g_autoptr(AuQuery) query = au_query_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);

      au_record_unref (au_test_store_insert (fixture->store, key, NULL));
    }

  for (guint round = 0; round < 2; round++)
    {
      for (guint i = 0; i < n; i++)
        {
          g_autofree char *key = g_strdup_printf ("k%u", i);
          g_autoptr(AuRecord) record = NULL;

          if (i % 3 == round)
            {
              g_assert_true (au_store_remove (fixture->store, key, NULL, NULL));
            }
          else if (i % 3 > round)
            {
              record = au_store_load (fixture->store, key, NULL, NULL);
              g_assert_nonnull (record);
            }
          else
            {
              au_test_store_assert_lacks (fixture->store, key);
            }
        }
    }

  g_assert_cmpint (au_store_count (fixture->store, query, NULL, NULL), ==, n / 3);
}

/* Unique keys */

static AuRecord *
new_unique (const char *key,
            const char *unique_key)
{
  g_autoptr(AuOptions) options = au_options_new ();

  au_options_set_unique_key (options, unique_key);
  return au_record_new (key, "f", NULL, options);
}

/* Inserts a record with a unique key, and checks which one the store then holds. */
static void
assert_insert_gives (StoreFixture *fixture,
                     const char   *key,
                     const char   *unique_key,
                     const char   *expected)
{
  g_autoptr(AuRecord) record = new_unique (key, unique_key);
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;
  gboolean created;

  stored = au_store_insert (fixture->store, record, &created, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (au_record_get_key (stored), ==, expected);
  g_assert_cmpint (created, ==, g_str_equal (key, expected));
  if (!created)
    au_test_store_assert_lacks (fixture->store, key);
}

static AuRecord *
load (StoreFixture *fixture,
      const char   *key)
{
  g_autoptr(GError) error = NULL;
  AuRecord *record = au_store_load (fixture->store, key, NULL, &error);

  g_assert_no_error (error);
  return record;
}

static void
test_unique_key_is_held_until_the_end (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = NULL;

  assert_insert_gives (fixture, "a", "u/1 ü", "a");
  assert_insert_gives (fixture, "b", "u/1 ü", "a");
  assert_insert_gives (fixture, "c", "u/2", "c");

  record = au_test_store_begin (fixture->store, load (fixture, "a"));
  assert_insert_gives (fixture, "b", "u/1 ü", "a");

  record = au_test_store_complete (fixture->store, g_steal_pointer (&record));
  assert_insert_gives (fixture, "b", "u/1 ü", "b");
  assert_insert_gives (fixture, "d", "u/1 ü", "b");
}

static void
test_unique_key_is_free_after_removal (StoreFixture *fixture)
{
  assert_insert_gives (fixture, "a", "u", "a");
  g_assert_true (au_store_remove (fixture->store, "a", NULL, NULL));
  assert_insert_gives (fixture, "b", "u", "b");
}

static void
test_own_key_goes_before_unique_key (StoreFixture *fixture)
{
  g_autoptr(AuRecord) again = new_unique ("b", "u");
  g_autoptr(AuRecord) other = NULL;
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(GError) error = NULL;
  gboolean created = TRUE;

  assert_insert_gives (fixture, "a", "u", "a");
  assert_insert_gives (fixture, "b", "v", "b");

  stored = au_store_insert (fixture->store, again, &created, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (created);
  g_assert_cmpstr (au_record_get_key (stored), ==, "b");

  au_options_set_unique_key (options, "u");
  other = au_record_new ("b", "other", NULL, options);
  g_assert_null (au_store_insert (fixture->store, other, &created, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CONFLICT);
}

static void
test_retry_needs_its_unique_key_back (StoreFixture *fixture)
{
  g_autoptr(AuRecord) failed = NULL;
  g_autoptr(AuRecord) again = NULL;
  g_autoptr(AuRecord) other = NULL;
  g_autoptr(GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "no");
  g_autoptr(GError) error = NULL;

  assert_insert_gives (fixture, "a", "u", "a");
  failed = au_test_store_begin (fixture->store, load (fixture, "a"));
  failed = au_test_store_replace (fixture->store, failed, au_transition_fail (failed, 1, reason, NULL));
  g_assert_cmpint (au_record_get_status (failed), ==, AU_STATUS_FAILED);

  assert_insert_gives (fixture, "b", "u", "b");
  again = au_transition_retry (failed, NULL);
  g_assert_false (au_store_replace (fixture->store, again, au_record_get_revision (failed), NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION);
  g_assert_nonnull (strstr (error->message, "“b”"));
  au_test_store_assert_holds (fixture->store, failed);

  other = au_test_store_complete (fixture->store, au_test_store_begin (fixture->store, load (fixture, "b")));
  failed = au_test_store_replace (fixture->store, failed, g_steal_pointer (&again));
  assert_insert_gives (fixture, "c", "u", "a");
}

/* Batches */

static void
test_batch_has_an_outcome_each (StoreFixture *fixture)
{
  g_autoptr(AuRecord) old = au_test_store_insert (fixture->store, "old", NULL);
  g_autoptr(AuRecord) stale = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "stale", NULL));
  AuWrite writes[] = {
    { .record = au_record_new ("new", "f", NULL, NULL) },
    { .record = au_transition_begin (old, NULL, 0, NULL), .expected = 1 },
    { .record = au_record_new ("stale", "g", NULL, NULL) },
    { .record = au_record_new ("missing", "f", NULL, NULL), .expected = 7 },
    { .record = au_record_new ("last", "f", NULL, NULL) },
  };
  static const int codes[] = { -1, -1, AU_ERROR_CONFLICT, AU_ERROR_NOT_FOUND, -1 };

  au_store_write_many (fixture->store, writes, G_N_ELEMENTS (writes), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (writes); i++)
    {
      if (codes[i] < 0)
        {
          g_assert_no_error (writes[i].error);
          au_test_record_assert_equal (writes[i].stored, writes[i].record);
          g_assert_cmpint (writes[i].created, ==, writes[i].expected == 0);
          au_test_store_assert_holds (fixture->store, writes[i].record);
        }
      else
        {
          g_assert_error (writes[i].error, AU_ERROR, codes[i]);
          g_assert_null (writes[i].stored);
          g_assert_false (writes[i].created);
        }

      g_clear_error (&writes[i].error);
      g_clear_pointer (&writes[i].stored, au_record_unref);
      au_record_unref (writes[i].record);
    }

  au_test_store_assert_holds (fixture->store, stale);
  au_test_store_assert_lacks (fixture->store, "missing");
}

/* Writes all, and checks that the store holds them. */
static void
write_batch (StoreFixture *fixture,
             AuWrite      *writes,
             guint         n_writes)
{
  au_store_write_many (fixture->store, writes, n_writes, NULL);

  for (guint i = 0; i < n_writes; i++)
    {
      g_assert_no_error (writes[i].error);
      au_test_record_assert_equal (writes[i].stored, writes[i].record);
      au_test_store_assert_holds (fixture->store, writes[i].record);
      g_clear_pointer (&writes[i].stored, au_record_unref);
    }
}

static void
test_large_batch_is_written (StoreFixture *fixture)
{
  AuWrite writes[150] = { 0 };
  const guint n = G_N_ELEMENTS (writes);
  g_autoptr(AuQuery) query = au_query_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%03u", i);

      writes[i].record = au_record_new (key, "f", NULL, NULL);
    }
  write_batch (fixture, writes, n);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(AuRecord) record = writes[i].record;

      writes[i].record = au_transition_begin (record, NULL, 0, NULL);
      writes[i].expected = 1;
    }
  write_batch (fixture, writes, n);

  for (guint i = 0; i < n; i++)
    au_record_unref (writes[i].record);

  au_query_set_statuses (query, AU_STATUS_FLAGS_RUNNING);
  g_assert_cmpint (au_store_count (fixture->store, query, NULL, NULL), ==, n);
}

static void
test_cancelled_call_writes_nothing (StoreFixture *fixture)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(AuRecord) old = au_test_store_insert (fixture->store, "old", NULL);
  g_autoptr(AuRecord) next = au_transition_begin (old, NULL, 0, NULL);
  g_autoptr(AuRecord) record = au_record_new ("new", "f", NULL, NULL);
  g_autoptr(GError) error = NULL;
  gboolean created;

  g_cancellable_cancel (cancellable);

  g_assert_null (au_store_insert (fixture->store, record, &created, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (au_store_replace (fixture->store, next, 1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (au_store_remove (fixture->store, "old", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  au_test_store_assert_lacks (fixture->store, "new");
  au_test_store_assert_holds (fixture->store, old);
}

void
store_suite_add_records (StoreKind *kind)
{
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "insert-is-loaded", test_insert_is_loaded);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "many-are-loaded", test_many_are_loaded);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "insert-again-gives-the-first", test_insert_again_gives_the_first);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "insert-of-another-computation-conflicts",
                        test_insert_of_another_computation_conflicts);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "keys-of-all-shapes-are-kept", test_keys_of_all_shapes_are_kept);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "bad-keys-are-refused", test_bad_keys_are_refused);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "replace-needs-the-expected-revision",
                        test_replace_needs_the_expected_revision);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "replace-refuses-what-is-no-transition",
                        test_replace_refuses_what_is_no_transition);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "replace-of-nothing-is-not-found", test_replace_of_nothing_is_not_found);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "replace-often-keeps-the-last", test_replace_often_keeps_the_last);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "remove-makes-room-for-another", test_remove_makes_room_for_another);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "many-records-come-and-go", test_many_records_come_and_go);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "unique-key-is-held-until-the-end", test_unique_key_is_held_until_the_end);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "unique-key-is-free-after-removal", test_unique_key_is_free_after_removal);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "own-key-goes-before-unique-key", test_own_key_goes_before_unique_key);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "retry-needs-its-unique-key-back", test_retry_needs_its_unique_key_back);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "batch-has-an-outcome-each", test_batch_has_an_outcome_each);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "large-batch-is-written", test_large_batch_is_written);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "cancelled-call-writes-nothing", test_cancelled_call_writes_nothing);
}
