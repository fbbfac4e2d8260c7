/* au_store_crash_get_type.c: a store that crashes when it is asked for its type
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "dangerous.h"

static GType
get_type (void)
{
  abort ();
}

DANGEROUS_DEFINE_MODULE (au_store_crash_get_type, "crash-get-type", get_type)
