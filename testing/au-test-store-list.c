/* au-test-store-list.c: what every store must list and clean up
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-store-private.h"

#include <string.h>

#define HOUR (3600 * G_TIME_SPAN_SECOND)

/* Listing */

static void
add (StoreFixture *fixture,
     const char   *key,
     const char   *function,
     const char   *queue,
     const char   *tag)
{
  const char *const tags[] = { "all", tag, NULL };
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;

  au_options_set_tags (options, tags);
  au_options_set_queue (options, queue);
  record = au_record_new (key, function, NULL, options);
  stored = au_store_insert (fixture->store, record, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
set_status (StoreFixture *fixture,
            const char   *key,
            AuStatus      status)
{
  g_autoptr(AuRecord) record = au_store_load (fixture->store, key, NULL, NULL);

  if (status == AU_STATUS_CANCELLED)
    {
      record = au_test_store_replace (fixture->store, record, au_transition_cancel (record, NULL));
      return;
    }

  record = au_test_store_begin (fixture->store, record);
  if (status == AU_STATUS_COMPLETED)
    record = au_test_store_complete (fixture->store, record);
}

/* Checks what a query finds, and that its pages of each size say the same. */
static void
assert_finds (StoreFixture *fixture,
              AuQuery      *query,
              const char   *expected)
{
  g_autofree char *keys = au_test_store_list_keys (fixture->store, query);
  g_auto(GStrv) parts = g_strsplit (expected, " ", -1);
  guint n = expected[0] != '\0' ? g_strv_length (parts) : 0;

  g_assert_cmpstr (keys, ==, expected);

  for (guint limit = 1; limit <= n + 1; limit++)
    {
      g_autoptr(GString) pages = g_string_new (NULL);
      g_autofree char *page = NULL;

      au_query_set_limit (query, limit);
      do
        {
          g_free (page);
          page = au_test_store_list_keys (fixture->store, query);
          if (page[0] != '\0')
            {
              const char *last = strrchr (page, ' ');

              g_string_append_printf (pages, "%s%s", pages->len > 0 ? " " : "", page);
              au_query_set_after_key (query, last != NULL ? last + 1 : page);
            }
        }
      while (page[0] != '\0');

      g_assert_cmpstr (pages->str, ==, expected);
      au_query_set_after_key (query, NULL);
      au_query_set_limit (query, 0);
    }
}

static void
test_list_is_in_order_of_keys (StoreFixture *fixture)
{
  g_autoptr(AuQuery) query = au_query_new ();

  assert_finds (fixture, query, "");

  for (guint i = 0; i < 26; i++)
    {
      char key[] = { 'a' + (i * 7) % 26, '\0' };

      add (fixture, key, "f", NULL, NULL);
    }
  add (fixture, "Z", "f", NULL, NULL);
  add (fixture, "aa", "f", NULL, NULL);
  add (fixture, "a.b", "f", NULL, NULL);

  assert_finds (fixture, query, "Z a a.b aa b c d e f g h i j k l m n o p q r s t u v w x y z");
}

static void
test_list_finds_what_matches (StoreFixture *fixture)
{
  g_autoptr(AuQuery) query = au_query_new ();

  add (fixture, "a", "f", "q", "x");
  add (fixture, "b", "g", "q", "y");
  add (fixture, "c", "f", NULL, "y");
  add (fixture, "d", "g", "r", "x");
  add (fixture, "e", "f", "q", NULL);
  set_status (fixture, "a", AU_STATUS_RUNNING);
  set_status (fixture, "b", AU_STATUS_COMPLETED);
  set_status (fixture, "c", AU_STATUS_CANCELLED);

  au_query_set_function (query, "f");
  assert_finds (fixture, query, "a c e");
  au_query_set_queue (query, "q");
  assert_finds (fixture, query, "a e");
  au_query_set_statuses (query, AU_STATUS_FLAGS_PENDING);
  assert_finds (fixture, query, "e");
  au_query_set_function (query, NULL);
  au_query_set_queue (query, NULL);
  assert_finds (fixture, query, "d e");
  au_query_set_statuses (query, AU_STATUS_FLAGS_TERMINAL);
  assert_finds (fixture, query, "b c");
  au_query_set_statuses (query, AU_STATUS_FLAGS_RUNNING | AU_STATUS_FLAGS_CANCELLED);
  assert_finds (fixture, query, "a c");
  au_query_set_statuses (query, AU_STATUS_FLAGS_NONE);
  assert_finds (fixture, query, "");
  au_query_set_statuses (query, AU_STATUS_FLAGS_ANY);
  au_query_set_tag (query, "x");
  assert_finds (fixture, query, "a d");
  au_query_set_tag (query, "all");
  assert_finds (fixture, query, "a b c d e");
  au_query_set_tag (query, "none");
  assert_finds (fixture, query, "");
}

static void
test_list_since_a_time (StoreFixture *fixture)
{
  g_autoptr(AuQuery) query = au_query_new ();
  gint64 since;

  au_clock_freeze ();
  add (fixture, "a", "f", NULL, NULL);
  au_clock_advance (HOUR);
  since = au_clock_get_real_time ();
  add (fixture, "b", "f", NULL, NULL);
  au_clock_advance (HOUR);
  add (fixture, "c", "f", NULL, NULL);

  au_query_set_since (query, since);
  assert_finds (fixture, query, "b c");
  au_query_set_since (query, since + 1);
  assert_finds (fixture, query, "c");
  au_clock_thaw ();
}

/* A record that is there all the time is listed once, whatever comes and goes. */
static void
test_pages_are_whole_while_others_change (StoreFixture *fixture)
{
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint n_pages = 0;

  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *key = g_strdup_printf ("stay%03u", i);

      add (fixture, key, "f", NULL, NULL);
    }

  au_query_set_limit (query, 7);
  for (;;)
    {
      g_autofree char *coming = g_strdup_printf ("stay%03u.more", (n_pages * 61) % 60);
      g_autoptr(GError) error = NULL;
      g_autoptr(GPtrArray) page = au_store_list (fixture->store, query, NULL, &error);

      g_assert_no_error (error);
      if (page->len == 0)
        break;

      for (guint i = 0; i < page->len; i++)
        g_assert_true (g_hash_table_add (seen, g_strdup (au_record_get_key (g_ptr_array_index (page, i)))));
      au_query_set_after_key (query, au_record_get_key (g_ptr_array_index (page, page->len - 1)));

      if (n_pages % 3 == 2)
        au_store_remove (fixture->store, au_record_get_key (g_ptr_array_index (page, 0)), NULL, NULL);
      add (fixture, coming, "f", NULL, NULL);
      n_pages++;
    }

  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *key = g_strdup_printf ("stay%03u", i);

      g_assert_true (g_hash_table_contains (seen, key));
    }
}

