/* test-locks.c: semaphores, mutexes, keyed mutexes and lockouts
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "sync-fixture.h"

/* What has room for one is tested in the same way. */
typedef struct
{
  const char *name;
  GObject  *(*make)    (void);
  gboolean  (*lock)    (gpointer, GTimeSpan, GCancellable *, GError **);
  gboolean  (*try)     (gpointer);
  void      (*async)   (gpointer, GCancellable *, GAsyncReadyCallback, gpointer);
  gboolean  (*finish)  (gpointer, GAsyncResult *, GError **);
  void      (*unlock)  (gpointer);
  guint     (*waiting) (gpointer);
} Kind;

static GObject *
make_semaphore (void)
{
  return G_OBJECT (au_semaphore_new (1));
}

static GObject *
make_mutex (void)
{
  return G_OBJECT (au_mutex_new ());
}

static GObject *
make_keyed (void)
{
  return G_OBJECT (au_keyed_mutex_new ());
}

static gboolean
keyed_lock (gpointer object, GTimeSpan timeout, GCancellable *cancellable, GError **error)
{
  return au_keyed_mutex_lock (object, "one", timeout, cancellable, error);
}

static gboolean
keyed_try (gpointer object)
{
  return au_keyed_mutex_try_lock (object, "one");
}

static void
keyed_async (gpointer object, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autofree char *key = g_strdup ("one");

  au_keyed_mutex_lock_async (object, key, cancellable, callback, data);
}

static void
keyed_unlock (gpointer object)
{
  au_keyed_mutex_unlock (object, "one");
}

static guint
keyed_waiting (gpointer object)
{
  return au_keyed_mutex_get_waiting (object, "one");
}

/* One that everybody has to wait for is as good as a mutex. */
static GObject *
make_lockout (void)
{
  return G_OBJECT (au_lockout_new (TRUE));
}

static gboolean
lockout_lock (gpointer object, GTimeSpan timeout, GCancellable *cancellable, GError **error)
{
  return au_lockout_enter (object, timeout, cancellable, error);
}

#define KIND(name_, make_, lock_, try_, async_, finish_, unlock_, waiting_) \
  { name_, make_, (gpointer) lock_, (gpointer) try_, (gpointer) async_, (gpointer) finish_, \
    (gpointer) unlock_, (gpointer) waiting_ }

static const Kind kinds[] = {
  KIND ("semaphore", make_semaphore, au_semaphore_acquire, au_semaphore_try_acquire,
        au_semaphore_acquire_async, au_semaphore_acquire_finish, au_semaphore_release,
        au_semaphore_get_waiting),
  KIND ("mutex", make_mutex, au_mutex_lock, au_mutex_try_lock, au_mutex_lock_async,
        au_mutex_lock_finish, au_mutex_unlock, au_mutex_get_waiting),
  KIND ("keyed-mutex", make_keyed, keyed_lock, keyed_try, keyed_async,
        au_keyed_mutex_lock_finish, keyed_unlock, keyed_waiting),
};

/* A thread that locks, tells so, and unlocks. */
typedef struct
{
  const Kind   *kind;
  gpointer      object;
  GTimeSpan     timeout;
  GCancellable *cancellable;
  GError       *error;
  GString      *order;
  char          letter;
} Locker;

static gpointer
locker_thread (gpointer data)
{
  Locker *self = data;

  if (self->kind->lock (self->object, self->timeout, self->cancellable, &self->error))
    {
      if (self->order != NULL)
        g_string_append_c (self->order, self->letter);
      self->kind->unlock (self->object);
    }

  return NULL;
}

static GThread *
start_locker (Locker *locker)
{
  guint n = locker->kind->waiting (locker->object);
  GThread *thread = g_thread_new ("locker", locker_thread, locker);

  sync_await (locker->kind->waiting (locker->object) == n + 1);

  return thread;
}

