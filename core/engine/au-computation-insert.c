/* au-computation-insert.c: how a computation gets into the store, and who waits for that
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-record-private.h"

#include <au/au-error.h>
#include <au/au-transition.h>

/* Somebody who waits until the record is durable. Both the list of the computation and
 * the source that looks at the cancellable hold one reference. */
typedef struct
{
  gatomicrefcount  ref_count;
  AuComputation   *computation;
  GTask           *task;          /* its data is the handle */
  GSource         *cancel_source; /* NULL when it cannot be cancelled */
} InsertWait;

static void
insert_wait_unref (gpointer data)
{
  InsertWait *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  au_computation_unref (self->computation);
  g_object_unref (self->task);
  g_free (self);
}

static gboolean
insert_wait_cancelled_cb (GCancellable *cancellable,
                          gpointer      data)
{
  InsertWait *self = data;
  AuComputationExtra *extra = self->computation->extra;
  GSList *link;

  g_mutex_lock (&self->computation->lock);
  link = g_slist_find (extra->insert_waits, self);
  extra->insert_waits = g_slist_remove_link (extra->insert_waits, link);
  g_mutex_unlock (&self->computation->lock);

  if (link != NULL)
    {
      g_slist_free (link);
      g_task_return_error_if_cancelled (self->task);
      insert_wait_unref (self);
    }

  return G_SOURCE_REMOVE;
}

/* Called with the lock held, so that nobody ends the wait before it has its source. */
static void
add_insert_wait_locked (AuComputation *self,
                        GTask         *task)
{
  AuComputationExtra *extra = au_computation_ensure_extra (self);
  GCancellable *cancellable = g_task_get_cancellable (task);
  InsertWait *wait = g_new0 (InsertWait, 1);

  g_atomic_ref_count_init (&wait->ref_count);
  wait->computation = au_computation_ref (self);
  wait->task = g_object_ref (task);
  extra->insert_waits = g_slist_prepend (extra->insert_waits, wait);

  if (cancellable == NULL)
    return;

  g_atomic_ref_count_inc (&wait->ref_count);
  wait->cancel_source = g_cancellable_source_new (cancellable);
  g_source_set_static_name (wait->cancel_source, "[au] submission cancelled");
  g_source_set_callback (wait->cancel_source, G_SOURCE_FUNC (insert_wait_cancelled_cb), wait,
                         insert_wait_unref);
  g_source_attach (wait->cancel_source, g_task_get_context (task));
}

/* Has @task returned when the store has the record. Its handle is made here, so that it
 * belongs to the caller's main context. Gives %FALSE when there is nothing to wait for. */
gboolean
au_computation_await_insert (AuComputation *self,
                             GTask         *task)
{
  gboolean waits;

  g_task_set_task_data (task, au_handle_new (self), g_object_unref);

  g_mutex_lock (&self->lock);
  waits = self->stored_revision == 0 && !self->done;
  if (waits)
    add_insert_wait_locked (self, task);
  g_mutex_unlock (&self->lock);

  return waits;
}

static void
insert_wait_end (InsertWait *self)
{
  if (self->cancel_source != NULL)
    {
      g_source_destroy (self->cancel_source);
      g_clear_pointer (&self->cancel_source, g_source_unref);
    }

  insert_wait_unref (self);
}

static int
compare_task (gconstpointer wait,
              gconstpointer task)
{
  return ((const InsertWait *) wait)->task != task;
}

/* @task is returned by somebody else. */
void
au_computation_forget_insert_wait (AuComputation *self,
                                   GTask         *task)
{
  GSList *link;

  g_mutex_lock (&self->lock);
  link = g_slist_find_custom (self->extra->insert_waits, task, compare_task);
  self->extra->insert_waits = g_slist_remove_link (self->extra->insert_waits, link);
  g_mutex_unlock (&self->lock);

  if (link != NULL)
    {
      insert_wait_end (link->data);
      g_slist_free (link);
    }
}

