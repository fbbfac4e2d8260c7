/* au-scope-close.c: the end of a scope, and what it tells
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-scope-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/* Waits for what is being closed. */
static gboolean
block (AuScopeCore  *self,
       GError      **error)
{
  if (!au_scope_core_is_stuck (self))
    return au_delayed_block (au_scope_core_get_finished (self), -1, NULL, error);

  g_set_error_literal (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK,
                       _("Closing the scope here would never end, as one of its computations runs in this thread's main loop: close it asynchronously"));
  return FALSE;
}

/* Nobody gets its error any more, but it is not to be lost. */
void
au_scope_core_close_dropped (AuScopeCore *self)
{
  AuDelayed *finished = au_scope_core_get_finished (self);
  g_autoptr(GError) error = NULL;
  guint n_unfinished;

  if (!au_delayed_is_done (finished))
    {
      au_scope_core_close (self);
      n_unfinished = au_scope_core_get_n_unfinished (self);
      if (n_unfinished > 0)
        g_warning (_("A scope was dropped and has to wait here for its functions (%u have not finished): close it"),
                   n_unfinished);
    }
  else if (au_delayed_is_awaited (finished))
    {
      return;
    }

  if (block (self, &error))
    return;

  /* Whoever cancelled it knows. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_warning (_("A scope that was dropped without being closed had an error: %s"), error->message);
  if (!au_delayed_is_done (finished))
    au_scope_core_cancel (self);
}

static void
cancelled_cb (GCancellable *cancellable,
              gpointer      data)
{
  g_autoptr(GError) error = NULL;

  g_cancellable_set_error_if_cancelled (cancellable, &error);
  au_scope_core_fail (data, error);
}

/**
 * au_scope_close:
 * @self: a scope
 * @cancellable: (nullable): cancels the functions; closing still waits for them
 * @error: return location for an error
 *
 * Waits in this thread until all functions have finished, as
 * [property@Au.Scope:exit-mode] says. Work that they add to the scope meanwhile is waited
 * for, too.
 *
 * A private main context is iterated meanwhile. To be used where no main loop runs.
 *
 * Fails with %AU_ERROR_GROUP when functions have failed and nobody has waited for their
 * results, with %AU_ERROR_NOT_AWAITED as the exit mode says, with the error of
 * [method@Au.Scope.fail], with %G_IO_ERROR_TIMED_OUT after its deadline, with
 * %G_IO_ERROR_CANCELLED when @cancellable, or the scope around it, was cancelled, and with
 * %AU_ERROR_WOULD_DEADLOCK, without having waited, when its functions run in the main loop
 * that this call holds up. When there are several of these, they are in a group.
 *
 * Closing it again gives the same.
 *
 * Returns: %TRUE when there was no error
 *
 * Since: 1.0
 */
gboolean
au_scope_close (AuScope       *self,
                GCancellable  *cancellable,
                GError       **error)
{
  gulong cancelled_id = 0;
  gboolean good;

  g_return_val_if_fail (AU_IS_SCOPE (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);

  if (cancellable != NULL)
    cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), au_scope_get_core (self), NULL);

  au_scope_core_close (au_scope_get_core (self));
  good = block (au_scope_get_core (self), error);

  g_cancellable_disconnect (cancellable, cancelled_id);

  return good;
}

static void
finished_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr(GTask) task = data;
  GError *error = NULL;

  if (au_delayed_await_finish (AU_DELAYED (object), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

typedef struct
{
  GCancellable *cancellable;
  gulong        id;
} Connection;

static void
connection_free (gpointer data)
{
  Connection *connection = data;

  /* Not g_cancellable_disconnect (), which waits for handlers that run: this may be
   * called by what one of them does. */
  g_signal_handler_disconnect (connection->cancellable, connection->id);
  g_object_unref (connection->cancellable);
  g_free (connection);
}

static void
core_unref_cb (gpointer  data,
               GClosure *closure)
{
  au_scope_core_unref (data);
}

/**
 * au_scope_close_async:
 * @self: a scope
 * @cancellable: (nullable): cancels the functions; closing still waits for them
 * @callback: (scope async): called when the scope is closed
 * @user_data: data for @callback
 *
 * Closes the scope without blocking; see [method@Au.Scope.close].
 *
 * @callback is called in the thread-default main context of the caller, and not before
 * this function has returned.
 *
 * Since: 1.0
 */
void
au_scope_close_async (AuScope             *self,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  GTask *task;

  g_return_if_fail (AU_IS_SCOPE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_scope_close_async);
  g_task_set_check_cancellable (task, FALSE);

  if (cancellable != NULL)
    {
      Connection *connection = g_new0 (Connection, 1);

      /* If it is cancelled already, its handler is called below. */
      connection->cancellable = g_object_ref (cancellable);
      connection->id = g_signal_connect_data (cancellable, "cancelled",
                                              G_CALLBACK (cancelled_cb),
                                              au_scope_core_ref (au_scope_get_core (self)), core_unref_cb, 0);
      g_task_set_task_data (task, connection, connection_free);
      if (g_cancellable_is_cancelled (cancellable))
        cancelled_cb (cancellable, au_scope_get_core (self));
    }

  au_scope_core_close (au_scope_get_core (self));
  au_delayed_await_async (au_scope_core_get_finished (au_scope_get_core (self)), NULL, finished_cb, task);
}

/**
 * au_scope_close_finish:
 * @self: a scope
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Au.Scope.close_async].
 *
 * Fails as [method@Au.Scope.close] does.
 *
 * Returns: %TRUE when there was no error
 *
 * Since: 1.0
 */
gboolean
au_scope_close_finish (AuScope       *self,
                       GAsyncResult  *result,
                       GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * au_scope_get_n_errors:
 * @self: a scope
 *
 * Gets of how many errors closing the scope has told: how many are in the group, or 1 for
 * an error of its own.
 *
 * Returns: their number, 0 before the scope is closed
 *
 * Since: 1.0
 */
guint
au_scope_get_n_errors (AuScope *self)
{
  AuDelayed *finished;

  g_return_val_if_fail (AU_IS_SCOPE (self), 0);

  finished = au_scope_core_get_finished (au_scope_get_core (self));
  if (!au_delayed_is_done (finished) || finished->error == NULL)
    return 0;

  return MAX (au_error_get_n_children (finished->error), 1);
}

/**
 * au_scope_dup_error:
 * @self: a scope
 * @index: a number from 0 on
 *
 * Gets one of the errors of which closing the scope has told. This is for languages whose
 * errors have no room for [func@Au.error_get_child].
 *
 * Returns: (transfer full) (nullable): the error, or %NULL if there are not so many
 *
 * Since: 1.0
 */
GError *
au_scope_dup_error (AuScope *self,
                    guint    index)
{
  const GError *error;

  g_return_val_if_fail (AU_IS_SCOPE (self), NULL);

  if (index >= au_scope_get_n_errors (self))
    return NULL;

  error = au_scope_core_get_finished (au_scope_get_core (self))->error;
  if (au_error_get_n_children (error) > 0)
    error = au_error_get_child (error, index);

  return g_error_copy (error);
}
