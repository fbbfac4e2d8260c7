/* au-computation-after.c: what a computation waits for before it is run
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-private.h"
#include "au-job-private.h"
#include "au-record-private.h"

#include <au/au-error.h>

#include <glib/gi18n-lib.h>

#define MAX_DEPTH (32)

typedef struct
{
  AuWaiter       waiter;
  AuComputation *self;
  AuComputation *other;
} Dependency;

static void
refuse_for (AuComputation *self,
            const char    *key,
            const char    *what)
{
  g_autoptr(GError) reason = NULL;

  reason = g_error_new (AU_ERROR, AU_ERROR_DEPENDENCY,
                        _("The computation “%s” is not run, as “%s”, which it depends on, %s"),
                        au_computation_get_key (self), key, what);
  au_computation_refuse (self, reason);
}

/* Counts down; whoever comes last launches. */
static void
settle_dependency (AuComputation *self)
{
  gboolean last;

  g_mutex_lock (&self->lock);
  last = --self->extra->n_awaited == 0;
  g_mutex_unlock (&self->lock);

  if (last)
    au_computation_launch (self);
}

static void
dependency_run (gpointer data)
{
  Dependency *dependency = data;
  g_autoptr(AuRecord) record = au_computation_dup_record (dependency->other);

  switch (record->status)
    {
    case AU_STATUS_COMPLETED:
      settle_dependency (dependency->self);
      break;
    case AU_STATUS_CANCELLED:
      refuse_for (dependency->self, record->spec->key, _("was cancelled"));
      break;
    default:
      refuse_for (dependency->self, record->spec->key, _("has failed"));
      break;
    }

  au_computation_unref (dependency->other);
  au_computation_unref (dependency->self);
  g_free (dependency);
}

/* The end of one may be the end of the next, and so on: what goes too deep is gone on
 * with in the engine's own thread. */
static void
dependency_wake (AuWaiter *waiter)
{
  static GPrivate depth_private = G_PRIVATE_INIT (NULL);
  guint depth = GPOINTER_TO_UINT (g_private_get (&depth_private));
  Dependency *dependency = (Dependency *) waiter;

  if (depth == MAX_DEPTH)
    {
      au_service_invoke (dependency->self->engine->service, dependency_run, dependency);
      return;
    }

  g_private_set (&depth_private, GUINT_TO_POINTER (depth + 1));
  dependency_run (dependency);
  g_private_set (&depth_private, GUINT_TO_POINTER (depth));
}

static void
await_other (AuComputation *self,
             AuComputation *other)
{
  Dependency *dependency = g_new0 (Dependency, 1);
  gboolean done;

  dependency->waiter.wake = dependency_wake;
  dependency->self = au_computation_ref (self);
  dependency->other = au_computation_ref (other);

  au_computation_lift_pressure (other);

  g_mutex_lock (&other->lock);
  done = other->done;
  if (!done)
    au_waiter_list_add (&other->waiters, &dependency->waiter);
  g_mutex_unlock (&other->lock);

  if (done)
    dependency_wake (&dependency->waiter);
}

static AuComputation *
find_other (AuComputation  *self,
            const char     *key,
            GError        **error)
{
  AuEngine *engine = self->engine;
  g_autoptr(AuRecord) record = NULL;
  AuComputation *other = au_computation_table_lookup (engine->table, key);

  if (other != NULL)
    return other;

  record = au_store_load (engine->store, key, NULL, error);

  return record != NULL ? au_engine_adopt_record (engine, record) : NULL;
}

/* Takes the value of one that has completed. */
static GVariant *
take_value (AuComputation  *self,
            const char     *key,
            GError        **error)
{
  g_autoptr(AuComputation) other = au_computation_table_lookup (self->engine->table, key);
  g_autoptr(AuRecord) record = NULL;
  GVariant *value;

  if (other != NULL && au_computation_is_done (other))
    record = au_computation_dup_record (other);
  else
    record = au_store_load (self->engine->store, key, NULL, error);

  if (record == NULL)
    return NULL;

  if (record->status != AU_STATUS_COMPLETED)
    {
      g_set_error (error, AU_ERROR, AU_ERROR_DEPENDENCY,
                   _("The computation “%s” is not run, as “%s”, whose value it takes, has not completed"),
                   au_computation_get_key (self), key);
      return NULL;
    }

  value = au_record_get_value (record);

  return value != NULL ? g_variant_ref (value) : g_variant_ref_sink (g_variant_new_tuple (NULL, 0));
}

/* Makes the values of those that it comes after its last arguments. */
gboolean
au_computation_pass_results (AuComputation  *self,
                             AuJob          *job,
                             GError        **error)
{
  const char * const *after = au_options_peek_list (self->spec->options, AU_OPTIONS_AFTER);
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  g_autoptr(GVariant) arguments = NULL;
  GVariant *given = self->spec->arguments;

  for (gsize i = 0; given != NULL && i < g_variant_n_children (given); i++)
    g_ptr_array_add (all, g_variant_get_child_value (given, i));

  for (guint i = 0; after != NULL && after[i] != NULL; i++)
    {
      GVariant *value = take_value (self, after[i], error);

      if (value == NULL)
        return FALSE;
      g_ptr_array_add (all, value);
    }

  arguments = g_variant_ref_sink (g_variant_new_tuple ((GVariant **) all->pdata, all->len));
  if (!au_function_check_arguments (job->function, arguments, error))
    return FALSE;

  au_job_take_arguments (job, g_steal_pointer (&arguments));

  return TRUE;
}

/* Tells whether there is nothing to wait for; if there is, the computation is launched
 * when it has completed, or refused. */
gboolean
au_computation_await_others (AuComputation *self)
{
  const char * const *after = au_options_peek_list (self->spec->options, AU_OPTIONS_AFTER);
  guint n_after = after != NULL ? g_strv_length ((char **) after) : 0;
  gboolean last;

  if (n_after == 0)
    return TRUE;

  /* One more, so that nothing is launched before all were looked at. */
  g_mutex_lock (&self->lock);
  au_computation_ensure_extra (self)->n_awaited = n_after + 1;
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < n_after; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(AuComputation) other = find_other (self, after[i], &error);

      if (other == self)
        {
          refuse_for (self, after[i], _("is itself"));
          return FALSE;
        }

      if (other == NULL)
        {
          refuse_for (self, after[i], error->message);
          return FALSE;
        }

      await_other (self, other);
    }

  g_mutex_lock (&self->lock);
  last = --self->extra->n_awaited == 0;
  g_mutex_unlock (&self->lock);

  return last;
}
