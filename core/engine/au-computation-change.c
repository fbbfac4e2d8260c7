/* au-computation-change.c: how the record of a computation goes on
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
#include <au/au-transition.h>

#include <glib/gi18n-lib.h>

/* How often the store is told of progress at most. */
#define REPORT_INTERVAL (250 * G_TIME_SPAN_MILLISECOND)

/* An outcome that the store does not take is offered to it so often. */
#define RECORD_INTERVAL (G_TIME_SPAN_SECOND)

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

/* Called with the lock held. */
static guint64
count_items_locked (AuComputation *self)
{
  return self->extra != NULL ? self->extra->n_items : 0;
}

/* The number of items is not written with each of them, but with what comes next. */
static void
note_items (AuRecord *fresh,
            guint64   n_items)
{
  if (G_UNLIKELY (n_items > fresh->n_items) && fresh->status != AU_STATUS_PENDING)
    fresh->n_items = n_items;
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

/* Called with the lock held. A report that is not due is held, and when its time comes
 * the store is told of what was reported last. */
static gboolean
is_report_due (AuComputation  *self,
               const AuChange *change,
               gint64         *hold_until)
{
  AuComputationExtra *extra;
  gint64 now;

  *hold_until = 0;
  if (change->kind != AU_CHANGE_REPORT)
    return TRUE;

  now = au_clock_get_monotonic_time ();
  extra = au_computation_ensure_extra (self);
  if (extra->last_report == 0 || now - extra->last_report >= REPORT_INTERVAL)
    {
      extra->last_report = now;
      return TRUE;
    }

  if (!extra->report_held)
    *hold_until = extra->last_report + REPORT_INTERVAL;
  extra->report_held = TRUE;

  return FALSE;
}

static void
held_report_cb (gpointer data)
{
  g_autoptr(AuComputation) self = data;
  g_autoptr(AuRecord) record = NULL;
  g_autoptr(AuRecord) written = NULL;
  g_autoptr(GError) error = NULL;
  AuChange change = { .kind = AU_CHANGE_REPORT };

  g_mutex_lock (&self->lock);
  self->extra->report_held = FALSE;
  self->extra->last_report = 0;
  if (self->function != NULL && !self->ended && self->record->status == AU_STATUS_RUNNING)
    record = au_record_ref (self->record);
  g_mutex_unlock (&self->lock);

  if (record == NULL)
    return;

  change.attempt = record->attempt;
  change.progress = record->progress;
  change.text = record->status_text;
  if (!au_computation_change (self, &change, &written, &error))
    g_debug ("%s: not reported: %s", au_computation_get_key (self), error->message);
}

static void
hold_report (AuComputation *self,
             gint64         until)
{
  if (until > 0)
    au_computation_set_timer (self, &self->extra->report_timer, until, held_report_cb);
}

/* Somebody else has changed the record: take theirs, and try again on it. */
static gboolean
reload (AuComputation  *self,
        AuRecord      **base,
        GError        **error)
{
  g_clear_pointer (base, au_record_unref);
  *base = au_store_load (self->engine->store, au_computation_get_key (self), NULL, error);
  if (*base == NULL)
    return FALSE;

  au_computation_refresh (self, *base);

  return TRUE;
}

/* Called with the lock held. What the store has may be about to be shown by whoever
 * wrote it, in another thread. */
static AuRecord *
choose_base_locked (AuComputation *self,
                    AuRecord      *base,
                    guint64       *expected)
{
  *expected = self->stored_revision;
  if (base == NULL || self->done || self->record->revision >= base->revision)
    return au_record_ref (self->record);

  *expected = base->revision;

  return au_record_ref (base);
}

/* A report between two that the store is told of: it is nobody else's business, so it
 * makes no revision, which others might take for a later one than their own. */
static AuRecord *
report_here (AuComputation   *self,
             const AuChange  *change,
             GError         **error)
{
  AuRecord *fresh;

  g_mutex_lock (&self->lock);
  fresh = apply (self, self->record, change, error);
  if (fresh != NULL)
    {
      fresh->revision = self->record->revision;
      au_record_unref (self->record);
      self->record = au_record_ref (fresh);
    }
  g_mutex_unlock (&self->lock);

  return fresh;
}

/* Called with the lock held, after the store took @fresh, which was made of @old: what
 * was reported meanwhile is kept. */
static void
show_stored_locked (AuComputation *self,
                    AuRecord      *old,
                    AuRecord      *fresh)
{
  g_autoptr(AuRecord) merged = NULL;

  if (self->record == old || fresh->status != AU_STATUS_RUNNING ||
      self->record->attempt != fresh->attempt || self->record->revision >= fresh->revision)
    {
      show_locked (self, fresh);
      return;
    }

  merged = au_record_copy (fresh);
  merged->revision = fresh->revision;
  merged->progress = self->record->progress;
  au_record_take_status_text (merged, self->record->status_text != NULL ?
                              g_ref_string_acquire (self->record->status_text) : NULL);
  show_locked (self, merged);
}

/* The store could not be told how the computation goes on, so here it does not. */
static gboolean
is_end_without_store (const AuChange *change,
                      const GError   *reason)
{
  switch (change->kind)
    {
    case AU_CHANGE_REPORT:
    case AU_CHANGE_CANCEL:
    case AU_CHANGE_METADATA:
      return g_error_matches (reason, AU_ERROR, AU_ERROR_NOT_FOUND);
    default:
      return TRUE;
    }
}

static void
end_without_store (AuComputation *self,
                   const GError  *reason)
{
  /* Nobody may be here to whom a handle says so. Who has removed it, or taken it, knows. */
  if (self->claimed && !g_error_matches (reason, AU_ERROR, AU_ERROR_NOT_FOUND) &&
      !g_error_matches (reason, AU_ERROR, AU_ERROR_CONFLICT))
    g_warning ("%s: what became of it could not be recorded, so that it is computed again: %s",
               au_computation_get_key (self), reason->message);

  au_computation_end_unstored (self, reason);
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
  g_autoptr(AuRecord) base = NULL;

  for (;;)
    {
      g_autoptr(AuRecord) old = NULL;
      g_autoptr(AuRecord) fresh = NULL;
      g_autoptr(GError) reason = NULL;
      guint64 expected, n_items;
      gint64 hold_until;
      gboolean due;

      g_mutex_lock (&self->lock);
      old = choose_base_locked (self, base, &expected);
      n_items = count_items_locked (self);
      due = is_report_due (self, change, &hold_until);
      g_mutex_unlock (&self->lock);

      if (!due)
        {
          hold_report (self, hold_until);
          *changed = report_here (self, change, error);
          return *changed != NULL;
        }

      fresh = apply (self, old, change, error);
      if (fresh == NULL)
        return FALSE;

      if (fresh == old)
        {
          *changed = g_steal_pointer (&fresh);
          return TRUE;
        }

      note_items (fresh, n_items);

      if (engine->store_iface->replace (engine->store, fresh, expected, NULL, &reason))
        {
          g_mutex_lock (&self->lock);
          /* An end is shown later, and until then nothing is put on top of it. */
          if (!is_terminal (fresh))
            {
              self->stored_revision = MAX (self->stored_revision, fresh->revision);
              show_stored_locked (self, old, fresh);
            }
          g_mutex_unlock (&self->lock);

          *changed = g_steal_pointer (&fresh);
          return TRUE;
        }

      if (g_error_matches (reason, AU_ERROR, AU_ERROR_CONFLICT))
        g_clear_error (&reason);

      if (reason != NULL || !reload (self, &base, &reason))
        {
          if (is_end_without_store (change, reason))
            end_without_store (self, reason);
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
    }
}

/* Called with the lock held. */
void
au_computation_queue_locked (AuComputation *self)
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
  gint64 hold_until = 0;

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
      note_items (fresh, count_items_locked (self));
      g_clear_pointer (&self->unwritten, au_record_unref);
      self->unwritten = au_record_ref (fresh);
      if (!is_terminal (fresh))
        show_locked (self, fresh);
      if (is_report_due (self, change, &hold_until))
        au_computation_queue_locked (self);
    }

  g_mutex_unlock (&self->lock);

  hold_report (self, hold_until);
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

static void
written_replace (AuComputation *self,
                 AuWrite       *write)
{
  gboolean given_back;

  g_mutex_lock (&self->lock);
  self->stored_revision = write->record->revision;
  if (self->unwritten == write->record)
    g_clear_pointer (&self->unwritten, au_record_unref);
  else if (self->unwritten != NULL)
    au_computation_queue_locked (self);
  given_back = self->claimed && write->record->status == AU_STATUS_PENDING;
  g_mutex_unlock (&self->lock);

  if (is_terminal (write->record))
    au_computation_end (self, write->record);
  else if (given_back)
    au_computation_let_go (self);
}

/* Called with the lock held. Whether somebody else has ended the computation, or runs it
 * now, so that what was decided here does not count. */
static gboolean
is_theirs_locked (AuComputation *self,
                  AuRecord      *stored)
{
  AuRecord *known = self->unwritten != NULL ? self->unwritten : self->record;

  /* One that was claimed may be claimed again, by this very process. */
  return is_terminal (stored) || g_strcmp0 (stored->owner, known->owner) != 0 ||
         (self->claimed && stored->attempt > known->attempt);
}

/* Somebody else changed the record. Unless it is theirs now, what they said is put under
 * what was decided here. */
static void
rebase (AuComputation *self,
        AuRecord      *stored)
{
  gboolean theirs, stop = FALSE;

  g_mutex_lock (&self->lock);
  theirs = self->unwritten == NULL || is_theirs_locked (self, stored);
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
      au_computation_queue_locked (self);
    }
  g_mutex_unlock (&self->lock);

  if (theirs)
    au_computation_refresh (self, stored);
  else if (stop)
    au_computation_stop_job (self);
}

