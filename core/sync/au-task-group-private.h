/* au-task-group-private.h: what stands on task groups
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-task-private.h"
#include "au-timer-private.h"
#include "au-wait-private.h"

#include <au/au-task-group.h>

G_BEGIN_DECLS

typedef enum
{
  AU_TASK_GROUP_OPEN,
  AU_TASK_GROUP_CLOSING,
  AU_TASK_GROUP_CLOSED,
} AuTaskGroupState;

struct _AuTaskGroup
{
  GObject          parent_instance;

  AuTimer          timer;           /* has a reference while it is set */
  GMutex           lock;
  AuTaskGroupState state;
  gboolean         out_of_time;
  gboolean         cancel_on_error;
  GTimeSpan        exit_timeout;
  GQueue           members;
  AuWaiterList     line;            /* wait until there are none */
  guint            n_failed;
  GPtrArray       *errors;
};

/* Adds a task that has not been launched. */
AuTask *au_task_group_make  (AuTaskGroup  *self,
                             const char   *name,
                             AuWork       *work,
                             GVariant     *argument,
                             GError      **error);
void    au_task_group_begin_close (AuTaskGroup *self);
/* The _async () of an object that has a group, by which @source_tag is its address; the
 * outcome is a boolean of a GTask. */
void    au_task_group_wait_for    (AuTaskGroup         *self,
                                   gpointer             owner,
                                   gpointer             source_tag,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data);

G_END_DECLS
