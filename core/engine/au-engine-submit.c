/* au-engine-submit.c: how computations get into an engine
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-key-private.h"
#include "au-options-private.h"
#include "au-record-private.h"

#include <au/au-clock.h>
#include <au/au-error.h>
#include <au/au-key.h>

#include <glib/gi18n-lib.h>

static gboolean
check_open (AuEngine  *self,
            GError   **error)
{
  if (!g_atomic_int_get (&self->draining))
    return TRUE;

  g_set_error_literal (error, AU_ERROR, AU_ERROR_CLOSED,
                       _("The engine takes no new work, as it is being drained"));
  return FALSE;
}

static gboolean
is_same_call (AuRecordSpec *a,
              AuRecordSpec *b)
{
  if (!g_str_equal (a->function, b->function))
    return FALSE;

  if (a->arguments == NULL || b->arguments == NULL)
    return a->arguments == b->arguments;

  return g_variant_equal (a->arguments, b->arguments);
}

/* What is known under the key already stands for the new one, if it is the same call. */
static AuComputation *
check_existing (AuComputation  *existing,
                AuComputation  *fresh,
                GError        **error)
{
  if (is_same_call (existing->spec, fresh->spec))
    return existing;

  g_set_error (error, AU_ERROR, AU_ERROR_CONFLICT,
               _("The key “%s” names another computation already, of “%s”: choose another key"),
               au_computation_get_key (existing), existing->spec->function);
  au_computation_unref (existing);

  return NULL;
}

AuComputation *
au_engine_enter (AuEngine       *self,
                 AuFunction     *function,
                 AuRecord       *record,
                 gboolean        is_new,
                 AuComputation **existing)
{
  AuComputation *computation;

  computation = au_computation_new (self, function, record,
                                    au_computation_table_hash (au_record_get_key (record)));
  computation->handle_due = function != NULL;
  *existing = au_computation_table_add (self->table, computation, is_new);

  return computation;
}

/* It was entered with a record of the store; others may have found it there already. */
static void
note_stored (AuComputation *computation,
             AuRecord      *record)
{
  g_mutex_lock (&computation->lock);
  computation->stored_revision = MAX (computation->stored_revision, au_record_get_revision (record));
  computation->ended |= au_status_is_terminal (au_record_get_status (record));
  g_mutex_unlock (&computation->lock);
}

/* Others that have found the computation meanwhile are told why it will not be. */
static void
fail_insert (AuComputation *computation,
             GTask         *task,
             const GError  *reason)
{
  if (task != NULL)
    au_computation_forget_insert_wait (computation, task);

  au_computation_end_unstored (computation, reason);
}

/* Where the store has answered already, the computation that has the unique key is given
 * itself, instead of one that stands for it. */
static AuComputation *
resolve_unique (AuComputation *computation,
                GTask         *task)
{
  g_autoptr(AuRecord) record = au_computation_dup_record (computation);
  AuComputation *other;

  if (g_str_equal (record->spec->key, au_computation_get_key (computation)))
    return computation;

  other = au_engine_adopt_record (computation->engine, record);
  if (task != NULL)
    g_task_set_task_data (task, au_handle_new (other), g_object_unref);
  au_computation_unref (computation);

  return other;
}

