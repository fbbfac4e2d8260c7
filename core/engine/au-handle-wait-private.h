/* au-handle-wait-private.h: what waiting for an end and for an item share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-computation-private.h"
#include "au-waiter-private.h"

#include <au/au-handle.h>

G_BEGIN_DECLS

/* A thread that waits. */
typedef struct
{
  AuThreadWaiter  waiter;
  AuComputation  *computation;
  AuWaiterList   *list;
} AuBlockingWait;

/* A task that waits; @woken is called when something has happened. */
typedef struct
{
  AuWaiter       waiter;
  GTask         *task;
  AuWaiterList  *list;
  gulong         cancelled_id;
  gint           ref_count;     /* the list, and the connection to the cancellable */
  void         (*woken) (GTask *task);
} AuTaskWait;

gboolean    au_handle_check_outcome      (AuComputation  *computation,
                                          GError        **error);
gboolean    au_handle_would_deadlock     (AuComputation  *computation,
                                          GError        **error);
gboolean    au_blocking_wait             (AuBlockingWait *self,
                                          gint64          end_time,
                                          GCancellable   *cancellable,
                                          GError        **error);
AuTaskWait *au_task_wait_new             (GTask          *task,
                                          AuWaiterList   *list,
                                          void          (*woken) (GTask *task));
void        au_task_wait_connect         (AuTaskWait     *self);
void        au_task_wait_check_cancelled (GTask          *task,
                                          AuTaskWait     *self);
void        au_task_wait_drop            (AuTaskWait     *self);
void        au_task_wait_unref           (gpointer        self);

G_END_DECLS
