/* au-file-type.c: what a file is, by its first bytes
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-type-private.h"

#include <string.h>

/*
 * g_content_type_guess() knows more types, but takes locks and many times as long as
 * all else that is done to a small file, and knows nothing where no database is
 * installed. These are the ones that are met daily.
 */

typedef struct
{
  const char *type;
  const char *magic;
  guint16     length;
  guint16     offset;
} Magic;

#define MAGIC(type, magic) { type, magic, sizeof (magic) - 1, 0 }
#define MAGIC_AT(offset, type, magic) { type, magic, sizeof (magic) - 1, offset }

static const Magic magics[] = {
  MAGIC ("application/gzip", "\x1f\x8b"),
  MAGIC ("image/png", "\x89PNG\r\n\x1a\n"),
  MAGIC ("text/html", "<!DOCTYPE html"),
  MAGIC ("text/html", "<!doctype html"),
  MAGIC ("text/html", "<!DOCTYPE HTML"),
  MAGIC ("text/html", "<html"),
  MAGIC ("text/html", "<HTML"),
  MAGIC ("application/xml", "<?xml"),
  MAGIC ("image/svg+xml", "<svg"),
  MAGIC ("text/x-script", "#!"),
  MAGIC ("application/x-elf", "\x7f" "ELF"),
  MAGIC ("application/x-archive", "!<arch>\n"),
  MAGIC ("application/pdf", "%PDF-"),
  MAGIC ("application/postscript", "%!PS"),
  MAGIC ("image/jpeg", "\xff\xd8\xff"),
  MAGIC ("image/gif", "GIF87a"),
  MAGIC ("image/gif", "GIF89a"),
  MAGIC ("image/tiff", "II*\0"),
  MAGIC ("image/tiff", "MM\0*"),
  MAGIC_AT (8, "image/webp", "WEBPVP8"),
  MAGIC_AT (8, "audio/x-wav", "WAVEfmt "),
  MAGIC_AT (4, "video/mp4", "ftypiso"),
  MAGIC_AT (4, "video/mp4", "ftypmp4"),
  MAGIC_AT (4, "audio/mp4", "ftypM4A"),
  MAGIC_AT (4, "video/quicktime", "ftypqt  "),
  MAGIC ("video/x-matroska", "\x1a\x45\xdf\xa3"),
  MAGIC ("application/ogg", "OggS\0"),
  MAGIC ("audio/flac", "fLaC"),
  MAGIC ("audio/mpeg", "ID3"),
  MAGIC ("application/zip", "PK\003\004"),
  MAGIC ("application/x-xz", "\xfd" "7zXZ\0"),
  MAGIC ("application/zstd", "\x28\xb5\x2f\xfd"),
  MAGIC ("application/x-bzip2", "BZh"),
  MAGIC ("application/x-7z-compressed", "7z\xbc\xaf\x27\x1c"),
  MAGIC_AT (257, "application/x-tar", "ustar"),
  MAGIC ("application/vnd.sqlite3", "SQLite format 3\0"),
  MAGIC ("application/x-gettext-translation", "\xde\x12\x04\x95"),
  MAGIC ("application/x-gettext-translation", "\x95\x04\x12\xde"),
  MAGIC ("font/woff2", "wOF2"),
  MAGIC ("font/woff", "wOFF"),
  MAGIC ("font/otf", "OTTO\0"),
  MAGIC ("font/ttf", "\0\1\0\0\0"),
  MAGIC ("text/plain", "\xff\xfe"),     /* UTF-16, with a mark of its byte order */
  MAGIC ("text/plain", "\xfe\xff"),
};

/* The control characters that text has: bell to carriage return, and escape. */
#define TEXT_CONTROLS (0x00003f80u | 1u << 27)

/* Text of any charset in which ASCII is ASCII. */
static gboolean
is_text (const guint8 *head,
         gsize         length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (head[i] < 32 && (TEXT_CONTROLS >> head[i] & 1) == 0)
        return FALSE;
    }

  return TRUE;
}

/*
 * au_file_type_guess:
 * @head: the first bytes of a file, AU_FILE_TYPE_HEAD of them or the whole file
 * @length: how many there are
 *
 * Gives the media type of a file: one of the table above, “text/plain” for other
 * text, “inode/x-empty” for nothing, and “application/octet-stream” for the rest.
 *
 * MT safe.
 */
const char *
au_file_type_guess (const guint8 *head,
                    gsize         length)
{
  if (length == 0)
    return "inode/x-empty";

  for (guint i = 0; i < G_N_ELEMENTS (magics); i++)
    {
      const Magic *magic = &magics[i];

      if (magic->offset + (gsize) magic->length <= length &&
          head[magic->offset] == (guint8) magic->magic[0] &&
          memcmp (head + magic->offset, magic->magic, magic->length) == 0)
        return magic->type;
    }

  if (is_text (head, MIN (length, AU_FILE_TYPE_HEAD)))
    return "text/plain";

  return "application/octet-stream";
}
