/* au-record-form-private.h: the stored form of a record, byte by byte
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-record-private.h"

G_BEGIN_DECLS

/* The stored form. The version comes first, so that it can be read whatever follows. */
#define AU_RECORD_FORM_TYPE "(yssymvmvm(sis)xxxxxxuuudmsmstbta{sv}ma{sv})"

/* How many members have no fixed size, but for the last one. */
#define AU_RECORD_FORM_N_ENDS (8)

/* How many bytes each of the numbers has that say where members of a tuple end: the
 * fewest that can say where all of it ends. */
static inline guint
au_record_form_get_width (gsize body,
                          guint n_ends)
{
  if (body + n_ends <= G_MAXUINT8)
    return 1;
  if (body + 2 * n_ends <= G_MAXUINT16)
    return 2;
  if ((guint64) body + 4 * n_ends <= G_MAXUINT32)
    return 4;

  return 8;
}

GBytes   *au_record_encode (AuRecord  *record) G_GNUC_WARN_UNUSED_RESULT;
AuRecord *au_record_decode (GBytes    *bytes,
                            GError   **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
