/* au-cmd-retry.c: au retry
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-interrupt.h"
#include "au-tool-output.h"
#include "au-tool-query.h"
#include "au-tool-records.h"
#include "au-tool-wait.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  AuTool *tool;
  int     code;
} Outcome;

/* What is in a queue again is a worker's business. */
static int
print_queued (AuTool    *tool,
              GPtrArray *handles,
              int        code)
{
  for (guint i = 0; i < handles->len; i++)
    {
      g_autoptr(AuRecord) record = au_handle_dup_record (g_ptr_array_index (handles, i));

      au_tool_print_record (record, tool->json, FALSE);
    }

  return code;
}

static void
on_ended (AuHandle *handle,
          gpointer  data)
{
  Outcome *outcome = data;
  g_autoptr(AuRecord) record = au_handle_dup_record (handle);

  au_tool_print_record (record, outcome->tool->json, TRUE);
  if (au_record_get_status (record) != AU_STATUS_COMPLETED)
    outcome->code = AU_TOOL_EXIT_FAILED;
}

int
au_cmd_retry (AuTool *tool,
              int     argc,
              char  **argv)
{
  g_auto(AuToolQuery) wanted = { 0 };
  const GOptionEntry entries[] = {
    { "json", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &tool->json,
      N_("Print each record as a line of JSON"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(GPtrArray) keys = NULL;
  g_autoptr(GPtrArray) handles = NULL;
  g_autoptr(GError) error = NULL;
  Outcome outcome = { .tool = tool };
  int code = AU_TOOL_EXIT_SUCCESS;
  int wait_code;

  context = au_tool_context_new (tool, _("[KEY…] — compute failed or cancelled computations once more"),
                                 _("Prints each one as it ends. They are computed in this process, or, with the backend\n"
                                   "queue, put into their queues again, which is not waited for."),
                                 entries);
  au_tool_interrupt_describe (context);
  au_tool_query_add (&wanted, context, TRUE);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;

  if (au_tool_get_engine (tool, &error) == NULL)
    return au_tool_fail (tool, error);
  keys = au_tool_find_keys (tool, &wanted, AU_STATUS_FLAGS_FAILED | AU_STATUS_FLAGS_CANCELLED, argv + 1, &error);
  if (keys == NULL)
    return au_tool_fail (tool, error);

  au_tool_interrupt_hold ();
  handles = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < keys->len; i++)
    {
      g_autoptr(GError) retry_error = NULL;
      AuHandle *handle = au_engine_retry (tool->engine, g_ptr_array_index (keys, i), NULL, &retry_error);

      if (handle != NULL)
        g_ptr_array_add (handles, handle);
      else
        code = au_tool_worse (code, au_tool_fail (tool, retry_error));
    }

  if (au_backend_get_queue (au_engine_get_backend (tool->engine)) != NULL)
    return print_queued (tool, handles, code);

  wait_code = au_tool_wait (tool, handles, AU_TOOL_WAIT_OWN, 0, on_ended, &outcome);
  if (wait_code != AU_TOOL_EXIT_SUCCESS)
    return wait_code;
  return code != AU_TOOL_EXIT_SUCCESS ? code : outcome.code;
}
