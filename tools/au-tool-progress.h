/* au-tool-progress.h: how far the work is, on standard error
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-tool.h"

G_BEGIN_DECLS

typedef struct _AuToolProgress AuToolProgress;

AuToolProgress *au_tool_progress_new        (AuTool         *tool);
void            au_tool_progress_free       (AuToolProgress *self);

void            au_tool_progress_set_total  (AuToolProgress *self,
                                             guint64         total,
                                             gboolean        exact);
void            au_tool_progress_set_done   (AuToolProgress *self,
                                             guint64         done,
                                             guint64         computed,
                                             guint64         failed);
void            au_tool_progress_set_single (AuToolProgress *self,
                                             double          fraction,
                                             const char     *text);
void            au_tool_progress_hide       (void);

char           *au_tool_format_clock        (double          seconds);
char           *au_tool_format_seconds      (double          seconds);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuToolProgress, au_tool_progress_free)

G_END_DECLS
