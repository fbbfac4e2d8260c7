/* au-sqlite-place.c: where a database is, and what lies beside it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-place-private.h"

#include "../shared/au-store-path-private.h"

#include <glib/gi18n-lib.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* File systems of other machines: neither their locks nor their shared memory are what
 * SQLite's write-ahead log needs. The numbers are those of statfs(2).
 */
static const struct
{
  guint32     type;
  const char *name;
} network_file_systems[] = {
  { 0x00006969, "NFS" },
  { 0x0000517b, "SMB" },
  { 0xfe534d42, "SMB" },
  { 0xff534d42, "CIFS" },
  { 0x0000564c, "NCP" },
  { 0x73757245, "Coda" },
  { 0x5346414f, "AFS" },
  { 0x6b414653, "AFS" },
  { 0x01021997, "9P" },
  { 0x00c36400, "Ceph" },
  { 0x0bd00bd0, "Lustre" },
  { 0x47504653, "GPFS" },
  { 0x19830326, "BeeGFS" },
  { 0x01161970, "GFS" },
  { 0x7461636f, "OCFS2" },
};

/* Says that a file of the store cannot be used: the database and, if not empty, suffix. */
gboolean
au_sqlite_place_fail (AuSqlitePlace  *self,
                      const char     *suffix,
                      int             reason,
                      GError        **error)
{
  g_set_error (error, AU_ERROR, AU_ERROR_STORE,
               _("The file “%s%s” of the SQLite store cannot be used: %s"),
               self->path, suffix, g_strerror (reason));
  return FALSE;
}

static gboolean
check_file_system (AuSqlitePlace  *self,
                   GError        **error)
{
  struct statfs info;

  if (statfs (self->folder, &info) != 0)
    return au_sqlite_place_fail (self, "", errno, error);

  for (guint i = 0; i < G_N_ELEMENTS (network_file_systems); i++)
    {
      if (network_file_systems[i].type != (guint32) info.f_type)
        continue;

      g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
                   _("The folder “%s” is on a network file system (%s), where SQLite's locks and shared memory cannot be relied on: use a local folder, or a store of the type “file”"),
                   self->folder, network_file_systems[i].name);
      return FALSE;
    }

  return TRUE;
}

/* What is read from the database is believed, and what this user writes there must be
 * readable for whoever else uses it.
 */
static gboolean
check_safety (AuSqlitePlace      *self,
              const struct stat  *info,
              GError            **error)
{
  struct stat folder;

  if (!S_ISREG (info->st_mode))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                   _("“%s” is no file, so it cannot be the database of a store: set “path” to another one"),
                   self->path);
      return FALSE;
    }

  if (info->st_uid != geteuid ())
    {
      g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                   _("The database “%s” belongs to the user %u, and this process runs as the user %u: use a database of your own"),
                   self->path, (guint) info->st_uid, (guint) geteuid ());
      return FALSE;
    }

  if ((info->st_mode & S_IWOTH) != 0)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                   _("The database “%s” may be written by everybody (its mode is %04o): use “chmod o-w” on it"),
                   self->path, (guint) info->st_mode & 07777);
      return FALSE;
    }

  /* Others could put a log of their own beside it. */
  if (stat (self->folder, &folder) == 0 && (folder.st_mode & (S_IWOTH | S_ISVTX)) == S_IWOTH)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                   _("The folder of the database “%s” may be written by everybody (its mode is %04o): use “chmod o-w” on it"),
                   self->path, (guint) folder.st_mode & 07777);
      return FALSE;
    }

  return TRUE;
}

gboolean
au_sqlite_place_fail_foreign (AuSqlitePlace  *self,
                              GError        **error)
{
  g_set_error (error, AU_ERROR, AU_ERROR_STORE,
               _("The database “%s” belongs to another program: use another path"),
               self->path);
  return FALSE;
}

/* Whether this process has the file open. */
static gboolean
is_open_here (const struct stat *info)
{
  DIR *folder = opendir ("/proc/self/fd");
  struct dirent *entry;
  struct stat other;
  gboolean found = folder == NULL;

  while (!found && (entry = readdir (folder)) != NULL)
    found = fstatat (dirfd (folder), entry->d_name, &other, 0) == 0 &&
            other.st_dev == info->st_dev && other.st_ino == info->st_ino;
  if (folder != NULL)
    closedir (folder);

  return found;
}

