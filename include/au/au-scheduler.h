/* au-scheduler.h: what is due, when it is
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-types.h>

G_BEGIN_DECLS

#define AU_TYPE_SCHEDULER (au_scheduler_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuScheduler, au_scheduler, AU, SCHEDULER, GObject)

AU_AVAILABLE_IN_1_0
AuScheduler *au_scheduler_new (void) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
AuScheduler *au_scheduler_new_full (GDestroyNotify free_payload) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
guint64 au_scheduler_add (AuScheduler *self,
                          gint64       time,
                          gpointer     payload,
                          GError     **error);
AU_AVAILABLE_IN_1_0
guint64 au_scheduler_add_after (AuScheduler *self,
                                GTimeSpan    delay,
                                gpointer     payload,
                                GError     **error);
AU_AVAILABLE_IN_1_0
gboolean au_scheduler_cancel (AuScheduler *self,
                              guint64      id);

AU_AVAILABLE_IN_1_0
gpointer au_scheduler_next (AuScheduler  *self,
                            GTimeSpan     timeout,
                            GCancellable *cancellable,
                            GError      **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
gpointer au_scheduler_try_next (AuScheduler *self) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
void au_scheduler_next_async (AuScheduler        *self,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data);
AU_AVAILABLE_IN_1_0
gpointer au_scheduler_next_finish (AuScheduler  *self,
                                   GAsyncResult *result,
                                   GError      **error) G_GNUC_WARN_UNUSED_RESULT;

AU_AVAILABLE_IN_1_0
void au_scheduler_close (AuScheduler *self);
AU_AVAILABLE_IN_1_0
gboolean au_scheduler_join (AuScheduler  *self,
                            GTimeSpan     timeout,
                            GCancellable *cancellable,
                            GError      **error);
AU_AVAILABLE_IN_1_0
void au_scheduler_join_async (AuScheduler        *self,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_scheduler_join_finish (AuScheduler  *self,
                                   GAsyncResult *result,
                                   GError      **error);
AU_AVAILABLE_IN_1_0
guint au_scheduler_get_n_pending (AuScheduler *self);

G_END_DECLS
