/* au-job.h: a computation, as the backend that has to run it sees it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-function.h>
#include <au/au-options.h>
#include <au/au-record.h>

G_BEGIN_DECLS

/**
 * AuJobStep:
 * @AU_JOB_STEP_AGAIN: there is more to do: call again
 * @AU_JOB_STEP_WAIT: nothing can be done now: the job calls the function given to
 *   [method@Au.Job.set_ready_func] when there is
 * @AU_JOB_STEP_DONE: the job has ended
 *
 * What a backend is to do next with a job.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_JOB_STEP_AGAIN,
  AU_JOB_STEP_WAIT,
  AU_JOB_STEP_DONE,
} AuJobStep;

#define AU_TYPE_JOB_STEP (au_job_step_get_type ())

AU_AVAILABLE_IN_1_0
GType au_job_step_get_type (void);

/**
 * AuJobReadyFunc:
 * @job: the job
 * @user_data: the data given with the function
 *
 * Is told that [method@Au.Job.step] has something to do again, or that the job has
 * ended. Called from any thread.
 *
 * Since: 1.0
 */
typedef void (*AuJobReadyFunc) (AuJob   *job,
                                gpointer user_data);

/**
 * AuJobHooks: (skip)
 * @begin: the attempt starts: gives its number, or 0 with an error when it is not to
 *   be run any more
 * @report: the attempt says how far it has come
 * @get_wanted: how many more items are wanted now; %G_MAXUINT when nobody counts. If
 *   none is, the job's ready function is called once that has changed
 * @wait_wanted: blocks until the next item is wanted, the job is cancelled, or it has
 *   ended
 * @emit: the attempt gives an item
 * @complete: the attempt ends with a value, or with none
 * @fail: the attempt ends with an error
 * @lost: (nullable): the worker that ran the attempt is gone
 * @release: (nullable): the attempt is given back
 * @set_metadata: (nullable): the metadata are amended before the attempt starts
 * @log: (nullable): the function logs a message; without it, it is logged here
 * @new_bytes: (nullable): makes room for a large value; without it, ordinary memory
 * @get_store: (nullable): see [method@Au.Job.get_store]
 * @free_owner: (nullable): frees the owner of the job, with the job
 * @launch: (nullable): a middleware lets go of a job that it has kept
 *
 * How a job reaches whoever made it with [ctor@Au.Job.new]: an engine, or the part of
 * a backend that runs in a worker process.
 *
 * Every function may be called from any thread; those that give a #gboolean tell
 * whether they took what they were given.
 *
 * Since: 1.0
 */
typedef struct
{
  guint     (*begin)        (AuJob         *job,
                             GError       **error);
  gboolean  (*report)       (AuJob         *job,
                             double         progress,
                             const char    *status_text,
                             GError       **error);
  guint     (*get_wanted)   (AuJob         *job);
  void      (*wait_wanted)  (AuJob         *job);
  gboolean  (*emit)         (AuJob         *job,
                             GVariant      *item,
                             GError       **error);
  gboolean  (*complete)     (AuJob         *job,
                             GVariant      *value,
                             GError       **error);
  gboolean  (*fail)         (AuJob         *job,
                             const GError  *reason,
                             GError       **error);
  gboolean  (*lost)         (AuJob         *job,
                             const GError  *reason,
                             GError       **error);
  gboolean  (*release)      (AuJob         *job,
                             GError       **error);
  void      (*set_metadata) (AuJob         *job,
                             const char    *name,
                             GVariant      *value);
  void      (*log)          (AuJob         *job,
                             GLogLevelFlags level,
                             const char    *message);
  GBytes   *(*new_bytes)    (AuJob         *job,
                             gsize          size,
                             gpointer      *data,
                             GError       **error);
  GVariant *(*get_store)    (AuJob         *job);
  void      (*free_owner)   (gpointer       owner);
  void      (*launch)       (AuJob         *job);

  /*< private >*/
  gpointer    padding[3];
} AuJobHooks;

#define AU_TYPE_JOB (au_job_get_type ())

AU_AVAILABLE_IN_1_0
GType au_job_get_type (void);

AU_AVAILABLE_IN_1_0
AuJob *au_job_new (const AuJobHooks *hooks,
                   gpointer          owner,
                   AuFunction       *function,
                   AuRecord         *record) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuJob *au_job_ref (AuJob *self);
AU_AVAILABLE_IN_1_0
void au_job_unref (AuJob *self);

AU_AVAILABLE_IN_1_0
const char *au_job_get_key (AuJob *self);
AU_AVAILABLE_IN_1_0
AuFunction *au_job_get_function (AuJob *self);
AU_AVAILABLE_IN_1_0
GVariant *au_job_get_arguments (AuJob *self);
AU_AVAILABLE_IN_1_0
AuOptions *au_job_get_options (AuJob *self);
AU_AVAILABLE_IN_1_0
int au_job_get_priority (AuJob *self);
AU_AVAILABLE_IN_1_0
guint au_job_get_attempt (AuJob *self);
AU_AVAILABLE_IN_1_0
gpointer au_job_get_owner (AuJob *self);
AU_AVAILABLE_IN_1_0
GVariant *au_job_get_metadata (AuJob *self);
AU_AVAILABLE_IN_1_0
gint64 au_job_get_deadline (AuJob *self);
AU_AVAILABLE_IN_1_0
void au_job_set_deadline (AuJob *self,
                          gint64 deadline);
AU_AVAILABLE_IN_1_0
GVariant *au_job_get_store (AuJob *self);
AU_AVAILABLE_IN_1_0
void au_job_cancel (AuJob *self);
AU_AVAILABLE_IN_1_0
gboolean au_job_is_cancelled (AuJob *self);
AU_AVAILABLE_IN_1_0
GCancellable *au_job_get_cancellable (AuJob *self);
AU_AVAILABLE_IN_1_0
void au_job_set_metadata (AuJob      *self,
                          const char *name,
                          GVariant   *value);

AU_AVAILABLE_IN_1_0
void au_job_delay (AuJob    *self,
                   GTimeSpan delay);
AU_AVAILABLE_IN_1_0
void au_job_launch (AuJob *self);

AU_AVAILABLE_IN_1_0
guint au_job_begin (AuJob   *self,
                    GError **error);
AU_AVAILABLE_IN_1_0
gboolean au_job_report (AuJob      *self,
                        double      progress,
                        const char *status_text,
                        GError    **error);
AU_AVAILABLE_IN_1_0
guint au_job_get_wanted (AuJob *self);
AU_AVAILABLE_IN_1_0
gboolean au_job_emit (AuJob   *self,
                      GVariant *item,
                      GError  **error);
AU_AVAILABLE_IN_1_0
gboolean au_job_complete (AuJob    *self,
                          GVariant *value,
                          GError  **error);
AU_AVAILABLE_IN_1_0
gboolean au_job_fail (AuJob        *self,
                      const GError *reason,
                      GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_job_lost (AuJob        *self,
                      const GError *reason,
                      GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_job_release (AuJob   *self,
                         GError **error);

AU_AVAILABLE_IN_1_0
void au_job_run (AuJob *self);
AU_AVAILABLE_IN_1_0
AuJobStep au_job_step (AuJob *self);
AU_AVAILABLE_IN_1_0
void au_job_set_ready_func (AuJob         *self,
                            AuJobReadyFunc func,
                            gpointer       user_data,
                            GDestroyNotify destroy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuJob, au_job_unref)

G_END_DECLS
