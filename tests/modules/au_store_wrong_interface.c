/* au_store_wrong_interface.c: a store that is a serializer
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (MuseumWrongInterface, museum_wrong_interface, AU_TYPE_SERIALIZER)

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "wrong-interface", museum_wrong_interface_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_store_wrong_interface, "1.0", "LGPL-2.1-or-later", "Broken on purpose",
                  types, NULL)
