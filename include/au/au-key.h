/* au-key.h: names of computations
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-types.h>

G_BEGIN_DECLS

/**
 * AU_KEY_MAX_LENGTH:
 *
 * The length of the longest key, in bytes, without the terminating zero.
 *
 * Since: 1.0
 */
#define AU_KEY_MAX_LENGTH (128)

AU_AVAILABLE_IN_1_0
char *au_key_new (void) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
char *au_key_new_for_call (const char *function,
                           GVariant   *arguments,
                           const char *salt) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
gboolean au_key_is_valid (const char *key);
AU_AVAILABLE_IN_1_0
gboolean au_key_check (const char *key,
                       GError    **error);

G_END_DECLS
