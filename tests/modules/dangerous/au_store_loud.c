/* au_store_loud.c: a store that writes to standard output and crashes at the end, but can be used
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "dangerous.h"

#include <stdio.h>

MUSEUM_DEFINE_TYPE (MuseumLoud, museum_loud, AU_TYPE_STORE)

static void
crash (void)
{
  abort ();
}

DANGEROUS_CONSTRUCTOR
shout (void)
{
  puts ("(\"store\", \"loud\", \"nonsense\")");
  fflush (stdout);
  atexit (crash);
}

DANGEROUS_DEFINE_MODULE (au_store_loud, "loud", museum_loud_get_type)
