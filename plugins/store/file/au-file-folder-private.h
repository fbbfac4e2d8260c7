/* au-file-folder-private.h: the folder of a store, and how it is written to
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

#include <dirent.h>
#include <sys/uio.h>

G_BEGIN_DECLS

/* So many folders hold the records. With fewer, those of a million records become so
 * large that ext4 is slower; with more, small stores are mostly folders.
 */
#define AU_FILE_N_SHARDS (1024)

/* Enough for the path of any file inside the folder of a store. */
#define AU_FILE_PATH_SIZE (192)

#define AU_FILE_RECORD_ENDING ".au"

/* AuFileFolder: the folder of a store, open.
 *
 *     au-store               says what the folder is
 *     records/SHARD/KEY.au   the records
 *     items/SHARD/KEY.items  what generators gave
 *     unique/HASH            which computation holds a unique key, a link to its key
 *     expires/HOUR/MINUTE    what expires then, lines of time and key
 *     damaged/               what could not be read
 *     staging/               what is being written
 *     queue/                 see AuFileLine
 *     lock, bell, boot       see AuFileLocks, AuFileBell, AuFileRecovery
 *     notes                  see AuStoreNotes
 *
 * All paths but that of the folder itself are relative to it. MT safe.
 */
typedef struct
{
  char    *path;
  int      root_fd;
  int      lock_fd;
  int      bell_fd;
  int      notes_fd;      /* what was changed lately; see AuStoreNotes */
  gboolean sync;          /* whether a write is to survive the loss of power */
  int      read_only;     /* why nothing can be written, an errno; 0 if it can */

  gboolean is_new;        /* this has made it */

  gint     no_tmpfile;    /* the file system has no unnamed files */
  gint     no_empty_path; /* we may not link a descriptor by itself */
  gint     n_staged;

  /* Which folders of records are known to survive the loss of power. */
  gint     synced_shards[AU_FILE_N_SHARDS];
} AuFileFolder;

/* A file that nobody can see yet. */
typedef struct
{
  int  fd;
  char path[AU_FILE_PATH_SIZE]; /* empty while it has no name at all */
} AuFileStaged;

gboolean au_file_folder_judge        (const char    *path,
                                      GError       **error);
gboolean au_file_folder_open         (AuFileFolder  *self,
                                      const char    *path,
                                      gboolean       sync,
                                      GError       **error);
void     au_file_folder_close        (AuFileFolder  *self);

guint    au_file_folder_get_shard    (const char    *key);
void     au_file_folder_record_path  (char          *path,
                                      const char    *key);
void     au_file_folder_items_path   (char          *path,
                                      const char    *key);

gboolean au_file_folder_fail_reading (AuFileFolder  *self,
                                      const char    *path,
                                      int            reason,
                                      GError       **error);
gboolean au_file_folder_fail_writing (AuFileFolder  *self,
                                      const char    *path,
                                      int            reason,
                                      GError       **error);
gboolean au_file_folder_fail_absent  (AuFileFolder  *self,
                                      const char    *key,
                                      GError       **error);

gboolean au_file_folder_make_parent  (AuFileFolder  *self,
                                      const char    *path,
                                      GError       **error);
gboolean au_file_folder_sync_parent  (AuFileFolder  *self,
                                      const char    *path,
                                      GError       **error);
gboolean au_file_folder_sync_parents (AuFileFolder  *self,
                                      const char    *path,
                                      GError       **error);
DIR     *au_file_folder_list         (AuFileFolder  *self,
                                      const char    *path);

gboolean au_file_folder_stage        (AuFileFolder  *self,
                                      const char    *path,
                                      gboolean       named,
                                      AuFileStaged  *staged,
                                      GError       **error);
int      au_file_folder_publish      (AuFileFolder  *self,
                                      AuFileStaged  *staged,
                                      const char    *path);
void     au_file_folder_unstage      (AuFileFolder  *self,
                                      AuFileStaged  *staged);

char    *au_file_folder_set_aside    (AuFileFolder  *self,
                                      const char    *path,
                                      const char    *name,
                                      const char    *reason);

gssize   au_file_read                (int            fd,
                                      gpointer       data,
                                      gsize          length,
                                      goffset        offset);
gboolean au_file_write               (int            fd,
                                      struct iovec  *parts,
                                      int            n_parts,
                                      goffset        offset);

G_END_DECLS
