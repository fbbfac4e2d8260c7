/* au-tool-map.c: one computation for each of many inputs
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-arguments.h"
#include "au-tool-interrupt.h"
#include "au-tool-map.h"
#include "au-tool-output.h"
#include "au-tool-progress.h"
#include "au-tool-records.h"

#include <string.h>

#include <glib-unix.h>
#include <glib/gi18n-lib.h>

/* Lines for a program that reads along are held back no longer than this. */
#define FLUSH_INTERVAL (100)

/* Being told of each end costs more than many a computation. Of so many and more, one
 * in the middle is waited for, and when it has ended those before it mostly have as
 * well. If it does not end soon, all are waited for.
 */
#define BATCH_MIN (32)
#define BATCH_INTERVAL (20)

/* What the store answers needs no waiting, but the main loop has to have its turn. */
#define TURN_TIME (20 * G_TIME_SPAN_MILLISECOND)

typedef struct _Item Item;

typedef struct
{
  AuToolMapSettings settings;
  AuEngine         *engine;
  AuStore          *store;
  AuToolProgress   *progress;
  gint64            started;

  /* Whether the next run will find what this one records. */
  gboolean          persistent;

  /* How often each key was wanted, so that two equal inputs are two computations. */
  GHashTable       *repetitions;

  /* Items in the order of the inputs, with --ordered. */
  GQueue            order;

  /* Submitted items that nobody has told the engine to tell of. */
  GQueue            unwatched;
  Item             *marker;
  guint             batch_source;

  guint             outstanding;
  guint64           done;
  guint64           failed;
  guint64           answered;
  guint64           cancelled;
  guint64           replaced;
  guint64           unrecorded;

  guint             input_source;
  guint             flush_source;

  /* Why no more is submitted. */
  gboolean          stopping;
  gboolean          halted;
  GError           *stop_error;
} Map;

struct _Item
{
  Map      *map;
  GList     link;
  GList     unwatched_link;
  AuHandle *handle;
  /* With --ordered: what to print once those before were printed. */
  AuRecord *record;
  GError   *error;
  char     *key;
  gboolean  ended;
  gboolean  answered;
  gboolean  unrecorded;
  gsize     length;
  char      text[];
};

static Item *
item_new (Map        *map,
          const char *text,
          gsize       length)
{
  Item *item = g_malloc (sizeof *item + length + 1);

  memset (item, 0, sizeof *item);
  item->map = map;
  item->length = length;
  memcpy (item->text, text, length);
  item->text[length] = '\0';

  map->outstanding++;
  if (map->settings.ordered)
    {
      item->link.data = item;
      g_queue_push_tail_link (&map->order, &item->link);
    }
  return item;
}

static void
item_free (Item *item)
{
  g_clear_object (&item->handle);
  g_clear_pointer (&item->record, au_record_unref);
  g_clear_error (&item->error);
  g_free (item->key);
  g_free (item);
}

/* Stops submitting, and cancels what is under way. */
static void
stop (Map *map)
{
  if (map->stopping)
    return;
  map->stopping = TRUE;
  au_engine_cancel_all (map->engine);
}

/* Printing */

