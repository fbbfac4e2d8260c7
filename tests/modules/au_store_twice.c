/* au_store_twice.c: two types of one name
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (MuseumTwice, museum_twice, AU_TYPE_STORE)

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "twice", museum_twice_get_type },
  { AU_MODULE_STORE, "twice", museum_twice_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_store_twice, "1.0", "LGPL-2.1-or-later", "Broken on purpose",
                  types, NULL)
