/* au-cmd-list.c: au list
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-output.h"
#include "au-tool-query.h"
#include "au-tool-records.h"
#include "au-tool-workers.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  AuTool  *tool;
  gboolean keys;
  guint64  n;
} List;

static gboolean
print_one (AuRecord *record,
           gpointer  data)
{
  List *list = data;

  if (list->keys)
    {
      au_tool_print (au_record_get_key (record), -1);
      au_tool_print ("\n", 1);
    }
  else
    {
      if (list->n == 0 && !list->tool->json)
        {
          g_autofree char *header = au_tool_record_header ();

          au_tool_print (header, -1);
          au_tool_print ("\n", 1);
        }
      au_tool_print_record (record, list->tool->json, FALSE);
    }
  list->n++;
  return !au_tool_output_is_broken ();
}

static int
print_count (AuTool  *tool,
             AuQuery *query)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *line = NULL;
  gint64 n;

  n = au_store_count (au_engine_get_store (tool->engine), query, NULL, &error);
  if (n < 0)
    return au_tool_fail (tool, error);

  line = g_strdup_printf (tool->json ? "{\"count\":%" G_GINT64_FORMAT "}\n" : "%" G_GINT64_FORMAT "\n", n);
  au_tool_print (line, -1);
  return AU_TOOL_EXIT_SUCCESS;
}

int
au_cmd_list (AuTool *tool,
             int     argc,
             char  **argv)
{
  g_auto(AuToolQuery) wanted = { 0 };
  g_autofree char *after_key = NULL;
  int limit = 0;
  gboolean count = FALSE;
  gboolean workers = FALSE;
  List list = { .tool = tool };
  const GOptionEntry entries[] = {
    { "limit", 'n', G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &limit,
      N_("List no more than this"), N_("N") },
    { "after-key", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &after_key,
      N_("List what comes after this key; the order is that of the keys"), N_("KEY") },
    { "keys", 'k', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &list.keys,
      N_("Print only the keys"), NULL },
    { "count", 'c', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &count,
      N_("Print only how many there are"), NULL },
    { "workers", 'w', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &workers,
      N_("List the workers of the queues instead"), NULL },
    { "json", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &tool->json,
      N_("Print each record as a line of JSON, without its value"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(AuQuery) query = NULL;
  g_autoptr(GError) error = NULL;

  context = au_tool_context_new (tool, _("— list computations"), NULL, entries);
  au_tool_query_add (&wanted, context, TRUE);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;
  if (argc > 1)
    return au_tool_usage (tool, _("“%s” is not wanted: “au status KEY” shows one computation"), argv[1]);
  if (workers)
    return au_tool_list_workers (tool);
  if (limit < 0)
    return au_tool_usage (tool, _("--limit: %d is out of range: use 1 or more"), limit);

  query = au_tool_query_make (&wanted, &error);
  if (query == NULL || (after_key != NULL && !au_key_check (after_key, &error)))
    return au_tool_fail (tool, error);
  if (after_key != NULL)
    au_query_set_after_key (query, after_key);

  if (au_tool_get_engine (tool, &error) == NULL)
    return au_tool_fail (tool, error);
  if (count)
    return print_count (tool, query);
  if (!au_tool_foreach_record (tool, query, limit, print_one, &list, &error))
    return au_tool_fail (tool, error);
  return AU_TOOL_EXIT_SUCCESS;
}
