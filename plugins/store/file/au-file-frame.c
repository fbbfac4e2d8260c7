/* au-file-frame.c: one item in a file of items
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-file-frame-private.h"

#include "../shared/au-store-crc-private.h"
#include "au-file-folder-private.h"
#include "au-file-scan-private.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define HEAD "{\"au-items\":1,\"key\":\""
#define CHECK ",\"check\":\""
#define MAX_LINE (512)

static const char *const form_names[] = {
  [AU_FILE_FORM_JSON] = "json",
  [AU_FILE_FORM_VARIANT] = "variant",
};

/* The head */

char *
au_file_items_head_format (const AuFileItemsHead *self,
                           const char            *key)
{
  return g_strdup_printf (HEAD "%s\",\"created\":%" PRId64 ",\"attempt\":%u}\n",
                          key, self->created, self->attempt);
}

/* Reads one line; it ends with a zero in the place of its newline. */
static AuFileFrameResult
read_line (int      fd,
           goffset  offset,
           char    *line,
           gsize   *length)
{
  gssize n = au_file_read (fd, line, MAX_LINE, offset);
  char *newline;

  if (n < 0)
    return AU_FILE_FRAME_UNREADABLE;

  newline = memchr (line, '\n', n);
  if (newline == NULL)
    return n < MAX_LINE ? AU_FILE_FRAME_END : AU_FILE_FRAME_BAD;

  *newline = '\0';
  *length = newline + 1 - line;
  return AU_FILE_FRAME_OK;
}

AuFileFrameResult
au_file_items_head_read (AuFileItemsHead *self,
                         int              fd,
                         const char      *key)
{
  char line[MAX_LINE];
  const char *position = line;
  AuFileFrameResult result = read_line (fd, 0, line, &self->size);
  guint64 attempt;

  if (result != AU_FILE_FRAME_OK)
    return result;

  if (!au_file_scan_text (&position, HEAD) ||
      !au_file_scan_text (&position, key) ||
      !au_file_scan_time (&position, "\",\"created\":", &self->created) ||
      !au_file_scan_number (&position, ",\"attempt\":", G_MAXUINT32, &attempt) ||
      !g_str_equal (position, "}"))
    return AU_FILE_FRAME_BAD;

  self->attempt = attempt;
  return AU_FILE_FRAME_OK;
}

/* Items */

static GBytes *
format_value (GVariant   *item,
              AuFileForm  form)
{
  g_autoptr(GVariant) normal = NULL;
  char *text;

  if (form == AU_FILE_FORM_JSON)
    {
      text = au_json_from_variant (item, FALSE);
      return g_bytes_new_take (text, strlen (text));
    }

  normal = g_variant_get_normal_form (item);
  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      GVariant *swapped = g_variant_byteswap (normal);

      g_variant_unref (normal);
      normal = swapped;
    }

  return g_variant_get_data_as_bytes (normal);
}

/* Makes the bytes that an item takes in a file. */
GBytes *
au_file_frame_format (guint64     index,
                      GVariant   *item,
                      AuFileForm  form)
{
  g_autoptr(GBytes) value = format_value (item, form);
  gsize length = g_bytes_get_size (value);
  GByteArray *bytes = g_byte_array_sized_new (MAX_LINE + length);
  char line[MAX_LINE];
  char *end = line;
  guint32 check;

  end = au_file_put_number (au_file_put_text (end, "{\"item\":"), index);
  end = au_file_put_text (au_file_put_text (end, ",\"form\":\""), form_names[form]);
  end = au_file_put_text (au_file_put_text (end, "\",\"type\":\""), g_variant_get_type_string (item));
  end = au_file_put_number (au_file_put_text (end, "\",\"length\":"), length);

  check = au_store_crc (0, line, end - line);
  check = au_store_crc (check, g_bytes_get_data (value, NULL), length);

  end = au_file_put_check (au_file_put_text (end, CHECK), check);
  end = au_file_put_text (end, "\"}\n");

  g_byte_array_append (bytes, (guint8 *) line, end - line);
  g_byte_array_append (bytes, g_bytes_get_data (value, NULL), length);
  g_byte_array_append (bytes, (guint8 *) "\n", 1);

  return g_byte_array_free_to_bytes (bytes);
}

