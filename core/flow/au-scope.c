/* au-scope.c: functions that end before the scope does
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-scope-private.h"
#include "au-timer-private.h"

/**
 * AuScope:
 *
 * A set of functions that have all ended when the scope is closed.
 *
 * Functions are started in it with [method@Au.Tamed.call_in_scope], computations of an
 * engine with [method@Au.Scope.submit]; each gives a [class@Au.Delayed].
 * [method@Au.Scope.close], or [method@Au.Scope.close_async] where a main loop runs, then
 * waits for them, as [property@Au.Scope:exit-mode] says. Every error that nobody has
 * waited for is in the one that closing gives.
 *
 * Functions run in the thread that has made the scope. Nothing runs before that thread
 * waits: either its main loop turns, or it waits in [method@Au.Delayed.block],
 * [method@Au.Scope.close] or [method@Au.Tamed.call_sync], which iterate a private main
 * context. What happens first decides it for the scope. All scopes of a thread go on
 * together, so that functions of an outer scope advance while an inner one is closed.
 *
 * A scope that is dropped without having been closed is closed then, and says so by a
 * warning if that had to wait.
 *
 * The methods are MT safe; one thread closes the scope.
 *
 * Since: 1.0
 */
struct _AuScope
{
  GObject          parent_instance;

  AuScopeCore     *core;
  AuScope         *parent;
  AuScopeExitMode  exit_mode;
  AuScopeErrorMode error_mode;
  gboolean         shielded;
};

