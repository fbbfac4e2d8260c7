/* au-clock.c: the time, as all of au sees it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-clock.h>

#include <errno.h>
#include <glib-object.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct
{
  gatomicrefcount ref_count;
  guint           id;
  gboolean        removed;
  AuClockFunc     func;
  gpointer        user_data;
  GDestroyNotify  destroy;
} Watcher;

typedef struct
{
  GSource source;

  /* held while the ready time is worked out and set, so that of two movements of
   * the clock the later one decides; taken before the clock's lock */
  GMutex  mutex;
  gint64  time;
  gint64  interval;   /* 0 for what is due once */

  /* What a movement of the clock is told by. Whoever moves it must not touch the source
   * itself, whose main context may be freed meanwhile. */
  int     bell;
} ClockSource;

/* 1 while the clock is not the plain one: read without the lock */
static int moved;

static GMutex lock;
static gboolean frozen;
static gint64 frozen_real;
static gint64 frozen_monotonic;
static gint64 offset;
static guint last_id;
static GPtrArray *watchers;

/* Descriptors of those who wait for a time in poll (). */
static GHashTable *bells;

/* A thread that waits for a time on a condition */
typedef struct
{
  GList    link;
  GCond   *cond;
  GMutex  *mutex;
  guint64  told;      /* the movement that it knows */
  gboolean calling;   /* it is being told, and must not go away */
} Sleeper;

static GQueue sleepers = G_QUEUE_INIT;
static GCond called;
static guint64 n_movements;

