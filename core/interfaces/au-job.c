/* au-job.c: a computation, as the backend that has to run it sees it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-job-private.h"
#include "au-options-private.h"
#include "au-record-private.h"
#include "au-value-private.h"

#include <au/au-clock.h>

#include <glib/gi18n-lib.h>

/**
 * AuJob:
 *
 * One attempt to run a computation, given to a backend by
 * [method@Au.Backend.launch].
 *
 * The backend runs the function, most simply by [method@Au.Job.run] in a thread or
 * [method@Au.Job.step] in a main loop, or sends it to where it is run and says what
 * happened: [method@Au.Job.begin] first, then reports, and at last exactly one of
 * [method@Au.Job.complete], [method@Au.Job.fail], [method@Au.Job.lost] and
 * [method@Au.Job.release]. Whatever comes from an attempt that is no longer the
 * current one is refused with %AU_ERROR_STALE; nothing is to be done about it.
 *
 * Jobs are MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (AuJob, au_job, au_job_ref, au_job_unref)

G_DEFINE_ENUM_TYPE (AuJobStep, au_job_step,
                    G_DEFINE_ENUM_VALUE (AU_JOB_STEP_AGAIN, "again"),
                    G_DEFINE_ENUM_VALUE (AU_JOB_STEP_WAIT, "wait"),
                    G_DEFINE_ENUM_VALUE (AU_JOB_STEP_DONE, "done"))

AuJob *
au_job_new_at (AuJob            *place,
               const AuJobHooks *hooks,
               gpointer          owner,
               AuFunction       *function,
               AuRecord         *record)
{
  AuJob *self = place != NULL ? place : g_new0 (AuJob, 1);

  self->in_place = place != NULL;
  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->hooks = hooks;
  self->owner = owner;
  self->function = function;
  self->record = au_record_ref (record);

  return self;
}

/**
 * au_job_new: (skip)
 * @hooks: what is told of the job; it must outlive it
 * @owner: (nullable): what @hooks get with [method@Au.Job.get_owner]
 * @function: the function to run; it must outlive the job
 * @record: the computation, as it is known when the job is made
 *
 * Makes a job that no engine made: a backend that sends computations elsewhere runs
 * them there by such jobs.
 *
 * Returns: (transfer full): the job
 *
 * Since: 1.0
 */
AuJob *
au_job_new (const AuJobHooks *hooks,
            gpointer          owner,
            AuFunction       *function,
            AuRecord         *record)
{
  g_return_val_if_fail (hooks != NULL, NULL);
  g_return_val_if_fail (AU_IS_FUNCTION (function), NULL);
  g_return_val_if_fail (record != NULL, NULL);

  return au_job_new_at (NULL, hooks, owner, function, record);
}

void
au_job_set_record (AuJob    *self,
                   AuRecord *record)
{
  AuRecord *old = self->record;

  self->record = au_record_ref (record);
  au_record_unref (old);
}

static void
extra_free (AuJobExtra *extra)
{
  g_clear_pointer (&extra->call, au_call_unref);
  g_clear_object (&extra->cancellable);
  g_clear_pointer (&extra->arguments, g_variant_unref);
  if (extra->ready_destroy != NULL)
    extra->ready_destroy (extra->ready_data);
  g_free (extra);
}

/* Called with the lock held. */
AuJobExtra *
au_job_ensure_extra (AuJob *self)
{
  if (self->extra == NULL)
    self->extra = g_new0 (AuJobExtra, 1);

  return self->extra;
}

/**
 * au_job_set_deadline:
 * @self: a job
 * @deadline: the time in microseconds, see [func@Au.clock_get_monotonic_time], or 0
 *   for no limit
 *
 * Says until when the attempt must have ended. For whoever made the job; nothing
 * happens by itself when the time is over.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_job_set_deadline (AuJob  *self,
                     gint64  deadline)
{
  g_return_if_fail (self != NULL);

  g_mutex_lock (&self->lock);
  au_job_ensure_extra (self)->deadline = deadline;
  g_mutex_unlock (&self->lock);
}

void
au_job_take_arguments (AuJob    *self,
                       GVariant *arguments)
{
  g_mutex_lock (&self->lock);
  g_clear_pointer (&au_job_ensure_extra (self)->arguments, g_variant_unref);
  self->extra->arguments = arguments;
  g_mutex_unlock (&self->lock);
}

/**
 * au_job_get_deadline:
 * @self: a job
 *
 * Gets until when the attempt must have ended.
 *
 * MT safe, after [method@Au.Job.begin].
 *
 * Returns: the time in microseconds, to be compared with
 *   [func@Au.clock_get_monotonic_time], or 0 for no limit
 *
 * Since: 1.0
 */
gint64
au_job_get_deadline (AuJob *self)
{
  gint64 deadline;

  g_mutex_lock (&self->lock);
  deadline = self->extra != NULL ? self->extra->deadline : 0;
  g_mutex_unlock (&self->lock);

  return deadline;
}

