/* au-task-iterator-private.h: what makes iterators of tasks
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-task-private.h"

#include <au/au-task-iterator.h>

G_BEGIN_DECLS

/* For tasks that run in @context, or in worker threads. */
AuTaskIterator *au_task_iterator_new    (GMainContext   *context) G_GNUC_WARN_UNUSED_RESULT;
/* Adds a task; to be called before anybody else knows the iterator. */
void            au_task_iterator_expect (AuTaskIterator *self,
                                         AuTask         *task);

G_END_DECLS
