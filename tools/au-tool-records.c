/* au-tool-records.c: records, as users and programs read them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-tool-output.h"
#include "au-tool-progress.h"
#include "au-tool-records.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define KEY_WIDTH (33)
#define STATUS_WIDTH (9)
#define FUNCTION_WIDTH (18)
#define CREATED_WIDTH (19)
#define TIME_WIDTH (10)

static void
append_progress (GString  *json,
                 AuRecord *record)
{
  double progress = au_record_get_progress (record);
  const char *text = au_record_get_status_text (record);
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (progress >= 0)
    {
      au_tool_json_member (json, "progress");
      g_string_append (json, g_ascii_formatd (digits, sizeof digits, "%.4f", progress));
    }
  if (text != NULL && text[0] != '\0')
    au_tool_json_text (json, "status-text", text);
}

/* Whether the process that a record belongs to has ended without ending it. */
gboolean
au_tool_record_is_orphan (AuRecord *record)
{
  const char *owner = au_record_get_owner (record);

  return !au_status_is_terminal (au_record_get_status (record)) && !au_record_is_queued (record) &&
         (owner == NULL || owner[0] == '\0' || au_owner_get_state (owner) == AU_OWNER_STATE_DEAD);
}

/* Appends a record as an object of JSON. */
void
au_tool_record_append_json (GString  *json,
                            AuRecord *record,
                            gboolean  with_value)
{
  const char * const *tags = au_options_get_tags (au_record_get_options (record));
  AuStatus status = au_record_get_status (record);
  g_autoptr(GError) error = au_record_dup_error (record);

  g_string_append_c (json, '{');
  au_tool_json_text (json, "key", au_record_get_key (record));
  au_tool_json_text (json, "function", au_record_get_function (record));
  au_tool_json_text (json, "status", au_status_to_string (status));
  if (au_tool_record_is_orphan (record))
    au_tool_json_boolean (json, "abandoned", TRUE);
  au_tool_json_value (json, "arguments", au_record_get_arguments (record));
  if (with_value && status == AU_STATUS_COMPLETED)
    au_tool_json_value (json, "value", au_record_get_value (record));
  if (error != NULL)
    au_tool_json_error (json, "error", error);
  append_progress (json, record);
  au_tool_json_time (json, "created", au_record_get_created (record));
  if (au_record_get_due (record) != 0)
    au_tool_json_time (json, "due", au_record_get_due (record));
  au_tool_json_time (json, "started", au_record_get_started (record));
  au_tool_json_time (json, "completed", au_record_get_completed (record));
  if (au_record_get_expires (record) != 0)
    au_tool_json_time (json, "expires", au_record_get_expires (record));
  au_tool_json_uint (json, "attempt", au_record_get_attempt (record));
  if (au_record_get_n_items (record) > 0)
    au_tool_json_uint (json, "items", au_record_get_n_items (record));
  if (tags != NULL && tags[0] != NULL)
    au_tool_json_strv (json, "tags", tags);
  g_string_append_c (json, '}');
}

static char *
format_time (gint64 time)
{
  g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC);
  g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL ? g_date_time_format (local, "%Y-%m-%d %H:%M:%S") : g_strdup ("-");
}

static char *
format_span (AuRecord *record)
{
  gint64 started = au_record_get_started (record);
  gint64 end = au_record_get_completed (record);

  if (started == 0)
    return g_strdup ("-");
  if (end == 0)
    end = au_clock_get_real_time ();
  return au_tool_format_seconds ((end - started) / (double) G_USEC_PER_SEC);
}

/* What is to be said besides the status: progress, or what went wrong. */
static char *
describe_state (AuRecord *record)
{
  g_autoptr(GError) error = au_record_dup_error (record);
  double progress = au_record_get_progress (record);
  const char *text = au_record_get_status_text (record);

  if (error != NULL)
    {
      g_autofree char *line = g_strdelimit (g_strdup (error->message), "\r\n\t", ' ');

      return g_steal_pointer (&line);
    }
  if (au_status_is_terminal (au_record_get_status (record)))
    return g_strdup ("");
  if (au_record_get_owner (record) == NULL)
    return g_strdup (_("not started"));
  if (au_tool_record_is_orphan (record))
    return g_strdup (_("abandoned: its process has ended"));
  if (progress >= 0)
    return g_strdup_printf ("%d%% %s", (int) (progress * 100), text != NULL ? text : "");
  return g_strdup (text != NULL ? text : "");
}

