/* au-completed.c: results in the order in which they arrive
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-awaitable-private.h"

#include <au/au-completed.h>
#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/* What the waiters hold; the object may go before they are woken. */
typedef struct
{
  gatomicrefcount ref_count;
  GMainContext   *context;      /* of the model */
  AuFlowLoop     *home;
  GWeakRef        completed;
  guint           n_expected;

  GMutex          lock;         /* for what follows */
  GPtrArray      *arrived;      /* GObjects, in order */
  AuDelayed      *tick;         /* arrives with the next one, if somebody waits */
  gboolean        told;         /* a source is on its way to the model */
} Arrivals;

typedef struct
{
  AuWaiter  waiter;
  Arrivals *arrivals;
  gpointer  item;
} Slot;

/**
 * AuCompleted:
 *
 * Several results in the order in which they arrive: as a list that grows, and one after
 * the other by [method@Au.Completed.next] and [method@Au.Completed.next_async].
 *
 * Items are the [class@Au.Delayed] and [class@Au.Handle] that it was made of, once each,
 * whether they have succeeded or not. The list changes in the main context that was the
 * thread-default one where the object was made. To be used by one thread.
 *
 * Since: 1.0
 */
struct _AuCompleted
{
  GObject   parent_instance;

  Arrivals *arrivals;
  guint     n_shown;
  guint     position;
};

static void au_completed_list_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuCompleted, au_completed, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      au_completed_list_iface_init))

static void
arrivals_unref (Arrivals *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_weak_ref_clear (&self->completed);
  g_main_context_unref (self->context);
  au_flow_loop_unref (self->home);
  g_ptr_array_unref (self->arrived);
  g_clear_object (&self->tick);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
show_cb (gpointer data)
{
  Arrivals *arrivals = data;
  g_autoptr(AuCompleted) self = g_weak_ref_get (&arrivals->completed);
  guint n_shown, n_arrived;

  g_mutex_lock (&arrivals->lock);
  arrivals->told = FALSE;
  n_arrived = arrivals->arrived->len;
  g_mutex_unlock (&arrivals->lock);

  if (self == NULL || self->n_shown == n_arrived)
    return G_SOURCE_REMOVE;

  n_shown = self->n_shown;
  self->n_shown = n_arrived;
  g_list_model_items_changed (G_LIST_MODEL (self), n_shown, 0, n_arrived - n_shown);

  return G_SOURCE_REMOVE;
}

static void
tell (Arrivals *arrivals)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_atomic_ref_count_inc (&arrivals->ref_count);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[au] completed");
  g_source_set_callback (source, show_cb, arrivals, (GDestroyNotify) arrivals_unref);
  g_source_attach (source, arrivals->context);
}

static void
slot_wake (AuWaiter *waiter)
{
  Slot *slot = (Slot *) waiter;
  Arrivals *arrivals = slot->arrivals;
  g_autoptr(AuDelayed) tick = NULL;
  gboolean told;

  g_mutex_lock (&arrivals->lock);
  g_ptr_array_add (arrivals->arrived, slot->item);
  tick = g_steal_pointer (&arrivals->tick);
  told = arrivals->told;
  arrivals->told = TRUE;
  g_mutex_unlock (&arrivals->lock);

  if (tick != NULL)
    au_delayed_complete (tick, NULL, NULL);
  if (!told)
    tell (arrivals);
  arrivals_unref (arrivals);
  g_free (slot);
}

static GType
au_completed_get_item_type (GListModel *list)
{
  return G_TYPE_OBJECT;
}

static guint
au_completed_get_n_items (GListModel *list)
{
  return AU_COMPLETED (list)->n_shown;
}

static gpointer
au_completed_get_item (GListModel *list,
                       guint       position)
{
  AuCompleted *self = AU_COMPLETED (list);
  gpointer item = NULL;

  if (position >= self->n_shown)
    return NULL;

  g_mutex_lock (&self->arrivals->lock);
  item = g_object_ref (g_ptr_array_index (self->arrivals->arrived, position));
  g_mutex_unlock (&self->arrivals->lock);

  return item;
}

static void
au_completed_list_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = au_completed_get_item_type;
  iface->get_n_items = au_completed_get_n_items;
  iface->get_item = au_completed_get_item;
}

static void
au_completed_finalize (GObject *object)
{
  AuCompleted *self = AU_COMPLETED (object);

  arrivals_unref (self->arrivals);

  G_OBJECT_CLASS (au_completed_parent_class)->finalize (object);
}

static void
au_completed_class_init (AuCompletedClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = au_completed_finalize;
}

static void
au_completed_init (AuCompleted *self)
{
  Arrivals *arrivals = g_new0 (Arrivals, 1);

  g_atomic_ref_count_init (&arrivals->ref_count);
  g_mutex_init (&arrivals->lock);
  g_weak_ref_init (&arrivals->completed, self);
  arrivals->context = g_main_context_ref_thread_default ();
  arrivals->home = au_flow_loop_get ();
  arrivals->arrived = g_ptr_array_new_with_free_func (g_object_unref);
  self->arrivals = arrivals;
}

