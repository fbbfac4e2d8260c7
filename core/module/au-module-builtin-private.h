/* au-module-builtin-private.h: modules that are part of the library or the program
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-module-loader-private.h"

G_BEGIN_DECLS

typedef void (*AuModuleBuiltinFunc) (const AuModuleDescriptor *descriptor,
                                     gpointer                  user_data);

/* Those that configure was told to build in; ends with %NULL. */
extern const AuModuleDescriptor *const au_module_builtin_table[];

gboolean        au_module_builtin_has     (AuModuleKind          kind,
                                           const char           *name);
const AuModule *au_module_builtin_load    (AuModuleKind          kind,
                                           const char           *name,
                                           GError              **error);
void            au_module_builtin_foreach (AuModuleBuiltinFunc   func,
                                           gpointer              user_data);

G_END_DECLS
