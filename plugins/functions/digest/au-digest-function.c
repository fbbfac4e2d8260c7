/* au-digest-function.c: what is in a file
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-type-private.h"

#include <au/au.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <nettle/sha2.h>

/*
 * digest.file (s) → (stst): a file → its media type, its size in bytes, the SHA-256
 * of its contents in hexadecimal, and its number of lines.
 *
 * The argument is a path, or a URI that starts with “file://”; that is how a name
 * which is no UTF-8 can be given: file:///tmp/na%EFve. Lines are counted as wc -l
 * counts them: by their ends.
 *
 * Large files report their progress, and notice between two blocks that they are
 * cancelled.
 */

#define BLOCK_SIZE (256 * 1024)

/* From this size on, how far it got is told. */
#define LARGE_FILE (1024 * 1024)

typedef struct
{
  struct sha256_ctx sha256;
  const char       *type;
  guint64           size;
  guint64           lines;
} Digest;

/* Blocks are read into memory that the thread keeps: fresh memory would cost more
 * than reading a small file. */
static guint8 *
get_buffer (void)
{
  static GPrivate buffer_of_thread = G_PRIVATE_INIT (g_free);
  guint8 *buffer = g_private_get (&buffer_of_thread);

  if (buffer == NULL)
    {
      buffer = g_malloc (BLOCK_SIZE);
      g_private_set (&buffer_of_thread, buffer);
    }

  return buffer;
}

/* Bytes are compared in rows of a fixed length, because that is what the compiler
 * makes vector instructions of: four times as fast as memchr() from end to end. */
static guint64
count_lines (const guint8 *data,
             gsize         length)
{
  guint64 lines = 0;

  for (; length >= 128; data += 128, length -= 128)
    {
      guint8 columns[16] = { 0 };

      for (guint row = 0; row < 128; row += 16)
        for (guint column = 0; column < 16; column++)
          columns[column] += data[row + column] == '\n';

      for (guint column = 0; column < 16; column++)
        lines += columns[column];
    }

  for (; length > 0; data++, length--)
    lines += *data == '\n';

  return lines;
}

static void
digest_begin (Digest *digest)
{
  sha256_init (&digest->sha256);
  digest->type = NULL;
  digest->size = 0;
  digest->lines = 0;
}

static void
digest_add (Digest       *digest,
            const guint8 *data,
            gsize         length)
{
  if (digest->type == NULL)
    digest->type = au_file_type_guess (data, length);

  sha256_update (&digest->sha256, length, data);
  digest->lines += count_lines (data, length);
  digest->size += length;
}

static GVariant *
digest_end (Digest *digest)
{
  static const char hex_digits[16] = "0123456789abcdef";
  guint8 sha256[SHA256_DIGEST_SIZE];
  char hex[2 * SHA256_DIGEST_SIZE + 1];
  GVariant *children[4];

  sha256_digest (&digest->sha256, sizeof sha256, sha256);
  for (guint i = 0; i < sizeof sha256; i++)
    {
      hex[2 * i] = hex_digits[sha256[i] >> 4];
      hex[2 * i + 1] = hex_digits[sha256[i] & 15];
    }
  hex[2 * sizeof sha256] = '\0';

  children[0] = g_variant_new_string (digest->type);
  children[1] = g_variant_new_uint64 (digest->size);
  children[2] = g_variant_new_string (hex);
  children[3] = g_variant_new_uint64 (digest->lines);

  return g_variant_new_tuple (children, G_N_ELEMENTS (children));
}

/* The path that @name gives, in the encoding of the file system. */
static char *
resolve (const char *name,
         GError    **error)
{
  g_autofree char *host = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GError) reason = NULL;

  if (*name == '\0')
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("The name of the file is empty: give a path or a file:// URI"));
      return NULL;
    }

  if (!g_str_has_prefix (name, "file://"))
    return g_strdup (name);

  path = g_filename_from_uri (name, &host, &reason);
  if (path == NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” is no URI of a file: %s"), name, reason->message);
      return NULL;
    }

  if (host != NULL && g_ascii_strcasecmp (host, "localhost") != 0)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                   _("“%s” is on another machine, “%s”: give a file of this one"), name, host);
      return NULL;
    }

  return g_steal_pointer (&path);
}

