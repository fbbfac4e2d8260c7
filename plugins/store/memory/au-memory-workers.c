/* au-memory-workers.c: which workers there are
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-memory-workers-private.h"

#include <string.h>

void
au_memory_workers_init (AuMemoryWorkers *self)
{
  g_mutex_init (&self->lock);
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify) au_worker_info_unref);
}

void
au_memory_workers_clear (AuMemoryWorkers *self)
{
  g_hash_table_unref (self->by_id);
  g_mutex_clear (&self->lock);
}

void
au_memory_workers_announce (AuMemoryWorkers *self,
                            AuWorkerInfo    *worker)
{
  g_mutex_lock (&self->lock);
  g_hash_table_replace (self->by_id, (gpointer) au_worker_info_get_id (worker),
                        au_worker_info_ref (worker));
  g_mutex_unlock (&self->lock);
}

void
au_memory_workers_withdraw (AuMemoryWorkers *self,
                            const char      *worker_id)
{
  g_mutex_lock (&self->lock);
  g_hash_table_remove (self->by_id, worker_id);
  g_mutex_unlock (&self->lock);
}

static int
compare_workers (gconstpointer a,
                 gconstpointer b)
{
  return strcmp (au_worker_info_get_id (*(AuWorkerInfo * const *) a),
                 au_worker_info_get_id (*(AuWorkerInfo * const *) b));
}

GPtrArray *
au_memory_workers_list (AuMemoryWorkers *self)
{
  GPtrArray *workers = g_ptr_array_new_with_free_func ((GDestroyNotify) au_worker_info_unref);
  GHashTableIter iter;
  gpointer worker;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &worker))
    g_ptr_array_add (workers, au_worker_info_ref (worker));
  g_mutex_unlock (&self->lock);

  g_ptr_array_sort (workers, compare_workers);

  return workers;
}

void
au_memory_workers_forget_gone (AuMemoryWorkers *self,
                               gint64           now)
{
  GHashTableIter iter;
  gpointer worker;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &worker))
    {
      if (au_worker_info_is_gone (worker, now))
        g_hash_table_iter_remove (&iter);
    }
  g_mutex_unlock (&self->lock);
}
