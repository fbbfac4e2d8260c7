/* au-tool-workers.c: the workers of a queue, for people
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-json.h"
#include "au-tool-output.h"
#include "au-tool-workers.h"

#include <glib/gi18n-lib.h>

/* The store as a queue. */
AuQueue *
au_tool_get_queue (AuTool  *tool,
                   GError **error)
{
  AuStore *store = au_tool_get_store (tool, error);

  if (store == NULL)
    return NULL;

  if (AU_IS_QUEUE (store))
    return AU_QUEUE (store);

  g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
               _("the store “%s” is no queue: use another one, such as sqlite"), G_OBJECT_TYPE_NAME (store));

  return NULL;
}

/* The nick of a state. */
static const char *
get_state (AuWorkerInfo *worker,
           gint64        now)
{
  g_autoptr(GEnumClass) states = g_type_class_ref (AU_TYPE_WORKER_STATE);

  if (au_worker_info_is_gone (worker, now))
    return "gone";

  return g_enum_get_value (states, au_worker_info_get_state (worker))->value_nick;
}

static void
append_queues (GString            *output,
               const char * const *queues)
{
  au_tool_json_member (output, "queues");
  g_string_append_c (output, '[');
  for (gsize i = 0; queues[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (output, ',');
      au_tool_json_string (output, queues[i], -1);
    }
  g_string_append_c (output, ']');
}

static void
print_json (AuWorkerInfo *worker,
            gint64        now)
{
  GString *output = au_tool_output_begin ();

  g_string_append_c (output, '{');
  au_tool_json_text (output, "worker", au_worker_info_get_id (worker));
  au_tool_json_text (output, "owner", au_worker_info_get_owner (worker));
  au_tool_json_text (output, "state", get_state (worker, now));
  append_queues (output, au_worker_info_get_queues (worker));
  au_tool_json_uint (output, "running", au_worker_info_get_running (worker));
  au_tool_json_uint (output, "slots", au_worker_info_get_slots (worker));
  au_tool_json_time (output, "started", au_worker_info_get_started (worker));
  au_tool_json_time (output, "seen", au_worker_info_get_seen (worker));
  g_string_append (output, "}\n");
  au_tool_output_end ();
}

/* Host and process, of an owner such as HOST/BOOT/PID/START. */
static char *
describe_owner (const char *owner)
{
  g_auto(GStrv) parts = g_strsplit (owner, "/", -1);

  if (g_strv_length (parts) != 4)
    return g_strdup (owner);

  return g_strdup_printf ("%s:%s", parts[0], parts[2]);
}

static void
print_line (AuWorkerInfo *worker,
            gint64        now)
{
  g_autofree char *queues = g_strjoinv (",", (char **) au_worker_info_get_queues (worker));
  g_autofree char *process = describe_owner (au_worker_info_get_owner (worker));
  g_autofree char *load = g_strdup_printf ("%u/%u", au_worker_info_get_running (worker),
                                           au_worker_info_get_slots (worker));
  gint64 seen = MAX (now - au_worker_info_get_seen (worker), 0) / G_TIME_SPAN_SECOND;
  g_autofree char *line = g_strdup_printf ("%-26s %-24s %-9s %9s %6" G_GINT64_FORMAT "s  %s\n",
                                           au_worker_info_get_id (worker), process, get_state (worker, now),
                                           load, seen, queues);

  au_tool_print (line, -1);
}

/* Prints the workers that have told of themselves. */
int
au_tool_list_workers (AuTool *tool)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) workers = NULL;
  AuQueue *queue = au_tool_get_queue (tool, &error);
  gint64 now = au_clock_get_real_time ();

  if (queue != NULL)
    workers = au_queue_list_workers (queue, NULL, &error);
  if (workers == NULL)
    return au_tool_fail (tool, error);

  if (workers->len > 0 && !tool->json)
    {
      g_autofree char *header = g_strdup_printf ("%-26s %-24s %-9s %9s %7s  %s\n", _("WORKER"), _("PROCESS"),
                                                 _("STATE"), _("RUNNING"), _("SEEN"), _("QUEUES"));

      au_tool_print (header, -1);
    }

  for (guint i = 0; i < workers->len; i++)
    {
      if (tool->json)
        print_json (g_ptr_array_index (workers, i), now);
      else
        print_line (g_ptr_array_index (workers, i), now);
    }

  return AU_TOOL_EXIT_SUCCESS;
}
