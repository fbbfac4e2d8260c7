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
void        au_follower_remove (AuFollower    *self,
                                AuComputation *computation);
/* Looks now. */
void        au_follower_prod   (AuFollower    *self);

/* A point in time for the store, or 0. Whoever takes one before a record is written or
 * claimed here, and gives it when the computation is followed, spares the follower to load
 * that record once more, in case it has changed already. */
guint64     au_follower_mark   (AuFollower    *self);
void        au_follower_add    (AuFollower    *self,
                                AuComputation *computation,
                                guint64        mark);

G_END_DECLS
