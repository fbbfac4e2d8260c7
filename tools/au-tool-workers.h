/* au-tool-workers.h: the workers of a queue, for people
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-tool.h"

G_BEGIN_DECLS

AuQueue *au_tool_get_queue    (AuTool  *tool,
                               GError **error);
int      au_tool_list_workers (AuTool  *tool);

G_END_DECLS
