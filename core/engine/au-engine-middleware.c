/* au-engine-middleware.c: how an engine asks and tells its middleware
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-job-private.h"
#include "au-record-private.h"

#include <au/au-part.h>

gboolean
au_engine_has_middleware (AuEngine *self)
{
  return self->chain != NULL;
}

/* A computation may opt out of a middleware by the name of its type. */
static gboolean
is_left_out (AuMiddleware *middleware,
             AuRecord     *record)
{
  const char * const *without = au_options_peek_list (record->spec->options, AU_OPTIONS_WITHOUT);

  return without != NULL && g_strv_contains (without, au_part_get_type_name (G_OBJECT (middleware)));
}

/* Asks in the configured order. @n_asked is how many have let the job pass: they are
 * the ones to be told of how it ended. */
gboolean
au_engine_before_compute (AuEngine  *self,
                          AuJob     *job,
                          guint     *n_asked,
                          GError   **error)
{
  AuRecord *record = job->record;

  for (*n_asked = 0; *n_asked < self->chain->len; (*n_asked)++)
    {
      AuMiddleware *middleware = g_ptr_array_index (self->chain, *n_asked);

      if (!is_left_out (middleware, record) &&
          !au_middleware_before_compute (middleware, job, error))
        return FALSE;
    }

  return TRUE;
}

/* Asks in the configured order, from where it was kept the last time. One that keeps the
 * job may have let go of it before it returns, so nothing is looked at after that. */
gboolean
au_engine_may_launch (AuEngine *self,
                      AuJob    *job)
{
  while (self->chain != NULL && job->n_passed < self->chain->len)
    {
      AuMiddleware *middleware = g_ptr_array_index (self->chain, job->n_passed);

      job->n_passed++;
      if (!is_left_out (middleware, job->record) && !au_middleware_may_launch (middleware, job))
        return FALSE;
    }

  return TRUE;
}

void
au_engine_attempt_started (AuEngine *self,
                           AuJob    *job,
                           AuRecord *record)
{
  for (guint i = 0; self->chain != NULL && i < self->chain->len; i++)
    {
      AuMiddleware *middleware = g_ptr_array_index (self->chain, i);

      if (!is_left_out (middleware, record))
        au_middleware_attempt_started (middleware, job, record);
    }
}

void
au_engine_attempt_failed (AuEngine     *self,
                          AuJob        *job,
                          AuRecord     *record,
                          const GError *reason)
{
  for (guint i = self->chain != NULL ? self->chain->len : 0; i > 0; i--)
    {
      AuMiddleware *middleware = g_ptr_array_index (self->chain, i - 1);

      if (!is_left_out (middleware, record))
        au_middleware_attempt_failed (middleware, job, record, reason);
    }
}

void
au_engine_after_compute (AuEngine *self,
                         AuJob    *job,
                         AuRecord *record)
{
  for (guint i = self->chain != NULL ? self->chain->len : 0; i > 0; i--)
    {
      AuMiddleware *middleware = g_ptr_array_index (self->chain, i - 1);
      g_autoptr(GError) error = NULL;

      if (!is_left_out (middleware, record) &&
          !au_middleware_after_compute (middleware, job, record, &error))
        g_warning ("Middleware “%s” failed after “%s”: %s",
                   au_part_get_type_name (G_OBJECT (middleware)), au_job_get_key (job),
                   error != NULL ? error->message : "no reason given");
    }
}

void
au_engine_on_error (AuEngine *self,
                    AuJob    *job,
                    AuRecord *record,
                    guint     n_asked)
{
  g_autoptr(GError) reason = au_record_dup_error (record);

  for (guint i = n_asked; i > 0; i--)
    {
      AuMiddleware *middleware = g_ptr_array_index (self->chain, i - 1);

      if (!is_left_out (middleware, record))
        au_middleware_on_error (middleware, job, record, reason);
    }
}

void
au_engine_left (AuEngine *self,
                AuJob    *job,
                AuRecord *record,
                guint     n_asked)
{
  for (guint i = n_asked; i > 0; i--)
    {
      AuMiddleware *middleware = g_ptr_array_index (self->chain, i - 1);

      if (!is_left_out (middleware, record))
        au_middleware_left (middleware, job, record);
    }
}
