/* au-store-standing.c: where a computation of a queue stands
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-store-standing-private.h"

/* Whether a worker runs it. */
gboolean
au_store_standing_is_leased (AuRecord *record)
{
  return au_record_get_status (record) == AU_STATUS_RUNNING &&
         au_record_get_lease_end (record) > 0;
}

/* Whether others have to complete first. One that was started before has them behind it. */
gboolean
au_store_standing_awaits (AuRecord *record)
{
  const char * const *after = au_options_get_after (au_record_get_options (record));

  return after != NULL && after[0] != NULL &&
         au_record_get_attempt (record) == 0 && au_record_is_queued (record);
}

/* Where a computation is from now on, as its record says. */
AuStoreStanding
au_store_standing_get (AuRecord *record)
{
  if (au_store_standing_is_leased (record))
    return AU_STORE_STANDING_RUNNING;
  if (!au_record_is_queued (record))
    return AU_STORE_STANDING_NOWHERE;
  if (au_store_standing_awaits (record))
    return AU_STORE_STANDING_AWAITING;

  return au_record_get_due (record) > au_clock_get_real_time () ? AU_STORE_STANDING_SCHEDULED
                                                                : AU_STORE_STANDING_READY;
}

/* Whether a change of a record is one of where it stands as well. A lease that was renewed
 * since the attempt began must not become the old one again.
 */
gboolean
au_store_standing_is_moved (AuRecord *before,
                            AuRecord *record)
{
  gboolean was_leased = au_store_standing_is_leased (before);
  gboolean is_leased = au_store_standing_is_leased (record);

  if (!was_leased && !au_record_is_queued (before) && !is_leased && !au_record_is_queued (record))
    return FALSE;

  return !was_leased || !is_leased ||
         au_record_get_attempt (before) != au_record_get_attempt (record) ||
         au_record_get_lease_end (before) != au_record_get_lease_end (record);
}
