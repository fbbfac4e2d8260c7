/* au-cmd-watch.c: au watch
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-interrupt.h"
#include "au-tool-output.h"
#include "au-tool-query.h"
#include "au-tool-records.h"
#include "au-tool-terminal.h"

#include <glib/gi18n-lib.h>

/* The table is drawn no more often than this. */
#define REDRAW_INTERVAL (250)

/* How many of those that have ended stay in the table. */
#define RECENT_MAX (50)

/* Nobody reads more lines than this, and a store may hold millions. */
#define ROWS_MAX (1000)

typedef struct
{
  AuTool     *tool;
  AuStore    *store;
  AuQuery    *query;
  gboolean    terminal;
  gboolean    until_done;
  gboolean    done;
  int         code;

  /* The last seen record of each computation that has not ended, by key. */
  GHashTable *known;
  /* Those that have ended while we watched, the latest first. */
  GQueue      recent;
  guint       n_pending;
  guint       n_running;

  guint       redraw_source;
  gint64      drawn;
} Watch;

static gboolean update (gpointer data);

static void
watch_fail (Watch        *watch,
            const GError *error)
{
  watch->code = au_tool_fail (watch->tool, error);
  watch->done = TRUE;
}

static void
watch_schedule (Watch *watch)
{
  gint64 wait = REDRAW_INTERVAL - (g_get_monotonic_time () - watch->drawn) / 1000;

  if (watch->redraw_source == 0)
    watch->redraw_source = g_timeout_add (CLAMP (wait, 0, REDRAW_INTERVAL), update, watch);
}

static gboolean
on_store_changed (gpointer data)
{
  watch_schedule (data);
  return G_SOURCE_CONTINUE;
}

/* What runs has a time that passes. */
static gboolean
on_second (gpointer data)
{
  Watch *watch = data;

  if (watch->n_running > 0)
    watch_schedule (watch);
  return G_SOURCE_CONTINUE;
}

static void
on_interrupt (gpointer data)
{
  Watch *watch = data;

  watch->done = TRUE;
}

static void
print_change (Watch    *watch,
              AuRecord *record)
{
  if (!watch->terminal)
    au_tool_print_record (record, watch->tool->json, TRUE);
}

static void
add_recent (Watch    *watch,
            AuRecord *record)
{
  g_queue_push_head (&watch->recent, au_record_ref (record));
  if (watch->recent.length > RECENT_MAX)
    au_record_unref (g_queue_pop_tail (&watch->recent));
}

typedef struct
{
  Watch      *watch;
  GHashTable *seen;
  GPtrArray  *rows;
} Pass;

static gboolean
see_record (AuRecord *record,
            gpointer  data)
{
  Pass *pass = data;
  Watch *watch = pass->watch;
  const char *key = au_record_get_key (record);
  AuRecord *known = g_hash_table_lookup (watch->known, key);

  if (au_record_get_status (record) == AU_STATUS_RUNNING)
    watch->n_running++;
  else
    watch->n_pending++;

  if (known == NULL || au_record_get_revision (known) != au_record_get_revision (record))
    print_change (watch, record);
  g_hash_table_insert (pass->seen, (gpointer) key, au_record_ref (record));
  g_ptr_array_add (pass->rows, au_record_ref (record));
  return TRUE;
}

/* Those that are no longer among the unfinished have ended, or were removed. */
static void
see_ends (Watch *watch,
          Pass  *pass)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, watch->known);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      g_autoptr(AuRecord) record = NULL;

      if (g_hash_table_contains (pass->seen, key))
        continue;
      record = au_store_load (watch->store, key, NULL, NULL);
      if (record == NULL || !au_status_is_terminal (au_record_get_status (record)))
        continue;
      print_change (watch, record);
      add_recent (watch, record);
    }
}

static void
draw_line (const char *text,
           guint       columns)
{
  g_autofree char *line = g_utf8_make_valid (text, -1);

  au_tool_terminal_shorten (line, columns);
  au_tool_print (line, -1);
  au_tool_print ("\n", 1);
}

static void
draw_record (AuRecord *record,
             guint     columns)
{
  g_autofree char *text = au_tool_record_describe (record);

  draw_line (text, columns);
}

static void
draw (Watch     *watch,
      GPtrArray *rows)
{
  g_autofree char *header = au_tool_record_header ();
  g_autofree char *title = NULL;
  GList *link = watch->recent.head;
  guint columns;
  guint lines;

  au_tool_terminal_get_size (1, &columns, &lines);
  au_tool_print ("\033[H\033[J", -1);
  title = g_strdup_printf (_("%u running, %u pending; Ctrl-C ends the display, not the work"),
                           watch->n_running, watch->n_pending);
  draw_line (title, columns);
  draw_line (header, columns);

  /* The last line stays empty, or the terminal would scroll. */
  lines = lines > 3 ? lines - 3 : 1;
  for (guint i = 0; i < rows->len && lines > 0; i++, lines--)
    draw_record (g_ptr_array_index (rows, i), columns);
  for (; link != NULL && lines > 0; link = link->next, lines--)
    draw_record (link->data, columns);
}

