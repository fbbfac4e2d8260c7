/* au-file-write.c: one change of a record
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-write-private.h"

#include "../shared/au-store-crc-private.h"
#include "au-file-image-private.h"
#include "au-file-unique-private.h"
#include "../shared/au-store-rules-private.h"
#include "../shared/au-store-failpoint-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A change is appended to the file until that becomes larger than this; then a new
 * file takes its place. Appending is several times faster than replacing: ext4 writes
 * a file out when it is put in the place of another, and takes long to make new files
 * where many were removed.
 */
#define MAX_SIZE (64 * 1024)

/* A file that is to survive the loss of power is filled up to blocks of this size with
 * blanks: a change that does not make it larger is on the disk twice as fast.
 */
#define BLOCK_SIZE (4096)

/* How often an insert starts again because the record that was in its way is gone. */
#define MAX_TRIES (16)

static void
set_error (AuFileWrite *self,
           GError      *error)
{
  g_assert (self->write->error == NULL);

  self->write->error = error;
}

/* Writes the record as bytes. */
static void
format_record (AuFileWrite   *self,
               AuFileRecords *records)
{
  gconstpointer data;
  gsize length;

  self->bytes = au_file_image_format (self->write->record, records->form);
  data = g_bytes_get_data (self->bytes, &length);
  self->crc = au_store_crc (0, data, length);
}

/* Does what needs no lock. */
void
au_file_write_prepare (AuFileWrite   *self,
                       AuFileRecords *records,
                       AuWrite       *write)
{
  AuRecord *record = write->record;
  AuStatus status = au_record_get_status (record);

  self->write = write;
  self->key = au_record_get_key (record);
  self->unique_key = NULL;
  self->in_queue = au_options_get_queue (au_record_get_options (record)) != NULL;
  self->entered = FALSE;
  self->before = NULL;
  self->claimable = FALSE;
  self->bytes = NULL;
  self->step = AU_FILE_WRITE_NOTHING;
  self->file.fd = -1;
  self->file.path[0] = '\0';

  if (!au_key_check (self->key, &write->error))
    return;

  self->record_lock = au_file_locks_for_record (self->key);

  /* A running record has been pending, so it holds its unique key already. */
  if (status != AU_STATUS_RUNNING || write->expected == 0)
    self->unique_key = au_options_get_unique_key (au_record_get_options (record));
  if (self->unique_key != NULL)
    self->unique_lock = au_file_locks_for_unique (self->unique_key);

  /* An insert may find that there is nothing to be written. */
  if (write->expected > 0)
    format_record (self, records);
}

/* An insert needs none of its record's: only one can give a file its name. But if the
 * record that was there first is to survive the loss of power, as this one would, then
 * whoever writes it must be waited for; and marks of a queue are compared with the record
 * under its lock.
 */
gboolean
au_file_write_needs_lock (AuFileWrite   *self,
                          AuFileRecords *records)
{
  return self->write->expected > 0 || records->folder.sync || self->in_queue;
}

/* Writing a file */

/* Writes what goes behind the record: a newline, and blanks up to a whole block. */
static gsize
make_end (AuFileRecords *records,
          gsize          size,
          char          *end)
{
  gsize length = 1;

  if (records->folder.sync && (size + 1) % BLOCK_SIZE != 0)
    length += BLOCK_SIZE - (size + 1) % BLOCK_SIZE;

  memset (end, ' ', length);
  end[0] = '\n';
  end[length - 1] = '\n';

  return length;
}

/* Writes a whole file. Returns FALSE with errno set. */
static gboolean
write_file (AuFileWrite   *self,
            AuFileRecords *records)
{
  char end[BLOCK_SIZE];
  gsize length;
  gconstpointer data = g_bytes_get_data (self->bytes, &length);
  struct iovec parts[3];

  au_file_header_init (&self->header, records->form, self->write->record, length);
  au_file_header_write (&self->header, self->crc, self->new_header);

  parts[0] = (struct iovec) { self->new_header, AU_FILE_HEADER_SIZE };
  parts[1] = (struct iovec) { (gpointer) data, length };
  parts[2] = (struct iovec) { end, make_end (records, AU_FILE_HEADER_SIZE + length, end) };

  return au_file_write (self->file.fd, parts, G_N_ELEMENTS (parts), 0);
}

/* Expiry is noted before the record says so: a note that no record confirms is
 * harmless, but a record that is not noted would stay for ever.
 */
