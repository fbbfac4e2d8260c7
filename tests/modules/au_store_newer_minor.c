/* au_store_newer_minor.c: a store that was built for a newer au
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (MuseumNewerMinor, museum_newer_minor, AU_TYPE_STORE)

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "newer-minor", museum_newer_minor_get_type },
  { 0, NULL, NULL }
};

MUSEUM_DEFINE_MODULE (au_store_newer_minor, sizeof (AuModuleDescriptor), AU_MODULE_ABI,
                      AU_MODULE_API_MINOR + 3, &au_module_abi_1, "au_store_newer_minor", types)
