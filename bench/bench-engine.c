/* bench-engine.c: what a computation costs, beside GTask
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "au-bench.h"

#include <stdlib.h>
#include <string.h>

/* An empty function, so that only what is around it is measured. */

#define N_BATCH (100000)
#define N_TRIPS (10000)
#define N_WAITING (200000)

typedef struct
{
  AuEngine  *engine;
  AuHandle **handles;
} Bench;

static GVariant *
nothing (AuCall    *call,
         GVariant  *arguments,
         gpointer   user_data,
         GError   **error)
{
  return NULL;
}

static GMutex gate;

/* Keeps a worker busy until the gate is open. */
static GVariant *
wait_at_gate (AuCall    *call,
              GVariant  *arguments,
              gpointer   user_data,
              GError   **error)
{
  g_mutex_lock (&gate);
  g_mutex_unlock (&gate);

  return NULL;
}

static const AuFunctionEntry functions[] = {
  { "nothing", "()", NULL, nothing, AU_FUNCTION_NONE, "Does nothing" },
  { "gate", "()", NULL, wait_at_gate, AU_FUNCTION_NONE, "Waits" },
  { NULL }
};

static AuEngine *
make_engine (guint n_workers)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuBackend) backend = NULL;

  store = au_part_new (AU_MODULE_STORE, "memory", &error, NULL);
  if (store != NULL)
    backend = au_part_new (AU_MODULE_BACKEND, "thread", &error, "max-workers", n_workers, NULL);
  if (backend == NULL)
    g_error ("%s", error->message);

  return au_engine_new_with_parts (store, backend);
}

static AuHandle *
submit (AuEngine   *engine,
        const char *function)
{
  g_autoptr(GError) error = NULL;
  AuHandle *handle = au_engine_submit (engine, function, NULL, NULL, &error);

  if (handle == NULL)
    g_error ("%s", error->message);

  return handle;
}

/* A fresh engine each time, as the store keeps every record. */
static double
batch (Bench *self,
       guint  n_workers)
{
  g_autoptr(AuEngine) engine = make_engine (n_workers);
  double start = au_bench_now ();

  for (guint i = 0; i < N_BATCH; i++)
    self->handles[i] = submit (engine, "nothing");

  for (guint i = 0; i < N_BATCH; i++)
    {
      if (!au_handle_wait (self->handles[i], -1, NULL, NULL))
        g_error ("A computation failed");
      g_object_unref (self->handles[i]);
    }

  return au_bench_now () - start;
}

static double
batch_one_worker (gpointer data)
{
  return batch (data, 1);
}

static double
batch_all_workers (gpointer data)
{
  return batch (data, 0);
}

static void
nothing_thread (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  g_task_return_boolean (task, TRUE);
}

static void
count_down_cb (GObject      *object,
               GAsyncResult *result,
               gpointer      data)
{
  guint *n_left = data;

  g_task_propagate_boolean (G_TASK (result), NULL);
  (*n_left)--;
}

static void
run_gtask (guint *n_left)
{
  g_autoptr(GTask) task = g_task_new (NULL, NULL, count_down_cb, n_left);

  g_task_run_in_thread (task, nothing_thread);
}

static double
gtask_batch (gpointer data)
{
  double start = au_bench_now ();
  guint n_left = N_BATCH;

  for (guint i = 0; i < N_BATCH; i++)
    run_gtask (&n_left);
  while (n_left > 0)
    g_main_context_iteration (NULL, TRUE);

  return au_bench_now () - start;
}

static double
trips (gpointer data)
{
  Bench *self = data;
  double start = au_bench_now ();

  for (guint i = 0; i < N_TRIPS; i++)
    {
      g_autoptr(AuHandle) handle = submit (self->engine, "nothing");

      if (!au_handle_wait (handle, -1, NULL, NULL))
        g_error ("A computation failed");
    }

  return au_bench_now () - start;
}

static double
gtask_trips (gpointer data)
{
  double start = au_bench_now ();

  for (guint i = 0; i < N_TRIPS; i++)
    {
      g_autoptr(GTask) task = g_task_new (NULL, NULL, NULL, NULL);

      g_task_run_in_thread_sync (task, nothing_thread);
      g_task_propagate_boolean (task, NULL);
    }

  return au_bench_now () - start;
}

static void
waited_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  guint *n_left = data;

  if (!au_handle_wait_finish (AU_HANDLE (object), result, NULL))
    g_error ("A computation failed");
  (*n_left)--;
}

static double
loop_trips (gpointer data)
{
  Bench *self = data;
  double start = au_bench_now ();

  for (guint i = 0; i < N_TRIPS; i++)
    {
      g_autoptr(AuHandle) handle = submit (self->engine, "nothing");
      guint n_left = 1;

      au_handle_wait_async (handle, NULL, waited_cb, &n_left);
      while (n_left > 0)
        g_main_context_iteration (NULL, TRUE);
    }

  return au_bench_now () - start;
}

static double
gtask_loop_trips (gpointer data)
{
  double start = au_bench_now ();

  for (guint i = 0; i < N_TRIPS; i++)
    {
      guint n_left = 1;

      run_gtask (&n_left);
      while (n_left > 0)
        g_main_context_iteration (NULL, TRUE);
    }

  return au_bench_now () - start;
}

/* Everything that a waiting computation has: record, handle, and its place in the store,
 * the engine and the backend. */
static double
waiting_memory (gpointer data)
{
  g_autoptr(AuEngine) engine = make_engine (1);
  g_autofree AuHandle **handles = g_new (AuHandle *, N_WAITING);
  g_autoptr(AuHandle) blocker = NULL;
  double before, after;

  g_mutex_lock (&gate);
  blocker = submit (engine, "gate");
  memset (handles, 1, N_WAITING * sizeof *handles);

  before = au_bench_resident ();
  for (guint i = 0; i < N_WAITING; i++)
    handles[i] = submit (engine, "nothing");
  after = au_bench_resident ();

  g_mutex_unlock (&gate);
  for (guint i = 0; i < N_WAITING; i++)
    {
      au_handle_wait (handles[i], -1, NULL, NULL);
      g_object_unref (handles[i]);
    }

  return (after - before) / N_WAITING;
}

int
main (int    argc,
      char **argv)
{
  guint n_runs = argc > 1 ? MAX (atoi (argv[1]), 1) : 7;
  Bench bench = { .handles = g_new (AuHandle *, N_BATCH) };
  const AuBenchFigure figures[] = {
    { "engine.waiting-memory", "bytes a computation", waiting_memory, .data = &bench },
    { "engine.batch.1-worker", "computations/s", batch_one_worker,
      "g_task_run_in_thread", gtask_batch, &bench, N_BATCH, TRUE },
    { "engine.batch.all-workers", "computations/s", batch_all_workers,
      "g_task_run_in_thread", gtask_batch, &bench, N_BATCH, TRUE },
    { "engine.round-trip.thread", "s", trips,
      "g_task_run_in_thread_sync", gtask_trips, &bench, N_TRIPS, FALSE },
    { "engine.round-trip.main-loop", "s", loop_trips,
      "g_task_run_in_thread", gtask_loop_trips, &bench, N_TRIPS, FALSE },
  };

  au_functions_register (functions);
  bench.engine = make_engine (0);

  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    {
      if (argc <= 2 || strstr (figures[i].name, argv[2]) != NULL)
        au_bench_run (&figures[i], i == 0 ? 1 : n_runs);
    }

  g_object_unref (bench.engine);
  g_free (bench.handles);

  return 0;
}
