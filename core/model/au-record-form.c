/* au-record-form.c: records as bytes
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-options-private.h"
#include "au-record-private.h"

#include <au/au-error.h>
#include <au/au-key.h>

#include <glib/gi18n-lib.h>

/* The stored form. The version comes first, so that it can be read whatever follows. */
#define FORM_TYPE "(yssymvmvm(sis)xxxxxxuuudmsmstbta{sv}ma{sv})"

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
 *
 * Makes a record of what was stored, so far as it never changes.
 *
 * Returns: (transfer full): a new record, or NULL with @error set
 */
AuRecord *
au_record_new_read (const char *key,
                    const char *function,
                    GVariant   *arguments,
                    GVariant   *options,
                    gint64      created,
                    GError    **error)
{
  AuOptions *sealed;

  if (!au_key_is_valid (key))
    return au_record_set_damaged (error, _("its key is not valid"));

  if (*function == '\0')
    return au_record_set_damaged (error, _("it names no function"));

  sealed = au_options_load (options, error);
  if (sealed == NULL)
    return NULL;

  return au_record_new_full (key, g_intern_string (function), arguments, sealed, created, NULL);
}

static GVariant *
error_to_variant (AuRecordError *error)
{
  if (error == NULL)
    return g_variant_new_maybe (G_VARIANT_TYPE ("(sis)"), NULL);

  return g_variant_new_maybe (NULL, g_variant_new ("(sis)", error->domain, error->code,
                                                   error->message));
}

static GVariant *
maybe_variant (GVariant *value)
{
  return g_variant_new_maybe (G_VARIANT_TYPE_VARIANT,
                              value != NULL ? g_variant_new_variant (value) : NULL);
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
  g_autoptr(GVariant) options = NULL;
  g_autoptr(GVariant) form = NULL;
  GVariant *metadata;

  g_return_val_if_fail (self != NULL, NULL);

  options = au_options_to_variant (self->spec->options);
  metadata = g_variant_new_maybe (G_VARIANT_TYPE_VARDICT, self->metadata);

  form = g_variant_ref_sink (g_variant_new ("(yssy@mv@mv@m(sis)xxxxxxuuudmsmstbt@a{sv}@ma{sv})",
                                            AU_RECORD_FORM_VERSION,
                                            self->spec->key,
                                            self->spec->function,
                                            self->status,
                                            maybe_variant (self->spec->arguments),
                                            maybe_variant (self->value),
                                            error_to_variant (self->error),
                                            self->spec->created,
                                            self->due,
                                            self->started,
                                            self->completed,
                                            self->expires,
                                            self->lease_end,
                                            self->attempt,
                                            self->failures,
                                            self->lost,
                                            (double) self->progress,
                                            self->status_text,
                                            self->owner,
                                            self->n_items,
                                            (gboolean) self->cancel_requested,
                                            self->revision,
                                            options,
                                            metadata));

  /* values that came from outside need not be in it */
  return g_variant_get_normal_form (form);
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
  g_autoptr(AuRecord) self = NULL;
  g_autoptr(GVariant) arguments = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GVariant) options = NULL;
  g_autoptr(GVariant) metadata = NULL;
  g_autoptr(GVariant) reason = NULL;
  const char *key, *function, *status_text, *owner;
  guint8 version, status;
  gint64 created, due, started, completed, expires, lease_end;
  guint32 attempt, failures, lost;
  double progress;
  guint64 n_items, revision;
  gboolean cancel_requested;

  g_return_val_if_fail (variant != NULL, NULL);

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE (FORM_TYPE)))
    return au_record_set_damaged (error, _("it is of another type"));

  g_variant_get_child (variant, 0, "y", &version);
  if (version == 0)
    return au_record_set_damaged (error, _("it is not of au"));
  if (version > AU_RECORD_FORM_VERSION)
    return au_record_set_newer (error, version);

  if (!g_variant_is_normal_form (variant))
    return au_record_set_damaged (error, _("it is not in normal form"));

  g_variant_get (variant, "(y&s&symvmv@m(sis)xxxxxxuuudm&sm&stbt@a{sv}m@a{sv})",
                 NULL, &key, &function, &status, &arguments, &value, &reason,
                 &created, &due, &started, &completed, &expires, &lease_end,
                 &attempt, &failures, &lost, &progress, &status_text, &owner,
                 &n_items, &cancel_requested, &revision, &options, &metadata);

  self = au_record_new_read (key, function, arguments, options, created, error);
  if (self == NULL)
    return NULL;

  self->status = status;
  self->due = due;
  self->started = started;
  self->completed = completed;
  self->expires = expires;
  self->lease_end = lease_end;
  self->attempt = attempt;
  self->failures = failures;
  self->lost = lost;
  self->progress = progress >= 0 ? MIN (progress, 1) : -1;
  self->n_items = n_items;
  self->cancel_requested = cancel_requested;
  self->revision = revision;
  self->value = g_steal_pointer (&value);
  self->metadata = g_steal_pointer (&metadata);
  if (status_text != NULL)
    self->status_text = g_ref_string_new (status_text);
  au_record_set_owner (self, owner);
  if (g_variant_n_children (reason) > 0)
    {
      g_autoptr(GVariant) child = g_variant_get_child_value (reason, 0);
      const char *domain, *message;
      int code;

      g_variant_get (child, "(&si&s)", &domain, &code, &message);
      self->error = au_record_error_new (domain, code, message);
    }

  if (!au_record_check_read (self, error))
    return NULL;

  return g_steal_pointer (&self);
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
  g_autoptr(GVariant) variant = au_record_to_variant (self);

  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      GVariant *swapped = g_variant_byteswap (variant);

      g_variant_unref (variant);
      variant = swapped;
    }

  return g_variant_get_data_as_bytes (variant);
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
  g_autoptr(GVariant) variant = NULL;
  const guint8 *data;
  gsize size;

  g_return_val_if_fail (bytes != NULL, NULL);

  data = g_bytes_get_data (bytes, &size);
  if (size == 0)
    return au_record_set_damaged (error, _("it is empty"));
  if (data[0] > AU_RECORD_FORM_VERSION)
    return au_record_set_newer (error, data[0]);

  variant = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (FORM_TYPE), bytes, FALSE));

  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      GVariant *swapped;

      /* what is swapped is in normal form whatever it was before */
      if (!g_variant_is_normal_form (variant))
        return au_record_set_damaged (error, _("it is not in normal form"));

      swapped = g_variant_byteswap (variant);
      g_variant_unref (variant);
      variant = swapped;
    }

  return au_record_from_variant (variant, error);
}
