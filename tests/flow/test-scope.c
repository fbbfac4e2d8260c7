/* test-scope.c: functions that end before their scope does
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flow-fixture.h"

static AuScope *
scope_new (void)
{
  return au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
}

static void
close_well (AuScope *scope)
{
  g_autoptr(GError) error = NULL;
  gboolean good = au_scope_close (scope, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (good);
  g_assert_true (au_scope_is_closed (scope));
}

static GError *
close_badly (AuScope *scope)
{
  GError *error = NULL;

  g_assert_false (au_scope_close (scope, NULL, &error));
  g_assert_nonnull (error);
  g_assert_true (au_scope_is_closed (scope));

  return error;
}

static void
test_all_have_finished (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("a", 60));
  g_autoptr(AuDelayed) b = start (tamed, scope, nap ("b", 5));
  g_autoptr(AuDelayed) c = start (tamed, scope, nap ("c", 30));
  g_autofree char *text = NULL;

  g_assert_cmpuint (au_scope_get_n_unfinished (scope), ==, 3);
  assert_trace ("");
  close_well (scope);
  assert_trace ("b c a ");
  g_assert_cmpuint (au_scope_get_n_unfinished (scope), ==, 0);

  text = get_text (a);
  g_assert_cmpstr (text, ==, "a");

  /* Closing again gives the same. */
  close_well (scope);
}

static void
test_closed_asynchronously (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("a", 30));
  g_autoptr(AuDelayed) b = start (tamed, scope, nap ("b", 5));
  g_autoptr(GError) error = NULL;
  Await closed = { NULL }, again = { NULL };

  au_scope_close_async (scope, NULL, await_cb, &closed);
  g_assert_true (au_scope_close_finish (scope, await (&closed), &error));
  g_assert_no_error (error);
  assert_trace ("b a ");

  /* Results may be awaited afterwards. */
  au_delayed_await_async (a, NULL, await_cb, &again);
  g_assert_true (au_delayed_await_finish (a, await (&again), &error));
  g_assert_no_error (error);
  g_object_unref (closed.result);
  g_object_unref (again.result);
}

/* What runs in a main loop cannot go on while that is held up. */
static void
test_would_deadlock (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("a", 5));
  g_autoptr(GError) error = NULL;
  Await closed = { NULL };

  /* It begins, but has not ended. */
  g_main_context_iteration (NULL, FALSE);
  g_assert_false (au_delayed_block (a, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK);
  g_clear_error (&error);
  g_assert_false (au_scope_close (scope, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK);
  g_clear_error (&error);

  au_scope_close_async (scope, NULL, await_cb, &closed);
  g_assert_true (au_scope_close_finish (scope, await (&closed), &error));
  g_assert_no_error (error);
  assert_trace ("a ");
  g_object_unref (closed.result);
}

/* An outer scope goes on while an inner one is closed. */
static void
test_nested (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) outer = scope_new ();
  g_autoptr(AuDelayed) a = start (tamed, outer, nap ("o150", 150));
  g_autoptr(AuDelayed) b = start (tamed, outer, nap ("o100", 100));
  g_autoptr(AuDelayed) e = NULL;

  {
    g_autoptr(AuScope) inner = scope_new ();
    g_autoptr(AuDelayed) c = start (tamed, inner, nap ("i200", 200));
    g_autoptr(AuDelayed) d = start (tamed, inner, nap ("i125", 125));

    close_well (inner);
  }
  e = start (tamed, outer, nap ("o50", 50));
  close_well (outer);
  assert_trace ("o100 i125 o150 i200 o50 ");
}

