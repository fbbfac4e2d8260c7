/* test-tamed.c: one function called in three ways, and its results
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flow-fixture.h"

static void
test_sync (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) a = au_tamed_call_sync (tamed, nap ("a", 10), NULL, &error);
  g_autoptr(GVariant) b = au_tamed_call_sync (tamed, nap ("b", 1), NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_string (a, NULL), ==, "a");
  g_assert_cmpstr (g_variant_get_string (b, NULL), ==, "b");
  assert_trace ("a b ");
  g_assert_cmpstr (au_tamed_get_name (tamed), ==, "nap");
}

static void
test_sync_error (void)
{
  g_autoptr(AuTamed) tamed = faulty_new ();
  g_autoptr(GError) error = NULL;

  g_assert_null (au_tamed_call_sync (tamed, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "Oh no!");
}

static void
test_bad_arguments (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(GError) error = NULL;
  Await done = { NULL };

  g_assert_null (au_tamed_call_sync (tamed, g_variant_new ("(i)", 1), NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);
  g_clear_error (&error);
  g_assert_null (au_tamed_call_in_scope (tamed, scope, g_variant_new ("(i)", 1), &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);
  g_clear_error (&error);
  au_tamed_call_async (tamed, g_variant_new ("(i)", 1), NULL, await_cb, &done);
  g_assert_null (au_tamed_call_finish (tamed, await (&done), &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);
  g_object_unref (done.result);
}

/* A function that drops its call has failed, and nobody waits for ever. */
static void
dropping_start (AuCall   *call,
                GVariant *arguments,
                gpointer  user_data)
{
}

