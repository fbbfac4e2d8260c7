/* au-awaitable.c: what may be awaited, a delayed result or a handle
 *
 * Copyright 2026 The au authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "au-awaitable-private.h"
#include "au-handle-watch-private.h"

/* Both are final, so that one look at the class is enough. */
static inline gboolean
is_delayed (gpointer item)
{
  return G_TYPE_FROM_INSTANCE (item) == AU_TYPE_DELAYED;
}

gboolean
au_awaitable_check (gpointer item)
{
  return is_delayed (item) || G_TYPE_FROM_INSTANCE (item) == AU_TYPE_HANDLE;
}

gboolean
au_awaitable_watch (gpointer  item,
                    AuWaiter *waiter)
{
  return is_delayed (item) ? au_delayed_watch (item, waiter) : au_handle_watch (item, waiter);
}

gboolean
au_awaitable_unwatch (gpointer  item,
                      AuWaiter *waiter)
{
  return is_delayed (item) ? au_delayed_unwatch (item, waiter) : au_handle_unwatch (item, waiter);
}

GVariant *
au_awaitable_dup_value (gpointer   item,
                        GError   **error)
{
  GVariant *value;

  if (!is_delayed (item))
    return au_handle_dup_result (item, error);

  value = au_delayed_get_value (item, error);

  return value != NULL ? g_variant_ref (value) : NULL;
}

GVariant *
au_awaitable_take_value (gpointer item)
{
  AuDelayed *delayed = item;

  if (!is_delayed (item))
    return au_handle_take_value (item);

  return delayed->value != NULL ? g_variant_ref (delayed->value) : NULL;
}

gboolean
au_awaitable_has_failed (gpointer item)
{
  return is_delayed (item) ? ((AuDelayed *) item)->error != NULL : au_handle_has_failed (item);
}

void
au_awaitable_cancel (gpointer item)
{
  if (!is_delayed (item))
    au_handle_cancel (item);
  else
    au_delayed_cancel (item);
}

gboolean
au_awaitable_is_stuck (gpointer item)
{
  return is_delayed (item) ? au_delayed_is_stuck (item) : au_handle_needs_this_thread (item);
}
