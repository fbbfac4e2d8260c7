/* au-test-backend.c: what every backend must do
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-backend-private.h"

/* A test that takes so many seconds waits for ever. */
#define PATIENCE (300)

struct _BackendKind
{
  grefcount         ref_count;
  char             *prefix;
  AuTestBackendFunc make;
  gpointer          user_data;
  GDestroyNotify    destroy;
};

typedef struct
{
  BackendKind     *kind;
  BackendTestFlags flags;
  BackendTest      test;
} TestData;

static void
backend_kind_unref (BackendKind *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_free (self->prefix);
  g_free (self);
}

static void
test_data_free (TestData *self)
{
  backend_kind_unref (self->kind);
  g_free (self);
}

static void
backend_fixture_open (BackendFixture *self,
                      guint           max_workers)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuStore) store = NULL;

  self->backend = self->kind->make (max_workers, self->kind->user_data, &error);
  g_assert_no_error (error);
  g_assert_true (AU_IS_BACKEND (self->backend));

  store = au_part_new (AU_MODULE_STORE, "memory", &error, NULL);
  g_assert_no_error (error);
  self->engine = au_engine_new_with_parts (store, self->backend);
}

void
backend_fixture_close (BackendFixture *self)
{
  au_test_end_object (g_steal_pointer (&self->engine));
  au_test_end_object (g_steal_pointer (&self->backend));
}

void
backend_fixture_reopen (BackendFixture *self,
                        guint           max_workers)
{
  backend_fixture_close (self);
  backend_fixture_open (self, max_workers);
}

static gboolean
out_of_patience_cb (gpointer data)
{
  g_error ("%s waits for what does not come: a function, its outcome, or the end of an engine or a backend "
           "that somebody still holds", g_test_get_path ());
  return G_SOURCE_REMOVE;
}

static void
run_test_once (const TestData *data,
               const char     *script)
{
  BackendFixture fixture = { .kind = data->kind, .script = script };
  guint watchdog = g_timeout_add_seconds (PATIENCE, out_of_patience_cb, NULL);

  fixture.stage = stage_new ();
  fixture.context = au_test_context_new (NULL);
  backend_fixture_open (&fixture, 0);

  data->test (&fixture);

  backend_fixture_close (&fixture);
  g_source_remove (watchdog);
  g_object_unref (fixture.context);
  stage_free (fixture.stage);
}

static void
run_test (gconstpointer user_data)
{
  const TestData *data = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(AuBackend) backend = NULL;

  if ((data->flags & BACKEND_TEST_TOGETHER) == 0)
    {
      run_test_once (data, "test.script");
      return;
    }

  backend = data->kind->make (0, data->kind->user_data, &error);
  g_assert_no_error (error);
  if ((au_backend_get_flags (backend) & AU_BACKEND_SYNCHRONOUS) != 0)
    {
      g_test_skip ("this backend runs a job before anything else can happen");
      return;
    }

  run_test_once (data, "test.script-async");
  /* a plain function that waits in the test's own main loop would wait for ever */
  if (au_backend_get_main_context (backend) == NULL)
    run_test_once (data, "test.script");
}

void
backend_suite_add_test (BackendKind     *kind,
                        BackendTestFlags flags,
                        const char      *name,
                        BackendTest      test)
{
  g_autofree char *path = g_strconcat (kind->prefix, "/", name, NULL);
  TestData *data = g_new0 (TestData, 1);

  g_ref_count_inc (&kind->ref_count);
  data->kind = kind;
  data->flags = flags;
  data->test = test;
  g_test_add_data_func_full (path, data, run_test, (GDestroyNotify) test_data_free);
}

AuHandle *
backend_submit (BackendFixture *self,
                const char     *function,
                GVariant       *arguments,
                AuOptions      *options)
{
  g_autoptr(GError) error = NULL;
  AuHandle *handle = au_engine_submit (self->engine, function, arguments, options, &error);

  g_assert_no_error (error);
  g_assert_true (AU_IS_HANDLE (handle));

  return handle;
}

AuHandle *
backend_play (BackendFixture *self,
              AuOptions      *options,
              ...)
{
  g_autoptr(GPtrArray) steps = g_ptr_array_new ();
  const char *step;
  va_list list;

  va_start (list, options);
  while ((step = va_arg (list, const char *)) != NULL)
    g_ptr_array_add (steps, (char *) step);
  va_end (list);
  g_ptr_array_add (steps, NULL);

  return backend_submit (self, self->script,
                         g_variant_new ("(s^as)", stage_get_address (self->stage), steps->pdata), options);
}

GVariant *
backend_finish (BackendFixture  *self,
                AuHandle        *handle,
                GError         **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  au_handle_wait_async (handle, NULL, au_test_context_take_result, self->context);
  result = au_test_context_await_result (self->context);
  if (!au_handle_wait_finish (handle, result, error))
    return NULL;

  return au_handle_dup_result (handle, error);
}

GVariant *
backend_next_item (BackendFixture  *self,
                   AuHandle        *handle,
                   GError         **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  au_handle_next_item_async (handle, NULL, au_test_context_take_result, self->context);
  result = au_test_context_await_result (self->context);

  return au_handle_next_item_finish (handle, result, error);
}

void
backend_assert_fails (BackendFixture *self,
                      AuHandle       *handle,
                      AuStatus        status,
                      GQuark          domain,
                      int             code)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = backend_finish (self, handle, &error);

  g_assert_error (error, domain, code);
  g_assert_null (value);
  g_assert_cmpint (au_handle_get_status (handle), ==, status);
}

void
backend_drain (BackendFixture *self)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  au_backend_drain_async (self->backend, NULL, au_test_context_take_result, self->context);
  result = au_test_context_await_result (self->context);
  g_assert_true (au_backend_drain_finish (self->backend, result, &error));
  g_assert_no_error (error);
}

/**
 * au_test_backend_add_suite:
 * @prefix: what the names of the tests start with, such as `/backend/acme`
 * @make: (scope notified) (closure user_data) (destroy destroy): makes a backend
 * @user_data: data for @make
 * @destroy: (nullable): frees @user_data
 *
 * Adds tests of everything that a backend must do, for the backends that @make makes, to
 * the tests of this program.
 *
 * Each test gives the backend to an engine with the store `memory`. They are about
 * values, errors and forms of functions; how many run at once, and in what order;
 * cancelling, time limits, attempts and draining; progress; items, which wait for their
 * reader; the main contexts where callbacks arrive; many users at once; and what is left
 * behind.
 *
 * The functions are those of [func@AuTest.functions_register]; they may run in any
 * process of this machine. A test runs with plain and with asynchronous functions, where
 * it waits for a function and the backend does not need the test's own main context.
 *
 * The suite freezes and moves the clock of this process, and iterates the default main
 * context of the thread that runs the tests.
 *
 * Since: 1.0
 */
void
au_test_backend_add_suite (const char       *prefix,
                           AuTestBackendFunc make,
                           gpointer          user_data,
                           GDestroyNotify    destroy)
{
  BackendKind *kind;

  g_return_if_fail (prefix != NULL && prefix[0] == '/');
  g_return_if_fail (make != NULL);

  au_test_functions_register ();

  kind = g_new0 (BackendKind, 1);
  g_ref_count_init (&kind->ref_count);
  kind->prefix = g_strdup (prefix);
  kind->make = make;
  kind->user_data = user_data;
  kind->destroy = destroy;

  backend_suite_add_calls (kind);
  backend_suite_add_life (kind);
  backend_suite_add_items (kind);
  backend_suite_add_users (kind);
  backend_kind_unref (kind);
}
