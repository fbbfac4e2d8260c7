/* au-tool-map-outcome.c: what becomes of each input, and of a run
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-interrupt.h"
#include "au-tool-map-private.h"
#include "au-tool-output.h"
#include "au-tool-records.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* Lines for a program that reads along are held back no longer than this. */
#define FLUSH_INTERVAL (100)

/* Items */

AuToolMapItem *
au_tool_map_item_new (AuToolMap  *map,
                      const char *text,
                      gsize       length)
{
  AuToolMapItem *item = g_malloc (sizeof *item + length + 1);

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
item_free (AuToolMapItem *item)
{
  g_clear_object (&item->handle);
  g_clear_pointer (&item->record, au_record_unref);
  g_clear_error (&item->error);
  g_free (item->key);
  g_free (item);
}

/* Stopping */

void
au_tool_map_stop (AuToolMap *map)
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
print_raw (AuToolMapItem *item)
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
print_line (AuToolMapItem *item)
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
item_print (AuToolMapItem *item)
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
print_in_order (AuToolMap *map)
{
  while (map->order.head != NULL)
    {
      AuToolMapItem *item = map->order.head->data;

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
  AuToolMap *map = data;

  map->flush_source = 0;
  if (!au_tool_output_flush ())
    au_tool_map_stop (map);
  return G_SOURCE_REMOVE;
}

void
au_tool_map_flush_soon (AuToolMap *map)
{
  if (au_tool_output_is_broken ())
    au_tool_map_stop (map);
  else if (au_tool_output_is_terminal ())
    on_flush (map);
  else if (map->flush_source == 0 && au_tool_output_pending () > 0)
    map->flush_source = g_timeout_add (FLUSH_INTERVAL, on_flush, map);
}

static void
item_ended (AuToolMapItem *item)
{
  AuToolMap *map = item->map;

  item->ended = TRUE;
  if (map->settings.ordered)
    print_in_order (map);
  else
    item_print (item);
}

/* The item has failed with its error. A full disk will not be less full for the next
 * input, so that nothing more is tried without a store. */
static void
item_failed (AuToolMapItem *item)
{
  AuToolMap *map = item->map;

  if (g_error_matches (item->error, AU_ERROR, AU_ERROR_STORE))
    {
      item->unrecorded = TRUE;
      map->unrecorded++;
      if (map->stop_error == NULL)
        map->stop_error = g_error_copy (item->error);
      au_tool_map_stop (map);
    }
  else
    {
      map->done++;
      map->failed++;
      if (map->settings.halt && !map->stopping)
        {
          map->halted = TRUE;
          au_tool_map_stop (map);
        }
    }
  item_ended (item);
}

void
au_tool_map_item_refused (AuToolMapItem *item,
                          GError        *error)
{
  item->error = error;
  item_failed (item);
}

void
au_tool_map_item_finish (AuToolMapItem *item)
{
  AuToolMap *map = item->map;

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

/* The end */

void
au_tool_map_summarize (AuToolMap *map)
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

int
au_tool_map_exit_code (AuToolMap *map)
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
