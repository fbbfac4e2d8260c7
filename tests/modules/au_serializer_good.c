/* au_serializer_good.c: a serializer for tests
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (TestGoodSerializer, test_good_serializer, AU_TYPE_SERIALIZER)

static const AuModuleType types[] = {
  { AU_MODULE_SERIALIZER, "good", test_good_serializer_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_serializer_good, "1.0", "LGPL-2.1-or-later", "A serializer for tests",
                  types, NULL)
