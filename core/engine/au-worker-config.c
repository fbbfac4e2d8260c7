/* au-worker-config.c: workers as key files describe them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-config.h>
#include <au/au-worker.h>

static gboolean
add_schedules (AuWorker  *self,
               AuConfig  *config,
               GError   **error)
{
  g_auto(GStrv) labels = au_config_list_labels (config, "schedule");

  for (guint i = 0; labels[i] != NULL; i++)
    {
      g_autofree char *group = g_strconcat ("schedule ", labels[i], NULL);
      g_autoptr(AuSchedule) schedule = NULL;

      schedule = (AuSchedule *) au_config_create (config, AU_TYPE_SCHEDULE, group, error);
      if (schedule == NULL)
        return FALSE;

      if (!au_worker_add_schedule (self, schedule, error))
        {
          g_prefix_error (error, "[%s] ", group);
          return FALSE;
        }
    }

  return TRUE;
}

/**
 * au_worker_new_from_config:
 * @config: settings
 * @error: return location for an error
 *
 * Makes the worker that @config describes in its group `[worker]`, with the schedules of
 * its groups `[schedule NAME]`. Its store, middleware and time to live are those of
 * `[au]` unless it says otherwise.
 *
 * Fails with %AU_ERROR_CONFIG when what the groups say is not acceptable, with the errors
 * of modules, with those of its parts, and as [method@Au.Worker.add_schedule] does.
 *
 * Returns: (transfer full): the worker
 *
 * Since: 1.0
 */
AuWorker *
au_worker_new_from_config (AuConfig  *config,
                           GError   **error)
{
  g_autoptr(AuWorker) self = NULL;

  g_return_val_if_fail (AU_IS_CONFIG (config), NULL);

  self = (AuWorker *) au_config_create (config, AU_TYPE_WORKER, "worker", error);
  if (self == NULL || !add_schedules (self, config, error))
    return NULL;

  return g_steal_pointer (&self);
}
