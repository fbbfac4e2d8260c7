/* au-sqlite-values.c: large values, each in a file beside the database
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-values-private.h"

#include "../shared/au-store-crc-private.h"
#include "../shared/au-store-failpoint-private.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAGIC "auvalue1"
#define MAGIC_SIZE (8)

/* Numbers are little endian. The type follows, padded with zeros to a multiple of eight
 * bytes, and then the value in normal form, little endian.
 */
typedef struct
{
  char    magic[MAGIC_SIZE];
  guint64 size;             /* of the value */
  guint32 type_size;        /* padded */
  guint32 crc;              /* of the type and the value */
} Header;

G_STATIC_ASSERT (sizeof (Header) == 24);

gboolean
au_sqlite_values_is_large (GVariant *value)
{
  return value != NULL && g_variant_get_size (value) > AU_SQLITE_LARGE;
}

static char *
make_path (AuSqlitePlace *place,
           const char    *name)
{
  return g_build_filename (place->values, name, NULL);
}

static gboolean
fail (const char  *path,
      int          reason,
      GError     **error)
{
  g_set_error (error, AU_ERROR, AU_ERROR_STORE,
               reason == ENOSPC || reason == EDQUOT
                 ? _("The file “%s” of a large value cannot be used: %s; free some space there")
                 : _("The file “%s” of a large value cannot be used: %s"),
               path, g_strerror (reason));
  return FALSE;
}

/* Writing */

static gboolean
write_all (int           fd,
           struct iovec *parts,
           guint         n_parts)
{
  while (n_parts > 0)
    {
      gssize written = writev (fd, parts, n_parts);

      if (written < 0 && errno != EINTR)
        return FALSE;

      for (; written > 0 && n_parts > 0; parts++, n_parts--)
        {
          if ((gsize) written < parts->iov_len)
            {
              parts->iov_base = (char *) parts->iov_base + written;
              parts->iov_len -= written;
              break;
            }
          written -= parts->iov_len;
        }
      while (n_parts > 0 && parts->iov_len == 0)
        {
          parts++;
          n_parts--;
        }
    }

  return TRUE;
}

static gboolean
sync_path (const char *path)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean fine = fd >= 0 && fsync (fd) == 0;
  int reason = errno;

  if (fd >= 0)
    close (fd);
  errno = reason;

  return fine;
}

static gboolean
make_folder (AuSqlitePlace  *place,
             GError        **error)
{
  if (mkdir (place->values, 0700) == 0)
    return !place->sync || sync_path (place->folder) || fail (place->values, errno, error);

  return errno == EEXIST || fail (place->values, errno, error);
}

/* The form in which values are the same on all machines. */
static GVariant *
get_portable (GVariant *value)
{
  GVariant *swapped, *normal = g_variant_get_normal_form (value);

  if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
    return normal;

  swapped = g_variant_byteswap (normal);
  g_variant_unref (normal);
  return swapped;
}

static gboolean
write_value (int       fd,
             GVariant *value)
{
  static const char zeros[8] = "";
  g_autoptr(GVariant) portable = get_portable (value);
  const char *type = g_variant_get_type_string (portable);
  gsize type_length = strlen (type);
  gsize padding = 8 - type_length % 8;
  Header header = { .magic = MAGIC };
  struct iovec parts[] = {
    { &header, sizeof header },
    { (gpointer) type, type_length },
    { (gpointer) zeros, padding },
    { (gpointer) g_variant_get_data (portable), g_variant_get_size (portable) },
  };

  for (guint i = 1; i < G_N_ELEMENTS (parts); i++)
    header.crc = au_store_crc (header.crc, parts[i].iov_base, parts[i].iov_len);
  header.crc = GUINT32_TO_LE (header.crc);
  header.type_size = GUINT32_TO_LE ((guint32) (type_length + padding));
  header.size = GUINT64_TO_LE ((guint64) parts[3].iov_len);

  return write_all (fd, parts, G_N_ELEMENTS (parts));
}

/* Writes a value into a new file. It is there for good when the caller has written its
 * name into the database; if it never does, somebody will remove it after an hour.
 *
 * Returns: its name, or NULL with @error set
 */
char *
au_sqlite_values_write (AuSqlitePlace  *place,
                        GVariant       *value,
                        GError        **error)
{
  g_autofree char *name = au_key_new ();
  g_autofree char *path = make_path (place, name);
  int fd, reason = 0;

  if (!make_folder (place, error))
    return NULL;

  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      fail (path, errno, error);
      return NULL;
    }

  AU_STORE_FAILPOINT ("value/made");
  if (!write_value (fd, value) ||
      (place->sync && (fdatasync (fd) != 0 || !sync_path (place->values))))
    reason = errno;
  if (close (fd) != 0 && reason == 0)
    reason = errno;

  AU_STORE_FAILPOINT ("value/written");
  if (reason == 0)
    return g_steal_pointer (&name);

  unlink (path);
  fail (path, reason, error);
  return NULL;
}

/* Removes a file that the database no longer names. */
void
au_sqlite_values_remove (AuSqlitePlace *place,
                         const char    *name)
{
  g_autofree char *path = make_path (place, name);

  AU_STORE_FAILPOINT ("value/before-removing");
  unlink (path);
}

/* Reading */

static gboolean
fail_damaged (const char  *path,
              GError     **error)
{
  g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED,
               _("The file “%s” of a large value is damaged"), path);
  return FALSE;
}

static gboolean
check (const char  *path,
       const char  *content,
       gsize        length,
       Header      *header,
       GError     **error)
{
  gsize left = length - sizeof *header;

  if (length < sizeof *header)
    return fail_damaged (path, error);

  memcpy (header, content, sizeof *header);
  header->size = GUINT64_FROM_LE (header->size);
  header->type_size = GUINT32_FROM_LE (header->type_size);

  if (memcmp (header->magic, MAGIC, MAGIC_SIZE) != 0 ||
      header->type_size < 8 || header->type_size % 8 != 0 || header->type_size > left ||
      header->size != left - header->type_size ||
      GUINT32_FROM_LE (header->crc) != au_store_crc (0, content + sizeof *header, left) ||
      content[sizeof *header + header->type_size - 1] != '\0' ||
      !g_variant_type_string_is_valid (content + sizeof *header) ||
      !g_variant_type_is_definite (G_VARIANT_TYPE (content + sizeof *header)))
    return fail_damaged (path, error);

  return TRUE;
}

/* Reads a value. Fails with AU_ERROR_DAMAGED when it is not what was written, or gone. */
GVariant *
au_sqlite_values_read (AuSqlitePlace  *place,
                       const char     *name,
                       GError        **error)
{
  g_autofree char *path = make_path (place, name);
  g_autoptr(GError) reason = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GBytes) data = NULL;
  g_autoptr(GVariant) value = NULL;
  Header header;
  char *content;
  gsize length;

  if (!g_file_get_contents (path, &content, &length, &reason))
    {
      if (g_error_matches (reason, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED,
                     _("The file “%s” of a large value is gone"), path);
      else
        g_set_error_literal (error, AU_ERROR, AU_ERROR_STORE, reason->message);
      return NULL;
    }

  bytes = g_bytes_new_take (content, length);
  if (!check (path, content, length, &header, error))
    return NULL;

  data = g_bytes_new_from_bytes (bytes, sizeof header + header.type_size, header.size);
  value = au_value_from_bytes (G_VARIANT_TYPE (content + sizeof header), data, NULL);
  if (value == NULL)
    {
      fail_damaged (path, error);
      return NULL;
    }

  return get_portable (value);
}
