/* test-every-step.c: calls that are cancelled at each of their steps
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flow-fixture.h"

/* What a call is made of, and what it gives. */
typedef struct
{
  AuScope      *scope;
  AuTamed      *nap;
  AuTamed      *shout;
  GCancellable *cancellable;
  GObject      *object;         /* that is called */
  GListStore   *items;
  Await         done;
} Step;

/* One asynchronous call of this room. It is begun and then, after a number of turns of the
 * main loop, cancelled: one more turn each time, until it ends by itself. */
typedef struct
{
  const char *name;
  void     (*begin)  (Step *self);
  void     (*cancel) (Step *self);      /* NULL for that of the cancellable */
  gboolean (*finish) (Step *self, GError **error);
} Call;

static void
shout_start (AuCall   *call,
             GVariant *arguments,
             gpointer  user_data)
{
  const char *text;

  g_variant_get (arguments, "(&s)", &text);
  au_call_return_value (call, g_variant_new_take_string (g_strdup_printf ("%s!", text)));
}

static GVariant *
nothing (AuCall    *call,
         GVariant  *arguments,
         gpointer   user_data,
         GError   **error)
{
  return g_variant_new_string ("nothing");
}

static AuFunction *
nothing_new (void)
{
  return au_function_new ("test.nothing", "()", "s", AU_FUNCTION_NONE, nothing, NULL, NULL, NULL);
}

/* Functions */

static void
begin_tamed (Step *self)
{
  self->object = g_object_ref (G_OBJECT (self->nap));
  au_tamed_call_async (self->nap, nap ("a", 0), self->cancellable, await_cb, &self->done);
}

static void
begin_tamed_in_engine (Step *self)
{
  g_autoptr(AuEngine) engine = engine_new ("thread");
  g_autoptr(AuFunction) function = nothing_new ();

  au_engine_add_function (engine, function);
  self->object = G_OBJECT (au_tamed_new_for_engine (engine, "test.nothing", NULL));
  au_tamed_call_async (AU_TAMED (self->object), NULL, self->cancellable, await_cb, &self->done);
}

static gboolean
finish_tamed (Step    *self,
              GError **error)
{
  g_autoptr(GVariant) value = au_tamed_call_finish (AU_TAMED (self->object), self->done.result, error);

  return value != NULL;
}

/* Scopes */

static void
begin_scope (Step *self)
{
  g_autoptr(AuScope) inner = au_scope_new_nested (self->scope, AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuDelayed) a = start (self->nap, inner, nap ("a", 0));
  g_autoptr(AuDelayed) b = start (self->nap, inner, nap ("b", 1));

  self->object = g_object_ref (G_OBJECT (inner));
  au_scope_close_async (inner, self->cancellable, await_cb, &self->done);
}

static gboolean
finish_scope (Step    *self,
              GError **error)
{
  gboolean good = au_scope_close_finish (AU_SCOPE (self->object), self->done.result, error);

  g_assert_true (au_scope_is_closed (AU_SCOPE (self->object)));

  return good;
}

/* Results */

static void
await_object (Step      *self,
              AuDelayed *delayed)
{
  self->object = G_OBJECT (delayed);
  au_delayed_await_async (delayed, self->cancellable, await_cb, &self->done);
}

static gboolean
finish_delayed (Step    *self,
                GError **error)
{
  return au_delayed_await_finish (AU_DELAYED (self->object), self->done.result, error);
}

/* Not the wait, but what is waited for. */
static void
cancel_delayed (Step *self)
{
  au_delayed_cancel (AU_DELAYED (self->object));
}

static AuDelayed *
add (Step       *self,
     const char *name,
     guint       milliseconds)
{
  g_autoptr(AuDelayed) item = start (self->nap, self->scope, nap (name, milliseconds));

  g_list_store_append (self->items, item);

  return item;
}

static void
begin_delayed (Step *self)
{
  await_object (self, g_object_ref (add (self, "a", 0)));
}

static void
begin_all (Step *self)
{
  add (self, "a", 0);
  add (self, "b", 1);
  await_object (self, au_delayed_new_all (G_LIST_MODEL (self->items)));
}

static void
begin_any (Step *self)
{
  add (self, "a", 0);
  add (self, "b", 1);
  await_object (self, au_delayed_new_any (G_LIST_MODEL (self->items)));
}

