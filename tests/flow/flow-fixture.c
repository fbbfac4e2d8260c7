/* flow-fixture.c: what the tests of ways to call share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flow-fixture.h"

#include <glib-unix.h>

GString *trace;

void
flow_init (int    *argc,
           char ***argv)
{
  g_test_init (argc, argv, NULL);
  trace = g_string_new (NULL);
}

AuTamed *
tamed_new (const char  *name,
           const char  *input,
           const char  *output,
           AuStartFunc  start_func,
           gpointer     user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuFunction) function = NULL;

  function = au_function_new_async (name, input, output, AU_FUNCTION_NONE, start_func,
                                    user_data, NULL, &error);
  g_assert_no_error (error);

  return au_tamed_new (function);
}

/* Napping, without waiting for it: the sooner a nap is over, the higher is the priority of
 * its source, and one at a time is dispatched. */

#define NEVER (60000)

static int now;

gint naps_begun;

typedef struct
{
  AuCall  *call;
  char    *name;
  int      end;
  GSource *timeout;
  GSource *cancelled;
} Nap;

static void
nap_free (Nap *self)
{
  g_source_destroy (self->timeout);
  g_source_unref (self->timeout);
  g_source_destroy (self->cancelled);
  g_source_unref (self->cancelled);
  au_call_unref (self->call);
  g_free (self->name);
  g_free (self);
}

static gboolean
nap_over_cb (gpointer data)
{
  Nap *self = data;

  now = self->end;
  g_string_append_printf (trace, "%s ", self->name);
  if (self->name[0] == '-')
    {
      g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                                                     self->name);

      au_call_return_error (self->call, error);
    }
  else
    {
      au_call_return_value (self->call, g_variant_new_string (self->name));
    }
  nap_free (self);

  return G_SOURCE_REMOVE;
}

static gboolean
nap_cancelled_cb (GCancellable *cancellable,
                  gpointer      data)
{
  Nap *self = data;
  g_autoptr(GError) error = NULL;

  g_string_append_printf (trace, "!%s ", self->name);
  g_assert_true (au_call_set_error_if_cancelled (self->call, &error));
  au_call_return_error (self->call, error);
  nap_free (self);

  return G_SOURCE_REMOVE;
}

static void
nap_start (AuCall   *call,
           GVariant *arguments,
           gpointer  user_data)
{
  Nap *self = g_new0 (Nap, 1);
  guint milliseconds;

  g_variant_get (arguments, "(su)", &self->name, &milliseconds);
  self->call = au_call_ref (call);

  self->end = now + milliseconds;
  self->timeout = g_idle_source_new ();
  g_source_set_priority (self->timeout, G_PRIORITY_LOW + self->end);
  g_source_set_callback (self->timeout, nap_over_cb, self, NULL);
  if (milliseconds < NEVER)
    g_source_attach (self->timeout, g_main_context_get_thread_default ());

  self->cancelled = g_cancellable_source_new (au_call_get_cancellable (call));
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (nap_cancelled_cb), self, NULL);
  g_source_attach (self->cancelled, g_main_context_get_thread_default ());
  g_atomic_int_inc (&naps_begun);
}

AuTamed *
nap_new (void)
{
  return tamed_new ("nap", "(su)", "s", nap_start, NULL);
}

GVariant *
nap (const char *name,
     guint       milliseconds)
{
  return g_variant_new ("(su)", name, milliseconds);
}

static void
faulty_start (AuCall   *call,
              GVariant *arguments,
              gpointer  user_data)
{
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "Oh no!");

  au_call_return_error (call, error);
}

AuTamed *
faulty_new (void)
{
  return tamed_new ("faulty", "()", "s", faulty_start, NULL);
}

static gboolean
endless_cancelled_cb (int          fd,
                      GIOCondition condition,
                      gpointer     data)
{
  AuCall *call = data;
  g_autoptr(GError) error = NULL;

  g_cancellable_set_error_if_cancelled (au_call_get_cancellable (call), &error);
  au_call_return_error (call, error);

  return G_SOURCE_REMOVE;
}

static void
endless_free (gpointer data)
{
  AuCall *call = data;

  g_cancellable_release_fd (au_call_get_cancellable (call));
  au_call_unref (call);
}

/* By its descriptor: a source of a cancellable that is freed while it is cancelled leaves
 * its memory to a thread of GLib, and the program may end before that has its turn. */
static void
endless_start (AuCall   *call,
               GVariant *arguments,
               gpointer  user_data)
{
  g_autoptr(GSource) source = NULL;
  GPollFD poll;

  g_assert_true (g_cancellable_make_pollfd (au_call_get_cancellable (call), &poll));
  source = g_unix_fd_source_new (poll.fd, G_IO_IN);
  g_source_set_callback (source, G_SOURCE_FUNC (endless_cancelled_cb), au_call_ref (call), endless_free);
  g_source_attach (source, g_main_context_get_thread_default ());
}

AuTamed *
endless_new (void)
{
  return tamed_new ("endless", "()", NULL, endless_start, NULL);
}

AuEngine *
engine_new (const char *backend_type)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuStore) store = au_part_new (AU_MODULE_STORE, "memory", &error, NULL);
  g_autoptr(AuBackend) backend = NULL;

  g_assert_no_error (error);
  backend = au_part_new (AU_MODULE_BACKEND, backend_type, &error, NULL);
  g_assert_no_error (error);

  return au_engine_new_with_parts (store, backend);
}

AuDelayed *
start (AuTamed  *tamed,
       AuScope  *scope,
       GVariant *arguments)
{
  g_autoptr(GError) error = NULL;
  AuDelayed *delayed = au_tamed_call_in_scope (tamed, scope, arguments, &error);

  g_assert_no_error (error);
  g_assert_true (AU_IS_DELAYED (delayed));

  return delayed;
}

char *
get_text (AuDelayed *delayed)
{
  g_autoptr(GError) error = NULL;
  GVariant *value = au_delayed_get_value (delayed, &error);

  g_assert_no_error (error);

  return g_variant_dup_string (value, NULL);
}

void
await_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  Await *self = data;

  g_assert_null (self->result);
  self->result = g_object_ref (result);
}

GAsyncResult *
await (Await *self)
{
  /* Never before the function that began it has returned. */
  g_assert_null (self->result);
  while (self->result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return self->result;
}

guint
scaled (guint n)
{
#if defined (__SANITIZE_THREAD__) || defined (__SANITIZE_ADDRESS__)
  return n / 20;
#else
  return n;
#endif
}