/* Looks at the first bytes of a database, as SQLite's file format has them. What was not
 * yet taken over from its log is not in there. */
static gboolean
check_header (AuSqlitePlace      *self,
              const struct stat  *info,
              GError            **error)
{
  static const char magic[16] = "SQLite format 3";
  g_autofree char *log = g_strconcat (self->path, "-wal", NULL);
  guint8 header[100] = { 0 };
  struct stat log_info;
  guint32 n_pages, id;
  gssize length;
  int fd;

  /* To close it would take away SQLite's locks. */
  if (info->st_size == 0 || is_open_here (info))
    return TRUE;

  fd = open (self->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return au_sqlite_place_fail (self, "", errno, error);

  length = pread (fd, header, sizeof header, 0);
  close (fd);

  if (length < (gssize) sizeof header || memcmp (header, magic, sizeof magic) != 0)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                   _("“%s” is no database of SQLite: set “path” to another file"), self->path);
      return FALSE;
    }

  memcpy (&n_pages, header + 28, sizeof n_pages);
  memcpy (&id, header + 68, sizeof id);
  if (GUINT32_FROM_BE (id) == AU_SQLITE_APPLICATION_ID ||
      (id == 0 && GUINT32_FROM_BE (n_pages) <= 1) ||
      (id == 0 && stat (log, &log_info) == 0 && log_info.st_size > 0))
    return TRUE;

  return au_sqlite_place_fail_foreign (self, error);
}

/* Tells whether there could be a store at @path, without making or opening one. */
gboolean
au_sqlite_place_judge (const char  *path,
                       GError     **error)
{
  g_autofree char *whole = g_canonicalize_filename (path, NULL);
  g_autofree char *folder = g_path_get_dirname (whole);
  AuSqlitePlace self = { .path = whole, .folder = folder };
  struct stat info;

  if (stat (whole, &info) == 0)
    return check_file_system (&self, error) && check_safety (&self, &info, error) &&
           check_header (&self, &info, error);

  if (errno != ENOENT && errno != ENOTDIR)
    return au_sqlite_place_fail (&self, "", errno, error);

  return au_store_path_check_room (whole, error);
}

/* Opens a file that processes share. A store that cannot be written is still read. */
static gboolean
open_shared (AuSqlitePlace  *self,
             const char     *suffix,
             int            *fd,
             GError        **error)
{
  g_autofree char *path = g_strconcat (self->path, suffix, NULL);
  struct stat info;

  *fd = open (path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (*fd >= 0)
    {
      /* A byte that can be written even when the disk has become full. */
      if (fstat (*fd, &info) == 0 && info.st_size == 0)
        while (pwrite (*fd, "*", 1, 0) < 0 && errno == EINTR)
          ;
      return TRUE;
    }

  if (errno != EROFS && errno != EACCES)
    return au_sqlite_place_fail (self, suffix, errno, error);

  self->read_only = errno;
  return TRUE;
}

static void
sync_folder (const char *path)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd >= 0)
    {
      fsync (fd);
      close (fd);
    }
}

static gboolean
make_folder (AuSqlitePlace  *self,
             GError        **error)
{
  g_autofree char *parent = NULL;

  if (g_file_test (self->folder, G_FILE_TEST_IS_DIR))
    return TRUE;

  if (g_mkdir_with_parents (self->folder, 0700) != 0)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                   _("The folder “%s” of the SQLite store cannot be made: %s: set “path” to a file in a folder of this user"),
                   self->folder, g_strerror (errno));
      return FALSE;
    }

  parent = g_path_get_dirname (self->folder);
  if (self->sync)
    sync_folder (parent);

  return TRUE;
}

static gboolean
fail_emptied (AuSqlitePlace  *self,
              GError        **error)
{
  g_set_error (error, AU_ERROR, AU_ERROR_STORE,
               _("The database “%s” is empty, though it was in use: end all programs that use it, and put a copy of it back, or remove it and “%s-wal”"),
               self->path, self->path);
  return FALSE;
}

/* SQLite would take an empty file for a new database and throw its log away. */
static gboolean
check_not_emptied (AuSqlitePlace      *self,
                   const struct stat  *info,
                   GError            **error)
{
  g_autofree char *log = g_strconcat (self->path, "-wal", NULL);
  struct stat log_info;

  return info->st_size > 0 || stat (log, &log_info) != 0 || log_info.st_size == 0 ||
         fail_emptied (self, error);
}

