/* au-record.h: what is kept about a computation
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-status.h>
#include <au/au-types.h>

G_BEGIN_DECLS

#define AU_TYPE_RECORD (au_record_get_type ())

/**
 * AuRecord:
 *
 * What is kept about one computation: what was asked for, where it stands, and how
 * it ended.
 *
 * A record is immutable: every change makes a new one, with a higher revision (see
 * `au-transition.h` for the changes there are). Reading one therefore needs no lock,
 * and a record that you hold never changes under you.
 *
 * Records are MT safe; the reference count is atomic.
 *
 * Since: 1.0
 */

AU_AVAILABLE_IN_1_0
GType au_record_get_type (void);

AU_AVAILABLE_IN_1_0
AuRecord *au_record_new (const char *key,
                         const char *function,
                         GVariant   *arguments,
                         AuOptions  *options) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_record_ref (AuRecord *self);
AU_AVAILABLE_IN_1_0
void au_record_unref (AuRecord *self);

AU_AVAILABLE_IN_1_0
const char *au_record_get_key (AuRecord *self);
AU_AVAILABLE_IN_1_0
const char *au_record_get_function (AuRecord *self);
AU_AVAILABLE_IN_1_0
GVariant *au_record_get_arguments (AuRecord *self);
AU_AVAILABLE_IN_1_0
AuOptions *au_record_get_options (AuRecord *self);
AU_AVAILABLE_IN_1_0
AuStatus au_record_get_status (AuRecord *self);
AU_AVAILABLE_IN_1_0
guint64 au_record_get_revision (AuRecord *self);
AU_AVAILABLE_IN_1_0
guint au_record_get_attempt (AuRecord *self);
AU_AVAILABLE_IN_1_0
guint au_record_get_failures (AuRecord *self);
AU_AVAILABLE_IN_1_0
guint au_record_get_lost (AuRecord *self);
AU_AVAILABLE_IN_1_0
GVariant *au_record_get_value (AuRecord *self);
AU_AVAILABLE_IN_1_0
GError *au_record_dup_error (AuRecord *self);
AU_AVAILABLE_IN_1_0
gboolean au_record_has_error (AuRecord *self);
AU_AVAILABLE_IN_1_0
gint64 au_record_get_created (AuRecord *self);
AU_AVAILABLE_IN_1_0
gint64 au_record_get_due (AuRecord *self);
AU_AVAILABLE_IN_1_0
gint64 au_record_get_started (AuRecord *self);
AU_AVAILABLE_IN_1_0
gint64 au_record_get_completed (AuRecord *self);
AU_AVAILABLE_IN_1_0
gint64 au_record_get_expires (AuRecord *self);
AU_AVAILABLE_IN_1_0
gint64 au_record_get_lease_end (AuRecord *self);
AU_AVAILABLE_IN_1_0
double au_record_get_progress (AuRecord *self);
AU_AVAILABLE_IN_1_0
const char *au_record_get_status_text (AuRecord *self);
AU_AVAILABLE_IN_1_0
GVariant *au_record_get_metadata (AuRecord *self);
AU_AVAILABLE_IN_1_0
guint64 au_record_get_n_items (AuRecord *self);
AU_AVAILABLE_IN_1_0
const char *au_record_get_owner (AuRecord *self);
AU_AVAILABLE_IN_1_0
gboolean au_record_get_cancel_requested (AuRecord *self);
AU_AVAILABLE_IN_1_0
gboolean au_record_is_queued (AuRecord *self);

AU_AVAILABLE_IN_1_0
GVariant *au_record_to_variant (AuRecord *self) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_record_from_variant (GVariant *variant,
                                  GError  **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GBytes *au_record_to_bytes (AuRecord *self) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_record_from_bytes (GBytes  *bytes,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
char *au_record_to_json (AuRecord *self,
                         gboolean  pretty) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuRecord *au_record_from_json (const char *json,
                               gssize      length,
                               GError    **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuRecord, au_record_unref)

G_END_DECLS
