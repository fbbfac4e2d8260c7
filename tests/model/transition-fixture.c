/* transition-fixture.c: records on their way, for tests of the transitions
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "transition-fixture.h"

#include <au/au.h>

#include <gio/gio.h>

AuRecord *
transition_make (Transition   transition,
                 AuRecord    *record,
                 guint        attempt,
                 GError     **error)
{
  g_autoptr(GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy");

  switch (transition)
    {
    case BEGIN:
      return au_transition_begin (record, "host/boot/1/2", LEASE, error);
    case RENEW:
      return au_transition_renew (record, attempt, LEASE + 1, error);
    case REPORT:
      return au_transition_report (record, attempt, 0.5, "half", error);
    case ADD_ITEMS:
      return au_transition_add_items (record, attempt, 3, error);
    case SET_METADATA:
      return au_transition_set_metadata (record, "a", g_variant_new_int32 (1), error);
    case COMPLETE:
      return au_transition_complete (record, attempt, g_variant_new_string ("done"), error);
    case FAIL:
      return au_transition_fail (record, attempt, reason, error);
    case LOSE:
      return au_transition_lose (record, attempt, reason, error);
    case RELEASE:
      return au_transition_release (record, attempt, error);
    case REFUSE:
      return au_transition_refuse (record, reason, error);
    case CANCEL:
      return au_transition_cancel (record, error);
    case RETRY:
      return au_transition_retry (record, error);
    case ADOPT:
      return au_transition_adopt (record, "host/boot/3/4", error);
    case N_TRANSITIONS:
    default:
      g_assert_not_reached ();
    }
}

/* Gives @record away, and checks that the change is allowed. */
AuRecord *
transition_go (AuRecord  *record,
               Transition transition)
{
  g_autoptr(AuRecord) before = record;
  g_autoptr(GError) error = NULL;
  AuRecord *after;

  after = transition_make (transition, before, au_record_get_attempt (before), &error);
  g_assert_no_error (error);
  g_assert_nonnull (after);

  return after;
}

AuRecord *
transition_pending (AuOptions *options)
{
  return au_record_new ("key", "f", g_variant_new ("(i)", 5), options);
}

AuRecord *
transition_running (AuOptions *options)
{
  return transition_go (transition_pending (options), BEGIN);
}

AuRecord *
transition_with_status (AuStatus status)
{
  switch (status)
    {
    case AU_STATUS_RUNNING:
      return transition_running (NULL);
    case AU_STATUS_COMPLETED:
      return transition_go (transition_running (NULL), COMPLETE);
    case AU_STATUS_FAILED:
      return transition_go (transition_running (NULL), FAIL);
    case AU_STATUS_CANCELLED:
      return transition_go (transition_go (transition_running (NULL), CANCEL), RELEASE);
    case AU_STATUS_PENDING:
    default:
      return transition_go (transition_running (NULL), RELEASE);
    }
}

/* A record like @record in which one field is set. */
AuRecord *
transition_altered (AuRecord *record,
                    Field     field,
                    GVariant *value)
{
  g_autoptr(GVariant) form = au_record_to_variant (record);
  g_autoptr(GVariant) altered = NULL;
  g_autoptr(GError) error = NULL;
  GVariant *fields[N_FIELDS];
  AuRecord *result;

  for (guint i = 0; i < N_FIELDS; i++)
    fields[i] = i == field ? g_variant_ref_sink (value) : g_variant_get_child_value (form, i);
  altered = g_variant_ref_sink (g_variant_new_tuple (fields, N_FIELDS));
  for (guint i = 0; i < N_FIELDS; i++)
    g_variant_unref (fields[i]);

  result = au_record_from_variant (altered, &error);
  g_assert_no_error (error);

  return result;
}
