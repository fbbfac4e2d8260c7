/* au-command-function.c: runs a program
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-command-process-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/*
 * command a{sv} → a{sv}: runs a program until it ends.
 *
 * What it is given:
 *
 *   argv               as      the program and its arguments; the program is looked
 *                              for in PATH unless it has a slash
 *   stdin              s, ay   what it reads; nothing by default
 *   environment        a{ss}   variables to add to those of this process
 *   clear-environment  b       have no others than those
 *   cwd                s       the folder to run it in
 *   max-output         t       bytes of stdout, and of stderr, that are too many: it
 *                              is killed, and the computation fails; 16 MiB by default
 *   memory             t       bytes of address space it may have
 *   cpu-time           t       seconds of processor time it may use
 *   files              t       files it may have open
 *   grace              d       seconds from SIGTERM to SIGKILL when the computation is
 *                              cancelled or has run out of time; 2 by default
 *   check              b       whether an end other than exit status 0 is an error
 *
 * A string may also be an array of bytes, a number any number; a size may be a string
 * such as “64KiB”, and a duration one such as “500ms”.
 *
 * What it gives:
 *
 *   exit-status        i       its exit status, or
 *   signal             i       the signal that ended it
 *   stdout, stderr     s       what it wrote; if that is no UTF-8 text, an ay
 *   duration           d       how many seconds it ran
 *
 * The program leads a process group of its own. When it has ended, however that came,
 * all that is left of the group is killed: a program that shall go on in the
 * background must leave the group, as setsid(1) does.
 *
 * With limits, the program is started by way of a shell, which sets them.
 */

static GVariant *
make_output (GByteArray **array)
{
  g_autoptr(GBytes) bytes = NULL;
  gsize length;

  if (*array == NULL)
    return g_variant_new_string ("");

  length = (*array)->len;
  if (!g_utf8_validate_len ((const char *) (*array)->data, length, NULL))
    {
      bytes = g_byte_array_free_to_bytes (g_steal_pointer (array));
      return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
    }

  g_byte_array_append (*array, (const guint8 *) "", 1);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (array));
  return g_variant_new_from_bytes (G_VARIANT_TYPE_STRING, bytes, TRUE);
}

static GVariant *
make_result (AuCommandOutcome *outcome,
             GTimeSpan         duration)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", outcome->killed ? "signal" : "exit-status",
                         g_variant_new_int32 (outcome->status));
  g_variant_builder_add (&builder, "{sv}", "stdout", make_output (&outcome->output[0]));
  g_variant_builder_add (&builder, "{sv}", "stderr", make_output (&outcome->output[1]));
  g_variant_builder_add (&builder, "{sv}", "duration",
                         g_variant_new_double (duration / (double) G_TIME_SPAN_SECOND));

  return g_variant_builder_end (&builder);
}

/* The last line that is not empty, which is where programs say what went wrong. */
static char *
get_last_line (GByteArray *array)
{
  const char *start;
  gsize end = array != NULL ? array->len : 0;
  gsize begin;

  while (end > 0 && g_ascii_isspace (array->data[end - 1]))
    end--;

  if (end == 0)
    return NULL;

  for (begin = end; begin > 0 && array->data[begin - 1] != '\n'; begin--)
    ;

  /* a line without an end is no message */
  start = (const char *) array->data + begin;
  return g_utf8_make_valid (start, MIN (end - begin, 500));
}

static gboolean
check_outcome (const AuCommandRequest *request,
               AuCommandOutcome       *outcome,
               GError                **error)
{
  g_autofree char *name = NULL;
  g_autofree char *line = NULL;

  if (!outcome->killed && outcome->status == 0)
    return TRUE;

  name = g_filename_display_name (request->argv[0]);
  line = get_last_line (outcome->output[1]);

  if (outcome->killed)
    g_set_error (error, AU_ERROR, AU_ERROR_FAILED,
                 line != NULL ? _("“%s” was ended by signal %d (%s): %s")
                              : _("“%s” was ended by signal %d (%s)"),
                 name, outcome->status, g_strsignal (outcome->status), line);
  else
    g_set_error (error, AU_ERROR, AU_ERROR_FAILED,
                 line != NULL ? _("“%s” ended with status %d: %s")
                              : _("“%s” ended with status %d"),
                 name, outcome->status, line);

  return FALSE;
}

static GVariant *
command (AuCall   *call,
         GVariant *arguments,
         gpointer  user_data,
         GError  **error)
{
  g_auto(AuCommandRequest) request = { 0 };
  g_auto(AuCommandOutcome) outcome = { 0 };
  gint64 started;

  if (!au_command_request_init (&request, arguments, error))
    return NULL;

  started = au_clock_get_monotonic_time ();
  if (!au_command_process_run (&request, au_call_get_cancellable (call), &outcome, error))
    return NULL;

  if (request.check && !check_outcome (&request, &outcome, error))
    return NULL;

  return make_result (&outcome, au_clock_get_monotonic_time () - started);
}

static const AuFunctionEntry functions[] = {
  { "command", "a{sv}", "a{sv}", command, AU_FUNCTION_NONE,
    N_("runs a program: its exit status, stdout and stderr") },
  { NULL }
};

AU_MODULE_DEFINE (au_function_command, PACKAGE_VERSION, "LGPL-2.1-or-later",
                  "Runs programs",
                  NULL, functions)
