/* au-file-open.c: opening the folder of a store
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-folder-private.h"

#include "../shared/au-store-path-private.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT_VERSION 1
#define VERSION_PATH "au-store"
#define VERSION_PATH_IN_CAPITALS "AU-STORE"
#define VERSION_MAGIC "au-file-store "

static const char version_text[] =
  VERSION_MAGIC G_STRINGIFY (FORMAT_VERSION) "\n"
  "\n"
  "This folder is a store of au. Each file in records/ is one computation: a line that\n"
  "says which of the following lines is the current record, and then one line for each\n"
  "change; “tail -n 1 FILE | jq” shows the last. Do not change files by hand: each has a\n"
  "checksum, and what does not fit is moved to damaged/.\n";

/* Nobody but this user may write here: what is read from here is believed. */
static gboolean
check_safety (AuFileFolder  *self,
              GError       **error)
{
  struct stat info;

  if (fstat (self->root_fd, &info) != 0)
    return au_file_folder_fail_reading (self, "", errno, error);

  if (info.st_uid != geteuid ())
    {
      g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                   _("The folder “%s” belongs to the user %u, and this process runs as the user %u: use a folder of your own"),
                   self->path, (guint) info.st_uid, (guint) geteuid ());
      return FALSE;
    }

  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                   _("The folder “%s” may be written by other users (its mode is %04o): use “chmod go-w” on it"),
                   self->path, (guint) info.st_mode & 07777);
      return FALSE;
    }

  return TRUE;
}

static gboolean
check_version (AuFileFolder  *self,
               int            fd,
               GError       **error)
{
  char text[64] = "";
  gssize length = au_file_read (fd, text, sizeof text - 1, 0);
  guint64 version;

  if (length < 0)
    return au_file_folder_fail_reading (self, VERSION_PATH, errno, error);

  if (!g_str_has_prefix (text, VERSION_MAGIC) ||
      (version = g_ascii_strtoull (text + strlen (VERSION_MAGIC), NULL, 10)) == 0)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_STORE,
                   _("The file “%s/%s” is not of a store of au: use another folder"),
                   self->path, VERSION_PATH);
      return FALSE;
    }

  if (version > FORMAT_VERSION)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
                   _("The store in “%s” is of version %u, and this au reads version %u: use a newer au"),
                   self->path, (guint) MIN (version, G_MAXUINT), FORMAT_VERSION);
      return FALSE;
    }

  return TRUE;
}

/* Whether a folder holds nothing that the making of a store would mix with. */
static gboolean
check_empty (AuFileFolder  *self,
             GError       **error)
{
  DIR *list = au_file_folder_list (self, ".");
  g_autofree char *found = NULL;
  struct dirent *entry;

  if (list == NULL)
    return au_file_folder_fail_reading (self, "", errno, error);

  while (found == NULL && (entry = readdir (list)) != NULL)
    {
      /* another process may be making the same store now */
      if (g_str_equal (entry->d_name, ".") || g_str_equal (entry->d_name, "..") ||
          g_str_equal (entry->d_name, "lost+found") ||
          g_str_equal (entry->d_name, "staging") ||
          faccessat (self->root_fd, VERSION_PATH, F_OK, 0) == 0)
        continue;
      found = g_filename_display_name (entry->d_name);
    }
  closedir (list);

  if (found == NULL)
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_STORE,
               _("The folder “%s” is not a store and not empty, as it holds “%s”: use a new folder"),
               self->path, found);
  return FALSE;
}

static gboolean
make_version (AuFileFolder  *self,
              GError       **error)
{
  struct iovec text = { (gpointer) version_text, strlen (version_text) };
  AuFileStaged staged;
  int reason = 0;

  if (!au_file_folder_make_parent (self, "staging/x", error) ||
      !au_file_folder_stage (self, VERSION_PATH, FALSE, &staged, error))
    return FALSE;

  if (!au_file_write (staged.fd, &text, 1, 0) ||
      (self->sync && fsync (staged.fd) != 0))
    reason = errno;
  else
    reason = au_file_folder_publish (self, &staged, VERSION_PATH);
  au_file_folder_unstage (self, &staged);

  if (reason != 0 && reason != EEXIST)
    return au_file_folder_fail_writing (self, VERSION_PATH, reason, error);

  self->is_new = reason == 0;
  return TRUE;
}

/* The keys “a” and “A” are two. */
static gboolean
check_case (AuFileFolder  *self,
            GError       **error)
{
  if (faccessat (self->root_fd, VERSION_PATH_IN_CAPITALS, F_OK, 0) != 0)
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_STORE,
               _("The file system of the folder “%s” does not tell capital letters from small ones: use a folder elsewhere"),
               self->path);
  return FALSE;
}

