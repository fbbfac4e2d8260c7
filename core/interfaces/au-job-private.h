/* au-job-private.h: how a job reaches whoever made it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-call.h>
#include <au/au-job.h>
#include <au/au-record.h>

G_BEGIN_DECLS

/* What only some jobs need; a hundred thousand may wait. */
typedef struct
{
  gint64         deadline;      /* monotonic; 0 for none */
  GVariant      *arguments;     /* where they are more than those of the record */
  GCancellable  *cancellable;   /* made when somebody asks */
  AuCall        *call;          /* while stepping */
  AuJobReadyFunc ready;
  gpointer       ready_data;
  GDestroyNotify ready_destroy;
} AuJobExtra;

struct _AuJob
{
  gatomicrefcount   ref_count;
  gint              cancelled;    /* atomic */
  gint64            not_before;   /* real time; set while middleware is asked, or 0 */
  guint             attempt;      /* 0 before au_job_begin () */
  guint             n_passed : 16; /* middleware that were asked whether it may go on */
  guint             in_place : 1; /* part of its owner */
  guint             no_wait : 1;  /* emitting must not block, as it is the reader's thread */

  const AuJobHooks *hooks;
  gpointer          owner;
  AuFunction       *function;
  AuRecord         *record;       /* as it was when the job was made */

  GMutex            lock;         /* for what follows */
  AuJobExtra       *extra;        /* made when needed, and then there to stay */
};

/* As au_job_new (). @place is zeroed memory that lasts as long as @owner, or NULL; and
 * @function need not be held, as its owner does so. */
AuJob *au_job_new_at     (AuJob            *place,
                          const AuJobHooks *hooks,
                          gpointer          owner,
                          AuFunction       *function,
                          AuRecord         *record);
/* Called with the lock held. */
AuJobExtra *au_job_ensure_extra (AuJob     *self);

void   au_job_set_record (AuJob            *self,
                          AuRecord         *record);
/* Before the job is launched. */
void   au_job_take_arguments (AuJob        *self,
                              GVariant     *arguments);
void   au_job_ready      (AuJob            *self);

G_END_DECLS
