/* au-tool-map.c: one computation for each of many inputs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-arguments.h"
#include "au-tool-interrupt.h"
#include "au-tool-map-private.h"
#include "au-tool-output.h"

#include <string.h>

#include <glib-unix.h>
#include <glib/gi18n-lib.h>

/* Being told of each end costs more than many a computation. Of so many and more, one
 * in the middle is waited for, and when it has ended those before it mostly have as
 * well. If it does not end soon, all are waited for.
 */
#define BATCH_MIN (32)
#define BATCH_INTERVAL (20)

/* What the store answers needs no waiting, but the main loop has to have its turn. */
#define TURN_TIME (20 * G_TIME_SPAN_MILLISECOND)

/* Waiting */

static void
item_collect (AuToolMapItem *item)
{
  item->record = au_handle_dup_record (item->handle);
  au_tool_map_item_finish (item);
}

static void
collect (AuToolMap *map)
{
  GList *next;

  for (GList *link = map->unwatched.head; link != NULL; link = next)
    {
      AuToolMapItem *item = link->data;

      next = link->next;
      if (au_handle_is_ready (item->handle))
        {
          g_queue_unlink (&map->unwatched, link);
          item_collect (item);
        }
    }
}

static void
on_item_ready (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  AuToolMapItem *item = data;
  AuToolMap *map = item->map;
  gboolean is_marker = item == map->marker;

  /* What went wrong is in the record. */
  au_handle_wait_finish (item->handle, result, NULL);
  item_collect (item);

  if (is_marker)
    {
      map->marker = NULL;
      g_clear_handle_id (&map->batch_source, g_source_remove);
      collect (map);
    }
}

static void
item_watch (AuToolMapItem *item)
{
  g_queue_unlink (&item->map->unwatched, &item->unwatched_link);
  au_handle_wait_async (item->handle, NULL, on_item_ready, item);
}

static void
watch_all (AuToolMap *map)
{
  while (map->unwatched.head != NULL)
    item_watch (map->unwatched.head->data);
}

static gboolean
on_batch_late (gpointer data)
{
  AuToolMap *map = data;

  map->batch_source = 0;
  collect (map);
  watch_all (map);
  return G_SOURCE_REMOVE;
}

/* Sees to it that the main loop wakes up when something has ended. */
static void
watch_some (AuToolMap *map)
{
  if (map->marker != NULL && map->batch_source != 0)
    return;

  if (map->marker != NULL || map->unwatched.length < BATCH_MIN)
    {
      watch_all (map);
      return;
    }

  map->marker = g_queue_peek_nth (&map->unwatched, map->unwatched.length / 2);
  item_watch (map->marker);
  map->batch_source = g_timeout_add (BATCH_INTERVAL, on_batch_late, map);
}

static void
item_wait (AuToolMapItem *item)
{
  item->unwatched_link.data = item;
  g_queue_push_tail_link (&item->map->unwatched, &item->unwatched_link);
}

/* Submitting */

/* Equal inputs are told apart by how often they came before. */
static char *
make_key (AuToolMap *map,
          GVariant  *arguments)
{
  const char *function = au_function_get_name (map->settings.function);
  g_autofree char *key = au_key_new_for_call (function, arguments, map->settings.name);
  g_autofree char *salt = NULL;
  gpointer name;
  guint n;

  name = GSIZE_TO_POINTER ((gsize) g_ascii_strtoull (key + strlen (key) - 16, NULL, 16));
  n = GPOINTER_TO_UINT (g_hash_table_lookup (map->repetitions, name)) + 1;
  g_hash_table_insert (map->repetitions, name, GUINT_TO_POINTER (n));
  if (n == 1)
    return g_steal_pointer (&key);

  salt = g_strdup_printf ("%s\n%u", map->settings.name, n);
  return au_key_new_for_call (function, arguments, salt);
}

static GVariant *
word_value (const char *word)
{
  if (g_utf8_validate (word, -1, NULL))
    return g_variant_new_string (word);
  return g_variant_new_bytestring (word);
}

/* Puts the input where “{}” stands. */
static char *
fill_in (const char *template,
         const char *input)
{
  GString *word = g_string_new (template);

  g_string_replace (word, "{}", input, 0);
  return g_string_free (word, FALSE);
}