static Watcher *
watcher_ref (Watcher *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
watcher_unref (Watcher *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_free (self);
}

static inline gboolean
is_moved (void)
{
  return G_UNLIKELY (__atomic_load_n (&moved, __ATOMIC_RELAXED) != 0);
}

static void
update_moved_locked (void)
{
  __atomic_store_n (&moved, frozen || offset != 0, __ATOMIC_RELAXED);
}

/**
 * au_clock_get_real_time:
 *
 * Gets the time of day, as all of au sees it: that of the system, unless a test has
 * moved the clock.
 *
 * MT safe.
 *
 * Returns: microseconds since the epoch, UTC
 *
 * Since: 1.0
 */
gint64
au_clock_get_real_time (void)
{
  g_autoptr(GMutexLocker) locker = NULL;

  if (!is_moved ())
    return g_get_real_time ();

  locker = g_mutex_locker_new (&lock);

  return frozen ? frozen_real : g_get_real_time () + offset;
}

static gint64
get_monotonic_time_locked (void)
{
  return frozen ? frozen_monotonic : g_get_monotonic_time () + offset;
}

/**
 * au_clock_get_monotonic_time:
 *
 * Gets the time that waiting is measured in, as all of au sees it: that of
 * [func@GLib.get_monotonic_time], unless a test has moved the clock.
 *
 * MT safe.
 *
 * Returns: microseconds since some moment
 *
 * Since: 1.0
 */
gint64
au_clock_get_monotonic_time (void)
{
  g_autoptr(GMutexLocker) locker = NULL;

  if (!is_moved ())
    return g_get_monotonic_time ();

  locker = g_mutex_locker_new (&lock);

  return get_monotonic_time_locked ();
}

/* Gives the ready time, on the plain clock, of a source that is wanted at @time. */
static gint64
get_ready_time (gint64 time)
{
  g_autoptr(GMutexLocker) locker = NULL;

  if (time < 0)
    return -1;

  locker = g_mutex_locker_new (&lock);

  if (frozen)
    return time <= frozen_monotonic ? 0 : -1;

  return MAX (time - offset, 0);
}

static void
clock_source_update_locked (ClockSource *self)
{
  g_source_set_ready_time ((GSource *) self, get_ready_time (self->time));
}

static void
clock_source_update (ClockSource *self)
{
  g_mutex_lock (&self->mutex);
  /* Without a time it is left alone: its main context may be gone. */
  if (self->time >= 0)
    clock_source_update_locked (self);
  g_mutex_unlock (&self->mutex);
}

static void
ring_bells (void)
{
  GHashTableIter iter;
  gpointer bell;

  g_mutex_lock (&lock);
  if (bells != NULL)
    {
      g_hash_table_iter_init (&iter, bells);
      while (g_hash_table_iter_next (&iter, &bell, NULL))
        eventfd_write (GPOINTER_TO_INT (bell), 1);
    }
  g_mutex_unlock (&lock);
}

/* Gives the first who does not know of the latest movement. One that is being told of an
 * earlier one looks at the clock after that, and so learns of both. */
static Sleeper *
find_sleeper_locked (void)
{
  for (GList *link = sleepers.head; link != NULL; link = link->next)
    {
      Sleeper *sleeper = link->data;

      if (sleeper->told != n_movements && !sleeper->calling)
        return sleeper;
    }

  return NULL;
}

/* One at a time, and without the lock: a sleeper's own lock is taken before that of the clock. */
static void
wake_sleepers (void)
{
  Sleeper *sleeper;

  g_mutex_lock (&lock);
  n_movements++;
  while ((sleeper = find_sleeper_locked ()) != NULL)
    {
      sleeper->told = n_movements;
      sleeper->calling = TRUE;
      g_mutex_unlock (&lock);

      /* with its lock, or it might be about to sleep and not hear it */
      g_mutex_lock (sleeper->mutex);
      g_cond_broadcast (sleeper->cond);
      g_mutex_unlock (sleeper->mutex);

      g_mutex_lock (&lock);
      sleeper->calling = FALSE;
      g_cond_broadcast (&called);
    }
  g_mutex_unlock (&lock);
}

static void
call_watchers (void)
{
  g_autoptr(GPtrArray) present = g_ptr_array_new_with_free_func ((GDestroyNotify) watcher_unref);

  g_mutex_lock (&lock);
  for (guint i = 0; watchers != NULL && i < watchers->len; i++)
    g_ptr_array_add (present, watcher_ref (watchers->pdata[i]));
  g_mutex_unlock (&lock);

  for (guint i = 0; i < present->len; i++)
    {
      Watcher *watcher = present->pdata[i];

      if (!g_atomic_int_get (&watcher->removed))
        watcher->func (watcher->user_data);
    }
}

/* Called without the lock, after every movement. */
static void
tell_everybody (void)
{
  ring_bells ();
  wake_sleepers ();
  call_watchers ();
}

/**
 * au_clock_freeze:
 *
 * Stops the clock: both times stay what they are, until [func@Au.clock_advance]
 * moves them or [func@Au.clock_thaw] ends it. A clock that is frozen stays so.
 *
 * This is for tests: what waits for a time, anywhere in this process, then waits
 * for the test. Those who watch the clock are told before this returns.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_clock_freeze (void)
{
  gboolean was_frozen;

  g_mutex_lock (&lock);
  was_frozen = frozen;
  if (!was_frozen)
    {
      frozen_real = g_get_real_time () + offset;
      frozen_monotonic = g_get_monotonic_time () + offset;
      frozen = TRUE;
      update_moved_locked ();
    }
  g_mutex_unlock (&lock);

  if (!was_frozen)
    tell_everybody ();
}

/**
 * au_clock_advance:
 * @span: how far, in microseconds, not negative
 *
 * Moves both times forward by @span, whether the clock is frozen or not, and tells
 * those who watch the clock before it returns.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_clock_advance (GTimeSpan span)
{
  g_return_if_fail (span >= 0);

  g_mutex_lock (&lock);
  offset += span;
  frozen_real += span;
  frozen_monotonic += span;
  update_moved_locked ();
  g_mutex_unlock (&lock);

  tell_everybody ();
}

/**
 * au_clock_thaw:
 *
 * Makes the clock the plain one again, neither frozen nor advanced, and tells those
 * who watch the clock before it returns. The times may step back by this.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_clock_thaw (void)
{
  gboolean was_moved;

  g_mutex_lock (&lock);
  was_moved = frozen || offset != 0;
  frozen = FALSE;
  offset = 0;
  update_moved_locked ();
  g_mutex_unlock (&lock);

  if (was_moved)
    tell_everybody ();
}

/**
 * au_clock_watch:
 * @func: (scope notified) (closure user_data) (destroy destroy): what to call
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Has @func called whenever the clock was frozen, advanced or thawed, so that what
 * waits for a time can look at the clock again.
 *
 * @func is called in the thread that moved the clock, without any lock held.
 *
 * MT safe.
 *
 * Returns: a number for [func@Au.clock_unwatch]
 *
 * Since: 1.0
 */
guint
au_clock_watch (AuClockFunc    func,
                gpointer       user_data,
                GDestroyNotify destroy)
{
  g_autoptr(GMutexLocker) locker = NULL;
  Watcher *watcher;

  g_return_val_if_fail (func != NULL, 0);

  watcher = g_new0 (Watcher, 1);
  g_atomic_ref_count_init (&watcher->ref_count);
  watcher->func = func;
  watcher->user_data = user_data;
  watcher->destroy = destroy;

  locker = g_mutex_locker_new (&lock);

  watcher->id = ++last_id;
  if (watchers == NULL)
    watchers = g_ptr_array_new ();
  g_ptr_array_add (watchers, watcher);

  return watcher->id;
}

/**
 * au_clock_unwatch:
 * @id: the number that [func@Au.clock_watch] gave
 *
 * Ends watching the clock.
 *
 * The function may still be running in another thread, which moves the clock just
 * now, when this returns; it is not called again after that. Its data is freed when
 * it does not run any more, in this thread or that one.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_clock_unwatch (guint id)
{
  Watcher *watcher = NULL;

  g_mutex_lock (&lock);
  for (guint i = 0; watchers != NULL && i < watchers->len && watcher == NULL; i++)
    {
      Watcher *candidate = watchers->pdata[i];

      if (candidate->id == id)
        watcher = g_ptr_array_steal_index (watchers, i);
    }
  if (watchers != NULL && watchers->len == 0)
    g_clear_pointer (&watchers, g_ptr_array_unref);
  g_mutex_unlock (&lock);

  g_return_if_fail (watcher != NULL);

  g_atomic_int_set (&watcher->removed, TRUE);
  watcher_unref (watcher);
}

/* A descriptor that is readable after every movement, or -1. */
static int
open_bell (void)
{
  int bell = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);

  if (bell < 0)
    {
      g_warning ("The clock cannot be moved for what waits for it: %s", g_strerror (errno));
      return -1;
    }

  g_mutex_lock (&lock);
  if (bells == NULL)
    bells = g_hash_table_new (NULL, NULL);
  g_hash_table_add (bells, GINT_TO_POINTER (bell));
  g_mutex_unlock (&lock);

  return bell;
}

