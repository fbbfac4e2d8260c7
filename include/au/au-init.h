/* au-init.h: programs that are their own workers
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <glib-object.h>

#include <au/au-version-macros.h>

G_BEGIN_DECLS

AU_AVAILABLE_IN_1_0
void au_init (int    *argc,
              char ***argv);
AU_AVAILABLE_IN_1_0
char **au_init_dup_command (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
