/* bench-flow.c: what scopes and results taken together cost, beside GTask
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "au-bench.h"

#include <stdlib.h>

/* Each function, and each task, returns from an idle source: so asynchronous ones do. */

#define N_FUNCTIONS (1000)
#define N_ROUNDS (30)
#define N_CALLS (10000)
#define N_HANDLES (100000)

typedef struct
{
  AuTamed     *tamed;
  AuEngine    *engine;
  GListStore  *handles;
  guint        n_left;
} Bench;

static void
attach_idle (GSourceFunc func,
             gpointer    data)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static gboolean
call_idle_cb (gpointer data)
{
  au_call_return_value (data, NULL);
  au_call_unref (data);

  return G_SOURCE_REMOVE;
}

static void
call_start (AuCall   *call,
            GVariant *arguments,
            gpointer  user_data)
{
  attach_idle (call_idle_cb, au_call_ref (call));
}

static gboolean
task_idle_cb (gpointer data)
{
  g_task_return_boolean (data, TRUE);
  g_object_unref (data);

  return G_SOURCE_REMOVE;
}

static void
task_done_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      data)
{
  guint *n_left = data;

  g_task_propagate_boolean (G_TASK (result), NULL);
  (*n_left)--;
}

static void
start_task (guint *n_left)
{
  attach_idle (task_idle_cb, g_task_new (NULL, NULL, task_done_cb, n_left));
}

static double
scopes (gpointer data)
{
  Bench *self = data;
  double start = au_bench_now ();

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);

      for (guint j = 0; j < N_FUNCTIONS; j++)
        g_object_unref (au_tamed_call_in_scope (self->tamed, scope, NULL, NULL));
      if (!au_scope_close (scope, NULL, NULL))
        g_error ("A function failed");
    }

  return au_bench_now () - start;
}

static double
tasks (gpointer data)
{
  double start = au_bench_now ();

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr(GMainContext) context = g_main_context_new ();
      guint n_left = N_FUNCTIONS;

      g_main_context_push_thread_default (context);
      for (guint j = 0; j < N_FUNCTIONS; j++)
        start_task (&n_left);
      while (n_left > 0)
        g_main_context_iteration (context, TRUE);
      g_main_context_pop_thread_default (context);
    }

  return au_bench_now () - start;
}

static double
calls (gpointer data)
{
  Bench *self = data;
  double start = au_bench_now ();

  for (guint i = 0; i < N_CALLS; i++)
    {
      g_autoptr(GVariant) value = au_tamed_call_sync (self->tamed, NULL, NULL, NULL);
    }

  return au_bench_now () - start;
}

static double
loops (gpointer data)
{
  double start = au_bench_now ();

  for (guint i = 0; i < N_CALLS; i++)
    {
      g_autoptr(GMainContext) context = g_main_context_new ();
      guint n_left = 1;

      g_main_context_push_thread_default (context);
      start_task (&n_left);
      while (n_left > 0)
        g_main_context_iteration (context, TRUE);
      g_main_context_pop_thread_default (context);
    }

  return au_bench_now () - start;
}

static GMutex gate;

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

static GVariant *
nothing (AuCall    *call,
         GVariant  *arguments,
         gpointer   user_data,
         GError   **error)
{
  return NULL;
}

static const AuFunctionEntry functions[] = {
  { "nothing", "()", NULL, nothing, AU_FUNCTION_NONE, "Does nothing" },
  { "gate", "()", NULL, wait_at_gate, AU_FUNCTION_NONE, "Waits" },
  { NULL }
};

static AuEngine *
make_engine (void)
{
  g_autoptr(AuStore) store = au_part_new (AU_MODULE_STORE, "memory", NULL, NULL);
  g_autoptr(AuBackend) backend = au_part_new (AU_MODULE_BACKEND, "thread", NULL, "max-workers", 1,
                                              NULL);

  return au_engine_new_with_parts (store, backend);
}

/* Nanoseconds for each handle that “all” adds to the computations themselves: they wait
 * behind one that is held, so that registering is measured, and then looked at when all
 * have ended, so that collecting is. */
static double
all (gpointer data)
{
  g_autoptr(AuEngine) engine = make_engine ();
  g_autoptr(GListStore) handles = g_list_store_new (AU_TYPE_HANDLE);
  g_autofree gpointer *array = g_new (gpointer, N_HANDLES);
  g_autoptr(AuHandle) held = NULL;
  g_autoptr(AuDelayed) waiting = NULL;
  g_autoptr(AuDelayed) ended = NULL;
  double start, registering, collecting;

  g_mutex_lock (&gate);
  held = au_engine_submit (engine, "gate", NULL, NULL, NULL);
  for (guint i = 0; i < N_HANDLES; i++)
    array[i] = au_engine_submit (engine, "nothing", NULL, NULL, NULL);
  g_list_store_splice (handles, 0, 0, array, N_HANDLES);
  for (guint i = 0; i < N_HANDLES; i++)
    g_object_unref (array[i]);

  start = au_bench_now ();
  waiting = au_delayed_new_all (G_LIST_MODEL (handles));
  registering = au_bench_now () - start;
  g_mutex_unlock (&gate);
  if (!au_delayed_block (waiting, -1, NULL, NULL))
    g_error ("A computation failed");

  start = au_bench_now ();
  ended = au_delayed_new_all (G_LIST_MODEL (handles));
  collecting = au_bench_now () - start;
  if (!au_delayed_is_ready (ended))
    g_error ("Not all have ended");

  return 1e9 * (registering + collecting) / N_HANDLES;
}

int
main (int    argc,
      char **argv)
{
  guint n_runs = argc > 1 ? MAX (atoi (argv[1]), 1) : 7;
  Bench bench = { NULL };
  g_autoptr(AuFunction) function = NULL;
  const AuBenchFigure figures[] = {
    { "flow.scope.1000", "functions/s", scopes, "GTask", tasks, &bench, N_FUNCTIONS * N_ROUNDS, TRUE },
    { "flow.call-sync", "s", calls, "GTask in a private loop", loops, &bench, N_CALLS, FALSE },
    { "flow.all.100000", "ns a handle", all, .data = &bench },
  };

  au_functions_register (functions);
  function = au_function_new_async ("function", "()", NULL, AU_FUNCTION_NONE, call_start, NULL, NULL,
                                    NULL);
  bench.tamed = au_tamed_new (function);

  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    au_bench_run (&figures[i], n_runs);

  g_object_unref (bench.tamed);

  return 0;
}
