/* au-variant-serializer.c: values as the bytes of a GVariant
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/*
 * The type “variant”: compact, quick, and the same on every machine:
 *
 *   1 byte             the version of this format
 *   type string        with a zero at its end
 *   0 to 7 zeros       up to a multiple of 8, so that the value can be used in place
 *   the value          in normal form, little endian
 */

#define FORMAT_VERSION (1)
#define ALIGNMENT (8)

#define AU_TYPE_VARIANT_SERIALIZER (au_variant_serializer_get_type ())

G_DECLARE_FINAL_TYPE (AuVariantSerializer, au_variant_serializer, AU, VARIANT_SERIALIZER, GObject)

struct _AuVariantSerializer
{
  GObject parent_instance;
};

static void au_variant_serializer_iface_init (AuSerializerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuVariantSerializer, au_variant_serializer, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_SERIALIZER, au_variant_serializer_iface_init))

static gsize
align (gsize size)
{
  return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Gives the same value in the order of bytes of the format, or back again. */
static GVariant *
swap (GVariant *value)
{
  return G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (value) : g_variant_ref (value);
}

static GBytes *
au_variant_serializer_to_bytes (AuSerializer *serializer,
                                GVariant     *value,
                                GError      **error)
{
  g_autoptr(GVariant) normal = g_variant_get_normal_form (value);
  g_autoptr(GVariant) swapped = swap (normal);
  const char *type = g_variant_get_type_string (value);
  gsize start = align (1 + strlen (type) + 1);
  gsize size = start + g_variant_get_size (swapped);
  guint8 *data = g_malloc (size);

  memset (data, 0, start);
  data[0] = FORMAT_VERSION;
  memcpy (data + 1, type, strlen (type));
  g_variant_store (swapped, data + start);

  return g_bytes_new_take (data, size);
}

static gpointer
fail (GError    **error,
      const char *reason)
{
  g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED, _("These bytes are no serialized value: %s"), reason);

  return NULL;
}

/* Gives the type string at the beginning of the bytes, and where the value starts. */
static const char *
read_type (const guint8 *data,
           gsize         size,
           gsize        *start,
           GError      **error)
{
  const char *type = (const char *) data + 1;
  gsize end;

  if (memchr (type, '\0', size - 1) == NULL)
    return fail (error, _("the type does not end"));

  if (!g_variant_type_string_is_valid (type) || !g_variant_type_is_definite ((const GVariantType *) type))
    return fail (error, _("the type is none"));

  end = 1 + strlen (type) + 1;
  *start = align (end);
  if (*start > size)
    return fail (error, _("they are too short"));

  for (gsize i = end; i < *start; i++)
    {
      if (data[i] != 0)
        return fail (error, _("the gap before the value is not empty"));
    }

  return type;
}

static GVariant *
au_variant_serializer_from_bytes (AuSerializer *serializer,
                                  GBytes       *bytes,
                                  GError      **error)
{
  g_autoptr(GBytes) rest = NULL;
  g_autoptr(GVariant) value = NULL;
  const guint8 *data;
  const char *type;
  gsize size, start;

  data = g_bytes_get_data (bytes, &size);
  if (size == 0 || data[0] == 0)
    return fail (error, size == 0 ? _("there are none") : _("they have no version"));

  if (data[0] > FORMAT_VERSION)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
                   _("These bytes are of the version %u, but this version of au reads up to %u: update au"),
                   data[0], FORMAT_VERSION);
      return NULL;
    }

  type = read_type (data, size, &start, error);
  if (type == NULL)
    return NULL;

  rest = g_bytes_new_from_bytes (bytes, start, size - start);

  /* anything else has bytes that mean nothing, or means a default value */
  value = au_value_from_bytes ((const GVariantType *) type, rest, NULL);
  if (value == NULL)
    return fail (error, _("the value is not in normal form"));

  return swap (value);
}

static const char *
au_variant_serializer_get_content_type (AuSerializer *serializer)
{
  return "application/x-gvariant";
}

static void
au_variant_serializer_iface_init (AuSerializerInterface *iface)
{
  iface->to_bytes = au_variant_serializer_to_bytes;
  iface->from_bytes = au_variant_serializer_from_bytes;
  iface->get_content_type = au_variant_serializer_get_content_type;
}

static void
au_variant_serializer_class_init (AuVariantSerializerClass *klass)
{
}

static void
au_variant_serializer_init (AuVariantSerializer *self)
{
}

static const AuModuleType types[] = {
  { AU_MODULE_SERIALIZER, "variant", au_variant_serializer_get_type },
  { 0 }
};

AU_MODULE_DEFINE (au_serializer_variant, PACKAGE_VERSION, "LGPL-2.1-or-later",
                  "Writes values as compact bytes, the same on every machine",
                  types, NULL)
