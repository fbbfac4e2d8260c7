/* test-clock.c: the time, as all of au sees it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <fcntl.h>
#include <glib-unix.h>
#include <unistd.h>

#define N_THREADS (4)
#define N_ROUNDS (500)

static void
count (gpointer user_data)
{
  g_atomic_int_inc ((int *) user_data);
}

static gboolean
count_and_go_on (gpointer user_data)
{
  count (user_data);

  return G_SOURCE_CONTINUE;
}

static void
iterate (GMainContext *context)
{
  while (g_main_context_iteration (context, FALSE))
    ;
}

static void
test_clock_is_the_plain_one (void)
{
  gint64 before, time, after;

  before = g_get_real_time ();
  time = au_clock_get_real_time ();
  after = g_get_real_time ();
  g_assert_cmpint (before, <=, time);
  g_assert_cmpint (time, <=, after);

  before = g_get_monotonic_time ();
  time = au_clock_get_monotonic_time ();
  after = g_get_monotonic_time ();
  g_assert_cmpint (before, <=, time);
  g_assert_cmpint (time, <=, after);
}

static void
spin_until_the_plain_clock_moves (void)
{
  gint64 start = g_get_monotonic_time ();

  while (g_get_monotonic_time () == start)
    ;
}

static void
test_clock_frozen_moves_only_when_told (void)
{
  gint64 real, monotonic;

  au_clock_freeze ();
  real = au_clock_get_real_time ();
  monotonic = au_clock_get_monotonic_time ();
  spin_until_the_plain_clock_moves ();
  g_assert_cmpint (au_clock_get_real_time (), ==, real);
  g_assert_cmpint (au_clock_get_monotonic_time (), ==, monotonic);

  /* a second time changes nothing */
  au_clock_freeze ();
  g_assert_cmpint (au_clock_get_real_time (), ==, real);

  au_clock_advance (G_TIME_SPAN_HOUR);
  au_clock_advance (5);
  g_assert_cmpint (au_clock_get_real_time (), ==, real + G_TIME_SPAN_HOUR + 5);
  g_assert_cmpint (au_clock_get_monotonic_time (), ==, monotonic + G_TIME_SPAN_HOUR + 5);

  au_clock_thaw ();
  test_clock_is_the_plain_one ();
}

static void
test_clock_running_can_be_advanced (void)
{
  gint64 real = g_get_real_time ();
  gint64 monotonic = g_get_monotonic_time ();
  gint64 frozen;

  au_clock_advance (G_TIME_SPAN_DAY);
  g_assert_cmpint (au_clock_get_real_time (), >=, real + G_TIME_SPAN_DAY);
  g_assert_cmpint (au_clock_get_monotonic_time (), >=, monotonic + G_TIME_SPAN_DAY);
  g_assert_cmpint (au_clock_get_real_time (), <=, g_get_real_time () + G_TIME_SPAN_DAY);

  /* freezing keeps what was added */
  au_clock_freeze ();
  frozen = au_clock_get_real_time ();
  g_assert_cmpint (frozen, >=, real + G_TIME_SPAN_DAY);
  spin_until_the_plain_clock_moves ();
  g_assert_cmpint (au_clock_get_real_time (), ==, frozen);

  au_clock_thaw ();
  test_clock_is_the_plain_one ();
}

static void
test_clock_does_not_go_back_by_order (void)
{
  g_test_expect_message ("au", G_LOG_LEVEL_CRITICAL, "*span >= 0*");
  au_clock_advance (-1);
  g_test_assert_expected_messages ();
  test_clock_is_the_plain_one ();
}

static void
test_clock_watchers_are_told_of_every_movement (void)
{
  int n_calls = 0;
  int n_destroyed = 0;
  guint id = au_clock_watch (count, &n_calls, NULL);
  guint other = au_clock_watch (count, &n_calls, NULL);
  guint third = au_clock_watch (count, &n_destroyed, count);

  g_assert_cmpuint (id, !=, 0);
  g_assert_cmpuint (id, !=, other);

  au_clock_unwatch (third);
  g_assert_cmpint (n_destroyed, ==, 1);

  au_clock_freeze ();
  g_assert_cmpint (n_calls, ==, 2);
  au_clock_advance (1);
  g_assert_cmpint (n_calls, ==, 4);
  au_clock_unwatch (other);
  au_clock_thaw ();
  g_assert_cmpint (n_calls, ==, 5);

  /* what moves nothing is not told */
  au_clock_thaw ();
  g_assert_cmpint (n_calls, ==, 5);

  au_clock_unwatch (id);
  au_clock_advance (1);
  au_clock_thaw ();
  g_assert_cmpint (n_calls, ==, 5);
  g_assert_cmpint (n_destroyed, ==, 1);
}

