/* au_store_hang.c: a store that never comes to its end
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "dangerous.h"

MUSEUM_DEFINE_TYPE (MuseumHang, museum_hang, AU_TYPE_STORE)

DANGEROUS_CONSTRUCTOR
hang (void)
{
  for (;;)
    pause ();
}

DANGEROUS_DEFINE_MODULE (au_store_hang, "hang", museum_hang_get_type)
