/* au-key-private.h: names of computations, without an allocation
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-key.h>

G_BEGIN_DECLS

/* the length of the keys that au makes itself, without the terminating zero */
#define AU_KEY_LENGTH (26)

void au_key_write (char   buffer[AU_KEY_LENGTH + 1],
                   gint64 real_time);

G_END_DECLS
