/* au-cmd-status.c: au status
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-output.h"
#include "au-tool-records.h"

#include <glib/gi18n-lib.h>

int
au_cmd_status (AuTool *tool,
               int     argc,
               char  **argv)
{
  const GOptionEntry entries[] = {
    { "json", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &tool->json,
      N_("Print each record as a line of JSON"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(GError) error = NULL;
  AuStore *store;
  int code = AU_TOOL_EXIT_SUCCESS;

  context = au_tool_context_new (tool, _("KEY… — tell where computations stand"), NULL, entries);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;
  if (argc < 2)
    return au_tool_usage (tool, _("a key is missing: “au list” shows the keys there are"));

  store = au_tool_get_store (tool, &error);
  if (store == NULL)
    return au_tool_fail (tool, error);

  for (int i = 1; i < argc; i++)
    {
      g_autoptr(AuRecord) record = NULL;
      g_autoptr(GError) load_error = NULL;

      if (au_key_check (argv[i], &load_error))
        record = au_store_load (store, argv[i], NULL, &load_error);
      if (record != NULL)
        au_tool_print_record (record, tool->json, TRUE);
      else
        code = au_tool_worse (code, au_tool_fail (tool, load_error));
    }
  return code;
}
