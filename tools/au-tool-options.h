/* au-tool-options.h: how computations are to be treated
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-tool.h"

G_BEGIN_DECLS

/*
 * AuToolOptions:
 *
 * What --timeout, --ttl and their like gave; zero-initialised before the command
 * line is parsed.
 */
typedef struct
{
  char    *ttl;
  char    *timeout;
  char    *delay;
  char   **tags;
  int      priority;
  int      retries;
  char    *backoff;
  char    *queue;
  char    *unique_key;
  char    *concurrency_key;
  char   **after;
  gboolean pass_results;
} AuToolOptions;

void       au_tool_options_add   (AuToolOptions  *self,
                                  GOptionContext *context);
AuOptions *au_tool_options_make  (AuToolOptions  *self,
                                  GError        **error);
void       au_tool_options_clear (AuToolOptions  *self);

gboolean   au_tool_duration      (const char     *option,
                                  const char     *text,
                                  GTimeSpan      *duration,
                                  GError        **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AuToolOptions, au_tool_options_clear)

G_END_DECLS
