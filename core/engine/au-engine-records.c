/* au-engine-records.c: what an engine does with records that are there already
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-record-private.h"

#include <au/au-clock.h>
#include <au/au-error.h>
#include <au/au-owner.h>
#include <au/au-transition.h>

#include <glib/gi18n-lib.h>

static AuComputation *
find (AuEngine      *self,
      const char    *key,
      GCancellable  *cancellable,
      GError       **error)
{
  AuComputation *computation = au_computation_table_lookup (self->table, key);
  g_autoptr(AuRecord) record = NULL;

  if (computation != NULL)
    return computation;

  record = au_store_load (self->store, key, cancellable, error);

  return record != NULL ? au_engine_adopt_record (self, record) : NULL;
}

/**
 * au_engine_get_handle:
 * @self: an engine
 * @key: a key
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Makes a handle on a computation that was submitted before, by this process or any
 * other one that uses the same store. It may block on the store.
 *
 * Fails with %AU_ERROR_NOT_FOUND, and as [method@Au.Store.load] does.
 *
 * MT safe.
 *
 * Returns: (transfer full): a handle
 *
 * Since: 1.0
 */
AuHandle *
au_engine_get_handle (AuEngine      *self,
                      const char    *key,
                      GCancellable  *cancellable,
                      GError       **error)
{
  g_autoptr(AuComputation) computation = NULL;

  g_return_val_if_fail (AU_IS_ENGINE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  computation = find (self, key, cancellable, error);

  return computation != NULL ? au_handle_new (computation) : NULL;
}

static void
computation_unref (gpointer data)
{
  au_computation_unref (data);
}

static void
get_handle_thread (GTask        *task,
                   gpointer      source_object,
                   gpointer      task_data,
                   GCancellable *cancellable)
{
  GError *error = NULL;
  AuComputation *computation = find (source_object, task_data, cancellable, &error);

  if (computation != NULL)
    g_task_return_pointer (task, computation, computation_unref);
  else
    g_task_return_error (task, error);
}

/**
 * au_engine_get_handle_async:
 * @self: an engine
 * @key: a key
 * @cancellable: (nullable): gives up
 * @callback: (scope async): called when the handle is there
 * @user_data: data for @callback
 *
 * Makes a handle on a computation that was submitted before, without blocking; see
 * [method@Au.Engine.get_handle].
 *
 * @callback is called in the thread-default main context of the caller, and not before
 * this function has returned.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_engine_get_handle_async (AuEngine            *self,
                            const char          *key,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (AU_IS_ENGINE (self));
  g_return_if_fail (key != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_engine_get_handle_async);
  g_task_set_task_data (task, g_strdup (key), g_free);
  g_task_run_in_thread (task, get_handle_thread);
}

/**
 * au_engine_get_handle_finish:
 * @self: an engine
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Au.Engine.get_handle_async]. The handle belongs to the main context of
 * the caller of this function.
 *
 * Fails as [method@Au.Engine.get_handle] does.
 *
 * Returns: (transfer full): a handle
 *
 * Since: 1.0
 */
AuHandle *
au_engine_get_handle_finish (AuEngine      *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  g_autoptr(AuComputation) computation = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  computation = g_task_propagate_pointer (G_TASK (result), error);

  return computation != NULL ? au_handle_new (computation) : NULL;
}

/**
 * au_engine_list:
 * @self: an engine
 * @query: (nullable): which computations, or %NULL for all
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Lists computations, whoever submitted them, in the order of their keys. It may block
 * on the store.
 *
 * Fails with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: (transfer full): a list of [class@Au.Handle]
 *
 * Since: 1.0
 */
GListModel *
au_engine_list (AuEngine      *self,
                AuQuery       *query,
                GCancellable  *cancellable,
                GError       **error)
{
  g_autoptr(AuQuery) all = NULL;
  g_autoptr(GPtrArray) records = NULL;
  g_autoptr(GPtrArray) handles = NULL;
  g_autoptr(GListStore) model = NULL;

  g_return_val_if_fail (AU_IS_ENGINE (self), NULL);
  g_return_val_if_fail (query == NULL || AU_IS_QUERY (query), NULL);

  if (query == NULL)
    query = all = au_query_new ();

  records = au_store_list (self->store, query, cancellable, error);
  if (records == NULL)
    return NULL;

  handles = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < records->len; i++)
    {
      g_autoptr(AuComputation) computation = NULL;

      computation = au_engine_adopt_record (self, g_ptr_array_index (records, i));
      g_ptr_array_add (handles, au_handle_new (computation));
    }

  model = g_list_store_new (AU_TYPE_HANDLE);
  g_list_store_splice (model, 0, 0, handles->pdata, handles->len);

  return G_LIST_MODEL (g_steal_pointer (&model));
}

typedef AuRecord *(*Step) (AuRecord  *record,
                           AuEngine  *self,
                           GError   **error);

/* Writes the next record of a computation that this engine does not run, on whatever
 * revision there is. */
