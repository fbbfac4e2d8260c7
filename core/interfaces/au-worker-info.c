/* au-worker-info.c: what a worker tells of itself
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-error.h>
#include <au/au-key.h>
#include <au/au-owner.h>
#include <au/au-worker-info.h>

#include <glib/gi18n-lib.h>

/**
 * AuWorkerInfo:
 *
 * What a worker tells of itself, so that people can see which workers there are.
 *
 * It is immutable, and MT safe.
 *
 * Since: 1.0
 */
struct _AuWorkerInfo
{
  gatomicrefcount ref_count;

  char           *id;
  char           *owner;
  char          **queues;
  guint           slots;
  guint           running;
  AuWorkerState   state;
  gint64          started;
  gint64          seen;
  gint64          lease_end;
};

G_DEFINE_BOXED_TYPE (AuWorkerInfo, au_worker_info, au_worker_info_ref, au_worker_info_unref)

G_DEFINE_ENUM_TYPE (AuWorkerState, au_worker_state,
                    G_DEFINE_ENUM_VALUE (AU_WORKER_STATE_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (AU_WORKER_STATE_DRAINING, "draining"))

/**
 * au_worker_info_new:
 * @id: the name of the worker, of the form of a key, and of no other worker
 * @owner: the process that it is in; see [func@Au.owner_get_own]
 * @queues: (array zero-terminated=1): the queues that it serves
 * @slots: how many computations it runs at the same time at most
 * @running: how many it runs now
 * @state: what it does
 * @started: when it was started, in microseconds since the epoch
 * @seen: when it said this, in microseconds since the epoch
 * @lease_end: when it is taken for gone if it says no more, in microseconds since the
 *   epoch
 *
 * Makes a description of a worker.
 *
 * Returns: (transfer full): the description
 *
 * Since: 1.0
 */
AuWorkerInfo *
au_worker_info_new (const char         *id,
                    const char         *owner,
                    const char * const *queues,
                    guint               slots,
                    guint               running,
                    AuWorkerState       state,
                    gint64              started,
                    gint64              seen,
                    gint64              lease_end)
{
  static const char * const none[] = { NULL };
  AuWorkerInfo *self;

  g_return_val_if_fail (id != NULL, NULL);
  g_return_val_if_fail (owner != NULL, NULL);

  self = g_new0 (AuWorkerInfo, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->id = g_strdup (id);
  self->owner = g_strdup (owner);
  self->queues = g_strdupv ((char **) (queues != NULL ? queues : none));
  self->slots = slots;
  self->running = running;
  self->state = state;
  self->started = started;
  self->seen = seen;
  self->lease_end = lease_end;

  return self;
}

/**
 * au_worker_info_ref:
 * @self: a description
 *
 * Takes a reference. MT safe.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
AuWorkerInfo *
au_worker_info_ref (AuWorkerInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

/**
 * au_worker_info_unref:
 * @self: (transfer full): a description
 *
 * Drops a reference. MT safe.
 *
 * Since: 1.0
 */
void
au_worker_info_unref (AuWorkerInfo *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->id);
  g_free (self->owner);
  g_strfreev (self->queues);
  g_free (self);
}

/**
 * au_worker_info_get_id:
 * @self: a description
 *
 * Gets the name of the worker, which no other worker has.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
au_worker_info_get_id (AuWorkerInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->id;
}

/**
 * au_worker_info_get_owner:
 * @self: a description
 *
 * Gets the process that the worker is in; see [func@Au.owner_get_own].
 *
 * Returns: (transfer none): the owner
 *
 * Since: 1.0
 */
const char *
au_worker_info_get_owner (AuWorkerInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->owner;
}

/**
 * au_worker_info_get_queues:
 * @self: a description
 *
 * Gets the queues that the worker serves.
 *
 * Returns: (transfer none) (array zero-terminated=1): their names
 *
 * Since: 1.0
 */
const char * const *
au_worker_info_get_queues (AuWorkerInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char * const *) self->queues;
}

/**
 * au_worker_info_get_slots:
 * @self: a description
 *
 * Gets how many computations the worker runs at the same time at most.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
au_worker_info_get_slots (AuWorkerInfo *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->slots;
}

/**
 * au_worker_info_get_running:
 * @self: a description
 *
 * Gets how many computations the worker ran when it was seen.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
au_worker_info_get_running (AuWorkerInfo *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->running;
}

/**
 * au_worker_info_get_state:
 * @self: a description
 *
 * Gets what the worker did when it was seen.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
AuWorkerState
au_worker_info_get_state (AuWorkerInfo *self)
{
  g_return_val_if_fail (self != NULL, AU_WORKER_STATE_RUNNING);

  return self->state;
}

/**
 * au_worker_info_get_started:
 * @self: a description
 *
 * Gets when the worker was started.
 *
 * Returns: a time, in microseconds since the epoch
 *
 * Since: 1.0
 */
