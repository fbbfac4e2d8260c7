/* au-task-group-private.h: what stands on task groups
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-task-private.h"

#include <au/au-task-group.h>

G_BEGIN_DECLS

/* Adds a task that has not been launched. */
AuTask *au_task_group_make  (AuTaskGroup  *self,
                             const char   *name,
                             AuWork       *work,
                             GVariant     *argument,
                             GError      **error);
void    au_task_group_begin_close (AuTaskGroup *self);

G_END_DECLS
