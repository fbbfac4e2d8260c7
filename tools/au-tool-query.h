/* au-tool-query.h: which computations a command is about
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-tool.h"

G_BEGIN_DECLS

/*
 * AuToolQuery:
 *
 * What --status, --function, --tag, --queue and --since gave; zero-initialised before the
 * command line is parsed.
 */
typedef struct
{
  char **statuses;
  char  *function;
  char  *tag;
  char  *queue;
  char  *since;
} AuToolQuery;

/*
 * AuToolRecordFunc:
 * @record: a record
 * @user_data: the data given with the function
 *
 * Returns: FALSE to see no more
 */
typedef gboolean (*AuToolRecordFunc) (AuRecord *record,
                                      gpointer  user_data);

void       au_tool_query_add      (AuToolQuery     *self,
                                   GOptionContext  *context,
                                   gboolean         with_status);
gboolean   au_tool_query_is_empty (AuToolQuery     *self);
AuQuery   *au_tool_query_make     (AuToolQuery     *self,
                                   GError         **error);
void       au_tool_query_clear    (AuToolQuery     *self);

gboolean   au_tool_foreach_record (AuTool          *tool,
                                   AuQuery         *query,
                                   guint            limit,
                                   AuToolRecordFunc func,
                                   gpointer         user_data,
                                   GError         **error);
GPtrArray *au_tool_find_keys      (AuTool          *tool,
                                   AuToolQuery     *self,
                                   AuStatusFlags    useful,
                                   char           **keys,
                                   GError         **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AuToolQuery, au_tool_query_clear)

G_END_DECLS
