/* au-call-run.c: calls the code of a function, where that is to run
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-call-private.h"
#include "au-function-private.h"
#include "au-job-private.h"
#include "au-main-context-private.h"

/* Functions that belong to a main context. */

typedef struct
{
  AuCall   *call;
  void    (*func) (AuCall *call, gpointer data);
  gpointer  data;
  GMutex    lock;
  GCond     cond;
  gboolean  done;
} OwnerRun;

static gboolean
owner_run_cb (gpointer data)
{
  OwnerRun *run = data;

  run->func (run->call, run->data);

  g_mutex_lock (&run->lock);
  run->done = TRUE;
  g_cond_signal (&run->cond);
  g_mutex_unlock (&run->lock);

  return G_SOURCE_REMOVE;
}

static void
run_in_owner_context (AuCall       *self,
                      GMainContext *context,
                      void        (*func) (AuCall *call, gpointer data),
                      gpointer      data)
{
  OwnerRun run = { .call = self, .func = func, .data = data };
  g_autoptr(GSource) source = NULL;

  if (au_main_context_is_ours (context))
    {
      func (self, data);
      return;
    }

  g_mutex_init (&run.lock);
  g_cond_init (&run.cond);

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, owner_run_cb, &run, NULL);
  g_source_attach (source, context);

  g_mutex_lock (&run.lock);
  while (!run.done)
    g_cond_wait (&run.cond, &run.lock);
  g_mutex_unlock (&run.lock);

  g_cond_clear (&run.cond);
  g_mutex_clear (&run.lock);
}

static void
run_where_wanted (AuCall   *self,
                  void    (*func) (AuCall *call, gpointer data),
                  gpointer  data)
{
  AuFunction *function = self->job->function;

  if (G_UNLIKELY (function->flags & AU_FUNCTION_OWNER_CONTEXT))
    run_in_owner_context (self, function->context, func, data);
  else
    func (self, data);
}

typedef struct
{
  GVariant *value;
  GError   *error;
  gboolean  more;
} Outcome;

/* A function that sets an error and returns a value all the same has failed. */
static void
settle_outcome (AuCall  *self,
                Outcome *outcome)
{
  if (outcome->error == NULL || outcome->value == NULL)
    return;

  g_warning ("The function “%s” returned both a value and an error; the error counts",
             au_call_get_function (self));
  g_variant_unref (g_variant_take_ref (g_steal_pointer (&outcome->value)));
}

static void
invoke_cb (AuCall   *self,
           gpointer  data)
{
  Outcome *outcome = data;
  AuFunction *function = self->job->function;

  outcome->value = function->func (self, au_job_get_arguments (self->job), function->user_data,
                                   &outcome->error);
}

GVariant *
au_call_invoke (AuCall  *self,
                GError **error)
{
  Outcome outcome = { NULL };

  run_where_wanted (self, invoke_cb, &outcome);
  settle_outcome (self, &outcome);

  if (outcome.error != NULL)
    g_propagate_error (error, outcome.error);

  return outcome.value;
}

static void
step_cb (AuCall   *self,
         gpointer  data)
{
  Outcome *outcome = data;
  AuFunction *function = self->job->function;

  outcome->more = function->step (self, au_job_get_arguments (self->job), function->user_data,
                                  &outcome->value, &outcome->error);
}

gboolean
au_call_step (AuCall    *self,
              GVariant **item,
              GError   **error)
{
  Outcome outcome = { NULL };
  g_autoptr(GVariant) value = NULL;

  run_where_wanted (self, step_cb, &outcome);
  settle_outcome (self, &outcome);
  if (outcome.value != NULL)
    value = g_variant_take_ref (outcome.value);

  if (outcome.error != NULL)
    {
      g_propagate_error (error, outcome.error);
      return FALSE;
    }

  if (!outcome.more)
    return FALSE;

  if (value != NULL && !au_call_check_value (self, value, error))
    return FALSE;

  *item = g_steal_pointer (&value);

  return TRUE;
}

static void
start_cb (AuCall   *self,
          gpointer  data)
{
  AuFunction *function = self->job->function;

  function->start (self, au_job_get_arguments (self->job), function->user_data);
}

void
au_call_start (AuCall *self)
{
  run_where_wanted (self, start_cb, NULL);
}
