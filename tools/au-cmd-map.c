/* au-cmd-map.c: au map
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-input.h"
#include "au-tool-interrupt.h"
#include "au-tool-map.h"
#include "au-tool-options.h"

#include <unistd.h>

#include <glib/gi18n-lib.h>

#define DEFAULT_WINDOW (1000)

typedef struct
{
  AuToolOptions options;
  char         *input_path;
  char         *name;
  int           jobs;
  int           window;
  gboolean      null;
  gboolean      command;
  AuToolMapSettings map;
} Map;

static GOptionContext *
make_context (AuTool *tool,
              Map    *map)
{
  const GOptionEntry entries[] = {
    { "command", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &map->command,
      N_("Run a program for each input; “{}” stands for the input"), NULL },
    { "arg-file", 'a', G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &map->input_path,
      N_("Read the inputs from this file instead of the standard input"), N_("FILE") },
    { "null", '0', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &map->null,
      N_("Inputs are separated by zero bytes instead of line ends"), NULL },
    { "json-input", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &map->map.json_input,
      N_("An input that starts with [ or { is the JSON of all arguments"), NULL },
    { "jobs", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &map->jobs,
      N_("Compute so many at the same time"), N_("N") },
    { "resume", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &map->map.resume,
      N_("Take what earlier runs have recorded from the store, and compute the rest"), NULL },
    { "retry-failed", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &map->map.retry_failed,
      N_("With --resume: compute once more what has failed"), NULL },
    { "name", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &map->name,
      N_("Know the results by this name instead of the current folder’s"), N_("NAME") },
    { "ordered", 'k', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &map->map.ordered,
      N_("Print results in the order of the inputs"), NULL },
    { "halt", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &map->map.halt,
      N_("Stop at the first failure"), NULL },
    { "raw", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &map->map.raw,
      N_("With --command: print what the program has written, and nothing else"), NULL },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &tool->json,
      N_("Print each result as a line of JSON, as is the default"), NULL },
    { "window", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &map->window,
      N_("Have at most so many computations outstanding (1000)"), N_("N") },
    G_OPTION_ENTRY_NULL
  };
  GOptionContext *context;

  context = au_tool_context_new (tool, _("FUNCTION [INPUT…] | --command [--] PROGRAM [ARGUMENT…]"),
                                 _("Each INPUT, or without any each line of the standard input, is the argument of one\n"
                                   "computation: a text as it is, anything else in GVariant text or JSON. A function\n"
                                   "of several arguments wants them as (A, B, …), or with --json-input as [A, B, …].\n"
                                   "\n"
                                   "Each result is a line of JSON: the input, the key, the status, the value or the\n"
                                   "error, and the duration in seconds. A computation is known by the function, its\n"
                                   "arguments and --name: a run replaces what an earlier one has recorded, and with\n"
                                   "--resume it uses it instead. Each run is tagged “map:ID”.\n"
                                   "\n"
                                   "Exit codes: 1 when something failed, 130 when interrupted. With --command as GNU\n"
                                   "parallel: 1 to 100 for so many failed programs, 101 for more, 255 for other errors."),
                                 entries);
  au_tool_interrupt_describe (context);
  au_tool_options_add (&map->options, context);
  return context;
}

/* After PROGRAM every word belongs to it, whatever it looks like; after FUNCTION
 * options may follow. Which of the two it is, only the options before can tell. */
static gboolean
parse (AuTool *tool,
       Map    *map,
       int    *argc,
       char ***argv)
{
  g_autoptr(GOptionContext) strict = make_context (tool, map);
  g_autoptr(GOptionContext) loose = NULL;
  gboolean separated;

  if (!au_tool_parse_first (tool, strict, argc, argv, &separated))
    return FALSE;
  if (map->command || separated)
    return TRUE;

  loose = make_context (tool, map);
  if (!au_tool_parse (tool, loose, argc, argv))
    return FALSE;
  if (map->command)
    {
      map->command = FALSE;
      au_tool_usage (tool, _("--command stands before the program: au map [OPTION…] --command PROGRAM [ARGUMENT…]"));
      return FALSE;
    }
  return TRUE;
}

static gboolean
check (AuTool  *tool,
       Map     *map,
       GError **error)
{
  const char *message = NULL;

  if (map->jobs < 0)
    message = _("--jobs: give a number from 1");
  else if (map->window < 1 || map->window > 10 * 1000 * 1000)
    message = _("--window: give a number from 1 to 10000000");
  else if (map->map.raw && !map->command)
    message = _("--raw goes with --command only");
  else if (map->map.raw && tool->json)
    message = _("give either --raw or --json");
  else if (map->map.retry_failed && !map->map.resume)
    message = _("--retry-failed goes with --resume only");

  if (message != NULL)
    g_set_error_literal (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT, message);
  return message == NULL;
}