/* How many bytes a frame takes as a whole. */
gsize
au_file_frame_get_size (const AuFileFrame *self)
{
  return self->line + self->length + 1;
}

static gboolean
scan_type (const char **position,
           char        *type)
{
  const char *end = strchr (*position, '"');

  if (end == NULL || end - *position > AU_FILE_MAX_TYPE)
    return FALSE;

  memcpy (type, *position, end - *position);
  type[end - *position] = '\0';
  *position = end;

  return g_variant_type_string_is_valid (type) &&
         g_variant_type_is_definite (G_VARIANT_TYPE (type));
}

static gboolean
scan_frame (AuFileFrame *self,
            const char  *line)
{
  const char *position = line;
  guint form;

  if (!au_file_scan_number (&position, "{\"item\":", G_MAXUINT64, &self->index) ||
      !au_file_scan_word (&position, ",\"form\":\"", form_names, G_N_ELEMENTS (form_names), &form) ||
      !au_file_scan_text (&position, ",\"type\":\"") ||
      !scan_type (&position, self->type) ||
      !au_file_scan_number (&position, "\",\"length\":", G_MAXINT64 / 2, &self->length))
    return FALSE;

  self->form = form;
  self->line_crc = au_store_crc (0, line, position - line);

  return au_file_scan_text (&position, CHECK) &&
         au_file_scan_check (&position, &self->check) &&
         g_str_equal (position, "\"}");
}

static AuFileFrameResult
read_value (AuFileFrame  *self,
            int           fd,
            goffset       offset,
            GBytes      **value)
{
  g_autofree char *data = g_try_malloc (self->length + 1);
  gssize n;

  if (data == NULL)
    {
      errno = ENOMEM;
      return AU_FILE_FRAME_UNREADABLE;
    }

  n = au_file_read (fd, data, self->length + 1, offset);
  if (n < 0)
    return AU_FILE_FRAME_UNREADABLE;
  if ((guint64) n < self->length + 1)
    return AU_FILE_FRAME_END;

  if (data[self->length] != '\n' ||
      au_store_crc (self->line_crc, data, self->length) != self->check)
    return AU_FILE_FRAME_BAD;

  *value = g_bytes_new_take (g_steal_pointer (&data), self->length);
  return AU_FILE_FRAME_OK;
}

/* Reads what is at offset in a file of the given size, and its value if value is not
 * NULL; only then is it checked.
 */
AuFileFrameResult
au_file_frame_read (AuFileFrame  *self,
                    int           fd,
                    goffset       offset,
                    goffset       size,
                    GBytes      **value)
{
  char line[MAX_LINE];
  AuFileFrameResult result;

  if (offset >= size)
    return AU_FILE_FRAME_END;

  result = read_line (fd, offset, line, &self->line);
  if (result != AU_FILE_FRAME_OK)
    return result;
  if (!scan_frame (self, line))
    return AU_FILE_FRAME_BAD;
  if (offset + (goffset) au_file_frame_get_size (self) > size)
    return AU_FILE_FRAME_END;
  if (value == NULL)
    return AU_FILE_FRAME_OK;

  result = read_value (self, fd, offset + self->line, value);

  /* At the very end it is what a crash has left of an item. */
  if (result == AU_FILE_FRAME_BAD && offset + (goffset) au_file_frame_get_size (self) == size)
    return AU_FILE_FRAME_END;

  return result;
}

/* Makes a value of what was read, a full reference. */
GVariant *
au_file_frame_parse (const AuFileFrame  *self,
                     GBytes             *value,
                     GError            **error)
{
  const GVariantType *type = G_VARIANT_TYPE (self->type);
  GVariant *item;

  if (self->form == AU_FILE_FORM_JSON)
    {
      item = au_json_to_variant (g_bytes_get_data (value, NULL), g_bytes_get_size (value),
                                 type, error);
      return item != NULL ? g_variant_take_ref (item) : NULL;
    }

  item = g_variant_ref_sink (g_variant_new_from_bytes (type, value, FALSE));
  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      GVariant *swapped = g_variant_byteswap (item);

      g_variant_unref (item);
      item = swapped;
    }

  return item;
}
