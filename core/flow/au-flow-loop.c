/* au-flow-loop.c: where the functions of a thread take turns
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-flow-loop-private.h"
#include "au-main-context-private.h"
#include "au-timer-private.h"

struct _AuFlowLoop
{
  gint          ref_count;      /* under the table's lock */
  gpointer      place;          /* in the table: a context or a thread; or NULL */
  GThread      *thread;         /* whose home it is, if it has no context */
  GMainContext *context;
  GSource      *source;         /* NULL in a private loop, which looks for itself */
  AuFlowLoop   *home;           /* of a private loop */
  AuFlowLoop   *below;          /* under the table's lock; a home's private loop */

  AuFlowItem   *batch;          /* only where it is iterated: taken out of the queue */

  GMutex        lock;           /* for what follows */
  AuFlowItem   *first;
  AuFlowItem   *last;
  AuFlowLoop   *driven;         /* the private loop, while somebody waits */
};

static GMutex table_lock;
static GHashTable *table;

/* Other sources have their turn now and then, however much there is to do. */
#define MAX_TURN (256)

typedef struct
{
  GSource     source;
  AuFlowLoop *loop;             /* under the table's lock; NULL once it is gone */
} FlowSource;

/* Takes some of what is in the queue: what is added meanwhile has its turn afterwards.
 * What is begun in a home stays there. */
static void
take_batch (AuFlowLoop *self)
{
  AuFlowItem *last = NULL;

  g_mutex_lock (&self->lock);
  self->batch = self->first;
  for (guint n = 0; n < MAX_TURN && self->first != NULL; n++)
    {
      last = self->first;
      if (g_atomic_pointer_get (&last->binding->loop) == NULL)
        g_atomic_pointer_set (&last->binding->loop, self);
      self->first = last->next;
    }
  if (last != NULL)
    last->next = NULL;
  if (self->first != NULL && self->source != NULL)
    g_source_set_ready_time (self->source, 0);
  g_mutex_unlock (&self->lock);
}

/* Any of them may iterate the context, and then goes on with what is left. Tells whether
 * there was something to do. */
static gboolean
run_items (AuFlowLoop *self)
{
  AuFlowItem *item;

  if (self->batch == NULL)
    take_batch (self);
  if (self->batch == NULL)
    return FALSE;

  while ((item = self->batch) != NULL)
    {
      self->batch = item->next;
      item->next = NULL;
      g_atomic_int_set (&item->queued, FALSE);
      item->run (item);
    }

  return TRUE;
}

/* The context may be about to dispatch its source when another thread lets go of the
 * loop: there is nothing left to do then. */
static AuFlowLoop *
get_loop_of_source (GSource *source)
{
  AuFlowLoop *self;

  g_mutex_lock (&table_lock);
  self = ((FlowSource *) source)->loop;
  if (self != NULL)
    self->ref_count++;
  g_mutex_unlock (&table_lock);

  return self;
}

