/* au-temporary.c: an engine with a folder of its own, both gone at its end
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-error.h>
#include <au/au-part.h>
#include <au/au-temporary.h>

#include <glib/gi18n-lib.h>

/**
 * AuTemporary:
 *
 * An engine whose records are files in a private folder. When it is closed, what runs is
 * cancelled and awaited, and the folder is removed.
 *
 * One that is dropped without having been closed is closed then, and waits for what runs.
 *
 * MT safe, but that one thread closes it.
 *
 * Since: 1.0
 */
struct _AuTemporary
{
  GObject   parent_instance;

  AuEngine *engine;
  char     *path;
  gboolean  closed;
};

G_DEFINE_FINAL_TYPE (AuTemporary, au_temporary, G_TYPE_OBJECT)

/* Symbolic links are removed, and never followed. */
static gboolean
remove_folder (GFile   *folder,
               GError **error)
{
  g_autoptr(GFileEnumerator) children = NULL;
  GFile *child;

  children = g_file_enumerate_children (folder, G_FILE_ATTRIBUTE_STANDARD_NAME,
                                        G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, NULL);
  while (children != NULL &&
         g_file_enumerator_iterate (children, NULL, &child, NULL, NULL) && child != NULL)
    {
      if (!remove_folder (child, error))
        return FALSE;
    }

  return g_file_delete (folder, NULL, error);
}

static gboolean
remove_own_folder (AuTemporary  *self,
                   GError      **error)
{
  g_autoptr(GFile) folder = g_file_new_for_path (self->path);
  g_autoptr(GError) reason = NULL;

  if (remove_folder (folder, &reason) ||
      g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_STORE,
               _("The temporary folder %s could not be removed: %s"), self->path, reason->message);

  return FALSE;
}

static void
au_temporary_dispose (GObject *object)
{
  AuTemporary *self = AU_TEMPORARY (object);
  g_autoptr(GError) error = NULL;

  if (self->engine != NULL && !self->closed && !au_temporary_close (self, -1, NULL, &error))
    g_warning ("%s", error->message);
  g_clear_object (&self->engine);

  G_OBJECT_CLASS (au_temporary_parent_class)->dispose (object);
}

static void
au_temporary_finalize (GObject *object)
{
  g_free (AU_TEMPORARY (object)->path);

  G_OBJECT_CLASS (au_temporary_parent_class)->finalize (object);
}

static void
au_temporary_class_init (AuTemporaryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = au_temporary_dispose;
  object_class->finalize = au_temporary_finalize;
}

static void
au_temporary_init (AuTemporary *self)
{
}

/**
 * au_temporary_new:
 * @backend: (nullable): the name of a backend, or %NULL for `thread`
 * @error: return location for an error
 *
 * Makes a private folder where temporary files are, and an engine that keeps its records
 * there.
 *
 * Fails with the errors of the file system, and with those of modules.
 *
 * Returns: (transfer full): the engine with its folder
 *
 * Since: 1.0
 */
AuTemporary *
au_temporary_new (const char  *backend,
                  GError     **error)
{
  g_autoptr(AuBackend) runner = NULL;
  g_autoptr(AuStore) store = NULL;
  AuTemporary *self;
  char *path;

  runner = au_part_new (AU_MODULE_BACKEND, backend != NULL ? backend : "thread", error, NULL);
  if (runner == NULL)
    return NULL;

  path = g_dir_make_tmp ("au-XXXXXX", error);
  if (path == NULL)
    return NULL;

  self = g_object_new (AU_TYPE_TEMPORARY, NULL);
  self->path = path;
  store = au_part_new (AU_MODULE_STORE, "file", error, "path", path, NULL);
  if (store == NULL)
    {
      remove_own_folder (self, NULL);
      g_object_unref (self);
      return NULL;
    }
  self->engine = au_engine_new_with_parts (store, runner);

  return self;
}

/**
 * au_temporary_get_engine:
 * @self: a temporary engine
 *
 * Gets the engine. It takes no new work once @self is closed.
 *
 * Returns: (transfer none): the engine
 *
 * Since: 1.0
 */
AuEngine *
au_temporary_get_engine (AuTemporary *self)
{
  g_return_val_if_fail (AU_IS_TEMPORARY (self), NULL);

  return self->engine;
}

/**
 * au_temporary_get_path:
 * @self: a temporary engine
 *
 * Gets its folder, where functions may put files that are to go with it.
 *
 * Returns: (type filename): the path
 *
 * Since: 1.0
 */
const char *
au_temporary_get_path (AuTemporary *self)
{
  g_return_val_if_fail (AU_IS_TEMPORARY (self), NULL);

  return self->path;
}

/**
 * au_temporary_close:
 * @self: a temporary engine
 * @timeout: how long to wait at most for what runs, in microseconds; -1 for as long as it
 *   takes
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Cancels what runs, waits in this thread until it has ended, and removes the folder.
 *
 * Fails with %G_IO_ERROR_TIMED_OUT, %G_IO_ERROR_CANCELLED and %AU_ERROR_WOULD_DEADLOCK, and
 * then the folder is still there; and with %AU_ERROR_STORE when it could not be removed.
 *
 * Returns: %TRUE when nothing is left of it
 *
 * Since: 1.0
 */
gboolean
au_temporary_close (AuTemporary   *self,
                    GTimeSpan      timeout,
                    GCancellable  *cancellable,
                    GError       **error)
{
  g_return_val_if_fail (AU_IS_TEMPORARY (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);

  if (self->closed)
    return TRUE;

  au_engine_cancel_all (self->engine);
  if (!au_engine_drain (self->engine, timeout, cancellable, error))
    return FALSE;

  self->closed = remove_own_folder (self, error);

  return self->closed;
}

static void
remove_thread (GTask        *task,
               gpointer      source_object,
               gpointer      task_data,
               GCancellable *cancellable)
{
  GError *error = NULL;

  if (remove_own_folder (source_object, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
removed_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(GTask) task = data;
  GError *error = NULL;

  AU_TEMPORARY (object)->closed = g_task_propagate_boolean (G_TASK (result), &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
drained_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(GTask) task = data;
  g_autoptr(GTask) removal = NULL;
  GError *error = NULL;

  if (!au_engine_drain_finish (AU_ENGINE (object), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  removal = g_task_new (g_task_get_source_object (task), NULL, removed_cb, g_object_ref (task));
  g_task_set_source_tag (removal, drained_cb);
  g_task_run_in_thread (removal, remove_thread);
}

/**
 * au_temporary_close_async:
 * @self: a temporary engine
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when nothing is left of it
 * @user_data: data for @callback
 *
 * Closes it without blocking; see [method@Au.Temporary.close].
 *
 * @callback is called in the thread-default main context of the caller, and not before this
 * function has returned.
 *
 * Since: 1.0
 */
void
au_temporary_close_async (AuTemporary         *self,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (AU_IS_TEMPORARY (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_temporary_close_async);
  g_task_set_check_cancellable (task, FALSE);

  if (self->closed)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  au_engine_cancel_all (self->engine);
  au_engine_drain_async (self->engine, cancellable, drained_cb, g_steal_pointer (&task));
}

/**
 * au_temporary_close_finish:
 * @self: a temporary engine
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Au.Temporary.close_async].
 *
 * Fails as [method@Au.Temporary.close] does.
 *
 * Returns: %TRUE when nothing is left of it
 *
 * Since: 1.0
 */
gboolean
au_temporary_close_finish (AuTemporary   *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
