/* au-follower.c: what other processes do to computations that matter here
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-follower-private.h"
#include "au-computation-private.h"

#include <au/au-clock.h>
#include <au/au-error.h>

#include <time.h>

/* Without word from the store it is asked once a second. However often it speaks, no more
 * than half of the time is spent with looking. */
#define POLL_INTERVAL (G_TIME_SPAN_SECOND)

/* A store that lists what has changed may miss what was changed by a process that was killed
 * right then, or by a program that is not of au. */
#define WHOLE_INTERVAL (10 * G_TIME_SPAN_SECOND)

/* A pause is a millisecond at least, as poll() counts: too long to follow a short look. */
#define SHORT_LOOK (G_TIME_SPAN_MILLISECOND)

struct _AuFollower
{
  AuStore    *store;
  AuService  *service;
  AuTimer     timer;

  GMutex      lock;         /* for what follows */
  GHashTable *followed;     /* of AuComputation, without references */
  GHashTable *by_key;       /* lists of them; several may stand for one record */
  GHashTable *fresh;        /* those of them that were not looked at yet */
  GSource    *source;       /* of the store, while something is followed */
  gboolean    told;         /* by the source: something changed */
  gint64      earliest;     /* monotonic; when to look again at the earliest */

  /* for the thread of the service */
  guint64     position;     /* up to which changes were listed */
  gint64      next_whole;   /* monotonic; when to look at everything again */
};

static void look_cb (gpointer data);

AuFollower *
au_follower_new (AuStore   *store,
                 AuService *service)
{
  AuFollower *self = g_new0 (AuFollower, 1);

  self->store = g_object_ref (store);
  self->service = service;
  self->followed = g_hash_table_new (NULL, NULL);
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  self->fresh = g_hash_table_new (NULL, NULL);
  g_mutex_init (&self->lock);

  return self;
}

/* To be called when the service has stopped. */
void
au_follower_free (AuFollower *self)
{
  /* The thread of the service may be what frees this, and goes on. */
  au_service_unset_timer (self->service, &self->timer);
  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }
  g_hash_table_unref (self->followed);
  g_hash_table_unref (self->fresh);
  g_hash_table_unref (self->by_key);
  g_object_unref (self->store);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
store_changed_cb (gpointer data)
{
  au_follower_prod (data);

  return G_SOURCE_CONTINUE;
}

static void
collect_one (GPtrArray     *computations,
             AuComputation *computation)
{
  if (au_computation_try_ref (computation))
    g_ptr_array_add (computations, computation);
}

/* Gives those of the keys, or all for NULL, and those that are new here. */
static GPtrArray *
collect (AuFollower         *self,
         const char * const *keys)
{
  GPtrArray *computations = g_ptr_array_new_with_free_func ((GDestroyNotify) au_computation_unref);
  GHashTableIter iter;
  gpointer computation;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, keys != NULL ? self->fresh : self->followed);
  while (g_hash_table_iter_next (&iter, NULL, &computation))
    collect_one (computations, computation);
  for (; keys != NULL && *keys != NULL; keys++)
    {
      for (GSList *link = g_hash_table_lookup (self->by_key, *keys); link != NULL; link = link->next)
        collect_one (computations, link->data);
    }
  g_hash_table_remove_all (self->fresh);
  g_mutex_unlock (&self->lock);

  return computations;
}

/* Gives those that may have changed since this was asked last. */
static GPtrArray *
collect_changed (AuFollower *self)
{
  gint64 now = au_clock_get_monotonic_time ();
  g_auto(GStrv) keys = au_store_list_changes (self->store, &self->position);

  if (keys != NULL && now < self->next_whole)
    return collect (self, (const char * const *) keys);

  self->next_whole = now + WHOLE_INTERVAL;
  return collect (self, NULL);
}

/* A record that is gone was removed: what waits for it must not wait for ever. */
static void
look_at (AuFollower    *self,
         AuComputation *computation)
{
  g_autoptr(AuRecord) known = au_computation_dup_record (computation);
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;
  AuWaiter *readers = NULL;

  stored = au_store_load (self->store, au_record_get_key (known), NULL, &error);
  if (stored == NULL)
    {
      if (g_error_matches (error, AU_ERROR, AU_ERROR_NOT_FOUND))
        au_computation_end_unstored (computation, error);
      return;
    }

  au_computation_refresh (computation, stored);

  /* Items are not in the record; whoever waits for one looks for itself. */
  g_mutex_lock (&computation->lock);
  if (computation->function == NULL && computation->extra != NULL)
    readers = au_waiter_list_steal (&computation->extra->readers);
  g_mutex_unlock (&computation->lock);
  au_waiters_wake (readers);
}

