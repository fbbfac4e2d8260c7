/* au-part-clash-private.h: two types of one name
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-module-loader-private.h"

G_BEGIN_DECLS

void     au_part_clash_note  (GType           type,
                              const AuModule *module);
GType    au_part_clash_find  (const AuModule *module);
char    *au_part_clash_whose (GType           type);
gboolean au_part_is_of_module (GType          type);

G_END_DECLS
