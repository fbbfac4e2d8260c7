/* au-test-store-sharing.c: what every store must do for many users at once
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-maker-private.h"
#include "au-test-store-private.h"

#include <string.h>

#define N_THREADS (4)

/* Changes */

static gboolean
count_call (gpointer user_data)
{
  guint *count = user_data;

  (*count)++;
  return G_SOURCE_CONTINUE;
}

typedef struct
{
  GMainContext *context;
  GSource      *source;
  guint         count;
} Listener;

static void
listen_to (Listener *self,
           AuStore  *store)
{
  self->context = g_main_context_new ();
  self->source = au_store_create_source (store);
  self->count = 0;
  g_assert_nonnull (self->source);
  g_source_set_callback (self->source, count_call, &self->count, NULL);
  g_source_attach (self->source, self->context);
}

static void
assert_hears (Listener *self)
{
  guint before = self->count;

  while (self->count == before)
    g_main_context_iteration (self->context, TRUE);
  g_assert_cmpuint (self->count, ==, before + 1);

  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_assert_cmpuint (self->count, ==, before + 1);
}

static void
assert_hears_nothing (Listener *self)
{
  guint before = self->count;

  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_assert_cmpuint (self->count, ==, before);
}

static void
stop_listening (Listener *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_main_context_unref (self->context);
}

static void
test_source_tells_of_changes (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;
  Listener first, second;

  au_record_unref (au_test_store_insert (fixture->store, "before", NULL));
  listen_to (&first, fixture->store);
  listen_to (&second, fixture->store);
  assert_hears_nothing (&first);

  record = au_test_store_insert (fixture->store, "a", NULL);
  assert_hears (&first);
  assert_hears (&second);
  au_test_store_assert_holds (fixture->store, record);
  assert_hears_nothing (&first);

  record = au_test_store_begin (fixture->store, g_steal_pointer (&record));
  assert_hears (&first);

  if (store_fixture_keeps_items (fixture))
    {
      g_assert_true (au_store_append_item (fixture->store, "a", 1, 0, g_variant_new_string ("x"), NULL, NULL));
      assert_hears (&first);
    }

  record = au_test_store_complete (fixture->store, g_steal_pointer (&record));
  assert_hears (&first);

  /* several changes at once are one to hear of */
  au_record_unref (au_test_store_insert (fixture->store, "b", NULL));
  au_record_unref (au_test_store_insert (fixture->store, "c", NULL));
  g_assert_true (au_store_remove (fixture->store, "a", NULL, &error));
  assert_hears (&first);
  assert_hears (&second);

  stop_listening (&second);
  au_record_unref (au_test_store_insert (fixture->store, "d", NULL));
  assert_hears (&first);
  stop_listening (&first);
  au_record_unref (au_test_store_insert (fixture->store, "e", NULL));
}

static void
test_source_may_outlive_its_store (StoreFixture *fixture)
{
  g_autoptr(GSource) unused = au_store_create_source (fixture->store);
  Listener listener;

  listen_to (&listener, fixture->store);
  au_record_unref (au_test_store_insert (fixture->store, "a", NULL));
  g_clear_object (&fixture->store);
  assert_hears (&listener);
  stop_listening (&listener);

  store_fixture_open (fixture);
}

static void
test_source_is_silent_about_failures (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = au_test_store_insert (fixture->store, "a", NULL);
  g_autoptr(AuRecord) again = au_record_new ("a", "f", g_variant_new ("(s)", "x"), NULL);
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(AuRecord) next = au_transition_begin (record, NULL, 0, NULL);
  Listener listener;

  listen_to (&listener, fixture->store);
  stored = au_store_insert (fixture->store, again, NULL, NULL, NULL);
  g_assert_false (au_store_replace (fixture->store, next, 7, NULL, NULL));
  g_assert_false (au_store_remove (fixture->store, "b", NULL, NULL));
  assert_hears_nothing (&listener);
  stop_listening (&listener);
}

/* Threads */

static gint n_created;

static gpointer
insert_same_keys (gpointer data)
{
  StoreFixture *fixture = data;

  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);
      g_autoptr(AuRecord) record = au_record_new (key, "f", NULL, NULL);
      g_autoptr(AuRecord) stored = NULL;
      g_autoptr(GError) error = NULL;
      gboolean created;

      stored = au_store_insert (fixture->store, record, &created, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (au_record_get_key (stored), ==, key);
      if (created)
        g_atomic_int_inc (&n_created);
    }

  return NULL;
}