static void
test_exit_cancel (void)
{
  g_autoptr(AuTamed) endless = endless_new ();
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) service = au_scope_new (AU_SCOPE_EXIT_CANCEL, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuDelayed) forever = start (endless, service, NULL);
  g_autoptr(AuDelayed) late = NULL;
  g_autoptr(GError) error = NULL;

  {
    g_autoptr(AuScope) batch = scope_new ();
    g_autoptr(AuDelayed) a = start (tamed, batch, nap ("a", 5));

    close_well (batch);
  }
  assert_trace ("a ");
  g_assert_false (au_delayed_is_ready (forever));

  /* One that has not begun is not run at all. */
  late = start (tamed, service, nap ("late", 0));
  close_well (service);
  assert_trace ("");
  g_assert_null (au_delayed_get_value (forever, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (au_delayed_get_value (late, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_exit_raise (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuTamed) endless = endless_new ();
  g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_RAISE, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("a", 5));
  g_autoptr(AuDelayed) b = start (tamed, scope, nap ("b", 1));
  g_autoptr(AuDelayed) c = au_tamed_call_in_scope_at (endless, scope, "here:12", NULL, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (au_delayed_block (a, -1, NULL, &error));
  g_assert_no_error (error);

  /* Of b nobody wants to know, though it is there; and c is not. */
  error = close_badly (scope);
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_AWAITED);
  g_assert_nonnull (strstr (error->message, "2 results"));
  g_assert_nonnull (strstr (error->message, "“nap” ("));
  g_assert_nonnull (strstr (error->message, "flow-fixture.c:"));
  g_assert_nonnull (strstr (error->message, "“endless” (here:12)"));
  g_assert_cmpuint (au_scope_get_n_errors (scope), ==, 1);
  g_string_truncate (trace, 0);
}

static void
test_exit_raise_with_all_awaited (void)
{
  g_autoptr(AuTamed) tamed = faulty_new ();
  g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_RAISE, AU_SCOPE_ERROR_CONTINUE);

  /* Tries until it is tired. */
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(AuDelayed) a = start (tamed, scope, NULL);
      g_autoptr(GError) error = NULL;

      g_assert_false (au_delayed_block (a, -1, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
    }

  close_well (scope);
}

static void
test_error_cancel (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("a", 60000));
  g_autoptr(AuDelayed) b = start (tamed, scope, nap ("-b", 1));
  g_autoptr(AuDelayed) c = start (tamed, scope, nap ("c", 60000));
  g_autoptr(GError) error = close_badly (scope);
  g_autoptr(GError) copy = g_error_copy (error);
  g_autoptr(GError) child = NULL;

  assert_trace ("-b !a !c ");
  g_assert_error (error, AU_ERROR, AU_ERROR_GROUP);
  g_assert_cmpstr (error->message, ==, "1 function failed: -b");
  g_assert_cmpuint (au_error_get_n_children (copy), ==, 1);
  g_assert_true (g_error_matches (au_error_get_child (copy, 0), G_IO_ERROR,
                                  G_IO_ERROR_INVALID_DATA));
  g_assert_null (au_error_get_child (copy, 1));
  g_assert_cmpuint (au_scope_get_n_errors (scope), ==, 1);
  child = au_scope_dup_error (scope, 0);
  g_assert_error (child, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_null (au_scope_dup_error (scope, 1));
}

static void
test_error_continue (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CONTINUE);
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("a", 20));
  g_autoptr(AuDelayed) b = start (tamed, scope, nap ("-b", 10));
  g_autoptr(AuDelayed) c = start (tamed, scope, nap ("-c", 1));
  g_autoptr(GError) error = close_badly (scope);

  assert_trace ("-c -b a ");
  g_assert_error (error, AU_ERROR, AU_ERROR_GROUP);
  g_assert_cmpuint (au_error_get_n_children (error), ==, 2);

  /* In the order in which they were started. */
  g_assert_cmpstr (au_error_get_child (error, 0)->message, ==, "-b");
  g_assert_cmpstr (au_error_get_child (error, 1)->message, ==, "-c");
}

/* An error that somebody has seen is not told again; its siblings are cancelled all the
 * same. */
