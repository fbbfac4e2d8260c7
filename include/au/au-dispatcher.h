/* au-dispatcher.h: tasks that are started together, and what came of them
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (AU_INSIDE) && !defined (AU_COMPILATION)
# error "Only <au/au.h> can be included directly."
#endif

#include <au/au-outcome.h>

G_BEGIN_DECLS

#define AU_TYPE_DISPATCHER (au_dispatcher_get_type ())

AU_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (AuDispatcher, au_dispatcher, AU, DISPATCHER, GObject)

/**
 * AuDispatcherCheckFunc:
 * @dispatcher: the dispatcher
 * @user_data: the data given with the function
 *
 * Looks at the outcomes and says whether enough has been done.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
typedef gboolean (*AuDispatcherCheckFunc) (AuDispatcher *dispatcher,
                                           gpointer      user_data);

AU_AVAILABLE_IN_1_0
AuDispatcher *au_dispatcher_new (const char *target,
                                 GError    **error) G_GNUC_WARN_UNUSED_RESULT;
AU_AVAILABLE_IN_1_0
const char *au_dispatcher_get_target (AuDispatcher *self);

AU_AVAILABLE_IN_1_0
AuOutcome *au_dispatcher_enqueue (AuDispatcher *self,
                                  AuFunction   *function,
                                  GVariant     *arguments,
                                  const char   *target,
                                  GError      **error);
AU_AVAILABLE_IN_1_0
AuOutcome *au_dispatcher_dispatch (AuDispatcher *self,
                                   AuFunction   *function,
                                   GVariant     *arguments,
                                   const char   *target,
                                   GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_dispatcher_run (AuDispatcher *self,
                            GTimeSpan     timeout,
                            GCancellable *cancellable,
                            GError      **error);
AU_AVAILABLE_IN_1_0
void au_dispatcher_run_async (AuDispatcher       *self,
                              GTimeSpan           timeout,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data);
AU_AVAILABLE_IN_1_0
gboolean au_dispatcher_run_finish (AuDispatcher *self,
                                   GAsyncResult *result,
                                   GError      **error);
AU_AVAILABLE_IN_1_0
gboolean au_dispatcher_get_complete (AuDispatcher *self);
AU_AVAILABLE_IN_1_0
void au_dispatcher_set_check_func (AuDispatcher         *self,
                                   AuDispatcherCheckFunc func,
                                   gpointer              user_data,
                                   GDestroyNotify        destroy);
AU_AVAILABLE_IN_1_0
void au_dispatcher_cancel (AuDispatcher *self);
AU_AVAILABLE_IN_1_0
void au_dispatcher_reset (AuDispatcher *self);

G_END_DECLS
