/* au-variant.c: GVariants as keys
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-variant-private.h"

#include <string.h>

/* Equal ones have equal bytes, as those that come from outside are brought into normal
 * form by whoever reads them. FNV-1a, eight bytes at a time. */
guint
au_variant_hash (gconstpointer variant)
{
  GVariant *self = (GVariant *) variant;
  const guint8 *data = g_variant_get_data (self);
  gsize size = g_variant_get_size (self);
  guint64 hash = G_GUINT64_CONSTANT (14695981039346656037) ^ size;

  for (; size >= 8; data += 8, size -= 8)
    {
      guint64 word;

      memcpy (&word, data, 8);
      hash = (hash ^ word) * G_GUINT64_CONSTANT (1099511628211);
      hash ^= hash >> 32;
    }
  for (; size > 0; data++, size--)
    hash = (hash ^ *data) * G_GUINT64_CONSTANT (1099511628211);

  return (guint) (hash ^ (hash >> 32));
}

gboolean
au_variant_equal (gconstpointer a,
                  gconstpointer b)
{
  return a == b || g_variant_equal (a, b);
}
