/* au-file-line.c: marks of what waits in queues, and of what runs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-line-private.h"

#include "au-file-write-private.h"
#include "../shared/au-store-bell-private.h"
#include "../shared/au-store-crc-private.h"
#include "../shared/au-store-notes-private.h"
#include "../shared/au-store-rules-private.h"
#include "../shared/au-store-failpoint-private.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOUR ((gint64) 60 * 60 * G_USEC_PER_SEC)

/* So many folders can be told apart by their stamps; those that cannot are listed more
 * often than needed.
 */
#define N_STAMPS (512)

/* A file system may know no later times than this, in seconds. */
#define MAX_LEASE_TIME (G_MAXINT32)

/* The longest name of an owner that, with others, makes the name of a file. */
#define MAX_OWNER (200)

/* How long listeners are left alone after they were woken. */
#define BELL_QUIET (10 * G_TIME_SPAN_MILLISECOND)

/* How often a mark is tried again, whose folder somebody removed because it was empty. */
#define MAX_TRIES (16)

void
au_file_line_init (AuFileLine    *self,
                   AuFileRecords *records,
                   AuFileExpiry  *expiry)
{
  *self = (AuFileLine) { .records = records, .expiry = expiry, .bell_fd = -1, .stamps_fd = -1,
                          .stamp_base = g_random_int () };
  g_mutex_init (&self->lock);
}

void
au_file_line_clear (AuFileLine *self)
{
  if (self->bell_fd >= 0)
    close (self->bell_fd);
  if (self->stamps_fd >= 0)
    close (self->stamps_fd);
  g_mutex_clear (&self->lock);
}

/* Opening */

