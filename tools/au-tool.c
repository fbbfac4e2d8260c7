/* au-tool.c: what the commands of au share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool.h"
#include "au-tool-progress.h"
#include "au-tool-words.h"

#include <locale.h>
#include <string.h>

#include <glib/gi18n-lib.h>

/* Adds the options that every command takes, before or after its name. */
void
au_tool_add_common_options (AuTool         *tool,
                            GOptionContext *context)
{
  const GOptionEntry entries[] = {
    { "config", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &tool->config_path,
      N_("Take the settings from this key file"), N_("FILE") },
    { "engine", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &tool->engine_name,
      N_("Use the group [engine NAME] of the key file in place of [au]"), N_("NAME") },
    { "option", 'o', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, &tool->settings,
      N_("Change one setting, as in “store.main.path=/tmp/au”"), N_("NAME=VALUE") },
    { "quiet", 'q', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &tool->quiet,
      N_("Show no progress and no remarks"), NULL },
    G_OPTION_ENTRY_NULL
  };

  au_tool_words_add_entries (context, entries);
}

/* The context of one command: @usage is what follows “au COMMAND”. */
GOptionContext *
au_tool_context_new (AuTool             *tool,
                     const char         *usage,
                     const char         *description,
                     const GOptionEntry *entries)
{
  GOptionContext *context;
  g_autofree char *program = g_strconcat ("au ", tool->command, NULL);

  /* GOption shows the name of the program in front of the usage. */
  g_set_prgname (program);
  context = g_option_context_new (usage);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_description (context, description);
  if (entries != NULL)
    au_tool_words_add_entries (context, entries);
  return context;
}

/* Settings may stand before and after the name of the command; the later wins. */
static void
add_settings (AuTool *tool,
              char  **before)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) after = g_steal_pointer (&tool->settings);

  if (before != NULL)
    g_strv_builder_addv (builder, (const char **) before);
  if (after != NULL)
    g_strv_builder_addv (builder, (const char **) after);
  tool->settings = g_strv_builder_end (builder);
}

static gboolean
parse (AuTool         *tool,
       GOptionContext *context,
       int            *argc,
       char         ***argv)
{
  g_auto(GStrv) before = g_steal_pointer (&tool->settings);
  g_autoptr(GError) error = NULL;

  /* Last, so that the help starts with what is special. */
  au_tool_add_common_options (tool, context);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      au_tool_usage (tool, "%s", error->message);
      return FALSE;
    }
  add_settings (tool, before);
  return TRUE;
}

/* Takes the options out of @argv, wherever they stand in front of “--”, and tells the
 * user when one is wrong. */
gboolean
au_tool_parse (AuTool         *tool,
               GOptionContext *context,
               int            *argc,
               char         ***argv)
{
  int end = 1;
  int n;
  int n_rest;

  au_tool_words_split (argc, argv, FALSE);

  /* GLib takes “--” away only where no argument comes before it. */
  while (end < *argc && !g_str_equal ((*argv)[end], "--"))
    end++;

  n = end;
  n_rest = MAX (*argc - end - 1, 0);
  if (!parse (tool, context, &n, argv))
    return FALSE;

  memmove (*argv + n, *argv + end + 1, n_rest * sizeof (char *));
  (*argv)[n + n_rest] = NULL;
  *argc = n + n_rest;
  return TRUE;
}

/* The same for options that stand before the first argument only. @separated tells
 * whether “--” was between them. */
gboolean
au_tool_parse_first (AuTool         *tool,
                     GOptionContext *context,
                     int            *argc,
                     char         ***argv,
                     gboolean       *separated)
{
  g_autofree char **words = NULL;
  int n_words;

  au_tool_words_split (argc, argv, TRUE);
  words = g_memdup2 (*argv, (*argc + 1) * sizeof (char *));
  n_words = *argc;

  g_option_context_set_strict_posix (context, TRUE);
  if (!parse (tool, context, argc, argv))
    return FALSE;

  if (*argc > 1 && g_str_equal ((*argv)[1], "--"))
    {
      memmove (*argv + 1, *argv + 2, (*argc - 1) * sizeof (char *));
      (*argc)--;
    }
  *separated = n_words > *argc && g_str_equal (words[n_words - *argc], "--");
  return TRUE;
}

