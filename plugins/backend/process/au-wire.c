/* au-wire.c: what the two halves of the process backend say to each other
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-wire-private.h"

#include <string.h>

gint64
au_wire_now (void)
{
  return g_get_monotonic_time ();
}

static void
pad (GByteArray *buffer)
{
  static const guint8 zeros[8] = { 0 };
  guint rest = buffer->len % 8;

  if (rest > 0)
    g_byte_array_append (buffer, zeros, 8 - rest);
}

gsize
au_wire_begin (GByteArray *buffer,
               AuWireType  type,
               guint32     job,
               guint32     extra)
{
  const AuWireHeader header = { 0, type, 0, job, extra };
  gsize begin = buffer->len;

  g_byte_array_append (buffer, (const guint8 *) &header, sizeof header);

  return begin;
}

void
au_wire_end (GByteArray *buffer,
             gsize       begin)
{
  guint32 size = buffer->len - begin;

  memcpy (buffer->data + begin + G_STRUCT_OFFSET (AuWireHeader, size), &size, sizeof size);
}

void
au_wire_put_number (GByteArray *buffer,
                    guint64     number)
{
  g_byte_array_append (buffer, (const guint8 *) &number, sizeof number);
}

/* A length that counts the zero, so that 0 stands for NULL. */
void
au_wire_put_string (GByteArray *buffer,
                    const char *string)
{
  gsize length = string != NULL ? strlen (string) + 1 : 0;

  au_wire_put_number (buffer, length);
  if (length > 0)
    g_byte_array_append (buffer, (const guint8 *) string, length);
  pad (buffer);
}

void
au_wire_put_error (GByteArray   *buffer,
                   const GError *error)
{
  au_wire_put_string (buffer, g_quark_to_string (error->domain));
  au_wire_put_number (buffer, (guint64) (gint64) error->code);
  au_wire_put_string (buffer, error->message);
}

void
au_wire_put_value (GByteArray      *buffer,
                   GVariant        *value,
                   AuWireValueKind  kind)
{
  gsize size = value != NULL ? g_variant_get_size (value) : 0;

  au_wire_put_number (buffer, value != NULL ? kind : AU_WIRE_VALUE_NONE);
  if (value == NULL)
    return;

  au_wire_put_number (buffer, size);
  au_wire_put_string (buffer, g_variant_get_type_string (value));
  if (kind != AU_WIRE_VALUE_INLINE)
    return;

  g_byte_array_set_size (buffer, buffer->len + size);
  g_variant_store (value, buffer->data + buffer->len - size);
  pad (buffer);
}

static gboolean
take (AuWireReader  *reader,
      gsize          size,
      const guint8 **data)
{
  gsize whole;

  if (size > reader->left)
    return FALSE;

  whole = MIN ((size + 7) / 8 * 8, reader->left);
  *data = reader->data;
  reader->data += whole;
  reader->left -= whole;

  return TRUE;
}

gboolean
au_wire_get_number (AuWireReader *reader,
                    guint64      *number)
{
  const guint8 *data;

  if (!take (reader, sizeof *number, &data))
    return FALSE;

  memcpy (number, data, sizeof *number);

  return TRUE;
}

gboolean
au_wire_get_string (AuWireReader  *reader,
                    const char   **string)
{
  const guint8 *data;
  guint64 length;

  if (!au_wire_get_number (reader, &length))
    return FALSE;

  *string = NULL;
  if (length == 0)
    return TRUE;

  if (length > reader->left || !take (reader, length, &data) ||
      memchr (data, '\0', length) != data + length - 1)
    return FALSE;

  *string = (const char *) data;

  return TRUE;
}

gboolean
au_wire_get_error (AuWireReader  *reader,
                   GError       **error)
{
  const char *domain;
  const char *message;
  guint64 code;

  if (!au_wire_get_string (reader, &domain) || domain == NULL ||
      !au_wire_get_number (reader, &code) ||
      !au_wire_get_string (reader, &message) || message == NULL)
    return FALSE;

  g_set_error_literal (error, g_quark_from_string (domain), (int) (gint64) code, message);

  return TRUE;
}

static gboolean
get_value_head (AuWireReader     *reader,
                AuWireValueKind  *kind,
                const char      **type,
                gsize            *size)
{
  guint64 number, length;

  *type = NULL;
  *size = 0;
  if (!au_wire_get_number (reader, &number) || number > AU_WIRE_VALUE_ELSEWHERE)
    return FALSE;

  *kind = number;
  if (number == AU_WIRE_VALUE_NONE)
    return TRUE;

  if (!au_wire_get_number (reader, &length) || length > G_MAXSSIZE ||
      !au_wire_get_string (reader, type) ||
      *type == NULL || !g_variant_type_string_is_valid (*type) ||
      !g_variant_type_is_definite ((const GVariantType *) *type))
    return FALSE;

  *size = length;

  return TRUE;
}

gboolean
au_wire_get_value (AuWireReader  *reader,
                   GVariant     **value)
{
  g_autoptr(GBytes) bytes = NULL;
  AuWireValueKind kind;
  const char *type;
  gsize size;

  *value = NULL;
  if (!get_value_head (reader, &kind, &type, &size))
    return FALSE;

  if (kind == AU_WIRE_VALUE_NONE)
    return TRUE;

  if (kind == AU_WIRE_VALUE_INLINE)
    {
      const guint8 *data;

      if (!take (reader, size, &data))
        return FALSE;
      bytes = g_bytes_new (data, size);
    }
  else if (reader->bytes != NULL && g_bytes_get_size (reader->bytes) == size)
    {
      bytes = g_bytes_ref (reader->bytes);
    }
  else
    {
      return FALSE;
    }

  *value = reader->trusted
    ? g_variant_ref_sink (g_variant_new_from_bytes ((const GVariantType *) type, bytes, TRUE))
    : au_value_from_bytes ((const GVariantType *) type, bytes, NULL);

  return *value != NULL;
}
