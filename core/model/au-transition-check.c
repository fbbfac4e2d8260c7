/* au-transition-check.c: which change of a record is allowed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-record-private.h"

#include <au/au-error.h>
#include <au/au-transition.h>

#include <glib/gi18n-lib.h>

static gboolean
is_allowed (AuStatus before,
            AuStatus after)
{
  switch (before)
    {
    case AU_STATUS_PENDING:
    case AU_STATUS_RUNNING:
      return TRUE;

    case AU_STATUS_FAILED:
    case AU_STATUS_CANCELLED:
      return after == AU_STATUS_PENDING;

    case AU_STATUS_COMPLETED:
    default:
      return FALSE;
    }
}

/**
 * au_transition_check:
 * @before: the stored record
 * @after: the record that is to replace it
 * @error: return location for an error
 *
 * Checks that @after may replace @before: what every store asks before it does so.
 *
 * Fails with %AU_ERROR_INVALID_TRANSITION when @before has ended (unless @after is a
 * retry of it), when the two are of different computations, or when the revision or
 * the attempt goes back.
 *
 * MT safe.
 *
 * Returns: %TRUE if it may
 *
 * Since: 1.0
 */
gboolean
au_transition_check (AuRecord  *before,
                     AuRecord  *after,
                     GError   **error)
{
  g_return_val_if_fail (before != NULL, FALSE);
  g_return_val_if_fail (after != NULL, FALSE);

  if (!is_allowed (before->status, after->status))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION,
                   _("The computation “%s” is %s, so it cannot become %s"),
                   before->spec->key, au_status_to_string (before->status),
                   au_status_to_string (after->status));
      return FALSE;
    }

  if (after->revision <= before->revision || after->attempt < before->attempt)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION,
                   _("A record of the computation “%s” cannot go back from revision %llu, attempt %u to revision %llu, attempt %u"),
                   before->spec->key, (unsigned long long) before->revision, before->attempt,
                   (unsigned long long) after->revision, after->attempt);
      return FALSE;
    }

  if (!g_str_equal (before->spec->key, after->spec->key))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION,
                   _("A record of the computation “%s” cannot become one of “%s”"),
                   before->spec->key, after->spec->key);
      return FALSE;
    }

  if (!g_str_equal (before->spec->function, after->spec->function))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION,
                   _("The computation “%s” is one of the function “%s”, and cannot become one of “%s”"),
                   before->spec->key, before->spec->function, after->spec->function);
      return FALSE;
    }

  return TRUE;
}
