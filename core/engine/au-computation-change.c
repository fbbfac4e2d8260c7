/* au-computation-change.c: how the record of a computation goes on
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-record-private.h"

#include <au/au-clock.h>
#include <au/au-error.h>
#include <au/au-transition.h>

#include <glib/gi18n-lib.h>

/* How often the store is told of progress at most. */
#define REPORT_INTERVAL (250 * G_TIME_SPAN_MILLISECOND)

static AuRecord *
apply (AuComputation   *self,
       AuRecord        *record,
       const AuChange  *change,
       GError         **error)
{
  switch (change->kind)
    {
    case AU_CHANGE_BEGIN:
      return au_transition_begin (record, self->engine->owner, 0, error);
    case AU_CHANGE_REPORT:
      return au_transition_report (record, change->attempt, change->progress, change->text, error);
    case AU_CHANGE_COMPLETE:
      return au_transition_complete (record, change->attempt, change->value, error);
    case AU_CHANGE_FAIL:
      return au_transition_fail (record, change->attempt, change->reason, error);
    case AU_CHANGE_LOSE:
      return au_transition_lose (record, change->attempt, change->reason, error);
    case AU_CHANGE_RELEASE:
      return au_transition_release (record, change->attempt, error);
    case AU_CHANGE_REFUSE:
      return au_transition_refuse (record, change->reason, error);
    case AU_CHANGE_CANCEL:
      return au_transition_cancel (record, error);
    case AU_CHANGE_METADATA:
      return au_transition_set_metadata (record, change->text, change->value, error);
    default:
      g_assert_not_reached ();
    }
}

/* The number of items is not written with each of them, but with what comes next. */
static void
note_items (AuComputation *self,
            AuRecord      *fresh)
{
  if (G_UNLIKELY (self->extra != NULL && self->extra->n_items > fresh->n_items &&
                  fresh->status != AU_STATUS_PENDING))
    fresh->n_items = self->extra->n_items;
}

static gboolean
is_terminal (AuRecord *record)
{
  return au_status_is_terminal (record->status);
}

/* Called with the lock held. Older records never replace newer ones. */
static void
show_locked (AuComputation *self,
             AuRecord      *record)
{
  AuRecord *old = self->record;

  if (record->revision <= old->revision)
    return;

  self->record = au_record_ref (record);
  au_record_unref (old);
}

/* Called with the lock held. */
static gboolean
is_report_due (AuComputation  *self,
               const AuChange *change)
{
  AuComputationExtra *extra;
  gint64 now;

  if (change->kind != AU_CHANGE_REPORT)
    return TRUE;

  now = au_clock_get_monotonic_time ();
  extra = au_computation_ensure_extra (self);
  if (extra->last_report != 0 && now - extra->last_report < REPORT_INTERVAL)
    return FALSE;

  extra->last_report = now;

  return TRUE;
}

/* Somebody else has changed the record: take theirs, and try again on it. */
static gboolean
reload (AuComputation  *self,
        GError        **error)
{
  g_autoptr(AuRecord) stored = NULL;

  stored = au_store_load (self->engine->store, au_computation_get_key (self), NULL, error);
  if (stored == NULL)
    return FALSE;

  au_computation_refresh (self, stored);

  return TRUE;
}

/* In any thread, where the store never blocks: its check of the revision decides
 * between several that change the record at once. */
