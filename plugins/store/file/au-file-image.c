/* au-file-image.c: a record as its file holds it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-image-private.h"

#include "au-file-folder-private.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

void
au_file_image_clear (AuFileImage *self)
{
  g_clear_pointer (&self->large, g_free);
}

static AuFileImageResult
fail (AuFileImage *self,
      const char  *wrong)
{
  self->wrong = wrong;
  return AU_FILE_IMAGE_DAMAGED;
}

/* Reads a record that is not in the buffer as a whole. */
static AuFileImageResult
read_large (AuFileImage *self,
            int          fd)
{
  struct stat info;
  gssize n;

  /* The header has not been checked yet: believe no length before there are as many. */
  if (fstat (fd, &info) != 0)
    return AU_FILE_IMAGE_UNREADABLE;
  if ((guint64) info.st_size < self->header.at + self->header.length)
    return fail (self, _("it is too short"));

  self->large = g_try_malloc (self->header.length);
  if (self->large == NULL)
    {
      errno = ENOMEM;
      return AU_FILE_IMAGE_UNREADABLE;
    }

  n = au_file_read (fd, self->large, self->header.length, self->header.at);
  if (n < 0)
    return AU_FILE_IMAGE_UNREADABLE;
  if ((guint64) n < self->header.length)
    return fail (self, _("it is too short"));

  self->record = self->large;
  return AU_FILE_IMAGE_OK;
}

/* Reads the record that a file holds.
 *
 * Somebody may be writing to it meanwhile. That looks like damage for a moment, never
 * like another record. The image needs no initialisation, and is to be cleared.
 */
AuFileImageResult
au_file_image_read (AuFileImage *self,
                    int          fd)
{
  AuFileImageResult result = AU_FILE_IMAGE_OK;
  gssize n;

  self->large = NULL;
  self->wrong = NULL;

  /* One system call reads all of a small file; what is missing is read when it is known
   * to be missing. */
  n = pread (fd, self->buffer, sizeof self->buffer, 0);
  if (n != 0 && n < AU_FILE_HEADER_SIZE)
    n = au_file_read (fd, self->buffer, sizeof self->buffer, 0);
  if (n < 0 && (errno == ESPIPE || errno == EISDIR || errno == ENXIO))
    return fail (self, _("it is no regular file"));
  if (n < 0)
    return AU_FILE_IMAGE_UNREADABLE;
  if (n == 0)
    return fail (self, _("it is empty"));

  switch (au_file_header_read (&self->header, self->buffer, n))
    {
    case AU_FILE_HEADER_OK:
      break;
    case AU_FILE_HEADER_NEWER:
      return AU_FILE_IMAGE_NEWER;
    case AU_FILE_HEADER_FOREIGN:
    default:
      return fail (self, _("it does not start as a record does"));
    }

  if (self->header.at + self->header.length <= (guint64) n)
    self->record = self->buffer + self->header.at;
  else
    result = read_large (self, fd);

  if (result == AU_FILE_IMAGE_OK &&
      !au_file_header_check (&self->header, self->buffer, self->record))
    return fail (self, _("its checksum is wrong"));

  return result;
}

static AuRecord *
parse_variant (AuFileImage  *self,
               GError      **error)
{
  g_autoptr(GBytes) bytes = NULL;

  /* The record refers to the bytes for as long as it lives. */
  if (self->record == self->large)
    {
      bytes = g_bytes_new_take (g_steal_pointer (&self->large), self->header.length);
      self->record = NULL;
    }
  else
    {
      bytes = g_bytes_new (self->record, self->header.length);
    }

  return au_record_from_bytes (bytes, error);
}

/* Makes a record of what was read, once.
 *
 * Fails with AU_ERROR_DAMAGED and AU_ERROR_UNSUPPORTED.
 */
AuRecord *
au_file_image_parse (AuFileImage  *self,
                     const char   *key,
                     GError      **error)
{
  g_autoptr(AuRecord) record = NULL;

  if (self->header.form == AU_FILE_FORM_VARIANT)
    record = parse_variant (self, error);
  else
    record = au_record_from_json (self->record, self->header.length, error);

  if (record == NULL)
    return NULL;

  if (!g_str_equal (au_record_get_key (record), key))
    {
      g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED,
                   _("it is the record of “%s”"), au_record_get_key (record));
      return NULL;
    }

  if (au_record_get_revision (record) != self->header.revision)
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_DAMAGED,
                           _("its record is not the one that it announces"));
      return NULL;
    }

  return g_steal_pointer (&record);
}

/* Writes a record in the given form. */
GBytes *
au_file_image_format (AuRecord   *record,
                      AuFileForm  form)
{
  char *text;

  if (form == AU_FILE_FORM_VARIANT)
    return au_record_to_bytes (record);

  text = au_record_to_json (record, FALSE);
  return g_bytes_new_take (text, strlen (text));
}
