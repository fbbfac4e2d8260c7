/* au-transition.c: the changes of a record
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-options-private.h"
#include "au-record-private.h"

#include <au/au-clock.h>
#include <au/au-error.h>
#include <au/au-transition.h>

#include <glib/gi18n-lib.h>

/* A computation that kills its worker once may have had bad luck; one that has done
 * it this often would go on for ever. */
#define MAX_LOST (3)

/* @sentence names a computation and its status. It is whole, as half a sentence cannot
 * be translated. */
#define set_invalid(error, record, sentence) \
  g_set_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION, sentence, \
               (record)->spec->key, au_status_to_string ((record)->status))

static gboolean
check_attempt (AuRecord  *record,
               guint      attempt,
               GError   **error)
{
  if (record->status == AU_STATUS_RUNNING && record->attempt == attempt)
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_STALE,
               _("Attempt %u of the computation “%s” is no longer the current one: it is %s, at attempt %u"),
               attempt, record->spec->key, au_status_to_string (record->status),
               record->attempt);
  return FALSE;
}

/* A stored record may hold any number, and must not start again at 0. */
static guint32
count_one_more (guint32 count)
{
  return count < G_MAXUINT32 ? count + 1 : count;
}

static AuRecord *
copy_ended (AuRecord *record,
            AuStatus  status)
{
  AuRecord *copy = au_record_copy (record);
  GTimeSpan ttl = au_options_peek_number (record->spec->options, AU_OPTIONS_TTL);

  copy->status = status;
  copy->completed = au_clock_get_real_time ();
  copy->expires = ttl > 0 ? au_record_add_span (copy->completed, ttl) : 0;
  copy->lease_end = 0;
  copy->due = 0;

  return copy;
}

static AuRecordError *
record_error_from_gerror (const GError *error)
{
  return au_record_error_new (g_quark_to_string (error->domain), error->code,
                              error->message);
}

static AuRecord *
copy_cancelled (AuRecord *record)
{
  AuRecord *copy = copy_ended (record, AU_STATUS_CANCELLED);

  copy->cancel_requested = TRUE;
  au_record_take_error (copy, au_record_error_new (g_quark_to_string (G_IO_ERROR),
                                                   G_IO_ERROR_CANCELLED,
                                                   _("The computation was cancelled")));

  return copy;
}

/* Back to the start, for another attempt. What was claimed from a queue goes back there,
 * and is nobody's. */
static AuRecord *
copy_pending (AuRecord *record)
{
  AuRecord *copy = au_record_copy (record);

  if (record->lease_end > 0)
    au_record_set_owner (copy, NULL);
  copy->status = AU_STATUS_PENDING;
  copy->lease_end = 0;
  copy->due = 0;
  copy->progress = -1;
  au_record_take_status_text (copy, NULL);

  return copy;
}

/* Errors that another attempt would only repeat. */
static gboolean
is_final_error (const GError *reason)
{
  return g_error_matches (reason, AU_ERROR, AU_ERROR_REFUSED) ||
         g_error_matches (reason, AU_ERROR, AU_ERROR_BAD_TYPE) ||
         g_error_matches (reason, AU_ERROR, AU_ERROR_NO_VALUE) ||
         g_error_matches (reason, AU_ERROR, AU_ERROR_UNKNOWN_FUNCTION) ||
         g_error_matches (reason, AU_ERROR, AU_ERROR_DEPENDENCY) ||
         g_error_matches (reason, AU_ERROR, AU_ERROR_UNSUPPORTED);
}

/**
 * au_transition_begin:
 * @record: a record
 * @owner: (nullable): the process that runs the attempt; see [func@Au.owner_get_own]
 * @lease_end: until when the worker will report again, in microseconds since the
 *   epoch, or 0 where leases are not used
 * @error: return location for an error
 *
 * Starts the next attempt of a pending computation.
 *
 * The attempt of the new record is the fence that later reports must carry. Fails
 * with %AU_ERROR_INVALID_TRANSITION when the computation is not pending, or when its
 * attempts cannot be counted any further.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record, running
 *
 * Since: 1.0
 */