/* The arguments of the function “command”. */
static GVariant *
command_arguments (AuToolMapItem  *item,
                   GError        **error)
{
  char **template = item->map->settings.command;
  g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = g_get_current_dir ();
  GVariantBuilder argv;
  GVariantBuilder arguments;
  gboolean used = FALSE;
  gboolean utf8 = TRUE;

  if (strlen (item->text) < item->length)
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_BAD_TYPE,
                           _("an argument of a program cannot hold a zero byte: use --null if the inputs are separated by them"));
      return NULL;
    }

  for (; *template != NULL; template++)
    {
      used = used || strstr (*template, "{}") != NULL;
      g_ptr_array_add (words, fill_in (*template, item->text));
    }
  if (!used)
    g_ptr_array_add (words, g_strdup (item->text));

  for (guint i = 0; i < words->len; i++)
    utf8 = utf8 && g_utf8_validate (g_ptr_array_index (words, i), -1, NULL);

  g_variant_builder_init (&argv, G_VARIANT_TYPE (utf8 ? "as" : "aay"));
  for (guint i = 0; i < words->len; i++)
    {
      const char *word = g_ptr_array_index (words, i);

      g_variant_builder_add_value (&argv, utf8 ? g_variant_new_string (word) : g_variant_new_bytestring (word));
    }

  g_variant_builder_init (&arguments, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&arguments, "{sv}", "argv", g_variant_builder_end (&argv));
  g_variant_builder_add (&arguments, "{sv}", "cwd", word_value (folder));
  g_variant_builder_add (&arguments, "{sv}", "check", g_variant_new_boolean (TRUE));
  return g_variant_ref_sink (g_variant_builder_end (&arguments));
}

static void
item_submit (AuToolMapItem *item,
             GVariant      *arguments)
{
  AuToolMap *map = item->map;
  GError *error = NULL;

  if (item->key != NULL)
    au_options_set_key (map->settings.options, item->key);
  item->handle = au_engine_submit (map->engine, au_function_get_name (map->settings.function),
                                   arguments, map->settings.options, &error);
  if (item->handle == NULL)
    au_tool_map_item_refused (item, error);
  else
    item_wait (item);
}

/* Goes on with what an earlier run has recorded. Returns FALSE when the item has to
 * be submitted. */
static gboolean
item_resume (AuToolMapItem *item)
{
  AuToolMap *map = item->map;
  g_autoptr(AuRecord) record = NULL;
  GError *error = NULL;
  AuStatus status;

  record = au_store_load (map->store, item->key, NULL, &error);
  if (record == NULL)
    {
      gboolean missing = g_error_matches (error, AU_ERROR, AU_ERROR_NOT_FOUND);

      /* The store has set it aside. */
      if (g_error_matches (error, AU_ERROR, AU_ERROR_DAMAGED))
        {
          au_tool_say (map->settings.tool, "%s", error->message);
          missing = TRUE;
        }
      if (missing)
        g_error_free (error);
      else
        au_tool_map_item_refused (item, error);
      return !missing;
    }

  status = au_record_get_status (record);
  if (status == AU_STATUS_COMPLETED || (status == AU_STATUS_FAILED && !map->settings.retry_failed))
    {
      item->answered = TRUE;
      item->record = g_steal_pointer (&record);
      au_tool_map_item_finish (item);
      return TRUE;
    }

  /* Of those that have not ended, only what no process computes is taken over. */
  if (au_status_is_terminal (status))
    item->handle = au_engine_retry (map->engine, item->key, NULL, &error);
  else
    item->handle = au_engine_resume (map->engine, item->key, NULL, &error);

  if (item->handle == NULL)
    au_tool_map_item_refused (item, error);
  else
    item_wait (item);
  return TRUE;
}

/* Makes way for a new computation of what an earlier run has computed. */
static gboolean
item_replace (AuToolMapItem *item)
{
  AuToolMap *map = item->map;
  GError *error = NULL;

  if (au_engine_remove (map->engine, item->key, NULL, &error))
    {
      map->replaced++;
      return TRUE;
    }
  if (g_error_matches (error, AU_ERROR, AU_ERROR_NOT_FOUND))
    {
      g_error_free (error);
      return TRUE;
    }
  au_tool_map_item_refused (item, error);
  return FALSE;
}