static void
begin_first (Step *self)
{
  add (self, "a", 0);
  add (self, "b", 1);
  await_object (self, au_delayed_new_first (G_LIST_MODEL (self->items)));
}

static void
begin_timeout (Step *self)
{
  await_object (self, au_delayed_new_timeout (add (self, "a", 0), G_TIME_SPAN_HOUR));
}

static void
begin_then (Step *self)
{
  await_object (self, au_tamed_then (self->shout, self->scope, add (self, "a", 0), NULL));
}

static void
begin_retry (Step *self)
{
  g_autoptr(AuOptions) options = au_options_new ();

  au_options_set_attempts (options, 3);
  au_options_set_backoff (options, 0);
  await_object (self, au_tamed_retry (self->shout, self->scope, g_variant_new ("(s)", "a"), options, NULL));
}

static void
begin_map (Step *self)
{
  g_autoptr(GListModel) results = NULL;

  results = au_tamed_map (self->shout, self->scope, g_variant_new_parsed ("[('a',), ('b',), ('c',)]"), 2,
                          NULL);
  await_object (self, au_delayed_new_all (results));
}

static void
begin_handle (Step *self)
{
  g_autoptr(AuEngine) engine = engine_new ("thread");
  g_autoptr(AuFunction) function = nothing_new ();

  au_engine_add_function (engine, function);
  await_object (self, au_scope_submit (self->scope, engine, "test.nothing", NULL, NULL, NULL));
}

static void
begin_completed (Step *self)
{
  add (self, "a", 0);
  self->object = G_OBJECT (au_completed_new (G_LIST_MODEL (self->items)));
  au_completed_next_async (AU_COMPLETED (self->object), self->cancellable, await_cb, &self->done);
}

static gboolean
finish_completed (Step    *self,
                  GError **error)
{
  g_autoptr(GObject) next = au_completed_next_finish (AU_COMPLETED (self->object), self->done.result, error);

  return next != NULL;
}

/* Runners */

static void
run (Step       *self,
     const char *target)
{
  g_autoptr(AuFunction) function = nothing_new ();

  self->object = G_OBJECT (au_task_runner_new (target, function, NULL));
  au_task_runner_run_async (AU_TASK_RUNNER (self->object), NULL, self->cancellable, await_cb, &self->done);
}

static void
begin_runner_sync (Step *self)
{
  run (self, "sync");
}

static void
begin_runner_loop (Step *self)
{
  run (self, "loop");
}

static void
begin_runner_thread (Step *self)
{
  run (self, "thread");
}

static gboolean
finish_runner (Step    *self,
               GError **error)
{
  g_autoptr(GVariant) value = au_task_runner_run_finish (AU_TASK_RUNNER (self->object),
                                                         self->done.result, error);

  return value != NULL;
}

static void
begin_dispatcher (Step *self)
{
  g_autoptr(AuFunction) function = nothing_new ();
  AuDispatcher *dispatcher = au_dispatcher_new ("thread", NULL);

  self->object = G_OBJECT (dispatcher);
  au_dispatcher_enqueue (dispatcher, function, NULL, NULL, NULL);
  au_dispatcher_enqueue (dispatcher, function, NULL, "loop", NULL);
  au_dispatcher_run_async (dispatcher, -1, self->cancellable, await_cb, &self->done);
}

static gboolean
finish_dispatcher (Step    *self,
                   GError **error)
{
  return au_dispatcher_run_finish (AU_DISPATCHER (self->object), self->done.result, error);
}

static void
begin_temporary (Step *self)
{
  g_autoptr(AuFunction) function = nothing_new ();
  AuTemporary *temporary = au_temporary_new ("thread", NULL);

  self->object = G_OBJECT (temporary);
  au_engine_add_function (au_temporary_get_engine (temporary), function);
  g_object_unref (au_engine_submit (au_temporary_get_engine (temporary), "test.nothing", NULL, NULL, NULL));
  au_temporary_close_async (temporary, self->cancellable, await_cb, &self->done);
}

static gboolean
finish_temporary (Step    *self,
                  GError **error)
{
  return au_temporary_close_finish (AU_TEMPORARY (self->object), self->done.result, error);
}

/* The end of the scope must come well and soon whatever was cancelled, which shows that
 * nothing was left behind in it. */
