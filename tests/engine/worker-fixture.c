/* worker-fixture.c: an engine that submits, and workers beside it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "worker-fixture.h"

#include "../await.h"

GVariant *
fixture_add (AuCall    *call,
             GVariant  *arguments,
             gpointer   user_data,
             GError   **error)
{
  gint64 a, b;

  g_variant_get (arguments, "(xx)", &a, &b);

  return g_variant_new_int64 (a + b);
}

GVariant *
fixture_fail_first (AuCall    *call,
                    GVariant  *arguments,
                    gpointer   user_data,
                    GError   **error)
{
  if (au_call_get_attempt (call) > 1)
    return g_variant_new_int64 (au_call_get_attempt (call));

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "not yet");

  return NULL;
}

static gint n_blocked;

GVariant *
fixture_block (AuCall    *call,
               GVariant  *arguments,
               gpointer   user_data,
               GError   **error)
{
  au_call_set_progress (call, 0.5, "halfway");
  g_atomic_int_inc (&n_blocked);

  return await_cancelled (call, error);
}

gpointer
fixture_make_part (AuModuleKind  kind,
                   const char   *name,
                   const char   *setting)
{
  const char *settings[] = { setting, NULL };
  g_autoptr(GError) error = NULL;
  GObject *part = au_part_new_from_strings (kind, name, settings, &error);

  g_assert_no_error (error);

  return part;
}

AuRecord *
fixture_load_record (AuStore    *store,
                     const char *key)
{
  g_autoptr(GError) error = NULL;
  AuRecord *record = au_store_load (store, key, NULL, &error);

  g_assert_no_error (error);

  return record;
}

void
fixture_set_up (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr(AuBackend) queue = fixture_make_part (AU_MODULE_BACKEND, "queue", NULL);
  g_autoptr(AuBackend) thread = fixture_make_part (AU_MODULE_BACKEND, "thread", "max-workers=2");

  self->store = fixture_make_part (AU_MODULE_STORE, "memory", NULL);
  self->submitter = au_engine_new_with_parts (self->store, queue);
  self->runner = au_engine_new_with_parts (self->store, thread);
  n_blocked = 0;
}

void
fixture_tear_down (Fixture       *self,
                   gconstpointer  data)
{
  g_clear_object (&self->submitter);
  g_clear_object (&self->runner);
  g_clear_object (&self->store);
}

void
fixture_allow_one_at_a_time (Fixture *self)
{
  g_autoptr(AuMiddleware) one = fixture_make_part (AU_MODULE_MIDDLEWARE, "concurrency", "limit=1");

  au_engine_add_middleware (self->runner, one);
}

AuWorker *
fixture_start_worker (Fixture *self)
{
  g_autoptr(GError) error = NULL;
  AuWorker *worker = au_worker_new (self->runner, NULL, &error);

  g_assert_no_error (error);
  au_worker_start (worker, &error);
  g_assert_no_error (error);

  return worker;
}

static void
drained_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  GAsyncResult **outcome = data;

  *outcome = g_object_ref (result);
}

/* Takes over the reference. Tells how many were given back. */
guint
fixture_stop_worker (AuWorker  *worker,
                     GTimeSpan  timeout)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  guint n_given_back = 0;

  au_worker_drain_async (worker, timeout, drained_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  au_worker_drain_finish (worker, result, &n_given_back, &error);
  g_assert_no_error (error);
  g_object_unref (worker);

  return n_given_back;
}

AuHandle *
fixture_submit (Fixture    *self,
                const char *function,
                GVariant   *arguments,
                AuOptions  *options)
{
  g_autoptr(GError) error = NULL;
  AuHandle *handle = au_engine_submit (self->submitter, function, arguments, options, &error);

  g_assert_no_error (error);

  return handle;
}

gint64
fixture_wait_for_number (AuHandle *handle)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = NULL;

  au_handle_wait (handle, FIXTURE_FOREVER, NULL, &error);
  g_assert_no_error (error);
  value = au_handle_dup_result (handle, &error);
  g_assert_no_error (error);

  return g_variant_get_int64 (value);
}

void
fixture_wait_until_blocked (gint n)
{
  while (g_atomic_int_get (&n_blocked) < n)
    g_thread_yield ();
}