AuRecord *
au_transition_begin (AuRecord    *record,
                     const char  *owner,
                     gint64       lease_end,
                     GError     **error)
{
  AuRecord *copy;

  g_return_val_if_fail (record != NULL, NULL);

  if (record->status != AU_STATUS_PENDING)
    {
      set_invalid (error, record, _("The computation “%s” is %s, so it cannot be started"));
      return NULL;
    }

  if (record->attempt == G_MAXUINT32)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION,
                   _("The computation “%s” cannot be started: its %u attempts are all that can be counted"),
                   record->spec->key, record->attempt);
      return NULL;
    }

  copy = au_record_copy (record);
  copy->status = AU_STATUS_RUNNING;
  copy->attempt++;
  copy->started = au_clock_get_real_time ();
  copy->lease_end = lease_end;
  copy->due = 0;
  copy->progress = -1;
  copy->n_items = 0;
  if (owner != copy->owner)
    au_record_set_owner (copy, owner);

  return copy;
}

/**
 * au_transition_renew:
 * @record: a record
 * @attempt: the attempt that reports
 * @lease_end: until when the worker will report again, in microseconds since the
 *   epoch
 * @error: return location for an error
 *
 * Extends the lease of a running attempt.
 *
 * Fails with %AU_ERROR_STALE when @attempt is no longer the current one.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record
 *
 * Since: 1.0
 */
AuRecord *
au_transition_renew (AuRecord  *record,
                     guint      attempt,
                     gint64     lease_end,
                     GError   **error)
{
  AuRecord *copy;

  g_return_val_if_fail (record != NULL, NULL);

  if (!check_attempt (record, attempt, error))
    return NULL;

  copy = au_record_copy (record);
  copy->lease_end = lease_end;

  return copy;
}

/**
 * au_transition_report:
 * @record: a record
 * @attempt: the attempt that reports
 * @progress: how far it has come, from 0 to 1, or -1 when unknown
 * @status_text: (nullable): what it does, for people
 * @error: return location for an error
 *
 * Notes how far a running attempt has come.
 *
 * Fails with %AU_ERROR_STALE when @attempt is no longer the current one.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record
 *
 * Since: 1.0
 */
AuRecord *
au_transition_report (AuRecord    *record,
                      guint        attempt,
                      double       progress,
                      const char  *status_text,
                      GError     **error)
{
  AuRecord *copy;

  g_return_val_if_fail (record != NULL, NULL);

  if (!check_attempt (record, attempt, error))
    return NULL;

  copy = au_record_copy (record);
  copy->progress = progress >= 0 ? MIN (progress, 1) : -1;
  au_record_take_status_text (copy, status_text != NULL ? au_record_new_text (status_text) : NULL);

  return copy;
}

/**
 * au_transition_add_items:
 * @record: a record
 * @attempt: the attempt that reports
 * @n_items: how many items it has given by now
 * @error: return location for an error
 *
 * Notes that a running attempt has given items.
 *
 * Fails with %AU_ERROR_STALE when @attempt is no longer the current one.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record
 *
 * Since: 1.0
 */
AuRecord *
au_transition_add_items (AuRecord  *record,
                         guint      attempt,
                         guint64    n_items,
                         GError   **error)
{
  AuRecord *copy;

  g_return_val_if_fail (record != NULL, NULL);

  if (!check_attempt (record, attempt, error))
    return NULL;

  copy = au_record_copy (record);
  copy->n_items = MAX (copy->n_items, n_items);

  return copy;
}

