/* au-cache-get.c: asking a cache
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-cache-private.h"
#include "au-main-context-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/* The key that counts, which is the caller's. */
GVariant *
au_cache_make_key (AuCache  *self,
                   GVariant *key)
{
  g_autoptr(GVariant) given = g_variant_ref_sink (key);
  GVariant *made;

  if (self->key_func == NULL)
    return g_steal_pointer (&given);

  made = self->key_func (given, self->key_data);

  return g_variant_take_ref (made);
}

static GVariant *
take_value (AuTask  *task,
            GError **error)
{
  GVariant *value = au_task_dup_value (task, error);

  g_object_unref (task);

  return value;
}

/* Only what needs to be computed needs the main loop. */
static gboolean
would_deadlock (AuCache   *self,
                GTimeSpan  timeout,
                GError   **error)
{
  if (timeout == 0 || self->work->context == NULL ||
      !au_main_context_is_ours (self->work->context))
    return FALSE;

  g_set_error_literal (error, AU_ERROR, AU_ERROR_WOULD_DEADLOCK,
                       _("Waiting here for the call would never end, as it is made in this thread's main loop: get it asynchronously"));

  return TRUE;
}

/**
 * au_cache_get:
 * @self: a cache
 * @key: what to call the function for, which may be floating
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 for what is there
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Gets what the function gives for @key, and has it called if that is not known.
 *
 * Blocks the calling thread meanwhile; do not use it in a main loop. Fails with the
 * error of the function; with %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED, and the
 * call goes on if others wait for it; and with %AU_ERROR_WOULD_DEADLOCK when the call
 * would need the main loop of this very thread.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the value; %NULL without an error if it has none
 *
 * Since: 1.0
 */
GVariant *
au_cache_get (AuCache       *self,
              GVariant      *key,
              GTimeSpan      timeout,
              GCancellable  *cancellable,
              GError       **error)
{
  g_autoptr(GVariant) own = NULL;
  gpointer data;

  g_return_val_if_fail (AU_IS_CACHE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  data = own = au_cache_make_key (self, key);
  if (au_wait_try (&au_cache_get_operation, self, 0, &data))
    return take_value (data, error);

  if (would_deadlock (self, timeout, error) ||
      !au_wait_sync (&au_cache_get_operation, self, 0, &data, timeout, cancellable, error))
    return NULL;

  return take_value (data, error);
}

/**
 * au_cache_get_async:
 * @self: a cache
 * @key: what to call the function for, which may be floating
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when it is there
 * @user_data: data for @callback
 *
 * Gets what the function gives for @key, and has it called if that is not known,
 * without blocking.
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_cache_get_async (AuCache             *self,
                    GVariant            *key,
                    GCancellable        *cancellable,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  g_autoptr(GVariant) own = NULL;

  g_return_if_fail (AU_IS_CACHE (self));
  g_return_if_fail (key != NULL);

  own = au_cache_make_key (self, key);
  au_wait_async (&au_cache_get_operation, self, 0, own, cancellable, callback, user_data);
}

/**
 * au_cache_get_finish:
 * @self: a cache
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Cache.get_async].
 *
 * Fails with the error of the function, or with %G_IO_ERROR_CANCELLED, and the call goes
 * on if others wait for it.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the value; %NULL without an error if it has none
 *
 * Since: 1.0
 */
GVariant *
au_cache_get_finish (AuCache       *self,
                     GAsyncResult  *result,
                     GError       **error)
{
  gpointer data = NULL;

  g_return_val_if_fail (AU_IS_CACHE (self), NULL);

  if (!au_wait_finish (&au_cache_get_operation, self, result, &data, error))
    return NULL;

  return take_value (data, error);
}

/**
 * au_cache_try_get:
 * @self: a cache
 * @key: a key, which may be floating
 * @value: (out) (optional) (nullable) (transfer full): where to put the value
 * @error: return location for an error
 *
 * Gets what is known for @key, without having the function called.
 *
 * Fails with %AU_ERROR_NOT_FOUND when nothing is, and with an error that was kept.
 *
 * MT safe.
 *
 * Returns: %TRUE if a value is known
 *
 * Since: 1.0
 */
gboolean
au_cache_try_get (AuCache   *self,
                  GVariant  *key,
                  GVariant **value,
                  GError   **error)
{
  g_autoptr(GVariant) own = NULL;
  g_autoptr(GVariant) known = NULL;
  GError *failure = NULL;
  gpointer data;

  g_return_val_if_fail (AU_IS_CACHE (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  data = own = au_cache_make_key (self, key);
  if (!au_wait_try (&au_cache_get_operation, self, 0, &data))
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_NOT_FOUND,
                           _("The cache has no result for this key yet"));
      return FALSE;
    }

  known = take_value (data, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }

  if (value != NULL)
    *value = g_steal_pointer (&known);

  return TRUE;
}
