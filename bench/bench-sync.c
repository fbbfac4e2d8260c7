/* bench-sync.c: what the building blocks cost, beside those of GLib
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Prints one line of JSON for each figure.
 */

#include "au-bench.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define N_ITEMS (1000000)
#define N_ENTRIES (1000000)
#define N_WAITERS (100000)
#define N_CALLS (10000)

typedef struct
{
  AuChannel     *channel;
  GAsyncQueue   *queue;
  AuSemaphore   *semaphore;
  GMutex         mutex;
  AuRateLimiter *limiter;
  AuCache       *cache;
  GVariant      *key;
  AuLru         *lru;
  GHashTable    *table;
  char         **keys;
  guint         *order;
  int            n_calls;
} Bench;

/* Between two threads */

static gpointer
channel_put_thread (gpointer data)
{
  Bench *bench = data;

  for (guint i = 1; i <= N_ITEMS; i++)
    au_channel_put (bench->channel, GUINT_TO_POINTER (i), -1, NULL, NULL);

  return NULL;
}

static double
channel_threads (gpointer data)
{
  Bench *bench = data;
  double began = au_bench_now ();
  GThread *thread = g_thread_new ("put", channel_put_thread, bench);

  for (guint i = 1; i <= N_ITEMS; i++)
    {
      if (au_channel_get (bench->channel, -1, NULL, NULL) != GUINT_TO_POINTER (i))
        g_error ("an item is not where it should be");
    }
  g_thread_join (thread);

  return au_bench_now () - began;
}

static gpointer
queue_put_thread (gpointer data)
{
  Bench *bench = data;

  for (guint i = 1; i <= N_ITEMS; i++)
    g_async_queue_push (bench->queue, GUINT_TO_POINTER (i));

  return NULL;
}

static double
queue_threads (gpointer data)
{
  Bench *bench = data;
  double began = au_bench_now ();
  GThread *thread = g_thread_new ("put", queue_put_thread, bench);

  for (guint i = 1; i <= N_ITEMS; i++)
    {
      if (g_async_queue_pop (bench->queue) != GUINT_TO_POINTER (i))
        g_error ("an item is not where it should be");
    }
  g_thread_join (thread);

  return au_bench_now () - began;
}

/* In one thread */

static double
channel_alone (gpointer data)
{
  Bench *bench = data;
  double began = au_bench_now ();

  for (guint i = 1; i <= N_ITEMS; i++)
    {
      au_channel_put (bench->channel, GUINT_TO_POINTER (i), -1, NULL, NULL);
      if (au_channel_get (bench->channel, -1, NULL, NULL) != GUINT_TO_POINTER (i))
        g_error ("an item is not where it should be");
    }

  return au_bench_now () - began;
}

static double
queue_alone (gpointer data)
{
  Bench *bench = data;
  double began = au_bench_now ();

  for (guint i = 1; i <= N_ITEMS; i++)
    {
      g_async_queue_push (bench->queue, GUINT_TO_POINTER (i));
      if (g_async_queue_pop (bench->queue) != GUINT_TO_POINTER (i))
        g_error ("an item is not where it should be");
    }

  return au_bench_now () - began;
}

static double
semaphore_alone (gpointer data)
{
  Bench *bench = data;
  double began = au_bench_now ();

  for (guint i = 0; i < N_ITEMS; i++)
    {
      au_semaphore_acquire (bench->semaphore, -1, NULL, NULL);
      au_semaphore_release (bench->semaphore);
    }

  return au_bench_now () - began;
}

static double
mutex_alone (gpointer data)
{
  Bench *bench = data;
  double began = au_bench_now ();

  for (guint i = 0; i < N_ITEMS; i++)
    {
      g_mutex_lock (&bench->mutex);
      g_mutex_unlock (&bench->mutex);
    }

  return au_bench_now () - began;
}

static double
limiter_alone (gpointer data)
{
  Bench *bench = data;
  double began = au_bench_now ();

  for (guint i = 0; i < N_ITEMS; i++)
    au_rate_limiter_try_acquire (bench->limiter, NULL);

  return au_bench_now () - began;
}

/* Tables of a million, looked up at random */

