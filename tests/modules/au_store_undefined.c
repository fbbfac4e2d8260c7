/* au_store_undefined.c: a store that calls a function which there is not
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (MuseumUndefined, museum_undefined, AU_TYPE_STORE)

GType au_test_function_of_the_future (GType type);

/* Bound lazily, the function would be missed only here. */
static GType
get_type (void)
{
  return au_test_function_of_the_future (museum_undefined_get_type ());
}

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "undefined", get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_store_undefined, "1.0", "LGPL-2.1-or-later", "Broken on purpose",
                  types, NULL)
