/* delayed-results.c: results that arrive later, and are passed on before they do
 *
 *   cc delayed-results.c -o delayed-results $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

static gboolean
answer_cb (gpointer data)
{
  AuCall *call = data;

  au_call_return_value (call, g_variant_new ("(us)", 200, "You are awesome!"));
  au_call_unref (call);

  return G_SOURCE_REMOVE;
}

static void
request (AuCall   *call,
         GVariant *arguments,
         gpointer  user_data)
{
  g_autoptr(GSource) source = NULL;
  guint delay;

  g_variant_get (arguments, "(u)", &delay);
  source = g_timeout_source_new (delay);
  g_source_set_callback (source, answer_cb, au_call_ref (call), NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static void
arrived_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(AuCall) call = data;
  g_autoptr(GError) error = NULL;
  g_autofree char *start = NULL;
  g_autofree char *text = NULL;
  const char *message;
  guint code;

  if (!au_delayed_await_finish (AU_DELAYED (object), result, &error))
    {
      au_call_return_error (call, error);
      return;
    }

  g_variant_get (au_delayed_get_value (AU_DELAYED (object), NULL), "(u&s)", &code, &message);
  start = g_strndup (message, strrchr (message, ' ') - message);
  text = g_strdup_printf ("%s very%s", start, message + strlen (start));
  au_call_return_value (call, g_variant_new ("(us)", code, text));
}

/* It is given a result that is not there yet. */
static void
post_process (AuCall   *call,
              GVariant *arguments,
              gpointer  user_data)
{
  AuDelayed *raw_result = user_data;

  au_delayed_await_async (raw_result, NULL, arrived_cb, au_call_ref (call));
}

static AuTamed *
tame (const char  *name,
      const char  *input,
      AuStartFunc  start,
      gpointer     user_data)
{
  g_autoptr(AuFunction) function = NULL;

  function = au_function_new_async (name, input, "(us)", AU_FUNCTION_NONE, start, user_data, NULL,
                                    NULL);

  return au_tamed_new (function);
}

static void
print_status (const char *prefix,
              GVariant   *value)
{
  const char *message;
  guint code;

  g_variant_get (value, "(u&s)", &code, &message);
  g_print ("%sStatus %u: `%s`\n", prefix, code, message);
}

int
main (void)
{
  g_autoptr(AuTamed) tamed = tame ("request", "(u)", request, NULL);
  g_autoptr(AuScope) scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuDelayed) raw_result = NULL;
  g_autoptr(AuTamed) processing = NULL;
  g_autoptr(AuDelayed) result = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  /* at once */
  value = au_tamed_call_sync (tamed, g_variant_new ("(u)", 20), NULL, &error);
  if (value == NULL)
    {
      g_printerr ("delayed-results: %s\n", error->message);
      return 1;
    }
  print_status ("", value);

  /* later */
  raw_result = au_tamed_call_in_scope (tamed, scope, g_variant_new ("(u)", 20), &error);
  processing = tame ("post-process", "()", post_process, raw_result);
  result = au_tamed_call_in_scope (processing, scope, NULL, &error);

  if (au_delayed_get_value (result, &error) == NULL)
    g_print ("scope > result: Not yet available.\n");
  g_clear_error (&error);

  if (au_delayed_block (result, -1, NULL, &error))
    print_status ("scope > result: ", au_delayed_get_value (result, NULL));

  if (!au_scope_close (scope, NULL, &error))
    g_printerr ("delayed-results: %s\n", error->message);

  return error != NULL;
}