static int
compare_rows (gconstpointer a,
              gconstpointer b)
{
  AuRecord *record_a = *(AuRecord * const *) a;
  AuRecord *record_b = *(AuRecord * const *) b;

  /* What runs comes first, and of that the oldest. */
  if (au_record_get_status (record_a) != au_record_get_status (record_b))
    return au_record_get_status (record_a) == AU_STATUS_RUNNING ? -1 : 1;
  return (au_record_get_created (record_a) > au_record_get_created (record_b)) -
         (au_record_get_created (record_a) < au_record_get_created (record_b));
}

static gboolean
update (gpointer data)
{
  Watch *watch = data;
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) au_record_unref);
  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  g_autoptr(GError) error = NULL;
  Pass pass = { watch, seen, rows };

  watch->redraw_source = 0;
  watch->drawn = g_get_monotonic_time ();
  watch->n_pending = 0;
  watch->n_running = 0;

  au_query_set_after_key (watch->query, NULL);
  if (!au_tool_foreach_record (watch->tool, watch->query, ROWS_MAX, see_record, &pass, &error))
    {
      watch_fail (watch, error);
      return G_SOURCE_REMOVE;
    }
  see_ends (watch, &pass);
  g_hash_table_unref (watch->known);
  watch->known = g_steal_pointer (&seen);

  if (watch->terminal)
    {
      g_ptr_array_sort (rows, compare_rows);
      draw (watch, rows);
    }
  if (!au_tool_output_flush ())
    watch->done = TRUE;
  if (watch->until_done && rows->len == 0)
    watch->done = TRUE;
  return G_SOURCE_REMOVE;
}

static void
watch_run (Watch *watch)
{
  g_autoptr(GSource) source = au_store_create_source (watch->store);
  guint second = watch->terminal ? g_timeout_add_seconds (1, on_second, watch) : 0;

  g_source_set_callback (source, on_store_changed, watch, NULL);
  g_source_attach (source, NULL);
  au_tool_interrupt_watch (on_interrupt, watch);
  if (watch->terminal)
    {
      /* A screen of its own, without a cursor. */
      au_tool_print ("\033[?1049h\033[?25l", -1);
      au_tool_output_flush ();
    }

  update (watch);
  while (!watch->done)
    g_main_context_iteration (NULL, TRUE);

  if (watch->terminal)
    {
      au_tool_print ("\033[?25h\033[?1049l", -1);
      au_tool_output_flush ();
    }
  au_tool_interrupt_unwatch ();
  g_source_destroy (source);
  g_clear_handle_id (&second, g_source_remove);
  g_clear_handle_id (&watch->redraw_source, g_source_remove);
}

int
au_cmd_watch (AuTool *tool,
              int     argc,
              char  **argv)
{
  g_auto(AuToolQuery) wanted = { 0 };
  Watch watch = { .tool = tool };
  const GOptionEntry entries[] = {
    { "until-done", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &watch.until_done,
      N_("End when nothing waits or runs any more"), NULL },
    { "json", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &tool->json,
      N_("Print each change as a line of JSON"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(AuQuery) query = NULL;
  g_autoptr(GError) error = NULL;

  context = au_tool_context_new (tool, _("— show what is waiting and running, as it changes"),
                                 _("On a terminal this is a table; elsewhere each change that is seen is a line, at\n"
                                   "most four times a second."),
                                 entries);
  au_tool_interrupt_describe (context);
  au_tool_query_add (&wanted, context, FALSE);
  if (!au_tool_parse (tool, context, &argc, &argv))
    return AU_TOOL_EXIT_USAGE;
  if (argc > 1)
    return au_tool_usage (tool, _("“%s” is not wanted: “au wait KEY” waits for one computation"), argv[1]);

  query = au_tool_query_make (&wanted, &error);
  if (query == NULL || au_tool_get_engine (tool, &error) == NULL)
    return au_tool_fail (tool, error);
  if (!au_tool_is_persistent (tool))
    return au_tool_usage (tool, _("there is nothing to watch: the store is one that only this process has"));
  au_query_set_statuses (query, AU_STATUS_FLAGS_PENDING | AU_STATUS_FLAGS_RUNNING);

  watch.store = au_engine_get_store (tool->engine);
  watch.query = query;
  watch.terminal = au_tool_output_is_terminal () && !tool->json;
  watch.known = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) au_record_unref);
  g_queue_init (&watch.recent);

  watch_run (&watch);

  g_hash_table_unref (watch.known);
  g_queue_clear_full (&watch.recent, (GDestroyNotify) au_record_unref);
  if (au_tool_interrupt_signal () != 0 && !watch.terminal)
    return AU_TOOL_EXIT_SIGNAL + au_tool_interrupt_signal ();
  return watch.code;
}
