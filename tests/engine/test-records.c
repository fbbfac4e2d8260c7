/* test-records.c: what engines do with records that are there already
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine-fixture.h"

static const Parts held_parts = { "held", "thread" };

/* Two engines that share records, as two processes do. */
typedef struct
{
  AuEngine *first;
  AuEngine *second;
} Pair;

static AuEngine *
engine_on (AuStore *store)
{
  g_autoptr(AuBackend) backend = fixture_backend_new ("thread");

  return au_engine_new_with_parts (store, backend);
}

static void
pair_init (Pair         *pair,
           AuStoreFlags  flags,
           gboolean      silent)
{
  g_autoptr(AuStore) store = fixture_held_store_new (flags);
  g_autoptr(AuStore) beside = NULL;

  fixture_held_store_set_silent (FIXTURE_STORE (store), silent);
  beside = fixture_held_store_new_beside (FIXTURE_STORE (store));
  pair->first = engine_on (store);
  pair->second = engine_on (beside);
}

static void
pair_clear (Pair *pair)
{
  fixture_drop (pair->first);
  fixture_drop (pair->second);
}

/* Lets time pass until the handle shows what it should. */
static void
await_status (AuHandle *handle,
              AuStatus  status)
{
  while (au_handle_get_status (handle) != status)
    {
      au_clock_advance (10 * G_TIME_SPAN_MILLISECOND);
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
}

static void
test_records_get_handle (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  g_autofree char *key = g_strdup (au_handle_get_key (handle));
  g_autoptr(AuHandle) live = NULL;
  g_autoptr(AuHandle) stored = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;
  HeldCall *call = held_call_take ();

  live = au_engine_get_handle (engine, key, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (au_handle_get_status (live), ==, AU_STATUS_RUNNING);
  held_call_return (call, g_variant_new_string ("done"));
  g_assert_true (fixture_wait (live, &error));
  g_clear_object (&live);
  g_clear_object (&handle);

  stored = au_engine_get_handle (engine, key, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (au_handle_is_ready (stored));
  value = au_handle_dup_result (stored, &error);
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, "done");
  g_assert_cmpstr (au_handle_get_function (stored), ==, "held");
  g_assert_false (au_handle_cancel (stored));

  g_assert_null (au_engine_get_handle (engine, "unknown", NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (au_engine_cancel (engine, "unknown", NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (au_engine_cancel (engine, key, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION);

  g_clear_object (&stored);
  fixture_drop (engine);
}

static void
test_records_list (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GListModel) all = NULL;
  g_autoptr(GListModel) completed = NULL;
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < 5; i++)
    {
      g_ptr_array_add (handles, fixture_submit (engine, "held", NULL, NULL));
      held_call_return (held_call_take (), g_variant_new_string ("done"));
      g_assert_true (fixture_wait (handles->pdata[i], NULL));
    }
  g_ptr_array_add (handles, fixture_submit (engine, "held", NULL, NULL));
  {
    HeldCall *call = held_call_take ();

    all = au_engine_list (engine, NULL, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (g_list_model_get_n_items (all), ==, 6);
    for (guint i = 0; i < 6; i++)
      {
        g_autoptr(AuHandle) handle = g_list_model_get_item (all, i);

        g_assert_cmpstr (au_handle_get_key (handle), ==, au_handle_get_key (handles->pdata[i]));
      }

    au_query_set_statuses (query, AU_STATUS_FLAGS_COMPLETED);
    completed = au_engine_list (engine, query, NULL, &error);
    g_assert_cmpuint (g_list_model_get_n_items (completed), ==, 5);
    held_call_return (call, g_variant_new_string ("done"));
  }

  g_assert_true (fixture_wait (handles->pdata[5], NULL));
  g_clear_object (&all);
  g_clear_object (&completed);
  g_clear_pointer (&handles, g_ptr_array_unref);
  fixture_drop (engine);
}

static void
test_records_cancel (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call = held_call_take ();
  g_autoptr(GError) error = NULL;

  g_assert_true (au_engine_cancel (engine, au_handle_get_key (handle), NULL, &error));
  held_call_expect (call, held_call_is_cancelled (call));
  held_call_fail (call, G_IO_ERROR, G_IO_ERROR_CANCELLED, "given up");
  g_assert_false (fixture_wait (handle, NULL));
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_CANCELLED);

  g_clear_object (&handle);
  fixture_drop (engine);
}

static void
test_records_retry (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  g_autoptr(AuHandle) again = NULL;
  g_autoptr(AuHandle) refused = NULL;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;
  const char *key = au_handle_get_key (handle);

  held_call_fail (held_call_take (), G_IO_ERROR, G_IO_ERROR_FAILED, "no");
  g_assert_false (fixture_wait (handle, NULL));

  again = au_engine_retry (engine, key, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (au_handle_get_key (again), ==, key);
  held_call_return (held_call_take (), g_variant_new_string ("yes"));
  g_assert_true (fixture_wait (again, &error));
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_FAILED);
  record = fixture_load (engine, key);
  g_assert_cmpint (au_record_get_status (record), ==, AU_STATUS_COMPLETED);
  g_assert_cmpuint (au_record_get_attempt (record), ==, 2);
  g_assert_cmpuint (au_record_get_failures (record), ==, 0);

  refused = au_engine_retry (engine, key, NULL, &error);
  g_assert_null (refused);
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION);

  g_clear_object (&handle);
  g_clear_object (&again);
  fixture_drop (engine);
}

static void
test_records_remove (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  g_autofree char *key = g_strdup (au_handle_get_key (handle));
  HeldCall *call = held_call_take ();
  g_autoptr(GError) error = NULL;

  g_assert_false (au_engine_remove (engine, key, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION);
  g_clear_error (&error);
  held_call_return (call, g_variant_new_string ("done"));
  g_assert_true (fixture_wait (handle, NULL));
  g_assert_true (au_engine_remove (engine, key, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (au_engine_get_handle (engine, key, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (au_engine_remove (engine, key, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_FOUND);

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* What one does the other one sees, by the store's own word or by the second, as the stopped clock
 * comes to it. */
static void
follow (gboolean silent)
{
  Pair pair;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuHandle) there = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;
  HeldCall *call;

  au_clock_freeze ();
  pair_init (&pair, AU_STORE_SHARED, silent);
  handle = fixture_submit (pair.first, "held", NULL, NULL);
  call = held_call_take ();
  there = au_engine_get_handle (pair.second, au_handle_get_key (handle), NULL, &error);
  g_assert_no_error (error);
  await_status (there, AU_STATUS_RUNNING);

  held_call_return (call, g_variant_new_string ("done"));
  await_status (there, AU_STATUS_COMPLETED);
  value = au_handle_dup_result (there, &error);
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, "done");
  g_assert_true (fixture_wait (handle, &error));

  g_clear_object (&handle);
  g_clear_object (&there);
  pair_clear (&pair);
  au_clock_thaw ();
}

static void
test_records_follow (void)
{
  follow (FALSE);
}

static void
test_records_follow_silent (void)
{
  follow (TRUE);
}

static gint waited;

static gpointer
wait_an_hour (gpointer data)
{
  gint64 begun = au_clock_get_monotonic_time ();
  g_autoptr(GError) error = NULL;

  g_assert_false (au_handle_wait (data, G_TIME_SPAN_HOUR, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (au_clock_get_monotonic_time () - begun, >=, G_TIME_SPAN_HOUR);
  g_atomic_int_set (&waited, TRUE);

  return NULL;
}

/* Whoever waits in a thread for so long waits by the clock, too. */
static void
test_records_wait_by_the_clock (void)
{
  g_autoptr(AuStore) store = fixture_held_store_new (0);
  AuEngine *engine = engine_on (store);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call = held_call_take ();
  GThread *thread;

  au_clock_freeze ();
  thread = g_thread_new ("wait", wait_an_hour, handle);
  while (!g_atomic_int_get (&waited))
    {
      au_clock_advance (G_TIME_SPAN_MINUTE);
      g_thread_yield ();
    }
  g_thread_join (thread);
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_RUNNING);
  au_clock_thaw ();

  held_call_return (call, g_variant_new_string ("done"));
  g_assert_true (fixture_wait (handle, NULL));
  g_clear_object (&handle);
  fixture_drop (engine);
}

/* An order from elsewhere reaches the function, even when reports were made meanwhile
 * that the store has not seen. */
static void
foreign_cancel (AuStoreFlags flags,
                guint        n_reports)
{
  Pair pair;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuHandle) there = NULL;
  g_autoptr(GError) error = NULL;
  HeldCall *call;

  au_clock_freeze ();
  pair_init (&pair, flags, FALSE);
  handle = fixture_submit (pair.first, "held", NULL, NULL);
  call = held_call_take ();
  there = au_engine_get_handle (pair.second, au_handle_get_key (handle), NULL, &error);
  await_status (there, AU_STATUS_RUNNING);
  for (guint i = 0; i < n_reports; i++)
    held_call_set_progress (call, i / 100.0, NULL);

  g_assert_true (au_handle_cancel (there));
  while (!held_call_is_cancelled (call))
    {
      au_clock_advance (10 * G_TIME_SPAN_MILLISECOND);
      g_thread_yield ();
    }
  held_call_fail (call, G_IO_ERROR, G_IO_ERROR_CANCELLED, "given up");
  g_assert_false (fixture_wait (handle, NULL));
  g_assert_cmpint (au_handle_get_status (handle), ==, AU_STATUS_CANCELLED);
  await_status (there, AU_STATUS_CANCELLED);

  g_clear_object (&handle);
  g_clear_object (&there);
  pair_clear (&pair);
  au_clock_thaw ();
}

static void
test_records_foreign_cancel (void)
{
  foreign_cancel (AU_STORE_SHARED, 0);
  foreign_cancel (AU_STORE_SHARED, 100);
  foreign_cancel (AU_STORE_SHARED | AU_STORE_IMMEDIATE, 0);
  foreign_cancel (AU_STORE_SHARED | AU_STORE_IMMEDIATE, 100);
  foreign_cancel (AU_STORE_IMMEDIATE, 100);
}

/* Two engines of one process are not orphans to each other. */
static void
test_records_peers (void)
{
  Pair pair;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuHandle) there = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) record = NULL;
  HeldCall *call;
  guint n_calls;

  pair_init (&pair, AU_STORE_IMMEDIATE, FALSE);
  handle = fixture_submit (pair.first, "held", NULL, NULL);
  call = held_call_take ();
  n_calls = held_call_count ();

  there = au_engine_resume (pair.second, au_handle_get_key (handle), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (held_call_count (), ==, n_calls);
  g_assert_false (au_engine_remove (pair.second, au_handle_get_key (handle), NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION);

  held_call_return (call, g_variant_new_string ("done"));
  g_assert_true (fixture_wait (handle, NULL));
  g_assert_true (fixture_wait (there, NULL));
  record = fixture_load (pair.first, au_handle_get_key (handle));
  g_assert_cmpuint (au_record_get_attempt (record), ==, 1);

  g_clear_object (&handle);
  g_clear_object (&there);
  pair_clear (&pair);
}

/* A record that a process left which is gone: made with the name of a child that has run. */
static char *
get_dead_owner (void)
{
  g_autoptr(GSubprocess) child = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) words = g_strsplit (au_owner_get_own (), "/", -1);

  child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE, &error, "cat", NULL);
  g_assert_no_error (error);
  g_free (words[2]);
  words[2] = g_strdup (g_subprocess_get_identifier (child));
  g_subprocess_force_exit (child);
  g_assert_true (g_subprocess_wait (child, NULL, &error));

  return g_strjoinv ("/", words);
}

static AuRecord *
insert_orphan (AuStore    *store,
               const char *key,
               guint       n_lost)
{
  g_autofree char *owner = get_dead_owner ();
  g_autoptr(AuRecord) record = au_record_new (key, "held", g_variant_new ("()"), NULL);
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (au_owner_get_state (owner), ==, AU_OWNER_STATE_DEAD);
  stored = au_store_insert (store, record, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i <= n_lost; i++)
    {
      g_autoptr(AuRecord) running = au_transition_begin (stored, owner, 0, &error);
      g_autoptr(GError) reason = g_error_new_literal (AU_ERROR, AU_ERROR_WORKER_LOST, "lost");

      g_assert_true (au_store_replace (store, running, au_record_get_revision (stored), NULL,
                                       &error));
      g_assert_no_error (error);
      if (i == n_lost)
        return g_steal_pointer (&running);

      g_clear_pointer (&stored, au_record_unref);
      stored = au_transition_lose (running, i + 1, reason, &error);
      g_assert_true (au_store_replace (store, stored, au_record_get_revision (running), NULL,
                                       &error));
    }

  return NULL;
}

static void
test_records_resume (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuRecord) orphan = insert_orphan (au_engine_get_store (engine), "orphan", 0);
  g_autoptr(AuRecord) hopeless = insert_orphan (au_engine_get_store (engine), "hopeless", 2);
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuHandle) looked = NULL;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuHandle) failed = NULL;
  g_autoptr(AuHandle) ended = NULL;
  g_autoptr(GError) error = NULL;
  guint n_calls;
  HeldCall *call;

  looked = au_engine_get_handle (engine, "orphan", NULL, &error);
  g_assert_cmpint (au_handle_get_status (looked), ==, AU_STATUS_RUNNING);
  handle = au_engine_resume (engine, "orphan", NULL, &error);
  g_assert_no_error (error);
  call = held_call_take ();
  g_assert_cmpuint (held_call_get_attempt (call), ==, 2);
  n_calls = held_call_count ();

  /* once is enough */
  ended = au_engine_resume (engine, "orphan", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (held_call_count (), ==, n_calls);

  held_call_return (call, g_variant_new_string ("done"));
  g_assert_true (fixture_wait (handle, &error));
  g_assert_true (fixture_wait (ended, &error));
  g_assert_true (fixture_wait (looked, &error));
  record = fixture_load (engine, "orphan");
  g_assert_cmpuint (au_record_get_lost (record), ==, 1);
  g_assert_cmpstr (au_record_get_owner (record), ==, au_owner_get_own ());

  /* the third loss is the last */
  failed = au_engine_resume (engine, "hopeless", NULL, &error);
  g_assert_no_error (error);
  g_assert_false (fixture_wait (failed, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WORKER_LOST);
  g_assert_cmpuint (held_call_count (), ==, n_calls);

  g_clear_object (&looked);
  g_clear_object (&handle);
  g_clear_object (&failed);
  g_clear_object (&ended);
  fixture_drop (engine);
}

/* To submit again what a process left behind is to ask for its end: it is taken over. */
static void
test_records_submitted_again (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  g_autoptr(AuRecord) orphan = insert_orphan (au_engine_get_store (engine), "orphan", 0);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GError) error = NULL;
  HeldCall *call;

  au_options_set_key (options, "orphan");
  handle = fixture_submit (engine, "held", g_variant_new ("()"), options);
  call = held_call_take ();
  g_assert_cmpuint (held_call_get_attempt (call), ==, 2);
  held_call_return (call, g_variant_new_string ("done"));
  g_assert_true (fixture_wait (handle, &error));
  g_assert_no_error (error);

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* Whoever waits for a record that is removed must not wait for ever. */
static void
test_records_removed_elsewhere (void)
{
  AuEngine *engine = fixture_engine_new (&held_parts);
  g_autoptr(AuRecord) orphan = insert_orphan (au_engine_get_store (engine), "orphan", 0);
  g_autoptr(AuHandle) handle = au_engine_get_handle (engine, "orphan", NULL, NULL);
  g_autoptr(GError) error = NULL;

  au_clock_freeze ();
  g_assert_true (au_store_remove (au_engine_get_store (engine), "orphan", NULL, &error));
  while (!au_handle_is_ready (handle))
    {
      au_clock_advance (10 * G_TIME_SPAN_MILLISECOND);
      g_thread_yield ();
    }
  g_assert_false (au_handle_wait (handle, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_FOUND);
  au_clock_thaw ();

  g_clear_object (&handle);
  fixture_drop (engine);
}

/* Another process has taken the computation over: what is done here does not count. */
static void
test_records_taken_over (void)
{
  g_autoptr(AuStore) store = fixture_held_store_new (AU_STORE_SHARED);
  AuEngine *engine = engine_on (store);
  g_autoptr(AuHandle) handle = fixture_submit (engine, "held", NULL, NULL);
  HeldCall *call = held_call_take ();
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) adopted = NULL;
  g_autoptr(AuRecord) running = NULL;
  g_autoptr(AuRecord) completed = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  au_clock_freeze ();
  do
    {
      g_clear_pointer (&record, au_record_unref);
      record = fixture_load (engine, au_handle_get_key (handle));
    }
  while (au_record_get_status (record) != AU_STATUS_RUNNING);

  adopted = au_transition_adopt (record, "elsewhere/boot/1/1", &error);
  g_assert_true (au_store_replace (store, adopted, au_record_get_revision (record), NULL, &error));
  running = au_transition_begin (adopted, "elsewhere/boot/1/1", 0, &error);
  g_assert_true (au_store_replace (store, running, au_record_get_revision (adopted), NULL, &error));
  g_assert_no_error (error);

  while (!held_call_is_cancelled (call))
    {
      au_clock_advance (10 * G_TIME_SPAN_MILLISECOND);
      g_thread_yield ();
    }
  held_call_return (call, g_variant_new_string ("ours"));
  g_assert_false (au_handle_is_ready (handle));

  completed = au_transition_complete (running, 2, g_variant_new_string ("theirs"), &error);
  g_assert_true (au_store_replace (store, completed, au_record_get_revision (running), NULL,
                                   &error));
  await_status (handle, AU_STATUS_COMPLETED);
  value = au_handle_dup_result (handle, &error);
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, "theirs");
  au_clock_thaw ();

  g_clear_object (&handle);
  g_clear_object (&store);
  fixture_drop (engine);
}

int
main (int   argc,
      char *argv[])
{
  fixture_init (&argc, &argv, NULL);

  fixture_add ("/engine/records/get-handle", "loop thread process", test_records_get_handle);
  fixture_add ("/engine/records/list", "thread process", test_records_list);
  fixture_add ("/engine/records/cancel", "loop thread process", test_records_cancel);
  fixture_add ("/engine/records/retry", "loop thread process", test_records_retry);
  fixture_add ("/engine/records/remove", "loop thread process", test_records_remove);
  fixture_add ("/engine/records/submitted-again", "loop thread process", test_records_submitted_again);
  fixture_add ("/engine/records/resume", "loop thread process", test_records_resume);
  g_test_add_func ("/engine/records/follow", test_records_follow);
  g_test_add_func ("/engine/records/follow-silent", test_records_follow_silent);
  g_test_add_func ("/engine/records/wait-by-the-clock", test_records_wait_by_the_clock);
  g_test_add_func ("/engine/records/foreign-cancel", test_records_foreign_cancel);
  g_test_add_func ("/engine/records/peers", test_records_peers);
  g_test_add_func ("/engine/records/removed-elsewhere", test_records_removed_elsewhere);
  g_test_add_func ("/engine/records/taken-over", test_records_taken_over);

  return g_test_run ();
}