typedef struct
{
  guint  id;
  gint64 seen;
  int    n_destroyed;
} Selfish;

static void
look_and_leave (gpointer user_data)
{
  Selfish *selfish = user_data;

  /* no lock is held: this would hang */
  selfish->seen = au_clock_get_monotonic_time ();
  au_clock_unwatch (selfish->id);
  g_assert_cmpint (selfish->n_destroyed, ==, 0);
}

static void
note_destroyed (gpointer user_data)
{
  ((Selfish *) user_data)->n_destroyed++;
}

static void
test_clock_watcher_may_use_the_clock (void)
{
  Selfish selfish = { 0 };

  au_clock_freeze ();
  selfish.id = au_clock_watch (look_and_leave, &selfish, note_destroyed);
  au_clock_advance (G_TIME_SPAN_SECOND);
  g_assert_cmpint (selfish.seen, ==, au_clock_get_monotonic_time ());
  g_assert_cmpint (selfish.n_destroyed, ==, 1);
  au_clock_thaw ();
}

static void
test_clock_source_is_ready_when_the_frozen_clock_gets_there (void)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GSource) source = NULL;
  int n_calls = 0;

  au_clock_freeze ();
  source = au_clock_source_new (au_clock_get_monotonic_time () + 10);
  g_source_set_callback (source, count_and_go_on, &n_calls, NULL);
  g_source_attach (source, context);

  iterate (context);
  g_assert_cmpint (n_calls, ==, 0);
  au_clock_advance (9);
  iterate (context);
  g_assert_cmpint (n_calls, ==, 0);
  au_clock_advance (1);
  iterate (context);
  g_assert_cmpint (n_calls, ==, 1);

  /* once, until it gets another time */
  au_clock_advance (G_TIME_SPAN_DAY);
  iterate (context);
  g_assert_cmpint (n_calls, ==, 1);
  au_clock_source_set_time (source, au_clock_get_monotonic_time () + 5);
  iterate (context);
  g_assert_cmpint (n_calls, ==, 1);
  au_clock_advance (5);
  iterate (context);
  g_assert_cmpint (n_calls, ==, 2);

  /* a time that has been is ready at once */
  au_clock_source_set_time (source, 0);
  iterate (context);
  g_assert_cmpint (n_calls, ==, 3);

  au_clock_source_set_time (source, au_clock_get_monotonic_time () + 5);
  au_clock_source_set_time (source, -1);
  au_clock_advance (G_TIME_SPAN_DAY);
  iterate (context);
  g_assert_cmpint (n_calls, ==, 3);

  g_source_destroy (source);
  au_clock_thaw ();
}

static void
test_clock_source_stops_with_the_clock (void)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GSource) source = au_clock_source_new (g_get_monotonic_time () + G_TIME_SPAN_DAY);
  gint64 time;
  int n_calls = 0;

  g_source_set_callback (source, count_and_go_on, &n_calls, NULL);
  g_source_attach (source, context);
  time = g_source_get_ready_time (source);
  g_assert_cmpint (time, >, 0);

  /* Its loop hears of a movement at once, and works out anew how long to sleep. */
  au_clock_freeze ();
  iterate (context);
  g_assert_cmpint (g_source_get_ready_time (source), ==, -1);
  au_clock_thaw ();
  iterate (context);
  g_assert_cmpint (g_source_get_ready_time (source), ==, time);

  au_clock_advance (G_TIME_SPAN_HOUR);
  iterate (context);
  g_assert_cmpint (g_source_get_ready_time (source), ==, time - G_TIME_SPAN_HOUR);
  g_assert_cmpint (n_calls, ==, 0);
  au_clock_advance (G_TIME_SPAN_DAY);
  iterate (context);
  g_assert_cmpint (n_calls, ==, 1);

  g_source_destroy (source);
  au_clock_thaw ();
}

static gboolean
note_time_and_end (gpointer user_data)
{
  *(gint64 *) user_data = au_clock_get_monotonic_time ();

  return G_SOURCE_REMOVE;
}

static void
test_clock_source_is_ready_on_the_running_clock (void)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  gint64 wanted = au_clock_get_monotonic_time () + 5 * G_TIME_SPAN_MILLISECOND;
  g_autoptr(GSource) source = au_clock_source_new (wanted);
  gint64 dispatched = 0;

  g_source_set_callback (source, note_time_and_end, &dispatched, NULL);
  g_source_attach (source, context);
  while (dispatched == 0)
    g_main_context_iteration (context, TRUE);

  g_assert_cmpint (dispatched, >=, wanted);
  g_assert_true (g_source_is_destroyed (source));
}

