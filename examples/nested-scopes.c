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

static void
start_outer (AuTamed *tamed,
             AuScope *outer)
{
  start (tamed, outer, "Outer Scope > DELAY(1.5)", 300);
  start (tamed, outer, "Outer Scope > DELAY(1)", 200);
}

static void
start_inner (AuTamed *tamed,
             AuScope *inner)
{
  start (tamed, inner, "Outer Scope > Inner Scope > DELAY(2)", 400);
  start (tamed, inner, "Outer Scope > Inner Scope > DELAY(1)", 201);
}

/* Where nothing else goes on, closing a scope waits. */
static gboolean
bulk_echo (AuTamed  *tamed,
           GError  **error)
{
  g_autoptr(AuScope) outer = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);

  start_outer (tamed, outer);

  {
    g_autoptr(AuScope) inner = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);

    start_inner (tamed, inner);
    if (!au_scope_close (inner, NULL, error))
      return FALSE;
  }

  /* This one begins when the inner scope is closed. */
  start (tamed, outer, "Outer Scope > DELAY(.5)", 100);

  return au_scope_close (outer, NULL, error);
}

/* The same in a main loop, which goes on meanwhile. */
typedef struct
{
  AuTamed   *tamed;
  AuScope   *outer;
  AuScope   *inner;
  gboolean   done;
  GError    *error;
} Bulk;

static void
outer_closed_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      data)
{
  Bulk *bulk = data;

  au_scope_close_finish (bulk->outer, result, bulk->error == NULL ? &bulk->error : NULL);
  bulk->done = TRUE;
}

static void
inner_closed_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      data)
{
  Bulk *bulk = data;

  if (au_scope_close_finish (bulk->inner, result, &bulk->error))
    start (bulk->tamed, bulk->outer, "Outer Scope > DELAY(.5)", 100);
  au_scope_close_async (bulk->outer, NULL, outer_closed_cb, bulk);
}

static gboolean
bulk_echo_async (AuTamed  *tamed,
                 GError  **error)
{
  g_autoptr(AuScope) outer = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuScope) inner = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  Bulk bulk = { tamed, outer, inner };

  start_outer (tamed, outer);
  start_inner (tamed, inner);
  au_scope_close_async (inner, NULL, inner_closed_cb, &bulk);
  while (!bulk.done)
    g_main_context_iteration (NULL, TRUE);

  if (bulk.error != NULL)
    g_propagate_error (error, bulk.error);
  return bulk.error == NULL;
}

int
main (void)
{
  g_autoptr(AuTamed) tamed = tame_slow_echo ();
  g_autoptr(GError) error = NULL;
  gboolean good;

  g_print ("with:\n");
  good = bulk_echo (tamed, &error);
  if (good)
    {
      g_print ("async with:\n");
      good = bulk_echo_async (tamed, &error);
    }
  if (!good)
    g_printerr ("nested-scopes: %s\n", error->message);

  return !good;
}
