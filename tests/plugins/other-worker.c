/* other-worker.c: a worker process that is of another build than the program
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

/* The backend once more, as a part of this program. */
extern const AuModuleDescriptor au_backend_process_LTX_au_module;

int
main (int    argc,
      char **argv)
{
  g_autoptr(GError) error = NULL;

  if (!au_module_register (&au_backend_process_LTX_au_module, &error))
    g_error ("%s", error->message);

  au_init (&argc, &argv);

  return 2;
}