static gboolean
open_file (AuFileLine  *self,
           const char  *path,
           gsize        size,
           int         *fd,
           GError     **error)
{
  AuFileFolder *folder = &self->records->folder;
  struct stat info;

  *fd = openat (folder->root_fd, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (*fd < 0)
    return au_file_folder_fail_writing (folder, path, errno, error);

  /* What can be written even when the disk has become full. */
  if (fstat (*fd, &info) == 0 && info.st_size < (off_t) size)
    posix_fallocate (*fd, 0, size);

  return TRUE;
}

static gboolean
open_files (AuFileLine  *self,
            GError     **error)
{
  AuFileFolder *folder = &self->records->folder;

  if (folder->read_only != 0)
    return au_file_folder_fail_writing (folder, "queue", folder->read_only, error);

  return au_file_folder_make_parent (folder, "queue/bell", error) &&
         (self->bell_fd >= 0 || open_file (self, "queue/bell", 1, &self->bell_fd, error)) &&
         open_file (self, "queue/stamps", N_STAMPS * sizeof (guint64), &self->stamps_fd, error);
}

/* Opens what all processes share, and makes it if it is not there. */
gboolean
au_file_line_open (AuFileLine  *self,
                   GError     **error)
{
  gboolean is_open;

  if (g_atomic_int_get (&self->is_open))
    return TRUE;

  g_mutex_lock (&self->lock);
  is_open = self->is_open || open_files (self, error);
  g_atomic_int_set (&self->is_open, is_open);
  g_mutex_unlock (&self->lock);

  return is_open;
}

/* Whether anything was ever in a queue of this store. */
gboolean
au_file_line_is_used (AuFileLine *self)
{
  return g_atomic_int_get (&self->is_open) ||
         faccessat (self->records->folder.root_fd, "queue", F_OK, 0) == 0;
}

/* Telling */

/* To write a note costs as much as to write a record, so it is done for those who listen
 * only. Whoever is the first to listen notes that there may be more.
 */
static gboolean
is_heard (AuFileLine *self)
{
  return au_store_bell_is_heard (self->records->folder.bell_fd);
}

static void
tell (AuFileLine   *self,
      AuStoreNotes *notes)
{
  AuFileFolder *folder = &self->records->folder;
  AuFileLocks *locks = &self->records->locks;

  if (au_file_locks_take (locks, AU_FILE_LOCK_NOTES, NULL))
    {
      au_store_notes_write (notes, folder->notes_fd);
      au_file_locks_release (locks, AU_FILE_LOCK_NOTES);
    }
  au_store_bell_ring (folder->bell_fd);
}

/* Makes a source that is ready when somebody was told. */
GSource *
au_file_line_listen (AuFileLine *self)
{
  AuFileFolder *folder = &self->records->folder;
  AuFileLocks *locks = &self->records->locks;
  g_autoptr(GSource) source = NULL;
  gboolean first, fine;

  source = au_store_bell_new_source (folder->bell_fd, BELL_QUIET, &first);
  if (source == NULL || !first || folder->read_only != 0)
    return g_steal_pointer (&source);

  if (!au_file_locks_take (locks, AU_FILE_LOCK_NOTES, NULL))
    return NULL;

  fine = au_store_notes_break (folder->notes_fd);
  au_file_locks_release (locks, AU_FILE_LOCK_NOTES);

  return fine ? g_steal_pointer (&source) : NULL;
}

/* Lists what those who listen were told since then; others know nothing. */
GPtrArray *
au_file_line_list_changes (AuFileLine *self,
                           guint64    *position)
{
  AuFileFolder *folder = &self->records->folder;

  return folder->read_only == 0 ? au_store_notes_list (folder->notes_fd, position) : NULL;
}

/* Tells all who follow that a record has changed, or, with NULL, that any may have. */
void
au_file_line_tell (AuFileLine *self,
                   const char *key)
{
  g_autoptr(GByteArray) notes = NULL;

  if (!is_heard (self))
    return;

  notes = g_byte_array_new ();
  au_store_notes_add (notes, key, 0);
  tell (self, notes);
}

static gboolean
is_changed (AuWrite *write)
{
  return write->created || (write->expected > 0 && write->stored != NULL);
}

/* Tells all who follow what has been written. */
void
au_file_line_tell_many (AuFileLine *self,
                        AuWrite    *writes,
                        gsize       n_writes)
{
  g_autoptr(GByteArray) notes = NULL;

  for (gsize i = 0; i < n_writes; i++)
    {
      if (!is_changed (&writes[i]))
        continue;

      if (notes == NULL && !is_heard (self))
        return;
      if (notes == NULL)
        notes = g_byte_array_new ();
      au_store_notes_add (notes, au_record_get_key (writes[i].record),
                          au_record_get_revision (writes[i].stored));
    }

  if (notes != NULL)
    tell (self, notes);
}

/* Tells those who wait for work. */
void
au_file_line_ring (AuFileLine *self)
{
  if (au_file_line_open (self, NULL))
    au_store_bell_ring (self->bell_fd);
}

/* Stamps: whoever adds to a folder writes another one for it, so that those who have listed
 * it need not do so again while it stays the same.
 */

static goffset
get_stamp_offset (const char *folder)
{
  return au_store_crc (0, folder, strlen (folder)) % N_STAMPS * sizeof (guint64);
}

guint64
au_file_line_read_stamp (AuFileLine *self,
                         const char *folder)
{
  guint64 stamp = 0;

  if (au_file_line_open (self, NULL))
    au_file_read (self->stamps_fd, &stamp, sizeof stamp, get_stamp_offset (folder));

  return stamp;
}

void
au_file_line_write_stamp (AuFileLine      *self,
                          AuStoreStanding  standing,
                          const char      *queue)
{
  char folder[AU_FILE_MARK_SIZE];
  guint64 stamp = (guint64) self->stamp_base << 32 | (guint32) g_atomic_int_add (&self->n_stamps, 1);
  struct iovec part = { &stamp, sizeof stamp };

  if (!au_file_line_open (self, NULL))
    return;

  g_snprintf (folder, sizeof folder, "queue/%s/%s",
              standing == AU_STORE_STANDING_SCHEDULED ? "due" : "ready", queue);
  au_file_write (self->stamps_fd, &part, 1, get_stamp_offset (folder));
}

/* Paths of marks */

void
au_file_line_make_name (char     *name,
                        AuRecord *record)
{
  gint64 priority = au_options_get_priority (au_record_get_options (record));

  g_snprintf (name, AU_FILE_MARK_SIZE, "%08" PRIx32 "%016" PRIx64 ",%s",
              (guint32) (G_MAXINT32 - priority), (guint64) MAX (au_record_get_created (record), 0),
              au_record_get_key (record));
}

gboolean
au_file_line_make_owner (char        *name,
                         const char  *owner,
                         GError     **error)
{
  if (owner == NULL || owner[0] == '\0' || owner[0] == '.' || strlen (owner) > MAX_OWNER)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("The store “file” has no place for the owner “%s”: use a name of up to %d bytes that does not start with a dot"),
                   owner != NULL ? owner : "", MAX_OWNER);
      return FALSE;
    }

  g_strlcpy (name, owner, AU_FILE_MARK_SIZE);
  g_strdelimit (name, "/", ',');
  return TRUE;
}

