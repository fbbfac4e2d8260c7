/* au-file-records.c: the records of a store
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-records-private.h"

#include "au-file-image-private.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* How often a record is read without its lock before its damage is believed: who
 * writes may have been half way through a header.
 */
#define MAX_TRIES (3)

const AuFileWanted au_file_wanted_all = { AU_STATUS_FLAGS_ANY, G_MININT64 };

/* Opens the file of a record. Returns -1 with error set, or with wrong set (owned)
 * when there is something that is no record.
 */
int
au_file_records_open (AuFileRecords  *self,
                      const char     *key,
                      int             flags,
                      char          **wrong,
                      GError        **error)
{
  char path[AU_FILE_PATH_SIZE];
  int fd;

  au_file_folder_record_path (path, key);

  /* Whatever it is, opening it must neither block nor lead elsewhere. */
  fd = openat (self->folder.root_fd, path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd >= 0)
    return fd;

  switch (errno)
    {
    case ENOENT:
      au_file_folder_fail_absent (&self->folder, key, error);
      break;
    case ELOOP:
    case ENXIO:
    case EISDIR:
      *wrong = g_strdup (_("it is no regular file"));
      break;
    default:
      au_file_folder_fail_reading (&self->folder, path, errno, error);
    }

  return -1;
}

static gboolean
is_wanted (const AuFileWanted *wanted,
           const AuFileHeader *header)
{
  return (wanted->statuses & (1u << header->status)) != 0 && header->created >= wanted->since;
}

/* Reads the record in an open file: its header, and if that is wanted the record.
 * Returns FALSE with error set, or with wrong set (owned) when it is damaged.
 */
gboolean
au_file_records_read (AuFileRecords       *self,
                      const char          *key,
                      int                  fd,
                      const AuFileWanted  *wanted,
                      AuFileHeader        *header,
                      AuRecord           **record,
                      char               **wrong,
                      GError             **error)
{
  g_autoptr(GError) reason = NULL;
  AuFileImage image;
  char path[AU_FILE_PATH_SIZE];

  switch (au_file_image_read (&image, fd))
    {
    case AU_FILE_IMAGE_OK:
      break;

    case AU_FILE_IMAGE_DAMAGED:
      *wrong = g_strdup (image.wrong);
      au_file_image_clear (&image);
      return FALSE;

    case AU_FILE_IMAGE_NEWER:
      au_file_image_clear (&image);
      g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
                   _("The record of the computation “%s” in “%s” was written by a newer au: use that one to read it"),
                   key, self->folder.path);
      return FALSE;

    case AU_FILE_IMAGE_UNREADABLE:
    default:
      au_file_image_clear (&image);
      au_file_folder_record_path (path, key);
      return au_file_folder_fail_reading (&self->folder, path, errno, error);
    }

  *header = image.header;
  if (wanted != NULL && is_wanted (wanted, header))
    {
      *record = au_file_cache_get (&self->cache, key, header);
      if (*record == NULL)
        {
          *record = au_file_image_parse (&image, key, &reason);
          if (*record != NULL)
            au_file_cache_put (&self->cache, *record, header);
        }
    }
  au_file_image_clear (&image);

  if (reason == NULL)
    return TRUE;

  if (g_error_matches (reason, AU_ERROR, AU_ERROR_UNSUPPORTED))
    g_propagate_error (error, g_steal_pointer (&reason));
  else
    *wrong = g_strdup (reason->message);
  return FALSE;
}

/* Moves a damaged record away, with its items. The caller holds its lock. Always sets
 * error.
 */
