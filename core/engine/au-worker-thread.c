/* au-worker-thread.c: what a worker does, in its own thread
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-claimed-private.h"
#include "au-engine-private.h"
#include "au-record-private.h"
#include "au-worker-private.h"

#include <au/au-clock.h>
#include <au/au-error.h>
#include <au/au-owner.h>

/* How often a worker looks for what others have left, and for what it may have missed. */
#define REAP_INTERVAL (G_TIME_SPAN_SECOND)

/* How much it takes at once of what others have left; when there is more, it claims first. */
#define REAP_LIMIT (500)

/* Every so manieth claim begins with another queue than the most important one. */
#define TURN (8)

/* How long one that is to stop waits for the store to take what was given back. */
#define GIVE_BACK_TIMEOUT (5 * G_TIME_SPAN_SECOND)

/* One claimed computation, from its claim until it is settled. Shared by whoever claims it
 * and by the two that are told of it. */
typedef struct
{
  gatomicrefcount ref_count;
  AuWorker       *worker;
  AuComputation  *computation;  /* NULL until the engine has given it */
  gboolean        settled;
} Hold;

/* Each computation that returns wakes the thread, but not one that was woken and has not
 * looked yet. */
static void
wake (AuWorker *self)
{
  if (g_atomic_int_compare_and_exchange (&self->woken, FALSE, TRUE))
    g_main_context_wakeup (self->context);
}

/* Called before the thread looks at what others have changed. */
static void
note_awake (AuWorker *self)
{
  g_atomic_int_set (&self->woken, FALSE);
}

static void
hold_unref (Hold *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_object_unref (self->worker);
  g_free (self);
}

static void
returned_cb (AuComputation *computation,
             gpointer       data)
{
  Hold *hold = data;
  AuWorker *self = hold->worker;

  g_mutex_lock (&self->lock);
  self->n_in_hand--;
  g_mutex_unlock (&self->lock);

  g_atomic_int_set (&self->wanted, TRUE);
  wake (self);
  hold_unref (hold);
}

static void
settled_cb (AuComputation *computation,
            gpointer       data)
{
  Hold *hold = data;
  AuWorker *self = hold->worker;
  g_autoptr(AuComputation) held = NULL;
  gboolean idle;

  g_mutex_lock (&self->lock);
  hold->settled = TRUE;
  held = g_steal_pointer (&hold->computation);
  g_hash_table_remove (self->held, hold);
  idle = g_hash_table_size (self->held) == 0;
  g_mutex_unlock (&self->lock);

  if (idle)
    wake (self);
  hold_unref (hold);
}

/* Runs one record that was claimed after a mark of the follower. */
static void
take (AuWorker *self,
      AuRecord *record,
      guint64   mark)
{
  Hold *hold = g_new0 (Hold, 1);
  g_autoptr(AuComputation) computation = NULL;
  g_autoptr(GError) error = NULL;

  g_atomic_ref_count_init (&hold->ref_count);
  g_atomic_ref_count_inc (&hold->ref_count);
  g_atomic_ref_count_inc (&hold->ref_count);
  hold->worker = g_object_ref (self);
  g_mutex_lock (&self->lock);
  self->n_in_hand++;
  g_hash_table_add (self->held, hold);
  g_mutex_unlock (&self->lock);

  computation = au_engine_run_claimed (self->engine, record, mark, returned_cb, settled_cb, hold, &error);
  if (computation == NULL)
    {
      g_message ("%s: %s", au_record_get_key (record), error->message);
      returned_cb (NULL, hold);
      settled_cb (NULL, hold);
    }

  /* It may have ended already. */
  g_mutex_lock (&self->lock);
  if (!hold->settled)
    hold->computation = g_steal_pointer (&computation);
  g_mutex_unlock (&self->lock);
  hold_unref (hold);
}

/* Says once that the queue cannot be used, and once that it can again: on a full disk much
 * still succeeds that only reads, so what has failed must succeed itself. */