static AuComputation *
submit (AuEngine          *self,
        AuEngineFunction  *entry,
        GVariant          *arguments,
        AuOptions         *options,
        GTask             *task,
        GError           **error)
{
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) reason = NULL;
  char new_key[AU_KEY_LENGTH + 1];
  const char *key = options != NULL ? au_options_get_key (options) : NULL;
  gint64 now = au_clock_get_real_time ();
  AuComputation *computation, *existing;

  if (key == NULL)
    {
      au_key_write (new_key, now);
      key = new_key;
    }
  else if (!au_key_check (key, error))
    {
      return NULL;
    }

  record = au_record_new_full (key, entry->name, arguments,
                               au_engine_seal_options (self, options), now,
                               self->queue == NULL ? self->owner : NULL);

  /* What goes into a queue is nobody's, and is run by others. */
  computation = au_engine_enter (self, self->queue == NULL ? entry->function : NULL, record,
                                 key == new_key, &existing);
  if (existing != NULL)
    {
      AuComputation *accepted = check_existing (existing, computation, error);

      au_computation_unref (computation);
      if (accepted != NULL && task != NULL && !au_computation_await_insert (accepted, task))
        g_task_return_pointer (task, g_object_ref (g_task_get_task_data (task)), g_object_unref);

      return accepted;
    }

  if (task != NULL)
    au_computation_await_insert (computation, task);

  if (!au_computation_insert (computation, &reason))
    {
      fail_insert (computation, task, reason);
      au_computation_unref (computation);
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }

  if (!self->direct)
    return computation;

  if (task != NULL)
    {
      g_autoptr(AuComputation) inserted = au_computation_ref (computation);

      computation = resolve_unique (computation, task);
      au_computation_return_insert_waits (inserted, NULL);
    }
  else if (options != NULL && au_options_get_unique_key (options) != NULL)
    {
      computation = resolve_unique (computation, NULL);
    }

  return computation;
}

/* Where values of others are further arguments, these can be checked only when they are
 * there; but what is given must be the beginning of what the function takes. */
gboolean
au_engine_check_arguments (AuFunction  *function,
                           GVariant    *arguments,
                           AuOptions   *options,
                           GError     **error)
{
  const char * const *after = options != NULL ? au_options_get_after (options) : NULL;
  const GVariantType *input = au_function_get_input (function);
  gsize n_after = after != NULL ? g_strv_length ((char **) after) : 0;
  gboolean is_tuple = arguments == NULL || g_variant_type_is_tuple (g_variant_get_type (arguments));
  const GVariantType *type;
  gsize n_given;

  if (n_after == 0 || !au_options_get_pass_results (options) || !is_tuple)
    return au_function_check_arguments (function, arguments, error);

  n_given = arguments != NULL ? g_variant_n_children (arguments) : 0;
  if (!g_variant_type_is_tuple (input) || g_variant_type_n_items (input) != n_given + n_after)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_BAD_TYPE,
                   _("“%s” takes “%.*s”, which is not %u arguments and the values of %u computations"),
                   au_function_get_name (function),
                   (int) g_variant_type_get_string_length (input), g_variant_type_peek_string (input),
                   (guint) n_given, (guint) n_after);
      return FALSE;
    }

  type = g_variant_type_first (input);
  for (gsize i = 0; i < n_given; i++, type = g_variant_type_next (type))
    {
      g_autoptr(GVariant) argument = g_variant_get_child_value (arguments, i);

      if (g_variant_is_of_type (argument, type))
        continue;

      g_set_error (error, AU_ERROR, AU_ERROR_BAD_TYPE,
                   _("Argument %u of “%s” is of the type “%s” instead of “%.*s”"),
                   (guint) i + 1, au_function_get_name (function),
                   g_variant_get_type_string (argument),
                   (int) g_variant_type_get_string_length (type), g_variant_type_peek_string (type));
      return FALSE;
    }

  return TRUE;
}

/* What comes after a key that cannot be one would only fail later. */
static gboolean
check_after (AuOptions  *options,
             GError    **error)
{
  const char * const *after = options != NULL ? au_options_get_after (options) : NULL;

  for (; after != NULL && *after != NULL; after++)
    {
      if (!au_key_check (*after, error))
        return FALSE;
    }
  return TRUE;
}

/* Sinks the arguments, whatever happens. */
static AuComputation *
check_and_submit (AuEngine    *self,
                  const char  *function,
                  GVariant    *arguments,
                  AuOptions   *options,
                  GTask       *task,
                  GError     **error)
{
  g_autoptr(GVariant) sunk = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  AuEngineFunction *entry;

  if (!check_open (self, error))
    return NULL;

  entry = au_engine_get_function (self, function, error);
  if (entry == NULL || !check_after (options, error) ||
      !au_engine_check_arguments (entry->function, sunk, options, error))
    return NULL;

  return submit (self, entry, sunk, options, task, error);
}