/* Tells those who waited for the record to be durable. */
void
au_computation_return_insert_waits (AuComputation *self,
                                    const GError  *reason)
{
  GSList *waits = NULL;

  g_mutex_lock (&self->lock);
  if (self->extra != NULL)
    waits = g_steal_pointer (&self->extra->insert_waits);
  g_mutex_unlock (&self->lock);

  for (GSList *link = waits; link != NULL; link = link->next)
    {
      InsertWait *wait = link->data;

      if (reason != NULL)
        g_task_return_error (wait->task, g_error_copy (reason));
      else
        g_task_return_pointer (wait->task, g_object_ref (g_task_get_task_data (wait->task)),
                               g_object_unref);
      insert_wait_end (wait);
    }

  g_slist_free (waits);
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

static void
resume_cb (gpointer data)
{
  g_autoptr(AuComputation) self = data;
  g_autoptr(AuHandle) handle = NULL;
  g_autoptr(GError) error = NULL;

  handle = au_engine_resume (self->engine, au_computation_get_stored_key (self), NULL, &error);
  if (handle == NULL)
    g_debug ("%s: not resumed: %s", au_computation_get_key (self), error->message);
}

/* The store had a record already: of the same key, or of the same unique key. An order
 * to cancel that came before this was known is meant for that one. If the process that
 * was to run it is gone, it is run here: that is what was asked for. */
void
au_computation_become (AuComputation *self,
                       AuRecord      *stored)
{
  g_autoptr(AuComputation) other = NULL;
  g_autoptr(AuRecord) old = NULL;
  gboolean cancelled, other_key;

  g_mutex_lock (&self->lock);
  cancelled = self->unwritten != NULL && self->unwritten->cancel_requested;
  old = self->record;
  self->record = au_record_ref (stored);
  self->stored_revision = stored->revision;
  self->function = NULL;
  cancelled |= self->cancelled_early;
  g_clear_pointer (&self->unwritten, au_record_unref);
  other_key = !g_str_equal (stored->spec->key, self->spec->key);
  if (other_key)
    au_computation_ensure_extra (self)->stands_for = au_record_spec_ref (stored->spec);
  g_mutex_unlock (&self->lock);

  if (au_status_is_terminal (stored->status))
    {
      au_computation_end (self, stored);
      return;
    }

  if (other_key)
    other = au_computation_table_lookup (self->engine->table, stored->spec->key);

  if (other != NULL)
    stand_for (self, other);
  au_follower_add (self->engine->follower, self, 0);

  au_computation_return_insert_waits (self, NULL);
  au_computation_notify (self);
  if (cancelled)
    au_computation_cancel (self);
  else if (other == NULL && au_engine_is_orphan (self->engine, stored))
    au_service_invoke (self->engine->service, resume_cb, au_computation_ref (self));
}

/* The store has the record of a computation that others run. It may have made more of it
 * already. */
static void
note_remote_insert (AuComputation *self,
                    AuRecord      *stored,
                    guint64        mark)
{
  gboolean cancelled;

  au_computation_refresh (self, stored);
  if (!au_computation_is_done (self))
    au_follower_add (self->engine->follower, self, mark);

  g_mutex_lock (&self->lock);
  cancelled = self->cancelled_early;
  g_mutex_unlock (&self->lock);

  if (cancelled)
    au_computation_cancel (self);
}

static void
note_insert (AuComputation *self,
             AuRecord      *stored,
             guint64        mark)
{
  gboolean cancelled, remote;

  g_mutex_lock (&self->lock);
  self->stored_revision = stored->revision;
  cancelled = self->cancelled_early;
  remote = self->function == NULL;
  g_mutex_unlock (&self->lock);

  if (remote)
    note_remote_insert (self, stored, mark);
  else if (cancelled)
    au_computation_cancel (self);
  else
    au_computation_start (self);
}

/* Creates the record in the store: now, or by the ledger. */
gboolean
au_computation_insert (AuComputation  *self,
                       GError        **error)
{
  AuEngine *engine = self->engine;
  guint64 mark = engine->shared ? au_follower_mark (engine->follower) : 0;
  g_autoptr(AuRecord) stored = NULL;
  gboolean created = FALSE;

  if (!engine->direct)
    {
      g_mutex_lock (&self->lock);
      self->unwritten = au_record_ref (self->record);
      au_computation_queue_locked (self);
      g_mutex_unlock (&self->lock);
      return TRUE;
    }

  stored = engine->store_iface->insert (engine->store, self->record, &created, NULL, error);
  if (stored == NULL)
    return FALSE;

  if (created)
    note_insert (self, stored, mark);
  else
    au_computation_become (self, stored);

  return TRUE;
}

/* What the ledger was told about the insert. */
void
au_computation_inserted (AuComputation *self,
                         AuWrite       *write,
                         guint64        mark)
{
  gboolean more, remote;

  if (!write->created)
    {
      au_computation_become (self, write->stored);
      return;
    }

  g_mutex_lock (&self->lock);
  self->stored_revision = write->record->revision;
  more = self->unwritten != write->record;
  remote = self->function == NULL;
  if (more)
    au_computation_queue_locked (self);
  else
    g_clear_pointer (&self->unwritten, au_record_unref);
  g_mutex_unlock (&self->lock);

  au_computation_return_insert_waits (self, NULL);

  if (remote)
    note_remote_insert (self, write->stored, mark);
  else if (au_status_is_terminal (write->record->status))
    au_computation_end (self, write->record);
  else if (!more)
    au_computation_start (self);
}