static gboolean
open_input (Map     *map,
            char   **words,
            GError **error)
{
  gboolean from_words = !map->command && words[0] != NULL;

  if (from_words && (map->input_path != NULL || map->null))
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                           _("give inputs either as arguments or by --arg-file and --null, not both"));
      return FALSE;
    }

  if (from_words)
    map->map.input = au_tool_input_new_from_words (words);
  else
    map->map.input = au_tool_input_new_from_file (map->input_path != NULL ? map->input_path : "-",
                                                  map->null ? '\0' : '\n', error);
  return map->map.input != NULL;
}

/* The backend is opened once for the whole run, so it is only set up differently. */
static gboolean
set_jobs (AuTool  *tool,
          int      jobs,
          GError **error)
{
  AuBackend *backend = au_engine_get_backend (tool->engine);
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (backend), "max-workers");

  if (pspec == NULL || (pspec->flags & G_PARAM_WRITABLE) == 0 || (pspec->flags & G_PARAM_CONSTRUCT_ONLY) != 0)
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
                           _("--jobs: the backend computes one at a time: use one such as type=thread"));
      return FALSE;
    }
  g_object_set (backend, "max-workers", jobs, NULL);
  return TRUE;
}

/* A tag by which “au list” finds what this run has computed. */
static void
tag_run (AuTool *tool,
         Map    *map)
{
  g_autofree char *id = au_key_new ();
  g_autofree char *tag = g_strconcat ("map:", id, NULL);
  g_autoptr(GStrvBuilder) tags = g_strv_builder_new ();
  g_auto(GStrv) all = NULL;

  if (map->options.tags != NULL)
    g_strv_builder_addv (tags, (const char **) map->options.tags);
  g_strv_builder_add (tags, tag);
  all = g_strv_builder_end (tags);
  au_options_set_tags (map->map.options, (const char * const *) all);

  if (au_tool_is_persistent (tool))
    au_tool_say (tool, _("this run is %s (“au list --tag %s”)"), id, tag);
}

static gboolean
prepare (AuTool  *tool,
         Map     *map,
         char   **words,
         GError **error)
{
  if (!check (tool, map, error))
    return FALSE;
  tool->queued = map->options.queue != NULL;
  map->map.options = au_tool_options_make (&map->options, error);
  if (map->map.options == NULL || au_tool_get_engine (tool, error) == NULL)
    return FALSE;

  map->map.function = au_engine_find_function (tool->engine, map->command ? "command" : words[0], error);
  if (map->map.function == NULL)
    return FALSE;
  if (map->command)
    map->map.command = words;

  if (map->map.resume && !au_tool_is_persistent (tool))
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                           _("--resume needs a store that keeps records when the program ends, such as type=file"));
      return FALSE;
    }
  if (map->jobs > 0 && !set_jobs (tool, map->jobs, error))
    return FALSE;
  return open_input (map, words + 1, error);
}

static void
clear (Map *map)
{
  au_tool_options_clear (&map->options);
  g_clear_object (&map->map.options);
  g_clear_object (&map->map.function);
  g_clear_pointer (&map->map.input, au_tool_input_free);
  g_free (map->input_path);
  g_free (map->name);
}

static int
run (AuTool *tool,
     Map    *map,
     int     argc,
     char  **argv)
{
  g_autofree char *folder = g_get_current_dir ();
  g_autoptr(GError) error = NULL;

  if (!parse (tool, map, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;
  if (argc < 2)
    return au_tool_usage (tool, map->command
                                ? _("--command wants a program, such as “au map --command gzip -k”")
                                : _("a function is missing: “au functions” lists them"));

  if (!prepare (tool, map, argv + 1, &error))
    return au_tool_fail (tool, error);

  if (au_tool_input_get_fd (map->map.input) == STDIN_FILENO && isatty (STDIN_FILENO))
    au_tool_say (tool, _("reading inputs from the terminal, one a line; Ctrl-D ends them"));

  map->map.tool = tool;
  map->map.window = map->window;
  map->map.name = map->name != NULL ? map->name : folder;
  tag_run (tool, map);
  return au_tool_map (&map->map);
}

int
au_cmd_map (AuTool *tool,
            int     argc,
            char  **argv)
{
  Map map = { .window = DEFAULT_WINDOW };
  int code = run (tool, &map, argc, argv);

  /* GNU parallel's numbers: the small ones count failed programs. */
  if (map.command && map.map.tool == NULL && code != AU_TOOL_EXIT_SUCCESS)
    code = AU_TOOL_EXIT_COMMAND_ERROR;
  clear (&map);
  return code;
}