static AuRecord *
change_stored (AuEngine      *self,
               const char    *key,
               Step           step,
               GCancellable  *cancellable,
               GError       **error)
{
  for (;;)
    {
      g_autoptr(AuRecord) stored = au_store_load (self->store, key, cancellable, error);
      g_autoptr(AuRecord) fresh = NULL;
      g_autoptr(GError) reason = NULL;

      if (stored == NULL)
        return NULL;

      fresh = step (stored, self, error);
      if (fresh == NULL || fresh == stored ||
          au_store_replace (self->store, fresh, stored->revision, cancellable, &reason))
        return g_steal_pointer (&fresh);

      if (!g_error_matches (reason, AU_ERROR, AU_ERROR_CONFLICT))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return NULL;
        }
    }
}

static AuRecord *
step_cancel (AuRecord  *record,
             AuEngine  *self,
             GError   **error)
{
  return au_transition_cancel (record, error);
}

static AuRecord *
step_retry (AuRecord  *record,
            AuEngine  *self,
            GError   **error)
{
  AuRecord *fresh = au_transition_retry (record, error);

  /* A fresh copy, which nobody else sees yet. Without an owner it is in its queue. */
  if (fresh != NULL && self->queue == NULL)
    au_record_set_owner (fresh, self->owner);

  return fresh;
}

/* Whether the process that should run the computation is known to be gone. What belongs
 * to this process, and is known to none of its engines, was left by one that is no more. */
gboolean
au_engine_is_orphan (AuEngine *self,
                     AuRecord *record)
{
  g_autoptr(AuComputation) computation = NULL;
  const char *owner = record->owner;

  /* What was claimed goes back to its queue when it is lost; others see to that. */
  if (record->lease_end > 0 || au_record_is_queued (record))
    return FALSE;

  if (owner == NULL)
    return TRUE;

  if (!g_str_equal (owner, self->owner))
    return au_owner_get_state (owner) == AU_OWNER_STATE_DEAD;

  computation = au_engine_peers_find (self, record);

  return computation == NULL;
}

/* One that turns out to be no orphan, or to have ended, is left as it is. */
static AuRecord *
step_adopt (AuRecord  *record,
            AuEngine  *self,
            GError   **error)
{
  if (au_status_is_terminal (record->status) || !au_engine_is_orphan (self, record))
    return au_record_ref (record);

  return au_transition_adopt (record, self->owner, error);
}

/**
 * au_engine_cancel:
 * @self: an engine
 * @key: a key
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Asks for a computation to be cancelled, whoever runs it; see
 * [method@Au.Handle.cancel]. It may block on the store.
 *
 * Fails with %AU_ERROR_NOT_FOUND, with %AU_ERROR_INVALID_TRANSITION when the computation
 * has ended, and with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: %TRUE when the order was given
 *
 * Since: 1.0
 */
gboolean
au_engine_cancel (AuEngine      *self,
                  const char    *key,
                  GCancellable  *cancellable,
                  GError       **error)
{
  g_autoptr(AuComputation) computation = NULL;
  g_autoptr(AuComputation) peer = NULL;
  g_autoptr(AuRecord) fresh = NULL;

  g_return_val_if_fail (AU_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  computation = au_computation_table_lookup (self->table, key);
  if (au_computation_is_run_here (computation) && au_computation_cancel (computation))
    return TRUE;

  fresh = change_stored (self, key, step_cancel, cancellable, error);
  if (fresh == NULL)
    return FALSE;

  if (computation != NULL)
    au_computation_refresh (computation, fresh);

  /* An engine need not watch a store that no other process uses. */
  peer = au_engine_peers_find (self, fresh);
  if (peer != NULL)
    au_computation_refresh (peer, fresh);

  return TRUE;
}

static AuFunction *
check_function (AuEngine    *self,
                const char  *key,
                GCancellable *cancellable,
                GError     **error)
{
  g_autoptr(AuRecord) record = au_store_load (self->store, key, cancellable, error);
  AuEngineFunction *entry;

  if (record == NULL)
    return NULL;

  entry = au_engine_get_function (self, record->spec->function, error);
  if (entry == NULL ||
      !au_engine_check_arguments (entry->function, record->spec->arguments, record->spec->options, error))
    return NULL;

  if (self->queue != NULL && au_options_get_queue (record->spec->options) == NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
                   _("The computation “%s” was not put into a queue, so no worker can run it: use a backend that runs it here"),
                   key);
      return NULL;
    }

  return entry->function;
}

/* Looks at a computation again that is in its queue once more. */
static AuHandle *
follow_again (AuEngine *self,
              AuRecord *record)
{
  g_autoptr(AuComputation) old = au_computation_table_lookup (self->table, record->spec->key);
  g_autoptr(AuComputation) computation = NULL;

  if (old != NULL && au_computation_is_done (old))
    au_computation_table_detach (self->table, old);
  computation = au_engine_adopt_record (self, record);

  return au_handle_new (computation);
}

/**
 * au_engine_retry:
 * @self: an engine
 * @key: a key
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Runs a computation that has failed or was cancelled again, under the same key, or puts
 * it into its queue again where the backend leaves computations to workers. It may block
 * on the store.
 *
 * Fails with %AU_ERROR_NOT_FOUND, with %AU_ERROR_INVALID_TRANSITION when the computation
 * has neither failed nor been cancelled, with %AU_ERROR_UNKNOWN_FUNCTION, and with
 * %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: (transfer full): a handle on it
 *
 * Since: 1.0
 */
