/* au-rate-limiter-core.c: who may come in, and when
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-rate-limiter-private.h"

#include <au/au-clock.h>

#include <glib/gi18n-lib.h>

/* One key; the lock is held */

static inline guint
get_limit (AuRateLimiter *self,
           AuRateBucket  *bucket)
{
  return bucket->has_limit ? bucket->limit : self->limit;
}

/* When the next one may come in. */
gint64
au_rate_limiter_get_next_time (AuRateLimiter *self,
                               AuRateBucket  *bucket,
                               gint64         now)
{
  return au_rate_window_get_next (&bucket->window, get_limit (self, bucket), self->period, now);
}

/* Lets in whoever may come in now, and sees to the others. */
void
au_rate_limiter_serve (AuRateLimiter *self,
                       AuRateBucket  *bucket,
                       gint64         now,
                       AuWakeList    *woken)
{
  gint64 next = now;

  while (bucket->n_waiting > 0 && (next = au_rate_limiter_get_next_time (self, bucket, now)) <= now)
    {
      au_rate_window_add (&bucket->window, now);
      bucket->n_waiting--;
      au_wait_end (au_wait_peek (&bucket->line), AU_WAIT_GRANTED, NULL, woken);
    }

  if (bucket->node.place != 0)
    au_heap_remove (&self->waiting, &bucket->node);
  if (bucket->n_waiting > 0 && next != AU_RATE_WINDOW_NEVER)
    au_heap_add (&self->waiting, &bucket->node, next);
}

void
au_rate_limiter_set_timer (AuRateLimiter *self)
{
  AuHeapNode *first = au_heap_peek (&self->waiting);

  if (first != NULL && au_timer_set (&self->timer, first->key))
    g_object_ref (self);
}

void
au_rate_limiter_timer_cb (AuTimer *timer)
{
  g_autoptr(AuRateLimiter) self =
    (AuRateLimiter *) ((char *) timer - G_STRUCT_OFFSET (AuRateLimiter, timer));
  gint64 now = au_clock_get_monotonic_time ();
  AuWakeList woken = { NULL };
  AuHeapNode *first;

  g_mutex_lock (&self->lock);
  while ((first = au_heap_peek (&self->waiting)) != NULL && first->key <= now)
    au_rate_limiter_serve (self, (AuRateBucket *) first, now, &woken);
  au_rate_limiter_set_timer (self);
  g_mutex_unlock (&self->lock);

  au_waiters_wake (woken.first);
}

/* The keys; the lock is held */

static void
bucket_free (gpointer data)
{
  AuRateBucket *bucket = data;

  au_rate_window_clear (&bucket->window);
  g_free (bucket->key);
  g_free (bucket);
}

/* Those that were not used for the longest time are looked at, a few whenever one is
 * added: so there are never many that are of no use. */
static void
remove_unused (AuRateLimiter *self,
               gint64         now)
{
  for (guint i = 0; i < 3 && self->keys.head != NULL; i++)
    {
      AuRateBucket *bucket = self->keys.head->data;

      au_rate_window_forget (&bucket->window, self->period, now);
      if (bucket->window.n_stamps > 0 || bucket->n_waiting > 0 || bucket->has_limit)
        {
          g_queue_unlink (&self->keys, &bucket->link);
          g_queue_push_tail_link (&self->keys, &bucket->link);
          continue;
        }
      g_queue_unlink (&self->keys, &bucket->link);
      g_hash_table_remove (self->buckets, bucket->key);
    }
}

AuRateBucket *
au_rate_limiter_find (AuRateLimiter *self,
                      const char    *key)
{
  if (key == NULL)
    return &self->common;

  return self->buckets != NULL ? g_hash_table_lookup (self->buckets, key) : NULL;
}

AuRateBucket *
au_rate_limiter_ensure (AuRateLimiter *self,
                        const char    *key,
                        gint64         now)
{
  AuRateBucket *bucket = au_rate_limiter_find (self, key);

  if (bucket == &self->common)
    return bucket;

  if (bucket != NULL)
    {
      g_queue_unlink (&self->keys, &bucket->link);
    }
  else
    {
      if (self->buckets == NULL)
        self->buckets = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, bucket_free);
      remove_unused (self, now);
      bucket = g_new0 (AuRateBucket, 1);
      bucket->key = g_strdup (key);
      bucket->link.data = bucket;
      g_hash_table_insert (self->buckets, bucket->key, bucket);
    }
  g_queue_push_tail_link (&self->keys, &bucket->link);

  return bucket;
}

/* Coming in */

gboolean
au_rate_limiter_come_in (AuRateLimiter *self,
                         const char    *key)
{
  gint64 now = au_clock_get_monotonic_time ();
  AuRateBucket *bucket = au_rate_limiter_ensure (self, key, now);

  if (bucket->n_waiting > 0 || au_rate_limiter_get_next_time (self, bucket, now) > now)
    return FALSE;

  au_rate_window_add (&bucket->window, now);

  return TRUE;
}

/* A wait brings its key, which is the caller's as long as the call lasts; in its line it
 * has the bucket, which stays as long as somebody waits there. */

static gboolean
acquire_attempt (gpointer    object,
                 AuWait     *wait,
                 AuWakeList *woken)
{
  return au_rate_limiter_come_in (object, wait->data) && au_wait_done (wait, AU_WAIT_GRANTED, NULL);
}

static void
acquire_enter (gpointer    object,
               AuWait     *wait,
               AuWakeList *woken)
{
  AuRateLimiter *self = object;
  AuRateBucket *bucket = au_rate_limiter_find (self, wait->data);

  wait->data = bucket;
  au_wait_line_up (wait, &bucket->line);
  if (bucket->n_waiting++ == 0)
    {
      au_rate_limiter_serve (self, bucket, au_clock_get_monotonic_time (), woken);
      au_rate_limiter_set_timer (self);
    }
}

static void
acquire_leave (gpointer    object,
               AuWait     *wait,
               AuWakeList *woken)
{
  AuRateLimiter *self = object;
  AuRateBucket *bucket = wait->data;

  if (--bucket->n_waiting == 0 && bucket->node.place != 0)
    au_heap_remove (&self->waiting, &bucket->node);
}

const AuWaitOperation au_rate_limiter_acquire_operation = {
  .lock_offset = G_STRUCT_OFFSET (AuRateLimiter, lock),
  .timed_out = N_("The rate limit left no room in time: wait longer, or raise it"),
  .attempt = acquire_attempt,
  .enter = acquire_enter,
  .leave = acquire_leave,
};