static gboolean
note_expiry (AuFileWrite   *self,
             AuFileExpiry  *expiry,
             GError       **error)
{
  AuRecord *record = self->write->record;
  gint64 expires = au_record_get_expires (record);

  return !au_store_rules_is_terminal (record) || expires <= 0 ||
         au_file_expiry_note (expiry, self->key, expires, error);
}

/* Marks where the computation is to stand, if that is a change. */
static gboolean
enter_line (AuFileWrite    *self,
            AuFileRecords  *records,
            GError        **error)
{
  AuRecord *record = self->write->record;

  if (!self->in_queue || (self->before != NULL && !au_store_standing_is_moved (self->before, record)))
    return TRUE;

  self->standing = au_store_standing_get (record);
  self->entered = TRUE;
  AU_STORE_FAILPOINT ("mark/before");
  return au_file_line_enter (records->line, record, self->standing, error);
}

/* Removes the marks that are not right any more. */
static void
leave_line (AuFileWrite   *self,
            AuFileRecords *records,
            gboolean       done)
{
  AuRecord *record = self->write->record;

  if (!self->entered)
    return;

  if (done)
    {
      self->claimable = au_file_line_leave (records->line, self->before, record, self->standing);
    }
  else
    {
      g_autoptr(AuRecord) there = au_file_records_load (records, self->key, AU_FILE_LOAD_PEEK, NULL);
      AuStoreStanding standing = there != NULL ? au_store_standing_get (there) : AU_STORE_STANDING_NOWHERE;

      au_file_line_leave (records->line, record, there, standing);
    }
}

/* Insert */

/* Answers with the record that was there first, if there is one; it is taken over. */
static gboolean
accept_existing (AuFileWrite  *self,
                 AuRecord     *existing,
                 GError      **error)
{
  if (!au_store_rules_check_same (existing, self->write->record, error))
    {
      au_record_unref (existing);
      return FALSE;
    }

  self->write->stored = existing;
  return TRUE;
}

/* Reads a record that is in the way of an insert. One that is damaged is moved away.
 * Returns NULL without an error when there is none any more.
 */
static AuRecord *
load_existing (AuFileWrite    *self,
               AuFileRecords  *records,
               GError        **error)
{
  gboolean locked = au_file_write_needs_lock (self, records);
  g_autoptr(GError) reason = NULL;
  AuRecord *existing;

  existing = au_file_records_load (records, self->key,
                                   locked ? AU_FILE_LOAD_LOCKED : AU_FILE_LOAD_SET_ASIDE,
                                   &reason);

  if (reason != NULL &&
      !g_error_matches (reason, AU_ERROR, AU_ERROR_NOT_FOUND) &&
      !g_error_matches (reason, AU_ERROR, AU_ERROR_DAMAGED))
    g_propagate_error (error, g_steal_pointer (&reason));

  return existing;
}

/* Answers with the record that is there already. Sets *there when there is one, or if
 * that cannot be told.
 */
static gboolean
find_existing (AuFileWrite    *self,
               AuFileRecords  *records,
               gboolean       *there,
               GError        **error)
{
  GError *reason = NULL;
  AuRecord *existing = load_existing (self, records, &reason);

  *there = existing != NULL || reason != NULL;
  if (existing != NULL)
    {
      if (!g_atomic_int_get (&records->found_last))
        g_atomic_int_set (&records->found_last, TRUE);
      return accept_existing (self, existing, error);
    }

  if (reason != NULL)
    g_propagate_error (error, reason);
  return FALSE;
}

/* Takes the unique key for the record, unless somebody holds it. Returns FALSE when
 * that is the outcome, or with an error.
 */
static gboolean
claim_unique (AuFileWrite    *self,
              AuFileRecords  *records,
              GError        **error)
{
  AuRecord *holder;
  gboolean there;

  if (self->unique_key == NULL || au_store_rules_is_terminal (self->write->record))
    return TRUE;

  /* The record's own key goes first. */
  find_existing (self, records, &there, error);
  if (there)
    return FALSE;

  holder = au_file_unique_get_holder (records, self->unique_key, self->key);
  if (holder == NULL)
    return au_file_unique_take (records, self->unique_key, self->key, error);

  self->write->stored = holder;
  return FALSE;
}

