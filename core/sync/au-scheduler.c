/* au-scheduler.c: what is due, when it is
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-items-private.h"
#include "au-timer-private.h"
#include "au-wait-private.h"

#include <au/au-clock.h>
#include <au/au-error.h>
#include <au/au-scheduler.h>

#include <glib/gi18n-lib.h>

typedef struct
{
  AuHeapNode node;              /* the key is when it is due, monotonic */
  gpointer   payload;
  guint      slot;
} Entry;

/* Where an entry is found by its id: the number of the slot, and how often that was used
 * before, so that an old id never means a new entry. */
typedef struct
{
  Entry  *entry;
  guint32 n_uses;
  guint32 next_free;            /* counted from 1 */
} Slot;

struct _AuScheduler
{
  GObject      parent_instance;

  AuTimer      timer;           /* has a reference while it is set */
  AuItems      items;
  GMutex       lock;
  gboolean     closed;
  AuHeap       heap;
  GArray      *slots;
  guint32      first_free;
  AuWaiterList line;            /* wait for what is due */
  AuWaiterList joiners;         /* wait until nothing is left */
};

/**
 * AuScheduler:
 *
 * Gives each payload when it is due, the earliest first.
 *
 * Whoever wants what is due next waits for it, threads that block and main loops that
 * do not, in the order of their arrival. Nothing is given early, and late only as long
 * as nobody asks; what is due at the same time is given in the order in which it was
 * added. One timer waits for the first, however many there are. A scheduler that is
 * closed gives what it has when that is due, and then tells all who wait that nothing
 * more will come.
 *
 * Times are given as those of [func@Au.clock_get_real_time]; how long it is until then
 * is found out when a payload is added, and is measured by
 * [func@Au.clock_get_monotonic_time] from then on, so that nobody who sets the clock of
 * the computer makes it due.
 *
 * Payloads are GVariants. From C they may be pointers of another kind, see
 * [ctor@Au.Scheduler.new_full].
 *
 * MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (AuScheduler, au_scheduler, G_TYPE_OBJECT)

/* The entries; the lock is held */

static guint64
add_entry (AuScheduler *self,
           gpointer     payload,
           gint64       due)
{
  Entry *entry = g_slice_new0 (Entry);
  Slot *slot;

  if (self->first_free == 0)
    {
      g_array_set_size (self->slots, self->slots->len + 1);
      self->first_free = self->slots->len;
    }

  entry->payload = payload;
  entry->slot = self->first_free - 1;
  slot = &g_array_index (self->slots, Slot, entry->slot);
  self->first_free = slot->next_free;
  slot->entry = entry;
  slot->next_free = 0;
  au_heap_add (&self->heap, &entry->node, due);

  return ((guint64) slot->n_uses << 32) | (entry->slot + 1);
}

static Entry *
find_entry (AuScheduler *self,
            guint64      id)
{
  guint32 i = (guint32) id - 1;
  Slot *slot;

  if (i >= self->slots->len)
    return NULL;

  slot = &g_array_index (self->slots, Slot, i);

  return slot->n_uses == (guint32) (id >> 32) ? slot->entry : NULL;
}

/* Takes it out of the heap, too, and gives its payload. */
static gpointer
remove_entry (AuScheduler *self,
              Entry       *entry)
{
  Slot *slot = &g_array_index (self->slots, Slot, entry->slot);
  gpointer payload = entry->payload;

  au_heap_remove (&self->heap, &entry->node);
  slot->entry = NULL;
  slot->n_uses++;
  slot->next_free = self->first_free;
  self->first_free = entry->slot + 1;
  g_slice_free (Entry, entry);

  return payload;
}

static gpointer
take_due (AuScheduler *self)
{
  AuHeapNode *first = au_heap_peek (&self->heap);

  if (first == NULL || first->key > au_clock_get_monotonic_time ())
    return NULL;

  return remove_entry (self, (Entry *) first);
}

/* After something was added or has gone. */
static void
serve (AuScheduler *self,
       AuWakeList  *woken)
{
  AuWait *wait;
  gpointer payload;

  while ((wait = au_wait_peek (&self->line)) != NULL && (payload = take_due (self)) != NULL)
    au_wait_end (wait, AU_WAIT_GRANTED, payload, woken);

  if (self->heap.n_nodes == 0)
    {
      au_wait_end_all (&self->joiners, AU_WAIT_GRANTED, woken);
      if (self->closed)
        au_wait_end_all (&self->line, AU_WAIT_CLOSED, woken);
    }
  else if (wait != NULL && au_timer_set (&self->timer, au_heap_peek (&self->heap)->key))
    {
      g_object_ref (self);
    }
}

