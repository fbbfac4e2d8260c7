/* au_store_no_descriptor.c: a shared object that is no module of au
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gmodule.h>

G_MODULE_EXPORT int no_module_of_au (void);

int
no_module_of_au (void)
{
  return 0;
}
