/* au_function_bad_entry.c: a function that takes what cannot be
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

static GVariant *
nothing (AuCall   *call,
         GVariant *arguments,
         gpointer  user_data,
         GError  **error)
{
  return NULL;
}

static const AuFunctionEntry functions[] = {
  { "bad-entry.nothing", "(nonsense", NULL, nothing, AU_FUNCTION_NONE, NULL, NULL, NULL },
  { NULL, NULL, NULL, NULL, AU_FUNCTION_NONE, NULL, NULL, NULL }
};

AU_MODULE_DEFINE (au_function_bad_entry, "1.0", "LGPL-2.1-or-later", "Broken on purpose", NULL, functions)
