/* au-computation.c: a computation that this process knows of
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-computation-private.h"
#include "au-engine-private.h"
#include "au-function-private.h"
#include "au-main-context-private.h"

AuComputation *
au_computation_new (AuEngine   *engine,
                    AuFunction *function,
                    AuRecord   *record,
                    guint32     hash)
{
  AuComputation *self = g_new0 (AuComputation, 1);

  self->ref_count = 1;
  self->hash = hash;
  self->engine = engine;
  self->function = function;
  self->record = au_record_ref (record);
  self->spec = au_record_spec_ref (record->spec);
  self->done = au_status_is_terminal (au_record_get_status (record));
  g_mutex_init (&self->lock);

  return self;
}

AuComputation *
au_computation_ref (AuComputation *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

/* For those that hold a pointer, but no reference: it fails for one about to be freed. */
gboolean
au_computation_try_ref (AuComputation *self)
{
  gint count = g_atomic_int_get (&self->ref_count);

  while (count > 0)
    {
      if (g_atomic_int_compare_and_exchange (&self->ref_count, count, count + 1))
        return TRUE;
      count = g_atomic_int_get (&self->ref_count);
    }

  return FALSE;
}

void
au_computation_unref (AuComputation *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  if (self->followed)
    au_follower_remove (self->engine->follower, self);

  g_clear_pointer (&self->job, au_job_unref);
  g_clear_pointer (&self->unwritten, au_record_unref);

  /* The engine may go with it. */
  if (self->tabled)
    au_computation_table_remove (self->engine->table, self);

  if (self->extra != NULL)
    g_clear_pointer (&self->extra->stands_for, au_record_spec_unref);
  g_free (self->extra);
  au_record_unref (self->record);
  au_record_spec_unref (self->spec);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* The key that it is known by here. It lives as long as the computation, even when the
 * record turns out to be another one, by its unique key. */
const char *
au_computation_get_key (AuComputation *self)
{
  return self->spec->key;
}

/* The key that the store knows it by. It lives as long as the computation too. */
const char *
au_computation_get_stored_key (AuComputation *self)
{
  AuRecordSpec *spec = self->spec;

  g_mutex_lock (&self->lock);
  if (self->extra != NULL && self->extra->stands_for != NULL)
    spec = self->extra->stands_for;
  g_mutex_unlock (&self->lock);

  return spec->key;
}

AuRecord *
au_computation_dup_record (AuComputation *self)
{
  AuRecord *record;

  g_mutex_lock (&self->lock);
  record = au_record_ref (self->record);
  g_mutex_unlock (&self->lock);

  return record;
}

gboolean
au_computation_is_done (AuComputation *self)
{
  return g_atomic_int_get (&self->done);
}

/* Whether this process runs it, or is about to. */
gboolean
au_computation_is_run_here (AuComputation *self)
{
  gboolean here;

  if (self == NULL || au_computation_is_done (self))
    return FALSE;

  g_mutex_lock (&self->lock);
  here = self->function != NULL;
  g_mutex_unlock (&self->lock);

  return here;
}

/* Whether it can only end when this thread iterates a main context. */
gboolean
au_computation_needs_this_thread (AuComputation *self)
{
  GMainContext *context;
  AuFunction *function;

  g_mutex_lock (&self->lock);
  function = self->function;
  g_mutex_unlock (&self->lock);

  /* The engine keeps its functions. */
  if (function == NULL)
    return FALSE;

  if ((function->flags & AU_FUNCTION_OWNER_CONTEXT) && au_main_context_is_ours (function->context))
    return TRUE;

  context = au_backend_get_main_context (self->engine->backend);

  return context != NULL && au_main_context_is_ours (context);
}

/* Called with the lock held. */
AuComputationExtra *
au_computation_ensure_extra (AuComputation *self)
{
  if (self->extra == NULL)
    self->extra = g_new0 (AuComputationExtra, 1);

  return self->extra;
}

AuComputationExtra *
au_computation_add_extra (AuComputation *self)
{
  AuComputationExtra *extra;

  g_mutex_lock (&self->lock);
  extra = au_computation_ensure_extra (self);
  g_mutex_unlock (&self->lock);

  return extra;
}
