/* au-part.h: stores, backends, middleware and serializers by name
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-module.h>

G_BEGIN_DECLS

AU_AVAILABLE_IN_1_0
gpointer au_part_new (AuModuleKind kind,
                      const char  *type,
                      GError     **error,
                      const char  *first_property,
                      ...) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GObject *au_part_new_from_strings (AuModuleKind        kind,
                                   const char         *type,
                                   const char * const *settings,
                                   GError            **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
gboolean au_part_register (AuModuleKind kind,
                           const char  *name,
                           GType        type,
                           GError     **error);
AU_AVAILABLE_IN_1_0
GType au_part_get_gtype (AuModuleKind kind,
                         const char  *type,
                         GError     **error);
AU_AVAILABLE_IN_1_0
const char *au_part_get_type_name (GObject *part);
AU_AVAILABLE_IN_1_0
char **au_part_dup_settings (GObject *part) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuFunction *au_part_find_function (const char *name,
                                   GError    **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
