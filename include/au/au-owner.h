/* au-owner.h: which process a computation belongs to
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-types.h>

G_BEGIN_DECLS

/**
 * AuOwnerState:
 * @AU_OWNER_STATE_UNKNOWN: it cannot be told from here, as it is of another machine
 * @AU_OWNER_STATE_ALIVE: the process runs on this machine
 * @AU_OWNER_STATE_DEAD: the process, or the boot it ran in, has ended
 *
 * What is known about an owner.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_OWNER_STATE_UNKNOWN,
  AU_OWNER_STATE_ALIVE,
  AU_OWNER_STATE_DEAD,
} AuOwnerState;

#define AU_TYPE_OWNER_STATE (au_owner_state_get_type ())

AU_AVAILABLE_IN_1_0
GType au_owner_state_get_type (void);

AU_AVAILABLE_IN_1_0
const char *au_owner_get_own (void);
AU_AVAILABLE_IN_1_0
AuOwnerState au_owner_get_state (const char *owner);

G_END_DECLS
