/* au-stream-merge.c: several streams as one
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-stream-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

typedef struct _Merge Merge;

/* One of those that are merged. It is read by a wait of its own kind, at most one at a
 * time, which is woken in whatever thread has an item, or ends. */
typedef struct
{
  AuWait    read;
  AuWait    close;
  Merge    *merge;
  AuStream *stream;
  gboolean  reading;        /* and the merged stream has a reference for it */
  gboolean  ended;
} Source;

struct _Merge
{
  AuStream      *stream;        /* that of which this is a part */
  AuStreamErrors errors;
  Source        *sources;
  guint          n_sources;

  GMutex         lock;
  guint          first;         /* whose turn it is: each gets its own */
  guint          n_pumps;
  guint          n_ended;
  gboolean       stopped;       /* no more is read */
  GError        *error;
  GError        *close_error;
};

/* The first error is the error; the others are told with it. */
static void
add_error (GError       **all,
           const GError  *error)
{
  g_autofree char *message = NULL;

  if (*all == NULL)
    {
      *all = g_error_copy (error);
      return;
    }

  message = g_strdup_printf (_("%s; and: %s"), (*all)->message, error->message);
  g_free ((*all)->message);
  (*all)->message = g_steal_pointer (&message);
}

/* Gets in line as a thread or a main loop would; tells whether it has ended already. */
static gboolean
join_line (Source                *source,
           AuWait                *wait,
           const AuWaitOperation *operation,
           void                 (*wake) (AuWaiter *waiter))
{
  AuWakeList woken = { NULL };
  gboolean done;

  *wait = (AuWait) { .operation = operation, .object = source->stream };
  wait->waiter.wake = wake;

  g_mutex_lock (&source->stream->lock);
  done = operation->attempt (source->stream, wait, &woken);
  if (!done)
    operation->enter (source->stream, wait, &woken);
  g_mutex_unlock (&source->stream->lock);

  au_waiters_wake (woken.first);

  return done;
}

/* Reading */

static void pump (Merge *self);

static void
give_back (Source *source)
{
  AuWakeList woken = { NULL };

  g_mutex_lock (&source->stream->lock);
  au_stream_next_operation.discard (source->stream, &source->read, &woken);
  g_mutex_unlock (&source->stream->lock);

  au_waiters_wake (woken.first);
}

/* Those who wait where no item will be wanted any more. */
static void
leave_lines (Merge *self)
{
  for (guint i = 0; i < self->n_sources; i++)
    {
      Source *source = &self->sources[i];
      gboolean left;

      g_mutex_lock (&source->stream->lock);
      left = source->read.waiter.listed &&
             au_waiter_list_remove (source->read.line, &source->read.waiter);
      if (left)
        source->stream->n_readers--;
      g_mutex_unlock (&source->stream->lock);

      if (!left)
        continue;

      g_mutex_lock (&self->lock);
      source->reading = FALSE;
      g_mutex_unlock (&self->lock);
      g_object_unref (self->stream);
    }
}

/* A source has ended; with @error, or orderly. */
static void
source_ended (Source       *source,
              const GError *error)
{
  Merge *self = source->merge;
  g_autoptr(GError) failure = NULL;
  gboolean end;

  g_mutex_lock (&self->lock);
  source->ended = TRUE;
  self->n_ended++;
  if (error != NULL && self->errors != AU_STREAM_ERRORS_SUPPRESS)
    {
      add_error (&self->error, error);
      if (self->errors == AU_STREAM_ERRORS_RAISE)
        self->stopped = TRUE;
    }
  end = self->stopped || self->n_ended == self->n_sources;
  if (end && self->error != NULL)
    failure = g_error_copy (self->error);
  g_mutex_unlock (&self->lock);

  if (!end)
    return;

  leave_lines (self);
  au_stream_end (self->stream, failure);
}

static void
finish_read (Source *source)
{
  Merge *self = source->merge;
  g_autoptr(GVariant) item = NULL;
  g_autoptr(GError) error = NULL;

  if (source->read.outcome == AU_WAIT_GRANTED)
    item = source->read.data;
  else if (source->read.outcome == AU_WAIT_FAILED)
    source->read.operation->set_error (source->stream, &source->read, &error);

  if (item == NULL)
    {
      source_ended (source, error);
    }
  else if (!au_stream_deliver (self->stream, item))
    {
      g_steal_pointer (&item);
      give_back (source);
    }

  g_mutex_lock (&self->lock);
  source->reading = FALSE;
  g_mutex_unlock (&self->lock);
}

static void
read_woken (AuWaiter *waiter)
{
  Source *source = (Source *) waiter;
  G_GNUC_UNUSED g_autoptr(AuStream) stream = source->merge->stream;

  finish_read (source);
  pump (source->merge);
}

