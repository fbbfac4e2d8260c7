/* au-file-locks-private.h: who may change a record
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-file-folder-private.h"

G_BEGIN_DECLS

/* For so many groups of unique keys there is a lock each. */
#define AU_FILE_N_UNIQUE (64)

/* The lock of whoever counts what runs, to claim no more than limits allow. Nobody takes it
 * who has another one.
 */
#define AU_FILE_LOCK_CLAIM (AU_FILE_N_UNIQUE + AU_FILE_N_SHARDS)

/* The lock of whoever notes what it has changed. Who has it takes no other one. */
#define AU_FILE_LOCK_NOTES (AU_FILE_LOCK_CLAIM + 1)

/* AuFileLocks: one lock for the records of each shard, one for each group of unique
 * keys, and one each for claims under limits and for notes; each holds between the threads of this process, by a mutex, and between
 * processes, by a lock on one byte of a file, which the system releases for a process
 * that dies.
 *
 * Whoever takes several takes those of unique keys first, and all in ascending order.
 */
typedef struct
{
  AuFileFolder *folder;
  GMutex        mutexes[AU_FILE_LOCK_NOTES + 1];
} AuFileLocks;

void     au_file_locks_init       (AuFileLocks   *self,
                                   AuFileFolder  *folder);
void     au_file_locks_clear      (AuFileLocks   *self);

guint    au_file_locks_for_unique (const char    *unique_key);
guint    au_file_locks_for_record (const char    *key);

gboolean au_file_locks_take       (AuFileLocks   *self,
                                   guint          lock,
                                   GError       **error);
void     au_file_locks_release    (AuFileLocks   *self,
                                   guint          lock);

G_END_DECLS