static void
record_again_cb (gpointer data)
{
  g_autoptr(AuComputation) self = data;

  g_mutex_lock (&self->lock);
  if (!self->ended && self->unwritten != NULL)
    au_computation_queue_locked (self);
  g_mutex_unlock (&self->lock);
}

/* The store does not take an outcome, as its disk is full, say. Nobody may be here to whom a
 * handle says so, and whoever claims the computation next would compute it once more: so it
 * is tried again until that has happened, or the program ends.
 */
static void
record_later (AuComputation *self,
              const GError  *reason)
{
  AuComputationExtra *extra = au_computation_add_extra (self);
  gboolean first;

  g_mutex_lock (&self->lock);
  first = !extra->unrecorded;
  extra->unrecorded = TRUE;
  g_mutex_unlock (&self->lock);

  if (first)
    g_warning ("%s: its outcome cannot be recorded, which is tried again: %s",
               au_computation_get_key (self), reason->message);
  au_computation_set_timer (self, &extra->timer, au_clock_get_monotonic_time () + RECORD_INTERVAL,
                            record_again_cb);
}

void
au_computation_written (AuComputation *self,
                        AuWrite       *write,
                        guint64        mark)
{
  g_autoptr(AuRecord) stored = NULL;

  if (write->error == NULL)
    {
      if (write->expected == 0)
        au_computation_inserted (self, write, mark);
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

  if (!g_error_matches (write->error, AU_ERROR, AU_ERROR_NOT_FOUND) &&
      write->expected > 0 && !is_terminal (write->record))
    g_warning ("%s: %s; it is tried again with the next change",
               au_computation_get_key (self), write->error->message);
  else if (self->claimed && g_error_matches (write->error, AU_ERROR, AU_ERROR_STORE))
    record_later (self, write->error);
  else
    end_without_store (self, write->error);
}

/* Called with the lock held: somebody else runs it from now on. */
static AuJob *
give_up_locked (AuComputation *self)
{
  self->function = NULL;
  g_clear_pointer (&self->unwritten, au_record_unref);

  return g_steal_pointer (&self->job);
}

/* A newer record was seen in the store, written by somebody else. What has ended here is
 * done with: the record may be that of the next run. */
void
au_computation_refresh (AuComputation *self,
                        AuRecord      *stored)
{
  AuChange change = { .kind = AU_CHANGE_CANCEL };
  g_autoptr(AuRecord) cancelled = NULL;
  g_autoptr(AuJob) lost = NULL;
  gboolean newer, local, theirs, cancel;

  g_mutex_lock (&self->lock);
  if (self->ended)
    {
      g_mutex_unlock (&self->lock);
      return;
    }

  local = self->function != NULL;
  theirs = local && stored->revision > self->stored_revision && is_theirs_locked (self, stored);
  cancel = local && !theirs && stored->cancel_requested && !self->record->cancel_requested;

  if (theirs && !is_terminal (stored))
    lost = give_up_locked (self);

  /* What waits to be written here is put on top of theirs by who writes it. */
  newer = stored->revision > self->record->revision && self->unwritten == NULL;
  if (self->unwritten == NULL && !is_terminal (stored))
    self->stored_revision = MAX (self->stored_revision, stored->revision);
  if (newer && !is_terminal (stored))
    show_locked (self, stored);

  g_mutex_unlock (&self->lock);

  if (lost != NULL)
    {
      au_computation_unset_timers (self);
      au_follower_add (self->engine->follower, self, 0);
      au_job_cancel (lost);
      au_computation_release_emitters (self);
      au_backend_cancel (self->engine->backend, lost);
      au_computation_tell_left (self, lost, stored);
      au_computation_tell_settled (self);
    }
  else if (cancel && (newer || au_computation_change (self, &change, &cancelled, NULL)))
    {
      au_computation_stop_job (self);
    }

  if (!is_terminal (stored))
    {
      if (newer)
        au_computation_notify (self);
    }
  else
    {
      if (local)
        au_computation_stop_job (self);
      au_computation_end (self, stored);
    }
}
