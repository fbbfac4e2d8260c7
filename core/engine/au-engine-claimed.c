/* au-engine-claimed.c: what an engine runs for a worker
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-engine-claimed-private.h"
#include "au-engine-private.h"
#include "au-record-private.h"

#include <au/au-error.h>
#include <au/au-transition.h>

/* What was known of it before looked on, or ran an attempt that is over. */
static void
make_place (AuEngine *self,
            AuRecord *record)
{
  g_autoptr(AuComputation) old = au_computation_table_lookup (self->table, record->spec->key);

  if (old == NULL)
    return;

  au_computation_refresh (old, record);
  au_computation_table_detach (self->table, old);
}

static AuComputation *
enter_claimed (AuEngine      *self,
               AuRecord      *record,
               AuFunction    *function,
               AuClaimedFunc  returned,
               AuClaimedFunc  settled,
               gpointer       data)
{
  AuComputation *computation, *existing;

  do
    {
      make_place (self, record);
      computation = au_computation_new (self, function, record,
                                        au_computation_table_hash (record->spec->key));
      computation->stored_revision = record->revision;
      computation->claimed = TRUE;
      computation->extra = g_new0 (AuComputationExtra, 1);
      computation->extra->returned = returned;
      computation->extra->settled = settled;
      computation->extra->claim_data = data;

      /* Somebody may ask for a handle at this very moment. */
      existing = au_computation_table_add (self->table, computation, FALSE);
      if (existing != NULL)
        {
          computation->extra->returned = computation->extra->settled = NULL;
          au_computation_unref (existing);
          g_clear_pointer (&computation, au_computation_unref);
        }
    }
  while (computation == NULL);

  return computation;
}

/* A computation whose function is not to be had here ends, as another attempt would only
 * repeat it. */
static void
fail_claimed (AuEngine     *self,
              AuRecord     *record,
              const GError *reason)
{
  g_autoptr(AuRecord) failed = au_transition_fail (record, record->attempt, reason, NULL);
  g_autoptr(GError) error = NULL;

  if (!au_store_replace (self->store, failed, record->revision, NULL, &error))
    g_debug ("%s: not failed: %s", record->spec->key, error->message);
}

/* Runs a record that was claimed from a queue after a mark of the follower. It may block.
 * Fails, having told the queue, if the computation cannot be run. */
AuComputation *
au_engine_run_claimed (AuEngine      *self,
                       AuRecord      *record,
                       guint64        mark,
                       AuClaimedFunc  returned,
                       AuClaimedFunc  settled,
                       gpointer       data,
                       GError       **error)
{
  g_autoptr(GError) reason = NULL;
  AuComputation *computation;
  AuEngineFunction *entry;

  entry = au_engine_get_function (self, record->spec->function, &reason);
  if (entry == NULL ||
      !au_engine_check_arguments (entry->function, record->spec->arguments, record->spec->options, &reason))
    {
      fail_claimed (self, record, reason);
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }

  computation = enter_claimed (self, record, entry->function, returned, settled, data);
  if (self->shared)
    au_follower_add (self->follower, computation, mark);
  au_computation_start (computation);

  return computation;
}