static void
test_dropped_call (void)
{
  g_autoptr(AuTamed) tamed = tamed_new ("dropping", "()", NULL, dropping_start, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_null (au_tamed_call_sync (tamed, NULL, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NO_VALUE);
}

static GVariant *
plain (AuCall    *call,
       GVariant  *arguments,
       gpointer   user_data,
       GError   **error)
{
  g_assert_cmpuint (au_call_get_attempt (call), ==, 1);
  g_assert_true (au_key_is_valid (au_call_get_key (call)));
  au_call_set_progress (call, 0.5, "half way");

  return g_variant_new_uint32 (42);
}

static void
test_plain_function (void)
{
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(AuTamed) tamed = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  function = au_function_new ("plain", "()", "u", AU_FUNCTION_NONE, plain, NULL, NULL, &error);
  tamed = au_tamed_new (function);
  value = au_tamed_call_sync (tamed, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_variant_get_uint32 (value), ==, 42);
}

static void
test_async (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(GVariant) a = NULL;
  g_autoptr(GVariant) b = NULL;
  g_autoptr(GError) error = NULL;
  Await first = { NULL }, second = { NULL };

  au_tamed_call_async (tamed, nap ("a", 20), NULL, await_cb, &first);
  au_tamed_call_async (tamed, nap ("b", 1), NULL, await_cb, &second);
  assert_trace ("");
  b = au_tamed_call_finish (tamed, await (&second), &error);
  g_assert_no_error (error);
  a = au_tamed_call_finish (tamed, await (&first), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_string (a, NULL), ==, "a");
  g_assert_cmpstr (g_variant_get_string (b, NULL), ==, "b");
  assert_trace ("b a ");
  g_object_unref (first.result);
  g_object_unref (second.result);
}

static gboolean
cancel_cb (gpointer data)
{
  g_cancellable_cancel (data);

  return G_SOURCE_REMOVE;
}

static void
test_async_cancelled (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  Await done = { NULL };

  au_tamed_call_async (tamed, nap ("a", 60000), cancellable, await_cb, &done);
  g_timeout_add (5, cancel_cb, cancellable);
  g_assert_null (au_tamed_call_finish (tamed, await (&done), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_trace ("!a ");
  g_object_unref (done.result);
}

static void
test_cancelled_before (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  Await done = { NULL };

  g_cancellable_cancel (cancellable);
  g_assert_null (au_tamed_call_sync (tamed, nap ("a", 1), cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  au_tamed_call_async (tamed, nap ("a", 1), cancellable, await_cb, &done);
  g_assert_null (au_tamed_call_finish (tamed, await (&done), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_trace ("");
  g_object_unref (done.result);
}

/* When the function has begun, as it does because somebody waits. */
static gpointer
cancelling_thread (gpointer data)
{
  while (g_atomic_int_get (&naps_begun) == 0)
    g_thread_yield ();
  g_cancellable_cancel (data);

  return NULL;
}

static void
test_sync_cancelled_by_thread (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  GThread *thread;

  g_atomic_int_set (&naps_begun, 0);
  thread = g_thread_new ("cancelling", cancelling_thread, cancellable);
  g_assert_null (au_tamed_call_sync (tamed, nap ("a", 60000), cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_string_truncate (trace, 0);
}

/* A synchronous call leaves the caller's sources alone. */
static gboolean
never_cb (gpointer data)
{
  g_assert_not_reached ();
}

static void
test_sync_is_private (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(GVariant) value = NULL;
  guint id = g_idle_add (never_cb, NULL);

  value = au_tamed_call_sync (tamed, nap ("a", 5), NULL, NULL);
  g_assert_nonnull (value);
  g_source_remove (id);
  assert_trace ("a ");
}

/* A function that calls another one synchronously, which cannot wait for its siblings. */
static void
nesting_start (AuCall   *call,
               GVariant *arguments,
               gpointer  user_data)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = au_tamed_call_sync (tamed, nap ("inner", 1), NULL, &error);
  AuDelayed *sibling = user_data;

  g_assert_no_error (error);
  g_assert_nonnull (value);
  g_assert_false (au_delayed_block (sibling, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK);
  au_call_return_value (call, NULL);
}

static void
test_nested_sync (void)
{
  g_autoptr(AuTamed) napping = nap_new ();
  g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuDelayed) sibling = start (napping, scope, nap ("sibling", 5));
  g_autoptr(AuTamed) tamed = tamed_new ("nesting", "()", NULL, nesting_start, sibling);
  g_autoptr(AuDelayed) a = start (tamed, scope, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (au_scope_close (scope, NULL, &error));
  g_assert_no_error (error);
  assert_trace ("inner sibling ");
}

/* In a callback of the main loop, too, where other functions run in the main loop. */
static gboolean
sync_in_loop_cb (gpointer data)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("scoped", 1));
  g_autoptr(GVariant) value = au_tamed_call_sync (tamed, nap ("sync", 10), NULL, NULL);

  g_assert_nonnull (value);
  g_assert_true (au_scope_close (scope, NULL, NULL));

  return G_SOURCE_REMOVE;
}

static void
test_sync_in_loop (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;
  Await done = { NULL };

  au_tamed_call_async (tamed, nap ("loop", 5), NULL, await_cb, &done);
  g_idle_add_full (G_PRIORITY_HIGH, sync_in_loop_cb, NULL, NULL);
  value = au_tamed_call_finish (tamed, await (&done), &error);
  g_assert_no_error (error);
  assert_trace ("scoped sync loop ");
  g_object_unref (done.result);
}

static void
test_value_before_it_is_there (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("a", 60000));
  g_autoptr(AuDelayed) b = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_null (au_delayed_get_value (a, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_NOT_READY);
  g_clear_error (&error);
  g_assert_false (au_delayed_block (a, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_false (au_delayed_block (a, 1000, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_false (au_delayed_is_awaited (a));

  b = start (tamed, scope, nap ("b", 5));
  g_assert_true (au_delayed_block (b, -1, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (au_delayed_is_ready (b));
  g_assert_true (au_delayed_is_awaited (b));
  text = get_text (b);
  g_assert_cmpstr (text, ==, "b");
  g_assert_false (au_delayed_is_ready (a));
  au_scope_cancel (scope);
  g_assert_true (au_scope_close (scope, NULL, &error));
  g_assert_true (au_delayed_is_ready (a));
  g_string_truncate (trace, 0);
}

static void
test_block_is_cancelled (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("a", 60000));
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  GThread *thread;

  g_atomic_int_set (&naps_begun, 0);
  thread = g_thread_new ("cancelling", cancelling_thread, cancellable);
  g_assert_false (au_delayed_block (a, -1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_thread_join (thread);

  /* Only the wait was cancelled. */
  g_assert_false (au_delayed_is_ready (a));
  assert_trace ("");
  au_scope_cancel (scope);
  g_assert_true (au_scope_close (scope, NULL, &error));
  g_assert_no_error (error);
  assert_trace ("!a ");
}

/* A function that is given the result of another one. */
static void
passed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  AuDelayed *first = AU_DELAYED (object);
  g_autoptr(AuCall) call = data;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_true (au_delayed_await_finish (first, result, &error));
  g_assert_no_error (error);
  text = get_text (first);
  au_call_return_value (call, g_variant_new_take_string (g_strdup_printf ("very %s", text)));
}

static void
passed_start (AuCall   *call,
              GVariant *arguments,
              gpointer  user_data)
{
  au_delayed_await_async (user_data, NULL, passed_cb, au_call_ref (call));
}

static void
test_passed_to_others (void)
{
  g_autoptr(AuTamed) napping = nap_new ();
  g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuDelayed) raw = start (napping, scope, nap ("awesome", 5));
  g_autoptr(AuTamed) tamed = tamed_new ("process", "()", "s", passed_start, raw);
  AuDelayed *results[10];
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    results[i] = start (tamed, scope, NULL);
  g_assert_true (au_delayed_block (results[0], -1, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (au_scope_close (scope, NULL, &error));
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autofree char *text = get_text (results[i]);

      g_assert_cmpstr (text, ==, "very awesome");
      g_object_unref (results[i]);
    }
  g_string_truncate (trace, 0);
}

static void
test_cancel_one (void)
{
  g_autoptr(AuTamed) tamed = nap_new ();
  g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuDelayed) a = start (tamed, scope, nap ("a", 60000));
  g_autoptr(AuDelayed) b = start (tamed, scope, nap ("b", 5));
  g_autoptr(GError) error = NULL;

  au_delayed_cancel (a);
  g_assert_false (au_delayed_block (a, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  /* It was cancelled, and has not failed. */
  g_assert_true (au_scope_close (scope, NULL, &error));
  g_assert_no_error (error);
  assert_trace ("b ");
  au_delayed_cancel (b);
}

static GVariant *
triple_it (AuCall    *call,
           GVariant  *arguments,
           gpointer   user_data,
           GError   **error)
{
  gint64 x;

  g_variant_get (arguments, "(x)", &x);

  return g_variant_new_int64 (3 * x);
}

static AuEngine *
tripling_engine_new (const char *backend)
{
  AuEngine *engine = engine_new (backend);
  g_autoptr(AuFunction) function = NULL;

  function = au_function_new ("triple", "(x)", "x", AU_FUNCTION_NONE, triple_it, NULL, NULL, NULL);
  au_engine_add_function (engine, function);

  return engine;
}

static void
test_for_engine (void)
{
  g_autoptr(AuEngine) engine = tripling_engine_new ("thread");
  g_autoptr(AuTamed) tamed = au_tamed_new_for_engine (engine, "triple", NULL);
  g_autoptr(AuTamed) unknown = au_tamed_new_for_engine (engine, "unknown", NULL);
  g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuDelayed) delayed = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GVariant) second = NULL;
  g_autoptr(GError) error = NULL;
  Await done = { NULL };

  value = au_tamed_call_sync (tamed, g_variant_new ("(x)", G_GINT64_CONSTANT (14)), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int64 (value), ==, 42);

  au_tamed_call_async (tamed, g_variant_new ("(x)", G_GINT64_CONSTANT (14)), NULL, await_cb, &done);
  second = au_tamed_call_finish (tamed, await (&done), &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int64 (second), ==, 42);
  g_object_unref (done.result);

  delayed = start (tamed, scope, g_variant_new ("(x)", G_GINT64_CONSTANT (14)));
  g_assert_true (au_scope_close (scope, NULL, &error));
  g_assert_cmpint (g_variant_get_int64 (au_delayed_get_value (delayed, NULL)), ==, 42);

  g_assert_null (au_tamed_call_sync (unknown, NULL, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_UNKNOWN_FUNCTION);
}

static void
test_for_handle (void)
{
  g_autoptr(AuEngine) engine = tripling_engine_new ("thread");
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuDelayed) early = NULL;
  g_autoptr(AuDelayed) late = NULL;
  g_autoptr(GError) error = NULL;

  handle = au_engine_submit (engine, "triple", g_variant_new ("(x)", G_GINT64_CONSTANT (1)), NULL,
                             &error);
  early = au_delayed_new_for_handle (handle);
  g_assert_cmpstr (au_delayed_get_name (early), ==, "triple");
  g_assert_true (au_delayed_block (early, -1, NULL, &error));
  g_assert_no_error (error);
  late = au_delayed_new_for_handle (handle);
  g_assert_true (au_delayed_is_ready (late));
  g_assert_cmpint (g_variant_get_int64 (au_delayed_get_value (late, NULL)), ==, 3);
}

/* Each function opens a scope for the next one, and closes it asynchronously; none of it
 * is on the stack. */
typedef struct
{
  AuTamed *tamed;
  guint    depth;
  guint    ended;
} Depth;

typedef struct
{
  AuCall  *call;
  AuScope *scope;
  Depth   *depth;
} Level;

static void
level_closed_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      data)
{
  Level *level = data;
  g_autoptr(GError) error = NULL;

  g_assert_true (au_scope_close_finish (AU_SCOPE (object), result, &error));
  g_assert_no_error (error);
  level->depth->ended++;
  au_call_return_value (level->call, NULL);
  g_object_unref (level->scope);
  au_call_unref (level->call);
  g_free (level);
}

static void
depth_start (AuCall   *call,
             GVariant *arguments,
             gpointer  user_data)
{
  Depth *depth = user_data;
  Level *level;
  g_autoptr(AuDelayed) inner = NULL;

  if (depth->depth-- == 0)
    {
      au_call_return_value (call, NULL);
      return;
    }

  level = g_new (Level, 1);
  level->call = au_call_ref (call);
  level->depth = depth;
  level->scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  inner = start (depth->tamed, level->scope, NULL);
  au_scope_close_async (level->scope, NULL, level_closed_cb, level);
}

static void
test_deeply_nested (void)
{
  guint n = scaled (100000);
  Depth depth = { .depth = n };
  g_autoptr(AuTamed) tamed = tamed_new ("depth", "()", NULL, depth_start, &depth);
  g_autoptr(GError) error = NULL;

  depth.tamed = tamed;
  g_assert_null (au_tamed_call_sync (tamed, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (depth.ended, ==, n);
}

static void
at_once_start (AuCall   *call,
               GVariant *arguments,
               gpointer  user_data)
{
  au_call_return_value (call, NULL);
}

/* So many scopes beside and within each other, closed by the outermost. */
static void
test_many_scopes (void)
{
  guint n = scaled (100000);
  g_autoptr(AuTamed) tamed = tamed_new ("at-once", "()", NULL, at_once_start, NULL);
  g_autoptr(GPtrArray) scopes = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GError) error = NULL;
  AuScope *outer = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  AuScope *parent = outer;

  g_ptr_array_add (scopes, outer);
  for (guint i = 0; i < n; i++)
    {
      AuScope *scope = au_scope_new_nested (i % 2 ? parent : outer, AU_SCOPE_EXIT_WAIT,
                                            AU_SCOPE_ERROR_CANCEL);
      g_autoptr(AuDelayed) a = start (tamed, scope, NULL);

      g_ptr_array_add (scopes, scope);
      parent = scope;
    }

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(AuScope) sibling = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
    }

  g_assert_true (au_scope_close (outer, NULL, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < scopes->len; i++)
    g_assert_true (au_scope_is_closed (g_ptr_array_index (scopes, i)));
}

/* Cancels after each number of turns that a scope can take, until it ends by itself. */
static void
test_cancelled_at_every_step (void)
{
  gboolean ended = FALSE;

  for (guint turns = 0; !ended; turns++)
    {
      g_autoptr(AuTamed) tamed = nap_new ();
      g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
      g_autoptr(AuScope) inner = au_scope_new_nested (scope, AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
      g_autoptr(AuDelayed) a = start (tamed, scope, nap ("a", 0));
      g_autoptr(AuDelayed) b = start (tamed, inner, nap ("b", 0));
      g_autoptr(GError) error = NULL;
      Await closed = { NULL };

      au_scope_close_async (scope, NULL, await_cb, &closed);
      for (guint i = 0; i < turns && closed.result == NULL; i++)
        g_main_context_iteration (NULL, TRUE);
      ended = closed.result != NULL;
      au_scope_cancel (scope);
      while (closed.result == NULL)
        g_main_context_iteration (NULL, TRUE);
      au_scope_close_finish (scope, closed.result, &error);
      g_assert_no_error (error);
      g_assert_true (au_delayed_is_ready (a));
      g_assert_true (au_delayed_is_ready (b));
      g_object_unref (closed.result);
    }
  g_string_truncate (trace, 0);
}

int
main (int    argc,
      char **argv)
{
  flow_init (&argc, &argv);

  g_test_add_func ("/flow/tamed/sync", test_sync);
  g_test_add_func ("/flow/tamed/sync-error", test_sync_error);
  g_test_add_func ("/flow/tamed/bad-arguments", test_bad_arguments);
  g_test_add_func ("/flow/tamed/dropped-call", test_dropped_call);
  g_test_add_func ("/flow/tamed/plain-function", test_plain_function);
  g_test_add_func ("/flow/tamed/async", test_async);
  g_test_add_func ("/flow/tamed/async-cancelled", test_async_cancelled);
  g_test_add_func ("/flow/tamed/cancelled-before", test_cancelled_before);
  g_test_add_func ("/flow/tamed/sync-cancelled-by-thread", test_sync_cancelled_by_thread);
  g_test_add_func ("/flow/tamed/sync-is-private", test_sync_is_private);
  g_test_add_func ("/flow/tamed/nested-sync", test_nested_sync);
  g_test_add_func ("/flow/tamed/sync-in-loop", test_sync_in_loop);
  g_test_add_func ("/flow/tamed/for-engine", test_for_engine);
  g_test_add_func ("/flow/delayed/value-before-it-is-there", test_value_before_it_is_there);
  g_test_add_func ("/flow/delayed/block-is-cancelled", test_block_is_cancelled);
  g_test_add_func ("/flow/delayed/passed-to-others", test_passed_to_others);
  g_test_add_func ("/flow/delayed/cancel-one", test_cancel_one);
  g_test_add_func ("/flow/delayed/for-handle", test_for_handle);
  g_test_add_func ("/flow/many/deeply-nested", test_deeply_nested);
  g_test_add_func ("/flow/many/scopes", test_many_scopes);
  g_test_add_func ("/flow/many/cancelled-at-every-step", test_cancelled_at_every_step);

  return g_test_run ();
}
