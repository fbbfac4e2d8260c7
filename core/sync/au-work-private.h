/* au-work-private.h: what the files of tasks share
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-task-private.h"

G_BEGIN_DECLS

struct _AuWork
{
  gatomicrefcount ref_count;
  GMainContext   *context;      /* NULL for a worker thread */
  AuTaskFunc      func;         /* either of the two */
  AuTaskStartFunc start;
  gpointer        user_data;
  GDestroyNotify  destroy;
};

void au_work_do (AuWork *self,
                 AuTask *task);

G_END_DECLS