static gboolean
flow_source_dispatch (GSource     *source,
                      GSourceFunc  callback,
                      gpointer     data)
{
  AuFlowLoop *self = get_loop_of_source (source);
  GMainContext *previous = g_main_context_get_thread_default ();
  gboolean pushed;

  if (self == NULL)
    return G_SOURCE_REMOVE;

  g_source_set_ready_time (source, -1);

  if (previous == NULL)
    previous = g_main_context_default ();
  pushed = previous != self->context;

  if (pushed)
    g_main_context_push_thread_default (self->context);
  run_items (self);
  if (pushed)
    g_main_context_pop_thread_default (self->context);

  au_flow_loop_unref (self);

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs flow_source_funcs = {
  .dispatch = flow_source_dispatch,
};

static AuFlowLoop *
loop_new (GMainContext *context)
{
  AuFlowLoop *self = g_new0 (AuFlowLoop, 1);

  self->ref_count = 1;
  g_mutex_init (&self->lock);
  if (context != NULL)
    self->context = g_main_context_ref (context);

  return self;
}

static void
loop_attach (AuFlowLoop *self)
{
  self->source = g_source_new (&flow_source_funcs, sizeof (FlowSource));
  ((FlowSource *) self->source)->loop = self;
  g_source_set_static_name (self->source, "[au] flow");
  g_source_set_can_recurse (self->source, TRUE);
  g_source_attach (self->source, self->context);
}

static void
loop_free (AuFlowLoop *self)
{
  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }
  g_clear_pointer (&self->thread, g_thread_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

AuFlowLoop *
au_flow_loop_ref (AuFlowLoop *self)
{
  g_mutex_lock (&table_lock);
  self->ref_count++;
  g_mutex_unlock (&table_lock);

  return self;
}

void
au_flow_loop_unref (AuFlowLoop *self)
{
  AuFlowLoop *home;

  g_mutex_lock (&table_lock);
  if (--self->ref_count > 0)
    {
      g_mutex_unlock (&table_lock);
      return;
    }
  if (self->place != NULL)
    g_hash_table_remove (table, self->place);
  if (self->source != NULL)
    ((FlowSource *) self->source)->loop = NULL;
  home = self->home;
  if (home != NULL && home->below == self)
    home->below = NULL;
  g_mutex_unlock (&table_lock);

  loop_free (self);
  if (home != NULL)
    au_flow_loop_unref (home);
}

/* Called with the table's lock held. */
static AuFlowLoop *
find_home (gpointer place)
{
  AuFlowLoop *self;

  if (table == NULL)
    table = g_hash_table_new (NULL, NULL);

  self = g_hash_table_lookup (table, place);
  if (self != NULL)
    self->ref_count++;

  return self;
}

static AuFlowLoop *
get_home_of_context (GMainContext *context)
{
  AuFlowLoop *self;
  gboolean made;

  g_mutex_lock (&table_lock);
  self = find_home (context);
  made = self == NULL;
  if (made)
    {
      self = loop_new (context);
      self->place = context;
      g_hash_table_insert (table, self->place, self);

      /* Before anybody else finds it. */
      loop_attach (self);
    }
  g_mutex_unlock (&table_lock);

  return self;
}

/* A thread is kept until its home is gone, so that no other one gets its address. */
static AuFlowLoop *
get_home_of_thread (void)
{
  AuFlowLoop *self;

  g_mutex_lock (&table_lock);
  self = find_home (g_thread_self ());
  if (self == NULL)
    {
      self = loop_new (NULL);
      self->thread = g_thread_ref (g_thread_self ());
      self->place = self->thread;
      g_hash_table_insert (table, self->place, self);
    }
  g_mutex_unlock (&table_lock);

  return self;
}

static GMainContext *
get_context (void)
{
  GMainContext *context = g_main_context_get_thread_default ();

  return context != NULL ? context : g_main_context_default ();
}

AuFlowLoop *
au_flow_loop_get (void)
{
  GMainContext *context = get_context ();

  return au_main_context_is_ours (context) ? get_home_of_context (context) : get_home_of_thread ();
}

AuFlowLoop *
au_flow_loop_get_for_async (void)
{
  return get_home_of_context (get_context ());
}

gboolean
au_flow_loop_has_context (AuFlowLoop *self)
{
  return self->context != NULL;
}

static gboolean
is_home_here (AuFlowLoop *self)
{
  return self->thread != NULL ? self->thread == g_thread_self ()
                              : au_main_context_is_ours (self->context);
}

/* A private loop has a context of its own, and is itself the home of what is begun by
 * the functions that run in it. */
static AuFlowLoop *
get_loop_below (AuFlowLoop *home)
{
  g_autoptr(GMainContext) context = NULL;
  AuFlowLoop *self;

  g_mutex_lock (&table_lock);
  self = home->below;
  if (self != NULL)
    {
      self->ref_count++;
    }
  else
    {
      context = g_main_context_new ();
      self = loop_new (context);
      self->home = home;
      home->ref_count++;
      home->below = self;
      self->place = context;
      if (table == NULL)
        table = g_hash_table_new (NULL, NULL);
      g_hash_table_insert (table, self->place, self);
    }
  g_mutex_unlock (&table_lock);

  return self;
}

/* Called with the lock held; tells whether whoever runs the loop is to be woken. */
static gboolean
append_locked (AuFlowLoop *self,
               AuFlowItem *item)
{
  gboolean was_empty = self->first == NULL;

  item->next = NULL;
  if (was_empty)
    self->first = item;
  else
    self->last->next = item;
  self->last = item;

  return was_empty;
}

static void
wake_locked (AuFlowLoop *self)
{
  if (self->source != NULL)
    g_source_set_ready_time (self->source, 0);
  else if (self->context != NULL && !g_main_context_is_owner (self->context))
    g_main_context_wakeup (self->context);
}

void
au_flow_binding_init (AuFlowBinding *self,
                      AuFlowLoop    *home)
{
  self->home = home;
  self->loop = NULL;
}

void
au_flow_binding_clear (AuFlowBinding *self)
{
  if (self->loop != NULL && self->loop != self->home)
    au_flow_loop_unref (self->loop);
  self->loop = NULL;
  g_clear_pointer (&self->home, au_flow_loop_unref);
}

/* Called with the home's lock held. */
static void
decide_locked (AuFlowBinding *self,
               AuFlowLoop    *loop)
{
  g_atomic_pointer_set (&self->loop, loop != self->home ? au_flow_loop_ref (loop) : loop);
}

/* Tells whether it was added: it may be in the queue already. */
gboolean
au_flow_binding_push (AuFlowBinding *self,
                      AuFlowItem    *item)
{
  AuFlowLoop *home = self->home;
  AuFlowLoop *loop;

  if (!g_atomic_int_compare_and_exchange (&item->queued, FALSE, TRUE))
    return FALSE;

  item->binding = self;

  loop = g_atomic_pointer_get (&self->loop);
  if (loop == NULL)
    {
      g_mutex_lock (&home->lock);
      if (self->loop == NULL && home->driven != NULL)
        decide_locked (self, home->driven);
      loop = self->loop;
      if (loop == NULL && append_locked (home, item))
        wake_locked (home);
      g_mutex_unlock (&home->lock);

      if (loop == NULL)
        return TRUE;
    }

  g_mutex_lock (&loop->lock);
  if (append_locked (loop, item))
    wake_locked (loop);
  g_mutex_unlock (&loop->lock);

  return TRUE;
}

/* Waiting */

static void
drive_wake (AuWaiter *waiter)
{
  AuFlowDrive *self = (AuFlowDrive *) waiter;
  GMainContext *context = g_main_context_ref (self->context);

  /* It may be gone as soon as this is set. */
  g_atomic_int_set (&self->woken, TRUE);
  g_main_context_wakeup (context);
  g_main_context_unref (context);
}

/* Called with the home's lock held. What has not begun yet is taken along. */
static void
take_along_locked (AuFlowLoop *home,
                   AuFlowLoop *loop)
{
  AuFlowItem *item = home->first;

  home->first = home->last = NULL;
  while (item != NULL)
    {
      AuFlowItem *next = item->next;

      if (item->binding->loop == NULL)
        decide_locked (item->binding, loop);
      append_locked (item->binding->loop == home ? home : loop, item);
      item = next;
    }

  if (home->first == NULL && home->source != NULL)
    g_source_set_ready_time (home->source, -1);
}

gboolean
au_flow_binding_is_stuck (AuFlowBinding *self)
{
  AuFlowLoop *home = self->home;
  gboolean stuck;

  if (!is_home_here (home))
    return FALSE;

  g_mutex_lock (&home->lock);
  stuck = home->driven != NULL || self->loop == home;
  g_mutex_unlock (&home->lock);

  return stuck;
}

AuFlowDriveState
au_flow_drive_begin (AuFlowDrive   *self,
                     AuFlowBinding *binding)
{
  AuFlowLoop *home = binding->home;
  AuFlowDriveState state = AU_FLOW_DRIVE_READY;
  AuFlowLoop *loop;

  if (!is_home_here (home))
    return AU_FLOW_DRIVE_ELSEWHERE;

  loop = get_loop_below (home);

  g_mutex_lock (&home->lock);
  if (home->driven != NULL || binding->loop == home)
    {
      state = AU_FLOW_DRIVE_DEADLOCK;
    }
  else
    {
      home->driven = loop;
      if (binding->loop == NULL)
        decide_locked (binding, loop);
      take_along_locked (home, loop);
    }
  g_mutex_unlock (&home->lock);

  if (state != AU_FLOW_DRIVE_READY)
    {
      au_flow_loop_unref (loop);
      return state;
    }

  self->waiter = (AuWaiter) { .wake = drive_wake };
  self->home = home;
  self->loop = loop;
  self->context = loop->context;
  self->woken = FALSE;
  g_main_context_push_thread_default (loop->context);

  return AU_FLOW_DRIVE_READY;
}

/* Ends a wait at a time. It may fire while the wait ends, so it has a life of its own. */
typedef struct
{
  AuTimer       timer;
  GMainContext *context;
  gint          over;           /* atomic */
} Limit;

static void
limit_clear (gpointer data)
{
  Limit *limit = data;

  g_main_context_unref (limit->context);
}

static void
limit_unref (Limit *limit)
{
  g_atomic_rc_box_release_full (limit, limit_clear);
}

static void
limit_cb (AuTimer *timer)
{
  Limit *limit = (Limit *) timer;

  g_atomic_int_set (&limit->over, TRUE);
  g_main_context_wakeup (limit->context);
  limit_unref (limit);
}

static Limit *
limit_new (AuFlowDrive *self,
           gint64       end_time)
{
  Limit *limit;

  if (end_time < 0)
    return NULL;

  limit = g_atomic_rc_box_new0 (Limit);
  limit->timer.func = limit_cb;
  limit->context = g_main_context_ref (self->context);
  g_atomic_rc_box_acquire (limit);
  if (!au_timer_set (&limit->timer, end_time))
    g_assert_not_reached ();

  return limit;
}

static void
limit_free (Limit *limit)
{
  if (au_timer_clear (&limit->timer))
    limit_unref (limit);
  limit_unref (limit);
}

static void
cancelled_cb (GCancellable *cancellable,
              gpointer      data)
{
  g_main_context_wakeup (data);
}

static gboolean
has_ended (AuFlowDrive  *self,
           Limit        *limit,
           GCancellable *cancellable)
{
  return g_atomic_int_get (&self->woken) ||
         g_cancellable_is_cancelled (cancellable) ||
         (limit != NULL && g_atomic_int_get (&limit->over));
}

gboolean
au_flow_drive_run (AuFlowDrive  *self,
                   gint64        end_time,
                   GCancellable *cancellable)
{
  Limit *limit = limit_new (self, end_time);
  gulong cancelled_id = 0;

  if (cancellable != NULL)
    cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb),
                                          self->context, NULL);

  while (!has_ended (self, limit, cancellable))
    {
      gboolean busy = run_items (self->loop);

      if (!g_atomic_int_get (&self->woken))
        g_main_context_iteration (self->context, !busy);
    }

  g_cancellable_disconnect (cancellable, cancelled_id);
  g_clear_pointer (&limit, limit_free);

  return g_atomic_int_get (&self->woken);
}

void
au_flow_drive_end (AuFlowDrive *self)
{
  g_main_context_pop_thread_default (self->context);

  g_mutex_lock (&self->home->lock);
  self->home->driven = NULL;
  g_mutex_unlock (&self->home->lock);

  au_flow_loop_unref (self->loop);
}
