/* au-service.c: the thread in which an engine keeps its appointments
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-service-private.h"

#include <au/au-clock.h>

struct _AuService
{
  gatomicrefcount ref_count;
  GMutex          lock;
  GThread        *thread;   /* NULL until needed */
  GMainContext   *context;
  GSource        *source;   /* ready when the first timer is due */
  GPtrArray      *heap;     /* of AuTimer, the earliest first */
  gboolean        stopped;
};

AuService *
au_service_new (void)
{
  AuService *self = g_new0 (AuService, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->heap = g_ptr_array_new ();
  self->context = g_main_context_new ();

  return self;
}

AuService *
au_service_ref (AuService *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
au_service_unref (AuService *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->source, g_source_unref);
  g_main_context_unref (self->context);
  g_ptr_array_unref (self->heap);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* A binary heap; a timer knows its place, so that it can be taken out again. */

static AuTimer *
heap_get (AuService *self,
          guint      place)
{
  return g_ptr_array_index (self->heap, place - 1);
}

static void
heap_put (AuService *self,
          guint      place,
          AuTimer   *timer)
{
  g_ptr_array_index (self->heap, place - 1) = timer;
  timer->place = place;
}

static void
heap_rise (AuService *self,
           AuTimer   *timer,
           guint      place)
{
  for (; place > 1 && heap_get (self, place / 2)->time > timer->time; place /= 2)
    heap_put (self, place, heap_get (self, place / 2));

  heap_put (self, place, timer);
}

static void
heap_sink (AuService *self,
           AuTimer   *timer,
           guint      place)
{
  for (;;)
    {
      guint child = place * 2;

      if (child < self->heap->len && heap_get (self, child + 1)->time < heap_get (self, child)->time)
        child++;
      if (child > self->heap->len || heap_get (self, child)->time >= timer->time)
        break;

      heap_put (self, place, heap_get (self, child));
      place = child;
    }

  heap_put (self, place, timer);
}

static void
heap_remove (AuService *self,
             AuTimer   *timer)
{
  guint place = timer->place;
  AuTimer *last = heap_get (self, self->heap->len);

  g_ptr_array_set_size (self->heap, self->heap->len - 1);
  timer->place = 0;
  if (last == timer)
    return;

  if (place > 1 && heap_get (self, place / 2)->time > last->time)
    heap_rise (self, last, place);
  else
    heap_sink (self, last, place);
}

static gboolean
timers_due_cb (gpointer data)
{
  AuService *self = data;
  gint64 now = au_clock_get_monotonic_time ();

  for (;;)
    {
      AuServiceFunc func = NULL;
      gpointer func_data = NULL;

      g_mutex_lock (&self->lock);
      if (self->heap->len > 0 && heap_get (self, 1)->time <= now)
        {
          AuTimer *timer = heap_get (self, 1);

          heap_remove (self, timer);
          func = timer->func;
          func_data = timer->data;
        }
      else
        {
          au_clock_source_set_time (self->source,
                                    self->heap->len > 0 ? heap_get (self, 1)->time : -1);
        }
      g_mutex_unlock (&self->lock);

      if (func == NULL)
        return G_SOURCE_CONTINUE;

      func (func_data);
    }
}

static gpointer
service_thread (gpointer data)
{
  AuService *self = data;

  g_main_context_push_thread_default (self->context);
  while (!g_atomic_int_get (&self->stopped))
    g_main_context_iteration (self->context, TRUE);
  g_main_context_pop_thread_default (self->context);

  au_service_unref (self);

  return NULL;
}

/* Called with the lock held. */
static void
ensure_thread (AuService *self)
{
  if (self->thread != NULL)
    return;

  self->source = au_clock_source_new (-1);
  g_source_set_callback (self->source, timers_due_cb, self, NULL);
  /* Else GLib wakes the context each time it has dispatched a source with a descriptor. */
  g_source_set_can_recurse (self->source, TRUE);
  g_source_attach (self->source, self->context);
  self->thread = g_thread_new ("au-service", service_thread, au_service_ref (self));
}

void
au_service_stop (AuService *self)
{
  GThread *thread;

  g_mutex_lock (&self->lock);
  thread = g_steal_pointer (&self->thread);
  g_mutex_unlock (&self->lock);

  if (thread == NULL)
    return;

  g_atomic_int_set (&self->stopped, TRUE);
  g_source_destroy (self->source);
  /* This waits for a clock that is just about to move it. */
  au_clock_source_set_time (self->source, -1);
  g_main_context_wakeup (self->context);

  if (thread == g_thread_self ())
    g_thread_unref (thread);
  else
    g_thread_join (thread);
}

/* Tells whether it was set already, with data of its own. */
gboolean
au_service_set_timer (AuService     *self,
                      AuTimer       *timer,
                      gint64         time,
                      AuServiceFunc  func,
                      gpointer       data)
{
  gboolean was_set;

  g_mutex_lock (&self->lock);

  was_set = timer->place > 0;
  if (was_set)
    heap_remove (self, timer);

  timer->time = time;
  timer->func = func;
  timer->data = data;
  g_ptr_array_add (self->heap, timer);
  heap_rise (self, timer, self->heap->len);

  ensure_thread (self);
  if (timer->place == 1)
    au_clock_source_set_time (self->source, time);

  g_mutex_unlock (&self->lock);

  return was_set;
}

gboolean
au_service_unset_timer (AuService *self,
                        AuTimer   *timer)
{
  gboolean was_set;

  g_mutex_lock (&self->lock);
  was_set = timer->place > 0;
  if (was_set)
    heap_remove (self, timer);
  g_mutex_unlock (&self->lock);

  return was_set;
}

typedef struct
{
  AuServiceFunc func;
  gpointer      data;
} Invocation;

static gboolean
invoke_cb (gpointer data)
{
  Invocation *invocation = data;

  invocation->func (invocation->data);

  return G_SOURCE_REMOVE;
}

void
au_service_invoke (AuService     *self,
                   AuServiceFunc  func,
                   gpointer       data)
{
  g_autoptr(GSource) source = g_idle_source_new ();
  Invocation *invocation = g_new (Invocation, 1);

  invocation->func = func;
  invocation->data = data;

  g_mutex_lock (&self->lock);
  ensure_thread (self);
  g_mutex_unlock (&self->lock);

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, invoke_cb, invocation, g_free);
  g_source_attach (source, self->context);
}

GMainContext *
au_service_get_context (AuService *self)
{
  g_mutex_lock (&self->lock);
  ensure_thread (self);
  g_mutex_unlock (&self->lock);

  return self->context;
}
