/* au_store_no_gtype.c: a store that gives no type
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

static GType
get_type (void)
{
  return G_TYPE_INVALID;
}

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "no-gtype", get_type },
  { 0, NULL, NULL }
};

AU_MODULE_DEFINE (au_store_no_gtype, "1.0", "LGPL-2.1-or-later", "Broken on purpose",
                  types, NULL)
