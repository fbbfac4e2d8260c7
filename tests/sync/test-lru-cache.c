/* test-lru-cache.c: tables that forget, and calls that are made once
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "sync-fixture.h"

/* Tables */

static void
set_number (AuLru *lru,
            guint  key,
            guint  value)
{
  au_lru_set (lru, g_variant_new_uint32 (key), g_variant_new_uint32 (value));
}

static guint
get_number (AuLru *lru,
            guint  key)
{
  g_autoptr(GVariant) value = au_lru_get (lru, g_variant_new_uint32 (key));

  return value != NULL ? g_variant_get_uint32 (value) : 0;
}

static void
test_lru_order (void)
{
  g_autoptr(AuLru) lru = au_lru_new (3, -1);
  g_autoptr(GVariant) there = NULL;

  set_number (lru, 1, 11);
  set_number (lru, 2, 12);
  set_number (lru, 3, 13);
  g_assert_cmpuint (get_number (lru, 1), ==, 11);
  set_number (lru, 4, 14);
  g_assert_cmpuint (get_number (lru, 2), ==, 0);

  /* to overwrite is to use, and so is to ask for what may be there */
  set_number (lru, 3, 23);
  there = au_lru_set_default (lru, g_variant_new_uint32 (1), g_variant_new_uint32 (99));
  g_assert_cmpuint (g_variant_get_uint32 (there), ==, 11);
  set_number (lru, 5, 15);
  g_assert_cmpuint (get_number (lru, 4), ==, 0);
  g_assert_cmpuint (get_number (lru, 3), ==, 23);
  g_assert_cmpuint (get_number (lru, 1), ==, 11);
  g_assert_cmpuint (au_lru_get_size (lru), ==, 3);
  g_assert_cmpuint (au_lru_get_hits (lru), ==, 3);
  g_assert_cmpuint (au_lru_get_misses (lru), ==, 2);

  g_assert_true (au_lru_remove (lru, g_variant_new_uint32 (1)));
  g_assert_false (au_lru_remove (lru, g_variant_new_uint32 (1)));
  au_lru_clear (lru);
  g_assert_cmpuint (au_lru_get_size (lru), ==, 0);
  g_assert_cmpuint (get_number (lru, 3), ==, 0);
}

static void
test_lru_one (void)
{
  g_autoptr(AuLru) lru = au_lru_new (1, G_TIME_SPAN_SECOND);

  for (guint i = 1; i < 100; i++)
    {
      set_number (lru, i, i);
      g_assert_cmpuint (get_number (lru, i), ==, i);
      g_assert_cmpuint (au_lru_get_size (lru), ==, 1);
    }
}

/* A model of what it should do, kept in the simplest way. */
static void
test_lru_model (void)
{
  g_autoptr(AuLru) lru = au_lru_new (10, -1);
  GQueue model = G_QUEUE_INIT;

  for (guint i = 0; i < 20000; i++)
    {
      guint key = g_test_rand_int_range (1, 25);
      GList *link = g_queue_find (&model, GUINT_TO_POINTER (key));

      switch (g_test_rand_int_range (0, 5))
        {
        case 0:
          g_assert_cmpint (au_lru_remove (lru, g_variant_new_uint32 (key)), ==, link != NULL);
          if (link != NULL)
            g_queue_delete_link (&model, link);
          continue;

        case 1:
        case 2:
          set_number (lru, key, key);
          if (link == NULL && model.length == 10)
            g_queue_pop_head (&model);
          break;

        default:
          g_assert_cmpuint (get_number (lru, key), ==, link != NULL ? key : 0);
          if (link == NULL)
            continue;
          break;
        }
      if (link != NULL)
        g_queue_delete_link (&model, link);
      g_queue_push_tail (&model, GUINT_TO_POINTER (key));
    }
  g_queue_clear (&model);
}