static void
start_item (AuToolMap  *map,
            const char *text,
            gsize       length)
{
  AuToolMapItem *item = au_tool_map_item_new (map, text, length);
  g_autoptr(GVariant) arguments = NULL;
  GError *error = NULL;

  if (map->settings.command != NULL)
    arguments = command_arguments (item, &error);
  else
    arguments = au_tool_arguments_from_input (map->settings.function, item->text, length,
                                              map->settings.json_input, &error);
  if (arguments == NULL)
    {
      au_tool_map_item_refused (item, error);
      return;
    }

  if (map->persistent)
    {
      item->key = make_key (map, arguments);
      if (map->settings.resume ? item_resume (item) : !item_replace (item))
        return;
    }
  item_submit (item, arguments);
}

/* Input */

static void
update_total (AuToolMap *map)
{
  gboolean exact;
  guint64 total = au_tool_input_count (map->settings.input, &exact);

  au_tool_progress_set_total (map->progress, total, exact);
}

static void
read_input (AuToolMap *map)
{
  if (!au_tool_input_read (map->settings.input, &map->stop_error))
    au_tool_map_stop (map);
  update_total (map);
}

static gboolean
on_input (int          fd,
          GIOCondition condition,
          gpointer     data)
{
  AuToolMap *map = data;

  read_input (map);
  if (!map->stopping && au_tool_input_wants_data (map->settings.input))
    return G_SOURCE_CONTINUE;

  map->input_source = 0;
  return G_SOURCE_REMOVE;
}

/* Keeps the window full. Returns whether it could go on at once. */
static gboolean
submit_more (AuToolMap *map)
{
  AuToolInput *input = map->settings.input;
  gint64 end = g_get_monotonic_time () + TURN_TIME;
  const char *text;
  gsize length;

  /* A regular file is always ready, and not every kind of polling takes it. */
  if (au_tool_input_get_fd (input) < 0)
    {
      while (!map->stopping && au_tool_input_wants_data (input))
        read_input (map);
    }
  else if (map->input_source == 0 && !map->stopping && au_tool_input_wants_data (input))
    {
      map->input_source = g_unix_fd_add (au_tool_input_get_fd (input), G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, map);
    }

  while (!map->stopping && map->outstanding < map->settings.window &&
         au_tool_input_next (input, &text, &length))
    {
      start_item (map, text, length);
      if (g_get_monotonic_time () >= end)
        return TRUE;
    }
  return FALSE;
}

static void
on_interrupt (gpointer data)
{
  AuToolMap *map = data;

  au_tool_say (map->settings.tool, _("stopping; press Ctrl-C again to leave at once"));
  au_tool_map_stop (map);
}

/* The run */

/* Computes the function for each input, and prints the results. Returns the exit
 * code. */
int
au_tool_map (const AuToolMapSettings *settings)
{
  AuToolMap map = {
    .settings = *settings,
    .engine = settings->tool->engine,
    .store = au_engine_get_store (settings->tool->engine),
    .started = g_get_monotonic_time (),
    .persistent = au_tool_is_persistent (settings->tool),
  };
  int code;

  g_queue_init (&map.order);
  g_queue_init (&map.unwatched);
  map.repetitions = g_hash_table_new (NULL, NULL);
  map.progress = au_tool_progress_new (settings->tool);
  au_tool_interrupt_watch (on_interrupt, &map);
  update_total (&map);

  for (;;)
    {
      gboolean more = submit_more (&map);

      if (map.outstanding == 0 && (map.stopping || au_tool_input_is_at_end (settings->input)))
        break;

      watch_some (&map);
      au_tool_map_flush_soon (&map);
      g_main_context_iteration (NULL, !more);
      au_tool_progress_set_done (map.progress, map.done, map.done - map.answered, map.failed);
    }

  g_clear_handle_id (&map.input_source, g_source_remove);
  g_clear_handle_id (&map.flush_source, g_source_remove);
  au_tool_interrupt_unwatch ();
  g_clear_pointer (&map.progress, au_tool_progress_free);
  au_tool_output_flush ();

  if (!au_tool_output_is_broken ())
    au_tool_map_summarize (&map);
  code = au_tool_map_exit_code (&map);

  g_clear_error (&map.stop_error);
  g_hash_table_unref (map.repetitions);
  return code;
}
