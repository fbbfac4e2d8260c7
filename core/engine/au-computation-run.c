/* au-computation-run.c: how a computation is run
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-job-private.h"
#include "au-record-private.h"

#include <au/au-clock.h>
#include <au/au-error.h>
#include <au/au-param.h>
#include <au/au-transition.h>

#include <glib/gi18n-lib.h>

static void launch_next_attempt (AuComputation *self);

static AuComputation *
get_computation (AuJob *job)
{
  return job->owner;
}

static AuJob *
dup_job (AuComputation *self)
{
  AuJob *job = NULL;

  g_mutex_lock (&self->lock);
  if (self->job != NULL)
    job = au_job_ref (self->job);
  g_mutex_unlock (&self->lock);

  return job;
}

static void
stop_job (AuComputation *self,
          AuJob         *job)
{
  au_job_cancel (job);
  au_computation_release_emitters (self);
  au_backend_cancel (self->engine->backend, job);
}

void
au_computation_stop_job (AuComputation *self)
{
  g_autoptr(AuJob) job = dup_job (self);

  if (job != NULL)
    stop_job (self, job);
}

/* Tells whoever claimed it, once, that nothing of it runs here any more. */
void
au_computation_tell_returned (AuComputation *self)
{
  void (*returned) (AuComputation *, gpointer) = NULL;
  gpointer data = NULL;

  if (!self->claimed)
    return;

  g_mutex_lock (&self->lock);
  returned = g_steal_pointer (&self->extra->returned);
  data = self->extra->claim_data;
  g_mutex_unlock (&self->lock);

  if (returned != NULL)
    returned (self, data);
}

/* Tells whoever claimed it, once, that it is settled between this process and the store. */
void
au_computation_tell_settled (AuComputation *self)
{
  void (*settled) (AuComputation *, gpointer) = NULL;
  gpointer data = NULL;

  if (!self->claimed)
    return;

  au_computation_tell_returned (self);

  g_mutex_lock (&self->lock);
  settled = g_steal_pointer (&self->extra->settled);
  data = self->extra->claim_data;
  g_mutex_unlock (&self->lock);

  if (settled != NULL)
    settled (self, data);
}

/* It is in its queue again, and anybody's. Who still looks at it here follows it. */
void
au_computation_let_go (AuComputation *self)
{
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuJob) job = NULL;

  g_mutex_lock (&self->lock);
  self->function = NULL;
  job = g_steal_pointer (&self->job);
  record = au_record_ref (self->record);
  g_mutex_unlock (&self->lock);

  au_computation_unset_timers (self);
  au_computation_tell_left (self, job, record);
  au_follower_add (self->engine->follower, self, 0);
  au_computation_notify (self);
  au_computation_tell_settled (self);
}

/* What follows a change that ended an attempt. */
static void
settle (AuComputation *self,
        AuJob         *job,
        AuRecord      *record,
        const GError  *reason)
{
  if (record->status == AU_STATUS_PENDING)
    {
      if (reason != NULL)
        au_engine_attempt_failed (self->engine, job, record, reason);
      au_computation_unset_timers (self);
      au_computation_notify (self);
      if (!self->claimed)
        launch_next_attempt (self);
      else if (self->engine->direct)
        au_computation_let_go (self);
    }
  else if (self->engine->direct)
    {
      au_computation_end (self, record);
    }

  au_computation_tell_returned (self);
}

static gboolean
change_and_settle (AuComputation   *self,
                   AuJob           *job,
                   const AuChange  *change,
                   GError         **error)
{
  g_autoptr(AuRecord) record = NULL;

  if (!au_computation_change (self, change, &record, error))
    return FALSE;

  settle (self, job, record, change->reason);

  return TRUE;
}

static gboolean
is_overdue (AuJob *job)
{
  gint64 deadline = au_job_get_deadline (job);

  return deadline > 0 && deadline <= au_clock_get_monotonic_time ();
}