/* Counts from the insertion, and getting does not make it longer. */
static void
test_lru_ttl (void)
{
  g_autoptr(AuLru) lru = au_lru_new (0, 10 * G_TIME_SPAN_SECOND);

  au_clock_freeze ();
  set_number (lru, 1, 1);
  au_clock_advance (6 * G_TIME_SPAN_SECOND);
  set_number (lru, 2, 2);
  g_assert_cmpuint (get_number (lru, 1), ==, 1);
  au_clock_advance (4 * G_TIME_SPAN_SECOND - 1);
  g_assert_cmpuint (get_number (lru, 1), ==, 1);
  au_clock_advance (1);
  g_assert_cmpuint (get_number (lru, 1), ==, 0);
  g_assert_cmpuint (au_lru_get_size (lru), ==, 1);
  set_number (lru, 2, 22);
  au_clock_advance (6 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (get_number (lru, 2), ==, 22);

  for (guint i = 10; i < 1000; i++)
    {
      set_number (lru, i, i);
      au_clock_advance (G_TIME_SPAN_SECOND);
    }
  g_assert_cmpuint (au_lru_get_size (lru), <, 30);
  au_clock_thaw ();
}

/* What no longer fits goes at once, the least recently used first. */
static void
test_lru_limit (void)
{
  g_autoptr(AuLru) lru = au_lru_new (0, -1);
  guint size, max_size;
  guint64 hits, misses;

  for (guint i = 0; i < 5; i++)
    au_lru_set (lru, g_variant_new_uint32 (i), g_variant_new_uint32 (i));
  g_variant_unref (au_lru_get (lru, g_variant_new_uint32 (0)));
  au_lru_set_max_size (lru, 2);
  g_assert_null (au_lru_get (lru, g_variant_new_uint32 (3)));
  g_variant_unref (au_lru_get (lru, g_variant_new_uint32 (4)));
  g_variant_unref (au_lru_get (lru, g_variant_new_uint32 (0)));
  g_object_get (lru, "size", &size, "max-size", &max_size, "hits", &hits, "misses", &misses, NULL);
  g_assert_cmpuint (size, ==, 2);
  g_assert_cmpuint (max_size, ==, 2);
  g_assert_cmpuint (hits, ==, 3);
  g_assert_cmpuint (misses, ==, 1);
  au_lru_set_max_size (lru, 3);
  for (guint i = 5; i < 9; i++)
    au_lru_set (lru, g_variant_new_uint32 (i), g_variant_new_uint32 (i));
  g_assert_cmpuint (au_lru_get_size (lru), ==, 3);
}

static void
test_lru_pointers (void)
{
  AuLru *lru = au_lru_new_full (2, -1, g_str_hash, g_str_equal, (GBoxedCopyFunc) g_strdup,
                                g_free, g_object_ref, g_object_unref);
  GCancellable *object = g_cancellable_new ();
  gpointer weak = object;
  gpointer got;

  g_object_add_weak_pointer (G_OBJECT (object), &weak);
  au_lru_set (lru, "a", object);
  g_object_unref (object);
  got = au_lru_get (lru, "a");
  g_assert_true (got == weak);
  g_object_unref (got);
  g_object_unref (lru);
  g_assert_null (weak);
}

/* Calls */

typedef struct
{
  int        n_calls;
  int        n_cancelled;
  GPtrArray *tasks;
} Calls;

static GVariant *
call_func (AuTask   *task,
           gpointer  data,
           GError  **error)
{
  Calls *calls = data;
  guint number = g_variant_get_uint32 (au_task_get_argument (task));

  g_atomic_int_inc (&calls->n_calls);
  if (number >= 100)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
      return NULL;
    }
  return g_variant_new_uint32 (number * number);
}

/* The test ends these. */
static void
start_func (AuTask   *task,
            gpointer  data)
{
  Calls *calls = data;

  calls->n_calls++;
  g_ptr_array_add (calls->tasks, g_object_ref (task));
}

static guint
call (AuCache *cache,
      guint    number)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = au_cache_get (cache, g_variant_new_uint32 (number), -1, NULL, &error);

  g_assert_no_error (error);
  return g_variant_get_uint32 (value);
}