static void
note_outcome (AuWorker     *self,
              AuWorkerAct   act,
              const GError *error)
{
  guint failing = error != NULL ? self->failing | act : self->failing & ~act;

  if (self->failing == 0 && failing != 0)
    g_warning ("The queue cannot be used, which is tried again: %s", error->message);
  else if (self->failing != 0 && failing == 0)
    g_message ("The queue can be used again");
  self->failing = failing;
}

static guint
count_free (AuWorker *self)
{
  guint slots = au_worker_get_slots (self);
  guint n_in_hand = au_worker_get_running (self);

  return slots > n_in_hand ? slots - n_in_hand : 0;
}

/* The most important queue is first, but now and then each of the others is, so that the
 * last one gets something however much is in those before it.
 */
static void
set_queues (AuWorker *self)
{
  guint n_queues = g_strv_length (self->queues);
  guint n_turns = self->n_claims++ / TURN;
  g_autofree const char **queues = NULL;
  guint first;

  if (n_queues < 2 || self->n_claims % TURN > 1)
    return;

  first = self->n_claims % TURN == 0 ? 1 + n_turns % (n_queues - 1) : 0;
  queues = g_new0 (const char *, n_queues + 1);
  for (guint i = 0; i < n_queues; i++)
    queues[i] = self->queues[(first + i) % n_queues];
  au_claim_set_queues (self->claim, queues);
}

static gboolean
is_draining (AuWorker *self)
{
  gboolean draining;

  g_mutex_lock (&self->lock);
  draining = self->draining;
  g_mutex_unlock (&self->lock);

  return draining;
}

/* Claims for free slots, as long as there is something to claim. */
static void
claim (AuWorker *self)
{
  guint n_free;

  while (!is_draining (self) && (n_free = count_free (self)) > 0 &&
         g_atomic_int_compare_and_exchange (&self->wanted, TRUE, FALSE))
    {
      g_autoptr(GPtrArray) records = NULL;
      g_autoptr(GError) error = NULL;
      guint64 mark = au_follower_mark (self->engine->follower);
      gint64 next_due = 0;

      au_claim_set_max (self->claim, n_free);
      set_queues (self);
      records = au_queue_claim (self->queue, self->claim, &next_due, NULL, &error);
      note_outcome (self, AU_WORKER_CLAIMS, error);
      if (records == NULL)
        return;

      if (records->len == n_free)
        g_atomic_int_set (&self->wanted, TRUE);
      au_clock_source_set_time (self->due_source, next_due > 0 ? au_clock_get_monotonic_time () +
                                MAX (next_due - au_clock_get_real_time (), 0) : -1);

      for (guint i = 0; i < records->len; i++)
        take (self, g_ptr_array_index (records, i), mark);
    }
}

gboolean
au_worker_announce (AuWorker       *self,
                    AuWorkerState   state,
                    GError        **error)
{
  gint64 now = au_clock_get_real_time ();
  guint running = au_worker_get_running (self);
  g_autoptr(AuWorkerInfo) info = NULL;

  self->n_announced = running;
  info = au_worker_info_new (self->id, au_owner_get_own (), (const char * const *) self->queues,
                             au_worker_get_slots (self), running, state,
                             self->started, now, now + self->lease);

  return au_queue_announce (self->queue, info, NULL, error);
}

static GPtrArray *
collect_held (AuWorker *self)
{
  GPtrArray *computations = g_ptr_array_new_with_free_func ((GDestroyNotify) au_computation_unref);
  GHashTableIter iter;
  gpointer data;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->held);
  while (g_hash_table_iter_next (&iter, &data, NULL))
    {
      Hold *hold = data;

      if (hold->computation != NULL)
        g_ptr_array_add (computations, au_computation_ref (hold->computation));
    }
  g_mutex_unlock (&self->lock);

  return computations;
}

/* What was not renewed is somebody else's, has ended, or was removed. */
static void
look_after_lost (AuWorker      *self,
                 AuComputation *computation)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuRecord) stored = au_store_load (AU_STORE (self->queue), au_computation_get_key (computation),
                                              NULL, &error);

  if (stored != NULL)
    au_computation_refresh (computation, stored);
  else if (g_error_matches (error, AU_ERROR, AU_ERROR_NOT_FOUND))
    au_computation_end_unstored (computation, error);
}

