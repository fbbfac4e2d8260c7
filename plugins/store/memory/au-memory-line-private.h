/* au-memory-line-private.h: one named queue, in order
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

typedef struct _AuMemoryLine AuMemoryLine;

typedef enum
{
  AU_MEMORY_NOWHERE,
  AU_MEMORY_READY,
  AU_MEMORY_SCHEDULED,  /* waits for its time */
  AU_MEMORY_PARKED,     /* waits for one that runs to end, because of a limit */
  AU_MEMORY_AWAITING,   /* waits for others that it comes after */
  AU_MEMORY_RUNNING,    /* claimed */
} AuMemoryPlace;

/* One computation of a queue that has not ended. */
typedef struct
{
  AuRecord      *record;        /* as it is stored */
  AuMemoryLine  *line;
  guint64        sequence;      /* when it was put in */
  AuMemoryPlace  place;
  GSequenceIter *iter;          /* in the line */
  guint          n_awaited;
  gint64         lease_end;
} AuMemoryEntry;

/* AuMemoryLine: one named queue. Not MT safe. */
struct _AuMemoryLine
{
  char       *name;
  gboolean    paused;
  guint       n_entries;
  GSequence  *ready;
  GSequence  *scheduled;
  GHashTable *parked;           /* limit → GSequence, none of them empty */
};

AuMemoryLine  *au_memory_line_new       (const char    *name);
void           au_memory_line_free      (AuMemoryLine  *self);

void           au_memory_line_add       (AuMemoryLine  *self,
                                         AuMemoryEntry *entry,
                                         AuMemoryPlace  place);
void           au_memory_line_park      (AuMemoryLine  *self,
                                         AuMemoryEntry *entry,
                                         const char    *limit);
guint          au_memory_line_unpark    (AuMemoryLine  *self,
                                         const char    *limit,
                                         guint          max);
guint          au_memory_line_unpark_all (AuMemoryLine *self);
void           au_memory_line_remove    (AuMemoryLine  *self,
                                         AuMemoryEntry *entry);

gboolean       au_memory_line_promote   (AuMemoryLine  *self,
                                         gint64         now);
gint64         au_memory_line_get_next_due (AuMemoryLine *self);

G_END_DECLS
