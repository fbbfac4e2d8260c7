/* au-awaitable-private.h: what may be awaited, a delayed result or a handle
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "au-delayed-private.h"

G_BEGIN_DECLS

/* These take an AuDelayed or an AuHandle. */
gboolean  au_awaitable_check     (gpointer   item);
gboolean  au_awaitable_watch     (gpointer   item,
                                  AuWaiter  *waiter);
gboolean  au_awaitable_unwatch   (gpointer   item,
                                  AuWaiter  *waiter);
/* The outcome of one that is done: its value, which may be NULL, or an error. */
GVariant *au_awaitable_dup_value (gpointer   item,
                                  GError   **error) G_GNUC_WARN_UNUSED_RESULT;
/* Likewise for one that has not failed. */
GVariant *au_awaitable_take_value (gpointer item) G_GNUC_WARN_UNUSED_RESULT;
gboolean  au_awaitable_has_failed (gpointer item);
void      au_awaitable_cancel    (gpointer   item);
gboolean  au_awaitable_is_stuck  (gpointer   item);

G_END_DECLS
