/* au-record-encode.c: writes the stored form of a record
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-options-private.h"
#include "au-record-form-private.h"

#include <string.h>

/* The form is a GVariant, of AU_RECORD_FORM_TYPE, as g_variant_new() would make it. It is
 * written by hand because every change of every stored record is, and building a tree of
 * values, to be thrown away when it has been written, takes ten times as long.
 *
 * In a tuple of GVariant, members are aligned as their types demand. Where those end that
 * have no fixed size is written behind all members, the last one first; the last member
 * ends where these numbers begin. They have as many bytes as the size of the tuple needs.
 */

/* All members of fixed size, the numbers at the end, and the padding in between. */
#define ROOM (256)

typedef struct
{
  guint8 *data;
  gsize   position;
  gsize   start;            /* of the tuple that is written */
  gsize   ends[AU_RECORD_FORM_N_ENDS];
  guint   n_ends;
} Encoder;

static void
align (Encoder *self,
       gsize    alignment)
{
  while (self->position % alignment != 0)
    self->data[self->position++] = 0;
}

static void
put (Encoder       *self,
     gconstpointer  data,
     gsize          size)
{
  memcpy (self->data + self->position, data, size);
  self->position += size;
}

static void
put_byte (Encoder *self,
          guint8   byte)
{
  self->data[self->position++] = byte;
}

#define put_number(self, number) \
  G_STMT_START { \
    align (self, sizeof (number)); \
    put (self, &(number), sizeof (number)); \
  } G_STMT_END

static void
put_text (Encoder    *self,
          const char *text)
{
  put (self, text, strlen (text) + 1);
}

static void
put_end (Encoder *self)
{
  self->ends[self->n_ends++] = self->position - self->start;
}

/* Ends a tuple. */
static void
put_ends (Encoder *self,
          gsize    start,
          guint    first_end)
{
  guint n_ends = self->n_ends - first_end;
  guint width = au_record_form_get_width (self->position - start, n_ends);

  for (guint i = self->n_ends; i > first_end; i--)
    {
      /* these are little endian on all machines */
      guint64 end = GUINT64_TO_LE ((guint64) self->ends[i - 1]);

      put (self, &end, width);
    }
  self->n_ends = first_end;
}

static void
put_maybe_text (Encoder    *self,
                const char *text)
{
  if (text == NULL)
    return;

  put_text (self, text);
  put_byte (self, 0);
}

static void
put_maybe_value (Encoder  *self,
                 GVariant *value)
{
  const char *type;

  align (self, 8);
  if (value == NULL)
    return;

  type = g_variant_get_type_string (value);
  g_variant_store (value, self->data + self->position);
  self->position += g_variant_get_size (value);
  put_byte (self, 0);
  put (self, type, strlen (type));
  put_byte (self, 0);
}

static void
put_maybe_error (Encoder       *self,
                 AuRecordError *error)
{
  gsize start, outer = self->start;
  guint first_end = self->n_ends;
  gint32 code;

  align (self, 4);
  if (error == NULL)
    return;

  start = self->start = self->position;
  code = error->code;
  put_text (self, error->domain);
  put_end (self);
  put_number (self, code);
  put_text (self, error->message);
  put_ends (self, start, first_end);
  put_byte (self, 0);
  self->start = outer;
}

static void
put_dict (Encoder  *self,
          GVariant *dict)
{
  align (self, 8);
  if (dict == NULL)
    return;

  g_variant_store (dict, self->data + self->position);
  self->position += g_variant_get_size (dict);
}

static void
put_times (Encoder  *self,
           AuRecord *record)
{
  put_number (self, record->spec->created);
  put_number (self, record->due);
  put_number (self, record->started);
  put_number (self, record->completed);
  put_number (self, record->expires);
  put_number (self, record->lease_end);
}

static void
put_record (Encoder  *self,
            AuRecord *record,
            GVariant *arguments,
            GVariant *value,
            GVariant *options,
            GVariant *metadata)
{
  const double progress = record->progress;

  put_byte (self, AU_RECORD_FORM_VERSION);
  put_text (self, record->spec->key);
  put_end (self);
  put_text (self, record->spec->function);
  put_end (self);
  put_byte (self, record->status);
  put_maybe_value (self, arguments);
  put_end (self);
  put_maybe_value (self, value);
  put_end (self);
  put_maybe_error (self, record->error);
  put_end (self);
  put_times (self, record);
  put_number (self, record->attempt);
  put_number (self, record->failures);
  put_number (self, record->lost);
  put_number (self, progress);
  put_maybe_text (self, record->status_text);
  put_end (self);
  put_maybe_text (self, record->owner);
  put_end (self);
  put_number (self, record->n_items);
  put_byte (self, record->cancel_requested != 0);
  put_number (self, record->revision);
  put_dict (self, options);
  put_end (self);
  put_dict (self, metadata);
  if (metadata != NULL)
    put_byte (self, 0);
  put_ends (self, 0, 0);
}

static gsize
get_text_size (const char *text)
{
  return text != NULL ? strlen (text) + 2 : 0;
}

/* What is stored must be in normal form; what came from outside need not be. */
static GVariant *
get_normal (GVariant *value,
            gsize    *size)
{
  GVariant *normal;

  if (value == NULL)
    return NULL;

  normal = g_variant_get_normal_form (value);
  *size += g_variant_get_size (normal) + strlen (g_variant_get_type_string (normal)) + 16;

  return normal;
}

/*
 * au_record_encode:
 * @record: a record
 *
 * Writes the stored form of a record, in normal form and in the byte order of this
 * machine.
 */
GBytes *
au_record_encode (AuRecord *record)
{
  gsize size = ROOM;
  g_autoptr(GVariant) arguments = get_normal (record->spec->arguments, &size);
  g_autoptr(GVariant) value = get_normal (record->value, &size);
  g_autoptr(GVariant) options = au_options_dup_form (record->spec->options);
  g_autoptr(GVariant) metadata = get_normal (record->metadata, &size);
  Encoder encoder = { NULL };

  size += g_variant_get_size (options) +
          get_text_size (record->spec->key) + get_text_size (record->spec->function) +
          get_text_size (record->status_text) + get_text_size (record->owner);
  if (record->error != NULL)
    size += get_text_size (record->error->domain) + get_text_size (record->error->message) + 32;

  encoder.data = g_malloc (size);
  put_record (&encoder, record, arguments, value, options, metadata);
  g_assert (encoder.position <= size);

  return g_bytes_new_take (encoder.data, encoder.position);
}