gint64
au_worker_info_get_started (AuWorkerInfo *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->started;
}

/**
 * au_worker_info_get_seen:
 * @self: a description
 *
 * Gets when the worker said this.
 *
 * Returns: a time, in microseconds since the epoch
 *
 * Since: 1.0
 */
gint64
au_worker_info_get_seen (AuWorkerInfo *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->seen;
}

/**
 * au_worker_info_get_lease_end:
 * @self: a description
 *
 * Gets when the worker is taken for gone if it says no more.
 *
 * Returns: a time, in microseconds since the epoch
 *
 * Since: 1.0
 */
gint64
au_worker_info_get_lease_end (AuWorkerInfo *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->lease_end;
}

/**
 * au_worker_info_is_gone:
 * @self: a description
 * @now: the time, in microseconds since the epoch
 *
 * Tells whether the worker is gone: its process is known to have ended, or it has not
 * spoken for longer than its lease.
 *
 * MT safe.
 *
 * Returns: %TRUE if it is gone
 *
 * Since: 1.0
 */
gboolean
au_worker_info_is_gone (AuWorkerInfo *self,
                        gint64        now)
{
  g_return_val_if_fail (self != NULL, TRUE);

  return self->lease_end <= now || au_owner_get_state (self->owner) == AU_OWNER_STATE_DEAD;
}

/**
 * au_worker_info_to_variant:
 * @self: a description
 *
 * Gives the form in which queues keep it: a dictionary, so that newer versions can add
 * to it.
 *
 * Returns: (transfer full): an `a{sv}`; not floating
 *
 * Since: 1.0
 */
GVariant *
au_worker_info_to_variant (AuWorkerInfo *self)
{
  GVariantBuilder builder;

  g_return_val_if_fail (self != NULL, NULL);

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "id", g_variant_new_string (self->id));
  g_variant_builder_add (&builder, "{sv}", "owner", g_variant_new_string (self->owner));
  g_variant_builder_add (&builder, "{sv}", "queues",
                         g_variant_new_strv ((const char * const *) self->queues, -1));
  g_variant_builder_add (&builder, "{sv}", "slots", g_variant_new_uint32 (self->slots));
  g_variant_builder_add (&builder, "{sv}", "running", g_variant_new_uint32 (self->running));
  g_variant_builder_add (&builder, "{sv}", "state", g_variant_new_uint32 (self->state));
  g_variant_builder_add (&builder, "{sv}", "started", g_variant_new_int64 (self->started));
  g_variant_builder_add (&builder, "{sv}", "seen", g_variant_new_int64 (self->seen));
  g_variant_builder_add (&builder, "{sv}", "lease-end", g_variant_new_int64 (self->lease_end));

  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/**
 * au_worker_info_from_variant:
 * @variant: what [method@Au.WorkerInfo.to_variant] gave; a floating reference is consumed
 * @error: return location for an error
 *
 * Reads a description. What this version does not know is left out.
 *
 * Fails with %AU_ERROR_DAMAGED when @variant describes no worker.
 *
 * Returns: (transfer full): the description
 *
 * Since: 1.0
 */
AuWorkerInfo *
au_worker_info_from_variant (GVariant  *variant,
                             GError   **error)
{
  g_autoptr(GVariant) owned = NULL;
  g_autofree const char **queues = NULL;
  const char *id, *owner;
  guint slots = 0, running = 0, state = 0;
  gint64 started = 0, seen = 0, lease_end = 0;

  g_return_val_if_fail (variant != NULL, NULL);

  owned = g_variant_ref_sink (variant);
  if (!g_variant_is_of_type (owned, G_VARIANT_TYPE_VARDICT) ||
      !g_variant_lookup (owned, "id", "&s", &id) ||
      !g_variant_lookup (owned, "owner", "&s", &owner) ||
      !au_key_check (id, NULL))
    {
      g_set_error_literal (error, AU_ERROR, AU_ERROR_DAMAGED,
                           _("What is stored about a worker cannot be read"));
      return NULL;
    }

  g_variant_lookup (owned, "queues", "^a&s", &queues);
  g_variant_lookup (owned, "slots", "u", &slots);
  g_variant_lookup (owned, "running", "u", &running);
  g_variant_lookup (owned, "state", "u", &state);
  g_variant_lookup (owned, "started", "x", &started);
  g_variant_lookup (owned, "seen", "x", &seen);
  g_variant_lookup (owned, "lease-end", "x", &lease_end);

  return au_worker_info_new (id, owner, (const char * const *) queues, slots, running,
                             state <= AU_WORKER_STATE_DRAINING ? state : AU_WORKER_STATE_RUNNING,
                             started, seen, lease_end);
}
