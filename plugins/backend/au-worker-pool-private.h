/* au-worker-pool-private.h: threads that run jobs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-job-queue-private.h"

G_BEGIN_DECLS

typedef struct _AuWorkerPool AuWorkerPool;

AuWorkerPool *au_worker_pool_new         (void);
/* Ends the threads, after the jobs that they run. */
void          au_worker_pool_stop        (AuWorkerPool *self);
/* Takes over the reference. */
void          au_worker_pool_push        (AuWorkerPool *self,
                                          AuJob        *job);
/* Calls @func once, when nothing runs or waits. */
void          au_worker_pool_when_idle   (AuWorkerPool *self,
                                          void        (*func) (gpointer data),
                                          gpointer      data);

guint         au_worker_pool_get_max     (AuWorkerPool *self);
void          au_worker_pool_set_max     (AuWorkerPool *self,
                                          guint         max_workers);
guint         au_worker_pool_get_running (AuWorkerPool *self);
guint         au_worker_pool_get_waiting (AuWorkerPool *self);

G_END_DECLS
