/* au-keyed-mutex.c: one at a time for each key
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-wait-private.h"

#include <au/au-keyed-mutex.h>

#include <glib/gi18n-lib.h>

/* A key that is locked. It is there for that long. */
typedef struct
{
  char        *key;
  AuWaiterList line;
  guint        n_waiting;
} Entry;

struct _AuKeyedMutex
{
  GObject     parent_instance;

  GMutex      lock;
  GHashTable *entries;      /* key → Entry */
};

/**
 * AuKeyedMutex:
 *
 * Lets one in at a time for each key, such as a name of a file or of a user.
 *
 * For each key it is what an [class@Au.Mutex] is: fair, for threads and main loops
 * alike, and not recursive. Keys need not be made known and cost nothing while they are
 * not locked.
 *
 * MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuKeyedMutex, au_keyed_mutex, G_TYPE_OBJECT)

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->key);
  g_free (entry);
}

/* A wait brings its key, which is the caller's as long as the call lasts; in its line it
 * has the entry, which stays as long as somebody waits there. */

static gboolean
lock_attempt (gpointer    object,
              AuWait     *wait,
              AuWakeList *woken)
{
  AuKeyedMutex *self = object;
  Entry *entry;

  if (g_hash_table_contains (self->entries, wait->data))
    return FALSE;

  entry = g_new0 (Entry, 1);
  entry->key = g_strdup (wait->data);
  g_hash_table_insert (self->entries, entry->key, entry);

  return au_wait_done (wait, AU_WAIT_GRANTED, NULL);
}

static void
lock_enter (gpointer    object,
            AuWait     *wait,
            AuWakeList *woken)
{
  AuKeyedMutex *self = object;
  Entry *entry = g_hash_table_lookup (self->entries, wait->data);

  wait->data = entry;
  entry->n_waiting++;
  au_wait_line_up (wait, &entry->line);
}

static void
lock_leave (gpointer    object,
            AuWait     *wait,
            AuWakeList *woken)
{
  ((Entry *) wait->data)->n_waiting--;
}

static const AuWaitOperation lock_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuKeyedMutex, lock),
  .timed_out = N_("The key was not unlocked in time"),
  .attempt = lock_attempt,
  .enter = lock_enter,
  .leave = lock_leave,
};

static void
au_keyed_mutex_finalize (GObject *object)
{
  AuKeyedMutex *self = AU_KEYED_MUTEX (object);

  g_hash_table_unref (self->entries);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_keyed_mutex_parent_class)->finalize (object);
}

static void
au_keyed_mutex_class_init (AuKeyedMutexClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_keyed_mutex_finalize;
}

static void
au_keyed_mutex_init (AuKeyedMutex *self)
{
  g_mutex_init (&self->lock);
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, entry_free);
}

/**
 * au_keyed_mutex_new:
 *
 * Makes a keyed mutex, in which no key is locked.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new keyed mutex
 *
 * Since: 1.0
 */
AuKeyedMutex *
au_keyed_mutex_new (void)
{
  return g_object_new (AU_TYPE_KEYED_MUTEX, NULL);
}

/**
 * au_keyed_mutex_lock:
 * @self: a keyed mutex
 * @key: which key
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Locks @key, when it is unlocked and all who came before have had it.
 *
 * Blocks the calling thread; do not use it in a main loop. Fails with
 * %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED, and has not locked it then.
 *
 * MT safe.
 *
 * Returns: %TRUE when @key is locked
 *
 * Since: 1.0
 */
