/* au-store-path.c: where a store could be
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-store-path-private.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean
au_store_path_check_given (const char  *path,
                           const char  *message,
                           GError     **error)
{
  if (path != NULL && path[0] != '\0')
    return TRUE;

  g_set_error_literal (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT, message);
  return FALSE;
}

/* Tells whether what is not there could be made at @path, with the folders above it. */
gboolean
au_store_path_check_room (const char  *path,
                          GError     **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  struct stat info;

  while (stat (folder, &info) != 0 && (errno == ENOENT || errno == ENOTDIR))
    {
      char *parent = g_path_get_dirname (folder);

      g_free (folder);
      folder = parent;
    }

  if (stat (folder, &info) == 0 && !S_ISDIR (info.st_mode))
    errno = ENOTDIR;
  else if (faccessat (AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0)
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_STORE,
               _("“%s” cannot be made in “%s”: %s; set “path” to another place"),
               path, folder, g_strerror (errno));
  return FALSE;
}
