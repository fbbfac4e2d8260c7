/* au-follower-private.h: what other processes do to computations that matter here
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-service-private.h"

#include <au/au-engine.h>

G_BEGIN_DECLS

typedef struct _AuComputation AuComputation;

/* Looks at the store again when it says that something changed, or once a second where
 * it cannot say so, as long as there is a computation to follow: one that others run
 * and somebody here waits for, or one that runs here and others may cancel. */
typedef struct _AuFollower AuFollower;

AuFollower *au_follower_new    (AuStore       *store,
                                AuService     *service);
void        au_follower_free   (AuFollower    *self);
void        au_follower_add    (AuFollower    *self,
                                AuComputation *computation);
void        au_follower_remove (AuFollower    *self,
                                AuComputation *computation);
/* Looks now. */
void        au_follower_prod   (AuFollower    *self);

G_END_DECLS
