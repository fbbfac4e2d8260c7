/* au-pool-pause.c: functions that end their worker processes again and again
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-pool-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* So many computations in a row may be lost. One that is lost each time is only one: its
 * arguments are to blame, and it fails by itself. */
#define MAX_LOST (3)

void
au_pool_note_lost (AuPool    *self,
                   AuPoolJob *job)
{
  AuPoolFunction *function = job->function;
  const char *key = au_job_get_key (job->job);

  g_mutex_lock (&self->lock);
  if (g_strcmp0 (function->last_lost, key) != 0)
    {
      function->n_lost++;
      g_free (function->last_lost);
      function->last_lost = g_strdup (key);
    }
  if (function->n_lost >= MAX_LOST && self->settings.pause > 0)
    {
      function->paused_until = au_clock_get_monotonic_time () + self->settings.pause;
      g_clear_error (&function->reason);
      function->reason = g_error_copy (job->error);
    }
  g_mutex_unlock (&self->lock);
}

/* It can be run after all. Called with the lock held. */
void
au_pool_note_alive_locked (AuPoolFunction *function)
{
  if (G_LIKELY (function->n_lost == 0))
    return;

  function->n_lost = 0;
  function->paused_until = 0;
  g_clear_pointer (&function->last_lost, g_free);
  g_clear_error (&function->reason);
}

/* Why the function is not run now, or NULL. When the pause is over it is tried again, and
 * the next loss begins another one. */
GError *
au_pool_dup_pause (AuPool         *self,
                   AuPoolFunction *function)
{
  GError *error = NULL;

  g_mutex_lock (&self->lock);
  if (G_UNLIKELY (function->paused_until != 0) && function->paused_until > au_clock_get_monotonic_time ())
    {
      g_autofree char *pause = au_duration_to_text (self->settings.pause);

      error = g_error_new (AU_ERROR, AU_ERROR_WORKER_LOST,
                           _("“%s” is not run for %s, as it has lost %u computations in a row; the last time: %s"),
                           au_function_get_name (function->function), pause, function->n_lost,
                           function->reason->message);
    }
  g_mutex_unlock (&self->lock);

  return error;
}
