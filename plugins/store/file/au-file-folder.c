/* au-file-folder.c: the folder of a store, and how it is written to
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-folder-private.h"

#include "../shared/au-store-crc-private.h"
#include "au-file-scan-private.h"
#include "../shared/au-store-rules-private.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

G_STATIC_ASSERT (AU_FILE_PATH_SIZE > AU_KEY_MAX_LENGTH + sizeof "records/000/" AU_FILE_RECORD_ENDING ".000000");

/* Paths */

guint
au_file_folder_get_shard (const char *key)
{
  return au_store_crc (0, key, strlen (key)) % AU_FILE_N_SHARDS;
}

static void
make_key_path (char       *path,
               const char *folder,
               const char *key,
               const char *ending)
{
  static const char hex[] = "0123456789abcdef";
  guint shard = au_file_folder_get_shard (key);

  /* Whoever calls has checked it; no key becomes a path that was not. */
  g_assert (au_key_is_valid (key));

  path = au_file_put_text (path, folder);
  *path++ = hex[shard >> 8];
  *path++ = hex[(shard >> 4) & 0xf];
  *path++ = hex[shard & 0xf];
  *path++ = '/';
  path = au_file_put_text (path, key);
  path = au_file_put_text (path, ending);
  *path = '\0';
}

void
au_file_folder_record_path (char       *path,
                            const char *key)
{
  make_key_path (path, "records/", key, AU_FILE_RECORD_ENDING);
}

void
au_file_folder_items_path (char       *path,
                           const char *key)
{
  make_key_path (path, "items/", key, ".items");
}

/* Errors */

static const char *
get_cure (int reason)
{
  switch (reason)
    {
    case ENOSPC:
      return _("make room on that disk");
    case EDQUOT:
      return _("make room, or have your share of that disk made larger");
    case EROFS:
      return _("make that file system writable, or use another folder");
    case EACCES:
    case EPERM:
      return _("give this user the right to it, or use another folder");
    case EMFILE:
    case ENFILE:
      return _("allow more open files");
    case EFBIG:
      return _("allow larger files");
    default:
      return NULL;
    }
}

static gboolean
fail (const char  *format,
      AuFileFolder *self,
      const char   *path,
      int           reason,
      GError      **error)
{
  g_autofree char *full = g_build_filename (self->path, path, NULL);
  g_autofree char *name = g_filename_display_name (full);
  g_autofree char *why = NULL;
  const char *cure = get_cure (reason);

  if (cure != NULL)
    why = g_strdup_printf ("%s: %s", g_strerror (reason), cure);
  else
    why = g_strdup (g_strerror (reason));

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_set_error (error, AU_ERROR, AU_ERROR_STORE, format, name, why);
#pragma GCC diagnostic pop

  return FALSE;
}

gboolean
au_file_folder_fail_reading (AuFileFolder  *self,
                             const char    *path,
                             int            reason,
                             GError       **error)
{
  return fail (_("The store could not read “%s”: %s"), self, path, reason, error);
}

gboolean
au_file_folder_fail_writing (AuFileFolder  *self,
                             const char    *path,
                             int            reason,
                             GError       **error)
{
  return fail (_("The store could not write “%s”: %s"), self, path, reason, error);
}

/* Reports that a record is not there, or that the whole store is not there any more. */
gboolean
au_file_folder_fail_absent (AuFileFolder  *self,
                            const char    *key,
                            GError       **error)
{
  struct stat root;

  if (fstat (self->root_fd, &root) != 0 || root.st_nlink != 0)
    return au_store_rules_fail_absent (key, error);

  g_set_error (error, AU_ERROR, AU_ERROR_STORE,
               _("The folder “%s” of the store was removed: open the store anew"), self->path);
  return FALSE;
}

/* Bytes */