AuHandle *
au_engine_retry (AuEngine      *self,
                 const char    *key,
                 GCancellable  *cancellable,
                 GError       **error)
{
  g_autoptr(AuRecord) fresh = NULL;
  AuFunction *function;

  g_return_val_if_fail (AU_IS_ENGINE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  function = check_function (self, key, cancellable, error);
  if (function == NULL)
    return NULL;

  fresh = change_stored (self, key, step_retry, cancellable, error);

  if (fresh == NULL)
    return NULL;

  return self->queue != NULL ? follow_again (self, fresh) : au_engine_run_record (self, fresh, function);
}

/**
 * au_engine_resume:
 * @self: an engine
 * @key: a key
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Takes over a computation that has not ended, and whose process is gone, and runs it.
 * One whose process lives, or may live, one that is in a queue, and one that has ended, is
 * left as it is. It may block on the store.
 *
 * Fails with %AU_ERROR_NOT_FOUND, with %AU_ERROR_UNKNOWN_FUNCTION, and with
 * %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: (transfer full): a handle on it
 *
 * Since: 1.0
 */
AuHandle *
au_engine_resume (AuEngine      *self,
                  const char    *key,
                  GCancellable  *cancellable,
                  GError       **error)
{
  g_autoptr(AuComputation) computation = NULL;
  g_autoptr(AuRecord) fresh = NULL;
  AuFunction *function;

  g_return_val_if_fail (AU_IS_ENGINE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  computation = find (self, key, cancellable, error);
  if (computation == NULL)
    return NULL;

  if (self->queue != NULL || au_computation_is_run_here (computation) ||
      au_computation_is_done (computation))
    return au_handle_new (computation);

  function = check_function (self, key, cancellable, error);
  if (function == NULL)
    return NULL;

  fresh = change_stored (self, key, step_adopt, cancellable, error);
  if (fresh == NULL)
    return NULL;

  /* The third loss of a computation ends it instead of starting it. */
  if (fresh->status == AU_STATUS_PENDING && g_strcmp0 (fresh->owner, self->owner) == 0)
    return au_engine_run_record (self, fresh, function);

  au_computation_refresh (computation, fresh);

  return au_handle_new (computation);
}

/**
 * au_engine_remove:
 * @self: an engine
 * @key: a key
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Removes the record of a computation that has ended, or whose process is gone. It may
 * block on the store.
 *
 * Fails with %AU_ERROR_NOT_FOUND, with %AU_ERROR_INVALID_TRANSITION when the computation
 * is still to be run or runs, and with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: %TRUE when it was removed
 *
 * Since: 1.0
 */
gboolean
au_engine_remove (AuEngine      *self,
                  const char    *key,
                  GCancellable  *cancellable,
                  GError       **error)
{
  g_autoptr(AuComputation) computation = NULL;
  g_autoptr(AuRecord) record = NULL;

  g_return_val_if_fail (AU_IS_ENGINE (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  computation = au_computation_table_lookup (self->table, key);
  record = au_store_load (self->store, key, cancellable, error);
  if (record == NULL)
    return FALSE;

  if (au_computation_is_run_here (computation) ||
      (!au_status_is_terminal (record->status) && !au_record_is_queued (record) &&
       !au_engine_is_orphan (self, record)))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION,
                   _("The computation “%s” is %s: cancel it before you remove it"),
                   key, au_status_to_string (record->status));
      return FALSE;
    }

  if (!au_store_remove (self->store, key, cancellable, error))
    return FALSE;

  if (computation != NULL)
    au_computation_table_detach (self->table, computation);

  return TRUE;
}

/* Their keys are free again, though somebody may still look at their ends. */
static void
forget_expired (AuEngine *self,
                gint64    now)
{
  g_autoptr(GPtrArray) computations = au_computation_table_snapshot (self->table);

  for (guint i = 0; i < computations->len; i++)
    {
      AuComputation *computation = g_ptr_array_index (computations, i);
      g_autoptr(AuRecord) record = au_computation_dup_record (computation);

      if (au_status_is_terminal (record->status) &&
          record->expires > 0 && record->expires <= now)
        au_computation_table_detach (self->table, computation);
    }
}

/**
 * au_engine_cleanup_expired:
 * @self: an engine
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Removes up to 500 records whose time to live is over. It may block on the store.
 *
 * Fails with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: how many were removed, or -1 with @error set
 *
 * Since: 1.0
 */
gint
au_engine_cleanup_expired (AuEngine      *self,
                           GCancellable  *cancellable,
                           GError       **error)
{
  gint64 now = au_clock_get_real_time ();
  gint n_removed;

  g_return_val_if_fail (AU_IS_ENGINE (self), -1);

  n_removed = au_store_cleanup_expired (self->store, now, 0, cancellable, error);
  if (n_removed > 0)
    forget_expired (self, now);

  return n_removed;
}
