/* au-tamed.c: an asynchronous function that can be called from everywhere
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-scope-private.h"
#include "au-tamed-private.h"

#include <au/au-error.h>

/**
 * AuTamed:
 *
 * One asynchronous function, to be called in three ways:
 * [method@Au.Tamed.call_sync] blocks and gives its value, [method@Au.Tamed.call_async]
 * calls back, and [method@Au.Tamed.call_in_scope] gives a [class@Au.Delayed] at once and
 * leaves the function to a scope.
 *
 * Functions are those of [class@Au.Function]: the same one may be run by an engine, in a
 * thread or on another machine. Here it runs in this thread and leaves no record. With
 * [ctor@Au.Tamed.new_for_engine], an engine runs it.
 *
 * MT safe.
 *
 * Since: 1.0
 */
struct _AuTamed
{
  GObject     parent_instance;

  const char *name;             /* interned */
  AuFunction *function;         /* NULL when an engine runs it */
  AuEngine   *engine;
  AuOptions  *options;
  const char *last_place;       /* atomic; interned */
};

G_DEFINE_FINAL_TYPE (AuTamed, au_tamed, G_TYPE_OBJECT)

static void
au_tamed_finalize (GObject *object)
{
  AuTamed *self = AU_TAMED (object);

  g_clear_object (&self->function);
  g_clear_object (&self->engine);
  g_clear_object (&self->options);

  G_OBJECT_CLASS (au_tamed_parent_class)->finalize (object);
}

static void
au_tamed_class_init (AuTamedClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = au_tamed_finalize;
}

static void
au_tamed_init (AuTamed *self)
{
}

/**
 * au_tamed_new:
 * @function: an asynchronous or plain function; one that makes items is for
 *   [class@Au.TaskRunner]
 *
 * Makes a function callable in three ways.
 *
 * A plain function has the loop for itself until it returns.
 *
 * Returns: (transfer full): the tamed function
 *
 * Since: 1.0
 */
AuTamed *
au_tamed_new (AuFunction *function)
{
  AuTamed *self;

  g_return_val_if_fail (AU_IS_FUNCTION (function), NULL);
  g_return_val_if_fail (!au_function_is_iterator (function), NULL);

  self = g_object_new (AU_TYPE_TAMED, NULL);
  self->function = g_object_ref (function);
  self->name = g_intern_string (au_function_get_name (function));

  return self;
}

/**
 * au_tamed_new_for_engine:
 * @engine: an engine
 * @function: the name of a function that it knows
 * @options: (nullable): how each computation is to be treated, or %NULL for the defaults
 *
 * Makes a function that an engine runs callable in three ways. To cancel a call cancels
 * its computation.
 *
 * Returns: (transfer full): the tamed function
 *
 * Since: 1.0
 */
AuTamed *
au_tamed_new_for_engine (AuEngine   *engine,
                         const char *function,
                         AuOptions  *options)
{
  AuTamed *self;

  g_return_val_if_fail (AU_IS_ENGINE (engine), NULL);
  g_return_val_if_fail (function != NULL, NULL);
  g_return_val_if_fail (options == NULL || AU_IS_OPTIONS (options), NULL);

  self = g_object_new (AU_TYPE_TAMED, NULL);
  self->engine = g_object_ref (engine);
  self->name = g_intern_string (function);
  g_set_object (&self->options, options);

  return self;
}

/**
 * au_tamed_get_name:
 * @self: a tamed function
 *
 * Gets the name of the function.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
au_tamed_get_name (AuTamed *self)
{
  g_return_val_if_fail (AU_IS_TAMED (self), NULL);

  return self->name;
}

/* Gives a result its work, and begins with it. */
gboolean
au_tamed_launch (AuTamed    *self,
                 AuDelayed  *result,
                 GVariant   *arguments,
                 AuOptions  *options,
                 GError    **error)
{
  g_autoptr(AuHandle) handle = NULL;

  if (self->function != NULL)
    {
      au_delayed_call (result, self->function, arguments,
                       result->scope != NULL ? au_scope_core_get_end_time (result->scope) : 0);
      return TRUE;
    }

  handle = au_engine_submit (self->engine, self->name, arguments,
                             options != NULL ? options : self->options, error);
  if (handle == NULL)
    return FALSE;

  au_delayed_follow (result, handle);

  return TRUE;
}