static void
scheduler_timer_cb (AuTimer *timer)
{
  g_autoptr(AuScheduler) self =
    (AuScheduler *) ((char *) timer - G_STRUCT_OFFSET (AuScheduler, timer));
  AuWakeList woken = { NULL };

  g_mutex_lock (&self->lock);
  serve (self, &woken);
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

static gboolean
next_attempt (gpointer    object,
              AuWait     *wait,
              AuWakeList *woken)
{
  AuScheduler *self = object;
  gpointer payload = NULL;

  if (self->heap.n_nodes == 0)
    return self->closed && au_wait_done (wait, AU_WAIT_CLOSED, NULL);

  if (self->line.head == NULL)
    payload = take_due (self);
  if (payload == NULL)
    return FALSE;

  serve (self, woken);

  return au_wait_done (wait, AU_WAIT_GRANTED, payload);
}

static void
next_enter (gpointer    object,
            AuWait     *wait,
            AuWakeList *woken)
{
  AuScheduler *self = object;

  au_wait_line_up (wait, &self->line);
  serve (self, woken);
}

static void
next_discard (gpointer    object,
              AuWait     *wait,
              AuWakeList *woken)
{
  AuScheduler *self = object;

  add_entry (self, wait->data, G_MININT64);
  serve (self, woken);
}

static const AuWaitOperation next_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuScheduler, lock),
  .timed_out = N_("Nothing was due in time: wait longer"),
  .closed = N_("The scheduler is closed, and everything in it was due"),
  .attempt = next_attempt,
  .enter = next_enter,
  .discard = next_discard,
};

static gboolean
join_attempt (gpointer    object,
              AuWait     *wait,
              AuWakeList *woken)
{
  return ((AuScheduler *) object)->heap.n_nodes == 0 &&
         au_wait_done (wait, AU_WAIT_GRANTED, NULL);
}

static void
join_enter (gpointer    object,
            AuWait     *wait,
            AuWakeList *woken)
{
  au_wait_line_up (wait, &((AuScheduler *) object)->joiners);
}

static const AuWaitOperation join_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuScheduler, lock),
  .timed_out = N_("The scheduler was not empty in time: wait longer"),
  .attempt = join_attempt,
  .enter = join_enter,
};

/* The object */

static void
au_scheduler_finalize (GObject *object)
{
  AuScheduler *self = AU_SCHEDULER (object);

  while (self->heap.n_nodes > 0)
    au_items_free (&self->items, remove_entry (self, (Entry *) au_heap_peek (&self->heap)));
  au_heap_clear (&self->heap);
  g_array_unref (self->slots);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (au_scheduler_parent_class)->finalize (object);
}

static void
au_scheduler_class_init (AuSchedulerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = au_scheduler_finalize;
}

static void
au_scheduler_init (AuScheduler *self)
{
  self->items = AU_ITEMS_VARIANTS;
  self->timer.func = scheduler_timer_cb;
  self->slots = g_array_new (FALSE, TRUE, sizeof (Slot));
  g_mutex_init (&self->lock);
}

/**
 * au_scheduler_new:
 *
 * Makes a scheduler of GVariants.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new scheduler
 *
 * Since: 1.0
 */
AuScheduler *
au_scheduler_new (void)
{
  return g_object_new (AU_TYPE_SCHEDULER, NULL);
}

/**
 * au_scheduler_new_full: (skip)
 * @free_payload: (nullable): frees a payload that nobody has got
 *
 * Makes a scheduler of pointers other than %NULL. Whoever adds one with success has
 * given it away, and whoever gets it owns it.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new scheduler
 *
 * Since: 1.0
 */
AuScheduler *
au_scheduler_new_full (GDestroyNotify free_payload)
{
  AuScheduler *self = au_scheduler_new ();

  self->items = (AuItems) { FALSE, free_payload };

  return self;
}

