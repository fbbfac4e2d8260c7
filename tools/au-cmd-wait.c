/* au-cmd-wait.c: au wait
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-interrupt.h"
#include "au-tool-options.h"
#include "au-tool-output.h"
#include "au-tool-records.h"
#include "au-tool-wait.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  AuTool *tool;
  guint   ended;
  int     code;
} Outcome;

static void
on_ended (AuHandle *handle,
          gpointer  data)
{
  Outcome *outcome = data;
  g_autoptr(AuRecord) record = au_handle_dup_record (handle);

  outcome->ended++;
  au_tool_print_record (record, outcome->tool->json, TRUE);
  au_tool_output_flush ();
  if (au_record_get_status (record) != AU_STATUS_COMPLETED)
    outcome->code = AU_TOOL_EXIT_FAILED;
}

int
au_cmd_wait (AuTool *tool,
             int     argc,
             char  **argv)
{
  g_autofree char *timeout_text = NULL;
  const GOptionEntry entries[] = {
    { "timeout", 't', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &timeout_text,
      N_("Wait no longer than this, such as 30s"), N_("DURATION") },
    { "json", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &tool->json,
      N_("Print each record as a line of JSON"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(GPtrArray) handles = NULL;
  g_autoptr(GError) error = NULL;
  Outcome outcome = { .tool = tool };
  GTimeSpan timeout = 0;
  int code;

  context = au_tool_context_new (tool, _("KEY… — wait until computations have ended"),
                                 _("Prints each one as it ends. The exit code is 1 when one of them did not complete,\n"
                                   "and 5 when the time was up."),
                                 entries);
  au_tool_interrupt_describe (context);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;
  if (argc < 2)
    return au_tool_usage (tool, _("a key is missing: “au list” shows the keys there are"));
  if (timeout_text != NULL && !au_tool_duration ("timeout", timeout_text, &timeout, &error))
    return au_tool_fail (tool, error);

  if (au_tool_get_engine (tool, &error) == NULL)
    return au_tool_fail (tool, error);

  handles = g_ptr_array_new_with_free_func (g_object_unref);
  for (int i = 1; i < argc; i++)
    {
      AuHandle *handle = NULL;

      if (au_key_check (argv[i], &error))
        handle = au_engine_get_handle (tool->engine, argv[i], NULL, &error);
      if (handle == NULL)
        return au_tool_fail (tool, error);
      g_ptr_array_add (handles, handle);
    }

  code = au_tool_wait (tool, handles, AU_TOOL_WAIT_NONE, timeout, on_ended, &outcome);
  if (code == AU_TOOL_EXIT_NOT_ENDED && outcome.ended < handles->len)
    au_tool_say (tool, _("%u of %u have not ended"), handles->len - outcome.ended, handles->len);
  return code != AU_TOOL_EXIT_SUCCESS ? code : outcome.code;
}
