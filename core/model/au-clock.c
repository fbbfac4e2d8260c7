/* au-clock.c: the time, as all of au sees it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-clock.h>

#include <errno.h>
#include <glib-unix.h>
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
static GHashTable *sources;

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

/* Called without the lock, after every movement. */
static void
tell_everybody (void)
{
  g_autoptr(GPtrArray) called = g_ptr_array_new_with_free_func ((GDestroyNotify) watcher_unref);
  GHashTableIter iter;
  gpointer source;

  g_mutex_lock (&lock);
  for (guint i = 0; watchers != NULL && i < watchers->len; i++)
    g_ptr_array_add (called, watcher_ref (watchers->pdata[i]));
  if (sources != NULL)
    {
      g_hash_table_iter_init (&iter, sources);
      while (g_hash_table_iter_next (&iter, &source, NULL))
        eventfd_write (((ClockSource *) source)->bell, 1);
    }
  g_mutex_unlock (&lock);

  for (guint i = 0; i < called->len; i++)
    {
      Watcher *watcher = called->pdata[i];

      if (!g_atomic_int_get (&watcher->removed))
        watcher->func (watcher->user_data);
    }
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

static gboolean
clock_source_dispatch (GSource    *source,
                       GSourceFunc callback,
                       gpointer    user_data)
{
  ClockSource *self = (ClockSource *) source;
  eventfd_t n_movements;
  gboolean due;

  if (self->bell >= 0)
    eventfd_read (self->bell, &n_movements);

  /* the clock may have been moved since the main context found it ready */
  g_mutex_lock (&self->mutex);
  due = self->time >= 0 && self->time <= au_clock_get_monotonic_time ();
  if (due)
    self->time = -1;
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

  g_mutex_lock (&lock);
  if (sources != NULL)
    {
      g_hash_table_remove (sources, source);
      if (g_hash_table_size (sources) == 0)
        g_clear_pointer (&sources, g_hash_table_unref);
    }
  g_mutex_unlock (&lock);

  if (self->bell >= 0)
    close (self->bell);
  g_mutex_clear (&self->mutex);
}

static GSourceFuncs clock_source_funcs = {
  .dispatch = clock_source_dispatch,
  .finalize = clock_source_finalize,
};

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
  GSource *source = g_source_new (&clock_source_funcs, sizeof (ClockSource));
  ClockSource *self = (ClockSource *) source;

  g_source_set_static_name (source, "[au] clock");
  g_mutex_init (&self->mutex);
  self->time = monotonic_time;

  /* Without one the source keeps time all the same, but for a clock that tests move. */
  self->bell = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (self->bell >= 0)
    g_source_add_unix_fd (source, self->bell, G_IO_IN);
  else
    g_warning ("The clock cannot be moved for a source that waits for it: %s", g_strerror (errno));

  g_mutex_lock (&lock);
  if (sources == NULL)
    sources = g_hash_table_new (NULL, NULL);
  g_hash_table_add (sources, source);
  g_mutex_unlock (&lock);

  /* after it is known to those who move the clock, or a movement would be missed */
  clock_source_update (self);

  return source;
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