/**
 * au_engine_submit:
 * @self: an engine
 * @function: the name of a function
 * @arguments: (nullable): its arguments, of its input type; a floating reference is sunk
 * @options: (nullable): how the computation is to be treated, or %NULL for the defaults
 * @error: return location for an error
 *
 * Submits a computation and returns at once. It runs when the store has its record.
 *
 * When the key, or the unique key, of @options names an unfinished or ended computation
 * of the same function and arguments, that one is returned and nothing new is run.
 *
 * It does not block on input and output, unless the backend is synchronous.
 *
 * Fails with %AU_ERROR_UNKNOWN_FUNCTION, %AU_ERROR_BAD_TYPE, %AU_ERROR_INVALID_KEY,
 * %AU_ERROR_CONFLICT when the key names another computation, %AU_ERROR_CLOSED while the
 * engine is drained, and with the errors of modules. What the store says later is the
 * error of the handle.
 *
 * MT safe.
 *
 * Returns: (transfer full): a handle on the computation
 *
 * Since: 1.0
 */
AuHandle *
au_engine_submit (AuEngine    *self,
                  const char  *function,
                  GVariant    *arguments,
                  AuOptions   *options,
                  GError     **error)
{
  AuComputation *computation;
  AuHandle *handle;

  g_return_val_if_fail (AU_IS_ENGINE (self), NULL);
  g_return_val_if_fail (function != NULL, NULL);
  g_return_val_if_fail (options == NULL || AU_IS_OPTIONS (options), NULL);

  computation = check_and_submit (self, function, arguments, options, NULL, error);
  if (computation == NULL)
    return NULL;

  handle = au_handle_new (computation);
  au_computation_unref (computation);

  return handle;
}

/**
 * au_engine_submit_async:
 * @self: an engine
 * @function: the name of a function
 * @arguments: (nullable): its arguments, of its input type; a floating reference is sunk
 * @options: (nullable): how the computation is to be treated, or %NULL for the defaults
 * @cancellable: (nullable): cancels the wait, not the submission
 * @callback: (scope async): called when the store has acknowledged the record
 * @user_data: data for @callback
 *
 * Submits a computation as [method@Au.Engine.submit] does, and waits until its record is
 * as durable as the store makes it.
 *
 * @callback is called in the thread-default main context of the caller, and not before
 * this function has returned.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_engine_submit_async (AuEngine            *self,
                        const char          *function,
                        GVariant            *arguments,
                        AuOptions           *options,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  AuComputation *computation;
  GError *error = NULL;

  g_return_if_fail (AU_IS_ENGINE (self));
  g_return_if_fail (function != NULL);
  g_return_if_fail (options == NULL || AU_IS_OPTIONS (options));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_engine_submit_async);

  computation = check_and_submit (self, function, arguments, options, task, &error);
  if (computation == NULL)
    g_task_return_error (task, error);
  else
    au_computation_unref (computation);
}

/**
 * au_engine_submit_finish:
 * @self: an engine
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Au.Engine.submit_async].
 *
 * Fails as [method@Au.Engine.submit] does, and with %AU_ERROR_STORE when the store did
 * not take the record.
 *
 * MT safe.
 *
 * Returns: (transfer full): a handle on the computation
 *
 * Since: 1.0
 */
