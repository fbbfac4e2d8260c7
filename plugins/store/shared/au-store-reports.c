/* au-store-reports.c: what is said of a record once, and not each time it is met
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-store-reports-private.h"

#include <glib/gi18n-lib.h>

/* When there are more, something is said of them again. */
#define MAX_KEYS (4096)

void
au_store_reports_init (AuStoreReports *self)
{
  g_mutex_init (&self->lock);
  self->keys = NULL;
}

void
au_store_reports_clear (AuStoreReports *self)
{
  g_clear_pointer (&self->keys, g_hash_table_unref);
  g_mutex_clear (&self->lock);
}

static gboolean
is_first (AuStoreReports *self,
          const char     *key)
{
  gboolean first;

  g_mutex_lock (&self->lock);
  if (self->keys == NULL)
    self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  else if (g_hash_table_size (self->keys) >= MAX_KEYS)
    g_hash_table_remove_all (self->keys);
  first = g_hash_table_add (self->keys, g_strdup (key));
  g_mutex_unlock (&self->lock);

  return first;
}

/* Says that what a worker has left behind stays as it is. */
void
au_store_reports_not_lost (AuStoreReports *self,
                           const char     *path,
                           const char     *key,
                           const GError   *reason)
{
  if (is_first (self, key))
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
                      "AU_STORE", path,
                      "AU_KEY", key,
                      "MESSAGE", _("The worker of the computation “%s” is gone, but the computation cannot be given to another one: %s"),
                      key, reason->message);
}
