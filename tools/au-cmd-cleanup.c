/* au-cmd-cleanup.c: au cleanup
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-output.h"

#include <glib/gi18n-lib.h>

int
au_cmd_cleanup (AuTool *tool,
                int     argc,
                char  **argv)
{
  const GOptionEntry entries[] = {
    { "json", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &tool->json,
      N_("Print the number as JSON"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *line = NULL;
  guint64 removed = 0;
  gint n;

  context = au_tool_context_new (tool, _("— forget what has expired"),
                                 _("Prints how many computations were removed. What has not ended never expires."),
                                 entries);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;
  if (argc > 1)
    return au_tool_usage (tool, _("“%s” is not wanted: “au remove KEY” removes one computation"), argv[1]);
  if (au_tool_get_engine (tool, &error) == NULL)
    return au_tool_fail (tool, error);

  /* The engine works in small steps, so that others get their turn between them. */
  while ((n = au_engine_cleanup_expired (tool->engine, NULL, &error)) > 0)
    removed += n;
  if (n < 0)
    return au_tool_fail (tool, error);

  line = g_strdup_printf (tool->json ? "{\"removed\":%" G_GUINT64_FORMAT "}\n" : "%" G_GUINT64_FORMAT "\n", removed);
  au_tool_print (line, -1);
  return AU_TOOL_EXIT_SUCCESS;
}