static void
deadline_cb (gpointer data)
{
  g_autoptr(AuComputation) self = data;
  g_autoptr(GError) reason = NULL;
  g_autoptr(AuJob) job = NULL;
  AuChange change = { .kind = AU_CHANGE_FAIL };

  g_mutex_lock (&self->lock);
  /* The timer may have fired just when its attempt ended and the next one began. */
  if (self->job != NULL && is_overdue (self->job))
    job = au_job_ref (self->job);
  change.attempt = self->record->attempt;
  g_mutex_unlock (&self->lock);

  if (job == NULL)
    return;

  {
    g_autofree char *limit = au_duration_to_text (au_options_peek_number (job->record->spec->options, AU_OPTIONS_TIMEOUT));

    reason = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                          _("The computation “%s” did not end within %s"),
                          au_computation_get_key (self), limit);
  }
  change.reason = reason;

  /* The job is told after the record: what it still says is then refused. */
  if (change_and_settle (self, job, &change, NULL))
    {
      au_job_cancel (job);
      au_computation_release_emitters (self);
      au_backend_cancel (self->engine->backend, job);
    }
}

static void
follow_if_shared (AuComputation *self)
{
  if (self->engine->shared && !g_atomic_int_get (&self->followed))
    au_follower_add (self->engine->follower, self, 0);
}

/* Where others may take a computation over, its job may still wait here. */
static gboolean
check_current (AuComputation  *self,
               AuJob          *job,
               GError        **error)
{
  gboolean current;

  if (!self->engine->shared && !self->claimed)
    return TRUE;

  g_mutex_lock (&self->lock);
  current = self->job == job;
  g_mutex_unlock (&self->lock);

  if (!current)
    g_set_error (error, AU_ERROR, AU_ERROR_STALE,
                 _("The computation “%s” is not run here any more"),
                 au_computation_get_key (self));

  return current;
}

static guint
hook_begin (AuJob   *job,
            GError **error)
{
  AuComputation *self = get_computation (job);
  GTimeSpan timeout = au_options_peek_number (job->record->spec->options, AU_OPTIONS_TIMEOUT);
  AuChange change = { .kind = AU_CHANGE_BEGIN };
  g_autoptr(AuRecord) record = NULL;

  if (!check_current (self, job, error))
    return 0;

  /* Its claim was its begin. */
  if (self->claimed)
    record = au_computation_dup_record (self);
  else if (!au_computation_change (self, &change, &record, error))
    return 0;

  if (timeout > 0)
    {
      gint64 deadline = au_clock_get_monotonic_time () + timeout;

      au_job_set_deadline (job, deadline);
      au_computation_set_timer (self, &au_computation_add_extra (self)->timer, deadline, deadline_cb);
    }

  follow_if_shared (self);
  au_engine_attempt_started (self->engine, job, record);
  au_computation_notify (self);

  return record->attempt;
}

static gboolean
hook_report (AuJob       *job,
             double       progress,
             const char  *status_text,
             GError     **error)
{
  AuComputation *self = get_computation (job);
  AuChange change = {
    .kind = AU_CHANGE_REPORT,
    .attempt = job->attempt,
    .progress = progress,
    .text = status_text,
  };
  g_autoptr(AuRecord) record = NULL;

  if (!au_computation_change (self, &change, &record, error))
    return FALSE;

  au_computation_notify (self);

  return TRUE;
}

static gboolean
hook_complete (AuJob     *job,
               GVariant  *value,
               GError   **error)
{
  AuChange change = {
    .kind = AU_CHANGE_COMPLETE,
    .attempt = job->attempt,
    .value = value,
  };

  return change_and_settle (get_computation (job), job, &change, error);
}

static gboolean
hook_fail (AuJob         *job,
           const GError  *reason,
           GError       **error)
{
  AuChange change = {
    .kind = AU_CHANGE_FAIL,
    .attempt = job->attempt,
    .reason = reason,
  };

  return change_and_settle (get_computation (job), job, &change, error);
}

static gboolean
hook_lost (AuJob         *job,
           const GError  *reason,
           GError       **error)
{
  AuChange change = {
    .kind = AU_CHANGE_LOSE,
    .attempt = job->attempt,
    .reason = reason,
  };

  return change_and_settle (get_computation (job), job, &change, error);
}

static gboolean
hook_release (AuJob   *job,
              GError **error)
{
  AuChange change = {
    .kind = AU_CHANGE_RELEASE,
    .attempt = job->attempt,
  };

  return change_and_settle (get_computation (job), job, &change, error);
}

