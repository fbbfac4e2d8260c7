/* au-mapping-private.h: large values in memory that is handed over
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Room for a value, in a file that has no name. */
typedef struct _AuMapping AuMapping;

AuMapping *au_mapping_new       (gsize       size,
                                 GError    **error);
void       au_mapping_unref     (AuMapping  *self);
gpointer   au_mapping_get_data  (AuMapping  *self);
gsize      au_mapping_get_size  (AuMapping  *self);
/* The bytes hold a reference. */
GBytes    *au_mapping_to_bytes  (AuMapping  *self);
/* From now on nobody can change the value; gives a descriptor of it, or -1. */
int        au_mapping_seal      (AuMapping  *self);

/* Takes over a descriptor that somebody else has sealed, and gives what is in it, or
 * NULL when it is not sealed or not of @size. */
GBytes    *au_mapping_open      (int         fd,
                                 gsize       size);

G_END_DECLS
