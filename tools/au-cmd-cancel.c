/* au-cmd-cancel.c: au cancel
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-query.h"

#include <glib/gi18n-lib.h>

int
au_cmd_cancel (AuTool *tool,
               int     argc,
               char  **argv)
{
  g_auto(AuToolQuery) wanted = { 0 };
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(GPtrArray) keys = NULL;
  g_autoptr(GError) error = NULL;
  guint n = 0;
  int code = AU_TOOL_EXIT_SUCCESS;

  context = au_tool_context_new (tool, _("[KEY…] — cancel computations"),
                                 _("What waits is cancelled at once. What runs is told, also in another process, and\n"
                                   "ends as soon as its function looks."),
                                 NULL);
  au_tool_query_add (&wanted, context, TRUE);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;

  if (au_tool_get_engine (tool, &error) == NULL)
    return au_tool_fail (tool, error);
  keys = au_tool_find_keys (tool, &wanted, AU_STATUS_FLAGS_PENDING | AU_STATUS_FLAGS_RUNNING, argv + 1, &error);
  if (keys == NULL)
    return au_tool_fail (tool, error);

  for (guint i = 0; i < keys->len; i++)
    {
      g_autoptr(GError) cancel_error = NULL;

      if (au_engine_cancel (tool->engine, g_ptr_array_index (keys, i), NULL, &cancel_error))
        n++;
      else
        code = au_tool_worse (code, au_tool_fail (tool, cancel_error));
    }
  au_tool_say (tool, g_dngettext (GETTEXT_PACKAGE, "%u computation cancelled", "%u computations cancelled", n), n);
  return code;
}