/* Begins to read one that is not being read, in turn. */
static gboolean
read_one (Merge *self)
{
  Source *source = NULL;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->n_sources && !self->stopped; i++)
    {
      Source *candidate = &self->sources[(self->first + i) % self->n_sources];

      if (candidate->reading || candidate->ended)
        continue;
      source = candidate;
      source->reading = TRUE;
      self->first = (self->first + i + 1) % self->n_sources;
      break;
    }
  g_mutex_unlock (&self->lock);

  if (source == NULL)
    return FALSE;

  g_object_ref (self->stream);
  if (join_line (source, &source->read, &au_stream_next_operation, read_woken))
    {
      finish_read (source);
      g_object_unref (self->stream);
    }

  return TRUE;
}

/* Reads as long as somebody waits and there is something to read. Whoever comes while
 * somebody is at it only says so: else each item would be on top of the last one on one
 * stack. */
static void
pump (Merge *self)
{
  g_autoptr(AuStream) stream = g_object_ref (self->stream);
  guint seen;
  gboolean again;

  g_mutex_lock (&self->lock);
  seen = ++self->n_pumps;
  g_mutex_unlock (&self->lock);
  if (seen > 1)
    return;

  do
    {
      while (au_stream_is_hungry (stream) && read_one (self))
        ;

      g_mutex_lock (&self->lock);
      again = self->n_pumps != seen;
      seen = self->n_pumps;
      if (!again)
        self->n_pumps = 0;
      g_mutex_unlock (&self->lock);
    }
  while (again);
}

static void
merge_demand (AuStream *stream)
{
  pump (stream->data);
}

/* Closing, one after the other */

static void
note_closed (Source *source)
{
  Merge *self = source->merge;
  g_autoptr(GError) error = NULL;

  if (source->close.outcome != AU_WAIT_FAILED || source->ended)
    return;

  source->close.operation->set_error (source->stream, &source->close, &error);
  add_error (&self->close_error, error);
}

static void close_from (Merge *self,
                        guint  i);

static void
close_woken (AuWaiter *waiter)
{
  Source *source = (Source *) ((char *) waiter - G_STRUCT_OFFSET (Source, close));

  note_closed (source);
  close_from (source->merge, source - source->merge->sources + 1);
}

static void
close_from (Merge *self,
            guint  i)
{
  for (; i < self->n_sources; i++)
    {
      Source *source = &self->sources[i];

      au_stream_begin_close (source->stream, self->stream->reason);
      if (!join_line (source, &source->close, &au_stream_close_operation, close_woken))
        return;
      note_closed (source);
    }

  au_stream_end (self->stream, NULL);
  au_stream_release (self->stream, self->close_error);
  g_object_unref (self->stream);
}

static void
merge_stop (AuStream *stream)
{
  Merge *self = stream->data;

  g_mutex_lock (&self->lock);
  self->stopped = TRUE;
  g_mutex_unlock (&self->lock);

  leave_lines (self);
  g_object_ref (stream);
  close_from (self, 0);
}

static void
merge_free (gpointer data)
{
  Merge *self = data;

  for (guint i = 0; i < self->n_sources; i++)
    g_object_unref (self->sources[i].stream);
  g_free (self->sources);
  g_clear_error (&self->error);
  g_clear_error (&self->close_error);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static const AuStreamSource merge_source = {
  .demand = merge_demand,
  .stop = merge_stop,
  .free = merge_free,
};

/**
 * au_stream_new_merged:
 * @streams: (array length=n_streams) (transfer none): what to merge
 * @n_streams: how many these are, not 0
 * @errors: what to do when one of them fails
 *
 * Makes a stream of the items of several, as they come; those that always have some get
 * their turns. The merged stream reads only while somebody waits for an item, and then
 * one item of each at most, so that little is read that nobody wants. Nobody else should
 * read them.
 *
 * When several fail, the error is that of the first, and its message names the others.
 * [method@Au.Stream.close] closes all of them, one after the other in their order, each
 * when the one before has ended, also after the end.
 *
 * MT safe.
 *
 * Returns: (transfer full): a new stream
 *
 * Since: 1.0
 */
AuStream *
au_stream_new_merged (AuStream       **streams,
                      guint            n_streams,
                      AuStreamErrors   errors)
{
  Merge *self;

  g_return_val_if_fail (streams != NULL && n_streams > 0, NULL);

  self = g_new0 (Merge, 1);
  g_mutex_init (&self->lock);
  self->errors = errors;
  self->n_sources = n_streams;
  self->sources = g_new0 (Source, n_streams);
  for (guint i = 0; i < n_streams; i++)
    {
      self->sources[i].merge = self;
      self->sources[i].stream = g_object_ref (streams[i]);
    }
  self->stream = au_stream_new_for_source (&merge_source, self, 0);

  return self->stream;
}