static gboolean
ensure_version (AuFileFolder  *self,
                GError       **error)
{
  int fd = openat (self->root_fd, VERSION_PATH, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  gboolean fine;

  if (fd < 0 && errno == ENOENT)
    return check_empty (self, error) && make_version (self, error) && check_case (self, error);

  if (fd < 0)
    return au_file_folder_fail_reading (self, VERSION_PATH, errno, error);

  fine = check_version (self, fd, error) && check_case (self, error);
  close (fd);
  return fine;
}

/* Opens a file that processes share. A store that cannot be written is still read. */
static gboolean
open_shared (AuFileFolder  *self,
             const char    *path,
             int           *fd,
             GError       **error)
{
  struct stat info;

  *fd = openat (self->root_fd, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (*fd >= 0)
    {
      /* A byte that can be written even when the disk has become full. */
      if (fstat (*fd, &info) == 0 && info.st_size == 0)
        while (pwrite (*fd, "*", 1, 0) < 0 && errno == EINTR)
          ;
      return TRUE;
    }

  if (errno != EROFS && errno != EACCES)
    return au_file_folder_fail_writing (self, path, errno, error);

  self->read_only = errno;
  return TRUE;
}

/* The folder of the store and what it is made of survive the loss of power. */
static gboolean
sync_new (AuFileFolder  *self,
          GError       **error)
{
  return !self->sync || !self->is_new ||
         (au_file_folder_sync_parent (self, VERSION_PATH, error) &&
          au_file_folder_sync_parent (self, "../.", error));
}

static gboolean
open_root (AuFileFolder  *self,
           GError       **error)
{
  if (g_mkdir_with_parents (self->path, 0700) != 0)
    return au_file_folder_fail_writing (self, "", errno, error);

  self->root_fd = open (self->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->root_fd < 0)
    return au_file_folder_fail_reading (self, "", errno, error);

  return check_safety (self, error);
}

static gboolean
judge (AuFileFolder  *self,
       GError       **error)
{
  gboolean fine;
  int fd;

  self->root_fd = open (self->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->root_fd < 0 && errno == ENOENT)
    return au_store_path_check_room (self->path, error);
  if (self->root_fd < 0)
    return au_file_folder_fail_reading (self, "", errno, error);

  if (!check_safety (self, error))
    return FALSE;

  fd = openat (self->root_fd, VERSION_PATH, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    {
      g_autofree char *version = g_build_filename (self->path, VERSION_PATH, NULL);

      return errno == ENOENT ? check_empty (self, error) && au_store_path_check_room (version, error)
                             : au_file_folder_fail_reading (self, VERSION_PATH, errno, error);
    }

  fine = check_version (self, fd, error);
  close (fd);
  return fine;
}

/* Tells whether there could be a store at @path, without making or opening one. */
gboolean
au_file_folder_judge (const char  *path,
                      GError     **error)
{
  AuFileFolder self = { .root_fd = -1, .lock_fd = -1, .bell_fd = -1 };
  gboolean fine;

  self.path = g_canonicalize_filename (path, NULL);
  fine = judge (&self, error);
  au_file_folder_close (&self);

  return fine;
}

/* Opens the folder of a store, and makes it if it is not there yet. */
gboolean
au_file_folder_open (AuFileFolder  *self,
                     const char    *path,
                     gboolean       sync,
                     GError       **error)
{
  *self = (AuFileFolder) { .root_fd = -1, .lock_fd = -1, .bell_fd = -1, .notes_fd = -1, .sync = sync };
  self->path = g_strdup (path);

  if (open_root (self, error) &&
      ensure_version (self, error) &&
      open_shared (self, "lock", &self->lock_fd, error) &&
      open_shared (self, "bell", &self->bell_fd, error) &&
      open_shared (self, "notes", &self->notes_fd, error) &&
      (self->read_only != 0 ||
       (au_file_folder_make_parent (self, "records/x", error) &&
        au_file_folder_make_parent (self, "staging/x", error))) &&
      sync_new (self, error))
    return TRUE;

  au_file_folder_close (self);
  return FALSE;
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

void
au_file_folder_close (AuFileFolder *self)
{
  close_fd (&self->root_fd);
  close_fd (&self->lock_fd);
  close_fd (&self->bell_fd);
  close_fd (&self->notes_fd);
  g_clear_pointer (&self->path, g_free);
}
