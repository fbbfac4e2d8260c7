/* au-job-run.c: how a job is run, by a thread or bit by bit
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-call-private.h"
#include "au-function-private.h"
#include "au-job-private.h"

#include <glib/gi18n-lib.h>

/* A job that is not to be run any more is no error to its backend. */
static gboolean
begin_or_drop (AuJob *self)
{
  g_autoptr(GError) error = NULL;

  if (au_job_begin (self, &error) > 0)
    return TRUE;

  g_debug ("%s: not started: %s", au_job_get_key (self), error->message);

  return FALSE;
}

static void
run_iterator (AuJob  *self,
              AuCall *call)
{
  GError *error = NULL;

  while (error == NULL)
    {
      g_autoptr(GVariant) item = NULL;

      if (!self->no_wait)
        self->hooks->wait_wanted (self);

      if (au_job_is_cancelled (self))
        g_set_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                     _("The computation “%s” was cancelled"), au_job_get_key (self));
      else if (!au_call_step (call, &item, &error))
        break;
      else if (item != NULL)
        self->hooks->emit (self, item, &error);
    }

  au_call_conclude (call, NULL, error);
}

static void
run_async (AuJob  *self,
           AuCall *call)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GMainContextPusher) pusher = g_main_context_pusher_new (context);

  (void) pusher;
  au_call_start (call);
  au_call_finish (call, context);
}

/**
 * au_job_run:
 * @self: a job
 *
 * Runs the job in this thread from begin to end, whatever the form of its function,
 * and records how it ended.
 *
 * It blocks: this is for the worker threads of a backend.
 *
 * Since: 1.0
 */
void
au_job_run (AuJob *self)
{
  g_autoptr(AuCall) call = NULL;

  g_return_if_fail (self != NULL);

  if (!begin_or_drop (self))
    return;

  call = au_call_new (self);

  if (self->function->step != NULL)
    {
      run_iterator (self, call);
    }
  else if (self->function->start != NULL)
    {
      run_async (self, call);
    }
  else
    {
      GError *error = NULL;
      GVariant *value = au_call_invoke (call, &error);

      au_call_conclude (call, value, error);
    }
}

static AuJobStep
step_iterator (AuJob  *self,
               AuCall *call)
{
  g_autoptr(GVariant) item = NULL;
  GError *error = NULL;

  if (au_job_is_cancelled (self))
    {
      g_set_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                   _("The computation “%s” was cancelled"), au_job_get_key (self));
      au_call_conclude (call, NULL, error);
      return AU_JOB_STEP_DONE;
    }

  if (self->hooks->get_wanted (self) == 0)
    return AU_JOB_STEP_WAIT;

  if (au_call_step (call, &item, &error) &&
      (item == NULL || self->hooks->emit (self, item, &error)))
    return AU_JOB_STEP_AGAIN;

  au_call_conclude (call, NULL, error);

  return AU_JOB_STEP_DONE;
}

static AuJobStep
step (AuJob *self)
{
  gboolean first;
  AuCall *call;

  g_mutex_lock (&self->lock);
  call = au_job_ensure_extra (self)->call;
  g_mutex_unlock (&self->lock);

  first = call == NULL;
  if (first)
    {
      self->no_wait = TRUE;
      if (!begin_or_drop (self))
        return AU_JOB_STEP_DONE;

      self->extra->call = call = au_call_new (self);
    }

  if (self->function->step != NULL)
    return step_iterator (self, call);

  if (self->function->start != NULL)
    {
      if (first)
        au_call_start (call);

      return au_call_has_returned (call) ? AU_JOB_STEP_DONE : AU_JOB_STEP_WAIT;
    }

  {
    GError *error = NULL;
    GVariant *value = au_call_invoke (call, &error);

    au_call_conclude (call, value, error);
  }

  return AU_JOB_STEP_DONE;
}

/**
 * au_job_step:
 * @self: a job
 *
 * Runs a bit of the job in this thread: a plain function as a whole, one item of an
 * iterator function, the start of an asynchronous one.
 *
 * This is for backends that live in a main loop; it never waits for a reader. Steps
 * of one job must not overlap.
 *
 * Returns: what to do next
 *
 * Since: 1.0
 */
AuJobStep
au_job_step (AuJob *self)
{
  g_autoptr(AuCall) call = NULL;
  AuJobStep next;

  g_return_val_if_fail (self != NULL, AU_JOB_STEP_DONE);

  next = step (self);

  /* The call holds the job, too. */
  if (next == AU_JOB_STEP_DONE)
    {
      g_mutex_lock (&self->lock);
      call = g_steal_pointer (&self->extra->call);
      g_mutex_unlock (&self->lock);
    }

  return next;
}