static gboolean
change_directly (AuComputation   *self,
                 const AuChange  *change,
                 AuRecord       **changed,
                 GError         **error)
{
  AuEngine *engine = self->engine;

  for (;;)
    {
      g_autoptr(AuRecord) old = NULL;
      g_autoptr(AuRecord) fresh = NULL;
      g_autoptr(GError) reason = NULL;
      gboolean due;
      guint64 expected;

      g_mutex_lock (&self->lock);
      old = au_record_ref (self->record);
      expected = self->stored_revision;
      due = is_report_due (self, change);
      g_mutex_unlock (&self->lock);

      fresh = apply (self, old, change, error);
      if (fresh == NULL)
        return FALSE;

      if (fresh != old)
        note_items (self, fresh);

      if (fresh == old || !due ||
          engine->store_iface->replace (engine->store, fresh, expected, NULL, &reason))
        {
          g_mutex_lock (&self->lock);
          if (fresh != old && due)
            self->stored_revision = MAX (self->stored_revision, fresh->revision);
          if (!is_terminal (fresh))
            show_locked (self, fresh);
          g_mutex_unlock (&self->lock);

          *changed = g_steal_pointer (&fresh);
          return TRUE;
        }

      if (g_error_matches (reason, AU_ERROR, AU_ERROR_CONFLICT))
        g_clear_error (&reason);

      if (reason != NULL || !reload (self, &reason))
        {
          if (is_terminal (fresh) || g_error_matches (reason, AU_ERROR, AU_ERROR_NOT_FOUND))
            au_computation_end_unstored (self, reason);
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
    }
}

/* Called with the lock held. */
static void
queue_locked (AuComputation *self)
{
  if (self->queued)
    return;

  self->queued = TRUE;
  au_ledger_add (self->engine->ledger, self);
}

/* Here, where the store blocks: this process runs the computation, so it decides, and
 * the ledger writes what was decided. */
static gboolean
change_and_queue (AuComputation   *self,
                  const AuChange  *change,
                  AuRecord       **changed,
                  GError         **error)
{
  AuRecord *old, *fresh;

  g_mutex_lock (&self->lock);

  old = self->unwritten != NULL && self->unwritten->revision > self->record->revision ?
        self->unwritten : self->record;
  fresh = apply (self, old, change, error);
  if (fresh == NULL)
    {
      g_mutex_unlock (&self->lock);
      return FALSE;
    }

  if (fresh != old)
    {
      note_items (self, fresh);
      g_clear_pointer (&self->unwritten, au_record_unref);
      self->unwritten = au_record_ref (fresh);
      if (!is_terminal (fresh))
        show_locked (self, fresh);
      if (is_report_due (self, change))
        queue_locked (self);
    }

  g_mutex_unlock (&self->lock);

  *changed = fresh;

  return TRUE;
}

/* Changes the record, by the one file that knows how. @changed is then the newest one;
 * whether it has ended is for the caller to see. */
gboolean
au_computation_change (AuComputation   *self,
                       const AuChange  *change,
                       AuRecord       **changed,
                       GError         **error)
{
  if (self->engine->direct)
    return change_directly (self, change, changed, error);

  return change_and_queue (self, change, changed, error);
}

/* Creates the record in the store: now, or by the ledger. */
gboolean
au_computation_insert (AuComputation  *self,
                       GError        **error)
{
  AuEngine *engine = self->engine;
  g_autoptr(AuRecord) stored = NULL;
  gboolean created = FALSE;

  if (!engine->direct)
    {
      g_mutex_lock (&self->lock);
      self->unwritten = au_record_ref (self->record);
      queue_locked (self);
      g_mutex_unlock (&self->lock);
      return TRUE;
    }

  stored = engine->store_iface->insert (engine->store, self->record, &created, NULL, error);
  if (stored == NULL)
    return FALSE;

  if (!created)
    {
      au_computation_become (self, stored);
      return TRUE;
    }

  /* Nobody else knows of it yet, so there is no need for the lock. */
  self->stored_revision = au_record_get_revision (stored);
  au_computation_start (self);

  return TRUE;
}

/* What the ledger was told about what it wrote. */

static void
written_insert (AuComputation *self,
                AuWrite       *write)
{
  gboolean more;

  if (!write->created)
    {
      au_computation_become (self, write->stored);
      return;
    }

  g_mutex_lock (&self->lock);
  self->stored_revision = write->record->revision;
  more = self->unwritten != write->record;
  if (more)
    queue_locked (self);
  else
    g_clear_pointer (&self->unwritten, au_record_unref);
  g_mutex_unlock (&self->lock);

  au_computation_return_insert_tasks (self, NULL);

  if (is_terminal (write->record))
    au_computation_end (self, write->record);
  else if (!more)
    au_computation_start (self);
}

static void
written_replace (AuComputation *self,
                 AuWrite       *write)
{
  g_mutex_lock (&self->lock);
  self->stored_revision = write->record->revision;
  if (self->unwritten == write->record)
    g_clear_pointer (&self->unwritten, au_record_unref);
  else if (self->unwritten != NULL)
    queue_locked (self);
  g_mutex_unlock (&self->lock);

  if (is_terminal (write->record))
    au_computation_end (self, write->record);
}

/* Somebody else changed the record. Unless they have ended it, or run a later attempt,
 * what they said is put under what was decided here. */
static void
rebase (AuComputation *self,
        AuRecord      *stored)
{
  gboolean theirs, stop = FALSE;

  g_mutex_lock (&self->lock);
  theirs = self->unwritten == NULL || is_terminal (stored) ||
           stored->attempt > self->unwritten->attempt;
  if (!theirs)
    {
      AuRecord *merged = au_record_copy (self->unwritten);

      stop = stored->cancel_requested && !merged->cancel_requested && !is_terminal (merged);
      merged->cancel_requested |= stored->cancel_requested;
      merged->revision = MAX (merged->revision, stored->revision + 1);
      au_record_unref (self->unwritten);
      self->unwritten = merged;
      self->stored_revision = stored->revision;
      if (!is_terminal (merged))
        show_locked (self, merged);
      queue_locked (self);
    }
  g_mutex_unlock (&self->lock);

  if (theirs)
    au_computation_refresh (self, stored);
  else if (stop)
    au_computation_stop_job (self);
}

void
au_computation_written (AuComputation *self,
                        AuWrite       *write)
{
  g_autoptr(AuRecord) stored = NULL;

  if (write->error == NULL)
    {
      if (write->expected == 0)
        written_insert (self, write);
      else
        written_replace (self, write);
      return;
    }

  if (write->expected > 0 && g_error_matches (write->error, AU_ERROR, AU_ERROR_CONFLICT))
    {
      g_clear_error (&write->error);
      stored = au_store_load (self->engine->store, au_record_get_key (write->record), NULL,
                              &write->error);
      if (stored != NULL)
        {
          rebase (self, stored);
          return;
        }
    }

  if (write->expected == 0 || is_terminal (write->record) ||
      g_error_matches (write->error, AU_ERROR, AU_ERROR_NOT_FOUND))
    au_computation_end_unstored (self, write->error);
  else
    g_warning ("%s: %s; it is tried again with the next change",
               au_computation_get_key (self), write->error->message);
}

/* A newer record was seen in the store, written by somebody else. */
void
au_computation_refresh (AuComputation *self,
                        AuRecord      *stored)
{
  gboolean newer, cancel, lost;
  guint attempt;

  g_mutex_lock (&self->lock);
  newer = stored->revision > self->record->revision;
  cancel = stored->cancel_requested && !self->record->cancel_requested;
  attempt = self->job != NULL ? self->record->attempt : 0;
  lost = attempt > 0 && stored->attempt > attempt;
  self->stored_revision = MAX (self->stored_revision, stored->revision);
  if (newer && !is_terminal (stored))
    show_locked (self, stored);
  g_mutex_unlock (&self->lock);

  if (lost || (cancel && attempt > 0) || (is_terminal (stored) && attempt > 0))
    au_computation_stop_job (self);

  if (is_terminal (stored))
    au_computation_end (self, stored);
  else if (newer)
    au_computation_notify (self);
}
