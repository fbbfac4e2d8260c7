/* au-file-unique.c: which computation holds a unique key
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-unique-private.h"
#include "../shared/au-store-failpoint-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void
make_path (char       *path,
           const char *unique_key)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, unique_key, -1);

  g_snprintf (path, AU_FILE_PATH_SIZE, "unique/%s", hash);
}

/* Reads which key a link leads to; FALSE when there is none. */
static gboolean
read_link (AuFileRecords *self,
           const char    *path,
           char          *key)
{
  gssize length = readlinkat (self->folder.root_fd, path, key, AU_KEY_MAX_LENGTH + 1);

  if (length < 0 || length > AU_KEY_MAX_LENGTH)
    return FALSE;

  key[length] = '\0';
  return au_key_is_valid (key);
}

/* Finds the computation, other than that of own_key, that holds a unique key.
 *
 * Returns a reference, or NULL when none holds it.
 */
AuRecord *
au_file_unique_get_holder (AuFileRecords *self,
                           const char    *unique_key,
                           const char    *own_key)
{
  g_autoptr(AuRecord) record = NULL;
  char path[AU_FILE_PATH_SIZE];
  char key[AU_KEY_MAX_LENGTH + 2];

  make_path (path, unique_key);
  if (!read_link (self, path, key) || g_str_equal (key, own_key))
    return NULL;

  /* A damaged one holds nothing. It stays where it is: its lock may not be taken. */
  record = au_file_records_load (self, key, AU_FILE_LOAD_PEEK, NULL);
  if (record == NULL || au_status_is_terminal (au_record_get_status (record)) ||
      g_strcmp0 (au_options_get_unique_key (au_record_get_options (record)), unique_key) != 0)
    return NULL;

  return g_steal_pointer (&record);
}

/* Makes a computation the holder of a unique key that nobody else holds. */
gboolean
au_file_unique_take (AuFileRecords  *self,
                     const char     *unique_key,
                     const char     *key,
                     GError        **error)
{
  char path[AU_FILE_PATH_SIZE];
  char old_key[AU_KEY_MAX_LENGTH + 2];

  make_path (path, unique_key);
  if (read_link (self, path, old_key) && g_str_equal (old_key, key))
    return TRUE;

  if (unlinkat (self->folder.root_fd, path, 0) != 0 && errno != ENOENT)
    return au_file_folder_fail_writing (&self->folder, path, errno, error);

  AU_STORE_FAILPOINT ("unique/before-taking");
  if (symlinkat (key, self->folder.root_fd, path) != 0 &&
      (errno != ENOENT ||
       !au_file_folder_make_parent (&self->folder, path, NULL) ||
       symlinkat (key, self->folder.root_fd, path) != 0))
    return au_file_folder_fail_writing (&self->folder, path, errno, error);

  AU_STORE_FAILPOINT ("unique/taken");
  return !self->folder.sync || au_file_folder_sync_parents (&self->folder, path, error);
}

/* Ends a hold. If that fails, the next who wants the unique key finds it out. */
void
au_file_unique_release (AuFileRecords *self,
                        const char    *unique_key,
                        const char    *key)
{
  char path[AU_FILE_PATH_SIZE];
  char holder[AU_KEY_MAX_LENGTH + 2];

  make_path (path, unique_key);
  if (read_link (self, path, holder) && g_str_equal (holder, key))
    unlinkat (self->folder.root_fd, path, 0);
}

/* Whether any record of this store ever had a unique key. */
gboolean
au_file_unique_is_used (AuFileRecords *self)
{
  return faccessat (self->folder.root_fd, "unique", F_OK, 0) == 0;
}
