/* au-tool-modules.h: what modules say about themselves
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-tool.h"

G_BEGIN_DECLS

/* kind, name, file, version, license, summary, error, types, functions */
#define AU_TOOL_MODULE_TYPE \
  G_VARIANT_TYPE ("(sssssssa(ssa" AU_TOOL_PROPERTY_STRING ")a" AU_TOOL_FUNCTION_STRING ")")

/* name, type, unit, default, minimum, maximum, allowed values, secret, summary */
#define AU_TOOL_PROPERTY_STRING "(ssssssasbs)"

/* name, input, output, form, summary */
#define AU_TOOL_FUNCTION_STRING "(sssss)"

GVariant  *au_tool_module_describe   (AuModuleInfo *info);
GVariant  *au_tool_function_describe (AuFunction   *function);
GPtrArray *au_tool_modules_describe  (AuTool       *tool,
                                      GPtrArray    *infos,
                                      GTimeSpan     timeout);
char      *au_tool_module_get_id     (AuModuleInfo *info);
int        au_tool_module_answer     (const char   *id);

G_END_DECLS
