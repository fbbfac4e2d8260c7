/* au-sqlite-write-private.h: inserts, replacements and removals
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-writer-private.h"

G_BEGIN_DECLS

void      au_sqlite_write_many   (AuSqliteWriter  *writer,
                                  AuWrite         *writes,
                                  gsize            n_writes);
gboolean  au_sqlite_write_remove (AuSqliteWriter  *writer,
                                  const char      *key,
                                  GError         **error);
AuRecord *au_sqlite_write_load   (AuSqliteWriter  *writer,
                                  const char      *key,
                                  GError         **error);

G_END_DECLS
