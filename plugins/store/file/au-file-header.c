/* au-file-header.c: the first line of a record's file
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-header-private.h"

#include "../shared/au-store-crc-private.h"
#include "au-file-scan-private.h"

#include <string.h>

#define FORMAT_VERSION (1)

#define MAGIC "{\"au-file\":"
#define CHECK ",\"check\":\""

static const char *const form_names[] = {
  [AU_FILE_FORM_JSON] = "json",
  [AU_FILE_FORM_VARIANT] = "variant",
};

/* Prepares the header of a record that takes length bytes, right behind it. */
void
au_file_header_init (AuFileHeader *self,
                     AuFileForm    form,
                     AuRecord     *record,
                     gsize         length)
{
  self->form = form;
  self->status = au_record_get_status (record);
  self->revision = au_record_get_revision (record);
  self->attempt = au_record_get_attempt (record);
  self->created = au_record_get_created (record);
  self->expires = au_status_is_terminal (self->status) ? au_record_get_expires (record) : 0;
  self->at = AU_FILE_HEADER_SIZE;
  self->length = length;
  self->check = 0;
}

static char *
put_members (AuFileHeader *self,
             char         *text)
{
  char *end = au_file_put_text (text, MAGIC);

  end = au_file_put_number (end, FORMAT_VERSION);
  end = au_file_put_text (end, ",\"form\":\"");
  end = au_file_put_text (end, form_names[self->form]);
  end = au_file_put_text (end, "\",\"status\":\"");
  end = au_file_put_text (end, au_status_to_string (self->status));
  end = au_file_put_text (end, "\",\"revision\":");
  end = au_file_put_number (end, self->revision);
  end = au_file_put_number (au_file_put_text (end, ",\"attempt\":"), self->attempt);
  end = au_file_put_time (au_file_put_text (end, ",\"created\":"), self->created);
  end = au_file_put_time (au_file_put_text (end, ",\"expires\":"), self->expires);
  end = au_file_put_number (au_file_put_text (end, ",\"at\":"), self->at);

  return au_file_put_number (au_file_put_text (end, ",\"length\":"), self->length);
}

static void
put_check (AuFileHeader *self,
           char         *text,
           char         *end)
{
  end = au_file_put_text (end, CHECK);
  end = au_file_put_check (end, self->check);
  end = au_file_put_text (end, "\"}");

  g_assert (end < text + AU_FILE_HEADER_SIZE);
  memset (end, ' ', text + AU_FILE_HEADER_SIZE - 1 - end);
  text[AU_FILE_HEADER_SIZE - 1] = '\n';
}

/* Writes the header as AU_FILE_HEADER_SIZE bytes of text, with the check over these
 * and the record, whose own checksum is given.
 */
void
au_file_header_write (AuFileHeader *self,
                      guint32       record_crc,
                      char         *text)
{
  char *end = put_members (self, text);

  self->check = au_store_crc (record_crc, text, end - text);
  put_check (self, text, end);
}

/* Writes a header once more, as it was read. */
void
au_file_header_rewrite (AuFileHeader *self,
                        char         *text)
{
  put_check (self, text, put_members (self, text));
}

/* Reading: nothing is accepted but what is written above. */

static gboolean
read_members (AuFileHeader *self,
              const char   *position)
{
  static const char *const statuses[] = {
    "pending", "running", "completed", "failed", "cancelled"
  };
  guint form, status;
  guint64 attempt;

  if (!au_file_scan_word (&position, ",\"form\":\"", form_names, G_N_ELEMENTS (form_names), &form) ||
      !au_file_scan_word (&position, ",\"status\":\"", statuses, G_N_ELEMENTS (statuses), &status) ||
      !au_file_scan_number (&position, ",\"revision\":", G_MAXUINT64, &self->revision) ||
      !au_file_scan_number (&position, ",\"attempt\":", G_MAXUINT32, &attempt) ||
      !au_file_scan_time (&position, ",\"created\":", &self->created) ||
      !au_file_scan_time (&position, ",\"expires\":", &self->expires) ||
      !au_file_scan_number (&position, ",\"at\":", G_MAXINT32, &self->at) ||
      !au_file_scan_number (&position, ",\"length\":", G_MAXINT64 / 2, &self->length) ||
      !au_file_scan_text (&position, CHECK) ||
      !au_file_scan_check (&position, &self->check) ||
      !au_file_scan_text (&position, "\"}"))
    return FALSE;

  self->form = form;
  self->status = status;
  self->attempt = attempt;
  return self->at >= AU_FILE_HEADER_SIZE;
}

/* Reads a header from the first bytes of a file, of which nothing is known. */
AuFileHeaderResult
au_file_header_read (AuFileHeader *self,
                     const char   *text,
                     gsize         length)
{
  char line[AU_FILE_HEADER_SIZE + 1];
  const char *position = line;
  guint64 version;

  memcpy (line, text, MIN (length, AU_FILE_HEADER_SIZE));
  line[MIN (length, AU_FILE_HEADER_SIZE)] = '\0';

  if (!au_file_scan_text (&position, MAGIC) ||
      !au_file_scan_number (&position, "", G_MAXUINT64, &version) || version == 0)
    return AU_FILE_HEADER_FOREIGN;

  if (version > FORMAT_VERSION)
    return AU_FILE_HEADER_NEWER;

  return length >= AU_FILE_HEADER_SIZE && read_members (self, position) ? AU_FILE_HEADER_OK
                                                                        : AU_FILE_HEADER_FOREIGN;
}

/* Tells whether header and record are what was written. The record is one with length
 * bytes, as the header says.
 */
gboolean
au_file_header_check (AuFileHeader *self,
                      const char   *text,
                      gconstpointer record)
{
  const char *end = g_strstr_len (text, AU_FILE_HEADER_SIZE, CHECK);

  return end != NULL &&
         au_store_crc (au_store_crc (0, record, self->length), text, end - text) == self->check;
}