void
au_file_records_set_aside (AuFileRecords  *self,
                           const char     *key,
                           const char     *wrong,
                           GError        **error)
{
  g_autofree char *name = g_strconcat (key, AU_FILE_RECORD_ENDING, NULL);
  g_autofree char *target = NULL;
  g_autofree char *items_target = g_strconcat ("damaged/", key, ".items", NULL);
  char path[AU_FILE_PATH_SIZE];
  char items_path[AU_FILE_PATH_SIZE];

  au_file_folder_record_path (path, key);
  target = au_file_folder_set_aside (&self->folder, path, name, wrong);
  au_file_cache_drop (&self->cache, key);

  /* Most have none, and those of an earlier damage make room. */
  au_file_folder_items_path (items_path, key);
  renameat (self->folder.root_fd, items_path, self->folder.root_fd, items_target);

  if (target != NULL)
    g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED,
                 _("The record of the computation “%s” is damaged (%s): its file was moved to “%s”; submit it again"),
                 key, wrong, target);
  else
    g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED,
                 _("The record of the computation “%s” is damaged (%s), and its file “%s/%s” could not be moved away"),
                 key, wrong, self->folder.path, path);
}

static gboolean
try_visit (AuFileRecords       *self,
           const char          *key,
           const AuFileWanted  *wanted,
           AuFileHeader        *header,
           AuRecord           **record,
           char               **wrong,
           GError             **error)
{
  int fd = au_file_records_open (self, key, O_RDONLY, wrong, error);
  gboolean fine;

  if (fd < 0)
    return FALSE;

  fine = au_file_records_read (self, key, fd, wanted, header, record, wrong, error);
  close (fd);

  return fine;
}

/* Reads the header of a record, and if it says what is wanted, the record as well. No
 * lock is taken unless the record is damaged.
 *
 * Fails as au_store_load() does.
 */
gboolean
au_file_records_visit (AuFileRecords       *self,
                       const char          *key,
                       AuFileLoad           load,
                       const AuFileWanted  *wanted,
                       AuFileHeader        *header,
                       AuRecord           **record,
                       GError             **error)
{
  g_autofree char *wrong = NULL;
  guint lock;

  if (record != NULL)
    *record = NULL;

  for (guint i = 0; i < MAX_TRIES; i++)
    {
      GError *reason = NULL;

      g_clear_pointer (&wrong, g_free);
      if (try_visit (self, key, wanted, header, record, &wrong, &reason))
        return TRUE;

      if (wrong == NULL)
        {
          g_propagate_error (error, reason);
          return FALSE;
        }
    }

  if (load == AU_FILE_LOAD_PEEK || self->folder.read_only != 0)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED,
                   _("The record of the computation “%s” in “%s” is damaged (%s)"),
                   key, self->folder.path, wrong);
      return FALSE;
    }

  if (load == AU_FILE_LOAD_LOCKED)
    {
      au_file_records_set_aside (self, key, wrong, error);
      return FALSE;
    }

  /* Nobody writes to it now, so what is damaged now stays so. */
  lock = au_file_locks_for_record (key);
  if (!au_file_locks_take (&self->locks, lock, error))
    return FALSE;

  g_clear_pointer (&wrong, g_free);
  if (try_visit (self, key, wanted, header, record, &wrong, error))
    {
      au_file_locks_release (&self->locks, lock);
      return TRUE;
    }

  if (wrong != NULL)
    au_file_records_set_aside (self, key, wrong, error);
  au_file_locks_release (&self->locks, lock);

  return FALSE;
}

/* Whether it is this one file that cannot be read, while others perhaps can: because
 * somebody has taken the right to it away, or the disk has lost it.
 */
gboolean
au_file_records_is_unreadable (AuFileRecords *self,
                               const char    *key)
{
  char path[AU_FILE_PATH_SIZE];
  char byte;
  int reason = 0;
  int fd;

  au_file_folder_record_path (path, key);
  fd = openat (self->folder.root_fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0 || au_file_read (fd, &byte, 1, 0) < 0)
    reason = errno;
  if (fd >= 0)
    close (fd);

  return reason == EACCES || reason == EPERM || reason == EIO;
}

AuRecord *
au_file_records_load (AuFileRecords  *self,
                      const char     *key,
                      AuFileLoad      load,
                      GError        **error)
{
  AuRecord *record = NULL;
  AuFileHeader header;

  au_file_records_visit (self, key, load, &au_file_wanted_all, &header, &record, error);
  return record;
}
