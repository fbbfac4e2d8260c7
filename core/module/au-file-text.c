/* au-file-text.c: reads small files of text
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-text-private.h"

#include <au/au-error.h>

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 4096

static gboolean
set_errno_error (GError     **error,
                 const char  *shown)
{
  int saved = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), "%s: %s", shown,
               g_strerror (saved));
  return FALSE;
}

/* Looks at the file that is open, which nobody can put another in place of any more. */
static gboolean
check_trust (int          fd,
             const char  *shown,
             GError     **error)
{
  struct stat status;

  if (fstat (fd, &status) != 0)
    return set_errno_error (error, shown);

  if (status.st_uid != 0 && status.st_uid != geteuid ())
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                   _("%s: it belongs to another user (%u): name it with AU_CONFIG if it is meant"),
                   shown, (guint) status.st_uid);
      return FALSE;
    }

  if ((status.st_mode & S_IWOTH) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                   _("%s: everyone may write to it: use “chmod o-w” on the file"), shown);
      return FALSE;
    }

  return TRUE;
}

static gboolean
read_all (int          fd,
          const char  *shown,
          gsize        limit,
          GByteArray  *contents,
          GError     **error)
{
  for (;;)
    {
      guint filled = contents->len;
      gssize n_read;

      g_byte_array_set_size (contents, filled + CHUNK);
      do
        n_read = read (fd, contents->data + filled, CHUNK);
      while (n_read < 0 && errno == EINTR);

      g_byte_array_set_size (contents, filled + MAX (n_read, 0));
      if (n_read < 0)
        return set_errno_error (error, shown);
      if (n_read == 0)
        return TRUE;

      /* A device may never end. */
      if (contents->len > limit)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                       _("%s: it is longer than %zu bytes"), shown, limit);
          return FALSE;
        }
    }
}

/* Reads a file of at most @limit bytes, and adds a zero to them. The error starts with
 * the file's name. With %AU_FILE_OF_US it must belong to root or this user, and must not
 * be for everyone to write.
 */
char *
au_file_text_read (const char   *path,
                   AuFileTrust   trust,
                   gsize         limit,
                   gsize        *length,
                   GError      **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr(GByteArray) contents = g_byte_array_new ();
  gboolean good;
  int fd;

  fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    {
      set_errno_error (error, shown);
      return NULL;
    }

  good = (trust == AU_FILE_OF_ANYBODY || check_trust (fd, shown, error)) &&
         read_all (fd, shown, limit, contents, error);
  close (fd);
  if (!good)
    return NULL;

  *length = contents->len;
  g_byte_array_append (contents, (const guint8 *) "", 1);
  return (char *) g_byte_array_free (g_steal_pointer (&contents), FALSE);
}
