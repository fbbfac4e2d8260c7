/* au-computation-items.c: the items of a computation, and who reads them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-job-private.h"
#include "au-record-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/* A generator may be ahead of its readers by as many items as the options allow. It
 * need not wait when nobody reads, as then nobody would ever let it go on, nor when
 * somebody waits for the end: the items are stored, and lost to nobody. */

/* Called with the lock held. */
static guint
count_wanted_locked (AuComputation *self)
{
  AuComputationExtra *extra = self->extra;
  int ahead = au_options_peek_number (self->spec->options, AU_OPTIONS_AHEAD);

  if (ahead < 0 || (self->handles == NULL && !self->handle_due) || self->awaited || self->ended)
    return G_MAXUINT;

  if (extra->n_items >= extra->wanted + ahead)
    return 0;

  return MIN (extra->wanted + ahead - extra->n_items, G_MAXUINT - 1);
}

guint
au_computation_get_wanted (AuJob *job)
{
  AuComputation *self = job->owner;
  guint n_wanted;

  g_mutex_lock (&self->lock);
  au_computation_ensure_extra (self);
  n_wanted = count_wanted_locked (self);
  self->extra->stalled = n_wanted == 0;
  g_mutex_unlock (&self->lock);

  return n_wanted;
}

void
au_computation_wait_wanted (AuJob *job)
{
  AuComputation *self = job->owner;

  for (;;)
    {
      AuThreadWaiter waiter;
      gboolean wanted;

      /* au_computation_stop_job () wakes all that wait here after it set the flag. */
      au_thread_waiter_init (&waiter);

      g_mutex_lock (&self->lock);
      au_computation_ensure_extra (self);
      wanted = count_wanted_locked (self) > 0 || au_job_is_cancelled (job);
      if (!wanted)
        au_waiter_list_add (&self->extra->emitters, &waiter.waiter);
      g_mutex_unlock (&self->lock);

      if (!wanted)
        au_thread_waiter_wait (&waiter, -1);
      au_thread_waiter_clear (&waiter);

      if (wanted)
        return;
    }
}

/* Lets whoever makes items look again whether the next one is wanted. */
void
au_computation_release_emitters (AuComputation *self)
{
  g_autoptr(AuJob) job = NULL;
  AuWaiter *emitters = NULL;

  g_mutex_lock (&self->lock);
  if (self->extra != NULL)
    {
      emitters = au_waiter_list_steal (&self->extra->emitters);
      if (self->extra->stalled && self->job != NULL)
        job = au_job_ref (self->job);
      self->extra->stalled = FALSE;
    }
  g_mutex_unlock (&self->lock);

  au_waiters_wake (emitters);
  if (job != NULL)
    au_job_ready (job);
}

/* Somebody waits for the end: no item has to wait for a reader any more. Whether there
 * will be items may turn out only later, so this is noted for every computation. */
void
au_computation_lift_pressure (AuComputation *self)
{
  gboolean blocked;

  g_mutex_lock (&self->lock);
  self->awaited = TRUE;
  blocked = self->extra != NULL;
  g_mutex_unlock (&self->lock);

  if (blocked)
    au_computation_release_emitters (self);
}

static gboolean
check_current (AuComputation  *self,
               AuJob          *job,
               guint64        *index,
               GError        **error)
{
  gboolean current;

  g_mutex_lock (&self->lock);
  current = self->job == job && !self->ended;
  *index = au_computation_ensure_extra (self)->n_items;
  g_mutex_unlock (&self->lock);

  if (!current)
    g_set_error (error, AU_ERROR, AU_ERROR_STALE,
                 _("Attempt %u of the computation “%s” is no longer the current one"),
                 job->attempt, au_computation_get_key (self));

  return current;
}

gboolean
au_computation_emit (AuJob     *job,
                     GVariant  *item,
                     GError   **error)
{
  AuComputation *self = job->owner;
  AuWaiter *readers = NULL;
  guint64 index;

  if (!check_current (self, job, &index, error) ||
      !au_store_append_item (self->engine->store, au_computation_get_key (self), job->attempt,
                             index, item, NULL, error))
    return FALSE;

  g_mutex_lock (&self->lock);
  if (self->job == job)
    {
      self->extra->n_items = index + 1;
      readers = au_waiter_list_steal (&self->extra->readers);
    }
  g_mutex_unlock (&self->lock);

  au_waiters_wake (readers);

  return TRUE;
}

GVariant *
au_computation_load_item (AuComputation  *self,
                          guint64         position,
                          GCancellable   *cancellable,
                          GError        **error)
{
  g_autoptr(GPtrArray) items = NULL;
  g_autoptr(AuRecord) record = au_computation_dup_record (self);
  gboolean inserted;

  /* A record that is still to be inserted has no items, and the store does not know it. */
  g_mutex_lock (&self->lock);
  inserted = self->stored_revision > 0;
  g_mutex_unlock (&self->lock);
  if (!inserted)
    return NULL;

  items = au_store_list_items (self->engine->store, record->spec->key, position, 1,
                               cancellable, error);
  if (items == NULL || items->len == 0)
    return NULL;

  return g_variant_ref (g_ptr_array_index (items, 0));
}

/* Says that a reader has asked for the item at @position. */
void
au_computation_note_reader (AuComputation *self,
                            guint64        position)
{
  gboolean more;

  g_mutex_lock (&self->lock);
  more = !self->done && au_computation_ensure_extra (self)->wanted <= position;
  if (more)
    self->extra->wanted = position + 1;
  g_mutex_unlock (&self->lock);

  if (more)
    au_computation_release_emitters (self);
}

/* Says that a reader wants the item at @position, and tells whether it, or the end, is
 * there. If not, @waiter is woken when there is something new. */
gboolean
au_computation_want_item (AuComputation *self,
                          guint64        position,
                          AuWaiter      *waiter)
{
  AuComputationExtra *extra;
  gboolean there;

  g_mutex_lock (&self->lock);
  extra = au_computation_ensure_extra (self);
  extra->wanted = MAX (extra->wanted, position + 1);
  there = self->done || extra->n_items > position;
  if (!there)
    au_waiter_list_add (&extra->readers, waiter);
  g_mutex_unlock (&self->lock);

  au_computation_release_emitters (self);

  return there;
}
