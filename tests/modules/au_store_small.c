/* au_store_small.c: a store whose descriptor is too small
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (MuseumSmall, museum_small, AU_TYPE_STORE)

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "small", museum_small_get_type },
  { 0, NULL, NULL }
};

MUSEUM_DEFINE_MODULE (au_store_small, 24, AU_MODULE_ABI, AU_MODULE_API_MINOR,
                      &au_module_abi_1, "au_store_small", types)
