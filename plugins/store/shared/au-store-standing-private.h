/* au-store-standing-private.h: where a computation of a queue stands
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* Where a computation of a queue is; what is in none has none of them. The numbers are in
 * databases.
 */
typedef enum
{
  AU_STORE_STANDING_NOWHERE = 0,
  AU_STORE_STANDING_READY = 1,          /* to be claimed */
  AU_STORE_STANDING_SCHEDULED = 2,      /* waits for its time */
  AU_STORE_STANDING_RUNNING = 3,        /* in a worker */
  AU_STORE_STANDING_AWAITING = 4,       /* waits for others to complete */
} AuStoreStanding;

gboolean        au_store_standing_is_leased (AuRecord *record);
gboolean        au_store_standing_awaits    (AuRecord *record);
AuStoreStanding au_store_standing_get       (AuRecord *record);
gboolean        au_store_standing_is_moved  (AuRecord *before,
                                             AuRecord *record);

G_END_DECLS