static gboolean
get_program_output (GVariant    *value,
                    const char **text,
                    gsize       *length)
{
  g_autoptr(GVariant) output = NULL;

  if (value == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
    return FALSE;
  output = g_variant_lookup_value (value, "stdout", NULL);
  if (output == NULL)
    return FALSE;

  /* The bytes belong to @value. */
  if (g_variant_is_of_type (output, G_VARIANT_TYPE_STRING))
    *text = g_variant_get_string (output, length);
  else if (g_variant_is_of_type (output, G_VARIANT_TYPE_BYTESTRING))
    *text = g_variant_get_fixed_array (output, length, 1);
  else
    return FALSE;
  return TRUE;
}

static void
print_raw (Item *item)
{
  const char *text;
  gsize length;

  if (item->record != NULL && get_program_output (au_record_get_value (item->record), &text, &length))
    au_tool_print (text, length);
  if (item->error != NULL)
    {
      g_autofree char *shown = g_utf8_make_valid (item->text, item->length);

      au_tool_say (item->map->settings.tool, "%s: %s", shown, item->error->message);
    }
}

/* A line of JSON. */
static void
print_line (Item *item)
{
  GString *line = au_tool_output_begin ();
  AuStatus status = item->record != NULL ? au_record_get_status (item->record) : AU_STATUS_FAILED;

  g_string_append (line, "{\"input\":");
  au_tool_json_string (line, item->text, item->length);
  if (!g_utf8_validate_len (item->text, item->length, NULL))
    {
      g_autofree char *base64 = g_base64_encode ((const guchar *) item->text, item->length);

      au_tool_json_text (line, "input-base64", base64);
    }
  au_tool_json_text (line, "key", item->record != NULL ? au_record_get_key (item->record) : NULL);
  au_tool_json_text (line, "status", au_status_to_string (status));
  if (item->error != NULL)
    au_tool_json_error (line, "error", item->error);
  else if (status == AU_STATUS_COMPLETED)
    au_tool_json_value (line, "value", au_record_get_value (item->record));

  if (item->record != NULL && au_record_get_started (item->record) != 0)
    au_tool_json_seconds (line, "duration",
                          au_record_get_completed (item->record) - au_record_get_started (item->record));
  if (item->record != NULL && au_record_get_attempt (item->record) > 1)
    au_tool_json_uint (line, "attempt", au_record_get_attempt (item->record));
  if (item->answered)
    au_tool_json_boolean (line, "stored", TRUE);
  g_string_append (line, "}\n");
  au_tool_output_end ();
}

static void
item_print (Item *item)
{
  AuStatus status = item->record != NULL ? au_record_get_status (item->record) : AU_STATUS_FAILED;

  /* Those that were cancelled because the run was stopped are not done, and those that
   * the store did not take are not either. */
  if (!item->unrecorded && (status != AU_STATUS_CANCELLED || !item->map->stopping))
    {
      if (item->map->settings.raw)
        print_raw (item);
      else
        print_line (item);
    }
  item->map->outstanding--;
  item_free (item);
}

static void
print_in_order (Map *map)
{
  while (map->order.head != NULL)
    {
      Item *item = map->order.head->data;

      if (!item->ended)
        return;
      g_queue_unlink (&map->order, &item->link);
      item_print (item);
    }
}

/* Outcomes */

static gboolean
on_flush (gpointer data)
{
  Map *map = data;

  map->flush_source = 0;
  if (!au_tool_output_flush ())
    stop (map);
  return G_SOURCE_REMOVE;
}

/* A terminal sees each line at once, everybody else soon. */
static void
flush_soon (Map *map)
{
  if (au_tool_output_is_broken ())
    stop (map);
  else if (au_tool_output_is_terminal ())
    on_flush (map);
  else if (map->flush_source == 0 && au_tool_output_pending () > 0)
    map->flush_source = g_timeout_add (FLUSH_INTERVAL, on_flush, map);
}

static void
item_ended (Item *item)
{
  Map *map = item->map;

  item->ended = TRUE;
  if (map->settings.ordered)
    print_in_order (map);
  else
    item_print (item);
}

/* The item has failed with its error. A full disk will not be less full for the next
 * input, so that nothing more is tried without a store. */
static void
item_failed (Item *item)
{
  Map *map = item->map;

  if (g_error_matches (item->error, AU_ERROR, AU_ERROR_STORE))
    {
      item->unrecorded = TRUE;
      map->unrecorded++;
      if (map->stop_error == NULL)
        map->stop_error = g_error_copy (item->error);
      stop (map);
    }
  else
    {
      map->done++;
      map->failed++;
      if (map->settings.halt && !map->stopping)
        {
          map->halted = TRUE;
          stop (map);
        }
    }
  item_ended (item);
}

/* @error: (transfer full): why there is no record */
static void
item_refused (Item   *item,
              GError *error)
{
  item->error = error;
  item_failed (item);
}

static void
item_finish (Item *item)
{
  Map *map = item->map;

  if (item->answered)
    map->answered++;

  switch (au_record_get_status (item->record))
    {
    case AU_STATUS_COMPLETED:
      map->done++;
      item_ended (item);
      break;

    case AU_STATUS_CANCELLED:
      if (map->stopping)
        {
          map->cancelled++;
          item_ended (item);
          break;
        }
      item->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("it was cancelled"));
      item_failed (item);
      break;

    case AU_STATUS_FAILED:
    case AU_STATUS_PENDING:
    case AU_STATUS_RUNNING:
    default:
      item->error = au_record_dup_error (item->record);
      item_failed (item);
      break;
    }
}

