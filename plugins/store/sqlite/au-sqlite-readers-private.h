/* au-sqlite-readers-private.h: connections to read by
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-connection-private.h"

G_BEGIN_DECLS

/* AuSqliteReaders: as many connections as there are threads that read at the same time.
 * None of them waits for another, nor for who writes.
 */
typedef struct
{
  AuSqlitePlace *place;

  GMutex         lock;
  GPtrArray     *idle;      /* of AuSqliteConnection */
} AuSqliteReaders;

void                au_sqlite_readers_init    (AuSqliteReaders     *self,
                                               AuSqlitePlace       *place);
void                au_sqlite_readers_clear   (AuSqliteReaders     *self);

AuSqliteConnection *au_sqlite_readers_take    (AuSqliteReaders     *self,
                                               GError             **error);
void                au_sqlite_readers_give    (AuSqliteReaders     *self,
                                               AuSqliteConnection  *connection);

G_END_DECLS
