/* au-test-context.c: asserts in which main context things happen
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au-test/au-test-context.h>

/**
 * AuTestContext:
 *
 * Asserts that callbacks and signals arrive in the main context where they belong, and
 * that nobody iterates a main context behind its owner's back.
 *
 * ```c
 * g_autoptr(AuTestContext) context = au_test_context_new (NULL);
 * g_autoptr(GAsyncResult) result = NULL;
 *
 * au_test_context_watch (context, G_OBJECT (handle));
 * au_handle_wait_async (handle, NULL, au_test_context_take_result, context);
 * result = au_test_context_await_result (context);
 * au_handle_wait_finish (handle, result, &error);
 * ```
 *
 * The object belongs to the thread that iterates its main context; signals of what it
 * watches may come from any thread, and those that come from a wrong one end the program.
 *
 * Since: 1.0
 */

struct _AuTestContext
{
  GObject       parent_instance;

  GMainContext *context;
  GSource      *guard;

  /* of au_test_context_await_result () */
  gboolean      iterating;
  GQueue        results;

  gint          n_signals;
};

G_DEFINE_FINAL_TYPE (AuTestContext, au_test_context, G_TYPE_OBJECT)

static void
au_test_context_finalize (GObject *object)
{
  AuTestContext *self = AU_TEST_CONTEXT (object);

  au_test_context_allow (self);
  g_queue_clear_full (&self->results, g_object_unref);
  g_main_context_unref (self->context);

  G_OBJECT_CLASS (au_test_context_parent_class)->finalize (object);
}

static void
au_test_context_class_init (AuTestContextClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = au_test_context_finalize;
}

static void
au_test_context_init (AuTestContext *self)
{
  g_queue_init (&self->results);
}

/**
 * au_test_context_new:
 * @context: (nullable): a main context; %NULL for the default one
 *
 * Makes an object that asserts what happens in @context. It does not iterate @context by
 * itself, nor make it the thread-default one.
 *
 * Returns: (transfer full): a new object
 *
 * Since: 1.0
 */
AuTestContext *
au_test_context_new (GMainContext *context)
{
  AuTestContext *self = g_object_new (AU_TEST_TYPE_CONTEXT, NULL);

  self->context = g_main_context_ref (context != NULL ? context : g_main_context_default ());

  return self;
}

static gboolean
is_current (AuTestContext *self)
{
  GSource *source = g_main_current_source ();

  return source != NULL && g_main_context_is_owner (self->context) &&
         g_source_get_context (source) == self->context;
}

/**
 * au_test_context_assert_current:
 * @self: the object
 *
 * Asserts that the caller was called by a source of the main context, in the thread that
 * iterates it.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_test_context_assert_current (AuTestContext *self)
{
  g_return_if_fail (AU_TEST_IS_CONTEXT (self));

  g_assert_true (is_current (self));
}

static void
signal_cb (GClosure     *closure,
           GValue       *return_value,
           guint         n_values,
           const GValue *values,
           gpointer      hint,
           gpointer      data)
{
  AuTestContext *self = closure->data;
  GSignalInvocationHint *signal = hint;

  if (!is_current (self))
    g_error ("The signal “%s” of a %s was emitted outside of the main context where it belongs",
             g_signal_name (signal->signal_id), G_OBJECT_TYPE_NAME (g_value_get_object (&values[0])));
  g_atomic_int_inc (&self->n_signals);
}

static void
watch_type (AuTestContext *self,
            GObject       *object,
            GType          type)
{
  g_autofree guint *ids = NULL;
  guint n_ids;

  ids = g_signal_list_ids (type, &n_ids);
  for (guint i = 0; i < n_ids; i++)
    {
      GClosure *closure = g_closure_new_object (sizeof (GClosure), G_OBJECT (self));

      closure->data = self;
      g_closure_set_marshal (closure, signal_cb);
      g_signal_connect_closure_by_id (object, ids[i], 0, closure, FALSE);
    }
}

/**
 * au_test_context_watch:
 * @self: the object
 * @object: whose signals to watch
 *
 * Asserts, from now on, that every signal of @object is emitted by a source of the main
 * context: `notify` and those of its class, its parents and its interfaces.
 *
 * Since: 1.0
 */