static void
test_cache_keeps (void)
{
  Calls calls = { 0 };
  g_autoptr(AuCache) cache = au_cache_new (call_func, &calls, NULL);
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_false (au_cache_try_get (cache, g_variant_new_uint32 (3), &value, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_cmpuint (call (cache, 3), ==, 9);
  g_assert_cmpuint (call (cache, 3), ==, 9);
  g_assert_true (au_cache_try_get (cache, g_variant_new_uint32 (3), &value, &error));
  g_assert_cmpint (calls.n_calls, ==, 1);
  g_assert_cmpuint (au_cache_get_hits (cache), ==, 2);
  g_assert_cmpuint (au_cache_get_misses (cache), ==, 1);
  au_cache_remove (cache, g_variant_new_uint32 (3));
  g_assert_cmpuint (call (cache, 3), ==, 9);
  g_assert_cmpint (calls.n_calls, ==, 2);
  au_cache_clear (cache);
  g_assert_cmpuint (au_cache_get_size (cache), ==, 0);
}

static void
test_cache_errors (void)
{
  Calls calls = { 0 };
  g_autoptr(AuCache) cache = au_cache_new (call_func, &calls, NULL);

  for (guint i = 0; i < 6; i++)
    {
      g_autoptr(GError) error = NULL;

      if (i == 3)
        au_cache_set_evict_on_error (cache, FALSE);
      g_assert_null (au_cache_get (cache, g_variant_new_uint32 (100), -1, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
      g_assert_cmpint (calls.n_calls, ==, MIN (i + 1, 4));
    }
}

static void
test_cache_lru (void)
{
  Calls calls = { 0 };
  g_autoptr(AuCache) cache = au_cache_new (call_func, &calls, NULL);

  au_cache_set_max_size (cache, 2);
  call (cache, 1);
  call (cache, 2);
  call (cache, 1);
  call (cache, 3);
  g_assert_cmpuint (au_cache_get_size (cache), ==, 2);
  g_assert_cmpint (calls.n_calls, ==, 3);
  call (cache, 1);
  g_assert_cmpint (calls.n_calls, ==, 3);
  call (cache, 2);
  g_assert_cmpint (calls.n_calls, ==, 4);
  au_cache_set_max_size (cache, 1);
  g_assert_cmpuint (au_cache_get_size (cache), ==, 1);
}

static void
get_async (AuCache      *cache,
           guint         number,
           GCancellable *cancellable,
           SyncOutcome  *outcome)
{
  au_cache_get_async (cache, g_variant_new_uint32 (number), cancellable, sync_outcome_cb, outcome);
}

static guint
finish (AuCache     *cache,
        SyncOutcome *outcome)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = au_cache_get_finish (cache, sync_outcome_await (outcome), &error);

  g_assert_no_error (error);
  sync_outcome_clear (outcome);
  return g_variant_get_uint32 (value);
}

static void
assert_cancelled (AuCache     *cache,
                  SyncOutcome *outcome)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (au_cache_get_finish (cache, sync_outcome_await (outcome), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  sync_outcome_clear (outcome);
}

/* The time counts from the end of the call. */
static void
test_cache_ttl (void)
{
  Calls calls = { 0, 0, g_ptr_array_new_with_free_func (g_object_unref) };
  g_autoptr(AuCache) cache = au_cache_new_starting (start_func, &calls, NULL);
  g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;

  au_clock_freeze ();
  au_cache_set_ttl (cache, 10 * G_TIME_SPAN_SECOND);
  get_async (cache, 1, NULL, &outcome);
  sync_iterate ();
  au_clock_advance (G_TIME_SPAN_HOUR);
  au_task_return_value (calls.tasks->pdata[0], g_variant_new_uint32 (1));
  g_assert_cmpuint (finish (cache, &outcome), ==, 1);
  au_clock_advance (10 * G_TIME_SPAN_SECOND - 1);
  g_assert_cmpuint (call (cache, 1), ==, 1);
  au_clock_advance (1);
  g_assert_false (au_cache_try_get (cache, g_variant_new_uint32 (1), NULL, NULL));

  get_async (cache, 1, NULL, &outcome);
  sync_iterate ();
  g_assert_cmpint (calls.n_calls, ==, 2);
  au_task_return_value (calls.tasks->pdata[1], g_variant_new_uint32 (2));
  g_assert_cmpuint (finish (cache, &outcome), ==, 2);
  g_ptr_array_unref (calls.tasks);
  au_clock_thaw ();
}

/* One who gives up harms nobody, the first one neither. */
static void
test_cache_waiters (void)
{
  Calls calls = { 0, 0, g_ptr_array_new_with_free_func (g_object_unref) };
  g_autoptr(AuCache) cache = au_cache_new_starting (start_func, &calls, NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  SyncOutcome outcomes[4] = { { NULL } };

  for (guint i = 0; i < 4; i++)
    get_async (cache, 5, i % 2 == 0 ? cancellable : NULL, &outcomes[i]);
  sync_iterate ();
  g_assert_cmpint (calls.n_calls, ==, 1);
  g_assert_cmpuint (au_cache_get_shared (cache), ==, 3);
  g_cancellable_cancel (cancellable);
  assert_cancelled (cache, &outcomes[0]);
  assert_cancelled (cache, &outcomes[2]);
  g_assert_false (g_cancellable_is_cancelled (au_task_get_cancellable (calls.tasks->pdata[0])));
  au_task_return_value (calls.tasks->pdata[0], g_variant_new_uint32 (25));
  g_assert_cmpuint (finish (cache, &outcomes[1]), ==, 25);
  g_assert_cmpuint (finish (cache, &outcomes[3]), ==, 25);
  g_assert_cmpuint (call (cache, 5), ==, 25);
  g_ptr_array_unref (calls.tasks);
}

/* When the last one gives up, the call is cancelled, and the next one has it made anew. */
static void
test_cache_last_waiter (void)
{
  Calls calls = { 0, 0, g_ptr_array_new_with_free_func (g_object_unref) };
  g_autoptr(AuCache) cache = au_cache_new_starting (start_func, &calls, NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) late = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "late");
  SyncOutcome outcomes[3] = { { NULL } };

  au_cache_set_evict_on_error (cache, FALSE);
  get_async (cache, 5, cancellable, &outcomes[0]);
  get_async (cache, 5, cancellable, &outcomes[1]);
  sync_iterate ();
  g_cancellable_cancel (cancellable);
  assert_cancelled (cache, &outcomes[0]);
  assert_cancelled (cache, &outcomes[1]);
  g_assert_true (g_cancellable_is_cancelled (au_task_get_cancellable (calls.tasks->pdata[0])));

  get_async (cache, 5, NULL, &outcomes[2]);
  sync_iterate ();
  g_assert_cmpint (calls.n_calls, ==, 2);
  au_task_return_error (calls.tasks->pdata[0], late);
  au_task_return_value (calls.tasks->pdata[1], g_variant_new_uint32 (7));
  g_assert_cmpuint (finish (cache, &outcomes[2]), ==, 7);
  g_assert_cmpuint (call (cache, 5), ==, 7);
  g_ptr_array_unref (calls.tasks);
}

/* The same as tasks, of which everybody has one. */
static void
test_cache_tasks (void)
{
  Calls calls = { 0, 0, g_ptr_array_new_with_free_func (g_object_unref) };
  g_autoptr(AuCache) cache = au_cache_new_starting (start_func, &calls, NULL);
  g_autoptr(AuTaskGroup) group = au_task_group_new ();
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;
  AuTask *tasks[6];

  for (guint i = 0; i < 3; i++)
    tasks[i] = au_cache_get_task (cache, g_variant_new_uint32 (5));
  sync_iterate ();
  g_assert_cmpint (calls.n_calls, ==, 1);
  g_assert_true (au_task_group_add (group, tasks[1], &error));

  /* one that is cancelled harms no other */
  au_task_cancel (tasks[0]);
  g_assert_true (au_task_is_done (tasks[0]));
  g_assert_null (au_task_dup_value (tasks[0], &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (au_task_is_done (tasks[1]));
  g_assert_false (au_task_wait (tasks[1], -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK);
  g_clear_error (&error);
  au_task_return_value (calls.tasks->pdata[0], g_variant_new_uint32 (8));
  au_task_group_close_async (group, NULL, sync_outcome_cb, &outcome);
  g_assert_true (au_task_group_close_finish (group, sync_outcome_await (&outcome), NULL));
  value = au_task_dup_value (tasks[2], &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_variant_get_uint32 (value), ==, 8);

  /* what is known has ended, and to cancel that does nothing */
  tasks[3] = au_cache_get_task (cache, g_variant_new_uint32 (5));
  au_task_cancel (tasks[3]);
  g_assert_true (au_task_wait (tasks[3], 0, NULL, &error));
  g_assert_no_error (error);

  /* when the last one has given up, so does the call */
  tasks[4] = au_cache_get_task (cache, g_variant_new_uint32 (6));
  tasks[5] = au_cache_get_task (cache, g_variant_new_uint32 (6));
  sync_iterate ();
  g_assert_cmpint (calls.n_calls, ==, 2);
  au_task_cancel (tasks[4]);
  g_assert_false (g_cancellable_is_cancelled (au_task_get_cancellable (calls.tasks->pdata[1])));
  au_task_cancel (tasks[5]);
  g_assert_true (g_cancellable_is_cancelled (au_task_get_cancellable (calls.tasks->pdata[1])));
  g_assert_false (au_cache_try_get (cache, g_variant_new_uint32 (6), NULL, NULL));
  au_task_return_value (calls.tasks->pdata[1], NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tasks); i++)
    g_object_unref (tasks[i]);
  g_ptr_array_unref (calls.tasks);
}

/* Those under way are not forgotten, however many there are. */
static void
test_cache_full_of_calls (void)
{
  Calls calls = { 0, 0, g_ptr_array_new_with_free_func (g_object_unref) };
  g_autoptr(AuCache) cache = au_cache_new_starting (start_func, &calls, NULL);
  SyncOutcome outcomes[6] = { { NULL } };

  au_cache_set_max_size (cache, 2);
  for (guint i = 0; i < 6; i++)
    get_async (cache, i % 3, NULL, &outcomes[i]);
  sync_iterate ();
  g_assert_cmpint (calls.n_calls, ==, 3);
  for (guint i = 0; i < 3; i++)
    au_task_return_value (calls.tasks->pdata[i], g_variant_new_uint32 (i));
  for (guint i = 0; i < 6; i++)
    g_assert_cmpuint (finish (cache, &outcomes[i]), ==, i % 3);
  g_assert_cmpuint (au_cache_get_size (cache), ==, 2);
  g_ptr_array_unref (calls.tasks);
}

static void
test_cache_would_deadlock (void)
{
  Calls calls = { 0 };
  g_autoptr(AuCache) cache = au_cache_new_starting (start_func, &calls, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_null (au_cache_get (cache, g_variant_new_uint32 (1), -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK);
}

static GVariant *
modulo_func (GVariant *key,
             gpointer  data)
{
  return g_variant_new_uint32 (g_variant_get_uint32 (key) % 10);
}

static void
test_cache_key_func (void)
{
  Calls calls = { 0 };
  g_autoptr(AuCache) cache = au_cache_new (call_func, &calls, NULL);

  au_cache_set_key_func (cache, modulo_func, NULL, NULL);
  g_assert_cmpuint (call (cache, 3), ==, 9);
  g_assert_cmpuint (call (cache, 13), ==, 9);
  g_assert_cmpint (calls.n_calls, ==, 1);
}

/* Threads and loops, that ask and give up. */

#define N_THREADS (4)

typedef struct
{
  AuCache *cache;
  guint    n;
} Shared;

static void
try_task (AuCache  *cache,
          guint     key,
          gboolean  cancel)
{
  g_autoptr(AuTask) task = au_cache_get_task (cache, g_variant_new_uint32 (key));
  g_autoptr(GVariant) value = NULL;

  if (cancel)
    au_task_cancel (task);
  if (au_task_wait (task, -1, NULL, NULL))
    {
      value = au_task_dup_value (task, NULL);
      g_assert_cmpuint (g_variant_get_uint32 (value), ==, key * key);
    }
  else
    {
      g_assert_true (cancel);
    }
}

static gpointer
stress_thread (gpointer data)
{
  Shared *shared = data;
  g_autoptr(GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  for (guint i = 0; i < shared->n; i++)
    {
      guint key = g_rand_int_range (rand, 0, 40);
      g_autoptr(GVariant) value =
        au_cache_get (shared->cache, g_variant_new_uint32 (key),
                      g_rand_boolean (rand) ? -1 : g_rand_int_range (rand, 0, 40), NULL, NULL);

      if (value != NULL)
        g_assert_cmpuint (g_variant_get_uint32 (value), ==, key * key);
      if (i % 3 == 0)
        try_task (shared->cache, key, g_rand_boolean (rand));
      if (g_rand_int_range (rand, 0, 50) == 0)
        au_cache_remove (shared->cache, g_variant_new_uint32 (key));
    }

  return NULL;
}

static void
stress_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(GVariant) value = au_cache_get_finish (AU_CACHE (source), result, NULL);

  --*(guint *) data;
}

static gpointer
stress_loop_thread (gpointer data)
{
  Shared *shared = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GRand) rand = g_rand_new_with_seed (g_test_rand_int ());
  guint n_pending = 0;

  g_main_context_push_thread_default (context);
  for (guint i = 0; i < shared->n; i++)
    {
      g_autoptr(GCancellable) cancellable = g_rand_boolean (rand) ? g_cancellable_new () : NULL;

      n_pending++;
      au_cache_get_async (shared->cache, g_variant_new_uint32 (g_rand_int_range (rand, 0, 40)),
                          cancellable, stress_cb, &n_pending);
      if (cancellable != NULL)
        g_cancellable_cancel (cancellable);
      while (n_pending > 10)
        g_main_context_iteration (context, TRUE);
    }
  while (n_pending > 0)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_cache_stress (void)
{
  Calls calls = { 0 };
  Shared shared = { au_cache_new (call_func, &calls, NULL), SYNC_MANY (20000) / 8 };
  GThread *threads[2 * N_THREADS];

  au_cache_set_max_size (shared.cache, 20);
  au_cache_set_ttl (shared.cache, 500);
  for (guint i = 0; i < N_THREADS; i++)
    {
      threads[2 * i] = g_thread_new ("stress", stress_thread, &shared);
      threads[2 * i + 1] = g_thread_new ("stress-loop", stress_loop_thread, &shared);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  sync_await (g_atomic_int_get (&G_OBJECT (shared.cache)->ref_count) == 1);
  g_assert_cmpuint (au_cache_get_size (shared.cache), <=, 20);
  g_object_unref (shared.cache);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sync/lru/order", test_lru_order);
  g_test_add_func ("/sync/lru/one", test_lru_one);
  g_test_add_func ("/sync/lru/model", test_lru_model);
  g_test_add_func ("/sync/lru/ttl", test_lru_ttl);
  g_test_add_func ("/sync/lru/limit", test_lru_limit);
  g_test_add_func ("/sync/lru/pointers", test_lru_pointers);
  g_test_add_func ("/sync/cache/keeps", test_cache_keeps);
  g_test_add_func ("/sync/cache/errors", test_cache_errors);
  g_test_add_func ("/sync/cache/lru", test_cache_lru);
  g_test_add_func ("/sync/cache/ttl", test_cache_ttl);
  g_test_add_func ("/sync/cache/waiters", test_cache_waiters);
  g_test_add_func ("/sync/cache/last-waiter", test_cache_last_waiter);
  g_test_add_func ("/sync/cache/tasks", test_cache_tasks);
  g_test_add_func ("/sync/cache/full-of-calls", test_cache_full_of_calls);
  g_test_add_func ("/sync/cache/would-deadlock", test_cache_would_deadlock);
  g_test_add_func ("/sync/cache/key-func", test_cache_key_func);
  g_test_add_func ("/sync/cache/stress", test_cache_stress);

  return g_test_run ();
}
