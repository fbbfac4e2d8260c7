/* au-file-write-private.h: one change of a record
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-line-private.h"

G_BEGIN_DECLS

/* What has been done about a write so far. */
typedef enum
{
  AU_FILE_WRITE_NOTHING,   /* or it has failed, or there was a record already */
  AU_FILE_WRITE_INSERTED,  /* there is a new file */
  AU_FILE_WRITE_APPENDED,  /* the record is in its file, but the header is the old one */
  AU_FILE_WRITE_STAGED,    /* there is a new file that will take the place of the old */
} AuFileWriteStep;

/* AuFileWrite: one change of a record, in the steps that a batch does together:
 *
 * prepare, lock, stage, sync, commit, sync, unlock.
 */
typedef struct
{
  AuWrite         *write;      /* the caller's, where the outcome goes */
  const char      *key;
  const char      *unique_key; /* when it matters to this write */
  guint            unique_lock;
  guint            record_lock;

  /* Of what is in a queue */
  gboolean         in_queue;
  gboolean         entered;    /* there is a mark of where it is to stand */
  AuStoreStanding  standing;
  AuRecord        *before;     /* what a replace replaces */
  gboolean         claimable;  /* something may be claimed that could not be before */

  GBytes          *bytes;
  guint32          crc;
  AuFileHeader     header;
  AuFileHeader     old_header;
  char             new_header[AU_FILE_HEADER_SIZE];

  AuFileWriteStep  step;
  AuFileStaged     file;
} AuFileWrite;

void     au_file_write_prepare       (AuFileWrite   *self,
                                      AuFileRecords *records,
                                      AuWrite       *write);
gboolean au_file_write_needs_lock    (AuFileWrite   *self,
                                      AuFileRecords *records);
void     au_file_write_stage         (AuFileWrite   *self,
                                      AuFileRecords *records,
                                      AuFileExpiry  *expiry);
void     au_file_write_commit        (AuFileWrite   *self,
                                      AuFileRecords *records);
void     au_file_write_fail          (AuFileWrite   *self,
                                      AuFileRecords *records,
                                      GError        *reason);
void     au_file_write_finish        (AuFileWrite   *self,
                                      AuFileRecords *records);

gboolean au_file_write_many          (AuFileRecords *records,
                                      AuFileExpiry  *expiry,
                                      AuWrite       *writes,
                                      gsize          n_writes);

G_END_DECLS