static void
test_threads_create_a_key_once (StoreFixture *fixture)
{
  g_autoptr(AuQuery) query = au_query_new ();

  n_created = 0;
  au_test_run_threads (N_THREADS, insert_same_keys, fixture);
  g_assert_cmpint (n_created, ==, 40);
  g_assert_cmpint (au_store_count (fixture->store, query, NULL, NULL), ==, 40);
}

static gpointer
insert_same_unique_keys (gpointer data)
{
  StoreFixture *fixture = data;

  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *unique_key = g_strdup_printf ("u%u", i % 10);
      g_autoptr(AuOptions) options = au_options_new ();
      g_autoptr(AuRecord) record = NULL;
      g_autoptr(AuRecord) stored = NULL;
      g_autoptr(GError) error = NULL;
      gboolean created;

      au_options_set_unique_key (options, unique_key);
      record = au_record_new (NULL, "f", NULL, options);
      stored = au_store_insert (fixture->store, record, &created, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (au_options_get_unique_key (au_record_get_options (stored)), ==, unique_key);
      if (created)
        g_atomic_int_inc (&n_created);
    }

  return NULL;
}

static void
test_threads_hold_a_unique_key_once (StoreFixture *fixture)
{
  n_created = 0;
  au_test_run_threads (N_THREADS, insert_same_unique_keys, fixture);
  g_assert_cmpint (n_created, ==, 10);
}

/* Adds to a record again and again, as others do at the same time. */
static void
report_many_times (AuStore *store,
                   guint    n)
{
  while (n > 0)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(AuRecord) record = au_store_load (store, "counter", NULL, &error);
      g_autoptr(AuRecord) next = NULL;

      g_assert_no_error (error);
      next = au_transition_report (record, 1, 0.5, "on and on", NULL);
      if (au_store_replace (store, next, au_record_get_revision (record), NULL, &error))
        n--;
      else
        g_assert_error (error, AU_ERROR, AU_ERROR_CONFLICT);
    }
}

static gpointer
report_in_thread (gpointer data)
{
  report_many_times (((StoreFixture *) data)->store, au_test_scale (100));
  return NULL;
}

static void
test_threads_lose_no_change (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "counter", NULL));
  g_autoptr(AuRecord) last = NULL;

  au_test_run_threads (N_THREADS, report_in_thread, fixture);
  last = au_store_load (fixture->store, "counter", NULL, NULL);
  g_assert_cmpuint (au_record_get_revision (last), ==, 2 + N_THREADS * au_test_scale (100));
}

/* Everything at once, on few keys, so that whatever can meet does. */
static gpointer
do_everything (gpointer data)
{
  StoreFixture *fixture = data;
  g_autoptr(GRand) rand = g_rand_new ();

  for (guint i = 0; i < au_test_scale (300); i++)
    {
      char key[] = { 'a' + g_rand_int_range (rand, 0, 5), '\0' };
      g_autoptr(AuRecord) record = NULL;
      g_autoptr(AuRecord) next = NULL;
      g_autoptr(AuQuery) query = NULL;
      g_autoptr(GPtrArray) list = NULL;
      g_autoptr(GError) error = NULL;

      switch (g_rand_int_range (rand, 0, 6))
        {
        case 0:
          next = au_record_new (key, "f", g_variant_new ("(s)", key), NULL);
          record = au_store_insert (fixture->store, next, NULL, NULL, &error);
          break;
        case 1:
          au_store_remove (fixture->store, key, NULL, &error);
          break;
        case 2:
          query = au_query_new ();
          list = au_store_list (fixture->store, query, NULL, &error);
          g_assert_no_error (error);
          break;
        case 3:
          if (!store_fixture_keeps_items (fixture))
            break;
          au_store_append_item (fixture->store, key, 1, 0, g_variant_new_string ("x"), NULL, &error);
          break;
        case 4:
          if (!store_fixture_keeps_items (fixture))
            break;
          list = au_store_list_items (fixture->store, key, 0, 0, NULL, &error);
          break;
        default:
          record = au_store_load (fixture->store, key, NULL, &error);
          if (record == NULL)
            break;
          next = au_record_get_attempt (record) == 0 ? au_transition_begin (record, NULL, 0, NULL)
                                                     : au_transition_report (record, 1, 0.5, NULL, NULL);
          au_store_replace (fixture->store, next, au_record_get_revision (record), NULL, &error);
        }

      if (error != NULL && !g_error_matches (error, AU_ERROR, AU_ERROR_NOT_FOUND))
        g_assert_error (error, AU_ERROR, AU_ERROR_CONFLICT);
      if (record != NULL)
        g_assert_cmpstr (au_record_get_key (record), ==, key);
    }

  return NULL;
}

