/* au-tool-arguments.h: what a user types as the arguments of a function
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-tool.h"

G_BEGIN_DECLS

GVariant *au_tool_arguments_from_words (AuFunction *function,
                                        char      **words,
                                        gboolean    json,
                                        GError    **error);
GVariant *au_tool_arguments_from_input (AuFunction *function,
                                        const char *text,
                                        gsize       length,
                                        gboolean    json,
                                        GError    **error);

G_END_DECLS