static void
test_handled_error (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("-a", 1));
  g_autoptr(AuDelayed) b = start (tamed, scope, nap ("b", 60000));
  g_autoptr(GError) error = NULL;

  g_assert_false (au_delayed_block (a, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_true (au_delayed_is_awaited (a));
  close_well (scope);
  assert_trace ("-a !b ");
}

/* To look is not to wait. */
static void
test_seen_error_is_told (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CONTINUE);
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("-a", 1));
  g_autoptr(AuDelayed) b = start (tamed, scope, nap ("b", 5));
  g_autoptr(GError) error = NULL;

  g_assert_true (au_delayed_block (b, -1, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (au_delayed_get_value (a, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_clear_error (&error);
  error = close_badly (scope);
  g_assert_error (error, AU_ERROR, AU_ERROR_GROUP);
  g_string_truncate (trace, 0);
}

static void
test_body_error (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("a", 60000));
  g_autoptr(AuDelayed) b = start (tamed, scope, nap ("b", 1));
  g_autoptr(GError) own = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_EXISTS, "own");
  g_autoptr(GError) error = NULL;

  g_assert_true (au_delayed_block (b, -1, NULL, &error));
  au_scope_fail (scope, own);
  error = close_badly (scope);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  assert_trace ("b !a ");
}

static void
test_body_error_and_others (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CONTINUE);
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("-a", 1));
  g_autoptr(AuDelayed) b = start (tamed, scope, nap ("b", 5));
  g_autoptr(GError) own = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_EXISTS, "own");
  g_autoptr(GError) error = NULL;

  g_assert_true (au_delayed_block (b, -1, NULL, &error));
  au_scope_fail (scope, own);
  error = close_badly (scope);
  g_assert_error (error, AU_ERROR, AU_ERROR_GROUP);
  g_assert_cmpuint (au_error_get_n_children (error), ==, 2);
  g_assert_true (g_error_matches (au_error_get_child (error, 0), G_IO_ERROR, G_IO_ERROR_EXISTS));
  g_assert_true (g_error_matches (au_error_get_child (error, 1), G_IO_ERROR,
                                  G_IO_ERROR_INVALID_DATA));
  g_string_truncate (trace, 0);
}

/* A function that starts another one in its scope and returns. */
static void
relay_start (AuCall   *call,
             GVariant *arguments,
             gpointer  user_data)
{
  AuScope *scope = user_data;
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuDelayed) next = start (tamed, scope, nap ("next", 5));

  g_string_append (trace, "relay ");
  au_call_return_value (call, NULL);
}

