/* test-rate-limiter.c: so many in a period, and no more
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "sync-fixture.h"

#define SECOND G_TIME_SPAN_SECOND

static guint
try_often (AuRateLimiter *limiter,
           const char    *key,
           guint          n)
{
  guint n_in = 0;

  for (guint i = 0; i < n; i++)
    n_in += au_rate_limiter_try_acquire (limiter, key);

  return n_in;
}

static void
test_sliding_window (void)
{
  g_autoptr(AuRateLimiter) limiter = au_rate_limiter_new (3, 10 * SECOND);

  au_clock_freeze ();
  g_assert_cmpuint (try_often (limiter, NULL, 1), ==, 1);
  au_clock_advance (6 * SECOND);
  g_assert_cmpuint (try_often (limiter, NULL, 5), ==, 2);
  g_assert_cmpint (au_rate_limiter_get_delay (limiter, NULL), ==, 4 * SECOND);
  au_clock_advance (4 * SECOND - 1);
  g_assert_cmpuint (try_often (limiter, NULL, 5), ==, 0);
  au_clock_advance (1);
  g_assert_cmpint (au_rate_limiter_get_delay (limiter, NULL), ==, 0);

  /* a new period of ten seconds does not begin here: two came in four seconds ago */
  g_assert_cmpuint (try_often (limiter, NULL, 5), ==, 1);
  au_clock_advance (6 * SECOND);
  g_assert_cmpuint (try_often (limiter, NULL, 5), ==, 2);
  au_clock_advance (100 * SECOND);
  g_assert_cmpuint (try_often (limiter, NULL, 50), ==, 3);
  au_clock_thaw ();
}

/* After the first period, too: many turns, each lets in as many as it should. */
static void
test_many_periods (void)
{
  g_autoptr(AuRateLimiter) limiter = au_rate_limiter_new (7, SECOND);

  au_clock_freeze ();
  for (guint i = 0; i < 1000; i++)
    {
      g_assert_cmpuint (try_often (limiter, NULL, 20), ==, 7);
      au_clock_advance (SECOND);
    }
  au_clock_thaw ();
}

typedef struct
{
  AuRateLimiter *limiter;
  const char    *key;
  GTimeSpan      timeout;
  GError        *error;
  gboolean       in;
} Caller;

static gpointer
caller_thread (gpointer data)
{
  Caller *self = data;

  self->in = au_rate_limiter_acquire (self->limiter, self->key, self->timeout, NULL, &self->error);

  return NULL;
}

/* In the order of their arrival, threads and main loops, and one who gives up is as if
 * he had never been there. */