/* The mark of a computation that stands somewhere, but waits for no other one. */
gboolean
au_file_line_make_mark (char             *mark,
                        AuRecord         *record,
                        AuStoreStanding   standing,
                        GError          **error)
{
  const char *queue = au_options_get_queue (au_record_get_options (record));
  gint64 due = MAX (au_record_get_due (record), 0);
  char name[AU_FILE_MARK_SIZE];
  char owner[AU_FILE_MARK_SIZE];

  if (!au_key_check (queue, error))
    return FALSE;

  au_file_line_make_name (name, record);
  switch (standing)
    {
    case AU_STORE_STANDING_RUNNING:
      if (!au_file_line_make_owner (owner, au_record_get_owner (record), error))
        return FALSE;
      g_snprintf (mark, AU_FILE_MARK_SIZE, "queue/run/%s/%s", owner, name);
      break;

    case AU_STORE_STANDING_SCHEDULED:
      g_snprintf (mark, AU_FILE_MARK_SIZE, "queue/due/%s/%010" PRId64 "/%016" PRIx64 ",%s",
                  queue, due / HOUR, (guint64) due, name);
      break;

    case AU_STORE_STANDING_READY:
    case AU_STORE_STANDING_NOWHERE:
    case AU_STORE_STANDING_AWAITING:
    default:
      g_snprintf (mark, AU_FILE_MARK_SIZE, "queue/ready/%s/%s", queue, name);
    }

  return TRUE;
}

/* Makes a mark, unless it is there. */
gboolean
au_file_line_put_mark (AuFileLine  *self,
                       const char  *mark,
                       GError     **error)
{
  AuFileFolder *folder = &self->records->folder;
  int fd = -1;

  for (guint i = 0; fd < 0 && i < MAX_TRIES; i++)
    {
      fd = openat (folder->root_fd, mark, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
      if (fd >= 0)
        break;
      if (errno != ENOENT)
        return au_file_folder_fail_writing (folder, mark, errno, error);
      if (!au_file_folder_make_parent (folder, mark, error))
        return FALSE;
    }

  if (fd < 0)
    return au_file_folder_fail_writing (folder, mark, ENOENT, error);

  close (fd);
  return TRUE;
}

void
au_file_line_drop_mark (AuFileLine *self,
                        const char *mark)
{
  unlinkat (self->records->folder.root_fd, mark, 0);
}

/* Sets the time until which a worker has what it runs. */
gboolean
au_file_line_set_lease (AuFileLine *self,
                        const char *mark,
                        gint64      lease_end)
{
  gint64 seconds = MIN (lease_end / G_USEC_PER_SEC, MAX_LEASE_TIME);
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = seconds } };

  times[1].tv_nsec = lease_end % G_USEC_PER_SEC * 1000;

  return utimensat (self->records->folder.root_fd, mark, times, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Limits */

static void
make_full_mark (char       *mark,
                const char *limit)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, limit, -1);

  g_snprintf (mark, AU_FILE_MARK_SIZE, "queue/full/%s", hash);
}

/* Whoever ends one that runs under this limit will ring. */
void
au_file_line_note_full (AuFileLine *self,
                        const char *limit)
{
  char mark[AU_FILE_MARK_SIZE];

  make_full_mark (mark, limit);
  au_file_line_put_mark (self, mark, NULL);
}

