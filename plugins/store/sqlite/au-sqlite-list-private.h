/* au-sqlite-list-private.h: records that match
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-connection-private.h"

G_BEGIN_DECLS

/* Says whether a record that cannot be read is passed over. */
typedef gboolean (*AuSqliteUnreadableFunc) (const char   *key,
                                            const GError *reason,
                                            gpointer      user_data);

gboolean au_sqlite_list_visit (AuSqliteConnection      *connection,
                               AuQuery                 *query,
                               GPtrArray               *records,
                               gint64                  *count,
                               AuSqliteUnreadableFunc   unreadable,
                               gpointer                 user_data,
                               GCancellable            *cancellable,
                               GError                 **error);

G_END_DECLS
