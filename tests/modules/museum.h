/* museum.h: for modules that are broken on purpose
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

/* Defines a type without properties that implements an interface, but nothing of it. */
#define MUSEUM_DEFINE_TYPE(TypeName, type_name, INTERFACE)                        \
  typedef struct                                                                  \
  {                                                                               \
    GObject parent_instance;                                                      \
  } TypeName;                                                                     \
                                                                                  \
  typedef struct                                                                  \
  {                                                                               \
    GObjectClass parent_class;                                                    \
  } TypeName##Class;                                                              \
                                                                                  \
  static GType type_name##_get_type (void);                                       \
                                                                                  \
  G_DEFINE_TYPE_WITH_CODE (TypeName, type_name, G_TYPE_OBJECT,                    \
                           G_IMPLEMENT_INTERFACE (INTERFACE, NULL))               \
                                                                                  \
  static void                                                                     \
  type_name##_class_init (TypeName##Class *class)                                 \
  {                                                                               \
  }                                                                               \
                                                                                  \
  static void                                                                     \
  type_name##_init (TypeName *self)                                               \
  {                                                                               \
  }

/* Defines the descriptor of a module with one store, with every field to be chosen. */
#define MUSEUM_DEFINE_MODULE(stem, size_, abi_, minor_, cookie_, name_, types_)   \
  G_MODULE_EXPORT extern const AuModuleDescriptor stem##_LTX_au_module;           \
  const AuModuleDescriptor stem##_LTX_au_module = {                               \
    .struct_size = size_,                                                         \
    .abi = abi_,                                                                  \
    .api_minor = minor_,                                                          \
    .cookie = cookie_,                                                            \
    .name = name_,                                                                \
    .version = "1.0",                                                             \
    .license = "LGPL-2.1-or-later",                                               \
    .summary = "Broken on purpose",                                               \
    .types = types_,                                                              \
  };
