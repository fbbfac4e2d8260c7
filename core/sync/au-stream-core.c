/* au-stream-core.c: items on their way through a stream
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-stream-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/* Readers of batches have this priority, to tell them apart. */
#define WANTS_BATCH (1)

/* What is done without the lock, when those are woken who are to be. */
typedef struct
{
  AuWaiter  waiter;
  AuStream *stream;
  void    (*func) (AuStream *stream);
} Errand;

static void
errand_wake (AuWaiter *waiter)
{
  Errand *errand = (Errand *) waiter;

  errand->func (errand->stream);
  g_object_unref (errand->stream);
  g_free (errand);
}

static void
send (AuStream   *self,
      void      (*func) (AuStream *stream),
      AuWakeList *woken)
{
  Errand *errand = g_new0 (Errand, 1);

  errand->waiter.wake = errand_wake;
  errand->stream = g_object_ref (self);
  errand->func = func;
  au_wake_list_add (woken, &errand->waiter);
}

static inline gboolean
wants_more (AuStream *self)
{
  return self->n_readers > 0 || self->queue.n_items < self->ahead;
}

/* After somebody has come or an item has gone. */
static void
ask_for_more (AuStream   *self,
              AuWakeList *woken)
{
  if (self->ended || self->closed || !self->began || !wants_more (self))
    return;

  au_wait_end_all (&self->emitters, AU_WAIT_GRANTED, woken);
  if (self->n_readers > 0)
    send (self, self->source->demand, woken);
}

/* Reading */

static gpointer
take_batch (AuStream *self)
{
  g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));

  while (self->queue.n_items > 0)
    {
      g_autoptr(GVariant) item = au_item_queue_pop (&self->queue);

      g_variant_builder_add (&builder, "v", item);
    }

  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static gpointer
take (AuStream *self,
      AuWait   *wait)
{
  return wait->priority == WANTS_BATCH ? take_batch (self) : au_item_queue_pop (&self->queue);
}

/* What there is to tell when no item is there, nor will be. */
static AuWaitOutcome
get_last_outcome (AuStream *self)
{
  if (self->error != NULL)
    return AU_WAIT_FAILED;

  return self->closed ? AU_WAIT_CLOSED : AU_WAIT_GRANTED;
}

static gboolean
next_attempt (gpointer    object,
              AuWait     *wait,
              AuWakeList *woken)
{
  AuStream *self = object;
  gpointer item;

  if (self->queue.n_items == 0)
    return (self->ended || self->closed) && au_wait_done (wait, get_last_outcome (self), NULL);

  item = take (self, wait);
  ask_for_more (self, woken);

  return au_wait_done (wait, AU_WAIT_GRANTED, item);
}

static void
next_enter (gpointer    object,
            AuWait     *wait,
            AuWakeList *woken)
{
  AuStream *self = object;

  self->began = TRUE;
  self->n_readers++;
  au_wait_line_up (wait, &self->readers);
  ask_for_more (self, woken);
}

static void
next_leave (gpointer    object,
            AuWait     *wait,
            AuWakeList *woken)
{
  ((AuStream *) object)->n_readers--;
}

static void
push_back_batch (AuStream *self,
                 GVariant *batch)
{
  for (gsize i = g_variant_n_children (batch); i > 0; i--)
    {
      GVariant *item;

      g_variant_get_child (batch, i - 1, "v", &item);
      au_item_queue_push_back (&self->queue, item);
    }
  g_variant_unref (batch);
}

static void
serve (AuStream   *self,
       AuWakeList *woken)
{
  AuWait *reader;

  while (self->queue.n_items > 0 && (reader = au_wait_peek (&self->readers)) != NULL)
    {
      self->n_readers--;
      au_wait_end (reader, AU_WAIT_GRANTED, take (self, reader), woken);
    }
}

static void
next_discard (gpointer    object,
              AuWait     *wait,
              AuWakeList *woken)
{
  AuStream *self = object;

  if (wait->priority == WANTS_BATCH)
    push_back_batch (self, wait->data);
  else
    au_item_queue_push_back (&self->queue, wait->data);
  serve (self, woken);
}

static void
next_set_error (gpointer   object,
                AuWait    *wait,
                GError   **error)
{
  AuStream *self = object;

  g_mutex_lock (&self->lock);
  g_propagate_error (error, g_error_copy (self->error));
  g_mutex_unlock (&self->lock);
}

const AuWaitOperation au_stream_next_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuStream, lock),
  .timed_out = N_("The stream had no item in time: wait longer"),
  .closed = N_("The stream is closed"),
  .attempt = next_attempt,
  .enter = next_enter,
  .leave = next_leave,
  .discard = next_discard,
  .set_error = next_set_error,
};

/* Emitting */

