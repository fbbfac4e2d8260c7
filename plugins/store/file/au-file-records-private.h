/* au-file-records-private.h: the records of a store
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-cache-private.h"
#include "au-file-folder-private.h"
#include "au-file-locks-private.h"

G_BEGIN_DECLS

typedef struct _AuFileLine AuFileLine;

/* AuFileRecords: what it takes to read and write the records of a store. MT safe. */
typedef struct
{
  AuFileFolder folder;
  AuFileLocks  locks;
  AuFileCache  cache;
  AuFileForm   form;
  AuFileLine  *line;

  /* Whether there was a record already for the last insert. */
  gint         found_last;
} AuFileRecords;

/* What to do about a damaged record. */
typedef enum
{
  AU_FILE_LOAD_SET_ASIDE, /* take the lock of the record, and move it away */
  AU_FILE_LOAD_LOCKED,    /* the same, but the caller holds the lock */
  AU_FILE_LOAD_PEEK,      /* leave it where it is */
} AuFileLoad;

/* What a header must say for the record to be parsed. */
typedef struct
{
  AuStatusFlags statuses;
  gint64        since;
} AuFileWanted;

extern const AuFileWanted au_file_wanted_all;

gboolean  au_file_records_visit     (AuFileRecords       *self,
                                     const char          *key,
                                     AuFileLoad           load,
                                     const AuFileWanted  *wanted,
                                     AuFileHeader        *header,
                                     AuRecord           **record,
                                     GError             **error);
AuRecord *au_file_records_load      (AuFileRecords       *self,
                                     const char          *key,
                                     AuFileLoad           load,
                                     GError             **error);

gboolean  au_file_records_is_unreadable (AuFileRecords   *self,
                                         const char      *key);

int       au_file_records_open      (AuFileRecords       *self,
                                     const char          *key,
                                     int                  flags,
                                     char               **wrong,
                                     GError             **error);
gboolean  au_file_records_read      (AuFileRecords       *self,
                                     const char          *key,
                                     int                  fd,
                                     const AuFileWanted  *wanted,
                                     AuFileHeader        *header,
                                     AuRecord           **record,
                                     char               **wrong,
                                     GError             **error);
void      au_file_records_set_aside (AuFileRecords       *self,
                                     const char          *key,
                                     const char          *wrong,
                                     GError             **error);

G_END_DECLS
