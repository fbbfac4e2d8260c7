/* au-file-remove.c: removing records
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-remove-private.h"

#include "au-file-line-private.h"
#include "au-file-unique-private.h"
#include "../shared/au-store-failpoint-private.h"

#include <errno.h>
#include <unistd.h>

/* Removes the files of a record. The caller holds its lock, and syncs the folder if that
 * matters.
 */
gboolean
au_file_remove_files (AuFileRecords  *records,
                      AuFileItems    *items,
                      const char     *key,
                      GError        **error)
{
  AuFileFolder *folder = &records->folder;
  char path[AU_FILE_PATH_SIZE];

  au_file_folder_record_path (path, key);
  if (unlinkat (folder->root_fd, path, 0) != 0)
    return errno == ENOENT ? au_file_folder_fail_absent (folder, key, error)
                           : au_file_folder_fail_writing (folder, path, errno, error);

  AU_STORE_FAILPOINT ("remove/unlinked");
  au_file_items_remove (items, key);
  au_file_cache_drop (&records->cache, key);

  return TRUE;
}

/* Gets the unique key that a record may hold. */
static char *
get_unique_key (AuFileRecords *records,
                const char    *key)
{
  g_autoptr(AuRecord) record = NULL;

  if (!au_file_unique_is_used (records))
    return NULL;

  record = au_file_records_load (records, key, AU_FILE_LOAD_PEEK, NULL);
  return record != NULL ? g_strdup (au_options_get_unique_key (au_record_get_options (record)))
                        : NULL;
}

/* Removes a record, and then the marks of where it stood: they are only found to be wrong
 * when it is gone.
 */
static gboolean
remove_locked (AuFileRecords  *records,
               AuFileItems    *items,
               const char     *key,
               gboolean       *claimable,
               GError        **error)
{
  AuFileFolder *folder = &records->folder;
  guint lock = au_file_locks_for_record (key);
  g_autoptr(AuRecord) record = NULL;
  char path[AU_FILE_PATH_SIZE];
  gboolean fine;

  if (!au_file_locks_take (&records->locks, lock, error))
    return FALSE;

  if (au_file_line_is_used (records->line))
    record = au_file_records_load (records, key, AU_FILE_LOAD_PEEK, NULL);

  fine = au_file_remove_files (records, items, key, error);
  if (fine && folder->sync)
    {
      au_file_folder_record_path (path, key);
      fine = au_file_folder_sync_parent (folder, path, error);
    }
  AU_STORE_FAILPOINT ("remove/before-leaving");
  if (fine && record != NULL)
    *claimable = au_file_line_leave (records->line, record, NULL, AU_STORE_STANDING_NOWHERE);
  au_file_locks_release (&records->locks, lock);

  return fine;
}

gboolean
au_file_remove (AuFileRecords  *records,
                AuFileItems    *items,
                const char     *key,
                GError        **error)
{
  g_autofree char *unique_key = get_unique_key (records, key);
  gboolean claimable = FALSE;
  guint lock = 0;
  gboolean fine;

  if (unique_key != NULL)
    {
      lock = au_file_locks_for_unique (unique_key);
      if (!au_file_locks_take (&records->locks, lock, error))
        return FALSE;
    }

  fine = remove_locked (records, items, key, &claimable, error);

  if (unique_key != NULL)
    {
      if (fine)
        au_file_unique_release (records, unique_key, key);
      au_file_locks_release (&records->locks, lock);
    }

  if (claimable)
    au_file_line_ring (records->line);
  AU_STORE_FAILPOINT ("remove/before-settling");
  if (fine)
    au_file_after_settle (records->line, key);
  return fine;
}
