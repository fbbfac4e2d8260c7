/* au-value.h: values from bytes
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

AU_AVAILABLE_IN_1_0
GVariant *au_value_from_bytes (const GVariantType  *type,
                               GBytes              *bytes,
                               GError             **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
