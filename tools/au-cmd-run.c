/* au-cmd-run.c: au run
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-arguments.h"
#include "au-tool-options.h"
#include "au-tool-interrupt.h"
#include "au-tool-output.h"
#include "au-tool-records.h"
#include "au-tool-wait.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  AuTool  *tool;
  gboolean text;
  int      code;
} Run;

static void
on_ended (AuHandle *handle,
          gpointer  data)
{
  Run *run = data;
  g_autoptr(AuRecord) record = au_handle_dup_record (handle);
  AuStatus status = au_record_get_status (record);

  if (!run->tool->json)
    {
      run->code = au_tool_print_outcome (run->tool, record, run->text, au_handle_get_function (handle));
      return;
    }

  au_tool_print_record (record, TRUE, TRUE);
  if (status != AU_STATUS_COMPLETED)
    run->code = AU_TOOL_EXIT_FAILED;
}

static AuHandle *
submit (AuTool        *tool,
        AuToolOptions *options,
        const char    *key,
        char         **words,
        gboolean       json_input,
        GError       **error)
{
  g_autoptr(AuOptions) settings = NULL;
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(GVariant) arguments = NULL;

  settings = au_tool_options_make (options, error);
  if (settings == NULL)
    return NULL;
  if (key != NULL)
    {
      if (!au_key_check (key, error))
        return NULL;
      au_options_set_key (settings, key);
    }

  function = au_engine_find_function (tool->engine, words[0], error);
  if (function == NULL)
    return NULL;
  arguments = au_tool_arguments_from_words (function, words + 1, json_input, error);
  if (arguments == NULL)
    return NULL;

  return au_engine_submit (tool->engine, words[0], arguments, settings, error);
}

int
au_cmd_run (AuTool *tool,
            int     argc,
            char  **argv)
{
  g_auto(AuToolOptions) options = { 0 };
  g_autofree char *key = NULL;
  g_autofree char *resume = NULL;
  gboolean json_input = FALSE;
  Run run = { .tool = tool };
  const GOptionEntry entries[] = {
    { "key", 'k', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &key,
      N_("Know the computation by this key; one that has ended already is only shown"), N_("KEY") },
    { "resume", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &resume,
      N_("Take over the computation with this key, whose process has ended"), N_("KEY") },
    { "json-input", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json_input,
      N_("The one ARGUMENT is the JSON of all arguments"), NULL },
    { "json", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &tool->json,
      N_("Print the whole record as a line of JSON"), NULL },
    { "text", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &run.text,
      N_("Print the value as GVariant text instead of JSON"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) handles = NULL;
  AuHandle *handle;
  int code;

  context = au_tool_context_new (tool, _("FUNCTION [ARGUMENT…] — compute a function and print its value"),
                                 _("Each ARGUMENT is one argument of the function: a text as it is, anything else in\n"
                                   "GVariant text or JSON. A function that takes a dictionary wants NAME=TEXT or\n"
                                   "NAME:=VALUE. Put “--” in front of arguments that start with a hyphen."),
                                 entries);
  au_tool_interrupt_describe (context);
  au_tool_options_add (&options, context);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;
  if (resume == NULL && argc < 2)
    return au_tool_usage (tool, _("a function is missing: “au functions” lists them"));
  if (resume != NULL && argc > 1)
    return au_tool_usage (tool, _("--resume takes a key and no function"));

  tool->queued = options.queue != NULL;
  if (au_tool_get_engine (tool, &error) == NULL)
    return au_tool_fail (tool, error);
  au_tool_interrupt_hold ();
  if (resume != NULL)
    handle = au_engine_resume (tool->engine, resume, NULL, &error);
  else
    handle = submit (tool, &options, key, argv + 1, json_input, &error);
  if (handle == NULL)
    return au_tool_fail (tool, error);

  handles = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (handles, handle);
  code = au_tool_wait (tool, handles, AU_TOOL_WAIT_OWN | AU_TOOL_WAIT_ITEMS, 0, on_ended, &run);
  return code != AU_TOOL_EXIT_SUCCESS ? code : run.code;
}