static void
step_clear (Step *self)
{
  g_autoptr(GError) error = NULL;
  Await closed = { NULL };

  g_clear_object (&self->object);
  au_scope_cancel (self->scope);
  au_scope_close_async (self->scope, NULL, await_cb, &closed);
  g_assert_true (au_scope_close_finish (self->scope, await (&closed), &error));
  g_assert_no_error (error);
  g_object_unref (closed.result);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->items)); i++)
    {
      g_autoptr(AuDelayed) item = g_list_model_get_item (G_LIST_MODEL (self->items), i);

      g_assert_true (au_delayed_is_ready (item));
    }

  g_object_unref (self->items);
  g_object_unref (self->done.result);
  g_object_unref (self->cancellable);
  g_object_unref (self->shout);
  g_object_unref (self->nap);
  g_assert_finalize_object (self->scope);
}

/* Tells whether it had ended before it was cancelled. */
static gboolean
try_step (const Call *call,
          guint       turns)
{
  Step step = {
    .scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL),
    .nap = nap_new (),
    .shout = tamed_new ("shout", "(s)", "s", shout_start, NULL),
    .cancellable = g_cancellable_new (),
    .items = g_list_store_new (AU_TYPE_DELAYED),
  };
  g_autoptr(GError) error = NULL;
  gboolean ended, good;

  call->begin (&step);
  for (guint i = 0; i < turns && step.done.result == NULL; i++)
    g_main_context_iteration (NULL, TRUE);

  ended = step.done.result != NULL;
  if (call->cancel != NULL)
    call->cancel (&step);
  else
    g_cancellable_cancel (step.cancellable);
  while (step.done.result == NULL)
    g_main_context_iteration (NULL, TRUE);

  good = call->finish (&step, &error);
  if (!good)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (ended)
    g_assert_no_error (error);
  step_clear (&step);

  return ended;
}

static void
test_every_step (gconstpointer data)
{
  guint turns = 0;

  while (!try_step (data, turns))
    turns++;

  /* What follows in the loop belongs to nobody any more, and is harmless. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_test_message ("%u steps", turns);
  g_assert_cmpuint (turns, >, 0);
  g_string_truncate (trace, 0);
}

static const Call calls[] = {
  { "tamed", begin_tamed, NULL, finish_tamed },
  { "tamed-in-engine", begin_tamed_in_engine, NULL, finish_tamed },
  { "scope", begin_scope, NULL, finish_scope },
  { "delayed", begin_delayed, NULL, finish_delayed },
  { "delayed-itself", begin_delayed, cancel_delayed, finish_delayed },
  { "all", begin_all, NULL, finish_delayed },
  { "all-itself", begin_all, cancel_delayed, finish_delayed },
  { "any", begin_any, NULL, finish_delayed },
  { "any-itself", begin_any, cancel_delayed, finish_delayed },
  { "first", begin_first, NULL, finish_delayed },
  { "first-itself", begin_first, cancel_delayed, finish_delayed },
  { "timeout", begin_timeout, NULL, finish_delayed },
  { "timeout-itself", begin_timeout, cancel_delayed, finish_delayed },
  { "then", begin_then, NULL, finish_delayed },
  { "then-itself", begin_then, cancel_delayed, finish_delayed },
  { "retry", begin_retry, NULL, finish_delayed },
  { "retry-itself", begin_retry, cancel_delayed, finish_delayed },
  { "map", begin_map, NULL, finish_delayed },
  { "map-itself", begin_map, cancel_delayed, finish_delayed },
  { "handle", begin_handle, NULL, finish_delayed },
  { "handle-itself", begin_handle, cancel_delayed, finish_delayed },
  { "completed", begin_completed, NULL, finish_completed },
  { "runner-sync", begin_runner_sync, NULL, finish_runner },
  { "runner-loop", begin_runner_loop, NULL, finish_runner },
  { "runner-thread", begin_runner_thread, NULL, finish_runner },
  { "dispatcher", begin_dispatcher, NULL, finish_dispatcher },
  { "temporary", begin_temporary, NULL, finish_temporary },
};

int
main (int    argc,
      char **argv)
{
  flow_init (&argc, &argv);

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autofree char *path = g_strdup_printf ("/flow/every-step/%s", calls[i].name);

      g_test_add_data_func (path, &calls[i], test_every_step);
    }

  return g_test_run ();
}
