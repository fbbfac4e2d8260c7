/* au-queue.h: a store that hands pending computations to workers
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-claim.h>
#include <au/au-store.h>
#include <au/au-worker-info.h>

G_BEGIN_DECLS

#define AU_TYPE_QUEUE (au_queue_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_INTERFACE (AuQueue, au_queue, AU, QUEUE, AuStore)

/**
 * AuQueueInterface:
 * @parent_iface: the parent interface
 * @claim: see [method@Au.Queue.claim]
 * @renew: see [method@Au.Queue.renew]
 * @reap: see [method@Au.Queue.reap]
 * @set_paused: see [method@Au.Queue.set_paused]
 * @list_paused: see [method@Au.Queue.list_paused]
 * @announce: see [method@Au.Queue.announce]
 * @withdraw: see [method@Au.Queue.withdraw]
 * @list_workers: see [method@Au.Queue.list_workers]
 * @create_source: (nullable): see [method@Au.Queue.create_source]; without it, that of
 *   the store is used; where that, or this, gives %NULL, one looks once a second
 *
 * What a queue must implement beside what a store must: everything that is not marked
 * nullable.
 *
 * Implementations are MT safe, and may block unless the store is immediate. In whatever
 * way records are written, by [method@Au.Store.insert], [method@Au.Store.replace] or
 * [method@Au.Store.write_many], a queue upholds this at the moment of the write:
 *
 * - A record that [method@Au.Record.is_queued] can be claimed when it is due; any other
 *   cannot. A release, a retry, a cancellation and an end are writes like others.
 * - One whose options name others that it comes after cannot be claimed before all of
 *   them have completed. When one of them has failed, was cancelled, was removed or never
 *   was there, the queue ends it by [func@Au.transition_refuse_after]; and so on with
 *   those that come after it. Where that happens to what is inserted, the insert gives
 *   the record that has ended so.
 * - A running record with an end of its lease is running in a worker until the worker
 *   writes the next one, or [method@Au.Queue.reap] takes it away.
 *
 * Since: 1.0
 */
struct _AuQueueInterface
{
  GTypeInterface parent_iface;

  GPtrArray *(*claim)         (AuQueue            *self,
                               AuClaim            *claim,
                               gint64             *next_due,
                               GCancellable       *cancellable,
                               GError            **error);
  GPtrArray *(*renew)         (AuQueue            *self,
                               GPtrArray          *records,
                               GTimeSpan           lease,
                               GCancellable       *cancellable,
                               GError            **error);
  gint       (*reap)          (AuQueue            *self,
                               guint               limit,
                               GCancellable       *cancellable,
                               GError            **error);
  gboolean   (*set_paused)    (AuQueue            *self,
                               const char         *queue,
                               gboolean            paused,
                               GCancellable       *cancellable,
                               GError            **error);
  char     **(*list_paused)   (AuQueue            *self,
                               GCancellable       *cancellable,
                               GError            **error);
  gboolean   (*announce)      (AuQueue            *self,
                               AuWorkerInfo       *worker,
                               GCancellable       *cancellable,
                               GError            **error);
  gboolean   (*withdraw)      (AuQueue            *self,
                               const char         *worker_id,
                               GCancellable       *cancellable,
                               GError            **error);
  GPtrArray *(*list_workers)  (AuQueue            *self,
                               GCancellable       *cancellable,
                               GError            **error);
  GSource   *(*create_source) (AuQueue            *self,
                               const char * const *queues);

  /*< private >*/
  gpointer padding[8];
};

AU_AVAILABLE_IN_1_0
GPtrArray *au_queue_claim (AuQueue      *self,
                           AuClaim      *claim,
                           gint64       *next_due,
                           GCancellable *cancellable,
                           GError      **error);
AU_AVAILABLE_IN_1_0
GPtrArray *au_queue_wait (AuQueue      *self,
                          AuClaim      *claim,
                          GTimeSpan     timeout,
                          GCancellable *cancellable,
                          GError      **error);
AU_AVAILABLE_IN_1_0
GPtrArray *au_queue_renew (AuQueue      *self,
                           GPtrArray    *records,
                           GTimeSpan     lease,
                           GCancellable *cancellable,
                           GError      **error);
AU_AVAILABLE_IN_1_0
AuRecord *au_queue_release (AuQueue      *self,
                            AuRecord     *record,
                            GTimeSpan     delay,
                            GCancellable *cancellable,
                            GError      **error);
AU_AVAILABLE_IN_1_0
gint au_queue_reap (AuQueue      *self,
                    guint         limit,
                    GCancellable *cancellable,
                    GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_queue_set_paused (AuQueue      *self,
                              const char   *queue,
                              gboolean      paused,
                              GCancellable *cancellable,
                              GError      **error);
AU_AVAILABLE_IN_1_0
char **au_queue_list_paused (AuQueue      *self,
                             GCancellable *cancellable,
                             GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
gboolean au_queue_announce (AuQueue      *self,
                            AuWorkerInfo *worker,
                            GCancellable *cancellable,
                            GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_queue_withdraw (AuQueue      *self,
                            const char   *worker_id,
                            GCancellable *cancellable,
                            GError      **error);
AU_AVAILABLE_IN_1_0
GPtrArray *au_queue_list_workers (AuQueue      *self,
                                  GCancellable *cancellable,
                                  GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GSource *au_queue_create_source (AuQueue            *self,
                                 const char * const *queues) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
