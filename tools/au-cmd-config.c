/* au-cmd-config.c: au config
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-output.h"

#include <glib/gi18n-lib.h>

static void
print_verdict (AuTool     *tool,
               const char *origin)
{
  GString *output = au_tool_output_begin ();

  if (tool->json)
    {
      g_string_append_c (output, '{');
      au_tool_json_text (output, "origin", origin);
      au_tool_json_boolean (output, "valid", TRUE);
      g_string_append_c (output, '}');
    }
  else
    {
      g_string_append_printf (output, _("%s: the settings are valid"), origin);
    }
  g_string_append_c (output, '\n');
  au_tool_output_end ();
}

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
show (AuTool   *tool,
      AuConfig *config)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = au_config_to_text (config, AU_TYPE_ENGINE, &error);

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
  g_autoptr(GError) error = NULL;
  AuConfig *config;
  const char *origin;
  gboolean check;

  context = au_tool_context_new (tool, _("check|show [FILE] — check or show the settings"),
                                 _("“check” opens every part that the settings name, and says which setting is wrong\n"
                                   "and why. “show” prints what is in force, with defaults and without secrets.\n"
                                   "Without FILE the settings are those that every command would use: of --config,\n"
                                   "$AU_CONFIG, ./au.conf, ~/.config/au/au.conf or the system's au.conf."),
                                 entries);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;
  if (argc < 2 || argc > 3 || !(g_str_equal (argv[1], "check") || g_str_equal (argv[1], "show")))
    return au_tool_usage (tool, _("write “au config check” or “au config show”, and a file if it is another one"));

  check = g_str_equal (argv[1], "check");
  if (argc == 3)
    {
      g_free (tool->config_path);
      tool->config_path = g_strdup (argv[2]);
    }

  config = au_tool_get_config (tool, &error);
  if (config == NULL || (check && !au_config_check (config, AU_TYPE_ENGINE, &error)))
    return au_tool_fail (tool, error);
  if (!check)
    return show (tool, config);

  origin = au_config_get_origin (config);
  print_verdict (tool, origin != NULL ? origin : _("the defaults"));
  return AU_TOOL_EXIT_SUCCESS;
}
