/* au-sqlite-line-private.h: what waits in queues, for what, and what runs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-writer-private.h"

G_BEGIN_DECLS

gboolean au_sqlite_line_follow (AuSqliteChange  *change,
                                AuSqliteWriter  *writer,
                                gint64           id,
                                AuRecord        *before,
                                AuRecord        *record,
                                GError         **error);
gboolean au_sqlite_line_forget (AuSqliteChange  *change,
                                AuSqliteWriter  *writer,
                                gint64           id,
                                const char      *key,
                                GError         **error);
void     au_sqlite_line_drop   (AuSqliteWriter  *writer);

G_END_DECLS
