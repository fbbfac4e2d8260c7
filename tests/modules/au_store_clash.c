/* au_store_clash.c: a store whose type has the name of another module's
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (TestGoodStore, test_good_store, AU_TYPE_STORE)

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "clash", test_good_store_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_store_clash, "1.0", "LGPL-2.1-or-later", "Broken on purpose",
                  types, NULL)
