/* au-awaitable.c: what may be awaited, a delayed result or a handle
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-awaitable-private.h"
#include "au-handle-watch-private.h"

gboolean
au_awaitable_check (gpointer item)
{
  return AU_IS_DELAYED (item) || AU_IS_HANDLE (item);
}

gboolean
au_awaitable_watch (gpointer  item,
                    AuWaiter *waiter)
{
  return AU_IS_DELAYED (item) ? au_delayed_watch (item, waiter) : au_handle_watch (item, waiter);
}

gboolean
au_awaitable_unwatch (gpointer  item,
                      AuWaiter *waiter)
{
  return AU_IS_DELAYED (item) ? au_delayed_unwatch (item, waiter) : au_handle_unwatch (item, waiter);
}

GVariant *
au_awaitable_dup_value (gpointer   item,
                        GError   **error)
{
  GVariant *value;

  if (AU_IS_HANDLE (item))
    return au_handle_dup_result (item, error);

  value = au_delayed_get_value (item, error);

  return value != NULL ? g_variant_ref (value) : NULL;
}

void
au_awaitable_cancel (gpointer item)
{
  if (AU_IS_HANDLE (item))
    au_handle_cancel (item);
  else
    au_delayed_cancel (item);
}

gboolean
au_awaitable_is_stuck (gpointer item)
{
  return AU_IS_HANDLE (item) ? au_handle_needs_this_thread (item) : au_delayed_is_stuck (item);
}

gboolean
au_awaitable_is_done (gpointer item)
{
  return AU_IS_HANDLE (item) ? au_handle_is_ready (item) : au_delayed_is_done (item);
}
