/* au-target.c: engines by the name of what runs computations
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-target-private.h"

#include <au/au-part.h>

/* An engine that belongs to a main context serves those who have the same one. */
typedef struct
{
  char         *target;
  GMainContext *context;        /* NULL for an engine that serves everybody */
  AuEngine     *engine;
  GHashTable   *functions;      /* name → AuFunction */
} Entry;

struct _AuTargets
{
  gatomicrefcount ref_count;
  GMutex          lock;
  GPtrArray      *entries;
};

static void
entry_free (gpointer data)
{
  Entry *self = data;

  g_free (self->target);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_object_unref (self->engine);
  g_hash_table_unref (self->functions);
  g_free (self);
}

AuTargets *
au_targets_new (void)
{
  AuTargets *self = g_new0 (AuTargets, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->entries = g_ptr_array_new_with_free_func (entry_free);

  return self;
}

AuTargets *
au_targets_ref (AuTargets *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
au_targets_unref (AuTargets *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_ptr_array_unref (self->entries);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static AuBackend *
make_backend (const char  *target,
              GError     **error)
{
  if (g_str_equal (target, "sync"))
    target = "inline";

  return au_part_new (AU_MODULE_BACKEND, target, error, NULL);
}

gboolean
au_target_check (const char  *target,
                 GError     **error)
{
  g_autoptr(AuBackend) backend = make_backend (target, error);

  return backend != NULL;
}

static AuEngine *
make_queue_engine (GError **error)
{
  g_autoptr(AuConfig) config = au_config_find (error);

  if (config == NULL ||
      !au_config_set (config, "au.backend", "task-runner", error) ||
      !au_config_set (config, "backend.task-runner.type", "queue", error))
    return NULL;

  return au_engine_new_from_config (config, error);
}

static AuEngine *
make_engine (const char  *target,
             GError     **error)
{
  g_autoptr(AuStore) store = NULL;
  g_autoptr(AuBackend) backend = NULL;

  if (g_str_equal (target, "queue"))
    return make_queue_engine (error);

  backend = make_backend (target, error);
  if (backend == NULL)
    return NULL;

  store = au_part_new (AU_MODULE_STORE, "memory", error, NULL);

  return store != NULL ? au_engine_new_with_parts (store, backend) : NULL;
}

/* Functions of one name may be different ones, and an engine keeps the first. */
static gboolean
is_usable (Entry      *self,
           const char *target,
           AuFunction *function)
{
  AuFunction *known;

  if (!g_str_equal (self->target, target))
    return FALSE;

  if (self->context != NULL && self->context != g_main_context_get_thread_default () &&
      !(self->context == g_main_context_default () && g_main_context_get_thread_default () == NULL))
    return FALSE;

  known = g_hash_table_lookup (self->functions, au_function_get_name (function));

  return known == NULL || known == function;
}

static Entry *
find_entry (AuTargets  *self,
            const char *target,
            AuFunction *function)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);

      if (is_usable (entry, target, function))
        return entry;
    }

  return NULL;
}

static Entry *
add_entry (AuTargets   *self,
           const char  *target,
           GError     **error)
{
  AuEngine *engine = make_engine (target, error);
  GMainContext *context;
  Entry *entry;

  if (engine == NULL)
    return NULL;

  entry = g_new0 (Entry, 1);
  entry->target = g_strdup (target);
  entry->engine = engine;
  entry->functions = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  context = au_backend_get_main_context (au_engine_get_backend (engine));
  if (context != NULL)
    entry->context = g_main_context_ref (context);
  g_ptr_array_add (self->entries, entry);

  return entry;
}

AuEngine *
au_targets_get (AuTargets   *self,
                const char  *target,
                AuFunction  *function,
                GError     **error)
{
  AuEngine *engine = NULL;
  Entry *entry;

  g_mutex_lock (&self->lock);
  entry = find_entry (self, target, function);
  if (entry == NULL)
    entry = add_entry (self, target, error);
  if (entry != NULL)
    {
      const char *name = au_function_get_name (function);

      if (!g_hash_table_contains (entry->functions, name))
        {
          g_hash_table_insert (entry->functions, (char *) name, g_object_ref (function));
          au_engine_add_function (entry->engine, function);
        }
      engine = g_object_ref (entry->engine);
    }
  g_mutex_unlock (&self->lock);

  return engine;
}

void
au_targets_forget (AuTargets    *self,
                   GMainContext *context)
{
  g_autoptr(GPtrArray) dropped = g_ptr_array_new_with_free_func (entry_free);

  g_mutex_lock (&self->lock);
  for (guint i = self->entries->len; i > 0; i--)
    {
      Entry *entry = g_ptr_array_index (self->entries, i - 1);

      if (entry->context == context)
        g_ptr_array_add (dropped, g_ptr_array_steal_index (self->entries, i - 1));
    }
  g_mutex_unlock (&self->lock);
}