static void
test_work_added_while_closing (void)
{
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(AuTamed) tamed = tamed_new ("relay", "()", NULL, relay_start, scope);
  g_autoptr(AuDelayed) a = start (tamed, scope, NULL);
  g_autoptr(GError) error = NULL;

  close_well (scope);
  assert_trace ("relay next ");

  g_assert_null (au_tamed_call_in_scope (tamed, scope, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
}

static void
test_cancelled_while_closing (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("a", 60000));
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (au_scope_close (scope, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (au_scope_is_closed (scope));
  g_string_truncate (trace, 0);
}

static gboolean
cancel_cb (gpointer data)
{
  g_cancellable_cancel (data);

  return G_SOURCE_REMOVE;
}

static void
test_cancelled_while_closing_async (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("a", 60000));
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  Await closed = { NULL };

  au_scope_close_async (scope, cancellable, await_cb, &closed);
  g_timeout_add (5, cancel_cb, cancellable);
  g_assert_false (au_scope_close_finish (scope, await (&closed), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_trace ("!a ");
  g_object_unref (closed.result);
}

static void
test_cancel_is_no_error (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("a", 60000));
  g_autoptr(AuDelayed) b = NULL;
  GCancellable *cancellable = au_scope_get_cancellable (scope);

  g_assert_false (g_cancellable_is_cancelled (cancellable));
  au_scope_cancel (scope);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  b = start (tamed, scope, nap ("b", 60000));
  g_assert_true (au_delayed_is_ready (b));
  close_well (scope);
  assert_trace ("");
}

static void
test_parent_cancels (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) outer = scope_new ();
  g_autoptr(AuScope) inner = au_scope_new_nested (outer, AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuScope) shielded = g_object_new (AU_TYPE_SCOPE, "parent", outer, "shielded", TRUE, NULL);
  g_autoptr(AuDelayed) a = start (tamed, inner, nap ("a", 60000));
  g_autoptr(AuDelayed) b = start (tamed, shielded, nap ("b", 5));
  g_autoptr(GError) error = NULL;

  g_assert_true (au_scope_get_parent (inner) == outer);
  au_scope_cancel (outer);
  close_well (shielded);
  error = close_badly (inner);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  close_well (outer);
  assert_trace ("b ");
}

/* The outer scope closes those within it that nobody closes. */
static void
test_parent_closes (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) outer = scope_new ();
  g_autoptr(AuScope) inner = au_scope_new_nested (outer, AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuDelayed) a = start (tamed, inner, nap ("a", 20));
  g_autoptr(AuDelayed) b = start (tamed, outer, nap ("b", 5));

  close_well (outer);
  g_assert_true (au_scope_is_closed (inner));
  close_well (inner);
  assert_trace ("b a ");
}

/* When the function has begun, its time is over. */
static gpointer
advancing_thread (gpointer data)
{
  while (g_atomic_int_get (&naps_begun) == 0)
    g_thread_yield ();
  au_clock_advance (20 * G_TIME_SPAN_MILLISECOND);

  return NULL;
}

static void
test_deadline (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(AuDelayed) a = NULL;
  g_autoptr(GError) error = NULL;
  GThread *thread;

  au_clock_freeze ();
  g_atomic_int_set (&naps_begun, 0);
  g_assert_cmpint (au_scope_get_deadline (scope), ==, 0);
  au_scope_set_timeout (scope, 20 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpint (au_scope_get_deadline (scope), ==,
                   au_clock_get_monotonic_time () + 20 * G_TIME_SPAN_MILLISECOND);
  a = start (tamed, scope, nap ("a", 60000));
  thread = g_thread_new ("advancing", advancing_thread, NULL);
  error = close_badly (scope);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  assert_trace ("!a ");
  g_thread_join (thread);
  au_clock_thaw ();
}

static void
test_deadline_not_reached (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(AuDelayed) a = NULL;

  au_scope_set_timeout (scope, G_TIME_SPAN_HOUR);
  a = start (tamed, scope, nap ("a", 1));
  close_well (scope);
  assert_trace ("a ");
}

static void
test_dropped (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  AuScope *scope = scope_new ();
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("a", 5));

  g_test_expect_message ("au", G_LOG_LEVEL_WARNING, "*dropped*(1 have*close it*");
  g_object_unref (scope);
  g_test_assert_expected_messages ();
  assert_trace ("a ");
  g_assert_true (au_delayed_is_ready (a));
}

static void
test_dropped_with_error (void)
{
  g_autoptr(AuTamed) tamed = faulty_new ();
  AuScope *scope = scope_new ();
  g_autoptr(AuDelayed) a = start (tamed, scope, NULL);

  g_test_expect_message ("au", G_LOG_LEVEL_WARNING, "*dropped*(1 have*close it*");
  g_test_expect_message ("au", G_LOG_LEVEL_WARNING, "*Oh no!*");
  g_object_unref (scope);
  g_test_assert_expected_messages ();
}

static void
test_dropped_with_nothing_left (void)
{
  g_autoptr(AuScope) empty = scope_new ();
  g_autoptr(AuScope) cancelling = au_scope_new (AU_SCOPE_EXIT_CANCEL, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuDelayed) a = start (tamed, cancelling, nap ("a", 60000));
}

static GVariant *
double_it (AuCall    *call,
           GVariant  *arguments,
           gpointer   user_data,
           GError   **error)
{
  gint64 x;

  g_variant_get (arguments, "(x)", &x);
  if (x < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "negative");
      return NULL;
    }

  return g_variant_new_int64 (2 * x);
}

