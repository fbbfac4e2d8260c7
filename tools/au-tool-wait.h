/* au-tool-wait.h: waiting for computations, with a way out
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-tool.h"

G_BEGIN_DECLS

/*
 * AuToolWaitFlags:
 * @AU_TOOL_WAIT_NONE: an interruption ends the wait, not the computations
 * @AU_TOOL_WAIT_OWN: the computations run in this process: an interruption cancels
 *   them, and then waits for their ends
 * @AU_TOOL_WAIT_ITEMS: print items as they come
 */
typedef enum
{
  AU_TOOL_WAIT_NONE = 0,
  AU_TOOL_WAIT_OWN = 1 << 0,
  AU_TOOL_WAIT_ITEMS = 1 << 1,
} AuToolWaitFlags;

/*
 * AuToolEndedFunc:
 * @handle: what has ended
 * @user_data: the data given with the function
 */
typedef void (*AuToolEndedFunc) (AuHandle *handle,
                                 gpointer  user_data);

int au_tool_wait (AuTool          *tool,
                  GPtrArray       *handles,
                  AuToolWaitFlags  flags,
                  GTimeSpan        timeout,
                  AuToolEndedFunc  func,
                  gpointer         user_data);

G_END_DECLS
