/* au-variant-private.h: GVariants as keys
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* For variants of any type, unlike g_variant_hash (). */
guint    au_variant_hash  (gconstpointer variant);
gboolean au_variant_equal (gconstpointer a,
                           gconstpointer b);

G_END_DECLS
