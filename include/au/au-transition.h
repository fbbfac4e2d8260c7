/* au-transition.h: which changes of a record are allowed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-record.h>

G_BEGIN_DECLS

AU_AVAILABLE_IN_1_0
AuRecord *au_transition_begin (AuRecord   *record,
                               const char *owner,
                               gint64      lease_end,
                               GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_renew (AuRecord *record,
                               guint     attempt,
                               gint64    lease_end,
                               GError  **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_report (AuRecord   *record,
                                guint       attempt,
                                double      progress,
                                const char *status_text,
                                GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_add_items (AuRecord *record,
                                   guint     attempt,
                                   guint64   n_items,
                                   GError  **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_set_metadata (AuRecord   *record,
                                      const char *name,
                                      GVariant   *value,
                                      GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_complete (AuRecord *record,
                                  guint     attempt,
                                  GVariant *value,
                                  GError  **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_fail (AuRecord     *record,
                              guint         attempt,
                              const GError *reason,
                              GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_lose (AuRecord     *record,
                              guint         attempt,
                              const GError *reason,
                              GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_release (AuRecord *record,
                                 guint     attempt,
                                 GError  **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_refuse (AuRecord     *record,
                                const GError *reason,
                                GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_cancel (AuRecord *record,
                                GError  **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_retry (AuRecord *record,
                               GError  **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_take_over (AuRecord   *record,
                                   guint       attempt,
                                   const char *owner,
                                   GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_adopt (AuRecord   *record,
                               const char *owner,
                               GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_postpone (AuRecord *record,
                                  gint64    due,
                                  GError  **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_refuse_after (AuRecord   *record,
                                      const char *key,
                                      AuRecord   *other,
                                      GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_transition_reap (AuRecord *record,
                              GError  **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
gboolean au_transition_check (AuRecord *before,
                              AuRecord *after,
                              GError  **error);

G_END_DECLS