static gboolean
forget_full (AuFileLine *self,
             const char *prefix,
             const char *name)
{
  g_autofree char *limit = NULL;
  char mark[AU_FILE_MARK_SIZE];

  if (name == NULL)
    return FALSE;

  limit = g_strconcat (prefix, name, NULL);
  make_full_mark (mark, limit);
  return unlinkat (self->records->folder.root_fd, mark, 0) == 0;
}

/* One that ran has ended. Returns whether somebody found no room because of it. */
static gboolean
make_room (AuFileLine *self,
           AuRecord   *record)
{
  gboolean function, key;

  if (faccessat (self->records->folder.root_fd, "queue/full", F_OK, 0) != 0)
    return FALSE;

  function = forget_full (self, "f:", au_record_get_function (record));
  key = forget_full (self, "k:", au_options_get_concurrency_key (au_record_get_options (record)));

  return function || key;
}

/* Changes of records */

/* Marks where a computation is to stand, before its record says so. */
gboolean
au_file_line_enter (AuFileLine       *self,
                    AuRecord         *record,
                    AuStoreStanding   standing,
                    GError          **error)
{
  char mark[AU_FILE_MARK_SIZE];

  if (standing == AU_STORE_STANDING_NOWHERE)
    return TRUE;
  if (!au_file_line_open (self, error))
    return FALSE;
  if (standing == AU_STORE_STANDING_AWAITING)
    return au_file_after_enter (self, record, error);

  if (!au_file_line_make_mark (mark, record, standing, error) ||
      !au_file_line_put_mark (self, mark, error))
    return FALSE;

  return standing != AU_STORE_STANDING_RUNNING ||
         au_file_line_set_lease (self, mark, au_record_get_lease_end (record)) ||
         au_file_folder_fail_writing (&self->records->folder, mark, errno, error);
}

/* Removes a mark of where a computation stood, unless it stands there. */
static void
drop_old (AuFileLine      *self,
          AuRecord        *before,
          AuStoreStanding  old_standing,
          AuRecord        *record,
          AuStoreStanding  standing)
{
  char old_mark[AU_FILE_MARK_SIZE];
  char mark[AU_FILE_MARK_SIZE];

  if (!au_file_line_make_mark (old_mark, before, old_standing, NULL))
    return;

  if (old_standing == standing &&
      au_file_line_make_mark (mark, record, standing, NULL) && g_str_equal (mark, old_mark))
    return;

  au_file_line_drop_mark (self, old_mark);
}

/* Removes the marks of where a computation stood, once its record says that it stands
 * elsewhere, or nowhere, with NULL. Returns whether something may be claimed now.
 */
gboolean
au_file_line_leave (AuFileLine      *self,
                    AuRecord        *before,
                    AuRecord        *record,
                    AuStoreStanding  standing)
{
  gboolean was_leased = before != NULL && au_store_standing_is_leased (before);
  gboolean claimable = FALSE;

  AU_STORE_FAILPOINT ("leave/before");
  if (was_leased)
    {
      drop_old (self, before, AU_STORE_STANDING_RUNNING, record, standing);
      claimable = standing != AU_STORE_STANDING_RUNNING && make_room (self, before);
    }
  else if (before != NULL && au_record_is_queued (before))
    {
      if (au_store_standing_awaits (before) && standing != AU_STORE_STANDING_AWAITING)
        au_file_after_leave (self, before);

      /* In this order, as it is the one in which others move it. */
      if (au_record_get_due (before) > 0)
        drop_old (self, before, AU_STORE_STANDING_SCHEDULED, record, standing);
      drop_old (self, before, AU_STORE_STANDING_READY, record, standing);
    }
  AU_STORE_FAILPOINT ("leave/dropped");

  if (standing != AU_STORE_STANDING_READY && standing != AU_STORE_STANDING_SCHEDULED)
    return claimable;

  au_file_line_write_stamp (self, standing, au_options_get_queue (au_record_get_options (record)));
  return TRUE;
}

/* Lets go one that waits for no other any more, as far as those go; with its lock. */
gboolean
au_file_line_release (AuFileLine  *self,
                      AuRecord    *record,
                      GError     **error)
{
  gboolean due = au_record_get_due (record) > au_clock_get_real_time ();
  AuStoreStanding standing = due ? AU_STORE_STANDING_SCHEDULED : AU_STORE_STANDING_READY;

  if (!au_file_line_enter (self, record, standing, error))
    return FALSE;

  au_file_line_write_stamp (self, standing, au_options_get_queue (au_record_get_options (record)));
  return TRUE;
}

