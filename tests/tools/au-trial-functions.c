/* au-trial-functions.c: functions that behave in ways that tests need
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "../await.h"

static GVariant *
echo (AuCall   *call,
      GVariant *arguments,
      gpointer  user_data,
      GError  **error)
{
  return g_variant_get_child_value (arguments, 0);
}

static GVariant *
same (AuCall   *call,
      GVariant *arguments,
      gpointer  user_data,
      GError  **error)
{
  return g_variant_ref (arguments);
}

static GVariant *
sum (AuCall   *call,
     GVariant *arguments,
     gpointer  user_data,
     GError  **error)
{
  gint64 a, b;

  g_variant_get (arguments, "(xx)", &a, &b);
  return g_variant_new_int64 (a + b);
}

static GVariant *
fail (AuCall   *call,
      GVariant *arguments,
      gpointer  user_data,
      GError  **error)
{
  const char *text;

  g_variant_get (arguments, "(&s)", &text);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "“%s” is busy", text);
  return NULL;
}

/* Fails where a file is missing, so that it can be made to succeed later. */
static GVariant *
exists (AuCall   *call,
        GVariant *arguments,
        gpointer  user_data,
        GError  **error)
{
  const char *path;

  g_variant_get (arguments, "(&s)", &path);
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_variant_new_boolean (TRUE);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "“%s” is missing", path);
  return NULL;
}

static GVariant *
flaky (AuCall   *call,
       GVariant *arguments,
       gpointer  user_data,
       GError  **error)
{
  if (au_call_get_attempt (call) > 1)
    return g_variant_new_uint32 (au_call_get_attempt (call));

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "not at the first attempt");
  return NULL;
}

/* Makes a file, to say that it runs, and goes on until it is cancelled. */
static GVariant *
block (AuCall   *call,
       GVariant *arguments,
       gpointer  user_data,
       GError  **error)
{
  const char *path;

  g_variant_get (arguments, "(&s)", &path);
  au_call_set_progress (call, 0.25, "blocking");
  if (!g_file_set_contents (path, "", 0, error))
    return NULL;

  return await_cancelled (call, error);
}

static GVariant *
nothing (AuCall   *call,
         GVariant *arguments,
         gpointer  user_data,
         GError  **error)
{
  return NULL;
}

static gboolean
count (AuCall    *call,
       GVariant  *arguments,
       gpointer   user_data,
       GVariant **item,
       GError   **error)
{
  gint64 *next = au_call_get_state (call);
  gint64 last;

  g_variant_get (arguments, "(x)", &last);
  if (next == NULL)
    {
      next = g_new0 (gint64, 1);
      au_call_set_state (call, next, g_free);
    }
  if (*next >= last)
    return FALSE;

  *item = g_variant_ref_sink (g_variant_new_int64 (++*next));
  return TRUE;
}

static const AuFunctionEntry functions[] = {
  { "trial.echo", "(s)", "s", echo, AU_FUNCTION_NONE, "gives its text back" },
  { "trial.value", "(v)", "v", echo, AU_FUNCTION_NONE, "gives its value back" },
  { "trial.bytes", "(ay)", "ay", echo, AU_FUNCTION_NONE, "gives its bytes back" },
  { "trial.same", "a{sv}", "a{sv}", same, AU_FUNCTION_NONE, "gives its dictionary back" },
  { "trial.sum", "(xx)", "x", sum, AU_FUNCTION_NONE, "adds two numbers" },
  { "trial.fail", "(s)", "s", fail, AU_FUNCTION_NONE, "fails" },
  { "trial.exists", "(s)", "b", exists, AU_FUNCTION_NONE, "fails unless a file exists" },
  { "trial.flaky", "(s)", "u", flaky, AU_FUNCTION_NONE, "fails at the first attempt" },
  { "trial.block", "(s)", "s", block, AU_FUNCTION_NONE, "goes on until it is cancelled" },
  { "trial.nothing", "(s)", NULL, nothing, AU_FUNCTION_NONE, "has no value" },
  { "trial.count", "(x)", "x", NULL, AU_FUNCTION_NONE, "counts from 1", NULL, count },
  { NULL }
};

AU_MODULE_DEFINE (au_function_trial, "1.0", "LGPL-2.1-or-later", "Functions for tests", NULL, functions)
