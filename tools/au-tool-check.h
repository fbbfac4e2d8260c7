/* au-tool-check.h: looks for mistakes in the settings
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-tool.h"

G_BEGIN_DECLS

/* The question to another process. No module is called so. */
#define AU_TOOL_CHECK_QUESTION "mistakes"

int    au_tool_check             (AuTool     *tool,
                                  GTimeSpan   timeout);
char **au_tool_check_mistakes    (AuTool     *tool,
                                  GTimeSpan   timeout);
int    au_tool_check_complain    (AuTool     *tool,
                                  char      **mistakes);
void   au_tool_check_answer      (AuTool     *tool) G_GNUC_NORETURN;

G_END_DECLS
