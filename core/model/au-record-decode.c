/* au-record-decode.c: reads the stored form of a record
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-options-private.h"
#include "au-record-form-private.h"

#include <au/au-key.h>
#include <au/au-owner.h>
#include <au/au-value.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/* What au_record_encode() wrote is read by hand for the same reason. Nothing of it is
 * trusted: every number is compared with what it leads to, and only what is in normal
 * form is taken, so that there is one form of each record.
 *
 * Who reads need not look for failures: after one, everything is empty or 0.
 */
typedef struct
{
  GBytes       *bytes;
  const guint8 *data;
  gsize         position;
  gsize         end;        /* of the members of the tuple */

  gsize         start;      /* of the tuple */
  const guint8 *ends;       /* the number that says where the next member ends */
  guint         width;      /* of such a number */
  gboolean      failed;
} Decoder;

/* Enters a tuple that fills what there is from @start to @limit. */
static void
enter (Decoder *self,
       gsize    start,
       gsize    limit,
       guint    n_ends)
{
  gsize size = limit - start;

  self->start = self->position = start;
  self->width = size <= G_MAXUINT8 ? 1 : size <= G_MAXUINT16 ? 2 : (guint64) size <= G_MAXUINT32 ? 4 : 8;
  if (size < (gsize) n_ends * self->width)
    {
      self->failed = TRUE;
      self->end = self->position;
      return;
    }

  self->end = limit - n_ends * self->width;
  self->ends = self->data + limit;
  self->failed = self->failed ||
                 au_record_form_get_width (self->end - start, n_ends) != self->width;
}

/* Skips padding, which is zero. */
static void
align (Decoder *self,
       gsize    alignment)
{
  while (!self->failed && self->position % alignment != 0)
    self->failed = self->position == self->end || self->data[self->position++] != 0;
}

/* Finds a member of the given size. */
static const guint8 *
take (Decoder *self,
      gsize    size)
{
  static const guint8 nothing[8] = { 0 };
  const guint8 *found = self->data + self->position;

  if (!self->failed && size <= self->end - self->position)
    {
      self->position += size;
      return found;
    }

  self->failed = TRUE;
  return nothing;
}

static guint8
take_byte (Decoder *self)
{
  return *take (self, 1);
}

static guint32
take_32 (Decoder *self)
{
  guint32 number;

  align (self, sizeof number);
  memcpy (&number, take (self, sizeof number), sizeof number);

  return number;
}

static guint64
take_64 (Decoder *self)
{
  guint64 number;

  align (self, sizeof number);
  memcpy (&number, take (self, sizeof number), sizeof number);

  return number;
}

static double
take_double (Decoder *self)
{
  guint64 bits = take_64 (self);
  double number;

  memcpy (&number, &bits, sizeof number);

  return number;
}

static gboolean
take_boolean (Decoder *self)
{
  guint8 byte = take_byte (self);

  self->failed = self->failed || byte > 1;
  return byte;
}

/* Finds the size of the next member of no fixed size. */
static gsize
take_size (Decoder *self)
{
  guint64 end = 0;

  if (self->failed)
    return 0;

  self->ends -= self->width;
  memcpy (&end, self->ends, self->width);
  end = GUINT64_FROM_LE (end);
  if (end >= self->position - self->start && end <= self->end - self->start)
    return end - (self->position - self->start);

  self->failed = TRUE;
  return 0;
}

/* Finds a text; "" if there is none. */
static const char *
take_text (Decoder *self,
           gsize    size)
{
  const char *text = (const char *) take (self, size);

  self->failed = self->failed || size == 0 || memchr (text, '\0', size) != text + size - 1 ||
                 !g_utf8_validate (text, size - 1, NULL);

  return self->failed ? "" : text;
}

static const char *
take_maybe_text (Decoder *self)
{
  gsize size = take_size (self);
  const char *text;

  if (size == 0)
    return NULL;

  text = take_text (self, size - 1);
  self->failed = take_byte (self) != 0 || self->failed;

  return text;
}

/* Takes what is between the present position and the next one as a value of a type. */
static GVariant *
make_value (Decoder            *self,
            const GVariantType *type,
            gsize               size)
{
  gsize position = self->position;
  g_autoptr(GBytes) bytes = NULL;
  GVariant *value;

  take (self, size);
  if (self->failed)
    return NULL;

  bytes = g_bytes_new_from_bytes (self->bytes, position, size);
  value = au_value_from_bytes (type, bytes, NULL);
  self->failed = value == NULL;

  return value;
}

/* Takes a value out of a variant: the value, a zero, its type; and the zero of the maybe. */
static GVariant *
take_maybe_value (Decoder *self)
{
  const char *variant, *zero, *type;
  GVariant *value;
  gsize size;

  align (self, 8);
  size = take_size (self);
  if (size == 0)
    return NULL;

  variant = (const char *) self->data + self->position;
  zero = variant[size - 1] == '\0' ? memrchr (variant, '\0', size - 1) : NULL;
  type = zero != NULL ? zero + 1 : "";
  if (!g_variant_type_string_is_valid (type) || !g_variant_type_is_definite (G_VARIANT_TYPE (type)))
    {
      self->failed = TRUE;
      return NULL;
    }

  value = make_value (self, G_VARIANT_TYPE (type), zero - variant);
  take (self, variant + size - zero);

  return value;
}