static void
close_bell (int bell)
{
  if (bell < 0)
    return;

  g_mutex_lock (&lock);
  g_hash_table_remove (bells, GINT_TO_POINTER (bell));
  if (g_hash_table_size (bells) == 0)
    g_clear_pointer (&bells, g_hash_table_unref);
  g_mutex_unlock (&lock);

  close (bell);
}

/**
 * au_clock_wait_until: (skip)
 * @cond: a condition
 * @mutex: the mutex that goes with it, which this thread has locked
 * @monotonic_time: until when to wait, on the scale of
 *   [func@Au.clock_get_monotonic_time]; -1 for as long as it takes
 *
 * Waits as [method@GLib.Cond.wait_until] does, on a clock that tests can move: whoever
 * moves it wakes the thread, which goes on when its time has come.
 *
 * As from every condition, one may return without a reason, so that what is waited for
 * is looked at again, also after %FALSE. While a thread waits here, nobody may move the
 * clock with @mutex locked.
 *
 * MT safe.
 *
 * Returns: %FALSE when the time has come, %TRUE when it was woken before
 *
 * Since: 1.0
 */
gboolean
au_clock_wait_until (GCond  *cond,
                     GMutex *mutex,
                     gint64  monotonic_time)
{
  Sleeper sleeper = { .link.data = &sleeper, .cond = cond, .mutex = mutex };
  gboolean woken = TRUE;
  gint64 ready_time;

  g_return_val_if_fail (cond != NULL, FALSE);
  g_return_val_if_fail (mutex != NULL, FALSE);

  /* no movement of the clock ends that */
  if (monotonic_time < 0)
    {
      g_cond_wait (cond, mutex);
      return TRUE;
    }

  g_mutex_lock (&lock);
  sleeper.told = n_movements;
  g_queue_push_tail_link (&sleepers, &sleeper.link);
  g_mutex_unlock (&lock);

  /* after it is known to those who move the clock, or a movement would be missed */
  ready_time = get_ready_time (monotonic_time);
  if (ready_time < 0)
    g_cond_wait (cond, mutex);
  else
    woken = g_cond_wait_until (cond, mutex, ready_time);

  /* Whoever tells it just now needs its mutex. */
  g_mutex_unlock (mutex);
  g_mutex_lock (&lock);
  while (sleeper.calling)
    g_cond_wait (&called, &lock);
  g_queue_unlink (&sleepers, &sleeper.link);
  g_mutex_unlock (&lock);
  g_mutex_lock (mutex);

  return woken || au_clock_get_monotonic_time () < monotonic_time;
}

