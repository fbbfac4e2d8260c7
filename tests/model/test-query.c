/* test-query.c: which records to list
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

static AuRecord *
make_record (const char *key,
             AuOptions  *options)
{
  return au_record_new (key, "factorial", g_variant_new ("(x)", G_GINT64_CONSTANT (5)), options);
}

static void
assert_matches (AuQuery  *query,
                AuRecord *record,
                gboolean  matches)
{
  g_assert_cmpint (au_query_matches (query, record), ==, matches);
}

static void
test_query_new_means_all (void)
{
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(AuRecord) record = make_record ("a", NULL);

  g_assert_cmpint (au_query_get_statuses (query), ==, AU_STATUS_FLAGS_ANY);
  g_assert_null (au_query_get_function (query));
  g_assert_null (au_query_get_queue (query));
  g_assert_null (au_query_get_tag (query));
  g_assert_cmpint (au_query_get_since (query), ==, 0);
  g_assert_null (au_query_get_after_key (query));
  g_assert_cmpuint (au_query_get_limit (query), ==, 0);
  assert_matches (query, record, TRUE);
}

static void
test_query_statuses (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) reason = g_error_new_literal (AU_ERROR, AU_ERROR_FAILED, "It failed");
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(AuRecord) pending = make_record ("a", NULL);
  g_autoptr(AuRecord) running = au_transition_begin (pending, au_owner_get_own (), 0, &error);
  g_autoptr(AuRecord) completed = au_transition_complete (running, 1, g_variant_new_string ("120"), &error);
  g_autoptr(AuRecord) failed = au_transition_fail (running, 1, reason, &error);
  g_autoptr(AuRecord) cancelled = au_transition_cancel (pending, &error);
  AuRecord *records[] = { pending, running, completed, failed, cancelled };

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_assert_cmpint (au_record_get_status (records[i]), ==, i);

      au_query_set_statuses (query, AU_STATUS_FLAGS_NONE);
      assert_matches (query, records[i], FALSE);
      au_query_set_statuses (query, AU_STATUS_FLAGS_TERMINAL);
      assert_matches (query, records[i], i >= AU_STATUS_COMPLETED);
      for (guint j = 0; j < G_N_ELEMENTS (records); j++)
        {
          au_query_set_statuses (query, 1 << j);
          assert_matches (query, records[i], i == j);
          au_query_set_statuses (query, AU_STATUS_FLAGS_ANY & ~(1 << j));
          assert_matches (query, records[i], i != j);
        }
    }
}

static void
test_query_function_queue_and_tag (void)
{
  static const char *const tags[] = { "red", "green", NULL };
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(AuRecord) bare = make_record ("a", NULL);
  g_autoptr(AuRecord) record = NULL;

  au_options_set_queue (options, "slow");
  au_options_set_tags (options, tags);
  record = make_record ("b", options);

  au_query_set_function (query, "factorial");
  assert_matches (query, record, TRUE);
  au_query_set_function (query, "factoria");
  assert_matches (query, record, FALSE);
  au_query_set_function (query, NULL);

  au_query_set_queue (query, "slow");
  assert_matches (query, record, TRUE);
  assert_matches (query, bare, FALSE);
  au_query_set_queue (query, "fast");
  assert_matches (query, record, FALSE);
  au_query_set_queue (query, NULL);

  au_query_set_tag (query, "green");
  assert_matches (query, record, TRUE);
  assert_matches (query, bare, FALSE);
  au_query_set_tag (query, "gree");
  assert_matches (query, record, FALSE);

  /* all of it has to fit */
  au_query_set_tag (query, "red");
  au_query_set_queue (query, "slow");
  au_query_set_function (query, "factorial");
  assert_matches (query, record, TRUE);
  au_query_set_queue (query, "fast");
  assert_matches (query, record, FALSE);
}

static void
test_query_since_and_after_key (void)
{
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(AuRecord) record = make_record ("key-5", NULL);
  gint64 created = au_record_get_created (record);

  au_query_set_since (query, created);
  assert_matches (query, record, TRUE);
  au_query_set_since (query, created + 1);
  assert_matches (query, record, FALSE);
  au_query_set_since (query, 0);

  au_query_set_after_key (query, "key-4");
  assert_matches (query, record, TRUE);
  au_query_set_after_key (query, "key-4zzz");
  assert_matches (query, record, TRUE);
  au_query_set_after_key (query, "key-5");
  assert_matches (query, record, FALSE);
  au_query_set_after_key (query, "");
  assert_matches (query, record, TRUE);
  /* byte by byte, not as a language sorts */
  au_query_set_after_key (query, "Z");
  assert_matches (query, record, TRUE);

  au_query_set_limit (query, 1);
  assert_matches (query, record, TRUE);
}

static void
note (GObject    *object,
      GParamSpec *pspec,
      gpointer    user_data)
{
  GString *names = user_data;

  g_string_append_printf (names, "%s ", pspec->name);
}

static void
test_query_properties (void)
{
  g_autoptr(AuQuery) query = g_object_new (AU_TYPE_QUERY,
                                           "statuses", AU_STATUS_FLAGS_RUNNING,
                                           "function", "f",
                                           "queue", "q",
                                           "tag", "t",
                                           "since", G_GINT64_CONSTANT (7),
                                           "after-key", "k",
                                           "limit", 3,
                                           NULL);
  g_autoptr(GString) notified = g_string_new (NULL);
  g_autofree char *function = NULL;
  g_autofree char *queue = NULL;
  g_autofree char *tag = NULL;
  g_autofree char *after_key = NULL;
  AuStatusFlags statuses;
  gint64 since;
  guint limit;

  g_object_get (query, "statuses", &statuses, "function", &function, "queue", &queue, "tag", &tag, "since", &since,
                "after-key", &after_key, "limit", &limit, NULL);
  g_assert_cmpint (statuses, ==, AU_STATUS_FLAGS_RUNNING);
  g_assert_cmpstr (function, ==, "f");
  g_assert_cmpstr (queue, ==, "q");
  g_assert_cmpstr (tag, ==, "t");
  g_assert_cmpint (since, ==, 7);
  g_assert_cmpstr (after_key, ==, "k");
  g_assert_cmpuint (limit, ==, 3);

  /* told of a change, and only of a change */
  g_signal_connect (query, "notify", G_CALLBACK (note), notified);
  au_query_set_statuses (query, AU_STATUS_FLAGS_RUNNING);
  au_query_set_function (query, "f");
  au_query_set_limit (query, 3);
  g_assert_cmpstr (notified->str, ==, "");
  au_query_set_statuses (query, AU_STATUS_FLAGS_ANY);
  au_query_set_function (query, "g");
  au_query_set_queue (query, NULL);
  au_query_set_tag (query, "u");
  au_query_set_since (query, 8);
  au_query_set_after_key (query, "l");
  au_query_set_limit (query, 4);
  g_assert_cmpstr (notified->str, ==, "statuses function queue tag since after-key limit ");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/query/new-means-all", test_query_new_means_all);
  g_test_add_func ("/query/statuses", test_query_statuses);
  g_test_add_func ("/query/function-queue-and-tag", test_query_function_queue_and_tag);
  g_test_add_func ("/query/since-and-after-key", test_query_since_and_after_key);
  g_test_add_func ("/query/properties", test_query_properties);

  return g_test_run ();
}
