/* au_store_bad_name.c: a type with a name that no key file can give
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (MuseumBadName, museum_bad_name, AU_TYPE_STORE)

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "Bad_Name", museum_bad_name_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_store_bad_name, "1.0", "LGPL-2.1-or-later", "Broken on purpose",
                  types, NULL)
