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

/* A job knows its engine only through this table, so that no arrow runs up. Every
 * function may be called from any thread. */
typedef struct
{
  guint    (*begin)        (AuJob        *job,
                            GError      **error);
  gboolean (*report)       (AuJob        *job,
                            double        progress,
                            const char   *status_text,
                            GError      **error);

  /* Whether the next item is wanted already. If not, and @ready is set, the job's
   * ready function is called once it is. */
  gboolean (*item_wanted)  (AuJob        *job);
  /* Blocks until the next item is wanted, the job is cancelled, or it has ended. */
  void     (*wait_wanted)  (AuJob        *job);
  gboolean (*emit)         (AuJob        *job,
                            GVariant     *item,
                            GError      **error);

  gboolean (*complete)     (AuJob        *job,
                            GVariant     *value,
                            GError      **error);
  gboolean (*fail)         (AuJob        *job,
                            const GError *reason,
                            GError      **error);
  gboolean (*lost)         (AuJob        *job,
                            const GError *reason,
                            GError      **error);
  gboolean (*release)      (AuJob        *job,
                            GError      **error);
  void     (*set_metadata) (AuJob        *job,
                            const char   *name,
                            GVariant     *value);
  void     (*free_owner)   (gpointer      owner);
} AuJobHooks;

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
  guint             attempt;      /* 0 before au_job_begin () */
  guint             in_place : 1; /* part of its owner */
  guint             no_wait : 1;  /* emitting must not block, as it is the reader's thread */

  const AuJobHooks *hooks;
  gpointer          owner;
  AuFunction       *function;
  AuRecord         *record;       /* as it was when the job was made */

  GMutex            lock;         /* for what follows */
  AuJobExtra       *extra;        /* made when needed, and then there to stay */
};

/* Takes over @owner; the functions of @hooks get it as job->owner. */
AuJob *au_job_new        (const AuJobHooks *hooks,
                          gpointer          owner,
                          AuFunction       *function,
                          AuRecord         *record,
                          AuJob            *place);
/* Called with the lock held. */
AuJobExtra *au_job_ensure_extra (AuJob     *self);

void   au_job_set_record (AuJob            *self,
                          AuRecord         *record);
/* Before the job is launched. */
void   au_job_take_arguments (AuJob        *self,
                              GVariant     *arguments);
void   au_job_set_deadline (AuJob          *self,
                          gint64            deadline);
gint64 au_job_get_deadline (AuJob          *self);

/* Sets the flag and cancels the cancellable that functions see. */
void   au_job_cancel     (AuJob            *self);
void   au_job_ready      (AuJob            *self);

G_END_DECLS
