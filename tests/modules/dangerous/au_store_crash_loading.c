/* au_store_crash_loading.c: a store that crashes while it is loaded
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "dangerous.h"

MUSEUM_DEFINE_TYPE (MuseumCrashLoading, museum_crash_loading, AU_TYPE_STORE)

DANGEROUS_CONSTRUCTOR
crash (void)
{
  abort ();
}

DANGEROUS_DEFINE_MODULE (au_store_crash_loading, "crash-loading", museum_crash_loading_get_type)
