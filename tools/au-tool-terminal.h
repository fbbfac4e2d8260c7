/* au-tool-terminal.h: what fits on a terminal
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void au_tool_terminal_get_size (int    fd,
                                guint *columns,
                                guint *rows);
void au_tool_terminal_shorten  (char  *line,
                                guint  columns);

G_END_DECLS
