/* au-settings-private.h: the keys of a part
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-param.h>

G_BEGIN_DECLS

/* The properties and values that an object is to be made with. */
typedef struct
{
  GPtrArray *names;
  GArray    *values;
} AuSettings;

AuSettings *au_settings_new      (void);
void        au_settings_free     (AuSettings    *self);
GValue     *au_settings_add      (AuSettings    *self,
                                  GParamSpec    *pspec);
GObject    *au_settings_build    (AuSettings    *self,
                                  GType          type);

GParamSpec *au_settings_find_key     (GObjectClass  *class,
                                      const char    *key,
                                      GError       **error);
char       *au_settings_resolve_path (const char    *text,
                                      const char    *folder,
                                      GError       **error);
gboolean    au_settings_convert      (GParamSpec    *pspec,
                                      const char    *text,
                                      const char    *folder,
                                      GValue        *value,
                                      GError       **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuSettings, au_settings_free)

G_END_DECLS
