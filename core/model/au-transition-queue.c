/* au-transition-queue.c: changes that only computations in a queue know
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-record-private.h"

#include <au/au-error.h>
#include <au/au-owner.h>
#include <au/au-transition.h>

#include <glib/gi18n-lib.h>

/* @sentence names the computation and the one that it depends on. */
#define new_reason(record, key, sentence) \
  g_error_new (AU_ERROR, AU_ERROR_DEPENDENCY, sentence, (record)->spec->key, key)

/**
 * au_transition_postpone:
 * @record: a record
 * @due: when the computation may start, in microseconds since the epoch
 * @error: return location for an error
 *
 * Changes the time that a pending computation waits for.
 *
 * Fails with %AU_ERROR_INVALID_TRANSITION when the computation is not pending.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record
 *
 * Since: 1.0
 */
AuRecord *
au_transition_postpone (AuRecord  *record,
                        gint64     due,
                        GError   **error)
{
  AuRecord *copy;

  g_return_val_if_fail (record != NULL, NULL);
  g_return_val_if_fail (due >= 0, NULL);

  if (record->status != AU_STATUS_PENDING)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION,
                   _("The computation “%s” is %s, so it cannot be put off"),
                   record->spec->key, au_status_to_string (record->status));
      return NULL;
    }

  copy = au_record_copy (record);
  copy->due = due;

  return copy;
}

/**
 * au_transition_refuse_after:
 * @record: a record
 * @key: the key of a computation that it comes after
 * @other: (nullable): the record of that one, or %NULL when there is none
 * @error: return location for an error
 *
 * Fails a pending computation because of one that it comes after, and that did not
 * complete: it has failed, was cancelled, or is not there.
 *
 * Fails with %AU_ERROR_INVALID_TRANSITION when the computation is not pending.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record, failed with %AU_ERROR_DEPENDENCY
 *
 * Since: 1.0
 */
AuRecord *
au_transition_refuse_after (AuRecord    *record,
                            const char  *key,
                            AuRecord    *other,
                            GError     **error)
{
  g_autoptr(GError) reason = NULL;

  g_return_val_if_fail (record != NULL, NULL);
  g_return_val_if_fail (key != NULL, NULL);

  if (g_str_equal (record->spec->key, key))
    reason = new_reason (record, key, _("The computation “%s” is not run, as it depends on itself, “%s”"));
  else if (other == NULL)
    reason = new_reason (record, key, _("The computation “%s” is not run, as “%s”, which it depends on, is not there"));
  else if (other->status == AU_STATUS_CANCELLED)
    reason = new_reason (record, key, _("The computation “%s” is not run, as “%s”, which it depends on, was cancelled"));
  else
    reason = new_reason (record, key, _("The computation “%s” is not run, as “%s”, which it depends on, has failed"));

  return au_transition_refuse (record, reason, error);
}

/**
 * au_transition_reap:
 * @record: a record
 * @error: return location for an error
 *
 * Takes a running computation away from a worker that is gone, or has not renewed its
 * lease, as [func@Au.transition_lose] does. Whether that is so is for the caller to find
 * out.
 *
 * Fails with %AU_ERROR_INVALID_TRANSITION when the computation is not running.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record
 *
 * Since: 1.0
 */
AuRecord *
au_transition_reap (AuRecord  *record,
                    GError   **error)
{
  g_autoptr(GError) reason = NULL;
  const char *owner;

  g_return_val_if_fail (record != NULL, NULL);

  if (record->status != AU_STATUS_RUNNING)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION,
                   _("The computation “%s” is %s, so it cannot be taken away from a worker"),
                   record->spec->key, au_status_to_string (record->status));
      return NULL;
    }

  owner = record->owner != NULL ? record->owner : "?";
  if (record->owner != NULL && au_owner_get_state (record->owner) == AU_OWNER_STATE_DEAD)
    reason = g_error_new (AU_ERROR, AU_ERROR_WORKER_LOST,
                          _("The worker that ran the computation is gone (%s)"), owner);
  else
    reason = g_error_new (AU_ERROR, AU_ERROR_WORKER_LOST,
                          _("The worker that ran the computation did not renew its lease (%s)"), owner);

  return au_transition_lose (record, record->attempt, reason, error);
}
