/* au-query.h: which records to list
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

/**
 * AuStatusFlags:
 * @AU_STATUS_FLAGS_NONE: no status
 * @AU_STATUS_FLAGS_PENDING: pending computations
 * @AU_STATUS_FLAGS_RUNNING: running computations
 * @AU_STATUS_FLAGS_COMPLETED: completed computations
 * @AU_STATUS_FLAGS_FAILED: failed computations
 * @AU_STATUS_FLAGS_CANCELLED: cancelled computations
 * @AU_STATUS_FLAGS_TERMINAL: all that have ended
 * @AU_STATUS_FLAGS_ANY: all
 *
 * A set of statuses; bit n stands for the [enum@Au.Status] of value n.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  AU_STATUS_FLAGS_NONE = 0,
  AU_STATUS_FLAGS_PENDING = 1 << 0,
  AU_STATUS_FLAGS_RUNNING = 1 << 1,
  AU_STATUS_FLAGS_COMPLETED = 1 << 2,
  AU_STATUS_FLAGS_FAILED = 1 << 3,
  AU_STATUS_FLAGS_CANCELLED = 1 << 4,
  AU_STATUS_FLAGS_TERMINAL = 0x1c,
  AU_STATUS_FLAGS_ANY = 0x1f,
} AuStatusFlags;

#define AU_TYPE_STATUS_FLAGS (au_status_flags_get_type ())

AU_AVAILABLE_IN_1_0
GType au_status_flags_get_type (void);

#define AU_TYPE_QUERY (au_query_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuQuery, au_query, AU, QUERY, GObject)

AU_AVAILABLE_IN_1_0
AuQuery *au_query_new (void) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
AuStatusFlags au_query_get_statuses (AuQuery *self);
AU_AVAILABLE_IN_1_0
void au_query_set_statuses (AuQuery      *self,
                            AuStatusFlags statuses);
AU_AVAILABLE_IN_1_0
const char *au_query_get_function (AuQuery *self);
AU_AVAILABLE_IN_1_0
void au_query_set_function (AuQuery    *self,
                            const char *function);
AU_AVAILABLE_IN_1_0
const char *au_query_get_queue (AuQuery *self);
AU_AVAILABLE_IN_1_0
void au_query_set_queue (AuQuery    *self,
                         const char *queue);
AU_AVAILABLE_IN_1_0
const char *au_query_get_tag (AuQuery *self);
AU_AVAILABLE_IN_1_0
void au_query_set_tag (AuQuery    *self,
                       const char *tag);
AU_AVAILABLE_IN_1_0
gint64 au_query_get_since (AuQuery *self);
AU_AVAILABLE_IN_1_0
void au_query_set_since (AuQuery *self,
                         gint64   since);
AU_AVAILABLE_IN_1_0
const char *au_query_get_after_key (AuQuery *self);
AU_AVAILABLE_IN_1_0
void au_query_set_after_key (AuQuery    *self,
                             const char *after_key);
AU_AVAILABLE_IN_1_0
guint au_query_get_limit (AuQuery *self);
AU_AVAILABLE_IN_1_0
void au_query_set_limit (AuQuery *self,
                         guint    limit);

AU_AVAILABLE_IN_1_0
gboolean au_query_matches (AuQuery  *self,
                           AuRecord *record);

G_END_DECLS