typedef struct
{
  GSource *source;
  int      n_calls;
} Repeater;

static gboolean
repeat (gpointer user_data)
{
  Repeater *repeater = user_data;

  repeater->n_calls++;
  au_clock_source_set_time (repeater->source, au_clock_get_monotonic_time () + 10);

  return G_SOURCE_CONTINUE;
}

static void
test_clock_source_may_be_rescheduled_by_its_callback (void)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  Repeater repeater = { 0 };

  au_clock_freeze ();
  repeater.source = au_clock_source_new (au_clock_get_monotonic_time ());
  g_source_set_callback (repeater.source, repeat, &repeater, NULL);
  g_source_attach (repeater.source, context);

  for (int i = 1; i < 5; i++)
    {
      iterate (context);
      g_assert_cmpint (repeater.n_calls, ==, i);
      au_clock_advance (10);
    }

  g_source_destroy (repeater.source);
  g_source_unref (repeater.source);
  au_clock_thaw ();
}

typedef struct
{
  GMutex   mutex;
  GCond    cond;
  gboolean ready;
} Sleeper;

static gpointer
sleep_for_a_day (gpointer data)
{
  Sleeper *sleeper = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GSource) source = au_clock_source_new (au_clock_get_monotonic_time () + G_TIME_SPAN_DAY);
  gint64 dispatched = 0;

  g_source_set_callback (source, note_time_and_end, &dispatched, NULL);
  g_source_attach (source, context);

  g_mutex_lock (&sleeper->mutex);
  sleeper->ready = TRUE;
  g_cond_signal (&sleeper->cond);
  g_mutex_unlock (&sleeper->mutex);

  while (dispatched == 0)
    g_main_context_iteration (context, TRUE);

  return NULL;
}

static void
test_clock_moving_wakes_a_sleeping_thread (void)
{
  Sleeper sleeper = { 0 };
  GThread *thread;

  au_clock_freeze ();
  thread = g_thread_new ("sleeper", sleep_for_a_day, &sleeper);

  g_mutex_lock (&sleeper.mutex);
  while (!sleeper.ready)
    g_cond_wait (&sleeper.cond, &sleeper.mutex);
  g_mutex_unlock (&sleeper.mutex);

  au_clock_advance (G_TIME_SPAN_DAY);
  g_thread_join (thread);
  au_clock_thaw ();
}

static gpointer
make_sources (gpointer data)
{
  static GMutex shared;
  static GCond never;
  g_autoptr(GMainContext) context = g_main_context_new ();
  int n_calls = 0;

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr(GSource) source = au_clock_source_new (au_clock_get_monotonic_time () + i % 3);
      guint id = au_clock_watch (count, data, NULL);

      g_source_set_callback (source, count_and_go_on, &n_calls, NULL);
      g_source_attach (source, context);
      iterate (context);
      au_clock_source_set_time (source, 0);
      au_clock_unwatch (id);
      g_source_destroy (source);

      g_mutex_lock (&shared);
      au_clock_wait_until (&never, &shared, au_clock_get_monotonic_time () + i % 3);
      g_mutex_unlock (&shared);
      au_clock_poll (NULL, 0, au_clock_get_monotonic_time () + i % 3);
    }

  return NULL;
}

static gpointer
move_clock (gpointer data)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      au_clock_freeze ();
      au_clock_advance (1);
      au_clock_thaw ();
    }

  return NULL;
}

static void
test_clock_may_be_moved_and_used_by_all_threads (void)
{
  GThread *threads[N_THREADS];
  static int n_calls;

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("clock", i % 2 ? move_clock : make_sources, &n_calls);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  test_clock_is_the_plain_one ();
}

static void
test_clock_time_of_other_sources_cannot_be_set (void)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_test_expect_message ("au", G_LOG_LEVEL_CRITICAL, "*source_funcs*");
  au_clock_source_set_time (source, 0);
  g_test_assert_expected_messages ();
}

static void
test_clock_interval_source_is_ready_again_and_again (void)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GSource) source = NULL;
  int n_calls = 0;

  au_clock_freeze ();
  source = au_clock_interval_source_new (G_TIME_SPAN_MINUTE);
  g_source_set_callback (source, count_and_go_on, &n_calls, NULL);
  g_source_attach (source, context);

  for (int i = 0; i < 3; i++)
    {
      au_clock_advance (G_TIME_SPAN_MINUTE - 1);
      iterate (context);
      g_assert_cmpint (n_calls, ==, i);
      au_clock_advance (1);
      iterate (context);
      g_assert_cmpint (n_calls, ==, i + 1);
    }

  /* what was missed is not made up for */
  au_clock_advance (G_TIME_SPAN_HOUR);
  iterate (context);
  g_assert_cmpint (n_calls, ==, 4);

  g_source_destroy (source);
  au_clock_thaw ();
}

