/* au-cmd-remove.c: au remove
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-query.h"

#include <glib/gi18n-lib.h>

int
au_cmd_remove (AuTool *tool,
               int     argc,
               char  **argv)
{
  g_auto(AuToolQuery) wanted = { 0 };
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(GPtrArray) keys = NULL;
  g_autoptr(GError) error = NULL;
  guint n = 0;
  int code = AU_TOOL_EXIT_SUCCESS;

  context = au_tool_context_new (tool, _("[KEY…] — forget computations"),
                                 _("The record, its value and its items are deleted. Without --status only\n"
                                   "computations that have ended are chosen."),
                                 NULL);
  au_tool_query_add (&wanted, context, TRUE);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;

  if (au_tool_get_engine (tool, &error) == NULL)
    return au_tool_fail (tool, error);
  keys = au_tool_find_keys (tool, &wanted, AU_STATUS_FLAGS_TERMINAL, argv + 1, &error);
  if (keys == NULL)
    return au_tool_fail (tool, error);

  for (guint i = 0; i < keys->len; i++)
    {
      g_autoptr(GError) remove_error = NULL;

      if (au_engine_remove (tool->engine, g_ptr_array_index (keys, i), NULL, &remove_error))
        n++;
      else
        code = au_tool_worse (code, au_tool_fail (tool, remove_error));
    }
  au_tool_say (tool, g_dngettext (GETTEXT_PACKAGE, "%u computation removed", "%u computations removed", n), n);
  return code;
}
