/* au-store-crc-private.h: a checksum of bytes
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint32 au_store_crc (guint32       crc,
                     gconstpointer data,
                     gsize         length);

G_END_DECLS
