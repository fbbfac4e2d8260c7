/* au-file-recovery-private.h: what others have left behind
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-expiry-private.h"

G_BEGIN_DECLS

/* AuFileRecovery: what processes that died have left behind.
 *
 * When the power is lost, so may be the notes of what expires, which are not worth
 * waiting for the disk. So in each boot of the machine the records are looked through
 * once, some with each cleaning, and noted again. MT safe.
 */
typedef struct
{
  AuFileRecords *records;
  AuFileExpiry  *expiry;

  GMutex         lock;
  guint          next_shard; /* AU_FILE_N_SHARDS when it is done */
} AuFileRecovery;

void au_file_recovery_init    (AuFileRecovery *self,
                               AuFileRecords  *records,
                               AuFileExpiry   *expiry);
void au_file_recovery_clear   (AuFileRecovery *self);

void au_file_recovery_step    (AuFileRecovery *self);
void au_file_recovery_unstage (AuFileFolder   *folder);

G_END_DECLS