/* Expiry */

static AuRecord *
add_expiring (StoreFixture *fixture,
              const char   *key,
              GTimeSpan     ttl,
              AuStatus      status)
{
  g_autoptr(AuOptions) options = au_options_new ();

  au_options_set_ttl (options, ttl);
  au_record_unref (au_test_store_insert (fixture->store, key, options));
  if (status != AU_STATUS_PENDING)
    set_status (fixture, key, status);

  return au_store_load (fixture->store, key, NULL, NULL);
}

/* Cleans as it will be right to in @span. The clock stays where it is, since a store may
 * remove on its own what has expired by that. */
static void
assert_cleans (StoreFixture *fixture,
               GTimeSpan     span,
               guint         limit,
               gint          expected)
{
  g_autoptr(GError) error = NULL;
  gint n = au_store_cleanup_expired (fixture->store, au_clock_get_real_time () + span, limit, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (n, ==, expected);
}

static void
test_cleanup_removes_what_has_expired (StoreFixture *fixture)
{
  g_autoptr(AuQuery) query = au_query_new ();

  au_clock_freeze ();
  au_record_unref (add_expiring (fixture, "pending", HOUR, AU_STATUS_PENDING));
  au_record_unref (add_expiring (fixture, "running", HOUR, AU_STATUS_RUNNING));
  au_record_unref (add_expiring (fixture, "hour", HOUR, AU_STATUS_COMPLETED));
  au_record_unref (add_expiring (fixture, "second", G_TIME_SPAN_SECOND, AU_STATUS_CANCELLED));
  au_record_unref (add_expiring (fixture, "two-hours", 2 * HOUR, AU_STATUS_COMPLETED));
  au_record_unref (add_expiring (fixture, "for-ever", 0, AU_STATUS_COMPLETED));

  assert_cleans (fixture, 0, 0, 0);
  assert_cleans (fixture, G_TIME_SPAN_SECOND - 1, 0, 0);
  assert_cleans (fixture, G_TIME_SPAN_SECOND, 0, 1);
  au_test_store_assert_lacks (fixture->store, "second");

  assert_cleans (fixture, HOUR - 1, 0, 0);
  assert_cleans (fixture, HOUR, 0, 1);
  assert_cleans (fixture, HOUR, 0, 0);
  assert_finds (fixture, query, "for-ever pending running two-hours");

  assert_cleans (fixture, 100 * 24 * HOUR, 0, 1);
  assert_finds (fixture, query, "for-ever pending running");
  au_clock_thaw ();
}

static void
test_cleanup_is_bounded (StoreFixture *fixture)
{
  g_autoptr(AuQuery) query = au_query_new ();

  au_clock_freeze ();
  for (guint i = 0; i < 25; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);

      au_record_unref (add_expiring (fixture, key, HOUR + i * G_TIME_SPAN_SECOND * 7,
                                     AU_STATUS_COMPLETED));
    }

  assert_cleans (fixture, 2 * HOUR, 10, 10);
  g_assert_cmpint (au_store_count (fixture->store, query, NULL, NULL), ==, 15);
  assert_cleans (fixture, 2 * HOUR, 10, 10);
  assert_cleans (fixture, 2 * HOUR, 10, 5);
  assert_cleans (fixture, 2 * HOUR, 10, 0);
  g_assert_cmpint (au_store_count (fixture->store, query, NULL, NULL), ==, 0);
  au_clock_thaw ();
}

