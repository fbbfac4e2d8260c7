/* au-part-private.h: making parts
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au-part.h>

G_BEGIN_DECLS

GType       au_part_get_interface        (AuModuleKind   kind);
GObject    *au_part_start                (GObject       *object,
                                          GError       **error);
const char *au_part_type_get_name        (GType          type);
char      **au_part_type_list_registered (AuModuleKind   kind);

G_END_DECLS
