/* au-task-iterator.h: tasks in the order in which they end
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-types.h>
#include <au/au-task.h>

G_BEGIN_DECLS

#define AU_TYPE_TASK_ITERATOR (au_task_iterator_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuTaskIterator, au_task_iterator, AU, TASK_ITERATOR, GObject)

AU_AVAILABLE_IN_1_0
AuTask *au_task_iterator_next (AuTaskIterator *self,
                               GTimeSpan       timeout,
                               GCancellable   *cancellable,
                               GError        **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_task_iterator_next_async (AuTaskIterator     *self,
                                  GCancellable       *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data);
AU_AVAILABLE_IN_1_0
AuTask *au_task_iterator_next_finish (AuTaskIterator *self,
                                      GAsyncResult   *result,
                                      GError        **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
guint au_task_iterator_get_n_left (AuTaskIterator *self);

G_END_DECLS
