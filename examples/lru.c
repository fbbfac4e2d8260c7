/* lru.c: what was not used for the longest time is forgotten
 *
 *   cc lru.c -o lru $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

static void
show (AuLru      *lru,
      const char *key)
{
  g_autoptr(GVariant) value = au_lru_get (lru, g_variant_new_string (key));

  g_print ("%s: %s\n", key, value != NULL ? g_variant_get_string (value, NULL) : "forgotten");
}

int
main (void)
{
  g_autoptr(AuLru) lru = au_lru_new (2, -1);

  au_lru_set (lru, g_variant_new_string ("one"), g_variant_new_string ("eins"));
  au_lru_set (lru, g_variant_new_string ("two"), g_variant_new_string ("zwei"));
  show (lru, "one");
  au_lru_set (lru, g_variant_new_string ("three"), g_variant_new_string ("drei"));
  show (lru, "two");
  show (lru, "one");

  return 0;
}