static void
test_one_line (void)
{
  g_autoptr(AuRateLimiter) limiter = au_rate_limiter_new (1, SECOND);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  Caller caller = { limiter, NULL, -1 };
  Caller impatient = { limiter, NULL, SECOND / 2 };
  g_auto(SyncOutcome) first = SYNC_OUTCOME_INIT;
  g_auto(SyncOutcome) given_up = SYNC_OUTCOME_INIT;
  g_auto(SyncOutcome) last = SYNC_OUTCOME_INIT;
  GThread *thread, *impatient_thread;

  au_clock_freeze ();
  g_assert_true (au_rate_limiter_try_acquire (limiter, NULL));
  impatient_thread = g_thread_new ("caller", caller_thread, &impatient);
  sync_await (au_rate_limiter_get_waiting (limiter, NULL) == 1);
  au_rate_limiter_acquire_async (limiter, NULL, NULL, sync_outcome_cb, &first);
  au_rate_limiter_acquire_async (limiter, NULL, cancellable, sync_outcome_cb, &given_up);
  thread = g_thread_new ("caller", caller_thread, &caller);
  sync_await (au_rate_limiter_get_waiting (limiter, NULL) == 4);
  au_rate_limiter_acquire_async (limiter, NULL, NULL, sync_outcome_cb, &last);

  au_clock_advance (SECOND / 2);
  g_thread_join (impatient_thread);
  g_assert_error (impatient.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&impatient.error);
  au_clock_advance (SECOND / 2);
  g_assert_true (au_rate_limiter_acquire_finish (limiter, sync_outcome_await (&first), NULL));
  g_cancellable_cancel (cancellable);
  g_assert_false (au_rate_limiter_acquire_finish (limiter, sync_outcome_await (&given_up), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  /* nobody overtakes those who wait */
  au_clock_advance (SECOND);
  g_thread_join (thread);
  g_assert_true (caller.in);
  g_assert_cmpuint (last.n_calls, ==, 0);
  g_assert_false (au_rate_limiter_try_acquire (limiter, NULL));
  au_clock_advance (SECOND);
  g_assert_true (au_rate_limiter_acquire_finish (limiter, sync_outcome_await (&last), NULL));
  g_assert_cmpuint (au_rate_limiter_get_waiting (limiter, NULL), ==, 0);
  au_clock_thaw ();
}

static void
test_keys (void)
{
  g_autoptr(AuRateLimiter) limiter = au_rate_limiter_new (2, SECOND);

  au_clock_freeze ();
  g_assert_cmpuint (try_often (limiter, "a", 5), ==, 2);
  g_assert_cmpuint (try_often (limiter, "b", 5), ==, 2);
  g_assert_cmpuint (try_often (limiter, NULL, 5), ==, 2);
  au_rate_limiter_set_key_limit (limiter, "a", 4);
  g_assert_cmpuint (try_often (limiter, "a", 5), ==, 2);
  g_assert_cmpuint (try_often (limiter, "b", 5), ==, 0);
  au_rate_limiter_set_key_limit (limiter, "c", 0);
  g_assert_cmpuint (try_often (limiter, "c", 5), ==, 0);
  g_assert_cmpint (au_rate_limiter_get_delay (limiter, "c"), ==, -1);
  au_rate_limiter_unset_key_limit (limiter, "c");
  g_assert_cmpuint (try_often (limiter, "c", 5), ==, 2);
  au_clock_thaw ();
}

static void
test_keys_are_forgotten (void)
{
  g_autoptr(AuRateLimiter) limiter = au_rate_limiter_new (2, SECOND);

  au_clock_freeze ();
  for (guint i = 0; i < 10000; i++)
    {
      char key[16];

      g_snprintf (key, sizeof key, "%u", i);
      g_assert_true (au_rate_limiter_try_acquire (limiter, key));
      au_clock_advance (SECOND / 10);
    }
  g_assert_cmpuint (au_rate_limiter_get_n_keys (limiter), <, 50);
  au_clock_thaw ();
}

/* Places that were taken for later count as of then. */
static void
test_reserve (void)
{
  static const gint64 expected[] = { 0, 0, 10, 10, 20 };
  g_autoptr(AuRateLimiter) limiter = au_rate_limiter_new (2, 10 * SECOND);
  GTimeSpan delay;

  au_clock_freeze ();
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_assert_true (au_rate_limiter_reserve (limiter, NULL, -1, &delay));
      g_assert_cmpint (delay, ==, expected[i] * SECOND);
    }
  g_assert_false (au_rate_limiter_reserve (limiter, NULL, 15 * SECOND, &delay));
  g_assert_false (au_rate_limiter_try_acquire (limiter, NULL));
  au_clock_advance (10 * SECOND);
  g_assert_false (au_rate_limiter_try_acquire (limiter, NULL));
  au_clock_advance (10 * SECOND);
  g_assert_cmpuint (try_often (limiter, NULL, 5), ==, 1);
  au_clock_thaw ();
}

static void
test_limits_change (void)
{
  g_autoptr(AuRateLimiter) limiter = au_rate_limiter_new (1, SECOND);
  SyncOutcome outcomes[4] = { { NULL } };

  au_clock_freeze ();
  g_assert_true (au_rate_limiter_try_acquire (limiter, NULL));
  for (guint i = 0; i < 4; i++)
    au_rate_limiter_acquire_async (limiter, NULL, NULL, sync_outcome_cb, &outcomes[i]);

  au_rate_limiter_set_limit (limiter, 3);
  sync_outcome_await (&outcomes[0]);
  sync_outcome_await (&outcomes[1]);
  sync_iterate ();
  g_assert_cmpuint (outcomes[2].n_calls, ==, 0);

  /* a limit that is lower counts all that came in */
  au_rate_limiter_set_limit (limiter, 1);
  au_clock_advance (SECOND);
  sync_outcome_await (&outcomes[2]);
  sync_iterate ();
  g_assert_cmpuint (outcomes[3].n_calls, ==, 0);
  au_clock_advance (SECOND / 2);
  au_rate_limiter_set_period (limiter, SECOND / 2);
  sync_outcome_await (&outcomes[3]);
  au_clock_thaw ();
  for (guint i = 0; i < 4; i++)
    sync_outcome_clear (&outcomes[i]);
}

/* Everything at once, in real time: never more than allowed, and nobody is forgotten. */

#define N_THREADS (4)
#define LIMIT (50)

typedef struct
{
  AuRateLimiter *limiter;
  guint          n;
  GMutex         lock;
  GArray        *stamps;
  int            n_in;
} Shared;

static void
stamp (Shared *shared)
{
  gint64 now;

  g_mutex_lock (&shared->lock);
  now = g_get_monotonic_time ();
  g_array_append_val (shared->stamps, now);
  g_mutex_unlock (&shared->lock);
}

static gpointer
stress_thread (gpointer data)
{
  Shared *shared = data;
  g_autoptr(GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  for (guint i = 0; i < shared->n; i++)
    {
      g_autoptr(GCancellable) cancellable = g_rand_boolean (rand) ? g_cancellable_new () : NULL;

      if (au_rate_limiter_acquire (shared->limiter, NULL,
                                   g_rand_boolean (rand) ? -1 : g_rand_int_range (rand, 0, 300),
                                   cancellable, NULL))
        stamp (shared);
    }

  return NULL;
}

typedef struct
{
  Shared *shared;
  guint   n_pending;
} Loop;

static void
stress_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Loop *loop = data;

  loop->n_pending--;
  if (au_rate_limiter_acquire_finish (AU_RATE_LIMITER (source), result, NULL))
    stamp (loop->shared);
}

static gpointer
stress_loop_thread (gpointer data)
{
  Loop loop = { data };
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  g_main_context_push_thread_default (context);
  for (guint i = 0; i < loop.shared->n; i++)
    {
      g_autoptr(GCancellable) cancellable = g_rand_boolean (rand) ? g_cancellable_new () : NULL;

      loop.n_pending++;
      au_rate_limiter_acquire_async (loop.shared->limiter, NULL, cancellable, stress_cb, &loop);
      while (loop.n_pending > 20)
        g_main_context_iteration (context, TRUE);
      if (cancellable != NULL)
        g_cancellable_cancel (cancellable);
    }
  while (loop.n_pending > 0)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_stress (void)
{
  Shared shared = {
    .limiter = au_rate_limiter_new (LIMIT, 2000),
    .n = MAX (SYNC_MANY (16000) / (2 * N_THREADS), 200),
    .stamps = g_array_new (FALSE, FALSE, sizeof (gint64)),
  };
  GThread *threads[2 * N_THREADS];
  gint64 began = g_get_monotonic_time ();
  gint64 took;

  for (guint i = 0; i < N_THREADS; i++)
    {
      threads[2 * i] = g_thread_new ("stress", stress_thread, &shared);
      threads[2 * i + 1] = g_thread_new ("stress-loop", stress_loop_thread, &shared);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  took = g_get_monotonic_time () - began;

  g_assert_cmpuint (shared.stamps->len, >, 0);
  g_assert_cmpuint (shared.stamps->len, <=, (took / 2000 + 1) * LIMIT);
  g_assert_cmpuint (au_rate_limiter_get_waiting (shared.limiter, NULL), ==, 0);
  g_array_unref (shared.stamps);
  g_object_unref (shared.limiter);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sync/rate-limiter/sliding-window", test_sliding_window);
  g_test_add_func ("/sync/rate-limiter/many-periods", test_many_periods);
  g_test_add_func ("/sync/rate-limiter/one-line", test_one_line);
  g_test_add_func ("/sync/rate-limiter/keys", test_keys);
  g_test_add_func ("/sync/rate-limiter/keys-are-forgotten", test_keys_are_forgotten);
  g_test_add_func ("/sync/rate-limiter/reserve", test_reserve);
  g_test_add_func ("/sync/rate-limiter/limits-change", test_limits_change);
  g_test_add_func ("/sync/rate-limiter/stress", test_stress);

  return g_test_run ();
}
