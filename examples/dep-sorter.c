/* dep-sorter.c: what has to come before what
 *
 *   cc dep-sorter.c -o dep-sorter $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#include <locale.h>

int
main (void)
{
  g_autoptr(AuDepSorter) sorter = au_dep_sorter_new ();
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) names = NULL;
  g_autofree char *text = NULL;

  setlocale (LC_ALL, "");
  au_dep_sorter_add_dependency (sorter, "shoes", "socks");
  au_dep_sorter_add_dependency (sorter, "shoes", "trousers");
  au_dep_sorter_add_dependency (sorter, "coat", "shirt");
  names = au_dep_sorter_sort (sorter, NULL);
  text = g_strjoinv (", ", names);
  g_print ("%s\n", text);

  au_dep_sorter_add_dependency (sorter, "socks", "shoes");
  g_clear_pointer (&names, g_strfreev);
  names = au_dep_sorter_sort (sorter, &error);
  g_print ("%s\n", error->message);

  return 0;
}
