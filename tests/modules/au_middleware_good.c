/* au_middleware_good.c: middleware for tests
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (TestGoodMiddleware, test_good_middleware, AU_TYPE_MIDDLEWARE)

static const AuModuleType types[] = {
  { AU_MODULE_MIDDLEWARE, "good", test_good_middleware_get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_middleware_good, "1.0", "LGPL-2.1-or-later", "Middleware for tests",
                  types, NULL)
