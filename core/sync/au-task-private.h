/* au-task-private.h: how tasks are begun, and who is told of their end
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-waiter-private.h"

#include <au/au-task.h>

G_BEGIN_DECLS

/* A function and where it runs; shared by all tasks that call it. */
typedef struct _AuWork AuWork;

AuWork *au_work_new_start  (GMainContext    *context,
                            AuTaskStartFunc  func,
                            gpointer         user_data,
                            GDestroyNotify   destroy);
/* With a context it is called there, otherwise in a worker thread. */
AuWork *au_work_new_plain  (GMainContext    *context,
                            AuTaskFunc       func,
                            gpointer         user_data,
                            GDestroyNotify   destroy);
AuWork *au_work_ref        (AuWork          *self);
void    au_work_unref      (AuWork          *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuWork, au_work_unref)

AuTask  *au_task_new_full  (const char      *name,
                            AuWork          *work,
                            GVariant        *argument);
/* For somebody who waits for what another task does. */
AuTask  *au_task_new_begun (const char      *name,
                            AuWork          *work,
                            GVariant        *argument);
/* Begins it. What is to run in the main context of this very thread begins before this
 * returns if @at_once is set. */
void     au_task_launch    (AuTask          *self,
                            gboolean         at_once);
/* The watcher is woken at the end, in whatever thread ends the task; %FALSE if it has
 * ended already, and then it is not. */
gboolean au_task_watch     (AuTask          *self,
                            AuWaiter        *watcher);
/* %NULL unless it has failed. */
GError  *au_task_dup_error (AuTask          *self);

G_END_DECLS
