/* au-file-remove-private.h: removing records
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-items-private.h"

G_BEGIN_DECLS

gboolean au_file_remove       (AuFileRecords  *records,
                               AuFileItems    *items,
                               const char     *key,
                               GError        **error);
gboolean au_file_remove_files (AuFileRecords  *records,
                               AuFileItems    *items,
                               const char     *key,
                               GError        **error);

G_END_DECLS