/* The width for printf, which counts bytes, that makes @word @columns characters wide. */
static int
get_width (const char *word,
           int         columns)
{
  return columns + (int) strlen (word) - (int) g_utf8_strlen (word, -1);
}

char *
au_tool_record_header (void)
{
  const char *key = _("KEY");
  const char *status = _("STATUS");
  const char *function = _("FUNCTION");
  const char *created = _("CREATED");
  const char *time = _("TIME");

  return g_strdup_printf ("%-*s %-*s %-*s %-*s %*s",
                          get_width (key, KEY_WIDTH), key,
                          get_width (status, STATUS_WIDTH), status,
                          get_width (function, FUNCTION_WIDTH), function,
                          get_width (created, CREATED_WIDTH), created,
                          get_width (time, TIME_WIDTH), time);
}

/* A record as a line of a table. */
char *
au_tool_record_describe (AuRecord *record)
{
  g_autofree char *created = format_time (au_record_get_created (record));
  g_autofree char *span = format_span (record);
  g_autofree char *state = describe_state (record);
  char *line;

  line = g_strdup_printf ("%-*s %-*s %-*s %-*s %*s %s", KEY_WIDTH, au_record_get_key (record),
                          STATUS_WIDTH, au_status_to_string (au_record_get_status (record)),
                          FUNCTION_WIDTH, au_record_get_function (record),
                          CREATED_WIDTH, created, TIME_WIDTH, span, state);
  return g_strchomp (line);
}

/* Prints a record as a line. */
void
au_tool_print_record (AuRecord *record,
                      gboolean  json,
                      gboolean  with_value)
{
  GString *output = au_tool_output_begin ();

  if (json)
    {
      au_tool_record_append_json (output, record, with_value);
    }
  else
    {
      g_autofree char *line = au_tool_record_describe (record);

      g_string_append (output, line);
    }
  g_string_append_c (output, '\n');
  au_tool_output_end ();
}

static void
print_value (GVariant *value,
             gboolean  text)
{
  if (value == NULL || g_variant_is_of_type (value, G_VARIANT_TYPE_UNIT))
    return;

  if (text)
    {
      g_autofree char *line = g_variant_print (value, TRUE);

      au_tool_print (line, -1);
      au_tool_print ("\n", 1);
    }
  else
    {
      au_tool_print_json (value);
    }
}

/* Most errors of a function would mean something else as errors of au. */
static int
exit_for_failure (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return AU_TOOL_EXIT_NOT_ENDED;
  if (g_error_matches (error, AU_ERROR, AU_ERROR_STORE))
    return AU_TOOL_EXIT_STORAGE;
  return AU_TOOL_EXIT_FAILED;
}

/* Prints the value of a computation that has ended, or says why there is none.
 * Returns the exit code. */
int
au_tool_print_outcome (AuTool     *tool,
                       AuRecord   *record,
                       gboolean    text,
                       const char *name)
{
  g_autoptr(GError) error = NULL;

  switch (au_record_get_status (record))
    {
    case AU_STATUS_COMPLETED:
      print_value (au_record_get_value (record), text);
      return AU_TOOL_EXIT_SUCCESS;

    case AU_STATUS_FAILED:
      error = au_record_dup_error (record);
      g_prefix_error (&error, "%s: ", name);
      au_tool_fail (tool, error);
      return exit_for_failure (error);

    case AU_STATUS_CANCELLED:
      g_set_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("%s: it was cancelled"), name);
      return au_tool_fail (tool, error);

    case AU_STATUS_PENDING:
    case AU_STATUS_RUNNING:
    default:
      g_set_error (&error, AU_ERROR, AU_ERROR_NOT_READY,
                   au_tool_record_is_orphan (record)
                   ? _("%s has not ended, and no process computes it: “au run --resume %s” takes it over")
                   : _("%s has not ended: “au wait %s” waits for it"),
                   au_record_get_key (record), au_record_get_key (record));
      return au_tool_fail (tool, error);
    }
}