static void
test_cleanup_leaves_what_runs_again (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = NULL;

  au_clock_freeze ();
  record = add_expiring (fixture, "a", HOUR, AU_STATUS_CANCELLED);
  au_record_unref (add_expiring (fixture, "b", HOUR, AU_STATUS_CANCELLED));
  record = au_test_store_replace (fixture->store, record, au_transition_retry (record, NULL));

  /* another computation under a key that is noted to expire */
  g_assert_true (au_store_remove (fixture->store, "b", NULL, NULL));
  au_record_unref (add_expiring (fixture, "b", 3 * HOUR, AU_STATUS_COMPLETED));

  au_clock_advance (2 * HOUR);
  assert_cleans (fixture, 0, 0, 0);
  au_test_store_assert_holds (fixture->store, record);

  record = au_test_store_complete (fixture->store, au_test_store_begin (fixture->store, g_steal_pointer (&record)));
  assert_cleans (fixture, HOUR, 0, 2);
  au_test_store_assert_lacks (fixture->store, "a");
  au_test_store_assert_lacks (fixture->store, "b");
  au_clock_thaw ();
}

static void
test_cleanup_finds_what_was_inserted_ended (StoreFixture *fixture)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) ended = NULL;
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;

  au_clock_freeze ();
  au_options_set_ttl (options, HOUR);
  record = au_record_new ("a", "f", NULL, options);
  ended = au_transition_cancel (record, NULL);
  stored = au_store_insert (fixture->store, ended, NULL, NULL, &error);
  g_assert_no_error (error);

  assert_cleans (fixture, HOUR, 0, 1);
  au_clock_thaw ();
}

void
store_suite_add_listing (StoreKind *kind)
{
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "list-is-in-order-of-keys", test_list_is_in_order_of_keys);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "list-finds-what-matches", test_list_finds_what_matches);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "list-since-a-time", test_list_since_a_time);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "pages-are-whole-while-others-change",
                        test_pages_are_whole_while_others_change);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "cleanup-removes-what-has-expired", test_cleanup_removes_what_has_expired);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "cleanup-is-bounded", test_cleanup_is_bounded);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "cleanup-leaves-what-runs-again", test_cleanup_leaves_what_runs_again);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "cleanup-finds-what-was-inserted-ended",
                        test_cleanup_finds_what_was_inserted_ended);
}
