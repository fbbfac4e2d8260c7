/* au-sqlite-cache-private.h: records that were written or read lately
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* AuSqliteCache: what the writer knows of rows without reading them.
 *
 * Other processes may have changed them meanwhile, so it is a guess: a change made on it
 * has to name the row and the revision, and is made again without it if they are others.
 * The writer that has the turn uses it, so there is no lock.
 */
typedef struct _AuSqliteCache AuSqliteCache;

AuSqliteCache *au_sqlite_cache_new        (void);
void           au_sqlite_cache_free       (AuSqliteCache *self);

AuRecord      *au_sqlite_cache_lookup     (AuSqliteCache *self,
                                           const char    *key,
                                           guint64        revision,
                                           gint64        *id);
void           au_sqlite_cache_put        (AuSqliteCache *self,
                                           gint64         id,
                                           AuRecord      *record);
void           au_sqlite_cache_forget     (AuSqliteCache *self,
                                           const char    *key);
void           au_sqlite_cache_forget_all (AuSqliteCache *self);

G_END_DECLS
