/* au-queue.c: a store that hands pending computations to workers
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-clock.h>
#include <au/au-error.h>
#include <au/au-key.h>
#include <au/au-options.h>
#include <au/au-queue.h>
#include <au/au-transition.h>

#include <glib/gi18n-lib.h>

/* How much a reaping takes unless the caller says otherwise. */
#define REAP_LIMIT (100)

/**
 * AuQueue:
 *
 * A store that hands pending computations to workers, each to exactly one at a time.
 *
 * A computation is put into a queue by writing its record: one that is pending, names a
 * queue in its options, and has no owner ([method@Au.Record.is_queued]). A worker claims
 * it: the record is then running, owned by the worker, at its next attempt, which is the
 * fence: whatever an attempt writes that is no longer the current one is refused. The
 * worker writes how it ended as it would into any store; a pending record puts it back.
 *
 * A claim is a lease: it ends unless it is renewed. What a dead worker had claimed is put
 * back by whoever reaps first; there is no leader.
 *
 * Of those that can be claimed, the ones of the highest priority come first, and of the
 * same priority the one that was put in first.
 *
 * Queues are MT safe. Their functions may block on input and output, unless the store is
 * immediate.
 *
 * Since: 1.0
 */

G_DEFINE_INTERFACE (AuQueue, au_queue, AU_TYPE_STORE)

static void
au_queue_default_init (AuQueueInterface *iface)
{
}

static GPtrArray *
new_records (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
}

/**
 * au_queue_claim: (virtual claim)
 * @self: a queue
 * @claim: what is asked for
 * @next_due: (out) (optional): when fewer were there than asked for: the time when the
 *   next computation of these queues falls due, in microseconds since the epoch, or 0
 *   when none waits for its time; the present time asks for another claim at once, as the
 *   queue looks at only so much at a time where many find no room under a limit
 * @cancellable: (nullable): gives up before something is claimed
 * @error: return location for an error
 *
 * Claims computations for a worker. It does not wait for any; see [method@Au.Queue.wait]
 * and [method@Au.Queue.create_source].
 *
 * The claimed records are running, with the owner and the lease of the claim. Passed over
 * is what is not due, waits for another computation, is in a paused queue, or would be one
 * too many: of its function ([method@Au.Claim.set_limit]) or of its concurrency key
 * ([property@Au.Options:concurrency-key]).
 *
 * Fails with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: (transfer full) (element-type AuRecord): the records, in the order in which
 *   they are to start; none when there are none
 *
 * Since: 1.0
 */
GPtrArray *
au_queue_claim (AuQueue       *self,
                AuClaim       *claim,
                gint64        *next_due,
                GCancellable  *cancellable,
                GError       **error)
{
  const char * const *queues;
  gint64 due = 0;
  GPtrArray *records;

  g_return_val_if_fail (AU_IS_QUEUE (self), NULL);
  g_return_val_if_fail (AU_IS_CLAIM (claim), NULL);

  queues = au_claim_get_queues (claim);
  if (queues == NULL || queues[0] == NULL)
    records = new_records ();
  else
    records = AU_QUEUE_GET_IFACE (self)->claim (self, claim, &due, cancellable, error);

  if (next_due != NULL)
    *next_due = due;

  return records;
}

/* One wait: everything lives in a main context of its own. */
typedef struct
{
  GMainContext *context;
  gboolean      timed_out;
  gboolean      cancelled;
} Wait;

static gboolean
something_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
set_flag_cb (gpointer data)
{
  gboolean *flag = data;

  *flag = TRUE;

  return G_SOURCE_CONTINUE;
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      data)
{
  return set_flag_cb (data);
}

static void
wait_add (Wait        *self,
          GSource     *source,
          GSourceFunc  func,
          gpointer     data)
{
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, self->context);
}

static void
wait_remove (GSource *source)
{
  if (source == NULL)
    return;

  g_source_destroy (source);
  g_source_unref (source);
}

/* What is due is a time of the calendar, but waiting is monotonic. */
static gint64
get_wake_time (gint64 due)
{
  if (due <= 0)
    return -1;

  return au_clock_get_monotonic_time () + MAX (due - au_clock_get_real_time (), 0);
}

