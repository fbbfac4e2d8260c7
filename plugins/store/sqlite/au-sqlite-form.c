/* au-sqlite-form.c: records as they are in the database
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-sqlite-form-private.h"

#include "au-sqlite-values-private.h"
#include "../shared/au-store-crc-private.h"

#include <glib/gi18n-lib.h>

/* Where the stored form of a record has its two values. */
#define ARGUMENTS (4)
#define VALUE (5)

/* Gives a record other values in the place of its own. */
static GVariant *
exchange_values (AuRecord *record,
                 GVariant *arguments,
                 GVariant *value)
{
  g_autoptr(GVariant) form = au_record_to_variant (record);
  GVariant *const values[] = { arguments, value };
  GVariantBuilder builder;
  GVariantIter iter;
  GVariant *child;
  guint i = 0;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_TUPLE);
  g_variant_iter_init (&iter, form);
  for (; (child = g_variant_iter_next_value (&iter)) != NULL; i++)
    {
      if (i == ARGUMENTS || i == VALUE)
        {
          GVariant *other = values[i - ARGUMENTS];

          g_variant_builder_add_value (&builder,
                                       g_variant_new_maybe (G_VARIANT_TYPE_VARIANT,
                                                            other != NULL ? g_variant_new_variant (other)
                                                                          : NULL));
        }
      else
        {
          g_variant_builder_add_value (&builder, child);
        }
      g_variant_unref (child);
    }

  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static GBytes *
get_small_bytes (AuRecord *record,
                 GVariant *arguments,
                 GVariant *value)
{
  g_autoptr(GVariant) form = exchange_values (record, arguments, value);
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) small = au_record_from_variant (form, &error);

  g_assert_no_error (error);
  return au_record_to_bytes (small);
}

/* Prepares what is to be stored of a record. New files of large values are written: both
 * for a new record, and the one of the value for one that is replaced.
 */
gboolean
au_sqlite_form_init (AuSqliteForm   *self,
                     AuSqlitePlace  *place,
                     AuRecord       *record,
                     gboolean        is_new,
                     GError        **error)
{
  GVariant *arguments = au_record_get_arguments (record);
  GVariant *value = au_record_get_value (record);
  gboolean large_arguments = au_sqlite_values_is_large (arguments);
  gboolean large_value = au_sqlite_values_is_large (value);

  *self = (AuSqliteForm) { 0 };

  if ((large_arguments && is_new &&
       (self->arguments_file = au_sqlite_values_write (place, arguments, error)) == NULL) ||
      (large_value &&
       (self->value_file = au_sqlite_values_write (place, value, error)) == NULL))
    {
      au_sqlite_form_unlink (self, place);
      au_sqlite_form_clear (self);
      return FALSE;
    }

  if (large_arguments || large_value)
    self->bytes = get_small_bytes (record,
                                   large_arguments ? NULL : arguments,
                                   large_value ? NULL : value);
  else
    self->bytes = au_record_to_bytes (record);
  self->crc = au_store_crc (0, g_bytes_get_data (self->bytes, NULL), g_bytes_get_size (self->bytes));

  return TRUE;
}

void
au_sqlite_form_clear (AuSqliteForm *self)
{
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&self->arguments_file, g_free);
  g_clear_pointer (&self->value_file, g_free);
}

/* Removes the files that were written, as the record was not. */
void
au_sqlite_form_unlink (AuSqliteForm  *self,
                       AuSqlitePlace *place)
{
  if (self->arguments_file != NULL)
    au_sqlite_values_remove (place, self->arguments_file);
  if (self->value_file != NULL)
    au_sqlite_values_remove (place, self->value_file);
}

static AuRecord *
add_large_values (AuSqlitePlace  *place,
                  AuRecord       *small,
                  const char     *arguments_file,
                  const char     *value_file,
                  GError        **error)
{
  g_autoptr(GVariant) arguments = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GVariant) form = NULL;

  if ((arguments_file != NULL &&
       (arguments = au_sqlite_values_read (place, arguments_file, error)) == NULL) ||
      (value_file != NULL &&
       (value = au_sqlite_values_read (place, value_file, error)) == NULL))
    return NULL;

  form = exchange_values (small,
                          arguments != NULL ? arguments : au_record_get_arguments (small),
                          value != NULL ? value : au_record_get_value (small));

  return au_record_from_variant (form, error);
}

/* Reads a record. Fails with AU_ERROR_DAMAGED and AU_ERROR_UNSUPPORTED, and with
 * AU_ERROR_STORE when a file cannot be read.
 */
AuRecord *
au_sqlite_form_read (AuSqlitePlace  *place,
                     gconstpointer   data,
                     gsize           size,
                     guint32         crc,
                     const char     *arguments_file,
                     const char     *value_file,
                     GError        **error)
{
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(AuRecord) record = NULL;

  if (crc != au_store_crc (0, data, size))
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_DAMAGED, _("its checksum is wrong"));
      return NULL;
    }

  bytes = g_bytes_new (data, size);
  record = au_record_from_bytes (bytes, error);
  if (record == NULL || (arguments_file == NULL && value_file == NULL))
    return g_steal_pointer (&record);

  return add_large_values (place, record, arguments_file, value_file, error);
}