AuHandle *
au_engine_submit_finish (AuEngine      *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * au_engine_submit_many:
 * @self: an engine
 * @function: the name of a function
 * @arguments: (array length=n_arguments): the arguments of each computation
 * @n_arguments: how many
 * @options: (nullable): how the computations are to be treated; a key in it is not
 *   allowed, as it can name only one
 * @error: return location for an error
 *
 * Submits several computations of one function together.
 *
 * All arguments are checked before the first is submitted. Fails as
 * [method@Au.Engine.submit] does; what was submitted before a failure goes on.
 *
 * MT safe.
 *
 * Returns: (transfer full): a list of [class@Au.Handle], in the order of @arguments
 *
 * Since: 1.0
 */
GListModel *
au_engine_submit_many (AuEngine    *self,
                       const char  *function,
                       GVariant   **arguments,
                       gsize        n_arguments,
                       AuOptions   *options,
                       GError     **error)
{
  g_autoptr(GPtrArray) handles = NULL;
  g_autoptr(GListStore) model = NULL;
  AuEngineFunction *entry;

  g_return_val_if_fail (AU_IS_ENGINE (self), NULL);
  g_return_val_if_fail (function != NULL, NULL);
  g_return_val_if_fail (options == NULL || AU_IS_OPTIONS (options), NULL);

  if (!check_open (self, error))
    return NULL;

  entry = au_engine_get_function (self, function, error);
  if (entry == NULL || !check_after (options, error))
    return NULL;

  if (options != NULL && au_options_get_key (options) != NULL)
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                           _("One key cannot name several computations: leave it unset"));
      return NULL;
    }

  for (gsize i = 0; i < n_arguments; i++)
    {
      if (!au_engine_check_arguments (entry->function, arguments[i], options, error))
        return NULL;
    }

  handles = g_ptr_array_new_with_free_func (g_object_unref);
  for (gsize i = 0; i < n_arguments; i++)
    {
      g_autoptr(AuComputation) computation = NULL;

      computation = submit (self, entry, arguments[i], options, NULL, error);
      if (computation == NULL)
        return NULL;

      g_ptr_array_add (handles, au_handle_new (computation));
    }

  model = g_list_store_new (AU_TYPE_HANDLE);
  g_list_store_splice (model, 0, 0, handles->pdata, handles->len);

  return G_LIST_MODEL (g_steal_pointer (&model));
}

/**
 * au_engine_call:
 * @self: an engine
 * @function: the name of a function
 * @arguments: (nullable): its arguments, of its input type; a floating reference is sunk
 * @options: (nullable): how the computation is to be treated, or %NULL for the defaults
 * @timeout: how long to wait at most, in microseconds; -1 for as long as it takes
 * @cancellable: (nullable): cancels the wait, not the computation
 * @error: return location for an error
 *
 * Submits a computation and waits in this thread for its value.
 *
 * Fails as [method@Au.Engine.submit] and [method@Au.Handle.wait] do.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the value; %NULL without @error set for a function
 *   that has none
 *
 * Since: 1.0
 */
GVariant *
au_engine_call (AuEngine      *self,
                const char    *function,
                GVariant      *arguments,
                AuOptions     *options,
                GTimeSpan      timeout,
                GCancellable  *cancellable,
                GError       **error)
{
  g_autoptr(AuHandle) handle = au_engine_submit (self, function, arguments, options, error);

  if (handle == NULL || !au_handle_wait (handle, timeout, cancellable, error))
    return NULL;

  return au_handle_dup_result (handle, error);
}

/* Runs a record that the store has, and that nobody else runs. */
AuHandle *
au_engine_run_record (AuEngine   *self,
                      AuRecord   *record,
                      AuFunction *function)
{
  g_autoptr(AuComputation) old = NULL;
  g_autoptr(AuComputation) computation = NULL;
  AuComputation *existing;

  /* What was known of it before has ended, or only looked on. */
  old = au_computation_table_lookup (self->table, au_record_get_key (record));
  if (au_computation_is_run_here (old))
    return au_handle_new (old);
  if (old != NULL)
    au_computation_table_detach (self->table, old);

  computation = au_engine_enter (self, function, record, FALSE, &existing);
  if (existing != NULL)
    {
      AuHandle *handle = au_handle_new (existing);

      au_computation_unref (existing);
      return handle;
    }

  note_stored (computation, record);
  au_computation_start (computation);

  return au_handle_new (computation);
}

AuComputation *
au_engine_adopt_record (AuEngine *self,
                        AuRecord *record)
{
  AuComputation *computation, *existing;

  computation = au_engine_enter (self, NULL, record, FALSE, &existing);
  if (existing != NULL)
    {
      au_computation_unref (computation);
      return existing;
    }

  note_stored (computation, record);
  if (!au_computation_is_done (computation))
    au_follower_add (self->follower, computation, 0);

  return computation;
}
