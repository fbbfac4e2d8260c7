/* au-priority.h: how urgent what is done here is
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

AU_AVAILABLE_IN_1_0
void au_priority_push (int priority);
AU_AVAILABLE_IN_1_0
void au_priority_pop (void);
AU_AVAILABLE_IN_1_0
int au_priority_get (void);

G_END_DECLS
