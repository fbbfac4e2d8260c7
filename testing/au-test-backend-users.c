/* au-test-backend-users.c: what every backend must do for its users
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-test-backend-private.h"

#define N_THREADS (4)

/* Iterates the default main context, as a program would, until a thread has ended. */
typedef struct
{
  BackendFixture *fixture;
  gint            n_done;
} Users;

static void
run_users (BackendFixture *fixture,
           guint           n,
           GThreadFunc     func)
{
  Users users = { .fixture = fixture };
  GThread *threads[N_THREADS];

  for (guint i = 0; i < n; i++)
    threads[i] = g_thread_new (NULL, func, &users);
  while (g_atomic_int_get (&users.n_done) < (gint) n)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
}

static gpointer
user_done (Users *users)
{
  g_atomic_int_inc (&users->n_done);
  g_main_context_wakeup (NULL);

  return NULL;
}

static gpointer
use_in_own_context (gpointer data)
{
  Users *users = data;
  g_autoptr(GMainContext) main_context = g_main_context_new ();
  g_autoptr(AuTestContext) context = au_test_context_new (main_context);
  g_autoptr(AuHandle) handle = NULL;

  g_main_context_push_thread_default (main_context);

  for (guint i = 0; i < 5; i++)
    {
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;

      g_clear_object (&handle);
      handle = backend_submit (users->fixture, "test.echo", g_variant_new_parsed ("(<'x'>,)"), NULL);
      au_test_context_watch (context, G_OBJECT (handle));
      au_handle_wait_async (handle, NULL, au_test_context_take_result, context);
      result = au_test_context_await_result (context);
      g_assert_true (au_handle_wait_finish (handle, result, &error));
      g_assert_no_error (error);

      g_clear_object (&result);
      au_backend_drain_async (users->fixture->backend, NULL, au_test_context_take_result, context);
      result = au_test_context_await_result (context);
      g_assert_true (au_backend_drain_finish (users->fixture->backend, result, &error));
    }

  g_clear_object (&handle);
  g_main_context_pop_thread_default (main_context);

  return user_done (users);
}

static void
test_callbacks_arrive_where_they_were_asked_for (BackendFixture *fixture)
{
  run_users (fixture, 2, use_in_own_context);
}

/* Who waits in a plain thread sleeps; the main loop is not his to iterate. */
static void
test_waiting_iterates_nothing (BackendFixture *fixture)
{
  if (au_backend_get_main_context (fixture->backend) != NULL)
    {
      g_test_skip ("this backend needs its main context iterated");
      return;
    }

  au_test_context_forbid (fixture->context);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(GVariant) value = NULL;
      g_autoptr(GError) error = NULL;

      value = au_engine_call (fixture->engine, "test.echo", g_variant_new_parsed ("(<'x'>,)"), NULL, -1,
                              NULL, &error);
      g_assert_no_error (error);
    }
  au_test_context_allow (fixture->context);
}

static gpointer
use_much (gpointer data)
{
  Users *users = data;

  for (guint i = 0; i < 50; i++)
    {
      g_autoptr(AuHandle) handle = NULL;
      g_autoptr(GVariant) value = NULL;
      g_autoptr(GVariant) inner = NULL;
      g_autoptr(GError) error = NULL;

      handle = backend_submit (users->fixture, "test.echo", g_variant_new ("(v)", g_variant_new_uint32 (i)), NULL);
      if (i % 10 == 9)
        au_handle_cancel (handle);
      if (!au_handle_wait (handle, -1, NULL, &error))
        {
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
          g_assert_cmpuint (i % 10, ==, 9);
          continue;
        }

      value = au_handle_dup_result (handle, &error);
      g_assert_no_error (error);
      inner = g_variant_get_variant (value);
      g_assert_cmpuint (g_variant_get_uint32 (inner), ==, i);
    }

  return user_done (users);
}

static void
test_threads_use_it_at_once (BackendFixture *fixture)
{
  run_users (fixture, N_THREADS, use_much);
  backend_drain (fixture);
  g_assert_cmpuint (au_backend_get_running (fixture->backend), ==, 0);
  g_assert_cmpuint (au_backend_get_waiting (fixture->backend), ==, 0);
}

static void
test_engine_may_go_while_work_is_there (BackendFixture *fixture)
{
  for (guint i = 0; i < 5; i++)
    {
      for (guint j = 0; j < 10; j++)
        g_object_unref (backend_submit (fixture, "test.echo", g_variant_new_parsed ("(<'x'>,)"), NULL));
      backend_fixture_reopen (fixture, 0);
    }
}

static guint
count_descriptors (void)
{
  g_autoptr(GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (folder != NULL && g_dir_read_name (folder) != NULL)
    n++;

  return n;
}

static void
test_closed_backend_holds_nothing (BackendFixture *fixture)
{
  guint n_before = 0;

  for (guint i = 0; i < 12; i++)
    {
      g_autoptr(AuHandle) handle = backend_submit (fixture, "test.echo", g_variant_new_parsed ("(<'x'>,)"), NULL);
      g_autoptr(GVariant) value = backend_finish (fixture, handle, NULL);

      g_assert_nonnull (value);
      g_clear_object (&handle);
      backend_fixture_reopen (fixture, 0);

      /* what is made once for all backends is no leak */
      if (i == 3)
        n_before = count_descriptors ();
    }

  /* what the backend's own threads have dropped last is closed by them */
  while (count_descriptors () > n_before)
    {
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
}

void
backend_suite_add_users (BackendKind *kind)
{
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "callbacks-arrive-where-they-were-asked-for",
                          test_callbacks_arrive_where_they_were_asked_for);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "waiting-iterates-nothing", test_waiting_iterates_nothing);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "threads-use-it-at-once", test_threads_use_it_at_once);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "engine-may-go-while-work-is-there",
                          test_engine_may_go_while_work_is_there);
  backend_suite_add_test (kind, BACKEND_TEST_NORMAL, "closed-backend-holds-nothing",
                          test_closed_backend_holds_nothing);
}
