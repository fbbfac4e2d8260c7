/* au-tool-input.h: the inputs of au map
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _AuToolInput AuToolInput;

AuToolInput *au_tool_input_new_from_words (char        **words);
AuToolInput *au_tool_input_new_from_file  (const char   *path,
                                           char          delimiter,
                                           GError      **error);
void         au_tool_input_free           (AuToolInput  *self);

gboolean     au_tool_input_next           (AuToolInput  *self,
                                           const char  **text,
                                           gsize        *length);
gboolean     au_tool_input_is_at_end      (AuToolInput  *self);
guint64      au_tool_input_count          (AuToolInput  *self,
                                           gboolean     *exact);

int          au_tool_input_get_fd         (AuToolInput  *self);
gboolean     au_tool_input_wants_data     (AuToolInput  *self);
gboolean     au_tool_input_read           (AuToolInput  *self,
                                           GError      **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuToolInput, au_tool_input_free)

G_END_DECLS
