/* au-main-context-private.h: whether a main context is this thread's own
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether what waits for @context to be iterated waits for this thread. */
gboolean au_main_context_is_ours (GMainContext *context);

G_END_DECLS
