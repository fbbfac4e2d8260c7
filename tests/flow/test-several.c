/* test-several.c: results taken together, one after the other, and again
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flow-fixture.h"

typedef struct
{
  AuTamed    *tamed;
  AuScope    *scope;
  GListStore *items;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->tamed = nap_new ();
  self->scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CONTINUE);
  self->items = g_list_store_new (AU_TYPE_DELAYED);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  au_scope_cancel (self->scope);
  g_assert_true (au_scope_close (self->scope, NULL, &error));
  g_assert_no_error (error);
  g_object_unref (self->scope);
  g_assert_finalize_object (self->items);
  g_object_unref (self->tamed);
  g_string_truncate (trace, 0);
}

static AuDelayed *
add (Fixture    *self,
     const char *name,
     guint       milliseconds)
{
  g_autoptr(AuDelayed) item = start (self->tamed, self->scope, nap (name, milliseconds));

  g_list_store_append (self->items, item);

  return item;
}

static char *
print_value (AuDelayed *delayed)
{
  g_autoptr(GError) error = NULL;
  GVariant *value = au_delayed_get_value (delayed, &error);

  g_assert_no_error (error);

  return g_variant_print (value, FALSE);
}

#define assert_value(delayed, text) \
  G_STMT_START { \
    g_autofree char *printed = print_value (delayed); \
    g_assert_cmpstr (printed, ==, text); \
  } G_STMT_END

static void
block (AuDelayed *delayed)
{
  g_autoptr(GError) error = NULL;

  au_delayed_block (delayed, -1, NULL, &error);
  g_assert_no_error (error);
}

static void
test_all (Fixture       *self,
          gconstpointer  data)
{
  g_autoptr(AuDelayed) all = NULL;

  add (self, "a", 20);
  add (self, "b", 1);
  all = au_delayed_new_all (G_LIST_MODEL (self->items));
  block (all);
  assert_trace ("b a ");
  assert_value (all, "[<'a'>, <'b'>]");
}

static void
test_all_fails (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr(AuDelayed) all = NULL;
  g_autoptr(GError) error = NULL;
  AuDelayed *never = add (self, "never", 60000);

  add (self, "-a", 1);
  all = au_delayed_new_all (G_LIST_MODEL (self->items));
  g_assert_false (au_delayed_block (all, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_false (au_delayed_is_ready (never));
  g_assert_false (au_delayed_is_awaited (never));
}

static void
test_empty (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr(AuDelayed) all = au_delayed_new_all (G_LIST_MODEL (self->items));
  g_autoptr(AuDelayed) any = au_delayed_new_any (G_LIST_MODEL (self->items));
  g_autoptr(AuDelayed) first = au_delayed_new_first (G_LIST_MODEL (self->items));
  g_autoptr(GError) error = NULL;

  assert_value (all, "[]");
  g_assert_false (au_delayed_block (any, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (au_delayed_block (first, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT);
}

static void
test_any (Fixture       *self,
          gconstpointer  data)
{
  g_autoptr(AuDelayed) any = NULL;

  add (self, "-a", 1);
  add (self, "b", 5);
  add (self, "c", 60000);
  any = au_delayed_new_any (G_LIST_MODEL (self->items));
  block (any);
  assert_trace ("-a b ");
  assert_value (any, "'b'");
}

static void
test_any_fails (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr(AuDelayed) any = NULL;
  g_autoptr(GError) error = NULL;

  add (self, "-a", 5);
  add (self, "-b", 1);
  any = au_delayed_new_any (G_LIST_MODEL (self->items));
  g_assert_false (au_delayed_block (any, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_GROUP);
  g_assert_cmpuint (au_error_get_n_children (error), ==, 2);
  g_assert_cmpstr (au_error_get_child (error, 0)->message, ==, "-a");
}

static void
test_first (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr(AuDelayed) first = NULL;
  g_autoptr(GError) error = NULL;

  add (self, "a", 5);
  add (self, "-b", 1);
  first = au_delayed_new_first (G_LIST_MODEL (self->items));
  g_assert_false (au_delayed_block (first, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static void
test_cancel_several (Fixture       *self,
                     gconstpointer  data)
{
  g_autoptr(AuDelayed) all = NULL;
  g_autoptr(GError) error = NULL;
  AuDelayed *a = add (self, "a", 60000);

  add (self, "b", 60000);
  all = au_delayed_new_all (G_LIST_MODEL (self->items));
  au_delayed_cancel (all);
  g_assert_false (au_delayed_block (all, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (au_delayed_is_ready (a));
}

static void
test_async_would_deadlock (Fixture       *self,
                           gconstpointer  data)
{
  g_autoptr(AuDelayed) all = NULL;
  g_autoptr(GError) error = NULL;
  Await done = { NULL };

  add (self, "a", 5);
  all = au_delayed_new_all (G_LIST_MODEL (self->items));
  g_main_context_iteration (NULL, FALSE);
  g_assert_false (au_delayed_block (all, -1, NULL, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK);
  g_clear_error (&error);
  au_delayed_await_async (all, NULL, await_cb, &done);
  g_assert_true (au_delayed_await_finish (all, await (&done), &error));
  g_assert_no_error (error);
  g_object_unref (done.result);
}

static void
test_timeout (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr(AuDelayed) in_time = NULL;
  g_autoptr(AuDelayed) late = NULL;
  g_autoptr(GError) error = NULL;
  AuDelayed *never = add (self, "never", 60000);

  in_time = au_delayed_new_timeout (add (self, "a", 1), G_TIME_SPAN_HOUR);
  late = au_delayed_new_timeout (never, 5 * G_TIME_SPAN_MILLISECOND);
  block (in_time);
  assert_value (in_time, "'a'");
  g_assert_false (au_delayed_block (late, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);

  /* What was too late is cancelled. */
  g_assert_false (au_delayed_block (never, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
shout_start (AuCall   *call,
             GVariant *arguments,
             gpointer  user_data)
{
  const char *text;

  g_variant_get (arguments, "(&s)", &text);
  au_call_return_value (call, g_variant_new_take_string (g_strdup_printf ("%s!", text)));
}

static void
test_then (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr(AuTamed) shout = tamed_new ("shout", "(s)", "s", shout_start, NULL);
  AuDelayed *a = add (self, "a", 5);
  g_autoptr(AuDelayed) b = au_tamed_then (shout, self->scope, a, NULL);
  g_autoptr(AuDelayed) c = au_tamed_then (shout, self->scope, b, NULL);

  block (c);
  assert_value (c, "'a!!'");
}

static void
test_then_fails (Fixture       *self,
                 gconstpointer  data)
{
  g_autoptr(AuTamed) shout = tamed_new ("shout", "(s)", "s", shout_start, NULL);
  AuDelayed *a = add (self, "-a", 5);
  g_autoptr(AuDelayed) b = au_tamed_then (shout, self->scope, a, NULL);
  g_autoptr(AuDelayed) never = au_tamed_then (shout, self->scope, add (self, "x", 60000), NULL);
  g_autoptr(GError) error = NULL;

  g_assert_false (au_delayed_block (b, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_true (au_delayed_is_awaited (a));
  g_clear_error (&error);

  au_delayed_cancel (never);
  g_assert_false (au_delayed_block (never, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Counts how many run at a time. */
static guint n_running, most_running;

static gboolean
counted_cb (gpointer data)
{
  n_running--;
  au_call_return_value (data, NULL);

  return G_SOURCE_REMOVE;
}

static void
counted_start (AuCall   *call,
               GVariant *arguments,
               gpointer  user_data)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  n_running++;
  most_running = MAX (most_running, n_running);
  g_source_set_callback (source, counted_cb, au_call_ref (call), (GDestroyNotify) au_call_unref);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static GVariant *
make_list (guint n)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(u)"));
  for (guint i = 0; i < n; i++)
    g_variant_builder_add (&builder, "(u)", i);

  return g_variant_builder_end (&builder);
}

static void
test_map (Fixture       *self,
          gconstpointer  data)
{
  g_autoptr(AuTamed) tamed = tamed_new ("counted", "(u)", NULL, counted_start, NULL);
  g_autoptr(GListModel) results = NULL;
  g_autoptr(AuDelayed) all = NULL;
  g_autoptr(GError) error = NULL;

  n_running = most_running = 0;
  results = au_tamed_map (tamed, self->scope, make_list (100), 7, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (results), ==, 100);
  all = au_delayed_new_all (results);
  block (all);
  g_assert_cmpuint (most_running, ==, 7);
  g_assert_cmpuint (n_running, ==, 0);

  g_assert_null (au_tamed_map (tamed, self->scope, g_variant_new_string ("x"), 7, &error));
  g_assert_error (error, AU_ERROR, AU_ERROR_BAD_TYPE);
}

static void
test_map_cancelled (Fixture       *self,
                    gconstpointer  data)
{
  g_autoptr(AuTamed) endless = endless_new ();
  g_autoptr(GListModel) results = NULL;
  g_autoptr(GError) error = NULL;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a()"));
  for (guint i = 0; i < 100; i++)
    g_variant_builder_add (&builder, "()");
  results = au_tamed_map (endless, self->scope, g_variant_builder_end (&builder), 2, &error);
  g_assert_no_error (error);
  au_scope_cancel (self->scope);
  g_assert_true (au_scope_close (self->scope, NULL, &error));
  g_assert_no_error (error);
}

/* Fails so often, and then succeeds. */
static void
flaky_start (AuCall   *call,
             GVariant *arguments,
             gpointer  user_data)
{
  guint *n_failures = user_data;
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy");

  if (*n_failures == 0)
    {
      au_call_return_value (call, NULL);
      return;
    }

  (*n_failures)--;
  au_call_return_error (call, error);
}

static void
test_retry (Fixture       *self,
            gconstpointer  data)
{
  guint n_failures = 3;
  g_autoptr(AuTamed) tamed = tamed_new ("flaky", "()", NULL, flaky_start, &n_failures);
  g_autoptr(AuOptions) options = au_options_new ();
  g_autoptr(AuDelayed) good = NULL;
  g_autoptr(AuDelayed) bad = NULL;
  g_autoptr(AuDelayed) cancelled = NULL;
  g_autoptr(GError) error = NULL;

  au_options_set_attempts (options, 4);
  au_options_set_backoff (options, 1);
  good = au_tamed_retry (tamed, self->scope, NULL, options, &error);
  g_assert_no_error (error);
  block (good);
  g_assert_cmpuint (n_failures, ==, 0);

  n_failures = 6;
  bad = au_tamed_retry (tamed, self->scope, NULL, options, &error);
  g_assert_false (au_delayed_block (bad, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_cmpuint (n_failures, ==, 2);

  /* While it waits for its next attempt. */
  au_options_set_backoff (options, G_TIME_SPAN_HOUR);
  au_options_set_max_backoff (options, G_TIME_SPAN_HOUR);
  cancelled = au_tamed_retry (tamed, self->scope, NULL, options, &error);
  while (n_failures == 2)
    au_delayed_block (cancelled, 1, NULL, NULL);
  au_delayed_cancel (cancelled);
  g_assert_false (au_delayed_block (cancelled, -1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (n_failures, ==, 1);
}

static void
test_completed (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr(AuCompleted) completed = NULL;
  g_autoptr(GString) order = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  AuDelayed *item;

  add (self, "a", 20);
  add (self, "-b", 10);
  add (self, "c", 1);
  completed = au_completed_new (G_LIST_MODEL (self->items));
  g_assert_cmpuint (au_completed_get_n_expected (completed), ==, 3);
  g_assert_null (au_completed_next (completed, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);

  while ((item = AU_DELAYED (au_completed_next (completed, -1, NULL, &error))) != NULL)
    {
      g_autoptr(GError) own = NULL;
      GVariant *value = au_delayed_get_value (item, &own);

      g_string_append (order, value != NULL ? g_variant_get_string (value, NULL) : own->message);
      g_object_unref (item);
    }
  g_assert_no_error (error);
  g_assert_cmpstr (order->str, ==, "c-ba");

  /* The list follows in its main context. */
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (completed)), ==, 0);
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (completed)), ==, 3);
}

static void
test_completed_async (Fixture       *self,
                      gconstpointer  data)
{
  g_autoptr(AuCompleted) completed = NULL;
  g_autoptr(GError) error = NULL;
  AuDelayed *a = add (self, "a", 20);
  AuDelayed *b = add (self, "b", 1);
  AuDelayed *expected[] = { b, a, NULL };

  completed = au_completed_new (G_LIST_MODEL (self->items));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      Await next = { NULL };
      GObject *item;

      au_completed_next_async (completed, NULL, await_cb, &next);
      item = au_completed_next_finish (completed, await (&next), &error);
      g_assert_no_error (error);
      g_assert_true (item == (GObject *) expected[i]);
      g_clear_object (&item);
      g_object_unref (next.result);
    }
}

static GVariant *
nothing (AuCall    *call,
         GVariant  *arguments,
         gpointer   user_data,
         GError   **error)
{
  return NULL;
}

/* Handles of an engine, by the hundred thousand, and results of the same loop. */
static void
test_many (Fixture       *self,
           gconstpointer  data)
{
  guint n = scaled (1000000);
  g_autoptr(AuEngine) engine = engine_new ("thread");
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(GListStore) handles = g_list_store_new (AU_TYPE_HANDLE);
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(AuDelayed) all = NULL;
  g_autoptr(AuDelayed) first = NULL;
  g_autoptr(AuDelayed) nothing_yet = NULL;
  g_autofree gpointer *same = g_new (gpointer, n);
  AuDelayed *never = add (self, "never", 60000);

  function = au_function_new ("nothing", "()", NULL, AU_FUNCTION_NONE, nothing, NULL, NULL, NULL);
  au_engine_add_function (engine, function);

  for (guint i = 0; i < n / 20; i++)
    {
      g_clear_object (&handle);
      handle = au_engine_submit (engine, "nothing", NULL, NULL, NULL);
      g_list_store_append (handles, handle);
    }
  all = au_delayed_new_all (G_LIST_MODEL (handles));
  block (all);
  g_assert_cmpuint (g_variant_n_children (au_delayed_get_value (all, NULL)), ==, n / 20);

  /* Waiters that are never woken are given back. */
  for (guint i = 0; i < n; i++)
    same[i] = never;
  g_list_store_splice (self->items, 0, 1, same, n);
  nothing_yet = au_delayed_new_all (G_LIST_MODEL (self->items));
  g_list_store_append (self->items, never);
  add (self, "now", 1);
  first = au_delayed_new_first (G_LIST_MODEL (self->items));
  block (first);
  g_assert_false (au_delayed_is_ready (nothing_yet));
  au_delayed_cancel (never);
  g_assert_false (au_delayed_block (nothing_yet, -1, NULL, NULL));
}

#define add_test(path, func) \
  g_test_add ("/flow/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  flow_init (&argc, &argv);

  add_test ("several/all", test_all);
  add_test ("several/all-fails", test_all_fails);
  add_test ("several/empty", test_empty);
  add_test ("several/any", test_any);
  add_test ("several/any-fails", test_any_fails);
  add_test ("several/first", test_first);
  add_test ("several/cancel", test_cancel_several);
  add_test ("several/would-deadlock", test_async_would_deadlock);
  add_test ("several/many", test_many);
  add_test ("later/timeout", test_timeout);
  add_test ("later/then", test_then);
  add_test ("later/then-fails", test_then_fails);
  add_test ("later/map", test_map);
  add_test ("later/map-cancelled", test_map_cancelled);
  add_test ("later/retry", test_retry);
  add_test ("completed/in-order", test_completed);
  add_test ("completed/async", test_completed_async);

  return g_test_run ();
}
