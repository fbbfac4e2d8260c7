/* au-record-form.c: records as bytes
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-options-private.h"
#include "au-record-form-private.h"

#include <au/au-error.h>
#include <au/au-key.h>

#include <glib/gi18n-lib.h>

/*
 * au_record_set_damaged:
 *
 * Says what is wrong with a stored record.
 *
 * Returns: NULL
 */
gpointer
au_record_set_damaged (GError    **error,
                       const char *what)
{
  g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED,
               _("The stored record is damaged: %s"), what);
  return NULL;
}

/*
 * au_record_set_newer:
 *
 * Says that a stored record is of a newer format.
 *
 * Returns: NULL
 */
gpointer
au_record_set_newer (GError **error,
                     gint64   version)
{
  g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
               _("The record is of format %d, and this version of au reads up to %d: upgrade au"),
               (int) MIN (version, G_MAXINT), AU_RECORD_FORM_VERSION);
  return NULL;
}

/*
 * au_record_check_read:
 *
 * Checks what no form may get past, whoever wrote it.
 */
gboolean
au_record_check_read (AuRecord *self,
                      GError  **error)
{
  if (self->status > AU_STATUS_CANCELLED)
    au_record_set_damaged (error, _("it has no such status"));
  else if (self->revision == 0 || self->revision >= (guint64) G_MAXINT64)
    au_record_set_damaged (error, _("its revision is out of range"));
  else if (self->status == AU_STATUS_FAILED && self->error == NULL)
    au_record_set_damaged (error, _("it is failed, and has no error"));
  else if (self->value != NULL && self->status != AU_STATUS_COMPLETED)
    au_record_set_damaged (error, _("it has a value, and is not completed"));
  else if (self->status == AU_STATUS_RUNNING && self->attempt == 0)
    au_record_set_damaged (error, _("it is running, and has no attempt"));
  else
    return TRUE;

  return FALSE;
}

/*
 * au_record_new_read:
 * @options: (transfer full): sealed options
 *
 * Makes a record of what was stored, so far as it never changes.
 *
 * Returns: (transfer full): a new record, or NULL with @error set
 */
AuRecord *
au_record_new_read (const char *key,
                    const char *function,
                    GVariant   *arguments,
                    AuOptions  *options,
                    gint64      created,
                    GError    **error)
{
  if (au_key_is_valid (key) && *function != '\0')
    return au_record_new_full (key, g_intern_string (function), arguments, options, created, NULL);

  au_options_unseal (options);
  return au_record_set_damaged (error, *function != '\0' ? _("its key is not valid")
                                                         : _("it names no function"));
}

/* Numbers are little endian where they are stored, and are not in a value. */
static GBytes *
swap_bytes (GBytes *bytes)
{
  g_autoptr(GVariant) form = NULL;
  g_autoptr(GVariant) swapped = NULL;

  form = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (AU_RECORD_FORM_TYPE), bytes, FALSE));
  if (!g_variant_is_normal_form (form))
    return g_bytes_ref (bytes);

  swapped = g_variant_byteswap (form);

  return g_variant_get_data_as_bytes (swapped);
}

static AuRecord *
decode (GBytes  *bytes,
        gboolean swap,
        GError **error)
{
  g_autoptr(GBytes) native = NULL;
  const guint8 *data;
  gsize size;

  data = g_bytes_get_data (bytes, &size);
  if (size == 0)
    return au_record_set_damaged (error, _("it is empty"));
  if (data[0] == 0)
    return au_record_set_damaged (error, _("it is not of au"));
  if (data[0] > AU_RECORD_FORM_VERSION)
    return au_record_set_newer (error, data[0]);

  native = swap ? swap_bytes (bytes) : g_bytes_ref (bytes);

  return au_record_decode (native, error);
}

/**
 * au_record_to_variant:
 * @self: a record
 *
 * Gets the stored form of the record, in normal form and in the byte order of this
 * machine.
 *
 * MT safe.
 *
 * Returns: (transfer full): the record as a value
 *
 * Since: 1.0
 */
GVariant *
au_record_to_variant (AuRecord *self)
{
  g_autoptr(GBytes) bytes = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  bytes = au_record_encode (self);

  return g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (AU_RECORD_FORM_TYPE), bytes, TRUE));
}

/**
 * au_record_from_variant:
 * @variant: what [method@Au.Record.to_variant] gave
 * @error: return location for an error
 *
 * Makes a record from its stored form, which is not trusted.
 *
 * Fails with %AU_ERROR_DAMAGED when it is no record, and with %AU_ERROR_UNSUPPORTED
 * when it is of a newer format.
 *
 * MT safe.
 *
 * Returns: (transfer full): the record
 *
 * Since: 1.0
 */
AuRecord *
au_record_from_variant (GVariant  *variant,
                        GError   **error)
{
  g_autoptr(GBytes) bytes = NULL;

  g_return_val_if_fail (variant != NULL, NULL);

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE (AU_RECORD_FORM_TYPE)))
    return au_record_set_damaged (error, _("it is of another type"));

  bytes = g_variant_get_data_as_bytes (variant);

  return decode (bytes, FALSE, error);
}

/**
 * au_record_to_bytes:
 * @self: a record
 *
 * Gets the stored form of the record as bytes: in normal form, little endian.
 *
 * MT safe.
 *
 * Returns: (transfer full): the bytes
 *
 * Since: 1.0
 */
GBytes *
au_record_to_bytes (AuRecord *self)
{
  g_autoptr(GBytes) bytes = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  bytes = au_record_encode (self);

  return G_BYTE_ORDER == G_LITTLE_ENDIAN ? g_steal_pointer (&bytes) : swap_bytes (bytes);
}

/**
 * au_record_from_bytes:
 * @bytes: what [method@Au.Record.to_bytes] gave
 * @error: return location for an error
 *
 * Makes a record from bytes, which are not trusted.
 *
 * Fails with %AU_ERROR_DAMAGED when they are no record, and with
 * %AU_ERROR_UNSUPPORTED when they are of a newer format.
 *
 * MT safe.
 *
 * Returns: (transfer full): the record
 *
 * Since: 1.0
 */
AuRecord *
au_record_from_bytes (GBytes  *bytes,
                      GError **error)
{
  g_return_val_if_fail (bytes != NULL, NULL);

  return decode (bytes, G_BYTE_ORDER != G_LITTLE_ENDIAN, error);
}
