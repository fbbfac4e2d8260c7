/* au-file-line-private.h: marks of what waits in queues, and of what runs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-expiry-private.h"
#include "au-file-records-private.h"
#include "../shared/au-store-standing-private.h"

G_BEGIN_DECLS

/* Enough for the path of any mark. */
#define AU_FILE_MARK_SIZE (640)

/* AuFileLine: for each computation that is in a queue, or that a worker has claimed, an
 * empty file whose path says where it stands:
 *
 *     queue/ready/QUEUE/NAME           it may be claimed
 *     queue/due/QUEUE/HOUR/TIME,NAME   it waits for its time
 *     queue/wait/OTHER/KEY             it waits for another computation to complete
 *     queue/run/OWNER/NAME             a worker has it until the time of the file
 *
 * A NAME is made of the priority, the time at which the computation was submitted, and its
 * key, so that names sort in the order of claims. To claim is to rename a mark, which
 * only one can do, and then to write the record.
 *
 * The record is the truth, and a mark says where to look for it. A mark is there before
 * the record says so, and until it says something else, whoever dies when; one that no
 * record confirms is removed by who finds it, with the lock of the record.
 *
 *     queue/paused/QUEUE     nothing is to be claimed from it
 *     queue/full/HASH        somebody found no room under a limit
 *     queue/workers/ID       what workers say of themselves
 *     queue/lives            see AuStoreLives
 *     queue/bell             rings when something may be claimed
 *     queue/stamps           see au_file_line_read_stamp()
 *
 * MT safe.
 */
struct _AuFileLine
{
  AuFileRecords *records;
  AuFileExpiry  *expiry;

  GMutex         lock;        /* for opening what follows */
  gint           is_open;
  int            bell_fd;
  int            stamps_fd;
  guint32        stamp_base;   /* what no other process has */
  gint           n_stamps;
  gint64         looked_round; /* monotonic */
};

void     au_file_line_init           (AuFileLine      *self,
                                      AuFileRecords   *records,
                                      AuFileExpiry    *expiry);
void     au_file_line_clear          (AuFileLine      *self);
gboolean au_file_line_open           (AuFileLine      *self,
                                      GError         **error);
gboolean au_file_line_is_used        (AuFileLine      *self);
GSource   *au_file_line_listen       (AuFileLine      *self);
GPtrArray *au_file_line_list_changes (AuFileLine      *self,
                                      guint64         *position);
void     au_file_line_tell           (AuFileLine      *self,
                                      const char      *key);
void     au_file_line_tell_many      (AuFileLine      *self,
                                      AuWrite         *writes,
                                      gsize            n_writes);
void     au_file_line_ring           (AuFileLine      *self);

/* Changes of records. The first two are called with the lock of the record. */
gboolean au_file_line_enter          (AuFileLine      *self,
                                      AuRecord        *record,
                                      AuStoreStanding  standing,
                                      GError         **error);
gboolean au_file_line_leave          (AuFileLine      *self,
                                      AuRecord        *before,
                                      AuRecord        *record,
                                      AuStoreStanding  standing);
void     au_file_line_write_many     (AuFileLine      *self,
                                      AuWrite         *writes,
                                      gsize            n_writes);
void     au_file_line_put_right      (AuFileLine      *self,
                                      const char      *mark,
                                      const char      *key);

/* Marks */
gboolean au_file_line_make_owner     (char            *name,
                                      const char      *owner,
                                      GError         **error);
void     au_file_line_make_name      (char            *name,
                                      AuRecord        *record);
gboolean au_file_line_make_mark      (char            *mark,
                                      AuRecord        *record,
                                      AuStoreStanding  standing,
                                      GError         **error);
gboolean au_file_line_put_mark       (AuFileLine      *self,
                                      const char      *mark,
                                      GError         **error);
void     au_file_line_drop_mark      (AuFileLine      *self,
                                      const char      *mark);
gboolean au_file_line_set_lease      (AuFileLine      *self,
                                      const char      *mark,
                                      gint64           lease_end);
gboolean au_file_line_release        (AuFileLine      *self,
                                      AuRecord        *record,
                                      GError         **error);

/* What has changed in the folders of a queue */
guint64  au_file_line_read_stamp     (AuFileLine      *self,
                                      const char      *folder);
void     au_file_line_write_stamp    (AuFileLine      *self,
                                      AuStoreStanding  standing,
                                      const char      *queue);

/* Limits that somebody found no room under */
void     au_file_line_note_full      (AuFileLine      *self,
                                      const char      *limit);

/* What comes after what; enter and leave with the lock of the record, the rest without */
gboolean au_file_after_is_waiting    (AuFileLine      *self,
                                      AuRecord        *record);
gboolean au_file_after_enter         (AuFileLine      *self,
                                      AuRecord        *record,
                                      GError         **error);
void     au_file_after_leave         (AuFileLine      *self,
                                      AuRecord        *record);
void     au_file_after_look          (AuFileLine      *self,
                                      AuRecord        *record);
void     au_file_after_settle        (AuFileLine      *self,
                                      const char      *key);
void     au_file_after_look_round    (AuFileLine      *self);

G_END_DECLS
