/* au_store_second_libau.c: a store that is linked to another copy of libau
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (MuseumSecondLibau, museum_second_libau, AU_TYPE_STORE)

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "second-libau", museum_second_libau_get_type },
  { 0, NULL, NULL }
};

/* The mark of a libau that is linked into the module itself. */
static const char mark = 1;

MUSEUM_DEFINE_MODULE (au_store_second_libau, sizeof (AuModuleDescriptor), AU_MODULE_ABI,
                      AU_MODULE_API_MINOR, &mark, "au_store_second_libau", types)
