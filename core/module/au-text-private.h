/* au-text-private.h: which word was meant
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint       au_text_distance (const char         *a,
                              const char         *b);
const char *au_text_nearest  (const char         *text,
                              const char * const *candidates);
char       *au_text_join     (const char * const *words);
char      **au_text_split    (const char         *text);

G_END_DECLS