static AuEngine *
doubling_engine_new (const char *backend)
{
  AuEngine *engine = engine_new (backend);
  g_autoptr(AuFunction) function = NULL;

  function = au_function_new ("double", "(x)", "x", AU_FUNCTION_NONE, double_it, NULL, NULL, NULL);
  au_engine_add_function (engine, function);

  return engine;
}

/* Computations of an engine are members like any other. */
static void
test_submit (void)
{
  g_autoptr(AuEngine) engine = doubling_engine_new ("thread");
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GError) error = NULL;

  for (gint64 i = 0; i < 100; i++)
    g_ptr_array_add (results, au_scope_submit (scope, engine, "double",
                                               g_variant_new ("(x)", i), NULL, &error));
  g_assert_no_error (error);
  close_well (scope);
  for (gint64 i = 0; i < 100; i++)
    {
      GVariant *value = au_delayed_get_value (g_ptr_array_index (results, i), &error);

      g_assert_no_error (error);
      g_assert_cmpint (g_variant_get_int64 (value), ==, 2 * i);
    }

  g_assert_null (au_scope_submit (scope, engine, "double", g_variant_new ("(x)",
                                  G_GINT64_CONSTANT (1)), NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_CLOSED);
}

static void
test_submit_fails (void)
{
  g_autoptr(AuEngine) engine = doubling_engine_new ("thread");
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(AuTamed) endless = endless_new ();
  g_autoptr(AuDelayed) a = start (endless, scope, NULL);
  g_autoptr(AuDelayed) b = NULL;
  g_autoptr(GError) error = NULL;

  b = au_scope_submit (scope, engine, "double", g_variant_new ("(x)", G_GINT64_CONSTANT (-1)),
                       NULL, &error);
  g_assert_no_error (error);
  error = close_badly (scope);
  g_assert_error (error, AU_ERROR, AU_ERROR_GROUP);
  g_assert_true (g_error_matches (au_error_get_child (error, 0), G_IO_ERROR,
                                  G_IO_ERROR_INVALID_ARGUMENT));
}