void
au_test_context_watch (AuTestContext *self,
                       GObject       *object)
{
  g_autofree GType *interfaces = NULL;
  guint n_interfaces;

  g_return_if_fail (AU_TEST_IS_CONTEXT (self));
  g_return_if_fail (G_IS_OBJECT (object));

  for (GType type = G_OBJECT_TYPE (object); type != 0; type = g_type_parent (type))
    watch_type (self, object, type);

  interfaces = g_type_interfaces (G_OBJECT_TYPE (object), &n_interfaces);
  for (guint i = 0; i < n_interfaces; i++)
    watch_type (self, object, interfaces[i]);
}

/**
 * au_test_context_get_n_signals:
 * @self: the object
 *
 * Gets how many signals have arrived from the objects that are watched.
 *
 * MT safe.
 *
 * Returns: their number
 *
 * Since: 1.0
 */
guint
au_test_context_get_n_signals (AuTestContext *self)
{
  g_return_val_if_fail (AU_TEST_IS_CONTEXT (self), 0);

  return g_atomic_int_get (&self->n_signals);
}

static gboolean
forbidden_cb (gpointer data)
{
  g_error ("A main context was iterated behind the back of its owner");
  return G_SOURCE_REMOVE;
}

/**
 * au_test_context_forbid:
 * @self: the object
 *
 * Asserts, until [method@AuTest.Context.allow], that nobody iterates the main context.
 * Put both around a call that blocks.
 *
 * Since: 1.0
 */
void
au_test_context_forbid (AuTestContext *self)
{
  g_return_if_fail (AU_TEST_IS_CONTEXT (self));
  g_return_if_fail (self->guard == NULL);

  self->guard = g_idle_source_new ();
  g_source_set_priority (self->guard, G_MININT);
  g_source_set_callback (self->guard, forbidden_cb, NULL, NULL);
  g_source_attach (self->guard, self->context);
}

/**
 * au_test_context_allow:
 * @self: the object
 *
 * Ends [method@AuTest.Context.forbid].
 *
 * Since: 1.0
 */
void
au_test_context_allow (AuTestContext *self)
{
  g_return_if_fail (AU_TEST_IS_CONTEXT (self));

  if (self->guard != NULL)
    g_source_destroy (self->guard);
  g_clear_pointer (&self->guard, g_source_unref);
}

/**
 * au_test_context_take_result:
 * @source: (nullable): the object of the operation
 * @result: its result
 * @user_data: (type AuTestContext): the object
 *
 * A [callback@Gio.AsyncReadyCallback] for an asynchronous operation: asserts that it is
 * called by a source of the main context, and not before somebody iterates it in
 * [method@AuTest.Context.await_result], which is to say not before the function that
 * started the operation has returned.
 *
 * Since: 1.0
 */
void
au_test_context_take_result (GObject      *source,
                             GAsyncResult *result,
                             gpointer      user_data)
{
  AuTestContext *self = AU_TEST_CONTEXT (user_data);

  au_test_context_assert_current (self);
  g_assert_true (self->iterating);
  g_queue_push_tail (&self->results, g_object_ref (result));
}

/**
 * au_test_context_await_result:
 * @self: the object
 *
 * Iterates the main context until [func@AuTest.Context.take_result] was given a result.
 *
 * Returns: (transfer full): the result, the first one that was not given out yet
 *
 * Since: 1.0
 */
GAsyncResult *
au_test_context_await_result (AuTestContext *self)
{
  g_return_val_if_fail (AU_TEST_IS_CONTEXT (self), NULL);

  self->iterating = TRUE;
  while (g_queue_is_empty (&self->results))
    g_main_context_iteration (self->context, TRUE);
  self->iterating = FALSE;

  return g_queue_pop_head (&self->results);
}
