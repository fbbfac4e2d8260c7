/* au-tool.h: what the commands of au share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <au/au.h>

G_BEGIN_DECLS

/* The exit codes, as docs/man/au.1 and “au --help” give them. */
typedef enum
{
  AU_TOOL_EXIT_SUCCESS = 0,
  AU_TOOL_EXIT_FAILED = 1,
  AU_TOOL_EXIT_USAGE = 2,
  AU_TOOL_EXIT_NOT_FOUND = 3,
  AU_TOOL_EXIT_CONFIG = 4,
  AU_TOOL_EXIT_NOT_ENDED = 5,
  AU_TOOL_EXIT_STORAGE = 6,

  /* “au map --command” counts its failures, as GNU parallel does. */
  AU_TOOL_EXIT_MANY_FAILED = 101,

  /* Plus the number of the signal. */
  AU_TOOL_EXIT_SIGNAL = 128,

  AU_TOOL_EXIT_COMMAND_ERROR = 255,
} AuToolExit;

/*
 * AuTool:
 * @command: the command that runs, for messages
 * @config_path: the key file given by --config
 * @engine_name: which of several engines, given by --engine
 * @settings: what -o gave
 * @json: whether --json was given
 * @quiet: whether --quiet was given
 * @queued: whether --queue was given: workers compute, whatever the settings say
 * @config: the settings, once they were read
 * @engine: the engine, once it was opened
 *
 * One run of the program. It belongs to the main thread.
 */
typedef struct
{
  const char *command;
  char       *config_path;
  char       *engine_name;
  char      **settings;
  gboolean    json;
  gboolean    quiet;
  gboolean    queued;
  AuConfig   *config;
  AuEngine   *engine;
} AuTool;

typedef struct
{
  const char *name;
  const char *summary;
  int       (*run) (AuTool *tool,
                    int     argc,
                    char  **argv);
} AuToolCommand;

int au_cmd_cancel (AuTool *tool, int argc, char **argv);
int au_cmd_cleanup (AuTool *tool, int argc, char **argv);
int au_cmd_config (AuTool *tool, int argc, char **argv);
int au_cmd_functions (AuTool *tool, int argc, char **argv);
int au_cmd_inspect (AuTool *tool, int argc, char **argv);
int au_cmd_list (AuTool *tool, int argc, char **argv);
int au_cmd_map (AuTool *tool, int argc, char **argv);
int au_cmd_queue (AuTool *tool, int argc, char **argv);
int au_cmd_remove (AuTool *tool, int argc, char **argv);
int au_cmd_result (AuTool *tool, int argc, char **argv);
int au_cmd_retry (AuTool *tool, int argc, char **argv);
int au_cmd_run (AuTool *tool, int argc, char **argv);
int au_cmd_status (AuTool *tool, int argc, char **argv);
int au_cmd_submit (AuTool *tool, int argc, char **argv);
int au_cmd_wait (AuTool *tool, int argc, char **argv);
int au_cmd_watch (AuTool *tool, int argc, char **argv);
int au_cmd_worker (AuTool *tool, int argc, char **argv);

GOptionContext *au_tool_context_new (AuTool             *tool,
                                     const char         *usage,
                                     const char         *description,
                                     const GOptionEntry *entries);
void            au_tool_add_common_options (AuTool         *tool,
                                            GOptionContext *context);
gboolean        au_tool_parse       (AuTool             *tool,
                                     GOptionContext     *context,
                                     int                *argc,
                                     char             ***argv);
gboolean        au_tool_parse_first (AuTool             *tool,
                                     GOptionContext     *context,
                                     int                *argc,
                                     char             ***argv,
                                     gboolean           *separated);

void      au_tool_plain_json    (AuTool     *tool);
AuConfig *au_tool_read_config   (AuTool     *tool,
                                 GError    **error);
AuConfig *au_tool_get_config    (AuTool     *tool,
                                 GError    **error);
AuEngine *au_tool_get_engine    (AuTool     *tool,
                                 GError    **error);
AuStore  *au_tool_get_store     (AuTool     *tool,
                                 GError    **error);
gboolean  au_tool_is_persistent (AuTool     *tool);

void au_tool_say   (AuTool       *tool,
                    const char   *format,
                    ...) G_GNUC_PRINTF (2, 3);
void au_tool_complain (AuTool     *tool,
                       const char *format,
                       ...) G_GNUC_PRINTF (2, 3);
int  au_tool_usage (AuTool       *tool,
                    const char   *format,
                    ...) G_GNUC_PRINTF (2, 3);
int  au_tool_fail  (AuTool       *tool,
                    const GError *error);
int  au_tool_exit_for_error (const GError *error);
int  au_tool_worse (int           code,
                    int           other);

const char *au_tool_nearest (const char         *word,
                             const char * const *words);

G_END_DECLS