static void
renew (AuWorker *self)
{
  g_autoptr(GPtrArray) computations = collect_held (self);
  g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) au_record_unref);
  g_autoptr(GPtrArray) current = NULL;
  g_autoptr(GHashTable) by_key = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < computations->len; i++)
    g_ptr_array_add (records, au_computation_dup_record (g_ptr_array_index (computations, i)));

  current = au_queue_renew (self->queue, records, self->lease, NULL, &error);
  note_outcome (self, AU_WORKER_RENEWS, error);
  if (current == NULL)
    return;

  for (guint i = 0; i < current->len; i++)
    {
      AuRecord *record = g_ptr_array_index (current, i);

      g_hash_table_insert (by_key, record->spec->key, record);
    }

  for (guint i = 0; i < computations->len; i++)
    {
      AuComputation *computation = g_ptr_array_index (computations, i);
      AuRecord *record = g_hash_table_lookup (by_key, au_computation_get_key (computation));

      if (record != NULL)
        au_computation_refresh (computation, record);
      else
        look_after_lost (self, computation);
    }
}

/* What is to be done from time to time. Tells when next, in monotonic time. */
static gint64
keep_house (AuWorker *self)
{
  gint64 now = au_clock_get_monotonic_time ();
  gboolean draining = is_draining (self);
  gboolean beats = now >= self->next_renewal;
  gint64 next, due;

  if (beats)
    {
      self->next_renewal = now + self->lease / 3;
      renew (self);
    }

  /* Whoever lists the workers wants to see how much they run now. */
  if (beats || (now >= self->next_reaping && (au_worker_get_running (self) != self->n_announced ||
                                              (self->failing & AU_WORKER_ANNOUNCES) != 0)))
    {
      g_autoptr(GError) error = NULL;

      au_worker_announce (self, draining ? AU_WORKER_STATE_DRAINING : AU_WORKER_STATE_RUNNING, &error);
      note_outcome (self, AU_WORKER_ANNOUNCES, error);
    }

  if (now >= self->next_reaping)
    {
      g_autoptr(GError) error = NULL;
      gint n_lost = au_queue_reap (self->queue, REAP_LIMIT, NULL, &error);

      self->next_reaping = n_lost == REAP_LIMIT ? now : now + REAP_INTERVAL;
      note_outcome (self, AU_WORKER_REAPS, error);
      /* Nothing is lost for ever because a bell was not heard. */
      g_atomic_int_set (&self->wanted, TRUE);
    }

  next = MIN (self->next_renewal, self->next_reaping);
  due = draining ? 0 : au_worker_submit_due (self);
  if (due > 0)
    next = MIN (next, au_clock_get_monotonic_time () + MAX (due - au_clock_get_real_time (), 0));

  g_mutex_lock (&self->lock);
  self->seen = now;
  g_mutex_unlock (&self->lock);

  return next;
}

static void
give_back_late (AuWorker *self)
{
  g_autoptr(GPtrArray) computations = NULL;
  gboolean late;

  g_mutex_lock (&self->lock);
  late = au_clock_get_monotonic_time () >= self->drain_end;
  g_mutex_unlock (&self->lock);

  if (!late || self->gave_back)
    return;

  self->gave_back = TRUE;
  computations = collect_held (self);
  for (guint i = 0; i < computations->len; i++)
    {
      g_autoptr(GError) error = NULL;

      if (!au_computation_give_back (g_ptr_array_index (computations, i), &error))
        continue;

      g_mutex_lock (&self->lock);
      self->n_given_back++;
      g_mutex_unlock (&self->lock);
    }
}

/* When it stops to wait for what runs, or, once that was given back, for the store. */
static gint64
get_drain_limit_locked (AuWorker *self)
{
  GTimeSpan span = self->gave_back ? GIVE_BACK_TIMEOUT : 0;

  return self->drain_end > G_MAXINT64 - span ? G_MAXINT64 : self->drain_end + span;
}

