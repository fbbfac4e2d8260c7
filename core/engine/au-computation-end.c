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

static void
return_insert_tasks (GSList       *tasks,
                     const GError *reason)
{
  if (G_LIKELY (tasks == NULL))
    return;

  for (GSList *link = tasks; link != NULL; link = link->next)
    {
      g_autoptr(GTask) task = link->data;

      if (reason != NULL)
        g_task_return_error (task, g_error_copy (reason));
      else
        g_task_return_pointer (task, g_object_ref (g_task_get_task_data (task)), g_object_unref);
    }

  g_slist_free (tasks);
}

/* Tells those who waited for the record to be durable. */
void
au_computation_return_insert_tasks (AuComputation *self,
                                    const GError  *reason)
{
  GSList *tasks = NULL;

  g_mutex_lock (&self->lock);
  if (self->extra != NULL)
    tasks = g_steal_pointer (&self->extra->insert_tasks);
  g_mutex_unlock (&self->lock);

  return_insert_tasks (tasks, reason);
}

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
  GSList *tasks = NULL;
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
      tasks = g_steal_pointer (&self->extra->insert_tasks);
    }
  pending = au_handles_collect (self->handles);

  g_mutex_unlock (&self->lock);

  return_insert_tasks (tasks, NULL);
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

  au_computation_unset_timer (self);
  if (g_atomic_int_get (&self->followed))
    au_follower_remove (self->engine->follower, self);

  tell_middleware (self, job, record, n_asked);
  show_end (self, record);
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
  au_computation_return_insert_tasks (self, told);
  au_computation_stop_job (self);
  au_computation_end (self, failed);
}

/* The wake-up of a computation that stands for another one of this process. */
typedef struct
{
  AuWaiter       waiter;
  AuComputation *self;
  AuComputation *other;
} Alias;

static void
alias_wake (AuWaiter *waiter)
{
  Alias *alias = (Alias *) waiter;
  g_autoptr(AuRecord) record = au_computation_dup_record (alias->other);

  au_computation_end (alias->self, record);

  au_computation_unref (alias->other);
  au_computation_unref (alias->self);
  g_free (alias);
}

static void
stand_for (AuComputation *self,
           AuComputation *other)
{
  Alias *alias = g_new0 (Alias, 1);
  gboolean done;

  au_computation_lift_pressure (other);

  alias->waiter.wake = alias_wake;
  alias->self = au_computation_ref (self);
  alias->other = au_computation_ref (other);

  g_mutex_lock (&other->lock);
  done = other->done;
  if (!done)
    au_waiter_list_add (&other->waiters, &alias->waiter);
  g_mutex_unlock (&other->lock);

  if (done)
    alias_wake (&alias->waiter);
}

/* The store had a record already: of the same key, or of the same unique key. An order
 * to cancel that came before this was known is meant for that one. */
void
au_computation_become (AuComputation *self,
                       AuRecord      *stored)
{
  g_autoptr(AuComputation) other = NULL;
  g_autoptr(AuRecord) old = NULL;
  gboolean cancelled;

  g_mutex_lock (&self->lock);
  cancelled = self->unwritten != NULL && self->unwritten->cancel_requested;
  old = self->record;
  self->record = au_record_ref (stored);
  self->stored_revision = stored->revision;
  self->function = NULL;
  cancelled |= self->cancelled_early;
  g_clear_pointer (&self->unwritten, au_record_unref);
  g_mutex_unlock (&self->lock);

  if (au_status_is_terminal (stored->status))
    {
      au_computation_end (self, stored);
      return;
    }

  if (!g_str_equal (stored->spec->key, au_computation_get_key (self)))
    other = au_computation_table_lookup (self->engine->table, stored->spec->key);

  if (other != NULL)
    stand_for (self, other);
  au_follower_add (self->engine->follower, self);

  au_computation_return_insert_tasks (self, NULL);
  au_computation_notify (self);
  if (cancelled)
    au_computation_cancel (self);
}