/**
 * au_transition_set_metadata:
 * @record: a record
 * @name: a name
 * @value: (nullable): its value, or %NULL to remove it; a floating reference is sunk
 * @error: return location for an error
 *
 * Amends the metadata of a computation that has not ended.
 *
 * Fails with %AU_ERROR_INVALID_TRANSITION when it has ended.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record
 *
 * Since: 1.0
 */
AuRecord *
au_transition_set_metadata (AuRecord    *record,
                            const char  *name,
                            GVariant    *value,
                            GError     **error)
{
  g_autoptr(GVariant) sunk = value != NULL ? g_variant_ref_sink (value) : NULL;
  g_auto(GVariantDict) dict = { 0, };
  AuRecord *copy;

  g_return_val_if_fail (record != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  if (au_status_is_terminal (record->status))
    {
      set_invalid (error, record, _("The computation “%s” is %s, so it cannot be given other metadata"));
      return NULL;
    }

  g_variant_dict_init (&dict, au_record_get_metadata (record));
  if (sunk != NULL)
    g_variant_dict_insert_value (&dict, name, sunk);
  else
    g_variant_dict_remove (&dict, name);

  copy = au_record_copy (record);
  g_clear_pointer (&copy->metadata, g_variant_unref);
  copy->metadata = g_variant_ref_sink (g_variant_dict_end (&dict));

  return copy;
}

/**
 * au_transition_complete:
 * @record: a record
 * @attempt: the attempt that has ended
 * @value: (nullable): its value, or %NULL for the unit value; a floating reference
 *   is sunk
 * @error: return location for an error
 *
 * Ends a running computation with a value.
 *
 * Fails with %AU_ERROR_STALE when @attempt is no longer the current one.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record, completed
 *
 * Since: 1.0
 */
AuRecord *
au_transition_complete (AuRecord  *record,
                        guint      attempt,
                        GVariant  *value,
                        GError   **error)
{
  g_autoptr(GVariant) sunk = value != NULL ? g_variant_ref_sink (value) : NULL;
  AuRecord *copy;

  g_return_val_if_fail (record != NULL, NULL);

  if (!check_attempt (record, attempt, error))
    return NULL;

  copy = copy_ended (record, AU_STATUS_COMPLETED);
  copy->value = g_steal_pointer (&sunk);
  copy->progress = 1;
  au_record_take_error (copy, NULL);

  return copy;
}

/**
 * au_transition_fail:
 * @record: a record
 * @attempt: the attempt that has ended
 * @reason: why it failed
 * @error: return location for an error
 *
 * Ends a running attempt with an error.
 *
 * Where the options allow another attempt, and @reason is not one that it would only
 * repeat, the next record is pending again, and due after the backoff; else it is
 * failed. When a cancellation was asked for it is cancelled.
 *
 * Fails with %AU_ERROR_STALE when @attempt is no longer the current one.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record
 *
 * Since: 1.0
 */
AuRecord *
au_transition_fail (AuRecord      *record,
                    guint          attempt,
                    const GError  *reason,
                    GError       **error)
{
  AuOptions *options;
  AuRecord *copy;

  g_return_val_if_fail (record != NULL, NULL);
  g_return_val_if_fail (reason != NULL, NULL);

  if (!check_attempt (record, attempt, error))
    return NULL;

  if (record->cancel_requested)
    return copy_cancelled (record);

  options = record->spec->options;

  if ((gint64) record->failures + 1 < au_options_peek_number (options, AU_OPTIONS_ATTEMPTS) &&
      !is_final_error (reason))
    {
      copy = copy_pending (record);
      copy->due = au_record_add_span (au_clock_get_real_time (),
                                      au_options_next_backoff (options, record->failures + 1));
    }
  else
    {
      copy = copy_ended (record, AU_STATUS_FAILED);
    }

  copy->failures = count_one_more (copy->failures);
  au_record_take_error (copy, record_error_from_gerror (reason));

  return copy;
}

/**
 * au_transition_lose:
 * @record: a record
 * @attempt: the attempt that was lost
 * @reason: what happened to the worker
 * @error: return location for an error
 *
 * Notes that the worker of a running attempt is gone.
 *
 * The computation is pending again, and the attempt does not count as a failure; but
 * the third loss fails it, as a computation that kills its workers would do so for
 * ever. When a cancellation was asked for it is cancelled.
 *
 * Fails with %AU_ERROR_STALE when @attempt is no longer the current one.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record
 *
 * Since: 1.0
 */
AuRecord *
au_transition_lose (AuRecord      *record,
                    guint          attempt,
                    const GError  *reason,
                    GError       **error)
{
  AuRecord *copy;

  g_return_val_if_fail (record != NULL, NULL);
  g_return_val_if_fail (reason != NULL, NULL);

  if (!check_attempt (record, attempt, error))
    return NULL;

  if (record->cancel_requested)
    return copy_cancelled (record);

  if (count_one_more (record->lost) < MAX_LOST)
    copy = copy_pending (record);
  else
    copy = copy_ended (record, AU_STATUS_FAILED);

  copy->lost = count_one_more (copy->lost);
  au_record_take_error (copy, record_error_from_gerror (reason));

  return copy;
}

/**
 * au_transition_release:
 * @record: a record
 * @attempt: the attempt that is given back
 * @error: return location for an error
 *
 * Gives a running attempt back unfinished, without counting it, as a worker does
 * that is told to stop. When a cancellation was asked for the computation is
 * cancelled.
 *
 * Fails with %AU_ERROR_STALE when @attempt is no longer the current one.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record
 *
 * Since: 1.0
 */
AuRecord *
au_transition_release (AuRecord  *record,
                       guint      attempt,
                       GError   **error)
{
  g_return_val_if_fail (record != NULL, NULL);

  if (!check_attempt (record, attempt, error))
    return NULL;

  if (record->cancel_requested)
    return copy_cancelled (record);

  return copy_pending (record);
}

/**
 * au_transition_refuse:
 * @record: a record
 * @reason: why
 * @error: return location for an error
 *
 * Fails a pending computation that will not be run.
 *
 * Fails with %AU_ERROR_INVALID_TRANSITION when the computation is not pending.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record, failed
 *
 * Since: 1.0
 */
AuRecord *
au_transition_refuse (AuRecord      *record,
                      const GError  *reason,
                      GError       **error)
{
  AuRecord *copy;

  g_return_val_if_fail (record != NULL, NULL);
  g_return_val_if_fail (reason != NULL, NULL);

  if (record->status != AU_STATUS_PENDING)
    {
      set_invalid (error, record, _("The computation “%s” is %s, so it cannot be refused"));
      return NULL;
    }

  copy = copy_ended (record, AU_STATUS_FAILED);
  au_record_take_error (copy, record_error_from_gerror (reason));

  return copy;
}

/**
 * au_transition_cancel:
 * @record: a record
 * @error: return location for an error
 *
 * Notes that somebody wants the computation cancelled.
 *
 * A pending one is cancelled at once. A running one goes on until its function
 * notices; if it completes all the same before that, then it has completed. Asking
 * twice changes nothing.
 *
 * Fails with %AU_ERROR_INVALID_TRANSITION when the computation has ended.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record, or @record itself when that says so
 *   already
 *
 * Since: 1.0
 */
AuRecord *
au_transition_cancel (AuRecord  *record,
                      GError   **error)
{
  AuRecord *copy;

  g_return_val_if_fail (record != NULL, NULL);

  if (record->status == AU_STATUS_PENDING)
    return copy_cancelled (record);

  if (record->status != AU_STATUS_RUNNING)
    {
      set_invalid (error, record, _("The computation “%s” is %s, so it cannot be cancelled"));
      return NULL;
    }

  if (record->cancel_requested)
    return au_record_ref (record);

  copy = au_record_copy (record);
  copy->cancel_requested = TRUE;

  return copy;
}

/**
 * au_transition_retry:
 * @record: a record
 * @error: return location for an error
 *
 * Makes a failed or cancelled computation pending again because a user ordered it:
 * the one way out of a terminal status.
 *
 * Failures and losses are forgotten, and so is the owner: the computation is in the
 * queue that its options name, or whoever retries it takes it over. The attempt is not
 * forgotten, so that whatever an old attempt still reports is refused.
 *
 * Fails with %AU_ERROR_INVALID_TRANSITION when the computation is neither failed nor
 * cancelled.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record, pending
 *
 * Since: 1.0
 */
AuRecord *
au_transition_retry (AuRecord  *record,
                     GError   **error)
{
  AuRecord *copy;

  g_return_val_if_fail (record != NULL, NULL);

  if (record->status != AU_STATUS_FAILED && record->status != AU_STATUS_CANCELLED)
    {
      set_invalid (error, record, _("The computation “%s” is %s, so it cannot be tried again"));
      return NULL;
    }

  copy = copy_pending (record);
  au_record_set_owner (copy, NULL);
  copy->failures = 0;
  copy->lost = 0;
  copy->completed = 0;
  copy->expires = 0;
  copy->cancel_requested = FALSE;
  au_record_take_error (copy, NULL);

  return copy;
}

/**
 * au_transition_take_over:
 * @record: a record
 * @attempt: the attempt that goes on
 * @owner: the process that runs it from now on
 * @error: return location for an error
 *
 * Lets an attempt go on in the name of another process: a worker does so whose program
 * is gone, and which has the computation in hand. An attempt whose begin was not
 * recorded yet is begun.
 *
 * Fails with %AU_ERROR_STALE when the attempt is no longer the current one.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record, running
 *
 * Since: 1.0
 */
AuRecord *
au_transition_take_over (AuRecord    *record,
                         guint        attempt,
                         const char  *owner,
                         GError     **error)
{
  AuRecord *copy;

  g_return_val_if_fail (record != NULL, NULL);
  g_return_val_if_fail (owner != NULL, NULL);

  if (record->status == AU_STATUS_PENDING && attempt > 0 && record->attempt == attempt - 1)
    return au_transition_begin (record, owner, 0, error);

  if (!check_attempt (record, attempt, error))
    return NULL;

  copy = au_record_copy (record);
  au_record_set_owner (copy, owner);

  return copy;
}

/**
 * au_transition_adopt:
 * @record: a record
 * @owner: the process that takes the computation over
 * @error: return location for an error
 *
 * Gives a computation whose process is gone to another one, as pending.
 *
 * An attempt that was running is lost by it, as by [func@Au.transition_lose]. Whether
 * the old owner is dead is for the caller to find out.
 *
 * Fails with %AU_ERROR_INVALID_TRANSITION when the computation has ended.
 *
 * MT safe.
 *
 * Returns: (transfer full): the next record
 *
 * Since: 1.0
 */
AuRecord *
au_transition_adopt (AuRecord    *record,
                     const char  *owner,
                     GError     **error)
{
  AuRecord *copy;

  g_return_val_if_fail (record != NULL, NULL);
  g_return_val_if_fail (owner != NULL, NULL);

  if (record->status == AU_STATUS_RUNNING)
    {
      g_autoptr(GError) reason = NULL;

      reason = g_error_new (AU_ERROR, AU_ERROR_WORKER_LOST,
                            _("The process that ran the computation is gone (%s)"),
                            record->owner != NULL ? record->owner : "?");
      copy = au_transition_lose (record, record->attempt, reason, error);
    }
  else if (record->status == AU_STATUS_PENDING)
    {
      copy = au_record_copy (record);
    }
  else
    {
      set_invalid (error, record, _("The computation “%s” is %s, so it cannot be taken over"));
      return NULL;
    }

  au_record_set_owner (copy, owner);

  return copy;
}
