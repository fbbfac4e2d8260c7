/* au-cmd-queue.c: au queue
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-json.h"
#include "au-tool-output.h"
#include "au-tool-workers.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static gint64
count (AuTool       *tool,
       const char   *name,
       AuStatusFlags statuses,
       GError      **error)
{
  g_autoptr(AuQuery) query = au_query_new ();

  au_query_set_queue (query, name);
  au_query_set_statuses (query, statuses);

  return au_store_count (au_engine_get_store (tool->engine), query, NULL, error);
}

static gboolean
print_queue (AuTool     *tool,
             const char *name,
             gboolean    paused,
             GError    **error)
{
  gint64 pending = count (tool, name, AU_STATUS_FLAGS_PENDING, error);
  gint64 running = pending >= 0 ? count (tool, name, AU_STATUS_FLAGS_RUNNING, error) : -1;
  gint64 failed = running >= 0 ? count (tool, name, AU_STATUS_FLAGS_FAILED, error) : -1;
  g_autofree char *line = NULL;

  if (failed < 0)
    return FALSE;

  if (tool->json)
    line = g_strdup_printf ("{\"queue\":\"%s\",\"paused\":%s,\"pending\":%" G_GINT64_FORMAT ",\"running\":%"
                            G_GINT64_FORMAT ",\"failed\":%" G_GINT64_FORMAT "}\n",
                            name, paused ? "true" : "false", pending, running, failed);
  else
    line = g_strdup_printf ("%-24s %10" G_GINT64_FORMAT " %10" G_GINT64_FORMAT " %10" G_GINT64_FORMAT "  %s\n",
                            name, pending, running, failed, paused ? _("paused") : "");
  au_tool_print (line, -1);

  return TRUE;
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

/* The queues that somebody serves, or has paused. */
static GPtrArray *
find_names (AuQueue            *queue,
            char              **paused,
            GError            **error)
{
  g_autoptr(GPtrArray) workers = au_queue_list_workers (queue, NULL, error);
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *names;

  if (workers == NULL)
    return NULL;

  names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; paused[i] != NULL; i++)
    {
      if (g_hash_table_add (seen, paused[i]))
        g_ptr_array_add (names, g_strdup (paused[i]));
    }
  for (guint i = 0; i < workers->len; i++)
    {
      const char * const *served = au_worker_info_get_queues (g_ptr_array_index (workers, i));

      for (; *served != NULL; served++)
        {
          if (g_hash_table_add (seen, (gpointer) *served))
            g_ptr_array_add (names, g_strdup (*served));
        }
    }
  g_ptr_array_sort (names, compare_names);

  return names;
}

static int
list (AuTool  *tool,
      AuQueue *queue,
      char   **wanted)
{
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) paused = au_queue_list_paused (queue, NULL, &error);
  g_autoptr(GPtrArray) names = NULL;

  if (paused == NULL)
    return au_tool_fail (tool, error);

  if (wanted[0] == NULL)
    {
      names = find_names (queue, paused, &error);
      if (names == NULL)
        return au_tool_fail (tool, error);
    }
  else
    {
      names = g_ptr_array_new_with_free_func (g_free);
      for (; *wanted != NULL; wanted++)
        g_ptr_array_add (names, g_strdup (*wanted));
    }

  if (!tool->json && names->len > 0)
    {
      g_autofree char *header = g_strdup_printf ("%-24s %10s %10s %10s\n", _("QUEUE"), _("PENDING"),
                                                 _("RUNNING"), _("FAILED"));

      au_tool_print (header, -1);
    }

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);

      if (!print_queue (tool, name, g_strv_contains ((const char * const *) paused, name), &error))
        return au_tool_fail (tool, error);
    }

  return AU_TOOL_EXIT_SUCCESS;
}

static int
set_paused (AuTool  *tool,
            AuQueue *queue,
            char   **names,
            gboolean paused)
{
  if (names[0] == NULL)
    return au_tool_usage (tool, _("a queue is missing: “au queue list” shows those that are served"));

  for (; *names != NULL; names++)
    {
      g_autoptr(GError) error = NULL;

      if (!au_queue_set_paused (queue, *names, paused, NULL, &error))
        return au_tool_fail (tool, error);
    }

  return AU_TOOL_EXIT_SUCCESS;
}

int
au_cmd_queue (AuTool *tool,
              int     argc,
              char  **argv)
{
  const GOptionEntry entries[] = {
    { "json", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &tool->json,
      N_("Print each queue as a line of JSON"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(GError) error = NULL;
  AuQueue *queue;

  context = au_tool_context_new (tool, _("list|pause|resume [QUEUE…] — show, pause or resume queues"),
                                 _("A paused queue gives nothing to any worker until it is resumed; what runs goes on.\n"
                                   "Without names, “list” shows the queues that are served or paused."),
                                 entries);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;
  if (argc < 2)
    return au_tool_usage (tool, _("say what to do: list, pause or resume"));

  queue = au_tool_get_queue (tool, &error);
  if (queue == NULL)
    return au_tool_fail (tool, error);

  if (g_str_equal (argv[1], "list"))
    return list (tool, queue, argv + 2);
  if (g_str_equal (argv[1], "pause"))
    return set_paused (tool, queue, argv + 2, TRUE);
  if (g_str_equal (argv[1], "resume"))
    return set_paused (tool, queue, argv + 2, FALSE);

  return au_tool_usage (tool, _("“%s” is nothing to do: say list, pause or resume"), argv[1]);
}
