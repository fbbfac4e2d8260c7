/* au-serializer.c: values to bytes and back
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-serializer.h>

/**
 * AuSerializer:
 *
 * Turns a value into bytes and the bytes into the same value again, of the same type.
 *
 * Implementations are MT safe.
 *
 * Since: 1.0
 */
/* An implementation is always given a place for its error, as in au-store.c. */

G_DEFINE_INTERFACE (AuSerializer, au_serializer, G_TYPE_OBJECT)

static void
au_serializer_default_init (AuSerializerInterface *iface)
{
}

/**
 * au_serializer_to_bytes:
 * @self: a serializer
 * @value: a value; a floating reference is consumed
 * @error: return location for an error
 *
 * Turns @value into bytes from which [method@Au.Serializer.from_bytes] makes an equal
 * value of the same type, in this process or on another machine.
 *
 * Fails with %AU_ERROR_UNSUPPORTED when the format has no way to write @value.
 *
 * MT safe. Does not block.
 *
 * Returns: (transfer full): the bytes, or %NULL with @error set
 *
 * Since: 1.0
 */
GBytes *
au_serializer_to_bytes (AuSerializer *self,
                        GVariant     *value,
                        GError      **error)
{
  g_autoptr(GError) unwanted = NULL;
  g_autoptr(GVariant) owned = NULL;

  g_return_val_if_fail (AU_IS_SERIALIZER (self), NULL);
  g_return_val_if_fail (value != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  owned = g_variant_ref_sink (value);

  return AU_SERIALIZER_GET_IFACE (self)->to_bytes (self, owned, error != NULL ? error : &unwanted);
}

/**
 * au_serializer_from_bytes:
 * @self: a serializer
 * @bytes: bytes, from wherever
 * @error: return location for an error
 *
 * Makes the value that @bytes stand for. Nothing is taken for granted about them.
 *
 * Fails with %AU_ERROR_DAMAGED when they are not what
 * [method@Au.Serializer.to_bytes] makes, and with %AU_ERROR_UNSUPPORTED when a newer
 * version of au made them.
 *
 * MT safe. Does not block.
 *
 * Returns: (transfer full): the value, not floating, or %NULL with @error set
 *
 * Since: 1.0
 */
GVariant *
au_serializer_from_bytes (AuSerializer *self,
                          GBytes       *bytes,
                          GError      **error)
{
  g_autoptr(GError) unwanted = NULL;
  GVariant *value;

  g_return_val_if_fail (AU_IS_SERIALIZER (self), NULL);
  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  value = AU_SERIALIZER_GET_IFACE (self)->from_bytes (self, bytes, error != NULL ? error : &unwanted);

  return value != NULL ? g_variant_take_ref (value) : NULL;
}

/**
 * au_serializer_get_content_type:
 * @self: a serializer
 *
 * Gets the media type of the bytes, such as `application/json`.
 *
 * MT safe.
 *
 * Returns: the media type
 *
 * Since: 1.0
 */
const char *
au_serializer_get_content_type (AuSerializer *self)
{
  g_return_val_if_fail (AU_IS_SERIALIZER (self), NULL);

  return AU_SERIALIZER_GET_IFACE (self)->get_content_type (self);
}
