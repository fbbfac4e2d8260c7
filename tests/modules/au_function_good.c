/* au_function_good.c: functions for tests
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

static GVariant *
twice (AuCall   *call,
       GVariant *arguments,
       gpointer  user_data,
       GError  **error)
{
  gint64 number;

  g_variant_get (arguments, "(x)", &number);
  return g_variant_new_int64 (2 * number);
}

static const AuFunctionEntry functions[] = {
  { "good", "(x)", "x", twice, AU_FUNCTION_NONE, "Twice a number", NULL, NULL },
  { "good.twice", "(x)", "x", twice, AU_FUNCTION_NONE, "Twice a number", NULL, NULL },
  { "good.taken", "(x)", "x", twice, AU_FUNCTION_NONE, "Twice a number", NULL, NULL },
  { NULL, NULL, NULL, NULL, AU_FUNCTION_NONE, NULL, NULL, NULL }
};

AU_MODULE_DEFINE (au_function_good, "1.2", "LGPL-2.1-or-later", "Functions for tests",
                  NULL, functions)
