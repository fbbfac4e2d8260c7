/* service-layer.c: a service that runs for as long as a batch of requests needs it
 *
 *   cc service-layer.c -o service-layer $(pkg-config --cflags --libs au-1)
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <au/au.h>

#define MAX_TOKENS (3)
#define N_REQUESTS (6)

/* All of it runs in one thread, so that it needs no lock. Nobody looks again and again for
 * a token: those who wait for one are called when there is one. */
typedef struct
{
  guint  n_tokens;
  GQueue waiting;       /* of AuCall */
  guint  n_requests;
} RateLimiter;

static void
hand_out (RateLimiter *limiter)
{
  while (limiter->n_tokens > 0 && !g_queue_is_empty (&limiter->waiting))
    {
      AuCall *call = g_queue_pop_head (&limiter->waiting);

      limiter->n_tokens--;
      limiter->n_requests++;
      g_print ("Requesting %u\n", limiter->n_requests);
      au_call_return_value (call, NULL);
      au_call_unref (call);
    }
}

static void
fake_request (AuCall   *call,
              GVariant *arguments,
              gpointer  user_data)
{
  RateLimiter *limiter = user_data;

  g_queue_push_tail (&limiter->waiting, au_call_ref (call));
  hand_out (limiter);
}

typedef struct
{
  RateLimiter *limiter;
  AuCall      *call;
} Generator;

static gboolean
token_cb (gpointer data)
{
  Generator *self = data;
  g_autoptr(GError) error = NULL;

  if (au_call_set_error_if_cancelled (self->call, &error))
    {
      g_print ("The service is stopped\n");
      au_call_return_error (self->call, error);
      au_call_unref (self->call);
      g_free (self);
      return G_SOURCE_REMOVE;
    }

  g_print ("A token\n");
  self->limiter->n_tokens = MIN (self->limiter->n_tokens + 1, MAX_TOKENS);
  hand_out (self->limiter);

  return G_SOURCE_CONTINUE;
}

/* Runs for ever. */
static void
generate_tokens (AuCall   *call,
                 GVariant *arguments,
                 gpointer  user_data)
{
  Generator *self = g_new (Generator, 1);
  g_autoptr(GSource) source = g_timeout_source_new (20);

  self->limiter = user_data;
  self->call = au_call_ref (call);
  g_source_set_callback (source, token_cb, self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static AuTamed *
tame (const char  *name,
      AuStartFunc  start,
      gpointer     user_data)
{
  g_autoptr(AuFunction) function = NULL;

  function = au_function_new_async (name, "()", NULL, AU_FUNCTION_NONE, start, user_data, NULL, NULL);

  return au_tamed_new (function);
}

int
main (void)
{
  RateLimiter limiter = { .n_tokens = MAX_TOKENS, .waiting = G_QUEUE_INIT };
  g_autoptr(AuTamed) generating = tame ("generate-tokens", generate_tokens, &limiter);
  g_autoptr(AuTamed) requesting = tame ("fake-request", fake_request, &limiter);
  g_autoptr(AuScope) service = au_scope_new (AU_SCOPE_EXIT_CANCEL, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(AuScope) batch = au_scope_new (AU_SCOPE_EXIT_WAIT, AU_SCOPE_ERROR_CANCEL);
  g_autoptr(GError) error = NULL;

  g_object_unref (au_tamed_call_in_scope (generating, service, NULL, NULL));
  for (guint i = 0; i < N_REQUESTS; i++)
    g_object_unref (au_tamed_call_in_scope (requesting, batch, NULL, NULL));

  /* Waits for all requests, and then stops the service. */
  if (!au_scope_close (batch, NULL, &error) || !au_scope_close (service, NULL, &error))
    g_printerr ("service-layer: %s\n", error->message);

  return error != NULL;
}
