/* au-module.h: what a module of au says about itself
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <gmodule.h>

#include <au/au-function.h>

G_BEGIN_DECLS

/**
 * AU_MODULE_ABI:
 *
 * The binary interface between au and its modules. A module is loaded only when it
 * was built for the same one.
 *
 * Since: 1.0
 */
#define AU_MODULE_ABI (1)

/**
 * AU_MODULE_API_MINOR:
 *
 * The newest addition to that interface which the including module may use: the
 * minor version of %AU_VERSION_MAX_ALLOWED. A module is loaded only when it needs no
 * addition that au does not have.
 *
 * Since: 1.0
 */
#define AU_MODULE_API_MINOR ((AU_VERSION_MAX_ALLOWED >> 8) & 0xff)

/**
 * AuModuleKind:
 * @AU_MODULE_STORE: keeps records
 * @AU_MODULE_BACKEND: runs computations
 * @AU_MODULE_MIDDLEWARE: code around computations
 * @AU_MODULE_SERIALIZER: turns values into bytes and back
 * @AU_MODULE_FUNCTION: provides functions
 *
 * What a module provides.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_MODULE_STORE,
  AU_MODULE_BACKEND,
  AU_MODULE_MIDDLEWARE,
  AU_MODULE_SERIALIZER,
  AU_MODULE_FUNCTION,
} AuModuleKind;

#define AU_TYPE_MODULE_KIND (au_module_kind_get_type ())

AU_AVAILABLE_IN_1_0
GType au_module_kind_get_type (void);

/**
 * AuModuleType: (skip)
 * @kind: what the type is
 * @name: its name in key files, `[a-z][a-z0-9-]*`
 * @get_type: gives the GType; not called before the type is wanted
 *
 * One type that a module provides.
 *
 * Since: 1.0
 */
typedef struct
{
  AuModuleKind kind;
  const char  *name;
  GType      (*get_type) (void);
} AuModuleType;

/**
 * AuModuleDescriptor: (skip)
 * @struct_size: the size of this structure
 * @abi: %AU_MODULE_ABI
 * @api_minor: %AU_MODULE_API_MINOR
 * @cookie: the address of a variable of libau: tells a second copy of the library
 * @name: the stem of the module's file, such as `au_store_file`
 * @version: the module's version
 * @license: its license, as an SPDX expression
 * @summary: one line about it
 * @types: (nullable): its types; ends with a row whose name is %NULL
 * @functions: (nullable): its functions; ends with a row whose name is %NULL
 *
 * What a module says about itself: data, no code, so that it can be checked before
 * anything of the module runs. Made by [func@Au.MODULE_DEFINE].
 *
 * Since: 1.0
 */
typedef struct
{
  guint32                struct_size;
  guint16                abi;
  guint16                api_minor;
  gconstpointer          cookie;
  const char            *name;
  const char            *version;
  const char            *license;
  const char            *summary;
  const AuModuleType    *types;
  const AuFunctionEntry *functions;

  /*< private >*/
  gpointer               reserved[4];
} AuModuleDescriptor;

AU_AVAILABLE_IN_1_0
const char au_module_abi_1;

/**
 * AU_MODULE_DEFINE: (skip)
 * @stem: the module's file name without the ending: `au_<kind>_<name>`
 * @version_: the version, a string
 * @license_: the license, an SPDX expression
 * @summary_: one line about the module
 * @types_: a table of [struct@Au.ModuleType], or %NULL
 * @functions_: a table of [struct@Au.FunctionEntry], or %NULL
 *
 * Defines the one symbol that a module exports.
 *
 * Since: 1.0
 */
#define AU_MODULE_DEFINE(stem, version_, license_, summary_, types_, functions_) \
  G_MODULE_EXPORT extern const AuModuleDescriptor stem##_LTX_au_module;         \
  const AuModuleDescriptor stem##_LTX_au_module = {                             \
    .struct_size = sizeof (AuModuleDescriptor),                                 \
    .abi = AU_MODULE_ABI,                                                       \
    .api_minor = AU_MODULE_API_MINOR,                                           \
    .cookie = &au_module_abi_1,                                                 \
    .name = #stem,                                                              \
    .version = version_,                                                        \
    .license = license_,                                                        \
    .summary = summary_,                                                        \
    .types = types_,                                                            \
    .functions = functions_,                                                    \
  };

AU_AVAILABLE_IN_1_0
void au_module_add_folder (const char *folder);
AU_AVAILABLE_IN_1_0
gboolean au_module_register (const AuModuleDescriptor *descriptor,
                             GError                  **error);
AU_AVAILABLE_IN_1_0
gboolean au_module_register_preloaded (gconstpointer symbols,
                                       GError      **error);
AU_AVAILABLE_IN_1_0
char **au_module_list_folders (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