/**
 * au_clock_poll: (skip)
 * @fds: (array length=n_fds): what to wait for
 * @n_fds: how many
 * @monotonic_time: until when to wait, on the scale of
 *   [func@Au.clock_get_monotonic_time]; -1 for as long as it takes
 *
 * Waits for descriptors as [func@GLib.poll] does, on a clock that tests can move.
 *
 * MT safe.
 *
 * Returns: how many of @fds have something to tell, 0 when the time has come, or -1 with
 *   `errno` set, as after a signal
 *
 * Since: 1.0
 */
int
au_clock_poll (GPollFD *fds,
               guint    n_fds,
               gint64   monotonic_time)
{
  g_autofree GPollFD *polled = NULL;
  int n_ready = 0;
  int bell;

  g_return_val_if_fail (fds != NULL || n_fds == 0, -1);

  if (monotonic_time < 0 || monotonic_time <= au_clock_get_monotonic_time ())
    return g_poll (fds, n_fds, monotonic_time < 0 ? -1 : 0);

  bell = open_bell ();
  polled = g_new0 (GPollFD, n_fds + 1);
  if (n_fds > 0)
    memcpy (polled, fds, n_fds * sizeof *fds);
  polled[n_fds] = (GPollFD) { .fd = bell, .events = G_IO_IN };

  do
    {
      gint64 ready_time = get_ready_time (monotonic_time);
      GTimeSpan left = MAX (ready_time - g_get_monotonic_time (), 0);
      eventfd_t n_rings;

      n_ready = g_poll (polled, n_fds + 1, ready_time < 0 ? -1 : (int) MIN ((left + 999) / 1000, G_MAXINT));
      if (n_ready > 0 && polled[n_fds].revents != 0)
        {
          eventfd_read (bell, &n_rings);
          n_ready--;
        }
    }
  while (n_ready == 0 && au_clock_get_monotonic_time () < monotonic_time);

  for (guint i = 0; i < n_fds; i++)
    fds[i].revents = polled[i].revents;
  close_bell (bell);

  return n_ready;
}

