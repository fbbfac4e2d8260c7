/* au-ledger.c: the thread that writes to a store which blocks
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-ledger-private.h"
#include "au-computation-private.h"
#include "au-engine-private.h"
#include "au-follower-private.h"

/* More would only make the first of a batch wait for the last. */
#define MAX_BATCH (512)

struct _AuLedger
{
  gatomicrefcount ref_count;
  AuStore        *store;      /* the engine's, which lives while there is anything to write */
  GThread        *thread;

  GMutex          lock;
  GCond           cond;
  GPtrArray      *queue;      /* of AuComputation, each with a reference */
  AuWaiterList    flushers;   /* wait for what is in the queue, and what is being written */
  gboolean        busy;
  gboolean        asleep;
  gboolean        stopping;
};

static void
au_ledger_unref (AuLedger *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_ptr_array_unref (self->queue);
  g_cond_clear (&self->cond);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Takes what is to be written of a computation, if there still is something. */
static gboolean
take_write (AuComputation *computation,
            AuWrite       *write)
{
  g_mutex_lock (&computation->lock);

  computation->queued = FALSE;
  *write = (AuWrite) { .expected = computation->stored_revision };
  if (computation->unwritten != NULL)
    write->record = au_record_ref (computation->unwritten);

  g_mutex_unlock (&computation->lock);

  return write->record != NULL;
}

/* Moves the computations that have a write to the front. */
static gsize
collect (AuComputation **computations,
         gsize           n_computations,
         AuWrite        *writes)
{
  gsize n_writes = 0;

  for (gsize i = 0; i < n_computations; i++)
    {
      AuComputation *computation = computations[i];

      if (take_write (computation, &writes[n_writes]))
        computations[n_writes++] = computation;
      else
        au_computation_unref (computation);
    }

  return n_writes;
}

static void
write_batch (AuLedger       *self,
             AuComputation **computations,
             gsize           n_computations)
{
  g_autofree AuWrite *writes = g_new (AuWrite, n_computations);
  guint64 mark = au_follower_mark (computations[0]->engine->follower);
  gsize n_writes = collect (computations, n_computations, writes);

  /* Then nothing holds the engine, and its store, any more. */
  if (n_writes == 0)
    return;

  au_store_write_many (self->store, writes, n_writes, NULL);

  for (gsize i = 0; i < n_writes; i++)
    {
      au_computation_written (computations[i], &writes[i], mark);

      au_record_unref (writes[i].record);
      g_clear_pointer (&writes[i].stored, au_record_unref);
      g_clear_error (&writes[i].error);
      au_computation_unref (computations[i]);
    }
}

static gpointer
ledger_thread (gpointer data)
{
  AuLedger *self = data;
  GPtrArray *batch = g_ptr_array_new ();
  AuWaiter *flushers;

  for (;;)
    {
      g_mutex_lock (&self->lock);
      while (self->queue->len == 0 && self->flushers.head == NULL && !self->stopping)
        {
          self->asleep = TRUE;
          g_cond_wait (&self->cond, &self->lock);
          self->asleep = FALSE;
        }
      flushers = au_waiter_list_steal (&self->flushers);
      if (self->queue->len == 0 && flushers == NULL)
        {
          g_mutex_unlock (&self->lock);
          break;
        }
      self->busy = TRUE;
      {
        GPtrArray *full = self->queue;

        self->queue = batch;
        batch = full;
      }
      g_mutex_unlock (&self->lock);

      for (guint i = 0; i < batch->len; i += MAX_BATCH)
        write_batch (self, (AuComputation **) batch->pdata + i, MIN (MAX_BATCH, batch->len - i));
      g_ptr_array_set_size (batch, 0);

      g_mutex_lock (&self->lock);
      self->busy = FALSE;
      g_mutex_unlock (&self->lock);
      au_waiters_wake (flushers);
    }

  g_ptr_array_unref (batch);
  au_ledger_unref (self);

  return NULL;
}

AuLedger *
au_ledger_new (AuStore *store)
{
  AuLedger *self = g_new0 (AuLedger, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->store = store;
  self->queue = g_ptr_array_new ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);

  return self;
}

void
au_ledger_stop (AuLedger *self)
{
  GThread *thread;

  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  thread = g_steal_pointer (&self->thread);
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);

  if (thread == g_thread_self ())
    g_thread_unref (thread);
  else if (thread != NULL)
    g_thread_join (thread);

  au_ledger_unref (self);
}

void
au_ledger_add (AuLedger      *self,
               AuComputation *computation)
{
  gboolean wake;

  au_computation_ref (computation);

  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->queue, computation);
  if (self->thread == NULL)
    {
      g_atomic_ref_count_inc (&self->ref_count);
      self->thread = g_thread_new ("au-ledger", ledger_thread, self);
    }
  wake = self->asleep && self->queue->len == 1;
  g_mutex_unlock (&self->lock);

  if (wake)
    g_cond_signal (&self->cond);
}

gboolean
au_ledger_flush (AuLedger *self,
                 AuWaiter *waiter)
{
  gboolean pending;

  g_mutex_lock (&self->lock);
  pending = self->busy || self->queue->len > 0;
  if (pending)
    au_waiter_list_add (&self->flushers, waiter);
  g_mutex_unlock (&self->lock);

  return pending;
}
