/* au-test-clock.c: a clock that a test moves
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au-test/au-test-clock.h>

/**
 * AuTestClock:
 *
 * Stops the time of this process for as long as it exists, and moves it when told to.
 *
 * All of au takes the time from one clock, and so does a part that uses
 * [func@Au.clock_get_monotonic_time], [func@Au.clock_get_real_time],
 * [func@Au.clock_source_new], [func@Au.clock_interval_source_new],
 * [func@Au.clock_wait_until] and [func@Au.clock_poll]: times to live, delays, time limits,
 * backoff, leases, schedules and rates then wait for the test, which needs no sleep and no
 * luck.
 *
 * ```c
 * g_autoptr(AuTestClock) clock = au_test_clock_new ();
 *
 * au_options_set_ttl (options, G_TIME_SPAN_HOUR);
 * …
 * au_test_clock_advance (clock, G_TIME_SPAN_HOUR);
 * ```
 *
 * There is one time, so there is one such clock at once. Other processes have times of
 * their own, which go on; so does whatever they are asked, such as whether a worker
 * process still answers.
 *
 * MT safe.
 *
 * Since: 1.0
 */

struct _AuTestClock
{
  GObject parent_instance;

  gint64  start;
};

static gint n_clocks;

G_DEFINE_FINAL_TYPE (AuTestClock, au_test_clock, G_TYPE_OBJECT)

static void
au_test_clock_finalize (GObject *object)
{
  au_clock_thaw ();
  g_atomic_int_add (&n_clocks, -1);

  G_OBJECT_CLASS (au_test_clock_parent_class)->finalize (object);
}

static void
au_test_clock_class_init (AuTestClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = au_test_clock_finalize;
}

static void
au_test_clock_init (AuTestClock *self)
{
  g_assert_cmpint (g_atomic_int_add (&n_clocks, 1), ==, 0);

  au_clock_freeze ();
  self->start = au_clock_get_monotonic_time ();
}

/**
 * au_test_clock_new:
 *
 * Stops the time. It goes on, as if nothing had been, when the last reference is gone.
 *
 * Asserts that there is no other such clock.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new clock
 *
 * Since: 1.0
 */
AuTestClock *
au_test_clock_new (void)
{
  return g_object_new (AU_TEST_TYPE_CLOCK, NULL);
}

/**
 * au_test_clock_advance:
 * @self: a clock
 * @span: how far, in microseconds, not negative
 *
 * Moves the time forward. Whatever waits for a time that has come by this is told before
 * the function returns, and is then done by its own thread or main context: wait for it,
 * or iterate the context.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_test_clock_advance (AuTestClock *self,
                       GTimeSpan    span)
{
  g_return_if_fail (AU_TEST_IS_CLOCK (self));
  g_return_if_fail (span >= 0);

  au_clock_advance (span);
}

/**
 * au_test_clock_get_elapsed:
 * @self: a clock
 *
 * Gets how far the time was moved since the clock was made.
 *
 * MT safe.
 *
 * Returns: microseconds
 *
 * Since: 1.0
 */
GTimeSpan
au_test_clock_get_elapsed (AuTestClock *self)
{
  g_return_val_if_fail (AU_TEST_IS_CLOCK (self), 0);

  return au_clock_get_monotonic_time () - self->start;
}
