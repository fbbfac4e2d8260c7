/* au-memory-records-private.h: the records themselves, by key
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* AuMemoryRecords: the records of a store, their items, and who holds a unique key; but
 * nothing of queues. MT safe. */
typedef struct _AuMemoryRecords AuMemoryRecords;

AuMemoryRecords *au_memory_records_new             (void);
void             au_memory_records_free            (AuMemoryRecords  *self);

AuRecord        *au_memory_records_insert          (AuMemoryRecords  *self,
                                                    AuRecord         *record,
                                                    gboolean         *created,
                                                    GError          **error);
AuRecord        *au_memory_records_lookup          (AuMemoryRecords  *self,
                                                    const char       *key);
gboolean         au_memory_records_replace         (AuMemoryRecords  *self,
                                                    AuRecord         *record,
                                                    guint64           expected,
                                                    GError          **error);
gboolean         au_memory_records_remove          (AuMemoryRecords  *self,
                                                    const char       *key,
                                                    GError          **error);
GPtrArray       *au_memory_records_list            (AuMemoryRecords  *self,
                                                    AuQuery          *query,
                                                    GCancellable     *cancellable,
                                                    GError          **error);
gint64           au_memory_records_count           (AuMemoryRecords  *self,
                                                    AuQuery          *query,
                                                    GCancellable     *cancellable,
                                                    GError          **error);
gboolean         au_memory_records_append_item     (AuMemoryRecords  *self,
                                                    const char       *key,
                                                    guint             attempt,
                                                    guint64           index,
                                                    GVariant         *item,
                                                    gboolean         *added,
                                                    GError          **error);
GPtrArray       *au_memory_records_list_items      (AuMemoryRecords  *self,
                                                    const char       *key,
                                                    guint64           first,
                                                    guint             limit,
                                                    GError          **error);
gint             au_memory_records_cleanup_expired (AuMemoryRecords  *self,
                                                    gint64            now,
                                                    guint             limit);

G_END_DECLS
