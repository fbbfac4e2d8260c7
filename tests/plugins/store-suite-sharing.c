/* store-suite-sharing.c: what every store must do for many users at once
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "store-suite.h"

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

  au_record_unref (store_insert (fixture->store, "before", NULL));
  listen_to (&first, fixture->store);
  listen_to (&second, fixture->store);
  assert_hears_nothing (&first);

  record = store_insert (fixture->store, "a", NULL);
  assert_hears (&first);
  assert_hears (&second);
  store_assert_holds (fixture->store, record);
  assert_hears_nothing (&first);

  record = store_begin (fixture->store, g_steal_pointer (&record));
  assert_hears (&first);

  g_assert_true (au_store_append_item (fixture->store, "a", 1, 0, g_variant_new_string ("x"), NULL, NULL));
  assert_hears (&first);

  record = store_complete (fixture->store, g_steal_pointer (&record));
  assert_hears (&first);

  /* several changes at once are one to hear of */
  au_record_unref (store_insert (fixture->store, "b", NULL));
  au_record_unref (store_insert (fixture->store, "c", NULL));
  g_assert_true (au_store_remove (fixture->store, "a", NULL, &error));
  assert_hears (&first);
  assert_hears (&second);

  stop_listening (&second);
  au_record_unref (store_insert (fixture->store, "d", NULL));
  assert_hears (&first);
  stop_listening (&first);
  au_record_unref (store_insert (fixture->store, "e", NULL));
}

static void
test_source_may_outlive_its_store (StoreFixture *fixture)
{
  g_autoptr(GSource) unused = au_store_create_source (fixture->store);
  Listener listener;

  listen_to (&listener, fixture->store);
  au_record_unref (store_insert (fixture->store, "a", NULL));
  g_clear_object (&fixture->store);
  assert_hears (&listener);
  stop_listening (&listener);

  fixture->store = fixture->kind->open (fixture->kind, fixture->place);
}

static void
test_source_is_silent_about_failures (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = store_insert (fixture->store, "a", NULL);
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

static void
run_threads (StoreFixture *fixture,
             GThreadFunc   func)
{
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new (NULL, func, fixture);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

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
  run_threads (fixture, insert_same_keys);
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
  run_threads (fixture, insert_same_unique_keys);
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
  report_many_times (((StoreFixture *) data)->store, 100);
  return NULL;
}

static void
test_threads_lose_no_change (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = store_begin (fixture->store, store_insert (fixture->store, "counter", NULL));
  g_autoptr(AuRecord) last = NULL;

  run_threads (fixture, report_in_thread);
  last = au_store_load (fixture->store, "counter", NULL, NULL);
  g_assert_cmpuint (au_record_get_revision (last), ==, 2 + N_THREADS * 100);
}

/* Everything at once, on few keys, so that whatever can meet does. */
static gpointer
do_everything (gpointer data)
{
  StoreFixture *fixture = data;
  g_autoptr(GRand) rand = g_rand_new ();

  for (guint i = 0; i < 300; i++)
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
          au_store_append_item (fixture->store, key, 1, 0, g_variant_new_string ("x"), NULL, &error);
          break;
        case 4:
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
  run_threads (fixture, do_everything);
}

/* Stores that keep records */

static void
test_reopened_store_has_everything (StoreFixture *fixture)
{
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) running = NULL;
  g_autoptr(AuRecord) other = NULL;
  g_autoptr(AuRecord) holder = NULL;
  g_autoptr(GPtrArray) items = NULL;
  g_autoptr(GError) error = NULL;
  gboolean created = TRUE;

  au_clock_freeze ();
  au_options_set_unique_key (options, "u");
  au_options_set_ttl (options, G_TIME_SPAN_HOUR);
  record = store_complete (fixture->store,
                           store_begin (fixture->store,
                                        store_insert (fixture->store, "a", g_object_ref (options))));
  running = store_begin (fixture->store, store_insert (fixture->store, "b", g_object_ref (options)));
  g_assert_true (au_store_append_item (fixture->store, "b", 1, 0, g_variant_new_string ("x"), NULL, NULL));

  store_fixture_reopen (fixture);
  store_assert_holds (fixture->store, record);
  store_assert_holds (fixture->store, running);

  items = au_store_list_items (fixture->store, "b", 0, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (items->len, ==, 1);
  g_assert_true (au_store_append_item (fixture->store, "b", 1, 1, g_variant_new_string ("y"), NULL, NULL));

  other = au_record_new ("c", "f", NULL, options);
  holder = au_store_insert (fixture->store, other, &created, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (created);
  store_assert_equal (holder, running);

  au_clock_advance (G_TIME_SPAN_HOUR);
  g_assert_cmpint (au_store_cleanup_expired (fixture->store, au_clock_get_real_time (), 0, NULL, &error), ==, 1);
  store_assert_lacks (fixture->store, "a");
  au_clock_thaw ();
}

/* Several processes */

#define N_CHILD_RECORDS (60)

static GSubprocess *
start_child (StoreFixture *fixture,
             const char   *work)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr(GError) error = NULL;
  GSubprocess *child = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, program,
                                         "--child", fixture->kind->name, fixture->place, work, NULL);

  g_assert_no_error (error);
  return child;
}

