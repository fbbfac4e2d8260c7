/* au-outcome.h: what came of a task
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-engine.h>

G_BEGIN_DECLS

#define AU_TYPE_OUTCOME (au_outcome_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuOutcome, au_outcome, AU, OUTCOME, GObject)

AU_AVAILABLE_IN_1_0
AuFunction *au_outcome_get_function (AuOutcome *self);
AU_AVAILABLE_IN_1_0
const char *au_outcome_get_target (AuOutcome *self);
AU_AVAILABLE_IN_1_0
AuHandle *au_outcome_get_handle (AuOutcome *self);
AU_AVAILABLE_IN_1_0
AuStatus au_outcome_get_status (AuOutcome *self);
AU_AVAILABLE_IN_1_0
GVariant *au_outcome_dup_result (AuOutcome *self) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GError *au_outcome_dup_error (AuOutcome *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
