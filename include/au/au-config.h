/* au-config.h: settings from a key file
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

#define AU_TYPE_CONFIG (au_config_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuConfig, au_config, AU, CONFIG, GObject)

AU_AVAILABLE_IN_1_0
AuConfig *au_config_new (void) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuConfig *au_config_new_from_file (const char *path,
                                   GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuConfig *au_config_new_from_data (const char *text,
                                   gssize      length,
                                   const char *origin,
                                   GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuConfig *au_config_find (GError **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
const char *au_config_get_origin (AuConfig *self);
AU_AVAILABLE_IN_1_0
gboolean au_config_set (AuConfig   *self,
                        const char *name,
                        const char *value,
                        GError    **error);
AU_AVAILABLE_IN_1_0
gboolean au_config_check (AuConfig *self,
                          GType     engine_type,
                          GError  **error);
AU_AVAILABLE_IN_1_0
char **au_config_find_mistakes (const char         *path,
                                const char * const *settings,
                                GType               engine_type) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
char *au_config_to_text (AuConfig *self,
                         GType     engine_type,
                         GError  **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
char **au_config_list_labels (AuConfig   *self,
                              const char *word) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GObject *au_config_create (AuConfig   *self,
                           GType       type,
                           const char *group,
                           GError    **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