static guint64
add (AuScheduler  *self,
     gint64        due,
     gpointer      payload,
     GError      **error)
{
  AuWakeList woken = { NULL };
  guint64 id = 0;

  payload = au_items_take (&self->items, payload);

  g_mutex_lock (&self->lock);
  if (!self->closed)
    {
      id = add_entry (self, payload, due);
      if (self->line.head != NULL)
        serve (self, &woken);
    }
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);

  if (id == 0)
    {
      au_items_return (&self->items, payload);
      g_set_error_literal (error, AU_ERROR, AU_ERROR_CLOSED,
                           _("The scheduler is closed: nothing can be added any more"));
    }

  return id;
}

/**
 * au_scheduler_add:
 * @self: a scheduler
 * @time: when it is due, in microseconds since the epoch, UTC; may be in the past
 * @payload: (type GLib.Variant) (transfer none): what to give then
 * @error: return location for an error
 *
 * Adds a payload that is due at @time.
 *
 * Fails with %AU_ERROR_CLOSED.
 *
 * MT safe.
 *
 * Returns: a number for [method@Au.Scheduler.cancel], or 0 on failure
 *
 * Since: 1.0
 */
guint64
au_scheduler_add (AuScheduler  *self,
                  gint64        time,
                  gpointer      payload,
                  GError      **error)
{
  g_return_val_if_fail (AU_IS_SCHEDULER (self), 0);
  g_return_val_if_fail (payload != NULL, 0);

  /* what lies more than a few thousand years away is as good as never */
  time = CLAMP (time, G_MININT64 / 4, G_MAXINT64 / 4);

  return add (self, au_clock_get_monotonic_time () + (time - au_clock_get_real_time ()),
              payload, error);
}

/**
 * au_scheduler_add_after:
 * @self: a scheduler
 * @delay: in how many microseconds it is due
 * @payload: (type GLib.Variant) (transfer none): what to give then
 * @error: return location for an error
 *
 * Adds a payload that is due when @delay has passed.
 *
 * Fails with %AU_ERROR_CLOSED.
 *
 * MT safe.
 *
 * Returns: a number for [method@Au.Scheduler.cancel], or 0 on failure
 *
 * Since: 1.0
 */
guint64
au_scheduler_add_after (AuScheduler  *self,
                        GTimeSpan     delay,
                        gpointer      payload,
                        GError      **error)
{
  g_return_val_if_fail (AU_IS_SCHEDULER (self), 0);
  g_return_val_if_fail (payload != NULL, 0);

  return add (self, au_clock_get_monotonic_time () + CLAMP (delay, 0, G_MAXINT64 / 4),
              payload, error);
}

/**
 * au_scheduler_cancel:
 * @self: a scheduler
 * @id: the number that the payload was given; one that has gone does no harm
 *
 * Takes a payload out before it is given to anybody.
 *
 * MT safe.
 *
 * Returns: %TRUE if it was still there
 *
 * Since: 1.0
 */
gboolean
au_scheduler_cancel (AuScheduler *self,
                     guint64      id)
{
  AuWakeList woken = { NULL };
  gpointer payload = NULL;
  Entry *entry;

  g_return_val_if_fail (AU_IS_SCHEDULER (self), FALSE);

  g_mutex_lock (&self->lock);
  entry = find_entry (self, id);
  if (entry != NULL)
    {
      payload = remove_entry (self, entry);
      if (self->heap.n_nodes == 0)
        serve (self, &woken);
    }
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
  au_items_free (&self->items, payload);

  return payload != NULL;
}

/**
 * au_scheduler_next:
 * @self: a scheduler
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Waits for the next payload that is due.
 *
 * Blocks the calling thread; do not use it in a main loop. Fails with %AU_ERROR_CLOSED
 * when the scheduler is closed and empty, and with %G_IO_ERROR_TIMED_OUT or
 * %G_IO_ERROR_CANCELLED.
 *
 * MT safe.
 *
 * Returns: (type GLib.Variant) (transfer full): the payload
 *
 * Since: 1.0
 */
gpointer
au_scheduler_next (AuScheduler   *self,
                   GTimeSpan      timeout,
                   GCancellable  *cancellable,
                   GError       **error)
{
  gpointer payload = NULL;

  g_return_val_if_fail (AU_IS_SCHEDULER (self), NULL);

  if (!au_wait_sync (&next_operation, self, 0, &payload, timeout, cancellable, error))
    return NULL;

  return payload;
}

