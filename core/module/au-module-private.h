/* au-module-private.h: kinds of modules and their names
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-module.h>

G_BEGIN_DECLS

#define AU_MODULE_N_KINDS (AU_MODULE_FUNCTION + 1)

const char *au_module_kind_to_string (AuModuleKind  kind);
gboolean    au_module_name_is_valid  (const char   *name);
char       *au_module_stem           (AuModuleKind  kind,
                                      const char   *name);

G_END_DECLS
