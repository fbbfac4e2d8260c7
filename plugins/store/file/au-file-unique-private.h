/* au-file-unique-private.h: which computation holds a unique key
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-records-private.h"

G_BEGIN_DECLS

/* A unique key is held by a link in the folder “unique”, named by a hash of it, that
 * leads to the key of a computation. It counts only while that computation has not
 * ended and still has that unique key, so one that was left over harms nothing.
 *
 * The caller holds the lock of the unique key for all of these.
 */

AuRecord *au_file_unique_get_holder (AuFileRecords  *self,
                                     const char     *unique_key,
                                     const char     *own_key);
gboolean  au_file_unique_take       (AuFileRecords  *self,
                                     const char     *unique_key,
                                     const char     *key,
                                     GError        **error);
void      au_file_unique_release    (AuFileRecords  *self,
                                     const char     *unique_key,
                                     const char     *key);

gboolean  au_file_unique_is_used    (AuFileRecords  *self);

G_END_DECLS
