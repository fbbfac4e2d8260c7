/* au-file-header-private.h: the first line of a record's file
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* How the records of a store are written. */
typedef enum
{
  AU_FILE_FORM_JSON,
  AU_FILE_FORM_VARIANT,
} AuFileForm;

#define AU_FILE_HEADER_SIZE (256)

/* The file of a record starts with a header, a line of JSON of this size. It says
 * where in the file the record is, so that a change writes the new record behind the
 * old one, and then the header over itself: that is the moment of the change. What
 * one asks most about a record is in the header as well.
 */
typedef struct
{
  AuFileForm form;
  AuStatus   status;
  guint64    revision;
  guint      attempt;
  gint64     created;
  gint64     expires;   /* 0 unless ended */

  guint64    at;        /* from the start of the file */
  guint64    length;    /* without the newline behind it */

  /* Of the record and the header's text up to here; last. */
  guint32    check;
} AuFileHeader;

typedef enum
{
  AU_FILE_HEADER_OK,
  AU_FILE_HEADER_FOREIGN, /* or damaged, or half written */
  AU_FILE_HEADER_NEWER,
} AuFileHeaderResult;

void               au_file_header_init    (AuFileHeader *self,
                                           AuFileForm    form,
                                           AuRecord     *record,
                                           gsize         length);
void               au_file_header_write   (AuFileHeader *self,
                                           guint32       record_crc,
                                           char         *text);
void               au_file_header_rewrite (AuFileHeader *self,
                                           char         *text);
AuFileHeaderResult au_file_header_read    (AuFileHeader *self,
                                           const char   *text,
                                           gsize         length);
gboolean           au_file_header_check   (AuFileHeader *self,
                                           const char   *text,
                                           gconstpointer record);

G_END_DECLS
