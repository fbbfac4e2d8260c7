/* au-main.c: the program au
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool.h"
#include "au-tool-output.h"
#include "au-tool-progress.h"
#include "au-tool-words.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

static const AuToolCommand commands[] = {
  { "run", N_("compute a function and print its value"), au_cmd_run },
  { "submit", N_("record a computation, print its key, and compute it"), au_cmd_submit },
  { "map", N_("compute a function, or run a program, for each of many inputs"), au_cmd_map },
  { "status", N_("tell where computations stand"), au_cmd_status },
  { "result", N_("print the value of a computation that has ended"), au_cmd_result },
  { "wait", N_("wait until computations have ended"), au_cmd_wait },
  { "watch", N_("show what is waiting and running, as it changes"), au_cmd_watch },
  { "list", N_("list computations"), au_cmd_list },
  { "cancel", N_("cancel computations"), au_cmd_cancel },
  { "retry", N_("compute failed or cancelled computations once more"), au_cmd_retry },
  { "remove", N_("forget computations"), au_cmd_remove },
  { "cleanup", N_("forget what has expired"), au_cmd_cleanup },
  { "worker", N_("run what was put into queues"), au_cmd_worker },
  { "queue", N_("show, pause or resume queues"), au_cmd_queue },
  { "functions", N_("list the functions there are"), au_cmd_functions },
  { "inspect", N_("list modules and show what can be set"), au_cmd_inspect },
  { "config", N_("check or show the settings"), au_cmd_config },
};

static const AuToolCommand *
find_command (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      if (g_str_equal (commands[i].name, name))
        return &commands[i];
    }
  return NULL;
}

static char *
describe_commands (void)
{
  GString *text = g_string_new (_("Commands:"));

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (text, "\n  %-10s %s", commands[i].name, _(commands[i].summary));

  g_string_append (text, "\n\n");
  g_string_append (text, _("Exit codes:\n"
                           "  0    everything went well\n"
                           "  1    a computation failed or was cancelled\n"
                           "  2    the command line, a key or an argument is wrong\n"
                           "  3    there is no such computation, function or module\n"
                           "  4    the settings or a module cannot be used\n"
                           "  5    a computation has not ended, or not in time\n"
                           "  6    the store or the output could not be read or written\n"
                           "  130  interrupted (128 plus the number of the signal)"));
  g_string_append (text, "\n\n");
  g_string_append (text, _("“au help COMMAND” tells more about a command, “man au” about all of them."));
  return g_string_free (text, FALSE);
}

static GOptionContext *
main_context_new (AuTool   *tool,
                  gboolean *version)
{
  GOptionContext *context;
  g_autofree char *description = describe_commands ();
  const GOptionEntry entries[] = {
    { "version", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, version,
      N_("Show the version and exit"), NULL },
    G_OPTION_ENTRY_NULL
  };

  g_set_prgname ("au");
  context = g_option_context_new (_("COMMAND [ARGUMENT…]"));
  g_option_context_set_summary (context, _("Computations with a key, a status, a stored result, progress and a cancel button."));
  g_option_context_set_description (context, description);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_strict_posix (context, TRUE);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  au_tool_add_common_options (tool, context);
  return context;
}

static int
unknown_command (AuTool     *tool,
                 const char *name)
{
  const char *names[G_N_ELEMENTS (commands) + 1] = { NULL };
  const char *nearest;

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    names[i] = commands[i].name;

  nearest = au_tool_nearest (name, names);
  if (nearest != NULL)
    g_printerr (_("au: “%s” is no command: did you mean “%s”?\n"), name, nearest);
  else
    g_printerr (_("au: “%s” is no command: “au help” lists them\n"), name);
  return AU_TOOL_EXIT_USAGE;
}

/* “au help COMMAND” is “au COMMAND --help”. */
static int
show_help (AuTool         *tool,
           GOptionContext *context,
           const char     *name)
{
  const AuToolCommand *command;
  char *arguments[] = { (char *) "au", (char *) "--help", NULL };

  if (name == NULL)
    {
      g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);

      au_tool_print (help, -1);
      return AU_TOOL_EXIT_SUCCESS;
    }

  command = find_command (name);
  if (command == NULL)
    return unknown_command (tool, name);

  tool->command = command->name;
  return command->run (tool, 2, arguments);
}

static int
dispatch (AuTool *tool,
          int     argc,
          char  **argv)
{
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(GError) error = NULL;
  const AuToolCommand *command;
  gboolean version = FALSE;

  context = main_context_new (tool, &version);
  au_tool_words_split (&argc, &argv, TRUE);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr (_("au: %s\n“au help” shows how it is used.\n"), error->message);
      return AU_TOOL_EXIT_USAGE;
    }

  if (version)
    {
      au_tool_print ("au " PACKAGE_VERSION "\n", -1);
      return AU_TOOL_EXIT_SUCCESS;
    }
  if (argc < 2)
    {
      g_printerr (_("au: a command is missing: “au help” lists them\n"));
      return AU_TOOL_EXIT_USAGE;
    }
  if (g_str_equal (argv[1], "help"))
    return show_help (tool, context, argc > 2 ? argv[2] : NULL);

  command = find_command (argv[1]);
  if (command == NULL)
    return unknown_command (tool, argv[1]);

  tool->command = command->name;
  return command->run (tool, argc - 1, argv + 1);
}

/* What the library has to say goes where remarks go, and not into the bar. */
static GLogWriterOutput
write_log (GLogLevelFlags   level,
           const GLogField *fields,
           gsize            n_fields,
           gpointer         user_data)
{
  if ((level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO)) == 0)
    au_tool_progress_hide ();
  return g_log_writer_default (level, fields, n_fields, user_data);
}

int
main (int    argc,
      char **argv)
{
  static AuTool tool = { .command = "" };
  g_auto(GStrv) arguments = NULL;
  g_autofree char **copy = NULL;
  int code;

  setlocale (LC_ALL, "");
  textdomain (GETTEXT_PACKAGE);

  /* Standard output is for results. */
  g_log_writer_default_set_use_stderr (TRUE);
  g_log_set_writer_func (write_log, NULL, NULL);
  au_tool_output_open ();

  /* GOption takes out of the vector what it has understood. */
  arguments = g_strdupv (argv);
  copy = g_memdup2 (arguments, (argc + 1) * sizeof (char *));

  code = dispatch (&tool, argc, copy);

  /* To free a million records one by one would take longer than to make them; but what
   * other processes will read wants to be closed well. */
  if (tool.engine != NULL && au_tool_is_persistent (&tool))
    g_clear_object (&tool.engine);
  g_clear_object (&tool.config);
  g_clear_pointer (&tool.config_path, g_free);
  g_clear_pointer (&tool.engine_name, g_free);
  g_clear_pointer (&tool.settings, g_strfreev);

  return au_tool_output_close (&tool, code);
}