/**
 * au_job_ref:
 * @self: a job
 *
 * Takes a reference.
 *
 * MT safe.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
AuJob *
au_job_ref (AuJob *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

/**
 * au_job_unref:
 * @self: (transfer full): a job
 *
 * Drops a reference.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_job_unref (AuJob *self)
{
  const AuJobHooks *hooks;
  gpointer owner;

  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  hooks = self->hooks;
  owner = self->owner;

  g_clear_pointer (&self->extra, extra_free);
  au_record_unref (self->record);
  g_mutex_clear (&self->lock);
  if (!self->in_place)
    g_free (self);

  /* The memory of the job may be the owner's. */
  if (hooks->free_owner != NULL)
    hooks->free_owner (owner);
}

/**
 * au_job_get_key:
 * @self: a job
 *
 * Gets the key of the computation.
 *
 * MT safe.
 *
 * Returns: the key
 *
 * Since: 1.0
 */
const char *
au_job_get_key (AuJob *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return au_record_get_key (self->record);
}

/**
 * au_job_get_function:
 * @self: a job
 *
 * Gets the function that is to be run.
 *
 * MT safe.
 *
 * Returns: (transfer none): the function
 *
 * Since: 1.0
 */
AuFunction *
au_job_get_function (AuJob *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->function;
}

/**
 * au_job_get_arguments:
 * @self: a job
 *
 * Gets the arguments of the function, together with the values of other computations
 * where these are further arguments.
 *
 * MT safe.
 *
 * Returns: (transfer none) (nullable): the arguments, or %NULL for the unit value
 *
 * Since: 1.0
 */
GVariant *
au_job_get_arguments (AuJob *self)
{
  GVariant *arguments;

  g_return_val_if_fail (self != NULL, NULL);

  g_mutex_lock (&self->lock);
  arguments = self->extra != NULL ? self->extra->arguments : NULL;
  g_mutex_unlock (&self->lock);

  return arguments != NULL ? arguments : au_record_get_arguments (self->record);
}

/**
 * au_job_get_options:
 * @self: a job
 *
 * Gets how the computation is to be treated.
 *
 * MT safe.
 *
 * Returns: (transfer none): the options, which cannot be changed
 *
 * Since: 1.0
 */
AuOptions *
au_job_get_options (AuJob *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return au_record_get_options (self->record);
}

/**
 * au_job_get_priority:
 * @self: a job
 *
 * Gets the priority: jobs with a higher one start before those with a lower one.
 *
 * MT safe.
 *
 * Returns: the priority, 0 unless the options say otherwise
 *
 * Since: 1.0
 */
int
au_job_get_priority (AuJob *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return au_options_peek_number (self->record->spec->options, AU_OPTIONS_PRIORITY);
}

/**
 * au_job_get_attempt:
 * @self: a job
 *
 * Gets the number of the attempt that this job is.
 *
 * MT safe, after [method@Au.Job.begin].
 *
 * Returns: the number, or 0 before [method@Au.Job.begin]
 *
 * Since: 1.0
 */
guint
au_job_get_attempt (AuJob *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->attempt;
}

/**
 * au_job_get_owner: (skip)
 * @self: a job
 *
 * Gets what was given to [ctor@Au.Job.new] with the hooks. For these only.
 *
 * MT safe.
 *
 * Returns: (nullable): the owner
 *
 * Since: 1.0
 */
gpointer
au_job_get_owner (AuJob *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->owner;
}

/**
 * au_job_get_metadata:
 * @self: a job
 *
 * Gets the metadata that the computation was started with.
 *
 * MT safe, after the job was launched.
 *
 * Returns: (transfer none) (nullable): a dictionary of type `a{sv}`, or %NULL when
 *   there is none
 *
 * Since: 1.0
 */
GVariant *
au_job_get_metadata (AuJob *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return au_record_get_metadata (self->record);
}

/**
 * au_job_get_store:
 * @self: a job
 *
 * Gets how another process opens the store that has the record of the computation.
 *
 * MT safe.
 *
 * Returns: (transfer full) (nullable): the type of the store and its settings as
 *   [func@Au.part_new_from_strings] takes them, of the type `(sas)`; %NULL when no
 *   other process can open it, or it would not outlive this one
 *
 * Since: 1.0
 */
GVariant *
au_job_get_store (AuJob *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->hooks->get_store != NULL ? self->hooks->get_store (self) : NULL;
}

/**
 * au_job_is_cancelled:
 * @self: a job
 *
 * Tells whether the job is to be given up: it was cancelled, or its time is over.
 *
 * MT safe, and cheap enough for every turn of a loop.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
au_job_is_cancelled (AuJob *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return g_atomic_int_get (&self->cancelled);
}

/**
 * au_job_get_cancellable:
 * @self: a job
 *
 * Gets an object that is cancelled when the job is to be given up.
 *
 * MT safe.
 *
 * Returns: (transfer none): the cancellable, which lives as long as the job
 *
 * Since: 1.0
 */
