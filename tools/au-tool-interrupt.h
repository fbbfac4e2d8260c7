/* au-tool-interrupt.h: what happens when the user presses Ctrl-C, and on other signals
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * AuToolInterruptFunc:
 * @user_data: the data given to au_tool_interrupt_watch()
 *
 * Is told of the first signal, in the default main context. A second one ends the
 * program at once.
 */
typedef void (*AuToolInterruptFunc) (gpointer user_data);

void au_tool_interrupt_hold    (void);
void au_tool_interrupt_watch   (AuToolInterruptFunc func,
                                gpointer            user_data);
void au_tool_interrupt_watch_reload (AuToolInterruptFunc func,
                                     gpointer            user_data);
void au_tool_interrupt_unwatch (void);
int  au_tool_interrupt_signal  (void);
void au_tool_interrupt_describe (GOptionContext *context);

G_END_DECLS