static void
hook_set_metadata (AuJob      *job,
                   const char *name,
                   GVariant   *value)
{
  AuChange change = {
    .kind = AU_CHANGE_METADATA,
    .text = name,
    .value = value,
  };
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(GError) error = NULL;

  if (au_computation_change (get_computation (job), &change, &record, &error))
    au_job_set_record (job, record);
  else
    g_debug ("%s: metadata not changed: %s", au_job_get_key (job), error->message);
}

static GVariant *
hook_get_store (AuJob *job)
{
  return au_engine_dup_store_settings (get_computation (job)->engine);
}

static void
hook_free_owner (gpointer owner)
{
  au_computation_unref (owner);
}

/* Gives the job to the backend, unless a middleware keeps it. */
static void
go_on (AuComputation *self,
       AuJob         *job)
{
  if (au_engine_may_launch (self->engine, job))
    self->engine->backend_iface->launch (self->engine->backend, job);
}

static gpointer
go_on_thread (gpointer data)
{
  AuJob *job = data;

  go_on (get_computation (job), job);
  au_job_unref (job);

  return NULL;
}

/* Whoever lets go of a job may just have ended another one. Where jobs are run in place,
 * they are not run on top of each other. */
static void
hook_launch (AuJob *job)
{
  AuComputation *self = get_computation (job);

  if (au_computation_is_done (self))
    return;

  if (self->engine->synchronous)
    g_thread_unref (g_thread_new ("au-launch", go_on_thread, au_job_ref (job)));
  else
    go_on (self, job);
}

static const AuJobHooks hooks = {
  .begin = hook_begin,
  .report = hook_report,
  .get_wanted = au_computation_get_wanted,
  .wait_wanted = au_computation_wait_wanted,
  .emit = au_computation_emit,
  .complete = hook_complete,
  .fail = hook_fail,
  .lost = hook_lost,
  .release = hook_release,
  .set_metadata = hook_set_metadata,
  .get_store = hook_get_store,
  .launch = hook_launch,
  .free_owner = hook_free_owner,
};

/* Makes the job of the next attempt. */
static AuJob *
make_job (AuComputation *self)
{
  AuJob *old = NULL;
  AuJob *job;

  g_mutex_lock (&self->lock);
  job = au_job_new_at (self->first_job.owner == NULL ? &self->first_job : NULL,
                       &hooks, au_computation_ref (self), self->function, self->record);
  job->no_wait = self->engine->synchronous;
  if (!self->ended)
    {
      old = self->job;
      self->job = au_job_ref (job);
      if (self->extra != NULL)
        self->extra->n_items = 0;
    }
  g_mutex_unlock (&self->lock);

  g_clear_pointer (&old, au_job_unref);

  return job;
}

void
au_computation_refuse (AuComputation *self,
                       const GError  *reason)
{
  AuChange change = { .kind = AU_CHANGE_REFUSE, .reason = reason };
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuJob) job = dup_job (self);
  g_autoptr(GError) error = NULL;

  if (self->claimed)
    {
      change.kind = AU_CHANGE_FAIL;
      g_mutex_lock (&self->lock);
      change.attempt = self->record->attempt;
      g_mutex_unlock (&self->lock);
    }

  if (!au_computation_change (self, &change, &record, &error))
    g_debug ("%s: not refused: %s", au_computation_get_key (self), error->message);
  else
    settle (self, job, record, self->claimed ? reason : NULL);
}

static gpointer
launch_thread (gpointer data)
{
  g_autoptr(AuComputation) self = data;

  au_computation_launch (self);

  return NULL;
}

/* A backend that runs jobs where they are launched must not do so in the thread that
 * keeps all appointments, the deadline of this very job among them. */
static void
due_cb (gpointer data)
{
  g_autoptr(AuComputation) self = data;
  g_autoptr(GThread) thread = NULL;

  if (self->engine->synchronous)
    {
      thread = g_thread_try_new ("au-due", launch_thread, au_computation_ref (self), NULL);
      if (thread != NULL)
        return;
      au_computation_unref (self);
    }

  au_computation_launch (self);
}