gboolean
au_keyed_mutex_lock (AuKeyedMutex  *self,
                     const char    *key,
                     GTimeSpan      timeout,
                     GCancellable  *cancellable,
                     GError       **error)
{
  gpointer data = (gpointer) key;

  g_return_val_if_fail (AU_IS_KEYED_MUTEX (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  return au_wait_sync (&lock_operation, self, 0, &data, timeout, cancellable, error);
}

/**
 * au_keyed_mutex_try_lock:
 * @self: a keyed mutex
 * @key: which key
 *
 * Locks @key if that is possible without waiting.
 *
 * MT safe.
 *
 * Returns: %TRUE when @key is locked by this call
 *
 * Since: 1.0
 */
gboolean
au_keyed_mutex_try_lock (AuKeyedMutex *self,
                         const char   *key)
{
  gpointer data = (gpointer) key;

  g_return_val_if_fail (AU_IS_KEYED_MUTEX (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  return au_wait_try (&lock_operation, self, 0, &data);
}

/**
 * au_keyed_mutex_lock_async:
 * @self: a keyed mutex
 * @key: which key
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the wait has ended
 * @user_data: data for @callback
 *
 * Locks @key, when it is unlocked and all who came before have had it, without
 * blocking.
 *
 * @callback is called in the thread-default main context of the caller. When the key
 * was handed over before @cancellable was cancelled, it is locked, and is to be
 * unlocked.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_keyed_mutex_lock_async (AuKeyedMutex        *self,
                           const char          *key,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_return_if_fail (AU_IS_KEYED_MUTEX (self));
  g_return_if_fail (key != NULL);

  au_wait_async (&lock_operation, self, 0, (gpointer) key, cancellable, callback, user_data);
}

/**
 * au_keyed_mutex_lock_finish:
 * @self: a keyed mutex
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.KeyedMutex.lock_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED, and has not locked the key then.
 *
 * MT safe.
 *
 * Returns: %TRUE when the key is locked
 *
 * Since: 1.0
 */
gboolean
au_keyed_mutex_lock_finish (AuKeyedMutex  *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  g_return_val_if_fail (AU_IS_KEYED_MUTEX (self), FALSE);

  return au_wait_finish (&lock_operation, self, result, NULL, error);
}

/**
 * au_keyed_mutex_unlock:
 * @self: a keyed mutex
 * @key: a key that is locked
 *
 * Unlocks @key, or hands it over to the first who waits for it.
 *
 * To unlock what is not locked is an error of the program, which is reported by
 * g_critical().
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_keyed_mutex_unlock (AuKeyedMutex *self,
                       const char   *key)
{
  AuWakeList woken = { NULL };
  AuWait *next;
  Entry *entry;

  g_return_if_fail (AU_IS_KEYED_MUTEX (self));
  g_return_if_fail (key != NULL);

  g_mutex_lock (&self->lock);
  entry = g_hash_table_lookup (self->entries, key);
  next = entry != NULL ? au_wait_peek (&entry->line) : NULL;
  if (next != NULL)
    {
      entry->n_waiting--;
      au_wait_end (next, AU_WAIT_GRANTED, NULL, &woken);
    }
  else if (entry != NULL)
    {
      g_hash_table_remove (self->entries, key);
    }
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);

  if (entry == NULL)
    g_critical ("The key “%s” was unlocked and was not locked", key);
}

/**
 * au_keyed_mutex_is_locked:
 * @self: a keyed mutex
 * @key: which key
 *
 * Tells whether somebody has locked @key, for a look from outside: it may change at
 * once.
 *
 * MT safe.
 *
 * Returns: %TRUE if @key is locked
 *
 * Since: 1.0
 */
gboolean
au_keyed_mutex_is_locked (AuKeyedMutex *self,
                          const char   *key)
{
  gboolean locked;

  g_return_val_if_fail (AU_IS_KEYED_MUTEX (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  g_mutex_lock (&self->lock);
  locked = g_hash_table_contains (self->entries, key);
  g_mutex_unlock (&self->lock);

  return locked;
}

/**
 * au_keyed_mutex_get_waiting:
 * @self: a keyed mutex
 * @key: which key
 *
 * Gets how many wait for @key, threads and main loops.
 *
 * MT safe.
 *
 * Returns: the number of those who wait
 *
 * Since: 1.0
 */
guint
au_keyed_mutex_get_waiting (AuKeyedMutex *self,
                            const char   *key)
{
  Entry *entry;
  guint n;

  g_return_val_if_fail (AU_IS_KEYED_MUTEX (self), 0);
  g_return_val_if_fail (key != NULL, 0);

  g_mutex_lock (&self->lock);
  entry = g_hash_table_lookup (self->entries, key);
  n = entry != NULL ? entry->n_waiting : 0;
  g_mutex_unlock (&self->lock);

  return n;
}

/**
 * au_keyed_mutex_get_n_locked:
 * @self: a keyed mutex
 *
 * Gets how many keys are locked.
 *
 * MT safe.
 *
 * Returns: the number of keys
 *
 * Since: 1.0
 */
guint
au_keyed_mutex_get_n_locked (AuKeyedMutex *self)
{
  guint n;

  g_return_val_if_fail (AU_IS_KEYED_MUTEX (self), 0);

  g_mutex_lock (&self->lock);
  n = g_hash_table_size (self->entries);
  g_mutex_unlock (&self->lock);

  return n;
}
