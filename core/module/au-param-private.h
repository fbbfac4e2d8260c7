/* au-param-private.h: what a property may hold
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-param.h>

G_BEGIN_DECLS

/* The ranges are: minimum, maximum, and what the type itself could hold. */
GParamSpec *au_param_get_target         (GParamSpec *pspec);
gboolean    au_param_get_signed_range   (GParamSpec *pspec,
                                         gint64      limits[4]);
gboolean    au_param_get_unsigned_range (GParamSpec *pspec,
                                         guint64     limits[4]);
gboolean    au_param_get_double_range   (GParamSpec *pspec,
                                         double      limits[4]);
char      **au_param_list_nicks         (GParamSpec *pspec);
void        au_param_set_unit           (GParamSpec *pspec,
                                         AuUnit      unit);
gboolean    au_param_check              (GParamSpec    *pspec,
                                         const GValue  *value,
                                         GError       **error);

G_END_DECLS
