/* au-tool-output.h: standard output, which is for results only
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-tool.h"
#include "au-tool-json.h"

G_BEGIN_DECLS

void     au_tool_output_open      (void);
int      au_tool_output_close     (AuTool *tool,
                                   int     code);
gboolean au_tool_output_flush     (void);
gboolean au_tool_output_is_broken (void);
gboolean au_tool_output_is_terminal (void);
gsize    au_tool_output_pending   (void);

/* The text that waits to be written, to append to. */
GString *au_tool_output_begin     (void);
void     au_tool_output_end       (void);

void     au_tool_print            (const char *text,
                                   gssize      length);
void     au_tool_print_json       (GVariant   *value);

G_END_DECLS
