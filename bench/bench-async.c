/* bench-async.c: how long asynchronous calls keep a main loop
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Each call is made while thousands wait already, and another thread uses the same object
 * all the time. Prints one line of JSON for each: what the slowest takes, but for one in
 * two hundred, which others on the machine may have disturbed.
 */

#include "au-bench.h"

#include <stdlib.h>

#define N_CALLS (4000)

typedef struct
{
  const char *name;
  gpointer  (*make)   (void);
  void      (*call)   (gpointer object, GCancellable *cancellable, guint *n_pending);
  /* What another thread does meanwhile; NULL for nothing. */
  void      (*meddle) (gpointer object);
} Kind;

static void
ended_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  --*(guint *) data;
}

static gpointer
make_mutex (void)
{
  AuMutex *mutex = au_mutex_new ();

  au_mutex_try_lock (mutex);
  return mutex;
}

static void
call_mutex (gpointer object, GCancellable *cancellable, guint *n_pending)
{
  au_mutex_lock_async (object, cancellable, ended_cb, n_pending);
}

static void
meddle_mutex (gpointer object)
{
  au_mutex_lock (object, 1, NULL, NULL);
}

static gpointer
make_keyed_mutex (void)
{
  AuKeyedMutex *mutex = au_keyed_mutex_new ();

  au_keyed_mutex_try_lock (mutex, "key");
  return mutex;
}

static void
call_keyed_mutex (gpointer object, GCancellable *cancellable, guint *n_pending)
{
  au_keyed_mutex_lock_async (object, "key", cancellable, ended_cb, n_pending);
}

static void
meddle_keyed_mutex (gpointer object)
{
  au_keyed_mutex_lock (object, "key", 1, NULL, NULL);
}

static gpointer
make_semaphore (void)
{
  return au_semaphore_new (0);
}

static void
call_semaphore (gpointer object, GCancellable *cancellable, guint *n_pending)
{
  au_priority_push ((int) (*n_pending % 7));
  au_semaphore_acquire_async (object, cancellable, ended_cb, n_pending);
  au_priority_pop ();
}

static void
meddle_semaphore (gpointer object)
{
  au_semaphore_acquire (object, 1, NULL, NULL);
}

static gpointer
make_channel (void)
{
  return au_channel_new (1, AU_CHANNEL_ORDER_FIFO);
}

static void
call_channel (gpointer object, GCancellable *cancellable, guint *n_pending)
{
  au_channel_get_async (object, cancellable, ended_cb, n_pending);
}

static void
meddle_channel (gpointer object)
{
  g_autoptr(GVariant) item = au_channel_get (object, 1, NULL, NULL);
}

static gpointer
make_full_channel (void)
{
  AuChannel *channel = make_channel ();

  au_channel_try_put (channel, g_variant_new_uint32 (0));
  return channel;
}

static void
call_full_channel (gpointer object, GCancellable *cancellable, guint *n_pending)
{
  au_channel_put_async (object, g_variant_new_uint32 (1), cancellable, ended_cb, n_pending);
}

static void
meddle_full_channel (gpointer object)
{
  au_channel_put (object, g_variant_new_uint32 (1), 1, NULL, NULL);
}

static gpointer
make_limiter (void)
{
  return au_rate_limiter_new (0, G_TIME_SPAN_HOUR);
}

static void
call_limiter (gpointer object, GCancellable *cancellable, guint *n_pending)
{
  au_rate_limiter_acquire_async (object, NULL, cancellable, ended_cb, n_pending);
}

static void
meddle_limiter (gpointer object)
{
  au_rate_limiter_acquire (object, NULL, 1, NULL, NULL);
}

static gpointer
make_lockout (void)
{
  AuLockout *lockout = au_lockout_new (FALSE);

  au_lockout_lock_for (lockout, G_TIME_SPAN_HOUR);
  return lockout;
}

static void
call_lockout (gpointer object, GCancellable *cancellable, guint *n_pending)
{
  au_lockout_enter_async (object, cancellable, ended_cb, n_pending);
}

static void
meddle_lockout (gpointer object)
{
  au_lockout_enter (object, 1, NULL, NULL);
}

static gpointer
make_scheduler (void)
{
  AuScheduler *scheduler = au_scheduler_new ();

  au_scheduler_add_after (scheduler, G_TIME_SPAN_HOUR, g_variant_new_uint32 (0), NULL);
  return scheduler;
}

static void
call_scheduler (gpointer object, GCancellable *cancellable, guint *n_pending)
{
  au_scheduler_next_async (object, cancellable, ended_cb, n_pending);
}

static void
meddle_scheduler (gpointer object)
{
  g_autoptr(GVariant) payload = au_scheduler_next (object, 1, NULL, NULL);
}

static GVariant *
never_ends (AuTask   *task,
            gpointer  data,
            GError  **error)
{
  g_autoptr(AuSemaphore) never = au_semaphore_new (0);

  au_semaphore_acquire (never, -1, au_task_get_cancellable (task), error);
  return NULL;
}

static gpointer
make_cache (void)
{
  return au_cache_new (never_ends, NULL, NULL);
}

