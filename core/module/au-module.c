/* au-module.c: what a module of au says about itself
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-module-private.h"

G_DEFINE_ENUM_TYPE (AuModuleKind, au_module_kind,
                    G_DEFINE_ENUM_VALUE (AU_MODULE_STORE, "store"),
                    G_DEFINE_ENUM_VALUE (AU_MODULE_BACKEND, "backend"),
                    G_DEFINE_ENUM_VALUE (AU_MODULE_MIDDLEWARE, "middleware"),
                    G_DEFINE_ENUM_VALUE (AU_MODULE_SERIALIZER, "serializer"),
                    G_DEFINE_ENUM_VALUE (AU_MODULE_FUNCTION, "function"))

/**
 * au_module_abi_1:
 *
 * The mark of this copy of libau.
 *
 * Modules hold its address, see [func@Au.MODULE_DEFINE]; its value means nothing.
 * A module for another binary interface needs a mark of another name and cannot be
 * opened; one that is linked to a second copy of the library holds another address.
 *
 * Since: 1.0
 */
const char au_module_abi_1 = 1;

static const char *const kind_names[AU_MODULE_N_KINDS] = {
  [AU_MODULE_STORE] = "store",
  [AU_MODULE_BACKEND] = "backend",
  [AU_MODULE_MIDDLEWARE] = "middleware",
  [AU_MODULE_SERIALIZER] = "serializer",
  [AU_MODULE_FUNCTION] = "function",
};

/* The word for @kind in file names, key files and messages. */
const char *
au_module_kind_to_string (AuModuleKind kind)
{
  g_return_val_if_fail ((guint) kind < AU_MODULE_N_KINDS, NULL);

  return kind_names[kind];
}

/* Whether @name is `[a-z][a-z0-9-]*`, so that it can be looked for as a file. */
gboolean
au_module_name_is_valid (const char *name)
{
  if (!g_ascii_islower (name[0]))
    return FALSE;

  for (const char *p = name; *p != '\0'; p++)
    {
      if (!g_ascii_islower (*p) && !g_ascii_isdigit (*p) && *p != '-')
        return FALSE;
    }

  return TRUE;
}

/* The stem of the file that provides @name: a hyphen in it would break preloading. */
char *
au_module_stem (AuModuleKind  kind,
                const char   *name)
{
  char *stem = g_strdup_printf ("au_%s_%s", au_module_kind_to_string (kind), name);

  return g_strdelimit (stem, "-", '_');
}