static double
lru_get (gpointer data)
{
  Bench *bench = data;
  double began = au_bench_now ();

  for (guint i = 0; i < N_ENTRIES; i++)
    {
      if (au_lru_get (bench->lru, bench->keys[bench->order[i]]) == NULL)
        g_error ("an entry is missing");
    }

  return au_bench_now () - began;
}

static double
table_lookup (gpointer data)
{
  Bench *bench = data;
  double began = au_bench_now ();

  for (guint i = 0; i < N_ENTRIES; i++)
    {
      if (g_hash_table_lookup (bench->table, bench->keys[bench->order[i]]) == NULL)
        g_error ("an entry is missing");
    }

  return au_bench_now () - began;
}

static GVariant *
call_func (AuTask   *task,
           gpointer  data,
           GError  **error)
{
  g_atomic_int_inc (&((Bench *) data)->n_calls);
  return g_variant_new_uint32 (1);
}

static double
cache_hit (gpointer data)
{
  Bench *bench = data;
  double began = au_bench_now ();

  for (guint i = 0; i < N_ITEMS; i++)
    g_variant_unref (au_cache_get (bench->cache, bench->key, -1, NULL, NULL));

  return au_bench_now () - began;
}

static void
called_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_variant_unref (au_cache_get_finish (AU_CACHE (source), result, NULL));
  --*(guint *) data;
}

/* Ten thousand ask at once for what is not known. */
static double
cache_shared (gpointer data)
{
  Bench *bench = data;
  double began = au_bench_now ();
  guint n_pending = N_CALLS;

  bench->n_calls = 0;
  au_cache_clear (bench->cache);
  for (guint i = 0; i < N_CALLS; i++)
    au_cache_get_async (bench->cache, bench->key, NULL, called_cb, &n_pending);
  while (n_pending > 0)
    g_main_context_iteration (NULL, TRUE);
  if (bench->n_calls != 1)
    g_error ("the function was called %d times", bench->n_calls);

  return au_bench_now () - began;
}

/* A million that are due, added and given in another order */

static double
scheduler_add (gpointer data)
{
  Bench *bench = data;
  g_autoptr(AuScheduler) scheduler = au_scheduler_new_full (NULL);
  double began = au_bench_now ();

  for (guint i = 0; i < N_ENTRIES; i++)
    au_scheduler_add_after (scheduler, G_TIME_SPAN_HOUR + bench->order[i], GUINT_TO_POINTER (i + 1), NULL);

  return au_bench_now () - began;
}

static double
scheduler_fire (gpointer data)
{
  Bench *bench = data;
  g_autoptr(AuScheduler) scheduler = au_scheduler_new_full (NULL);
  gint64 now = au_clock_get_real_time ();
  double began;

  for (guint i = 0; i < N_ENTRIES; i++)
    au_scheduler_add (scheduler, now - bench->order[i], GUINT_TO_POINTER (i + 1), NULL);
  began = au_bench_now ();
  for (guint i = 0; i < N_ENTRIES; i++)
    {
      if (au_scheduler_try_next (scheduler) == NULL)
        g_error ("an entry is missing");
    }

  return au_bench_now () - began;
}

/* Main loops */

static void
got_cb (GObject      *source,
        GAsyncResult *result,
        gpointer      data)
{
  if (au_semaphore_acquire_finish (AU_SEMAPHORE (source), result, NULL))
    --*(guint *) data;
}

static double
waiter_bytes (gpointer data)
{
  g_autoptr(AuSemaphore) semaphore = au_semaphore_new (0);
  guint n_pending = N_WAITERS;
  struct mallinfo2 before = mallinfo2 ();
  struct mallinfo2 after;

  for (guint i = 0; i < N_WAITERS; i++)
    au_semaphore_acquire_async (semaphore, NULL, got_cb, &n_pending);
  after = mallinfo2 ();
  au_semaphore_set_limit (semaphore, N_WAITERS);
  while (n_pending > 0)
    g_main_context_iteration (NULL, TRUE);

  return (double) (after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) / N_WAITERS;
}

/* The longest time that one call takes of a main loop, of those that are not disturbed
 * by others on the machine: one in a thousand. */