/* Waiting */

static void
item_collect (Item *item)
{
  item->record = au_handle_dup_record (item->handle);
  item_finish (item);
}

static void
collect (Map *map)
{
  GList *next;

  for (GList *link = map->unwatched.head; link != NULL; link = next)
    {
      Item *item = link->data;

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
  Item *item = data;
  Map *map = item->map;
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
item_watch (Item *item)
{
  g_queue_unlink (&item->map->unwatched, &item->unwatched_link);
  au_handle_wait_async (item->handle, NULL, on_item_ready, item);
}

static void
watch_all (Map *map)
{
  while (map->unwatched.head != NULL)
    item_watch (map->unwatched.head->data);
}

static gboolean
on_batch_late (gpointer data)
{
  Map *map = data;

  map->batch_source = 0;
  collect (map);
  watch_all (map);
  return G_SOURCE_REMOVE;
}

/* Sees to it that the main loop wakes up when something has ended. */
static void
watch_some (Map *map)
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
item_wait (Item *item)
{
  item->unwatched_link.data = item;
  g_queue_push_tail_link (&item->map->unwatched, &item->unwatched_link);
}

/* Submitting */

/* Equal inputs are told apart by how often they came before. */
static char *
make_key (Map      *map,
          GVariant *arguments)
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
command_arguments (Item    *item,
                   GError **error)
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
item_submit (Item     *item,
             GVariant *arguments)
{
  Map *map = item->map;
  GError *error = NULL;

  if (item->key != NULL)
    au_options_set_key (map->settings.options, item->key);
  item->handle = au_engine_submit (map->engine, au_function_get_name (map->settings.function),
                                   arguments, map->settings.options, &error);
  if (item->handle == NULL)
    item_refused (item, error);
  else
    item_wait (item);
}

/* Goes on with what an earlier run has recorded. Returns FALSE when the item has to
 * be submitted. */
static gboolean
item_resume (Item *item)
{
  Map *map = item->map;
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
        item_refused (item, error);
      return !missing;
    }

  status = au_record_get_status (record);
  if (status == AU_STATUS_COMPLETED || (status == AU_STATUS_FAILED && !map->settings.retry_failed))
    {
      item->answered = TRUE;
      item->record = g_steal_pointer (&record);
      item_finish (item);
      return TRUE;
    }

  /* Of those that have not ended, only what no process computes is taken over. */
  if (au_status_is_terminal (status))
    item->handle = au_engine_retry (map->engine, item->key, NULL, &error);
  else
    item->handle = au_engine_resume (map->engine, item->key, NULL, &error);

  if (item->handle == NULL)
    item_refused (item, error);
  else
    item_wait (item);
  return TRUE;
}

/* Makes way for a new computation of what an earlier run has computed. */
static gboolean
item_replace (Item *item)
{
  Map *map = item->map;
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
  item_refused (item, error);
  return FALSE;
}

static void
start_item (Map        *map,
            const char *text,
            gsize       length)
{
  Item *item = item_new (map, text, length);
  g_autoptr(GVariant) arguments = NULL;
  GError *error = NULL;

  if (map->settings.command != NULL)
    arguments = command_arguments (item, &error);
  else
    arguments = au_tool_arguments_from_input (map->settings.function, item->text, length,
                                              map->settings.json_input, &error);
  if (arguments == NULL)
    {
      item_refused (item, error);
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
update_total (Map *map)
{
  gboolean exact;
  guint64 total = au_tool_input_count (map->settings.input, &exact);

  au_tool_progress_set_total (map->progress, total, exact);
}

static void
read_input (Map *map)
{
  if (!au_tool_input_read (map->settings.input, &map->stop_error))
    stop (map);
  update_total (map);
}

static gboolean
on_input (int          fd,
          GIOCondition condition,
          gpointer     data)
{
  Map *map = data;

  read_input (map);
  if (!map->stopping && au_tool_input_wants_data (map->settings.input))
    return G_SOURCE_CONTINUE;

  map->input_source = 0;
  return G_SOURCE_REMOVE;
}

/* Keeps the window full. Returns whether it could go on at once. */
static gboolean
submit_more (Map *map)
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
  Map *map = data;

  au_tool_say (map->settings.tool, _("stopping; press Ctrl-C again to leave at once"));
  stop (map);
}

/* The end */

static void
summarize (Map *map)
{
  AuTool *tool = map->settings.tool;
  double elapsed = (g_get_monotonic_time () - map->started) / (double) G_USEC_PER_SEC;
  g_autofree char *time = au_tool_format_seconds (elapsed);
  g_autoptr(GString) text = g_string_new (NULL);

  g_string_append_printf (text, g_dngettext (GETTEXT_PACKAGE, "%llu input done in %s", "%llu inputs done in %s", map->done),
                          (unsigned long long) map->done, time);
  if (elapsed > 0 && map->done > 1)
    g_string_append_printf (text, _(" (%.0f/s)"), map->done / elapsed);
  if (map->persistent && map->settings.resume)
    g_string_append_printf (text, _(", %llu answered from the store, %llu computed"),
                            (unsigned long long) map->answered, (unsigned long long) (map->done - map->answered));
  if (map->failed > 0)
    g_string_append_printf (text, _(", %llu failed"), (unsigned long long) map->failed);
  if (map->cancelled > 0)
    g_string_append_printf (text, _(", %llu cancelled"), (unsigned long long) map->cancelled);
  if (map->unrecorded > 0)
    g_string_append_printf (text, _(", %llu not recorded"), (unsigned long long) map->unrecorded);
  if (map->replaced > 0)
    g_string_append_printf (text, _(", %llu results of an earlier run replaced (--resume keeps them)"), (unsigned long long) map->replaced);
  au_tool_say (tool, "%s", text->str);

  if (!map->stopping)
    return;
  if (map->halted)
    au_tool_say (tool, _("stopped at the first failure"));
  if (map->persistent)
    au_tool_say (tool, _("what is done is recorded: the same command with --resume goes on from here"));
  else
    au_tool_say (tool, _("the store keeps nothing after the end: --resume needs one such as type=file"));
}

static int
exit_code (Map *map)
{
  if (au_tool_interrupt_signal () != 0)
    return AU_TOOL_EXIT_SIGNAL + au_tool_interrupt_signal ();

  if (map->stop_error != NULL)
    {
      int code = au_tool_fail (map->settings.tool, map->stop_error);

      return map->settings.command != NULL ? AU_TOOL_EXIT_COMMAND_ERROR : code;
    }
  if (map->failed == 0)
    return AU_TOOL_EXIT_SUCCESS;
  if (map->settings.command != NULL)
    return MIN (map->failed, AU_TOOL_EXIT_MANY_FAILED);
  return AU_TOOL_EXIT_FAILED;
}

/* Computes the function for each input, and prints the results. Returns the exit
 * code. */
int
au_tool_map (const AuToolMapSettings *settings)
{
  Map map = {
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
      flush_soon (&map);
      g_main_context_iteration (NULL, !more);
      au_tool_progress_set_done (map.progress, map.done, map.done - map.answered, map.failed);
    }

  g_clear_handle_id (&map.input_source, g_source_remove);
  g_clear_handle_id (&map.flush_source, g_source_remove);
  au_tool_interrupt_unwatch ();
  g_clear_pointer (&map.progress, au_tool_progress_free);
  au_tool_output_flush ();

  if (!au_tool_output_is_broken ())
    summarize (&map);
  code = exit_code (&map);

  g_clear_error (&map.stop_error);
  g_hash_table_unref (map.repetitions);
  return code;
}