static void
end_child (GSubprocess *child)
{
  g_autoptr(GError) error = NULL;

  g_subprocess_wait_check (child, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (child);
}

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

      au_record_unref (store_complete (store, store_begin (store, store_insert (store, own, NULL))));
      stored = au_store_insert (store, record, NULL, NULL, &error);
      g_assert_no_error (error);
    }
}

int
store_suite_run_child (const StoreKind *kind,
                       const char      *place,
                       const char      *work)
{
  g_autoptr(AuStore) store = kind->open (kind, place);

  if (g_str_equal (work, "insert"))
    insert_many (store, "child");
  else if (g_str_equal (work, "report"))
    report_many_times (store, 100);
  else if (g_str_equal (work, "add"))
    au_record_unref (store_insert (store, "from-child", NULL));
  else
    g_assert_not_reached ();

  return 0;
}

static void
test_processes_insert_at_once (StoreFixture *fixture)
{
  GSubprocess *child = start_child (fixture, "insert");
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GPtrArray) records = NULL;

  insert_many (fixture->store, "parent");
  end_child (child);

  g_assert_cmpint (au_store_count (fixture->store, query, NULL, NULL), ==, 3 * N_CHILD_RECORDS);
  au_query_set_statuses (query, AU_STATUS_FLAGS_COMPLETED);
  records = au_store_list (fixture->store, query, NULL, NULL);
  g_assert_cmpint (records->len, ==, 2 * N_CHILD_RECORDS);
}

static void
test_processes_lose_no_change (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = store_begin (fixture->store, store_insert (fixture->store, "counter", NULL));
  GSubprocess *child = start_child (fixture, "report");
  g_autoptr(AuRecord) last = NULL;

  report_many_times (fixture->store, 100);
  end_child (child);
  last = au_store_load (fixture->store, "counter", NULL, NULL);
  g_assert_cmpuint (au_record_get_revision (last), ==, 2 + 2 * 100);
}

static void
test_source_tells_of_other_processes (StoreFixture *fixture)
{
  g_autoptr(AuRecord) record = NULL;
  GSubprocess *child;
  Listener listener;

  listen_to (&listener, fixture->store);
  child = start_child (fixture, "add");
  assert_hears (&listener);
  record = au_store_load (fixture->store, "from-child", NULL, NULL);
  g_assert_nonnull (record);
  end_child (child);
  stop_listening (&listener);
}

void
store_suite_add_sharing (const StoreKind *kind)
{
  g_autofree char *folder = g_dir_make_tmp ("au-store-XXXXXX", NULL);
  g_autofree char *place = g_build_filename (folder, "store", NULL);
  g_autoptr(AuStore) store = kind->open (kind, place);
  AuStoreFlags flags = au_store_get_flags (store);

  store_remove_folder (folder);

  store_suite_add_test (kind, "source-tells-of-changes", test_source_tells_of_changes);
  store_suite_add_test (kind, "source-may-outlive-its-store", test_source_may_outlive_its_store);
  store_suite_add_test (kind, "source-is-silent-about-failures", test_source_is_silent_about_failures);
  store_suite_add_test (kind, "threads-create-a-key-once", test_threads_create_a_key_once);
  store_suite_add_test (kind, "threads-hold-a-unique-key-once", test_threads_hold_a_unique_key_once);
  store_suite_add_test (kind, "threads-lose-no-change", test_threads_lose_no_change);
  store_suite_add_test (kind, "threads-do-everything-at-once", test_threads_do_everything_at_once);

  if ((flags & AU_STORE_PERSISTENT) != 0)
    store_suite_add_test (kind, "reopened-store-has-everything", test_reopened_store_has_everything);

  if ((flags & AU_STORE_SHARED) != 0)
    {
      store_suite_add_test (kind, "processes-insert-at-once", test_processes_insert_at_once);
      store_suite_add_test (kind, "processes-lose-no-change", test_processes_lose_no_change);
      store_suite_add_test (kind, "source-tells-of-other-processes", test_source_tells_of_other_processes);
    }
}
