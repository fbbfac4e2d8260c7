/* au-handle-watch-private.h: waiting for a computation without an object for it
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-waiter-private.h"

#include <au/au-handle.h>

G_BEGIN_DECLS

/* Has the waiter woken, in whatever thread, when the computation has ended; tells
 * whether that is still to come. */
gboolean au_handle_watch            (AuHandle *self,
                                     AuWaiter *waiter);
/* Tells whether the waiter was still there: if not, it is being woken. */
gboolean au_handle_unwatch          (AuHandle *self,
                                     AuWaiter *waiter);
/* Whether one that has ended has failed, or was cancelled; and its value, if it has not. */
gboolean au_handle_has_failed       (AuHandle *self);
GVariant *au_handle_take_value      (AuHandle *self);
/* Whether waiting in this thread would never end. */
gboolean au_handle_needs_this_thread (AuHandle *self);

G_END_DECLS