static GPtrArray *
wait_and_claim (Wait          *self,
                AuQueue       *queue,
                AuClaim       *claim,
                GSource       *due_source,
                GCancellable  *cancellable,
                GError       **error)
{
  for (;;)
    {
      gint64 next_due;
      g_autoptr(GPtrArray) records = au_queue_claim (queue, claim, &next_due, cancellable, error);

      if (records == NULL || records->len > 0 || self->timed_out)
        return g_steal_pointer (&records);

      au_clock_source_set_time (due_source, get_wake_time (next_due));
      g_main_context_iteration (self->context, TRUE);

      if (self->cancelled && g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
    }
}

/**
 * au_queue_wait:
 * @self: a queue
 * @claim: what is asked for
 * @timeout: how long to wait at most, in microseconds; -1 for as long as it takes
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Waits in this thread until something can be claimed, and claims it; see
 * [method@Au.Queue.claim].
 *
 * Fails with %G_IO_ERROR_CANCELLED and %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: (transfer full) (element-type AuRecord): the records; none when the time was
 *   over
 *
 * Since: 1.0
 */
GPtrArray *
au_queue_wait (AuQueue       *self,
               AuClaim       *claim,
               GTimeSpan      timeout,
               GCancellable  *cancellable,
               GError       **error)
{
  Wait wait = { NULL };
  GSource *queue_source, *due_source;
  GSource *timeout_source = NULL, *cancelled_source = NULL;
  GPtrArray *records;

  g_return_val_if_fail (AU_IS_QUEUE (self), NULL);
  g_return_val_if_fail (AU_IS_CLAIM (claim), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  wait.context = g_main_context_new ();

  /* before the first claim, so that nothing comes in between */
  queue_source = au_queue_create_source (self, au_claim_get_queues (claim));
  wait_add (&wait, queue_source, something_cb, NULL);
  due_source = au_clock_source_new (-1);
  wait_add (&wait, due_source, something_cb, NULL);
  if (timeout >= 0)
    {
      timeout_source = au_clock_source_new (au_clock_get_monotonic_time () + timeout);
      wait_add (&wait, timeout_source, set_flag_cb, &wait.timed_out);
    }
  if (cancellable != NULL)
    {
      cancelled_source = g_cancellable_source_new (cancellable);
      wait_add (&wait, cancelled_source, G_SOURCE_FUNC (cancelled_cb), &wait.cancelled);
    }

  records = wait_and_claim (&wait, self, claim, due_source, cancellable, error);

  wait_remove (cancelled_source);
  wait_remove (timeout_source);
  wait_remove (due_source);
  wait_remove (queue_source);
  g_main_context_unref (wait.context);

  return records;
}

/**
 * au_queue_renew: (virtual renew)
 * @self: a queue
 * @records: (element-type AuRecord): running records, as they were claimed or written last
 * @lease: how long they are the worker's from now on, in microseconds
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Extends the leases of the attempts that @records name, as each worker does while it
 * runs them, well before they end.
 *
 * A lease is no part of the record: this makes no new revision, and tells nobody of a
 * change. An attempt that is missing from what is returned is lost: its worker stops it.
 *
 * Fails with %AU_ERROR_STORE; the leases then end as they would have.
 *
 * MT safe.
 *
 * Returns: (transfer full) (element-type AuRecord): of the attempts that are still the
 *   current ones, the records as the queue has them now; a cancellation that was asked for
 *   can be seen in them
 *
 * Since: 1.0
 */
GPtrArray *
au_queue_renew (AuQueue       *self,
                GPtrArray     *records,
                GTimeSpan      lease,
                GCancellable  *cancellable,
                GError       **error)
{
  g_return_val_if_fail (AU_IS_QUEUE (self), NULL);
  g_return_val_if_fail (records != NULL, NULL);
  g_return_val_if_fail (lease > 0, NULL);

  if (records->len == 0)
    return new_records ();

  return AU_QUEUE_GET_IFACE (self)->renew (self, records, lease, cancellable, error);
}

/* The next record of one that its worker gives back. */
static AuRecord *
make_released (AuRecord   *record,
               guint       attempt,
               GTimeSpan   delay,
               GError    **error)
{
  g_autoptr(AuRecord) released = au_transition_release (record, attempt, error);

  if (released == NULL || delay == 0 || au_record_get_status (released) != AU_STATUS_PENDING)
    return g_steal_pointer (&released);

  return au_transition_postpone (released, au_clock_get_real_time () + delay, error);
}

/**
 * au_queue_release:
 * @self: a queue
 * @record: a running record, as it was claimed or written last
 * @delay: how long nobody is to claim it, in microseconds
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Gives an attempt back unfinished, without counting it, as a worker does that is told
 * to stop. One that was to be cancelled is cancelled.
 *
 * Fails with %AU_ERROR_STALE when the attempt is no longer the current one, with
 * %AU_ERROR_NOT_FOUND, and with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: (transfer full): the record as the queue has it now
 *
 * Since: 1.0
 */
AuRecord *
au_queue_release (AuQueue       *self,
                  AuRecord      *record,
                  GTimeSpan      delay,
                  GCancellable  *cancellable,
                  GError       **error)
{
  g_autoptr(AuRecord) base = NULL;
  guint attempt;

  g_return_val_if_fail (AU_IS_QUEUE (self), NULL);
  g_return_val_if_fail (record != NULL, NULL);
  g_return_val_if_fail (delay >= 0, NULL);

  attempt = au_record_get_attempt (record);
  base = au_record_ref (record);

  for (;;)
    {
      g_autoptr(AuRecord) released = make_released (base, attempt, delay, error);
      g_autoptr(GError) reason = NULL;

      if (released == NULL)
        return NULL;

      if (au_store_replace (AU_STORE (self), released, au_record_get_revision (base), cancellable, &reason))
        return g_steal_pointer (&released);

      if (!g_error_matches (reason, AU_ERROR, AU_ERROR_CONFLICT))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return NULL;
        }

      g_clear_pointer (&base, au_record_unref);
      base = au_store_load (AU_STORE (self), au_record_get_key (record), cancellable, error);
      if (base == NULL)
        return NULL;
    }
}

/**
 * au_queue_reap: (virtual reap)
 * @self: a queue
 * @limit: how many to take at most; 0 for 100
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Takes computations away from workers that are gone: whose process is known to have
 * ended, or whose lease has ended. They are pending again, or failed when it was their
 * third loss; see [func@Au.transition_lose].
 *
 * It also forgets workers that are gone, and puts right what a process that died in the
 * middle of its work has left. The work is bounded; when it took as many as it might,
 * call it again. Workers call it about once a second, and nobody has to be its only caller.
 *
 * Fails with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: how many computations were taken, or -1 with @error set
 *
 * Since: 1.0
 */
gint
au_queue_reap (AuQueue       *self,
               guint          limit,
               GCancellable  *cancellable,
               GError       **error)
{
  g_return_val_if_fail (AU_IS_QUEUE (self), -1);

  return AU_QUEUE_GET_IFACE (self)->reap (self, limit > 0 ? limit : REAP_LIMIT, cancellable, error);
}

/**
 * au_queue_set_paused: (virtual set_paused)
 * @self: a queue
 * @queue: the name of a queue, of the form of a key
 * @paused: whether nothing is to be claimed from it
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Pauses or resumes a queue, for all workers: what runs goes on, and what waits is not
 * claimed while it is paused. It stays so until somebody resumes it.
 *
 * Fails with %AU_ERROR_INVALID_KEY and %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: %TRUE when it is so
 *
 * Since: 1.0
 */
gboolean
au_queue_set_paused (AuQueue       *self,
                     const char    *queue,
                     gboolean       paused,
                     GCancellable  *cancellable,
                     GError       **error)
{
  g_return_val_if_fail (AU_IS_QUEUE (self), FALSE);
  g_return_val_if_fail (queue != NULL, FALSE);

  return au_key_check (queue, error) &&
         AU_QUEUE_GET_IFACE (self)->set_paused (self, queue, paused, cancellable, error);
}

/**
 * au_queue_list_paused: (virtual list_paused)
 * @self: a queue
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Lists the queues that are paused.
 *
 * Fails with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: (transfer full) (array zero-terminated=1): their names, sorted
 *
 * Since: 1.0
 */
char **
au_queue_list_paused (AuQueue       *self,
                      GCancellable  *cancellable,
                      GError       **error)
{
  g_return_val_if_fail (AU_IS_QUEUE (self), NULL);

  return AU_QUEUE_GET_IFACE (self)->list_paused (self, cancellable, error);
}

/**
 * au_queue_announce: (virtual announce)
 * @self: a queue
 * @worker: a worker
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Tells of a worker, in the place of what was told of the one of the same name before.
 *
 * Fails with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: %TRUE when it was told
 *
 * Since: 1.0
 */
gboolean
au_queue_announce (AuQueue       *self,
                   AuWorkerInfo  *worker,
                   GCancellable  *cancellable,
                   GError       **error)
{
  g_return_val_if_fail (AU_IS_QUEUE (self), FALSE);
  g_return_val_if_fail (worker != NULL, FALSE);

  return AU_QUEUE_GET_IFACE (self)->announce (self, worker, cancellable, error);
}

/**
 * au_queue_withdraw: (virtual withdraw)
 * @self: a queue
 * @worker_id: the name of a worker
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Forgets a worker, as the worker itself does when it ends. One that is not known is
 * forgotten already.
 *
 * Fails with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: %TRUE when it is forgotten
 *
 * Since: 1.0
 */
gboolean
au_queue_withdraw (AuQueue       *self,
                   const char    *worker_id,
                   GCancellable  *cancellable,
                   GError       **error)
{
  g_return_val_if_fail (AU_IS_QUEUE (self), FALSE);
  g_return_val_if_fail (worker_id != NULL, FALSE);

  return AU_QUEUE_GET_IFACE (self)->withdraw (self, worker_id, cancellable, error);
}

/**
 * au_queue_list_workers: (virtual list_workers)
 * @self: a queue
 * @cancellable: (nullable): gives up
 * @error: return location for an error
 *
 * Lists the workers that were announced and not forgotten. Some of them may be gone; see
 * [method@Au.WorkerInfo.is_gone].
 *
 * Fails with %AU_ERROR_STORE.
 *
 * MT safe.
 *
 * Returns: (transfer full) (element-type AuWorkerInfo): the workers, in the order of their
 *   names
 *
 * Since: 1.0
 */
GPtrArray *
au_queue_list_workers (AuQueue       *self,
                       GCancellable  *cancellable,
                       GError       **error)
{
  g_return_val_if_fail (AU_IS_QUEUE (self), NULL);

  return AU_QUEUE_GET_IFACE (self)->list_workers (self, cancellable, error);
}

/**
 * au_queue_create_source: (virtual create_source)
 * @self: a queue
 * @queues: (array zero-terminated=1) (nullable): the names of queues
 *
 * Makes a source that is ready when something may be there to be claimed from one of
 * @queues that was not there when it was last dispatched, whoever put it there. Its
 * callback is a [callback@GLib.SourceFunc].
 *
 * It tells of computations that are put in or given back, that need wait for no other one
 * or no limit any more, that fall due earlier than all others, and of queues that are
 * resumed; but not of the time at which one falls due, which [method@Au.Queue.claim] tells.
 * It may be ready without a reason.
 *
 * MT safe.
 *
 * Returns: (transfer full): the source, not attached to any main context
 *
 * Since: 1.0
 */
GSource *
au_queue_create_source (AuQueue            *self,
                        const char * const *queues)
{
  AuQueueInterface *iface;
  GSource *source;

  g_return_val_if_fail (AU_IS_QUEUE (self), NULL);

  iface = AU_QUEUE_GET_IFACE (self);
  source = iface->create_source != NULL ? iface->create_source (self, queues)
                                        : au_store_create_source (AU_STORE (self));

  return source != NULL ? source : au_clock_interval_source_new (G_TIME_SPAN_SECOND);
}
