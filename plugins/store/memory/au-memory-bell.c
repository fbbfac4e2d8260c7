/* au-memory-bell.c: tells main loops of this process that something changed
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-memory-bell-private.h"

#include <sys/eventfd.h>
#include <unistd.h>

struct _AuMemoryBell
{
  gatomicrefcount ref_count;

  /* Whether a source waits to be woken: all that a change costs when none does,
   * because there is none, or because they have been woken and did not look yet.
   */
  gint            armed;

  GMutex          lock;
  GPtrArray      *sources; /* of AuMemoryBellSource, not owned */
};

typedef struct
{
  GSource       parent;

  AuMemoryBell *bell;
  int           fd;
} AuMemoryBellSource;

AuMemoryBell *
au_memory_bell_new (void)
{
  AuMemoryBell *self = g_new0 (AuMemoryBell, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->sources = g_ptr_array_new ();

  return self;
}

void
au_memory_bell_unref (AuMemoryBell *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_ptr_array_unref (self->sources);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Wakes the sources that wait.
 *
 * The caller has released the lock under which it made its change. A source arms the
 * bell before it looks, under that lock, so it either sees the change or is woken.
 *
 * They are woken by descriptors of their own, because g_source_set_ready_time () takes
 * the lock of a main context that another thread may be about to free.
 */
void
au_memory_bell_ring (AuMemoryBell *self)
{
  if (!g_atomic_int_get (&self->armed) ||
      !g_atomic_int_compare_and_exchange (&self->armed, TRUE, FALSE))
    return;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->sources->len; i++)
    {
      AuMemoryBellSource *source = g_ptr_array_index (self->sources, i);

      eventfd_write (source->fd, 1);
    }
  g_mutex_unlock (&self->lock);
}

/* The source */

static gboolean
au_memory_bell_source_dispatch (GSource     *source,
                                GSourceFunc  callback,
                                gpointer     user_data)
{
  AuMemoryBellSource *self = (AuMemoryBellSource *) source;
  eventfd_t count;

  /* Both before the callback looks, so that what comes while it does is not lost. */
  eventfd_read (self->fd, &count);
  g_atomic_int_set (&self->bell->armed, TRUE);

  return callback != NULL ? callback (user_data) : G_SOURCE_CONTINUE;
}

/* Called when the last reference goes: from then on nobody rings it. */
static void
au_memory_bell_source_dispose (GSource *source)
{
  AuMemoryBell *bell = ((AuMemoryBellSource *) source)->bell;

  g_mutex_lock (&bell->lock);
  g_ptr_array_remove_fast (bell->sources, source);
  g_mutex_unlock (&bell->lock);
}

static void
au_memory_bell_source_finalize (GSource *source)
{
  AuMemoryBellSource *self = (AuMemoryBellSource *) source;

  close (self->fd);
  au_memory_bell_unref (self->bell);
}

static GSourceFuncs au_memory_bell_source_funcs = {
  .dispatch = au_memory_bell_source_dispatch,
  .finalize = au_memory_bell_source_finalize,
};

/* Makes a source that becomes ready when the bell is rung. Gives %NULL when there are no
 * descriptors left.
 */
GSource *
au_memory_bell_new_source (AuMemoryBell *self)
{
  int fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  GSource *source;

  if (fd < 0)
    return NULL;

  source = g_source_new (&au_memory_bell_source_funcs, sizeof (AuMemoryBellSource));
  g_atomic_ref_count_inc (&self->ref_count);
  ((AuMemoryBellSource *) source)->bell = self;
  ((AuMemoryBellSource *) source)->fd = fd;
  g_source_add_unix_fd (source, fd, G_IO_IN);
  g_source_set_static_name (source, "[au] memory store");
  g_source_set_dispose_function (source, au_memory_bell_source_dispose);

  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->sources, source);
  g_mutex_unlock (&self->lock);
  g_atomic_int_set (&self->armed, TRUE);

  return source;
}