static void
expect (Arrivals *arrivals,
        gpointer  item)
{
  Slot *slot = g_new0 (Slot, 1);

  g_atomic_ref_count_inc (&arrivals->ref_count);
  slot->waiter.wake = slot_wake;
  slot->arrivals = arrivals;
  slot->item = item;
  if (!au_awaitable_watch (item, &slot->waiter))
    slot_wake (&slot->waiter);
}

/**
 * au_completed_new:
 * @items: a list of [class@Au.Delayed] and [class@Au.Handle]
 *
 * Makes a list of those that have ended, in the order in which they do. Each counts as
 * waited for.
 *
 * Returns: (transfer full): the list
 *
 * Since: 1.0
 */
AuCompleted *
au_completed_new (GListModel *items)
{
  AuCompleted *self;
  guint n;

  g_return_val_if_fail (G_IS_LIST_MODEL (items), NULL);

  self = g_object_new (AU_TYPE_COMPLETED, NULL);
  n = g_list_model_get_n_items (items);
  self->arrivals->n_expected = n;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(GObject) item = g_list_model_get_item (items, i);

      g_return_val_if_fail (au_awaitable_check (item), self);
      expect (self->arrivals, g_steal_pointer (&item));
    }

  return self;
}

/**
 * au_completed_get_n_expected:
 * @self: results as they arrive
 *
 * Gets how many will arrive in all.
 *
 * Returns: their number
 *
 * Since: 1.0
 */
guint
au_completed_get_n_expected (AuCompleted *self)
{
  g_return_val_if_fail (AU_IS_COMPLETED (self), 0);

  return self->arrivals->n_expected;
}

/* The next one, if it is there; or what arrives with it, or NULL if there is none. */
static GObject *
look (AuCompleted  *self,
      AuDelayed   **tick)
{
  Arrivals *arrivals = self->arrivals;
  GObject *item = NULL;

  g_mutex_lock (&arrivals->lock);
  if (self->position < arrivals->arrived->len)
    {
      item = g_object_ref (g_ptr_array_index (arrivals->arrived, self->position));
      self->position++;
    }
  else if (self->position < arrivals->n_expected)
    {
      if (arrivals->tick == NULL)
        arrivals->tick = au_delayed_new (au_flow_loop_ref (arrivals->home),
                                         g_intern_static_string ("next"));
      *tick = g_object_ref (arrivals->tick);
    }
  g_mutex_unlock (&arrivals->lock);

  return item;
}

/**
 * au_completed_next:
 * @self: results as they arrive
 * @timeout: how long to wait at most, in microseconds; -1 for as long as it takes, 0 to
 *   look only
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Waits in this thread for the next one to arrive, as [method@Au.Delayed.block] does.
 *
 * Fails with %G_IO_ERROR_TIMED_OUT, %G_IO_ERROR_CANCELLED and %AU_ERROR_WOULD_DEADLOCK;
 * what has arrived meanwhile is given the next time.
 *
 * Returns: (transfer full) (nullable): the [class@Au.Delayed] or [class@Au.Handle]; %NULL
 *   without @error set after the last
 *
 * Since: 1.0
 */
GObject *
au_completed_next (AuCompleted   *self,
                   GTimeSpan      timeout,
                   GCancellable  *cancellable,
                   GError       **error)
{
  g_autoptr(AuDelayed) tick = NULL;
  GObject *item;

  g_return_val_if_fail (AU_IS_COMPLETED (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  item = look (self, &tick);
  if (item != NULL || tick == NULL)
    return item;

  if (!au_delayed_block (tick, timeout, cancellable, error))
    return NULL;

  g_clear_object (&tick);

  return look (self, &tick);
}

static void
ticked_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(GTask) task = data;
  g_autoptr(AuDelayed) tick = NULL;
  GError *error = NULL;

  if (au_delayed_await_finish (AU_DELAYED (object), result, &error))
    g_task_return_pointer (task, look (g_task_get_source_object (task), &tick), g_object_unref);
  else
    g_task_return_error (task, error);
}

/**
 * au_completed_next_async:
 * @self: results as they arrive
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the next one has arrived, or none will
 * @user_data: data for @callback
 *
 * Waits for the next one to arrive, without blocking; one at a time.
 *
 * @callback is called in the thread-default main context of the caller, and not before
 * this function has returned.
 *
 * Since: 1.0
 */
void
au_completed_next_async (AuCompleted         *self,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  g_autoptr(AuDelayed) tick = NULL;
  GObject *item;

  g_return_if_fail (AU_IS_COMPLETED (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, au_completed_next_async);
  g_task_set_check_cancellable (task, FALSE);
  if (g_task_return_error_if_cancelled (task))
    return;

  item = look (self, &tick);
  if (item != NULL || tick == NULL)
    g_task_return_pointer (task, item, g_object_unref);
  else
    au_delayed_await_async (tick, cancellable, ticked_cb, g_steal_pointer (&task));
}

/**
 * au_completed_next_finish:
 * @self: results as they arrive
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Au.Completed.next_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full) (nullable): the [class@Au.Delayed] or [class@Au.Handle]; %NULL
 *   without @error set after the last
 *
 * Since: 1.0
 */
GObject *
au_completed_next_finish (AuCompleted   *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
