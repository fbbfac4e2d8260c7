/* au-job-queue-private.h: jobs that wait, the most urgent first
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* First in, first out among jobs of one priority; needs a lock around it. */
typedef struct _AuJobQueue AuJobQueue;

AuJobQueue *au_job_queue_new        (void);
void        au_job_queue_free       (AuJobQueue *self);
/* Takes over the reference. */
void        au_job_queue_push       (AuJobQueue *self,
                                     AuJob      *job);
/* The same, before those of its priority that wait. */
void        au_job_queue_push_first (AuJobQueue *self,
                                     AuJob      *job);
/* The job that au_job_queue_pop () would give. */
AuJob      *au_job_queue_peek       (AuJobQueue *self);
/* Gives it; NULL when there is none. */
AuJob      *au_job_queue_pop        (AuJobQueue *self);
guint       au_job_queue_get_length (AuJobQueue *self);

G_END_DECLS
