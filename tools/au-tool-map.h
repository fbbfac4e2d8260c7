/* au-tool-map.h: one computation for each of many inputs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-tool.h"
#include "au-tool-input.h"

G_BEGIN_DECLS

/*
 * AuToolMapSettings:
 * @tool: the program
 * @function: what to compute
 * @options: how; they are changed
 * @input: the inputs
 * @command: with --command: the program and its arguments
 * @name: what sets the computations of this run apart from those of the same calls
 * @json_input: an input that looks like it is the JSON of all arguments
 * @resume: use what the store has
 * @retry_failed: but not failures
 * @ordered: print results in the order of the inputs
 * @raw: print only what the program wrote
 * @halt: stop at the first failure
 * @window: how many computations may be outstanding
 *
 * What a run is to do.
 */
typedef struct
{
  AuTool      *tool;
  AuFunction  *function;
  AuOptions   *options;
  AuToolInput *input;
  char       **command;
  const char  *name;
  gboolean     json_input;
  gboolean     resume;
  gboolean     retry_failed;
  gboolean     ordered;
  gboolean     raw;
  gboolean     halt;
  guint        window;
} AuToolMapSettings;

int au_tool_map (const AuToolMapSettings *settings);

G_END_DECLS
