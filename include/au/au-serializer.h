/* au-serializer.h: values to bytes and back
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-types.h>

G_BEGIN_DECLS

#define AU_TYPE_SERIALIZER (au_serializer_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_INTERFACE (AuSerializer, au_serializer, AU, SERIALIZER, GObject)

/**
 * AuSerializerInterface:
 * @parent_iface: the parent interface
 * @to_bytes: see [method@Au.Serializer.to_bytes]
 * @from_bytes: see [method@Au.Serializer.from_bytes]
 * @get_content_type: see [method@Au.Serializer.get_content_type]
 *
 * What a serializer must implement: all three. Implementations are MT safe.
 *
 * Since: 1.0
 */
struct _AuSerializerInterface
{
  GTypeInterface parent_iface;

  GBytes     *(*to_bytes)         (AuSerializer *self,
                                   GVariant     *value,
                                   GError      **error);
  GVariant   *(*from_bytes)       (AuSerializer *self,
                                   GBytes       *bytes,
                                   GError      **error);
  const char *(*get_content_type) (AuSerializer *self);

  /*< private >*/
  gpointer padding[8];
};

AU_AVAILABLE_IN_1_0
GBytes *au_serializer_to_bytes (AuSerializer *self,
                                GVariant     *value,
                                GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
GVariant *au_serializer_from_bytes (AuSerializer *self,
                                    GBytes       *bytes,
                                    GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
const char *au_serializer_get_content_type (AuSerializer *self);

G_END_DECLS
