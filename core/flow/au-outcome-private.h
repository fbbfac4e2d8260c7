/* au-outcome-private.h: how outcomes come about
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-target-private.h"

#include <au/au-outcome.h>

G_BEGIN_DECLS

AuOutcome *au_outcome_new      (AuFunction *function,
                                const char *target,
                                GVariant   *arguments);
/* Starts the task, if it was not started yet. What can be known only then, and goes wrong,
 * is its error. */
void       au_outcome_start    (AuOutcome  *self,
                                AuTargets  *targets);
gboolean   au_outcome_is_ended (AuOutcome  *self);
void       au_outcome_cancel   (AuOutcome  *self);

G_END_DECLS
