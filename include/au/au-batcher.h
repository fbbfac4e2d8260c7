/* au-batcher.h: many things done at once
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

#define AU_TYPE_BATCHER (au_batcher_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuBatcher, au_batcher, AU, BATCHER, GObject)

AU_AVAILABLE_IN_1_0
AuBatcher *au_batcher_new (GTimeSpan      max_wait,
                           guint          max_quantity,
                           AuTaskFunc     func,
                           gpointer       user_data,
                           GDestroyNotify destroy) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuBatcher *au_batcher_new_starting (GTimeSpan       max_wait,
                                    guint           max_quantity,
                                    AuTaskStartFunc func,
                                    gpointer        user_data,
                                    GDestroyNotify  destroy) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
gboolean au_batcher_put (AuBatcher *self,
                         GVariant  *item,
                         GError   **error);
AU_AVAILABLE_IN_1_0
void au_batcher_flush (AuBatcher *self);

AU_AVAILABLE_IN_1_0
gboolean au_batcher_close (AuBatcher    *self,
                           GTimeSpan     timeout,
                           GCancellable *cancellable,
                           GError      **error);
AU_AVAILABLE_IN_1_0
void au_batcher_close_async (AuBatcher          *self,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_batcher_close_finish (AuBatcher    *self,
                                  GAsyncResult *result,
                                  GError      **error);
AU_AVAILABLE_IN_1_0
void au_batcher_set_finalize_timeout (AuBatcher *self,
                                      GTimeSpan  finalize_timeout);
AU_AVAILABLE_IN_1_0
guint au_batcher_get_n_items (AuBatcher *self);
AU_AVAILABLE_IN_1_0
guint au_batcher_get_n_failed (AuBatcher *self);

G_END_DECLS
