/* au-sqlite-watch-private.h: tells of those who have to wait for long
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* AuSqliteWatch:
 *
 * A lock of the system is waited for without an end. This says whom for, when it takes
 * long: a process that was stopped keeps what it has. MT safe, for one wait at a time.
 */
typedef struct
{
  const char *path;         /* of the database */

  GMutex      lock;         /* for what follows */
  GCond       cond;
  GThread    *thread;       /* made when somebody has to wait for the first time */
  gboolean    asleep;
  gboolean    stopping;
  gboolean    any;          /* somebody began to wait lately */
  gint64      since;        /* when, or 0 while nobody waits */
  gint64      told;         /* when it was last told of, or 0 */
} AuSqliteWatch;

void au_sqlite_watch_init  (AuSqliteWatch *self,
                            const char    *path);
void au_sqlite_watch_clear (AuSqliteWatch *self);

void au_sqlite_watch_begin (AuSqliteWatch *self);
void au_sqlite_watch_end   (AuSqliteWatch *self);

G_END_DECLS
