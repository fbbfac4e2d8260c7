/* au-sqlite-queue-private.h: what workers do to a queue
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "../shared/au-store-lives-private.h"
#include "au-sqlite-readers-private.h"
#include "au-sqlite-writer-private.h"

G_BEGIN_DECLS

gboolean   au_sqlite_claim_peek         (AuSqliteConnection  *connection,
                                         AuClaim             *claim,
                                         gboolean            *any,
                                         gint64              *next_due,
                                         GError             **error);
GPtrArray *au_sqlite_claim              (AuSqliteWriter      *writer,
                                         AuClaim             *claim,
                                         gint64              *next_due,
                                         GError             **error);

GPtrArray *au_sqlite_queue_renew        (AuSqliteWriter      *writer,
                                         GPtrArray           *records,
                                         GTimeSpan            lease,
                                         GError             **error);
gint       au_sqlite_queue_reap         (AuSqliteWriter      *writer,
                                         AuSqliteReaders     *readers,
                                         AuStoreLives       *lives,
                                         guint                limit,
                                         GError             **error);
gboolean   au_sqlite_queue_take_from_dead (AuSqliteWriter    *writer,
                                         AuSqliteReaders     *readers,
                                         AuStoreLives       *lives,
                                         GError             **error);
gboolean   au_sqlite_queue_set_paused   (AuSqliteWriter      *writer,
                                         const char          *queue,
                                         gboolean             paused,
                                         GError             **error);
char     **au_sqlite_queue_list_paused  (AuSqliteConnection  *connection,
                                         GError             **error);
gboolean   au_sqlite_queue_announce     (AuSqliteWriter      *writer,
                                         AuWorkerInfo        *worker,
                                         GError             **error);
gboolean   au_sqlite_queue_withdraw     (AuSqliteWriter      *writer,
                                         const char          *worker_id,
                                         GError             **error);
GPtrArray *au_sqlite_queue_list_workers (AuSqliteConnection  *connection,
                                         GError             **error);

G_END_DECLS