static gboolean
check_kind (const char        *name,
            const struct stat *info,
            GError           **error)
{
  if (S_ISREG (info->st_mode))
    return TRUE;

  if (S_ISDIR (info->st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY,
                 _("“%s” is a folder: give the files in it"), name);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                 _("“%s” is a pipe, socket or device: give a regular file"), name);

  return FALSE;
}

/* Opens a regular file; never waits for what is behind a pipe or a device. */
static int
open_file (const char  *name,
           struct stat *info,
           GError     **error)
{
  g_autofree char *path = resolve (name, error);
  int fd;

  if (path == NULL)
    return -1;

  do
    fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  while (fd < 0 && errno == EINTR);

  if (fd < 0)
    {
      int saved_errno = errno;

      /* a socket cannot be opened, and the system's words for that help nobody */
      if (saved_errno == ENXIO && stat (path, info) == 0 && !check_kind (name, info, error))
        return -1;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                   _("“%s” cannot be opened: %s"), name, g_strerror (saved_errno));
      return -1;
    }

  if (fstat (fd, info) < 0)
    {
      int saved_errno = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                   _("“%s” cannot be examined: %s"), name, g_strerror (saved_errno));
    }
  else if (check_kind (name, info, error))
    {
      return fd;
    }

  close (fd);
  return -1;
}

static gssize
read_block (int     fd,
            guint8 *buffer)
{
  gsize filled = 0;

  /* a block is read in full, so that the file type has enough to look at */
  while (filled < BLOCK_SIZE)
    {
      gssize n = read (fd, buffer + filled, BLOCK_SIZE - filled);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      filled += n;
    }

  return filled;
}

/* The files of /proc and /sys do not know their size, so that a wrong one proves
 * nothing by itself. */
static gboolean
is_unchanged (int                fd,
              const struct stat *before,
              guint64            size)
{
  struct stat after;

  if (size == (guint64) before->st_size && size <= BLOCK_SIZE)
    return TRUE;

  return fstat (fd, &after) == 0 &&
         after.st_size == before->st_size &&
         after.st_mtim.tv_sec == before->st_mtim.tv_sec &&
         after.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

static gboolean
read_file (AuCall            *call,
           const char        *name,
           int                fd,
           const struct stat *info,
           Digest            *digest,
           GError           **error)
{
  guint64 expected = info->st_size;
  guint64 step = MAX (LARGE_FILE, expected / 100);
  guint64 next_report = expected < LARGE_FILE ? G_MAXUINT64 : step;
  guint8 *buffer = get_buffer ();

  for (;;)
    {
      gssize n = read_block (fd, buffer);

      if (n < 0)
        {
          int saved_errno = errno;

          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                       _("“%s” cannot be read: %s"), name, g_strerror (saved_errno));
          return FALSE;
        }

      if (n > 0 || digest->type == NULL)
        digest_add (digest, buffer, n);

      if (n < BLOCK_SIZE)
        break;

      if (digest->size >= next_report)
        {
          au_call_set_progress (call, MIN ((double) digest->size / expected, 1.0), NULL);
          next_report = digest->size + step;
        }

      if (au_call_set_error_if_cancelled (call, error))
        return FALSE;
    }

  if (!is_unchanged (fd, info, digest->size))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG,
                   _("“%s” was changed while it was read: digest it again"), name);
      return FALSE;
    }

  return TRUE;
}

static GVariant *
digest_file (AuCall   *call,
             GVariant *arguments,
             gpointer  user_data,
             GError  **error)
{
  const char *name;
  struct stat info;
  Digest digest;
  gboolean done;
  int fd;

  g_variant_get (arguments, "(&s)", &name);

  fd = open_file (name, &info, error);
  if (fd < 0)
    return NULL;

  digest_begin (&digest);
  done = read_file (call, name, fd, &info, &digest, error);
  close (fd);

  return done ? digest_end (&digest) : NULL;
}

static const AuFunctionEntry functions[] = {
  { "digest.file", "(s)", "(stst)", digest_file, AU_FUNCTION_NONE,
    N_("media type, size, SHA-256 and number of lines of a file") },
  { NULL }
};

AU_MODULE_DEFINE (au_function_digest, PACKAGE_VERSION, "LGPL-2.1-or-later",
                  "Tells what is in a file",
                  NULL, functions)
