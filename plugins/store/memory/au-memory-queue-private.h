/* au-memory-queue-private.h: which computations wait, for what, and which run
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-memory-bell-private.h"
#include "au-memory-line-private.h"
#include "au-memory-records-private.h"

G_BEGIN_DECLS

/* AuMemoryQueue: where each computation of a queue stands. Every change of a record that
 * has to do with queues goes through it, so that both always agree. MT safe. */
typedef struct _AuMemoryQueue AuMemoryQueue;

struct _AuMemoryQueue
{
  AuMemoryRecords *records;
  AuMemoryBell    *bell;

  GMutex           lock;        /* for what follows; taken before those of records */
  gboolean         ring;        /* when the lock is released */
  guint64          sequence;
  GHashTable      *entries;     /* key → AuMemoryEntry */
  GHashTable      *lines;       /* name → AuMemoryLine */
  GHashTable      *running;     /* of AuMemoryEntry */
  GHashTable      *counts;      /* limit → how many run */
  GHashTable      *awaited;     /* key → set of AuMemoryEntry that come after it */
  gint             n_awaited;   /* atomic; how many keys */
  GQueue           ended;       /* what others may wait for */
};

AuMemoryQueue *au_memory_queue_new           (AuMemoryRecords  *records);
void           au_memory_queue_free          (AuMemoryQueue    *self);

/* Of a record without a queue, only the end may matter. */
gboolean       au_memory_queue_has           (AuRecord         *record);
AuRecord      *au_memory_queue_insert        (AuMemoryQueue    *self,
                                              AuRecord         *record,
                                              gboolean         *created,
                                              GError          **error);
gboolean       au_memory_queue_replace       (AuMemoryQueue    *self,
                                              AuRecord         *record,
                                              guint64           expected,
                                              GError          **error);
gboolean       au_memory_queue_remove        (AuMemoryQueue    *self,
                                              const char       *key,
                                              GError          **error);
void           au_memory_queue_note_end      (AuMemoryQueue    *self,
                                              AuRecord         *record);

GPtrArray     *au_memory_queue_claim         (AuMemoryQueue    *self,
                                              AuClaim          *claim,
                                              gint64           *next_due);
GPtrArray     *au_memory_queue_renew         (AuMemoryQueue    *self,
                                              GPtrArray        *records,
                                              GTimeSpan         lease);
gint           au_memory_queue_reap          (AuMemoryQueue    *self,
                                              guint             limit);
void           au_memory_queue_set_paused    (AuMemoryQueue    *self,
                                              const char       *queue,
                                              gboolean          paused);
char         **au_memory_queue_list_paused   (AuMemoryQueue    *self);
GSource       *au_memory_queue_create_source (AuMemoryQueue    *self);

/* For the two files of the queue; with the lock held. */
void           au_memory_queue_unlock        (AuMemoryQueue    *self);
char          *au_memory_limit_of_function   (const char       *function);
char          *au_memory_limit_of_key        (AuRecord         *record);
guint          au_memory_queue_get_count     (AuMemoryQueue    *self,
                                              const char       *limit);
void           au_memory_queue_make_room     (AuMemoryQueue    *self,
                                              AuRecord         *record);
AuMemoryLine  *au_memory_queue_ensure_line   (AuMemoryQueue    *self,
                                              const char       *name);
void           au_memory_queue_drop_line     (AuMemoryQueue    *self,
                                              AuMemoryLine     *line);
gboolean       au_memory_queue_write         (AuMemoryQueue    *self,
                                              AuMemoryEntry    *entry,
                                              AuRecord         *next);
void           au_memory_queue_settle        (AuMemoryQueue    *self);

G_END_DECLS