/* Gives the job to the backend, or to a timer until its time has come. */
static void
launch_job (AuComputation *self,
            AuJob         *job,
            gint64         due)
{
  gint64 delay = due > 0 ? due - au_clock_get_real_time () : 0;
  g_autoptr(GError) error = NULL;

  if (delay > 0)
    {
      au_computation_set_timer (self, &au_computation_add_extra (self)->timer,
                                au_clock_get_monotonic_time () + delay, due_cb);
      return;
    }

  if (G_UNLIKELY (au_options_peek_number (self->spec->options, AU_OPTIONS_PASS_RESULTS)) &&
      !au_computation_pass_results (self, job, &error))
    {
      au_computation_refuse (self, error);
      return;
    }

  go_on (self, job);
}

/* Gives a claimed computation back unfinished, so that another worker may run it. */
gboolean
au_computation_give_back (AuComputation  *self,
                          GError        **error)
{
  AuChange change = { .kind = AU_CHANGE_RELEASE };
  g_autoptr(AuJob) job = dup_job (self);

  g_mutex_lock (&self->lock);
  change.attempt = self->record->attempt;
  g_mutex_unlock (&self->lock);

  if (job == NULL || !change_and_settle (self, job, &change, error))
    return FALSE;

  stop_job (self, job);

  return TRUE;
}

void
au_computation_launch (AuComputation *self)
{
  g_autoptr(AuJob) job = NULL;
  gint64 due;

  g_mutex_lock (&self->lock);
  due = self->record->due;
  if (self->job != NULL)
    job = au_job_ref (self->job);
  g_mutex_unlock (&self->lock);

  if (job != NULL)
    launch_job (self, job, MAX (due, job->not_before));
}

static void
launch_next_attempt (AuComputation *self)
{
  au_job_unref (make_job (self));
  au_computation_launch (self);
}

static gboolean
ask_middleware (AuComputation  *self,
                AuJob          *job,
                GError        **error)
{
  guint n_asked;
  gboolean passed = au_engine_before_compute (self->engine, job, &n_asked, error);

  g_mutex_lock (&self->lock);
  self->n_asked = n_asked;
  g_mutex_unlock (&self->lock);

  return passed;
}

/* Its record is in the store: asks middleware, and goes on when what it depends on has
 * ended and its time has come. */
void
au_computation_start (AuComputation *self)
{
  g_autoptr(AuJob) job = make_job (self);
  g_autoptr(GError) reason = NULL;

  if (au_engine_has_middleware (self->engine) &&
      !ask_middleware (self, job, &reason))
    {
      au_computation_refuse (self, reason);
      return;
    }

  /* A queue gives out only what has nothing to wait for. */
  if (self->claimed || au_computation_await_others (self))
    launch_job (self, job, MAX (job->record->due, job->not_before));
}

/* Asking for the end of what another process runs is a write that may block. */
static void
cancel_foreign_cb (gpointer data)
{
  g_autoptr(AuComputation) self = data;
  g_autoptr(AuRecord) record = au_computation_dup_record (self);
  g_autoptr(GError) error = NULL;

  /* The key of the record, which may be another one than asked for. */
  if (!au_engine_cancel (self->engine, au_record_get_key (record), NULL, &error))
    g_debug ("%s: not cancelled: %s", au_computation_get_key (self), error->message);

  au_follower_prod (self->engine->follower);
}

/* Tells whether the order was given; never blocks. */
gboolean
au_computation_cancel (AuComputation *self)
{
  AuChange change = { .kind = AU_CHANGE_CANCEL };
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuJob) before = NULL;
  g_autoptr(AuJob) job = NULL;
  gboolean foreign, early;

  if (au_computation_is_done (self))
    return FALSE;

  g_mutex_lock (&self->lock);
  foreign = self->function == NULL;
  early = (self->engine->direct || foreign) && self->stored_revision == 0;
  self->cancelled_early |= early;
  g_mutex_unlock (&self->lock);

  /* Another thread is about to give it to the store. */
  if (early)
    return TRUE;

  if (foreign)
    {
      au_service_invoke (self->engine->service, cancel_foreign_cb, au_computation_ref (self));
      return TRUE;
    }

  before = dup_job (self);
  if (!au_computation_change (self, &change, &record, NULL))
    return FALSE;

  /* The ledger may be so quick that the computation has ended, and let go of its job. */
  job = dup_job (self);
  if (job != NULL || before != NULL)
    stop_job (self, job != NULL ? job : before);

  if (record->status == AU_STATUS_CANCELLED)
    settle (self, NULL, record, NULL);

  return TRUE;
}
