/* au-build-private.h: which build of a library this process uses
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The build of the library or program that has @address, in words: its version and the
 * number that the linker gave it. */
char *au_build_describe (gconstpointer  address,
                         const char    *version);

G_END_DECLS
