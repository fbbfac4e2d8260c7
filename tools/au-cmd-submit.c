/* au-cmd-submit.c: au submit
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
  AuTool   *tool;
  AuHandle *handle;
  GError   *error;
  gboolean  done;
  int       code;
} Submit;

static void
print_key (AuTool     *tool,
           const char *key)
{
  GString *output = au_tool_output_begin ();

  if (tool->json)
    {
      g_string_append_c (output, '{');
      au_tool_json_text (output, "key", key);
      g_string_append_c (output, '}');
    }
  else
    {
      g_string_append (output, key);
    }
  g_string_append_c (output, '\n');
  au_tool_output_end ();
  au_tool_output_flush ();
}

static void
on_submitted (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  Submit *submit = data;

  submit->handle = au_engine_submit_finish (AU_ENGINE (source), result, &submit->error);
  submit->done = TRUE;
}

static void
on_ended (AuHandle *handle,
          gpointer  data)
{
  Submit *submit = data;
  g_autoptr(AuRecord) record = au_handle_dup_record (handle);

  if (au_record_get_status (record) != AU_STATUS_COMPLETED)
    submit->code = au_tool_print_outcome (submit->tool, record, FALSE, au_handle_get_function (handle));
}

static int
submit_and_wait (AuTool     *tool,
                 const char *function,
                 GVariant   *arguments,
                 AuOptions  *options)
{
  Submit submit = { .tool = tool };
  g_autoptr(GPtrArray) handles = NULL;
  g_autoptr(GError) error = NULL;
  int code;

  au_tool_interrupt_hold ();
  au_engine_submit_async (tool->engine, function, arguments, options, NULL, on_submitted, &submit);
  while (!submit.done)
    g_main_context_iteration (NULL, TRUE);
  if (submit.handle == NULL)
    {
      error = submit.error;
      return au_tool_fail (tool, error);
    }

  print_key (tool, au_handle_get_key (submit.handle));
  if (au_backend_get_queue (au_engine_get_backend (tool->engine)) != NULL)
    {
      g_object_unref (submit.handle);
      return AU_TOOL_EXIT_SUCCESS;
    }

  if (!au_handle_is_ready (submit.handle))
    au_tool_say (tool, _("it is computed in this process, which ends with it (--no-wait only records it)"));

  handles = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (handles, submit.handle);
  code = au_tool_wait (tool, handles, AU_TOOL_WAIT_OWN, 0, on_ended, &submit);
  return code != AU_TOOL_EXIT_SUCCESS ? code : submit.code;
}

/* Records the computation as one that nobody has started yet. */
static int
record_only (AuTool     *tool,
             const char *function,
             GVariant   *arguments,
             AuOptions  *options)
{
  g_autofree char *key = g_strdup (au_options_get_key (options));
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;
  gboolean created;

  if (!au_tool_is_persistent (tool))
    return au_tool_usage (tool, _("--no-wait needs a store that keeps records when the program ends, such as type=file"));

  if (key == NULL)
    key = au_key_new ();
  record = au_record_new (key, function, arguments, options);
  stored = au_store_insert (au_engine_get_store (tool->engine), record, &created, NULL, &error);
  if (stored == NULL)
    return au_tool_fail (tool, error);

  print_key (tool, au_record_get_key (stored));
  if (created)
    au_tool_say (tool, _("recorded; “au run --resume %s” computes it"), au_record_get_key (stored));
  return AU_TOOL_EXIT_SUCCESS;
}

int
au_cmd_submit (AuTool *tool,
               int     argc,
               char  **argv)
{
  g_auto(AuToolOptions) options = { 0 };
  g_autofree char *key = NULL;
  gboolean json_input = FALSE;
  gboolean no_wait = FALSE;
  const GOptionEntry entries[] = {
    { "key", 'k', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &key,
      N_("Know the computation by this key"), N_("KEY") },
    { "no-wait", 'n', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &no_wait,
      N_("Only record the computation; “au run --resume KEY” computes it"), NULL },
    { "json-input", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json_input,
      N_("The one ARGUMENT is the JSON of all arguments"), NULL },
    { "json", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &tool->json,
      N_("Print the key as JSON"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(AuOptions) settings = NULL;
  g_autoptr(AuFunction) function = NULL;
  g_autoptr(GVariant) arguments = NULL;
  g_autoptr(GError) error = NULL;

  context = au_tool_context_new (tool, _("FUNCTION [ARGUMENT…] — record a computation, print its key, and compute it"),
                                 _("The key is printed as soon as the computation is recorded. The backends inline,\n"
                                   "loop and thread live in this process, which therefore goes on until the\n"
                                   "computation has ended. With --queue, or the backend queue, a worker computes it, and\n"
                                   "this ends at once. Arguments are written as for “au run”."),
                                 entries);
  au_tool_interrupt_describe (context);
  au_tool_options_add (&options, context);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;
  if (argc < 2)
    return au_tool_usage (tool, _("a function is missing: “au functions” lists them"));

  settings = au_tool_options_make (&options, &error);
  if (settings == NULL || (key != NULL && !au_key_check (key, &error)))
    return au_tool_fail (tool, error);
  if (key != NULL)
    au_options_set_key (settings, key);

  tool->queued = options.queue != NULL;
  if (au_tool_get_engine (tool, &error) == NULL ||
      (function = au_engine_find_function (tool->engine, argv[1], &error)) == NULL ||
      (arguments = au_tool_arguments_from_words (function, argv + 2, json_input, &error)) == NULL)
    return au_tool_fail (tool, error);

  if (no_wait)
    return record_only (tool, argv[1], arguments, settings);
  return submit_and_wait (tool, argv[1], arguments, settings);
}