static void
test_clock_source_may_be_a_child (void)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GSource) parent = au_clock_source_new (-1);
  g_autoptr(GSource) child = au_clock_source_new (-1);
  int n_calls = 0;

  au_clock_freeze ();
  g_source_set_callback (parent, count_and_go_on, &n_calls, NULL);
  g_source_set_dummy_callback (child);
  g_source_add_child_source (parent, child);
  g_source_attach (parent, context);

  /* The child makes the parent ready, which sees that its own time has not come. */
  au_clock_source_set_time (child, 0);
  iterate (context);
  g_assert_cmpint (n_calls, ==, 0);
  au_clock_source_set_time (parent, 0);
  iterate (context);
  g_assert_cmpint (n_calls, ==, 1);

  g_source_destroy (parent);
  au_clock_thaw ();
}

/* A thread that waits for a time, and tells how often it was woken before that. */
typedef struct
{
  GMutex lock;
  GCond  cond;
  GCond  woken;
  gint64 until;
  guint  n_woken;
  gint64 ended;
} Sleep;

static gpointer
sleep_on_condition (gpointer user_data)
{
  Sleep *self = user_data;

  g_mutex_lock (&self->lock);
  while (au_clock_wait_until (&self->cond, &self->lock, self->until))
    {
      self->n_woken++;
      g_cond_signal (&self->woken);
    }
  self->ended = au_clock_get_monotonic_time ();
  g_cond_signal (&self->woken);
  g_mutex_unlock (&self->lock);

  return NULL;
}

static guint
count_woken (Sleep *self)
{
  guint n_woken;

  g_mutex_lock (&self->lock);
  n_woken = self->n_woken;
  g_assert_cmpint (self->ended, ==, 0);
  g_mutex_unlock (&self->lock);

  return n_woken;
}

static void
await_woken (Sleep *self,
             guint  n_woken)
{
  g_mutex_lock (&self->lock);
  while (self->n_woken < n_woken)
    g_cond_wait (&self->woken, &self->lock);
  g_mutex_unlock (&self->lock);
}

static void
test_clock_condition_wakes_when_its_time_has_come (void)
{
  Sleep self = { .n_woken = 0 };
  g_autoptr(GThread) thread = NULL;

  g_mutex_init (&self.lock);
  g_cond_init (&self.cond);
  g_cond_init (&self.woken);
  au_clock_freeze ();
  self.until = au_clock_get_monotonic_time () + G_TIME_SPAN_HOUR;
  thread = g_thread_new ("sleeper", sleep_on_condition, &self);

  /* A signal, by which it is seen to sleep, and a time that is not enough: both wake it. */
  while (count_woken (&self) == 0)
    {
      g_cond_signal (&self.cond);
      g_thread_yield ();
    }
  for (guint i = 0; i < 3; i++)
    {
      guint n_woken = count_woken (&self);

      au_clock_advance (i == 0 ? G_TIME_SPAN_HOUR - 2 : 0);
      await_woken (&self, n_woken + 1);
      count_woken (&self);
    }

  au_clock_advance (2);
  g_thread_join (g_steal_pointer (&thread));
  g_assert_cmpint (self.ended, ==, self.until);

  au_clock_thaw ();
  g_cond_clear (&self.woken);
  g_cond_clear (&self.cond);
  g_mutex_clear (&self.lock);
}

static void
test_clock_condition_keeps_the_plain_time (void)
{
  Sleep self = { .n_woken = 0 };

  g_mutex_init (&self.lock);
  g_cond_init (&self.cond);
  g_cond_init (&self.woken);
  self.until = au_clock_get_monotonic_time () + 5 * G_TIME_SPAN_MILLISECOND;
  sleep_on_condition (&self);
  g_assert_cmpint (self.ended, >=, self.until);

  /* what is over is not waited for */
  self.ended = 0;
  sleep_on_condition (&self);
  g_assert_cmpint (self.ended, >=, self.until);

  g_cond_clear (&self.woken);
  g_cond_clear (&self.cond);
  g_mutex_clear (&self.lock);
}