static gboolean
stage_insert (AuFileWrite    *self,
              AuFileRecords  *records,
              AuFileExpiry   *expiry,
              GError        **error)
{
  AuFileFolder *folder = &records->folder;
  char path[AU_FILE_PATH_SIZE];
  gboolean there = FALSE;
  gboolean fine;
  int reason = EEXIST;

  if (!claim_unique (self, records, error))
    return self->write->stored != NULL;

  /* Those who ask for what they have go on doing so: then looking first saves much. */
  au_file_folder_record_path (path, self->key);
  if (g_atomic_int_get (&records->found_last) &&
      faccessat (folder->root_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
    {
      fine = find_existing (self, records, &there, error);
      if (there)
        return fine;
    }

  format_record (self, records);
  if (!note_expiry (self, expiry, error) ||
      !enter_line (self, records, error) ||
      !au_file_folder_stage (folder, path, FALSE, &self->file, error))
    return FALSE;

  if (!write_file (self, records))
    return au_file_folder_fail_writing (folder, path, errno, error);

  AU_STORE_FAILPOINT ("insert/staged");
  for (guint i = 0; i < MAX_TRIES && reason == EEXIST; i++)
    {
      reason = au_file_folder_publish (folder, &self->file, path);
      if (reason != EEXIST)
        break;

      fine = find_existing (self, records, &there, error);
      if (there)
        return fine;
    }

  if (reason != 0)
    return au_file_folder_fail_writing (folder, path, reason, error);

  AU_STORE_FAILPOINT ("insert/published");
  if (g_atomic_int_get (&records->found_last))
    g_atomic_int_set (&records->found_last, FALSE);
  self->step = AU_FILE_WRITE_INSERTED;
  return TRUE;
}

/* Replace */

/* A computation that has ended and is to run again wants its unique key back. */
static gboolean
reclaim_unique (AuFileWrite    *self,
                AuFileRecords  *records,
                AuRecord       *stored,
                GError        **error)
{
  g_autoptr(AuRecord) holder = NULL;

  if (self->unique_key == NULL || au_store_rules_is_terminal (self->write->record) ||
      !au_store_rules_is_terminal (stored))
    return TRUE;

  holder = au_file_unique_get_holder (records, self->unique_key, self->key);
  if (holder == NULL)
    return au_file_unique_take (records, self->unique_key, self->key, error);

  return au_store_rules_check_holder (stored, self->write->record, au_record_get_key (holder), error);
}

/* Writes the record behind the one that the file holds. */
static gboolean
append_to_file (AuFileWrite         *self,
                AuFileRecords       *records,
                const AuFileHeader  *old,
                GError             **error)
{
  char end[BLOCK_SIZE];
  char path[AU_FILE_PATH_SIZE];
  gsize length;
  gconstpointer data = g_bytes_get_data (self->bytes, &length);
  goffset at = old->at + old->length + 1;
  struct iovec parts[2] = { { (gpointer) data, length }, { end, 1 } };
  struct stat info;

  end[0] = '\n';
  au_file_header_init (&self->header, records->form, self->write->record, length);
  self->header.at = at;
  au_file_header_write (&self->header, self->crc, self->new_header);

  /* The blanks are there already, or else there are to be new ones. */
  if (records->folder.sync &&
      (fstat (self->file.fd, &info) != 0 || info.st_size < at + (goffset) length + 1))
    parts[1].iov_len = make_end (records, at + length, end);

  if (!au_file_write (self->file.fd, parts, G_N_ELEMENTS (parts), at))
    {
      int reason = errno;

      au_file_folder_record_path (path, self->key);
      return au_file_folder_fail_writing (&records->folder, path, reason, error);
    }

  AU_STORE_FAILPOINT ("replace/appended");
  self->step = AU_FILE_WRITE_APPENDED;
  return TRUE;
}

/* Writes the record to a new file. */
static gboolean
write_anew (AuFileWrite    *self,
            AuFileRecords  *records,
            GError        **error)
{
  char path[AU_FILE_PATH_SIZE];

  close (self->file.fd);
  self->file.fd = -1;

  au_file_folder_record_path (path, self->key);
  if (!au_file_folder_stage (&records->folder, path, TRUE, &self->file, error))
    return FALSE;

  if (!write_file (self, records))
    return au_file_folder_fail_writing (&records->folder, self->file.path, errno, error);

  AU_STORE_FAILPOINT ("replace/staged");
  self->step = AU_FILE_WRITE_STAGED;
  return TRUE;
}

static gboolean
stage_replace (AuFileWrite    *self,
               AuFileRecords  *records,
               AuFileExpiry   *expiry,
               GError        **error)
{
  g_autofree char *wrong = NULL;
  g_autoptr(AuRecord) stored = NULL;
  AuFileHeader old;

  self->file.fd = au_file_records_open (records, self->key, O_RDWR, &wrong, error);
  if (self->file.fd < 0 ||
      !au_file_records_read (records, self->key, self->file.fd, &au_file_wanted_all,
                             &old, &stored, &wrong, error))
    {
      if (wrong != NULL)
        au_file_records_set_aside (records, self->key, wrong, error);
      return FALSE;
    }

  if (self->in_queue)
    self->before = au_record_ref (stored);

  if (!au_store_rules_check_replacement (stored, self->write->record, self->write->expected, error) ||
      !reclaim_unique (self, records, stored, error) ||
      !note_expiry (self, expiry, error) ||
      !enter_line (self, records, error))
    return FALSE;

  AU_STORE_FAILPOINT ("replace/marked");
  if (old.at + old.length + g_bytes_get_size (self->bytes) > MAX_SIZE)
    return write_anew (self, records, error);

  /* It is put back if the new one turns out not to get to the disk. */
  self->old_header = old;
  return append_to_file (self, records, &old, error);
}

/* Steps */

/* Writes everything, so that only the commit is missing. An insert has none: when it
 * is staged it is done, as far as this process is concerned.
 */
void
au_file_write_stage (AuFileWrite   *self,
                     AuFileRecords *records,
                     AuFileExpiry  *expiry)
{
  GError *error = NULL;
  gboolean fine;

  if (self->write->error != NULL)
    return;

  if (self->write->expected == 0)
    fine = stage_insert (self, records, expiry, &error);
  else
    fine = stage_replace (self, records, expiry, &error);

  if (!fine)
    set_error (self, error);
}

/* Makes the change that was staged. */
void
au_file_write_commit (AuFileWrite   *self,
                      AuFileRecords *records)
{
  struct iovec header = { self->new_header, AU_FILE_HEADER_SIZE };
  char path[AU_FILE_PATH_SIZE];
  GError *error = NULL;

  if (self->write->error != NULL)
    return;

  switch (self->step)
    {
    case AU_FILE_WRITE_APPENDED:
      if (au_file_write (self->file.fd, &header, 1, 0))
        return;
      au_file_folder_record_path (path, self->key);
      break;

    case AU_FILE_WRITE_STAGED:
      au_file_folder_record_path (path, self->key);
      if (renameat (records->folder.root_fd, self->file.path, records->folder.root_fd, path) != 0)
        break;
      self->file.path[0] = '\0';
      return;

    case AU_FILE_WRITE_NOTHING:
    case AU_FILE_WRITE_INSERTED:
    default:
      return;
    }

  au_file_folder_fail_writing (&records->folder, path, errno, &error);
  set_error (self, error);
}

/* Takes a change back that is not known to be on the disk, as far as that is possible,
 * and reports why. Takes over reason.
 */
void
au_file_write_fail (AuFileWrite   *self,
                    AuFileRecords *records,
                    GError        *reason)
{
  char text[AU_FILE_HEADER_SIZE];
  struct iovec header = { text, sizeof text };
  char path[AU_FILE_PATH_SIZE];

  au_file_folder_record_path (path, self->key);

  if (self->step == AU_FILE_WRITE_INSERTED)
    unlinkat (records->folder.root_fd, path, 0);

  if (self->step == AU_FILE_WRITE_APPENDED)
    {
      au_file_header_rewrite (&self->old_header, text);
      au_file_write (self->file.fd, &header, 1, 0);
    }

  set_error (self, reason);
}

static void
release_unique (AuFileWrite   *self,
                AuFileRecords *records)
{
  if (self->unique_key != NULL && au_store_rules_is_terminal (self->write->record))
    au_file_unique_release (records, self->unique_key, self->key);
}

/* Gives the outcome. The locks are still held. */
void
au_file_write_finish (AuFileWrite   *self,
                      AuFileRecords *records)
{
  AuWrite *write = self->write;

  if (write->error == NULL && self->step != AU_FILE_WRITE_NOTHING)
    {
      write->stored = au_record_ref (write->record);
      write->created = self->step == AU_FILE_WRITE_INSERTED;
      au_file_cache_put (&records->cache, write->record, &self->header);
      AU_STORE_FAILPOINT ("write/before-leaving");
      release_unique (self, records);
      AU_STORE_FAILPOINT ("write/released-unique");
      leave_line (self, records, TRUE);
    }
  else
    {
      /* Nobody knows what is in the file now. */
      if (write->error != NULL && write->expected > 0)
        au_file_cache_drop (&records->cache, self->key);
      leave_line (self, records, FALSE);
    }
  g_clear_pointer (&self->before, au_record_unref);

  au_file_folder_unstage (&records->folder, &self->file);
  g_clear_pointer (&self->bytes, g_bytes_unref);
}
