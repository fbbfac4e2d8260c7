/* au-tool-check.c: looks for mistakes in the settings
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-check.h"
#include "au-tool-child.h"
#include "au-tool-output.h"

#include <glib/gi18n-lib.h>

/* Whether a worker could follow the schedule of @group. Nothing is opened for one. */
static gboolean
check_schedule (AuConfig    *config,
                const char  *group,
                GError     **error)
{
  g_autoptr(AuSchedule) schedule = NULL;
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(AuRecord) record = NULL;

  schedule = (AuSchedule *) au_config_create (config, AU_TYPE_SCHEDULE, group, error);
  if (schedule == NULL)
    return FALSE;

  function = au_part_find_function (au_schedule_get_function (schedule), error);
  if (function != NULL)
    record = au_schedule_make_record (schedule, function, "default", au_clock_get_real_time (), error);
  if (record == NULL)
    g_prefix_error (error, "%s: [%s] ", au_config_get_origin (config), group);

  return record != NULL;
}

static char **
find_schedule_mistakes (AuTool *tool)
{
  g_autoptr(GStrvBuilder) mistakes = g_strv_builder_new ();
  g_autoptr(AuConfig) config = au_tool_read_config (tool, NULL);
  g_auto(GStrv) labels = config != NULL ? au_config_list_labels (config, "schedule") : NULL;

  for (guint i = 0; labels != NULL && labels[i] != NULL; i++)
    {
      g_autofree char *group = g_strconcat ("schedule ", labels[i], NULL);
      g_autoptr(GError) error = NULL;

      if (!check_schedule (config, group, &error))
        g_strv_builder_add (mistakes, error->message);
    }

  return g_strv_builder_end (mistakes);
}

/* What the process that is asked does. */
void
au_tool_check_answer (AuTool *tool)
{
  g_auto(GStrv) mistakes = au_config_find_mistakes (tool->config_path,
                                                    (const char *const *) tool->settings,
                                                    AU_TYPE_ENGINE);

  if (mistakes[0] == NULL)
    {
      g_strfreev (mistakes);
      mistakes = find_schedule_mistakes (tool);
    }

  au_tool_child_answer (g_variant_new_strv ((const char *const *) mistakes, -1));
}

/* All that is wrong with the settings; found by another process, since the modules that
 * they name are opened.
 */
char **
au_tool_check_mistakes (AuTool    *tool,
                        GTimeSpan  timeout)
{
  g_autofree char *reason = NULL;
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GStrvBuilder) mistakes = g_strv_builder_new ();
  g_autofree char *mistake = NULL;

  answer = au_tool_child_ask (tool, AU_TOOL_CHECK_QUESTION, G_VARIANT_TYPE_STRING_ARRAY, timeout, &reason);
  if (answer != NULL)
    return g_variant_dup_strv (answer, NULL);

  mistake = g_strdup_printf (_("a module that the settings name cannot be used: %s; “au inspect” tells which"), reason);
  g_strv_builder_add (mistakes, mistake);
  return g_strv_builder_end (mistakes);
}

static void
print_json (const char *origin,
            char      **mistakes)
{
  GString *output = au_tool_output_begin ();

  g_string_append_c (output, '{');
  au_tool_json_text (output, "origin", origin);
  au_tool_json_boolean (output, "valid", mistakes[0] == NULL);
  au_tool_json_strv (output, "mistakes", (const char *const *) mistakes);
  g_string_append (output, "}\n");
  au_tool_output_end ();
}

int
au_tool_check_complain (AuTool  *tool,
                        char   **mistakes)
{
  for (char **mistake = mistakes; *mistake != NULL; mistake++)
    au_tool_complain (tool, "%s", *mistake);
  return mistakes[0] != NULL ? AU_TOOL_EXIT_CONFIG : AU_TOOL_EXIT_SUCCESS;
}

/* Says what is wrong with the settings, or that nothing is. */
int
au_tool_check (AuTool    *tool,
               GTimeSpan  timeout)
{
  g_auto(GStrv) mistakes = au_tool_check_mistakes (tool, timeout);
  g_autoptr(GError) error = NULL;
  AuConfig *config = NULL;
  const char *origin = tool->config_path;

  if (mistakes[0] == NULL)
    {
      config = au_tool_get_config (tool, &error);
      if (config == NULL)
        return au_tool_fail (tool, error);
      origin = au_config_get_origin (config);
    }

  if (tool->json)
    {
      print_json (origin, mistakes);
      return mistakes[0] != NULL ? AU_TOOL_EXIT_CONFIG : AU_TOOL_EXIT_SUCCESS;
    }
  if (mistakes[0] != NULL)
    return au_tool_check_complain (tool, mistakes);

  g_string_append_printf (au_tool_output_begin (), _("%s: the settings are valid\n"),
                          origin != NULL ? origin : _("the defaults"));
  au_tool_output_end ();
  return AU_TOOL_EXIT_SUCCESS;
}
