/* au-dep-sorter.h: what has to come before what
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

#define AU_TYPE_DEP_SORTER (au_dep_sorter_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuDepSorter, au_dep_sorter, AU, DEP_SORTER, GObject)

AU_AVAILABLE_IN_1_0
AuDepSorter *au_dep_sorter_new (void) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_dep_sorter_add (AuDepSorter *self,
                        const char  *node);
AU_AVAILABLE_IN_1_0
void au_dep_sorter_add_dependency (AuDepSorter *self,
                                   const char  *node,
                                   const char  *dependency);
AU_AVAILABLE_IN_1_0
char **au_dep_sorter_sort (AuDepSorter *self,
                           GError     **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
