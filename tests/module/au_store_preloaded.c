/* au_store_preloaded.c: a store that becomes part of a program
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (TestPreloadedStore, test_preloaded_store, AU_TYPE_STORE)

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "preloaded", test_preloaded_store_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_store_preloaded, "2.5", "LGPL-2.1-or-later", "Part of the program",
                  types, NULL)