/* Makes the database file, if there is none, and remembers which one it is. The caller
 * has the ticket, so that nobody else in this process has it open meanwhile.
 */
gboolean
au_sqlite_place_create (AuSqlitePlace  *self,
                        GError        **error)
{
  struct stat info;
  int fd;

  if (stat (self->path, &info) != 0)
    {
      if (errno != ENOENT)
        return au_sqlite_place_fail (self, "", errno, error);

      /* SQLite would make one that others can read. */
      fd = open (self->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
      if (fd < 0)
        return au_sqlite_place_fail (self, "", errno, error);

      self->is_new = TRUE;
      close (fd);
      if (self->sync)
        sync_folder (self->folder);

      if (stat (self->path, &info) != 0)
        return au_sqlite_place_fail (self, "", errno, error);
    }

  self->device = info.st_dev;
  self->inode = info.st_ino;

  return check_safety (self, &info, error) && check_not_emptied (self, &info, error);
}

/* Whether the database is still where it was. One that was removed still lives as long
 * as it is open, but what is written to it is lost. One that was emptied is in the caches
 * of those who use it, and nowhere else.
 */
gboolean
au_sqlite_place_check (AuSqlitePlace  *self,
                       GError        **error)
{
  struct stat info;

  if (stat (self->path, &info) == 0 &&
      info.st_dev == self->device && info.st_ino == self->inode)
    return info.st_size > 0 || fail_emptied (self, error);

  g_set_error (error, AU_ERROR, AU_ERROR_STORE,
               _("The database “%s” was removed or replaced while it was in use: put it back, or start this program again"),
               self->path);
  return FALSE;
}

static gboolean
take_byte (AuSqlitePlace  *self,
           off_t           byte,
           GError        **error)
{
  struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
  int reason = 0;

  if (fcntl (self->lock_fd, F_OFD_SETLK, &range) == 0)
    return TRUE;

  au_sqlite_watch_begin (&self->watch);
  while (fcntl (self->lock_fd, F_OFD_SETLKW, &range) != 0 && (reason = errno) == EINTR)
    reason = 0;
  au_sqlite_watch_end (&self->watch);

  return reason == 0 || au_sqlite_place_fail (self, "-lock", reason, error);
}

static void
release_byte (AuSqlitePlace *self,
              off_t          byte)
{
  struct flock range = { .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

  fcntl (self->lock_fd, F_OFD_SETLK, &range);
}

/* Takes the ticket to write. Two bytes, so that who has just written does not get it
 * again before who waits: that one holds the first byte until it has the second.
 */
gboolean
au_sqlite_place_lock (AuSqlitePlace  *self,
                      GError        **error)
{
  gboolean fine;

  if (self->read_only != 0)
    return au_sqlite_place_fail (self, "-lock", self->read_only, error);

  if (!take_byte (self, 0, error))
    return FALSE;

  fine = take_byte (self, 1, error);
  release_byte (self, 0);

  return fine;
}

void
au_sqlite_place_unlock (AuSqlitePlace *self)
{
  release_byte (self, 1);
}

gboolean
au_sqlite_place_open (AuSqlitePlace  *self,
                      const char     *path,
                      gboolean        sync,
                      GError        **error)
{
  *self = (AuSqlitePlace) { .sync = sync, .lock_fd = -1, .bell_fd = -1, .work_fd = -1,
                            .notes_fd = -1 };
  self->path = g_canonicalize_filename (path, NULL);
  self->folder = g_path_get_dirname (self->path);
  self->values = g_strconcat (self->path, "-values", NULL);
  au_sqlite_watch_init (&self->watch, self->path);

  return make_folder (self, error) &&
         check_file_system (self, error) &&
         open_shared (self, "-lock", &self->lock_fd, error) &&
         open_shared (self, "-bell", &self->bell_fd, error) &&
         open_shared (self, "-work", &self->work_fd, error) &&
         open_shared (self, "-notes", &self->notes_fd, error);
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

void
au_sqlite_place_close (AuSqlitePlace *self)
{
  au_sqlite_watch_clear (&self->watch);
  close_fd (&self->lock_fd);
  close_fd (&self->bell_fd);
  close_fd (&self->work_fd);
  close_fd (&self->notes_fd);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->values, g_free);
}
