/* au-cmd-functions.c: au functions
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-child.h"
#include "au-tool-modules.h"
#include "au-tool-output.h"

#include <glib/gi18n-lib.h>

static void
print_function (AuTool   *tool,
                GVariant *function,
                gboolean  names)
{
  GString *line = au_tool_output_begin ();
  const char *name, *input, *output, *form, *summary;

  g_variant_get (function, "(&s&s&s&s&s)", &name, &input, &output, &form, &summary);
  if (tool->json)
    {
      g_string_append_c (line, '{');
      au_tool_json_text (line, "name", name);
      au_tool_json_text (line, "input", input);
      au_tool_json_text (line, "output", output[0] != '\0' ? output : NULL);
      au_tool_json_text (line, "form", form);
      au_tool_json_text (line, "summary", summary);
      g_string_append (line, "}\n");
    }
  else if (names)
    {
      g_string_append_printf (line, "%s\n", name);
    }
  else
    {
      g_string_append_printf (line, "%-20s %-10s → %-10s %s\n", name, input, output[0] != '\0' ? output : "()", summary);
    }
  au_tool_output_end ();
}

static void
print_functions (AuTool  *tool,
                 gboolean names)
{
  g_autoptr(GListModel) list = au_modules_list ();
  g_autoptr(GPtrArray) infos = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GPtrArray) modules = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr(AuModuleInfo) info = g_list_model_get_item (list, i);

      if (au_module_info_get_kind (info) == AU_MODULE_FUNCTION)
        g_ptr_array_add (infos, g_steal_pointer (&info));
    }

  modules = au_tool_modules_describe (tool, infos, AU_TOOL_CHILD_TIMEOUT);
  for (guint i = 0; i < modules->len; i++)
    {
      GVariant *module = g_ptr_array_index (modules, i);
      g_autoptr(GVariant) functions = g_variant_get_child_value (module, 8);
      const char *name, *error;

      g_variant_get_child (module, 1, "&s", &name);
      g_variant_get_child (module, 6, "&s", &error);
      if (error[0] != '\0')
        au_tool_say (tool, _("the module “%s” cannot be used: %s"), name, error);
      for (gsize j = 0; j < g_variant_n_children (functions); j++)
        {
          g_autoptr(GVariant) function = g_variant_get_child_value (functions, j);

          print_function (tool, function, names);
        }
    }
}

int
au_cmd_functions (AuTool *tool,
                  int     argc,
                  char  **argv)
{
  gboolean names = FALSE;
  const GOptionEntry entries[] = {
    { "names", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &names,
      N_("Print only the names"), NULL },
    { "json", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &tool->json,
      N_("Print each function as a line of JSON"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(GError) error = NULL;
  int code = AU_TOOL_EXIT_SUCCESS;

  context = au_tool_context_new (tool, _("[FUNCTION…] — list the functions there are"),
                                 _("Types are GVariant types: (s) takes a text, (ii) two whole numbers, a{sv} a\n"
                                   "dictionary. A function stands in the module that is named like its part before\n"
                                   "the first dot."),
                                 entries);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;
  au_tool_plain_json (tool);
  if (au_tool_get_config (tool, &error) == NULL)
    return au_tool_fail (tool, error);

  if (argc < 2)
    print_functions (tool, names);
  for (int i = 1; i < argc; i++)
    {
      g_autoptr(GError) find_error = NULL;
      g_autoptr(AuFunction) function = au_part_find_function (argv[i], &find_error);
      g_autoptr(GVariant) description = NULL;

      if (function == NULL)
        {
          code = au_tool_worse (code, au_tool_fail (tool, find_error));
          continue;
        }
      description = g_variant_ref_sink (au_tool_function_describe (function));
      print_function (tool, description, names);
    }
  return code;
}
