/* au-sqlite-room-private.h: how much room limits leave
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-connection-private.h"

G_BEGIN_DECLS

/* AuSqliteRoom: how many run under each limit, in one transaction of one claim. */
typedef struct
{
  AuClaim    *claim;
  GHashTable *counts;       /* NULL while nobody asked */
} AuSqliteRoom;

void     au_sqlite_room_init             (AuSqliteRoom        *self,
                                          AuClaim             *claim);
void     au_sqlite_room_clear            (AuSqliteRoom        *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AuSqliteRoom, au_sqlite_room_clear)

gboolean au_sqlite_room_of_function      (AuSqliteRoom        *self,
                                          AuSqliteConnection  *connection,
                                          const char          *function,
                                          guint               *room,
                                          GError             **error);
gboolean au_sqlite_room_of_key           (AuSqliteRoom        *self,
                                          AuSqliteConnection  *connection,
                                          AuOptions           *options,
                                          guint               *room,
                                          GError             **error);
void     au_sqlite_room_take             (AuSqliteRoom        *self,
                                          AuRecord            *record);

G_END_DECLS
