/* au-schedule.h: a computation that is due again and again
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-function.h>
#include <au/au-record.h>

G_BEGIN_DECLS

#define AU_TYPE_SCHEDULE (au_schedule_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuSchedule, au_schedule, AU, SCHEDULE, GObject)

AU_AVAILABLE_IN_1_0
AuSchedule *au_schedule_new (const char *name,
                             const char *function,
                             const char *when,
                             GError    **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
const char *au_schedule_get_name (AuSchedule *self);
AU_AVAILABLE_IN_1_0
const char *au_schedule_get_function (AuSchedule *self);
AU_AVAILABLE_IN_1_0
const char *au_schedule_get_when (AuSchedule *self);
AU_AVAILABLE_IN_1_0
gint64 au_schedule_get_next (AuSchedule *self,
                             gint64      after);
AU_AVAILABLE_IN_1_0
AuRecord *au_schedule_make_record (AuSchedule *self,
                                   AuFunction *function,
                                   const char *queue,
                                   gint64      due,
                                   GError    **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
