/* au-worker.c: the process in which functions of modules are run
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <glib/gi18n-lib.h>
#include <locale.h>

int
main (int    argc,
      char **argv)
{
  setlocale (LC_ALL, "");

  au_init (&argc, &argv);

  g_printerr (_("au-worker is started by programs that run computations in processes; there is nothing to be done with it by hand.\n"));

  return 2;
}
