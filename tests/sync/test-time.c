/* test-time.c: schedulers and batchers, and orders of names
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "sync-fixture.h"

#define SECOND G_TIME_SPAN_SECOND

/* Schedulers */

static guint
number_of (GVariant *payload)
{
  guint number;

  g_assert_nonnull (payload);
  number = g_variant_get_uint32 (payload);
  g_variant_unref (payload);

  return number;
}

static guint64
add_number (AuScheduler *scheduler,
            GTimeSpan    delay,
            guint        number)
{
  return au_scheduler_add_after (scheduler, delay, g_variant_new_uint32 (number), NULL);
}

static void
test_scheduler_order (void)
{
  g_autoptr(AuScheduler) scheduler = au_scheduler_new ();

  au_clock_freeze ();
  add_number (scheduler, 3 * SECOND, 4);
  add_number (scheduler, SECOND, 1);
  add_number (scheduler, 2 * SECOND, 2);
  add_number (scheduler, 2 * SECOND, 3);
  g_assert_nonnull (GUINT_TO_POINTER (au_scheduler_add (scheduler, au_clock_get_real_time () + 4 * SECOND,
                                                        g_variant_new_uint32 (5), NULL)));
  g_assert_cmpuint (au_scheduler_get_n_pending (scheduler), ==, 5);

  /* never early, and all that is due at once */
  g_assert_null (au_scheduler_try_next (scheduler));
  au_clock_advance (SECOND - 1);
  g_assert_null (au_scheduler_try_next (scheduler));
  au_clock_advance (1);
  g_assert_cmpuint (number_of (au_scheduler_try_next (scheduler)), ==, 1);
  g_assert_null (au_scheduler_try_next (scheduler));
  au_clock_advance (3 * SECOND);
  for (guint i = 2; i <= 5; i++)
    g_assert_cmpuint (number_of (au_scheduler_try_next (scheduler)), ==, i);
  au_clock_thaw ();
}

typedef struct
{
  AuScheduler *scheduler;
  guint        number;
} Waiter;

static gpointer
next_thread (gpointer data)
{
  Waiter *self = data;

  self->number = number_of (au_scheduler_next (self->scheduler, -1, NULL, NULL));
  return NULL;
}

