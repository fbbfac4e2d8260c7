/* au-middleware.c: code around every computation
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-middleware.h>

/**
 * AuMiddleware:
 *
 * Code that runs around every computation of an engine: it can watch, refuse, and
 * amend metadata.
 *
 * An engine calls its middleware in the configured order before a computation, and in
 * the reverse order after it. When one refuses, those before it are told by
 * [method@Au.Middleware.on_error]; those after it are not asked.
 *
 * Middleware is MT safe.
 *
 * Since: 1.0
 */

G_DEFINE_INTERFACE (AuMiddleware, au_middleware, G_TYPE_OBJECT)

static void
au_middleware_default_init (AuMiddlewareInterface *iface)
{
}

/**
 * au_middleware_before_compute: (virtual before_compute)
 * @self: a middleware
 * @job: the job, not started yet
 * @error: return location for an error
 *
 * Is asked once for each computation, before its first attempt. It may amend metadata
 * by [method@Au.Job.set_metadata].
 *
 * When it fails the computation is refused, and its record holds @error.
 *
 * MT safe.
 *
 * Returns: %TRUE when the computation may run
 *
 * Since: 1.0
 */
gboolean
au_middleware_before_compute (AuMiddleware  *self,
                              AuJob         *job,
                              GError       **error)
{
  AuMiddlewareInterface *iface;

  g_return_val_if_fail (AU_IS_MIDDLEWARE (self), TRUE);

  iface = AU_MIDDLEWARE_GET_IFACE (self);

  return iface->before_compute == NULL || iface->before_compute (self, job, error);
}

/**
 * au_middleware_attempt_started: (virtual attempt_started)
 * @self: a middleware
 * @job: the job
 * @record: its record, running
 *
 * Is told that an attempt has started.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_middleware_attempt_started (AuMiddleware *self,
                               AuJob        *job,
                               AuRecord     *record)
{
  AuMiddlewareInterface *iface;

  g_return_if_fail (AU_IS_MIDDLEWARE (self));

  iface = AU_MIDDLEWARE_GET_IFACE (self);
  if (iface->attempt_started != NULL)
    iface->attempt_started (self, job, record);
}

/**
 * au_middleware_attempt_failed: (virtual attempt_failed)
 * @self: a middleware
 * @job: the job of the attempt
 * @record: the record, pending again
 * @reason: why; %AU_ERROR_WORKER_LOST when the worker was lost
 *
 * Is told that an attempt has failed or was lost, and that another one follows.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_middleware_attempt_failed (AuMiddleware *self,
                              AuJob        *job,
                              AuRecord     *record,
                              const GError *reason)
{
  AuMiddlewareInterface *iface;

  g_return_if_fail (AU_IS_MIDDLEWARE (self));

  iface = AU_MIDDLEWARE_GET_IFACE (self);
  if (iface->attempt_failed != NULL)
    iface->attempt_failed (self, job, record, reason);
}

/**
 * au_middleware_after_compute: (virtual after_compute)
 * @self: a middleware
 * @job: the job
 * @record: its record, completed and stored
 * @error: return location for an error
 *
 * Is told that a computation has completed, before whoever waits for it.
 *
 * When it fails that is logged, and harms nothing.
 *
 * MT safe.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_middleware_after_compute (AuMiddleware  *self,
                             AuJob         *job,
                             AuRecord      *record,
                             GError       **error)
{
  AuMiddlewareInterface *iface;

  g_return_val_if_fail (AU_IS_MIDDLEWARE (self), TRUE);

  iface = AU_MIDDLEWARE_GET_IFACE (self);

  return iface->after_compute == NULL || iface->after_compute (self, job, record, error);
}

/**
 * au_middleware_on_error: (virtual on_error)
 * @self: a middleware
 * @job: the job
 * @record: its record, failed or cancelled, and stored
 * @reason: why
 *
 * Is told that a computation has failed, was cancelled, or was refused by a middleware
 * further on, before whoever waits for it.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_middleware_on_error (AuMiddleware *self,
                        AuJob        *job,
                        AuRecord     *record,
                        const GError *reason)
{
  AuMiddlewareInterface *iface;

  g_return_if_fail (AU_IS_MIDDLEWARE (self));

  iface = AU_MIDDLEWARE_GET_IFACE (self);
  if (iface->on_error != NULL)
    iface->on_error (self, job, record, reason);
}

/**
 * au_middleware_may_launch: (virtual may_launch)
 * @self: a middleware
 * @job: the job of the attempt
 *
 * Is asked before each attempt, when its time has come and what it depends on has ended,
 * whether it may be given to the backend now. A middleware that says no keeps the job, with
 * a reference, until it lets it go by [method@Au.Job.launch]; or until it is told by
 * [method@Au.Middleware.on_error] or [method@Au.Middleware.left] that there is nothing to
 * wait for any more.
 *
 * MT safe.
 *
 * Returns: %TRUE when the attempt may go on, %FALSE to keep it
 *
 * Since: 1.0
 */
gboolean
au_middleware_may_launch (AuMiddleware *self,
                          AuJob        *job)
{
  AuMiddlewareInterface *iface;

  g_return_val_if_fail (AU_IS_MIDDLEWARE (self), TRUE);

  iface = AU_MIDDLEWARE_GET_IFACE (self);

  return iface->may_launch == NULL || iface->may_launch (self, job);
}

/**
 * au_middleware_left: (virtual left)
 * @self: a middleware
 * @job: the job
 * @record: its record, pending or another process's
 *
 * Is told that a computation, which was claimed from a queue, goes on elsewhere or later: it
 * was given back, or another process has taken it over. Neither
 * [method@Au.Middleware.after_compute] nor [method@Au.Middleware.on_error] follows; when it is
 * claimed again it is another job, and middleware is asked anew.
 *
 * MT safe.
 *
 * Since: 1.0
 */
void
au_middleware_left (AuMiddleware *self,
                    AuJob        *job,
                    AuRecord     *record)
{
  AuMiddlewareInterface *iface;

  g_return_if_fail (AU_IS_MIDDLEWARE (self));

  iface = AU_MIDDLEWARE_GET_IFACE (self);
  if (iface->left != NULL)
    iface->left (self, job, record);
}