/**
 * au_scheduler_try_next:
 * @self: a scheduler
 *
 * Gets the next payload if it is due now.
 *
 * MT safe.
 *
 * Returns: (type GLib.Variant) (transfer full) (nullable): the payload, or %NULL
 *
 * Since: 1.0
 */
gpointer
au_scheduler_try_next (AuScheduler *self)
{
  gpointer payload = NULL;

  g_return_val_if_fail (AU_IS_SCHEDULER (self), NULL);

  return au_wait_try (&next_operation, self, 0, &payload) ? payload : NULL;
}

/**
 * au_scheduler_next_async:
 * @self: a scheduler
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called with a payload
 * @user_data: data for @callback
 *
 * Waits for the next payload that is due, without blocking.
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_scheduler_next_async (AuScheduler         *self,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_return_if_fail (AU_IS_SCHEDULER (self));

  au_wait_async (&next_operation, self, 0, NULL, cancellable, callback, user_data);
}

/**
 * au_scheduler_next_finish:
 * @self: a scheduler
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Scheduler.next_async].
 *
 * Fails with %AU_ERROR_CLOSED when the scheduler is closed and empty, and with
 * %G_IO_ERROR_CANCELLED.
 *
 * MT safe.
 *
 * Returns: (type GLib.Variant) (transfer full): the payload
 *
 * Since: 1.0
 */
gpointer
au_scheduler_next_finish (AuScheduler   *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  gpointer payload = NULL;

  g_return_val_if_fail (AU_IS_SCHEDULER (self), NULL);

  if (!au_wait_finish (&next_operation, self, result, &payload, error))
    return NULL;

  return payload;
}

/**
 * au_scheduler_close:
 * @self: a scheduler
 *
 * Takes nothing more. What is there is still given when it is due; when nothing is
 * left, those who wait are told at once.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_scheduler_close (AuScheduler *self)
{
  AuWakeList woken = { NULL };

  g_return_if_fail (AU_IS_SCHEDULER (self));

  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  serve (self, &woken);
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

/**
 * au_scheduler_join:
 * @self: a scheduler
 * @timeout: how long to wait, in microseconds; -1 for no limit, 0 not to wait
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Waits until nothing is left, as everything was given or cancelled.
 *
 * Blocks the calling thread; do not use it in a main loop. Fails with
 * %G_IO_ERROR_TIMED_OUT or %G_IO_ERROR_CANCELLED.
 *
 * MT safe.
 *
 * Returns: %TRUE when nothing was left
 *
 * Since: 1.0
 */
gboolean
au_scheduler_join (AuScheduler   *self,
                   GTimeSpan      timeout,
                   GCancellable  *cancellable,
                   GError       **error)
{
  g_return_val_if_fail (AU_IS_SCHEDULER (self), FALSE);

  return au_wait_sync (&join_operation, self, 0, NULL, timeout, cancellable, error);
}

/**
 * au_scheduler_join_async:
 * @self: a scheduler
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when nothing is left
 * @user_data: data for @callback
 *
 * Waits until nothing is left, without blocking.
 *
 * @callback is called in the thread-default main context of the caller.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_scheduler_join_async (AuScheduler         *self,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_return_if_fail (AU_IS_SCHEDULER (self));

  au_wait_async (&join_operation, self, 0, NULL, cancellable, callback, user_data);
}

/**
 * au_scheduler_join_finish:
 * @self: a scheduler
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of [method@Au.Scheduler.join_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED.
 *
 * MT safe.
 *
 * Returns: %TRUE when nothing was left
 *
 * Since: 1.0
 */
gboolean
au_scheduler_join_finish (AuScheduler   *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_return_val_if_fail (AU_IS_SCHEDULER (self), FALSE);

  return au_wait_finish (&join_operation, self, result, NULL, error);
}

/**
 * au_scheduler_get_n_pending:
 * @self: a scheduler
 *
 * Gets how many payloads nobody has got yet.
 *
 * MT safe.
 *
 * Returns: the number of payloads
 *
 * Since: 1.0
 */
guint
au_scheduler_get_n_pending (AuScheduler *self)
{
  guint n;

  g_return_val_if_fail (AU_IS_SCHEDULER (self), 0);

  g_mutex_lock (&self->lock);
  n = self->heap.n_nodes;
  g_mutex_unlock (&self->lock);

  return n;
}
