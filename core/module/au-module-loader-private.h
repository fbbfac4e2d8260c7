/* au-module-loader-private.h: modules that are open
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-module-private.h"

G_BEGIN_DECLS

/* A module that is open and passed every check; it stays so until the process ends. */
typedef struct
{
  char                     *file;
  const AuModuleDescriptor *descriptor;
} AuModule;

char           *au_module_loader_find      (AuModuleKind   kind,
                                            const char    *name,
                                            GError       **error);
const AuModule *au_module_loader_load      (AuModuleKind   kind,
                                            const char    *name,
                                            GError       **error);
const AuModule *au_module_loader_load_file (const char    *file,
                                            GError       **error);

G_END_DECLS
