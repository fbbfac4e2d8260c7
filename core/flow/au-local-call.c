/* au-local-call.c: a function that runs in a loop of this process, without a record
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-delayed-private.h"
#include "au-function-private.h"
#include "au-job-private.h"
#include "au-key-private.h"
#include "au-options-private.h"
#include "au-record-private.h"

#include <au/au-clock.h>
#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/* A function is run in the same way as by an engine: by a job, whose reports come here
 * instead. It is all one piece of memory, which goes with the job. */
typedef struct
{
  AuDelayedWork  work;
  AuFlowItem     item;
  AuDelayed     *delayed;       /* until the job is gone */
  gint           state;         /* atomic; of State */
  gboolean       finished;      /* only in the loop */
  AuJob          job;
} LocalCall;

typedef enum
{
  WAITING,
  BEGUN,
  DROPPED,
} State;

static void
local_call_free (AuDelayedWork *work)
{
  au_job_unref (&((LocalCall *) work)->job);
}

static guint
local_begin (AuJob   *job,
             GError **error)
{
  return 1;
}

static gboolean
local_report (AuJob       *job,
              double       progress,
              const char  *status_text,
              GError     **error)
{
  return TRUE;
}

static guint
local_get_wanted (AuJob *job)
{
  return G_MAXUINT;
}

static void
local_wait_wanted (AuJob *job)
{
}

static gboolean
local_emit (AuJob     *job,
            GVariant  *item,
            GError   **error)
{
  g_set_error (error, AU_ERROR, AU_ERROR_UNSUPPORTED,
               _("The function “%s” gives items, which nobody could read here: run it by an engine or an AuTaskRunner"),
               au_function_get_name (job->function));
  return FALSE;
}

static gboolean
set_outcome (AuJob         *job,
             GVariant      *value,
             const GError  *reason,
             GError       **error)
{
  LocalCall *self = job->owner;

  if (au_delayed_complete (self->delayed, value, reason))
    return TRUE;

  g_set_error (error, AU_ERROR, AU_ERROR_STALE,
               _("The call of “%s” has ended already"), au_function_get_name (job->function));
  return FALSE;
}

static gboolean
local_complete (AuJob     *job,
                GVariant  *value,
                GError   **error)
{
  return set_outcome (job, value, NULL, error);
}

static gboolean
local_fail (AuJob         *job,
            const GError  *reason,
            GError       **error)
{
  return set_outcome (job, NULL, reason, error);
}

static gboolean
local_release (AuJob   *job,
               GError **error)
{
  return FALSE;
}

static void
local_set_metadata (AuJob      *job,
                    const char *name,
                    GVariant   *value)
{
}

static void
local_free_owner (gpointer owner)
{
  LocalCall *self = owner;

  g_object_unref (self->delayed);
  g_object_unref (self->job.function);
  g_free (self);
}

static const AuJobHooks hooks = {
  .begin = local_begin,
  .report = local_report,
  .get_wanted = local_get_wanted,
  .wait_wanted = local_wait_wanted,
  .emit = local_emit,
  .complete = local_complete,
  .fail = local_fail,
  .lost = local_fail,
  .release = local_release,
  .set_metadata = local_set_metadata,
  .free_owner = local_free_owner,
};

/* While it is in a queue, the queue has a reference on the job. */
static void
enqueue (LocalCall *self)
{
  au_job_ref (&self->job);
  if (!au_flow_binding_push (self->delayed->binding, &self->item))
    au_job_unref (&self->job);
}

static void
ready_cb (AuJob   *job,
          gpointer data)
{
  enqueue (data);
}

static void
turn (AuFlowItem *item)
{
  LocalCall *self = (LocalCall *) ((char *) item - G_STRUCT_OFFSET (LocalCall, item));
  gboolean wanted = !self->finished;

  if (wanted && g_atomic_int_get (&self->state) != BEGUN)
    {
      wanted = g_atomic_int_compare_and_exchange (&self->state, WAITING, BEGUN);
      if (wanted)
        au_job_set_ready_func (&self->job, ready_cb, self, NULL);
    }

  if (wanted)
    {
      switch (au_job_step (&self->job))
        {
        case AU_JOB_STEP_AGAIN:
          enqueue (self);
          break;
        case AU_JOB_STEP_DONE:
          self->finished = TRUE;
          break;
        case AU_JOB_STEP_WAIT:
        default:
          break;
        }
    }

  au_job_unref (&self->job);
}

static void
local_call_cancel (AuDelayedWork *work)
{
  LocalCall *self = (LocalCall *) work;
  g_autoptr(GError) error = NULL;

  if (!g_atomic_int_compare_and_exchange (&self->state, WAITING, DROPPED))
    {
      au_job_cancel (&self->job);
      return;
    }

  error = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                       _("The call of “%s” was cancelled before it began"),
                       au_function_get_name (self->job.function));
  au_delayed_complete (self->delayed, NULL, error);
}

static AuRecord *
make_record (const char *function,
             GVariant   *arguments)
{
  char key[AU_KEY_LENGTH + 1];
  gint64 now = au_clock_get_real_time ();

  au_key_write (key, now);

  return au_record_new_full (key, function, arguments, au_options_seal (NULL), now, NULL);
}

static const AuDelayedWorkFuncs local_call_funcs = {
  .cancel = local_call_cancel,
  .free = local_call_free,
};

void
au_delayed_call (AuDelayed  *self,
                 AuFunction *function,
                 GVariant   *arguments,
                 gint64      deadline)
{
  LocalCall *call = g_new0 (LocalCall, 1);
  g_autoptr(AuRecord) record = make_record (self->name, arguments);
  g_autoptr(AuJob) job = NULL;

  au_delayed_work_init (&call->work, &local_call_funcs);
  call->item.run = turn;
  call->delayed = g_object_ref (self);
  job = au_job_ref (au_job_new_at (&call->job, &hooks, call, g_object_ref (function), record));
  if (deadline > 0)
    au_job_set_deadline (job, deadline);

  if (au_delayed_put_work (self, &call->work))
    enqueue (call);
}