/* What is there to be set is told to programs in the same words everywhere. To be called
 * before anything is told: what a type says of its properties is fixed at its first use. */
void
au_tool_plain_json (AuTool *tool)
{
  if (tool->json)
    setlocale (LC_MESSAGES, "C");
}

/* Reads the settings of the key file, with what -o gave. */
AuConfig *
au_tool_read_config (AuTool  *tool,
                     GError **error)
{
  g_autoptr(AuConfig) config = NULL;

  if (tool->config_path != NULL)
    config = au_config_new_from_file (tool->config_path, error);
  else
    config = au_config_find (error);
  if (config == NULL)
    return NULL;

  for (char **setting = tool->settings; setting != NULL && *setting != NULL; setting++)
    {
      const char *equal = strchr (*setting, '=');
      g_autofree char *name = NULL;

      if (equal == NULL || equal == *setting)
        {
          g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
                       _("“%s” is no setting: write -o GROUP.KEY=VALUE, such as -o au.ttl=1h or -o store.main.path=/tmp/au"),
                       *setting);
          return NULL;
        }
      name = g_strndup (*setting, equal - *setting);
      if (!au_config_set (config, name, equal + 1, error))
        return NULL;
    }

  return g_steal_pointer (&config);
}

/* The settings; read once. */
AuConfig *
au_tool_get_config (AuTool  *tool,
                    GError **error)
{
  if (tool->config == NULL)
    tool->config = au_tool_read_config (tool, error);
  return tool->config;
}

static AuEngine *
open_engine (AuTool     *tool,
             const char *group,
             GError    **error)
{
  AuConfig *config = au_tool_get_config (tool, error);

  return config != NULL ? (AuEngine *) au_config_create (config, AU_TYPE_ENGINE, group, error) : NULL;
}

/* The engine of the same settings, but for its backend. */
static AuEngine *
open_queue_engine (AuTool     *tool,
                   const char *group,
                   GError    **error)
{
  g_autofree char *setting = g_strconcat (group, ".backend", NULL);
  AuConfig *config;

  g_clear_object (&tool->config);
  config = au_tool_get_config (tool, error);
  if (config == NULL ||
      !au_config_set (config, "backend.au-queue.type", "queue", error) ||
      !au_config_set (config, setting, "au-queue", error))
    return NULL;

  return open_engine (tool, group, error);
}

/* The engine that the settings describe; opened once. */
AuEngine *
au_tool_get_engine (AuTool  *tool,
                    GError **error)
{
  g_autofree char *group = NULL;

  if (tool->engine != NULL)
    return tool->engine;

  group = tool->engine_name != NULL ? g_strdup_printf ("engine %s", tool->engine_name) : g_strdup ("au");
  tool->engine = open_engine (tool, group, error);
  if (tool->engine != NULL && tool->queued &&
      au_backend_get_queue (au_engine_get_backend (tool->engine)) == NULL)
    {
      g_object_unref (tool->engine);
      tool->engine = open_queue_engine (tool, group, error);
    }

  return tool->engine;
}

AuStore *
au_tool_get_store (AuTool  *tool,
                   GError **error)
{
  AuEngine *engine = au_tool_get_engine (tool, error);

  return engine != NULL ? au_engine_get_store (engine) : NULL;
}

/* Whether what this process records will be there for the next one. */
gboolean
au_tool_is_persistent (AuTool *tool)
{
  return (au_store_get_flags (au_engine_get_store (tool->engine)) & AU_STORE_PERSISTENT) != 0;
}

static void
say_line (AuTool     *tool,
          const char *text)
{
  au_tool_progress_hide ();
  g_printerr ("au %s: %s\n", tool->command, text);
}

/* A remark to the user; nothing that a program would read. */
void
au_tool_say (AuTool     *tool,
             const char *format,
             ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  if (tool->quiet)
    return;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  say_line (tool, text);
}

/* Says what went wrong, --quiet or not. */
void
au_tool_complain (AuTool     *tool,
                  const char *format,
                  ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  say_line (tool, text);
}