gboolean
au_tamed_check_arguments (AuTamed   *self,
                          GVariant  *arguments,
                          GError   **error)
{
  g_autoptr(AuFunction) function = NULL;

  if (self->function != NULL)
    return au_function_check_arguments (self->function, arguments, error);

  function = au_engine_find_function (self->engine, self->name, error);

  return function != NULL && au_function_check_arguments (function, arguments, error);
}

gboolean
au_tamed_is_local (AuTamed *self)
{
  return self->function != NULL;
}

AuDelayed *
au_tamed_start (AuTamed      *self,
                AuScopeCore  *scope,
                AuFlowLoop   *home,
                gboolean      stays,
                const char   *place,
                GVariant     *arguments,
                GError      **error)
{
  g_autoptr(GVariant) sunk = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  g_autoptr(AuDelayed) result = NULL;

  if (scope != NULL)
    {
      result = au_scope_core_new_member (scope, self->name, place);
    }
  else
    {
      result = au_delayed_new (home, self->name);
      if (stays)
        result->own.loop = home;
    }

  if (!au_tamed_check_arguments (self, sunk, error) ||
      (scope != NULL && !au_scope_core_add (scope, result, error)))
    return NULL;

  if (!au_tamed_launch (self, result, sunk, NULL, error))
    {
      if (scope != NULL)
        au_scope_core_take_back (scope, result);
      return NULL;
    }

  return g_steal_pointer (&result);
}

static void
cancelled_cb (GCancellable *cancellable,
              gpointer      data)
{
  au_delayed_cancel (data);
}

/**
 * au_tamed_call_sync:
 * @self: a tamed function
 * @arguments: (nullable): its arguments, of its input type; a floating reference is sunk
 * @cancellable: (nullable): cancels the function; the call still waits for it
 * @error: return location for an error
 *
 * Calls the function and waits in this thread until it has returned.
 *
 * It runs in a private main context, together with the functions of scopes of this
 * thread that go on there; the thread's own context is not iterated.
 *
 * Fails with the function's own error, with %AU_ERROR_BAD_TYPE, with
 * %G_IO_ERROR_CANCELLED, and with %AU_ERROR_WOULD_DEADLOCK when it could never end.
 *
 * Returns: (transfer full) (nullable): its value; %NULL without @error set for a function
 *   that has none
 *
 * Since: 1.0
 */
GVariant *
au_tamed_call_sync (AuTamed       *self,
                    GVariant      *arguments,
                    GCancellable  *cancellable,
                    GError       **error)
{
  g_autoptr(AuDelayed) result = NULL;
  gulong cancelled_id = 0;
  gboolean good;

  g_return_val_if_fail (AU_IS_TAMED (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  result = au_tamed_start (self, NULL, au_flow_loop_get (), FALSE, NULL, arguments, error);
  if (result == NULL)
    return NULL;

  if (cancellable != NULL)
    cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), result, NULL);

  good = au_delayed_block (result, -1, NULL, error);

  g_cancellable_disconnect (cancellable, cancelled_id);

  if (!good)
    {
      /* It may be that it was not waited for. */
      au_delayed_cancel (result);
      return NULL;
    }

  return result->value != NULL ? g_variant_ref (result->value) : NULL;
}

typedef struct
{
  AuDelayed    *result;
  GCancellable *cancellable;
  gulong        cancelled_id;
} AsyncCall;

static void
async_call_free (gpointer data)
{
  AsyncCall *call = data;

  /* Not g_cancellable_disconnect (), which waits for handlers that run: this may be
   * called by what one of them does. */
  if (call->cancelled_id != 0)
    g_signal_handler_disconnect (call->cancellable, call->cancelled_id);
  g_clear_object (&call->cancellable);
  g_clear_object (&call->result);
  g_free (call);
}

static void
arrived_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(GTask) task = data;
  AuDelayed *delayed = AU_DELAYED (object);
  GError *error = NULL;

  if (!au_delayed_await_finish (delayed, result, &error))
    g_task_return_error (task, error);
  else if (delayed->value == NULL)
    g_task_return_pointer (task, NULL, NULL);
  else
    g_task_return_pointer (task, g_variant_ref (delayed->value),
                           (GDestroyNotify) g_variant_unref);
}

static void
object_unref_cb (gpointer  data,
                 GClosure *closure)
{
  g_object_unref (data);
}

