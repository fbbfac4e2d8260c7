/* au-module-info.h: the modules that there are
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

#define AU_TYPE_MODULE_INFO (au_module_info_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuModuleInfo, au_module_info, AU, MODULE_INFO, GObject)

AU_AVAILABLE_IN_1_0
GListModel *au_modules_list (void) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuModuleInfo *au_module_info_new (AuModuleKind kind,
                                  const char  *name,
                                  GError     **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuModuleKind au_module_info_get_kind (AuModuleInfo *self);
AU_AVAILABLE_IN_1_0
const char *au_module_info_get_name (AuModuleInfo *self);
AU_AVAILABLE_IN_1_0
const char *au_module_info_get_file (AuModuleInfo *self);
AU_AVAILABLE_IN_1_0
gboolean au_module_info_load (AuModuleInfo *self,
                              GError      **error);
AU_AVAILABLE_IN_1_0
const char *au_module_info_get_version (AuModuleInfo *self);
AU_AVAILABLE_IN_1_0
const char *au_module_info_get_license (AuModuleInfo *self);
AU_AVAILABLE_IN_1_0
const char *au_module_info_get_summary (AuModuleInfo *self);
AU_AVAILABLE_IN_1_0
char **au_module_info_list_types (AuModuleInfo *self) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
char **au_module_info_list_functions (AuModuleInfo *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
