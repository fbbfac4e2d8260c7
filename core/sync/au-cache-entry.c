/* au-cache-entry.c: what a cache keeps, and those who wait for it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-cache-private.h"

#include <au/au-clock.h>
#include <au/au-error.h>

#include <glib/gi18n-lib.h>

/* A call: in flight until its task has ended. It is in the table until it is forgotten;
 * a call in flight that is forgotten still has those who wait for it. */
typedef struct
{
  AuWaiter        watcher;      /* of the task */
  gatomicrefcount ref_count;    /* the table, the watcher, errands */
  AuCache        *cache;        /* a reference while in flight */
  GVariant       *key;
  AuTask         *task;
  AuWaiterList    line;
  guint           n_waiting;
  gboolean        listed;       /* in the table */
  gboolean        done;
  gint64          expires;
  GList           use_link;
  GList           age_link;
} Entry;

/* What is to be done to an entry without the lock, when those are woken who are to be. */
typedef struct
{
  AuWaiter waiter;
  Entry   *entry;
  void   (*func) (Entry *entry);
} Errand;

static Entry *
entry_ref (Entry *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
entry_unref (Entry *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_object_unref (self->task);
  g_variant_unref (self->key);
  g_free (self);
}

static void
errand_wake (AuWaiter *waiter)
{
  Errand *errand = (Errand *) waiter;

  errand->func (errand->entry);
  entry_unref (errand->entry);
  g_free (errand);
}

static void
send (Entry      *self,
      void      (*func) (Entry *entry),
      AuWakeList *woken)
{
  Errand *errand = g_new0 (Errand, 1);

  errand->waiter.wake = errand_wake;
  errand->entry = entry_ref (self);
  errand->func = func;
  au_wake_list_add (woken, &errand->waiter);
}

/* Forgetting; the lock is held */

static void
cancel (Entry *self)
{
  au_task_cancel (self->task);
}

static void
forget (Entry      *self,
        AuWakeList *woken)
{
  AuCache *cache = self->cache;

  if (!self->listed)
    return;

  self->listed = FALSE;
  g_hash_table_remove (cache->entries, self->key);
  if (self->done)
    {
      g_queue_unlink (&cache->by_use, &self->use_link);
      g_queue_unlink (&cache->by_age, &self->age_link);
    }
  /* the table's reference */
  send (self, entry_unref, woken);
}

static gboolean
has_expired (Entry *self)
{
  return self->done && self->expires != G_MAXINT64 &&
         self->expires <= au_clock_get_monotonic_time ();
}

void
au_cache_trim (AuCache    *self,
               AuWakeList *woken)
{
  /* a few of those whose time is over, so that there are never many */
  for (guint i = 0; i < 3 && self->by_age.head != NULL; i++)
    {
      if (!has_expired (self->by_age.head->data))
        break;
      forget (self->by_age.head->data, woken);
    }

  while (self->max_size > 0 && g_hash_table_size (self->entries) > self->max_size &&
         self->by_use.head != NULL)
    forget (self->by_use.head->data, woken);
}

void
au_cache_forget_all (AuCache    *self,
                     AuWakeList *woken)
{
  g_autoptr(GList) all = g_hash_table_get_values (self->entries);

  for (GList *link = all; link != NULL; link = link->next)
    forget (link->data, woken);
}

void
au_cache_forget (AuCache    *self,
                 GVariant   *key,
                 AuWakeList *woken)
{
  Entry *entry = g_hash_table_lookup (self->entries, key);

  if (entry != NULL)
    forget (entry, woken);
}

/* The end of a call */

static void
keep (Entry *self)
{
  AuCache *cache = self->cache;
  gint64 end_time = au_clock_get_end_time (cache->ttl);

  self->expires = end_time >= 0 ? end_time : G_MAXINT64;
  self->use_link.data = self->age_link.data = self;
  g_queue_push_tail_link (&cache->by_use, &self->use_link);
  g_queue_push_tail_link (&cache->by_age, &self->age_link);
}

static void
call_ended (AuWaiter *watcher)
{
  Entry *self = (Entry *) watcher;
  g_autoptr(AuCache) cache = self->cache;
  g_autoptr(GError) error = au_task_dup_error (self->task);
  AuWakeList woken = { NULL };
  AuWait *wait;

  g_mutex_lock (&cache->lock);
  if (self->listed && error != NULL &&
      (cache->evict_on_error || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)))
    forget (self, &woken);
  self->done = TRUE;
  if (self->listed)
    keep (self);
  while ((wait = au_wait_peek (&self->line)) != NULL)
    au_wait_end (wait, AU_WAIT_GRANTED, g_object_ref (self->task), &woken);
  self->n_waiting = 0;
  au_cache_trim (cache, &woken);
  g_mutex_unlock (&cache->lock);

  au_waiters_wake (woken.first);
  entry_unref (self);
}

/* Asking */

static void
launch (Entry *self)
{
  if (au_task_watch (self->task, &entry_ref (self)->watcher))
    au_task_launch (self->task, FALSE);
  else
    call_ended (&self->watcher);
}

static Entry *
entry_new (AuCache    *cache,
           GVariant   *key,
           AuWakeList *woken)
{
  Entry *self = g_new0 (Entry, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->watcher.wake = call_ended;
  self->cache = g_object_ref (cache);
  self->key = g_variant_ref (key);
  self->task = au_task_new_full (NULL, cache->work, key);
  self->listed = TRUE;
  g_hash_table_insert (cache->entries, self->key, self);
  send (self, launch, woken);

  return self;
}

static gboolean
get_attempt (gpointer    object,
             AuWait     *wait,
             AuWakeList *woken)
{
  AuCache *self = object;
  Entry *entry = g_hash_table_lookup (self->entries, wait->data);

  if (entry == NULL || !entry->done)
    return FALSE;

  if (has_expired (entry))
    {
      forget (entry, woken);
      return FALSE;
    }

  if (self->by_use.tail != &entry->use_link)
    {
      g_queue_unlink (&self->by_use, &entry->use_link);
      g_queue_push_tail_link (&self->by_use, &entry->use_link);
    }
  self->n_hits++;

  return au_wait_done (wait, AU_WAIT_GRANTED, g_object_ref (entry->task));
}

static void
get_enter (gpointer    object,
           AuWait     *wait,
           AuWakeList *woken)
{
  AuCache *self = object;
  Entry *entry = g_hash_table_lookup (self->entries, wait->data);

  if (entry == NULL)
    {
      entry = entry_new (self, wait->data, woken);
      self->n_misses++;
    }
  else
    {
      self->n_shared++;
    }

  wait->data = entry;
  entry->n_waiting++;
  au_wait_line_up (wait, &entry->line);
}

/* When nobody waits any more, nobody wants it. Whoever asks from now on has it done
 * anew. */
static void
get_leave (gpointer    object,
           AuWait     *wait,
           AuWakeList *woken)
{
  Entry *entry = wait->data;

  if (--entry->n_waiting > 0)
    return;

  forget (entry, woken);
  send (entry, cancel, woken);
}

static void
get_discard (gpointer    object,
             AuWait     *wait,
             AuWakeList *woken)
{
  if (wait->outcome == AU_WAIT_GRANTED)
    g_object_unref (wait->data);
}

const AuWaitOperation au_cache_get_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuCache, lock),
  .timed_out = N_("The call has not ended in time: wait longer"),
  .attempt = get_attempt,
  .enter = get_enter,
  .leave = get_leave,
  .discard = get_discard,
};