/**
 * au_tamed_call_async:
 * @self: a tamed function
 * @arguments: (nullable): its arguments, of its input type; a floating reference is sunk
 * @cancellable: (nullable): cancels the function; the call still waits for it
 * @callback: (scope async): called when the function has returned
 * @user_data: data for @callback
 *
 * Calls the function in the thread-default main context of the caller.
 *
 * @callback is called there too, and neither of them before this function has returned.
 *
 * Since: 1.0
 */
void
au_tamed_call_async (AuTamed             *self,
                     GVariant            *arguments,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  AsyncCall *call;
  GError *error = NULL;

  g_return_if_fail (AU_IS_TAMED (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_tamed_call_async);
  g_task_set_check_cancellable (task, FALSE);

  call = g_new0 (AsyncCall, 1);
  g_task_set_task_data (task, call, async_call_free);
  call->result = au_tamed_start (self, NULL, au_flow_loop_get_for_async (), TRUE, NULL,
                                 arguments, &error);
  if (call->result == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  if (cancellable != NULL)
    {
      call->cancellable = g_object_ref (cancellable);
      call->cancelled_id = g_signal_connect_data (cancellable, "cancelled",
                                                  G_CALLBACK (cancelled_cb),
                                                  g_object_ref (call->result),
                                                  object_unref_cb, 0);
      if (g_cancellable_is_cancelled (cancellable))
        au_delayed_cancel (call->result);
    }

  au_delayed_await_async (call->result, NULL, arrived_cb, g_steal_pointer (&task));
}

/**
 * au_tamed_call_finish:
 * @self: a tamed function
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Au.Tamed.call_async].
 *
 * Fails with the function's own error, with %AU_ERROR_BAD_TYPE, and with
 * %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full) (nullable): its value; %NULL without @error set for a function
 *   that has none
 *
 * Since: 1.0
 */
GVariant *
au_tamed_call_finish (AuTamed       *self,
                      GAsyncResult  *result,
                      GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * au_tamed_call_in_scope:
 * @self: a tamed function
 * @scope: a scope
 * @arguments: (nullable): its arguments, of its input type; a floating reference is sunk
 * @error: return location for an error
 *
 * Starts the function in a scope, and gives its result, which arrives later. The function
 * does not begin before this one has returned.
 *
 * In C this is a macro that notes the place of the call.
 *
 * Fails with %AU_ERROR_BAD_TYPE, and with %AU_ERROR_CLOSED when the scope is closed.
 *
 * Returns: (transfer full): the result
 *
 * Since: 1.0
 */
AuDelayed *
(au_tamed_call_in_scope) (AuTamed   *self,
                          AuScope   *scope,
                          GVariant  *arguments,
                          GError   **error)
{
  return au_tamed_call_in_scope_at (self, scope, NULL, arguments, error);
}

/* Most calls come from one place, one after the other. */
static const char *
intern_place (AuTamed    *self,
              const char *place)
{
  const char *last = g_atomic_pointer_get (&self->last_place);

  if (place == NULL || (last != NULL && g_str_equal (place, last)))
    return place != NULL ? last : NULL;

  place = g_intern_string (place);
  g_atomic_pointer_set (&self->last_place, place);

  return place;
}

/**
 * au_tamed_call_in_scope_at:
 * @self: a tamed function
 * @scope: a scope
 * @place: (nullable): where the call is, such as `main.py:12`, for %AU_ERROR_NOT_AWAITED
 * @arguments: (nullable): its arguments, of its input type; a floating reference is sunk
 * @error: return location for an error
 *
 * Starts the function in a scope as [method@Au.Tamed.call_in_scope] does, and says from
 * where.
 *
 * Fails with %AU_ERROR_BAD_TYPE, and with %AU_ERROR_CLOSED when the scope is closed.
 *
 * Returns: (transfer full): the result
 *
 * Since: 1.0
 */
AuDelayed *
au_tamed_call_in_scope_at (AuTamed     *self,
                           AuScope     *scope,
                           const char  *place,
                           GVariant    *arguments,
                           GError     **error)
{
  g_return_val_if_fail (AU_IS_TAMED (self), NULL);
  g_return_val_if_fail (AU_IS_SCOPE (scope), NULL);

  return au_tamed_start (self, au_scope_get_core (scope), NULL, FALSE,
                         intern_place (self, place), arguments, error);
}