/* Where a record says that its computation stands; of one that waits for others, where it
 * does if none of them is left.
 */
static AuStoreStanding
get_standing (AuFileLine *self,
              AuRecord   *record,
              const char *mark)
{
  AuStoreStanding standing = au_store_standing_get (record);

  if (standing != AU_STORE_STANDING_AWAITING || mark == NULL || au_file_after_is_waiting (self, record))
    return standing;

  return au_record_get_due (record) > au_clock_get_real_time () ? AU_STORE_STANDING_SCHEDULED
                                                                : AU_STORE_STANDING_READY;
}

static gboolean
put_right_locked (AuFileLine *self,
                  const char *mark,
                  AuRecord   *record)
{
  AuStoreStanding standing = get_standing (self, record, mark);
  char right[AU_FILE_MARK_SIZE];

  if (standing == AU_STORE_STANDING_AWAITING)
    {
      if (!au_file_after_enter (self, record, NULL))
        return FALSE;
    }
  else if (standing != AU_STORE_STANDING_NOWHERE)
    {
      if (!au_file_line_make_mark (right, record, standing, NULL))
        return FALSE;
      if (g_strcmp0 (right, mark) == 0)
        return FALSE;

      /* A lease that is there may have been renewed. */
      if (faccessat (self->records->folder.root_fd, right, F_OK, 0) != 0)
        {
          if (!au_file_line_enter (self, record, standing, NULL))
            return FALSE;
          au_file_line_write_stamp (self, standing, au_options_get_queue (au_record_get_options (record)));
        }
    }

  if (mark != NULL)
    au_file_line_drop_mark (self, mark);
  return standing == AU_STORE_STANDING_AWAITING;
}

/* Makes the marks of a computation agree with its record, where a process died, or is
 * busy, between the two: removes @mark, if that is none of them, and makes what is missing.
 * Without @mark, also those of what it waits for.
 */
void
au_file_line_put_right (AuFileLine *self,
                        const char *mark,
                        const char *key)
{
  guint lock = au_file_locks_for_record (key);
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) reason = NULL;
  gboolean awaits = FALSE;

  if (!au_file_locks_take (&self->records->locks, lock, NULL))
    return;

  record = au_file_records_load (self->records, key, AU_FILE_LOAD_LOCKED, &reason);
  if (record != NULL)
    awaits = put_right_locked (self, mark, record);
  else if (mark != NULL && (g_error_matches (reason, AU_ERROR, AU_ERROR_NOT_FOUND) ||
                            g_error_matches (reason, AU_ERROR, AU_ERROR_DAMAGED)))
    au_file_line_drop_mark (self, mark);
  au_file_locks_release (&self->records->locks, lock);

  if (awaits)
    au_file_after_look (self, record);
}

/* Makes changes, each with an outcome of its own, as au_store_write_many() does, and what
 * follows from them.
 */
void
au_file_line_write_many (AuFileLine *self,
                         AuWrite    *writes,
                         gsize       n_writes)
{
  gboolean claimable = au_file_write_many (self->records, self->expiry, writes, n_writes);

  au_file_line_tell_many (self, writes, n_writes);
  if (claimable)
    au_file_line_ring (self);

  AU_STORE_FAILPOINT ("write/rung");
  for (gsize i = 0; i < n_writes; i++)
    {
      AuRecord *record = writes[i].stored;

      if (record == NULL || (record != writes[i].record && !au_store_standing_awaits (record)))
        continue;

      if (au_store_rules_is_terminal (record))
        {
          au_file_after_settle (self, au_record_get_key (record));
        }
      else if (au_store_standing_awaits (record))
        {
          AuRecord *stored;

          /* It may have been refused at once. */
          au_file_after_look (self, record);
          stored = au_file_records_load (self->records, au_record_get_key (record), AU_FILE_LOAD_SET_ASIDE, NULL);
          if (stored != NULL)
            {
              au_record_unref (writes[i].stored);
              writes[i].stored = stored;
            }
        }
    }
}
