/* au-status.c: where a computation stands in its life
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <au/au-error.h>
#include <au/au-status.h>

#include <glib/gi18n-lib.h>

G_DEFINE_ENUM_TYPE (AuStatus, au_status,
                    G_DEFINE_ENUM_VALUE (AU_STATUS_PENDING, "pending"),
                    G_DEFINE_ENUM_VALUE (AU_STATUS_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (AU_STATUS_COMPLETED, "completed"),
                    G_DEFINE_ENUM_VALUE (AU_STATUS_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (AU_STATUS_CANCELLED, "cancelled"))

static const char *const status_names[] = {
  [AU_STATUS_PENDING] = "pending",
  [AU_STATUS_RUNNING] = "running",
  [AU_STATUS_COMPLETED] = "completed",
  [AU_STATUS_FAILED] = "failed",
  [AU_STATUS_CANCELLED] = "cancelled",
};

/**
 * au_status_to_string:
 * @status: a status
 *
 * Gets the word that records, messages and commands use for @status.
 *
 * MT safe.
 *
 * Returns: the word, such as `running`
 *
 * Since: 1.0
 */
const char *
au_status_to_string (AuStatus status)
{
  g_return_val_if_fail ((guint) status < G_N_ELEMENTS (status_names), NULL);

  return status_names[status];
}

/**
 * au_status_from_string:
 * @string: a word, such as `running`
 * @status: (out): where to put the status
 * @error: return location for an error
 *
 * Finds the status that @string names.
 *
 * Fails with %AU_ERROR_INVALID_ARGUMENT when there is no such status.
 *
 * MT safe.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
au_status_from_string (const char  *string,
                       AuStatus    *status,
                       GError     **error)
{
  g_return_val_if_fail (string != NULL, FALSE);
  g_return_val_if_fail (status != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (status_names); i++)
    {
      if (g_str_equal (string, status_names[i]))
        {
          *status = i;
          return TRUE;
        }
    }

  g_set_error (error, AU_ERROR, AU_ERROR_INVALID_ARGUMENT,
               _("“%s” is no status: use pending, running, completed, failed or cancelled"),
               string);
  return FALSE;
}

/**
 * au_status_is_terminal:
 * @status: a status
 *
 * Tells whether a computation with this status has ended.
 *
 * MT safe.
 *
 * Returns: %TRUE for completed, failed and cancelled
 *
 * Since: 1.0
 */
gboolean
au_status_is_terminal (AuStatus status)
{
  return status >= AU_STATUS_COMPLETED;
}