G_DEFINE_FINAL_TYPE (AuScope, au_scope, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (AuScopeExitMode, au_scope_exit_mode,
                    G_DEFINE_ENUM_VALUE (AU_SCOPE_EXIT_WAIT, "wait"),
                    G_DEFINE_ENUM_VALUE (AU_SCOPE_EXIT_CANCEL, "cancel"),
                    G_DEFINE_ENUM_VALUE (AU_SCOPE_EXIT_RAISE, "raise"))

G_DEFINE_ENUM_TYPE (AuScopeErrorMode, au_scope_error_mode,
                    G_DEFINE_ENUM_VALUE (AU_SCOPE_ERROR_CANCEL, "cancel"),
                    G_DEFINE_ENUM_VALUE (AU_SCOPE_ERROR_CONTINUE, "continue"))

enum
{
  PROP_PARENT = 1,
  PROP_EXIT_MODE,
  PROP_ERROR_MODE,
  PROP_SHIELDED,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
au_scope_constructed (GObject *object)
{
  AuScope *self = AU_SCOPE (object);

  self->core = au_scope_core_new (self->parent != NULL ? self->parent->core : NULL,
                                  self->exit_mode, self->error_mode, self->shielded);

  G_OBJECT_CLASS (au_scope_parent_class)->constructed (object);
}

static void
au_scope_dispose (GObject *object)
{
  AuScope *self = AU_SCOPE (object);

  if (self->core != NULL)
    {
      au_scope_core_close_dropped (self->core);
      g_clear_pointer (&self->core, au_scope_core_unref);
    }
  g_clear_object (&self->parent);

  G_OBJECT_CLASS (au_scope_parent_class)->dispose (object);
}

static void
au_scope_get_property (GObject    *object,
                       guint       prop_id,
                       GValue     *value,
                       GParamSpec *pspec)
{
  AuScope *self = AU_SCOPE (object);

  switch (prop_id)
    {
    case PROP_PARENT:
      g_value_set_object (value, self->parent);
      break;
    case PROP_EXIT_MODE:
      g_value_set_enum (value, self->exit_mode);
      break;
    case PROP_ERROR_MODE:
      g_value_set_enum (value, self->error_mode);
      break;
    case PROP_SHIELDED:
      g_value_set_boolean (value, self->shielded);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_scope_set_property (GObject      *object,
                       guint         prop_id,
                       const GValue *value,
                       GParamSpec   *pspec)
{
  AuScope *self = AU_SCOPE (object);

  switch (prop_id)
    {
    case PROP_PARENT:
      self->parent = g_value_dup_object (value);
      break;
    case PROP_EXIT_MODE:
      self->exit_mode = g_value_get_enum (value);
      break;
    case PROP_ERROR_MODE:
      self->error_mode = g_value_get_enum (value);
      break;
    case PROP_SHIELDED:
      self->shielded = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
au_scope_class_init (AuScopeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->constructed = au_scope_constructed;
  object_class->dispose = au_scope_dispose;
  object_class->get_property = au_scope_get_property;
  object_class->set_property = au_scope_set_property;

  /**
   * AuScope:parent: (getter get_parent)
   *
   * The scope around this one, or %NULL. It is closed after this one, and cancels it
   * when it is cancelled itself.
   *
   * Since: 1.0
   */
  props[PROP_PARENT] = g_param_spec_object ("parent", NULL, NULL, AU_TYPE_SCOPE, flags);

  /**
   * AuScope:exit-mode: (getter get_exit_mode)
   *
   * What happens to its functions when it is closed.
   *
   * Since: 1.0
   */
  props[PROP_EXIT_MODE] = g_param_spec_enum ("exit-mode", NULL, NULL, AU_TYPE_SCOPE_EXIT_MODE,
                                             AU_SCOPE_EXIT_WAIT, flags);

  /**
   * AuScope:error-mode: (getter get_error_mode)
   *
   * What happens to its functions when one of them fails.
   *
   * Since: 1.0
   */
  props[PROP_ERROR_MODE] = g_param_spec_enum ("error-mode", NULL, NULL, AU_TYPE_SCOPE_ERROR_MODE,
                                              AU_SCOPE_ERROR_CANCEL, flags);

  /**
   * AuScope:shielded: (getter get_shielded)
   *
   * Whether it goes on when the scope around it is cancelled, as cleaning up may want.
   *
   * Since: 1.0
   */
  props[PROP_SHIELDED] = g_param_spec_boolean ("shielded", NULL, NULL, FALSE, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
au_scope_init (AuScope *self)
{
}

AuScopeCore *
au_scope_get_core (AuScope *self)
{
  return self->core;
}

/**
 * au_scope_new:
 * @exit_mode: what happens to its functions when it is closed
 * @error_mode: what happens to its functions when one of them fails
 *
 * Makes a scope, whose functions will run in this thread.
 *
 * Returns: (transfer full): the scope; close it
 *
 * Since: 1.0
 */
AuScope *
au_scope_new (AuScopeExitMode  exit_mode,
              AuScopeErrorMode error_mode)
{
  return g_object_new (AU_TYPE_SCOPE,
                       "exit-mode", exit_mode,
                       "error-mode", error_mode,
                       NULL);
}

/**
 * au_scope_new_nested:
 * @parent: the scope around it
 * @exit_mode: what happens to its functions when it is closed
 * @error_mode: what happens to its functions when one of them fails
 *
 * Makes a scope that is cancelled when @parent is, and that @parent waits for when it is
 * closed.
 *
 * Only that needs a parent: functions of several scopes of a thread go on together in
 * any case.
 *
 * Returns: (transfer full): the scope; close it
 *
 * Since: 1.0
 */
AuScope *
au_scope_new_nested (AuScope          *parent,
                     AuScopeExitMode   exit_mode,
                     AuScopeErrorMode  error_mode)
{
  g_return_val_if_fail (AU_IS_SCOPE (parent), NULL);

  return g_object_new (AU_TYPE_SCOPE,
                       "parent", parent,
                       "exit-mode", exit_mode,
                       "error-mode", error_mode,
                       NULL);
}

/**
 * au_scope_get_parent:
 * @self: a scope
 *
 * Gets the scope around this one.
 *
 * Returns: (transfer none) (nullable): the scope, or %NULL
 *
 * Since: 1.0
 */
AuScope *
au_scope_get_parent (AuScope *self)
{
  g_return_val_if_fail (AU_IS_SCOPE (self), NULL);

  return self->parent;
}

/**
 * au_scope_get_exit_mode:
 * @self: a scope
 *
 * Gets what happens to its functions when it is closed.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
AuScopeExitMode
au_scope_get_exit_mode (AuScope *self)
{
  g_return_val_if_fail (AU_IS_SCOPE (self), AU_SCOPE_EXIT_WAIT);

  return self->exit_mode;
}

/**
 * au_scope_get_error_mode:
 * @self: a scope
 *
 * Gets what happens to its functions when one of them fails.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
AuScopeErrorMode
au_scope_get_error_mode (AuScope *self)
{
  g_return_val_if_fail (AU_IS_SCOPE (self), AU_SCOPE_ERROR_CANCEL);

  return self->error_mode;
}

/**
 * au_scope_get_shielded:
 * @self: a scope
 *
 * Tells whether it goes on when the scope around it is cancelled.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
au_scope_get_shielded (AuScope *self)
{
  g_return_val_if_fail (AU_IS_SCOPE (self), FALSE);

  return self->shielded;
}

/**
 * au_scope_set_timeout:
 * @self: a scope
 * @timeout: how long its functions may take from now on, in microseconds; -1 for as long
 *   as it takes
 *
 * Sets a deadline. When it is over, all functions of the scope are cancelled, and closing
 * it fails with %G_IO_ERROR_TIMED_OUT. Functions that are started afterwards find it in
 * [method@Au.Call.get_deadline].
 *
 * Since: 1.0
 */
void
au_scope_set_timeout (AuScope   *self,
                      GTimeSpan  timeout)
{
  g_return_if_fail (AU_IS_SCOPE (self));

  au_scope_core_set_end_time (self->core, au_clock_get_end_time (timeout));
}

/**
 * au_scope_get_deadline:
 * @self: a scope
 *
 * Gets until when its functions must have ended.
 *
 * Returns: the time in microseconds, to be compared with
 *   [func@Au.clock_get_monotonic_time], or 0 for no limit
 *
 * Since: 1.0
 */
gint64
au_scope_get_deadline (AuScope *self)
{
  g_return_val_if_fail (AU_IS_SCOPE (self), 0);

  return au_scope_core_get_end_time (self->core);
}

/**
 * au_scope_get_cancellable:
 * @self: a scope
 *
 * Gets an object that is cancelled with the scope, for what the program itself does
 * between opening and closing it.
 *
 * Returns: (transfer none): the cancellable, which lives as long as the scope
 *
 * Since: 1.0
 */
GCancellable *
au_scope_get_cancellable (AuScope *self)
{
  g_return_val_if_fail (AU_IS_SCOPE (self), NULL);

  return au_scope_core_get_cancellable (self->core);
}

/**
 * au_scope_get_n_unfinished:
 * @self: a scope
 *
 * Gets how many of its functions have not finished, without those of scopes within it.
 *
 * Returns: their number
 *
 * Since: 1.0
 */
guint
au_scope_get_n_unfinished (AuScope *self)
{
  g_return_val_if_fail (AU_IS_SCOPE (self), 0);

  return au_scope_core_get_n_unfinished (self->core);
}

/**
 * au_scope_is_closed:
 * @self: a scope
 *
 * Tells whether the scope is closed: all of its functions have finished, and it takes no
 * new ones.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
au_scope_is_closed (AuScope *self)
{
  g_return_val_if_fail (AU_IS_SCOPE (self), FALSE);

  return au_scope_core_is_closed (self->core);
}

/**
 * au_scope_add_handle:
 * @self: a scope
 * @handle: a handle
 * @error: return location for an error
 *
 * Puts a computation into the scope, which then waits for it, and cancels it when it is
 * cancelled itself.
 *
 * Fails with %AU_ERROR_CLOSED when the scope is closed.
 *
 * Returns: (transfer full): its result
 *
 * Since: 1.0
 */
AuDelayed *
au_scope_add_handle (AuScope   *self,
                     AuHandle  *handle,
                     GError   **error)
{
  g_autoptr(AuDelayed) member = NULL;

  g_return_val_if_fail (AU_IS_SCOPE (self), NULL);
  g_return_val_if_fail (AU_IS_HANDLE (handle), NULL);

  member = au_scope_core_new_member (self->core,
                                     g_intern_string (au_handle_get_function (handle)), NULL);
  if (!au_scope_core_add (self->core, member, error))
    return NULL;
  au_delayed_follow (member, handle);

  return g_steal_pointer (&member);
}

/**
 * au_scope_submit:
 * @self: a scope
 * @engine: an engine
 * @function: the name of a function
 * @arguments: (nullable): its arguments, of its input type; a floating reference is sunk
 * @options: (nullable): how the computation is to be treated, or %NULL for the defaults
 * @error: return location for an error
 *
 * Submits a computation, and puts it into the scope.
 *
 * Fails as [method@Au.Engine.submit] does, and with %AU_ERROR_CLOSED when the scope is
 * closed; then nothing is submitted.
 *
 * Returns: (transfer full): its result
 *
 * Since: 1.0
 */
AuDelayed *
au_scope_submit (AuScope     *self,
                 AuEngine    *engine,
                 const char  *function,
                 GVariant    *arguments,
                 AuOptions   *options,
                 GError     **error)
{
  g_autoptr(GVariant) sunk = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  g_autoptr(AuHandle) handle = NULL;

  g_return_val_if_fail (AU_IS_SCOPE (self), NULL);
  g_return_val_if_fail (AU_IS_ENGINE (engine), NULL);
  g_return_val_if_fail (function != NULL, NULL);

  if (!au_scope_core_check_open (self->core, function, error))
    return NULL;

  handle = au_engine_submit (engine, function, sunk, options, error);

  return handle != NULL ? au_scope_add_handle (self, handle, error) : NULL;
}

/**
 * au_scope_cancel:
 * @self: a scope
 *
 * Cancels all functions of the scope, and of the scopes within it that are not shielded.
 * What is started in it afterwards is cancelled at once.
 *
 * This is no error: closing the scope succeeds if nothing else has failed.
 *
 * Since: 1.0
 */
void
au_scope_cancel (AuScope *self)
{
  g_return_if_fail (AU_IS_SCOPE (self));

  au_scope_core_cancel (self->core);
}

/**
 * au_scope_fail:
 * @self: a scope
 * @error: what has gone wrong
 *
 * Says that what the program itself does between opening and closing the scope has
 * failed. All its functions are cancelled, and closing it gives @error; when functions
 * have failed too, it is the first of a group.
 *
 * Only the first error counts.
 *
 * Since: 1.0
 */
void
au_scope_fail (AuScope      *self,
               const GError *error)
{
  g_return_if_fail (AU_IS_SCOPE (self));
  g_return_if_fail (error != NULL);

  au_scope_core_fail (self->core, error);
}