/* Reads as many bytes as there are, up to length. Returns -1 with errno set on error. */
gssize
au_file_read (int      fd,
              gpointer data,
              gsize    length,
              goffset  offset)
{
  gsize done = 0;

  while (done < length)
    {
      gssize n = pread (fd, (char *) data + done, length - done, offset + done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      done += n;
    }

  return done;
}

/* Writes all parts, one behind the other, and changes them while doing so. Returns
 * FALSE with errno set on error.
 */
gboolean
au_file_write (int           fd,
               struct iovec *parts,
               int           n_parts,
               goffset       offset)
{
  while (n_parts > 0)
    {
      gssize n = pwritev (fd, parts, n_parts, offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;

      offset += n;
      for (; n_parts > 0 && (gsize) n >= parts->iov_len; parts++, n_parts--)
        n -= parts->iov_len;
      if (n_parts > 0)
        {
          parts->iov_base = (char *) parts->iov_base + n;
          parts->iov_len -= n;
        }
    }

  return TRUE;
}

/* Folders */

static char *
get_parent (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? g_strndup (path, slash - path) : g_strdup (".");
}

static gboolean
sync_folder (AuFileFolder  *self,
             const char    *path,
             GError       **error)
{
  int fd = openat (self->root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int reason = 0;

  if (fd < 0)
    return au_file_folder_fail_writing (self, path, errno, error);

  if (fsync (fd) != 0)
    reason = errno;
  close (fd);

  return reason == 0 || au_file_folder_fail_writing (self, path, reason, error);
}

/* Makes the names in the folder of a file survive the loss of power. */
gboolean
au_file_folder_sync_parent (AuFileFolder  *self,
                            const char    *path,
                            GError       **error)
{
  g_autofree char *parent = get_parent (path);

  return sync_folder (self, parent, error);
}

/* The same for all folders above a file, which may be new as well. */
gboolean
au_file_folder_sync_parents (AuFileFolder  *self,
                             const char    *path,
                             GError       **error)
{
  g_autofree char *parent = get_parent (path);

  return sync_folder (self, parent, error) &&
         (g_str_equal (parent, ".") || au_file_folder_sync_parents (self, parent, error));
}

/* Makes the folder that a file is to be in, and those above it. Syncs none of them. */
gboolean
au_file_folder_make_parent (AuFileFolder  *self,
                            const char    *path,
                            GError       **error)
{
  g_autofree char *parent = get_parent (path);

  if (mkdirat (self->root_fd, parent, 0700) == 0 || errno == EEXIST)
    return TRUE;

  /* Without a slash it is the folder of the store that is not there. */
  if (errno == ENOENT && strchr (parent, '/') != NULL)
    return au_file_folder_make_parent (self, parent, error) &&
           au_file_folder_make_parent (self, path, error);

  return au_file_folder_fail_writing (self, parent, errno, error);
}

/* Starts to list a folder; NULL with errno set when that cannot be. */
DIR *
au_file_folder_list (AuFileFolder *self,
                     const char   *path)
{
  int fd = openat (self->root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *list;
  int reason;

  if (fd < 0)
    return NULL;

  list = fdopendir (fd);
  if (list == NULL)
    {
      reason = errno;
      close (fd);
      errno = reason;
    }

  return list;
}

/* Staging */

/* A name that no other process takes, and that tells when it is left over. */
static void
make_staging_path (AuFileFolder *self,
                   char         *path)
{
  g_autofree char *owner = g_strdelimit (g_strdup (au_owner_get_own ()), "/", ',');

  g_snprintf (path, AU_FILE_PATH_SIZE, "staging/%.150s,%d",
              owner, g_atomic_int_add (&self->n_staged, 1));
}

static gboolean
is_unsupported (int reason)
{
  return reason == EOPNOTSUPP || reason == EISDIR || reason == EINVAL;
}

/* Creates a file that is to get a path later: one with no name at all where the system
 * can do that, so that nothing is left of it if the process dies, unless it must have
 * one because it is to take the place of another file.
 */
gboolean
au_file_folder_stage (AuFileFolder  *self,
                      const char    *path,
                      gboolean       named,
                      AuFileStaged  *staged,
                      GError       **error)
{
  staged->path[0] = '\0';

  if (!named && !g_atomic_int_get (&self->no_tmpfile))
    {
      g_autofree char *parent = get_parent (path);

      staged->fd = openat (self->root_fd, parent, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
      if (staged->fd < 0 && errno == ENOENT)
        {
          if (!au_file_folder_make_parent (self, path, error))
            return FALSE;
          staged->fd = openat (self->root_fd, parent, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
        }

      if (staged->fd >= 0)
        return TRUE;
      if (!is_unsupported (errno))
        return au_file_folder_fail_writing (self, path, errno, error);
      g_atomic_int_set (&self->no_tmpfile, TRUE);
    }

  make_staging_path (self, staged->path);
  staged->fd = openat (self->root_fd, staged->path,
                       O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (staged->fd >= 0)
    return TRUE;

  return au_file_folder_fail_writing (self, staged->path, errno, error);
}

static int
link_staged (AuFileFolder *self,
             AuFileStaged *staged,
             const char   *path)
{
  char link[32];

  if (staged->path[0] != '\0')
    {
      if (linkat (self->root_fd, staged->path, self->root_fd, path, 0) == 0)
        return 0;
      if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
        return errno;

      /* A file system without hard links. */
      if (renameat2 (self->root_fd, staged->path, self->root_fd, path, RENAME_NOREPLACE) != 0)
        return errno;
      staged->path[0] = '\0';
      return 0;
    }

  if (!g_atomic_int_get (&self->no_empty_path))
    {
      if (linkat (staged->fd, "", self->root_fd, path, AT_EMPTY_PATH) == 0)
        return 0;
      if (errno == EEXIST)
        return EEXIST;
    }

  g_snprintf (link, sizeof link, "/proc/self/fd/%d", staged->fd);
  if (linkat (AT_FDCWD, link, self->root_fd, path, AT_SYMLINK_FOLLOW) != 0)
    return errno;

  g_atomic_int_set (&self->no_empty_path, TRUE);
  return 0;
}

/* Gives a staged file its path, unless there is a file already. It stays open.
 *
 * Returns 0 on success, or an errno: EEXIST when there is one.
 */
int
au_file_folder_publish (AuFileFolder *self,
                        AuFileStaged *staged,
                        const char   *path)
{
  int reason = link_staged (self, staged, path);

  /* Somebody has taken away the folder that it was to be in. */
  if (reason == ENOENT && au_file_folder_make_parent (self, path, NULL))
    reason = link_staged (self, staged, path);

  return reason;
}

/* Forgets a staged file, whether it was published or not. */
void
au_file_folder_unstage (AuFileFolder *self,
                        AuFileStaged *staged)
{
  if (staged->fd < 0)
    return;

  if (staged->path[0] != '\0')
    unlinkat (self->root_fd, staged->path, 0);
  close (staged->fd);
  staged->fd = -1;
}

/* Damage */

/* Moves a file that cannot be read to the folder “damaged”, under its name or that
 * with a number, and says so in the log.
 *
 * The caller holds the lock of the record, and has just seen the damage under it.
 *
 * Returns where it is now, or NULL if it could not be moved.
 */
char *
au_file_folder_set_aside (AuFileFolder *self,
                          const char   *path,
                          const char   *name,
                          const char   *reason)
{
  g_autofree char *from = g_build_filename (self->path, path, NULL);
  g_autofree char *to = NULL;
  char target[AU_FILE_PATH_SIZE + NAME_MAX];
  gboolean moved = FALSE;

  for (guint i = 0; i < 1000 && !moved; i++)
    {
      if (i == 0)
        g_snprintf (target, sizeof target, "damaged/%s", name);
      else
        g_snprintf (target, sizeof target, "damaged/%s.%u", name, i);

      moved = renameat2 (self->root_fd, path, self->root_fd, target, RENAME_NOREPLACE) == 0;
      if (moved || errno == EEXIST)
        continue;

      if (errno == ENOENT && au_file_folder_make_parent (self, target, NULL))
        moved = renameat2 (self->root_fd, path, self->root_fd, target, RENAME_NOREPLACE) == 0;
      else if (errno == EINVAL && faccessat (self->root_fd, target, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
        moved = renameat (self->root_fd, path, self->root_fd, target) == 0;
      else
        break;
    }

  if (moved)
    to = g_build_filename (self->path, target, NULL);

  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
                    "AU_STORE", self->path,
                    "AU_FILE", from,
                    "MESSAGE", moved ? _("The file “%s” of the store is damaged (%s) and was moved to “%s”")
                                     : _("The file “%s” of the store is damaged (%s) and could not be moved to “%s”"),
                    from, reason, moved ? to : "damaged");

  return g_steal_pointer (&to);
}
