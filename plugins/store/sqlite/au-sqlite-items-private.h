/* au-sqlite-items-private.h: the items that generators gave
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-writer-private.h"

G_BEGIN_DECLS

gboolean   au_sqlite_items_append (AuSqliteWriter      *writer,
                                   const char          *key,
                                   guint                attempt,
                                   guint64              index,
                                   GVariant            *item,
                                   GError             **error);
GPtrArray *au_sqlite_items_list   (AuSqliteConnection  *connection,
                                   const char          *key,
                                   guint64              first,
                                   guint                limit,
                                   GError             **error);

G_END_DECLS
