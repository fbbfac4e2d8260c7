/* test-stress.c: everything at once, from several threads
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine-fixture.h"

#define N_THREADS (4)
#define N_OPERATIONS (1000)
/* Where files are no news, after threads have used them. */
#define N_FEW (200)

/* Completes, fails, gives items, or waits to be given up, as its argument says. */
static GVariant *
mixed_func (AuCall    *call,
            GVariant  *arguments,
            gpointer   data,
            GError   **error)
{
  guint kind;

  g_variant_get (arguments, "(u)", &kind);
  switch (kind)
    {
    case 0:
      return g_variant_new_uint32 (kind);

    case 1:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
      return NULL;

    case 2:
      for (guint i = 0; i < 5; i++)
        {
          if (!au_call_emit (call, g_variant_new_uint32 (i), error))
            return NULL;
        }
      return g_variant_new_uint32 (kind);

    case 3:
      au_call_set_progress (call, 0.5, "half");
      if (au_call_get_attempt (call) < 3)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "again");
          return NULL;
        }
      return g_variant_new_uint32 (kind);

    default:
      while (!au_call_set_error_if_cancelled (call, error))
        g_thread_yield ();
      return NULL;
    }
}

typedef struct
{
  AuEngine  *engine;
  GRand     *rand;
  guint      n_operations;
  GPtrArray *handles;
} Worker;

static void
use (Worker   *worker,
     AuHandle *handle,
     guint     kind)
{
  g_autoptr(AuHandle) other = NULL;
  g_autoptr(GVariant) item = NULL;

  switch (g_rand_int_range (worker->rand, 0, 6))
    {
    case 0:
      au_handle_cancel (handle);
      break;
    case 1:
      if (kind < 4)
        au_handle_wait (handle, -1, NULL, NULL);
      break;
    case 2:
      au_handle_wait (handle, 50, NULL, NULL);
      break;
    case 3:
      item = au_handle_next_item (handle, 50, NULL, NULL);
      break;
    case 4:
      other = au_engine_get_handle (worker->engine, au_handle_get_key (handle), NULL, NULL);
      break;
    default:
      break;
    }

  if (kind == 4)
    au_handle_cancel (handle);
}

/* A generator waits for its reader, so somebody has to read. */
static void
read_all (AuHandle *handle)
{
  for (;;)
    {
      g_autoptr(GVariant) item = au_handle_next_item (handle, -1, NULL, NULL);

      if (item == NULL)
        return;
    }
}

static gpointer
stress_thread (gpointer data)
{
  Worker *worker = data;

  for (guint i = 0; i < worker->n_operations; i++)
    {
      guint kind = g_rand_int_range (worker->rand, 0, 5);
      g_autoptr(AuOptions) options = au_options_new ();
      AuHandle *handle;

      au_options_set_attempts (options, 1 + g_rand_int_range (worker->rand, 0, 3));
      au_options_set_backoff (options, 0);
      au_options_set_ahead (options, g_rand_int_range (worker->rand, -1, 3));
      au_options_set_priority (options, g_rand_int_range (worker->rand, -1, 2));
      if (g_rand_int_range (worker->rand, 0, 4) == 0)
        au_options_set_timeout (options, g_rand_int_range (worker->rand, 1, 2000));
      if (g_rand_int_range (worker->rand, 0, 8) == 0)
        au_options_set_delay (options, g_rand_int_range (worker->rand, 1, 2000));

      handle = fixture_submit (worker->engine, "mixed", g_variant_new ("(u)", kind), options);
      if (kind == 2)
        read_all (handle);
      use (worker, handle, kind);
      g_ptr_array_add (worker->handles, handle);
    }

  return NULL;
}

static void
ignore_message (const char     *domain,
                GLogLevelFlags  level,
                const char     *message,
                gpointer        data)
{
}

/* Every computation that was accepted has ended, once, and the store says so. */
static void
check (Worker *worker)
{
  for (guint i = 0; i < worker->handles->len; i++)
    {
      AuHandle *handle = worker->handles->pdata[i];
      g_autoptr(AuRecord) shown = au_handle_dup_record (handle);
      g_autoptr(AuRecord) stored = fixture_load (worker->engine, au_handle_get_key (handle));

      g_assert_true (au_handle_is_ready (handle));
      g_assert_true (au_status_is_terminal (au_record_get_status (stored)));
      g_assert_cmpint (au_record_get_status (stored), ==, au_record_get_status (shown));
      g_assert_cmpuint (au_record_get_revision (stored), ==, au_record_get_revision (shown));
      g_assert_true ((au_record_get_status (stored) == AU_STATUS_COMPLETED) ==
                     (au_record_get_value (stored) != NULL));
      g_assert_true ((au_record_get_status (stored) == AU_STATUS_COMPLETED) !=
                     au_record_has_error (stored));
    }
}

static void
test_stress (const Parts *parts)
{
  AuEngine *engine = fixture_engine_new (parts);
  guint handler = g_log_set_handler ("au", G_LOG_LEVEL_DEBUG, ignore_message, NULL);
  g_autoptr(AuQuery) query = au_query_new ();
  g_autoptr(GError) error = NULL;
  Worker workers[N_THREADS];
  GThread *threads[N_THREADS];
  guint n_operations = N_OPERATIONS;

  if (g_str_equal (parts->backend, "process") && g_str_equal (parts->store, "file"))
    n_operations = N_FEW;

  for (guint i = 0; i < N_THREADS; i++)
    {
      workers[i].engine = engine;
      workers[i].n_operations = n_operations;
      workers[i].rand = g_rand_new_with_seed (g_test_rand_int ());
      workers[i].handles = g_ptr_array_new_with_free_func (g_object_unref);
      threads[i] = g_thread_new ("stress", stress_thread, &workers[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  g_assert_true (au_engine_drain (engine, -1, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (au_store_count (au_engine_get_store (engine), query, NULL, &error), ==,
                   N_THREADS * n_operations);

  for (guint i = 0; i < N_THREADS; i++)
    {
      check (&workers[i]);
      g_ptr_array_unref (workers[i].handles);
      g_rand_free (workers[i].rand);
    }

  fixture_drop (engine);
  g_log_remove_handler ("au", handler);
}

static const AuFunctionEntry functions[] = {
  { "mixed", "(u)", "u", mixed_func, AU_FUNCTION_NONE },
  { NULL }
};

int
main (int   argc,
      char *argv[])
{
  fixture_init (&argc, &argv, functions);

  fixture_add ("/engine/stress", "thread process", test_stress);

  return g_test_run ();
}