static gboolean
emit_attempt (gpointer    object,
              AuWait     *wait,
              AuWakeList *woken)
{
  AuStream *self = object;

  if (self->closed)
    return au_wait_done (wait, AU_WAIT_FAILED, NULL);

  return wants_more (self) && au_wait_done (wait, AU_WAIT_GRANTED, NULL);
}

static void
emit_enter (gpointer    object,
            AuWait     *wait,
            AuWakeList *woken)
{
  au_wait_line_up (wait, &((AuStream *) object)->emitters);
}

static void
emit_set_error (gpointer   object,
                AuWait    *wait,
                GError   **error)
{
  AuStream *self = object;

  g_mutex_lock (&self->lock);
  if (self->reason != NULL)
    g_propagate_error (error, g_error_copy (self->reason));
  else
    g_set_error_literal (error, AU_ERROR, AU_ERROR_CLOSED, _("The stream is closed"));
  g_mutex_unlock (&self->lock);
}

const AuWaitOperation au_stream_emit_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuStream, lock),
  .timed_out = N_("Nobody has asked for the next item in time"),
  .attempt = emit_attempt,
  .enter = emit_enter,
  .set_error = emit_set_error,
};

gboolean
au_stream_deliver (AuStream *self,
                   GVariant *item)
{
  AuWakeList woken = { NULL };
  gboolean wanted;

  g_mutex_lock (&self->lock);
  wanted = !self->closed && !self->ended;
  if (wanted)
    {
      au_item_queue_push (&self->queue, g_variant_ref (item), 0);
      serve (self, &woken);
    }
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);

  return wanted;
}

gboolean
au_stream_is_hungry (AuStream *self)
{
  gboolean hungry;

  g_mutex_lock (&self->lock);
  hungry = self->n_readers > 0 && !self->closed && !self->ended;
  g_mutex_unlock (&self->lock);

  return hungry;
}

/* Ending */

/* That the function gives back why it was to stop is not worth telling. */
static gboolean
is_known (AuStream     *self,
          const GError *error)
{
  if (!self->closed)
    return FALSE;
  if (self->reason != NULL)
    return g_error_matches (error, self->reason->domain, self->reason->code);

  return g_error_matches (error, AU_ERROR, AU_ERROR_CLOSED);
}

void
au_stream_end (AuStream     *self,
               const GError *error)
{
  AuWakeList woken = { NULL };

  g_mutex_lock (&self->lock);
  if (!self->ended)
    {
      self->ended = TRUE;
      if (error != NULL && !is_known (self, error))
        self->error = g_error_copy (error);
      au_wait_end_all (&self->readers, get_last_outcome (self), &woken);
      self->n_readers = 0;
    }
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

static AuWaitOutcome
get_close_outcome (AuStream *self)
{
  return self->close_error != NULL ? AU_WAIT_FAILED : AU_WAIT_GRANTED;
}

void
au_stream_release (AuStream     *self,
                   const GError *error)
{
  AuWakeList woken = { NULL };

  g_mutex_lock (&self->lock);
  self->released = TRUE;
  if (error != NULL && !is_known (self, error))
    self->close_error = g_error_copy (error);
  au_wait_end_all (&self->closers, get_close_outcome (self), &woken);
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

void
au_stream_begin_close (AuStream     *self,
                       const GError *reason)
{
  AuWakeList woken = { NULL };
  AuItems items = AU_ITEMS_VARIANTS;

  g_mutex_lock (&self->lock);
  if (!self->closed)
    {
      self->closed = TRUE;
      self->reason = reason != NULL ? g_error_copy (reason) : NULL;
      au_item_queue_clear (&self->queue, &items);
      au_wait_end_all (&self->readers, AU_WAIT_CLOSED, &woken);
      self->n_readers = 0;
      au_wait_end_all (&self->emitters, AU_WAIT_FAILED, &woken);
      if (!self->released)
        send (self, self->source->stop, &woken);
    }
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

static gboolean
close_attempt (gpointer    object,
               AuWait     *wait,
               AuWakeList *woken)
{
  AuStream *self = object;

  return self->released && au_wait_done (wait, get_close_outcome (self), NULL);
}

static void
close_enter (gpointer    object,
             AuWait     *wait,
             AuWakeList *woken)
{
  au_wait_line_up (wait, &((AuStream *) object)->closers);
}

static void
close_set_error (gpointer   object,
                 AuWait    *wait,
                 GError   **error)
{
  AuStream *self = object;

  g_mutex_lock (&self->lock);
  g_propagate_error (error, g_error_copy (self->close_error));
  g_mutex_unlock (&self->lock);
}

const AuWaitOperation au_stream_close_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuStream, lock),
  .timed_out = N_("What makes the items of the stream has not ended in time; it was asked to"),
  .attempt = close_attempt,
  .enter = close_enter,
  .set_error = close_set_error,
};
