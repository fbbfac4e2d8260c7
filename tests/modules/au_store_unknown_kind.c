/* au_store_unknown_kind.c: a type of a kind that there is not
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (MuseumUnknownKind, museum_unknown_kind, AU_TYPE_STORE)

static const AuModuleType types[] = {
  { 17, "unknown-kind", museum_unknown_kind_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_store_unknown_kind, "1.0", "LGPL-2.1-or-later", "Broken on purpose",
                  types, NULL)
