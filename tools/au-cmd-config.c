/* au-cmd-config.c: au config
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-check.h"
#include "au-tool-child.h"
#include "au-tool-output.h"

#include <glib/gi18n-lib.h>

static void
append_group (GString    *json,
              GKeyFile   *settings,
              const char *group)
{
  g_auto(GStrv) keys = g_key_file_get_keys (settings, group, NULL, NULL);

  au_tool_json_string (json, group, -1);
  g_string_append (json, ":{");
  for (gsize i = 0; keys != NULL && keys[i] != NULL; i++)
    {
      g_autofree char *value = g_key_file_get_string (settings, group, keys[i], NULL);

      au_tool_json_text (json, keys[i], value);
    }
  g_string_append_c (json, '}');
}

/* {"au":{"store":"main"},"store main":{…}} */
static gboolean
print_settings_json (const char *text,
                     GError    **error)
{
  g_autoptr(GKeyFile) settings = g_key_file_new ();
  g_auto(GStrv) groups = NULL;
  GString *json;

  if (!g_key_file_load_from_data (settings, text, -1, G_KEY_FILE_NONE, error))
    return FALSE;

  groups = g_key_file_get_groups (settings, NULL);
  json = au_tool_output_begin ();
  g_string_append_c (json, '{');
  for (gsize i = 0; groups[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      append_group (json, settings, groups[i]);
    }
  g_string_append (json, "}\n");
  au_tool_output_end ();
  return TRUE;
}

static int
show (AuTool *tool)
{
  g_auto(GStrv) mistakes = au_tool_check_mistakes (tool, AU_TOOL_CHILD_TIMEOUT);
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  AuConfig *config;

  /* What is good in another process does no harm in this one. */
  if (mistakes[0] != NULL)
    return au_tool_check_complain (tool, mistakes);

  config = au_tool_get_config (tool, &error);
  if (config != NULL)
    text = au_config_to_text (config, AU_TYPE_ENGINE, &error);
  if (text == NULL || (tool->json && !print_settings_json (text, &error)))
    return au_tool_fail (tool, error);
  if (!tool->json)
    au_tool_print (text, -1);
  return AU_TOOL_EXIT_SUCCESS;
}

int
au_cmd_config (AuTool *tool,
               int     argc,
               char  **argv)
{
  const GOptionEntry entries[] = {
    { "json", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &tool->json,
      N_("Print the verdict, or the settings, as JSON"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = NULL;

  context = au_tool_context_new (tool, _("check|show [FILE] — check or show the settings"),
                                 _("“check” opens the module of every part that the settings name, in a process of its\n"
                                   "own, and lists everything that is wrong: file, line, group and key. “show” prints\n"
                                   "what is in force, with defaults and without secrets, and where each comes from.\n"
                                   "Without FILE the settings are those that every command would use: of --config,\n"
                                   "$AU_CONFIG, ./au.conf, ~/.config/au/au.conf or the system's au.conf."),
                                 entries);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;
  au_tool_plain_json (tool);
  if (argc < 2 || argc > 3 || !(g_str_equal (argv[1], "check") || g_str_equal (argv[1], "show")))
    return au_tool_usage (tool, _("write “au config check” or “au config show”, and a file if it is another one"));

  if (argc == 3)
    {
      g_free (tool->config_path);
      tool->config_path = g_strdup (argv[2]);
    }

  return g_str_equal (argv[1], "check") ? au_tool_check (tool, AU_TOOL_CHILD_TIMEOUT) : show (tool);
}
