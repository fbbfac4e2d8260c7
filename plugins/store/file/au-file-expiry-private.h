/* au-file-expiry-private.h: when records expire
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-records-private.h"

G_BEGIN_DECLS

/* AuFileExpiry: when records expire.
 *
 * The file expires/HOUR/MINUTE has one line, of time and key, for each record that
 * expires in that minute, so that cleaning looks at nothing but what is due. A line
 * is written before the record that it speaks of, and believed only if the record
 * says the same. MT safe.
 */
typedef struct
{
  AuFileRecords *records;

  /* Where lines were written last, as most go to the same minute. */
  GMutex         lock;
  int            fd;
  gint64         minute;

  /* How far each file is done with, of those that are not done with as a whole:
   * path → offset. One cleans at a time.
   */
  GMutex         clean_lock;
  GHashTable    *done;
} AuFileExpiry;

typedef gboolean (*AuFileExpireFunc) (AuFileRecords *records,
                                      const char    *key,
                                      gint64         now,
                                      gpointer       user_data,
                                      GError       **error);

void     au_file_expiry_init  (AuFileExpiry      *self,
                               AuFileRecords     *records);
void     au_file_expiry_clear (AuFileExpiry      *self);

gboolean au_file_expiry_note  (AuFileExpiry      *self,
                               const char        *key,
                               gint64             expires,
                               GError           **error);
gint     au_file_expiry_clean (AuFileExpiry      *self,
                               gint64             now,
                               guint              limit,
                               AuFileExpireFunc   func,
                               gpointer           user_data,
                               GCancellable      *cancellable,
                               GError           **error);

G_END_DECLS
