/* au-engine-end.c: where an engine lets go of what the program has brought
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-function-private.h"
#include "au-main-context-private.h"
#include "au-part-clash-private.h"

/* Whoever drops the last reference of an engine drops its parts, and that is often the thread that
 * has run the last computation. Parts of modules do not mind. But a part or a function that a
 * program has brought may be written in a language that must not be entered by a thread which the
 * program does not know of, while the program ends least of all. So the parts of such an engine go
 * in the thread that made it, or in the main context that was thread-default there. */

typedef struct
{
  GPtrArray  *chain;
  GListModel *middleware;
  AuBackend  *backend;
  AuStore    *store;
  GHashTable *functions;
  GThread    *maker;
  GSource    *source;       /* lets go of them when it is destroyed */
} Leaving;

static GMutex lock;
static GSList *all_leaving;

void
au_engine_note_part (AuEngine *self,
                     gpointer  part)
{
  if (!au_part_is_of_module (G_OBJECT_TYPE (part)))
    self->has_guests = TRUE;
}

void
au_engine_note_function (AuEngine   *self,
                         AuFunction *function)
{
  if (function->destroy != NULL)
    self->has_guests = TRUE;
}

static void
leaving_free (Leaving *self)
{
  g_clear_pointer (&self->chain, g_ptr_array_unref);
  g_clear_object (&self->middleware);
  g_clear_object (&self->backend);
  g_clear_object (&self->store);
  g_clear_pointer (&self->functions, g_hash_table_unref);
  g_thread_unref (self->maker);
  g_free (self);
}

static gboolean
leave_cb (gpointer data)
{
  return G_SOURCE_REMOVE;
}

/* The source is destroyed by being dispatched, with its main context, or below. */
static void
left_cb (gpointer data)
{
  Leaving *self = data;

  g_mutex_lock (&lock);
  all_leaving = g_slist_remove (all_leaving, self);
  g_mutex_unlock (&lock);

  leaving_free (self);
}

static void
leave_later (Leaving      *self,
             GMainContext *context)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_static_name (source, "[au] end of an engine");
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, leave_cb, self, left_cb);
  self->source = source;

  g_mutex_lock (&lock);
  all_leaving = g_slist_prepend (all_leaving, self);
  /* Still with the lock, or the thread that finds it could destroy it before. */
  g_source_attach (source, context);
  g_mutex_unlock (&lock);
}

/* Called when nobody uses them any more. */
void
au_engine_drop_parts (AuEngine *self)
{
  Leaving *leaving = g_new (Leaving, 1);
  gboolean here;

  here = !self->has_guests || self->maker == g_thread_self () || au_main_context_is_ours (self->context);

  *leaving = (Leaving) {
    .chain = g_steal_pointer (&self->chain),
    .middleware = g_steal_pointer (&self->middleware),
    .backend = g_steal_pointer (&self->backend),
    .store = g_steal_pointer (&self->store),
    .functions = g_steal_pointer (&self->functions),
    .maker = g_steal_pointer (&self->maker),
  };

  if (here)
    leaving_free (leaving);
  else
    leave_later (leaving, self->context);

  g_clear_pointer (&self->context, g_main_context_unref);
}

static GSource *
find_source (GThread *maker)
{
  GSource *source = NULL;

  g_mutex_lock (&lock);
  for (GSList *link = all_leaving; source == NULL && link != NULL; link = link->next)
    {
      Leaving *leaving = link->data;

      if (leaving->maker == maker && !g_source_is_destroyed (leaving->source))
        source = g_source_ref (leaving->source);
    }
  g_mutex_unlock (&lock);

  return source;
}

/* A program that iterates no main context is rid of its former engines when it makes another. */
void
au_engine_end_former (void)
{
  GSource *source;

  while ((source = find_source (g_thread_self ())) != NULL)
    {
      g_source_destroy (source);
      g_source_unref (source);
    }
}