static gpointer
sleep_on_descriptor (gpointer user_data)
{
  Sleep *self = user_data;
  GPollFD fd = { .fd = (int) self->n_woken, .events = G_IO_IN };

  g_assert_cmpint (au_clock_poll (&fd, 1, self->until), ==, 0);
  g_assert_cmpint (fd.revents, ==, 0);

  return GSIZE_TO_POINTER (1 + (au_clock_get_monotonic_time () >= self->until));
}

static void
test_clock_poll_ends_when_its_time_has_come (void)
{
  g_autoptr(GError) error = NULL;
  Sleep self = { .n_woken = 0 };
  GThread *thread;
  GPollFD fd;
  int ends[2];

  g_unix_open_pipe (ends, FD_CLOEXEC, &error);
  g_assert_no_error (error);
  fd = (GPollFD) { .fd = ends[0], .events = G_IO_IN };

  au_clock_freeze ();
  self.n_woken = ends[0];
  self.until = au_clock_get_monotonic_time () + G_TIME_SPAN_HOUR;
  thread = g_thread_new ("sleeper", sleep_on_descriptor, &self);
  au_clock_advance (G_TIME_SPAN_HOUR - 1);
  au_clock_advance (1);
  g_assert_cmpint (GPOINTER_TO_SIZE (g_thread_join (thread)), ==, 2);

  /* what is over is only looked at */
  g_assert_cmpint (au_clock_poll (&fd, 1, self.until), ==, 0);

  /* something to read comes first, whatever the clock says */
  g_assert_cmpint (write (ends[1], "x", 1), ==, 1);
  g_assert_cmpint (au_clock_poll (&fd, 1, self.until), ==, 1);
  g_assert_cmpint (au_clock_poll (&fd, 1, self.until + 1), ==, 1);
  g_assert_cmpint (au_clock_poll (&fd, 1, -1), ==, 1);
  g_assert_cmpint (fd.revents, ==, G_IO_IN);
  au_clock_thaw ();

  close (ends[0]);
  close (ends[1]);
}

static void
test_clock_poll_keeps_the_plain_time (void)
{
  gint64 until = au_clock_get_monotonic_time () + 5 * G_TIME_SPAN_MILLISECOND;

  g_assert_cmpint (au_clock_poll (NULL, 0, until), ==, 0);
  g_assert_cmpint (au_clock_get_monotonic_time (), >=, until);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/clock/is-the-plain-one", test_clock_is_the_plain_one);
  g_test_add_func ("/clock/frozen-moves-only-when-told", test_clock_frozen_moves_only_when_told);
  g_test_add_func ("/clock/running-can-be-advanced", test_clock_running_can_be_advanced);
  g_test_add_func ("/clock/does-not-go-back-by-order", test_clock_does_not_go_back_by_order);
  g_test_add_func ("/clock/watchers-are-told-of-every-movement", test_clock_watchers_are_told_of_every_movement);
  g_test_add_func ("/clock/watcher-may-use-the-clock", test_clock_watcher_may_use_the_clock);
  g_test_add_func ("/clock/source/is-ready-when-the-frozen-clock-gets-there", test_clock_source_is_ready_when_the_frozen_clock_gets_there);
  g_test_add_func ("/clock/source/stops-with-the-clock", test_clock_source_stops_with_the_clock);
  g_test_add_func ("/clock/source/is-ready-on-the-running-clock", test_clock_source_is_ready_on_the_running_clock);
  g_test_add_func ("/clock/source/may-be-rescheduled-by-its-callback", test_clock_source_may_be_rescheduled_by_its_callback);
  g_test_add_func ("/clock/source/moving-wakes-a-sleeping-thread", test_clock_moving_wakes_a_sleeping_thread);
  g_test_add_func ("/clock/source/time-of-others-cannot-be-set", test_clock_time_of_other_sources_cannot_be_set);
  g_test_add_func ("/clock/source/interval-is-ready-again-and-again", test_clock_interval_source_is_ready_again_and_again);
  g_test_add_func ("/clock/source/may-be-a-child", test_clock_source_may_be_a_child);
  g_test_add_func ("/clock/condition/wakes-when-its-time-has-come", test_clock_condition_wakes_when_its_time_has_come);
  g_test_add_func ("/clock/condition/keeps-the-plain-time", test_clock_condition_keeps_the_plain_time);
  g_test_add_func ("/clock/poll/ends-when-its-time-has-come", test_clock_poll_ends_when_its_time_has_come);
  g_test_add_func ("/clock/poll/keeps-the-plain-time", test_clock_poll_keeps_the_plain_time);
  g_test_add_func ("/clock/may-be-moved-and-used-by-all-threads", test_clock_may_be_moved_and_used_by_all_threads);

  return g_test_run ();
}
