/* au-tool-records.h: records, as users and programs read them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-tool.h"

G_BEGIN_DECLS

void  au_tool_record_append_json (GString  *json,
                                  AuRecord *record,
                                  gboolean  with_value);
char *au_tool_record_describe    (AuRecord *record);
char *au_tool_record_header      (void);
void  au_tool_print_record       (AuRecord *record,
                                  gboolean  json,
                                  gboolean  with_value);

/* Whether the process that a record belongs to has ended without ending it. */
gboolean au_tool_record_is_orphan (AuRecord *record);

int      au_tool_print_outcome    (AuTool     *tool,
                                   AuRecord   *record,
                                   gboolean    text,
                                   const char *name);

G_END_DECLS
