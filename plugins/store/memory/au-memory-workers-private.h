/* au-memory-workers-private.h: which workers there are
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* AuMemoryWorkers: what workers have told of themselves. MT safe. */
typedef struct
{
  GMutex      lock;
  GHashTable *by_id;    /* id → AuWorkerInfo */
} AuMemoryWorkers;

void       au_memory_workers_init        (AuMemoryWorkers *self);
void       au_memory_workers_clear       (AuMemoryWorkers *self);

void       au_memory_workers_announce    (AuMemoryWorkers *self,
                                          AuWorkerInfo    *worker);
void       au_memory_workers_withdraw    (AuMemoryWorkers *self,
                                          const char      *worker_id);
GPtrArray *au_memory_workers_list        (AuMemoryWorkers *self);
void       au_memory_workers_forget_gone (AuMemoryWorkers *self,
                                          gint64           now);

G_END_DECLS
