/* au_store_provides_other.c: a store's file with a serializer in it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (MuseumProvidesOther, museum_provides_other, AU_TYPE_SERIALIZER)

static const AuModuleType types[] = {
  { AU_MODULE_SERIALIZER, "provides-other", museum_provides_other_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_store_provides_other, "1.0", "LGPL-2.1-or-later", "Broken on purpose",
                  types, NULL)
