/* slow-echo.c: one asynchronous function, called in three ways
 *
 *   cc slow-echo.c -o slow-echo $(pkg-config --cflags --libs au-1)
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

static void
done_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      data)
{
  guint *n_left = data;
  g_autoptr(GVariant) value = au_tamed_call_finish (AU_TAMED (object), result, NULL);

  (*n_left)--;
}

static void
call_async (AuTamed    *tamed,
            const char *text,
            guint       delay,
            guint      *n_left)
{
  (*n_left)++;
  au_tamed_call_async (tamed, g_variant_new ("(su)", text, delay), NULL, done_cb, n_left);
}

static void
call_sync (AuTamed    *tamed,
           const char *text,
           guint       delay)
{
  g_autoptr(GVariant) value = NULL;

  value = au_tamed_call_sync (tamed, g_variant_new ("(su)", text, delay), NULL, NULL);
}

int
main (void)
{
  g_autoptr(AuTamed) tamed = tame_slow_echo ();
  g_autoptr(AuScope) scope = NULL;
  g_autoptr(GError) error = NULL;
  guint n_left = 0;

  /* In a main loop: nothing blocks, and each is called back. */
  call_async (tamed, "async > DELAY(1)", 200, &n_left);
  call_async (tamed, "async > DELAY(.1)", 20, &n_left);
  call_async (tamed, "async > DELAY(.5)", 100, &n_left);
  while (n_left > 0)
    g_main_context_iteration (NULL, TRUE);

  /* Where there is none: one after the other. */
  call_sync (tamed, "sync > DELAY(1)", 200);
  call_sync (tamed, "sync > DELAY(.1)", 20);
  call_sync (tamed, "sync > DELAY(.5)", 100);

  /* In a scope: together, and all have finished when it is closed. */
  scope = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  start (tamed, scope, "scope > DELAY(1)", 200);
  start (tamed, scope, "scope > DELAY(.1)", 20);
  start (tamed, scope, "scope > DELAY(.5)", 100);
  if (!au_scope_close (scope, NULL, &error))
    g_printerr ("slow-echo: %s\n", error->message);

  return error != NULL;
}
