/* au-worker-private.h: the inside of a worker, for its two files
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-queue.h>
#include <au/au-worker.h>

G_BEGIN_DECLS

/* What a worker does with its queue. */
typedef enum
{
  AU_WORKER_CLAIMS    = 1 << 0,
  AU_WORKER_RENEWS    = 1 << 1,
  AU_WORKER_ANNOUNCES = 1 << 2,
  AU_WORKER_REAPS     = 1 << 3,
} AuWorkerAct;

struct _AuWorker
{
  GObject       parent_instance;

  /* what it is made of */
  AuEngine     *engine;
  AuStore      *store;          /* these three only until there is an engine */
  AuBackend    *backend;
  GListModel   *middleware;
  GTimeSpan     ttl;
  AuQueue      *queue;          /* the store of the engine */
  char         *id;
  char        **queues;
  char        **limits;
  guint         slots;
  GTimeSpan     lease;
  GTimeSpan     drain_timeout;
  GPtrArray    *schedules;

  /* of its thread */
  GThread      *thread;
  GMainContext *context;
  AuClaim      *claim;
  guint         n_claims;
  GSource      *due_source;
  GSource      *tick_source;
  gint64        started;
  guint         n_announced;    /* how many ran when that was last announced */
  gint64        next_renewal;   /* monotonic */
  gint64        next_reaping;
  gboolean      gave_back;
  guint         failing;        /* AuWorkerAct; said once */

  gint          wanted;         /* atomic; there may be something to claim */
  gint          woken;          /* atomic; the thread was, and has not looked since */

  GMutex        lock;           /* for what follows */
  GHashTable   *held;           /* of Hold: claimed, and not settled */
  guint         n_in_hand;      /* of them, those whose functions may run */
  guint         n_given_back;
  gboolean      draining;
  gboolean      finished;
  gint64        drain_end;      /* monotonic */
  gint64        seen;           /* monotonic; the last round of the thread */
  GSList       *drain_tasks;
};

gpointer au_worker_thread        (gpointer       data);
gboolean au_worker_announce      (AuWorker      *self,
                                  AuWorkerState  state,
                                  GError       **error);

/* au-worker-schedule.c */
gpointer au_worker_schedule_new  (AuSchedule    *schedule,
                                  AuFunction    *function);
void     au_worker_schedule_free (gpointer       data);
gint64   au_worker_submit_due    (AuWorker      *self);

G_END_DECLS