static gboolean
clock_source_dispatch (GSource    *source,
                       GSourceFunc callback,
                       gpointer    user_data)
{
  ClockSource *self = (ClockSource *) source;
  gint64 now;
  eventfd_t n_rings;
  gboolean due;

  if (self->bell >= 0)
    eventfd_read (self->bell, &n_rings);

  /* the clock may have been moved since the main context found it ready */
  g_mutex_lock (&self->mutex);
  now = au_clock_get_monotonic_time ();
  due = self->time >= 0 && self->time <= now;
  if (due)
    self->time = self->interval > 0 ? now + self->interval : -1;
  clock_source_update_locked (self);
  g_mutex_unlock (&self->mutex);

  if (!due)
    return G_SOURCE_CONTINUE;

  if (callback == NULL)
    {
      g_critical ("A source of the clock is due but has no callback: call g_source_set_callback ()");
      return G_SOURCE_REMOVE;
    }

  return callback (user_data);
}

static void
clock_source_finalize (GSource *source)
{
  ClockSource *self = (ClockSource *) source;

  close_bell (self->bell);
  g_mutex_clear (&self->mutex);
}

/* For g_source_set_closure (), and g_source_set_dummy_callback () of a child source. */
static gboolean
clock_source_closure_cb (gpointer data)
{
  g_auto(GValue) result = G_VALUE_INIT;

  g_value_init (&result, G_TYPE_BOOLEAN);
  g_closure_invoke (data, &result, 0, NULL, NULL);

  return g_value_get_boolean (&result);
}

static GSourceFuncs clock_source_funcs = {
  .dispatch = clock_source_dispatch,
  .finalize = clock_source_finalize,
  .closure_callback = clock_source_closure_cb,
};

static GSource *
clock_source_new (gint64    monotonic_time,
                  GTimeSpan interval)
{
  GSource *source = g_source_new (&clock_source_funcs, sizeof (ClockSource));
  ClockSource *self = (ClockSource *) source;

  g_source_set_static_name (source, "[au] clock");
  g_mutex_init (&self->mutex);
  self->time = monotonic_time;
  self->interval = interval;

  /* Without one the source keeps time all the same, but for a clock that tests move. */
  self->bell = open_bell ();
  if (self->bell >= 0)
    g_source_add_unix_fd (source, self->bell, G_IO_IN);

  /* after it is known to those who move the clock, or a movement would be missed */
  clock_source_update (self);

  return source;
}

/**
 * au_clock_source_new:
 * @monotonic_time: when it is to be ready, on the scale of
 *   [func@Au.clock_get_monotonic_time]; -1 for never
 *
 * Makes a source that is dispatched once that time has come, on a clock that tests
 * can move.
 *
 * Set its callback, a #GSourceFunc, and attach it. It is dispatched once; a callback
 * that returns %G_SOURCE_CONTINUE may give it another time with
 * [func@Au.clock_source_set_time], before or later.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new source
 *
 * Since: 1.0
 */
GSource *
au_clock_source_new (gint64 monotonic_time)
{
  return clock_source_new (monotonic_time, 0);
}

/**
 * au_clock_interval_source_new:
 * @interval: how long, in microseconds, more than 0
 *
 * Makes a source that is dispatched again and again, @interval after it was made and
 * after it was dispatched, on a clock that tests can move.
 *
 * Set its callback, a #GSourceFunc, and attach it.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new source
 *
 * Since: 1.0
 */
GSource *
au_clock_interval_source_new (GTimeSpan interval)
{
  g_return_val_if_fail (interval > 0, NULL);

  return clock_source_new (au_clock_get_monotonic_time () + interval, interval);
}

/**
 * au_clock_source_set_time:
 * @source: a source made by [func@Au.clock_source_new]
 * @monotonic_time: when it is to be ready, on the scale of
 *   [func@Au.clock_get_monotonic_time]; -1 for never
 *
 * Changes when @source is to be dispatched.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_clock_source_set_time (GSource *source,
                          gint64   monotonic_time)
{
  ClockSource *self = (ClockSource *) source;

  g_return_if_fail (source != NULL);
  g_return_if_fail (source->source_funcs == &clock_source_funcs);

  g_mutex_lock (&self->mutex);
  self->time = monotonic_time;
  clock_source_update_locked (self);
  g_mutex_unlock (&self->mutex);
}
