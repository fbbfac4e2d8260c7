/* au-tool-words.h: options with their values in the same word
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void au_tool_words_add_entries (GOptionContext     *context,
                                const GOptionEntry *entries);
void au_tool_words_split       (int                *argc,
                                char             ***argv,
                                gboolean            only_first);

G_END_DECLS
