/* au-status.h: where a computation stands in its life
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <glib-object.h>

#include <au/au-version-macros.h>

G_BEGIN_DECLS

/**
 * AuStatus:
 * @AU_STATUS_PENDING: recorded, and waiting for a worker, a due time, another
 *   computation, or another attempt
 * @AU_STATUS_RUNNING: a worker has started an attempt
 * @AU_STATUS_COMPLETED: ended with a value
 * @AU_STATUS_FAILED: ended with an error
 * @AU_STATUS_CANCELLED: ended because somebody asked for it
 *
 * Where a computation stands.
 *
 * The last three are terminal: a record that has reached one of them never
 * changes again, unless a user orders a retry.
 *
 * Since: 1.0
 */
typedef enum
{
  AU_STATUS_PENDING,
  AU_STATUS_RUNNING,
  AU_STATUS_COMPLETED,
  AU_STATUS_FAILED,
  AU_STATUS_CANCELLED,
} AuStatus;

#define AU_TYPE_STATUS (au_status_get_type ())

AU_AVAILABLE_IN_1_0
GType au_status_get_type (void);

AU_AVAILABLE_IN_1_0
const char *au_status_to_string (AuStatus status);
AU_AVAILABLE_IN_1_0
gboolean au_status_from_string (const char *string,
                                AuStatus   *status,
                                GError    **error);
AU_AVAILABLE_IN_1_0
gboolean au_status_is_terminal (AuStatus status);

G_END_DECLS
