/* au-engine-peers.c: the other engines of this process
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-record-private.h"

/* A record says which process runs it, but not which of its engines does. */

typedef struct
{
  GWeakRef  engine;
  AuEngine *address;    /* to find the entry by, only */
} Peer;

static GMutex lock;
static GPtrArray *peers;

static void
peer_free (gpointer data)
{
  Peer *peer = data;

  g_weak_ref_clear (&peer->engine);
  g_free (peer);
}

void
au_engine_peers_add (AuEngine *self)
{
  Peer *peer = g_new (Peer, 1);

  g_weak_ref_init (&peer->engine, self);
  peer->address = self;

  g_mutex_lock (&lock);
  if (peers == NULL)
    peers = g_ptr_array_new ();
  g_ptr_array_add (peers, peer);
  g_mutex_unlock (&lock);
}

void
au_engine_peers_remove (AuEngine *self)
{
  Peer *found = NULL;

  g_mutex_lock (&lock);
  for (guint i = 0; found == NULL && i < peers->len; i++)
    {
      Peer *peer = g_ptr_array_index (peers, i);

      if (peer->address == self)
        {
          found = peer;
          g_ptr_array_remove_index_fast (peers, i);
        }
    }
  if (peers->len == 0)
    g_clear_pointer (&peers, g_ptr_array_unref);
  g_mutex_unlock (&lock);

  peer_free (found);
}

/* Finds the one of the other engines that runs the computation of @record. */
AuComputation *
au_engine_peers_find (AuEngine *self,
                      AuRecord *record)
{
  g_autoptr(GPtrArray) engines = g_ptr_array_new_with_free_func (g_object_unref);

  g_mutex_lock (&lock);
  for (guint i = 0; i < peers->len; i++)
    {
      Peer *peer = g_ptr_array_index (peers, i);
      AuEngine *engine = peer->address != self ? g_weak_ref_get (&peer->engine) : NULL;

      if (engine != NULL)
        g_ptr_array_add (engines, engine);
    }
  g_mutex_unlock (&lock);

  for (guint i = 0; i < engines->len; i++)
    {
      AuEngine *engine = g_ptr_array_index (engines, i);
      AuComputation *computation = au_computation_table_lookup (engine->table, record->spec->key);

      /* Another store may know another computation by the same key. */
      if (au_computation_is_run_here (computation) &&
          computation->spec->created == record->spec->created &&
          g_str_equal (computation->spec->function, record->spec->function))
        return computation;

      g_clear_pointer (&computation, au_computation_unref);
    }

  return NULL;
}