/* Tells whether a worker that is to stop has nothing left to do. */
static gboolean
is_drained (AuWorker *self)
{
  gboolean drained;

  g_mutex_lock (&self->lock);
  drained = g_hash_table_size (self->held) == 0 ||
            (self->gave_back && au_clock_get_monotonic_time () >= get_drain_limit_locked (self));
  g_mutex_unlock (&self->lock);

  return drained;
}

static gboolean
wanted_cb (gpointer data)
{
  g_atomic_int_set (&((AuWorker *) data)->wanted, TRUE);

  return G_SOURCE_CONTINUE;
}

static gboolean
tick_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static GSource *
add_source (AuWorker    *self,
            GSource     *source,
            GSourceFunc  func)
{
  g_source_set_callback (source, func, self, NULL);
  /* Else GLib wakes the context each time it has dispatched a source with a descriptor. */
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, self->context);

  return source;
}

static void
work (AuWorker *self)
{
  while (!is_draining (self))
    {
      note_awake (self);
      au_clock_source_set_time (self->tick_source, keep_house (self));
      claim (self);

      if (!g_atomic_int_get (&self->wanted) || count_free (self) == 0)
        g_main_context_iteration (self->context, TRUE);
    }
}

static void
drain (AuWorker *self)
{
  self->next_renewal = 0;

  while (!is_drained (self))
    {
      gint64 limit, next;

      note_awake (self);
      next = keep_house (self);
      give_back_late (self);
      if (is_drained (self))
        break;

      g_mutex_lock (&self->lock);
      limit = get_drain_limit_locked (self);
      g_mutex_unlock (&self->lock);

      au_clock_source_set_time (self->tick_source, MIN (next, limit));
      g_main_context_iteration (self->context, TRUE);
    }
}

/* Those whose outcome the store has not taken come back when their lease has ended. */
static guint
count_unrecorded (AuWorker *self)
{
  g_autoptr(GPtrArray) computations = collect_held (self);
  guint n = 0;

  for (guint i = 0; i < computations->len; i++)
    {
      g_autoptr(AuRecord) record = au_computation_dup_record (g_ptr_array_index (computations, i));

      if (au_record_get_status (record) == AU_STATUS_RUNNING)
        n++;
    }

  return n;
}

static void
finish (AuWorker *self)
{
  guint n_unrecorded = count_unrecorded (self);
  g_autoptr(GError) error = NULL;
  GSList *tasks;

  if (!au_queue_withdraw (self->queue, self->id, NULL, &error))
    note_outcome (self, AU_WORKER_ANNOUNCES, error);

  g_mutex_lock (&self->lock);
  self->n_given_back += n_unrecorded;
  self->finished = TRUE;
  tasks = g_steal_pointer (&self->drain_tasks);
  g_mutex_unlock (&self->lock);

  for (GSList *link = tasks; link != NULL; link = link->next)
    {
      g_task_return_boolean (link->data, TRUE);
      g_object_unref (link->data);
    }
  g_slist_free (tasks);
}

gpointer
au_worker_thread (gpointer data)
{
  g_autoptr(AuWorker) self = data;
  GSource *queue_source;

  g_main_context_push_thread_default (self->context);

  queue_source = add_source (self, au_queue_create_source (self->queue, (const char * const *) self->queues),
                             wanted_cb);
  self->due_source = add_source (self, au_clock_source_new (-1), wanted_cb);
  self->tick_source = add_source (self, au_clock_source_new (-1), tick_cb);
  g_atomic_int_set (&self->wanted, TRUE);

  work (self);
  drain (self);

  g_source_destroy (queue_source);
  g_source_unref (queue_source);
  g_source_destroy (self->due_source);
  g_source_destroy (self->tick_source);
  g_clear_pointer (&self->due_source, g_source_unref);
  g_clear_pointer (&self->tick_source, g_source_unref);
  g_main_context_pop_thread_default (self->context);

  finish (self);

  return NULL;
}
