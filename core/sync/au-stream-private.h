/* au-stream-private.h: what the files of streams share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-item-queue-private.h"
#include "au-wait-private.h"

#include <au/au-stream.h>

G_BEGIN_DECLS

/* Where the items of a stream come from. Neither function is called with a lock held. */
typedef struct
{
  /* Somebody waits for an item. */
  void (*demand) (AuStream *stream);
  /* Nobody wants items any more: au_stream_release () is to be called, now or later. */
  void (*stop)   (AuStream *stream);
  void (*free)   (gpointer  data);
} AuStreamSource;

struct _AuStream
{
  GObject               parent_instance;

  const AuStreamSource *source;
  gpointer              data;           /* of the source */
  guint                 ahead;

  GMutex                lock;
  AuItemQueue           queue;
  gboolean              began;          /* somebody has asked for an item */
  gboolean              closed;
  gboolean              ended;          /* nothing will be emitted any more */
  gboolean              released;       /* and nothing is left to be closed */
  GError               *reason;         /* of the closing */
  GError               *error;          /* for readers */
  GError               *close_error;    /* for closers */
  AuWaiterList          readers;
  guint                 n_readers;
  AuWaiterList          emitters;       /* wait until the next item is wanted */
  AuWaiterList          closers;        /* wait for the end */
};

extern const AuWaitOperation au_stream_next_operation;
extern const AuWaitOperation au_stream_emit_operation;
extern const AuWaitOperation au_stream_close_operation;

AuStream *au_stream_new_for_source (const AuStreamSource *source,
                                    gpointer              data,
                                    guint                 ahead);
/* Gives it to the first reader, or to the queue; FALSE when it is not wanted any more.
 * Takes a reference. */
gboolean  au_stream_deliver        (AuStream             *self,
                                    GVariant             *item);
void      au_stream_end            (AuStream             *self,
                                    const GError         *error);
void      au_stream_release        (AuStream             *self,
                                    const GError         *error);
void      au_stream_begin_close    (AuStream             *self,
                                    const GError         *reason);
/* Readers that wait and find nothing. */
gboolean  au_stream_is_hungry      (AuStream             *self);

G_END_DECLS
