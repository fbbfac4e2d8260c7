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
#include <au/au-store-change.h>

#include <time.h>

/* Without word from the store it is asked once a second. However often it speaks, no more
 * than half of the time is spent with looking at what may not have changed. */
#define POLL_INTERVAL (G_TIME_SPAN_SECOND)

/* A store that lists what has changed may miss what was changed by a process that was killed
 * right then, or by a program that is not of au. */
#define WHOLE_INTERVAL (10 * G_TIME_SPAN_SECOND)

/* A pause is a millisecond at least, as poll() counts: too long to follow a short look. */
#define SHORT_LOOK (G_TIME_SPAN_MILLISECOND)

/* How many records are loaded at once. */
#define LOAD_LIMIT (256)

struct _AuFollower
{
  AuStore    *store;
  AuService  *service;
  AuTimer     timer;

  GMutex      lock;         /* for what follows; taken before that of a computation */
  GHashTable *followed;     /* of AuComputation, without references */
  GHashTable *by_key;       /* lists of them; several may stand for one record */
  GHashTable *fresh;        /* those of them that are to be looked at in any case */
  GSource    *source;       /* of the store, while something is followed */
  gboolean    told;         /* by the source: something changed */
  gint64      earliest;     /* monotonic; when to look again at the earliest */
  guint64     position;     /* up to which changes were listed */
  guint64     since;        /* from which on they matter to those that came since */

  /* for the thread of the service */
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
  self->since = G_MAXUINT64;
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

/* What was written here was noted too. */
static gboolean
is_known (AuComputation *computation,
          guint64        revision)
{
  gboolean known;

  g_mutex_lock (&computation->lock);
  known = revision != 0 && computation->stored_revision == revision;
  g_mutex_unlock (&computation->lock);

  return known;
}

/* Called with the lock held. Only the last change of each record counts. */
static void
collect_noted_locked (AuFollower *self,
                      GPtrArray  *computations,
                      GPtrArray  *changes)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = changes->len; i > 0; i--)
    {
      const AuStoreChange *change = g_ptr_array_index (changes, i - 1);
      GSList *list = g_hash_table_lookup (self->by_key, change->key);

      if (list == NULL || !g_hash_table_add (seen, list))
        continue;

      for (GSList *link = list; link != NULL; link = link->next)
        {
          if (!is_known (link->data, change->revision) && !g_hash_table_contains (self->fresh, link->data))
            collect_one (computations, link->data);
        }
    }
}

/* Gives those that were changed, or all for NULL, and those that are new here. */
static GPtrArray *
collect (AuFollower *self,
         GPtrArray  *changes)
{
  GPtrArray *computations = g_ptr_array_new_with_free_func ((GDestroyNotify) au_computation_unref);
  GHashTableIter iter;
  gpointer computation;

  g_mutex_lock (&self->lock);
  if (changes != NULL)
    collect_noted_locked (self, computations, changes);
  g_hash_table_iter_init (&iter, changes != NULL ? self->fresh : self->followed);
  while (g_hash_table_iter_next (&iter, &computation, NULL))
    collect_one (computations, computation);
  g_hash_table_remove_all (self->fresh);
  g_mutex_unlock (&self->lock);

  return computations;
}

static GPtrArray *
list_changes (AuFollower *self)
{
  GPtrArray *changes;
  guint64 position;

  g_mutex_lock (&self->lock);
  position = MIN (self->position, self->since);
  self->since = G_MAXUINT64;
  g_mutex_unlock (&self->lock);

  changes = au_store_list_changes (self->store, &position);

  g_mutex_lock (&self->lock);
  self->position = position;
  g_mutex_unlock (&self->lock);

  return changes;
}

/* Gives those that may have changed since this was asked last. */
static GPtrArray *
collect_changed (AuFollower *self,
                 gboolean   *whole)
{
  gint64 now = au_clock_get_monotonic_time ();
  g_autoptr(GPtrArray) changes = list_changes (self);

  *whole = changes == NULL || now >= self->next_whole;
  if (*whole)
    self->next_whole = now + WHOLE_INTERVAL;

  return collect (self, *whole ? NULL : changes);
}

static void
show (AuComputation *computation,
      AuRecord      *stored)
{
  AuWaiter *readers = NULL;

  au_computation_refresh (computation, stored);

  /* Items are not in the record; whoever waits for one looks for itself. */
  g_mutex_lock (&computation->lock);
  if (computation->function == NULL && computation->extra != NULL)
    readers = au_waiter_list_steal (&computation->extra->readers);
  g_mutex_unlock (&computation->lock);
  au_waiters_wake (readers);
}

/* A record that is gone was removed: what waits for it must not wait for ever. */
static void
look_at_one (AuFollower    *self,
             AuComputation *computation)
{
  g_autoptr(AuRecord) stored = NULL;
  g_autoptr(GError) error = NULL;

  stored = au_store_load (self->store, au_computation_get_stored_key (computation), NULL, &error);
  if (stored != NULL)
    show (computation, stored);
  else if (g_error_matches (error, AU_ERROR, AU_ERROR_NOT_FOUND))
    au_computation_end_unstored (computation, error);
}

/* One that cannot be read keeps nobody from the others. */
static void
look_at (AuFollower     *self,
         AuComputation **computations,
         guint           n_computations)
{
  const char *keys[LOAD_LIMIT + 1] = { NULL };
  g_autoptr(GPtrArray) records = NULL;
  guint n_seen = 0;

  for (guint i = 0; i < n_computations; i++)
    keys[i] = au_computation_get_stored_key (computations[i]);
  if (n_computations > 1)
    records = au_store_load_many (self->store, keys, NULL, NULL);

  for (guint i = 0; i < n_computations; i++)
    {
      AuRecord *stored = records != NULL && n_seen < records->len ? records->pdata[n_seen] : NULL;

      if (stored == NULL || !g_str_equal (au_record_get_key (stored), keys[i]))
        {
          look_at_one (self, computations[i]);
          continue;
        }

      show (computations[i], stored);
      n_seen++;
    }
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
  gboolean whole, more;
  gint64 now, next;

  g_mutex_lock (&self->lock);
  self->told = FALSE;
  g_mutex_unlock (&self->lock);

  computations = collect_changed (self, &whole);
  for (guint i = 0; i < computations->len; i += LOAD_LIMIT)
    look_at (self, (AuComputation **) computations->pdata + i, MIN (computations->len - i, LOAD_LIMIT));

  /* Where a test has stopped the clock, a look has taken no time. */
  now = au_clock_get_monotonic_time ();
  cost = MIN (get_thread_time () - cost, now - begun);

  g_mutex_lock (&self->lock);
  self->earliest = whole && cost >= SHORT_LOOK ? now + cost : now;
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

guint64
au_follower_mark (AuFollower *self)
{
  guint64 position;

  g_mutex_lock (&self->lock);
  position = self->position;
  g_mutex_unlock (&self->lock);

  return position;
}

void
au_follower_add (AuFollower    *self,
                 AuComputation *computation,
                 guint64        mark)
{
  const char *key = au_computation_get_stored_key (computation);
  gboolean first;

  g_mutex_lock (&self->lock);
  first = g_hash_table_size (self->followed) == 0;
  if (g_hash_table_add (self->followed, computation))
    set_list (self, key, g_slist_prepend (g_hash_table_lookup (self->by_key, key), computation));
  if (mark == 0)
    g_hash_table_add (self->fresh, computation);
  else
    self->since = MIN (self->since, mark);
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