static void
call_cache (gpointer object, GCancellable *cancellable, guint *n_pending)
{
  au_cache_get_async (object, g_variant_new_uint32 (1), cancellable, ended_cb, n_pending);
}

static void
meddle_cache (gpointer object)
{
  g_autoptr(GVariant) value = au_cache_get (object, g_variant_new_uint32 (1), 1, NULL, NULL);
}

static gpointer
make_task (void)
{
  return au_task_new (NULL);
}

static void
call_task (gpointer object, GCancellable *cancellable, guint *n_pending)
{
  au_task_wait_async (object, cancellable, ended_cb, n_pending);
}

static void
meddle_task (gpointer object)
{
  au_task_wait (object, 1, NULL, NULL);
}

static gpointer
make_group (void)
{
  AuTaskGroup *group = au_task_group_new ();
  g_autoptr(AuTask) task = au_task_group_run (group, NULL, never_ends, NULL, NULL, NULL);

  /* It ends with the object, when its cancellable is dropped. */
  g_object_set_data_full (G_OBJECT (group), "task", g_object_ref (task), (GDestroyNotify) au_task_cancel);
  return group;
}

static void
call_group (gpointer object, GCancellable *cancellable, guint *n_pending)
{
  au_task_group_wait_async (object, cancellable, ended_cb, n_pending);
}

static void
meddle_group (gpointer object)
{
  au_task_group_wait (object, 1, NULL, NULL);
}

static gboolean
emit_nothing (AuStream  *stream,
              gpointer   data,
              GError   **error)
{
  g_autoptr(AuSemaphore) never = au_semaphore_new (0);

  return au_semaphore_acquire (never, 10 * G_TIME_SPAN_SECOND, data, error);
}

static gpointer
make_stream (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  AuStream *stream = au_stream_new (emit_nothing, 1, cancellable, g_object_unref);

  g_object_set_data_full (G_OBJECT (stream), "cancellable", g_object_ref (cancellable), g_object_unref);
  return stream;
}

static void
call_stream (gpointer object, GCancellable *cancellable, guint *n_pending)
{
  au_stream_next_async (object, cancellable, ended_cb, n_pending);
}

static void
meddle_stream (gpointer object)
{
  g_autoptr(GVariant) item = au_stream_next (object, 1, NULL, NULL);
}

static const Kind kinds[] = {
  { "mutex lock", make_mutex, call_mutex, meddle_mutex },
  { "keyed mutex lock", make_keyed_mutex, call_keyed_mutex, meddle_keyed_mutex },
  { "semaphore acquire", make_semaphore, call_semaphore, meddle_semaphore },
  { "channel get", make_channel, call_channel, meddle_channel },
  { "channel put", make_full_channel, call_full_channel, meddle_full_channel },
  { "rate limiter acquire", make_limiter, call_limiter, meddle_limiter },
  { "lockout enter", make_lockout, call_lockout, meddle_lockout },
  { "scheduler next", make_scheduler, call_scheduler, meddle_scheduler },
  { "cache get", make_cache, call_cache, meddle_cache },
  { "task wait", make_task, call_task, meddle_task },
  { "task group wait", make_group, call_group, meddle_group },
  { "stream next", make_stream, call_stream, meddle_stream },
};

/* The other thread */

typedef struct
{
  const Kind *kind;
  gpointer    object;
  gint        stop;     /* atomic */
} Meddler;

static gpointer
meddling_thread (gpointer data)
{
  Meddler *self = data;

  while (!g_atomic_int_get (&self->stop))
    self->kind->meddle (self->object);

  return NULL;
}

static int
compare_times (const void *a,
               const void *b)
{
  const double *x = a, *y = b;

  return (*x > *y) - (*x < *y);
}

static double
measure (gpointer data)
{
  const Kind *kind = data;
  g_autoptr(GObject) object = kind->make ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autofree double *times = g_new (double, N_CALLS);
  Meddler meddler = { kind, object };
  GThread *thread = g_thread_new ("meddling", meddling_thread, &meddler);
  GCancellable *inner = g_object_get_data (object, "cancellable");
  guint n_pending = 0;

  for (guint i = 0; i < N_CALLS; i++)
    {
      double began = au_bench_now ();

      n_pending++;
      kind->call (object, cancellable, &n_pending);
      times[i] = au_bench_now () - began;
    }
  g_atomic_int_set (&meddler.stop, TRUE);
  g_thread_join (thread);
  g_cancellable_cancel (cancellable);
  g_object_set_data (object, "task", NULL);
  g_cancellable_cancel (inner);
  while (n_pending > 0)
    g_main_context_iteration (NULL, TRUE);
  qsort (times, N_CALLS, sizeof (double), compare_times);

  return times[N_CALLS - N_CALLS / 200];
}

int
main (int   argc,
      char *argv[])
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *name = g_strconcat ("the slowest call: ", kinds[i].name, NULL);
      const AuBenchFigure figure = { name, "s", measure, NULL, NULL, (gpointer) &kinds[i], 1 };

      au_bench_run (&figure, argc > 1 ? MAX (atoi (argv[1]), 1) : 5);
    }

  return 0;
}