/* Says what is wrong with the command line. */
int
au_tool_usage (AuTool     *tool,
               const char *format,
               ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  say_line (tool, text);
  g_printerr (_("“au help %s” shows how it is used.\n"), tool->command);
  return AU_TOOL_EXIT_USAGE;
}

static int
exit_for_au_error (AuError code)
{
  switch (code)
    {
    case AU_ERROR_INVALID_ARGUMENT:
    case AU_ERROR_INVALID_KEY:
    case AU_ERROR_BAD_TYPE:
      return AU_TOOL_EXIT_USAGE;

    case AU_ERROR_NOT_FOUND:
    case AU_ERROR_UNKNOWN_FUNCTION:
      return AU_TOOL_EXIT_NOT_FOUND;

    case AU_ERROR_CONFIG:
    case AU_ERROR_MODULE_NOT_FOUND:
    case AU_ERROR_MODULE_LOAD:
    case AU_ERROR_MODULE_INVALID:
    case AU_ERROR_MODULE_VERSION:
    case AU_ERROR_MODULE_UNSAFE:
      return AU_TOOL_EXIT_CONFIG;

    case AU_ERROR_NOT_READY:
      return AU_TOOL_EXIT_NOT_ENDED;

    case AU_ERROR_STORE:
    case AU_ERROR_DAMAGED:
      return AU_TOOL_EXIT_STORAGE;

    case AU_ERROR_FAILED:
    case AU_ERROR_STALE:
    case AU_ERROR_CONFLICT:
    case AU_ERROR_INVALID_TRANSITION:
    case AU_ERROR_REFUSED:
    case AU_ERROR_DEPENDENCY:
    case AU_ERROR_WORKER_LOST:
    case AU_ERROR_NO_VALUE:
    case AU_ERROR_WOULD_DEADLOCK:
    case AU_ERROR_CLOSED:
    case AU_ERROR_UNSUPPORTED:
    default:
      return AU_TOOL_EXIT_FAILED;
    }
}

/* The exit code that stands for @error. */
int
au_tool_exit_for_error (const GError *error)
{
  if (error->domain == AU_ERROR)
    return exit_for_au_error (error->code);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return AU_TOOL_EXIT_NOT_ENDED;
  return AU_TOOL_EXIT_FAILED;
}

/* Says that the command failed, and gives its exit code. */
int
au_tool_fail (AuTool       *tool,
              const GError *error)
{
  say_line (tool, error->message);
  return au_tool_exit_for_error (error);
}

/* Of several things the one with the higher code gives that of the program. */
int
au_tool_worse (int code,
               int other)
{
  return MAX (code, other);
}

/* How many letters must be put in, left out, changed or swapped. */
static guint
distance (const char *a,
          const char *b)
{
  gsize n = strlen (b);
  g_autofree guint *before = g_new (guint, n + 1);
  g_autofree guint *row = g_new (guint, n + 1);
  g_autofree guint *next = g_new (guint, n + 1);

  for (gsize j = 0; j <= n; j++)
    row[j] = j;

  for (gsize i = 0; a[i] != '\0'; i++)
    {
      guint *oldest = before;

      next[0] = i + 1;
      for (gsize j = 0; j < n; j++)
        {
          next[j + 1] = MIN (MIN (row[j + 1], next[j]) + 1, row[j] + (a[i] != b[j]));
          if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j])
            next[j + 1] = MIN (next[j + 1], before[j - 1] + 1);
        }
      before = row;
      row = next;
      next = oldest;
    }
  return row[n];
}

/* The word that the user may have meant, or NULL. */
const char *
au_tool_nearest (const char         *word,
                 const char * const *words)
{
  const char *nearest = NULL;
  guint best = MAX (1, strlen (word) / 3) + 1;

  for (; *words != NULL; words++)
    {
      guint n;

      if (word[0] != '\0' && word[1] != '\0' && g_str_has_prefix (*words, word))
        return *words;
      n = distance (word, *words);
      if (n < best)
        {
          best = n;
          nearest = *words;
        }
    }
  return nearest;
}
