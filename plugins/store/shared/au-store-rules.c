/* au-store-rules.c: what stores refuse, in the same words
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-store-rules-private.h"

#include <glib/gi18n-lib.h>

#include <inttypes.h>

/* Whether every record matches. */
gboolean
au_store_rules_matches_all (AuQuery *query)
{
  return au_query_get_statuses (query) == AU_STATUS_FLAGS_ANY &&
         au_query_get_function (query) == NULL &&
         au_query_get_queue (query) == NULL &&
         au_query_get_tag (query) == NULL &&
         au_query_get_since (query) == 0 &&
         au_query_get_after_key (query) == NULL;
}

gboolean
au_store_rules_fail_absent (const char  *key,
                            GError     **error)
{
  if (!au_key_check (key, error))
    return FALSE;

  g_set_error (error, AU_ERROR, AU_ERROR_NOT_FOUND,
               _("There is no computation “%s”: it was never submitted, was removed, or has expired"),
               key);
  return FALSE;
}

static gboolean
arguments_equal (AuRecord *a,
                 AuRecord *b)
{
  GVariant *arguments_a = au_record_get_arguments (a);
  GVariant *arguments_b = au_record_get_arguments (b);

  if (arguments_a == arguments_b)
    return TRUE;

  return arguments_a != NULL && arguments_b != NULL && g_variant_equal (arguments_a, arguments_b);
}

/* Whether an insert of a record may give the stored one of the same key. */
gboolean
au_store_rules_check_same (AuRecord  *stored,
                           AuRecord  *record,
                           GError   **error)
{
  if (g_str_equal (au_record_get_function (stored), au_record_get_function (record)) &&
      arguments_equal (stored, record))
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_CONFLICT,
               _("The key “%s” already names another computation, of the function “%s”: use another key"),
               au_record_get_key (stored), au_record_get_function (stored));
  return FALSE;
}

gboolean
au_store_rules_check_replacement (AuRecord  *stored,
                                  AuRecord  *record,
                                  guint64    expected,
                                  GError   **error)
{
  if (au_record_get_revision (stored) == expected)
    return au_transition_check (stored, record, error);

  g_set_error (error, AU_ERROR, AU_ERROR_CONFLICT,
               _("The computation “%s” was changed meanwhile: its revision is %" PRIu64
                 ", not %" PRIu64 "; load it again"),
               au_record_get_key (stored), au_record_get_revision (stored), expected);
  return FALSE;
}

/* A computation that has ended may run again only if nobody holds its unique key. */
gboolean
au_store_rules_check_holder (AuRecord    *stored,
                             AuRecord    *record,
                             const char  *holder,
                             GError     **error)
{
  if (holder == NULL ||
      au_store_rules_is_terminal (record) || !au_store_rules_is_terminal (stored))
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_INVALID_TRANSITION,
               _("The computation “%s” cannot run again: the computation “%s” holds its unique key “%s” until it has ended"),
               au_record_get_key (record), holder, au_store_rules_get_unique_key (record));
  return FALSE;
}

gboolean
au_store_rules_fail_attempt (const char  *key,
                             guint        attempt,
                             guint        current,
                             GError     **error)
{
  g_set_error (error, AU_ERROR, AU_ERROR_STALE,
               _("Attempt %u of the computation “%s” is no longer the current one, which is %u"),
               attempt, key, current);
  return FALSE;
}

gboolean
au_store_rules_fail_item_attempt (const char  *key,
                                  guint        attempt,
                                  guint        newer,
                                  GError     **error)
{
  g_set_error (error, AU_ERROR, AU_ERROR_STALE,
               _("Attempt %u of the computation “%s” is no longer the current one: attempt %u has given items"),
               attempt, key, newer);
  return FALSE;
}

gboolean
au_store_rules_fail_not_next (const char  *key,
                              guint64      index,
                              guint64      next,
                              GError     **error)
{
  g_set_error (error, AU_ERROR, AU_ERROR_CONFLICT,
               _("Item %" PRIu64 " of the computation “%s” cannot be stored: the next one is %" PRIu64),
               index, key, next);
  return FALSE;
}

gboolean
au_store_rules_fail_other_item (const char  *key,
                                guint64      index,
                                GError     **error)
{
  g_set_error (error, AU_ERROR, AU_ERROR_CONFLICT,
               _("The computation “%s” already has another item %" PRIu64),
               key, index);
  return FALSE;
}
