/* au-sqlite-values-private.h: large values, each in a file beside the database
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-place-private.h"

G_BEGIN_DECLS

/* Larger ones are not in the database, where each change of their row would write them
 * once more. This belongs to the format: whether a record's arguments lie beside it is
 * told by their size, and never changes.
 */
#define AU_SQLITE_LARGE (64 * 1024)

gboolean  au_sqlite_values_is_large (GVariant       *value);

char     *au_sqlite_values_write    (AuSqlitePlace  *place,
                                     GVariant       *value,
                                     GError        **error);
GVariant *au_sqlite_values_read     (AuSqlitePlace  *place,
                                     const char     *name,
                                     GError        **error);
void      au_sqlite_values_remove   (AuSqlitePlace  *place,
                                     const char     *name);

G_END_DECLS