static void
test_threads_do_everything_at_once (StoreFixture *fixture)
{
  au_test_run_threads (N_THREADS, do_everything, fixture);
}

/* Several processes */

#define N_CHILD_RECORDS (60)

static void
insert_many (AuStore    *store,
             const char *prefix)
{
  for (guint i = 0; i < N_CHILD_RECORDS; i++)
    {
      g_autofree char *own = g_strdup_printf ("%s%u", prefix, i);
      g_autofree char *shared = g_strdup_printf ("shared%u", i);
      g_autoptr(AuRecord) record = au_record_new (shared, "f", NULL, NULL);
      g_autoptr(AuRecord) stored = NULL;
      g_autoptr(GError) error = NULL;

      au_record_unref (au_test_store_complete (store, au_test_store_begin (store, au_test_store_insert (store, own, NULL))));
      stored = au_store_insert (store, record, NULL, NULL, &error);
      g_assert_no_error (error);
    }
}

static void
child_inserts (StoreFixture *fixture)
{
  insert_many (fixture->store, "child");
}

static void
test_processes_insert_at_once (StoreFixture *fixture)
{
  GSubprocess *child = store_fixture_start_child (fixture, "subprocess/insert", G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GPtrArray) records = NULL;

  insert_many (fixture->store, "parent");
  au_test_child_end (child);

  g_assert_cmpint (au_store_count (fixture->store, query, NULL, NULL), ==, 3 * N_CHILD_RECORDS);
  au_query_set_statuses (query, AU_STATUS_FLAGS_COMPLETED);
  records = au_store_list (fixture->store, query, NULL, NULL);
  g_assert_cmpint (records->len, ==, 2 * N_CHILD_RECORDS);
}

static void
child_reports (StoreFixture *fixture)
{
  report_many_times (fixture->store, 100);
}

static void
test_processes_lose_no_change (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = au_test_store_begin (fixture->store, au_test_store_insert (fixture->store, "counter", NULL));
  GSubprocess *child = store_fixture_start_child (fixture, "subprocess/report", G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr(AuRecord) last = NULL;

  report_many_times (fixture->store, 100);
  au_test_child_end (child);
  last = au_store_load (fixture->store, "counter", NULL, NULL);
  g_assert_cmpuint (au_record_get_revision (last), ==, 2 + 2 * 100);
}

static void
child_adds (StoreFixture *fixture)
{
  au_record_unref (au_test_store_insert (fixture->store, "from-child", NULL));
}

static void
test_source_tells_of_other_processes (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = NULL;
  GSubprocess *child;
  Listener listener;

  listen_to (&listener, fixture->store);
  child = store_fixture_start_child (fixture, "subprocess/add", G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  assert_hears (&listener);
  record = au_store_load (fixture->store, "from-child", NULL, NULL);
  g_assert_nonnull (record);
  au_test_child_end (child);
  stop_listening (&listener);
}

void
store_suite_add_sharing (StoreKind *kind)
{
  store_suite_add_test (kind, STORE_NEEDS_SOURCE, "source-tells-of-changes", test_source_tells_of_changes);
  store_suite_add_test (kind, STORE_NEEDS_SOURCE, "source-may-outlive-its-store",
                        test_source_may_outlive_its_store);
  store_suite_add_test (kind, STORE_NEEDS_SOURCE, "source-is-silent-about-failures",
                        test_source_is_silent_about_failures);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "threads-create-a-key-once",
                        test_threads_create_a_key_once);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "threads-hold-a-unique-key-once",
                        test_threads_hold_a_unique_key_once);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "threads-lose-no-change", test_threads_lose_no_change);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "threads-do-everything-at-once",
                        test_threads_do_everything_at_once);

  store_suite_add_test (kind, STORE_NEEDS_SHARED, "processes-insert-at-once", test_processes_insert_at_once);
  store_suite_add_test (kind, STORE_NEEDS_SHARED, "processes-lose-no-change", test_processes_lose_no_change);
  store_suite_add_test (kind, STORE_NEEDS_SHARED | STORE_NEEDS_SOURCE, "source-tells-of-other-processes",
                        test_source_tells_of_other_processes);

  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "subprocess/insert", child_inserts);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "subprocess/report", child_reports);
  store_suite_add_test (kind, STORE_NEEDS_NOTHING, "subprocess/add", child_adds);
}