GCancellable *
au_job_get_cancellable (AuJob *self)
{
  GCancellable *cancellable;
  gboolean made;

  g_return_val_if_fail (self != NULL, NULL);

  g_mutex_lock (&self->lock);
  made = au_job_ensure_extra (self)->cancellable == NULL;
  if (made)
    self->extra->cancellable = g_cancellable_new ();
  cancellable = self->extra->cancellable;
  g_mutex_unlock (&self->lock);

  /* au_job_cancel () sets the flag before it looks for the object, so that one of
   * the two always sees the other. */
  if (made && g_atomic_int_get (&self->cancelled))
    g_cancellable_cancel (cancellable);

  return cancellable;
}

/**
 * au_job_cancel:
 * @self: a job
 *
 * Tells the function that runs that it is to give up. For whoever made the job; the
 * computation is cancelled with [method@Au.Handle.cancel].
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_job_cancel (AuJob *self)
{
  g_autoptr(GCancellable) cancellable = NULL;

  g_return_if_fail (self != NULL);

  g_atomic_int_set (&self->cancelled, TRUE);

  g_mutex_lock (&self->lock);
  if (self->extra != NULL && self->extra->cancellable != NULL)
    cancellable = g_object_ref (self->extra->cancellable);
  g_mutex_unlock (&self->lock);

  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);

  au_job_ready (self);
}

/**
 * au_job_set_metadata:
 * @self: a job
 * @name: a name
 * @value: (nullable): its value, or %NULL to remove it; a floating reference is sunk
 *
 * Amends the metadata of the computation.
 *
 * For [vfunc@Au.Middleware.before_compute]: to be called before the job is launched.
 *
 * Since: 1.0
 */
void
au_job_set_metadata (AuJob      *self,
                     const char *name,
                     GVariant   *value)
{
  g_autoptr(GVariant) sunk = value != NULL ? g_variant_ref_sink (value) : NULL;

  g_return_if_fail (self != NULL);
  g_return_if_fail (name != NULL);
  g_return_if_fail (self->attempt == 0);
  g_return_if_fail (self->hooks->set_metadata != NULL);

  self->hooks->set_metadata (self, name, sunk);
}

/**
 * au_job_delay:
 * @self: a job
 * @delay: how long from now, in microseconds, not negative
 *
 * Has the computation begun no sooner than that, nor before its due time. It is pending
 * meanwhile, and can be cancelled. Of several delays the longest counts.
 *
 * For [vfunc@Au.Middleware.before_compute]: to be called before the job is launched.
 *
 * Since: 1.0
 */
void
au_job_delay (AuJob     *self,
              GTimeSpan  delay)
{
  gint64 not_before;

  g_return_if_fail (self != NULL);
  g_return_if_fail (delay >= 0);
  g_return_if_fail (self->attempt == 0);

  not_before = au_clock_get_real_time () + MIN (delay, G_MAXINT64 / 4);
  self->not_before = MAX (self->not_before, not_before);
}

/**
 * au_job_launch:
 * @self: a job
 *
 * Has a job go on that a middleware has kept: those that follow in the chain are asked,
 * and then it is given to the backend.
 *
 * For those that implement [vfunc@Au.Middleware.may_launch]: to be called once for each
 * job that was kept, at any time after that, also before the function has returned. It
 * does nothing when the computation has ended meanwhile.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_job_launch (AuJob *self)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (self->attempt == 0);
  g_return_if_fail (self->hooks->launch != NULL);

  self->hooks->launch (self);
}

/**
 * au_job_set_ready_func:
 * @self: a job
 * @func: (scope notified) (closure user_data) (destroy destroy): the function
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data, with the job
 *
 * Sets the function that is told when a job for which [method@Au.Job.step] said
 * %AU_JOB_STEP_WAIT, or [method@Au.Job.get_wanted] gave 0, has something to do again.
 * [method@Au.Job.emit] never waits for a job that has one. To be called once, before
 * the job begins.
 *
 * Since: 1.0
 */
void
au_job_set_ready_func (AuJob          *self,
                       AuJobReadyFunc  func,
                       gpointer        user_data,
                       GDestroyNotify  destroy)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (self->extra == NULL || self->extra->ready == NULL);

  g_mutex_lock (&self->lock);
  self->no_wait = TRUE;
  au_job_ensure_extra (self)->ready = func;
  self->extra->ready_data = user_data;
  self->extra->ready_destroy = destroy;
  g_mutex_unlock (&self->lock);
}

void
au_job_ready (AuJob *self)
{
  AuJobReadyFunc func = NULL;
  gpointer data = NULL;

  g_mutex_lock (&self->lock);
  if (self->extra != NULL)
    {
      func = self->extra->ready;
      data = self->extra->ready_data;
    }
  g_mutex_unlock (&self->lock);

  if (func != NULL)
    func (self, data);
}
