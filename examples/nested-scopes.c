/* nested-scopes.c: functions of an outer scope go on while an inner one is closed
 *
 *   cc nested-scopes.c -o nested-scopes $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

typedef struct
{
  AuCall *call;
  char   *text;
} Echo;

static gboolean
echo_cb (gpointer data)
{
  Echo *echo = data;

  g_print ("%s\n", echo->text);
  au_call_return_value (echo->call, NULL);
  au_call_unref (echo->call);
  g_free (echo->text);
  g_free (echo);

  return G_SOURCE_REMOVE;
}

/* Waits in the main context of whoever runs it, so that others go on meanwhile. */
static void
slow_echo (AuCall   *call,
           GVariant *arguments,
           gpointer  user_data)
{
  Echo *echo = g_new (Echo, 1);
  g_autoptr(GSource) source = NULL;
  guint delay;

  echo->call = au_call_ref (call);
  g_variant_get (arguments, "(su)", &echo->text, &delay);

  /* On a busy machine, too, the shorter one comes first. */
  source = g_timeout_source_new (delay);
  g_source_set_priority (source, delay);
  g_source_set_callback (source, echo_cb, echo, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static AuTamed *
tame_slow_echo (void)
{
  g_autoptr(AuFunction) function = NULL;

  function = au_function_new_async ("slow-echo", "(su)", NULL, AU_FUNCTION_NONE, slow_echo, NULL,
                                    NULL, NULL);

  return au_tamed_new (function);
}

static void
start (AuTamed    *tamed,
       AuScope    *scope,
       const char *text,
       guint       delay)
{
  g_autoptr(AuDelayed) result = NULL;

  result = au_tamed_call_in_scope (tamed, scope, g_variant_new ("(su)", text, delay), NULL);
}

int
main (void)
{
  g_autoptr(AuTamed) tamed = tame_slow_echo ();
  g_autoptr(AuScope) outer = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(GError) error = NULL;

  start (tamed, outer, "Outer Scope > DELAY(1.5)", 300);
  start (tamed, outer, "Outer Scope > DELAY(1)", 200);

  {
    g_autoptr(AuScope) inner = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);

    start (tamed, inner, "Outer Scope > Inner Scope > DELAY(2)", 400);
    start (tamed, inner, "Outer Scope > Inner Scope > DELAY(1)", 201);
    if (!au_scope_close (inner, NULL, &error))
      g_printerr ("nested-scopes: %s\n", error->message);
  }

  /* This one begins when the inner scope is closed. */
  start (tamed, outer, "Outer Scope > DELAY(.5)", 100);
  if (error == NULL && !au_scope_close (outer, NULL, &error))
    g_printerr ("nested-scopes: %s\n", error->message);

  return error != NULL;
}
