/* au-module-folders-private.h: where modules are looked for
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-module-private.h"

G_BEGIN_DECLS

/* Called with the file of each module that is found. */
typedef void (*AuModuleFoundFunc) (AuModuleKind kind,
                                   const char  *name,
                                   const char  *file,
                                   gpointer     user_data);

char     *au_module_folders_find       (AuModuleKind       kind,
                                        const char        *name);
void      au_module_folders_foreach    (AuModuleFoundFunc  func,
                                        gpointer           user_data);
char    **au_module_folders_list_names (AuModuleKind       kind);
gboolean  au_module_folders_check      (const char        *file,
                                        GError           **error);

G_END_DECLS
