/* au_store_missing_library.c: a store that needs a library, which its test takes away
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

#include <math.h>

MUSEUM_DEFINE_TYPE (MuseumMissingLibrary, museum_missing_library, AU_TYPE_STORE)

/* Needs the library, so that the linker does not leave it out. */
static GType
get_type (void)
{
  GType type = museum_missing_library_get_type ();

  return lgamma ((double) type) > 0.0 ? type : G_TYPE_INVALID;
}

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "missing-library", get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_store_missing_library, "1.0", "LGPL-2.1-or-later", "Broken on purpose",
                  types, NULL)
