/* au_store_other_abi.c: a store that was built for another binary interface
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (MuseumOtherAbi, museum_other_abi, AU_TYPE_STORE)

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "other-abi", museum_other_abi_get_type },
  { 0, NULL, NULL }
};

MUSEUM_DEFINE_MODULE (au_store_other_abi, sizeof (AuModuleDescriptor), AU_MODULE_ABI + 1,
                      AU_MODULE_API_MINOR, &au_module_abi_1, "au_store_other_abi", types)
