/* au-target-private.h: engines by the name of what runs computations
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-engine.h>

G_BEGIN_DECLS

/* A target is the name of a backend, of a module too, or “sync”. Each has an engine that
 * keeps its records in memory, but for “queue”: there others run what is in the store, and
 * the key file says which that is. */
typedef struct _AuTargets AuTargets;

/* Whether there is such a target; the error names those that there are. */
gboolean   au_target_check  (const char *target,
                             GError    **error);

AuTargets *au_targets_new   (void) G_GNUC_WARN_UNUSED_RESULT;
AuTargets *au_targets_ref   (AuTargets  *self);
void       au_targets_unref (AuTargets  *self);
/* An engine that knows the function, for this thread. */
AuEngine  *au_targets_get   (AuTargets  *self,
                             const char *target,
                             AuFunction *function,
                             GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* Drops those that belong to a main context that nobody iterates any more. */
void       au_targets_forget (AuTargets    *self,
                             GMainContext *context);

G_END_DECLS
