/* au-store-reports-private.h: what is said of a record once, and not each time it is met
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

typedef struct
{
  GMutex      lock;
  GHashTable *keys;     /* of which something was said; NULL for none */
} AuStoreReports;

void au_store_reports_init     (AuStoreReports *self);
void au_store_reports_clear    (AuStoreReports *self);
void au_store_reports_not_lost (AuStoreReports *self,
                                const char     *path,
                                const char     *key,
                                const GError   *reason);

G_END_DECLS
