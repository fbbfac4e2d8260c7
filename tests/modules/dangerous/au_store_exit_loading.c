/* au_store_exit_loading.c: a store that ends the process while it is loaded, as if all were well
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "dangerous.h"

MUSEUM_DEFINE_TYPE (MuseumExit, museum_exit, AU_TYPE_STORE)

DANGEROUS_CONSTRUCTOR
end (void)
{
  _exit (0);
}

DANGEROUS_DEFINE_MODULE (au_store_exit_loading, "exit-loading", museum_exit_get_type)
