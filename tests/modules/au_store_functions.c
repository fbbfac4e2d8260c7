/* au_store_functions.c: a store's file with functions in it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "museum.h"

MUSEUM_DEFINE_TYPE (MuseumFunctions, museum_functions, AU_TYPE_STORE)

static const AuModuleType types[] = {
  { AU_MODULE_STORE, "functions", museum_functions_get_type },
  { 0, NULL, NULL }
};

static GVariant *
nothing (AuCall   *call,
         GVariant *arguments,
         gpointer  user_data,
         GError  **error)
{
  return NULL;
}

static const AuFunctionEntry functions[] = {
  { "functions.nothing", "()", NULL, nothing, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { NULL, NULL, NULL, NULL, AU_FUNCTION_NONE, NULL, NULL, NULL }
};

AU_MODULE_DEFINE (au_store_functions, "1.0", "LGPL-2.1-or-later", "Broken on purpose",
                  types, functions)
