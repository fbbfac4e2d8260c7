/* au-computation-end.c: how a computation ends, and who is told
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-handle-private.h"
#include "au-record-private.h"

#include <au/au-error.h>
#include <au/au-transition.h>

#include <glib/gi18n-lib.h>

/* Tells handles that the record has changed; see au-handle.c for where and when. */
void
au_computation_notify (AuComputation *self)
{
  GSList *pending;

  g_mutex_lock (&self->lock);
  pending = au_handles_collect (self->handles);
  g_mutex_unlock (&self->lock);

  au_handles_notify (pending);
}

/* Shows the end to everybody. From now on the record is the store's. */
static void
show_end (AuComputation *self,
          AuRecord      *record)
{
  g_autoptr(AuRecord) old = NULL;
  g_autoptr(AuRecord) unwritten = NULL;
  AuWaiter *waiters, *readers = NULL, *emitters = NULL;
  GSList *pending;

  g_mutex_lock (&self->lock);

  old = self->record;
  self->record = au_record_ref (record);
  unwritten = g_steal_pointer (&self->unwritten);
  g_atomic_int_set (&self->done, TRUE);

  waiters = au_waiter_list_steal (&self->waiters);
  if (self->extra != NULL)
    {
      readers = au_waiter_list_steal (&self->extra->readers);
      emitters = au_waiter_list_steal (&self->extra->emitters);
    }
  pending = au_handles_collect (self->handles);

  g_mutex_unlock (&self->lock);

  au_computation_return_insert_waits (self, NULL);
  au_waiters_wake (waiters);
  au_waiters_wake (readers);
  au_waiters_wake (emitters);
  au_handles_notify (pending);
}

static void
tell_middleware (AuComputation *self,
                 AuJob         *job,
                 AuRecord      *record,
                 guint          n_asked)
{
  if (job == NULL || n_asked == 0)
    return;

  if (record->status == AU_STATUS_COMPLETED)
    au_engine_after_compute (self->engine, job, record);
  else
    au_engine_on_error (self->engine, job, record, n_asked);
}

/* It goes on elsewhere, or later; @job is what was to run it here. */
void
au_computation_tell_left (AuComputation *self,
                          AuJob         *job,
                          AuRecord      *record)
{
  guint n_asked;

  if (job == NULL)
    return;

  g_mutex_lock (&self->lock);
  n_asked = self->n_asked;
  self->n_asked = 0;
  g_mutex_unlock (&self->lock);

  au_engine_left (self->engine, job, record, n_asked);
}

/* Ends the computation with a terminal record that the store has. It does so once,
 * however many find out. */
void
au_computation_end (AuComputation *self,
                    AuRecord      *record)
{
  g_autoptr(AuJob) job = NULL;
  gboolean first;
  guint n_asked;

  g_mutex_lock (&self->lock);
  first = !self->ended;
  self->ended = TRUE;
  n_asked = self->n_asked;
  job = first ? g_steal_pointer (&self->job) : NULL;
  g_mutex_unlock (&self->lock);

  if (!first)
    return;

  au_computation_unset_timers (self);
  if (g_atomic_int_get (&self->followed))
    au_follower_remove (self->engine->follower, self);

  tell_middleware (self, job, record, n_asked);
  show_end (self, record);
  au_computation_tell_settled (self);
}

/* The store cannot take the record, or has none any more: whoever waits is told, and
 * the store is left as it is, so that the computation can be resumed. Its key stands for
 * what the store has from now on. */
void
au_computation_end_unstored (AuComputation *self,
                             const GError  *reason)
{
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) failed = NULL;
  g_autoptr(GError) told = NULL;

  told = g_error_new (reason->domain, reason->code,
                      _("The computation “%s” could not be recorded: %s"),
                      au_computation_get_key (self), reason->message);

  record = au_computation_dup_record (self);
  failed = au_record_copy (record);
  failed->status = AU_STATUS_FAILED;
  au_record_take_error (failed, au_record_error_new (g_quark_to_string (told->domain),
                                                     told->code, told->message));

  au_computation_table_detach (self->engine->table, self);
  au_computation_return_insert_waits (self, told);
  au_computation_stop_job (self);
  au_computation_end (self, failed);
}
