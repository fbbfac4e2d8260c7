/* au-property.h: properties that key files can set, by their names
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-param.h>

G_BEGIN_DECLS

AU_AVAILABLE_IN_1_0
gboolean au_property_set_unit (GType       type,
                               const char *property,
                               AuUnit      unit,
                               GError    **error);
AU_AVAILABLE_IN_1_0
gboolean au_property_set_secret (GType       type,
                                 const char *property,
                                 GError    **error);
AU_AVAILABLE_IN_1_0
gboolean au_property_set_check (GType                 type,
                                const char           *property,
                                AuPropertyCheckFunc   func,
                                gpointer              user_data,
                                GDestroyNotify        destroy,
                                GError              **error);
AU_AVAILABLE_IN_1_0
AuUnit au_property_get_unit (GType       type,
                             const char *property);
AU_AVAILABLE_IN_1_0
char *au_property_describe (GType       type,
                            const char *property,
                            GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
gboolean au_property_value_from_text (GType       type,
                                      const char *property,
                                      const char *text,
                                      GValue     *value,
                                      GError    **error);
AU_AVAILABLE_IN_1_0
char *au_property_value_to_text (GType         type,
                                 const char   *property,
                                 const GValue *value,
                                 GError      **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
