/* au-json-serializer.c: values as JSON that says their type
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au.h>

#include <glib/gi18n-lib.h>
#include <string.h>

/*
 * The type “json”: {"type":"…","value":…}, which is how JSON writes a variant.
 */

#define AU_TYPE_JSON_SERIALIZER (au_json_serializer_get_type ())

G_DECLARE_FINAL_TYPE (AuJsonSerializer, au_json_serializer, AU, JSON_SERIALIZER, GObject)

struct _AuJsonSerializer
{
  GObject parent_instance;
};

static void au_json_serializer_iface_init (AuSerializerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AuJsonSerializer, au_json_serializer, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AU_TYPE_SERIALIZER, au_json_serializer_iface_init))

static GBytes *
au_json_serializer_to_bytes (AuSerializer *serializer,
                             GVariant     *value,
                             GError      **error)
{
  char *text = au_json_from_variant (g_variant_new_variant (value), FALSE);

  if (text == NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
                   _("A value of the type “%s” cannot be written as JSON: it holds a handle or is nested too deep"),
                   g_variant_get_type_string (value));
      return NULL;
    }

  return g_bytes_new_take (text, strlen (text));
}

static GVariant *
au_json_serializer_from_bytes (AuSerializer *serializer,
                               GBytes       *bytes,
                               GError      **error)
{
  g_autoptr(GVariant) boxed = NULL;
  g_autoptr(GError) reason = NULL;
  const char *text;
  gsize size;

  text = g_bytes_get_data (bytes, &size);
  boxed = au_json_to_variant (text != NULL ? text : "", size, G_VARIANT_TYPE_VARIANT, &reason);
  if (boxed == NULL)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_DAMAGED, _("These bytes are no serialized value: %s"), reason->message);
      return NULL;
    }

  return g_variant_get_variant (boxed);
}

static const char *
au_json_serializer_get_content_type (AuSerializer *serializer)
{
  return "application/json";
}

static void
au_json_serializer_iface_init (AuSerializerInterface *iface)
{
  iface->to_bytes = au_json_serializer_to_bytes;
  iface->from_bytes = au_json_serializer_from_bytes;
  iface->get_content_type = au_json_serializer_get_content_type;
}

static void
au_json_serializer_class_init (AuJsonSerializerClass *klass)
{
}

static void
au_json_serializer_init (AuJsonSerializer *self)
{
}

static const AuModuleType types[] = {
  { AU_MODULE_SERIALIZER, "json", au_json_serializer_get_type },
  { 0 }
};

AU_MODULE_DEFINE (au_serializer_json, PACKAGE_VERSION, "LGPL-2.1-or-later",
                  "Writes values as JSON that says their type",
                  types, NULL)