/* How long this thread has worked: it may have had to wait for a processor too. */
static GTimeSpan
get_thread_time (void)
{
  struct timespec time = { 0 };

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);

  return time.tv_sec * G_TIME_SPAN_SECOND + time.tv_nsec / 1000;
}

static void
look_cb (gpointer data)
{
  AuFollower *self = data;
  gint64 begun = au_clock_get_monotonic_time ();
  GTimeSpan cost = get_thread_time ();
  g_autoptr(GPtrArray) computations = NULL;
  gboolean more;
  gint64 now, next;

  g_mutex_lock (&self->lock);
  self->told = FALSE;
  g_mutex_unlock (&self->lock);

  computations = collect_changed (self);
  for (guint i = 0; i < computations->len; i++)
    look_at (self, g_ptr_array_index (computations, i));

  /* Where a test has stopped the clock, a look has taken no time. */
  now = au_clock_get_monotonic_time ();
  cost = MIN (get_thread_time () - cost, now - begun);

  g_mutex_lock (&self->lock);
  self->earliest = cost < SHORT_LOOK ? now : now + cost;
  more = g_hash_table_size (self->followed) > 0;
  next = self->told ? self->earliest : now + POLL_INTERVAL;
  if (!more && self->source != NULL)
    {
      g_source_destroy (self->source);
      g_clear_pointer (&self->source, g_source_unref);
    }
  g_mutex_unlock (&self->lock);

  if (more)
    au_service_set_timer (self->service, &self->timer, next, look_cb, self);
}

/* Looks soon, but leaves the store some time between two looks. */
void
au_follower_prod (AuFollower *self)
{
  gboolean first;
  gint64 next;

  g_mutex_lock (&self->lock);
  first = !self->told && g_hash_table_size (self->followed) > 0;
  self->told = TRUE;
  next = MAX (self->earliest, au_clock_get_monotonic_time ());
  g_mutex_unlock (&self->lock);

  if (first)
    au_service_set_timer (self->service, &self->timer, next, look_cb, self);
}

/* Sets who follows a key, by the text of one of them: that of who is gone is gone too. */
static void
set_list (AuFollower *self,
          const char *key,
          GSList     *list)
{
  if (list != NULL)
    g_hash_table_replace (self->by_key, (gpointer) au_computation_get_stored_key (list->data), list);
  else
    g_hash_table_remove (self->by_key, key);
}

void
au_follower_add (AuFollower    *self,
                 AuComputation *computation)
{
  const char *key = au_computation_get_stored_key (computation);
  gboolean first;

  g_mutex_lock (&self->lock);
  first = g_hash_table_size (self->followed) == 0;
  if (g_hash_table_add (self->followed, computation))
    set_list (self, key, g_slist_prepend (g_hash_table_lookup (self->by_key, key), computation));
  g_hash_table_add (self->fresh, computation);
  g_atomic_int_set (&computation->followed, TRUE);
  if (first && self->source == NULL)
    {
      self->source = au_store_create_source (self->store);
      if (self->source != NULL)
        {
          g_source_set_callback (self->source, store_changed_cb, self, NULL);
          g_source_attach (self->source, au_service_get_context (self->service));
        }
    }
  if (first)
    self->told = FALSE;
  g_mutex_unlock (&self->lock);

  /* What happened before is to be seen too. */
  au_follower_prod (self);
}

void
au_follower_remove (AuFollower    *self,
                    AuComputation *computation)
{
  const char *key = au_computation_get_stored_key (computation);

  g_mutex_lock (&self->lock);
  if (g_hash_table_remove (self->followed, computation))
    set_list (self, key, g_slist_remove (g_hash_table_lookup (self->by_key, key), computation));
  g_hash_table_remove (self->fresh, computation);
  g_mutex_unlock (&self->lock);
}