static void
test_try (gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr(GObject) object = kind->make ();
  g_autoptr(GError) error = NULL;

  g_assert_true (kind->try (object));
  g_assert_false (kind->try (object));
  g_assert_false (kind->lock (object, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  kind->unlock (object);
  g_assert_true (kind->lock (object, 0, NULL, NULL));
  kind->unlock (object);
}

static void
append_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Locker *self = data;

  g_assert_true (self->kind->finish (source, result, NULL));
  g_string_append_c (self->order, self->letter);
  self->kind->unlock (source);
}

/* Threads and main loops stand in one line. */
static void
test_one_line (gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr(GObject) object = kind->make ();
  g_autoptr(GString) order = g_string_new (NULL);
  Locker lockers[6];
  GThread *threads[6] = { NULL };

  g_assert_true (kind->try (object));
  for (guint i = 0; i < G_N_ELEMENTS (lockers); i++)
    {
      lockers[i] = (Locker) { kind, object, -1, NULL, NULL, order, 'a' + i };
      if (i % 2 == 0)
        threads[i] = start_locker (&lockers[i]);
      else
        kind->async (object, NULL, append_cb, &lockers[i]);
    }
  g_assert_cmpuint (kind->waiting (object), ==, 6);

  kind->unlock (object);
  sync_iterate_until (kind->waiting (object) == 0 && kind->try (object));
  for (guint i = 0; i < G_N_ELEMENTS (lockers); i++)
    g_clear_pointer (&threads[i], g_thread_join);

  g_assert_cmpstr (order->str, ==, "abcdef");
}

static void
test_callback_comes_later (gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr(GObject) object = kind->make ();
  g_auto(SyncOutcome) free = SYNC_OUTCOME_INIT;
  g_auto(SyncOutcome) waiting = SYNC_OUTCOME_INIT;

  kind->async (object, NULL, sync_outcome_cb, &free);
  g_assert_null (free.result);
  g_assert_true (kind->finish (object, sync_outcome_await (&free), NULL));

  /* nor does it come out of what lets it in */
  kind->async (object, NULL, sync_outcome_cb, &waiting);
  kind->unlock (object);
  g_assert_null (waiting.result);
  g_assert_true (kind->finish (object, sync_outcome_await (&waiting), NULL));
  g_assert_true (waiting.thread == g_thread_self ());
  kind->unlock (object);
}

static void
test_cancelled (gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr(GObject) object = kind->make ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_auto(SyncOutcome) first = SYNC_OUTCOME_INIT;
  g_auto(SyncOutcome) second = SYNC_OUTCOME_INIT;
  g_auto(SyncOutcome) late = SYNC_OUTCOME_INIT;
  Locker locker = { kind, object, -1, cancellable };
  GThread *thread;

  g_assert_true (kind->try (object));
  thread = start_locker (&locker);
  kind->async (object, cancellable, sync_outcome_cb, &first);
  kind->async (object, NULL, sync_outcome_cb, &second);

  g_cancellable_cancel (cancellable);
  g_thread_join (thread);
  g_assert_error (locker.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&locker.error);
  g_assert_false (kind->finish (object, sync_outcome_await (&first), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpuint (kind->waiting (object), ==, 1);

  /* the one behind has not suffered */
  kind->unlock (object);
  g_assert_true (kind->finish (object, sync_outcome_await (&second), NULL));
  g_assert_false (kind->try (object));
  kind->unlock (object);

  /* and who is cancelled before does not even wait */
  kind->async (object, cancellable, sync_outcome_cb, &late);
  g_assert_false (kind->finish (object, sync_outcome_await (&late), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (kind->try (object));
  kind->unlock (object);
}

/* What was handed over stays so, however soon one cancels then. */
static void
test_cancelled_at_hand_over (gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr(GObject) object = kind->make ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;

  g_assert_true (kind->try (object));
  kind->async (object, cancellable, sync_outcome_cb, &outcome);
  kind->unlock (object);
  g_cancellable_cancel (cancellable);

  g_assert_true (kind->finish (object, sync_outcome_await (&outcome), NULL));
  g_assert_false (kind->try (object));
  kind->unlock (object);
  g_assert_true (kind->try (object));
  kind->unlock (object);
}

static void
unlock_cb (GCancellable *cancellable,
           gpointer      data)
{
  gpointer *all = data;

  ((const Kind *) all[0])->unlock (all[1]);
}

/* Whoever is told of the cancellation first may unlock, and so wake the one who is to be
 * told next. */
static void
test_unlocked_by_cancellation (gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr(GObject) object = kind->make ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;
  Locker locker = { kind, object, -1, cancellable };
  gpointer all[] = { (gpointer) kind, object };
  GThread *thread;

  g_assert_true (kind->try (object));
  g_cancellable_connect (cancellable, G_CALLBACK (unlock_cb), all, NULL);
  thread = start_locker (&locker);
  kind->async (object, cancellable, sync_outcome_cb, &outcome);

  g_cancellable_cancel (cancellable);
  g_thread_join (thread);
  g_assert_no_error (locker.error);
  if (kind->finish (object, sync_outcome_await (&outcome), NULL))
    kind->unlock (object);
  g_assert_true (kind->try (object));
  kind->unlock (object);
}

static void
test_timed_out (gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr(GObject) object = kind->make ();
  Locker soon = { kind, object, 10 * G_TIME_SPAN_SECOND };
  Locker late = { kind, object, 20 * G_TIME_SPAN_SECOND };
  GThread *soon_thread, *late_thread;

  au_clock_freeze ();
  g_assert_true (kind->try (object));
  late_thread = start_locker (&late);
  soon_thread = start_locker (&soon);

  au_clock_advance (10 * G_TIME_SPAN_SECOND);
  g_thread_join (soon_thread);
  g_assert_error (soon.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&soon.error);
  g_assert_cmpuint (kind->waiting (object), ==, 1);

  au_clock_advance (10 * G_TIME_SPAN_SECOND - 1);
  kind->unlock (object);
  g_thread_join (late_thread);
  g_assert_no_error (late.error);
  g_assert_true (kind->try (object));
  kind->unlock (object);
  au_clock_thaw ();
}

static gpointer
private_loop_thread (gpointer data)
{
  gpointer *all = data;
  const Kind *kind = all[0];
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_auto(SyncOutcome) outcome = SYNC_OUTCOME_INIT;

  g_main_context_push_thread_default (context);
  kind->async (all[1], NULL, sync_outcome_cb, &outcome);
  g_assert_true (kind->finish (all[1], sync_outcome_await (&outcome), NULL));
  g_assert_true (outcome.thread == g_thread_self ());
  kind->unlock (all[1]);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_private_loops (gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr(GObject) object = kind->make ();
  gpointer all[] = { (gpointer) kind, object };
  GThread *threads[4];

  g_assert_true (kind->try (object));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("loop", private_loop_thread, all);
  sync_await (kind->waiting (object) == G_N_ELEMENTS (threads));
  kind->unlock (object);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_true (kind->try (object));
  kind->unlock (object);
}

static void
chain_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  guint *n = data;

  g_assert_true (au_mutex_lock_finish (AU_MUTEX (source), result, NULL));
  (*n)++;
  au_mutex_unlock (AU_MUTEX (source));
}

/* One wakes the next, and not on one stack. */
static void
test_long_chain (void)
{
  g_autoptr(AuMutex) mutex = au_mutex_new ();
  const guint n_waits = 100000 / SYNC_SLOWER;
  guint n = 0;

  g_assert_true (au_mutex_try_lock (mutex));
  for (guint i = 0; i < n_waits; i++)
    au_mutex_lock_async (mutex, NULL, chain_cb, &n);
  au_mutex_unlock (mutex);
  sync_iterate_until (n == n_waits);
  g_assert_false (au_mutex_is_locked (mutex));
}

static void
test_dropped_context (void)
{
  g_autoptr(AuSemaphore) semaphore = au_semaphore_new (1);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  GMainContext *context = g_main_context_new ();
  guint n_references;

  n_references = G_OBJECT (semaphore)->ref_count;
  g_main_context_push_thread_default (context);
  au_semaphore_acquire_async (semaphore, cancellable, NULL, NULL);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  g_assert_cmpuint (G_OBJECT (semaphore)->ref_count, ==, n_references);
}

static void
test_priorities (void)
{
  static const int priorities[] = { 5, 0, 1, -2, 3, 1, 0 };
  g_autoptr(AuSemaphore) semaphore = au_semaphore_new (1);
  g_autoptr(GString) order = g_string_new (NULL);
  Kind kind = kinds[0];
  Locker lockers[G_N_ELEMENTS (priorities)];

  g_assert_true (au_semaphore_try_acquire (semaphore));
  for (guint i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      lockers[i] = (Locker) { &kind, semaphore, -1, NULL, NULL, order, 'a' + i };
      au_priority_push (priorities[i]);
      au_semaphore_acquire_async (semaphore, NULL, append_cb, &lockers[i]);
      au_priority_pop ();
    }
  au_semaphore_release (semaphore);
  sync_iterate_until (order->len == G_N_ELEMENTS (priorities));
  g_assert_cmpstr (order->str, ==, "dbgcfea");
}

static void
test_priorities_nest (void)
{
  g_assert_cmpint (au_priority_get (), ==, 0);
  au_priority_push (3);
  au_priority_push (-1);
  g_assert_cmpint (au_priority_get (), ==, -1);
  au_priority_pop ();
  g_assert_cmpint (au_priority_get (), ==, 3);
  au_priority_pop ();
  g_assert_cmpint (au_priority_get (), ==, 0);
}

static void
test_limit (void)
{
  g_autoptr(AuSemaphore) semaphore = au_semaphore_new (2);
  SyncOutcome outcomes[4] = { { NULL } };

  g_assert_true (au_semaphore_try_acquire (semaphore));
  g_assert_true (au_semaphore_try_acquire (semaphore));
  g_assert_false (au_semaphore_try_acquire (semaphore));
  for (guint i = 0; i < 4; i++)
    au_semaphore_acquire_async (semaphore, NULL, sync_outcome_cb, &outcomes[i]);
  sync_iterate ();
  g_assert_cmpuint (outcomes[0].n_calls, ==, 0);

  au_semaphore_set_limit (semaphore, 4);
  sync_outcome_await (&outcomes[0]);
  sync_outcome_await (&outcomes[1]);
  sync_iterate ();
  g_assert_cmpuint (outcomes[2].n_calls, ==, 0);

  /* four are in: two have to leave before anybody comes in again */
  au_semaphore_set_limit (semaphore, 2);
  au_semaphore_release (semaphore);
  au_semaphore_release (semaphore);
  sync_iterate ();
  g_assert_cmpuint (outcomes[2].n_calls, ==, 0);
  au_semaphore_release (semaphore);
  sync_outcome_await (&outcomes[2]);
  au_semaphore_release (semaphore);
  sync_outcome_await (&outcomes[3]);
  au_semaphore_release (semaphore);
  au_semaphore_release (semaphore);
  g_assert_cmpuint (au_semaphore_get_available (semaphore), ==, 2);
  for (guint i = 0; i < 4; i++)
    sync_outcome_clear (&outcomes[i]);

  g_test_expect_message ("au", G_LOG_LEVEL_CRITICAL, "*more often*");
  au_semaphore_release (semaphore);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (au_semaphore_get_available (semaphore), ==, 2);
}

static void
test_keys (void)
{
  g_autoptr(AuKeyedMutex) mutex = au_keyed_mutex_new ();

  g_assert_true (au_keyed_mutex_try_lock (mutex, "a"));
  g_assert_true (au_keyed_mutex_try_lock (mutex, "b"));
  g_assert_false (au_keyed_mutex_try_lock (mutex, "a"));
  g_assert_cmpuint (au_keyed_mutex_get_n_locked (mutex), ==, 2);
  au_keyed_mutex_unlock (mutex, "a");
  g_assert_false (au_keyed_mutex_is_locked (mutex, "a"));
  g_assert_true (au_keyed_mutex_is_locked (mutex, "b"));
  au_keyed_mutex_unlock (mutex, "b");
  g_assert_cmpuint (au_keyed_mutex_get_n_locked (mutex), ==, 0);
}

/* Of several the one that ends last counts, and nobody need be inside when it does. */
static void
test_lockout_ends (void)
{
  g_autoptr(AuLockout) lockout = au_lockout_new (FALSE);
  Kind kind = { "lockout", make_lockout, lockout_lock, NULL, NULL, NULL,
                (gpointer) au_lockout_leave, (gpointer) au_lockout_get_waiting };
  Locker locker = { &kind, lockout, -1 };
  SyncOutcome outcomes[3] = { { NULL } };
  g_autoptr(GError) error = NULL;
  GThread *thread;

  au_clock_freeze ();
  g_assert_true (au_lockout_try_enter (lockout));
  g_assert_cmpint (au_lockout_get_locked_until (lockout), ==, -1);
  au_lockout_lock_for (lockout, 3 * G_TIME_SPAN_SECOND);
  au_lockout_lock_for (lockout, G_TIME_SPAN_SECOND);
  g_assert_cmpint (au_lockout_get_locked_until (lockout), ==,
                   au_clock_get_monotonic_time () + 3 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (au_lockout_get_inside (lockout), ==, 1);
  au_lockout_leave (lockout);

  g_assert_false (au_lockout_try_enter (lockout));
  g_assert_false (au_lockout_enter (lockout, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  thread = start_locker (&locker);
  for (guint i = 0; i < 3; i++)
    au_lockout_enter_async (lockout, NULL, sync_outcome_cb, &outcomes[i]);
  au_clock_advance (G_TIME_SPAN_SECOND);
  au_lockout_lock_for (lockout, 4 * G_TIME_SPAN_SECOND);
  au_clock_advance (4 * G_TIME_SPAN_SECOND - 1);
  g_assert_cmpuint (au_lockout_get_waiting (lockout), ==, 4);
  au_clock_advance (1);
  g_thread_join (thread);
  for (guint i = 0; i < 3; i++)
    g_assert_true (au_lockout_enter_finish (lockout, sync_outcome_await (&outcomes[i]), NULL));
  g_assert_cmpuint (au_lockout_get_inside (lockout), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      au_lockout_leave (lockout);
      sync_outcome_clear (&outcomes[i]);
    }
  au_clock_thaw ();
}

static void
test_lockout_one_by_one (void)
{
  g_autoptr(AuLockout) lockout = au_lockout_new (TRUE);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  SyncOutcome outcomes[4] = { { NULL } };

  au_clock_freeze ();
  au_lockout_lock_for (lockout, G_TIME_SPAN_SECOND);
  for (guint i = 0; i < 4; i++)
    au_lockout_enter_async (lockout, i == 1 ? cancellable : NULL, sync_outcome_cb, &outcomes[i]);
  au_clock_advance (G_TIME_SPAN_SECOND);
  sync_outcome_await (&outcomes[0]);

  /* one that was cancelled does not come in, and keeps nobody out */
  g_cancellable_cancel (cancellable);
  g_assert_false (au_lockout_enter_finish (lockout, sync_outcome_await (&outcomes[1]), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  sync_iterate ();
  g_assert_cmpuint (outcomes[2].n_calls, ==, 0);
  g_assert_false (au_lockout_try_enter (lockout));
  au_lockout_leave (lockout);
  sync_outcome_await (&outcomes[2]);
  sync_iterate ();
  g_assert_cmpuint (outcomes[3].n_calls, ==, 0);
  au_lockout_leave (lockout);
  sync_outcome_await (&outcomes[3]);
  au_lockout_leave (lockout);

  g_assert_true (au_lockout_try_enter (lockout));
  g_assert_true (au_lockout_try_enter (lockout));
  au_lockout_leave (lockout);
  au_lockout_leave (lockout);
  for (guint i = 0; i < 4; i++)
    sync_outcome_clear (&outcomes[i]);
  au_clock_thaw ();
}

/* Everything at once */

#define N_THREADS (4)
#define LIMIT (3)
#define N_OPERATIONS (SYNC_MANY (100000))

typedef struct
{
  AuSemaphore *semaphore;
  AuMutex     *mutex;
  int          inside;
  int          n_acquired;
  guint        plain;         /* guarded by the mutex */
  int          n_locked;
} Shared;

typedef struct
{
  Shared *shared;
  guint   n_pending;
} Loop;

static void
stay_inside (Shared *shared)
{
  g_assert_cmpint (g_atomic_int_add (&shared->inside, 1), <, LIMIT);
  g_atomic_int_inc (&shared->n_acquired);
  g_atomic_int_add (&shared->inside, -1);
  au_semaphore_release (shared->semaphore);
}

static void
stress_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Loop *loop = data;

  loop->n_pending--;
  if (au_semaphore_acquire_finish (AU_SEMAPHORE (source), result, NULL))
    stay_inside (loop->shared);
}

static gpointer
stress_loop_thread (gpointer data)
{
  Loop loop = { data };
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  g_main_context_push_thread_default (context);
  for (guint i = 0; i < N_OPERATIONS / N_THREADS; i++)
    {
      g_autoptr(GCancellable) cancellable = NULL;

      if (g_rand_boolean (rand))
        cancellable = g_cancellable_new ();
      au_priority_push (g_rand_int_range (rand, -2, 3));
      loop.n_pending++;
      au_semaphore_acquire_async (loop.shared->semaphore, cancellable, stress_cb, &loop);
      au_priority_pop ();
      while (loop.n_pending > 50)
        g_main_context_iteration (context, TRUE);
      if (cancellable != NULL && g_rand_boolean (rand))
        g_cancellable_cancel (cancellable);
    }
  while (loop.n_pending > 0)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static gpointer
stress_thread (gpointer data)
{
  Shared *shared = data;
  g_autoptr(GRand) rand = g_rand_new_with_seed (g_test_rand_int ());

  for (guint i = 0; i < N_OPERATIONS / N_THREADS; i++)
    {
      gboolean acquired;

      switch (g_rand_int_range (rand, 0, 4))
        {
        case 0:
          acquired = au_semaphore_try_acquire (shared->semaphore);
          break;
        case 1:
          acquired = au_semaphore_acquire (shared->semaphore, g_rand_int_range (rand, 0, 50), NULL, NULL);
          break;
        default:
          acquired = au_semaphore_acquire (shared->semaphore, -1, NULL, NULL);
          break;
        }
      if (acquired)
        stay_inside (shared);

      if (au_mutex_lock (shared->mutex, g_rand_boolean (rand) ? -1 : 20, NULL, NULL))
        {
          shared->plain++;
          au_mutex_unlock (shared->mutex);
          g_atomic_int_inc (&shared->n_locked);
        }
    }

  return NULL;
}

static void
test_stress (void)
{
  Shared shared = { au_semaphore_new (LIMIT), au_mutex_new () };
  GThread *threads[2 * N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    {
      threads[2 * i] = g_thread_new ("stress", stress_thread, &shared);
      threads[2 * i + 1] = g_thread_new ("stress-loop", stress_loop_thread, &shared);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);

  g_assert_cmpuint (au_semaphore_get_available (shared.semaphore), ==, LIMIT);
  g_assert_cmpuint (au_semaphore_get_waiting (shared.semaphore), ==, 0);
  g_assert_cmpint (shared.n_acquired, >, N_OPERATIONS / 2);
  g_assert_cmpuint (shared.plain, ==, shared.n_locked);
  g_assert_false (au_mutex_is_locked (shared.mutex));
  g_object_unref (shared.semaphore);
  g_object_unref (shared.mutex);
}

static void
add (const char   *topic,
     const Kind   *kind,
     GTestDataFunc func)
{
  g_autofree char *path = g_strdup_printf ("/sync/%s/%s", kind->name, topic);

  g_test_add_data_func (path, kind, func);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      add ("try", &kinds[i], test_try);
      add ("one-line", &kinds[i], test_one_line);
      add ("callback-comes-later", &kinds[i], test_callback_comes_later);
      add ("cancelled", &kinds[i], test_cancelled);
      add ("cancelled-at-hand-over", &kinds[i], test_cancelled_at_hand_over);
      add ("unlocked-by-cancellation", &kinds[i], test_unlocked_by_cancellation);
      add ("timed-out", &kinds[i], test_timed_out);
      add ("private-loops", &kinds[i], test_private_loops);
    }
  g_test_add_func ("/sync/mutex/long-chain", test_long_chain);
  g_test_add_func ("/sync/semaphore/dropped-context", test_dropped_context);
  g_test_add_func ("/sync/semaphore/priorities", test_priorities);
  g_test_add_func ("/sync/semaphore/priorities-nest", test_priorities_nest);
  g_test_add_func ("/sync/semaphore/limit", test_limit);
  g_test_add_func ("/sync/keyed-mutex/keys", test_keys);
  g_test_add_func ("/sync/lockout/ends", test_lockout_ends);
  g_test_add_func ("/sync/lockout/one-by-one", test_lockout_one_by_one);
  g_test_add_func ("/sync/locks/stress", test_stress);

  return g_test_run ();
}
