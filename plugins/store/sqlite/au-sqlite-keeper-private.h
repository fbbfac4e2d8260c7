/* au-sqlite-keeper-private.h: keeps a database small
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-readers-private.h"
#include "au-sqlite-writer-private.h"

G_BEGIN_DECLS

/* AuSqliteKeeper: removes what has expired or is too much, gives room back, and writes
 * the log back when nobody else writes; all of it in small steps, by a thread that only
 * wakes up when something was written.
 */
typedef struct
{
  AuSqliteWriter  *writer;
  AuSqliteReaders *readers;
  guint64          max_size;

  gint             n_written;   /* atomic; since the thread last looked */
  gint             asleep;      /* atomic; the thread waits until something is written */

  GMutex           lock;        /* for what follows */
  GCond            cond;
  GThread         *thread;
  gboolean         stopping;

  /* for the thread */
  gint64           last_id;     /* up to which nothing that has ended is left */
  guint            n_uncleaned;
  gint64           cleaned;
  gboolean         swept;
} AuSqliteKeeper;

void au_sqlite_keeper_init           (AuSqliteKeeper   *self,
                                      AuSqliteWriter   *writer,
                                      AuSqliteReaders  *readers,
                                      guint64           max_size);
void au_sqlite_keeper_clear          (AuSqliteKeeper   *self);
void au_sqlite_keeper_count          (AuSqliteKeeper   *self,
                                      guint             n_written);
gint au_sqlite_keeper_remove_expired (AuSqliteKeeper   *self,
                                      gint64            now,
                                      guint             limit,
                                      GError          **error);

G_END_DECLS