static void
test_submit_would_deadlock (void)
{
  g_autoptr(AuEngine) engine = doubling_engine_new ("loop");
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(AuDelayed) a = NULL;
  g_autoptr(GError) error = NULL;
  Await closed = { NULL };

  a = au_scope_submit (scope, engine, "double", g_variant_new ("(x)", G_GINT64_CONSTANT (1)),
                       NULL, &error);
  g_assert_false (au_delayed_block (a, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK);
  g_clear_error (&error);
  g_assert_false (au_scope_close (scope, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK);
  g_clear_error (&error);
  au_scope_close_async (scope, NULL, await_cb, &closed);
  g_assert_true (au_scope_close_finish (scope, await (&closed), &error));
  g_assert_no_error (error);
  g_object_unref (closed.result);
}

/* Threads without a main loop of their own have scopes, too. */
static gpointer
scope_thread (gpointer data)
{
  g_autoptr(AuTamed) endless = endless_new ();
  AuTamed *tamed = data;
  g_autoptr(AuScope) service = au_scope_new (AU_SCOPE_EXIT_CANCEL, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuDelayed) forever = start (endless, service, NULL);

  for (guint i = 0; i < 200; i++)
    {
      g_autoptr(AuScope) scope = scope_new ();
      g_autoptr(AuDelayed) a = start (tamed, scope, NULL);
      g_autoptr(AuDelayed) b = start (tamed, scope, NULL);
      g_autoptr(GError) error = NULL;

      g_assert_true (au_delayed_block (b, -1, NULL, &error));
      g_assert_no_error (error);
      close_well (scope);
    }
  close_well (service);

  return NULL;
}

static void
own_thread_start (AuCall   *call,
                  GVariant *arguments,
                  gpointer  user_data)
{
  g_assert_nonnull (g_main_context_get_thread_default ());
  g_assert_true (g_main_context_is_owner (g_main_context_get_thread_default ()));
  au_call_return_value (call, NULL);
}

static void
test_threads (void)
{
  g_autoptr(AuTamed) tamed = tamed_new ("own", "()", NULL, own_thread_start, NULL);
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("scope", scope_thread, tamed);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* Others may add to a scope and cancel it while it is being closed. */
static gpointer
meddling_thread (gpointer data)
{
  AuScope *scope = data;
  g_autoptr(AuTamed) tamed = tamed_new ("own", "()", NULL, own_thread_start, NULL);

  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr(AuDelayed) a = start (tamed, scope, NULL);

      g_assert_true (au_delayed_block (a, -1, NULL, NULL));
    }
  au_scope_cancel (scope);

  return NULL;
}

static void
test_meddling (void)
{
  g_autoptr(AuScope) scope = scope_new ();
  g_autoptr(AuTamed) endless = endless_new ();
  g_autoptr(AuDelayed) forever = start (endless, scope, NULL);
  GThread *thread = g_thread_new ("meddling", meddling_thread, scope);

  close_well (scope);
  g_thread_join (thread);
}

int
main (int    argc,
      char **argv)
{
  flow_init (&argc, &argv);

  g_test_add_func ("/flow/scope/all-have-finished", test_all_have_finished);
  g_test_add_func ("/flow/scope/closed-asynchronously", test_closed_asynchronously);
  g_test_add_func ("/flow/scope/would-deadlock", test_would_deadlock);
  g_test_add_func ("/flow/scope/nested", test_nested);
  g_test_add_func ("/flow/scope/exit-cancel", test_exit_cancel);
  g_test_add_func ("/flow/scope/exit-raise", test_exit_raise);
  g_test_add_func ("/flow/scope/exit-raise-with-all-awaited", test_exit_raise_with_all_awaited);
  g_test_add_func ("/flow/scope/error-cancel", test_error_cancel);
  g_test_add_func ("/flow/scope/error-continue", test_error_continue);
  g_test_add_func ("/flow/scope/handled-error", test_handled_error);
  g_test_add_func ("/flow/scope/seen-error-is-told", test_seen_error_is_told);
  g_test_add_func ("/flow/scope/body-error", test_body_error);
  g_test_add_func ("/flow/scope/body-error-and-others", test_body_error_and_others);
  g_test_add_func ("/flow/scope/work-added-while-closing", test_work_added_while_closing);
  g_test_add_func ("/flow/scope/cancelled-while-closing", test_cancelled_while_closing);
  g_test_add_func ("/flow/scope/cancelled-while-closing-async", test_cancelled_while_closing_async);
  g_test_add_func ("/flow/scope/cancel-is-no-error", test_cancel_is_no_error);
  g_test_add_func ("/flow/scope/parent-cancels", test_parent_cancels);
  g_test_add_func ("/flow/scope/parent-closes", test_parent_closes);
  g_test_add_func ("/flow/scope/deadline", test_deadline);
  g_test_add_func ("/flow/scope/deadline-not-reached", test_deadline_not_reached);
  g_test_add_func ("/flow/scope/dropped", test_dropped);
  g_test_add_func ("/flow/scope/dropped-with-error", test_dropped_with_error);
  g_test_add_func ("/flow/scope/dropped-with-nothing-left", test_dropped_with_nothing_left);
  g_test_add_func ("/flow/scope/submit", test_submit);
  g_test_add_func ("/flow/scope/submit-fails", test_submit_fails);
  g_test_add_func ("/flow/scope/submit-would-deadlock", test_submit_would_deadlock);
  g_test_add_func ("/flow/scope/threads", test_threads);
  g_test_add_func ("/flow/scope/meddling", test_meddling);

  return g_test_run ();
}