static GVariant *
take_maybe_dict (Decoder *self)
{
  gsize size;
  GVariant *dict;

  align (self, 8);
  size = self->failed ? 0 : self->end - self->position;
  if (size == 0)
    return NULL;

  dict = make_value (self, G_VARIANT_TYPE_VARDICT, size - 1);
  self->failed = take_byte (self) != 0 || self->failed;

  return dict;
}

static AuOptions *
take_options (Decoder  *self,
              GError  **error)
{
  const guint8 *data;
  gsize size;

  align (self, 8);
  size = take_size (self);
  data = take (self, size);
  if (self->failed)
    return NULL;

  return au_options_load_form (data, size, &self->failed, error);
}

static AuRecordError *
take_maybe_error (Decoder *self)
{
  const char *domain, *message;
  Decoder inner;
  gsize size;
  gint32 code;

  align (self, 4);
  size = take_size (self);
  if (size == 0)
    return NULL;

  inner = *self;
  self->failed = take (self, size)[size - 1] != 0;
  enter (&inner, inner.position, inner.position + size - 1, 1);
  domain = take_text (&inner, take_size (&inner));
  code = take_32 (&inner);
  message = take_text (&inner, inner.end - inner.position);
  self->failed = self->failed || inner.failed;

  return self->failed ? NULL : au_record_error_new (domain, code, message);
}

/* What a form holds, as far as it has been read. */
typedef struct
{
  const char    *key;
  const char    *function;
  const char    *status_text;
  const char    *owner;
  GVariant      *arguments;
  GVariant      *value;
  GVariant      *metadata;
  AuRecordError *error;
  AuOptions     *options;
  gint64         created;
} Parts;

static void
parts_clear (Parts *self)
{
  g_clear_pointer (&self->arguments, g_variant_unref);
  g_clear_pointer (&self->value, g_variant_unref);
  g_clear_pointer (&self->metadata, g_variant_unref);
  g_clear_pointer (&self->error, au_record_error_unref);
  g_clear_pointer (&self->options, au_options_unseal);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear)

static gboolean
take_members (Decoder   *self,
              Parts     *parts,
              AuRecord  *record,
              GError   **error)
{
  double progress;

  take_byte (self);
  parts->key = take_text (self, take_size (self));
  parts->function = take_text (self, take_size (self));
  record->status = take_byte (self);
  parts->arguments = take_maybe_value (self);
  parts->value = take_maybe_value (self);
  parts->error = take_maybe_error (self);
  parts->created = take_64 (self);
  record->due = take_64 (self);
  record->started = take_64 (self);
  record->completed = take_64 (self);
  record->expires = take_64 (self);
  record->lease_end = take_64 (self);
  record->attempt = take_32 (self);
  record->failures = take_32 (self);
  record->lost = take_32 (self);
  progress = take_double (self);
  record->progress = progress >= 0 ? MIN (progress, 1) : -1;
  parts->status_text = take_maybe_text (self);
  parts->owner = take_maybe_text (self);
  record->n_items = take_64 (self);
  record->cancel_requested = take_boolean (self);
  record->revision = take_64 (self);
  parts->options = take_options (self, error);
  if (!self->failed && parts->options == NULL)
    return FALSE;

  parts->metadata = take_maybe_dict (self);
  if (!self->failed && self->position == self->end)
    return TRUE;

  au_record_set_damaged (error, _("it is not in normal form"));
  return FALSE;
}

/* Most records are of this process, whose name is not copied. */
static void
set_owner (AuRecord   *record,
           const char *owner)
{
  const char *own = owner != NULL ? au_owner_get_own () : NULL;

  au_record_set_owner (record, g_strcmp0 (owner, own) == 0 ? own : owner);
}

/*
 * au_record_decode:
 * @bytes: what au_record_encode() gave
 *
 * Reads a record whose version has been checked. Fails with %AU_ERROR_DAMAGED.
 *
 * Returns: (transfer full): the record, or %NULL with @error set
 */
AuRecord *
au_record_decode (GBytes  *bytes,
                  GError **error)
{
  Decoder self = { .bytes = bytes };
  g_auto(Parts) parts = { NULL };
  g_autoptr(AuRecord) record = NULL;
  AuRecord read = { 0 };
  gsize size;

  self.data = g_bytes_get_data (bytes, &size);
  enter (&self, 0, size, AU_RECORD_FORM_N_ENDS);
  if (!take_members (&self, &parts, &read, error))
    return NULL;

  record = au_record_new_read (parts.key, parts.function, parts.arguments,
                               g_steal_pointer (&parts.options), parts.created, error);
  if (record == NULL)
    return NULL;

  read.ref_count = record->ref_count;
  read.spec = record->spec;
  *record = read;
  record->value = g_steal_pointer (&parts.value);
  record->metadata = g_steal_pointer (&parts.metadata);
  record->error = g_steal_pointer (&parts.error);
  record->status_text = parts.status_text != NULL ? g_ref_string_new (parts.status_text) : NULL;
  set_owner (record, parts.owner);

  return au_record_check_read (record, error) ? g_steal_pointer (&record) : NULL;
}
