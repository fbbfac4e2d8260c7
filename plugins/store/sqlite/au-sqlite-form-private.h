/* au-sqlite-form-private.h: records as they are in the database
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-sqlite-place-private.h"

G_BEGIN_DECLS

/* AuSqliteForm: the stored form of a record, without its large values, and the names of
 * the files that these are in.
 */
typedef struct
{
  GBytes  *bytes;
  guint32  crc;
  char    *arguments_file;
  char    *value_file;
} AuSqliteForm;

gboolean  au_sqlite_form_init   (AuSqliteForm   *self,
                                 AuSqlitePlace  *place,
                                 AuRecord       *record,
                                 gboolean        is_new,
                                 GError        **error);
void      au_sqlite_form_clear  (AuSqliteForm   *self);
void      au_sqlite_form_unlink (AuSqliteForm   *self,
                                 AuSqlitePlace  *place);

AuRecord *au_sqlite_form_read   (AuSqlitePlace  *place,
                                 gconstpointer   data,
                                 gsize           size,
                                 guint32         crc,
                                 const char     *arguments_file,
                                 const char     *value_file,
                                 GError        **error);

G_END_DECLS
