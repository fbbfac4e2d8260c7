/* au-file-names-private.h: the keys of the records of a store
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-records-private.h"

G_BEGIN_DECLS

GPtrArray *au_file_names_list_shard (AuFileRecords  *records,
                                     guint           shard,
                                     GError        **error);
GPtrArray *au_file_names_list       (AuFileRecords  *records,
                                     const char     *after,
                                     guint           limit,
                                     GCancellable   *cancellable,
                                     GError        **error);
gint64     au_file_names_count      (AuFileRecords  *records,
                                     GCancellable   *cancellable,
                                     GError        **error);

G_END_DECLS
