/* au-module-loader-private.h: modules that are open
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-module-private.h"

G_BEGIN_DECLS

/* A module that passed every check. It stays so until the process ends; @file is %NULL
 * when it is built in.
 */
typedef struct
{
  char                     *file;
  const AuModuleDescriptor *descriptor;
} AuModule;

gboolean        au_module_loader_find      (AuModuleKind     kind,
                                            const char      *name,
                                            char           **file,
                                            GError         **error);
const AuModule *au_module_loader_load      (AuModuleKind     kind,
                                            const char      *name,
                                            GError         **error);
const AuModule *au_module_loader_load_file (const char      *file,
                                            GError         **error);
char           *au_module_loader_describe  (const AuModule  *module);

gboolean au_module_check              (const char                *shown,
                                       const char                *stem,
                                       const AuModuleDescriptor  *descriptor,
                                       GError                   **error);
gboolean au_module_register_functions (const char                *shown,
                                       const AuModuleDescriptor  *descriptor,
                                       gboolean                   portable,
                                       GError                   **error);

G_END_DECLS
