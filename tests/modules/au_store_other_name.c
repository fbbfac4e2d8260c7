/* au_store_other_name.c: a store that says it is another
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (MuseumOtherName, museum_other_name, AU_TYPE_STORE)

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "other-name", museum_other_name_get_type },
  { 0, NULL, NULL }
};

MUSEUM_DEFINE_MODULE (au_store_other_name, sizeof (AuModuleDescriptor), AU_MODULE_ABI,
                      AU_MODULE_API_MINOR, &au_module_abi_1, "au_store_another", types)