static int
compare_times (const void *a,
               const void *b)
{
  const double *x = a, *y = b;

  return (*x > *y) - (*x < *y);
}

static double
async_call (gpointer data)
{
  g_autoptr(AuSemaphore) semaphore = au_semaphore_new (0);
  g_autofree double *times = g_new (double, N_WAITERS);
  guint n_pending = N_WAITERS;

  for (guint i = 0; i < N_WAITERS; i++)
    {
      double began = au_bench_now ();

      au_priority_push ((int) (i % 7));
      au_semaphore_acquire_async (semaphore, NULL, got_cb, &n_pending);
      au_priority_pop ();
      times[i] = au_bench_now () - began;
    }
  au_semaphore_set_limit (semaphore, N_WAITERS);
  while (n_pending > 0)
    g_main_context_iteration (NULL, TRUE);
  qsort (times, N_WAITERS, sizeof (double), compare_times);

  return times[N_WAITERS - N_WAITERS / 1000];
}

static void
fill (Bench *bench)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);

  bench->lru = au_lru_new_full (0, -1, g_str_hash, g_str_equal, NULL, NULL, NULL, NULL);
  bench->table = g_hash_table_new (g_str_hash, g_str_equal);
  bench->keys = g_new (char *, N_ENTRIES);
  bench->order = g_new (guint, N_ENTRIES);
  for (guint i = 0; i < N_ENTRIES; i++)
    {
      bench->keys[i] = g_strdup_printf ("the key number %u", i);
      bench->order[i] = i;
      au_lru_set (bench->lru, bench->keys[i], bench->keys[i]);
      g_hash_table_insert (bench->table, bench->keys[i], bench->keys[i] + 1);
    }
  for (guint i = N_ENTRIES - 1; i > 0; i--)
    {
      guint j = g_rand_int_range (rand, 0, i + 1);
      guint other = bench->order[i];

      bench->order[i] = bench->order[j];
      bench->order[j] = other;
    }
}

int
main (int   argc,
      char *argv[])
{
  Bench bench = {
    .channel = au_channel_new_full (0, AU_CHANNEL_ORDER_FIFO, NULL, NULL, NULL, NULL),
    .queue = g_async_queue_new (),
    .semaphore = au_semaphore_new (1),
    .limiter = au_rate_limiter_new (1000, G_TIME_SPAN_MILLISECOND),
    .key = g_variant_ref_sink (g_variant_new ("(si)", "key", 1)),
  };
  const AuBenchFigure figures[] = {
    { "waiting in a main loop", "bytes", waiter_bytes, NULL, NULL, &bench, 0 },
    { "channel put and get, two threads", "s", channel_threads, "GAsyncQueue", queue_threads, &bench, N_ITEMS },
    { "channel put and get, one thread", "s", channel_alone, "GAsyncQueue", queue_alone, &bench, N_ITEMS },
    { "semaphore acquire and release", "s", semaphore_alone, "GMutex", mutex_alone, &bench, N_ITEMS },
    { "rate limiter try_acquire", "s", limiter_alone, NULL, NULL, &bench, N_ITEMS },
    { "lru get of a million", "s", lru_get, "GHashTable", table_lookup, &bench, N_ENTRIES },
    { "cache hit", "s", cache_hit, NULL, NULL, &bench, N_ITEMS },
    { "cache, ten thousand calls at once", "s", cache_shared, NULL, NULL, &bench, N_CALLS },
    { "scheduler add to a million", "s", scheduler_add, NULL, NULL, &bench, N_ENTRIES },
    { "scheduler fire of a million", "s", scheduler_fire, NULL, NULL, &bench, N_ENTRIES },
    { "asynchronous call, the slowest of a thousand", "s", async_call, NULL, NULL, &bench, 1 },
  };

  bench.cache = au_cache_new (call_func, &bench, NULL);
  g_variant_unref (au_cache_get (bench.cache, bench.key, -1, NULL, NULL));
  fill (&bench);

  /* Memory once, before anything was freed that could be used again. */
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    au_bench_run (&figures[i], figures[i].n == 0 ? 1 : 5);

  return 0;
}
