/* au-engine-claimed-private.h: what an engine runs for a worker
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-computation-private.h"

G_BEGIN_DECLS

/* Called in any thread, once each, and @settled last: the function of a computation is
 * not running here any more; the store knows how it ended here, or it is somebody else's. */
typedef void (*AuClaimedFunc) (AuComputation *computation,
                               gpointer       data);

AuComputation *au_engine_run_claimed   (AuEngine      *self,
                                        AuRecord      *record,
                                        guint64        mark,
                                        AuClaimedFunc  returned,
                                        AuClaimedFunc  settled,
                                        gpointer       data,
                                        GError       **error);

G_END_DECLS
