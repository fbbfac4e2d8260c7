/* au-timer.c: what is to happen at a time
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-timer-private.h"

#include <au/au-clock.h>

#define NEVER (G_MAXINT64)

static GMutex lock;
static AuHeap timers;
static GSource *source;

/* What the source is set to: never later than the first timer. It may be earlier, when
 * the first was cleared; then it finds nothing to do, which costs less than to tell the
 * thread of each timer that is cleared, as most are. */
static gint64 source_time = NEVER;

static gboolean
timers_due_cb (gpointer data)
{
  g_mutex_lock (&lock);
  source_time = NEVER;
  while (timers.n_nodes > 0)
    {
      gint64 first = timers.slots[0].key;
      AuTimer *timer;

      if (first > au_clock_get_monotonic_time ())
        {
          source_time = first;
          au_clock_source_set_time (source, first);
          break;
        }

      timer = (AuTimer *) au_heap_pop (&timers);
      g_mutex_unlock (&lock);
      timer->func (timer);
      g_mutex_lock (&lock);
    }
  g_mutex_unlock (&lock);

  return G_SOURCE_CONTINUE;
}

static gpointer
timer_thread (gpointer data)
{
  GMainContext *context = data;

  while (TRUE)
    g_main_context_iteration (context, TRUE);

  return NULL;
}

/* Called with the lock held. The thread stays for as long as the process. */
static void
ensure_source_locked (void)
{
  GMainContext *context;

  if (source != NULL)
    return;

  context = g_main_context_new ();
  source = au_clock_source_new (-1);
  g_source_set_callback (source, timers_due_cb, NULL, NULL);
  g_source_attach (source, context);
  g_thread_unref (g_thread_new ("au-timer", timer_thread, context));
}

gboolean
au_timer_set (AuTimer *self,
              gint64   time)
{
  gboolean is_new;

  g_mutex_lock (&lock);
  ensure_source_locked ();
  is_new = self->node.place == 0;
  if (!is_new)
    au_heap_remove (&timers, &self->node);
  au_heap_add (&timers, &self->node, time);
  if (time < source_time)
    {
      source_time = time;
      au_clock_source_set_time (source, MAX (time, 0));
    }
  g_mutex_unlock (&lock);

  return is_new;
}

gboolean
au_timer_clear (AuTimer *self)
{
  gboolean was_set;

  g_mutex_lock (&lock);
  was_set = self->node.place != 0;
  if (was_set)
    au_heap_remove (&timers, &self->node);
  g_mutex_unlock (&lock);

  return was_set;
}
