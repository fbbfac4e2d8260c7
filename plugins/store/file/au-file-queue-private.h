/* au-file-queue-private.h: what workers do to the queues of a store
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-listing-private.h"
#include "au-file-recovery-private.h"
#include "../shared/au-store-lives-private.h"
#include "../shared/au-store-reports-private.h"

G_BEGIN_DECLS

/* AuFileQueue: claims, leases, pauses and workers. MT safe. */
typedef struct
{
  AuFileLine     *line;
  AuFileRecords  *records;
  AuFileRecovery *recovery;
  AuStoreLives   *lives;
  AuStoreReports  reports;

  GMutex          claim_lock;   /* for what follows */
  GHashTable     *listings;     /* folder → AuFileListing */
} AuFileQueue;

void       au_file_queue_init          (AuFileQueue     *self,
                                        AuFileLine      *line,
                                        AuFileRecovery  *recovery);
void       au_file_queue_clear         (AuFileQueue     *self);

GPtrArray *au_file_queue_claim         (AuFileQueue     *self,
                                        AuClaim         *claim,
                                        gint64          *next_due,
                                        GError         **error);
GPtrArray *au_file_queue_renew         (AuFileQueue     *self,
                                        GPtrArray       *records,
                                        GTimeSpan        lease,
                                        GError         **error);
gint       au_file_queue_reap          (AuFileQueue     *self,
                                        guint            limit,
                                        GError         **error);
gboolean   au_file_queue_set_paused    (AuFileQueue     *self,
                                        const char      *queue,
                                        gboolean         paused,
                                        GError         **error);
char     **au_file_queue_list_paused   (AuFileQueue     *self,
                                        GError         **error);
gboolean   au_file_queue_announce      (AuFileQueue     *self,
                                        AuWorkerInfo    *worker,
                                        GError         **error);
gboolean   au_file_queue_withdraw      (AuFileQueue     *self,
                                        const char      *worker_id,
                                        GError         **error);
GPtrArray *au_file_queue_list_workers  (AuFileQueue     *self,
                                        GError         **error);
gboolean   au_file_queue_take_from_dead (AuFileQueue    *self,
                                         GError        **error);
GSource   *au_file_queue_create_source (AuFileQueue     *self);

/* For the files of the queue */
gboolean   au_file_queue_is_paused     (AuFileQueue     *self,
                                        const char      *queue);
char     **au_file_queue_list_names    (AuFileQueue     *self,
                                        const char      *path,
                                        GError         **error);

G_END_DECLS
