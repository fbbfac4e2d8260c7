/* au-job-report.c: what becomes of an attempt, as its backend tells
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-job-private.h"
#include "au-record-private.h"
#include "au-value-private.h"

#include <glib/gi18n-lib.h>

/**
 * au_job_begin:
 * @self: a job
 * @error: return location for an error
 *
 * Records that the attempt has started. To be called once, before the function is
 * run.
 *
 * Fails when the computation is not to be run any more, for instance because it was
 * cancelled while it waited; the job is then done with.
 *
 * MT safe.
 *
 * Returns: the number of the attempt, or 0 with @error set
 *
 * Since: 1.0
 */
guint
au_job_begin (AuJob   *self,
              GError **error)
{
  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (self->attempt == 0, 0);

  self->attempt = self->hooks->begin (self, error);

  return self->attempt;
}

/**
 * au_job_report:
 * @self: a job
 * @progress: how far the attempt has come, from 0 to 1, or -1 when unknown
 * @status_text: (nullable): what it does, for people
 * @error: return location for an error
 *
 * Says how far the attempt has come. Handles show it at once; the store is told at
 * most a few times a second.
 *
 * Fails with %AU_ERROR_STALE.
 *
 * MT safe.
 *
 * Returns: %TRUE when it was taken
 *
 * Since: 1.0
 */
gboolean
au_job_report (AuJob       *self,
               double       progress,
               const char  *status_text,
               GError     **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->hooks->report (self, progress, status_text, error);
}

/**
 * au_job_get_wanted:
 * @self: a job
 *
 * Gets how many more items its reader wants now. If it wants none, the function given
 * to [method@Au.Job.set_ready_func] is called once that has changed.
 *
 * MT safe.
 *
 * Returns: the number of items, or %G_MAXUINT when nobody counts them
 *
 * Since: 1.0
 */
guint
au_job_get_wanted (AuJob *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->hooks->get_wanted (self);
}

/**
 * au_job_emit:
 * @self: a job
 * @item: the item; a floating reference is sunk
 * @error: return location for an error
 *
 * Gives the next item of the computation, and waits first until its reader is not too
 * far behind, unless the job has a ready function: see
 * [method@Au.Job.set_ready_func].
 *
 * Fails with %AU_ERROR_STALE, with %G_IO_ERROR_CANCELLED when the job was cancelled, with
 * %AU_ERROR_BAD_TYPE when the item is nested deeper than 100 levels, and when the store
 * cannot keep the item.
 *
 * MT safe; one at a time for each job.
 *
 * Returns: %TRUE when it was taken
 *
 * Since: 1.0
 */
gboolean
au_job_emit (AuJob     *self,
             GVariant  *item,
             GError   **error)
{
  g_autoptr(GVariant) sunk = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (item != NULL, FALSE);

  sunk = g_variant_ref_sink (item);
  if (!au_value_check_depth (sunk, error))
    return FALSE;

  if (!self->no_wait)
    self->hooks->wait_wanted (self);

  if (au_job_is_cancelled (self))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                   _("The computation “%s” was cancelled"), au_job_get_key (self));
      return FALSE;
    }

  return self->hooks->emit (self, sunk, error);
}

/**
 * au_job_complete:
 * @self: a job
 * @value: (nullable): the value, or %NULL for none; a floating reference is sunk
 * @error: return location for an error
 *
 * Ends the attempt, and the computation, with a value.
 *
 * Fails with %AU_ERROR_STALE.
 *
 * MT safe.
 *
 * Returns: %TRUE when the value was taken
 *
 * Since: 1.0
 */
gboolean
au_job_complete (AuJob     *self,
                 GVariant  *value,
                 GError   **error)
{
  g_autoptr(GVariant) sunk = value != NULL ? g_variant_ref_sink (value) : NULL;

  g_return_val_if_fail (self != NULL, FALSE);

  return self->hooks->complete (self, sunk, error);
}

/**
 * au_job_fail:
 * @self: a job
 * @reason: why
 * @error: return location for an error
 *
 * Ends the attempt with an error. Whether another attempt follows is for the
 * computation's options to say.
 *
 * Fails with %AU_ERROR_STALE.
 *
 * MT safe.
 *
 * Returns: %TRUE when it was taken
 *
 * Since: 1.0
 */
gboolean
au_job_fail (AuJob         *self,
             const GError  *reason,
             GError       **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (reason != NULL, FALSE);

  return self->hooks->fail (self, reason, error);
}

/**
 * au_job_lost:
 * @self: a job
 * @reason: what happened to the worker
 * @error: return location for an error
 *
 * Says that the worker that ran the attempt is gone. The computation is tried again,
 * unless it was lost too often.
 *
 * Fails with %AU_ERROR_STALE.
 *
 * MT safe.
 *
 * Returns: %TRUE when it was taken
 *
 * Since: 1.0
 */
gboolean
au_job_lost (AuJob         *self,
             const GError  *reason,
             GError       **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (reason != NULL, FALSE);

  g_return_val_if_fail (self->hooks->lost != NULL, FALSE);

  return self->hooks->lost (self, reason, error);
}

/**
 * au_job_release:
 * @self: a job
 * @error: return location for an error
 *
 * Gives the attempt back unfinished, without counting it.
 *
 * Fails with %AU_ERROR_STALE.
 *
 * MT safe.
 *
 * Returns: %TRUE when it was taken
 *
 * Since: 1.0
 */
gboolean
au_job_release (AuJob   *self,
                GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  g_return_val_if_fail (self->hooks->release != NULL, FALSE);

  return self->hooks->release (self, error);
}
