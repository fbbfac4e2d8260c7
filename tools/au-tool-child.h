/* au-tool-child.h: asks a process of its own what may crash
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-tool.h"

G_BEGIN_DECLS

/* How long a question may take, unless the user says otherwise. */
#define AU_TOOL_CHILD_TIMEOUT (10 * G_TIME_SPAN_SECOND)

GVariant *au_tool_child_ask    (AuTool              *tool,
                                const char          *question,
                                const GVariantType  *type,
                                GTimeSpan            timeout,
                                char               **reason);

void      au_tool_child_begin  (void);
void      au_tool_child_answer (GVariant            *answer) G_GNUC_NORETURN;

G_END_DECLS
