/* au-sqlite-lives-private.h: which processes with workers live
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-place-private.h"

#include <au/au.h>

G_BEGIN_DECLS

/* AuSqliteLives:
 *
 * A process with a worker holds a pipe open in the folder `PATH-workers`, under the name of
 * the owner that it claims for. The kernel closes it however the process ends, and tells
 * at once whoever has the other end: also across containers, where numbers of processes
 * say nothing, and without anybody writing that it still lives. A pipe that nobody holds
 * is of a process that is gone, also of one from before the machine was started.
 */
typedef struct _AuSqliteLives AuSqliteLives;

AuSqliteLives *au_sqlite_lives_new        (AuSqlitePlace *place);
AuSqliteLives *au_sqlite_lives_ref        (AuSqliteLives *self);
void           au_sqlite_lives_unref      (AuSqliteLives *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuSqliteLives, au_sqlite_lives_unref)

void           au_sqlite_lives_enter      (AuSqliteLives *self,
                                           const char    *owner);
void           au_sqlite_lives_leave      (AuSqliteLives *self);

GHashTable    *au_sqlite_lives_find_dead  (AuSqliteLives *self);
gboolean       au_sqlite_lives_is_among   (GHashTable    *dead,
                                           const char    *owner);
void           au_sqlite_lives_clear_dead (AuSqliteLives *self,
                                           GHashTable    *dead);

gboolean       au_sqlite_lives_take_news  (AuSqliteLives *self);
GSource       *au_sqlite_lives_new_source (AuSqliteLives *self);

G_END_DECLS
