/* au-json.h: values as JSON text
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
char *au_json_from_variant (GVariant *value,
                            gboolean  pretty) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GVariant *au_json_to_variant (const char         *json,
                              gssize              length,
                              const GVariantType *type,
                              GError            **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