static void
test_scheduler_waits (void)
{
  g_autoptr(AuScheduler) scheduler = au_scheduler_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  Waiter waiter = { scheduler };
  g_auto(SyncOutcome) first = SYNC_OUTCOME_INIT;
  g_auto(SyncOutcome) given_up = SYNC_OUTCOME_INIT;
  GThread *thread;

  au_clock_freeze ();
  add_number (scheduler, 10 * SECOND, 2);
  au_scheduler_next_async (scheduler, NULL, sync_outcome_cb, &first);
  au_scheduler_next_async (scheduler, cancellable, sync_outcome_cb, &given_up);
  /* one that is due before what they wait for */
  add_number (scheduler, 5 * SECOND, 1);
  g_cancellable_cancel (cancellable);
  g_assert_null (au_scheduler_next_finish (scheduler, sync_outcome_await (&given_up), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  thread = g_thread_new ("next", next_thread, &waiter);
  au_clock_advance (5 * SECOND);
  g_assert_cmpuint (number_of (au_scheduler_next_finish (scheduler, sync_outcome_await (&first), NULL)), ==, 1);
  au_clock_advance (5 * SECOND);
  g_thread_join (thread);
  g_assert_cmpuint (waiter.number, ==, 2);
  au_clock_thaw ();
}

static void
test_scheduler_cancel (void)
{
  g_autoptr(AuScheduler) scheduler = au_scheduler_new ();
  guint64 id, other;

  id = add_number (scheduler, 0, 1);
  g_assert_true (au_scheduler_cancel (scheduler, id));
  g_assert_false (au_scheduler_cancel (scheduler, id));
  other = add_number (scheduler, 0, 2);
  g_assert_cmpuint (other, !=, id);
  g_assert_false (au_scheduler_cancel (scheduler, id));
  g_assert_cmpuint (number_of (au_scheduler_try_next (scheduler)), ==, 2);
  g_assert_false (au_scheduler_cancel (scheduler, other));
  g_assert_false (au_scheduler_cancel (scheduler, 12345));

  /* none is left behind */
  for (guint i = 0; i < 1000; i++)
    g_assert_true (au_scheduler_cancel (scheduler, add_number (scheduler, SECOND * i, i)));
  g_assert_cmpuint (au_scheduler_get_n_pending (scheduler), ==, 0);
}

static void
test_scheduler_close (void)
{
  g_autoptr(AuScheduler) scheduler = au_scheduler_new ();
  g_autoptr(AuScheduler) empty = au_scheduler_new ();
  g_autoptr(GError) error = NULL;
  g_auto(SyncOutcome) waiting = SYNC_OUTCOME_INIT;
  g_auto(SyncOutcome) joining = SYNC_OUTCOME_INIT;
  g_auto(SyncOutcome) last = SYNC_OUTCOME_INIT;

  au_scheduler_next_async (empty, NULL, sync_outcome_cb, &waiting);
  sync_iterate ();
  au_scheduler_close (empty);
  g_assert_null (au_scheduler_next_finish (empty, sync_outcome_await (&waiting), &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
  g_clear_error (&error);

  au_clock_freeze ();
  add_number (scheduler, SECOND, 1);
  sync_outcome_clear (&waiting);
  au_scheduler_next_async (scheduler, NULL, sync_outcome_cb, &waiting);
  au_scheduler_next_async (scheduler, NULL, sync_outcome_cb, &last);
  au_scheduler_join_async (scheduler, NULL, sync_outcome_cb, &joining);
  au_scheduler_close (scheduler);
  g_assert_cmpuint (au_scheduler_add (scheduler, 0, g_variant_new_uint32 (2), &error), ==, 0);
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
  g_clear_error (&error);
  sync_iterate ();
  g_assert_cmpuint (joining.n_calls, ==, 0);
  au_clock_advance (SECOND);
  g_assert_cmpuint (number_of (au_scheduler_next_finish (scheduler, sync_outcome_await (&waiting), NULL)), ==, 1);
  g_assert_true (au_scheduler_join_finish (scheduler, sync_outcome_await (&joining), NULL));
  g_assert_null (au_scheduler_next_finish (scheduler, sync_outcome_await (&last), &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
  g_assert_true (au_scheduler_join (scheduler, 0, NULL, NULL));
  au_clock_thaw ();
}

/* Threads that add and cancel, threads and loops that get: each once or cancelled. */

#define N_THREADS (3)

typedef struct
{
  AuScheduler *scheduler;
  guint        n;
  int          n_got;
  int          n_cancelled;
  int          n_adders;
} Shared;

static gpointer
add_thread (gpointer data)
{
  Shared *shared = data;
  g_autoptr(GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  for (guint i = 0; i < shared->n; i++)
    {
      guint64 id = add_number (shared->scheduler, g_rand_int_range (rand, 0, 200), i);

      if (g_rand_boolean (rand) && au_scheduler_cancel (shared->scheduler, id))
        g_atomic_int_inc (&shared->n_cancelled);
    }
  if (g_atomic_int_dec_and_test (&shared->n_adders))
    au_scheduler_close (shared->scheduler);

  return NULL;
}

static gpointer
get_thread (gpointer data)
{
  Shared *shared = data;
  g_autoptr(GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  while (TRUE)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) payload =
        au_scheduler_next (shared->scheduler, g_rand_int_range (rand, -1, 100), NULL, &error);

      if (payload != NULL)
        g_atomic_int_inc (&shared->n_got);
      else if (g_error_matches (error, AU_ERROR, AU_ERROR_CLOSED))
        return NULL;
    }
}

static gpointer
get_loop_thread (gpointer data)
{
  Shared *shared = data;
  g_autoptr(GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  while (TRUE)
    {
      g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;
      g_autoptr(GVariant) payload = NULL;

      au_scheduler_next_async (shared->scheduler, NULL, sync_outcome_cb, &outcome);
      payload = au_scheduler_next_finish (shared->scheduler, sync_outcome_await (&outcome), NULL);
      if (payload == NULL)
        break;
      g_atomic_int_inc (&shared->n_got);
    }
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_scheduler_stress (void)
{
  static const GThreadFunc funcs[] = { add_thread, get_thread, get_loop_thread };
  Shared shared = { au_scheduler_new (), SYNC_MANY (20000) / N_THREADS };
  GThread *threads[3 * N_THREADS];

  shared.n_adders = N_THREADS;
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("stress", funcs[i % 3], &shared);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (shared.n_got + shared.n_cancelled, ==, shared.n * N_THREADS);
  g_object_unref (shared.scheduler);
}

/* Batchers */

static void
keep_func (AuTask   *task,
           gpointer  data)
{
  g_ptr_array_add (data, g_object_ref (task));
}

static void
put_numbers (AuBatcher *batcher,
             guint      first,
             guint      n)
{
  for (guint i = first; i < first + n; i++)
    g_assert_true (au_batcher_put (batcher, g_variant_new_uint32 (i), NULL));
}

static void
assert_batch (GPtrArray  *batches,
              guint       i,
              const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_cmpuint (i, <, batches->len);
  text = g_variant_print (au_task_get_argument (batches->pdata[i]), FALSE);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_batcher_quantity (void)
{
  g_autoptr(GPtrArray) batches = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(AuBatcher) batcher = au_batcher_new_starting (SECOND, 3, keep_func, batches, NULL);

  au_clock_freeze ();
  put_numbers (batcher, 0, 7);
  sync_iterate ();
  g_assert_cmpuint (batches->len, ==, 2);
  assert_batch (batches, 0, "[<uint32 0>, <uint32 1>, <uint32 2>]");
  assert_batch (batches, 1, "[<uint32 3>, <uint32 4>, <uint32 5>]");
  g_assert_cmpuint (au_batcher_get_n_items (batcher), ==, 1);
  au_batcher_flush (batcher);
  sync_iterate ();
  assert_batch (batches, 2, "[<uint32 6>]");
  for (guint i = 0; i < 3; i++)
    au_task_return_value (batches->pdata[i], NULL);
  au_clock_thaw ();
}

/* The first waits that long and not longer, also of the second batch. */
static void
test_batcher_wait (void)
{
  g_autoptr(GPtrArray) batches = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(AuBatcher) batcher = au_batcher_new_starting (10 * SECOND, 100, keep_func, batches, NULL);

  au_clock_freeze ();
  for (guint i = 0; i < 3; i++)
    {
      put_numbers (batcher, 0, 1);
      au_clock_advance (6 * SECOND);
      put_numbers (batcher, 1, 1);
      au_clock_advance (4 * SECOND - 1);
      sync_iterate ();
      g_assert_cmpuint (batches->len, ==, i);
      au_clock_advance (1);
      sync_iterate_until (batches->len == i + 1);
      assert_batch (batches, i, "[<uint32 0>, <uint32 1>]");
      au_task_return_value (batches->pdata[i], NULL);
    }
  au_clock_thaw ();
}

static void
test_batcher_close (void)
{
  g_autoptr(GPtrArray) batches = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(AuBatcher) batcher = au_batcher_new_starting (SECOND, 2, keep_func, batches, NULL);
  g_autoptr(GError) error = NULL;
  g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;

  put_numbers (batcher, 0, 3);
  au_batcher_close_async (batcher, NULL, sync_outcome_cb, &outcome);
  g_assert_false (au_batcher_put (batcher, g_variant_new_uint32 (9), &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
  sync_iterate ();
  g_assert_cmpuint (batches->len, ==, 2);
  assert_batch (batches, 1, "[<uint32 2>]");
  au_task_return_value (batches->pdata[0], NULL);
  sync_iterate ();
  g_assert_cmpuint (outcome.n_calls, ==, 0);
  au_task_return_value (batches->pdata[1], NULL);
  g_assert_true (au_batcher_close_finish (batcher, sync_outcome_await (&outcome), NULL));
}

static void
test_batcher_finalize_timeout (void)
{
  g_autoptr(GPtrArray) batches = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(AuBatcher) batcher = au_batcher_new_starting (SECOND, 2, keep_func, batches, NULL);

  au_clock_freeze ();
  au_batcher_set_finalize_timeout (batcher, 5 * SECOND);
  put_numbers (batcher, 0, 2);
  sync_iterate ();
  au_batcher_close_async (batcher, NULL, NULL, NULL);
  g_assert_false (g_cancellable_is_cancelled (au_task_get_cancellable (batches->pdata[0])));
  au_clock_advance (5 * SECOND);
  sync_await (g_cancellable_is_cancelled (au_task_get_cancellable (batches->pdata[0])));
  au_task_return_value (batches->pdata[0], NULL);
  g_assert_true (au_batcher_close (batcher, -1, NULL, NULL));
  au_clock_thaw ();
}

static GVariant *
sum_func (AuTask   *task,
          gpointer  data,
          GError  **error)
{
  GVariant *items = au_task_get_argument (task);

  g_assert_cmpuint (g_variant_n_children (items), <=, 16);
  for (gsize i = 0; i < g_variant_n_children (items); i++)
    {
      GVariant *item;

      g_variant_get_child (items, i, "v", &item);
      g_atomic_int_add ((int *) data, g_variant_get_uint32 (item));
      g_variant_unref (item);
    }
  return NULL;
}

static GVariant *
fail_func (AuTask   *task,
           gpointer  data,
           GError  **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  return NULL;
}

static void
test_batcher_failure (void)
{
  g_autoptr(AuBatcher) batcher = au_batcher_new (SECOND, 2, fail_func, NULL, NULL);

  g_test_expect_message ("au", G_LOG_LEVEL_WARNING, "*2 items*busy*");
  put_numbers (batcher, 0, 2);
  g_assert_true (au_batcher_close (batcher, -1, NULL, NULL));
  g_assert_cmpuint (au_batcher_get_n_failed (batcher), ==, 1);
  g_test_assert_expected_messages ();
}

static gpointer
put_thread (gpointer data)
{
  put_numbers (data, 1, SYNC_MANY (4000) / 4);
  return NULL;
}

static void
test_batcher_stress (void)
{
  const guint n = SYNC_MANY (4000) / 4;
  int sum = 0;
  g_autoptr(AuBatcher) batcher = au_batcher_new (50, 16, sum_func, &sum, NULL);
  GThread *threads[4];

  for (guint i = 0; i < 4; i++)
    threads[i] = g_thread_new ("put", put_thread, batcher);
  for (guint i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  g_assert_true (au_batcher_close (batcher, -1, NULL, NULL));
  g_assert_cmpint (sum, ==, (int) (guint32) (2 * (guint64) n * (n + 1)));
}

/* Orders of names */

static void
test_dep_sorter (void)
{
  g_autoptr(AuDepSorter) sorter = au_dep_sorter_new ();
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) names = NULL;
  g_auto(GStrv) again = NULL;
  g_autofree char *joined = NULL;

  au_dep_sorter_add (sorter, "z");
  au_dep_sorter_add_dependency (sorter, "house", "roof");
  au_dep_sorter_add_dependency (sorter, "roof", "walls");
  au_dep_sorter_add_dependency (sorter, "roof", "walls");
  au_dep_sorter_add_dependency (sorter, "walls", "floor");
  au_dep_sorter_add_dependency (sorter, "house", "garden");
  names = au_dep_sorter_sort (sorter, &error);
  g_assert_no_error (error);
  joined = g_strjoinv (" ", names);
  g_assert_cmpstr (joined, ==, "floor garden walls roof house z");
  again = au_dep_sorter_sort (sorter, NULL);
  g_assert_cmpstrv (again, (const char * const *) names);

  au_dep_sorter_add_dependency (sorter, "floor", "roof");
  g_assert_null (au_dep_sorter_sort (sorter, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CYCLE);
  g_assert_nonnull (strstr (error->message, "floor → roof → walls → floor"));
}

static void
test_dep_sorter_itself (void)
{
  g_autoptr(AuDepSorter) sorter = au_dep_sorter_new ();
  g_autoptr(GError) error = NULL;

  au_dep_sorter_add_dependency (sorter, "a", "a");
  g_assert_null (au_dep_sorter_sort (sorter, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CYCLE);
  g_assert_nonnull (strstr (error->message, "a → a"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sync/scheduler/order", test_scheduler_order);
  g_test_add_func ("/sync/scheduler/waits", test_scheduler_waits);
  g_test_add_func ("/sync/scheduler/cancel", test_scheduler_cancel);
  g_test_add_func ("/sync/scheduler/close", test_scheduler_close);
  g_test_add_func ("/sync/scheduler/stress", test_scheduler_stress);
  g_test_add_func ("/sync/batcher/quantity", test_batcher_quantity);
  g_test_add_func ("/sync/batcher/wait", test_batcher_wait);
  g_test_add_func ("/sync/batcher/close", test_batcher_close);
  g_test_add_func ("/sync/batcher/finalize-timeout", test_batcher_finalize_timeout);
  g_test_add_func ("/sync/batcher/failure", test_batcher_failure);
  g_test_add_func ("/sync/batcher/stress", test_batcher_stress);
  g_test_add_func ("/sync/dep-sorter/order", test_dep_sorter);
  g_test_add_func ("/sync/dep-sorter/itself", test_dep_sorter_itself);

  return g_test_run ();
}
