/* au-store-rules-private.h: what stores refuse, in the same words
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

static inline const char *
au_store_rules_get_unique_key (AuRecord *record)
{
  return au_options_get_unique_key (au_record_get_options (record));
}

static inline gboolean
au_store_rules_is_terminal (AuRecord *record)
{
  return au_status_is_terminal (au_record_get_status (record));
}

gboolean    au_store_rules_matches_all       (AuQuery     *query);

gboolean    au_store_rules_fail_absent       (const char  *key,
                                              GError     **error);
gboolean    au_store_rules_check_same        (AuRecord    *stored,
                                              AuRecord    *record,
                                              GError     **error);
gboolean    au_store_rules_check_replacement (AuRecord    *stored,
                                              AuRecord    *record,
                                              guint64      expected,
                                              GError     **error);
gboolean    au_store_rules_check_holder      (AuRecord    *stored,
                                              AuRecord    *record,
                                              const char  *holder,
                                              GError     **error);
gboolean    au_store_rules_fail_attempt      (const char  *key,
                                              guint        attempt,
                                              guint        current,
                                              GError     **error);
gboolean    au_store_rules_fail_item_attempt (const char  *key,
                                              guint        attempt,
                                              guint        newer,
                                              GError     **error);
gboolean    au_store_rules_fail_not_next     (const char  *key,
                                              guint64      index,
                                              guint64      next,
                                              GError     **error);
gboolean    au_store_rules_fail_other_item   (const char  *key,
                                              guint64      index,
                                              GError     **error);

G_END_DECLS
